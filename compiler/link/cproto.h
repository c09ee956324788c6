/*
 * cproto.h - the prototype that a native function must have, and who says that it has another one.
 */
#ifndef DAGCC_CPROTO_H
#define DAGCC_CPROTO_H

#include "link/cunits.h"

/* "int f(dag_ctx *ctx, const S_in *in, S_out *out)"; NULL: no stage names the function. */
const char *cproto_text(Front *front, const Graph *graph, const char *function);

/* The function that a C compiler's message says was declared with another type, or NULL. */
const char *cproto_conflict(Arena *arena, const char *message);

/* Once a unit is compiled: where it has not read the generated header, it is looked at once more
 * with it in front. A function of another type would go wrong at run time only. `base` are the
 * compiler and its flags. Returns the compiler's messages, "" if all is well. */
const char *cproto_check(const CUnits *units, const CUnit *unit, const Argv *base,
                         const char *header);

#endif
