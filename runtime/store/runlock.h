/*
 * runlock.h - one process at a time works on a run, and others can find and signal it.
 *
 * A lock is a file STATE/lock/RUN with a lock of the kernel on it (an open-file-description lock,
 * which goes when the process dies, however it dies) and in it who holds it. Held by several
 * machines on NFS as far as the server's lock manager goes.
 */
#ifndef DAG_STORE_RUNLOCK_H
#define DAG_STORE_RUNLOCK_H

#include <stdbool.h>
#include <stddef.h>

typedef struct RunLock RunLock;

/* Takes the lock of a run. `root`: the state folder. NULL: `reason` (size bytes) says who has it,
 * or why there is none. */
RunLock *runlock_take(const char *root, const char *run, char *reason, size_t size);

/* Gives it back; NULL is ignored. */
void runlock_free(RunLock *lock);

/* Does a living process hold it? */
bool runlock_held(const char *root, const char *run);

/* What may be asked of the process that holds it. */
typedef enum RunRequest { RUN_CANCEL, RUN_PAUSE } RunRequest;

/* Asks the process that holds it, which is made sure of by its start time and the machine's boot. A
 * process may hold the locks of several runs: what is asked of which stands in the lock's file, and the
 * signal (SIGTERM, SIGUSR1) that says so has si_code SI_QUEUE, which no signal to the process as a whole
 * has. False: `reason` says why not. */
bool runlock_request(const char *root, const char *run, RunRequest request, char *reason,
                     size_t size);

/* For the holder: how often cancelling was asked for; *pause: pausing, too. */
unsigned runlock_requests(const char *root, const char *run, bool *pause);

#endif
