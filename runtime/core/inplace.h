/*
 * inplace.h - tasks that are no more than their expressions are evaluated where they stand: without
 * an attempt, a launch and an outcome of their own.
 *
 * Only what goes well is done here. A task whose evaluation fails is left as it was: it takes the
 * way of all others, where the error is met again and told.
 */
#ifndef DAG_CORE_INPLACE_H
#define DAG_CORE_INPLACE_H

#include "core/sched_state.h"

/* When setting up: which stages are simple. */
void inplace_setup(Sched *s);

/* As sched_evaluate, within a call of the API. */
uint32_t inplace_burst(Sched *s, uint32_t most);

#endif
