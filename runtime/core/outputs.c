/*
 * outputs.c - the outputs of a body that succeeded, in the order of its ports: computed, converted
 * to the port's type, looked at, bounded, and copied into a box of their own.
 */
#include "core/outputs.h"

#include <string.h>

#include "core/box.h"
#include "core/secrets.h"
#include "pure/pipe.h"

bool output_error(Attempt *attempt, dag_error *error, const char *type, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error->type = type;
    error->message = arena_vprintf(&attempt->arena, format, args);
    va_end(args);
    return false;
}

size_t output_limit(const Attempt *attempt) {
    return attempt->env.max_value > 0 ? attempt->env.max_value : DAG_MAX_VALUE;
}

/* One output on its way. */
typedef struct Output {
    Attempt *attempt;
    const dag_port *port;
    uint32_t i;
    bool given; /* the body set it */
    bool fit;   /* the value is converted to the type */
    bool files; /* the type has files */
    bool hides; /* the body knew secrets, which no output may have */
    Arena *box; /* where the lines of a stream are made, to stay there */
    dag_error error;
} Output;

/* ---------------------------------------------------------------- what the expressions need */

static const char *const log_names[DAG_NSPECIAL] = {
    [DAG_STDOUT] = "stdout", [DAG_STDERR] = "stderr"
};

/* Is the expression `<stdout | lines>` and nothing more? Then it need not be held whole. */
static bool is_lines(const dag_program *program, const dag_expr *expr) {
    const uint32_t *code = &program->code[expr->first];
    if (expr->n != 2 || code[0] != DAG_CODE(DAG_OP_SPECIAL, DAG_STDOUT)) {
        return false;
    }
    const PipeRow *lines = pipe_find("lines", 5);
    uint32_t row = code[1] >> 8 & 0xfff;
    return (code[1] & 0xff) == DAG_OP_PIPE && lines && row == pipe_number(lines);
}

static bool streams_lines(const dag_program *program, const dag_port *port) {
    return (port->flags & DAG_PORT_STREAM) != 0 && port->value != DAG_NONE &&
           is_lines(program, &program->exprs[port->value]);
}

/* Reads the logs that one expression mentions into the specials. */
static bool load_logs(Output *o) {
    Attempt *attempt = o->attempt;
    const dag_expr *expr = &attempt->program->exprs[o->port->value];
    for (uint32_t i = 0; i < expr->n; i++) {
        uint32_t word = attempt->program->code[expr->first + i], special = word >> 8;
        if ((word & 0xff) != DAG_OP_SPECIAL || special >= DAG_NSPECIAL || !log_names[special] ||
            attempt->specials[special].kind != DAG_NULL) {
            continue;
        }
        if (!output_log(attempt, log_names[special], &attempt->specials[special], &o->error)) {
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- the value as it comes */

static bool evaluate(Output *o, dag_value *value) {
    Attempt *attempt = o->attempt;
    bool process = attempt->dir != NULL && attempt->stage->body != DAG_BODY_NONE;
    return (!process || load_logs(o)) && attempt_eval(attempt, o->port->value, value, &o->error);
}

/* A gate hands on its one input. */
static dag_value passed_on(const Output *o) {
    const dag_stage *stage = o->attempt->stage;
    bool gate = (stage->flags & DAG_STAGE_GATE) != 0 && stage->nin > 0 && o->attempt->inputs;
    return gate ? o->attempt->inputs[0] : value_null();
}

static bool compute(Output *o, const dag_value *given, dag_value *value) {
    if (o->port->flags & DAG_PORT_GLOB) {
        return output_glob(o->attempt, o->i, value, &o->error);
    }
    if (o->port->flags & DAG_PORT_PATH) {
        return output_made(o->attempt, o->i, value, &o->error);
    }
    if (o->port->value != DAG_NONE) {
        return evaluate(o, value);
    }
    *value = o->given ? given[o->i] : value_null();
    if (o->hides) {
        *value = secrets_hide_value(o->attempt, *value);
    }
    if (value->kind == DAG_NULL) {
        *value = passed_on(o);
    }
    return true;
}

/* ---------------------------------------------------------------- at the boundary */

static bool may_be_null(const dag_program *program, uint32_t type) {
    dag_kind kind = (dag_kind)program->types[type].kind;
    return kind == DAG_OPTIONAL || kind == DAG_JSON || kind == DAG_NULL;
}

/* Makes one artifact what the port promises; what is new is made in `arena`. */
static bool settle(Output *o, Arena *arena, dag_value *value) {
    Attempt *attempt = o->attempt;
    dag_value before = *value;
    if (o->given && value->kind == DAG_NULL && !may_be_null(attempt->program, o->port->type)) {
        return output_error(attempt, &o->error, "output", "the body did not set it");
    }
    if (o->fit && !value_fit(arena, attempt->program, o->port->type, FIT_PORT, value, &o->error)) {
        return false;
    }
    if (o->files && (o->fit || o->given) &&
        !output_adopt(attempt, arena, o->given ? NULL : &before, value, &o->error)) {
        return false;
    }
    if (!value_within(*value, output_limit(attempt), VALUE_MAX_DEPTH)) {
        return output_error(attempt, &o->error, "limit", "the value is larger than %zu bytes",
                            output_limit(attempt));
    }
    return true;
}

static bool settle_element(Output *o, Arena *arena, uint32_t i, dag_value *value) {
    if (settle(o, arena, value)) {
        return true;
    }
    return output_error(o->attempt, &o->error, o->error.type, "element %u: %s", i,
                        o->error.message);
}

/* The elements of a list, or one that is no list, as a list; what is new is made in `arena`. */
static bool settle_stream(Output *o, Arena *arena, dag_value *value) {
    dag_value one = *value;
    bool list = one.kind == DAG_LIST;
    uint32_t n = list ? one.len : 1;
    if (one.kind == DAG_NULL && o->given && !may_be_null(o->attempt->program, o->port->type)) {
        return output_error(o->attempt, &o->error, "output",
                            "it is null; a list of its elements is wanted");
    }
    dag_value *items = arena_raw(arena, n * sizeof *items);
    for (uint32_t i = 0; i < n; i++) {
        items[i] = list ? one.u.items[i] : one;
        if (!settle_element(o, arena, i, &items[i])) {
            return false;
        }
    }
    *value = value_list(items, n);
    return true;
}

/* A stream of lines is made in the box at once, all else in the attempt's arena. */
static bool output_value(Output *o, const dag_value *given, dag_value *value) {
    Arena *arena = &o->attempt->arena;
    if (streams_lines(o->attempt->program, o->port)) {
        return output_log_lines(o->attempt, "stdout", o->box, value, &o->error) &&
               settle_stream(o, o->box, value);
    }
    if (!compute(o, given, value)) {
        return false;
    }
    return o->port->flags & DAG_PORT_STREAM ? settle_stream(o, arena, value)
                                            : settle(o, arena, value);
}

static Output begin(Attempt *attempt, uint32_t i, bool given, Arena *box) {
    const dag_program *program = attempt->program;
    const dag_port *port = &program->ports[attempt->stage->out + i];
    bool found = (port->flags & (DAG_PORT_GLOB | DAG_PORT_PATH)) != 0; /* looked at already */
    bool set = given && port->value == DAG_NONE;
    bool trusted =
        attempt->stage->body == DAG_BODY_NATIVE && (attempt->stage->flags & DAG_STAGE_ISOLATE) == 0;
    bool converted = set && !trusted;
    return (Output){ .attempt = attempt,
                     .port = port,
                     .i = i,
                     .given = set,
                     .fit = !found && (converted || (port->flags & DAG_PORT_FIT) != 0),
                     .files = !found && type_has_files(program, port->type),
                     .hides = set && secrets_any(attempt),
                     .box = box };
}

/* ---------------------------------------------------------------- all of them */

/* The machinery has failed, not the body: a folder could not be made, say. */
static bool is_ours(const dag_error *error) {
    return strcmp(error->type, "store") == 0;
}

static bool publish(Attempt *attempt) {
    dag_error error;
    if (output_publish(attempt, &error)) {
        return true;
    }
    attempt_fail(attempt, is_ours(&error) ? DAG_CRASHED : DAG_FAILED, error.type, "%s",
                 error.message);
    return false;
}

static bool fill(Attempt *attempt, const dag_value *given, Arena *box, dag_value *outputs) {
    if (!publish(attempt)) {
        return false;
    }
    for (uint32_t i = 0; i < attempt->stage->nout; i++) {
        Output o = begin(attempt, i, given != NULL, box);
        if (!output_value(&o, given, &outputs[i])) {
            attempt_fail(attempt, is_ours(&o.error) ? DAG_CRASHED : DAG_FAILED, o.error.type,
                         "output %s: %s", attempt->program->strings + o.port->name,
                         o.error.message);
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- the box */

static bool has_lines(const Attempt *attempt) {
    const dag_stage *stage = attempt->stage;
    for (uint32_t i = 0; i < stage->nout; i++) {
        if (streams_lines(attempt->program, &attempt->program->ports[stage->out + i])) {
            return true;
        }
    }
    return false;
}

static void drop_box(Outcome *outcome) {
    box_release(outcome->box);
    outcome->box = NULL;
}

static void without_memory(Outcome *outcome) {
    drop_box(outcome);
    outcome->state = DAG_CRASHED;
    outcome->error = (dag_error){ .type = "oom", .message = "out of memory" };
}

/* The box has streams of lines already: the rest joins them. */
static const dag_value *join(const Attempt *attempt, const dag_value *outputs, Arena *box) {
    const dag_stage *stage = attempt->stage;
    dag_value *copies = ARENA_ARRAY(box, stage->nout, dag_value);
    for (uint32_t i = 0; i < stage->nout; i++) {
        bool there = streams_lines(attempt->program, &attempt->program->ports[stage->out + i]);
        copies[i] = there ? outputs[i] : value_copy(box, outputs[i]);
    }
    return copies;
}

static void complete_with_lines(Attempt *attempt, const dag_value *given, dag_value *outputs) {
    Outcome *outcome = &attempt->outcome;
    outcome->box = box_new();
    if (!outcome->box) {
        without_memory(outcome);
        return;
    }
    Arena *arena = box_arena(outcome->box);
    arena->oom = attempt->arena.oom;
    bool good = fill(attempt, given, arena, outputs);
    if (good) {
        outcome->outputs = join(attempt, outputs, arena);
        outcome->state = DAG_COMPLETED;
    }
    arena->oom = NULL; /* the box outlives whoever would take the jump */
    if (!good) {
        drop_box(outcome);
    }
}

void attempt_complete(Attempt *attempt, const dag_value *given) {
    Outcome *outcome = &attempt->outcome;
    uint32_t n = attempt->stage->nout;
    dag_value *outputs = ARENA_ARRAY(&attempt->arena, n, dag_value);
    outcome->box = NULL;
    outcome->outputs = NULL;
    if (has_lines(attempt)) {
        complete_with_lines(attempt, given, outputs);
        return;
    }
    if (!fill(attempt, given, &attempt->arena, outputs)) {
        return;
    }
    outcome->state = DAG_COMPLETED;
    outcome->box = n > 0 ? box_copy(outputs, n) : NULL;
    outcome->outputs = outcome->box ? outcome->box->outputs : NULL;
    if (n > 0 && !outcome->box) {
        without_memory(outcome);
    }
}
