/*
 * task.h - what is decided about one task: from open data to its end.
 */
#ifndef DAG_CORE_TASK_H
#define DAG_CORE_TASK_H

#include "core/sched_state.h"

/* The stage's axis has new nodes: each is a candidate. */
void task_new_nodes(Sched *s, uint32_t stage, uint32_t first, uint32_t n);

/* An input of the stage is decided for the task at `node`; call once per input and node. */
void task_input(Sched *s, uint32_t stage, uint32_t node, uint32_t port, Known known);

/* The same of a plain stage, for an input that is present. */
void task_plain_input(Sched *s, StageRun *run);

/* The stage's gates have opened (or shut for good), or the run stops: decides about all tasks of
 * the stage that wait for nothing else. */
void task_sweep(Sched *s, uint32_t stage);

/* A READY task that had to wait for something else may start, unless the run is stopping. */
void task_ready(Sched *s, uint32_t stage, uint32_t node);

/* Ends a task that does not run: state CANCELLED, SKIPPED, FAILED, CLOSED, OFF or FILTERED. The
 * reason is NULL or text. */
void task_end(Sched *s, uint32_t stage, uint32_t node, TaskState state, const char *reason,
              const dag_error *error);

/* The row of a task skipped with a short key. */
void task_short_row(Sched *s, uint32_t stage, Short what);

/* Counts a terminal row, and what the run learns from it. */
void task_row(Sched *s, uint32_t stage, TaskState state);

dag_state task_public_state(TaskState state);

/* A failure that is not tolerated: under on_error stop nothing new starts. */
void task_stop(Sched *s);

/* Is max_tasks safe by now? Then what was held back is made known. */
void task_limit_check(Sched *s, uint32_t stage);

/* Does the task wait for something dead, or for the success of one that did? */
bool task_is_rescue(const Sched *s, uint32_t stage, uint32_t node);
/* Notes it on the task and its stage: before the first attempt. */
void task_note_rescue(Sched *s, uint32_t stage, uint32_t node);

#endif
