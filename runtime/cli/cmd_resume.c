/*
 * cmd_resume.c - `./run resume RUN`, `./run replay RUN --rerun a,b`: runs that go on where an old one
 * stands, under its own name or a new one.
 */
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/job.h"
#include "cli/records.h"
#include "core/executor.h"
#include "core/secrets.h"
#include "pure/nearest.h"
#include "pure/value.h"
#include "store/reuse_record.h"

/* A job and the old run that it starts from. */
typedef struct Again {
    Job job;
    Records records;
    StoreRecord record;
} Again;

static void again_free(Again *again) {
    job_free(&again->job);
    records_close(&again->records);
}

/* ---------------------------------------------------------------- inputs from the record */

static int refuse_inputs(Cli *cli) {
    cli_complain(cli,
                 "inputs come from the record of the run; only secrets are given with --input");
    return EXIT_USAGE;
}

/* Is it an input whose value the record has? */
static bool is_recorded(const dag_program *program, const char *name) {
    for (uint32_t i = 0; i < program->ninputs; i++) {
        if (strcmp(program->strings + program->inputs[i].name, name) == 0)
            return !secrets_in_type(program, program->inputs[i].type);
    }
    return false;
}

/* Inputs are the recorded ones; a secret, which is not recorded, must be given again. */
static int take_inputs(Again *again) {
    Cli *cli = again->job.cli;
    const dag_program *program = cli->program;
    if (cli->inputs_file != NULL)
        return refuse_inputs(cli);
    for (const GivenInput *given = cli->given; given != NULL; given = given->next) {
        if (is_recorded(program, given->name))
            return refuse_inputs(cli);
    }
    const char *wrong = cli_known_inputs(cli, again->record.run.inputs);
    if (wrong != NULL)
        return job_complain(cli, wrong), EXIT_CRASHED;
    return job_inputs(&again->job) ? EXIT_COMPLETED : EXIT_USAGE;
}

/* ---------------------------------------------------------------- what may be reused */

static int refuse_changed(const Again *again, uint32_t stage, const char *verb) {
    const Cli *cli = again->job.cli;
    const char *slug = cli->program->strings + cli->program->stages[stage].slug;
    bool fresh = record_stage(&again->record, cli->program, stage) == DAG_NONE;
    fprintf(
        stderr,
        "error: run %s cannot be %s: stage `%s` %s since; start a new run, which takes from the "
        "cache what has not changed\n",
        again->record.run.id, verb, slug, fresh ? "has come" : "has changed");
    return EXIT_USAGE;
}

static int check_program(const Again *again, const bool *leave, const char *verb) {
    bool oom;
    uint32_t stage = record_differs(&again->record, again->job.cli->program, leave, &oom);
    if (oom)
        return job_complain(again->job.cli, NULL), EXIT_CRASHED;
    return stage == DAG_NONE ? EXIT_COMPLETED : refuse_changed(again, stage, verb);
}

static void say_vanished(void *self, const char *slug, const char *key, const char *path) {
    (void)self;
    fprintf(stderr, "note: %s [%s] runs again: its output %s is gone\n", slug, key, path);
}

static int take_record(Again *again, const bool *rerun) {
    RecordReuse what = { .program = again->job.cli->program,
                         .record = &again->record,
                         .rerun = rerun,
                         .reader = again->records.reader };
    if (!again->job.cli->quiet)
        record_vanished(&what, say_vanished, NULL);
    again->job.record = reuse_record(&what);
    if (again->job.record != NULL)
        return EXIT_COMPLETED;
    job_complain(again->job.cli, NULL);
    return EXIT_CRASHED;
}

/* ---------------------------------------------------------------- resume */

/* What was carried out elsewhere goes on there, if nobody says otherwise: its folder tells. */
static void keep_executor(Job *job) {
    Cli *cli = job->cli;
    for (size_t i = 0; cli->executor == NULL && executor_kind_at(i) != NULL; i++) {
        const char *name = executor_kind_at(i)->name;
        const char *folder =
            arena_printf(&cli->arena, "%s/work/%s/%s-jobs", job->root, job->id, name);
        if (access(folder, F_OK) == 0)
            cli->executor = name;
    }
}

/* The lock first: what is read afterwards stays true. */
static int hold(Again *again) {
    Job *job = &again->job;
    dag_error error = { 0 };
    if (!job_tally(job) || !job_state(job))
        return EXIT_CRASHED;
    if (store_sqlite_hold(job->store, job->id, &error)) {
        keep_executor(job);
        return EXIT_COMPLETED;
    }
    return job_complain(job->cli, error.message), EXIT_USAGE;
}

static int open_resume(Again *again, const char *name) {
    Job *job = &again->job;
    int code = records_open(&again->records, job->cli);
    if (code == EXIT_COMPLETED)
        code = records_find(&again->records, name, &job->id);
    if (code == EXIT_COMPLETED)
        code = records_refuse_part(job->id);
    if (code == EXIT_COMPLETED)
        code = hold(again);
    if (code == EXIT_COMPLETED)
        code = records_load(&again->records, job->id, &again->record);
    if (code != EXIT_COMPLETED)
        return code;
    if (again->record.run.state == DAG_COMPLETED) {
        fprintf(stderr,
                "error: run %s is completed; `%s replay %s --rerun STAGE` makes parts of it "
                "again\n",
                job->id, job->cli->self, job->id);
        return EXIT_USAGE;
    }
    job->queued =
        again->record.run.state == DAG_QUEUED; /* it begins: there is nothing to go on with */
    job->resume = !job->queued;
    if (job->resume)
        code = check_program(again, NULL, "resumed");
    if (code == EXIT_COMPLETED)
        code = take_inputs(again);
    if (code == EXIT_COMPLETED && job->resume)
        code = take_record(again, NULL);
    return code == EXIT_COMPLETED && !job_cache(job) ? EXIT_CRASHED : code;
}

int command_resume(Cli *cli) {
    Again again = { .job = { .cli = cli } };
    int code = open_resume(&again, cli->words[0]);
    if (code == EXIT_COMPLETED)
        code = job_run(&again.job);
    again_free(&again);
    return code;
}

/* ---------------------------------------------------------------- replay */

static bool mark_stage(Cli *cli, const char *slug, size_t n, bool *rerun) {
    const dag_program *program = cli->program;
    char *name = arena_text(&cli->arena, slug, n);
    Nearest nearest = nearest_to(name);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const char *there = program->strings + program->stages[i].slug;
        if (strcmp(there, name) == 0)
            return rerun[i] = true;
        nearest_offer(&nearest, there);
    }
    cli_complain(cli, "--rerun: there is no stage `%s`%s%s%s", name,
                 nearest.best != NULL ? "; did you mean `" : "",
                 nearest.best != NULL ? nearest.best : "", nearest.best != NULL ? "`?" : "");
    return false;
}

static bool mark_named(Cli *cli, bool *rerun) {
    bool good = true;
    for (const char *p = cli->rerun; *p != '\0';) {
        size_t n = strcspn(p, ",");
        if (n > 0)
            good &= mark_stage(cli, p, n, rerun);
        p += n;
        p += *p == ',';
    }
    return good;
}

/* In topological order one pass reaches all that depends on what is marked. */
static void mark_downstream(const dag_program *program, bool *rerun) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *stage = &program->stages[program->topo[i]];
        bool *mark = &rerun[program->topo[i]];
        for (uint32_t p = stage->in; p < stage->in + stage->nin; p++) {
            const dag_port *port = &program->ports[p];
            for (uint32_t e = port->edge; e < port->edge + port->nedges; e++) {
                *mark |= rerun[program->ports[program->edges[e].from].stage];
            }
        }
        for (uint32_t o = stage->order; o < stage->order + stage->norder; o++) {
            *mark |= rerun[program->orders[o].from];
        }
    }
}

static int open_replay(Again *again, const char *name, bool *rerun) {
    Job *job = &again->job;
    Cli *cli = job->cli;
    if (cli->rerun == NULL) {
        cli_complain(cli, "`replay` needs --rerun STAGE,…: what is to be done again");
        return EXIT_USAGE;
    }
    if (!mark_named(cli, rerun))
        return EXIT_USAGE;
    if (cli->downstream)
        mark_downstream(cli->program, rerun);
    int code = records_open(&again->records, cli);
    if (code == EXIT_COMPLETED)
        code = records_load(&again->records, name, &again->record);
    if (code == EXIT_COMPLETED)
        code = records_refuse_part(again->record.run.id);
    if (code == EXIT_COMPLETED)
        code = check_program(again, rerun, "replayed");
    if (code == EXIT_COMPLETED)
        code = take_inputs(again);
    if (code == EXIT_COMPLETED)
        code = take_record(again, rerun);
    job->origin = again->record.run.id;
    cli->full = true; /* what runs again is not taken from the cache, but goes there */
    if (code == EXIT_COMPLETED && (!job_tally(job) || !job_state(job) || !job_cache(job)))
        return EXIT_CRASHED;
    return code;
}

int command_replay(Cli *cli) {
    Again again = { .job = { .cli = cli } };
    bool *rerun = ARENA_ARRAY(&cli->arena, cli->program->nstages, bool);
    int code = open_replay(&again, cli->words[0], rerun);
    if (code == EXIT_COMPLETED)
        code = job_run(&again.job);
    again_free(&again);
    return code;
}
