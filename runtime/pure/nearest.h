/*
 * nearest.h - "did you mean": for names in pipelines and on command lines alike.
 */
#ifndef DAG_PURE_NEAREST_H
#define DAG_PURE_NEAREST_H

#include <stddef.h>

/* The candidate nearest to `word` if near enough to suggest, else best is NULL. Candidates are
 * offered one by one: nearest_to, nearest_offer …, .best. Optimal string alignment distance, at most
 * a third of the length. Nothing is copied. */
typedef struct Nearest {
    const char *word;
    const char *best;
    size_t distance;
} Nearest;

Nearest nearest_to(const char *word);
void nearest_offer(Nearest *nearest, const char *candidate);

#endif
