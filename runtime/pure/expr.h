/*
 * expr.h - the evaluator of expression code, used by the compiler (folding) and by the runtime.
 */
#ifndef DAG_PURE_EXPR_H
#define DAG_PURE_EXPR_H

#include "pure/value.h"

/* A program's constants as values and its patterns compiled: made once per program, read by many
 * threads. */
typedef struct ExprProgram ExprProgram;

/* NULL with `error` filled when a pattern does not compile or memory is missing. */
ExprProgram *expr_program_new(const dag_program *program, dag_error *error);
void expr_program_free(ExprProgram *program);

/* What the evaluator may ask of the world; the compiler has none and cannot fold what needs it. */
typedef struct ExprWorld {
    void *self;
    /* Size in bytes of the file, or false with `error` filled. */
    bool (*file_size)(void *self, Arena *arena, const char *path, int64_t *bytes, dag_error *error);
    /* The absolute form of a path. */
    const char *(*absolute)(void *self, Arena *arena, const char *path);
} ExprWorld;

/* Where the operands come from. Arrays may be NULL when the code does not mention them. */
typedef struct ExprEnv {
    const dag_value *inputs;   /* by own input port */
    const dag_value *outs;     /* by own output port: path as DAG_FILE or DAG_DIR */
    const dag_value *run;      /* by run input */
    const dag_value *specials; /* by dag_special; those not given are null */
    const ExprWorld *world;    /* or NULL */
    size_t max_value;          /* bytes; 0: DAG_MAX_VALUE */
    Arena *arena;              /* results and intermediates */
} ExprEnv;

/* Evaluates exprs[expr]. False with `error` filled: type "expression" (a pipe failed: the message
 * names value and pipe) or "limit", or "type" (FIT). The error's text lives in env->arena. */
bool expr_eval(const ExprProgram *program, uint32_t expr, const ExprEnv *env, dag_value *result,
               dag_error *error);

#endif
