/*
 * process.h - one process of the local executor, and what its end says of its attempt.
 */
#ifndef DAG_EXEC_PROCESS_H
#define DAG_EXEC_PROCESS_H

#include <stdatomic.h>
#include <sys/resource.h>

#include "exec/memory.h"
#include "exec/oom.h"

typedef struct Process {
    Attempt *attempt;
    pid_t pid;             /* also of its group */
    int pidfd;             /* -1: this kernel has none */
    _Atomic int32_t *slot; /* in the watcher's table; NULL: given back */
    bool asked;            /* SIGTERM was sent */
    bool forced;           /* SIGKILL was sent */
    bool reaped;
    bool lost;  /* somebody else has reaped it */
    int status; /* as of wait */
    struct rusage usage;
    MemoryGroup memory;   /* limit 0: none */
    OomCounter *oom;      /* of all processes of the executor */
    struct Process *next; /* in the executor's list of those that are polled */
} Process;

/* Fills the outcome of the attempt from how its process, which has been reaped, has ended: a function
 * for attempt_guard. */
void process_conclude(Attempt *attempt, void *process);

/* Fills the outcome as failed or crashed: `what`, and the last lines that the body has printed to stderr. */
void process_fail(Attempt *attempt, dag_state state, const char *type, const char *what);

#endif
