/*
 * fold.c - a program of one expression, run at once.
 */
#include "model/fold.h"

#include <string.h>

#include "model/code.h"
#include "pure/expr.h"
#include "pure/pipe.h"

/* ---------------------------------------------------------------- may it be folded? */

static bool possible(const Expr *expr, bool with_it);

static bool pieces_possible(const Piece *piece, bool with_it) {
    for (; piece; piece = piece->next) {
        if (piece->expr && !possible(piece->expr, with_it)) {
            return false;
        }
    }
    return true;
}

static bool items_possible(const Expr *items, bool with_it) {
    for (const Expr *item = items; item; item = item->next) {
        if (!possible(item, with_it)) {
            return false;
        }
    }
    return true;
}

static bool entries_possible(const EntryExpr *entry, bool with_it) {
    for (; entry; entry = entry->next) {
        if (!possible(entry->value, with_it)) {
            return false;
        }
    }
    return true;
}

static bool pipe_possible(const Expr *expr, bool with_it) {
    const PipeRow *row = expr->u.pipe.row;
    return row && (row->flags & PIPE_PURE) && possible(expr->u.pipe.subject, with_it) &&
           items_possible(expr->u.pipe.args, with_it);
}

/* `size` and `path` of a file are asked of the world. */
static bool asks_world(const Expr *expr) {
    if (!expr->u.ref.fields || !expr->constant ||
        (expr->constant->kind != DAG_FILE && expr->constant->kind != DAG_DIR)) {
        return false;
    }
    const char *field = expr->u.ref.fields->name.text;
    return field && (strcmp(field, "size") == 0 || strcmp(field, "path") == 0);
}

static bool ref_possible(const Expr *expr, bool with_it) {
    switch (expr->ref) {
    case REF_CONST: return expr->constant && !asks_world(expr);
    case REF_BOUND: return expr->u.ref.bound && possible(expr->u.ref.bound, with_it);
    case REF_SPECIAL: return with_it && expr->index == DAG_IT;
    case REF_NONE:
    case REF_INPUT:
    case REF_OUT:
    case REF_STAGE:
    case REF_RUN_INPUT:
    case REF_BROKEN: return false;
    }
    return false;
}

static bool possible(const Expr *expr, bool with_it) {
    if (expr->constant && expr->kind != EXPR_REF) {
        return true;
    }
    switch (expr->kind) {
    case EXPR_NULL:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_DURATION:
    case EXPR_SIZE: return true;
    case EXPR_TEXT: return pieces_possible(expr->u.text.pieces, with_it);
    case EXPR_REF: return ref_possible(expr, with_it);
    case EXPR_LIST: return items_possible(expr->u.list.items, with_it);
    case EXPR_RECORD: return entries_possible(expr->u.entries, with_it);
    case EXPR_PIPE: return pipe_possible(expr, with_it);
    case EXPR_COMPARE:
        return possible(expr->u.compare.left, with_it) && possible(expr->u.compare.right, with_it);
    case EXPR_NOT:
    case EXPR_EXISTS: return possible(expr->u.logic.left, with_it);
    case EXPR_AND:
    case EXPR_OR:
        return possible(expr->u.logic.left, with_it) && possible(expr->u.logic.right, with_it);
    case EXPR_BROKEN: return false;
    }
    return false;
}

bool fold_possible(const Expr *expr) {
    return possible(expr, false);
}

bool fold_possible_with_it(const Expr *expr) {
    return possible(expr, true);
}

/* ---------------------------------------------------------------- folding */

/* The world of an expression that is folded: there is none, but it is noticed when one is asked. */
static bool no_size(void *self, Arena *arena, const char *path, int64_t *bytes, dag_error *error) {
    (void)arena, (void)path, (void)bytes;
    *(bool *)self = true;
    *error = (dag_error){ FOLD_UNKNOWN, "the file is not known yet" };
    return false;
}

static const char *no_path(void *self, Arena *arena, const char *path) {
    (void)arena;
    *(bool *)self = true;
    return path;
}

static bool needs_run(const Coder *code) {
    for (uint32_t i = 0; i < code->words.n; i++) {
        switch ((dag_op)(code->words.items[i] & 0xff)) {
        case DAG_OP_INPUT:
        case DAG_OP_OUT:
        case DAG_OP_RUN:
        case DAG_OP_SPECIAL: return true;
        case DAG_OP_CONST:
        case DAG_OP_FIELD:
        case DAG_OP_PIPE:
        case DAG_OP_TEXT:
        case DAG_OP_CONCAT:
        case DAG_OP_LIST:
        case DAG_OP_RECORD:
        case DAG_OP_FIT:
        case DAG_OP_COMPARE:
        case DAG_OP_NOT:
        case DAG_OP_EXISTS:
        case DAG_OP_AND:
        case DAG_OP_OR:
        case DAG_OP_DEFAULT: break;
        }
    }
    return false;
}

/* Runs the only expression of `code`, for its value or for its error. */
static bool evaluate(Coder *code, dag_value *value, dag_error *error) {
    Arena *arena = &code->front->arena;
    bool asked = false;
    ExprWorld world = { &asked, no_size, no_path };
    ExprEnv env = { .world = &world, .arena = arena };
    dag_program program = { .abi = DAG_ABI };
    coder_tables(code, &program);
    ExprProgram *loaded = expr_program_new(&program, error);
    if (!loaded) {
        return false;
    }
    bool ok = expr_eval(loaded, 0, &env, value, error);
    if (ok) {
        *value = value_copy(arena, *value); /* it may point into the program */
    }
    expr_program_free(loaded);
    if (asked) {
        *error = (dag_error){ FOLD_UNKNOWN, "a file is not known yet" };
    }
    return ok && !asked;
}

const dag_value *fold_expr(Front *front, Types *types, const Expr *expr, const dag_value *it,
                           dag_error *error) {
    Coder *code = coder_new(front, types, strings_new(&front->arena));
    code->it = it;
    dag_value *value = ARENA_NEW(&front->arena, dag_value);
    if (coder_value(code, expr, value)) {
        return value;
    }
    coder_expr(code, expr);
    if (needs_run(code)) {
        *error = (dag_error){ FOLD_UNKNOWN, "the value is not known yet" };
        return NULL;
    }
    return evaluate(code, value, error) ? value : NULL;
}

bool fold_fit(Front *front, Types *types, const Type *type, dag_value *value, dag_error *error) {
    Coder *code = coder_new(front, types, strings_new(&front->arena));
    uint32_t row = coder_type(code, type);
    dag_program program = { .abi = DAG_ABI };
    coder_tables(code, &program);
    return value_fit(&front->arena, &program, row, FIT_INPUT, value, error);
}
