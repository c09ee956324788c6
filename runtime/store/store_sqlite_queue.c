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

static bool read_list(StoreReader *reader, Arena *arena, int64_t from, StoreQueued **list,
                      size_t *n, dag_error *error) {
    size_t size = 0;
    Query q =
        query_open(reader, arena, error,
                   "SELECT id, name, inputs FROM run r WHERE id >= ? AND parent IS NULL" IS_QUEUED
                   " ORDER BY id",
                   from);
    while (query_next(&q)) {
        if (*n == size) {
            size = size == 0 ? 16 : size * 2;
            *list = arena_grow(arena, *list, *n * sizeof **list, size * sizeof **list);
        }
        (*list)[(*n)++] = (StoreQueued){ .number = query_number(&q, 0),
                                         .id = query_text(&q, 1),
                                         .inputs = query_text(&q, 2) };
    }
    return query_end(&q);
}

/* The highest number is read first: what comes later has a higher one. */
bool store_queue_read(StoreReader *reader, Arena *arena, int64_t *from, StoreQueued **list,
                      size_t *n, dag_error *error) {
    *n = 0;
    *list = NULL;
    Query q = query_open(reader, arena, error, "SELECT ifnull(max(id), 0) FROM run", 0);
    int64_t last = query_next(&q) ? query_number(&q, 0) : 0;
    if (!query_end(&q) || !read_list(reader, arena, *from > 0 ? *from : 1, list, n, error))
        return false;
    *from = *n > 0 ? (*list)[0].number : last + 1;
    return true;
}

bool store_is_queued(StoreReader *reader, Arena *arena, const char *id, bool *yes,
                     dag_error *error) {
    Query q = query_open(reader, arena, error, "SELECT 1 FROM run r WHERE name = ?" IS_QUEUED, 0);
    if (q.rc == SQLITE_OK)
        sqlite3_bind_text(q.statement, 1, id, -1, SQLITE_STATIC);
    *yes = query_next(&q);
    return query_end(&q);
}
