/*
 * bits.c - see bits.h.
 */
#include "core/bits.h"

#include <stdlib.h>
#include <string.h>

static uint64_t *level(Bits *bits, uint32_t l) {
    return bits->tree ? bits->tree->words + bits->tree->start[l] : &bits->one;
}

static uint32_t levels(const Bits *bits) {
    return bits->tree ? bits->tree->nlevels : 1;
}

static uint32_t capacity(const Bits *bits) {
    return bits->tree ? bits->tree->capacity : 1;
}

static uint32_t words_for(uint32_t bits) {
    return bits / 64 + (bits % 64 != 0);
}

/* Fills in the summaries over the bitmap. */
static void summarize(BitsTree *tree) {
    uint32_t n = tree->capacity;
    for (uint32_t l = 1; l < tree->nlevels; l++) {
        const uint64_t *below = tree->words + tree->start[l - 1];
        uint64_t *here = tree->words + tree->start[l];
        for (uint32_t i = 0; i < n; i++) {
            here[i / 64] |= (uint64_t)(below[i] != 0) << (i % 64);
        }
        n = words_for(n);
    }
}

/* An empty set of so many words. */
static BitsTree *tree_new(uint32_t capacity) {
    uint32_t start[BITS_LEVELS];
    uint32_t nlevels = 0;
    uint32_t total = 0;
    for (uint32_t words = capacity;; words = words_for(words)) {
        start[nlevels++] = total;
        total += words;
        if (words == 1) {
            break;
        }
    }
    BitsTree *tree = calloc(1, sizeof *tree + total * sizeof *tree->words);
    if (tree) {
        memcpy(tree->start, start, nlevels * sizeof *start);
        tree->nlevels = nlevels;
        tree->capacity = capacity;
    }
    return tree;
}

/* Word i of the bitmap has become nonzero: says so in the summaries. */
static void announce(Bits *bits, uint32_t i) {
    for (uint32_t l = 1; l < levels(bits); l++, i /= 64) {
        uint64_t *word = &level(bits, l)[i / 64];
        uint64_t before = *word;
        *word |= UINT64_C(1) << (i % 64);
        if (before != 0) {
            return;
        }
    }
}

/* The only member, if it stands beside the tree, goes into it. */
static void settle(Bits *bits) {
    if (bits->tree && bits->one != 0) {
        uint32_t i = (uint32_t)bits->one - 1;
        uint64_t *word = &bits->tree->words[i / 64];
        bits->one = 0;
        *word |= UINT64_C(1) << (i % 64);
        announce(bits, i / 64); /* it was alone */
    }
}

bool bits_reserve(Bits *bits, uint32_t n) {
    uint32_t need = words_for(n);
    uint32_t have = capacity(bits);
    if (need <= have) {
        return true;
    }
    BitsTree *tree = tree_new(need > have + have / 2 ? need : have + have / 2);
    if (!tree) {
        return false;
    }
    settle(bits);
    memcpy(tree->words, level(bits, 0), have * sizeof *tree->words);
    summarize(tree);
    free(bits->tree);
    bits->tree = tree;
    bits->one = 0;
    return true;
}

void bits_free(Bits *bits) {
    free(bits->tree);
    *bits = (Bits){ 0 };
}

bool bits_has(const Bits *bits, uint32_t i) {
    if (bits->tree && bits->one != 0) {
        return bits->one == (uint64_t)i + 1;
    }
    uint64_t word = bits->tree ? bits->tree->words[i / 64] : bits->one;
    return (word >> (i % 64) & 1) != 0;
}

static void add_word(Bits *bits, uint32_t i, uint64_t mask, uint32_t n) {
    uint64_t *word = &level(bits, 0)[i];
    uint64_t before = *word;
    *word |= mask;
    bits->count += n - (uint32_t)__builtin_popcountll(before & mask);
    if (before == 0) {
        announce(bits, i);
    }
}

void bits_add(Bits *bits, uint32_t i) {
    if (!bits->tree) {
        bits->count += (bits->one >> i & 1) == 0;
        bits->one |= UINT64_C(1) << i;
        return;
    }
    if (bits->count == 0) {
        bits->count = 1;
        bits->one = (uint64_t)i + 1;
        return;
    }
    settle(bits);
    uint64_t *word = &bits->tree->words[i / 64];
    uint64_t before = *word;
    *word |= UINT64_C(1) << (i % 64);
    bits->count += *word != before;
    if (before == 0) {
        announce(bits, i / 64);
    }
}

void bits_add_range(Bits *bits, uint32_t first, uint32_t n) {
    if (n == 1) {
        bits_add(bits, first);
        return;
    }
    settle(bits);
    while (n > 0) {
        uint32_t bit = first % 64;
        uint32_t take = n < 64 - bit ? n : 64 - bit;
        uint64_t mask = take == 64 ? UINT64_MAX : ((UINT64_C(1) << take) - 1) << bit;
        add_word(bits, first / 64, mask, take);
        first += take;
        n -= take;
    }
}

void bits_remove(Bits *bits, uint32_t i) {
    if (!bits_has(bits, i)) {
        return;
    }
    bits->count--;
    if (!bits->tree) {
        bits->one &= ~(UINT64_C(1) << i);
        return;
    }
    if (bits->one != 0) {
        bits->one = 0;
        return;
    }
    for (uint32_t l = 0; l < bits->tree->nlevels; l++, i /= 64) {
        uint64_t *word = &level(bits, l)[i / 64];
        *word &= ~(UINT64_C(1) << (i % 64));
        if (*word != 0) {
            return;
        }
    }
}

uint32_t bits_next(const Bits *bits, uint32_t from) {
    if (bits->tree && bits->one != 0) {
        return bits->one > from ? (uint32_t)bits->one - 1 : UINT32_MAX;
    }
    Bits *set = (Bits *)(uintptr_t)bits; /* level() only reads here */
    uint32_t nlevels = levels(bits);
    uint32_t l = 0;
    uint32_t i = from; /* at level l: the first bit to look at */
    uint32_t n = capacity(bits);
    for (;; l++, n = words_for(n)) {
        if (l == nlevels || i / 64 >= n) {
            return UINT32_MAX;
        }
        uint64_t word = level(set, l)[i / 64] & (UINT64_MAX << (i % 64));
        if (word != 0) {
            i = i / 64 * 64 + (uint32_t)__builtin_ctzll(word);
            break;
        }
        i = i / 64 + 1;
    }
    while (l > 0) {
        l--;
        i = i * 64 + (uint32_t)__builtin_ctzll(level(set, l)[i]);
    }
    return i;
}
