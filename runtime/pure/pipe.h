/*
 * pipe.h - the table of pipes: one row in pipes.def and one function each.
 *
 * The type checker, `dagcc pipes`, hover, completion and the documentation read the same rows.
 */
#ifndef DAG_PURE_PIPE_H
#define DAG_PURE_PIPE_H

#include "pure/expr.h"

#define PIPE_MAX_ARGS 64 /* list(...) of more goes through DAG_OP_LIST; `in(a, b, …)` is bounded */

/* The low half of DAG_OP_PIPE's argument is the row, and above it how a scalar pipe lifts: over
 * exactly `depth` levels of lists around the subject, which only the type tells (a `json` that
 * happens to hold a list is no list<T>). Without it over every list that is met:
 *   DAG_PIPE_CODE(pipe_number(row) | PIPE_DEPTH(1), nargs)
 * nargs counts the arguments without the subject. */
#define PIPE_DEPTH(depth) (((uint32_t)(depth) + 1u) << 12)
#define PIPE_ANY_DEPTH 15 /* pipe_apply's depth: over every list; depths below it have a code */

/* What a pipe's function gets. args[0] is the subject. */
typedef struct PipeCall {
    const ExprProgram *program;
    const ExprEnv *env;
    const struct PipeRow *row;
    const dag_value *args;
    size_t nargs; /* with the subject */
    dag_error *error;
    const struct Pattern *pattern; /* match: its constant argument compiled; NULL: not yet */
} PipeCall;

typedef enum PipeFlag {
    PIPE_SCALAR = 1 << 0, /* lifted over lists, null elements stay null */
    PIPE_EITHER = 1 << 1, /* takes a text or a list by itself */
    PIPE_PURE = 1 << 2,   /* may be folded */
    PIPE_SPECIAL =
        1 << 3, /* typed (and perhaps compiled) by the checker: as, default, required … */
    PIPE_NONZERO = 1 << 4, /* fails for whatever it works on when its first argument is "" or 0 */
} PipeFlag;

/* A row. The signature is text: subject type, then arguments in ( ), then -> result. signature.h
 * has the notation, and reads it for the checker. */
typedef struct PipeRow {
    const char *name;
    const char *signature; /* "string (old: string, new: string = \"\") -> string" */
    const char *group;     /* numbers text paths null lists convert tests */
    unsigned flags;
    /* *result may be args[0]: it is written when no argument, nor a message about one, is needed
     * any more. */
    bool (*apply)(PipeCall *call, dag_value *result);
    const char *doc; /* one line */
} PipeRow;

extern const PipeRow pipe_rows[];
extern const size_t pipe_count;

/* The row of a name, or NULL. */
const PipeRow *pipe_find(const char *name, size_t n);
/* Its number in pipe_rows: the argument of DAG_OP_PIPE. */
uint32_t pipe_number(const PipeRow *row);

/* Applies a pipe to args[0] with args[1..nargs): lifts scalar pipes over lists, `depth` levels of
 * them or, by PIPE_ANY_DEPTH, all that there are. False with call->error filled. A result past
 * env->max_value is an error of type "limit". */
bool pipe_apply_depth(const PipeRow *row, PipeCall *call, unsigned depth, dag_value *result);
bool pipe_apply(const PipeRow *row, PipeCall *call, dag_value *result);

#endif
