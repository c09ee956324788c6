/*
 * intern.c - one copy of each text: a hash table with open addressing, in the arena.
 *
 * The copies lie side by side in blocks of their own, not between the nodes of the tree: the texts of
 * very many names then stay in the processor's cache, where they are compared again and again.
 */
#include <string.h>

#include "base/source.h"

typedef struct Slot {
    const char *text; /* NULL: free */
    uint32_t n, hash; /* n: bytes; a source has at most MAX_SOURCE */
} Slot;

struct Interner {
    Arena *arena;
    Slot *slots;
    size_t nslots;    /* a power of two */
    size_t used;      /* at most three quarters of them */
    char *free, *end; /* the rest of the last block of texts */
};

enum { BLOCK = 16 * 1024 };

/* FNV-1a */
static uint32_t hash_text(const char *text, size_t n) {
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    }
    return (uint32_t)(hash ^ hash >> 32);
}

static Slot *slot_for(Slot *slots, size_t nslots, uint32_t hash, const char *text, size_t n) {
    size_t i = hash & (nslots - 1);
    while (slots[i].text) {
        if (slots[i].hash == hash && slots[i].n == n && memcmp(slots[i].text, text, n) == 0) {
            break;
        }
        i = (i + 1) & (nslots - 1);
    }
    return &slots[i];
}

static void grow(Interner *in) {
    size_t n = in->nslots * 2;
    Slot *slots = ARENA_ARRAY(in->arena, n, Slot);
    for (size_t i = 0; i < in->nslots; i++) {
        Slot *s = &in->slots[i];
        if (s->text) {
            *slot_for(slots, n, s->hash, s->text, s->n) = *s;
        }
    }
    in->slots = slots;
    in->nslots = n;
}

static const char *keep(Interner *in, const char *text, size_t n) {
    if (n >= (size_t)(in->end - in->free)) {
        if (n >= BLOCK / 4) {
            return arena_text(in->arena, text, n);
        }
        in->free = arena_raw(in->arena, BLOCK);
        in->end = in->free + BLOCK;
    }
    char *copy = in->free;
    memcpy(copy, text, n);
    copy[n] = '\0';
    in->free += n + 1;
    return copy;
}

Interner *interner_new(Arena *arena) {
    Interner *in = ARENA_NEW(arena, Interner);
    in->arena = arena;
    in->nslots = 256;
    in->slots = ARENA_ARRAY(arena, in->nslots, Slot);
    return in;
}

const char *intern(Interner *in, const char *text, size_t n) {
    uint32_t hash = hash_text(text, n);
    Slot *slot = slot_for(in->slots, in->nslots, hash, text, n);
    if (slot->text) {
        return slot->text;
    }
    if (in->used >= in->nslots / 4 * 3) {
        grow(in);
        slot = slot_for(in->slots, in->nslots, hash, text, n);
    }
    *slot = (Slot){ .text = keep(in, text, n), .n = (uint32_t)n, .hash = hash };
    in->used++;
    return slot->text;
}
