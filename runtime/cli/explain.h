/*
 * explain.h - why a task would run again, or what it waits for.
 *
 *   explain.c        what a run would do with it now    explain_last.c   what became of it in the
 *   explain_print.c  text, document                                      last run
 *
 * A stage of a called pipeline is explained in one run of that: inputs, cache and record are its.
 */
#ifndef DAG_CLI_EXPLAIN_H
#define DAG_CLI_EXPLAIN_H

#include "cli/cli.h"
#include "core/reuse.h"
#include "store/store_read.h"

/* A task, or several that are told together, and why. */
typedef struct ExplainedTask {
    const char *key;
    bool cached;
    const char *reason;
    const char *part;         /* what differs first; NULL: nothing, or nothing is known */
    const char *before, *now; /* of that; NULL: there is none */
    const char *run;          /* whose result it is compared with */
    struct ExplainedTask *next;
} ExplainedTask;

/* What it waits for. */
typedef struct ExplainedWait {
    const char *at;    /* "its input `n`", "`=> on success`" */
    uint32_t stage;    /* of the program; DAG_NONE: no stage, `at` says it all */
    const char *key;   /* of the task there; NULL: all of the stage */
    const char *state; /* of that */
    struct ExplainedWait *next;
} ExplainedWait;

typedef struct Explanation {
    Cli *cli;
    const dag_program *program;
    uint32_t stage;
    const char *key;    /* or NULL: all of its tasks */
    const char *within; /* "all.-.2": the run of the called pipeline that it is in; or "" */
    const char
        *beyond; /* what was asked for, inside of this one's calls: it is not known yet; or NULL */

    /* In the last run; record NULL: there was none. */
    const StoreRecord *record;
    const char *state;  /* of the task or stage: "pending", "skipped" */
    const char *reason; /* or NULL */
    ExplainedWait *waits;

    /* Now; action NULL: it was not asked for. */
    ExplainedTask *tasks, **last_task;
    size_t ntasks;
    const char *action, *why; /* of the stage, as `plan` says */
    ExplainedWait *behind;    /* the unfinished stages before it, the nearest first */
    const dag_value *inputs;  /* of the first of its tasks, by own input; NULL: none is known yet */
} Explanation;

/* Is the run at work, or paused? Then it is what explain is about. */
bool explain_is_active(const StoreRecord *record);

/* Finds out what became of it in the last run: state, reason, waits. (explain_last.c) */
void explain_last(Explanation *e);

/* Finds out what a run with these inputs would do. `cache` may be NULL. False after saying why.
 * (explain.c) */
bool explain_now(Explanation *e, const dag_value *inputs, dag_reuse *cache);

/* (explain_print.c) */
void explain_print(const Explanation *e, FILE *out);

#endif
