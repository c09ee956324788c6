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

/* Makes room for one more row, before its slot is searched. */
static inline void row_table_room(RowTable *table, Arena *arena) {
    if (table->nrows * 2 < table->nslots) {
        return;
    }
    RowTable more = { .nslots = table->nslots ? table->nslots * 2 : 1024 };
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

#endif
