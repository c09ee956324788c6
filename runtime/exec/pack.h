/*
 * pack.h - a value as bytes and back, for another process of this program on this machine.
 */
#ifndef DAG_EXEC_PACK_H
#define DAG_EXEC_PACK_H

#include "pure/text.h"
#include "pure/value.h"

/* Appends the value. */
void pack_value(TextBuffer *out, dag_value value);

/* Reads one value that takes up all n bytes; its texts stay where they are in `bytes`. False: the
 * bytes are no value, whatever else they are. */
bool unpack_value(Arena *arena, const char *bytes, size_t n, dag_value *value);

#endif
