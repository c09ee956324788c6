/*
 * run_inputs.c - what a run is given: the values of its inputs.
 */
#include <string.h>

#include "core/run.h"
#include "core/world.h"

/* ---------------------------------------------------------------- inputs */

static dag_value absolute(Arena *arena, dag_value value);

static dag_value absolute_list(Arena *arena, dag_value list) {
    dag_value *items = ARENA_ARRAY(arena, list.len, dag_value);
    for (uint32_t i = 0; i < list.len; i++) {
        items[i] = absolute(arena, list.u.items[i]);
    }
    return value_list(items, list.len);
}

static dag_value absolute_map(Arena *arena, dag_value map) {
    dag_entry *entries = ARENA_ARRAY(arena, map.len, dag_entry);
    for (uint32_t i = 0; i < map.len; i++) {
        entries[i].name = map.u.entries[i].name;
        entries[i].value = absolute(arena, map.u.entries[i].value);
    }
    return value_map(entries, map.len);
}

/* Bodies work in folders of their own: a path must mean the same everywhere. */
static dag_value absolute(Arena *arena, dag_value value) {
    const ExprWorld *world = world_system();
    const char *path;
    switch (value.kind) {
    case DAG_FILE:
    case DAG_DIR:
        path = world->absolute(world->self, arena, value.u.text);
        return value_text((dag_kind)value.kind, path, strlen(path));
    case DAG_LIST: return absolute_list(arena, value);
    case DAG_MAP: return absolute_map(arena, value);
    default: return value;
    }
}

/* What was not given is evaluated in order: a default may mention the inputs before it. */
static bool evaluate_default(dag_run *run, uint32_t i, dag_value *values, dag_error *error) {
    const dag_input *input = &run->program->inputs[i];
    ExprEnv env = { .run = values,
                    .specials = run->specials,
                    .world = world_system(),
                    .max_value = run->max_value,
                    .arena = &run->arena };
    if (input->value == DAG_NONE) {
        return true;
    }
    if (expr_eval(run->exprs, input->value, &env, &values[i], error) &&
        value_fit(&run->arena, run->program, input->type, FIT_INPUT, &values[i], error)) {
        return true;
    }
    error->message = arena_printf(&run->arena, "the default of input %s: %s",
                                  run->program->strings + input->name, error->message);
    return false;
}

static bool may_be_null(const dag_program *program, uint32_t type) {
    dag_kind kind = (dag_kind)program->types[type].kind;
    return kind == DAG_OPTIONAL || kind == DAG_JSON || kind == DAG_NULL;
}

/* Input i, null in `values` if it was not given. */
static bool settle_input(dag_run *run, uint32_t i, dag_value *values, dag_error *error) {
    const dag_program *program = run->program;
    if (values[i].kind == DAG_NULL && !evaluate_default(run, i, values, error)) {
        return false;
    }
    if (values[i].kind == DAG_NULL && !may_be_null(program, program->inputs[i].type)) {
        error->type = "type";
        error->message = arena_printf(&run->arena, "input %s is not given",
                                      program->strings + program->inputs[i].name);
        return false;
    }
    return true;
}

bool run_take_given(dag_run *run, dag_value *values, dag_error *error) {
    run->inputs = values;
    for (uint32_t i = 0; i < run->program->ninputs; i++) {
        bool given = values[i].kind != DAG_NULL;
        if (!settle_input(run, i, values, error)) {
            return false;
        }
        values[i] = given ? values[i] : absolute(&run->arena, values[i]);
    }
    return true;
}

bool run_take_inputs(dag_run *run, const dag_value *given, dag_error *error) {
    const dag_program *program = run->program;
    dag_value *values = ARENA_ARRAY(&run->arena, program->ninputs, dag_value);
    run->inputs = values;
    for (uint32_t i = 0; i < program->ninputs; i++) {
        values[i] = given ? value_copy(&run->arena, given[i]) : value_null();
        if (!settle_input(run, i, values, error)) {
            return false;
        }
        values[i] = absolute(&run->arena, values[i]);
    }
    return true;
}
