/*
 * spawn.h - starts one process: in a group of its own, with its own folder, logs and environment.
 */
#ifndef DAG_EXEC_SPAWN_H
#define DAG_EXEC_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What is needed once for all processes of an executor. */
typedef struct Spawner {
    void *stack; /* of the child between clone and exec; one at a time uses it */
    size_t stack_size;
    int null;      /* /dev/null */
    pid_t process; /* this one: a child whose parent is another one has been orphaned */
} Spawner;

/* False: errno says why. Spawns only from one thread, which must live as long as its children:
 * the kernel sends them SIGTERM when it ends (PR_SET_PDEATHSIG). */
bool spawner_init(Spawner *spawner);
void spawner_free(Spawner *spawner);

/* One process to start. Files are made in `dir`; it works in `work`. */
typedef struct Spawn {
    /* Programs to try in turn, as execvp does; NULL-terminated. */
    const char *const *programs;
    /* argv[-2] and argv[-1] are the callee's, for a script without `#!`. */
    char **argv;
    char *const *envp;
    const char *dir;       /* absolute; `stdout` and `stderr` are made here */
    const char *work;      /* absolute */
    _Atomic int32_t *slot; /* gets the process's id before it can start others */

    /* Results. */
    pid_t pid;
    int pidfd;          /* -1: this kernel has none */
    int error;          /* errno of what failed, 0: started */
    const char *failed; /* what failed: "exec", "open stdout" …; static */
} Spawn;

/* Starts it. False: error and failed say why; there is no process then. */
bool spawn(Spawner *spawner, Spawn *job);

/* In a child: handlers of the program that it was are taken off, and SIGPIPE is let through. */
void spawn_reset_signals(void);

#endif
