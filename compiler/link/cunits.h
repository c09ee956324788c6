/*
 * cunits.h - the C files of a program: the generated one and those that native stages name, with
 * the flags that their stages ask for.
 */
#ifndef DAGCC_CUNITS_H
#define DAGCC_CUNITS_H

#include "back/graph.h"
#include "link/process.h"

/* A C file. */
typedef struct CUnit {
    const char *path;
    const char *object;
    Argv flags;
    const Expr *file; /* where the .dag file names it; NULL: the generated one */
    Process process;
} CUnit;

typedef struct CUnits {
    Front *front;
    Workshop *shop;
    bool is_static;       /* packages are asked for their static libraries */
    const Graph **graphs; /* the pipeline's and those of its calls, each once */
    size_t ngraphs, graphs_room;
    const NativeCode **natives; /* of all graphs */
    size_t nnatives;
    CUnit *items; /* items[0] is the generated file */
    size_t n;
    Argv links; /* the user's libraries */
} CUnits;

/* Fills graphs and natives. */
void cunits_natives(CUnits *units, const Graph *graph);

/* Fills items and links; runs pkg-config. Unknown packages are reported. */
void cunits_collect(CUnits *units, const char *generated);

/* Once a unit is compiled: adds the files that the C compiler read, but for ours. */
void cunit_deps(const CUnits *units, const CUnit *unit, Argv *deps);

/* Reports a generated header that was printed into the user's folder once and is another now: it is
 * found there before ours, and with other types in it the program would go wrong at run time. */
void cunit_refuse_old_headers(const CUnits *units, const CUnit *unit);

#endif
