/*
 * share.h - runs of one process that share jobs and resources, each on a thread of its own.
 *
 * A run that shares takes a job before it looks for a task that may start, and gives back what it did
 * not need. Those that found all jobs taken are served in the order in which they came: the oldest
 * run goes first, so runs end in their order as far as jobs allow. Resources are counters that all
 * take from (sched.h, `leader`).
 */
#ifndef DAG_CORE_SHARE_H
#define DAG_CORE_SHARE_H

#include "core/sched.h"

/* What a run has of what is shared. All but `share`, `next` under the share's lock. */
typedef struct ShareSeat {
    dag_share *share; /* NULL: the run is alone */
    bool seated;
    uint32_t jobs;          /* that it has taken */
    bool waits;             /* it found all jobs taken */
    struct ShareSeat *next; /* the next younger one */
    dag_run *run;
} ShareSeat;

/* Jobs and resources as `options` give them (jobs, resources, resource_names), for runs of `program`.
 * NULL with `error`, whose message is in `reason` (size bytes): no memory, or a request that does not
 * fit (type limit). Outlives its runs. */
dag_share *dag_share_new(const dag_program *program, const dag_options *options, char *reason,
                         size_t size, dag_error *error);
void dag_share_free(dag_share *share);

/* The scheduler whose resources all take from. */
Sched *share_leader(const dag_share *share);

/* For the driver; each does nothing for a run that is alone. */

/* The run takes its place behind the others. */
void share_join(dag_run *run);

/* Takes a job beside those of the attempts that run. False: none is free for it; it is woken when one
 * may be. */
bool share_enter(dag_run *run);

/* Gives back what is not in use, and wakes those that wait for it. */
void share_settle(dag_run *run);

/* Nothing of any other run is on its way. */
bool share_idle(const dag_run *run);

/* The run has ended. */
void share_leave(dag_run *run);

#endif
