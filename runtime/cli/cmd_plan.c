/*
 * cmd_plan.c - `./run plan`, `./run --dry-run`: what a run would do, and why.
 */
#include "cli/command.h"
#include "cli/job.h"
#include "cli/plan.h"
#include "cli/records.h"
#include "cli/select.h"
#include "cli/within.h"
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

/* ---------------------------------------------------------------- a run that is called */

static int plan_place(Job *job, const CalledPlace *place, Within *way) {
    Explanation at;
    if (!job_inputs(job))
        return EXIT_USAGE;
    if (!job_tally(job) || !job_known(job))
        return EXIT_CRASHED;
    *way = (Within){ .cli = job->cli, .inputs = job->inputs, .cache = job->cache, .id = job->id };
    int code = within_enter(way, place, &at);
    if (code != EXIT_COMPLETED)
        return code;
    if (way->stopped) {
        explain_print(&at, stdout);
        return EXIT_COMPLETED;
    }
    Sources sources = { .cache = way->cache, .full = job->cli->full };
    PlanKnown known = { .self = &sources, .has_result = has_result, .reuse = way->cache };
    return plan_print_called(job->cli, place->program, way->inputs, &known, stdout);
}

static int plan_called(Job *job) {
    CalledPlace place;
    Within way = { .cli = job->cli };
    if (!called_place(job->cli, job->cli->words[0], true, &place))
        return EXIT_USAGE;
    int code = plan_place(job, &place, &way);
    within_free(&way);
    return code;
}

int command_plan(Cli *cli) {
    Job job = { .cli = cli };
    Records records = { .cli = cli };
    int code = cli->nwords > 0 ? plan_called(&job) : plan_job(&job, &records);
    job_free(&job);
    records_close(&records);
    return code;
}
