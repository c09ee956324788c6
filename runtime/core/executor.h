/*
 * executor.h - how a task is carried out: one table of functions per way of doing it.
 *
 * The driver (core/run.c) owns attempts and hands them out; executors fill in `outcome` and give
 * them back. An executor writes no store and decides nothing about the graph.
 */
#ifndef DAG_CORE_EXECUTOR_H
#define DAG_CORE_EXECUTOR_H

#include <stdatomic.h>

#include "core/folder.h"
#include "core/sched.h"

/* An attempt's folder is <run's folder>/<stage>/<key>/<attempt>. In it stand the logs `stdout` and
 * `stderr` (a native function's dag_log goes to `stderr`) and, for a script, what $DAG_INPUT and
 * $DAG_OUTPUT name; the body works in its subfolder `work`, where relative paths begin.
 * That of a body that has made files and has succeeded is renamed to `out`, in one step, before they are
 * looked at: what stands below an `out` is whole. `work` is then a link to it, for paths that bodies have
 * written into their files. */
#define DAG_WORK "work"
#define DAG_OUT "out"

typedef struct Attempt {
    const dag_program *program;
    const ExprProgram *exprs;
    const dag_stage *stage;
    Launch launch;
    const char *run_id;
    const char *key;         /* text */
    const dag_value *inputs; /* by own input */
    const dag_value *asked;  /* the same as they were before files were made again; or NULL */
    ExprEnv env;             /* inputs, run inputs, specials, world, arena: for attempt_eval */
    dag_value *outs;         /* paths of own outputs, those that were asked for; or NULL */
    dag_value specials[DAG_NSPECIAL];
    Arena arena;              /* dies with the attempt */
    const char *hook;         /* NULL: a task's; else the kind of hook that it is, "start" */
    Folder *folder;           /* of the run: where attempt_make_dir makes dir */
    const char *dir;          /* the attempt's folder, absolute; NULL until attempt_make_dir */
    const char *work;         /* below dir: where the body works, later where its outputs are */
    int64_t deadline;         /* ns since 1970, INT64_MAX: none; kept by the driver */
    bool timed_out;           /* set by the driver before it stops the attempt */
    atomic_bool cancelled;    /* asked to stop, also by a time-out; dag_cancelled reads it */
    atomic_llong done, total; /* dag_progress, elements of a call; total 0: nothing said */
    int64_t told;             /* of `done`: what those who listen know, or -1; the driver's */
    void *private;            /* the executor's */
    Outcome outcome;
    struct Attempt *next; /* in whatever list its present owner keeps */

    /* The driver's. */
    dag_run *run; /* whose task it is */
    struct dag_executor *executor;
    struct Attempt *before, *after; /* among those running */
    bool stopping;                  /* was asked to stop */
    bool lined;                     /* handed out to wait in line; has not begun as far as known */
    int64_t spent;                  /* the executor's answer: ns that the body took; 0: unknown */
    bool parked;                    /* it waits for another task that is carried out once more */
    bool
        adopted; /* a process that was killed has handed it out: it goes on, or has ended (adopts) */
} Attempt;

struct dag_executor {
    void *self;
    const char *name;
    /* Begins the attempt; the executor owns it until reap gives it back. An error (cannot be
     * started) is an outcome too. */
    void (*start)(void *self, Attempt *attempt);
    /* Asks an attempt to stop: politely (SIGTERM), or at once (SIGKILL). */
    void (*stop)(void *self, Attempt *attempt, bool now);
    int fd; /* readable when reap may have something that it had not when it last said NULL */
    /* The next attempt that has ended, or NULL. Never blocks. Called until NULL before waiting. */
    Attempt *(*reap)(void *self);
    /* Attempts may line up here: started with `lined` set, they wait until one that runs has ended,
     * and take over its slot. What is in line does not begin behind one that has failed before reap
     * has given that back and was called again. False: each attempt takes a slot, from start to
     * reap; the rest is unused. */
    bool lines;
    uint32_t busy, beyond; /* attempts: slots that they take, and how many there are besides */
    /* The next one in line that has begun, since when is in outcome.started; NULL: no other. */
    Attempt *(*begun)(void *self);
    /* Takes one in line back. False: it has begun. */
    bool (*unline)(void *self, Attempt *attempt);
    /* It keeps a stage's `timeout` itself, from when the body begins: what is handed out may wait for
     * long. It sets attempt->timed_out. */
    bool times;
    /* What is carried out elsewhere outlives us. Has a process that was killed handed this attempt, of
     * which the folder `dir` is left, to this executor, with the same inputs? It is then started with
     * `adopted` set; should nothing have become of it, it is numbered anew. NULL: nothing outlives us. */
    bool (*adopts)(void *self, Attempt *attempt, const char *dir);
    /* Called when all attempts were given back. */
    void (*free)(void *self);
};

/* ---------------------------------------------------------------- kinds (exec/executors.def) */

/* What an executor of process stages is made for: one run. Texts outlive it. */
typedef struct ExecutorConfig {
    Folder *folder;     /* of the run */
    const char *run_id; /* of the run */
    int64_t kill_grace; /* ns between SIGTERM and SIGKILL */
    int64_t queue_poll; /* ns between two questions to the queue at the least; 0: as it sees fit */
} ExecutorConfig;

/* One way to carry out process stages; `--executor NAME`. */
typedef struct ExecutorKind {
    const char *name;
    /* NULL with `error` filled. */
    dag_executor *(*make)(const ExecutorConfig *config, dag_error *error);
    /* Tasks at the same time where nobody says; 0: processors of this machine. Else the tasks are
     * carried out elsewhere: what they ask for of cpu, memory and gpu is not this machine's. */
    uint32_t jobs;
    const char *help;
} ExecutorKind;

/* NULL: there is none of this name. A NULL name is the first kind, of this machine. */
const ExecutorKind *executor_kind(const char *name);

/* All names, "local, slurm", for messages; static. */
const char *executor_names(void);

/* The i-th kind, or NULL behind the last. */
const ExecutorKind *executor_kind_at(size_t i);

/* Processes in their own process groups, on one event loop. NULL with `error` filled. No child
 * outlives this process, even when it is killed. `kill_grace` in ns. (exec/exec_local.c) */
dag_executor *executor_local_new(int64_t kill_grace, dag_error *error);

/* Native functions on a pool of threads. (exec/exec_native.c) */
dag_executor *executor_native_new(uint32_t threads, dag_error *error);

/* ---------------------------------------------------------------- for executors (core/attempt.c)
 *
 * Messages name the port and what is wrong with it; stage and key travel beside them (events). */

/* The number of the attempt, from 1, over all processes that have worked on the run. */
static inline uint32_t attempt_number(const Attempt *attempt) {
    return attempt->launch.before + attempt->launch.attempt;
}

/* Calls f(attempt, arg) such that running out of memory in the attempt's arena, at any depth, ends
 * the attempt as crashed, type "oom", instead of the process. Returns false then. */
bool attempt_guard(Attempt *attempt, void (*f)(Attempt *attempt, void *arg), void *arg);

/* Passes over numbers of attempts that a process which was killed had begun and not recorded: their
 * folders, with their logs, stay. */
void attempt_number_anew(Attempt *attempt);

/* The folder of an attempt with this number, if there is one; else NULL. */
const char *attempt_find_dir(Attempt *attempt);

/* The attempt is in the folder that a process which was killed has made for it: dir and work are set,
 * as before the outputs were looked at. False: errno, there is none. */
bool attempt_take_dir(Attempt *attempt);

/* Makes dir/work in a folder that exists, as the attempt's. False: errno. `dir` is kept. */
bool attempt_make_work(Attempt *attempt, const char *dir);

/* Makes attempt->dir and attempt->work if they are not there yet; what an attempt of that number
 * left behind is removed. False: the outcome is filled in (crashed,
 * type "store"). */
bool attempt_make_dir(Attempt *attempt);

/* Evaluates an expression of the stage; the paths of its outputs (`<out.x>`) that it mentions are
 * evaluated first, once per attempt. False: *error, its text in the attempt's arena. */
bool attempt_eval(Attempt *attempt, uint32_t expr, dag_value *value, dag_error *error);

/* Fills the outcome as failed or crashed; the message is formatted into the attempt's arena. */
void attempt_fail(Attempt *attempt, dag_state state, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Computes the outputs of a body that succeeded: evaluates values (specials hold stdout, stderr,
 * exit), converts them at the boundary, verifies files and folders, expands globs, and puts them
 * into a box. `given` (by own output) holds what the body itself set, a stream as a list; null
 * stands for what it did not set. NULL: the body sets nothing. Fills the outcome. */
void attempt_complete(Attempt *attempt, const dag_value *given);

#endif
