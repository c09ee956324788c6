/*
 * provenance_openlineage.c - lineage as OpenLineage run events (spec 2-0-2), as JSON lines: one at the
 * start and one at the end of the run and of each of its tasks.
 */
#include "cli/lineage.h"
#include "cli/object.h"
#include "cli/record_document.h"
#include "cli/records.h"
#include "core/digest.h"

#define PRODUCER "urn:dagcc"
#define FACET "https://openlineage.io/spec/facets/"
#define SCHEMA "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"

/* A UUID (version 8: by our own rule) out of names: the same for the same task. */
static const char *uuid(Arena *arena, const char *run, const char *task) {
    char hex[DIGEST_TEXT] = "00000000000000000000000000000000";
    Digester *digester = digester_new();
    if (digester != NULL) {
        digest_text(digester, run, strlen(run));
        digest_text(digester, task, strlen(task));
        digest_hex(digester_result(digester), hex);
        digester_free(digester);
    }
    return arena_printf(arena, "%.8s-%.4s-8%.3s-8%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17,
                        hex + 20);
}

typedef struct List {
    dag_value *items;
    size_t n, room;
} List;

static void list_add(const Lineage *l, List *list, dag_value value) {
    if (list->n == list->room) {
        size_t room = list->room * 2 + 4;
        list->items = arena_grow(&l->cli->arena, list->items, list->n * sizeof *list->items,
                                 room * sizeof *list->items);
        list->room = room;
    }
    list->items[list->n++] = value;
}

static dag_value dataset(Arena *arena, const char *name_space, const char *name) {
    Object o = object_new(arena, 2);
    object_text(&o, "namespace", name_space);
    object_text(&o, "name", name);
    return object_value(&o);
}

/* A file is a data set of its own; any other value one of the run. */
static dag_value artifact_set(const Lineage *l, const char *name, dag_value value) {
    Arena *arena = &l->cli->arena;
    if (lineage_is_path(value))
        return dataset(arena, "file", value.u.text);
    return dataset(arena,
                   arena_printf(arena, "dag://%s/%s", l->record->run.pipeline, l->record->run.id),
                   name);
}

/* The run's inputs that the stage mentions; DAG_NONE: all of them. */
static void add_run_inputs(const Lineage *l, uint32_t stage, List *sets) {
    const dag_program *program = l->program;
    const bool *uses = stage == DAG_NONE ? NULL : lineage_run_inputs(l, stage);
    dag_value inputs = recorded_value(&l->cli->arena, l->record->run.inputs);
    for (uint32_t i = 0; i < program->ninputs; i++) {
        const char *name = program->strings + program->inputs[i].name;
        const dag_value *value =
            inputs.kind == DAG_MAP ? value_field(inputs, name, strlen(name)) : NULL;
        if (value != NULL && (stage == DAG_NONE || (uses != NULL && uses[i])))
            list_add(l, sets,
                     artifact_set(l, arena_printf(&l->cli->arena, "input %s", name), *value));
    }
}

static dag_value input_sets(const Lineage *l, uint32_t task) {
    List sets = { 0 };
    for (size_t i = l->first[task]; i < l->first[task + 1]; i++) {
        const Link *link = &l->links[i];
        const char *port = l->record->edges[link->edge].from_port;
        list_add(l, &sets,
                 artifact_set(l, lineage_name(l, link->from, port, link->element),
                              lineage_value(l, link)));
    }
    add_run_inputs(l, l->record->tasks[task].stage, &sets);
    return value_list(sets.items, sets.n);
}

static dag_value output_sets(const Lineage *l, uint32_t task) {
    dag_value outputs = l->outputs[task];
    List sets = { 0 };
    for (uint32_t i = 0; outputs.kind == DAG_MAP && i < outputs.len; i++) {
        const char *port = outputs.u.entries[i].name.u.text;
        dag_value value = outputs.u.entries[i].value;
        bool stream =
            value.kind == DAG_LIST && lineage_is_stream(l, l->record->tasks[task].stage, port);
        for (uint32_t e = 0; stream && e < value.len; e++)
            list_add(l, &sets, artifact_set(l, lineage_name(l, task, port, e), value.u.items[e]));
        if (!stream)
            list_add(l, &sets, artifact_set(l, lineage_name(l, task, port, -1), value));
    }
    return value_list(sets.items, sets.n);
}

static dag_value result_sets(const Lineage *l) {
    dag_value outputs = recorded_value(&l->cli->arena, l->record->run.outputs);
    List sets = { 0 };
    for (uint32_t i = 0; outputs.kind == DAG_MAP && i < outputs.len; i++) {
        const dag_entry *entry = &outputs.u.entries[i];
        list_add(l, &sets,
                 artifact_set(l, arena_printf(&l->cli->arena, "output %s", entry->name.u.text),
                              entry->value));
    }
    return value_list(sets.items, sets.n);
}

static dag_value run_object(Arena *arena, const char *id) {
    Object o = object_new(arena, 1);
    object_text(&o, "runId", id);
    return object_value(&o);
}

static Object facet(Arena *arena, const char *schema) {
    Object o = object_new(arena, 4);
    object_text(&o, "_producer", PRODUCER);
    object_text(&o, "_schemaURL", schema);
    return o;
}

static void put_error(Object *facets, Arena *arena, const dag_error *error) {
    if (error->type == NULL)
        return;
    Object o = facet(arena, FACET "1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet");
    object_text(&o, "message",
                arena_printf(arena, "%s: %s", error->type,
                             error->message != NULL ? error->message : ""));
    object_text(&o, "programmingLanguage", "dag");
    object_put(facets, "errorMessage", object_value(&o));
}

/* The run that the task belongs to is its parent. */
static dag_value task_run(const Lineage *l, const char *name, const dag_error *error) {
    Arena *arena = &l->cli->arena;
    const StoreRunInfo *run = &l->record->run;
    Object parent = facet(arena, FACET "1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet");
    Object facets = object_new(arena, 2), o = object_new(arena, 2);
    object_put(&parent, "run", run_object(arena, uuid(arena, run->id, "")));
    object_put(&parent, "job", dataset(arena, "dag", run->pipeline));
    object_put(&facets, "parent", object_value(&parent));
    put_error(&facets, arena, error);
    object_text(&o, "runId", uuid(arena, run->id, name));
    object_put(&o, "facets", object_value(&facets));
    return object_value(&o);
}

static dag_value whole_run(const Lineage *l, const dag_error *error) {
    Arena *arena = &l->cli->arena;
    Object facets = object_new(arena, 1), o = object_new(arena, 2);
    put_error(&facets, arena, error);
    object_text(&o, "runId", uuid(arena, l->record->run.id, ""));
    if (facets.n > 0)
        object_put(&o, "facets", object_value(&facets));
    return object_value(&o);
}

static const char *event_type(dag_state state) {
    switch (state) {
    case DAG_COMPLETED:
    case DAG_CACHED: return "COMPLETE";
    case DAG_FAILED:
    case DAG_CRASHED: return "FAIL";
    case DAG_RUNNING: return "RUNNING";
    case DAG_CANCELLED: return "ABORT";
    case DAG_PENDING:
    case DAG_SKIPPED:
    case DAG_FILTERED:
    case DAG_QUEUED:
    case DAG_PAUSED:
    case DAG_NSTATES: break;
    }
    return "OTHER";
}

/* What both events of a task, or of the run, say. */
typedef struct Subject {
    const char *job;
    dag_value run, inputs, outputs;
} Subject;

static void print_event(const Lineage *l, const char *type, int64_t time, const Subject *subject,
                        FILE *out) {
    Arena *arena = &l->cli->arena;
    Object o = object_new(arena, 8);
    object_text(&o, "eventType", type);
    object_put(&o, "eventTime", time_value(arena, time));
    object_put(&o, "run", subject->run);
    object_put(&o, "job", dataset(arena, "dag", subject->job));
    object_put(&o, "inputs", subject->inputs);
    object_put(&o, "outputs", subject->outputs);
    object_text(&o, "producer", PRODUCER);
    object_text(&o, "schemaURL", SCHEMA);
    fprintf(out, "%s\n", value_to_json(arena, object_value(&o)));
}

static void print_pair(const Lineage *l, dag_state state, int64_t started, int64_t finished,
                       const Subject *subject, FILE *out) {
    Subject start = *subject;
    start.outputs = value_list(NULL, 0);
    print_event(l, "START", started, &start, out);
    print_event(l, event_type(state), finished != 0 ? finished : started, subject, out);
}

static void print_task(const Lineage *l, uint32_t task, FILE *out) {
    Arena *arena = &l->cli->arena;
    const StoreTask *t = &l->record->tasks[task];
    const char *slug = l->record->stages[t->stage].slug;
    const char *name = arena_printf(arena, "%s/%s", slug, t->key);
    int64_t created = l->record->run.created;
    Subject subject = { .job = arena_printf(arena, "%s.%s", l->record->run.pipeline, slug),
                        .run = task_run(l, name, &t->error),
                        .inputs = input_sets(l, task),
                        .outputs = output_sets(l, task) };
    int64_t ended = t->finished != 0 ? t->finished : created;
    print_pair(l, t->state, t->started != 0 ? t->started : ended, t->finished, &subject, out);
}

static void print_run(const Lineage *l, FILE *out) {
    const StoreRunInfo *run = &l->record->run;
    List inputs = { 0 };
    add_run_inputs(l, DAG_NONE, &inputs);
    Subject subject = { .job = run->pipeline,
                        .run = whole_run(l, &run->error),
                        .inputs = value_list(inputs.items, inputs.n),
                        .outputs = result_sets(l) };
    print_pair(l, run->state, run->created, run->finished, &subject, out);
}

void provenance_openlineage(const Lineage *l, FILE *out) {
    print_run(l, out);
    for (uint32_t i = 0; i < l->record->ntasks; i++) {
        if (l->marked[i])
            print_task(l, i, out);
    }
}
