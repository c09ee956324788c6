/*
 * store_sqlite_read.c - runs read back from the store (store_read.h).
 *
 * Rows come in the order in which things happened; the last one of a subject says how it stands.
 */
#include <stdlib.h>
#include <string.h>

#include "pure/hash.h"
#include "pure/value.h"
#include "store/store_read.h"
#include "store/store_sqlite.h"

#define OF_RUN "id BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295"

struct StoreReader {
    sqlite3 *db;
    char *root;
};

StoreReader *store_reader_open(const char *root, const char *pipeline, char *reason, size_t size,
                               dag_error *error) {
    StoreReader *reader = calloc(1, sizeof *reader);
    char *message = NULL;
    *error = (dag_error){NULL, NULL};
    if (reader != NULL) reader->root = strdup(root);
    if (reader == NULL || reader->root == NULL) {
        free(reader);
        *error = (dag_error){"oom", "out of memory"};
        return NULL;
    }
    reader->db = store_database_open(root, pipeline, false, &message);
    if (reader->db != NULL) return reader;
    if (message != NULL) {
        sqlite3_snprintf((int)size, reason, "%s", message);
        *error = (dag_error){"store", reason};
        sqlite3_free(message);
    }
    store_reader_free(reader);
    return NULL;
}

void store_reader_free(StoreReader *reader) {
    if (reader == NULL) return;
    sqlite3_close(reader->db);
    free(reader->root);
    free(reader);
}

/* ---------------------------------------------------------------- statements */

/* One pass over the rows of a query. */
typedef struct Query {
    StoreReader *reader;
    sqlite3_stmt *statement;
    Arena *arena;
    dag_error *error;
    int rc;
} Query;

static Query query(StoreReader *reader, Arena *arena, dag_error *error, const char *sql,
                   int64_t run) {
    Query q = {.reader = reader, .arena = arena, .error = error};
    q.rc = sqlite3_prepare_v2(reader->db, sql, -1, &q.statement, NULL);
    if (q.rc == SQLITE_OK && run > 0) sqlite3_bind_int64(q.statement, 1, run);
    return q;
}

static bool next(Query *q) {
    if (q->rc != SQLITE_OK && q->rc != SQLITE_ROW) return false;
    q->rc = sqlite3_step(q->statement);
    return q->rc == SQLITE_ROW;
}

/* False with the error if the rows did not end well. */
static bool end(Query *q) {
    bool good = q->rc == SQLITE_DONE || q->rc == SQLITE_ROW;
    if (!good) {
        q->error->type = "store";
        q->error->message = arena_printf(q->arena, "the state store in %s cannot be read: %s",
                                         q->reader->root, sqlite3_errmsg(q->reader->db));
    }
    sqlite3_finalize(q->statement);
    return good;
}

static const char *text(const Query *q, int column) {
    const char *chars = (const char *)sqlite3_column_text(q->statement, column);
    return chars == NULL ? NULL
                         : arena_text(q->arena, chars,
                                      (size_t)sqlite3_column_bytes(q->statement, column));
}

static int64_t number(const Query *q, int column) {
    return sqlite3_column_int64(q->statement, column);
}

static int64_t known(const Query *q, int column) {
    return sqlite3_column_type(q->statement, column) == SQLITE_NULL ? -1 : number(q, column);
}

static dag_state state(const Query *q, int column) {
    int64_t n = number(q, column);
    return n >= 0 && n < DAG_NSTATES ? (dag_state)n : DAG_CRASHED;
}

/* ---------------------------------------------------------------- runs */

static bool ends_stretch(dag_state s) {
    return s != DAG_RUNNING && s != DAG_QUEUED && s != DAG_PENDING;
}

static void take_run_row(const Query *q, StoreRunInfo *run, int64_t *since) {
    run->state = state(q, 3);
    int64_t time = number(q, 4);
    if (run->state == DAG_RUNNING) {
        *since = time;
        run->row = number(q, 0);
    }
    run->finished = ends_stretch(run->state) ? time : 0;
    if (ends_stretch(run->state) && *since > 0 && time > *since) run->duration += time - *since;
    if (ends_stretch(run->state)) *since = 0;
    run->error_stage = sqlite3_column_type(q->statement, 1) == SQLITE_NULL ? DAG_NONE
                                                                           : (uint32_t)number(q, 1);
    run->error_key = text(q, 2);
    run->reason = text(q, 5);
    run->error = (dag_error){text(q, 6), text(q, 7)};
    run->outputs = text(q, 8);
}

/* When the run was last heard of. */
static int64_t last_sign(StoreReader *reader, Arena *arena, int64_t run, dag_error *error) {
    Query q = query(reader, arena, error,
                    "SELECT max(ifnull((SELECT time FROM task WHERE " OF_RUN " ORDER BY id DESC"
                    " LIMIT 1), 0), (SELECT time FROM transition WHERE " OF_RUN " ORDER BY id DESC"
                    " LIMIT 1))",
                    run);
    int64_t time = next(&q) ? number(&q, 0) : 0;
    end(&q);
    return time;
}

/* A stretch without an end, and nobody who works on it. */
static void see_crash(StoreReader *reader, Arena *arena, StoreRunInfo *run, int64_t since,
                      dag_error *error) {
    if (run->state != DAG_RUNNING || runlock_held(reader->root, run->id)) return;
    run->state = DAG_CRASHED;
    run->finished = last_sign(reader, arena, run->number, error);
    if (since > 0 && run->finished > since) run->duration += run->finished - since;
    run->reason = "its process ended without a word";
}

static bool read_states(StoreReader *reader, Arena *arena, StoreRunInfo *run, dag_error *error) {
    int64_t since = 0;
    run->state = DAG_RUNNING; /* it is recorded a moment before it says that it runs */
    Query q = query(reader, arena, error,
                    "SELECT id, stage, key, state, time, reason, error_type, error, outputs"
                    " FROM transition WHERE " OF_RUN " AND scope = 0 ORDER BY id",
                    run->number);
    while (next(&q)) take_run_row(&q, run, &since);
    if (!end(&q)) return false;
    see_crash(reader, arena, run, since, error);
    return true;
}

static void take_run(const Query *q, StoreRunInfo *run) {
    *run = (StoreRunInfo){.number = number(q, 0),
                          .id = text(q, 1),
                          .pipeline = text(q, 2),
                          .source = text(q, 3),
                          .inputs = text(q, 4),
                          .created = number(q, 5),
                          .origin = text(q, 6),
                          .error_stage = DAG_NONE};
}

#define RUN_COLUMNS "id, name, pipeline, source, inputs, created, origin"

bool store_read_runs(StoreReader *reader, Arena *arena, StoreRunInfo **runs, size_t *n,
                     dag_error *error) {
    size_t size = 0;
    *n = 0;
    *runs = NULL;
    Query q = query(reader, arena, error, "SELECT " RUN_COLUMNS " FROM run ORDER BY id DESC", 0);
    while (next(&q)) {
        if (*n == size) {
            size = size == 0 ? 16 : size * 2;
            *runs = arena_grow(arena, *runs, *n * sizeof **runs, size * sizeof **runs);
        }
        take_run(&q, &(*runs)[(*n)++]);
    }
    bool good = end(&q);
    for (size_t i = 0; i < *n && good; i++) good = read_states(reader, arena, &(*runs)[i], error);
    return good;
}

static const char *refuse_name(Arena *arena, dag_error *error, const char *format,
                               const char *name) {
    *error = (dag_error){"usage", arena_printf(arena, format, name)}; // NOLINT
    return NULL;
}

const char *store_find_run(StoreReader *reader, Arena *arena, const char *name, dag_error *error) {
    bool last = strcmp(name, "last") == 0;
    const char *found = NULL;
    int n = 0;
    Query q = query(reader, arena, error, "SELECT name FROM run ORDER BY id DESC", 0);
    while (next(&q)) {
        const char *id = (const char *)sqlite3_column_text(q.statement, 0);
        bool exact = strcmp(id, name) == 0;
        if (!last && !exact && strncmp(id, name, strlen(name)) != 0) continue;
        found = text(&q, 0);
        n = exact ? 1 : n + 1;
        if (last || exact) break;
    }
    if (!end(&q)) return NULL;
    if (n == 1) return found;
    if (n > 1) return refuse_name(arena, error, "several runs begin with `%s`; `runs` lists them", name);
    return last ? refuse_name(arena, error, "there is no run yet%s", "")
                : refuse_name(arena, error, "there is no run `%s`; `runs` lists them", name);
}

/* ---------------------------------------------------------------- keys */

int store_key_order(const char *a, const char *b) {
    while (*a != '\0' && *b != '\0') {
        bool numbers = *a >= '0' && *a <= '9' && *b >= '0' && *b <= '9';
        if (numbers) {
            char *end_a, *end_b;
            unsigned long long x = strtoull(a, &end_a, 10), y = strtoull(b, &end_b, 10);
            if (x != y) return x < y ? -1 : 1;
            a = end_a;
            b = end_b;
            continue;
        }
        if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        a++;
        b++;
    }
    return (*a != '\0') - (*b != '\0');
}

/* ---------------------------------------------------------------- one run */

/* The record in the making: its tasks by (stage, key), in an open hash table. */
typedef struct Loader {
    StoreReader *reader;
    Arena *arena;
    dag_error *error;
    StoreRecord *record;
    uint32_t *slots; /* number of a task + 1 */
    size_t nslots;   /* a power of two */
    size_t size;     /* room for tasks */
} Loader;

static size_t first_slot(const Loader *l, uint32_t stage, const char *key) {
    uint64_t h = value_hash(value_text(DAG_STRING, key, strlen(key))) + stage * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ h >> 29) & (l->nslots - 1);
}

static void put_slot(Loader *l, uint32_t n) {
    const StoreTask *task = &l->record->tasks[n];
    size_t at = first_slot(l, task->stage, task->key);
    while (l->slots[at] != 0) at = (at + 1) & (l->nslots - 1);
    l->slots[at] = n + 1;
}

static void grow(Loader *l) {
    StoreRecord *r = l->record;
    size_t size = l->size == 0 ? 64 : l->size * 2;
    r->tasks = arena_grow(l->arena, r->tasks, l->size * sizeof *r->tasks, size * sizeof *r->tasks);
    l->size = size;
    l->nslots = size * 2;
    l->slots = ARENA_ARRAY(l->arena, l->nslots, uint32_t);
    for (uint32_t i = 0; i < r->ntasks; i++) put_slot(l, i);
}

/* The task, perhaps a new one. NULL: the record is not what it should be. */
static StoreTask *task_of(Loader *l, const Query *q, int stage_column, int key_column) {
    StoreRecord *r = l->record;
    uint32_t stage = (uint32_t)number(q, stage_column);
    const char *key = (const char *)sqlite3_column_text(q->statement, key_column);
    if (stage >= r->nstages || key == NULL) return NULL;
    if (r->ntasks == l->size) grow(l);
    size_t at = first_slot(l, stage, key);
    for (; l->slots[at] != 0; at = (at + 1) & (l->nslots - 1)) {
        StoreTask *task = &r->tasks[l->slots[at] - 1];
        if (task->stage == stage && strcmp(task->key, key) == 0) return task;
    }
    StoreTask *task = &r->tasks[r->ntasks];
    *task = (StoreTask){.stage = stage, .key = text(q, key_column)};
    l->slots[at] = (uint32_t)++r->ntasks;
    return task;
}

static void take_task(Loader *l, const Query *q) {
    StoreTask *task = task_of(l, q, 0, 1);
    if (task == NULL) return;
    uint32_t attempt = (uint32_t)number(q, 2);
    task->row = number(q, 12);
    task->state = state(q, 3);
    task->attempt = attempt > task->attempt ? attempt : task->attempt;
    int64_t time = number(q, 4), took = number(q, 5);
    bool running = task->state == DAG_RUNNING;
    task->started = running ? time : time - took;
    task->finished = running ? 0 : time;
    task->reason = text(q, 6);
    task->error = (dag_error){text(q, 7), text(q, 8)};
    task->inputs = text(q, 9);
    task->outputs = text(q, 10);
    task->sources = text(q, 11);
}

static bool read_tasks(Loader *l) {
    Query q = query(l->reader, l->arena, l->error,
                    "SELECT stage, key, attempt, state, time, took, reason, error_type, error,"
                    " inputs, outputs, sources, id FROM task WHERE " OF_RUN " ORDER BY id",
                    l->record->run.number);
    while (next(&q)) take_task(l, &q);
    return end(&q);
}

static void take_attempt(Loader *l, const Query *q) {
    StoreTask *task = task_of(l, q, 0, 1);
    if (task == NULL) return;
    StoreAttempt *attempt = ARENA_NEW(l->arena, StoreAttempt);
    *attempt = (StoreAttempt){.number = (uint32_t)number(q, 2),
                              .state = state(q, 3),
                              .finished = number(q, 4),
                              .started = number(q, 4) - number(q, 5),
                              .exit_status = (int)known(q, 6),
                              .dir = text(q, 12),
                              .error = {text(q, 13), text(q, 14)}};
    attempt->usage = (dag_usage){.user = known(q, 7),
                                 .system = known(q, 8),
                                 .max_rss = known(q, 9),
                                 .read = known(q, 10),
                                 .written = known(q, 11)};
    if (task->attempts == NULL) task->last_attempt = &task->attempts;
    *task->last_attempt = attempt;
    task->last_attempt = &attempt->next;
    if (attempt->number > task->attempt) task->attempt = attempt->number;
}

static bool read_attempts(Loader *l) {
    Query q = query(l->reader, l->arena, l->error,
                    "SELECT stage, key, number, state, time, took, exit, user_time, system_time,"
                    " max_rss, read_bytes, written_bytes, dir, error_type, error FROM attempt"
                    " WHERE " OF_RUN " ORDER BY id",
                    l->record->run.number);
    while (next(&q)) take_attempt(l, &q);
    return end(&q);
}

static bool read_stages(Loader *l) {
    StoreRecord *r = l->record;
    size_t size = 0;
    Query q = query(l->reader, l->arena, l->error,
                    "SELECT slug, digest FROM stage WHERE run = ?1 ORDER BY number", r->run.number);
    while (next(&q)) {
        if (r->nstages == size) {
            size = size == 0 ? 16 : size * 2;
            r->stages = arena_grow(l->arena, r->stages, r->nstages * sizeof *r->stages,
                                   size * sizeof *r->stages);
        }
        r->stages[r->nstages++] = (StoreStage){.slug = text(&q, 0), .digest = text(&q, 1)};
    }
    return end(&q);
}

static bool read_edges(Loader *l) {
    StoreRecord *r = l->record;
    size_t size = 0;
    Query q = query(l->reader, l->arena, l->error,
                    "SELECT from_stage, from_port, ifnull(to_stage, 4294967295), to_port, stream"
                    " FROM edge WHERE run = ?1 ORDER BY number",
                    r->run.number);
    while (next(&q)) {
        if (r->nedges == size) {
            size = size == 0 ? 16 : size * 2;
            r->edges = arena_grow(l->arena, r->edges, r->nedges * sizeof *r->edges,
                                  size * sizeof *r->edges);
        }
        r->edges[r->nedges++] = (StoreEdge){.from_stage = (uint32_t)number(&q, 0),
                                            .from_port = text(&q, 1),
                                            .to_stage = (uint32_t)number(&q, 2),
                                            .to_port = text(&q, 3),
                                            .stream = number(&q, 4) != 0};
    }
    return end(&q);
}

static bool read_stage_states(Loader *l) {
    StoreRecord *r = l->record;
    Query q = query(l->reader, l->arena, l->error,
                    "SELECT stage, state, time FROM transition WHERE " OF_RUN " AND scope = 1"
                    " ORDER BY id",
                    r->run.number);
    while (next(&q)) {
        uint32_t n = (uint32_t)number(&q, 0);
        if (n >= r->nstages) continue;
        StoreStage *stage = &r->stages[n];
        bool again = stage->state != DAG_RUNNING && stage->state == state(&q, 1);
        if (again && stage->ended != 0) continue; /* a resumed run passes over what was done */
        stage->state = state(&q, 1);
        bool running = stage->state == DAG_RUNNING;
        if (running && stage->started == 0) stage->started = number(&q, 2);
        stage->ended = running ? 0 : number(&q, 2);
    }
    return end(&q);
}

static int by_key(const void *a, const void *b) {
    const StoreTask *x = a, *y = b;
    if (x->stage != y->stage) return x->stage < y->stage ? -1 : 1;
    return store_key_order(x->key, y->key);
}

/* Where one was recorded, the attempts; else the one that the task's row stands for. An attempt
 * that has no end is there too. */
static void complete_attempts(Loader *l, StoreTask *task) {
    uint32_t most = 0;
    for (const StoreAttempt *a = task->attempts; a != NULL; a = a->next) most = a->number;
    if (task->attempts == NULL) task->last_attempt = &task->attempts;
    if (task->attempt <= most) return;
    StoreAttempt *attempt = ARENA_NEW(l->arena, StoreAttempt);
    *attempt = (StoreAttempt){.number = task->attempt,
                              .state = task->state,
                              .started = task->started,
                              .finished = task->finished,
                              .exit_status = -1,
                              .usage = {-1, -1, -1, -1, -1},
                              .error = task->error};
    *task->last_attempt = attempt;
}

/* What had not completed when the run last went on waits for its turn again; what had not even
 * started may not come to be at all: it is left out. */
static void leave_stale(Loader *l) {
    StoreRecord *r = l->record;
    size_t kept = 0;
    for (size_t i = 0; i < r->ntasks; i++) {
        StoreTask *task = &r->tasks[i];
        bool stays = task->state == DAG_COMPLETED || task->state == DAG_CACHED ||
                     task->state == DAG_FILTERED || task->row > r->run.row;
        if (!stays && task->attempt == 0) continue;
        if (!stays) task->state = DAG_PENDING;
        r->tasks[kept] = *task;
        if (task->attempts == NULL) r->tasks[kept].last_attempt = &r->tasks[kept].attempts;
        kept++;
    }
    r->ntasks = kept;
}

/* What nobody works on any more has crashed, all the way down. */
static void settle(Loader *l) {
    StoreRecord *r = l->record;
    bool over = r->run.state != DAG_RUNNING && r->run.state != DAG_QUEUED;
    leave_stale(l);
    for (size_t i = 0; i < r->ntasks; i++) {
        StoreTask *task = &r->tasks[i];
        if (over && task->state == DAG_RUNNING) task->state = DAG_CRASHED;
        complete_attempts(l, task);
        r->stages[task->stage].tasks[task->state]++;
    }
    for (uint32_t i = 0; i < r->nstages; i++) {
        StoreStage *stage = &r->stages[i];
        if (over && r->run.state != DAG_PAUSED && stage->state == DAG_RUNNING) {
            stage->state = stage->tasks[DAG_CRASHED] > 0 ? DAG_CRASHED : DAG_CANCELLED;
        }
    }
    if (r->ntasks > 0) qsort(r->tasks, r->ntasks, sizeof *r->tasks, by_key);
}

static bool read_run(Loader *l, const char *id) {
    Query q = query(l->reader, l->arena, l->error, "SELECT " RUN_COLUMNS " FROM run WHERE name = ?",
                    0);
    if (q.rc == SQLITE_OK) sqlite3_bind_text(q.statement, 1, id, -1, SQLITE_STATIC);
    bool found = next(&q);
    if (found) take_run(&q, &l->record->run);
    if (!end(&q)) return false;
    if (!found) refuse_name(l->arena, l->error, "there is no run `%s`", id);
    return found && read_states(l->reader, l->arena, &l->record->run, l->error);
}

static bool read_all(Loader *l, const char *id) {
    return read_run(l, id) && read_stages(l) && read_edges(l) && read_stage_states(l) &&
           read_tasks(l) && read_attempts(l);
}

/* Within one transaction: the record as it stood at one moment. */
bool store_read_record(StoreReader *reader, Arena *arena, const char *id, StoreRecord *record,
                       dag_error *error) {
    Loader l = {.reader = reader, .arena = arena, .error = error, .record = record};
    *record = (StoreRecord){.run = {.error_stage = DAG_NONE}};
    sqlite3_exec(reader->db, "BEGIN", NULL, NULL, NULL);
    bool good = read_all(&l, id);
    sqlite3_exec(reader->db, "ROLLBACK", NULL, NULL, NULL);
    if (good) settle(&l);
    return good;
}

/* ---------------------------------------------------------------- forgetting */

bool store_each_text(StoreReader *reader, Arena *arena, bool (*wanted)(void *self, int64_t run),
                     void (*see)(void *self, const char *text), void *self, dag_error *error) {
    Query q = query(reader, arena, error,
                    "SELECT id >> 32, ifnull(inputs, '') || ifnull(outputs, '') FROM task WHERE"
                    " inputs LIKE '%/work/%' OR outputs LIKE '%/work/%' UNION ALL"
                    " SELECT id, inputs FROM run WHERE inputs LIKE '%/work/%' UNION ALL"
                    " SELECT 0, outputs FROM cache WHERE outputs LIKE '%/work/%'",
                    0);
    while (next(&q)) {
        const char *chars = (const char *)sqlite3_column_text(q.statement, 1);
        if (chars != NULL && wanted(self, number(&q, 0))) see(self, chars);
    }
    return end(&q);
}

static bool execute(StoreReader *reader, Arena *arena, dag_error *error, const char *sql) {
    if (sqlite3_exec(reader->db, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
    error->type = "store";
    error->message = arena_printf(arena, "the state store in %s cannot be written: %s", reader->root,
                                  sqlite3_errmsg(reader->db));
    sqlite3_exec(reader->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool store_drop_run(StoreReader *reader, const StoreRunInfo *run, Arena *arena, dag_error *error) {
    const char *format = "BEGIN IMMEDIATE;"
                         "DELETE FROM task WHERE id BETWEEN %lld AND %lld;"
                         "DELETE FROM attempt WHERE id BETWEEN %lld AND %lld;"
                         "DELETE FROM transition WHERE id BETWEEN %lld AND %lld;"
                         "DELETE FROM run WHERE id = %lld; COMMIT";
    long long first = STORE_ID(run->number, 0), last = STORE_ID(run->number, UINT32_MAX);
    const char *sql = arena_printf(arena, format, first, last, first, last, first, last, // NOLINT
                                   (long long)run->number);
    return execute(reader, arena, error, sql);
}

bool store_compact(StoreReader *reader, Arena *arena, dag_error *error) {
    return execute(reader, arena, error,
                   "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
}
