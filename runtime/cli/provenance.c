/*
 * provenance.c - `./run show RUN --provenance FILE`: the lineage of a file for people, from the task
 * that made it up to the run's inputs and down to the pipeline's outputs.
 */
#include "cli/provenance.h"

#include <string.h>

#include "cli/lineage.h"
#include "cli/record_document.h"
#include "core/world.h"
#include "pure/value.h"

enum { DEEPEST = 100, MOST = 20 }; /* levels, branches of one level that are printed */

static const char *show(const Lineage *l, dag_value value) {
    const char *text = value_show(&l->cli->arena, value);
    bool gone = value.kind == DAG_STRING && recorded_is_gone(l->record, value.u.text);
    return gone ? arena_printf(&l->cli->arena, "%s (temporary, deleted after use)", text) : text;
}

static void indent(int depth) {
    printf("%*s", depth * 2, "");
}

/* ---------------------------------------------------------------- up */

/* The run's inputs that the stage mentions. */
static void print_inputs(const Lineage *l, uint32_t task, int depth) {
    const dag_program *program = l->program;
    const bool *uses = lineage_run_inputs(l, l->record->tasks[task].stage);
    dag_value given = recorded_value(&l->cli->arena, l->record->run.inputs);
    for (uint32_t k = 0; uses != NULL && k < program->ninputs; k++) {
        const char *name = program->strings + program->inputs[k].name;
        const dag_value *value =
            given.kind == DAG_MAP ? value_field(given, name, strlen(name)) : NULL;
        if (!uses[k] || value == NULL)
            continue;
        indent(depth);
        printf("input %s = %s\n", name, show(l, *value));
    }
}

static void print_up(const Lineage *l, uint32_t task, int depth) {
    size_t n = l->first[task + 1] - l->first[task];
    print_inputs(l, task, depth);
    if (depth > DEEPEST)
        return;
    for (size_t i = 0; i < n && i < MOST; i++) {
        const Link *link = &l->links[l->first[task] + i];
        const char *port = l->record->edges[link->edge].from_port;
        indent(depth);
        printf("%s = %s\n", lineage_name(l, link->from, port, link->element),
               show(l, lineage_value(l, link)));
        print_up(l, link->from, depth + 1);
    }
    if (n <= MOST)
        return;
    indent(depth);
    printf("and %zu more\n", n - MOST);
}

/* ---------------------------------------------------------------- down */

static void print_results(const Lineage *l, uint32_t stage, int depth) {
    for (uint32_t i = 0; i < l->record->nedges; i++) {
        const StoreEdge *edge = &l->record->edges[i];
        if (edge->from_stage != stage || edge->to_stage != DAG_NONE)
            continue;
        indent(depth);
        printf("result of the pipeline: %s\n", lineage_result(l, i));
    }
}

static void print_down(const Lineage *l, uint32_t task, int depth) {
    size_t n = 0;
    print_results(l, l->record->tasks[task].stage, depth);
    for (size_t i = 0; i < l->nlinks && depth <= DEEPEST; i++) {
        const Link *link = &l->links[i];
        if (link->from != task || n++ >= MOST)
            continue;
        const StoreTask *to = &l->record->tasks[link->to];
        indent(depth);
        printf("%s [%s] %s, as its input %s\n", l->record->stages[to->stage].slug, to->key,
               dag_state_name(to->state), l->record->edges[link->edge].to_port);
        print_down(l, link->to, depth + 1);
    }
    if (n > MOST) {
        indent(depth);
        printf("and %zu more\n", n - MOST);
    }
}

/* ---------------------------------------------------------------- */

static void print_text(const Lineage *l, const char *path, uint32_t task, const char *port) {
    const StoreTask *t = &l->record->tasks[task];
    printf("%s%s\n", path,
           recorded_is_gone(l->record, path) ? " (temporary, deleted after use)" : "");
    printf("made as %s in run %s%s%s\n", lineage_name(l, task, port, -1), l->record->run.id,
           t->state == DAG_CACHED ? ", taken from the cache: " : "",
           t->state == DAG_CACHED && t->reason != NULL ? t->reason : "");
    puts("from");
    print_up(l, task, 1);
    puts("into");
    print_down(l, task, 1);
}

static const struct {
    const char *name;
    void (*write)(const Lineage *l, FILE *out); /* NULL: as text, of one file only */
} formats[] = {
    { "text", NULL },
    { "prov", provenance_prov },
    { "openlineage", provenance_openlineage },
};

const char *provenance_format(size_t i) {
    return i < sizeof formats / sizeof *formats ? formats[i].name : NULL;
}

static int export_as(Lineage *l, const char *format) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].write == NULL || strcmp(format, formats[i].name) != 0)
            continue;
        formats[i].write(l, stdout);
        return EXIT_COMPLETED;
    }
    cli_complain(l->cli, "--format takes text, prov or openlineage, not `%s`", format);
    return EXIT_USAGE;
}

int provenance_print(Cli *cli, const StoreRecord *record) {
    Lineage lineage;
    const char *format = cli->format == NULL ? "text" : cli->format, *port = "";
    const ExprWorld *world = world_system();
    lineage_build(&lineage, cli, record);
    if (cli->provenance == NULL) {
        lineage_mark_all(&lineage);
        return export_as(&lineage, format);
    }
    const char *path = world->absolute(world->self, &cli->arena, cli->provenance);
    uint32_t task = lineage_maker(&lineage, path, &port);
    if (task == DAG_NONE) {
        cli_complain(cli, "no task of run %s has made %s", record->run.id, path);
        return EXIT_USAGE;
    }
    lineage_mark(&lineage, task);
    if (strcmp(format, "text") != 0)
        return export_as(&lineage, format);
    print_text(&lineage, path, task, port);
    return EXIT_COMPLETED;
}
