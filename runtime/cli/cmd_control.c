/*
 * cmd_control.c - `./run pause RUN`, `./run cancel RUN`: from another terminal. The process that
 * works on the run is told by a signal, and hears it at once.
 */
#include "cli/command.h"
#include "cli/records.h"
#include "store/runlock.h"

static int ask(Cli *cli, RunRequest request, const char *said) {
    Records records;
    const char *id;
    char reason[512];
    int code = records_open(&records, cli);
    if (code == EXIT_COMPLETED)
        code = records_find(&records, cli->words[0], &id);
    records_close(&records);
    if (code == EXIT_COMPLETED)
        code = records_refuse_part(id);
    if (code != EXIT_COMPLETED)
        return code;
    if (!runlock_request(records.root, id, request, reason, sizeof reason)) {
        cli_complain(cli, "%s", reason);
        return EXIT_USAGE;
    }
    if (!cli->quiet)
        fprintf(stderr, "run %s %s\n", id, said);
    return EXIT_COMPLETED;
}

int command_pause(Cli *cli) {
    return ask(cli, RUN_PAUSE, "pauses as soon as its running tasks have finished");
}

int command_cancel(Cli *cli) {
    return ask(cli, RUN_CANCEL, "is being cancelled");
}
