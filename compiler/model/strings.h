/*
 * strings.h - the one string pool of a compiled file: every text once, a NUL behind each, found by
 * 32-bit offset. Offset 0 is the empty text.
 */
#ifndef DAGCC_STRINGS_H
#define DAGCC_STRINGS_H

#include "dag.h"
#include "base/pool.h"

typedef struct Strings {
    Arena *arena;
    POOL(char) bytes;
    uint32_t *slots; /* hash table of offsets; 0: free */
    uint32_t nslots; /* a power of two, at most half full */
    uint32_t used;
} Strings;

Strings *strings_new(Arena *arena);

/* The offset of a text of n bytes without NUL. */
dag_name strings_add(Strings *strings, const char *text, size_t n);
/* Of a NUL-terminated one; NULL is the empty text. */
dag_name strings_name(Strings *strings, const char *text);

/* Appends a text without looking for it or remembering it: for what strings_cut takes back. */
dag_name strings_push(Strings *strings, const char *text, size_t n);
/* Takes back what was pushed behind the first `n` bytes. */
void strings_cut(Strings *strings, uint32_t n);

#endif
