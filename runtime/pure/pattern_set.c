/*
 * pattern_set.c - sets of characters.
 */
#include "pure/pattern_set.h"

#include <stdlib.h>
#include <string.h>

typedef struct Class {
    const char *name;
    const char *ranges; /* pairs of first and last character */
} Class;

static const Class classes[] = {
    { "alnum", "09AZaz" },   { "alpha", "AZaz" },
    { "blank", "\t\t  " },   { "cntrl", "\1\37\177\177" },
    { "digit", "09" },       { "graph", "!~" },
    { "lower", "az" },       { "print", " ~" },
    { "punct", "!/:@[`{~" }, { "space", "\t\r  " },
    { "upper", "AZ" },       { "xdigit", "09AFaf" },
    { "word", "09AZ__az" },
};

bool set_add(CharSet *set, uint32_t low, uint32_t high) {
    if (set->n == SET_RANGES) {
        return false;
    }
    set->ranges[set->n++] = (CharRange){ low, high };
    return true;
}

static const char *class_ranges(const char *name, size_t n) {
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (strlen(classes[i].name) == n && memcmp(classes[i].name, name, n) == 0) {
            return classes[i].ranges;
        }
    }
    return NULL;
}

static bool add_all(CharSet *set, const CharSet *more) {
    bool room = true;
    for (size_t i = 0; i < more->n && room; i++) {
        room = set_add(set, more->ranges[i].low, more->ranges[i].high);
    }
    return room;
}

bool set_add_class(CharSet *set, const char *name, size_t n, bool inverted) {
    CharSet own = { .n = 0 };
    const char *p = class_ranges(name, n);
    if (!p) {
        return false;
    }
    for (; p[0]; p += 2) {
        set_add(&own, (unsigned char)p[0], (unsigned char)p[1]);
    }
    return (!inverted || set_invert(&own)) && add_all(set, &own);
}

static int by_low(const void *a, const void *b) {
    uint32_t x = ((const CharRange *)a)->low, y = ((const CharRange *)b)->low;
    return (x > y) - (x < y);
}

void set_normalize(CharSet *set) {
    size_t n = 0;
    qsort(set->ranges, set->n, sizeof set->ranges[0], by_low);
    for (size_t i = 0; i < set->n; i++) {
        CharRange r = set->ranges[i];
        if (n > 0 && r.low <= set->ranges[n - 1].high + 1) {
            CharRange *last = &set->ranges[n - 1];
            last->high = r.high > last->high ? r.high : last->high;
        } else {
            set->ranges[n++] = r;
        }
    }
    set->n = n;
}

bool set_invert(CharSet *set) {
    CharSet other = { .n = 0 };
    uint32_t next = 1;
    set_normalize(set);
    for (size_t i = 0; i < set->n; i++) {
        CharRange r = set->ranges[i];
        if (r.low > next && !set_add(&other, next, r.low - 1)) {
            return false;
        }
        next = r.high + 1;
    }
    if (next <= LAST_CHARACTER && !set_add(&other, next, LAST_CHARACTER)) {
        return false;
    }
    *set = other;
    return true;
}
