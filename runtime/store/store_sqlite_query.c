/*
 * store_sqlite_query.c - see store_sqlite_query.h.
 */
#include "store/store_sqlite_query.h"

Query query_open(StoreReader *reader, Arena *arena, dag_error *error, const char *sql,
                 int64_t run) {
    Query q = { .reader = reader, .arena = arena, .error = error };
    q.rc = sqlite3_prepare_v2(reader->db, sql, -1, &q.statement, NULL);
    if (q.rc == SQLITE_OK && run > 0)
        sqlite3_bind_int64(q.statement, 1, run);
    return q;
}

bool query_next(Query *q) {
    if (q->rc != SQLITE_OK && q->rc != SQLITE_ROW)
        return false;
    q->rc = sqlite3_step(q->statement);
    return q->rc == SQLITE_ROW;
}

bool query_end(Query *q) {
    bool good = q->rc == SQLITE_DONE || q->rc == SQLITE_ROW;
    if (!good) {
        q->error->type = "store";
        q->error->message =
            arena_printf(q->arena, "the state store in %s cannot be read: %s%s", q->reader->root,
                         sqlite3_errmsg(q->reader->db), store_what_to_do(q->rc));
    }
    sqlite3_finalize(q->statement);
    return good;
}

const char *query_text(const Query *q, int column) {
    const char *chars = (const char *)sqlite3_column_text(q->statement, column);
    return chars == NULL
               ? NULL
               : arena_text(q->arena, chars, (size_t)sqlite3_column_bytes(q->statement, column));
}

int64_t query_number(const Query *q, int column) {
    return sqlite3_column_int64(q->statement, column);
}

int64_t query_known(const Query *q, int column) {
    return sqlite3_column_type(q->statement, column) == SQLITE_NULL ? -1 : query_number(q, column);
}

dag_state query_state(const Query *q, int column) {
    int64_t n = query_number(q, column);
    return n >= 0 && n < DAG_NSTATES ? (dag_state)n : DAG_CRASHED;
}

bool query_cannot_write(StoreReader *reader, Arena *arena, dag_error *error) {
    error->type = "store";
    error->message = arena_printf(arena, "the state store in %s cannot be written: %s",
                                  reader->root, sqlite3_errmsg(reader->db));
    sqlite3_exec(reader->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
