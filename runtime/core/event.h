/*
 * event.h - the one stream of truth: who changes a state says so here, everybody else listens.
 */
#ifndef DAG_CORE_EVENT_H
#define DAG_CORE_EVENT_H

#include "dag.h"

/* Without sinks an event costs the branch in events_wanted. */
typedef struct Events {
    const dag_sink *sinks;
    size_t nsinks;
    const char *run; /* id, put into every event, as what follows */
    const dag_program *program;
    const dag_caller *caller;
    uint32_t depth, number;
    bool attempts; /* a sink asks for further attempts */
} Events;

static inline bool events_wanted(const Events *events) {
    return events->nsinks > 0;
}

void events_emit(const Events *events, const dag_event *event);

/* Time as the runtime sees it; tests have a fake. */
typedef struct Clock {
    void *self;
    int64_t (*now)(void *self); /* ns since 1970 UTC, never going back within a process */
} Clock;

/* `wait` ns after a time; INT64_MAX, which is never, where that is past all time. */
static inline int64_t time_after(int64_t time, int64_t wait) {
    return time > INT64_MAX - wait ? INT64_MAX : time + wait;
}

/* The machine's clock: monotonic, anchored to the wall clock when made. (core/clock.c) */
Clock clock_system(void);

#endif
