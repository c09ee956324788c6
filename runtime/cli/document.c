/*
 * document.c - the run as one JSON document (--json): made as a value, printed by the value's JSON
 * form, so that there is one way in which values become JSON.
 */
#include "cli/children.h"
#include "cli/document_parts.h"

static dag_value outputs_value(Arena *arena, const dag_program *program, const dag_run *run) {
    Object outputs = object_new(arena, program->noutputs);
    for (uint32_t i = 0; run != NULL && i < program->noutputs; i++) {
        const dag_value *value = dag_run_output(run, i);
        if (value != NULL)
            object_put(&outputs, program->strings + program->outputs[i].name, *value);
    }
    return object_value(&outputs);
}

static dag_value first_error(Arena *arena, const Tally *tally) {
    const dag_program *program = tally->program;
    uint32_t stage = tally->error_stage;
    return error_value(arena, &tally->error,
                       stage == DAG_NONE ? NULL : program->strings + program->stages[stage].slug,
                       tally->error_key);
}

static dag_value stages_value(Arena *arena, const Tally *tally) {
    const dag_program *program = tally->program;
    Object stages = object_new(arena, program->nstages);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *stage = &program->stages[i];
        const StageTally *run = &tally->stages[i];
        object_put(&stages, program->strings + stage->slug,
                   stage_value(arena, run->state, run->tasks,
                               seconds_value(run->started, run->ended),
                               stage->sub != DAG_NONE ? &run->children : NULL));
    }
    return object_value(&stages);
}

static dag_value counts_value(Arena *arena, const Tally *tally) {
    uint64_t counts[DAG_NSTATES];
    for (int state = 0; state < DAG_NSTATES; state++)
        counts[state] = tally_tasks(tally, (dag_state)state);
    Object o = summary_object(arena, tally->program->nstages, counts);
    ChildCounts children = tally_children(tally);
    if (tally->program->nsubs > 0)
        object_put(&o, "children", child_counts_value(arena, &children));
    return object_value(&o);
}

void document_print(const Tally *tally, const dag_run *run, uint64_t line, FILE *out) {
    const dag_program *program = tally->program;
    const ChildList *children = tally->children;
    Arena arena = { 0 };
    Object document = object_new(&arena, 10);
    object_text(&document, "run", run != NULL ? dag_run_name(run) : NULL);
    object_text(&document, "pipeline", program->strings + program->name);
    object_text(&document, "status", dag_state_name(tally->state));
    object_put(&document, "duration", seconds_value(tally->started, tally->ended));
    object_put(&document, "outputs", outputs_value(&arena, program, run));
    object_put(&document, "error", first_error(&arena, tally));
    object_put(&document, "stages", stages_value(&arena, tally));
    object_put(&document, "summary", counts_value(&arena, tally));
    if (program->nsubs > 0)
        object_put(&document, "children", children_value(&arena, children->rows, children->n));
    if (line > 0)
        object_put(&document, "line", value_int(DAG_INT, (int64_t)line));
    fprintf(out, "%s\n", value_to_json(&arena, object_value(&document)));
    arena_free(&arena);
}
