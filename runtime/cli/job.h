/*
 * job.h - one run from the command line: what it needs, opened and given back in one place.
 */
#ifndef DAG_CLI_JOB_H
#define DAG_CLI_JOB_H

#include "cli/cli.h"
#include "core/reuse.h"
#include "core/runid.h"

/* All zero but for `cli` is a job that is not open. Who starts a run fills in what differs (id,
 * inputs, what may be reused) between job_open and job_run. */
typedef struct Job {
    Cli *cli;
    ExprProgram *exprs;
    dag_value *inputs; /* by run input */
    char id[64];
    bool resume;        /* the run is in the store: it goes on */
    const char *origin; /* id of the run that it replays, or NULL */
    const char *root;   /* the state folder, absolute; NULL: nothing is kept */
    dag_store *store;
    dag_reuse *reuse; /* owned; or NULL */
    Tally tally;
    Progress *progress;
    EventLog *log;
    dag_sink sinks[3];
    size_t nsinks;
    dag_run *run;
} Job;

/* Each returns EXIT_COMPLETED, or an exit code after saying why. In this order: */

/* The program's expressions, and the inputs as given. */
int job_inputs(Job *job);
/* Tally, state folder, store; a new id. */
int job_open(Job *job);
/* Runs, and prints what the run leaves. */
int job_run(Job *job);

void job_free(Job *job);

/* Says an error on stderr (NULL: out of memory) and returns `code`. */
int job_refuse(int code, const char *message);

/* The state folder as an absolute path, or NULL for :memory:. */
const char *job_root(Cli *cli);

#endif
