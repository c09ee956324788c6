/*
 * lanes.c - see lanes.h.
 */
#include "report/lanes.h"

#include <stdlib.h>

/* Best fit: what ended long ago stays free for what began long ago. */
static uint32_t find(const Lanes *lanes, int64_t begin) {
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < lanes->n; i++) {
        bool fits = lanes->ends[i] <= begin;
        if (fits && (best == UINT32_MAX || lanes->ends[i] > lanes->ends[best])) {
            best = i;
        }
    }
    return best;
}

static bool grow(Lanes *lanes) {
    uint32_t room = lanes->room > 0 ? 2 * lanes->room : 16;
    int64_t *ends = realloc(lanes->ends, room * sizeof *ends);
    if (ends == NULL) {
        return false;
    }
    lanes->ends = ends;
    lanes->room = room;
    return true;
}

uint32_t lanes_take(Lanes *lanes, int64_t begin, int64_t end) {
    uint32_t lane = find(lanes, begin);
    if (lane == UINT32_MAX) {
        if (lanes->n == lanes->room && !grow(lanes)) {
            return UINT32_MAX;
        }
        lane = lanes->n++;
    }
    lanes->ends[lane] = end;
    return lane;
}

void lanes_free(Lanes *lanes) {
    free(lanes->ends);
    *lanes = (Lanes){ 0 };
}
