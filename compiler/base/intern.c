/*
 * intern.c - one copy of each text: a hash table with open addressing, in the arena.
 *
 * The copies lie side by side in blocks of their own, not between the nodes of the tree: the texts of
 * very many names then stay in the processor's cache, where they are compared again and again.
 */
#include <string.h>

#include "base/pool.h"
#include "base/source.h"

typedef struct Slot {
    uint32_t hash;
    uint32_t name; /* the number of the text + 1; 0: free */
} Slot;

/* What stands before each text. */
typedef struct Head {
    uint32_t number, n; /* n: bytes; a source has at most MAX_SOURCE */
} Head;

struct Interner {
    Arena *arena;
    Slot *slots;
    size_t nslots;            /* a power of two; at most half of them are used */
    POOL(const char *) texts; /* by number */
    char *free, *end;         /* the rest of the last block of texts */
};

enum { BLOCK = 16 * 1024 };

static uint64_t mix(uint64_t hash, uint64_t bytes) {
    hash = (hash ^ bytes) * UINT64_C(0x9e3779b97f4a7c15);
    return (hash ^ hash >> 32) * UINT64_C(0xbf58476d1ce4e5b9);
}

/* n of the bytes at `text`, 4 or 8. */
static uint64_t load(const char *text, size_t n) {
    uint64_t bytes = 0;
    memcpy(&bytes, text, n);
    return bytes;
}

/* Eight bytes at a time; the rest as two fours that may overlap, as wyhash (Wang Yi) does. */
static uint64_t hash_bytes(const char *text, size_t n) {
    uint64_t hash = n;
    for (; n >= 8; text += 8, n -= 8) {
        hash = mix(hash, load(text, 8));
    }
    if (n >= 4) {
        return mix(hash, load(text, 4) | load(text + n - 4, 4) << 32);
    }
    uint64_t rest = 0;
    for (size_t i = 0; i < n; i++) {
        rest = rest << 8 | (unsigned char)text[i];
    }
    return mix(hash, rest);
}

/* Texts that differ in their last byte alone are neighbours: names that are generated come in such
 * rows, and a row then shares a line of the processor's cache. */
static uint32_t hash_text(const char *text, size_t n) {
    size_t begin = n ? n - 1 : 0;
    return (uint32_t)(hash_bytes(text, begin) >> 32) + (n ? (unsigned char)text[begin] : 0);
}

static Head head_of(const char *text) {
    Head head;
    memcpy(&head, text - sizeof head, sizeof head);
    return head;
}

static bool is_text(const char *known, const char *text, size_t n) {
    return head_of(known).n == n && memcmp(known, text, n) == 0;
}

/* Of the text, or the free one where it belongs. */
static Slot *slot_for(const Interner *in, uint32_t hash, const char *text, size_t n) {
    size_t i = hash & (in->nslots - 1);
    while (in->slots[i].name && (in->slots[i].hash != hash ||
                                 !is_text(in->texts.items[in->slots[i].name - 1], text, n))) {
        i = (i + 1) & (in->nslots - 1);
    }
    return &in->slots[i];
}

/* The free one where a text belongs that is not there. */
static Slot *free_slot(const Interner *in, uint32_t hash) {
    size_t i = hash & (in->nslots - 1);
    while (in->slots[i].name) {
        i = (i + 1) & (in->nslots - 1);
    }
    return &in->slots[i];
}

static void grow(Interner *in) {
    const Slot *old = in->slots;
    size_t n = in->nslots;
    in->nslots *= 2;
    in->slots = ARENA_ARRAY(in->arena, in->nslots, Slot);
    for (size_t i = 0; i < n; i++) {
        if (old[i].name) {
            *free_slot(in, old[i].hash) = old[i];
        }
    }
}

/* Room for n bytes. */
static char *room(Interner *in, size_t n) {
    if (n > (size_t)(in->end - in->free)) {
        if (n > BLOCK / 4) {
            return arena_raw(in->arena, n);
        }
        in->free = arena_raw(in->arena, BLOCK);
        in->end = in->free + BLOCK;
    }
    in->free += n;
    return in->free - n;
}

/* A copy with its head, entered under its number. */
static const char *keep(Interner *in, const char *text, size_t n) {
    Head head = { in->texts.n, (uint32_t)n };
    char *copy = room(in, sizeof head + n + 1);
    memcpy(copy, &head, sizeof head);
    copy += sizeof head;
    memcpy(copy, text, n);
    copy[n] = '\0';
    POOL_ADD(in->arena, &in->texts, copy);
    return copy;
}

uint32_t intern_number(const char *text) {
    return head_of(text).number;
}

uint32_t intern_count(const Interner *in) {
    return in->texts.n;
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
    Slot *slot = slot_for(in, hash, text, n);
    if (slot->name) {
        return in->texts.items[slot->name - 1];
    }
    if (in->texts.n >= in->nslots / 2) {
        grow(in);
        slot = free_slot(in, hash);
    }
    const char *copy = keep(in, text, n);
    *slot = (Slot){ hash, in->texts.n };
    return copy;
}
