/*
 * store_sqlite.c - the store of runs in SQLite: events are queued as rows, one thread commits them.
 *
 * In: events, from the thread that runs the pipeline. Out: rows, in the same order.
 * Group commit: while one batch is being committed the next one gathers, so durability costs a
 * share of one fsync per task. The batch is bounded: past BATCH_LIMIT the pipeline waits.
 */
#include "store/store_sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pure/value.h"

#define BATCH_LIMIT ((size_t)64 << 20) /* bytes of rows waiting for the writer */
#define BUSY_TIMEOUT 60000             /* ms to wait for another process's transaction */

typedef struct Batch {
    Arena arena;
    StoreRow *first, **last;
} Batch;

typedef struct SqliteStore {
    dag_store table; /* what callers hold */
    sqlite3 *db;
    StoreWriter *writer;
    const dag_program *program;
    int64_t run;
    char error[512]; /* lock: mutex; why the store failed, "" while it has not */

    pthread_t thread;
    bool threaded; /* the thread exists */
    pthread_mutex_t mutex;
    pthread_cond_t filled;  /* there is something to write, or closing */
    pthread_cond_t written; /* a batch was written, or failed */
    Batch *batch;           /* lock: mutex; gathers; NULL without memory */
    bool writing, closing;  /* lock: mutex */
} SqliteStore;

static Batch *batch_new(void) {
    Batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL) batch->last = &batch->first;
    return batch;
}

static void batch_free(Batch *batch) {
    if (batch == NULL) return;
    arena_free(&batch->arena);
    free(batch);
}

/* ---------------------------------------------------------------- events to rows */

static const char *keep(Arena *arena, const char *text) {
    return text == NULL ? NULL : arena_text(arena, text, strlen(text));
}

static const char *ports_json(Arena *arena, const dag_program *program, uint32_t first, uint32_t n,
                              const dag_value *values) {
    dag_entry *entries = ARENA_ARRAY(arena, n, dag_entry);
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *name = program->strings + program->ports[first + i].name;
        entries[count].name = value_text(DAG_STRING, name, strlen(name));
        entries[count++].value = values[i];
    }
    return value_to_json(arena, value_map(entries, count));
}

static StoreArtifact **add_artifact(Arena *arena, StoreArtifact **last, const char *port,
                                    int64_t element, dag_value value) {
    StoreArtifact *artifact = ARENA_NEW(arena, StoreArtifact);
    artifact->port = port;
    artifact->element = element;
    artifact->value = value_to_json(arena, value);
    *last = artifact;
    return &artifact->next;
}

static const StoreArtifact *artifacts(Arena *arena, const dag_program *program,
                                      const dag_stage *stage, const dag_value *outputs) {
    StoreArtifact *first = NULL, **last = &first;
    for (uint32_t i = 0; i < stage->nout; i++) {
        const dag_port *port = &program->ports[stage->out + i];
        const char *name = program->strings + port->name;
        if ((port->flags & DAG_PORT_STREAM) == 0) {
            last = add_artifact(arena, last, name, -1, outputs[i]);
            continue;
        }
        for (uint32_t e = 0; e < outputs[i].len; e++) {
            last = add_artifact(arena, last, name, e, outputs[i].u.items[e]);
        }
    }
    return first;
}

static StoreRow *row_new(Arena *arena, const dag_program *program, const dag_event *event) {
    StoreRow *row = ARENA_NEW(arena, StoreRow);
    *row = (StoreRow){.scope = event->scope,
                      .state = event->state,
                      .stage = event->stage,
                      .attempt = event->attempt,
                      .time = event->time,
                      .started = event->started,
                      .exit_status = event->exit_status,
                      .usage = {-1, -1, -1, -1, -1}};
    if (event->usage != NULL) row->usage = *event->usage;
    row->key = keep(arena, event->key);
    row->reason = keep(arena, event->reason);
    row->dir = keep(arena, event->dir);
    if (event->error != NULL) {
        row->error_type = keep(arena, event->error->type);
        row->error_message = keep(arena, event->error->message);
    }
    if (event->stage == DAG_NONE) return row;
    const dag_stage *stage = &program->stages[event->stage];
    if (event->inputs != NULL) {
        row->inputs = ports_json(arena, program, stage->in, stage->nin, event->inputs);
    }
    if (event->outputs != NULL) row->artifacts = artifacts(arena, program, stage, event->outputs);
    return row;
}

/* ---------------------------------------------------------------- the writer */

static void fail(SqliteStore *store, const char *message) {
    if (store->error[0] == '\0') {
        sqlite3_snprintf((int)sizeof store->error, store->error, "%s", message);
    }
}

static bool failed(const SqliteStore *store) {
    return store->error[0] != '\0';
}

/* Commits one batch without the lock; says under the lock how it went. */
static void write_batch(SqliteStore *store, Batch *batch) {
    pthread_mutex_unlock(&store->mutex);
    int rc = store_writer_commit(store->writer, store->run, batch->first);
    char message[256];
    sqlite3_snprintf((int)sizeof message, message, "the state store cannot be written: %s",
                     rc == SQLITE_OK ? "" : sqlite3_errmsg(store->db));
    batch_free(batch);
    pthread_mutex_lock(&store->mutex);
    if (rc != SQLITE_OK) fail(store, message);
}

static void *writer_main(void *self) {
    SqliteStore *store = self;
    pthread_mutex_lock(&store->mutex);
    for (;;) {
        while (store->batch->first == NULL && !store->closing) {
            pthread_cond_wait(&store->filled, &store->mutex);
        }
        if (store->batch->first == NULL || failed(store)) break;
        Batch *next = batch_new();
        if (next == NULL) {
            fail(store, "out of memory in the state store");
            break;
        }
        Batch *batch = store->batch;
        store->batch = next;
        store->writing = true;
        write_batch(store, batch);
        store->writing = false;
        pthread_cond_broadcast(&store->written);
    }
    pthread_cond_broadcast(&store->written);
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

/* ---------------------------------------------------------------- the table of functions */

static void sqlite_event(void *self, const dag_event *event) {
    SqliteStore *store = self;
    if (event->scope == DAG_SCOPE_LOG) return;
    pthread_mutex_lock(&store->mutex);
    while (store->batch->arena.used > BATCH_LIMIT && !failed(store)) {
        pthread_cond_wait(&store->written, &store->mutex);
    }
    if (!failed(store)) {
        Batch *batch = store->batch;
        jmp_buf oom;
        batch->arena.oom = &oom;
        if (setjmp(oom) == 0) {
            StoreRow *row = row_new(&batch->arena, store->program, event);
            *batch->last = row;
            batch->last = &row->next;
        } else {
            fail(store, "out of memory in the state store");
        }
        pthread_cond_signal(&store->filled);
    }
    pthread_mutex_unlock(&store->mutex);
}

static bool report(SqliteStore *store, dag_error *error) {
    if (!failed(store)) return true;
    *error = (dag_error){.type = "store", .message = store->error};
    return false;
}

static bool sqlite_check(void *self, dag_error *error) {
    SqliteStore *store = self;
    pthread_mutex_lock(&store->mutex);
    bool good = report(store, error);
    pthread_mutex_unlock(&store->mutex);
    return good;
}

static bool sqlite_flush(void *self, dag_error *error) {
    SqliteStore *store = self;
    pthread_mutex_lock(&store->mutex);
    while (store->threaded && (store->batch->first != NULL || store->writing) && !failed(store)) {
        pthread_cond_wait(&store->written, &store->mutex);
    }
    bool good = report(store, error);
    pthread_mutex_unlock(&store->mutex);
    return good;
}

static bool sqlite_begin(void *self, const StoreRun *run, dag_error *error) {
    SqliteStore *store = self;
    store->program = run->program;
    if (store_writer_begin(store->writer, run, &store->run) != SQLITE_OK) {
        sqlite3_snprintf((int)sizeof store->error, store->error,
                         "the state store cannot be written: %s", sqlite3_errmsg(store->db));
        return report(store, error);
    }
    store->threaded = pthread_create(&store->thread, NULL, writer_main, store) == 0;
    if (!store->threaded) fail(store, "no thread for the state store");
    return report(store, error);
}

static void sqlite_close(void *self) {
    SqliteStore *store = self;
    if (store->threaded) {
        pthread_mutex_lock(&store->mutex);
        store->closing = true;
        pthread_cond_signal(&store->filled);
        pthread_mutex_unlock(&store->mutex);
        pthread_join(store->thread, NULL);
    }
    store_writer_free(store->writer);
    sqlite3_close(store->db);
    batch_free(store->batch);
    pthread_cond_destroy(&store->filled);
    pthread_cond_destroy(&store->written);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

/* ---------------------------------------------------------------- opening */

/* The texts of an error whose store could not be made: the store itself is gone by then. */
static dag_store *refuse(SqliteStore *store, dag_error *error, char *message, char *buffer,
                         size_t size) {
    sqlite3_snprintf((int)size, buffer, "%s", message != NULL ? message : "out of memory");
    sqlite3_free(message);
    *error = (dag_error){.type = "store", .message = buffer};
    if (store != NULL) sqlite_close(store);
    return NULL;
}

static SqliteStore *store_alloc(void) {
    SqliteStore *store = calloc(1, sizeof *store);
    if (store == NULL) return NULL;
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->filled, NULL);
    pthread_cond_init(&store->written, NULL);
    store->batch = batch_new();
    store->table = (dag_store){.self = store,
                               .begin = sqlite_begin,
                               .event = sqlite_event,
                               .check = sqlite_check,
                               .flush = sqlite_flush,
                               .close = sqlite_close};
    return store;
}

/* Opens the file and brings it to the current schema. On failure *message says why. */
static bool open_database(SqliteStore *store, const char *path, char **message) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
        *message = sqlite3_mprintf("%s: %s", path, sqlite3_errmsg(store->db));
        return false;
    }
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT);
    const char *pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "PRAGMA foreign_keys = ON";
    if (sqlite3_exec(store->db, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
        *message = sqlite3_mprintf("%s: %s", path, sqlite3_errmsg(store->db));
        return false;
    }
    if (!store_schema_prepare(store->db, path, message)) return false;
    store->writer = store_writer_new(store->db);
    if (store->writer == NULL) {
        *message = sqlite3_mprintf("%s: %s", path, sqlite3_errmsg(store->db));
    }
    return store->writer != NULL;
}

dag_store *store_sqlite_open(const char *dir, const char *pipeline, char *reason, size_t size,
                             dag_error *error) {
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        char *message = sqlite3_mprintf("%s: %s", dir, strerror(errno));
        return refuse(NULL, error, message, reason, size);
    }
    SqliteStore *store = store_alloc();
    char *path = sqlite3_mprintf("%s/%s.db", dir, pipeline);
    if (store == NULL || store->batch == NULL || path == NULL) {
        sqlite3_free(path);
        return refuse(store, error, NULL, reason, size);
    }
    char *message = NULL;
    bool good = open_database(store, path, &message);
    sqlite3_free(path);
    return good ? &store->table : refuse(store, error, message, reason, size);
}
