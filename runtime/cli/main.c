/*
 * main.c - dag_main: the command line of a compiled pipeline, in the order in which things happen.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/files.h"
#include "cli/plan.h"
#include "core/runid.h"
#include "core/world.h"
#include "pure/nearest.h"
#include "pure/value.h"
#include "store/store_cache.h"

#ifndef DAG_VERSION
#define DAG_VERSION "0.1.0"
#endif

/* ---------------------------------------------------------------- run */

/* Everything that one run needs and that must be given back. */
typedef struct Job {
    Cli *cli;
    ExprProgram *exprs;
    dag_value *inputs;
    char id[RUNID_SIZE];
    const char *work; /* NULL: the run keeps nothing */
    dag_store *store;
    dag_reuse *reuse; /* what need not run; NULL: everything runs */
    Tally tally;
    Progress *progress;
    EventLog *log;
    dag_sink sinks[3];
    size_t nsinks;
    dag_run *run;
} Job;

static void job_free(Job *job) {
    dag_run_free(job->run);
    progress_free(job->progress);
    if (job->reuse != NULL) job->reuse->free(job->reuse->self);
    if (job->store != NULL) job->store->close(job->store->self);
    event_log_close(job->log);
    tally_free(&job->tally);
    expr_program_free(job->exprs);
}

/* Says what is wrong, NULL for want of memory; false, for the caller to return. */
static bool complain(const char *message) {
    fprintf(stderr, "error: %s\n", message != NULL ? message : "out of memory");
    return false;
}

static bool read_inputs(Job *job) {
    dag_error error = {0};
    job->exprs = expr_program_new(job->cli->program, &error);
    if (job->exprs == NULL) return complain(error.message);
    job->inputs = ARENA_ARRAY(&job->cli->arena, job->cli->program->ninputs, dag_value);
    return cli_inputs(job->cli, job->exprs, job->inputs);
}

/* Where the run is recorded and works; without a store its folders are temporary. */
static bool open_state(Job *job) {
    Cli *cli = job->cli;
    if (strcmp(cli->state_dir, ":memory:") == 0) return true;
    const ExprWorld *world = world_system();
    const char *root = world->absolute(world->self, &cli->arena, cli->state_dir);
    if (!make_folders(root)) {
        fprintf(stderr, "error: --state %s: %s\n", cli->state_dir, strerror(errno));
        return false;
    }
    char reason[512];
    dag_error error = {0};
    job->store = store_sqlite_open(root, cli->program->strings + cli->program->name, reason,
                                   sizeof reason, &error);
    if (job->store == NULL) return complain(error.message);
    job->work = arena_printf(&cli->arena, "%s/work/%s", root, job->id);
    return true;
}

/* Does any stage say that its results may be reused? */
static bool any_cacheable(const dag_program *program) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        if ((program->stages[i].flags & DAG_STAGE_CACHEABLE) != 0) return true;
    }
    return false;
}

static bool open_cache(Job *job) {
    const Cli *cli = job->cli;
    if (job->store == NULL || !any_cacheable(cli->program)) return true;
    const ExprWorld *world = world_system();
    CacheConfig config = {.program = cli->program,
                          .dir = world->absolute(world->self, &job->cli->arena, cli->state_dir),
                          .run = job->id,
                          .full = cli->full,
                          .by_stat = cli->by_stat};
    char reason[512];
    dag_error error = {0};
    job->reuse = store_cache_open(&config, reason, sizeof reason, &error);
    return job->reuse != NULL || complain(error.message);
}

static void listen_with(Job *job, void *self, void (*event)(void *, const dag_event *)) {
    job->sinks[job->nsinks++] = (dag_sink){.self = self, .event = event};
}

/* The tally first: who comes later reads it. */
static bool open_sinks(Job *job) {
    listen_with(job, &job->tally, tally_event);
    job->progress = progress_new(job->cli, &job->tally);
    if (job->progress == NULL) return complain(NULL);
    if (!job->cli->quiet) listen_with(job, job->progress, progress_event);
    if (job->cli->events_file == NULL) return true;
    job->log = event_log_open(job->cli, job->cli->events_file);
    if (job->log != NULL) listen_with(job, job->log, event_log_event);
    return job->log != NULL;
}

static bool open_run(Job *job) {
    const Cli *cli = job->cli;
    dag_options options = {.inputs = job->inputs,
                           .run_id = job->id,
                           .work_dir = job->work,
                           .jobs = cli->jobs,
                           .continue_on_error = cli->continue_on_error,
                           .timeout = cli->timeout,
                           .kill_grace = cli->kill_grace,
                           .max_value = (uint64_t)cli->max_value,
                           .retry = cli->retry,
                           .sinks = job->sinks,
                           .nsinks = job->nsinks,
                           .store = job->store,
                           .reuse = job->reuse};
    dag_error error = {0};
    job->run = dag_run_new(cli->program, &options, &error);
    return job->run != NULL || complain(error.message);
}

static int exit_code(const Tally *tally) {
    switch (tally->state) {
    case DAG_COMPLETED:
    case DAG_CACHED: return EXIT_COMPLETED;
    case DAG_PAUSED: return EXIT_PAUSED;
    case DAG_CRASHED: return EXIT_CRASHED;
    case DAG_CANCELLED: return EXIT_CANCELLED;
    case DAG_FAILED:
        return tally->error.type != NULL && strcmp(tally->error.type, "deadlock") == 0
                   ? EXIT_STALLED
                   : EXIT_FAILED;
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_SKIPPED:
    case DAG_FILTERED:
    case DAG_QUEUED:
    case DAG_NSTATES: return EXIT_CRASHED;
    }
    return EXIT_CRASHED;
}

/* What the run leaves: results on stdout, the summary on stderr. */
static int finish(Job *job) {
    Cli *cli = job->cli;
    progress_free(job->progress);
    job->progress = NULL;
    bool good = true;
    if (cli->out_dir != NULL) good = outputs_copy(cli, job->run);
    if (cli->json) document_print(&job->tally, job->run, stdout);
    else outputs_print(cli, job->run, stdout);
    if (!cli->quiet || job->tally.error.type != NULL) {
        summary_print(cli, &job->tally, job->run, stderr);
    }
    if (fflush(stdout) != 0) {
        good = complain(strerror(errno));
    }
    bool logged = event_log_close(job->log);
    job->log = NULL;
    if (!logged) {
        fprintf(stderr, "error: --events %s: not everything could be written\n", cli->events_file);
        good = false;
    }
    int code = exit_code(&job->tally);
    return good || code != EXIT_COMPLETED ? code : EXIT_CRASHED;
}

static int run_job(Job *job) {
    if (!read_inputs(job)) return EXIT_USAGE;
    if (!tally_init(&job->tally, job->cli->program)) return complain(NULL), EXIT_CRASHED;
    runid_make(job->id);
    if (!open_state(job) || !open_cache(job)) return EXIT_CRASHED;
    if (!open_sinks(job)) return job->cli->bad ? EXIT_USAGE : EXIT_CRASHED;
    if (!open_run(job)) return EXIT_CRASHED;
    signals_cancel(job->run);
    dag_run_wait(job->run);
    signals_cancel(NULL);
    return finish(job);
}

/* ---------------------------------------------------------------- plan, explain */

/* The cache of a store that is there already: looking makes none. */
static bool open_known(Job *job) {
    const dag_program *program = job->cli->program;
    const ExprWorld *world = world_system();
    const char *root = world->absolute(world->self, &job->cli->arena, job->cli->state_dir);
    const char *path = arena_printf(&job->cli->arena, "%s/%s.db", root,
                                    program->strings + program->name);
    if (strcmp(job->cli->state_dir, ":memory:") == 0 || access(path, F_OK) != 0) return true;
    return open_state(job) && open_cache(job);
}

static bool has_result(void *self, uint32_t stage) {
    const Job *job = self;
    return job->reuse != NULL && store_cache_has(job->reuse, stage);
}

static int plan_job(Job *job) {
    if (!read_inputs(job)) return EXIT_USAGE;
    runid_make(job->id);
    if (!open_known(job)) return EXIT_CRASHED;
    return plan_print(job->cli, job->inputs, job->reuse, has_result, job, stdout);
}

static int explain_job(Job *job) {
    Cli *cli = job->cli;
    if (!read_inputs(job)) return EXIT_USAGE;
    runid_make(job->id);
    if (!open_known(job)) return EXIT_CRASHED;
    return explain_print(cli, job->inputs, job->reuse, cli->words[0],
                         cli->nwords > 1 ? cli->words[1] : NULL, stdout);
}

static int command_explain(Cli *cli) {
    if (cli->nwords < 1 || cli->nwords > 2) {
        cli_complain(cli, "usage: %s explain STAGE [KEY]", cli->self);
        return EXIT_USAGE;
    }
    Job job = {.cli = cli};
    int code = explain_job(&job);
    job_free(&job);
    return code;
}

static int command_plan(Cli *cli) {
    if (cli->nwords > 0) {
        cli_complain(cli, "`plan` takes options only, not `%s`", cli->words[0]);
        return EXIT_USAGE;
    }
    Job job = {.cli = cli};
    int code = plan_job(&job);
    job_free(&job);
    return code;
}

/* ---------------------------------------------------------------- commands */

static int command_run(Cli *cli) {
    if (cli->nwords > 0) {
        cli_complain(cli, "`run` takes options only, not `%s`; inputs are given as --input NAME=VALUE",
                     cli->words[0]);
        return EXIT_USAGE;
    }
    if (cli->dry_run) return command_plan(cli);
    Job job = {.cli = cli};
    int code = run_job(&job);
    job_free(&job);
    return code;
}

static int command_help(Cli *cli) {
    cli_help(cli, stdout);
    return EXIT_COMPLETED;
}

static int command_version(Cli *cli) {
    printf("%s (dagcc %s)\n", cli->program->strings + cli->program->name, DAG_VERSION);
    return EXIT_COMPLETED;
}

typedef struct Command {
    const char *name;
    int (*run)(Cli *cli);
} Command;

static const Command commands[] = {
    {"run", command_run}, {"plan", command_plan}, {"explain", command_explain},
    {"help", command_help}, {"version", command_version}};
enum { ncommands = sizeof commands / sizeof *commands };

static int unknown_command(Cli *cli) {
    Nearest nearest = nearest_to(cli->command);
    for (size_t i = 0; i < ncommands; i++) nearest_offer(&nearest, commands[i].name);
    if (nearest.best != NULL) {
        cli_complain(cli, "unknown command `%s`; did you mean `%s`?", cli->command, nearest.best);
    } else {
        cli_complain(cli, "unknown command `%s`; --help shows what there is", cli->command);
    }
    return EXIT_USAGE;
}

static int dispatch(Cli *cli) {
    if (cli->bad) return EXIT_USAGE;
    if (cli->help) return command_help(cli);
    if (cli->version) return command_version(cli);
    for (size_t i = 0; i < ncommands; i++) {
        if (strcmp(cli->command, commands[i].name) == 0) return commands[i].run(cli);
    }
    return unknown_command(cli);
}

int dag_main(const dag_program *program, int argc, char **argv) {
    if (program->abi != DAG_ABI) {
        complain("this pipeline was compiled for another version of the runtime library; compile it "
                 "again");
        return EXIT_CRASHED;
    }
    Cli cli = {.program = program};
    cli_parse(&cli, argc, argv);
    int code = dispatch(&cli);
    arena_free(&cli.arena);
    return code;
}
