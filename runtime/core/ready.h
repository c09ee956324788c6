/*
 * ready.h - the tasks of a stage whose data is present and that have not been started: nodes of its
 * axis; of a plain stage it is its only task or none.
 */
#ifndef DAG_CORE_READY_H
#define DAG_CORE_READY_H

#include "core/stage.h"

static inline uint32_t ready_count(const StageRun *run) {
    return run->plain ? run->ready : run->more->ready.count;
}

static inline bool ready_has(const StageRun *run, uint32_t node) {
    return run->plain ? run->ready : bits_has(&run->more->ready, node);
}

/* The smallest node; UINT32_MAX: none. */
static inline uint32_t ready_first(const StageRun *run) {
    if (run->plain) {
        return run->ready ? 0 : UINT32_MAX;
    }
    return bits_first(&run->more->ready);
}

/* The smallest node that is not below `from`; UINT32_MAX: none. */
static inline uint32_t ready_next(const StageRun *run, uint32_t from) {
    if (run->plain) {
        return run->ready && from == 0 ? 0 : UINT32_MAX;
    }
    return bits_next(&run->more->ready, from);
}

static inline void ready_add(StageRun *run, uint32_t first, uint32_t n) {
    if (run->plain) {
        run->ready = true;
    } else {
        bits_add_range(&run->more->ready, first, n);
    }
}

static inline void ready_remove(StageRun *run, uint32_t node) {
    if (run->plain) {
        run->ready = false;
    } else {
        bits_remove(&run->more->ready, node);
    }
}

#endif
