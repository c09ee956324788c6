/*
 * cmd_control.c - `./run pause RUN`, `./run cancel RUN`: from another terminal. The process that
 * works on the run is told by a signal, and hears it at once. A run that is queued has no process: it
 * is ended here.
 */
#include "cli/command.h"
#include "cli/job.h"
#include "cli/records.h"
#include "store/queue.h"
#include "store/runlock.h"

/* With its lock nobody else begins it. */
static int cancel_queued(Cli *cli, const char *id) {
    Job job = { .cli = cli };
    const dag_error none = { NULL, NULL };
    dag_error error = { 0 };
    int code = EXIT_COMPLETED;
    if (!job_state(&job))
        return EXIT_CRASHED;
    if (!store_sqlite_hold(job.store, id, &error))
        code = EXIT_USAGE; /* it is just being begun */
    else if (!store_queue_end(job.store, id, DAG_CANCELLED, "cancelled", &none, &error))
        code = EXIT_CRASHED;
    if (code != EXIT_COMPLETED)
        job_complain(cli, error.message);
    else if (!cli->quiet)
        fprintf(stderr, "run %s is cancelled\n", id);
    job_free(&job);
    return code;
}

static int refuse_pause(Cli *cli, const char *id) {
    cli_complain(cli, "run %s is queued: there is nothing to pause", id);
    return EXIT_USAGE;
}

static int ask(Cli *cli, const char *root, const char *id, RunRequest request) {
    char reason[512];
    if (!runlock_request(root, id, request, reason, sizeof reason)) {
        cli_complain(cli, "%s", reason);
        return EXIT_USAGE;
    }
    if (!cli->quiet)
        fprintf(stderr, "run %s %s\n", id,
                request == RUN_CANCEL ? "is being cancelled"
                                      : "pauses as soon as its running tasks have finished");
    return EXIT_COMPLETED;
}

static int control(Cli *cli, RunRequest request) {
    Records records;
    const char *id;
    dag_error error = { 0 };
    bool queued = false;
    int code = records_open(&records, cli);
    if (code == EXIT_COMPLETED)
        code = records_find(&records, cli->words[0], &id);
    if (code == EXIT_COMPLETED)
        code = records_refuse_part(id);
    if (code == EXIT_COMPLETED &&
        !store_is_queued(records.reader, &cli->arena, id, &queued, &error))
        code = records_refuse(&error);
    records_close(&records);
    if (code != EXIT_COMPLETED)
        return code;
    if (queued && !runlock_held(records.root, id))
        return request == RUN_CANCEL ? cancel_queued(cli, id) : refuse_pause(cli, id);
    return ask(cli, records.root, id, request);
}

int command_pause(Cli *cli) {
    return control(cli, RUN_PAUSE);
}

int command_cancel(Cli *cli) {
    return control(cli, RUN_CANCEL);
}
