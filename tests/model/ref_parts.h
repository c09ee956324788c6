/*
 * ref_parts.h - shared by the files of the reference.
 */
#ifndef TESTS_MODEL_REF_PARTS_H
#define TESTS_MODEL_REF_PARTS_H

#include "reference.h"

/* ---------------------------------------------------------------- ref_info.c */

RefEntry *ref_add_entry(RefInfo *info, RefEntry entry);
RefEntry *ref_find_entry(const RefInfo *info, const RefKey *key);
void ref_info_short(RefInfo *info, RefShort what);
void ref_info_open(RefInfo *info, RefShort what);
void ref_clear_info(RefInfo *info);
void ref_free_info(RefInfo *info);

bool ref_test_fails(PlanCond cond, const RefEntry *e);
bool ref_test_holds(PlanCond cond, const RefEntry *e);

/* By `order by`; ties in key order, in which they come. */
void ref_sort_by_order(const PlanEdge *edge, RefEntry **items, uint32_t n);

bool ref_axis_has(const Plan *plan, uint32_t axis, uint32_t position);

void ref_compute_edge(Ref *ref, uint32_t number);
void ref_compute_input(Ref *ref, uint32_t number);

/* The keys that a stage has to look at; its short ones and open ones into ref->stages. */
void ref_candidates(Ref *ref, uint32_t number, RefInfo *keys);

/* ---------------------------------------------------------------- ref_look.c */

typedef struct RefLook {
    RefKnown known;
    bool broken;
    bool rescue; /* dead through it, or made by a rescue */
    char text[8192];
} RefLook;

RefLook ref_look_plain(Ref *ref, uint32_t number, const RefKey *key);
RefLook ref_look_list(Ref *ref, const PlanStage *row, uint32_t number, const RefKey *group);

#endif
