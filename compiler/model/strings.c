/*
 * strings.c - the string pool: a growing text and a hash table of offsets into it.
 */
#include "model/strings.h"

#include <string.h>

enum { FIRST_SLOTS = 16 };

Strings *strings_new(Arena *arena) {
    Strings *strings = ARENA_NEW(arena, Strings);
    strings->arena = arena;
    strings->nslots = FIRST_SLOTS;
    strings->slots = ARENA_ARRAY(arena, FIRST_SLOTS, uint32_t);
    POOL_ADD(arena, &strings->bytes, '\0');
    return strings;
}

/* FNV-1a, folded to 32 bits. */
static uint32_t hash_text(const char *text, size_t n) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    }
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of a text, or the free one where it belongs. */
static uint32_t *slot_find(const Strings *strings, const char *text, size_t n) {
    uint32_t i = hash_text(text, n) & (strings->nslots - 1);
    while (strings->slots[i]) {
        const char *known = strings->bytes.items + strings->slots[i];
        if (strncmp(known, text, n) == 0 && known[n] == '\0') {
            break;
        }
        i = (i + 1) & (strings->nslots - 1);
    }
    return &strings->slots[i];
}

static void grow(Strings *strings) {
    uint32_t *old = strings->slots;
    uint32_t n = strings->nslots;
    strings->nslots = n * 2;
    strings->slots = ARENA_ARRAY(strings->arena, strings->nslots, uint32_t);
    for (uint32_t i = 0; i < n; i++) {
        if (old[i]) {
            const char *text = strings->bytes.items + old[i];
            *slot_find(strings, text, strlen(text)) = old[i];
        }
    }
}

dag_name strings_push(Strings *strings, const char *text, size_t n) {
    if (n == 0) {
        return 0;
    }
    if (n >= UINT32_MAX) {
        n = UINT32_MAX - 1; /* does not fit any more: POOL_ROOM ends it as out of memory */
    }
    char *to = POOL_ROOM(strings->arena, &strings->bytes, (uint32_t)n + 1);
    memcpy(to, text, n);
    to[n] = '\0';
    dag_name offset = strings->bytes.n;
    strings->bytes.n += (uint32_t)n + 1;
    return offset;
}

dag_name strings_add(Strings *strings, const char *text, size_t n) {
    n = strnlen(text, n); /* a text holds no NUL, or ends there */
    if (n == 0) {
        return 0;
    }
    uint32_t *slot = slot_find(strings, text, n);
    if (*slot) {
        return *slot;
    }
    if (2 * ++strings->used > strings->nslots) {
        grow(strings);
        slot = slot_find(strings, text, n);
    }
    dag_name offset = strings_push(strings, text, n);
    *slot = offset;
    return offset;
}

dag_name strings_name(Strings *strings, const char *text) {
    return text ? strings_add(strings, text, strlen(text)) : 0;
}

void strings_cut(Strings *strings, uint32_t n) {
    strings->bytes.n = n;
}
