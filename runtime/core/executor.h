/*
 * executor.h - how a task is carried out: one table of functions per way of doing it.
 *
 * The driver (core/run.c) owns attempts and hands them out; executors fill in `outcome` and give
 * them back. An executor writes no store and decides nothing about the graph.
 */
#ifndef DAG_CORE_EXECUTOR_H
#define DAG_CORE_EXECUTOR_H

#include <stdatomic.h>

#include "core/sched.h"

typedef struct Attempt {
    const dag_program *program;
    const ExprProgram *exprs;
    const dag_stage *stage;
    Launch launch;
    const char *run_id;
    const char *key;        /* text */
    const dag_value *inputs; /* by own input */
    ExprEnv env;            /* inputs, run inputs, specials, world, arena: ready to evaluate */
    dag_value specials[DAG_NSPECIAL];
    Arena arena;            /* dies with the attempt */
    const char *dir;        /* DIR/<stage>/<key>/<attempt>, absolute; made by the executor that
                               needs it (attempt_make_dir); NULL: this run has no folders */
    int64_t deadline;       /* ns since 1970, INT64_MAX: none; kept by the driver */
    bool timed_out;         /* set by the driver before it stops the attempt */
    atomic_bool cancelled;  /* asked to stop; dag_cancelled reads it */
    void *private;          /* the executor's */
    Outcome outcome;
    struct Attempt *next;   /* in whatever list its present owner keeps */
} Attempt;

struct dag_executor {
    void *self;
    const char *name;
    /* Begins the attempt; the executor owns it until reap gives it back. An error (cannot be
     * started) is an outcome too. */
    void (*start)(void *self, Attempt *attempt);
    /* Asks an attempt to stop: politely (SIGTERM), or at once (SIGKILL). */
    void (*stop)(void *self, Attempt *attempt, bool now);
    int fd; /* readable when reap may have something */
    /* The next attempt that has ended, or NULL. Never blocks. */
    Attempt *(*reap)(void *self);
    /* Called when all attempts were given back. */
    void (*free)(void *self);
};

/* Processes in their own process groups, on one event loop. NULL with `error` filled. No child
 * outlives this process, even when it is killed. `kill_grace` in ns. (exec/exec_local.c) */
dag_executor *executor_local_new(int64_t kill_grace, dag_error *error);

/* Native functions on a pool of threads. (exec/exec_native.c) */
dag_executor *executor_native_new(uint32_t threads, dag_error *error);

/* ---------------------------------------------------------------- for executors (core/attempt.c) */

/* Makes attempt->dir. False: the outcome is filled in (crashed, type "store"). */
bool attempt_make_dir(Attempt *attempt);

/* Fills the outcome as failed or crashed; the message is formatted into the attempt's arena. */
void attempt_fail(Attempt *attempt, dag_state state, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Computes the outputs of a body that succeeded: evaluates values (specials hold stdout, stderr,
 * exit), converts them at the boundary, verifies files and folders, expands globs, and puts them
 * into a box. `given` (by own output; kind DAG_NULL and not given[i].kind … : not set) holds what a
 * native body set, or is NULL. Fills the outcome. */
void attempt_complete(Attempt *attempt, const dag_value *given);

#endif
