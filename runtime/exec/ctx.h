/*
 * ctx.h - what a native function is given beside its inputs: dag_ctx of dag.h, made and read back.
 */
#ifndef DAG_EXEC_CTX_H
#define DAG_EXEC_CTX_H

#include "core/executor.h"

/* What was emitted on one stream. */
typedef struct Emitted {
    dag_value *items;
    size_t n, size;
} Emitted;

struct dag_ctx {
    Attempt *attempt;
    Emitted *streams;           /* by own output */
    dag_error failure;          /* said by dag_fail; type NULL: not called */
    dag_error broken;           /* a value that could not be emitted; type NULL: none */
    atomic_bool *cancelled;     /* the attempt's, or of memory shared with a child */
    atomic_llong *done, *total; /* likewise */
    int log;                    /* DIR/stderr; -1: not opened yet, or it cannot be */
};

void ctx_init(dag_ctx *ctx, Attempt *attempt);
void ctx_free(dag_ctx *ctx); /* closes the log */

#endif
