/*
 * waiters.c - see waiters.h.
 */
#include "core/waiters.h"

#include <stdlib.h>

static const int64_t NOBODY = INT64_MAX;

bool waiters_init(Waiters *waiters, uint32_t n) {
    size_t nleaves = 1;
    while (nleaves < n) {
        nleaves *= 2;
    }
    *waiters = (Waiters){ .least = malloc(2 * nleaves * sizeof *waiters->least) };
    if (!waiters->least) {
        return false;
    }
    waiters->nleaves = (uint32_t)nleaves;
    for (size_t i = 0; i < 2 * nleaves; i++) {
        waiters->least[i] = NOBODY;
    }
    return true;
}

void waiters_free(Waiters *waiters) {
    free(waiters->least);
    *waiters = (Waiters){ 0 };
}

bool waiters_has(const Waiters *waiters, uint32_t place) {
    return waiters->least[waiters->nleaves + place] != NOBODY;
}

static void set(Waiters *waiters, uint32_t place, int64_t amount) {
    int64_t *least = waiters->least;
    size_t at = (size_t)waiters->nleaves + place;
    least[at] = amount;
    for (at /= 2; at > 0; at /= 2) {
        least[at] = least[2 * at] < least[2 * at + 1] ? least[2 * at] : least[2 * at + 1];
    }
}

void waiters_add(Waiters *waiters, uint32_t place, int64_t amount) {
    waiters->count += !waiters_has(waiters, place);
    set(waiters, place, amount);
}

void waiters_remove(Waiters *waiters, uint32_t place) {
    if (waiters_has(waiters, place)) {
        waiters->count--;
        set(waiters, place, NOBODY);
    }
}

uint32_t waiters_first(const Waiters *waiters, int64_t amount) {
    size_t at = 1;
    if (waiters->count == 0 || waiters->least[1] > amount) {
        return UINT32_MAX;
    }
    while (at < waiters->nleaves) {
        at = 2 * at + (waiters->least[2 * at] > amount);
    }
    return (uint32_t)(at - waiters->nleaves);
}
