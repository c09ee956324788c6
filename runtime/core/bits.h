/*
 * bits.h - a set of small numbers that gives the smallest one in a few steps.
 *
 * A bitmap with summaries: bit i of a level says that word i of the level below is not zero. Up to
 * 64 numbers need no allocation; all zero is the empty set. Not movable once used. A number that comes
 * into an empty set stands beside the bitmap until another one comes: of many sets, most hold one at
 * a time.
 */
#ifndef DAG_CORE_BITS_H
#define DAG_CORE_BITS_H

#include <stdbool.h>
#include <stdint.h>

enum { BITS_LEVELS = 6 };

typedef struct BitsTree {
    uint32_t start[BITS_LEVELS]; /* of each level in words */
    uint32_t nlevels;
    uint32_t capacity; /* words of the bitmap */
    uint64_t words[];  /* all levels, the bitmap first */
} BitsTree;

typedef struct Bits {
    BitsTree *tree; /* NULL: `one` is the set */
    uint64_t one;   /* beside a tree: the only member + 1, if it is not in the tree; else 0 */
    uint32_t count; /* members */
} Bits;

/* Room for the numbers below n. False without memory; the set is as before. */
bool bits_reserve(Bits *bits, uint32_t n);
void bits_free(Bits *bits);

/* The number must have room; adding a member and removing a stranger change nothing. */
void bits_add(Bits *bits, uint32_t i);
void bits_add_range(Bits *bits, uint32_t first, uint32_t n);
void bits_remove(Bits *bits, uint32_t i);
bool bits_has(const Bits *bits, uint32_t i);

/* The smallest member that is not below `from`; UINT32_MAX: none. */
uint32_t bits_next(const Bits *bits, uint32_t from);

/* The smallest member; UINT32_MAX: none. */
static inline uint32_t bits_first(const Bits *bits) {
    if (bits->count == 0) {
        return UINT32_MAX;
    }
    if (!bits->tree) {
        return (uint32_t)__builtin_ctzll(bits->one);
    }
    if (bits->one != 0) {
        return (uint32_t)bits->one - 1;
    }
    uint32_t i = 0;
    for (uint32_t l = bits->tree->nlevels; l-- > 0;) {
        i = i * 64 + (uint32_t)__builtin_ctzll(bits->tree->words[bits->tree->start[l] + i]);
    }
    return i;
}

#endif
