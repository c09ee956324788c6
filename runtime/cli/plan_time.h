/*
 * plan_time.h - how long what a plan lists will take, by what it took before: a simulation of slots,
 * limits and resources. Times in ns.
 */
#ifndef DAG_CLI_PLAN_TIME_H
#define DAG_CLI_PLAN_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/arena.h"

/* One stage. Stages stand in an order that respects what they wait for. */
typedef struct TimedStage {
    uint64_t tasks;        /* that run */
    int64_t took;          /* ns, of one of them */
    uint32_t max_parallel; /* 0: no limit */
    const int64_t *asks;   /* by resource: what one of them holds; or NULL */
    int64_t memory;        /* bytes that one of them used; 0: not known */
    const uint32_t *after; /* stages that it waits for: numbers, nafter of them */
    const bool *whole;     /* by these: for all of its tasks, not one for one */
    uint32_t nafter;
} TimedStage;

typedef struct Timing {
    int64_t expected; /* the whole, ns */
    int64_t critical; /* the longest chain, with as many slots as one likes */
    uint32_t *chain;  /* stages on it, in order */
    uint32_t nchain;
    uint64_t most_tasks; /* at the same time */
    int64_t *peaks;      /* by resource */
    int64_t most_memory; /* bytes */
} Timing;

/* `slots`: -j; capacity by resource. Everything in `arena`. Past 100,000 tasks, several count as one. */
Timing plan_time(Arena *arena, const TimedStage *stages, uint32_t n, uint32_t slots,
                 const int64_t *capacity, uint32_t nresources);

#endif
