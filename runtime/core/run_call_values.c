/*
 * run_call_values.c - what the children of a call are given and named, and what their results make of
 * the task.
 */
#include <string.h>

#include "core/call.h"

/* ---------------------------------------------------------------- names */

static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* What a file can be named: a long key is known by its number. */
static const char *key_name(dag_value key, uint32_t element, Arena *arena) {
    enum { MOST = 100 };
    char text[3 * MOST + 1], *at = text;
    if (key.len > MOST || key.len == 0) {
        return arena_printf(arena, "%%n%u", element);
    }
    for (uint32_t i = 0; i < key.len; i++) {
        unsigned char c = (unsigned char)key.u.text[i];
        *at++ = is_plain((char)c) ? (char)c : '%';
        if (!is_plain((char)c)) {
            *at++ = "0123456789ABCDEF"[c >> 4];
            *at++ = "0123456789ABCDEF"[c & 15];
        }
    }
    return arena_text(arena, text, (size_t)(at - text));
}

const char *call_element_name(const dag_value *over, uint32_t element, Arena *arena) {
    if (!over) {
        return "";
    }
    return over->kind == DAG_MAP ? key_name(over->u.entries[element].name, element, arena)
                                 : arena_printf(arena, "%u", element);
}

/* ---------------------------------------------------------------- what goes in and out */

/* The port of that name among `n` from `first`: its number, or DAG_NONE. */
static uint32_t find_port(const dag_program *program, uint32_t first, uint32_t n,
                          const char *name) {
    for (uint32_t i = 0; i < n; i++) {
        const dag_port *port = &program->ports[first + i];
        if (strcmp(program->strings + port->name, name) == 0 &&
            (port->flags & DAG_PORT_HIDDEN) == 0) {
            return i;
        }
    }
    return DAG_NONE;
}

static uint32_t find_output(const dag_program *program, const char *name) {
    for (uint32_t i = 0; i < program->noutputs; i++) {
        if (strcmp(program->strings + program->outputs[i].name, name) == 0) {
            return i;
        }
    }
    return DAG_NONE;
}

/* A value as the input of the called program. */
static bool give(Arena *arena, const dag_program *called, uint32_t i, dag_value *value,
                 dag_error *error) {
    const dag_input *input = &called->inputs[i];
    if (value->kind == DAG_NULL || value_fit(arena, called, input->type, FIT_JSON, value, error)) {
        return true;
    }
    error->message =
        arena_printf(arena, "input %s: %s", called->strings + input->name, error->message);
    return false;
}

bool call_given(Arena *arena, const dag_program *caller, const dag_stage *stage,
                const dag_value *inputs, dag_value *given, uint32_t *mapped, dag_error *error) {
    const dag_program *called = caller->subs[stage->sub];
    for (uint32_t i = 0; i < called->ninputs; i++) {
        const char *name = called->strings + called->inputs[i].name;
        uint32_t from = find_port(caller, stage->in, stage->nin, name);
        given[i] = value_null();
        if (stage->body == DAG_BODY_MAP && from == stage->map_over) {
            *mapped = i;
        } else if (from != DAG_NONE) {
            given[i] = inputs[from];
        }
        if (!give(arena, called, i, &given[i], error)) {
            return false;
        }
    }
    return true;
}

bool call_give_element(Arena *arena, const dag_program *called, uint32_t mapped,
                       const dag_value *over, uint32_t element, dag_value *given,
                       dag_error *error) {
    bool map = over->kind == DAG_MAP;
    given[mapped] = map ? over->u.entries[element].value : over->u.items[element];
    return give(arena, called, mapped, &given[mapped], error);
}

bool call_take_given(Call *call) {
    Attempt *attempt = call->attempt;
    dag_error error = { NULL, NULL };
    call->given = ARENA_ARRAY(&attempt->arena, call->program->ninputs, dag_value);
    if (call_given(&attempt->arena, attempt->program, attempt->stage, attempt->inputs, call->given,
                   &call->mapped, &error)) {
        return true;
    }
    attempt_fail(attempt, DAG_FAILED, error.type, "%s", error.message);
    return false;
}

void call_take_outputs(Call *call) {
    Attempt *attempt = call->attempt;
    const dag_stage *stage = attempt->stage;
    call->to = ARENA_ARRAY(&attempt->arena, stage->nout, uint32_t);
    call->results = ARENA_ARRAY(&attempt->arena, (size_t)stage->nout * call->n, dag_value);
    for (uint32_t o = 0; o < stage->nout; o++) {
        dag_name name = attempt->program->ports[stage->out + o].name;
        call->to[o] = find_output(call->program, attempt->program->strings + name);
    }
}

/* ---------------------------------------------------------------- results */

void call_keep_results(Attempt *attempt, void *arg) {
    const dag_run *child = arg;
    const Call *call = child->call;
    for (uint32_t o = 0; o < attempt->stage->nout; o++) {
        if (call->to[o] != DAG_NONE) {
            call->results[(size_t)o * call->n + child->element] =
                value_copy(&attempt->arena, child->outputs[call->to[o]]);
        }
    }
}

static dag_value results_of(const Call *call, uint32_t o) {
    Arena *arena = &call->attempt->arena;
    const dag_value *results = call->results + (size_t)o * call->n;
    if (!call->over || call->to[o] == DAG_NONE) {
        return call->over ? value_null() : results[0];
    }
    if (call->over->kind != DAG_MAP) {
        return value_list(results, call->n);
    }
    dag_entry *entries = ARENA_ARRAY(arena, call->n, dag_entry);
    for (uint32_t i = 0; i < call->n; i++) {
        entries[i] = (dag_entry){ call->over->u.entries[i].name, results[i] };
    }
    return value_map(entries, call->n);
}

void call_complete(Attempt *attempt, void *arg) {
    const Call *call = arg;
    uint32_t n = attempt->stage->nout;
    dag_value *given = ARENA_ARRAY(&attempt->arena, n, dag_value);
    for (uint32_t o = 0; o < n; o++) {
        given[o] = results_of(call, o);
    }
    attempt_complete(attempt, given);
}

/* ---------------------------------------------------------------- errors */

void call_say_failed(Attempt *attempt, void *arg) {
    const dag_run *child = arg;
    const Call *call = child->call;
    const dag_program *program = child->program;
    FirstError first = run_error(child);
    Arena *arena = &attempt->arena;
    const char *where = arena_printf(arena, "in %s", program->strings + program->name);
    if (call->over) {
        const char *name = call->over->kind == DAG_MAP
                               ? value_to_json(arena, call->over->u.entries[child->element].name)
                               : arena_printf(arena, "%u", child->element);
        where = arena_printf(arena, "element %s: %s", name, where);
    }
    if (first.stage != DAG_NONE) {
        where = arena_printf(arena, "%s, stage %s", where,
                             program->strings + program->stages[first.stage].slug);
    }
    if (first.stage != DAG_NONE && first.key && strcmp(first.key, "-") != 0) {
        where = arena_printf(arena, "%s [%s]", where, first.key);
    }
    attempt_fail(attempt, child->state == DAG_CRASHED ? DAG_CRASHED : DAG_FAILED,
                 first.error.type ? arena_text(arena, first.error.type, strlen(first.error.type))
                                  : "output",
                 "%s: %s", where, first.error.message ? first.error.message : "it has failed");
    if (child->error_dir) {
        attempt->outcome.dir = arena_text(arena, child->error_dir, strlen(child->error_dir));
    }
}
