/*
 * pages.c - one piece is made ahead, when the first has been taken.
 *
 * The tree of a large source fills hundreds of megabytes, in order. To ask the kernel for many pages at
 * once costs a third of what it costs to run into each of them, and huge ones half of that (Linux 5.14;
 * else nothing is done); most of the rest is to fill them with zeros, which another processor can do.
 */
#include "base/pages.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096, HUGE_PAGE = 2 * 1024 * 1024, USED = PIECE - 32 };

struct Pages {
    pthread_t thread;
    bool started, alone; /* alone: there is no thread, nor will be */
    pthread_mutex_t lock;
    pthread_cond_t moved; /* one of these, under the lock: */
    bool wanted, stop;    /* a piece; no more */
    void *piece;          /* or NULL */
};

/* n bytes, zeroed, with their pages. */
static void *piece_new(size_t n) {
    char *memory = calloc(1, n);
#ifdef MADV_POPULATE_WRITE
    char *from = memory - (uintptr_t)memory % PAGE; /* what malloc has put before it too */
    size_t all = (size_t)(memory + n - from);
    if (memory && n > HUGE_PAGE / 2) {
        madvise(from, all, MADV_HUGEPAGE);
    }
    if (memory) {
        madvise(from, all, MADV_POPULATE_WRITE);
    }
#endif
    return memory;
}

/* ---------------------------------------------------------------- the thread */

static void *make_ahead(void *self) {
    Pages *p = self;
    pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        if (!p->wanted) {
            pthread_cond_wait(&p->moved, &p->lock);
            continue;
        }
        pthread_mutex_unlock(&p->lock);
        void *piece = piece_new(USED);
        pthread_mutex_lock(&p->lock);
        p->piece = piece;
        p->wanted = false;
        pthread_cond_signal(&p->moved);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Signals are for the others. False: there is no thread. */
static bool start(Pages *p) {
    cpu_set_t set;
    sigset_t all, before;
    if (sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) < 2) {
        return false;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    p->started = pthread_create(&p->thread, NULL, make_ahead, p) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return p->started;
}

/* ---------------------------------------------------------------- who takes */

Pages *pages_new(void) {
    Pages *p = calloc(1, sizeof *p);
    if (p) {
        pthread_mutex_init(&p->lock, NULL);
        pthread_cond_init(&p->moved, NULL);
    }
    return p;
}

void pages_free(Pages *p) {
    if (!p) {
        return;
    }
    if (p->started) {
        pthread_mutex_lock(&p->lock);
        p->stop = true;
        pthread_cond_signal(&p->moved);
        pthread_mutex_unlock(&p->lock);
        pthread_join(p->thread, NULL);
    }
    pthread_cond_destroy(&p->moved);
    pthread_mutex_destroy(&p->lock);
    free(p->piece);
    free(p);
}

/* The piece that was made ahead, when it is finished; the next one is begun. NULL: there was none. */
static void *take_made(Pages *p) {
    pthread_mutex_lock(&p->lock);
    while (p->wanted) {
        pthread_cond_wait(&p->moved, &p->lock);
    }
    void *piece = p->piece;
    p->piece = NULL;
    p->wanted = true;
    pthread_cond_signal(&p->moved);
    pthread_mutex_unlock(&p->lock);
    return piece;
}

void *pages_take(void *self, size_t *n) {
    Pages *p = self;
    if (*n <= PIECE / 2 || *n > USED) {
        return piece_new(*n);
    }
    *n = USED;
    p->alone |= !p->started && !start(p);
    void *piece = p->alone ? NULL : take_made(p);
    return piece ? piece : piece_new(USED);
}
