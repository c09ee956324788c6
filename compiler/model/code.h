/*
 * code.h - checked expressions made code of the stack machine (dag.h "expressions").
 *
 * In: an Expr whose checker slots are filled. Out: words, constants, types and texts in pools that
 * grow with each one; lower makes the tables of a program of them, fold evaluates them at once.
 * What consists of constants and pure pipes is computed on the way by the evaluator that runs
 * later (pure/expr.h); what fails there is left to fail when it runs.
 */
#ifndef DAGCC_CODE_H
#define DAGCC_CODE_H

#include "base/front.h"
#include "base/pool.h"
#include "model/strings.h"
#include "model/types.h"
#include "pure/value.h"

typedef POOL(dag_const) ConstPool;
typedef POOL(uint32_t) WordPool;

typedef struct Coder {
    Front *front;
    Types *types;
    Strings *strings;    /* may be shared by several Coders */
    const dag_value *it; /* the value of `it` where it is known, else NULL */
    POOL(dag_type) rows;
    POOL(const Type *) table; /* the semantic type of each row */
    WordPool row_of;          /* by Type.id: row + 1, 0: none yet */
    POOL(dag_field) fields;
    ConstPool consts;
    uint32_t *const_slots; /* hash table of scalar constants: index + 1 */
    uint32_t nconst_slots, nscalars;
    WordPool words;
    POOL(dag_expr) exprs;
    /* Constants on top of the stack for which no word has been written yet. */
    POOL(dag_value) pending;
    /* A program of one operation, to compute it. */
    ConstPool fold_consts;
    WordPool fold_words;
} Coder;

Coder *coder_new(Front *front, Types *types, Strings *strings);

/* The row of a type. */
uint32_t coder_type(Coder *code, const Type *type);
/* The number of a constant. */
uint32_t coder_const(Coder *code, dag_value value);
/* The number of an expression in exprs; DAG_NONE of NULL. */
uint32_t coder_expr(Coder *code, const Expr *expr);
/* The type of an expression's value, after its `fit`. */
const Type *coder_result(const Expr *expr);

/* Computes an expression of constants; false: it needs more than that, or fails. The value lives
 * in the front's arena. */
bool coder_value(Coder *code, const Expr *expr, dag_value *value);

/* The pools as tables. What they point to is theirs: call it when nothing grows any more. */
void coder_tables(const Coder *code, dag_program *program);

#endif
