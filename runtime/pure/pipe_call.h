/*
 * pipe_call.h - what the functions of pipes share: their prototypes, checks and errors.
 *
 * A pipe's function gets a PipeCall (pipe.h) with as many arguments as its signature allows, and
 * fills *result, or returns false through one of the functions below.
 */
#ifndef DAG_PURE_PIPE_CALL_H
#define DAG_PURE_PIPE_CALL_H

#include "pure/pipe.h"
#include "pure/text.h"

#define PIPE(name, signature, group, flags, function, doc) bool function(PipeCall *, dag_value *);
#include "pure/pipes.def"
#undef PIPE

/* Error of type "expression": "NAME: " and the message. Always false. */
bool pipe_fail(PipeCall *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The error "NAME: VALUE is not WHAT" about args[i]. Always false. */
bool pipe_wrong(PipeCall *call, size_t i, const char *what);

/* Error of type "limit": the result is past env->max_value. Always false. */
bool pipe_too_large(PipeCall *call);

/* Bytes that a value may have. */
size_t pipe_max(const PipeCall *call);

/* Is args[i] a text (an int)? If not, the error says so. */
bool pipe_text(PipeCall *call, size_t i);
bool pipe_whole(PipeCall *call, size_t i);

/* Room for a text of n bytes, with its NUL in place; NULL: too large, the error says so. */
char *pipe_room(PipeCall *call, size_t n);

/* The result is n bytes of the subject from `start`: without a copy if it is its end. */
bool pipe_part(PipeCall *call, const char *start, size_t n, dag_value *result);

/* The result is the text of a buffer, if it is not too large. */
bool pipe_buffer(PipeCall *call, TextBuffer *buffer, dag_value *result);

#endif
