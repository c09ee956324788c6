/*
 * chaos.h - random pipelines that are cancelled, paused or run out of memory in between.
 */
#ifndef TESTS_MODEL_CHAOS_H
#define TESTS_MODEL_CHAOS_H

#include <stddef.h>
#include <stdint.h>

#include <stdbool.h>

typedef enum Chaos { CHAOS_CANCEL, CHAOS_PAUSE, CHAOS_MEMORY } Chaos;

/* False: `wrong` says what did not hold. */
bool chaos_case(Chaos chaos, uint64_t seed, char *wrong, size_t size);

#endif
