/*
 * expr.c - the stack machine that evaluates expression code.
 *
 * expr_load.c has checked the code: operands exist and the stack is as deep as p->depths says.
 */
#include "pure/compare.h"
#include "pure/expr_program.h"
#include "pure/field.h"
#include "pure/pipe.h"

#include <stdarg.h>
#include <string.h>

enum { SMALL_STACK = 24 };

typedef struct Machine {
    const ExprProgram *p;
    const ExprEnv *env;
    dag_value *top; /* the value pushed last */
    size_t max;
    dag_error *error;
} Machine;

/* ---------------------------------------------------------------- errors */

__attribute__((format(printf, 3, 4))) static bool fail(Machine *m, const char *type,
                                                       const char *format, ...) {
    va_list args;
    va_start(args, format);
    m->error->type = type;
    m->error->message = arena_vprintf(m->env->arena, format, args);
    va_end(args);
    return false;
}

static bool too_large(Machine *m) {
    return fail(m, "limit", "a value is larger than %zu bytes (--max-value)", m->max);
}

static const char *show(Machine *m, dag_value v) {
    return value_show(m->env->arena, v);
}

/* ---------------------------------------------------------------- operations */

static void push(Machine *m, dag_value v) {
    *++m->top = v;
}

/* Operand i of an array that may not have been given. */
static void push_from(Machine *m, const dag_value *values, uint32_t i) {
    push(m, values ? values[i] : value_null());
}

/* `at`: of the code within the program. */
static bool do_pipe(Machine *m, const uint32_t *at) {
    uint32_t code = *at, nargs = CODE_NARGS(code);
    const PipeRow *row = &pipe_rows[CODE_ROW(code)];
    PipeCall call = { .program = m->p,
                      .env = m->env,
                      .row = row,
                      .args = m->top - nargs,
                      .nargs = nargs + 1,
                      .error = m->error };
    bool constant = m->p->patterns && nargs == 1 && CODE_OP(at[-1]) == DAG_OP_CONST;
    call.pattern = constant ? m->p->patterns[CODE_ARG(at[-1])] : NULL;
    m->top -= nargs;
    return (row->flags & PIPE_SCALAR) && m->top->kind == DAG_LIST
               ? pipe_apply_depth(row, &call, CODE_DEPTH(code), m->top)
               : row->apply(&call, m->top);
}

static bool do_text(Machine *m) {
    dag_value text = value_to_text(m->env->arena, *m->top);
    if (text.kind == DAG_NULL) {
        return fail(m, "expression", "%s has no text form", show(m, *m->top));
    }
    *m->top = text;
    return true;
}

static bool do_concat(Machine *m, uint32_t n) {
    const dag_value *parts = m->top + 1 - n;
    size_t size = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (parts[i].kind != DAG_STRING) {
            return fail(m, "expression", "%s is not a text", show(m, parts[i]));
        }
        size += parts[i].len;
    }
    if (size > m->max) {
        return too_large(m);
    }
    char *text = arena_raw(m->env->arena, size + 1), *out = text;
    for (uint32_t i = 0; i < n; i++) {
        out = mempcpy(out, parts[i].u.text, parts[i].len);
    }
    *out = '\0';
    m->top -= n;
    push(m, value_text(DAG_STRING, text, size));
    return true;
}

static bool push_bounded(Machine *m, dag_value v) {
    if (!value_within(v, m->max, VALUE_MAX_DEPTH)) {
        return value_within(v, m->max, UINT32_MAX)
                   ? fail(m, "limit", "a value is nested deeper than %d levels", VALUE_MAX_DEPTH)
                   : too_large(m);
    }
    push(m, v);
    return true;
}

static bool do_list(Machine *m, uint32_t n) {
    dag_value *items = arena_raw(m->env->arena, n * sizeof *items);
    memcpy(items, m->top + 1 - n, n * sizeof *items);
    m->top -= n;
    return push_bounded(m, value_list(items, n));
}

static bool do_record(Machine *m, uint32_t n) {
    dag_entry *entries = arena_raw(m->env->arena, n * sizeof *entries);
    const dag_value *pairs = m->top + 1 - 2 * (size_t)n;
    for (uint32_t i = 0; i < n; i++) {
        entries[i].name = pairs[2 * i];
        entries[i].value = pairs[2 * i + 1];
    }
    m->top -= 2 * (size_t)n;
    return push_bounded(m, value_map(entries, n));
}

static bool do_matches(Machine *m, const uint32_t *at, bool *result) {
    dag_value text = m->top[-1];
    bool constant = m->p->patterns && CODE_OP(at[-1]) == DAG_OP_CONST;
    const Pattern *pattern = constant ? m->p->patterns[CODE_ARG(at[-1])] : NULL;
    if (!pattern || !value_has_text(text)) {
        return fail(m, "expression", "%s cannot be matched", show(m, text));
    }
    PatternResult found = pattern_find(pattern, text.u.text, text.len, NULL);
    *result = found == PATTERN_FOUND;
    return found != PATTERN_NO_MEMORY || fail(m, "limit", "matches: out of memory");
}

static bool do_compare(Machine *m, const uint32_t *at) {
    dag_compare op = (dag_compare)CODE_ARG(*at);
    dag_value a = m->top[-1], b = m->top[0];
    bool result = false;
    if (op == DAG_MATCHES) {
        if (!do_matches(m, at, &result)) {
            return false;
        }
    } else if (!compare(op, a, b, &result)) {
        return fail(m, "expression", "%s %s %s cannot be compared", show(m, a), compare_word(op),
                    show(m, b));
    }
    *--m->top = value_bool(result);
    return true;
}

static bool is_bool(Machine *m) {
    return m->top->kind == DAG_BOOL ||
           fail(m, "expression", "%s is not true or false", show(m, *m->top));
}

/* AND stops at false, OR at true, and leaves it; else the value is dropped. */
static bool do_shortcut(Machine *m, uint32_t code, uint32_t *skip) {
    if (!is_bool(m)) {
        return false;
    }
    bool stops = m->top->u.b == (CODE_OP(code) == DAG_OP_OR);
    *skip = stops ? CODE_ARG(code) : 0;
    m->top -= !stops;
    return true;
}

/* DEFAULT stops at what is not null, and leaves it; else the null is dropped. */
static void do_default(Machine *m, uint32_t code, uint32_t *skip) {
    bool stops = m->top->kind != DAG_NULL;
    *skip = stops ? CODE_ARG(code) : 0;
    m->top -= !stops;
}

static bool do_not(Machine *m) {
    if (!is_bool(m)) {
        return false;
    }
    *m->top = value_bool(!m->top->u.b);
    return true;
}

/* One step. *skip: words to jump over. */
static bool step(Machine *m, const uint32_t *at, uint32_t *skip) {
    const dag_program *program = m->p->program;
    uint32_t a = CODE_ARG(*at);
    switch ((dag_op)CODE_OP(*at)) {
    case DAG_OP_CONST: push(m, m->p->consts[a]); return true;
    case DAG_OP_INPUT: push_from(m, m->env->inputs, a); return true;
    case DAG_OP_OUT: push_from(m, m->env->outs, a); return true;
    case DAG_OP_RUN: push_from(m, m->env->run, a); return true;
    case DAG_OP_SPECIAL: push_from(m, m->env->specials, a); return true;
    case DAG_OP_FIELD: return value_get_field(m->env, m->top, program->strings + a, m->error);
    case DAG_OP_PIPE: return do_pipe(m, at);
    case DAG_OP_TEXT: return m->top->kind == DAG_STRING || do_text(m);
    case DAG_OP_CONCAT: return do_concat(m, a);
    case DAG_OP_LIST: return do_list(m, a);
    case DAG_OP_RECORD: return do_record(m, a);
    case DAG_OP_FIT: return value_fit(m->env->arena, program, a, FIT_JSON, m->top, m->error);
    case DAG_OP_COMPARE: return do_compare(m, at);
    case DAG_OP_NOT: return do_not(m);
    case DAG_OP_EXISTS: *m->top = value_bool(m->top->kind != DAG_NULL); return true;
    case DAG_OP_AND:
    case DAG_OP_OR: return do_shortcut(m, *at, skip);
    case DAG_OP_DEFAULT: do_default(m, *at, skip); return true;
    }
    return fail(m, "expression", "unknown operation");
}

static bool run(Machine *m, const uint32_t *code, uint32_t n) {
    for (const uint32_t *at = code, *end = code + n; at < end; at++) {
        uint32_t skip = 0;
        if (!step(m, at, &skip)) {
            return false;
        }
        at += skip;
    }
    return true;
}

/* Many expressions are no more than an input or a constant: no stack is needed for them. */
static bool is_operand(const ExprProgram *p, const ExprEnv *env, uint32_t code, dag_value *result) {
    bool constant = CODE_OP(code) == DAG_OP_CONST;
    if (!constant && (CODE_OP(code) != DAG_OP_INPUT || !env->inputs)) {
        return false;
    }
    *result = constant ? p->consts[CODE_ARG(code)] : env->inputs[CODE_ARG(code)];
    return true;
}

bool expr_eval(const ExprProgram *p, uint32_t expr, const ExprEnv *env, dag_value *result,
               dag_error *error) {
    const dag_expr *e = &p->program->exprs[expr];
    if (e->n == 1 && is_operand(p, env, p->program->code[e->first], result)) {
        return true;
    }
    dag_value small[SMALL_STACK + 1]; /* the first one stands under the stack and is never read */
    dag_value *stack = small;
    if (p->depths[expr] > SMALL_STACK) {
        stack = arena_raw(env->arena, (p->depths[expr] + (size_t)1) * sizeof *stack);
    }
    size_t max = env->max_value == 0 ? DAG_MAX_VALUE : env->max_value;
    Machine m = { .p = p, .env = env, .top = stack, .error = error };
    m.max = max < UINT32_MAX ? max : UINT32_MAX - 1;
    if (!run(&m, p->program->code + e->first, e->n)) {
        return false;
    }
    *result = *m.top;
    return true;
}
