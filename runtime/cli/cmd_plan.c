/*
 * cmd_plan.c - `./run plan`, `./run --dry-run`, `./run explain`: what a run would do, and why.
 */
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/explain.h"
#include "cli/job.h"
#include "cli/plan.h"
#include "cli/records.h"
#include "cli/select.h"
#include "pure/nearest.h"
#include "pure/value.h"
#include "store/store_cache.h"

/* The cache of a store that is there already: looking makes none. */
static bool open_known(Job *job) {
    const dag_program *program = job->cli->program;
    const char *root = job_root(job->cli);
    if (root == NULL)
        return true;
    const char *path =
        arena_printf(&job->cli->arena, "%s/%s.db", root, program->strings + program->name);
    if (access(path, F_OK) != 0)
        return true;
    return job_state(job) && job_cache(job);
}

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
    if (!open_known(job))
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

/* ---------------------------------------------------------------- explain */

static uint32_t find_stage(Cli *cli, const char *slug) {
    const dag_program *program = cli->program;
    Nearest nearest = nearest_to(slug);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const char *name = program->strings + program->stages[i].slug;
        if (strcmp(name, slug) == 0)
            return i;
        nearest_offer(&nearest, name);
    }
    if (nearest.best != NULL) {
        cli_complain(cli, "there is no stage `%s`; did you mean `%s`?", slug, nearest.best);
    } else {
        cli_complain(cli, "there is no stage `%s`", slug);
    }
    return DAG_NONE;
}

/* The newest run that a user started, if there is any. */
static int load_last(Explanation *e, Records *records, StoreRecord *record) {
    dag_error error = { 0 };
    if (job_root(e->cli) == NULL)
        return EXIT_COMPLETED;
    int code = records_open(records, e->cli);
    if (code != EXIT_COMPLETED || records->reader == NULL)
        return code;
    const char *id = store_find_run(records->reader, &e->cli->arena, "last", &error);
    if (id == NULL)
        return strcmp(error.type, "usage") == 0 ? EXIT_COMPLETED : records_refuse(&error);
    code = records_load(records, id, record);
    e->record = code == EXIT_COMPLETED ? record : NULL;
    return code;
}

/* Inputs that are not given are those of the last run. */
static int take_inputs(Explanation *e, Job *job) {
    const char *wrong = e->record == NULL ? NULL : cli_known_inputs(e->cli, e->record->run.inputs);
    if (wrong != NULL)
        return job_complain(wrong), EXIT_CRASHED;
    return job_inputs(job) ? EXIT_COMPLETED : EXIT_USAGE;
}

static int explain_job(Job *job, Explanation *e, Records *records) {
    StoreRecord record;
    int code = load_last(e, records, &record);
    if (code != EXIT_COMPLETED)
        return code;
    bool active = e->record != NULL && explain_is_active(e->record);
    if (!active && (code = take_inputs(e, job)) != EXIT_COMPLETED)
        return code;
    if (e->record != NULL)
        explain_last(e);
    if (!active && !(job_tally(job) && open_known(job) && explain_now(e, job->inputs, job->cache)))
        return EXIT_CRASHED;
    explain_print(e, stdout);
    return EXIT_COMPLETED;
}

int command_explain(Cli *cli) {
    Job job = { .cli = cli };
    Records records = { .cli = cli };
    Explanation e = { .cli = cli,
                      .program = cli->program,
                      .stage = find_stage(cli, cli->words[0]),
                      .key = cli->nwords > 1 ? cli->words[1] : NULL };
    int code = e.stage == DAG_NONE ? EXIT_USAGE : explain_job(&job, &e, &records);
    job_free(&job);
    records_close(&records);
    return code;
}

int command_plan(Cli *cli) {
    Job job = { .cli = cli };
    Records records = { .cli = cli };
    int code = plan_job(&job, &records);
    job_free(&job);
    records_close(&records);
    return code;
}
