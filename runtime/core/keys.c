/*
 * keys.c - walks over the tables of nodes: one per axis, with parents and ranges of children.
 */
#include "core/keys.h"

/* ---------------------------------------------------------------- walking */

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
    uint32_t depth;        /* of the merge's axis */
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
