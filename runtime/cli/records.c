/*
 * records.c - see records.h.
 */
#include "cli/records.h"

#include <string.h>
#include <time.h>

#include "cli/job.h"
#include "pure/value.h"

int records_refuse(const dag_error *error) {
    fprintf(stderr, "error: %s\n", error->message != NULL ? error->message : "out of memory");
    return error->type != NULL && strcmp(error->type, "usage") == 0 ? EXIT_USAGE : EXIT_CRASHED;
}

int records_open(Records *records, Cli *cli) {
    dag_error error = { 0 };
    char reason[512];
    *records = (Records){ .cli = cli, .root = job_root(cli) };
    if (records->root == NULL) {
        cli_complain(cli, "--state :memory: keeps no runs");
        return EXIT_USAGE;
    }
    records->reader = store_reader_open(records->root, cli->program->strings + cli->program->name,
                                        reason, sizeof reason, &error);
    if (records->reader != NULL || error.type == NULL)
        return EXIT_COMPLETED;
    return records_refuse(&error);
}

int records_find(Records *records, const char *name, const char **id) {
    dag_error error = { 0 };
    if (records->reader == NULL) {
        cli_complain(records->cli, "there is no run in %s yet", records->cli->state_dir);
        return EXIT_USAGE;
    }
    *id = store_find_run(records->reader, &records->cli->arena, name, &error);
    return *id != NULL ? EXIT_COMPLETED : records_refuse(&error);
}

int records_load(Records *records, const char *name, StoreRecord *record) {
    dag_error error = { 0 };
    const char *id;
    int code = records_find(records, name, &id);
    if (code != EXIT_COMPLETED)
        return code;
    if (store_read_record(records->reader, &records->cli->arena, id, record, &error)) {
        return EXIT_COMPLETED;
    }
    return records_refuse(&error);
}

const char *records_task_inputs(Cli *cli, const char *run, const char *slug, const char *key) {
    dag_error error = { 0 };
    char reason[512];
    const char *root = job_root(cli), *inputs = NULL;
    StoreReader *reader = root == NULL
                              ? NULL
                              : store_reader_open(root, cli->program->strings + cli->program->name,
                                                  reason, sizeof reason, &error);
    if (reader != NULL) {
        inputs = store_read_task_inputs(reader, &cli->arena, run, slug, key);
        store_reader_free(reader);
    }
    return inputs;
}

int records_refuse_part(const char *id) {
    const char *slash = strchr(id, '/');
    if (slash == NULL)
        return EXIT_COMPLETED;
    fprintf(stderr, "error: %s is a part of run %.*s: name that one\n", id, (int)(slash - id), id);
    return EXIT_USAGE;
}

void records_close(Records *records) {
    store_reader_free(records->reader);
    records->reader = NULL;
}

dag_value time_value(Arena *arena, int64_t ns) {
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm parts;
    char text[32];
    if (ns == 0 || gmtime_r(&seconds, &parts) == NULL)
        return value_null();
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    const char *full = arena_printf(arena, "%s.%06dZ", text, (int)(ns % 1000000000 / 1000));
    return value_text(DAG_STRING, full, strlen(full));
}
