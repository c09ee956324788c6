/*
 * pool.c - makes pools longer: by doubling, so that n items cost O(n).
 */
#include "base/pool.h"

void *pool_room(Arena *arena, void *items, uint32_t n, uint32_t *room, uint32_t more, size_t size) {
    if (more <= *room - n) {
        return items;
    }
    size_t wanted = (size_t)n + more;
    if (wanted > UINT32_MAX || wanted > SIZE_MAX / 4 / size) {
        return arena_array(arena, SIZE_MAX, 2); /* past the tables' indices: out of memory */
    }
    size_t bigger = *room ? (size_t)*room * 2 : 16;
    bigger = bigger < wanted ? wanted : bigger > UINT32_MAX ? UINT32_MAX : bigger;
    items = arena_grow(arena, items, (size_t)*room * size, bigger * size);
    *room = (uint32_t)bigger;
    return items;
}
