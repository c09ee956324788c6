/*
 * document.c - the run as one JSON document (--json): made as a value, printed by the value's JSON
 * form, so that there is one way in which values become JSON.
 */
#include <string.h>

#include "cli/cli.h"
#include "pure/value.h"

/* A map that is being filled. */
typedef struct Object {
    Arena *arena;
    dag_entry *entries;
    size_t n, size;
} Object;

static Object object(Arena *arena, size_t size) {
    return (Object){ .arena = arena, .entries = ARENA_ARRAY(arena, size, dag_entry), .size = size };
}

static dag_value text(const char *chars) {
    return chars == NULL ? value_null() : value_text(DAG_STRING, chars, strlen(chars));
}

static void put(Object *object, const char *name, dag_value value) {
    object->entries[object->n++] = (dag_entry){ .name = text(name), .value = value };
}

static dag_value done(const Object *object) {
    return value_map(object->entries, object->n);
}

static dag_value seconds(int64_t from, int64_t to) {
    return value_float(from == 0 || to < from ? 0.0 : (double)(to - from) / 1e9);
}

/* The states that a task or stage can end in, in the order of the document. */
static const dag_state ends[] = { DAG_COMPLETED, DAG_CACHED,  DAG_FAILED,  DAG_CRASHED,
                                  DAG_CANCELLED, DAG_SKIPPED, DAG_FILTERED };
enum { nends = sizeof ends / sizeof *ends };

static dag_value outputs_value(Arena *arena, const dag_program *program, const dag_run *run) {
    Object outputs = object(arena, program->noutputs);
    for (uint32_t i = 0; i < program->noutputs; i++) {
        const dag_value *value = dag_run_output(run, i);
        if (value != NULL)
            put(&outputs, program->strings + program->outputs[i].name, *value);
    }
    return done(&outputs);
}

static dag_value error_value(Arena *arena, const Tally *tally) {
    if (tally->error.type == NULL)
        return value_null();
    const dag_program *program = tally->program;
    Object error = object(arena, 4);
    put(&error, "stage",
        tally->error_stage == DAG_NONE
            ? value_null()
            : text(program->strings + program->stages[tally->error_stage].slug));
    put(&error, "key", text(tally->error_key));
    put(&error, "type", text(tally->error.type));
    put(&error, "message", text(tally->error.message));
    return done(&error);
}

static dag_value stage_value(Arena *arena, const StageTally *stage) {
    Object tasks = object(arena, nends);
    for (size_t i = 0; i < nends; i++) {
        put(&tasks, dag_state_name(ends[i]), value_int(DAG_INT, stage->tasks[ends[i]]));
    }
    Object value = object(arena, 3);
    put(&value, "state", text(dag_state_name(stage->state)));
    put(&value, "tasks", done(&tasks));
    put(&value, "duration", seconds(stage->started, stage->ended));
    return done(&value);
}

static dag_value stages_value(Arena *arena, const Tally *tally) {
    const dag_program *program = tally->program;
    Object stages = object(arena, program->nstages);
    for (uint32_t i = 0; i < program->nstages; i++) {
        put(&stages, program->strings + program->stages[i].slug,
            stage_value(arena, &tally->stages[i]));
    }
    return done(&stages);
}

static dag_value summary_value(Arena *arena, const Tally *tally) {
    Object summary = object(arena, nends + 2);
    uint64_t total = 0;
    for (size_t i = 0; i < nends; i++)
        total += tally_tasks(tally, ends[i]);
    put(&summary, "stages", value_int(DAG_INT, tally->program->nstages));
    put(&summary, "tasks", value_int(DAG_INT, (int64_t)total));
    for (size_t i = 0; i < nends; i++) {
        put(&summary, dag_state_name(ends[i]),
            value_int(DAG_INT, (int64_t)tally_tasks(tally, ends[i])));
    }
    return done(&summary);
}

void document_print(const Tally *tally, const dag_run *run, FILE *out) {
    const dag_program *program = tally->program;
    Arena arena = { 0 };
    Object document = object(&arena, 8);
    put(&document, "run", text(dag_run_name(run)));
    put(&document, "pipeline", text(program->strings + program->name));
    put(&document, "status", text(dag_state_name(tally->state)));
    put(&document, "duration", seconds(tally->started, tally->ended));
    put(&document, "outputs", outputs_value(&arena, program, run));
    put(&document, "error", error_value(&arena, tally));
    put(&document, "stages", stages_value(&arena, tally));
    put(&document, "summary", summary_value(&arena, tally));
    fprintf(out, "%s\n", value_to_json(&arena, done(&document)));
    arena_free(&arena);
}
