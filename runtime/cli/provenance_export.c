/*
 * provenance_export.c - lineage as documents of others: PROV-JSON (W3C member submission, 2013) and
 * OpenLineage run events (spec 2-0-2), one per task, as JSON lines.
 */
#include "cli/lineage.h"
#include "cli/object.h"
#include "cli/record_document.h"
#include "cli/records.h"
#include "core/digest.h"

/* ---------------------------------------------------------------- PROV */

typedef struct Prov {
    const Lineage *l;
    Arena *arena;
    Object entities, activities, generated, used;
} Prov;

static const char *named(const Prov *p, const char *name) {
    return arena_printf(p->arena, "run:%s", name);
}

static const char *activity_name(const Prov *p, uint32_t task) {
    const StoreTask *t = &p->l->record->tasks[task];
    return arena_printf(p->arena, "run:%s/%s", p->l->record->stages[t->stage].slug, t->key);
}

/* The relation gets a name of its own: "_:u12". */
static void relate(Prov *p, Object *relation, char letter, const char *a, const char *a_name,
                   const char *b, const char *b_name) {
    Object o = object_new(p->arena, 2);
    object_text(&o, a, a_name);
    object_text(&o, b, b_name);
    object_put(relation, arena_printf(p->arena, "_:%c%zu", letter, relation->n), object_value(&o));
}

static void add_entity(Prov *p, uint32_t task, const char *port, int64_t element, dag_value value) {
    const char *name = named(p, lineage_name(p->l, task, port, element));
    Object o = object_new(p->arena, 2);
    object_text(&o, "prov:value", value_to_json(p->arena, value));
    if (lineage_is_path(value)) {
        object_text(&o, "prov:atLocation", arena_printf(p->arena, "file://%s", value.u.text));
    }
    object_put(&p->entities, name, object_value(&o));
    relate(p, &p->generated, 'g', "prov:entity", name, "prov:activity", activity_name(p, task));
}

static bool is_stream(const StoreRecord *record, uint32_t stage, const char *port) {
    for (uint32_t i = 0; i < record->nedges; i++) {
        const StoreEdge *e = &record->edges[i];
        if (e->from_stage == stage && strcmp(e->from_port, port) == 0)
            return e->stream;
    }
    return false;
}

static void add_activity(Prov *p, uint32_t task) {
    const StoreTask *t = &p->l->record->tasks[task];
    Object o = object_new(p->arena, 3);
    if (t->started != 0)
        object_put(&o, "prov:startTime", time_value(p->arena, t->started));
    if (t->finished != 0)
        object_put(&o, "prov:endTime", time_value(p->arena, t->finished));
    object_text(&o, "dag:state", dag_state_name(t->state));
    object_put(&p->activities, activity_name(p, task), object_value(&o));
    dag_value outputs = p->l->outputs[task];
    for (uint32_t i = 0; outputs.kind == DAG_MAP && i < outputs.len; i++) {
        const char *port = outputs.u.entries[i].name.u.text;
        dag_value value = outputs.u.entries[i].value;
        bool stream = value.kind == DAG_LIST && is_stream(p->l->record, t->stage, port);
        for (uint32_t e = 0; stream && e < value.len; e++) {
            add_entity(p, task, port, e, value.u.items[e]);
        }
        if (!stream)
            add_entity(p, task, port, -1, value);
    }
}

static void add_uses(Prov *p, const Link *link) {
    const char *port = p->l->record->edges[link->edge].from_port;
    if (!p->l->marked[link->from])
        return;
    relate(p, &p->used, 'u', "prov:activity", activity_name(p, link->to), "prov:entity",
           named(p, lineage_name(p->l, link->from, port, link->element)));
}

static void add_run_inputs(Prov *p) {
    dag_value inputs = recorded_value(p->arena, p->l->record->run.inputs);
    for (uint32_t i = 0; inputs.kind == DAG_MAP && i < inputs.len; i++) {
        const dag_entry *entry = &inputs.u.entries[i];
        Object o = object_new(p->arena, 2);
        object_text(&o, "prov:value", value_to_json(p->arena, entry->value));
        object_put(&p->entities, arena_printf(p->arena, "run:input/%s", entry->name.u.text),
                   object_value(&o));
    }
}

static dag_value prefixes(const Prov *p) {
    Object o = object_new(p->arena, 2);
    object_text(&o, "run", arena_printf(p->arena, "urn:dag:%s:", p->l->record->run.id));
    object_text(&o, "dag", "urn:dag:");
    return object_value(&o);
}

void provenance_prov(const Lineage *l, FILE *out) {
    Arena *arena = &l->cli->arena;
    Prov p = { .l = l, .arena = arena };
    Object *parts[] = { &p.entities, &p.activities, &p.generated, &p.used };
    static const char *const names[] = { "entity", "activity", "wasGeneratedBy", "used" };
    Object document = object_new(arena, 5);
    for (int i = 0; i < 4; i++)
        *parts[i] = object_new(arena, 16);
    add_run_inputs(&p);
    for (uint32_t i = 0; i < l->record->ntasks; i++) {
        if (l->marked[i])
            add_activity(&p, i);
    }
    for (size_t i = 0; i < l->nlinks; i++) {
        if (l->marked[l->links[i].to])
            add_uses(&p, &l->links[i]);
    }
    object_put(&document, "prefix", prefixes(&p));
    for (int i = 0; i < 4; i++)
        object_put(&document, names[i], object_value(parts[i]));
    fprintf(out, "%s\n", value_to_json(arena, object_value(&document)));
}

/* ---------------------------------------------------------------- OpenLineage */

#define PRODUCER "urn:dagcc"
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

static dag_value input_sets(const Lineage *l, uint32_t task) {
    size_t n = l->first[task + 1] - l->first[task];
    dag_value *sets = ARENA_ARRAY(&l->cli->arena, n, dag_value);
    for (size_t i = 0; i < n; i++) {
        const Link *link = &l->links[l->first[task] + i];
        const char *port = l->record->edges[link->edge].from_port;
        sets[i] = artifact_set(l, lineage_name(l, link->from, port, link->element),
                               lineage_value(l, link));
    }
    return value_list(sets, n);
}

static dag_value output_sets(const Lineage *l, uint32_t task) {
    Arena *arena = &l->cli->arena;
    dag_value outputs = l->outputs[task], *sets = NULL;
    size_t n = 0, room = 0;
    for (uint32_t i = 0; outputs.kind == DAG_MAP && i < outputs.len; i++) {
        const char *port = outputs.u.entries[i].name.u.text;
        dag_value value = outputs.u.entries[i].value;
        bool stream =
            value.kind == DAG_LIST && is_stream(l->record, l->record->tasks[task].stage, port);
        uint32_t count = stream ? value.len : 1;
        if (n + count > room) {
            size_t more = (n + count) * 2;
            sets = arena_grow(arena, sets, room * sizeof *sets, more * sizeof *sets);
            room = more;
        }
        for (uint32_t e = 0; e < count; e++) {
            const char *name = lineage_name(l, task, port, stream ? (int64_t)e : -1);
            sets[n++] = artifact_set(l, name, stream ? value.u.items[e] : value);
        }
    }
    return value_list(sets, n);
}

static dag_value run_object(Arena *arena, const char *id) {
    Object o = object_new(arena, 1);
    object_text(&o, "runId", id);
    return object_value(&o);
}

/* The run that the task belongs to, as the facet `parent`. */
static dag_value run_with_parent(const Lineage *l, const char *name) {
    Arena *arena = &l->cli->arena;
    const StoreRunInfo *run = &l->record->run;
    Object parent = object_new(arena, 4), facets = object_new(arena, 1), o = object_new(arena, 2);
    object_text(&parent, "_producer", PRODUCER);
    object_text(
        &parent, "_schemaURL",
        "https://openlineage.io/spec/facets/1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet");
    object_put(&parent, "run", run_object(arena, uuid(arena, run->id, "")));
    object_put(&parent, "job", dataset(arena, "dag", run->pipeline));
    object_put(&facets, "parent", object_value(&parent));
    object_text(&o, "runId", uuid(arena, run->id, name));
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

static void print_event(const Lineage *l, uint32_t task, FILE *out) {
    Arena *arena = &l->cli->arena;
    const StoreTask *t = &l->record->tasks[task];
    const char *slug = l->record->stages[t->stage].slug;
    const char *name = arena_printf(arena, "%s/%s", slug, t->key);
    const char *job = arena_printf(arena, "%s.%s", l->record->run.pipeline, slug);
    int64_t time = t->finished != 0 ? t->finished : t->started;
    Object o = object_new(arena, 8);
    object_text(&o, "eventType", event_type(t->state));
    object_put(&o, "eventTime", time_value(arena, time != 0 ? time : l->record->run.created));
    object_put(&o, "run", run_with_parent(l, name));
    object_put(&o, "job", dataset(arena, "dag", job));
    object_put(&o, "inputs", input_sets(l, task));
    object_put(&o, "outputs", output_sets(l, task));
    object_text(&o, "producer", PRODUCER);
    object_text(&o, "schemaURL", SCHEMA);
    fprintf(out, "%s\n", value_to_json(arena, object_value(&o)));
}

void provenance_openlineage(const Lineage *l, FILE *out) {
    for (uint32_t i = 0; i < l->record->ntasks; i++) {
        if (l->marked[i])
            print_event(l, i, out);
    }
}
