/*
 * pattern_set.h - sets of characters: what [a-z], \w and [[:digit:]] stand for.
 */
#ifndef DAG_PURE_PATTERN_SET_H
#define DAG_PURE_PATTERN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SET_RANGES = 256, LAST_CHARACTER = 0x10FFFF };

typedef struct CharRange {
    uint32_t low, high;
} CharRange;

/* Ranges in any order until set_normalize: then rising, and with gaps between them. */
typedef struct CharSet {
    CharRange ranges[SET_RANGES];
    size_t n;
} CharSet;

/* Adds [low, high]. False: too many ranges. */
bool set_add(CharSet *set, uint32_t low, uint32_t high);

/* Adds a class by its name: "alpha" …, "word". False: unknown, or too many ranges. `inverted`: adds
 * what is not in it. */
bool set_add_class(CharSet *set, const char *name, size_t n, bool inverted);

void set_normalize(CharSet *set);

/* Turns the set into all other characters (U+0001 to U+10FFFF), normalized. False: too many. */
bool set_invert(CharSet *set);

#endif
