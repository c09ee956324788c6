/*
 * cmd_show.c - `./run show RUN [STAGE]`: a recorded run for people: its stages, or the tasks of one.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/provenance.h"
#include "cli/record_document.h"
#include "cli/records.h"
#include "cli/report.h"
#include "pure/nearest.h"

typedef struct View {
    Cli *cli;
    const StoreRecord *record;
    ChildRows children; /* runs of called pipelines */
    Style style;
} View;

static void print_state(const View *v, dag_state state) {
    printf("%s%s%s", style_state(&v->style, state), dag_state_name(state), v->style.off);
}

/* The first line in place, the further ones below. */
static void print_error(const dag_error *error, const char *indent) {
    const char *line = error->message;
    int n = (int)strcspn(line, "\n");
    printf("%s%s: %.*s\n", indent, error->type, n, line);
    for (line += n; *line == '\n'; line += n) {
        n = (int)strcspn(++line, "\n");
        if (n > 0)
            printf("%s  | %.*s\n", indent, n, line);
    }
}

/* ---------------------------------------------------------------- the run */

static void print_head(const View *v) {
    const StoreRunInfo *run = &v->record->run;
    Arena *arena = &v->cli->arena;
    printf("%s%s%s run %s ", v->style.bold, run->pipeline, v->style.off, run->id);
    print_state(v, run->state);
    printf(" in %s\n", duration_text(arena, run->duration));
    printf("  started  %s\n", time_text(arena, run->created));
    if (run->finished != 0)
        printf("  finished %s\n", time_text(arena, run->finished));
    if (run->origin != NULL)
        printf("  replay of %s\n", run->origin);
    if (run->reason != NULL)
        printf("  %s\n", run->reason);
    printf("  inputs   %s\n", run->inputs);
    if (run->outputs != NULL)
        printf("  outputs  %s\n", run->outputs);
}

static void print_stage(const View *v, const StoreStage *stage) {
    const char *comma = "  ";
    printf("  %-20s ", stage->slug);
    print_state(v, stage->state);
    printf("%*s", 10 - (int)strlen(dag_state_name(stage->state)), "");
    bool timed = stage->started != 0 && stage->ended >= stage->started;
    printf("%8s", timed ? duration_text(&v->cli->arena, stage->ended - stage->started) : "-");
    for (int state = DAG_PENDING; state <= DAG_FILTERED; state++) {
        if (stage->tasks[state] == 0)
            continue;
        printf("%s%u %s", comma, stage->tasks[state], dag_state_name((dag_state)state));
        comma = ", ";
    }
    ChildCounts below = child_rows_count(&v->children, v->record->run.id, stage->slug);
    puts(child_counts_text(&v->cli->arena, &below));
}

/* The task whose error is the run's: the first of its stage that went wrong. */
static const StoreTask *first_failed(const View *v, uint32_t stage) {
    const StoreTask *first = NULL;
    for (size_t i = 0; i < v->record->ntasks; i++) {
        const StoreTask *task = &v->record->tasks[i];
        bool bad =
            task->stage == stage && (task->state == DAG_FAILED || task->state == DAG_CRASHED);
        if (bad && (first == NULL || task->finished < first->finished))
            first = task;
    }
    return first;
}

static void print_run(const View *v) {
    const StoreRunInfo *run = &v->record->run;
    print_head(v);
    puts("stages");
    for (uint32_t i = 0; i < v->record->nstages; i++)
        print_stage(v, &v->record->stages[i]);
    if (run->error.type == NULL)
        return;
    bool placed = run->error_stage < v->record->nstages;
    const StoreTask *task = placed ? first_failed(v, run->error_stage) : NULL;
    printf("error%s%s", placed ? " in " : "",
           placed ? v->record->stages[run->error_stage].slug : "");
    printf(task != NULL && strcmp(task->key, "-") != 0 ? " [%s]\n" : "\n",
           task != NULL ? task->key : "");
    print_error(&run->error, "  ");
    if (task != NULL && task->inputs != NULL)
        printf("  inputs  %s\n", task->inputs);
}

/* ---------------------------------------------------------------- the tasks of a stage */

static void print_attempt(const View *v, const StoreAttempt *attempt) {
    printf("    attempt %u ", attempt->number);
    print_state(v, attempt->state);
    if (attempt->finished != 0) {
        printf(" in %s", duration_text(&v->cli->arena, attempt->finished - attempt->started));
    }
    if (attempt->exit_status >= 0)
        printf(", exit %d", attempt->exit_status);
    if (attempt->usage.max_rss >= 0)
        printf(", %.1f MB", (double)attempt->usage.max_rss / 1e6);
    if (attempt->dir != NULL)
        printf("  %s", attempt->dir);
    putchar('\n');
    if (attempt->error.type != NULL)
        print_error(&attempt->error, "      ");
}

/* The runs that the task has called itself. */
static void print_children(const View *v, const StoreTask *task) {
    const char *slug = v->record->stages[task->stage].slug;
    for (size_t i = 0; i < v->children.n; i++) {
        const ChildRow *row = &v->children.rows[i];
        if (row->stage == NULL || strcmp(row->stage, slug) != 0 ||
            strcmp(row->key, task->key) != 0 || strcmp(row->parent, v->record->run.id) != 0)
            continue;
        printf("    run %s ", row->run);
        print_state(v, row->state);
        printf(" in %s\n", duration_text(&v->cli->arena, row->ended - row->started));
        if (row->error.type != NULL)
            print_error(&row->error, "      ");
    }
}

static void print_gone(const View *v, const StoreTask *task) {
    dag_value gone = recorded_gone(&v->cli->arena, v->record, task->outputs);
    for (uint32_t i = 0; i < gone.len; i++)
        printf("    deleted %s (temporary, after use)\n", gone.u.items[i].u.text);
}

static void print_task(const View *v, const StoreTask *task) {
    printf("%s [%s] ", v->record->stages[task->stage].slug, task->key);
    print_state(v, task->state);
    if (task->started != 0)
        printf("  %s", time_text(&v->cli->arena, task->started));
    if (task->reason != NULL)
        printf("  (%s)", task->reason);
    putchar('\n');
    if (task->inputs != NULL)
        printf("    inputs  %s\n", task->inputs);
    if (task->outputs != NULL)
        printf("    outputs %s\n", task->outputs);
    print_gone(v, task);
    for (const StoreAttempt *a = task->attempts; a != NULL; a = a->next)
        print_attempt(v, a);
    print_children(v, task);
}

static void print_tasks(const View *v, uint32_t stage) {
    for (size_t i = 0; i < v->record->ntasks; i++) {
        if (v->record->tasks[i].stage == stage)
            print_task(v, &v->record->tasks[i]);
    }
}

/* ---------------------------------------------------------------- */

int record_find_stage(Cli *cli, const StoreRecord *record, const char *slug, uint32_t *stage) {
    Nearest nearest = nearest_to(slug);
    for (uint32_t i = 0; i < record->nstages; i++) {
        *stage = i;
        if (strcmp(record->stages[i].slug, slug) == 0)
            return EXIT_COMPLETED;
        nearest_offer(&nearest, record->stages[i].slug);
    }
    if (nearest.best != NULL) {
        cli_complain(cli, "the run has no stage `%s`; did you mean `%s`?", slug, nearest.best);
    } else {
        cli_complain(cli, "the run has no stage `%s`", slug);
    }
    return EXIT_USAGE;
}

static int show(Cli *cli, const StoreRecord *record, ChildRows children) {
    View v = { .cli = cli,
               .record = record,
               .children = children,
               .style = style_for(cli->color_choice, stdout) };
    uint32_t stage = DAG_NONE;
    if (cli->nwords > 1) {
        int code = record_find_stage(cli, record, cli->words[1], &stage);
        if (code != EXIT_COMPLETED)
            return code;
    }
    if (cli->provenance != NULL || cli->format != NULL)
        return provenance_print(cli, record);
    if (cli->json) {
        printf("%s\n", value_to_json(&cli->arena,
                                     record_document(&cli->arena, record, stage, &v.children)));
    } else if (stage != DAG_NONE) {
        print_tasks(&v, stage);
    } else {
        print_run(&v);
    }
    return EXIT_COMPLETED;
}

/* The file says which run it is of, if it stands in a run's folder. */
static const char *run_of_file(Cli *cli) {
    const char *at = cli->provenance == NULL ? NULL : strstr(cli->provenance, "/work/");
    return at == NULL ? "last" : arena_text(&cli->arena, at + 6, strcspn(at + 6, "/"));
}

static int load_children(Records *records, const StoreRecord *record, ChildRows *rows) {
    Arena *arena = &records->cli->arena;
    StoreChildRun *children;
    size_t n;
    dag_error error = { 0 };
    if (!store_read_children(records->reader, arena, record->run.id, &children, &n, &error))
        return records_refuse(&error);
    *rows = child_rows_recorded(arena, records->cli->program, children, n);
    return EXIT_COMPLETED;
}

int command_show(Cli *cli) {
    Records records;
    StoreRecord record;
    ChildRows children;
    int code = records_open(&records, cli);
    const char *name = cli->nwords > 0 ? cli->words[0] : run_of_file(cli);
    if (code == EXIT_COMPLETED)
        code = records_load(&records, name, &record);
    if (code == EXIT_COMPLETED && cli->report_file != NULL) {
        code = report_write(&records, &record);
        records_close(&records);
        return code;
    }
    if (code == EXIT_COMPLETED)
        code = load_children(&records, &record, &children);
    if (code == EXIT_COMPLETED)
        code = show(cli, &record, children);
    records_close(&records);
    return code;
}
