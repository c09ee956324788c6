/*
 * errand.h - a command that is run beside other things, and what it has printed: how a queue is talked
 * to. One at a time per errand; nothing here waits for it.
 */
#ifndef DAG_EXEC_ERRAND_H
#define DAG_EXEC_ERRAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One stream of the command. */
typedef struct ErrandText {
    int fd;     /* -1: closed */
    char *text; /* malloc; NULL or with a NUL behind */
    size_t n, size;
} ErrandText;

typedef struct Errand {
    pid_t pid; /* 0: none runs; -1: it could not be started, and comes back at once */
    int status;
    int64_t limit; /* ns of the monotonic clock: it is killed then */
    bool late;     /* it was */
    bool lost;     /* no memory for what it has printed */
    ErrandText out, err;
} Errand;

void errand_init(Errand *errand);
void errand_free(Errand *errand); /* kills it */

/* Starts argv[0], looked for in PATH, with the environment envp, in a group of its own, with nothing on
 * stdin. Its descriptors are added to `epoll` with `errand` as their data. It may take `limit` ns.
 * Returns 0, or errno. */
int errand_start(Errand *errand, const char *const *argv, char *const *envp, int epoll,
                 int64_t limit);

/* As if a command had been started that says `message` on stderr and fails. */
void errand_fail(Errand *errand, const char *message);

/* Reads what there is. True: it has ended (pid is 0 again), status is as of wait, `out` and `err` have
 * what it has printed, until it is started again. Ends may be seen late by epoll alone: while pid is
 * not 0, ask now and then. */
bool errand_look(Errand *errand);

/* What it has printed: "" if nothing. */
const char *errand_out(const Errand *errand);
const char *errand_err(const Errand *errand);

/* It came to its end by itself, with status 0, and all that it has printed is there. */
bool errand_good(const Errand *errand);

#endif
