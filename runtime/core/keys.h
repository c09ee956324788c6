/*
 * keys.h - axes and their nodes: how keys come to be, hang together, are ordered and written.
 */
#ifndef DAG_CORE_KEYS_H
#define DAG_CORE_KEYS_H

#include "core/sched_state.h"

/* n new nodes below node `up` of the parent axis. `other`: the first of the n nodes that are merged
 * or mirrored (else 0); `via`: the merge's edge. Axes that merge or mirror this one get their nodes
 * too. Call axis_settle when all is appended and closed. */
void axis_append(Sched *s, uint32_t axis, uint32_t up, uint32_t n, uint32_t other, uint32_t via);

/* No more nodes will come below node `up` of the parent axis. */
void axis_close(Sched *s, uint32_t axis, uint32_t up);

/* Every stage gets its tasks for the new nodes. */
void axis_settle(Sched *s);

/* The node of the parent axis. */
static inline uint32_t node_up(const Axis *axis, uint32_t node) {
    return axis->up ? axis->up[node] : 0;
}

/* The node above on the axis `to`, which is a prefix of `axis`. */
static inline uint32_t axis_climb(const Sched *s, uint32_t axis, uint32_t node, uint32_t to) {
    while (axis != to) {
        node = node_up(&s->axes[axis], node);
        axis = s->axes[axis].parent;
    }
    return node;
}

/* Is `prefix` a prefix of `axis`, or the same? */
bool axis_begins(const Sched *s, uint32_t axis, uint32_t prefix);

/* The axis on the path of `axis` whose last position is `position`; DAG_NONE: none. */
uint32_t axis_at(const Sched *s, uint32_t axis, uint32_t position);

/* The node on `to`, some of whose positions `axis` has, with the same coordinates. DAG_NONE: it
 * does not exist. */
uint32_t axis_project(const Sched *s, uint32_t axis, uint32_t node, uint32_t to);

/* Visits the nodes of `axis` whose coordinates on the positions of `part` are those of its node
 * `at`, in key order, in ranges. */
typedef struct Visit {
    void (*nodes)(Sched *s, struct Visit *visit, uint32_t first, uint32_t n);
} Visit;
void axis_visit(Sched *s, uint32_t axis, uint32_t part, uint32_t at, Visit *visit);

/* The coordinates of a node in key order: numbers to be compared one by one, shorter ones first
 * when equal so far. A merge's coordinate is the number of the edge and then the rest. */
typedef struct KeyPath {
    uint32_t *items;
    uint32_t n;
} KeyPath;
KeyPath key_path(const Sched *s, uint32_t axis, uint32_t node, Arena *arena);
KeyPath key_short_path(const Sched *s, uint32_t key, Arena *arena);
int key_compare(KeyPath a, KeyPath b);

/* "-", "3.0.12", "1:0.3". */
const char *key_text(const Sched *s, uint32_t axis, uint32_t node, Arena *arena);
const char *key_short_text(const Sched *s, uint32_t key, Arena *arena);

#endif
