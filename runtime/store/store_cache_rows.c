/*
 * store_cache_rows.c - rows of the cache by key, read ahead in the order in which they were written:
 * tasks come again in about the order in which they came before.
 */
#include <stdlib.h>
#include <string.h>

#include "store/read_ahead.h"
#include "store/row_table.h"
#include "store/store_sqlite_cache.h"

/* Rows that are worth a batch of their own, and to wake somebody; of a batch that is read bit by bit. */
enum { LARGE = 64, MOST_SMALL = 1024 };

/* Rows not asked for yet among which one is expected. */
enum { NEAR = 16 };

/* Rows that were read at once, or a few at a time. They go when all were asked for: where there are
 * many tasks, each is asked for once, in about this order. */
typedef struct CacheBatch {
    Arena arena; /* of its rows */
    CacheRow *first, **last;
    size_t nrows, nasked;
    bool large;      /* it was read at once */
    bool listed;     /* its rows stand in the table */
    Outlook outlook; /* those that can be looked at ahead, if it is large */
    struct CacheBatch *next;
} CacheBatch;

struct CacheRows {
    const dag_program *program;
    CacheAhead *ahead_of; /* looks at rows before they are asked for; or NULL */
    sqlite3_stmt *find;   /* id by key */
    sqlite3_stmt *from;   /* rows from an id on */
    Arena arena;          /* of reasons and stages */
    RowTable stages;      /* dag_stage by slug */
    const char *reason;   /* of the row before */
    const char *named;    /* stage of the row before, and its number */
    uint32_t stage;
    CacheBatch *batches, *newest;
    CacheRow *expected;   /* those before it in its batch were asked for or passed over; or NULL */
    bool at_end;          /* there is none, and the last one is what was read last */
    int64_t last;         /* id of what was read last; 0: there is nothing behind it */
    size_t nrows, nspent; /* in batches; of these, in batches that were asked for as a whole */
    Arena slots;          /* of the table */
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

static void note_asked(CacheRows *rows, CacheRow *row) {
    CacheBatch *batch = row->batch;
    if (row->asked)
        return;
    row->asked = true;
    if (++batch->nasked == batch->nrows)
        rows->nspent += batch->nrows;
}

/* Of rows with the same key the newest counts. */
static void enter(CacheRows *rows, CacheRow *row) {
    row_table_room(&rows->table, &rows->slots);
    RowSlot *slot = slot_of(rows, row->key);
    CacheRow *other = slot->row;
    if (other == NULL) {
        row_table_put(&rows->table, slot, hash_of(row->key), row);
    } else if (other != row && other->id <= row->id) {
        note_asked(rows, other);
        slot->row = row;
    } else if (other != row) {
        note_asked(rows, row);
    }
}

static CacheRow *look(const CacheRows *rows, Digest key) {
    return rows->table.nslots == 0 ? NULL : slot_of(rows, key)->row;
}

static void list_rows(CacheRows *rows) {
    for (CacheBatch *batch = rows->batches; batch != NULL; batch = batch->next) {
        for (CacheRow *row = batch->listed ? NULL : batch->first; row != NULL; row = row->next)
            enter(rows, row);
        batch->listed = true;
    }
}

/* Rows that all come as they are expected need not stand in the table. Without memory nothing is known. */
static void list_batches(CacheRows *rows) {
    jmp_buf oom;
    rows->slots.oom = &oom;
    if (setjmp(oom) == 0)
        list_rows(rows);
    rows->slots.oom = NULL;
}

/* ---------------------------------------------------------------- batches */

/* For so many rows; NULL without memory. */
static CacheBatch *batch_for(CacheRows *rows, int64_t n) {
    CacheBatch *batch = rows->newest;
    bool large = n >= LARGE;
    if (batch != NULL && !large && !batch->large && batch->nrows < MOST_SMALL &&
        batch->nasked < batch->nrows)
        return batch;
    batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        return NULL;
    batch->large = large;
    batch->last = &batch->first;
    atomic_store(&batch->outlook.done, true);
    batch->next = rows->batches;
    return rows->batches = rows->newest = batch;
}

static void batch_free(CacheBatch *batch) {
    for (CacheRow *row = batch->first; row != NULL; row = row->next)
        box_release(atomic_load(&row->ahead.intact));
    arena_free(&batch->arena);
    free(batch);
}

static bool is_spent(const CacheBatch *batch) {
    return batch->nasked == batch->nrows &&
           atomic_load_explicit(&batch->outlook.done, memory_order_acquire);
}

static void drop_spent(CacheRows *rows) {
    rows->nrows = rows->nspent = 0;
    rows->newest = NULL;
    for (CacheBatch **link = &rows->batches; *link != NULL;) {
        CacheBatch *batch = *link;
        if (is_spent(batch)) {
            *link = batch->next;
            rows->expected =
                rows->expected != NULL && rows->expected->batch == batch ? NULL : rows->expected;
            batch_free(batch);
            continue;
        }
        rows->nrows += batch->nrows;
        link = &batch->next;
    }
}

/* Once half of all rows may go, they do: what is left is put into a new table when that is needed. */
static void make_room(CacheRows *rows) {
    if (rows->nspent == 0 || rows->nspent * 2 < rows->nrows)
        return;
    drop_spent(rows);
    rows->table = (RowTable){ 0 };
    arena_reset(&rows->slots);
    for (CacheBatch *batch = rows->batches; batch != NULL; batch = batch->next)
        batch->listed = false;
}

/* ---------------------------------------------------------------- stages by name */

static const char *slug(const CacheRows *rows, const dag_stage *stage) {
    return rows->program->strings + stage->slug;
}

static RowSlot *stage_slot(const CacheRows *rows, const char *name) {
    RowSlot *slot = row_table_at(&rows->stages, row_hash_text(name));
    while (slot->row != NULL && strcmp(slug(rows, slot->row), name) != 0)
        slot = row_table_next(&rows->stages, slot);
    return slot;
}

static void enter_stages(CacheRows *rows) {
    const dag_program *program = rows->program;
    row_table_reserve(&rows->stages, &rows->arena, program->nstages);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const char *name = slug(rows, &program->stages[i]);
        row_table_put(&rows->stages, stage_slot(rows, name), row_hash_text(name),
                      (void *)(uintptr_t)&program->stages[i]);
    }
}

/* DAG_NONE: there is none of this name any more. */
static uint32_t stage_named(CacheRows *rows, const char *name) {
    if (rows->named != NULL && strcmp(rows->named, name) == 0)
        return rows->stage;
    if (rows->stages.nslots == 0)
        enter_stages(rows);
    const dag_stage *stage = stage_slot(rows, name)->row;
    if (stage == NULL)
        return DAG_NONE;
    rows->named = slug(rows, stage);
    return rows->stage = (uint32_t)(stage - rows->program->stages);
}

/* ---------------------------------------------------------------- reading */

static const char *column(Arena *arena, sqlite3_stmt *statement, int i) {
    const char *chars = (const char *)sqlite3_column_text(statement, i);
    return chars == NULL ? ""
                         : arena_text(arena, chars, (size_t)sqlite3_column_bytes(statement, i));
}

/* Rows of one run stand together: what names it is kept once. */
static const char *reason_column(CacheRows *rows) {
    static const char same[] = "same definition and inputs as in run ";
    const char *run = (const char *)sqlite3_column_text(rows->from, 3);
    run = run != NULL ? run : "";
    if (rows->reason == NULL || strcmp(rows->reason + sizeof same - 1, run) != 0)
        rows->reason = arena_printf(&rows->arena, "%s%s", same, run);
    return rows->reason;
}

/* Can its outputs be looked at ahead? Those of a gate are what enters it now. */
static bool can_be_seen(const CacheRows *rows, const CacheRow *row) {
    return rows->ahead_of != NULL && row->ahead.stage != DAG_NONE &&
           (rows->program->stages[row->ahead.stage].flags & DAG_STAGE_GATE) == 0;
}

static void add_to_outlook(Outlook *outlook, Foresight *row) {
    if (outlook->n++ == 0)
        outlook->first = row;
    else
        outlook->last->next = row;
    outlook->last = row;
}

static void take_row(CacheRows *rows, CacheBatch *batch) {
    Arena *arena = &batch->arena;
    CacheRow *row = ARENA_NEW(arena, CacheRow);
    memcpy(row->key.bytes, sqlite3_column_blob(rows->from, 0), sizeof row->key.bytes);
    row->made = sqlite3_column_int64(rows->from, 1);
    row->id = sqlite3_column_int64(rows->from, 6);
    row->whole = sqlite3_column_type(rows->from, 7) == SQLITE_INTEGER;
    row->places = sqlite3_column_int64(rows->from, 7);
    row->has_sight = sqlite3_column_bytes(rows->from, 8) == (int)sizeof row->sight;
    if (row->has_sight)
        memcpy(row->sight.bytes, sqlite3_column_blob(rows->from, 8), sizeof row->sight.bytes);
    row->reason = reason_column(rows);
    row->ahead.outputs = column(arena, rows->from, 2);
    row->ahead.stamps = column(arena, rows->from, 4);
    row->ahead.stage = stage_named(rows, (const char *)sqlite3_column_text(rows->from, 5));
    row->batch = batch;
    *batch->last = row;
    batch->last = &row->next;
    batch->nrows++;
    rows->nrows++;
    rows->last = row->id;
    if (batch->listed)
        enter(rows, row);
    if (batch->large && can_be_seen(rows, row))
        add_to_outlook(&batch->outlook, &row->ahead);
}

static void take_rows(CacheRows *rows, CacheBatch *batch) {
    while (sqlite3_step(rows->from) == SQLITE_ROW) {
        read_ahead_count(&rows->ahead);
        if (sqlite3_column_bytes(rows->from, 0) == (int)sizeof(Digest))
            take_row(rows, batch);
    }
    if (batch->outlook.n == 0)
        return;
    atomic_store(&batch->outlook.done, false);
    cache_ahead_want(rows->ahead_of, &batch->outlook);
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
    rows->arena.oom = rows->slots.oom = &oom;
    if (setjmp(oom) == 0) {
        if (n >= LARGE)
            make_room(rows);
        CacheBatch *batch = batch_for(rows, n);
        if (batch != NULL) {
            batch->arena.oom = &oom; /* nothing is taken from it but here */
            sqlite3_bind_int64(rows->from, 1, id);
            sqlite3_bind_int64(rows->from, 2, n);
            take_rows(rows, batch);
        }
    }
    rows->arena.oom = rows->slots.oom = NULL;
    sqlite3_reset(rows->from);
}

static void expect(CacheRows *rows, CacheRow *before) {
    rows->expected = before->next;
    rows->at_end = before->next == NULL && before->id == rows->last;
}

CacheRow *cache_rows_find(CacheRows *rows, Digest key, bool newest) {
    int64_t id;
    list_batches(rows);
    CacheRow *row = look(rows, key);
    read_ahead_ask(&rows->ahead);
    if (row == NULL || newest) {
        if (!find_id(rows, key, &id))
            return NULL;
        read_rows(rows, id, newest ? 1 : read_ahead_window(&rows->ahead));
        list_batches(rows);
        row = look(rows, key);
    }
    if (row == NULL)
        return NULL;
    note_asked(rows, row);
    expect(rows, row);
    return row;
}

/* All that was read has been asked for: what stands behind it, if that is worth a step. */
static CacheRow *read_on(CacheRows *rows) {
    int64_t n = read_ahead_window(&rows->ahead), last = rows->last;
    rows->at_end = false;
    if (last == 0 || n < LARGE)
        return NULL;
    rows->last = 0;
    read_rows(rows, last + 1, n);
    return rows->last == 0 ? NULL : rows->newest->first;
}

/* The first row that may come next. */
static CacheRow *next_expected(CacheRows *rows) {
    while (rows->expected != NULL && rows->expected->asked)
        expect(rows, rows->expected);
    if (rows->expected == NULL && rows->at_end)
        rows->expected = read_on(rows);
    return rows->expected;
}

/* One of the next few; *passed: how many others come before it. NULL: none of them. */
static CacheRow *find_near(CacheRow *row, uint32_t stage, Digest sight, int *passed) {
    *passed = 0;
    for (int i = 0; row != NULL && i < NEAR; i++, row = row->next) {
        if (row->asked)
            continue;
        if (row->has_sight && row->ahead.stage == stage && digest_equal(row->sight, sight))
            return row;
        ++*passed;
    }
    return NULL;
}

CacheRow *cache_rows_expect(CacheRows *rows, uint32_t stage, Digest sight) {
    int passed;
    CacheRow *row = find_near(next_expected(rows), stage, sight, &passed);
    if (row == NULL)
        return NULL;
    if (passed > NEAR / 2)
        expect(rows, rows->expected); /* nobody asks for it */
    read_ahead_ask(&rows->ahead);
    note_asked(rows, row);
    return row;
}

/* ---------------------------------------------------------------- */

CacheRows *cache_rows_new(sqlite3 *db, const dag_program *program, const char *run,
                          CacheAhead *ahead) {
    CacheRows *rows = calloc(1, sizeof *rows);
    const char *find = "SELECT id FROM cache WHERE key = ?1 AND run <> ?2 ORDER BY id DESC LIMIT 1";
    const char *from = "SELECT key, made, outputs, run, stamps, stage, id, places, sight FROM cache"
                       " WHERE id >= ?1 AND run <> ?3 ORDER BY id LIMIT ?2";
    if (rows != NULL) {
        rows->program = program;
        rows->ahead_of = ahead;
    }
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
    while (rows->batches != NULL) {
        CacheBatch *batch = rows->batches;
        rows->batches = batch->next;
        batch_free(batch);
    }
    arena_free(&rows->arena);
    arena_free(&rows->slots);
    free(rows);
}
