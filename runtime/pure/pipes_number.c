/*
 * pipes_number.c - add sub mul div round int float.
 */
#include "pure/number.h"
#include "pure/pipe_call.h"

#include <math.h>

typedef enum Operation { ADD, SUB, MUL, DIV } Operation;

static bool is_number(dag_value v) {
    return v.kind == DAG_INT || v.kind == DAG_FLOAT;
}

static double as_double(dag_value v) {
    return v.kind == DAG_FLOAT ? v.u.f : (double)v.u.i;
}

static bool out_of_range(PipeCall *call) {
    Arena *arena = call->env->arena;
    return pipe_fail(call, "the result for %s and %s is out of range",
                     value_show(arena, call->args[0]), value_show(arena, call->args[1]));
}

static bool on_ints(PipeCall *call, Operation op, dag_value *result) {
    int64_t a = call->args[0].u.i, b = call->args[1].u.i, c = 0;
    bool overflow = false;
    switch (op) {
    case ADD: overflow = __builtin_add_overflow(a, b, &c); break;
    case SUB: overflow = __builtin_sub_overflow(a, b, &c); break;
    case MUL: overflow = __builtin_mul_overflow(a, b, &c); break;
    case DIV:
        overflow = a == INT64_MIN && b == -1;
        c = overflow ? 0 : a / b;
        break;
    }
    if (overflow) {
        return out_of_range(call);
    }
    *result = value_int((dag_kind)call->args[0].kind, c);
    return true;
}

static double calculate(Operation op, double a, double b) {
    switch (op) {
    case ADD: return a + b;
    case SUB: return a - b;
    case MUL: return a * b;
    case DIV: return a / b;
    }
    return NAN;
}

static bool on_floats(PipeCall *call, Operation op, dag_value *result) {
    double f = calculate(op, as_double(call->args[0]), as_double(call->args[1]));
    if (!isfinite(f)) {
        return out_of_range(call);
    }
    *result = value_float(f);
    return true;
}

/* A duration or size: with its like, or times a number, to the nearest unit. */
static bool on_amounts(PipeCall *call, Operation op, dag_value *result) {
    dag_value a = call->args[0], b = call->args[1];
    bool like = op == ADD || op == SUB;
    if (like ? b.kind != a.kind : !is_number(b)) {
        return pipe_wrong(call, 1, like ? "of the same kind" : "a number");
    }
    if (b.kind != DAG_FLOAT) {
        return on_ints(call, op, result);
    }
    int64_t i = 0;
    if (!float_to_int(round(calculate(op, (double)a.u.i, b.u.f)), &i)) {
        return out_of_range(call);
    }
    *result = value_int((dag_kind)a.kind, i);
    return true;
}

static bool arithmetic(PipeCall *call, Operation op, dag_value *result) {
    dag_value a = call->args[0], b = call->args[1];
    bool amount = a.kind == DAG_DURATION || a.kind == DAG_SIZE;
    if (!amount && !is_number(a)) {
        return pipe_wrong(call, 0, "a number");
    }
    if (op == DIV && is_number(b) && as_double(b) == 0) {
        return pipe_fail(call, "%s divided by zero", value_show(call->env->arena, a));
    }
    if (amount) {
        return on_amounts(call, op, result);
    }
    if (!is_number(b)) {
        return pipe_wrong(call, 1, "a number");
    }
    bool ints = a.kind == DAG_INT && b.kind == DAG_INT;
    return ints ? on_ints(call, op, result) : on_floats(call, op, result);
}

bool pipe_add(PipeCall *call, dag_value *result) {
    return arithmetic(call, ADD, result);
}

bool pipe_sub(PipeCall *call, dag_value *result) {
    return arithmetic(call, SUB, result);
}

bool pipe_mul(PipeCall *call, dag_value *result) {
    return arithmetic(call, MUL, result);
}

bool pipe_div(PipeCall *call, dag_value *result) {
    return arithmetic(call, DIV, result);
}

static bool float_result(PipeCall *call, double f, dag_value *result) {
    if (!isfinite(f)) {
        return pipe_wrong(call, 0, "in range");
    }
    *result = value_float(f);
    return true;
}

static bool int_result(PipeCall *call, double f, dag_value *result) {
    int64_t i = 0;
    if (!float_to_int(f, &i)) {
        return pipe_wrong(call, 0, "in the range of an int");
    }
    *result = value_int(DAG_INT, i);
    return true;
}

bool pipe_round(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    if (!is_number(v)) {
        return pipe_wrong(call, 0, "a number");
    }
    if (call->nargs > 1) {
        return pipe_whole(call, 1) &&
               float_result(call, float_round(as_double(v), call->args[1].u.i), result);
    }
    if (v.kind == DAG_INT) {
        *result = v;
        return true;
    }
    return int_result(call, round(v.u.f), result);
}

/* ---------------------------------------------------------------- reading numbers */

/* The subject's text without white space at its ends. */
static TextRange trimmed(const PipeCall *call) {
    dag_value v = call->args[0];
    TextRange text = { v.u.text, v.u.text + v.len };
    return text_strip_end(text_strip_start(text, NULL, 0), NULL, 0);
}

/* Turns what the reader said into the pipe's error, if it is one. */
static bool number_read(PipeCall *call, NumberStatus status, const char *what) {
    switch (status) {
    case NUMBER_OK: return true;
    case NUMBER_RANGE:
        return pipe_fail(call, "%s is out of range", value_show(call->env->arena, call->args[0]));
    case NUMBER_BAD: return pipe_wrong(call, 0, what);
    }
    return false;
}

static bool int_of_text(PipeCall *call, dag_value *result) {
    TextRange text = trimmed(call);
    int64_t i = 0;
    double f = 0;
    size_t n = (size_t)(text.end - text.start);
    NumberStatus status = int_parse(text.start, n, &i);
    bool other = status == NUMBER_BAD && float_parse(text.start, n, &f) != NUMBER_BAD;
    if (!number_read(call, status, other ? "an integer" : "a number")) {
        return false;
    }
    *result = value_int(DAG_INT, i);
    return true;
}

bool pipe_int(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    switch (v.kind) {
    case DAG_STRING: return int_of_text(call, result);
    case DAG_FLOAT: return int_result(call, v.u.f, result);
    case DAG_DURATION: *result = value_int(DAG_INT, v.u.i / INT64_C(1000000000)); return true;
    case DAG_INT:
    case DAG_SIZE: *result = value_int(DAG_INT, v.u.i); return true;
    default: return pipe_wrong(call, 0, "a number");
    }
}

static bool float_of_text(PipeCall *call, dag_value *result) {
    TextRange text = trimmed(call);
    double f = 0;
    NumberStatus status = float_parse(text.start, (size_t)(text.end - text.start), &f);
    if (!number_read(call, status, "a number")) {
        return false;
    }
    *result = value_float(f);
    return true;
}

bool pipe_float(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    switch (v.kind) {
    case DAG_STRING: return float_of_text(call, result);
    case DAG_FLOAT: *result = v; return true;
    case DAG_DURATION: *result = value_float((double)v.u.i / 1e9); return true;
    case DAG_INT:
    case DAG_SIZE: *result = value_float((double)v.u.i); return true;
    default: return pipe_wrong(call, 0, "a number");
    }
}
