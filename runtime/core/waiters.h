/*
 * waiters.h - who waits in a row for how much of something, and the first of them that what there
 * is would do for.
 *
 * A tournament tree: each node has the least that anybody below it asks for, so that the first
 * place whose wish fits is found on one way down.
 */
#ifndef DAG_CORE_WAITERS_H
#define DAG_CORE_WAITERS_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nobody can wait. */
typedef struct Waiters {
    int64_t *least; /* node 1 is the root, of node i the children are 2i and 2i + 1 */
    uint32_t nleaves;
    uint32_t count; /* of those that wait */
} Waiters;

/* Places 0 .. n - 1; nobody waits. False without memory. */
bool waiters_init(Waiters *waiters, uint32_t n);
void waiters_free(Waiters *waiters);

/* Whoever has the place waits for `amount`, below INT64_MAX; in place of what it waited for. */
void waiters_add(Waiters *waiters, uint32_t place, int64_t amount);

/* It does not wait (any more). */
void waiters_remove(Waiters *waiters, uint32_t place);

bool waiters_has(const Waiters *waiters, uint32_t place);

/* The first place where somebody waits for no more than `amount`; UINT32_MAX: none. */
uint32_t waiters_first(const Waiters *waiters, int64_t amount);

#endif
