/*
 * store_sqlite_forget.c - what gc does with the store: what is still referred to, runs forgotten, space
 * given back.
 */
#include "store/store_sqlite_query.h"

/* The run that the user started, of one of a called pipeline. */
#define ROOT_OF(run)                                                                             \
    "(SELECT o.id FROM run c JOIN run o ON o.name = substr(c.name, 1, instr(c.name || '/', '/')" \
    " - 1) WHERE c.id = " run ")"

bool store_each_text(StoreReader *reader, Arena *arena, bool (*wanted)(void *self, int64_t run),
                     void (*see)(void *self, const char *text), void *self, dag_error *error) {
    Query q = query_open(
        reader, arena, error,
        "SELECT " ROOT_OF(
            "t.id >> 32") ", ifnull(inputs, '') || ifnull(outputs, '')"
                          " FROM task_known t WHERE"
                          " inputs LIKE '%/work/%' OR outputs LIKE '%/work/%' UNION ALL"
                          " SELECT " ROOT_OF(
                              "r.id") ", inputs FROM run r WHERE inputs LIKE '%/work/%' UNION ALL"
                                      " SELECT 0, outputs FROM cache WHERE outputs LIKE '%/work/%'",
        0);
    while (query_next(&q)) {
        const char *chars = (const char *)sqlite3_column_text(q.statement, 1);
        if (chars != NULL && wanted(self, query_number(&q, 0)))
            see(self, chars);
    }
    return query_end(&q);
}

static bool execute(StoreReader *reader, Arena *arena, dag_error *error, const char *sql) {
    return sqlite3_exec(reader->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           query_cannot_write(reader, arena, error);
}

static bool drop_rows(StoreReader *reader, int64_t run, Arena *arena, dag_error *error) {
    const char *format = "DELETE FROM task WHERE id BETWEEN %lld AND %lld;"
                         "DELETE FROM attempt WHERE id BETWEEN %lld AND %lld;"
                         "DELETE FROM transition WHERE id BETWEEN %lld AND %lld;"
                         "DELETE FROM run WHERE id = %lld";
    long long first = STORE_ID(run, 0), last = STORE_ID(run, UINT32_MAX);
    const char *sql = arena_printf(arena, format, first, last, first, last, first, last, // NOLINT
                                   (long long)run);
    return execute(reader, arena, error, sql);
}

/* The runs of called pipelines below one: their names begin with its name and a slash. */
static bool list_children(StoreReader *reader, const StoreRunInfo *run, Arena *arena,
                          int64_t **runs, size_t *n, dag_error *error) {
    size_t size = 0;
    Query q =
        query_open(reader, arena, error,
                   "SELECT id FROM run WHERE name > (SELECT name || '/' FROM run WHERE id = ?1)"
                   " AND name < (SELECT name || '0' FROM run WHERE id = ?1)",
                   run->number);
    while (query_next(&q)) {
        if (*n == size) {
            size = size == 0 ? 64 : size * 2;
            *runs = arena_grow(arena, *runs, *n * sizeof **runs, size * sizeof **runs);
        }
        (*runs)[(*n)++] = query_number(&q, 0);
    }
    return query_end(&q);
}

bool store_drop_run(StoreReader *reader, const StoreRunInfo *run, Arena *arena, dag_error *error) {
    int64_t *children = NULL;
    size_t n = 0;
    bool good = execute(reader, arena, error, "BEGIN IMMEDIATE") &&
                list_children(reader, run, arena, &children, &n, error);
    for (size_t i = 0; i < n && good; i++)
        good = drop_rows(reader, children[i], arena, error);
    return good && drop_rows(reader, run->number, arena, error) &&
           execute(reader, arena, error, "COMMIT");
}

bool store_compact(StoreReader *reader, Arena *arena, dag_error *error) {
    return execute(reader, arena, error,
                   "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
}
