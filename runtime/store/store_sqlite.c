/*
 * store_sqlite.c - the store of runs in SQLite: events are queued as rows, one thread commits them.
 *
 * In: events, from the thread that runs the pipeline. Out: rows, in the same order.
 * Group commit: while one batch is being committed the next one gathers, so durability costs a
 * share of one fsync per task. What a body has done is committed at once, but for a rest after each
 * commit, so that the writer takes no more than one part in REST of a processor from the bodies: some
 * milliseconds at most, and nothing when bodies are rare. What would cost nothing to do again
 * (expressions, results taken from the cache) gathers for LINGER first, and its commit does not wait
 * for the disk. The batch is bounded: past BATCH_LIMIT the pipeline waits.
 */
#include "store/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/queue.h"

#define BATCH_LIMIT ((size_t)64 << 20)  /* bytes of rows waiting for the writer */
#define BATCH_ENOUGH ((size_t)16 << 20) /* bytes of rows that are not waited with */
enum { LINGER = 30 * 1000 * 1000 };     /* ns */
enum { REST = 50 };

typedef struct Batch {
    Arena arena;
    StoreRow *first, **last;
    bool urgent;  /* it would cost something to do it again: it goes to the disk */
    bool awaited; /* somebody waits for it */
    StoreReclaim *reclaims, **last_reclaim; /* after the rows */
} Batch;

typedef struct SqliteStore {
    dag_store table; /* what callers hold */
    sqlite3 *db;
    StoreWriter *writer;
    const dag_program *program;
    char *root;    /* the state folder */
    int folder;    /* the same, open, to have files made there written out; -1: not open */
    RunLock *lock; /* of the run */
    char *held;    /* the run's id */
    int64_t run;
    uint32_t number; /* of the run's next row */
    char error[512]; /* lock: mutex; why the store failed, "" while it has not */

    pthread_t thread;
    bool threaded; /* the thread exists */
    pthread_mutex_t mutex;
    pthread_cond_t filled;  /* there is something to write, or closing */
    pthread_cond_t written; /* a batch was written, or failed */
    Batch *batch;           /* lock: mutex; gathers; NULL without memory */
    bool writing, closing;  /* lock: mutex */
    bool floating;          /* lock: mutex; the last commit did not wait for the disk */
    int64_t rested; /* the writer's: when it may commit what is urgent, CLOCK_MONOTONIC, ns */
} SqliteStore;

static Batch *batch_new(void) {
    Batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL) {
        batch->last = &batch->first;
        batch->last_reclaim = &batch->reclaims;
    }
    return batch;
}

static bool is_empty(const Batch *batch) {
    return batch->first == NULL && batch->reclaims == NULL;
}

static void batch_free(Batch *batch) {
    if (batch == NULL)
        return;
    arena_free(&batch->arena);
    free(batch);
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

/* rc: SQLite's. By the time it is said SQLite has rolled back, and speaks of that. */
static void say(const SqliteStore *store, int rc, char *message, size_t size) {
    sqlite3_snprintf((int)size, message, "the state store in %s cannot be written: %s%s",
                     store->root, sqlite3_errstr(rc), store_what_to_do(rc));
}

/* A task is completed when its outputs are on the disk: what its body wrote first, then its row. One
 * call for all files of a batch. */
static bool write_out_files(SqliteStore *store, const StoreRow *rows) {
    for (const StoreRow *row = rows; row != NULL; row = row->next) {
        if (!row->makes_files)
            continue;
        if (store->folder < 0)
            store->folder = store_open_work(store->root);
        return store->folder >= 0 && syncfs(store->folder) == 0;
    }
    return true;
}

/* The record that was opened is not the one that others find by its name. */
static bool has_moved(const SqliteStore *store) {
    int moved = 0;
    return sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

/* Commits one batch without the lock; says under the lock how it went. */
static void write_batch(SqliteStore *store, Batch *batch) {
    char message[256] = "";
    pthread_mutex_unlock(&store->mutex);
    if (!write_out_files(store, batch->first)) {
        sqlite3_snprintf((int)sizeof message, message, "%s: files cannot be written out: %s",
                         store->root, strerror(errno));
    } else {
        /* Nothing is deleted before all that led to it is on the disk. */
        bool durable = batch->urgent || batch->reclaims != NULL;
        int rc = store_writer_commit(store->writer, store->run, batch->first, durable);
        if (rc == SQLITE_OK)
            rc = store_reclaim(store->db, batch->reclaims);
        if (rc != SQLITE_OK)
            say(store, rc, message, sizeof message);
        else if (durable && has_moved(store))
            sqlite3_snprintf((int)sizeof message, message,
                             "the state store in %s was deleted or replaced while the run went on",
                             store->root);
    }
    batch_free(batch);
    pthread_mutex_lock(&store->mutex);
    if (message[0] != '\0')
        fail(store, message);
}

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* False: the time has come. */
static bool wait_until(SqliteStore *store, int64_t when) {
    struct timespec until = { .tv_sec = (time_t)(when / 1000000000),
                              .tv_nsec = (long)(when % 1000000000) };
    return pthread_cond_timedwait(&store->filled, &store->mutex, &until) == 0;
}

/* Waits for rows, and then for more of them, as long as it is good for all. */
static void gather(SqliteStore *store) {
    while (is_empty(store->batch) && !store->closing) {
        pthread_cond_wait(&store->filled, &store->mutex);
    }
    int64_t lingered = now(CLOCK_MONOTONIC) + LINGER;
    bool more = true;
    while (more && !store->batch->awaited && !store->closing) {
        int64_t when = store->batch->urgent ? store->rested : lingered;
        more = when > 0 && wait_until(store, when);
    }
}

/* Commits what has gathered while the next batch does. False: there is nothing, or all has failed. */
static bool write_next(SqliteStore *store) {
    if (is_empty(store->batch) || failed(store))
        return false;
    Batch *next = batch_new();
    if (next == NULL) {
        fail(store, "out of memory in the state store");
        return false;
    }
    Batch *batch = store->batch;
    bool durable = batch->urgent;
    int64_t began = now(CLOCK_THREAD_CPUTIME_ID);
    store->batch = next;
    store->writing = true;
    write_batch(store, batch);
    store->floating = !durable;
    store->writing = false;
    int64_t rest = REST * (now(CLOCK_THREAD_CPUTIME_ID) - began);
    store->rested = now(CLOCK_MONOTONIC) + (rest < LINGER ? rest : LINGER);
    pthread_cond_broadcast(&store->written);
    return true;
}

static void *writer_main(void *self) {
    SqliteStore *store = self;
    pthread_mutex_lock(&store->mutex);
    do {
        gather(store);
    } while (write_next(store));
    pthread_cond_broadcast(&store->written);
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

/* ---------------------------------------------------------------- the table of functions */

/* Is it what a body has done, or the end of a run? */
static bool is_urgent(const dag_program *program, const dag_event *event) {
    if (event->scope == DAG_SCOPE_RUN)
        return event->depth == 0;
    bool task = event->scope == DAG_SCOPE_TASK || event->scope == DAG_SCOPE_ATTEMPT;
    return task && program->stages[event->stage].body != DAG_BODY_NONE &&
           event->state != DAG_RUNNING && event->state != DAG_CACHED;
}

static void sqlite_event(void *self, const dag_event *event) {
    SqliteStore *store = self;
    const dag_program *program = event->depth > 0 ? event->program : store->program;
    if (!store_row_wanted(program, event))
        return;
    pthread_mutex_lock(&store->mutex);
    while (store->batch->arena.used > BATCH_LIMIT && !failed(store)) {
        pthread_cond_wait(&store->written, &store->mutex);
    }
    if (!failed(store)) {
        Batch *batch = store->batch;
        jmp_buf oom;
        batch->arena.oom = &oom;
        if (setjmp(oom) == 0) {
            StoreRow *row = store_row_new(&batch->arena, program, event);
            if (row->of == 0)
                row->number = store->number++;
            *batch->last = row;
            batch->last = &row->next;
            bool begins = batch->first == row;
            bool urgent = is_urgent(program, event);
            bool enough = batch->arena.used > BATCH_ENOUGH;
            if (begins || (urgent && !batch->urgent) || (enough && !batch->awaited))
                pthread_cond_signal(&store->filled);
            batch->urgent = batch->urgent || urgent;
            batch->awaited = batch->awaited || enough;
        } else {
            fail(store, "out of memory in the state store");
            pthread_cond_signal(&store->filled);
        }
    }
    pthread_mutex_unlock(&store->mutex);
}

static void sqlite_reclaim(void *self, const char *path, bool fingerprint) {
    SqliteStore *store = self;
    pthread_mutex_lock(&store->mutex);
    if (!failed(store)) {
        Batch *batch = store->batch;
        jmp_buf oom;
        batch->arena.oom = &oom;
        if (setjmp(oom) == 0) {
            StoreReclaim *what = ARENA_NEW(&batch->arena, StoreReclaim);
            *what = (StoreReclaim){ .path = arena_text(&batch->arena, path, strlen(path)),
                                    .fingerprint = fingerprint };
            *batch->last_reclaim = what;
            batch->last_reclaim = &what->next;
        } else {
            fail(store, "out of memory in the state store");
        }
        pthread_cond_signal(&store->filled);
    }
    pthread_mutex_unlock(&store->mutex);
}

static bool report(SqliteStore *store, dag_error *error) {
    if (!failed(store))
        return true;
    *error = (dag_error){ .type = "store", .message = store->error };
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
    store->batch->urgent = store->batch->awaited = true;
    pthread_cond_signal(&store->filled);
    while (store->threaded && (!is_empty(store->batch) || store->writing) && !failed(store)) {
        pthread_cond_wait(&store->written, &store->mutex);
    }
    if (store->floating && !failed(store)) {
        /* The writer waits for rows: the connection is ours. */
        int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        store->floating = false;
        if (rc != SQLITE_OK && rc != SQLITE_BUSY)
            say(store, rc, store->error, sizeof store->error);
    }
    bool good = report(store, error);
    pthread_mutex_unlock(&store->mutex);
    return good;
}

bool store_sqlite_hold(dag_store *table, const char *run, dag_error *error) {
    SqliteStore *store = table->self;
    if (store->lock != NULL && strcmp(store->held, run) == 0)
        return true;
    runlock_free(store->lock);
    free(store->held);
    store->held = strdup(run);
    store->lock = runlock_take(store->root, run, store->error, sizeof store->error);
    if (store->held == NULL && store->lock != NULL)
        fail(store, "out of memory");
    return report(store, error);
}

bool store_queue_add(dag_store *table, const StoreRun *run, const char *inputs, dag_error *error) {
    SqliteStore *store = table->self;
    int rc = store_writer_queue(store->writer, run, inputs);
    if (rc != SQLITE_OK)
        say(store, rc, store->error, sizeof store->error);
    return report(store, error);
}

bool store_queue_end(dag_store *table, const char *run, dag_state state, const char *reason,
                     const dag_error *why, dag_error *error) {
    SqliteStore *store = table->self;
    StoreRow row = { .scope = DAG_SCOPE_RUN,
                     .state = state,
                     .stage = DAG_NONE,
                     .time = now(CLOCK_REALTIME),
                     .reason = reason,
                     .error_type = why->type,
                     .error_message = why->message };
    int rc = store_writer_settle(store->writer, run, &row);
    if (rc != SQLITE_OK)
        say(store, rc, store->error, sizeof store->error);
    return report(store, error);
}

static bool sqlite_begin(void *self, const StoreRun *run, dag_error *error) {
    SqliteStore *store = self;
    store->program = run->program;
    if (!store_sqlite_hold(&store->table, run->id, error))
        return false;
    int rc = store_writer_begin(store->writer, run, &store->run, &store->number);
    if (rc != SQLITE_OK) {
        if (rc == SQLITE_NOTFOUND)
            fail(store, "the run is not recorded");
        else
            say(store, rc, store->error, sizeof store->error);
        return report(store, error);
    }
    store->threaded = pthread_create(&store->thread, NULL, writer_main, store) == 0;
    if (!store->threaded)
        fail(store, "no thread for the state store");
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
    runlock_free(store->lock);
    if (store->folder >= 0)
        close(store->folder);
    free(store->root);
    free(store->held);
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
    *error = (dag_error){ .type = "store", .message = buffer };
    if (store != NULL)
        sqlite_close(store);
    return NULL;
}

static SqliteStore *store_alloc(const char *dir) {
    SqliteStore *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->filled, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&store->written, NULL);
    store->batch = batch_new();
    store->root = strdup(dir);
    store->folder = -1;
    store->table = (dag_store){ .self = store,
                                .begin = sqlite_begin,
                                .event = sqlite_event,
                                .check = sqlite_check,
                                .flush = sqlite_flush,
                                .reclaim = sqlite_reclaim,
                                .close = sqlite_close,
                                .children = true };
    return store;
}

sqlite3 *store_sqlite_connection(const dag_store *store) {
    return ((const SqliteStore *)store->self)->db;
}

dag_store *store_sqlite_open(const char *dir, const char *pipeline, char *reason, size_t size,
                             dag_error *error) {
    SqliteStore *store = store_alloc(dir);
    char *message = NULL;
    if (store == NULL || store->batch == NULL || store->root == NULL) {
        return refuse(store, error, NULL, reason, size);
    }
    store->db = store_database_open(dir, pipeline, true, &message);
    if (store->db == NULL)
        return refuse(store, error, message, reason, size);
    store->writer = store_writer_new(store->db);
    if (store->writer != NULL)
        return &store->table;
    message = sqlite3_mprintf("%s: %s", dir, sqlite3_errmsg(store->db));
    return refuse(store, error, message, reason, size);
}
