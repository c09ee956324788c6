/*
 * cmd_run.c - `./run [run]`: a new run.
 */
#include "cli/command.h"
#include "cli/job.h"

static int run(Job *job) {
    if (!job_inputs(job))
        return EXIT_USAGE;
    if (!job_tally(job) || !job_state(job) || !job_cache(job))
        return EXIT_CRASHED;
    return job_select(job) ? job_run(job) : EXIT_USAGE;
}

int command_run(Cli *cli) {
    if (cli->dry_run)
        return command_plan(cli);
    Job job = { .cli = cli };
    int code = run(&job);
    job_free(&job);
    return code;
}
