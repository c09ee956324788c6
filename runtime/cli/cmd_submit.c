/*
 * cmd_submit.c - `./run submit`: a run is recorded, to be begun by a process that serves the store.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/job.h"
#include "cli/notice.h"
#include "cli/object.h"
#include "core/event.h"
#include "core/secrets.h"
#include "core/world.h"
#include "store/queue.h"

static const char *input_name(const Cli *cli, uint32_t i) {
    return cli->program->strings + cli->program->inputs[i].name;
}

static bool is_secret(const Cli *cli, uint32_t i) {
    return secrets_in_type(cli->program, cli->program->inputs[i].type);
}

/* What was given last for the input counts; NULL: nothing by --input. */
static const char *text_of(const Cli *cli, uint32_t i) {
    const char *text = NULL;
    for (const GivenInput *given = cli->given; given != NULL; given = given->next) {
        if (strcmp(given->name, input_name(cli, i)) == 0)
            text = given->text;
    }
    return text;
}

/* The record never holds a secret: only the file may be named that it will be read from. */
static bool secrets_have_files(Cli *cli) {
    bool good = true;
    for (uint32_t i = 0; i < cli->program->ninputs; i++) {
        const char *text = is_secret(cli, i) ? text_of(cli, i) : NULL;
        bool other = is_secret(cli, i) && text == NULL && cli->came[i];
        if ((text == NULL || text[0] == '@') && !other)
            continue;
        cli_complain(
            cli,
            "input `%s` is a secret, which is not kept until the run begins; name the file "
            "that it is read from then: --input %s=@FILE",
            input_name(cli, i), input_name(cli, i));
        good = false;
    }
    return good;
}

static dag_value file_value(Cli *cli, const char *path) {
    const ExprWorld *world = world_system();
    Object o = object_new(&cli->arena, 1);
    object_text(&o, SECRET_FILE, world->absolute(world->self, &cli->arena, path));
    return object_value(&o);
}

/* A secret that has a default is found out when the run begins. */
static const char *inputs_json(Cli *cli, const dag_value *values) {
    Object o = object_new(&cli->arena, cli->program->ninputs);
    for (uint32_t i = 0; i < cli->program->ninputs; i++) {
        const char *file = is_secret(cli, i) ? text_of(cli, i) : NULL;
        if (file != NULL)
            object_put(&o, input_name(cli, i), file_value(cli, file + 1));
        else if (!is_secret(cli, i))
            object_put(&o, input_name(cli, i), values[i]);
    }
    return value_to_json(&cli->arena, object_value(&o));
}

static void print(const Job *job) {
    Object o = object_new(&job->cli->arena, 2);
    object_text(&o, "run", job->id);
    object_text(&o, "status", dag_state_name(DAG_QUEUED));
    if (job->cli->json)
        printf("%s\n", value_to_json(&job->cli->arena, object_value(&o)));
    else
        printf("%s\n", job->id);
}

static int submit(Job *job) {
    Cli *cli = job->cli;
    if (job_root(cli) == NULL) {
        cli_complain(cli, "--state :memory: keeps no runs");
        return EXIT_USAGE;
    }
    if (!job_inputs(job) || !secrets_have_files(cli))
        return EXIT_USAGE;
    if (!job_tally(job) || !job_state(job))
        return EXIT_CRASHED;
    Clock clock = clock_system();
    StoreRun run = { .id = job->id, .program = cli->program, .started = clock.now(clock.self) };
    dag_error error = { 0 };
    if (!store_queue_add(job->store, &run, inputs_json(cli, job->inputs), &error))
        return job_complain(cli, error.message), EXIT_CRASHED;
    notice_give(job->root);
    print(job);
    return EXIT_COMPLETED;
}

int command_submit(Cli *cli) {
    Job job = { .cli = cli };
    int code = submit(&job);
    job_free(&job);
    return code;
}
