/*
 * nodes.c - how axes get their nodes: emissions, and what merges and crosses make of them.
 */
#include <string.h>

#include "core/count.h"
#include "core/feed.h"
#include "core/keys.h"
#include "core/task.h"

enum { MOST_NODES = 0x7fffffff };

/* Room for n more nodes in all columns; new rows are zero. */
static void axis_reserve(Sched *s, Axis *axis, uint32_t n) {
    if (n > MOST_NODES - axis->n) {
        sched_no_memory(s);
    }
    uint32_t need = axis->n + n;
    if (need <= axis->cap) {
        return;
    }
    uint32_t cap = axis->cap + axis->cap / 2;
    cap = cap > need ? cap : need;
    if (axis->row > 0) {
        char *block = sched_resize(s, NULL, cap, axis->row);
        char *at = block;
        for (uint32_t i = 0; i < axis->ncolumns; i++) {
            const Column *column = &axis->columns[i];
            size_t used = (size_t)axis->n * column->width;
            if (used > 0) {
                memcpy(at, *column->slot, used);
            }
            memset(at + used, 0, (size_t)cap * column->width - used);
            *column->slot = at;
            at += (size_t)cap * column->width;
        }
        sched_resize(s, axis->block, 0, 0);
        axis->block = block;
    }
    axis->cap = cap;
    for (uint32_t i = 0; cap > 1 && i < axis->stages.n; i++) {
        const StageRun *run = stage_run(s, axis->stages.items[i]);
        if (sched_unlucky(s) || !bits_reserve(&run->more->ready, cap)) {
            sched_no_memory(s);
        }
    }
}

/* ---------------------------------------------------------------- merges and crosses */

/* Merges of artifacts that live on this axis. */
static void merge_nodes(Sched *s, uint32_t axis, uint32_t first, uint32_t n) {
    const Axis *a = &s->axes[axis];
    for (uint32_t i = 0; i < a->merges.n; i++) {
        const dag_edge *edge = &s->program->edges[a->merges.items[i]];
        uint32_t via = a->merges.items[i] - port_row(s, edge->to)->edge;
        uint32_t to = s->merges[s->inputs[edge->to].extra].axis;
        uint32_t above = s->axes[to].parent;
        if (above != axis) {
            axis_append(s, to, axis_climb(s, axis, first, above), n, first, via);
            continue;
        }
        for (uint32_t k = 0; k < n; k++) {
            axis_append(s, to, first + k, 1, first + k, via);
        }
    }
}

/* Below `up` of its parent, a mirror of a stream takes over the elements below `at`, once. */
static void mirror_stream(Sched *s, uint32_t axis, uint32_t up, uint32_t at) {
    const Kids *kids = &s->axes[s->axes[axis].own].kids[at];
    if (kids->n > 0 && s->axes[axis].kids[up].n == 0) {
        axis_append(s, axis, up, kids->n - 1, kids->first, 0);
        axis_close(s, axis, up);
    }
}

/* A mirror of a merge takes over one node. */
static void mirror_merged(Sched *s, uint32_t axis, uint32_t up, uint32_t node) {
    if (!map_get(&s->axes[axis].index, up, node)) {
        axis_append(s, axis, up, 1, node, 0);
    }
}

/* From the mirrored axis: to all nodes of `axis` that the new nodes [first, first + n), or the end
 * of a stream or merge, concern. */
typedef struct MirrorWork {
    Visit visit;
    uint32_t axis, at, first, n;
} MirrorWork;

static void visit_mirror(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    const MirrorWork *v = (MirrorWork *)visit;
    for (uint32_t up = first; up < first + n; up++) {
        if (!s->axes[v->axis].scattered) {
            mirror_stream(s, v->axis, up, v->at);
            continue;
        }
        for (uint32_t i = 0; i < v->n; i++) {
            mirror_merged(s, v->axis, up, v->first + i);
        }
        if (v->n == 0) {
            axis_close(s, v->axis, up);
        }
    }
}

static void mirror(Sched *s, uint32_t axis, uint32_t at, uint32_t first, uint32_t n) {
    const Axis *a = &s->axes[axis];
    for (uint32_t i = 0; i < a->mirrors.n; i++) {
        uint32_t to = a->mirrors.items[i];
        MirrorWork v = { { visit_mirror }, to, at, first, n };
        axis_visit(s, s->axes[to].parent, a->parent, at, &v.visit);
    }
}

/* Below its new node `up`: the merge's nodes that are there already. */
typedef struct OpenVisit {
    Visit visit;
    uint32_t axis, up;
} OpenVisit;

static void visit_open(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    const OpenVisit *v = (OpenVisit *)visit;
    for (uint32_t i = 0; i < n; i++) {
        mirror_merged(s, v->axis, v->up, first + i);
    }
}

/* Below the new node `up` of its parent, the axis takes over what its home axis has already. */
static void cross_open(Sched *s, uint32_t axis, uint32_t up) {
    const Axis *a = &s->axes[axis];
    const Axis *home = &s->axes[a->own];
    uint32_t at = axis_project(s, a->parent, up, home->parent);
    if (at == DAG_NONE) {
        return;
    }
    if (home->kind == AXIS_STREAM) {
        mirror_stream(s, axis, up, at);
        return;
    }
    OpenVisit v = { { visit_open }, axis, up };
    axis_visit(s, a->own, home->parent, at, &v.visit);
    if (home->shut[at]) {
        axis_close(s, axis, up);
    }
}

static void open_crosses(Sched *s, uint32_t axis, uint32_t first, uint32_t n) {
    for (uint32_t i = 0; i < s->axes[axis].crosses.n; i++) {
        for (uint32_t k = 0; k < n; k++) {
            cross_open(s, s->axes[axis].crosses.items[i], first + k);
        }
    }
}

/* ---------------------------------------------------------------- new nodes */

static void fill(Sched *s, Axis *a, uint32_t up, uint32_t first, uint32_t n, uint32_t other,
                 uint32_t via) {
    for (uint32_t i = 0; a->up && i < n; i++) {
        a->up[first + i] = up;
    }
    for (uint32_t i = 0; a->other && i < n; i++) {
        a->other[first + i] = other + i;
    }
    for (uint32_t i = 0; a->kind == AXIS_MERGE && i < n; i++) {
        a->via[first + i] = via;
        s->merges[a->merge].nodes[via][other + i] = first + i + 1;
    }
    if (a->kids) {
        a->kids[up] = (Kids){ first, n + 1 };
    }
    for (uint32_t i = 0; a->kind == AXIS_CROSS && a->scattered && i < n; i++) {
        bool fresh;
        if (sched_unlucky(s) || !map_put(&a->index, up, other + i, first + i, &fresh)) {
            sched_no_memory(s);
        }
    }
}

/* Tasks look at the nodes of many axes: they are made when all of these are there. */
static void add_fresh(Sched *s, uint32_t axis, uint32_t first, uint32_t n) {
    if (s->axes[axis].stages.n == 0) {
        return;
    }
    if (s->nfresh == s->fresh_cap) {
        s->fresh_cap = s->fresh_cap ? s->fresh_cap * 2 : 16;
        s->fresh = sched_resize(s, s->fresh, s->fresh_cap, sizeof *s->fresh);
    }
    s->fresh[s->nfresh++] = (Fresh){ axis, first, n };
}

void axis_settle(Sched *s) {
    for (size_t i = 0; i < s->nfresh; i++) {
        Fresh fresh = s->fresh[i];
        const Links *stages = &s->axes[fresh.axis].stages;
        for (uint32_t k = 0; k < stages->n; k++) {
            task_new_nodes(s, stages->items[k], fresh.first, fresh.n);
        }
    }
    s->nfresh = 0;
}

enum { FLOOD = 1 << 20 }; /* nodes */

/* So many combinations that each cross stage which makes them exceeds its max_tasks by far: they
 * are not made. */
static bool floods(Sched *s, const Axis *a, uint32_t n) {
    uint64_t total = (uint64_t)a->n + n;
    bool crossed = false;
    if (a->kind != AXIS_CROSS || total <= FLOOD) {
        return false;
    }
    for (uint32_t i = 0; i < a->stages.n; i++) {
        const dag_stage *row = stage_row(s, a->stages.items[i]);
        if (row->fan == DAG_CROSS && (row->max_tasks == 0 || row->max_tasks > total / 4)) {
            return false;
        }
        crossed |= row->fan == DAG_CROSS;
    }
    for (uint32_t i = 0; crossed && i < a->stages.n; i++) {
        uint32_t stage = a->stages.items[i];
        if (stage_row(s, stage)->fan == DAG_CROSS && !stage_run(s, stage)->flooded) {
            stage_run(s, stage)->flooded = true;
            sched_work(s, WORK_LIMIT, stage, 0, 0);
        }
    }
    return crossed;
}

void axis_append(Sched *s, uint32_t axis, uint32_t up, uint32_t n, uint32_t other, uint32_t via) {
    Axis *a = &s->axes[axis];
    if (n == 0 || floods(s, a, n)) {
        return;
    }
    axis_reserve(s, a, n);
    uint32_t first = a->n;
    a->n += n;
    fill(s, a, up, first, n, other, via);
    feed_new_nodes(s, axis, first, n);
    count_new_nodes(s, axis, up, first, n);
    add_fresh(s, axis, first, n);
    if (a->kind == AXIS_MERGE) {
        mirror(s, axis, up, first, n);
    }
    merge_nodes(s, axis, first, n);
    open_crosses(s, axis, first, n);
}

/* (A stream's mirrors take over its elements here, when all are known.) */
void axis_close(Sched *s, uint32_t axis, uint32_t up) {
    Axis *a = &s->axes[axis];
    if (a->scattered) {
        if (a->shut[up]) {
            return;
        }
        a->shut[up] = 1;
    } else if (a->kids[up].n == 0) {
        a->kids[up].n = 1;
    }
    count_closed(s, axis, up);
    mirror(s, axis, up, 0, 0);
}
