/*
 * count.c - see count.h.
 */
#include "core/count.h"

#include "core/keys.h"

void count_watch(Sched *s, uint32_t count, uint32_t axis, uint32_t weight) {
    Count *c = &s->counts[count];
    while (axis != c->top) {
        Axis *a = &s->axes[axis];
        /* grown by doubling: 1, 2, 4 … rows */
        if ((a->nwatches & (a->nwatches - 1)) == 0) {
            size_t cap = a->nwatches ? (size_t)a->nwatches * 2 : 1;
            a->watches = sched_resize(s, a->watches, cap, sizeof *a->watches);
        }
        a->watches[a->nwatches++] = (Watch){ count, weight };
        weight = 1; /* the children of a node of the parent */
        axis = a->parent;
    }
    c->start += weight;
}

void count_down(Sched *s, uint32_t count, uint32_t axis, uint32_t node) {
    Count *c = &s->counts[count];
    uint32_t top = axis_climb(s, axis, node, c->top);
    if (--c->left[top] == 0) {
        sched_work(s, WORK_ZERO, count, top, 1);
    }
}

static void count_start(Sched *s, uint32_t count, uint32_t first, uint32_t n) {
    const Count *c = &s->counts[count];
    for (uint32_t i = 0; i < n; i++) {
        c->left[first + i] = c->start;
        if (c->start == 0 && c->kind != COUNT_LIST) {
            sched_work(s, WORK_ZERO, count, first + i, 1);
        }
    }
}

void count_new_nodes(Sched *s, uint32_t axis, uint32_t up, uint32_t first, uint32_t n) {
    const Axis *a = &s->axes[axis];
    for (uint32_t i = 0; i < a->tops.n; i++) {
        count_start(s, a->tops.items[i], first, n);
    }
    for (uint32_t i = 0; i < a->nwatches; i++) {
        if (a->watches[i].weight == 0) {
            continue;
        }
        const Count *c = &s->counts[a->watches[i].count];
        uint32_t top = axis_climb(s, a->parent, up, c->top);
        if (c->left[top] > UINT32_MAX - n) {
            sched_no_memory(s);
        }
        c->left[top] += n;
    }
}

void count_closed(Sched *s, uint32_t axis, uint32_t up) {
    const Axis *a = &s->axes[axis];
    for (uint32_t i = 0; i < a->nwatches; i++) {
        count_down(s, a->watches[i].count, a->parent, up);
    }
}
