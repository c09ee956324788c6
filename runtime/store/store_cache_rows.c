/*
 * store_cache_rows.c - rows of the cache by key, read ahead in the order in which they were written:
 * tasks come again in about the order in which they came before.
 */
#include <stdlib.h>
#include <string.h>

#include "store/read_ahead.h"
#include "store/row_table.h"
#include "store/store_sqlite_cache.h"

struct CacheRows {
    sqlite3_stmt *find; /* id by key */
    sqlite3_stmt *from; /* rows from an id on */
    Arena arena;        /* of rows and slots */
    RowTable table;
    ReadAhead ahead;
};

/* ---------------------------------------------------------------- the table in memory */

static uint64_t hash_of(Digest key) {
    uint64_t hash; /* a digest is as good as any hash of it */
    memcpy(&hash, key.bytes, sizeof hash);
    return hash;
}

static RowSlot *slot_of(const CacheRows *rows, Digest key) {
    RowSlot *slot = row_table_at(&rows->table, hash_of(key));
    while (slot->row != NULL && !digest_equal(((const CacheRow *)slot->row)->key, key))
        slot = row_table_next(&rows->table, slot);
    return slot;
}

/* Puts a row in the place of an older one with the same key. */
static void enter(CacheRows *rows, CacheRow *row) {
    row_table_room(&rows->table, &rows->arena);
    RowSlot *slot = slot_of(rows, row->key);
    if (slot->row == NULL)
        row_table_put(&rows->table, slot, hash_of(row->key), row);
    else
        slot->row = row;
}

static const CacheRow *look(const CacheRows *rows, Digest key) {
    return rows->table.nslots == 0 ? NULL : slot_of(rows, key)->row;
}

/* ---------------------------------------------------------------- reading */

static const char *column(Arena *arena, sqlite3_stmt *statement, int i) {
    const char *chars = (const char *)sqlite3_column_text(statement, i);
    return chars == NULL ? ""
                         : arena_text(arena, chars, (size_t)sqlite3_column_bytes(statement, i));
}

/* Rows of one run stand together: what names it is kept once. */
static const char *reason_column(CacheRows *rows, const CacheRow *before) {
    static const char same[] = "same definition and inputs as in run ";
    const char *run = (const char *)sqlite3_column_text(rows->from, 3);
    run = run != NULL ? run : "";
    if (before != NULL && strcmp(before->reason + sizeof same - 1, run) == 0)
        return before->reason;
    return arena_printf(&rows->arena, "%s%s", same, run);
}

static void take_rows(CacheRows *rows) {
    const CacheRow *before = NULL;
    while (sqlite3_step(rows->from) == SQLITE_ROW) {
        const void *key = sqlite3_column_blob(rows->from, 0);
        read_ahead_count(&rows->ahead);
        if (sqlite3_column_bytes(rows->from, 0) != (int)sizeof(Digest))
            continue;
        CacheRow *row = ARENA_NEW(&rows->arena, CacheRow);
        memcpy(row->key.bytes, key, sizeof row->key.bytes);
        row->made = sqlite3_column_int64(rows->from, 1);
        row->outputs = column(&rows->arena, rows->from, 2);
        row->reason = reason_column(rows, before);
        row->stamps = column(&rows->arena, rows->from, 4);
        enter(rows, row);
        before = row;
    }
}

static bool find_id(CacheRows *rows, Digest key, int64_t *id) {
    sqlite3_bind_blob(rows->find, 1, key.bytes, (int)sizeof key.bytes, SQLITE_STATIC);
    bool found = sqlite3_step(rows->find) == SQLITE_ROW;
    if (found)
        *id = sqlite3_column_int64(rows->find, 0);
    sqlite3_reset(rows->find);
    return found;
}

/* Without memory nothing is known. */
static void read_rows(CacheRows *rows, int64_t id, int64_t n) {
    jmp_buf oom;
    rows->arena.oom = &oom;
    if (setjmp(oom) == 0) {
        sqlite3_bind_int64(rows->from, 1, id);
        sqlite3_bind_int64(rows->from, 2, n);
        take_rows(rows);
    }
    rows->arena.oom = NULL;
    sqlite3_reset(rows->from);
}

const CacheRow *cache_rows_find(CacheRows *rows, Digest key, bool newest) {
    int64_t id;
    const CacheRow *row = look(rows, key);
    read_ahead_ask(&rows->ahead);
    if (row != NULL && !newest)
        return row;
    if (!find_id(rows, key, &id))
        return NULL;
    read_rows(rows, id, newest ? 1 : read_ahead_window(&rows->ahead));
    return look(rows, key);
}

/* ---------------------------------------------------------------- */

CacheRows *cache_rows_new(sqlite3 *db, const char *run) {
    CacheRows *rows = calloc(1, sizeof *rows);
    const char *find = "SELECT id FROM cache WHERE key = ?1 AND run <> ?2 ORDER BY id DESC LIMIT 1";
    const char *from = "SELECT key, made, outputs, run, stamps FROM cache WHERE id >= ?1"
                       " AND run <> ?3 ORDER BY id LIMIT ?2";
    if (rows != NULL && sqlite3_prepare_v2(db, find, -1, &rows->find, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, from, -1, &rows->from, NULL) == SQLITE_OK &&
        sqlite3_bind_text(rows->find, 2, run, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_bind_text(rows->from, 3, run, -1, SQLITE_STATIC) == SQLITE_OK)
        return rows;
    cache_rows_free(rows);
    return NULL;
}

void cache_rows_free(CacheRows *rows) {
    if (rows == NULL)
        return;
    sqlite3_finalize(rows->find);
    sqlite3_finalize(rows->from);
    arena_free(&rows->arena);
    free(rows);
}
