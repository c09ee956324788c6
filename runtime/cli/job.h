/*
 * job.h - one run from the command line: what it needs, opened and given back in one place.
 */
#ifndef DAG_CLI_JOB_H
#define DAG_CLI_JOB_H

#include "cli/cli.h"
#include "core/reuse.h"
#include "report/trace.h"

/* All zero but for `cli` is a job that is not open. Who starts a run fills in what differs (id,
 * inputs, results of an older run) before job_run. */
typedef struct Job {
    Cli *cli;
    ExprProgram *exprs;
    dag_value *inputs;  /* by run input */
    const char *id;     /* of the run */
    bool resume;        /* the store has it: it goes on */
    bool queued;        /* the store has it, and it has not begun */
    const char *origin; /* id of the run that it replays, or NULL */
    const char *root;   /* the state folder, absolute; NULL: the run keeps nothing */
    dag_store *store;
    const dag_store *shared; /* the store of several runs in this process (many.h); or NULL */
    dag_reuse *cache,
        *record;        /* what need not run, and the record of a run, asked first; or NULL */
    dag_share *share;   /* of several runs in this process (many.h); or NULL */
    const bool *chosen; /* by stage: what the options choose; NULL: everything */
    dag_reuse *reuse;   /* both, once they are one; or NULL */
    Tally tally;
    Progress *progress;
    EventLog *log;
    Trace *trace;
    dag_sink sinks[4];
    size_t nsinks;
    dag_run *run;
} Job;

/* Each says what is wrong and returns false then. */
bool job_inputs(Job *job); /* the program's expressions; inputs as given (a fault is the user's) */
bool job_tally(Job *job);  /* counts, and an id */
bool job_state(Job *job);  /* the state folder and the store */
bool job_cache(Job *job);  /* the cache in that store, if any stage may use it */
bool job_known(Job *job);  /* both, of a store that is there already: looking makes none */
bool job_select(Job *job); /* what the options choose; the others give what they gave before */

/* Gives it an id if there is none yet. Two that are made one after the other never share one. */
void job_name(Job *job);

/* All known results as one table to ask, or NULL. False without memory. */
bool job_reuse(Job *job, dag_reuse **reuse);

/* The parts of job_run, for who has several: a listener, before the run is made; makes the run. */
dag_sink *job_listen(Job *job, void *self, void (*event)(void *, const dag_event *));
bool job_open(Job *job);

/* Functions of the pipeline that print do so to stderr from now on: stdout is for results alone. Returns a
 * descriptor of what stdout was. */
int job_stdout_aside(void);

/* What they have printed there and could not be shown (stderr is closed, or full) is no result, and no
 * fault of the results either. */
void job_stdout_forget(void);

/* Runs, and prints what the run leaves. Returns the exit code. */
int job_run(Job *job);

void job_free(Job *job);

/* Says what is wrong, NULL for want of memory; false, for the caller to return. */
bool job_complain(Cli *cli, const char *message);

/* The state folder as an absolute path; NULL for :memory:. */
const char *job_root(Cli *cli);

#endif
