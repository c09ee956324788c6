/*
 * wall_clock.h - the time that rows of the store are dated with.
 */
#ifndef DAG_STORE_WALL_CLOCK_H
#define DAG_STORE_WALL_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds since 1970, UTC. */
static inline int64_t wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#endif
