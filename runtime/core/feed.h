/*
 * feed.h - what is known at an output, an edge and an input for a key, and how it travels.
 */
#ifndef DAG_CORE_FEED_H
#define DAG_CORE_FEED_H

#include "core/sched_state.h"

/* What a task that is terminal leaves at its outputs. */
Known feed_task(const Sched *s, uint32_t stage, uint32_t node);

/* At an output port, for a node of its axis. */
Known feed_port(const Sched *s, uint32_t port, uint32_t node);

/* At the end of an edge, for a node of the axis that it comes from. */
Known feed_edge(const Sched *s, uint32_t edge, uint32_t node);

/* At an input, for a node of its stage's axis. */
Known feed_input(const Sched *s, uint32_t port, uint32_t node);

/* The edge of an `any` input that delivers at a node of the input's axis: DAG_NONE: none. */
uint32_t feed_any_edge(const Sched *s, uint32_t port, uint32_t node);

/* The node at which an input looks, on its own axis, for a node of its stage's axis. */
uint32_t feed_node(const Sched *s, uint32_t port, uint32_t node);

/* A merge input's edge and node there, for a node of the merge's axis. */
uint32_t feed_merged(const Sched *s, uint32_t port, uint32_t *node);

/* The task behind an artifact: the stage of the edge's origin and its node. */
uint32_t feed_maker(const Sched *s, uint32_t edge, uint32_t node, uint32_t *maker);

/* Elements of a stream have come to be: nodes [first, first + n) of its axis. */
void feed_new_nodes(Sched *s, uint32_t axis, uint32_t first, uint32_t n);

/* Something was decided at the origin of an edge. */
void feed_decided(Sched *s, uint32_t edge, uint32_t node, Known known);

/* All that an edge with `take` chooses from is decided. */
void feed_choose(Sched *s, uint32_t pick);

/* All that a list gathers at group `node` is known. */
void feed_list_closed(Sched *s, uint32_t list, uint32_t node);

/* Something that a list gathers at group `node` is dead for good. */
void feed_list_dead(Sched *s, uint32_t list, uint32_t node);

#endif
