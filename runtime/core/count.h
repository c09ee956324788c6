/*
 * count.h - what is still undecided below a key, counted in constant time per event.
 *
 * A count has one number per node of its axis `top`. It watches the axes between `top` and a deeper
 * one: a node that may still get children counts one, a new node counts its weight there. At zero
 * work is queued.
 */
#ifndef DAG_CORE_COUNT_H
#define DAG_CORE_COUNT_H

#include "core/sched_state.h"

/* New nodes have come below node `up` of the parent axis. */
void count_new_nodes(Sched *s, uint32_t axis, uint32_t up, uint32_t first, uint32_t n);

/* No more come there. */
void count_closed(Sched *s, uint32_t axis, uint32_t up);

/* Something at `node` of `axis`, at or below the count's top, was decided. */
void count_down(Sched *s, uint32_t count, uint32_t axis, uint32_t node);

/* When setting up: the count watches the axes below its top down to `axis`, each node of which
 * brings `weight` decisions. Adds what that means for a new node of the top. */
void count_watch(Sched *s, uint32_t count, uint32_t axis, uint32_t weight);

#endif
