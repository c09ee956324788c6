/*
 * gather.c - values: artifacts of edges, inputs with their defaults, `where` and `when`.
 */
#include "core/gather.h"

#include <stdlib.h>
#include <string.h>

#include "core/feed.h"
#include "core/keys.h"

static const dag_value nothing = { .kind = DAG_NULL };

const dag_value *gather_artifact(const Sched *s, uint32_t port, uint32_t node, Box **box) {
    const dag_port *row = port_row(s, port);
    const StageRun *run = stage_run(s, row->stage);
    uint32_t number = port - stage_row(s, row->stage)->out;
    bool stream = (row->flags & DAG_PORT_STREAM) != 0;
    uint32_t maker = stream ? axis_climb(s, row->axis, node, s->axes[row->axis].parent) : node;
    *box = run->more->box ? run->more->box[maker] : NULL;
    if (run->plain) {
        return &run->one.value;
    }
    if (run->many.flat) {
        return &run->many.flat[(size_t)node * run->more->nout + number];
    }
    if (run->more->pass) {
        return run->more->pass[node] ? run->more->pass[node] : &nothing;
    }
    if (!*box || !(*box)->outputs) {
        return &nothing;
    }
    const dag_value *value = &(*box)->outputs[number];
    return stream ? &value->u.items[node - s->axes[row->axis].kids[maker].first] : value;
}

/* ---------------------------------------------------------------- conditions */

ExprEnv gather_environment(Sched *s, Arena *arena, const dag_value *inputs) {
    return (ExprEnv){ .inputs = inputs,
                      .run = s->config.inputs,
                      .specials = s->specials,
                      .world = s->config.world,
                      .max_value = s->config.max_value,
                      .arena = arena };
}

bool gather_eval_it(Sched *s, uint32_t expr, const dag_value *it, Arena *arena, dag_value *result,
                    dag_error *error) {
    s->specials[DAG_IT] = *it;
    ExprEnv env = gather_environment(s, arena, NULL);
    bool good = expr_eval(s->config.exprs, expr, &env, result, error);
    s->specials[DAG_IT] = nothing;
    return good;
}

uint8_t gather_where(Sched *s, uint32_t edge, uint32_t node) {
    const dag_edge *row = &s->program->edges[edge];
    if (row->where == DAG_NONE) {
        return KNOWN_PRESENT;
    }
    Box *box;
    dag_value result = nothing;
    dag_error error;
    const dag_value *it = gather_artifact(s, row->from, node, &box);
    bool good = gather_eval_it(s, row->where, it, &s->scratch, &result, &error);
    bool holds = result.kind == DAG_BOOL && result.u.b;
    arena_reset(&s->scratch);
    return !good ? KNOWN_PRESENT | PICK_BROKEN : holds ? KNOWN_PRESENT : KNOWN_FILTERED;
}

static bool default_value(Sched *s, const dag_port *row, const dag_value *inputs, Arena *arena,
                          dag_value *value, dag_error *error) {
    *value = nothing;
    if (row->value == DAG_NONE) {
        return true;
    }
    ExprEnv env = gather_environment(s, arena, inputs);
    return expr_eval(s->config.exprs, row->value, &env, value, error);
}

/* ---------------------------------------------------------------- edges */

bool gather_is_broken(const Sched *s, uint32_t edge, uint32_t node) {
    uint32_t pick = pick_of(s, edge);
    return pick != DAG_NONE && node != DAG_NONE && (s->picks[pick].status[node] & PICK_BROKEN);
}

bool gather_fit(Sched *s, uint32_t edge, uint32_t type, Arena *arena, dag_value *value,
                dag_error *error) {
    if ((s->program->edges[edge].flags & DAG_EDGE_FIT) == 0) {
        return true;
    }
    return value_fit(arena, s->program, type, FIT_JSON, value, error);
}

void gather_note_source(Sched *s, uint32_t edge, uint32_t node, Arena *arena) {
    Trace *trace = &s->trace;
    if (!s->tracing) {
        return;
    }
    if (trace->n == trace->cap) {
        uint32_t cap = trace->cap ? trace->cap * 2 : 4;
        trace->sources = arena_grow(arena, trace->sources, trace->n * sizeof *trace->sources,
                                    cap * sizeof *trace->sources);
        trace->cap = cap;
    }
    uint32_t axis = port_row(s, s->program->edges[edge].from)->axis;
    trace->sources[trace->n++] = (dag_source){ edge, key_text(s, axis, node, arena) };
}

/* ---------------------------------------------------------------- inputs */

/* The edge that delivers to an input that is no list, and the node there. */
static uint32_t source_edge(const Sched *s, uint32_t port, uint32_t node, uint32_t *at) {
    *at = feed_node(s, port, node);
    switch ((FeedKind)s->inputs[port].feed) {
    case FEED_ANY: return feed_any_edge(s, port, *at);
    case FEED_MERGE: return feed_merged(s, port, at);
    case FEED_NONE:
    case FEED_PLAIN:
    case FEED_LIST: break;
    }
    return port_row(s, port)->edge;
}

/* The reason why an edge's expressions fail on an artifact: `where`, or `order by` of a take. */
static bool edge_error(Sched *s, uint32_t edge, const dag_value *it, Arena *arena,
                       dag_error *error) {
    const dag_edge *row = &s->program->edges[edge];
    dag_value result;
    if (row->where != DAG_NONE && !gather_eval_it(s, row->where, it, arena, &result, error)) {
        return true;
    }
    return row->order_by != DAG_NONE &&
           !gather_eval_it(s, row->order_by, it, arena, &result, error);
}

static bool present_value(Sched *s, uint32_t port, uint32_t node, Arena *arena, dag_value *value,
                          dag_error *error) {
    const Input *in = &s->inputs[port];
    if (in->feed == FEED_LIST) {
        return gather_list(s, port, &s->lists[in->extra], in->axis, node, arena, value, error);
    }
    uint32_t at;
    Box *box;
    uint32_t edge = source_edge(s, port, node, &at);
    *value = *gather_artifact(s, s->program->edges[edge].from, at, &box);
    gather_note_source(s, edge, at, arena);
    if (gather_is_broken(s, edge, at) && edge_error(s, edge, value, arena, error)) {
        return false;
    }
    return gather_fit(s, edge, port_row(s, port)->type, arena, value, error);
}

/* Says in which input it went wrong. */
static bool input_failed(const Sched *s, const dag_port *port, Arena *arena, dag_error *error) {
    error->message =
        arena_printf(arena, "input %s: %s", s->program->strings + port->name, error->message);
    return false;
}

static const dag_value *direct_value(const Sched *s, const Input *in, uint32_t node) {
    const StageRun *maker = stage_run(s, in->maker);
    if (maker->plain) {
        return &maker->one.value;
    }
    if (maker->many.flat) {
        return &maker->many.flat[(size_t)node * maker->more->nout + in->number];
    }
    if (maker->more->pass) {
        return maker->more->pass[node] ? maker->more->pass[node] : &nothing;
    }
    const Box *box = maker->more->box[node];
    return box && box->outputs ? &box->outputs[in->number] : &nothing;
}

bool gather_inputs(Sched *s, uint32_t stage, uint32_t node, Arena *arena, dag_value *inputs,
                   dag_error *error) {
    const StageRun *row = stage_run(s, stage);
    Box *box;
    bool bound = false;
    for (uint32_t i = 0; i < row->nin; i++) {
        const dag_port *port = port_row(s, row->in + i);
        const Input *in = &s->inputs[row->in + i];
        if (in->bare && in->required && !s->tracing) { /* else the task would not run */
            inputs[i] = in->direct
                            ? *direct_value(s, in, node)
                            : *gather_artifact(s, s->program->edges[port->edge].from, node, &box);
            continue;
        }
        inputs[i] = nothing;
        if (port->nedges == 0) {
            bound = true;
            continue;
        }
        bool present = feed_input(s, row->in + i, node) == KNOWN_PRESENT;
        if (!(present ? present_value(s, row->in + i, node, arena, &inputs[i], error)
                      : default_value(s, port, inputs, arena, &inputs[i], error))) {
            return input_failed(s, port, arena, error);
        }
    }
    for (uint32_t i = 0; bound && i < row->nin; i++) {
        const dag_port *port = port_row(s, row->in + i);
        if (port->nedges == 0 && !default_value(s, port, inputs, arena, &inputs[i], error)) {
            return input_failed(s, port, arena, error);
        }
    }
    return true;
}

bool gather_output(Sched *s, uint32_t port, Arena *arena, dag_value *value) {
    const dag_port *row = port_row(s, port);
    dag_error error;
    if ((row->flags & DAG_PORT_LIST) != 0) {
        return gather_list(s, port, NULL, 0, 0, arena, value, &error);
    }
    if (row->nedges == 0) {
        return false;
    }
    uint32_t from = s->program->edges[row->edge].from;
    Box *box;
    if (s->axes[port_row(s, from)->axis].n == 0 || feed_edge(s, row->edge, 0) != KNOWN_PRESENT) {
        return false;
    }
    *value = *gather_artifact(s, from, 0, &box);
    return gather_fit(s, row->edge, row->type, arena, value, &error);
}

void gather_pass(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    uint32_t port = stage_row(s, stage)->in;
    if (!run->more->pass || stage_row(s, stage)->nin == 0) {
        return;
    }
    Known known = feed_input(s, port, node);
    uint8_t feed = s->inputs[port].feed;
    if (known == KNOWN_PRESENT && feed != FEED_LIST && feed != FEED_NONE) {
        uint32_t at;
        uint32_t edge = source_edge(s, port, node, &at);
        if ((s->program->edges[edge].flags & DAG_EDGE_FIT) == 0) {
            run->more->pass[node] =
                gather_artifact(s, s->program->edges[edge].from, at, &run->more->box[node]);
            if (run->more->box[node]) {
                box_retain(run->more->box[node]);
                return;
            }
        }
    }
    dag_value *inputs = ARENA_ARRAY(&s->scratch, stage_row(s, stage)->nin, dag_value);
    dag_error error;
    gather_inputs(s, stage, node, &s->scratch, inputs, &error);
    run->more->box[node] = box_copy(inputs, 1);
    if (!run->more->box[node]) {
        sched_no_memory(s);
    }
    run->more->pass[node] = run->more->box[node]->outputs;
    arena_reset(&s->scratch);
}

bool gather_when(Sched *s, uint32_t stage, uint32_t node, dag_error *error) {
    const dag_stage *row = stage_row(s, stage);
    dag_value *inputs = ARENA_ARRAY(&s->scratch, row->nin, dag_value);
    dag_value result = nothing;
    error->type = NULL;
    if (!gather_inputs(s, stage, node, &s->scratch, inputs, error)) {
        error->type = NULL; /* the attempt meets it again and fails */
        return true;
    }
    const char *key = key_text(s, row->axis, node, &s->scratch);
    s->specials[DAG_TASK_KEY] = value_text(DAG_STRING, key, strlen(key));
    ExprEnv env = gather_environment(s, &s->scratch, inputs);
    bool good = expr_eval(s->config.exprs, row->when, &env, &result, error);
    s->specials[DAG_TASK_KEY] = nothing;
    return good && result.kind == DAG_BOOL && result.u.b;
}
