/*
 * expr_load.c - prepares a program's expressions: constants as values, patterns compiled, code
 * checked once, so that the evaluator need not look where it steps.
 */
#include "pure/expr_program.h"
#include "pure/pipe.h"

#include <stdlib.h>
#include <string.h>

/* Their texts are static: a program that cannot be loaded has no arena to keep them in. */
static const dag_error no_memory = { "limit", "out of memory" };
static const dag_error bad_code = { "expression", "the program's expressions are damaged" };
static const dag_error bad_pattern = { "expression", "a regular expression does not compile" };

/* ---------------------------------------------------------------- constants */

/* A constant that holds no others. */
static dag_value scalar_of(const dag_program *program, const dag_const *c) {
    switch ((dag_kind)c->kind) {
    case DAG_BOOL: return value_bool(c->u.i != 0);
    case DAG_INT:
    case DAG_DURATION:
    case DAG_SIZE: return value_int((dag_kind)c->kind, c->u.i);
    case DAG_FLOAT: return value_float(c->u.f);
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: return value_text((dag_kind)c->kind, program->strings + c->u.text, c->len);
    case DAG_NULL:
    case DAG_LIST:
    case DAG_MAP:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: return value_null();
    }
    return value_null();
}

/* Lists and maps point into the array of constants itself, whatever the order in it: two constants
 * in turn are an entry. */
static bool const_of(ExprProgram *p, const dag_const *c, dag_value *v) {
    if (c->kind != DAG_LIST && c->kind != DAG_MAP) {
        *v = scalar_of(p->program, c);
        return true;
    }
    uint64_t n = c->kind == DAG_MAP ? 2 * (uint64_t)c->len : c->len;
    const dag_value *parts = n > 0 ? p->consts + c->u.first : NULL;
    *v = c->kind == DAG_LIST ? value_list(parts, c->len)
                             : value_map((const dag_entry *)(const void *)parts, c->len);
    return n == 0 || c->u.first + n <= p->program->nconsts;
}

_Static_assert(sizeof(dag_entry) == 2 * sizeof(dag_value), "an entry is two values in turn");

/* ---------------------------------------------------------------- checking */

/* What an operation takes from the stack and puts there. False: not an operation of ours. */
static bool stack_effect(const ExprProgram *p, uint32_t code, uint32_t *pops, uint32_t *pushes) {
    uint32_t a = CODE_ARG(code);
    *pushes = 1;
    *pops = 1;
    switch ((dag_op)CODE_OP(code)) {
    case DAG_OP_CONST: *pops = 0; return a < p->program->nconsts;
    case DAG_OP_SPECIAL: *pops = 0; return a < DAG_NSPECIAL;
    case DAG_OP_INPUT:
    case DAG_OP_OUT:
    case DAG_OP_RUN: *pops = 0; return true;
    case DAG_OP_PIPE:
        *pops = CODE_NARGS(code) + 1;
        return CODE_ROW(code) < pipe_count && *pops <= PIPE_MAX_ARGS;
    case DAG_OP_CONCAT:
    case DAG_OP_LIST: *pops = a; return true;
    case DAG_OP_RECORD: *pops = 2 * a; return true;
    case DAG_OP_FIT: return a < p->program->ntypes;
    case DAG_OP_COMPARE: *pops = 2; return a <= DAG_ENDS_WITH;
    case DAG_OP_FIELD:
    case DAG_OP_TEXT:
    case DAG_OP_NOT:
    case DAG_OP_EXISTS: return true;
    case DAG_OP_AND:
    case DAG_OP_OR:
    case DAG_OP_DEFAULT: *pushes = 0; return true; /* dropped, or kept and the rest jumped over */
    }
    return false;
}

static bool may_jump(uint32_t code) {
    return CODE_OP(code) == DAG_OP_AND || CODE_OP(code) == DAG_OP_OR ||
           CODE_OP(code) == DAG_OP_DEFAULT;
}

/* Is the code sound? Both ways past an AND, OR or DEFAULT leave the stack alike, so that one walk tells. */
static bool check_expr(const ExprProgram *p, const dag_expr *e, uint32_t *deepest) {
    uint32_t depth = 0;
    *deepest = 1;
    if (e->n > p->program->ncode || e->first > p->program->ncode - e->n) {
        return false;
    }
    for (uint32_t i = 0; i < e->n; i++) {
        uint32_t code = p->program->code[e->first + i], pops, pushes;
        if (!stack_effect(p, code, &pops, &pushes) || pops > depth ||
            (may_jump(code) && CODE_ARG(code) > e->n - 1 - i)) {
            return false;
        }
        depth = depth - pops + pushes;
        *deepest = depth > *deepest ? depth : *deepest;
    }
    return depth == 1;
}

/* ---------------------------------------------------------------- patterns */

/* Is the constant before this code a pattern? Patterns are constants, pushed last. */
static bool takes_pattern(uint32_t code) {
    if (CODE_OP(code) == DAG_OP_COMPARE) {
        return CODE_ARG(code) == DAG_MATCHES;
    }
    return CODE_OP(code) == DAG_OP_PIPE && CODE_NARGS(code) == 1 &&
           strcmp(pipe_rows[CODE_ROW(code)].name, "match") == 0;
}

static bool add_pattern(ExprProgram *p, uint32_t i, dag_error *error) {
    char message[PATTERN_MESSAGE];
    dag_value source = p->consts[i];
    if (!p->patterns) {
        p->patterns = ARENA_ARRAY(&p->arena, p->program->nconsts, Pattern *);
    }
    if (p->patterns[i] || source.kind != DAG_STRING) {
        return true;
    }
    p->patterns[i] = pattern_new(source.u.text, source.len, message, sizeof message);
    *error = p->patterns[i] ? *error : bad_pattern;
    return p->patterns[i] != NULL;
}

static bool compile_patterns(ExprProgram *p, const dag_expr *e, dag_error *error) {
    const uint32_t *code = p->program->code + e->first;
    for (uint32_t i = 1; i < e->n; i++) {
        bool constant = CODE_OP(code[i - 1]) == DAG_OP_CONST;
        if (constant && takes_pattern(code[i]) && !add_pattern(p, CODE_ARG(code[i - 1]), error)) {
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- loading */

static bool load(ExprProgram *p, dag_error *error) {
    p->consts = ARENA_ARRAY(&p->arena, p->program->nconsts, dag_value);
    p->depths = ARENA_ARRAY(&p->arena, p->program->nexprs, uint32_t);
    for (uint32_t i = 0; i < p->program->nconsts; i++) {
        if (!const_of(p, &p->program->consts[i], &p->consts[i])) {
            *error = bad_code;
            return false;
        }
    }
    for (uint32_t i = 0; i < p->program->nexprs; i++) {
        const dag_expr *e = &p->program->exprs[i];
        if (!check_expr(p, e, &p->depths[i])) {
            *error = bad_code;
            return false;
        }
        if (!compile_patterns(p, e, error)) {
            return false;
        }
    }
    return true;
}

/* In a function of its own, as setjmp asks for. */
static bool load_or_fail(ExprProgram *p, dag_error *error) {
    jmp_buf oom;
    p->arena.oom = &oom;
    if (setjmp(oom) != 0) {
        *error = no_memory;
        return false;
    }
    bool ok = load(p, error);
    p->arena.oom = NULL;
    return ok;
}

ExprProgram *expr_program_new(const dag_program *program, dag_error *error) {
    ExprProgram *p = calloc(1, sizeof *p);
    if (!p) {
        *error = no_memory;
        return NULL;
    }
    p->program = program;
    if (!load_or_fail(p, error)) {
        expr_program_free(p);
        return NULL;
    }
    return p;
}

void expr_program_free(ExprProgram *p) {
    if (!p) {
        return;
    }
    for (uint32_t i = 0; p->patterns && i < p->program->nconsts; i++) {
        pattern_free(p->patterns[i]);
    }
    arena_free(&p->arena);
    free(p);
}
