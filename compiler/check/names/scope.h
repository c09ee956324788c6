/*
 * scope.h - what expressions may mention, by the place where they stand.
 */
#ifndef DAGCC_SCOPE_H
#define DAGCC_SCOPE_H

#include "check/names/names.h"

enum {
    SEES_PORTS = 1 << 0,   /* own inputs, parameters */
    SEES_STAGES = 1 << 1,  /* outputs of other stages */
    SEES_INPUTS = 1 << 2,  /* input.x */
    SEES_CONFIG = 1 << 3,  /* config.x */
    SEES_RUN = 1 << 4,     /* run.id */
    SEES_TASK = 1 << 5,    /* task.key, task.attempt */
    SEES_RESULT = 1 << 6,  /* stdout, stderr, exit */
    SEES_OUT = 1 << 7,     /* out.x */
    SEES_IT = 1 << 8,      /* it */
    SEES_STATUS = 1 << 9,  /* run.status, run.error */
    SEES_PARAMS = 1 << 10, /* parameters alone */
};

#define SEES_PIPELINE (SEES_STAGES | SEES_INPUTS | SEES_CONFIG | SEES_RUN)

/* May any of these be mentioned here? */
bool scope_sees(const Scope *scope, unsigned what);

/* Reports something that cannot be mentioned here, and breaks the reference. `what`: "`it`". */
void scope_refuse(const Scope *scope, Expr *expr, const char *what);

/* A reference that was reported: nothing more is said about it. */
void ref_break(Expr *expr);

/* Resolves a reference that begins with `input`, `config`, `out`, `it` …; false: it does not. */
bool head_resolve(Scope *scope, Expr *expr);
void heads_offer(Nearest *nearest);

#endif
