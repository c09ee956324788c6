/*
 * store_sqlite_read.c - the list of runs, read back from the store (store_read.h).
 *
 * Rows come in the order in which things happened; the last one of a subject says how it stands.
 */
#include <stdlib.h>
#include <string.h>

#include "pure/value.h"
#include "store/store_sqlite_query.h"
#include "store/wall_clock.h"

StoreReader *store_reader_open(const char *root, const char *pipeline, char *reason, size_t size,
                               dag_error *error) {
    StoreReader *reader = calloc(1, sizeof *reader);
    char *message = NULL;
    *error = (dag_error){ NULL, NULL };
    if (reader != NULL)
        reader->root = strdup(root);
    if (reader == NULL || reader->root == NULL) {
        free(reader);
        *error = (dag_error){ "oom", "out of memory" };
        return NULL;
    }
    reader->db = store_database_open(root, pipeline, false, &message);
    if (reader->db != NULL)
        return reader;
    if (message != NULL) {
        sqlite3_snprintf((int)size, reason, "%s", message);
        *error = (dag_error){ "store", reason };
        sqlite3_free(message);
    }
    store_reader_free(reader);
    return NULL;
}

void store_reader_free(StoreReader *reader) {
    if (reader == NULL)
        return;
    sqlite3_finalize(reader->reclaimed);
    sqlite3_close(reader->db);
    free(reader->root);
    free(reader);
}

/* ---------------------------------------------------------------- runs */

static bool ends_stretch(dag_state s) {
    return s != DAG_RUNNING && s != DAG_QUEUED && s != DAG_PENDING;
}

static void take_run_row(const Query *q, StoreRunInfo *run, int64_t *since) {
    run->state = query_state(q, 3);
    int64_t time = query_number(q, 4);
    if (run->state == DAG_RUNNING) {
        *since = time;
        run->row = query_number(q, 0);
    }
    run->finished = ends_stretch(run->state) ? time : 0;
    if (ends_stretch(run->state) && *since > 0 && time > *since)
        run->duration += time - *since;
    if (ends_stretch(run->state))
        *since = 0;
    run->error_stage = sqlite3_column_type(q->statement, 1) == SQLITE_NULL
                           ? DAG_NONE
                           : (uint32_t)query_number(q, 1);
    run->error_key = query_text(q, 2);
    run->reason = query_text(q, 5);
    run->error = (dag_error){ query_text(q, 6), query_text(q, 7) };
    run->outputs = query_text(q, 8);
}

/* When the run was last heard of. */
static int64_t last_sign(StoreReader *reader, Arena *arena, int64_t run, dag_error *error) {
    Query q =
        query_open(reader, arena, error,
                   "SELECT max(ifnull((SELECT time FROM task WHERE " OF_RUN " ORDER BY id DESC"
                   " LIMIT 1), 0), (SELECT time FROM transition WHERE " OF_RUN " ORDER BY id DESC"
                   " LIMIT 1))",
                   run);
    int64_t time = query_next(&q) ? query_number(&q, 0) : 0;
    query_end(&q);
    return time;
}

/* A stretch without an end: it goes on, or nobody works on it any more. */
static void see_open(StoreReader *reader, Arena *arena, StoreRunInfo *run, int64_t since,
                     dag_error *error) {
    const char *root = arena_text(arena, run->id, strcspn(run->id, "/")); /* of a child: its lock */
    int64_t until = wall_clock();
    if (!runlock_held(reader->root, root)) {
        until = run->finished = last_sign(reader, arena, run->number, error);
        run->state = DAG_CRASHED;
        run->left = true;
        run->reason = "its process ended without a word";
    }
    if (since > 0 && until > since)
        run->duration += until - since;
}

bool query_run_states(StoreReader *reader, Arena *arena, StoreRunInfo *run, dag_error *error) {
    int64_t since = 0;
    run->state = DAG_RUNNING; /* it is recorded a moment before it says that it runs */
    Query q = query_open(reader, arena, error,
                         "SELECT id, stage, key, state, time, reason, error_type, error, outputs"
                         " FROM transition WHERE " OF_RUN " AND scope = 0 ORDER BY id",
                         run->number);
    while (query_next(&q))
        take_run_row(&q, run, &since);
    if (!query_end(&q))
        return false;
    if (run->state == DAG_RUNNING)
        see_open(reader, arena, run, since, error);
    return true;
}

void query_run(const Query *q, StoreRunInfo *run) {
    *run = (StoreRunInfo){ .number = query_number(q, 0),
                           .id = query_text(q, 1),
                           .pipeline = query_text(q, 2),
                           .source = query_text(q, 3),
                           .inputs = query_text(q, 4),
                           .created = query_number(q, 5),
                           .origin = query_text(q, 6),
                           .error_stage = DAG_NONE };
}

bool store_read_runs(StoreReader *reader, Arena *arena, StoreRunInfo **runs, size_t *n,
                     dag_error *error) {
    size_t size = 0;
    *n = 0;
    *runs = NULL;
    Query q = query_open(reader, arena, error,
                         "SELECT " RUN_COLUMNS " FROM run WHERE parent IS NULL"
                         " ORDER BY id DESC",
                         0);
    while (query_next(&q)) {
        if (*n == size) {
            size = size == 0 ? 16 : size * 2;
            *runs = arena_grow(arena, *runs, *n * sizeof **runs, size * sizeof **runs);
        }
        query_run(&q, &(*runs)[(*n)++]);
    }
    bool good = query_end(&q);
    for (size_t i = 0; i < *n && good; i++)
        good = query_run_states(reader, arena, &(*runs)[i], error);
    return good;
}

const char *query_refuse_name(Arena *arena, dag_error *error, const char *format,
                              const char *name) {
    *error = (dag_error){ "usage", arena_printf(arena, format, name) }; // NOLINT
    return NULL;
}

static const char *find_root(StoreReader *reader, Arena *arena, const char *name,
                             dag_error *error) {
    bool last = strcmp(name, "last") == 0;
    const char *found = NULL;
    int n = 0;
    Query q = query_open(reader, arena, error,
                         "SELECT name FROM run WHERE parent IS NULL ORDER BY id DESC", 0);
    while (query_next(&q)) {
        const char *id = (const char *)sqlite3_column_text(q.statement, 0);
        bool exact = strcmp(id, name) == 0;
        if (!last && !exact && strncmp(id, name, strlen(name)) != 0)
            continue;
        found = query_text(&q, 0);
        n = exact ? 1 : n + 1;
        if (last || exact)
            break;
    }
    if (!query_end(&q))
        return NULL;
    if (n == 1)
        return found;
    if (n > 1)
        return query_refuse_name(arena, error, "several runs begin with `%s`; `runs` lists them",
                                 name);
    return last ? query_refuse_name(arena, error, "there is no run yet%s", "")
                : query_refuse_name(arena, error, "there is no run `%s`; `runs` lists them", name);
}

const char *store_find_run(StoreReader *reader, Arena *arena, const char *name, dag_error *error) {
    size_t n = strcspn(name, "/");
    const char *root = find_root(reader, arena, arena_text(arena, name, n), error);
    return root != NULL && name[n] == '/' ? arena_printf(arena, "%s%s", root, name + n) : root;
}
