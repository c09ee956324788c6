/*
 * pool.h - growing arrays in an arena: the index of an item is stable, its address is not.
 */
#ifndef DAGCC_POOL_H
#define DAGCC_POOL_H

#include <stdint.h>

#include "pure/arena.h"

/* All zero is an empty pool. */
#define POOL(type)        \
    struct {              \
        type *items;      \
        uint32_t n, room; \
    }

/* Makes room for `more` items behind the last; the address of the first of them. They are not
 * counted yet and not zeroed. */
#define POOL_ROOM(arena, pool, more)                                                             \
    ((pool)->items =                                                                             \
         pool_room(arena, (pool)->items, (pool)->n, &(pool)->room, more, sizeof *(pool)->items), \
     (pool)->items + (pool)->n)

/* Appends one item. */
#define POOL_ADD(arena, pool, ...) \
    ((void)POOL_ROOM(arena, pool, 1), (pool)->items[(pool)->n++] = (__VA_ARGS__))

void *pool_room(Arena *arena, void *items, uint32_t n, uint32_t *room, uint32_t more, size_t size);

#endif
