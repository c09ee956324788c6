/*
 * signals.c - SIGINT and SIGTERM: once gracefully, twice now; SIGUSR1: pause (cmd_control.c). A handler needs a global; it is here,
 * in the command line, and nowhere in the library.
 * So is the end by exit().
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

static _Atomic(dag_run *) current;
static atomic_bool pause_asked; /* before there was a run */

static void handle(int number) {
    dag_run *run = atomic_load(&current);
    if (run == NULL) {
        if (number == SIGUSR1)
            atomic_store(&pause_asked, true);
        return;
    }
    if (number == SIGUSR1)
        dag_run_pause(run);
    else
        dag_run_cancel(run);
}

void signals_expect(void) {
    struct sigaction action = { .sa_handler = handle };
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
}

static pid_t ours; /* this process, not one that it has forked */

/* A C function that calls exit() ends all of us, with a status that says nothing of the run. */
static void refuse_exit(void) {
    static const char words[] =
        "error: something called exit() while the run was at work, a C function most likely: with "
        "`isolate` it ends its task alone; `resume` goes on with the run\n";
    if (atomic_load(&current) == NULL || getpid() != ours)
        return;
    ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
    (void)written;
    _exit(EXIT_CRASHED);
}

void signals_cancel(dag_run *run) {
    if (ours == 0) {
        ours = getpid();
        atexit(refuse_exit);
    }
    atomic_store(&current, run);
    struct sigaction action = { .sa_handler = run == NULL ? SIG_DFL : handle };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (run == NULL)
        action.sa_handler = SIG_IGN; /* a pause that comes too late */
    sigaction(SIGUSR1, &action, NULL);
    /* A reader of our output that went away is an error of write, not the end of a run. */
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    if (run != NULL && atomic_exchange(&pause_asked, false))
        dag_run_pause(run);
}
