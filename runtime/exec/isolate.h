/*
 * isolate.h - a function called in a child process: when it crashes, this process does not.
 */
#ifndef DAG_EXEC_ISOLATE_H
#define DAG_EXEC_ISOLATE_H

#include <pthread.h>
#include <sys/types.h>

#include "core/executor.h"

/* What parent and child both see. */
typedef struct Shared {
    atomic_bool cancelled;
    atomic_bool oom; /* the child has run out of memory */
    atomic_llong done, total;
} Shared;

/* One call. All zero: not begun. */
typedef struct Isolated {
    pid_t pid;      /* lock; 0: not running */
    bool forced;    /* lock; SIGKILL was asked for */
    Shared *shared; /* lock until the call has begun */
} Isolated;

/* Calls f(attempt, shared, arg) in a child and waits. True: *result is what it returned, in the
 * attempt's arena. False: the outcome is filled in (crashed, or cancelled when it was stopped). The
 * usage is filled in. `lock` is held for moments only. */
typedef dag_value IsolatedFn(Attempt *attempt, Shared *shared, void *arg);
bool isolate(Attempt *attempt, Isolated *isolated, pthread_mutex_t *lock, IsolatedFn *f, void *arg,
             dag_value *result);

/* From another thread, with the lock held: asks the function (dag_cancelled), or kills it. */
void isolate_stop(Isolated *isolated, bool now);

#endif
