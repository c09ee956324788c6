/*
 * many.h - many runs in one process, for `batch` and `serve`: so many threads take one after the
 * other, until there are no more or somebody wants them to stop.
 *
 * Jobs and resources are shared by all of them (core/share.h). Each run has an id, a lock, rows and a
 * folder of its own, a command line of its own for its inputs, and keeps what is wrong with it as a
 * text (Cli.said) instead of printing it.
 */
#ifndef DAG_CLI_MANY_H
#define DAG_CLI_MANY_H

#include "cli/job.h"

enum { MANY_MOST = 1024, MANY_TICK = 5000 }; /* runs at the same time; ms */

typedef struct Many Many;

/* One run, while a thread has it. */
typedef struct One {
    Many *many;
    Cli cli; /* a copy, with an arena of its own */
    Job job;
    uint64_t number;    /* the kind's: a line, say */
    const char *inputs; /* as recorded, or NULL */
    bool taken;         /* there was one */
    struct One *next;
    unsigned cancels; /* asked for by its name, that were heeded */
} One;

/* What `batch` and `serve` do each in their way. All but `open` are called by one thread at a time. */
typedef struct ManyKind {
    /* The next one; blocks until there is one, or many_stopped. False: there is no more. */
    bool (*next)(void *self, One *one);
    /* Makes its job ready, up to its inputs, tally, store. False: `one->cli.said` says why not. */
    bool (*open)(void *self, One *one);
    /* It has ended, or was refused (job.run NULL). */
    void (*ended)(void *self, One *one);
    bool drains; /* the first SIGTERM or SIGINT lets those that run finish */
} ManyKind;

struct Many {
    Cli *cli;
    const ManyKind *kind;
    void *self;
    void (*tick)(
        void *self); /* called by the first thread, every MANY_TICK at the latest; or NULL */
    Job first;       /* keeps the store open that all runs share; many_store */
    bool broken;     /* the store is, which was said; lock: the kind's */
    int stop;        /* readable once no more are to be taken */
    struct ManyState *state;
};

/* Looks at the options, listens to signals from now on, makes `stop`. An exit code, after saying what is
 * wrong. many_close in any case. */
int many_open(Many *many);

/* Opens the store, once for all runs: one thread writes for all of them, so that what they do at the same
 * time is committed together, and what is wrong with it is said once. An exit code, as many_open. */
int many_store(Many *many);

/* Works until there is no more. EXIT_COMPLETED; EXIT_CANCELLED where signals have stopped it, but for the
 * first one where the kind drains; EXIT_CRASHED after saying what is wrong. */
int many_work(Many *many);

void many_close(Many *many);

/* No more are taken. */
void many_stop(Many *many);
bool many_stopped(const Many *many);

/* Where results go: what stdout was. Functions that print do so to stderr meanwhile. NULL: said. */
FILE *many_results(Cli *cli);

#endif
