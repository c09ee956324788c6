/*
 * provenance_prov.c - lineage as PROV-JSON (W3C member submission, 2013).
 *
 * Entities are artifacts, the run's inputs and outputs, and stages as plans; activities are tasks;
 * the agent is dagcc. Names are URIs below the run: "run:work/3" is a task, "run:work/3/f" its output
 * f, "run:nums/-/n/2" an element of a stream, "run:inputs/word", "run:outputs/text", "run:plan/work".
 */
#include "cli/lineage.h"
#include "cli/object.h"
#include "cli/record_document.h"
#include "cli/records.h"
#include "pure/text.h"

/* What has many elements and many sources has no derivation for each pair: used and wasGeneratedBy
 * say the same. */
enum { MOST_PAIRS = 100000 };

typedef enum Part { ENTITY, ACTIVITY, AGENT, GENERATED, USED, DERIVED, ASSOCIATED, NPARTS } Part;

static const char *const part_names[NPARTS] = { "entity",           "activity", "agent",
                                                "wasGeneratedBy",   "used",     "wasDerivedFrom",
                                                "wasAssociatedWith" };

typedef struct Prov {
    const Lineage *l;
    Arena *arena;
    Object parts[NPARTS];
    const char **made; /* entities of the task at hand */
    size_t nmade, room;
} Prov;

/* ---------------------------------------------------------------- names */

/* A part of a name: what may not stand in a URI's path is written %XX. */
static const char *quoted(Arena *arena, const char *text) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~-";
    TextBuffer out = { .arena = arena };
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (strchr(plain, c) != NULL) {
            buffer_char(&out, (char)c);
        } else {
            buffer_char(&out, '%');
            buffer_char(&out, "0123456789ABCDEF"[c >> 4]);
            buffer_char(&out, "0123456789ABCDEF"[c & 15]);
        }
    }
    return buffer_end(&out);
}

static const char *below(const Prov *p, const char *folder, const char *name) {
    return arena_printf(p->arena, "run:%s/%s", folder, quoted(p->arena, name));
}

static const char *activity_name(const Prov *p, uint32_t task) {
    const StoreTask *t = &p->l->record->tasks[task];
    return arena_printf(p->arena, "run:%s/%s", p->l->record->stages[t->stage].slug,
                        quoted(p->arena, t->key));
}

static const char *artifact_name(const Prov *p, uint32_t task, const char *port, int64_t element) {
    const char *name = arena_printf(p->arena, "%s/%s", activity_name(p, task), port);
    return element < 0 ? name : arena_printf(p->arena, "%s/%lld", name, (long long)element);
}

/* ---------------------------------------------------------------- parts of the document */

/* A relation gets a name of its own: "_:u12". */
static void relate(Prov *p, Part relation, char letter, const char *a, const char *a_name,
                   const char *b, const char *b_name) {
    Object o = object_new(p->arena, 2);
    object_text(&o, a, a_name);
    object_text(&o, b, b_name);
    object_put(&p->parts[relation], arena_printf(p->arena, "_:%c%zu", letter, p->parts[relation].n),
               object_value(&o));
}

static dag_value type_of(const Prov *p, const char *type) {
    Object o = object_new(p->arena, 2);
    object_text(&o, "$", type);
    object_text(&o, "type", "xsd:QName");
    return object_value(&o);
}

static void add_entity(Prov *p, const char *name, const char *label, dag_value value) {
    Object o = object_new(p->arena, 3);
    object_text(&o, "prov:label", label);
    object_text(&o, "prov:value", value_to_json(p->arena, value));
    if (lineage_is_path(value))
        object_text(&o, "prov:atLocation", arena_printf(p->arena, "file://%s", value.u.text));
    if (lineage_is_path(value) && recorded_is_gone(p->l->record, value.u.text))
        object_text(&o, "dag:deleted", "after use");
    object_put(&p->parts[ENTITY], name, object_value(&o));
}

static void derive(Prov *p, const char *made, const char *used) {
    relate(p, DERIVED, 'd', "prov:generatedEntity", made, "prov:usedEntity", used);
}

/* ---------------------------------------------------------------- tasks */

static void add_artifact(Prov *p, uint32_t task, const char *port, int64_t element,
                         dag_value value) {
    const char *name = artifact_name(p, task, port, element);
    add_entity(p, name, lineage_name(p->l, task, port, element), value);
    relate(p, GENERATED, 'g', "prov:entity", name, "prov:activity", activity_name(p, task));
    if (p->nmade == p->room) {
        size_t room = p->room * 2 + 16;
        p->made = arena_grow(p->arena, p->made, p->nmade * sizeof *p->made, room * sizeof *p->made);
        p->room = room;
    }
    p->made[p->nmade++] = name;
}

static void add_artifacts(Prov *p, uint32_t task) {
    const StoreTask *t = &p->l->record->tasks[task];
    dag_value outputs = p->l->outputs[task];
    p->nmade = 0;
    for (uint32_t i = 0; outputs.kind == DAG_MAP && i < outputs.len; i++) {
        const char *port = outputs.u.entries[i].name.u.text;
        dag_value value = outputs.u.entries[i].value;
        bool stream = value.kind == DAG_LIST && lineage_is_stream(p->l, t->stage, port);
        for (uint32_t e = 0; stream && e < value.len; e++)
            add_artifact(p, task, port, e, value.u.items[e]);
        if (!stream)
            add_artifact(p, task, port, -1, value);
    }
}

static void add_activity(Prov *p, uint32_t task) {
    const StoreTask *t = &p->l->record->tasks[task];
    const char *slug = p->l->record->stages[t->stage].slug;
    Object o = object_new(p->arena, 8);
    if (t->started != 0)
        object_put(&o, "prov:startTime", time_value(p->arena, t->started));
    if (t->finished != 0)
        object_put(&o, "prov:endTime", time_value(p->arena, t->finished));
    object_text(&o, "dag:state", dag_state_name(t->state));
    object_put(&o, "dag:attempts", value_int(DAG_INT, t->attempt));
    if (t->reason != NULL)
        object_text(&o, "dag:reason", t->reason);
    if (t->error.type != NULL)
        object_text(&o, "dag:error",
                    arena_printf(p->arena, "%s: %s", t->error.type,
                                 t->error.message ? t->error.message : ""));
    object_put(&p->parts[ACTIVITY], activity_name(p, task), object_value(&o));
    Object with = object_new(p->arena, 3);
    object_text(&with, "prov:activity", activity_name(p, task));
    object_text(&with, "prov:agent", "dag:dagcc");
    object_text(&with, "prov:plan", below(p, "plan", slug));
    object_put(&p->parts[ASSOCIATED], arena_printf(p->arena, "_:a%zu", p->parts[ASSOCIATED].n),
               object_value(&with));
}

/* The task's artifacts come from what it used. */
static void add_use(Prov *p, uint32_t task, const char *entity, size_t nused) {
    relate(p, USED, 'u', "prov:activity", activity_name(p, task), "prov:entity", entity);
    if (nused * p->nmade > MOST_PAIRS)
        return;
    for (size_t i = 0; i < p->nmade; i++)
        derive(p, p->made[i], entity);
}

static void add_uses(Prov *p, uint32_t task) {
    const Lineage *l = p->l;
    const dag_program *program = l->program;
    size_t nlinks = l->first[task + 1] - l->first[task];
    for (size_t i = l->first[task]; i < l->first[task + 1]; i++) {
        const Link *link = &l->links[i];
        if (l->marked[link->from])
            add_use(p, task,
                    artifact_name(p, link->from, l->record->edges[link->edge].from_port,
                                  link->element),
                    nlinks);
    }
    const bool *uses = lineage_run_inputs(l, l->record->tasks[task].stage);
    for (uint32_t i = 0; uses != NULL && i < program->ninputs; i++) {
        if (uses[i])
            add_use(p, task, below(p, "inputs", program->strings + program->inputs[i].name),
                    nlinks);
    }
}

static void add_task(Prov *p, uint32_t task) {
    add_activity(p, task);
    add_artifacts(p, task);
    add_uses(p, task);
}

/* ---------------------------------------------------------------- the run */

static void add_run_inputs(Prov *p) {
    dag_value inputs = recorded_value(p->arena, p->l->record->run.inputs);
    for (uint32_t i = 0; inputs.kind == DAG_MAP && i < inputs.len; i++) {
        const dag_entry *entry = &inputs.u.entries[i];
        add_entity(p, below(p, "inputs", entry->name.u.text),
                   arena_printf(p->arena, "input %s", entry->name.u.text), entry->value);
    }
}

/* What of a task an output of the pipeline is, or is made of. */
static void add_result(Prov *p, const StoreEdge *edge, const char *output, uint32_t task) {
    const char *port = edge->from_port;
    dag_value outputs = p->l->outputs[task];
    const dag_value *value =
        outputs.kind == DAG_MAP ? value_field(outputs, port, strlen(port)) : NULL;
    if (value == NULL)
        return;
    bool stream = edge->stream && value->kind == DAG_LIST;
    for (uint32_t e = 0; stream && e < value->len; e++)
        derive(p, output, artifact_name(p, task, port, e));
    if (!stream)
        derive(p, output, artifact_name(p, task, port, -1));
}

static void add_results(Prov *p, const StoreEdge *edge, const char *output) {
    for (uint32_t t = 0; t < p->l->record->ntasks; t++) {
        if (p->l->marked[t] && p->l->record->tasks[t].stage == edge->from_stage)
            add_result(p, edge, output, t);
    }
}

static void add_run_outputs(Prov *p) {
    const StoreRecord *record = p->l->record;
    dag_value outputs = recorded_value(p->arena, record->run.outputs);
    for (uint32_t k = 0; outputs.kind == DAG_MAP && k < outputs.len; k++) {
        const char *name = outputs.u.entries[k].name.u.text;
        size_t before = p->parts[DERIVED].n;
        for (uint32_t i = 0; i < record->nedges; i++) {
            const StoreEdge *edge = &record->edges[i];
            if (edge->to_stage == DAG_NONE && strcmp(lineage_result(p->l, i), name) == 0)
                add_results(p, edge, below(p, "outputs", name));
        }
        if (p->parts[DERIVED].n > before)
            add_entity(p, below(p, "outputs", name), arena_printf(p->arena, "output %s", name),
                       outputs.u.entries[k].value);
    }
}

static void add_plans(Prov *p) {
    const StoreRecord *record = p->l->record;
    bool *seen = ARENA_ARRAY(p->arena, record->nstages, bool);
    for (size_t i = 0; i < record->ntasks; i++) {
        uint32_t stage = record->tasks[i].stage;
        if (!p->l->marked[i] || seen[stage])
            continue;
        seen[stage] = true;
        Object o = object_new(p->arena, 3);
        object_put(&o, "prov:type", type_of(p, "prov:Plan"));
        object_text(&o, "prov:label",
                    arena_printf(p->arena, "stage %s of %s", record->stages[stage].slug,
                                 record->run.pipeline));
        if (record->stages[stage].digest != NULL)
            object_text(&o, "dag:digest", record->stages[stage].digest);
        object_put(&p->parts[ENTITY], below(p, "plan", record->stages[stage].slug),
                   object_value(&o));
    }
}

static void add_agent(Prov *p) {
    Object o = object_new(p->arena, 2);
    object_put(&o, "prov:type", type_of(p, "prov:SoftwareAgent"));
    object_text(&o, "prov:label", "dagcc");
    object_put(&p->parts[AGENT], "dag:dagcc", object_value(&o));
}

static dag_value prefixes(const Prov *p) {
    Object o = object_new(p->arena, 2);
    object_text(&o, "run",
                arena_printf(p->arena, "urn:dag:%s:", quoted(p->arena, p->l->record->run.id)));
    object_text(&o, "dag", "urn:dag:");
    return object_value(&o);
}

void provenance_prov(const Lineage *l, FILE *out) {
    Arena *arena = &l->cli->arena;
    Prov p = { .l = l, .arena = arena };
    Object document = object_new(arena, NPARTS + 1);
    for (int i = 0; i < NPARTS; i++)
        p.parts[i] = object_new(arena, 16);
    add_agent(&p);
    add_plans(&p);
    add_run_inputs(&p);
    for (uint32_t i = 0; i < l->record->ntasks; i++) {
        if (l->marked[i])
            add_task(&p, i);
    }
    add_run_outputs(&p);
    object_put(&document, "prefix", prefixes(&p));
    for (int i = 0; i < NPARTS; i++)
        object_put(&document, part_names[i], object_value(&p.parts[i]));
    fprintf(out, "%s\n", value_to_json(arena, object_value(&document)));
}
