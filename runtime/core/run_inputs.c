/*
 * run_inputs.c - what a run is given: the values of its inputs, the capacities of its resources.
 */
#include <string.h>
#include <unistd.h>

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

/* ---------------------------------------------------------------- capacities */

static int64_t machine_memory(void) {
    return (int64_t)sysconf(_SC_PHYS_PAGES) * (int64_t)sysconf(_SC_PAGESIZE);
}

/* What the machine has of a resource that nobody listed; -1: it knows nothing of that name. */
static int64_t machine_has(const char *name) {
    if (strcmp(name, "cpu") == 0) {
        return (int64_t)sysconf(_SC_NPROCESSORS_ONLN);
    }
    return strcmp(name, "memory") == 0 ? machine_memory() : -1;
}

static int64_t listed_by(const dag_program *program, const char *name) {
    for (uint32_t i = 0; i < program->ncapacity; i++) {
        const dag_resource *row = &program->resources[program->capacity + i];
        if (strcmp(program->strings + row->name, name) == 0) {
            return row->amount;
        }
    }
    int64_t has = -1;
    for (uint32_t i = 0; has < 0 && i < program->nsubs; i++) {
        has = listed_by(program->subs[i], name);
    }
    return has;
}

/* The capacity by the options, else by the program or, where it says nothing, by those that it
 * calls; -1: none lists it. */
static int64_t listed(const dag_program *program, const dag_options *options, const char *name) {
    for (size_t i = 0; i < options->nresources; i++) {
        if (strcmp(options->resource_names[i], name) == 0) {
            return options->resources[i].amount;
        }
    }
    return listed_by(program, name);
}

/* The most that a stage may ask for, on its last attempt. */
static int64_t largest(const dag_stage *stage, const dag_resource *row,
                       const dag_options *options) {
    uint32_t retries = options->retry >= 0 ? (uint32_t)options->retry : stage->retry;
    int64_t amount = row->amount;
    for (uint32_t i = 0; i < retries && row->grow > 1; i++) {
        if (__builtin_mul_overflow(amount, row->grow, &amount)) {
            return INT64_MAX;
        }
    }
    return amount;
}

static bool fail_resource(dag_run *run, const char *name, const char *why, dag_error *error) {
    error->type = "limit";
    error->message = arena_printf(&run->arena, "resource %s: %s", name, why);
    return false;
}

typedef struct Capacities {
    const dag_options *options;
    dag_resource *rows;
    size_t n;
} Capacities;

static dag_resource *find_row(const Capacities *all, dag_name name) {
    for (size_t i = 0; i < all->n; i++) {
        if (all->rows[i].name == name) {
            return &all->rows[i];
        }
    }
    return NULL;
}

/* One request of a stage. More than the machine has of what is not listed is asked for at most
 * alone, not refused: a pipeline made for a larger machine still runs. */
static bool take_request(dag_run *run, Capacities *all, const dag_stage *stage,
                         const dag_resource *request, dag_error *error) {
    const char *name = run->program->strings + request->name;
    int64_t most = largest(stage, request, all->options);
    int64_t has = listed(run->program, all->options, name);
    dag_resource *row = find_row(all, request->name);
    if (has >= 0 && most > has) {
        const char *slug = run->program->strings + stage->slug;
        return fail_resource(run, name,
                             arena_printf(&run->arena, "stage %s asks for %lld, there are %lld",
                                          slug, (long long)most, (long long)has),
                             error);
    }
    if (has < 0 && machine_has(name) < 0) {
        return fail_resource(run, name, "no capacity is listed; give one with --resources", error);
    }
    if (!row) {
        row = &all->rows[all->n++];
        *row = (dag_resource){ .name = request->name, .grow = 1 };
        row->amount = has >= 0 ? has : machine_has(name);
    }
    row->amount = has < 0 && most > row->amount ? most : row->amount;
    return true;
}

static size_t count_requests(const dag_program *program) {
    size_t n = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        n += program->stages[i].nresource;
    }
    for (uint32_t i = 0; i < program->nsubs; i++) {
        n += count_requests(program->subs[i]);
    }
    return n;
}

/* The requests of the program's stages and of those that it calls. A call itself holds nothing. */
static bool take_requests(dag_run *run, Capacities *all, const dag_program *program,
                          dag_error *error) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *stage = &program->stages[i];
        for (uint32_t k = 0; !is_call(stage) && k < stage->nresource; k++) {
            const dag_resource *request = &program->resources[stage->resource + k];
            if (!take_request(run, all, stage, request, error)) {
                return false;
            }
        }
    }
    for (uint32_t i = 0; i < program->nsubs; i++) {
        if (!take_requests(run, all, program->subs[i], error)) {
            return false;
        }
    }
    return true;
}

bool run_take_capacities(dag_run *run, const dag_options *options, const dag_resource **rows,
                         size_t *n, dag_error *error) {
    Capacities all = { .options = options };
    all.rows = ARENA_ARRAY(&run->arena, count_requests(run->program), dag_resource);
    if (!take_requests(run, &all, run->program, error)) {
        return false;
    }
    *rows = all.rows;
    *n = all.n;
    return true;
}
