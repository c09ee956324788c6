/*
 * within.h - the way into the runs of called pipelines, without running anything: what they would be
 * given, and the cache that they would ask.
 */
#ifndef DAG_CLI_WITHIN_H
#define DAG_CLI_WITHIN_H

#include "cli/called.h"
#include "cli/explain.h"
#include "core/call.h"

typedef struct Within {
    Cli *cli;
    const dag_value *inputs; /* of the run that was come to; at first of the outermost */
    dag_reuse *cache;        /* for it; or NULL */
    const char *id;          /* of it, by that of the outermost */
    bool stopped;            /* what goes in further is not known yet */
    dag_reuse *caches[CALL_DEPTH];
    size_t ncaches; /* of those on the way */
} Within;

/* Goes in from the outermost run. Where it is stopped, `at` says what the task that calls waits for.
 * Returns the exit code, after saying why there is no such run. */
int within_enter(Within *way, const CalledPlace *place, Explanation *at);
void within_free(Within *way);

#endif
