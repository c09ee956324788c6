/*
 * table.h - a hash table from (scope, key) to a pointer, for names and interned things.
 *
 * Both are compared as pointers: keys are interned texts or objects, a scope is the address of
 * whatever the names belong to (a stage's inputs, a module's types). One table serves all scopes.
 */
#ifndef DAGCC_TABLE_H
#define DAGCC_TABLE_H

#include "pure/arena.h"

typedef struct Table Table;

Table *table_new(Arena *arena);

/* The value, or NULL. */
void *table_get(const Table *table, const void *scope, const void *key);

/* Enters a value unless the key is there; returns what was there before, or NULL. */
void *table_add(Table *table, const void *scope, const void *key, void *value);

/* Enters or replaces. */
void table_put(Table *table, const void *scope, const void *key, void *value);

#endif
