/*
 * clock.c - the machine's clock: monotonic, anchored to the wall clock when made.
 *
 * The time of day may be set back; events and time-outs must not notice.
 */
#include <time.h>

#include "core/event.h"

static int64_t read_clock(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#if INTPTR_MAX >= INT64_MAX

/* `self` is no pointer: it holds the distance from the monotonic to the wall clock, so that a Clock
 * owns nothing. */
static int64_t now(void *self) {
    return read_clock(CLOCK_MONOTONIC) + (int64_t)(intptr_t)self;
}

Clock clock_system(void) {
    int64_t distance = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
    return (Clock){ .self = (void *)(intptr_t)distance, .now = now }; // NOLINT
}

#else

static int64_t now(void *self) {
    (void)self;
    return read_clock(CLOCK_REALTIME);
}

Clock clock_system(void) {
    return (Clock){ .self = NULL, .now = now };
}

#endif
