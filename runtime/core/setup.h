/*
 * setup.h - the scheduler's tables, made from the program before anything runs.
 */
#ifndef DAG_CORE_SETUP_H
#define DAG_CORE_SETUP_H

#include "core/sched_state.h"

/* The parts of setting up, in this order. */
void setup_axes(Sched *s);
void setup_inputs(Sched *s);
void setup_stages(Sched *s);
void setup_counts(Sched *s);
void setup_limits(Sched *s);

/* An array that will have one element of 1, 4, or a multiple of 8 bytes per node of the axis; *slot
 * holds it. The empty axis has one node: its elements are there at once. */
void setup_column(Sched *s, uint32_t axis, void *slot, uint32_t width);

/* Of the output that feeds an edge: its axis, whether it is a stream. */
static inline uint32_t setup_edge_axis(const Sched *s, uint32_t edge) {
    return port_row(s, s->program->edges[edge].from)->axis;
}

static inline bool setup_from_stream(const Sched *s, uint32_t edge) {
    return (port_row(s, s->program->edges[edge].from)->flags & DAG_PORT_STREAM) != 0;
}

#endif
