/*
 * store_sqlite_ledger.c - see store_sqlite_ledger.h.
 *
 * A commit makes rows visible, and safe from whatever becomes of the process; it waits for no disk. A sync
 * brings all that is committed to the disk. So who only has to be seen does not wait for the disk of others,
 * and one sync is enough for all that have ended meanwhile.
 *
 * What a body has done is committed and synced at once, but for a rest after each time, so that the writer
 * takes no more than one part in REST of a processor from the bodies: some milliseconds at most, and nothing
 * when bodies are rare. What would cost nothing to do again (expressions, results taken from the cache)
 * gathers for LINGER first. What is waited for is committed at once. Its sync waits for what other runs are
 * about to put in, half of what the disk takes at most, and not at all when they wait, too. The batch is
 * bounded: past BATCH_LIMIT the pipelines wait.
 */
#include "store/store_sqlite_ledger.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH_LIMIT ((size_t)64 << 20)  /* bytes of rows waiting for the writer */
#define BATCH_ENOUGH ((size_t)16 << 20) /* bytes of rows that are not waited with */
enum { LINGER = 30 * 1000 * 1000 };     /* ns */
enum { REST = 50 };

typedef struct Batch {
    uint64_t number;
    Arena arena;
    StoreRow *first, **last;
    bool urgent;   /* it would cost something to do it again: it goes to the disk */
    bool awaited;  /* somebody waits for it */
    int64_t began; /* when the first row was put in */
    StoreReclaim *reclaims, **last_reclaim; /* after the rows */
} Batch;

struct Ledger {
    sqlite3 *db; /* the writer's, once there is one */
    StoreWriter *writer;
    char *root;      /* the state folder */
    int folder;      /* the same, open, to have files made there written out; -1: not open */
    char error[512]; /* lock: mutex; why nothing can be written, "" while it can */

    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t filled;  /* there is something to write, or closing */
    pthread_cond_t written; /* a batch was written, or failed */
    bool threaded;          /* lock: mutex; the thread exists */
    bool closing;           /* lock: mutex */
    uint32_t users;         /* lock: mutex */
    uint32_t most; /* lock: mutex; users at the same time: where one has ended another begins */
    Batch *batch;  /* lock: mutex; gathers; NULL without memory */
    uint64_t committed; /* lock: mutex; up to this batch */
    uint64_t durable;   /* lock: mutex; up to this batch */
    uint64_t owed;      /* lock: mutex; up to this one it is to be on the disk */
    uint32_t waiting;   /* lock: mutex; for that */
    int64_t asked;      /* lock: mutex; since when somebody does */
    int64_t rested;     /* the writer's: when it may commit what is urgent */
    int64_t patience;   /* the writer's: ns that a sync waits for other runs */
};

static Batch *batch_new(uint64_t number) {
    Batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL) {
        batch->number = number;
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

/* ---------------------------------------------------------------- failing */

static void fail(Ledger *ledger, const char *message) {
    if (ledger->error[0] == '\0') {
        sqlite3_snprintf((int)sizeof ledger->error, ledger->error, "%s", message);
    }
}

static bool failed(const Ledger *ledger) {
    return ledger->error[0] != '\0';
}

/* rc: SQLite's. By the time it is said SQLite has rolled back, and speaks of that. */
static void say(const Ledger *ledger, int rc, char *message, size_t size) {
    sqlite3_snprintf((int)size, message, "the state store in %s cannot be written: %s%s",
                     ledger->root, sqlite3_errstr(rc), store_what_to_do(rc));
}

const char *ledger_error(Ledger *ledger) {
    pthread_mutex_lock(&ledger->mutex);
    const char *error = failed(ledger) ? ledger->error : NULL; /* it never changes */
    pthread_mutex_unlock(&ledger->mutex);
    return error;
}

/* ---------------------------------------------------------------- the writer */

/* A task is completed when its outputs are on the disk: what its body wrote first, then its row. One
 * call for all files of a batch. */
static bool write_out_files(Ledger *ledger, const StoreRow *rows) {
    for (const StoreRow *row = rows; row != NULL; row = row->next) {
        if (!row->makes_files)
            continue;
        if (ledger->folder < 0)
            ledger->folder = store_open_work(ledger->root);
        return ledger->folder >= 0 && syncfs(ledger->folder) == 0;
    }
    return true;
}

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Commits one batch; says into `message` what is wrong. Nothing is deleted before all that led to it is on
 * the disk. */
static void write_batch(Ledger *ledger, const Batch *batch, char *message, size_t size) {
    if (!write_out_files(ledger, batch->first)) {
        sqlite3_snprintf((int)size, message, "%s: files cannot be written out: %s", ledger->root,
                         strerror(errno));
        return;
    }
    int rc = batch->first != NULL ? store_writer_commit(ledger->writer, batch->first) : SQLITE_OK;
    if (rc == SQLITE_OK && batch->reclaims != NULL)
        rc = store_sync(ledger->db);
    if (rc == SQLITE_OK)
        rc = store_reclaim(ledger->db, batch->reclaims);
    if (rc != SQLITE_OK)
        say(ledger, rc, message, size);
}

/* Commits what has gathered while the next batch does. */
static void commit_next(Ledger *ledger) {
    Batch *batch = ledger->batch, *next = batch_new(batch->number + 1);
    if (next == NULL) {
        fail(ledger, "out of memory in the state store");
        return;
    }
    char message[256] = "";
    int64_t began = now(CLOCK_THREAD_CPUTIME_ID);
    ledger->batch = next;
    pthread_mutex_unlock(&ledger->mutex);
    write_batch(ledger, batch, message, sizeof message);
    int64_t rest = REST * (now(CLOCK_THREAD_CPUTIME_ID) - began);
    pthread_mutex_lock(&ledger->mutex);
    if (message[0] != '\0') {
        fail(ledger, message);
    } else {
        ledger->committed = batch->number;
        ledger->owed = batch->urgent ? batch->number : ledger->owed;
    }
    ledger->rested = now(CLOCK_MONOTONIC) + (rest < LINGER ? rest : LINGER);
    batch_free(batch);
}

static void sync_all(Ledger *ledger) {
    uint64_t committed = ledger->committed;
    char message[256] = "";
    pthread_mutex_unlock(&ledger->mutex);
    int64_t began = now(CLOCK_MONOTONIC);
    int rc = store_sync(ledger->db);
    int64_t ended = now(CLOCK_MONOTONIC);
    if (rc != SQLITE_OK)
        say(ledger, rc, message, sizeof message);
    else if (store_file_has_moved(ledger->db))
        sqlite3_snprintf((int)sizeof message, message,
                         "the state store in %s was deleted or replaced while the run went on",
                         ledger->root);
    pthread_mutex_lock(&ledger->mutex);
    if (message[0] != '\0')
        fail(ledger, message);
    else
        ledger->durable = committed;
    ledger->patience = (ended - began) / 2 < LINGER ? (ended - began) / 2 : LINGER;
    ledger->asked = ended;
}

/* Each says when it is to be done, as far as is known: 0: now; INT64_MAX: there is nothing to do. */
static int64_t commit_due(const Ledger *ledger) {
    const Batch *batch = ledger->batch;
    if (is_empty(batch))
        return INT64_MAX;
    if (batch->awaited || ledger->closing)
        return 0;
    return batch->urgent || batch->reclaims != NULL ? ledger->rested : batch->began + LINGER;
}

static int64_t sync_due(const Ledger *ledger) {
    bool others = ledger->waiting + 1 < ledger->most;
    if (ledger->owed <= ledger->durable)
        return INT64_MAX;
    if (ledger->closing || ledger->waiting == 0)
        return 0;
    return others ? ledger->asked + ledger->patience : 0;
}

static void wait_until(Ledger *ledger, int64_t when) {
    struct timespec until = { .tv_sec = (time_t)(when / 1000000000),
                              .tv_nsec = (long)(when % 1000000000) };
    if (when == INT64_MAX)
        pthread_cond_wait(&ledger->filled, &ledger->mutex);
    else
        pthread_cond_timedwait(&ledger->filled, &ledger->mutex, &until);
}

/* What can be committed goes before a sync: it is on the disk then, too. */
static void *writer_main(void *self) {
    Ledger *ledger = self;
    pthread_mutex_lock(&ledger->mutex);
    while (!failed(ledger)) {
        int64_t commit = commit_due(ledger), sync = sync_due(ledger);
        int64_t when = commit < sync ? commit : sync;
        if (when == INT64_MAX && ledger->closing)
            break;
        if (when > now(CLOCK_MONOTONIC)) {
            wait_until(ledger, when);
            continue;
        }
        if (when == commit)
            commit_next(ledger);
        else
            sync_all(ledger);
        pthread_cond_broadcast(&ledger->written);
    }
    pthread_cond_broadcast(&ledger->written);
    pthread_mutex_unlock(&ledger->mutex);
    return NULL;
}

/* ---------------------------------------------------------------- those who put in */

/* The batch, once there is room in it and somebody who writes it. NULL: nothing is written any more. */
static Batch *room(Ledger *ledger) {
    if (!ledger->threaded && !failed(ledger)) {
        ledger->threaded = pthread_create(&ledger->thread, NULL, writer_main, ledger) == 0;
        if (!ledger->threaded)
            fail(ledger, "no thread for the state store");
    }
    while (ledger->batch->arena.used > BATCH_LIMIT && !failed(ledger)) {
        pthread_cond_wait(&ledger->written, &ledger->mutex);
    }
    return failed(ledger) ? NULL : ledger->batch;
}

static uint64_t no_memory(Ledger *ledger) {
    fail(ledger, "out of memory in the state store");
    pthread_cond_signal(&ledger->filled);
    return 0;
}

static uint64_t put_row(Ledger *ledger, Batch *batch, StoreRow *(*make)(void *self, Arena *arena),
                        void *self, LedgerHaste haste) {
    jmp_buf oom;
    batch->arena.oom = &oom;
    if (setjmp(oom) != 0)
        return no_memory(ledger);
    StoreRow *row = make(self, &batch->arena);
    bool begins = batch->first == NULL, urgent = haste == LEDGER_URGENT;
    *batch->last = row;
    batch->last = &row->next;
    bool awaited = haste == LEDGER_AWAITED || batch->arena.used > BATCH_ENOUGH;
    if (begins)
        batch->began = now(CLOCK_MONOTONIC);
    if (begins || (urgent && !batch->urgent) || (awaited && !batch->awaited))
        pthread_cond_signal(&ledger->filled);
    batch->urgent = batch->urgent || urgent;
    batch->awaited = batch->awaited || awaited;
    return batch->number;
}

uint64_t ledger_put(Ledger *ledger, StoreRow *(*make)(void *self, Arena *arena), void *self,
                    LedgerHaste haste) {
    pthread_mutex_lock(&ledger->mutex);
    Batch *batch = room(ledger);
    uint64_t number = batch == NULL ? 0 : put_row(ledger, batch, make, self, haste);
    pthread_mutex_unlock(&ledger->mutex);
    return number;
}

static uint64_t put_reclaim(Ledger *ledger, Batch *batch, const char *path, bool fingerprint) {
    jmp_buf oom;
    batch->arena.oom = &oom;
    if (setjmp(oom) != 0)
        return no_memory(ledger);
    StoreReclaim *what = ARENA_NEW(&batch->arena, StoreReclaim);
    *what = (StoreReclaim){ .path = arena_text(&batch->arena, path, strlen(path)),
                            .fingerprint = fingerprint };
    *batch->last_reclaim = what;
    batch->last_reclaim = &what->next;
    pthread_cond_signal(&ledger->filled);
    return batch->number;
}

uint64_t ledger_reclaim(Ledger *ledger, const char *path, bool fingerprint) {
    pthread_mutex_lock(&ledger->mutex);
    Batch *batch = room(ledger);
    uint64_t number = batch == NULL ? 0 : put_reclaim(ledger, batch, path, fingerprint);
    pthread_mutex_unlock(&ledger->mutex);
    return number;
}

/* Until the batch is committed. */
static void await_commit(Ledger *ledger, uint64_t number) {
    while (ledger->committed < number && !failed(ledger)) {
        if (number == ledger->batch->number && !ledger->batch->awaited) {
            ledger->batch->awaited = true;
            pthread_cond_signal(&ledger->filled);
        }
        pthread_cond_wait(&ledger->written, &ledger->mutex);
    }
}

/* Until what is committed is on the disk. */
static void await_sync(Ledger *ledger, uint64_t number) {
    if (ledger->durable >= number || failed(ledger))
        return;
    if (ledger->waiting++ == 0)
        ledger->asked = now(CLOCK_MONOTONIC);
    ledger->owed = ledger->owed < number ? number : ledger->owed;
    pthread_cond_signal(&ledger->filled);
    while (ledger->durable < number && !failed(ledger))
        pthread_cond_wait(&ledger->written, &ledger->mutex);
    ledger->waiting--;
}

bool ledger_wait(Ledger *ledger, uint64_t number, bool durable) {
    pthread_mutex_lock(&ledger->mutex);
    await_commit(ledger, number);
    if (durable)
        await_sync(ledger, number);
    bool good = (durable ? ledger->durable : ledger->committed) >= number;
    pthread_mutex_unlock(&ledger->mutex);
    return good;
}

/* ---------------------------------------------------------------- opening and closing */

static Ledger *ledger_alloc(const char *dir) {
    Ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return NULL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&ledger->mutex, NULL);
    pthread_cond_init(&ledger->filled, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&ledger->written, NULL);
    ledger->users = 1;
    ledger->batch = batch_new(1);
    ledger->root = strdup(dir);
    ledger->folder = -1;
    return ledger;
}

static void ledger_free(Ledger *ledger) {
    store_writer_free(ledger->writer);
    sqlite3_close(ledger->db);
    if (ledger->folder >= 0)
        close(ledger->folder);
    free(ledger->root);
    batch_free(ledger->batch);
    pthread_cond_destroy(&ledger->filled);
    pthread_cond_destroy(&ledger->written);
    pthread_mutex_destroy(&ledger->mutex);
    free(ledger);
}

Ledger *ledger_share(Ledger *ledger) {
    pthread_mutex_lock(&ledger->mutex);
    ledger->users++;
    ledger->most = ledger->users > ledger->most ? ledger->users : ledger->most;
    pthread_mutex_unlock(&ledger->mutex);
    return ledger;
}

void ledger_release(Ledger *ledger) {
    if (ledger == NULL)
        return;
    pthread_mutex_lock(&ledger->mutex);
    bool last = --ledger->users == 0;
    ledger->closing = last;
    pthread_cond_signal(&ledger->filled);
    pthread_mutex_unlock(&ledger->mutex);
    if (!last)
        return;
    if (ledger->threaded)
        pthread_join(ledger->thread, NULL);
    ledger_free(ledger);
}

/* What could not be opened is gone with it. */
static bool fill(Ledger *ledger, const char *dir, const char *pipeline, char **message) {
    if (ledger->batch == NULL || ledger->root == NULL)
        return false;
    ledger->db = store_database_open(dir, pipeline, true, message);
    if (ledger->db == NULL)
        return false;
    if (store_relax(ledger->db) == SQLITE_OK)
        ledger->writer = store_writer_new(ledger->db);
    if (ledger->writer == NULL)
        *message = sqlite3_mprintf("%s: %s", dir, sqlite3_errmsg(ledger->db));
    return ledger->writer != NULL;
}

Ledger *ledger_open(const char *dir, const char *pipeline, char **message) {
    Ledger *ledger = ledger_alloc(dir);
    *message = NULL;
    if (ledger == NULL || fill(ledger, dir, pipeline, message))
        return ledger;
    ledger_free(ledger);
    return NULL;
}
