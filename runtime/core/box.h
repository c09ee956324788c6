/*
 * box.h - the inside of a Box, for the scheduler and for who makes copies of outputs: what is kept
 * with the outputs of a task.
 */
#ifndef DAG_CORE_BOX_H
#define DAG_CORE_BOX_H

#include <stdatomic.h>

#include "core/sched.h"

struct Box {
    atomic_uint references;
    bool grows;               /* it has an arena, at the beginning of its room */
    const dag_value *outputs; /* by own output of the task whose box it is */
    _Alignas(16) char room[];
};

/* Does it hold much more memory than what was taken from it? */
bool box_is_loose(const Box *box);

/* A box of its own with a copy of `n` values, no larger than they need. NULL without memory. */
Box *box_copy(const dag_value *values, size_t n);

#endif
