/*
 * table.c - open addressing with linear probing; never more than half full.
 */
#include "base/table.h"

#include <stdint.h>

typedef struct Slot {
    const void *scope, *key;
    void *value; /* NULL: free */
} Slot;

struct Table {
    Arena *arena;
    Slot *slots;
    size_t n, size; /* size: a power of two */
};

/* Fibonacci hashing of the two addresses. */
static size_t slot_hash(const void *scope, const void *key) {
    uint64_t h = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
    h ^= ((uint64_t)(uintptr_t)scope + (h >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
    return (size_t)(h ^ h >> 32);
}

Table *table_new(Arena *arena) {
    Table *table = ARENA_NEW(arena, Table);
    table->arena = arena;
    table->size = 64;
    table->slots = ARENA_ARRAY(arena, table->size, Slot);
    return table;
}

static Slot *table_find(const Table *table, const void *scope, const void *key) {
    size_t i = slot_hash(scope, key) & (table->size - 1);
    while (table->slots[i].value &&
           (table->slots[i].key != key || table->slots[i].scope != scope)) {
        i = (i + 1) & (table->size - 1);
    }
    return &table->slots[i];
}

static void table_grow(Table *table) {
    Slot *old = table->slots;
    size_t n = table->size;
    table->size *= 2;
    table->slots = ARENA_ARRAY(table->arena, table->size, Slot);
    for (size_t i = 0; i < n; i++) {
        if (old[i].value) {
            *table_find(table, old[i].scope, old[i].key) = old[i];
        }
    }
}

void *table_get(const Table *table, const void *scope, const void *key) {
    return table_find(table, scope, key)->value;
}

void *table_add(Table *table, const void *scope, const void *key, void *value) {
    void *before = table_get(table, scope, key);
    if (!before) {
        table_put(table, scope, key, value);
    }
    return before;
}

void table_put(Table *table, const void *scope, const void *key, void *value) {
    Slot *slot = table_find(table, scope, key);
    if (!slot->value) {
        if (2 * ++table->n > table->size) {
            table_grow(table);
            slot = table_find(table, scope, key);
        }
    }
    *slot = (Slot){ scope, key, value };
}
