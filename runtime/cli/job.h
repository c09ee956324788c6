/*
 * job.h - one run from the command line: what it needs, opened and given back in one place.
 */
#ifndef DAG_CLI_JOB_H
#define DAG_CLI_JOB_H

#include "cli/cli.h"
#include "core/reuse.h"
#include "core/runid.h"
#include "store/runlock.h"

/* All zero but for `cli` is a job that is not open. Who starts a run fills in what differs (id,
 * inputs, what may be reused) between job_open and job_run. */
typedef struct Job {
    Cli *cli;
    ExprProgram *exprs;
    dag_value *inputs; /* by run input */
    char id[RUNID_SIZE];
    bool resume;          /* the run is in the store: it goes on */
    const char *of;       /* id of the run that it replays, or NULL */
    const char *root;     /* the state folder, absolute; NULL: nothing is kept */
    const char *work;     /* folder of the run; NULL: a temporary one */
    dag_store *store;
    RunLock *lock;
    dag_reuse *reuse; /* or NULL */
    Tally tally;
    Progress *progress;
    EventLog *log;
    dag_sink sinks[3];
    size_t nsinks;
    dag_run *run;
} Job;

/* All return EXIT_COMPLETED, or the exit code after saying why. */

/* Program, tally, state folder and store; a new id. */
int job_open(Job *job);

/* Takes the run's lock, runs it, prints what it leaves. Its inputs are there. */
int job_run(Job *job);

void job_free(Job *job);

/* Says an error on stderr (NULL: out of memory) and returns `code`. */
int job_refuse(int code, const char *message);

#endif
