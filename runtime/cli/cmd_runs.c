/*
 * cmd_runs.c - `./run runs`: the list of runs, the newest first.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/object.h"
#include "cli/records.h"

static dag_value run_value(Arena *arena, const StoreRunInfo *run) {
    Object o = object_new(arena, 7);
    object_text(&o, "run", run->id);
    object_text(&o, "pipeline", run->pipeline);
    object_text(&o, "status", dag_state_name(run->state));
    object_put(&o, "started", time_value(arena, run->created));
    object_put(&o, "finished", time_value(arena, run->finished));
    object_put(&o, "duration", value_float((double)run->duration / 1e9));
    return object_value(&o);
}

static void print_json(Arena *arena, const StoreRunInfo *runs, size_t n) {
    dag_value *items = ARENA_ARRAY(arena, n, dag_value);
    for (size_t i = 0; i < n; i++)
        items[i] = run_value(arena, &runs[i]);
    Object o = object_new(arena, 1);
    object_put(&o, "runs", value_list(items, n));
    printf("%s\n", value_to_json(arena, object_value(&o)));
}

static void print_table(const Cli *cli, Arena *arena, const StoreRunInfo *runs, size_t n) {
    Style style = style_for(cli->color_choice, stdout);
    if (n == 0)
        printf("no runs in %s yet\n", cli->state_dir);
    for (size_t i = 0; i < n; i++) {
        const StoreRunInfo *run = &runs[i];
        printf("%s  %s  %s%-9s%s  %8s", run->id, time_text(arena, run->created),
               style_state(&style, run->state), dag_state_name(run->state), style.off,
               duration_text(arena, run->duration));
        if (run->error.type != NULL) {
            int line = (int)strcspn(run->error.message, "\n");
            printf("  %s: %.*s", run->error.type, line < 60 ? line : 60, run->error.message);
        }
        if (run->origin != NULL)
            printf("  (replay of %s)", run->origin);
        putchar('\n');
    }
}

int command_runs(Cli *cli) {
    Records records;
    StoreRunInfo *runs = NULL;
    size_t n = 0;
    dag_error error = { 0 };
    int code = records_open(&records, cli);
    if (code != EXIT_COMPLETED)
        return code;
    if (records.reader != NULL &&
        !store_read_runs(records.reader, &cli->arena, &runs, &n, &error)) {
        code = records_refuse(&error);
    } else if (cli->json) {
        print_json(&cli->arena, runs, n);
    } else {
        print_table(cli, &cli->arena, runs, n);
    }
    records_close(&records);
    return code;
}
