/*
 * store_sqlite_children.c - the runs of called pipelines below a recorded run, at any depth.
 */
#include "store/store_sqlite_query.h"

/* They come in the order in which they began. */
static bool read_runs(StoreReader *reader, Arena *arena, const char *id, StoreChildRun **children,
                      size_t *n, dag_error *error) {
    size_t size = 0;
    Query q = query_open(reader, arena, error,
                         "SELECT " RUN_COLUMNS " FROM run WHERE name > ? || '/' AND"
                         " name < ? || '0' ORDER BY run.id",
                         0);
    if (q.rc == SQLITE_OK) {
        sqlite3_bind_text(q.statement, 1, id, -1, SQLITE_STATIC);
        sqlite3_bind_text(q.statement, 2, id, -1, SQLITE_STATIC);
    }
    while (query_next(&q)) {
        if (*n == size) {
            size = size == 0 ? 16 : size * 2;
            *children =
                arena_grow(arena, *children, *n * sizeof **children, size * sizeof **children);
        }
        StoreChildRun *child = &(*children)[(*n)++];
        *child = (StoreChildRun){ .error_slug = NULL };
        query_run(&q, &child->run);
    }
    return query_end(&q);
}

/* How many tasks it has by the state of their last row. What nobody works on any more has crashed. */
static bool count_tasks(StoreReader *reader, Arena *arena, StoreChildRun *child, dag_error *error) {
    bool over = child->run.state != DAG_RUNNING;
    Query q =
        query_open(reader, arena, error,
                   "SELECT state, count(*) FROM (SELECT state, max(id) FROM task WHERE " OF_RUN
                   " GROUP BY stage, key) GROUP BY state",
                   child->run.number);
    while (query_next(&q)) {
        dag_state state = query_state(&q, 0);
        bool lost = over && state == DAG_RUNNING;
        child->tasks[lost ? DAG_CRASHED : state] += (uint64_t)query_number(&q, 1);
    }
    return query_end(&q);
}

static bool name_error_stage(StoreReader *reader, Arena *arena, StoreChildRun *child,
                             dag_error *error) {
    if (child->run.error_stage == DAG_NONE)
        return true;
    Query q = query_open(reader, arena, error,
                         "SELECT number, slug FROM stage WHERE run = ?1 ORDER BY number",
                         child->run.number);
    while (query_next(&q)) {
        if (query_number(&q, 0) == (int64_t)child->run.error_stage)
            child->error_slug = query_text(&q, 1);
    }
    return query_end(&q);
}

static bool read_all(StoreReader *reader, Arena *arena, const char *id, StoreChildRun **children,
                     size_t *n, dag_error *error) {
    bool good = read_runs(reader, arena, id, children, n, error);
    for (size_t i = 0; i < *n && good; i++) {
        StoreChildRun *child = &(*children)[i];
        good = query_run_states(reader, arena, &child->run, error) &&
               count_tasks(reader, arena, child, error) &&
               name_error_stage(reader, arena, child, error);
    }
    return good;
}

bool store_read_children(StoreReader *reader, Arena *arena, const char *id,
                         StoreChildRun **children, size_t *n, dag_error *error) {
    *children = NULL;
    *n = 0;
    sqlite3_exec(reader->db, "BEGIN", NULL, NULL, NULL);
    bool good = read_all(reader, arena, id, children, n, error);
    sqlite3_exec(reader->db, "ROLLBACK", NULL, NULL, NULL);
    return good;
}
