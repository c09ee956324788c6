/*
 * store_sqlite_queue.c - the queued runs of a store, read (queue.h).
 */
#include "store/queue.h"
#include "store/store_sqlite_query.h"

/* The last transition of the run as a whole says how it stands; the rows of a run are in the order of
 * their ids, so few are looked at. */
#define IS_QUEUED                                                                                  \
    " AND (SELECT state FROM transition WHERE id BETWEEN r.id << 32 AND (r.id << 32) + 4294967295" \
    " AND scope = 0 ORDER BY id DESC LIMIT 1) = 9"

_Static_assert(DAG_QUEUED == 9, "the number in the queries");

/* The highest number is read first: what comes later has a higher one. */
bool store_queue_read(StoreReader *reader, Arena *arena, int64_t from, StoreQueued **list,
                      size_t *n, int64_t *next, dag_error *error) {
    *n = 0;
    *list = ARENA_ARRAY(arena, STORE_QUEUE_PAGE, StoreQueued);
    Query q = query_open(reader, arena, error, "SELECT ifnull(max(id), 0) FROM run", 0);
    *next = query_next(&q) ? query_number(&q, 0) + 1 : 1;
    if (!query_end(&q))
        return false;
    q = query_open(reader, arena, error,
                   "SELECT id, name, inputs FROM run r WHERE id >= ? AND parent IS NULL" IS_QUEUED
                   " ORDER BY id LIMIT 64",
                   from > 0 ? from : 1);
    while (query_next(&q))
        (*list)[(*n)++] = (StoreQueued){ .number = query_number(&q, 0),
                                         .id = query_text(&q, 1),
                                         .inputs = query_text(&q, 2) };
    if (*n == STORE_QUEUE_PAGE)
        *next = (*list)[*n - 1].number + 1;
    return query_end(&q);
}

_Static_assert(STORE_QUEUE_PAGE == 64, "the number in the query");

bool store_has_moved(StoreReader *reader) {
    return store_file_has_moved(reader->db);
}

bool store_is_queued(StoreReader *reader, Arena *arena, const char *id, bool *yes,
                     dag_error *error) {
    Query q = query_open(reader, arena, error, "SELECT 1 FROM run r WHERE name = ?" IS_QUEUED, 0);
    if (q.rc == SQLITE_OK)
        sqlite3_bind_text(q.statement, 1, id, -1, SQLITE_STATIC);
    *yes = query_next(&q);
    return query_end(&q);
}
