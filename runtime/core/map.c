/*
 * map.c - open addressing with linear probing, at most three quarters full.
 */
#include "core/map.h"

#include <stdlib.h>

/* splitmix64's finalizer (Steele, Lea, Flood 2014), over both numbers. */
static uint64_t hash(uint64_t a, uint64_t b) {
    uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static MapRow *find(const Map *map, uint64_t a, uint64_t b) {
    uint32_t mask = map->capacity - 1;
    for (uint32_t i = (uint32_t)hash(a, b) & mask;; i = (i + 1) & mask) {
        MapRow *row = &map->rows[i];
        if (!row->used || (row->a == a && row->b == b)) {
            return row;
        }
    }
}

uint32_t *map_get(const Map *map, uint64_t a, uint64_t b) {
    MapRow *row = map->capacity ? find(map, a, b) : NULL;
    return row && row->used ? &row->value : NULL;
}

static bool grow(Map *map) {
    Map bigger = { .capacity = map->capacity ? map->capacity * 2 : 16 };
    bigger.rows = bigger.capacity ? calloc(bigger.capacity, sizeof *bigger.rows) : NULL;
    if (!bigger.rows) {
        return false;
    }
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->rows[i].used) {
            *find(&bigger, map->rows[i].a, map->rows[i].b) = map->rows[i];
        }
    }
    bigger.count = map->count;
    free(map->rows);
    *map = bigger;
    return true;
}

uint32_t *map_put(Map *map, uint64_t a, uint64_t b, uint32_t value, bool *fresh) {
    if (map->count >= map->capacity / 4 * 3 && !grow(map)) {
        return NULL;
    }
    MapRow *row = find(map, a, b);
    *fresh = !row->used;
    if (!row->used) {
        *row = (MapRow){ .a = a, .b = b, .value = value, .used = 1 };
        map->count++;
    }
    return &row->value;
}

void map_free(Map *map) {
    free(map->rows);
    *map = (Map){ 0 };
}
