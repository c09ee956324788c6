/*
 * cmd_plan.c - `./run plan`, `./run --dry-run`: what a run would do, and why.
 */
#include "cli/command.h"
#include "cli/job.h"
#include "cli/plan.h"
#include "cli/records.h"
#include "cli/select.h"
#include "store/store_cache.h"

/* What plan asks besides the tables of results. */
typedef struct Sources {
    dag_reuse *cache, *selection;
    bool full;
} Sources;

static bool has_result(void *self, uint32_t stage) {
    const Sources *sources = self;
    return sources->cache != NULL && !sources->full && store_cache_has(sources->cache, stage);
}

static bool has_last(void *self, uint32_t stage) {
    const Sources *sources = self;
    return sources->selection != NULL && selection_has(sources->selection, stage);
}

/* The record of earlier runs, if there is one. */
static int open_records(Job *job, Records *records) {
    return job->root == NULL ? EXIT_COMPLETED : records_open(records, job->cli);
}

static int plan_job(Job *job, Records *records) {
    if (!job_inputs(job))
        return EXIT_USAGE;
    if (!job_tally(job))
        return EXIT_CRASHED;
    if (!job_known(job))
        return EXIT_CRASHED;
    if (!job_select(job))
        return EXIT_USAGE;
    Sources sources = { .cache = job->cache, .selection = job->record, .full = job->cli->full };
    PlanKnown known = {
        .self = &sources, .has_result = has_result, .has_last = has_last, .chosen = job->chosen
    };
    if (!job_reuse(job, &known.reuse))
        return EXIT_CRASHED;
    int code = open_records(job, records);
    if (code != EXIT_COMPLETED)
        return code;
    known.reader = records->reader;
    return plan_print(job->cli, job->inputs, &known, stdout);
}

int command_plan(Cli *cli) {
    Job job = { .cli = cli };
    Records records = { .cli = cli };
    int code = plan_job(&job, &records);
    job_free(&job);
    records_close(&records);
    return code;
}
