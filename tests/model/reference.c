/*
 * reference.c - stage by stage, key by key, as the semantics say it.
 */
#include "reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 }; /* entries of one edge */

/* ---------------------------------------------------------------- containers */

Ref *ref_new(const Plan *plan) {
    Ref *ref = calloc(1, sizeof *ref);
    if (!ref) {
        abort();
    }
    ref->plan = plan;
    return ref;
}

static void clear_stage(RefStage *stage) {
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        free(stage->tasks[i].inputs);
    }
    stage->ntasks = stage->nopens = stage->nshorts = 0;
    stage->ended = stage->limited = stage->rescue = false;
    stage->state = DAG_PENDING;
}

static void free_info(RefInfo *info) {
    free(info->entries);
    free(info->shorts);
    free(info->opens);
}

void ref_free(Ref *ref) {
    for (uint32_t i = 0; i < PLAN_STAGES; i++) {
        clear_stage(&ref->stages[i]);
        free(ref->stages[i].tasks);
        free(ref->stages[i].opens);
        free(ref->stages[i].shorts);
    }
    for (uint32_t i = 0; i < PLAN_PORTS; i++) {
        free_info(&ref->ports[i]);
    }
    for (uint32_t i = 0; i < PLAN_EDGES; i++) {
        free_info(&ref->edges[i]);
    }
    free(ref->runs);
    free(ref);
}

RefRun *ref_find_run(Ref *ref, uint32_t stage, const char *key) {
    for (uint32_t i = 0; i < ref->nruns; i++) {
        if (ref->runs[i].stage == stage && strcmp(ref->runs[i].key, key) == 0) {
            return &ref->runs[i];
        }
    }
    return NULL;
}

RefRun *ref_add_run(Ref *ref, uint32_t stage, const char *key) {
    ref->runs = ref_grow(ref->runs, &ref->nruns, &ref->runs_cap, sizeof *ref->runs);
    RefRun *run = &ref->runs[ref->nruns - 1];
    run->stage = stage;
    snprintf(run->key, sizeof run->key, "%s", key);
    return run;
}

RefTask *ref_find_task(Ref *ref, uint32_t stage, const char *key) {
    for (uint32_t i = 0; i < ref->stages[stage].ntasks; i++) {
        if (strcmp(ref->stages[stage].tasks[i].text, key) == 0) {
            return &ref->stages[stage].tasks[i];
        }
    }
    return NULL;
}

static void clear_info(RefInfo *info) {
    info->nentries = info->nshorts = info->nopens = 0;
}

static RefEntry *add_entry(RefInfo *info, RefEntry entry) {
    info->entries = ref_grow(info->entries, &info->nentries, &info->entries_cap, sizeof entry);
    info->entries[info->nentries - 1] = entry;
    return &info->entries[info->nentries - 1];
}

static RefEntry *find_entry(const RefInfo *info, const RefKey *key) {
    for (uint32_t i = 0; i < info->nentries; i++) {
        if (ref_compare(&info->entries[i].key, key) == 0) {
            return &info->entries[i];
        }
    }
    return NULL;
}

static void add_short(RefShort **items, uint32_t *n, uint32_t *cap, RefShort what) {
    for (uint32_t i = 0; i < *n; i++) {
        if ((*items)[i].q == what.q && ref_compare(&(*items)[i].key, &what.key) == 0) {
            return;
        }
    }
    *items = ref_grow(*items, n, cap, sizeof what);
    (*items)[*n - 1] = what;
}

static void info_short(RefInfo *info, RefShort what) {
    add_short(&info->shorts, &info->nshorts, &info->shorts_cap, what);
}

static void info_open(RefInfo *info, RefShort what) {
    add_short(&info->opens, &info->nopens, &info->opens_cap, what);
}

/* ---------------------------------------------------------------- conditions */

static bool test_fails(PlanCond cond, const RefEntry *e) {
    return cond.test == PLAN_BROKEN && (e->null || e->value != cond.n);
}

static bool test_holds(PlanCond cond, const RefEntry *e) {
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
static void sort_by_order(const PlanEdge *edge, RefEntry **items, uint32_t n) {
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
            e->broken |= test_fails(edge->order, e);
            if (!e->broken) {
                items[n++] = e;
            }
        }
    }
    sort_by_order(edge, items, n);
    for (uint32_t i = edge->take; i < n; i++) {
        items[i]->known = REF_FILTERED;
        items[i]->rescue = false;
    }
}

static void compute_edge(Ref *ref, uint32_t number) {
    const PlanEdge *edge = &ref->plan->edges[number];
    const RefInfo *from = &ref->ports[edge->from];
    RefInfo *info = &ref->edges[number];
    clear_info(info);
    for (uint32_t i = 0; i < from->nentries; i++) {
        RefEntry *e = add_entry(info, from->entries[i]);
        if (e->known == REF_PRESENT) {
            e->broken = test_fails(edge->where, e);
            e->known = test_holds(edge->where, e) ? REF_PRESENT : REF_FILTERED;
        }
        e->rescue &= e->known == REF_PRESENT;
    }
    sort_by_key(info);
    for (uint32_t i = 0; i < from->nshorts; i++) {
        info_short(info, from->shorts[i]);
    }
    for (uint32_t i = 0; i < from->nopens; i++) {
        info_open(info, from->opens[i]);
    }
    if (edge->take != DAG_NONE && !ref->plan->ports[edge->to].list) {
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
            RefEntry *e = add_entry(info, edge->entries[k]);
            e->key = ref_merged(ref->plan, &edge->entries[k].key, number, i);
        }
        for (uint32_t k = 0; k < edge->nshorts; k++) {
            info_short(info, merged_short(ref, edge->shorts[k], number, i));
        }
        for (uint32_t k = 0; k < edge->nopens; k++) {
            info_open(info, merged_short(ref, edge->opens[k], number, i));
        }
    }
}

/* For each key: the first edge that is present, once the earlier ones are decided. */
static void compute_any(Ref *ref, uint32_t number, RefInfo *info) {
    const PlanPort *port = &ref->plan->ports[number];
    const RefInfo *first = &ref->edges[port->edges[0]];
    for (uint32_t k = 0; k < first->nentries; k++) {
        RefEntry *e = add_entry(info, first->entries[k]);
        bool dead = false;
        e->known = REF_FILTERED;
        e->rescue = false;
        for (uint32_t i = 0; i < port->nedges; i++) {
            const RefEntry *at = find_entry(&ref->edges[port->edges[i]], &e->key);
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
            info_short(info, edge->shorts[k]);
        }
        for (uint32_t k = 0; k < edge->nopens; k++) {
            info_open(info, edge->opens[k]);
        }
    }
}

static void compute_input(Ref *ref, uint32_t number) {
    const PlanPort *port = &ref->plan->ports[number];
    RefInfo *info = &ref->ports[number];
    clear_info(info);
    for (uint32_t i = 0; i < port->nedges; i++) {
        compute_edge(ref, port->edges[i]);
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
            add_entry(info, edge->entries[i]);
        }
        for (uint32_t i = 0; i < edge->nshorts; i++) {
            info_short(info, edge->shorts[i]);
        }
        for (uint32_t i = 0; i < edge->nopens; i++) {
            info_open(info, edge->opens[i]);
        }
    }
}

/* ---------------------------------------------------------------- keys of an axis */

static void add_key(RefInfo *info, const RefKey *key) {
    if (!find_entry(info, key)) {
        add_entry(info, (RefEntry){ .key = *key });
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
        info_open(info, own->opens[i]);
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
        info_open(info, above.opens[i]);
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
    free_info(&above);
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
        if (core != DAG_NONE && ref_is_on(ref->plan, &what.key, core)) {
            what.key = ref_part(ref->plan, &what.key, core);
        }
        stage_open(to, what);
    }
}

/* All combinations of the candidate coordinates, position by position. */
static void combine(Ref *ref, const PlanStage *stage, uint32_t i, const RefKey *key, RefInfo *keys) {
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

static bool axis_has(const Plan *plan, uint32_t axis, uint32_t position) {
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
                    axis_has(ref->plan, row->axis, edge->shorts[k].q)) {
                    stage_short(to, edge->shorts[k]);
                }
            }
        }
    }
}

static void candidates(Ref *ref, uint32_t number, RefInfo *keys) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *to = &ref->stages[number];
    RefKey empty = { 0 };
    uint32_t core = row->fan == DAG_CROSS ? core_of(ref->plan, row) : DAG_NONE;
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

/* ---------------------------------------------------------------- one input at one key */

typedef struct Look {
    RefKnown known;
    bool broken;
    bool rescue; /* dead through it, or made by a rescue */
    char text[8192];
} Look;

static void look_default(const PlanPort *port, Look *look) {
    const char *value = port->list ? "[77]" : "77";
    snprintf(look->text, sizeof look->text, "%s", port->has_default ? value : "null");
}

static Look look_plain(Ref *ref, uint32_t number, const RefKey *key) {
    const PlanPort *port = &ref->plan->ports[number];
    Look look = { .known = REF_OPEN };
    RefKey part = ref_part(ref->plan, key, port->axis);
    const RefEntry *e = find_entry(&ref->ports[number], &part);
    if (!e) {
        fprintf(stderr, "reference: a candidate is not known at an input\n");
        abort();
    }
    look.known = e->known;
    look.broken = e->known == REF_PRESENT && e->broken;
    look.rescue = e->known == REF_DEAD || e->rescue;
    look_default(port, &look);
    if (e->known == REF_PRESENT && e->null) {
        snprintf(look.text, sizeof look.text, "null");
    } else if (e->known == REF_PRESENT) {
        snprintf(look.text, sizeof look.text, "%lld", (long long)e->value);
    }
    return look;
}

/* What one edge brings into a list at a group, in order: present ones, and null for dead ones. */
typedef struct Part {
    RefEntry *items;
    uint32_t n, cap;
    bool dead, open, broken, rescue;
} Part;

static void part_add(Part *part, RefEntry e) {
    part->items = ref_grow(part->items, &part->n, &part->cap, sizeof e);
    part->items[part->n - 1] = e;
}

/* The shorts of an edge that concern a group: at or below it, or covering it from above. */
static void part_shorts(Ref *ref, const PlanStage *row, const RefInfo *edge, const RefKey *group,
                        Part *part) {
    for (uint32_t i = 0; i < edge->nshorts; i++) {
        const RefShort *what = &edge->shorts[i];
        bool below = ref_is_on(ref->plan, &what->key, row->axis);
        if (!ref_agree(&what->key, group) || (!below && axis_has(ref->plan, row->axis, what->q))) {
            continue;
        }
        part->dead = true;
        part_add(part, (RefEntry){ .key = what->key, .known = REF_DEAD, .null = true });
    }
}

static void part_sort(Part *part) {
    for (uint32_t i = 1; i < part->n; i++) {
        for (uint32_t k = i; k > 0; k--) {
            if (ref_compare(&part->items[k - 1].key, &part->items[k].key) <= 0) {
                break;
            }
            RefEntry t = part->items[k];
            part->items[k] = part->items[k - 1];
            part->items[k - 1] = t;
        }
    }
}

/* `order by` and `take` among what an edge brings; the dead come last in an order, and pass. */
static void part_take(const PlanEdge *edge, Part *part) {
    RefEntry *present[MOST];
    uint32_t n = 0;
    for (uint32_t i = 0; i < part->n; i++) {
        if (part->items[i].known != REF_DEAD) {
            present[n++] = &part->items[i];
            part->broken |= test_fails(edge->order, &part->items[i]);
        }
    }
    if (edge->order.test != PLAN_ANYTHING) {
        Part sorted = { 0 };
        sort_by_order(edge, present, n);
        for (uint32_t i = 0; i < n; i++) {
            part_add(&sorted, *present[i]);
        }
        for (uint32_t i = 0; i < part->n; i++) {
            if (part->items[i].known == REF_DEAD) {
                part_add(&sorted, part->items[i]);
            }
        }
        free(part->items);
        part->items = sorted.items;
    }
    uint32_t kept = 0;
    n = 0;
    for (uint32_t i = 0; i < part->n; i++) {
        if (part->items[i].known == REF_DEAD || n++ < edge->take) {
            part->items[kept++] = part->items[i];
        }
    }
    part->n = kept;
}

static void part_of(Ref *ref, const PlanStage *row, uint32_t number, const RefKey *group, Part *part) {
    const PlanEdge *edge = &ref->plan->edges[number];
    const RefInfo *info = &ref->edges[number];
    bool nulls = ref->plan->ports[edge->to].nulls;
    for (uint32_t i = 0; i < info->nopens; i++) {
        part->open |= !axis_has(ref->plan, row->axis, info->opens[i].q) &&
                      ref_begins(&info->opens[i].key, group);
    }
    for (uint32_t i = 0; i < info->nentries; i++) {
        const RefEntry *e = &info->entries[i];
        RefKey at = ref_part(ref->plan, &e->key, row->axis);
        if (ref_compare(&at, group) != 0) {
            continue;
        }
        part->open |= e->known == REF_OPEN;
        part->dead |= e->known == REF_DEAD;
        if (e->known == REF_PRESENT || e->known == REF_DEAD) {
            part_add(part, *e);
            part->items[part->n - 1].null |= e->known == REF_DEAD;
        }
        if (e->known == REF_PRESENT) {
            part->broken |= e->broken;
            part->rescue |= e->rescue;
        }
    }
    part_shorts(ref, row, info, group, part);
    part->rescue |= part->dead && nulls;
    part_sort(part);
    part_take(edge, part);
}

static Look look_list(Ref *ref, const PlanStage *row, uint32_t number, const RefKey *group) {
    const PlanPort *port = &ref->plan->ports[number];
    Look look = { .known = REF_PRESENT };
    bool open = false;
    bool dead = false;
    uint32_t count = 0;
    size_t len = (size_t)snprintf(look.text, sizeof look.text, "[");
    for (uint32_t i = 0; i < port->nedges; i++) {
        Part part = { 0 };
        part_of(ref, row, port->edges[i], group, &part);
        open |= part.open;
        dead |= part.dead;
        look.broken |= part.broken;
        look.rescue |= part.rescue;
        for (uint32_t k = 0; k < part.n && len < sizeof look.text - 32; k++) {
            len += (size_t)snprintf(look.text + len, sizeof look.text - len, "%s", count ? "," : "");
            if (part.items[k].null) {
                len += (size_t)snprintf(look.text + len, sizeof look.text - len, "null");
            } else {
                len += (size_t)snprintf(look.text + len, sizeof look.text - len, "%lld",
                                        (long long)part.items[k].value);
            }
            count++;
        }
        free(part.items);
    }
    snprintf(look.text + len, sizeof look.text - len, "]");
    if (dead && !port->nulls) {
        look.known = REF_DEAD;
    } else if (open) {
        look.known = REF_OPEN;
    } else if (count == 0) {
        look.known = REF_FILTERED;
        look.broken = false;
        look_default(port, &look);
    }
    return look;
}

/* ---------------------------------------------------------------- one task */

static bool is_dead_state(dag_state state) {
    return state == DAG_FAILED || state == DAG_CRASHED || state == DAG_CANCELLED ||
           state == DAG_SKIPPED;
}

typedef enum Gate { GATES_READY, GATES_WAIT, GATES_IMPOSSIBLE } Gate;

static Gate order_gate(dag_on on, const RefStage *from) {
    if (!from->ended) {
        return GATES_WAIT;
    }
    bool dead = is_dead_state(from->state);
    switch (on) {
    case DAG_ON_SUCCESS: return dead ? GATES_IMPOSSIBLE : GATES_READY;
    case DAG_ON_FAILURE: return dead ? GATES_READY : GATES_IMPOSSIBLE;
    case DAG_ON_ALWAYS: break;
    }
    return GATES_READY;
}

static Gate gates_of(Ref *ref, uint32_t number) {
    const Plan *plan = ref->plan;
    const PlanStage *row = &plan->stages[number];
    Gate gate = GATES_READY;
    for (uint32_t i = 0; i < plan->norders; i++) {
        if (plan->orders[i].to == number) {
            Gate one = order_gate(plan->orders[i].on, &ref->stages[plan->orders[i].from]);
            gate = one > gate ? one : gate;
        }
    }
    for (uint32_t i = 0; (row->flags & DAG_STAGE_BARRIER) && i < row->nin; i++) {
        const PlanPort *port = &plan->ports[row->in[i]];
        for (uint32_t k = 0; k < port->nedges; k++) {
            uint32_t from = plan->ports[plan->edges[port->edges[k]].from].stage;
            if (!ref->stages[from].ended && gate == GATES_READY) {
                gate = GATES_WAIT;
            }
        }
    }
    return gate;
}

static bool order_rescue(Ref *ref, uint32_t number) {
    const Plan *plan = ref->plan;
    for (uint32_t i = 0; i < plan->norders; i++) {
        const RefStage *from = &ref->stages[plan->orders[i].from];
        if (plan->orders[i].to != number) {
            continue;
        }
        if (plan->orders[i].on == DAG_ON_SUCCESS ? from->rescue
                                                 : from->ended && is_dead_state(from->state)) {
            return true;
        }
    }
    return false;
}

static void end_task(RefTask *task, dag_state state, bool row) {
    task->phase = REF_ENDED;
    task->state = state;
    task->row = row;
}

/* Looks at all inputs. What the data decides: OPEN, PRESENT, FILTERED or DEAD. */
static RefKnown data_of(Ref *ref, uint32_t number, RefTask *task) {
    const Plan *plan = ref->plan;
    const PlanStage *row = &plan->stages[number];
    bool open = false;
    bool open_hard = false;
    bool filtered = false;
    bool dead = false;
    char text[16384] = "[";
    task->broken = task->rescue = false;
    for (uint32_t i = 0; i < row->nin; i++) {
        const PlanPort *port = &plan->ports[row->in[i]];
        bool required = !port->optional && !port->has_default;
        Look look = port->list ? look_list(ref, row, row->in[i], &task->key)
                               : look_plain(ref, row->in[i], &task->key);
        open |= look.known == REF_OPEN;
        open_hard |= look.known == REF_OPEN && (required || port->list);
        dead |= look.known == REF_DEAD && (required || port->list);
        filtered |= look.known == REF_FILTERED && required;
        task->broken |= look.broken;
        task->rescue |= look.rescue;
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? "," : "", look.text);
        if (row->has_when && row->when == i) {
            RefEntry e = { .value = strtoll(look.text, NULL, 10),
                           .null = strcmp(look.text, "null") == 0 };
            task->when_broken = test_fails(row->cond, &e);
            task->when_false = !task->when_broken && !test_holds(row->cond, &e);
        }
    }
    snprintf(text + strlen(text), sizeof text - strlen(text), "]");
    task->inputs = strdup(task->broken ? "broken" : text);
    if (dead) {
        return REF_DEAD;
    }
    if (filtered && !open_hard) {
        return REF_FILTERED;
    }
    return open ? REF_OPEN : REF_PRESENT;
}

static void compute_task(Ref *ref, uint32_t number, RefTask *task, Gate gate) {
    const PlanStage *row = &ref->plan->stages[number];
    bool off = (row->flags & DAG_STAGE_OFF) != 0;
    if (off && (row->flags & DAG_STAGE_PASSTHROUGH) == 0) {
        end_task(task, DAG_FILTERED, false);
        return;
    }
    RefKnown data = data_of(ref, number, task);
    task->rescue |= order_rescue(ref, number);
    task->present = data == REF_PRESENT;
    if (data == REF_DEAD) {
        end_task(task, DAG_SKIPPED, true);
    } else if (data == REF_FILTERED || (off && data == REF_PRESENT)) {
        end_task(task, DAG_FILTERED, false);
    } else if (data == REF_PRESENT) {
        const RefRun *run = ref_find_run(ref, number, task->text);
        if (run && run->ended) {
            end_task(task, run->state, true);
        } else if (run) {
            task->phase = REF_RUNNING;
        } else if (gate == GATES_IMPOSSIBLE) {
            end_task(task, DAG_SKIPPED, true);
        } else if (gate == GATES_READY) {
            task->phase = REF_READY;
        }
    }
}

/* max_tasks and a run that stops cancel what has not started. */
static void cancel_tasks(Ref *ref, uint32_t number, Gate gate) {
    RefStage *stage = &ref->stages[number];
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        RefTask *task = &stage->tasks[i];
        bool waits = task->present && (task->phase == REF_READY || task->phase == REF_WAITS);
        bool stopped = ref->stopping && gate == GATES_READY && !task->rescue;
        const RefRun *run = ref_find_run(ref, number, task->text);
        bool skipped = stage->limited && task->present && !run && task->phase == REF_ENDED &&
                       task->state == DAG_SKIPPED;
        if ((waits && (stage->limited || stopped)) || skipped) {
            end_task(task, DAG_CANCELLED, true);
        }
    }
}

static void limit_tasks(Ref *ref, uint32_t number, bool *sure) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *stage = &ref->stages[number];
    uint32_t present = 0;
    uint32_t open = 0;
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        present += stage->tasks[i].present;
        open += stage->tasks[i].phase == REF_WAITS && !stage->tasks[i].present;
    }
    stage->limited = row->max_tasks > 0 && present > row->max_tasks;
    *sure = row->max_tasks == 0 || stage->limited ||
            (stage->nopens == 0 && present + open <= row->max_tasks);
}

/* ---------------------------------------------------------------- outputs */

/* What a task leaves at its outputs. */
static RefKnown known_of(const PlanStage *row, const RefStage *stage, const RefTask *task,
                         bool sure) {
    if (task->phase != REF_ENDED) {
        return REF_OPEN;
    }
    bool passes = task->state == DAG_FILTERED && task->present &&
                  (row->flags & DAG_STAGE_PASSTHROUGH) != 0;
    if (task->state == DAG_COMPLETED || task->state == DAG_CACHED || passes) {
        return stage->limited ? REF_DEAD : sure ? REF_PRESENT : REF_OPEN;
    }
    return task->state == DAG_FILTERED ? REF_FILTERED : REF_DEAD;
}

static void stream_out(RefInfo *info, uint32_t port, const RefTask *task, RefKnown known,
                       const SimOutcome *did, uint32_t i) {
    if (known == REF_OPEN) {
        info_open(info, (RefShort){ task->key, port });
    } else if (known == REF_DEAD) {
        info_short(info, (RefShort){ task->key, port });
    }
    for (uint32_t k = 0; known == REF_PRESENT && k < did->n[i]; k++) {
        add_entry(info, (RefEntry){ .key = ref_below(&task->key, port, k),
                                    .known = REF_PRESENT,
                                    .value = did->values[i][k],
                                    .rescue = task->rescue });
    }
}

/* A gate hands on what entered. */
static void passed(Ref *ref, const PlanStage *row, const RefTask *task, RefEntry *e) {
    RefKey part = ref_part(ref->plan, &task->key, ref->plan->ports[row->in[0]].axis);
    const RefEntry *in = find_entry(&ref->ports[row->in[0]], &part);
    e->null = !in || in->known != REF_PRESENT || in->null;
    e->value = in ? in->value : 0;
    if (e->null && ref->plan->ports[row->in[0]].has_default && in && in->known != REF_PRESENT) {
        e->null = false;
        e->value = 77;
    }
}

static void compute_outputs(Ref *ref, uint32_t number, bool sure) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *stage = &ref->stages[number];
    for (uint32_t i = 0; i < row->nout; i++) {
        RefInfo *info = &ref->ports[row->out[i]];
        bool stream = ref->plan->ports[row->out[i]].stream;
        clear_info(info);
        for (uint32_t k = 0; k < stage->ntasks; k++) {
            const RefTask *task = &stage->tasks[k];
            RefKnown known = known_of(row, stage, task, sure);
            const RefRun *run = ref_find_run(ref, number, task->text);
            static const SimOutcome none;
            const SimOutcome *did = run ? &run->outcome : &none;
            if (stream) {
                stream_out(info, row->out[i], task, known, did, i);
                continue;
            }
            RefEntry e = { .key = task->key, .known = known, .rescue = task->rescue };
            e.value = did->values[i][0];
            if (row->flags & DAG_STAGE_GATE && known == REF_PRESENT) {
                passed(ref, row, task, &e);
            }
            add_entry(info, e);
        }
        for (uint32_t k = 0; k < stage->nshorts; k++) {
            info_short(info, stage->shorts[k]);
        }
        for (uint32_t k = 0; k < stage->nopens; k++) {
            info_open(info, stage->opens[k]);
        }
    }
}

/* ---------------------------------------------------------------- stages */

/* The rows of short keys, one for each key. */
static uint32_t short_rows(const RefStage *stage) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < stage->nshorts; i++) {
        bool again = false;
        for (uint32_t k = 0; k < i; k++) {
            again |= ref_compare(&stage->shorts[i].key, &stage->shorts[k].key) == 0;
        }
        n += !again;
    }
    return n;
}

static void end_stage(RefStage *stage) {
    uint32_t n[DAG_NSTATES] = { 0 };
    stage->ended = stage->nopens == 0;
    stage->rescue = false;
    n[DAG_SKIPPED] = short_rows(stage);
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        const RefTask *task = &stage->tasks[i];
        stage->ended &= task->phase == REF_ENDED;
        n[task->state] += task->phase == REF_ENDED && task->row;
    }
    if (!stage->ended) {
        return;
    }
    stage->state = n[DAG_CRASHED]                    ? DAG_CRASHED
                   : n[DAG_FAILED] || stage->limited ? DAG_FAILED
                   : n[DAG_CANCELLED]                ? DAG_CANCELLED
                   : n[DAG_SKIPPED] && n[DAG_COMPLETED] + n[DAG_CACHED] == 0 ? DAG_SKIPPED
                   : n[DAG_COMPLETED] + n[DAG_CACHED]                        ? DAG_COMPLETED
                                                                             : DAG_FILTERED;
    if (stage->state == DAG_COMPLETED && n[DAG_COMPLETED] + n[DAG_SKIPPED] == 0) {
        stage->state = DAG_CACHED;
    }
}

/* Did the task run, or would it: only then is its rescue that of its stage. */
static void note_rescues(Ref *ref, uint32_t number) {
    RefStage *stage = &ref->stages[number];
    bool off = (ref->plan->stages[number].flags & DAG_STAGE_OFF) != 0;
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        bool ran = off || ref_find_run(ref, number, stage->tasks[i].text) != NULL;
        stage->rescue |= ran && stage->tasks[i].present && stage->tasks[i].rescue;
    }
}

static void compute_stage(Ref *ref, uint32_t number) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *stage = &ref->stages[number];
    RefInfo keys = { 0 };
    bool sure;
    clear_stage(stage);
    for (uint32_t i = 0; i < row->nin; i++) {
        compute_input(ref, row->in[i]);
    }
    candidates(ref, number, &keys);
    if ((row->flags & DAG_STAGE_OFF) && (row->flags & DAG_STAGE_PASSTHROUGH) == 0) {
        stage->nshorts = 0;
    }
    Gate gate = gates_of(ref, number);
    for (uint32_t i = 0; i < keys.nentries; i++) {
        stage->tasks = ref_grow(stage->tasks, &stage->ntasks, &stage->tasks_cap, sizeof(RefTask));
        RefTask *task = &stage->tasks[stage->ntasks - 1];
        task->key = keys.entries[i].key;
        ref_text(&task->key, ref->plan, task->text, sizeof task->text);
        compute_task(ref, number, task, gate);
    }
    limit_tasks(ref, number, &sure);
    cancel_tasks(ref, number, gate);
    end_stage(stage);
    note_rescues(ref, number);
    compute_outputs(ref, number, sure);
    free_info(&keys);
}

static bool has_failed(Ref *ref) {
    for (uint32_t i = 0; i < ref->plan->nstages; i++) {
        const RefStage *stage = &ref->stages[i];
        bool failed = stage->limited;
        for (uint32_t k = 0; k < stage->ntasks; k++) {
            const RefTask *task = &stage->tasks[k];
            failed |= task->phase == REF_ENDED &&
                      (task->state == DAG_FAILED || task->state == DAG_CRASHED);
        }
        if (failed && (ref->plan->stages[i].flags & DAG_STAGE_MAY_FAIL) == 0) {
            return true;
        }
    }
    return false;
}

void ref_compute(Ref *ref) {
    for (;;) {
        for (uint32_t i = 0; i < ref->plan->nstages; i++) {
            compute_stage(ref, i);
        }
        if (ref->stopping || ref->plan->continue_on_error || !has_failed(ref)) {
            return;
        }
        ref->stopping = true;
    }
}

bool ref_output(Ref *ref, uint32_t number, char *text, size_t size) {
    const PlanPort *port = &ref->plan->ports[number];
    compute_edge(ref, port->edges[0]);
    const RefInfo *info = &ref->edges[port->edges[0]];
    uint32_t n = 0;
    snprintf(text, size, "[");
    for (uint32_t i = 0; i < info->nentries; i++) {
        if (info->entries[i].known != REF_PRESENT) {
            continue;
        }
        size_t len = strlen(text);
        if (info->entries[i].null) {
            snprintf(text + len, size - len, "%snull", n ? "," : "");
        } else {
            snprintf(text + len, size - len, "%s%lld", n ? "," : "",
                     (long long)info->entries[i].value);
        }
        n++;
    }
    snprintf(text + strlen(text), size - strlen(text), "]");
    return port->list || n > 0;
}
