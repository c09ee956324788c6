/*
 * finish.h - what becomes of a task when its attempt has ended: a further attempt, or its end.
 */
#ifndef DAG_CORE_FINISH_H
#define DAG_CORE_FINISH_H

#include "core/sched_state.h"

/* Takes the outcome of an attempt that is no longer counted as running. */
void finish_attempt(Sched *s, const Launch *launch, const Outcome *outcome);

/* The state of a task whose last attempt ended in `state`. */
TaskState finish_state(dag_state state);

#endif
