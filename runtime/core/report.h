/*
 * report.h - what the scheduler tells others: events, the first error, reasons in plain words.
 *
 * Texts that are returned live in s->words until the API call returns; NULL when nobody listens.
 */
#ifndef DAG_CORE_REPORT_H
#define DAG_CORE_REPORT_H

#include "core/sched_state.h"

/* A task ended without running (in this attempt). */
void report_end(Sched *s, uint32_t stage, uint32_t node, dag_state state, const char *reason,
                const dag_error *error);
void report_short(Sched *s, uint32_t stage, Short what, dag_state state);

void report_launch(Sched *s, const Launch *launch, const char *reason);
/* A further attempt of a task begins: for those who ask (dag_sink.attempts). */
void report_further(Sched *s, const Launch *launch);
void report_attempt(Sched *s, const Launch *launch, const Outcome *outcome);
void report_outcome(Sched *s, const Launch *launch, const Outcome *outcome, int64_t started);

/* The stage has a new state, in its run. */
void report_stage(Sched *s, uint32_t stage);

/* max_tasks is exceeded. */
void report_limit(Sched *s, uint32_t stage);

/* Keeps the error if it is the first. node DAG_NONE: of the whole stage. */
void report_first(Sched *s, uint32_t stage, uint32_t node, const dag_error *error);

/* "`check` failed": why the input of a task is dead, why an order edge cannot hold. */
const char *report_dead(Sched *s, uint32_t port, uint32_t node);
const char *report_order(Sched *s, uint32_t order);

/* "`make` failed". */
const char *report_past(Sched *s, uint32_t stage, dag_state state);

#endif
