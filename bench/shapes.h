/*
 * shapes.h - the graphs that bench/sched.* measure, as compressed rows of predecessors, and how the
 * memory of a phase is measured. For C and C++.
 */
#ifndef BENCH_SHAPES_H
#define BENCH_SHAPES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Shape {
    uint32_t n;
    uint32_t *first; /* n + 1: before[first[i] .. first[i + 1]) are what i waits for */
    uint32_t *before;
} Shape;

/* splitmix64 (Steele, Lea, Flood 2014): the same graph in every program. */
static inline uint32_t shape_random(uint64_t *state, uint32_t n) {
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x ^ x >> 31) % n);
}

/* wide: 1 -> N -> 1; chain; grid: square, from the left and from above; layered: layers of 316, two
 * or three edges each from the layer before. An unknown name: n is 0. */
static inline Shape shape_new(const char *name, uint32_t n) {
    Shape s = { 0, NULL, NULL };
    uint32_t side = 1, edges = 0;
    uint64_t state = 1;
    bool wide = strcmp(name, "wide") == 0, grid = strcmp(name, "grid") == 0;
    bool chain = strcmp(name, "chain") == 0, layered = strcmp(name, "layered") == 0;
    while ((side + 1) * (side + 1) <= n) {
        side++;
    }
    if (!wide && !grid && !chain && !layered) {
        return s;
    }
    s.n = grid ? side * side : wide ? n + 2 : n;
    s.first = (uint32_t *)calloc((size_t)s.n + 1, sizeof *s.first);
    s.before = (uint32_t *)calloc((size_t)s.n * 3 + 3, sizeof *s.before);
    for (uint32_t i = 0; i < s.n; i++) {
        s.first[i] = edges;
        if (wide && i == n + 1) {
            for (uint32_t k = 1; k <= n; k++) {
                s.before[edges++] = k;
            }
        } else if (wide && i > 0) {
            s.before[edges++] = 0;
        } else if (chain && i > 0) {
            s.before[edges++] = i - 1;
        } else if (grid) {
            if (i % side > 0)
                s.before[edges++] = i - 1;
            if (i >= side)
                s.before[edges++] = i - side;
        } else if (layered && i >= side) {
            uint32_t layer = i / side * side - side, k = 2 + shape_random(&state, 2);
            uint32_t at = shape_random(&state, side);
            for (uint32_t e = 0; e < k; e++) {
                s.before[edges++] = layer + at;
                at = (at + 1 + shape_random(&state, side / 3)) % side;
            }
        }
    }
    s.first[s.n] = edges;
    return s;
}

/* ---------------------------------------------------------------- memory */

static double memory_start;

static inline double memory_status(const char *what) {
    char line[256];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, what, strlen(what)) == 0) {
            kib = atof(line + strlen(what) + 1);
        }
    }
    if (f)
        fclose(f);
    return kib * 1024;
}

/* From here on: the peak of resident memory is reset. */
static inline void memory_mark(void) {
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (f) {
        fputs("5", f);
        fclose(f);
    }
    memory_start = memory_status("VmRSS");
}

static inline double memory_since(void) {
    return memory_status("VmHWM") - memory_start;
}

#endif
