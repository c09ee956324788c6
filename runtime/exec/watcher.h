/*
 * watcher.h - a small process that outlives this one by a moment, to end what it has left running.
 */
#ifndef DAG_EXEC_WATCHER_H
#define DAG_EXEC_WATCHER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { WATCHER_SLOTS = 1 << 16 }; /* process groups at the same time */

typedef struct Watcher {
    _Atomic int32_t *slots;  /* shared with the watcher: ids of process groups, 0: free */
    uint32_t *unused;        /* stack of free slots */
    uint32_t nunused, nused; /* slots below nused were used once */
    int64_t grace;           /* ns between SIGTERM and SIGKILL */
    pid_t pid;               /* 0: none yet */
    int pidfd;               /* readable when the watcher has ended; -1: unknown */
    int alive;               /* our end of a pipe: it closes with us */
} Watcher;

/* Only prepares. False: errno. */
bool watcher_init(Watcher *watcher, int64_t grace);

/* Starts the process if there is none (any more). False: errno; nothing may be spawned then. */
bool watcher_start(Watcher *watcher);

/* A slot for a new process; NULL: all are taken. Its owner stores the id of its group there before
 * the group can have another member, and 0 before it reaps a leader whose group is gone. */
_Atomic int32_t *watcher_take(Watcher *watcher);
void watcher_give_back(Watcher *watcher, _Atomic int32_t *slot);

/* Ends it. No group may be left. */
void watcher_free(Watcher *watcher);

#endif
