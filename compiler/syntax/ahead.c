/*
 * ahead.c - two threads with a ring of batches between them.
 */
#include "syntax/ahead.h"

#include <sched.h>

#include "parser.h"

enum { SMALLEST = 32 * 1024 }; /* half a millisecond's work: a tenth of it starts a thread */

bool ahead_pays(size_t size) {
    cpu_set_t set;
    return size >= SMALLEST && sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

/* ---------------------------------------------------------------- the thread */

/* The batch to fill next, when there is room for it. NULL: no more are wanted. */
static Batch *batch_free(Ahead *a) {
    pthread_mutex_lock(&a->lock);
    while (!a->stop && a->made - a->given == BATCHES - 1) {
        pthread_cond_wait(&a->moved, &a->lock);
    }
    Batch *batch = a->stop ? NULL : &a->batches[a->made % BATCHES];
    pthread_mutex_unlock(&a->lock);
    return batch;
}

/* Gives `n` more batches to the grammar. */
static void tell(Ahead *a, uint32_t n, bool over) {
    pthread_mutex_lock(&a->lock);
    a->made += n;
    a->over = over;
    pthread_cond_signal(&a->moved);
    pthread_mutex_unlock(&a->lock);
}

/* False: there are no more, or there is a mistake. */
static bool fill(Ahead *a, Batch *batch) {
    uint32_t n = 0;
    do {
        batch->tokens[n] = lexer_next(&a->lexer);
    } while (batch->tokens[n++].kind != TOK_YYEOF && n < BATCH);
    batch->n = n;
    return n == BATCH && a->lexer.diags->nerrors == 0;
}

static void read_all(Ahead *a) {
    bool more = true;
    for (Batch *batch; more && (batch = batch_free(a));) {
        more = fill(a, batch);
        tell(a, 1, !more);
    }
}

static void *read_ahead(void *self) {
    Ahead *a = self;
    if (setjmp(a->oom)) {
        a->no_memory = true;
        tell(a, 0, true);
    } else {
        read_all(a);
    }
    return NULL;
}

/* ---------------------------------------------------------------- the grammar's side */

Ahead *ahead_start(Arena *arena, const Lexer *lexer) {
    Ahead *a = ARENA_NEW(arena, Ahead);
    a->lexer = *lexer;
    a->lexer.arena = &a->arena;
    a->lexer.diags = diags_new(&a->arena, lexer->diags->sources);
    a->arena.oom = &a->oom;
    a->arena.limit = arena->limit;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->moved, NULL);
    if (pthread_create(&a->thread, NULL, read_ahead, a) == 0) {
        return a;
    }
    arena_free(&a->arena);
    return NULL;
}

Token ahead_more(Ahead *a) {
    pthread_mutex_lock(&a->lock);
    while (a->made == a->given && !a->over) {
        pthread_cond_wait(&a->moved, &a->lock);
    }
    const Batch *batch = a->made == a->given ? NULL : &a->batches[a->given++ % BATCHES];
    pthread_cond_signal(&a->moved);
    pthread_mutex_unlock(&a->lock);
    if (!batch) {
        return (Token){ .kind = TOK_YYEOF };
    }
    a->at = batch->tokens + 1;
    a->end = batch->tokens + batch->n;
    return batch->tokens[0];
}

bool ahead_end(Ahead *a, Arena *arena) {
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_signal(&a->moved);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    pthread_cond_destroy(&a->moved);
    pthread_mutex_destroy(&a->lock);
    arena_adopt(arena, &a->arena);
    if (a->no_memory) {
        arena_array(arena, SIZE_MAX, 2); /* jumps */
    }
    return a->lexer.diags->nerrors == 0;
}
