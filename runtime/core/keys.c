/*
 * keys.c - the tables of nodes: one per axis, parents and ranges of children; walks over them.
 */
#include "core/keys.h"

#include <string.h>

#include "core/count.h"
#include "core/feed.h"
#include "core/task.h"

/* ---------------------------------------------------------------- walking */

static uint32_t node_up(const Axis *axis, uint32_t node) {
    return axis->up ? axis->up[node] : 0;
}

uint32_t axis_climb(const Sched *s, uint32_t axis, uint32_t node, uint32_t to) {
    while (axis != to) {
        node = node_up(&s->axes[axis], node);
        axis = s->axes[axis].parent;
    }
    return node;
}

bool axis_begins(const Sched *s, uint32_t axis, uint32_t prefix) {
    const Axis *a = &s->axes[axis];
    uint32_t depth = s->axes[prefix].depth;
    return depth <= a->depth && a->path[depth] == prefix;
}

uint32_t axis_at(const Sched *s, uint32_t axis, uint32_t position) {
    for (; axis != 0; axis = s->axes[axis].parent) {
        if (s->axes[axis].position == position) {
            return axis;
        }
    }
    return DAG_NONE;
}

/* The node on the home axis of the last position: what its coordinate is named by. */
static uint32_t node_own(const Axis *axis, uint32_t node) {
    return axis->kind == AXIS_CROSS ? axis->other[node] : node;
}

/* The child of `up` whose last coordinate is that of `own` on the home axis. */
static uint32_t node_find(const Sched *s, uint32_t axis, uint32_t up, uint32_t own) {
    const Axis *a = &s->axes[axis];
    if (a->kind != AXIS_CROSS) {
        return own;
    }
    if (a->scattered) {
        const uint32_t *node = map_get(&a->index, up, own);
        return node ? *node : DAG_NONE;
    }
    if (a->kids[up].n < 2) {
        return DAG_NONE;
    }
    const Axis *home = &s->axes[a->own];
    return a->kids[up].first + (own - home->kids[node_up(home, own)].first);
}

uint32_t axis_project(const Sched *s, uint32_t axis, uint32_t node, uint32_t to) {
    if (axis_begins(s, axis, to)) {
        return axis_climb(s, axis, node, to);
    }
    uint32_t up = axis_project(s, axis, node, s->axes[to].parent);
    uint32_t at = axis_at(s, axis, s->axes[to].position);
    if (up == DAG_NONE || at == DAG_NONE) {
        return DAG_NONE;
    }
    uint32_t own = node_own(&s->axes[at], axis_climb(s, axis, node, at));
    return node_find(s, to, up, own);
}

/* ---------------------------------------------------------------- visits */

typedef struct Walk {
    uint32_t axis; /* whose nodes are visited */
    uint32_t part, at;
    Visit *visit;
} Walk;

static void walk(Sched *s, const Walk *w, uint32_t depth, uint32_t node);

static void walk_range(Sched *s, const Walk *w, uint32_t depth, uint32_t first, uint32_t n) {
    if (depth == s->axes[w->axis].depth) {
        w->visit->nodes(s, w->visit, first, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        walk(s, w, depth, first + i);
    }
}

/* Visits the nodes of a merge's edge and hands on what they became. */
typedef struct MergeVisit {
    Visit visit;
    const Walk *outer;
    uint32_t depth; /* of the merge's axis */
    const uint32_t *nodes; /* node + 1; 0: none yet */
} MergeVisit;

static void visit_merged(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    MergeVisit *v = (MergeVisit *)visit;
    for (uint32_t i = 0; i < n; i++) {
        if (v->nodes[first + i] != 0) {
            walk_range(s, v->outer, v->depth, v->nodes[first + i] - 1, 1);
        }
    }
}

static void walk_merge(Sched *s, const Walk *w, const Axis *axis, uint32_t up) {
    const Merge *merge = &s->merges[axis->merge];
    const dag_port *port = port_row(s, merge->port);
    for (uint32_t i = 0; i < port->nedges; i++) {
        uint32_t from = port_row(s, s->program->edges[port->edge + i].from)->axis;
        MergeVisit v = { { visit_merged }, w, axis->depth, merge->nodes[i] };
        axis_visit(s, from, axis->parent, up, &v.visit);
    }
}

/* A mirror of a merge: for each node there, its mirror image below `up`. */
typedef struct MirrorVisit {
    Visit visit;
    const Walk *outer;
    uint32_t axis, up;
} MirrorVisit;

static void visit_mirrored(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    MirrorVisit *v = (MirrorVisit *)visit;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t node = node_find(s, v->axis, v->up, first + i);
        if (node != DAG_NONE) {
            walk_range(s, v->outer, s->axes[v->axis].depth, node, 1);
        }
    }
}

static void walk_children(Sched *s, const Walk *w, uint32_t axis, uint32_t up) {
    const Axis *a = &s->axes[axis];
    if (!a->scattered) {
        if (a->kids[up].n > 1) {
            walk_range(s, w, a->depth, a->kids[up].first, a->kids[up].n - 1);
        }
    } else if (a->kind == AXIS_MERGE) {
        walk_merge(s, w, a, up);
    } else {
        uint32_t above = s->axes[a->own].parent;
        uint32_t at = axis_project(s, a->parent, up, above);
        MirrorVisit v = { { visit_mirrored }, w, axis, up };
        if (at != DAG_NONE) {
            axis_visit(s, a->own, above, at, &v.visit);
        }
    }
}

/* Goes down from a node at `depth` on the path of w->axis. */
static void walk(Sched *s, const Walk *w, uint32_t depth, uint32_t node) {
    const Axis *goal = &s->axes[w->axis];
    if (depth == goal->depth) {
        w->visit->nodes(s, w->visit, node, 1);
        return;
    }
    uint32_t next = goal->path[depth + 1];
    uint32_t fixed = axis_at(s, w->part, s->axes[next].position);
    if (fixed == DAG_NONE) {
        walk_children(s, w, next, node);
        return;
    }
    uint32_t own = node_own(&s->axes[fixed], axis_climb(s, w->part, w->at, fixed));
    uint32_t child = node_find(s, next, node, own);
    if (child != DAG_NONE) {
        walk(s, w, depth + 1, child);
    }
}

void axis_visit(Sched *s, uint32_t axis, uint32_t part, uint32_t at, Visit *visit) {
    Walk w = { axis, part, at, visit };
    if (axis_begins(s, axis, part)) {
        walk(s, &w, s->axes[part].depth, at);
    } else {
        walk(s, &w, 0, 0);
    }
}

/* ---------------------------------------------------------------- growing */

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
    for (uint32_t i = 0; i < axis->stages.n; i++) {
        if (!bits_reserve(&s->stages[axis->stages.items[i]].ready, cap)) {
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
        if (!map_put(&a->index, up, other + i, first + i, &fresh)) {
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

void axis_append(Sched *s, uint32_t axis, uint32_t up, uint32_t n, uint32_t other, uint32_t via) {
    Axis *a = &s->axes[axis];
    if (n == 0) {
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
