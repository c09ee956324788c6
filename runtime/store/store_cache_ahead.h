/*
 * store_cache_ahead.h - a thread that checks results before they are asked for.
 *
 * Rows of the cache are read ahead in the order in which tasks will want them (store_cache_rows.c).
 * While the driver is at one task, this thread reads the outputs of the next ones and asks the kernel
 * whether their files are as they were. What it saw holds until a body has ended, as that may have
 * changed any file. Results that are not intact it leaves to who asks.
 */
#ifndef DAG_STORE_CACHE_AHEAD_H
#define DAG_STORE_CACHE_AHEAD_H

#include <stdatomic.h>

#include "core/box.h"

/* A row to be looked at. */
typedef struct Foresight {
    uint32_t stage;
    const char *outputs, *stamps; /* as recorded */
    _Atomic(Box *) intact;        /* the outputs as values; NULL: not seen yet, or not intact */
    uint64_t ended;               /* bodies that had, before it was looked at */
    atomic_bool late;             /* somebody has asked for it */
    struct Foresight *next;
} Foresight;

/* Rows in the order in which they will be asked for. They stay until `done`. */
typedef struct Outlook {
    Foresight *first, *last;
    size_t n;
    atomic_bool done; /* nobody looks any more */
    struct Outlook *next;
} Outlook;

typedef struct CacheAhead CacheAhead;

/* own: the state folder; both outlive it. NULL: nothing is seen ahead, for want of memory or because
 * the program's temporary files may go at any moment. */
CacheAhead *cache_ahead_new(const dag_program *program, const char *own);
void cache_ahead_free(CacheAhead *ahead); /* then all is done; NULL is nothing */

/* Has them looked at, or says at once that it is done. */
void cache_ahead_want(CacheAhead *ahead, Outlook *outlook);

/* The outputs of a row that is known to be intact now that so many bodies have ended; NULL: who asks
 * must look. The box is the caller's; a row is seen once. */
Box *cache_ahead_seen(CacheAhead *ahead, Foresight *row, uint64_t ended);

#endif
