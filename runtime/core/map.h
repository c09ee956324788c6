/*
 * map.h - a hash table from two 64-bit numbers to a 32-bit one, growing, without removal.
 */
#ifndef DAG_CORE_MAP_H
#define DAG_CORE_MAP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct MapRow {
    uint64_t a, b;
    uint32_t value;
    uint32_t used;
} MapRow;

/* All zero is an empty map. */
typedef struct Map {
    MapRow *rows;
    uint32_t capacity; /* power of two, or 0 */
    uint32_t count;
} Map;

/* The value of (a, b), or NULL. The pointer holds until the next map_put. */
uint32_t *map_get(const Map *map, uint64_t a, uint64_t b);

/* The value of (a, b), put there as `value` if it was missing; *fresh says so. NULL without memory;
 * the map is as before. */
uint32_t *map_put(Map *map, uint64_t a, uint64_t b, uint32_t value, bool *fresh);

void map_free(Map *map);

#endif
