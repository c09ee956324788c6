/*
 * row_table.h - rows in memory by a 64-bit hash: open addressing, the hash beside the pointer, so that
 * a search touches no row but the right one. Nothing is ever taken out.
 *
 *   RowSlot *slot = row_table_at(&table, hash);
 *   while (slot->row && !same(slot->row)) slot = row_table_next(&table, slot);
 */
#ifndef DAG_STORE_ROW_TABLE_H
#define DAG_STORE_ROW_TABLE_H

#include <stdint.h>
#include <string.h>

#include "pure/arena.h"

typedef struct RowSlot {
    uint64_t hash;
    void *row; /* NULL: free */
} RowSlot;

/* {0} is an empty table; its slots live in the owner's arena. */
typedef struct RowTable {
    RowSlot *slots;
    size_t nslots, nrows; /* nslots: a power of two, or 0: make room before the first search */
} RowTable;

static inline RowSlot *row_table_from(const RowTable *table, size_t at, uint64_t hash) {
    at &= table->nslots - 1;
    while (table->slots[at].row && table->slots[at].hash != hash) {
        at = (at + 1) & (table->nslots - 1);
    }
    return &table->slots[at];
}

/* The first slot that has a row with that hash, or the free one where it would stand. */
static inline RowSlot *row_table_at(const RowTable *table, uint64_t hash) {
    return row_table_from(table, (size_t)hash, hash);
}

/* The next one, behind a slot whose row was another with the same hash. */
static inline RowSlot *row_table_next(const RowTable *table, const RowSlot *slot) {
    return row_table_from(table, (size_t)(slot - table->slots) + 1, slot->hash);
}

/* Fills a free slot. */
static inline void row_table_put(RowTable *table, RowSlot *slot, uint64_t hash, void *row) {
    *slot = (RowSlot){ .hash = hash, .row = row };
    table->nrows++;
}

/* Makes room for n more rows. */
static inline void row_table_reserve(RowTable *table, Arena *arena, size_t n) {
    RowTable more = { .nslots = table->nslots ? table->nslots : 1024 };
    while (more.nslots < (table->nrows + n) * 2) {
        more.nslots *= 2;
    }
    if (more.nslots == table->nslots) {
        return;
    }
    more.slots = ARENA_ARRAY(arena, more.nslots, RowSlot);
    for (size_t i = 0; i < table->nslots; i++) {
        RowSlot *slot = &table->slots[i];
        if (slot->row) {
            RowSlot *to = row_table_at(&more, slot->hash);
            while (to->row) {
                to = row_table_next(&more, to);
            }
            row_table_put(&more, to, slot->hash, slot->row);
        }
    }
    *table = more;
}

/* Makes room for one more row, before its slot is searched. */
static inline void row_table_room(RowTable *table, Arena *arena) {
    if (table->nrows * 2 >= table->nslots) {
        row_table_reserve(table, arena, 1);
    }
}

/* A hash for texts: eight bytes at a time are multiplied in, the high bits mixed into the low ones (as
 * in FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv, but for the width). Not for storage. */
static inline uint64_t row_hash_text(const char *text) {
    const uint64_t factor = 0x9e3779b97f4a7c15u;
    uint64_t hash = 0xcbf29ce484222325u, word;
    size_t n = strlen(text);
    for (; n >= sizeof word; n -= sizeof word, text += sizeof word) {
        memcpy(&word, text, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, text, n);
    hash = (hash ^ word ^ (uint64_t)n << 56) * factor;
    return hash ^ hash >> 32;
}

#endif
