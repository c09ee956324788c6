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

/* An array that will have one element per node of the axis; *slot holds it. */
void setup_column(Sched *s, uint32_t axis, void *slot, uint32_t width);

#endif
