/*
 * cmd_plan.c - `./run plan`, `./run --dry-run`, `./run explain`: what a run would do, and why.
 */
#include <unistd.h>

#include "cli/command.h"
#include "cli/explain.h"
#include "cli/job.h"
#include "cli/plan.h"
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

static bool has_result(void *self, uint32_t stage) {
    return self != NULL && store_cache_has(self, stage);
}

static int plan_job(Job *job) {
    if (!job_inputs(job))
        return EXIT_USAGE;
    if (!job_tally(job))
        return EXIT_CRASHED;
    if (!open_known(job))
        return EXIT_CRASHED;
    if (!job_select(job))
        return EXIT_USAGE;
    dag_reuse *cache = job->cache, *reuse;
    if (!job_reuse(job, &reuse))
        return EXIT_CRASHED;
    return plan_print(job->cli, job->inputs, reuse, has_result, cache, stdout);
}

static int explain_job(Job *job) {
    Cli *cli = job->cli;
    if (!job_inputs(job))
        return EXIT_USAGE;
    if (!job_tally(job))
        return EXIT_CRASHED;
    if (!open_known(job))
        return EXIT_CRASHED;
    return explain_print(cli, job->inputs, job->cache, cli->words[0],
                         cli->nwords > 1 ? cli->words[1] : NULL, stdout);
}

int command_explain(Cli *cli) {
    Job job = { .cli = cli };
    int code = explain_job(&job);
    job_free(&job);
    return code;
}

int command_plan(Cli *cli) {
    Job job = { .cli = cli };
    int code = plan_job(&job);
    job_free(&job);
    return code;
}
