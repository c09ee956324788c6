/*
 * job.c - one run from the command line (job.h): opened, run, its results told, given back.
 */
#include "cli/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/report.h"
#include "cli/select.h"
#include "core/runid.h"
#include "core/world.h"
#include "pure/value.h"
#include "store/store_cache.h"
#include "store/store_read.h"

static void reuse_free(dag_reuse *reuse) {
    if (reuse != NULL)
        reuse->free(reuse->self);
}

void job_free(Job *job) {
    dag_run_free(job->run);
    progress_free(job->progress);
    reuse_free(job->reuse);
    reuse_free(job->record);
    reuse_free(job->cache);
    if (job->store != NULL)
        job->store->close(job->store->self);
    event_log_close(job->log);
    trace_close(job->trace);
    tally_free(&job->tally);
    expr_program_free(job->exprs);
}

bool job_complain(Cli *cli, const char *message) {
    cli_say(cli, "%s", message != NULL ? message : "out of memory");
    return false;
}

/* ---------------------------------------------------------------- opening */

const char *job_root(Cli *cli) {
    const ExprWorld *world = world_system();
    if (strcmp(cli->state_dir, ":memory:") == 0)
        return NULL;
    return world->absolute(world->self, &cli->arena, cli->state_dir);
}

void job_name(Job *job) {
    char *id = job->id == NULL ? arena_alloc(&job->cli->arena, RUNID_SIZE) : NULL;
    if (id == NULL)
        return;
    runid_make(id);
    job->id = id;
}

bool job_tally(Job *job) {
    if (job->share == NULL)
        signals_expect();
    job_name(job);
    return tally_init(&job->tally, job->cli->program, job->cli->json) ||
           job_complain(job->cli, NULL);
}

bool job_inputs(Job *job) {
    dag_error error = { 0 };
    job->exprs = expr_program_new(job->cli->program, &error);
    if (job->exprs == NULL)
        return job_complain(job->cli, error.message);
    job->inputs = ARENA_ARRAY(&job->cli->arena, job->cli->program->ninputs, dag_value);
    return cli_inputs(job->cli, job->exprs, job->inputs);
}

/* Where the run is recorded and works; without a store its folders are temporary. */
bool job_state(Job *job) {
    Cli *cli = job->cli;
    const char *root = job_root(cli);
    if (root == NULL)
        return true;
    job->root = root;
    if (job->shared != NULL) {
        job->store = store_sqlite_share(job->shared);
        return job->store != NULL || job_complain(cli, NULL);
    }
    if (!make_folders(root)) {
        cli_say(cli, "--state %s: %s", cli->state_dir, strerror(errno));
        return false;
    }
    char reason[512];
    dag_error error = { 0 };
    job->store = store_sqlite_open(root, cli->program->strings + cli->program->name, reason,
                                   sizeof reason, &error);
    return job->store != NULL || job_complain(job->cli, error.message);
}

/* A hook may change the files that were looked at. */
static bool has_start_hook(const dag_program *program) {
    for (uint32_t i = 0; i < program->nhooks; i++) {
        if (program->hooks[i].when == DAG_HOOK_START)
            return true;
    }
    return false;
}

bool job_cache(Job *job) {
    Cli *cli = job->cli;
    if (job->store == NULL || !cache_any_cacheable(cli->program))
        return true;
    CacheConfig config = { .program = cli->program,
                           .dir = job->root,
                           .run = job->id,
                           .looks = has_start_hook(cli->program) ? NULL : &cli->looks,
                           .full = cli->full,
                           .by_stat = cli->by_stat };
    char reason[512];
    dag_error error = { 0 };
    job->cache = store_cache_open(&config, reason, sizeof reason, &error);
    return job->cache != NULL || job_complain(job->cli, error.message);
}

bool job_known(Job *job) {
    const dag_program *program = job->cli->program;
    const char *root = job_root(job->cli);
    if (root == NULL)
        return true;
    const char *path =
        arena_printf(&job->cli->arena, "%s/%s.db", root, program->strings + program->name);
    return access(path, F_OK) != 0 || (job_state(job) && job_cache(job));
}

bool job_select(Job *job) {
    Cli *cli = job->cli;
    if (!selection_given(cli))
        return true;
    job->chosen = selection_chosen(cli);
    if (job->chosen != NULL)
        job->record = selection_reuse(cli, job->chosen, job->root);
    return job->record != NULL;
}

bool job_reuse(Job *job, dag_reuse **reuse) {
    *reuse = job->record != NULL ? job->record : job->cache;
    if (job->record == NULL || job->cache == NULL)
        return true;
    *reuse = job->reuse = reuse_chain(job->record, job->cache);
    job->record = job->cache = NULL;
    return *reuse != NULL || job_complain(job->cli, NULL);
}

/* ---------------------------------------------------------------- running */

dag_sink *job_listen(Job *job, void *self, void (*event)(void *, const dag_event *)) {
    dag_sink *sink = &job->sinks[job->nsinks++];
    *sink = (dag_sink){ .self = self, .event = event };
    return sink;
}

/* The files that follow the run. */
static bool open_files(Job *job) {
    const Cli *cli = job->cli;
    if (cli->events_file != NULL) {
        job->log = event_log_open(job->cli, cli->events_file);
        if (job->log == NULL)
            return false;
        dag_sink *sink = job_listen(job, job->log, event_log_event);
        sink->children = sink->progress = true;
    }
    if (cli->trace_file != NULL) {
        job->trace = trace_open(cli->trace_file);
        if (job->trace == NULL) {
            cli_complain(job->cli, "--trace %s: %s", cli->trace_file, strerror(errno));
            return false;
        }
        dag_sink *sink = job_listen(job, job->trace, trace_event);
        sink->children = sink->attempts = true;
    }
    return cli->report_file == NULL || report_ready(job->cli);
}

static bool close_files(Job *job) {
    bool logged = event_log_close(job->log), traced = trace_close(job->trace);
    job->log = NULL;
    job->trace = NULL;
    if (!logged)
        cli_say(job->cli, "--events %s: not everything could be written", job->cli->events_file);
    if (!traced)
        cli_say(job->cli, "--trace %s: not everything could be written", job->cli->trace_file);
    return logged && traced;
}

/* The tally first: who comes later reads it. */
static bool open_sinks(Job *job) {
    dag_sink *sink = job_listen(job, &job->tally, tally_event);
    sink->children = job->cli->json || !job->cli->quiet;
    sink->progress = !job->cli->quiet;
    job->progress = progress_new(job->cli, &job->tally);
    if (job->progress == NULL)
        return job_complain(job->cli, NULL);
    sink = job_listen(job, job->progress, progress_event); /* of warnings, when quiet */
    sink->children = sink->progress = !job->cli->quiet;
    return open_files(job);
}

bool job_open(Job *job) {
    Cli *cli = job->cli;
    const char *root = job->root == NULL ? "" : job->root;
    const char *work = arena_printf(&cli->arena, "%s/work/%s", root, job->id);
    dag_reuse *reuse;
    if (!job_reuse(job, &reuse))
        return false;
    dag_options options = { .inputs = job->inputs,
                            .run_id = job->id,
                            .resume = job->resume,
                            .queued = job->queued,
                            .origin = job->origin,
                            .work_dir = job->root == NULL ? NULL : work,
                            .jobs = cli->jobs,
                            .continue_on_error = cli->continue_on_error,
                            .resources = cli->resources,
                            .resource_names = cli->resource_names,
                            .nresources = cli->nresources,
                            .timeout = cli->timeout,
                            .kill_grace = cli->kill_grace,
                            .executor = cli->executor,
                            .queue_poll = cli->queue_poll,
                            .max_value = (uint64_t)cli->max_value,
                            .retry = cli->retry,
                            .sinks = job->sinks,
                            .nsinks = job->nsinks,
                            .store = job->store,
                            .share = job->share,
                            .reuse = reuse };
    dag_error error = { 0 };
    job->run = dag_run_new(cli->program, &options, &error);
    return job->run != NULL || job_complain(job->cli, error.message);
}

static int exit_code(const Tally *tally) {
    switch (tally->state) {
    case DAG_COMPLETED:
    case DAG_CACHED: return EXIT_COMPLETED;
    case DAG_PAUSED: return EXIT_PAUSED;
    case DAG_CRASHED: return EXIT_CRASHED;
    case DAG_CANCELLED: return EXIT_CANCELLED;
    case DAG_FAILED:
        if (tally->refused)
            return EXIT_USAGE;
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
    if (cli->out_dir != NULL)
        good = outputs_copy(cli, job->run);
    if (cli->json)
        document_print(&job->tally, job->run, 0, stdout);
    else
        outputs_print(cli, job->run, stdout);
    if (!cli->quiet || job->tally.error.type != NULL) {
        summary_print(cli, &job->tally, job->run, stderr);
    }
    good &= close_files(job);
    if (cli->report_file != NULL)
        good &= report_run(cli, job->id) == EXIT_COMPLETED;
    int code = exit_code(&job->tally);
    return good || code != EXIT_COMPLETED ? code : EXIT_CRASHED;
}

int job_stdout_aside(void) {
    fflush(stdout);
    int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (kept >= 0)
        dup2(STDERR_FILENO, STDOUT_FILENO);
    return kept;
}

void job_stdout_forget(void) {
    fflush(stdout);
    __fpurge(stdout);
    clearerr(stdout);
}

static void stdout_back(int kept) {
    job_stdout_forget();
    if (kept < 0)
        return;
    dup2(kept, STDOUT_FILENO);
    close(kept);
}

int job_run(Job *job) {
    if (!open_sinks(job))
        return job->cli->bad ? EXIT_USAGE : EXIT_CRASHED;
    if (!job_open(job))
        return EXIT_CRASHED;
    signals_cancel(job->run);
    int out = job_stdout_aside();
    dag_run_wait(job->run);
    stdout_back(out);
    signals_cancel(NULL);
    return finish(job);
}
