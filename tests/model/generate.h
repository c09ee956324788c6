/*
 * generate.h - random pipelines, and what their tasks do: all from one seed.
 */
#ifndef TESTS_MODEL_GENERATE_H
#define TESTS_MODEL_GENERATE_H

#include "sim.h"

typedef struct Random {
    uint64_t state;
} Random;

uint64_t random_next(Random *random);
/* 0 … n - 1 */
uint32_t random_below(Random *random, uint32_t n);
bool random_chance(Random *random, uint32_t percent);

/* A finished plan. */
Plan *generate_plan(Random *random);

/* How the tasks of a generated plan end: the same for the same seed, stage, key and attempt. */
typedef struct Fate {
    const Plan *plan;
    uint64_t seed;
    uint32_t failures; /* percent */
} Fate;

void generate_outcome(void *fate, uint32_t stage, const char *key, uint32_t attempt,
                      SimOutcome *outcome);

#endif
