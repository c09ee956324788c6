/*
 * limits.h - resources that tasks hold while they run, and retries that wait for their time.
 */
#ifndef DAG_CORE_LIMITS_H
#define DAG_CORE_LIMITS_H

#include "core/sched_state.h"

/* Takes what the attempt (from 1) of a task of the stage needs. False: something is short, and the
 * stage is no longer runnable until there is enough of it. */
bool limits_take(Sched *s, uint32_t stage, uint32_t attempt);
void limits_give(Sched *s, uint32_t stage, uint32_t attempt);

/* A stage that was runnable has been tried, or has nothing ready: the next one that waits for the
 * same and would find enough has another look. */
void limits_pass_on(Sched *s, uint32_t stage);

/* The stage has nothing ready: it waits for no resource any more. */
void limits_forget(Sched *s, uint32_t stage);

/* A resource that the stage waits for; NULL: none. */
const Pool *limits_waits_for(const Sched *s, uint32_t stage);

/* Others that take from the same resources may have given something back. */
void limits_look(Sched *s);

/* Does a stage wait for a resource? When nothing runs here, others have it. */
bool limits_blocked(const Sched *s);

/* Plans a further attempt at `due` (ns since 1970). */
void limits_retry_at(Sched *s, int64_t due, uint32_t stage, uint32_t node);

/* Makes the retries ready whose time has come. */
void limits_due(Sched *s);

/* Ends waiting retries that may not start any more. */
void limits_drop_retries(Sched *s);

/* Was that a cause for a further attempt? */
bool limits_wants_retry(const Sched *s, uint32_t stage, const Outcome *outcome);

/* How long to wait behind the attempt (from 1), ns. */
int64_t limits_backoff(const dag_stage *row, uint32_t attempt);

#endif
