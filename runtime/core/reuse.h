/*
 * reuse.h - what the driver asks before it starts a task: must it run, or is its result known?
 *
 * One table of functions, as stores and executors have. The chain in use is made by the command
 * line: results of this very run (resume), of an older run (replay, selection), of the cache.
 */
#ifndef DAG_CORE_REUSE_H
#define DAG_CORE_REUSE_H

#include "dag.h"
#include "pure/arena.h"

typedef enum ReuseAnswer {
    REUSE_RUN,       /* nobody knows: the task runs */
    REUSE_COMPLETED, /* it completed in this run before it was interrupted: no new record is made */
    REUSE_CACHED,    /* outputs of another task with the same cache key, or of an older run */
    REUSE_SKIP       /* it may not run and has no result: skipped, reason "unselected" */
} ReuseAnswer;

typedef struct ReuseQuestion {
    uint32_t stage;
    const char *key;         /* "-", "3.0.12" */
    const dag_value *inputs; /* by own input */
    const dag_value *run_inputs;
    Arena *arena; /* for outputs and reason */
} ReuseQuestion;

struct dag_reuse {
    void *self;
    /* Fills `outputs` (by own output, a stream's as a list; files verified to exist) for COMPLETED
     * and CACHED, and *reason in plain words. Called on the thread that runs dag_run_wait. */
    ReuseAnswer (*ask)(void *self, const ReuseQuestion *question, dag_value *outputs,
                       const char **reason);
    /* A task of this run has completed by running: remember it (its cache key was computed by ask,
     * is recomputed, or the stage is uncacheable). May be NULL. */
    void (*completed)(void *self, const ReuseQuestion *question, const dag_value *outputs);
    void (*free)(void *self);
};

#endif
