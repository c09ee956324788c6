/*
 * expr_program.h - what the evaluator prepares from a program: made by expr_load.c, read by expr.c.
 */
#ifndef DAG_PURE_EXPR_PROGRAM_H
#define DAG_PURE_EXPR_PROGRAM_H

#include "pure/expr.h"
#include "pure/pattern.h"

/* Operands of a DAG_OP_PIPE (see PIPE_DEPTH in pipe.h). */
#define CODE_OP(code) ((code)&0xFFu)
#define CODE_ARG(code) ((code) >> 8)
#define CODE_ROW(code) ((code) >> 8 & 0xFFFu)
#define CODE_DEPTH(code) (((code) >> 20 & 0xFu) == 0 ? PIPE_ANY_DEPTH : ((code) >> 20 & 0xFu) - 1)
#define CODE_NARGS(code) ((code) >> 24)

struct ExprProgram {
    const dag_program *program;
    dag_value *consts;
    Pattern **patterns; /* by constant; NULL where it is none. NULL: no patterns at all */
    uint32_t *depths;   /* by expression: values on the stack at most */
    Arena arena;        /* of all of this */
};

#endif
