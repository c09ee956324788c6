/*
 * ref_info.c - what is known at edges and inputs, and which keys a stage has to look at.
 */
#include "ref_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 }; /* entries of one edge */

/* ---------------------------------------------------------------- containers */

void ref_free_info(RefInfo *info) {
    free(info->entries);
    free(info->shorts);
    free(info->opens);
}

void ref_clear_info(RefInfo *info) {
    info->nentries = info->nshorts = info->nopens = 0;
}

RefEntry *ref_add_entry(RefInfo *info, RefEntry entry) {
    info->entries = ref_grow(info->entries, &info->nentries, &info->entries_cap, sizeof entry);
    info->entries[info->nentries - 1] = entry;
    return &info->entries[info->nentries - 1];
}

RefEntry *ref_find_entry(const RefInfo *info, const RefKey *key) {
    for (uint32_t i = 0; i < info->nentries; i++) {
        if (ref_compare(&info->entries[i].key, key) == 0) {
            return &info->entries[i];
        }
    }
    return NULL;
}

static void add_short(RefShort **items, uint32_t *n, uint32_t *cap, RefShort what) {
    for (uint32_t i = 0; i < *n; i++) {
        if ((*items)[i].q == what.q && (*items)[i].mute == what.mute &&
            ref_compare(&(*items)[i].key, &what.key) == 0) {
            return;
        }
    }
    *items = ref_grow(*items, n, cap, sizeof what);
    (*items)[*n - 1] = what;
}

void ref_info_short(RefInfo *info, RefShort what) {
    add_short(&info->shorts, &info->nshorts, &info->shorts_cap, what);
}

void ref_info_open(RefInfo *info, RefShort what) {
    add_short(&info->opens, &info->nopens, &info->opens_cap, what);
}

/* ---------------------------------------------------------------- conditions */

bool ref_test_fails(PlanCond cond, const RefEntry *e) {
    return cond.test == PLAN_BROKEN && (e->null || e->value != cond.n);
}

bool ref_test_holds(PlanCond cond, const RefEntry *e) {
    switch (cond.test) {
    case PLAN_ANYTHING:
    case PLAN_BROKEN: return true;
    case PLAN_AT_LEAST: return e->value >= cond.n;
    case PLAN_NOT: return e->null || e->value != cond.n;
    }
    return true;
}

/* ---------------------------------------------------------------- edges */

/* By `order by`; ties in key order (the entries are in key order). Stable insertion sort. */
void ref_sort_by_order(const PlanEdge *edge, RefEntry **items, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        items[i]->order = edge->order.test == PLAN_AT_LEAST ? items[i]->value : 0;
    }
    for (uint32_t i = 1; i < n; i++) {
        for (uint32_t k = i; k > 0; k--) {
            int64_t a = items[k - 1]->order;
            int64_t b = items[k]->order;
            if (edge->desc ? a >= b : a <= b) {
                break;
            }
            RefEntry *t = items[k];
            items[k] = items[k - 1];
            items[k - 1] = t;
        }
    }
}

static void sort_by_key(RefInfo *info) {
    for (uint32_t i = 1; i < info->nentries; i++) {
        for (uint32_t k = i; k > 0; k--) {
            if (ref_compare(&info->entries[k - 1].key, &info->entries[k].key) <= 0) {
                break;
            }
            RefEntry t = info->entries[k];
            info->entries[k] = info->entries[k - 1];
            info->entries[k - 1] = t;
        }
    }
}

/* take over the whole edge: open until all is decided. Broken ones pass and do not count. */
static void choose(const PlanEdge *edge, RefInfo *info) {
    bool waits = info->nopens > 0;
    for (uint32_t i = 0; i < info->nentries; i++) {
        waits |= info->entries[i].known == REF_OPEN;
    }
    RefEntry *items[MOST];
    uint32_t n = 0;
    for (uint32_t i = 0; i < info->nentries; i++) {
        RefEntry *e = &info->entries[i];
        if (waits) {
            e->known = REF_OPEN;
        } else if (e->known == REF_PRESENT) {
            e->broken |= ref_test_fails(edge->order, e);
            if (!e->broken) {
                items[n++] = e;
            }
        }
    }
    ref_sort_by_order(edge, items, n);
    for (uint32_t i = edge->take; i < n; i++) {
        items[i]->known = REF_FILTERED;
        items[i]->rescue = false;
    }
}

/* Below a group (of aggregate, all) `take` is over what the list has gathered. */
static bool takes_by_group(const Plan *plan, const PlanEdge *edge) {
    const PlanPort *to = &plan->ports[edge->to];
    uint32_t group = to->stage == DAG_NONE ? 0 : plan->stages[to->stage].axis;
    return to->list && (group == 0 || plan->ports[edge->from].axis != group);
}

void ref_compute_edge(Ref *ref, uint32_t number) {
    const PlanEdge *edge = &ref->plan->edges[number];
    const RefInfo *from = &ref->ports[edge->from];
    RefInfo *info = &ref->edges[number];
    ref_clear_info(info);
    for (uint32_t i = 0; i < from->nentries; i++) {
        RefEntry *e = ref_add_entry(info, from->entries[i]);
        if (e->known == REF_PRESENT) {
            e->broken = ref_test_fails(edge->where, e);
            e->known = ref_test_holds(edge->where, e) ? REF_PRESENT : REF_FILTERED;
        }
        e->rescue &= e->known == REF_PRESENT;
    }
    sort_by_key(info);
    for (uint32_t i = 0; i < from->nshorts; i++) {
        ref_info_short(info, from->shorts[i]);
    }
    for (uint32_t i = 0; i < from->nopens; i++) {
        ref_info_open(info, from->opens[i]);
    }
    if (edge->take != DAG_NONE && !takes_by_group(ref->plan, edge)) {
        choose(edge, info);
    }
}

/* ---------------------------------------------------------------- inputs that are no lists */

static RefShort merged_short(Ref *ref, RefShort what, uint32_t number, uint32_t edge) {
    what.key = ref_merged(ref->plan, &what.key, number, edge);
    if (ref_has(&what.key, number)) {
        what.q = number;
    }
    return what;
}

static void compute_merge(Ref *ref, uint32_t number, RefInfo *info) {
    const PlanPort *port = &ref->plan->ports[number];
    for (uint32_t i = 0; i < port->nedges; i++) {
        const RefInfo *edge = &ref->edges[port->edges[i]];
        for (uint32_t k = 0; k < edge->nentries; k++) {
            RefEntry *e = ref_add_entry(info, edge->entries[k]);
            e->key = ref_merged(ref->plan, &edge->entries[k].key, number, i);
        }
        for (uint32_t k = 0; k < edge->nshorts; k++) {
            ref_info_short(info, merged_short(ref, edge->shorts[k], number, i));
        }
        for (uint32_t k = 0; k < edge->nopens; k++) {
            ref_info_open(info, merged_short(ref, edge->opens[k], number, i));
        }
    }
}

/* For each key: the first edge that is present, once the earlier ones are decided. */
static void compute_any(Ref *ref, uint32_t number, RefInfo *info) {
    const PlanPort *port = &ref->plan->ports[number];
    const RefInfo *first = &ref->edges[port->edges[0]];
    for (uint32_t k = 0; k < first->nentries; k++) {
        RefEntry *e = ref_add_entry(info, first->entries[k]);
        bool dead = false;
        e->known = REF_FILTERED;
        e->rescue = false;
        for (uint32_t i = 0; i < port->nedges; i++) {
            const RefEntry *at = ref_find_entry(&ref->edges[port->edges[i]], &e->key);
            if (!at) {
                fprintf(stderr, "reference: a key is not on all edges of `any`\n");
                abort();
            }
            if (at->known == REF_PRESENT || at->known == REF_OPEN) {
                *e = *at;
                break;
            }
            dead |= at->known == REF_DEAD;
        }
        if (e->known == REF_FILTERED && dead) {
            e->known = REF_DEAD;
        }
        e->rescue |= dead;
    }
    for (uint32_t i = 0; i < port->nedges; i++) {
        const RefInfo *edge = &ref->edges[port->edges[i]];
        for (uint32_t k = 0; k < edge->nshorts; k++) {
            ref_info_short(info, edge->shorts[k]);
        }
        for (uint32_t k = 0; k < edge->nopens; k++) {
            ref_info_open(info, edge->opens[k]);
        }
    }
}

void ref_compute_input(Ref *ref, uint32_t number) {
    const PlanPort *port = &ref->plan->ports[number];
    RefInfo *info = &ref->ports[number];
    ref_clear_info(info);
    for (uint32_t i = 0; i < port->nedges; i++) {
        ref_compute_edge(ref, port->edges[i]);
    }
    if (port->list) {
        return; /* looked at group by group */
    }
    if (port->merge) {
        compute_merge(ref, number, info);
    } else if (port->any) {
        compute_any(ref, number, info);
    } else {
        const RefInfo *edge = &ref->edges[port->edges[0]];
        for (uint32_t i = 0; i < edge->nentries; i++) {
            ref_add_entry(info, edge->entries[i]);
        }
        for (uint32_t i = 0; i < edge->nshorts; i++) {
            ref_info_short(info, edge->shorts[i]);
        }
        for (uint32_t i = 0; i < edge->nopens; i++) {
            ref_info_open(info, edge->opens[i]);
        }
    }
}

/* ---------------------------------------------------------------- keys of an axis */

static void add_key(RefInfo *info, const RefKey *key) {
    if (!ref_find_entry(info, key)) {
        ref_add_entry(info, (RefEntry){ .key = *key });
    }
}

/* All keys on an axis, and where more may come. */
static void keys_of(Ref *ref, uint32_t axis, RefInfo *info) {
    const Plan *plan = ref->plan;
    const PlanAxis *row = &plan->axes[axis];
    if (axis == 0) {
        RefKey empty = { 0 };
        add_key(info, &empty);
        return;
    }
    const RefInfo *own = &ref->ports[row->position];
    for (uint32_t i = 0; i < own->nopens; i++) {
        ref_info_open(info, own->opens[i]);
    }
    if (plan->ports[row->position].axis == axis) {
        for (uint32_t i = 0; i < own->nentries; i++) {
            add_key(info, &own->entries[i].key);
        }
        return;
    }
    RefInfo above = { 0 };
    keys_of(ref, row->parent, &above);
    for (uint32_t i = 0; i < above.nopens; i++) {
        ref_info_open(info, above.opens[i]);
    }
    for (uint32_t i = 0; i < above.nentries; i++) {
        for (uint32_t k = 0; k < own->nentries; k++) {
            if (ref_agree(&above.entries[i].key, &own->entries[k].key)) {
                RefKey key = above.entries[i].key;
                key.c[key.n++] = own->entries[k].key.c[own->entries[k].key.n - 1];
                add_key(info, &key);
            }
        }
    }
    ref_free_info(&above);
}

/* ---------------------------------------------------------------- candidates */

static void stage_open(RefStage *stage, RefShort what) {
    add_short(&stage->opens, &stage->nopens, &stage->opens_cap, what);
}

static void stage_short(RefStage *stage, RefShort what) {
    add_short(&stage->shorts, &stage->nshorts, &stage->shorts_cap, what);
}

/* The inputs with a maximal axis. */
static bool leads(const Plan *plan, const PlanStage *stage, uint32_t i) {
    uint32_t axis = plan->ports[stage->in[i]].axis;
    if (plan->ports[stage->in[i]].list) {
        return false;
    }
    if (stage->fan != DAG_CROSS) {
        return axis == stage->axis;
    }
    for (uint32_t k = 0; k < stage->nin; k++) {
        uint32_t other = plan->ports[stage->in[k]].axis;
        if (other != axis && plan_begins(plan, other, axis)) {
            return false;
        }
    }
    return true;
}

/* The common prefix of the maximal axes. */
static uint32_t core_of(const Plan *plan, const PlanStage *stage) {
    uint32_t core = DAG_NONE;
    for (uint32_t i = 0; i < stage->nin; i++) {
        if (!leads(plan, stage, i)) {
            continue;
        }
        uint32_t axis = plan->ports[stage->in[i]].axis;
        core = core == DAG_NONE ? axis : core;
        while (!plan_begins(plan, axis, core)) {
            core = plan->axes[core].parent;
        }
    }
    return core;
}

/* Adds the shorts and opens of an input that leads, cut to `core`: what is open may be dead. */
static void lead(Ref *ref, RefStage *to, const RefInfo *info, uint32_t core) {
    for (uint32_t i = 0; i < info->nshorts; i++) {
        RefShort what = info->shorts[i];
        if (core != DAG_NONE && ref_is_on(ref->plan, &what.key, core)) {
            what.key = ref_part(ref->plan, &what.key, core);
        }
        stage_short(to, what);
    }
    for (uint32_t i = 0; i < info->nopens; i++) {
        RefShort what = info->opens[i];
        if (core != DAG_NONE && !what.mute && ref_is_on(ref->plan, &what.key, core)) {
            what.key = ref_part(ref->plan, &what.key, core);
        }
        stage_open(to, what);
    }
}

/* All combinations of the candidate coordinates, position by position. */
static void combine(Ref *ref, const PlanStage *stage, uint32_t i, const RefKey *key,
                    RefInfo *keys) {
    if (i == stage->nin) {
        RefKey full = ref_part(ref->plan, key, stage->axis);
        add_key(keys, &full);
        return;
    }
    if (!leads(ref->plan, stage, i)) {
        combine(ref, stage, i + 1, key, keys);
        return;
    }
    const RefInfo *info = &ref->ports[stage->in[i]];
    for (uint32_t k = 0; k < info->nentries; k++) {
        const RefKey *with = &info->entries[k].key;
        if (!ref_agree(key, with)) {
            continue;
        }
        RefKey both = *key;
        for (uint32_t c = 0; c < with->n; c++) {
            if (!ref_has(&both, with->c[c].position)) {
                both.c[both.n++] = with->c[c];
            }
        }
        combine(ref, stage, i + 1, &both, keys);
    }
}

bool ref_axis_has(const Plan *plan, uint32_t axis, uint32_t position) {
    for (; axis != 0; axis = plan->axes[axis].parent) {
        if (plan->axes[axis].position == position) {
            return true;
        }
    }
    return false;
}

/* Groups: all keys on the axis. What is dead as a whole above them, because they themselves do not
 * come any more, is a short key. */
static void groups(Ref *ref, const PlanStage *row, RefStage *to, RefInfo *keys) {
    keys_of(ref, row->axis, keys);
    for (uint32_t i = 0; i < keys->nopens; i++) {
        stage_open(to, keys->opens[i]);
    }
    for (uint32_t i = 0; i < row->nin; i++) {
        const PlanPort *port = &ref->plan->ports[row->in[i]];
        for (uint32_t e = 0; port->list && e < port->nedges; e++) {
            const RefInfo *edge = &ref->edges[port->edges[e]];
            for (uint32_t k = 0; k < edge->nshorts; k++) {
                if (!ref_is_on(ref->plan, &edge->shorts[k].key, row->axis) &&
                    ref_axis_has(ref->plan, row->axis, edge->shorts[k].q)) {
                    stage_short(to, edge->shorts[k]);
                }
            }
        }
    }
}

void ref_candidates(Ref *ref, uint32_t number, RefInfo *keys) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *to = &ref->stages[number];
    RefKey empty = { 0 };
    bool off = (row->flags & DAG_STAGE_OFF) != 0 && (row->flags & DAG_STAGE_PASSTHROUGH) == 0;
    uint32_t core = row->fan == DAG_CROSS && !off ? core_of(ref->plan, row) : DAG_NONE;
    for (uint32_t i = 0; i < row->nin; i++) {
        const RefInfo *info = &ref->ports[row->in[i]];
        if (!leads(ref->plan, row, i)) {
            continue;
        }
        lead(ref, to, info, core);
        for (uint32_t k = 0; row->fan == DAG_SINGLE && k < info->nentries; k++) {
            add_key(keys, &info->entries[k].key);
        }
    }
    if (row->fan == DAG_CROSS) {
        combine(ref, row, 0, &empty, keys);
    } else if (row->axis == 0) {
        add_key(keys, &empty);
    } else if (row->fan == DAG_GROUPED) {
        groups(ref, row, to, keys);
    }
}
