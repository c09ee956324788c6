/*
 * store_cache_ahead.c - see store_cache_ahead.h.
 */
#include "store/store_cache_ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/outputs.h"
#include "store/ports_json.h"
#include "store/store_sqlite_cache.h"

/* Rows that were looked at too early, past those that were not, before it is given up: where bodies
 * end all the time it is of no use. */
enum { PATIENCE = 256 };

/* Rows that are left to who asks when he has come as far as the thread: else both look at the same ones. */
enum { LEAP = 8 };

struct CacheAhead {
    const dag_program *program;
    Stamper stamper; /* of the thread */
    Arena scratch;   /* of the thread */
    uint64_t looked; /* of the thread: bodies that had ended when it last looked */
    atomic_uint_fast64_t ended;
    atomic_bool over;    /* nothing more is looked at */
    int64_t used, stale; /* of who asks: rows */
    pthread_t thread;
    bool threaded; /* the thread exists */
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    Outlook *first, **last; /* lock: mutex; wanted */
};

CacheAhead *cache_ahead_new(const dag_program *program, const char *own) {
    CacheAhead *ahead = program_has_temps(program) ? NULL : calloc(1, sizeof *ahead);
    if (ahead == NULL)
        return NULL;
    ahead->program = program;
    ahead->stamper.own = own;
    ahead->last = &ahead->first;
    pthread_mutex_init(&ahead->mutex, NULL);
    pthread_cond_init(&ahead->filled, NULL);
    return ahead;
}

static void stop(CacheAhead *ahead) {
    pthread_mutex_lock(&ahead->mutex);
    atomic_store(&ahead->over, true);
    pthread_cond_signal(&ahead->filled);
    pthread_mutex_unlock(&ahead->mutex);
}

void cache_ahead_free(CacheAhead *ahead) {
    if (ahead == NULL)
        return;
    stop(ahead);
    if (ahead->threaded)
        pthread_join(ahead->thread, NULL);
    pthread_cond_destroy(&ahead->filled);
    pthread_mutex_destroy(&ahead->mutex);
    path_stat_end(&ahead->stamper.paths);
    arena_free(&ahead->scratch);
    free(ahead);
}

/* ---------------------------------------------------------------- the thread */

/* NULL: it is not intact, or there is no memory. */
static Box *look(CacheAhead *ahead, const Foresight *row) {
    Arena *scratch = &ahead->scratch;
    const dag_stage *stage = &ahead->program->stages[row->stage];
    dag_value *outputs = ARENA_ARRAY(scratch, stage->nout, dag_value);
    bool intact =
        outputs_from_json(scratch, ahead->program, stage, row->outputs, outputs) &&
        stamps_differ(scratch, &ahead->stamper, outputs, stage->nout, row->stamps) == NULL;
    return intact ? box_copy(outputs, stage->nout) : NULL;
}

static void see(CacheAhead *ahead, Foresight *row) {
    jmp_buf oom;
    uint64_t ended = atomic_load(&ahead->ended);
    if (ahead->looked != ended)
        path_stat_end(&ahead->stamper.paths); /* which keeps a folder open */
    row->ended = ahead->looked = ended;
    ahead->scratch.oom = &oom;
    if (setjmp(oom) == 0)
        atomic_store_explicit(&row->intact, look(ahead, row), memory_order_release);
    arena_reset(&ahead->scratch);
}

/* Waits for something to look at; NULL: it is over, and no more will be taken. */
static Outlook *take(CacheAhead *ahead) {
    pthread_mutex_lock(&ahead->mutex);
    while (ahead->first == NULL && !atomic_load(&ahead->over))
        pthread_cond_wait(&ahead->filled, &ahead->mutex);
    Outlook *outlook = ahead->first;
    if (outlook != NULL)
        ahead->first = outlook->next;
    if (ahead->first == NULL)
        ahead->last = &ahead->first;
    pthread_mutex_unlock(&ahead->mutex);
    return outlook;
}

/* When it is over, what waits is only said to be done. */
static void *ahead_main(void *self) {
    CacheAhead *ahead = self;
    for (Outlook *outlook; (outlook = take(ahead)) != NULL;) {
        int left = 0;
        Foresight *row = outlook->first;
        for (; row != NULL && !atomic_load(&ahead->over); row = row->next) {
            bool late = atomic_load_explicit(&row->late, memory_order_relaxed);
            left = late ? LEAP : left - (left > 0);
            if (left == 0)
                see(ahead, row);
        }
        atomic_store_explicit(&outlook->done, true, memory_order_release);
    }
    return NULL;
}

/* ---------------------------------------------------------------- who asks */

void cache_ahead_want(CacheAhead *ahead, Outlook *outlook) {
    if (!ahead->threaded && !atomic_load(&ahead->over)) {
        ahead->threaded = pthread_create(&ahead->thread, NULL, ahead_main, ahead) == 0;
        atomic_store(&ahead->over, !ahead->threaded);
    }
    pthread_mutex_lock(&ahead->mutex);
    if (atomic_load(&ahead->over)) {
        atomic_store(&outlook->done, true);
    } else {
        *ahead->last = outlook;
        ahead->last = &outlook->next;
        pthread_cond_signal(&ahead->filled);
    }
    pthread_mutex_unlock(&ahead->mutex);
}

Box *cache_ahead_seen(CacheAhead *ahead, Foresight *row, uint64_t ended) {
    if (atomic_load_explicit(&ahead->ended, memory_order_relaxed) != ended)
        atomic_store(&ahead->ended, ended);
    atomic_store_explicit(&row->late, true, memory_order_relaxed);
    if (atomic_load_explicit(&row->intact, memory_order_relaxed) == NULL)
        return NULL;
    Box *box = atomic_exchange_explicit(&row->intact, NULL, memory_order_acquire);
    bool holds = row->ended == ended;
    ahead->used += holds;
    ahead->stale += !holds;
    if (ahead->stale > ahead->used + PATIENCE && !atomic_load(&ahead->over))
        stop(ahead);
    if (holds)
        return box;
    box_release(box);
    return NULL;
}
