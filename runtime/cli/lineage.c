/*
 * lineage.c - see lineage.h.
 */
#include "cli/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "cli/record_document.h"
#include "core/definition.h"
#include "pure/value.h"
#include "store/record_sources.h"

/* ---------------------------------------------------------------- building */

static void add_link(Lineage *l, uint32_t to, const RecordSource *source) {
    if (l->nlinks == l->room) {
        size_t room = l->room * 2 + 64;
        l->links = arena_grow(&l->cli->arena, l->links, l->nlinks * sizeof *l->links,
                              room * sizeof *l->links);
        l->room = room;
    }
    l->links[l->nlinks++] =
        (Link){ .from = source->from, .to = to, .edge = source->edge, .element = source->element };
}

static void add_links(Lineage *l, uint32_t to) {
    size_t n;
    const RecordSource *sources =
        record_sources(&l->cli->arena, l->record, &l->record->tasks[to], &n);
    for (size_t i = 0; i < n; i++)
        add_link(l, to, &sources[i]);
}

/* The program of that name among a program and those that it calls; NULL: there is none. */
static const dag_program *find_program(const dag_program *program, const char *name) {
    if (strcmp(program->strings + program->name, name) == 0)
        return program;
    for (uint32_t i = 0; i < program->nsubs; i++) {
        const dag_program *found = find_program(program->subs[i], name);
        if (found != NULL)
            return found;
    }
    return NULL;
}

void lineage_build(Lineage *l, Cli *cli, const StoreRecord *record) {
    size_t n = record->ntasks;
    *l = (Lineage){ .cli = cli, .record = record };
    l->program = find_program(cli->program, record->run.pipeline);
    if (l->program == NULL)
        l->program = cli->program;
    l->first = ARENA_ARRAY(&cli->arena, n + 1, size_t);
    l->inputs = ARENA_ARRAY(&cli->arena, n, dag_value);
    l->outputs = ARENA_ARRAY(&cli->arena, n, dag_value);
    l->marked = ARENA_ARRAY(&cli->arena, n, bool);
    l->run_inputs = ARENA_ARRAY(&cli->arena, record->nstages, const bool *);
    for (uint32_t i = 0; i < n; i++) {
        l->first[i] = l->nlinks;
        l->inputs[i] = recorded_value(&cli->arena, record->tasks[i].inputs);
        l->outputs[i] = recorded_value(&cli->arena, record->tasks[i].outputs);
        add_links(l, i);
    }
    l->first[n] = l->nlinks;
}

/* ---------------------------------------------------------------- looking */

static bool holds(dag_value value, const char *path) {
    bool found = value.kind == DAG_STRING && strcmp(value.u.text, path) == 0;
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len && !found; i++) {
        found = holds(value.u.items[i], path);
    }
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len && !found; i++) {
        found = holds(value.u.entries[i].value, path);
    }
    return found;
}

/* A file that a task only hands on is made by the first one, up the links. */
static uint32_t origin_of(const Lineage *l, uint32_t task, const char *path) {
    for (size_t i = l->first[task]; i < l->first[task + 1]; i++) {
        if (holds(lineage_value(l, &l->links[i]), path))
            return l->links[i].from;
    }
    return DAG_NONE;
}

uint32_t lineage_maker(const Lineage *l, const char *path, const char **port) {
    uint32_t found = DAG_NONE;
    for (uint32_t i = 0; i < l->record->ntasks && found == DAG_NONE; i++) {
        if (holds(l->outputs[i], path))
            found = i;
    }
    for (uint32_t up; found != DAG_NONE && (up = origin_of(l, found, path)) != DAG_NONE;)
        found = up;
    for (uint32_t i = 0; found != DAG_NONE && i < l->outputs[found].len; i++) {
        const dag_entry *entry = &l->outputs[found].u.entries[i];
        if (holds(entry->value, path))
            *port = entry->name.u.text;
    }
    return found;
}

static void mark_up(Lineage *l, uint32_t task, bool *seen) {
    if (seen[task])
        return;
    seen[task] = l->marked[task] = true;
    for (size_t i = l->first[task]; i < l->first[task + 1]; i++)
        mark_up(l, l->links[i].from, seen);
}

/* Passes over all links until nothing more is reached: as many as the path is long. */
static void mark_down(Lineage *l, bool *seen) {
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < l->nlinks; i++) {
            const Link *link = &l->links[i];
            if (!seen[link->from] || seen[link->to])
                continue;
            seen[link->to] = l->marked[link->to] = more = true;
        }
    }
}

void lineage_mark(Lineage *l, uint32_t task) {
    bool *up = ARENA_ARRAY(&l->cli->arena, l->record->ntasks, bool);
    bool *down = ARENA_ARRAY(&l->cli->arena, l->record->ntasks, bool);
    mark_up(l, task, up);
    down[task] = true;
    mark_down(l, down);
}

void lineage_mark_all(Lineage *l) {
    memset(l->marked, 1, l->record->ntasks * sizeof *l->marked);
}

dag_value lineage_value(const Lineage *l, const Link *link) {
    const char *port = l->record->edges[link->edge].from_port;
    const dag_value *value = value_field(l->outputs[link->from], port, strlen(port));
    if (value == NULL)
        return value_null();
    if (link->element < 0)
        return *value;
    bool there = value->kind == DAG_LIST && link->element < value->len;
    return there ? value->u.items[link->element] : value_null();
}

const char *lineage_name(const Lineage *l, uint32_t task, const char *port, int64_t element) {
    Arena *arena = &l->cli->arena;
    const StoreTask *t = &l->record->tasks[task];
    bool single = strcmp(t->key, "-") == 0;
    const char *name =
        arena_printf(arena, "%s%s%s%s.%s", l->record->stages[t->stage].slug, single ? "" : "[",
                     single ? "" : t->key, single ? "" : "]", port);
    return element < 0 ? name : arena_printf(arena, "%s[%lld]", name, (long long)element);
}

bool lineage_is_path(dag_value value) {
    return value.kind == DAG_STRING && value.u.text[0] == '/';
}

bool lineage_is_stream(const Lineage *l, uint32_t stage, const char *port) {
    for (uint32_t i = 0; i < l->record->nedges; i++) {
        const StoreEdge *e = &l->record->edges[i];
        if (e->from_stage == stage && strcmp(e->from_port, port) == 0)
            return e->stream;
    }
    return false;
}

/* By the program at hand, if it has the edge still; else by the reference in the output. */
const char *lineage_result(const Lineage *l, uint32_t edge) {
    const dag_program *program = l->program;
    const StoreEdge *e = &l->record->edges[edge];
    for (uint32_t i = 0; edge < program->nedges && i < program->noutputs; i++) {
        const dag_output *output = &program->outputs[i];
        uint32_t to = program->edges[edge].to;
        const char *port = program->strings + program->ports[to].name;
        if (to >= output->in && to < output->in + output->nin && strcmp(port, e->to_port) == 0)
            return program->strings + output->name;
    }
    return e->to_port;
}

/* ---------------------------------------------------------------- inputs of the run */

/* Marks the run's inputs that ports of the stage are bound to. */
static void bound_inputs(const dag_program *program, const dag_stage *stage, bool *inputs) {
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        expr_run_inputs(program, program->ports[i].value, inputs);
    }
}

static const bool *find_uses(const Lineage *l, const char *slug) {
    const dag_program *program = l->program;
    for (uint32_t i = 0; i < program->nstages; i++) {
        if (strcmp(program->strings + program->stages[i].slug, slug) != 0)
            continue;
        StageUses uses = { .run_inputs = ARENA_ARRAY(&l->cli->arena, program->ninputs + 1, bool) };
        stage_uses(program, i, &uses);
        bound_inputs(program, &program->stages[i], uses.run_inputs);
        return uses.run_inputs;
    }
    return NULL;
}

const bool *lineage_run_inputs(const Lineage *l, uint32_t stage) {
    if (l->run_inputs[stage] == NULL)
        l->run_inputs[stage] = find_uses(l, l->record->stages[stage].slug);
    return l->run_inputs[stage];
}
