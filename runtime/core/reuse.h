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
    REUSE_SKIP,      /* it may not run and has no result: skipped, reason "unselected" */
    REUSE_FILTERED,  /* a gate that was closed in this run before: no new record is made */
    REUSE_CLOSED     /* a gate that was closed in an older run */
} ReuseAnswer;

typedef struct ReuseQuestion {
    uint32_t stage;
    const char *key;         /* "-", "3.0.12" */
    const dag_value *inputs; /* by own input */
    const dag_value *run_inputs;
    const char *anew; /* why it is carried out whatever is known; or NULL */
    Arena *arena;     /* for outputs and reason */
    uint64_t ended;   /* bodies that have ended: what was seen of files before does not hold then */
    int64_t
        *result; /* set where CACHED is of a row of the cache whose inputs, outputs and reason are
                       * the task's: its number; 0 before. Or NULL: nobody wants to know */
} ReuseQuestion;

struct dag_reuse {
    void *self;
    /* Fills `outputs` (by own output, a stream's as a list; files verified to exist, but for
     * temporary ones that were deleted after use) for COMPLETED
     * and CACHED, and *reason in plain words (RUN: NULL, or why it runs although there is a result).
     * Called on the thread that runs dag_run_wait, before a task's first attempt. */
    ReuseAnswer (*ask)(void *self, const ReuseQuestion *question, dag_value *outputs,
                       const char **reason);
    /* May it know anything of the stage's tasks? The answer holds for the whole run; where it is no,
     * none of the functions is called for tasks of the stage. NULL: of every stage's. */
    bool (*asks)(void *self, uint32_t stage);
    /* A task of this run has completed by running: remember it (its cache key was computed by ask,
     * is recomputed, or the stage is uncacheable). May be NULL. */
    void (*completed)(void *self, const ReuseQuestion *question, const dag_value *outputs);
    /* How many attempts the record has of the task: new ones are numbered from there on. May be
     * NULL: none. */
    uint32_t (*attempts)(void *self, const ReuseQuestion *question);
    /* Has the record an end of the task's attempt of this number? May be NULL: no. */
    bool (*ended)(void *self, const ReuseQuestion *question, uint32_t number);
    /* What is known of the tasks of `run`, a child that was recorded before this run was resumed:
     * a table of its own, which the caller frees. NULL: nothing. May be NULL. */
    dag_reuse *(*child)(void *self, const char *run, const dag_program *program);
    /* Is it a temporary file that was deleted after use? *size: its bytes, or -1. May be NULL: none
     * is. */
    bool (*gone)(void *self, const char *path, int64_t *size);
    /* May tasks of the stage be carried out at all (other than to make a temporary file again)? May
     * be NULL: those of all stages may. */
    bool (*may_run)(void *self, uint32_t stage);
    void (*free)(void *self);
};

/* What `reuse` (or NULL: nobody to ask) says of the stage. (core/reuse_chain.c) */
bool reuse_may_run(const dag_reuse *reuse, uint32_t stage);

/* Asks `first`, then `second` where that knows nothing; both hear what completes and are freed with
 * the chain. Either may be NULL, and is then not there. NULL without memory (both are freed) or
 * when both are NULL. (core/reuse_chain.c) */
dag_reuse *reuse_chain(dag_reuse *first, dag_reuse *second);

#endif
