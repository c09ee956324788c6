/*
 * lanes.h - where intervals stand that must not overlap: each on a lane whose last one has ended.
 */
#ifndef DAG_REPORT_LANES_H
#define DAG_REPORT_LANES_H

#include <stdbool.h>
#include <stdint.h>

/* All zero is none. */
typedef struct Lanes {
    int64_t *ends; /* by lane */
    uint32_t n, room;
} Lanes;

/* The lane of an interval: that which ended last before it begins, else a new one. Given in the order
 * of their ends, no more lanes are made than intervals overlap. UINT32_MAX: no memory. */
uint32_t lanes_take(Lanes *lanes, int64_t begin, int64_t end);

void lanes_free(Lanes *lanes);

#endif
