/*
 * signals.c - SIGINT and SIGTERM: once gracefully, twice now; SIGUSR1: pause (cmd_control.c). A handler
 * needs a global; it is here, in the command line, and nowhere in the library. So is the end by exit().
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

static _Atomic(dag_run *) current;
static atomic_bool pause_asked, cancel_asked; /* before there was a run */
static atomic_int told;                       /* Asked: of the run that there is */

/* `./run cancel` is about the run, which will begin in a moment; any other signal about the process. */
static void handle_early(int number, const siginfo_t *info) {
    if (number == SIGUSR1)
        atomic_store(&pause_asked, true);
    else if (info->si_code == SI_QUEUE)
        atomic_store(&cancel_asked, true);
    else
        _exit(EXIT_CANCELLED);
}

static void handle(int number, siginfo_t *info, void *context) {
    dag_run *run = atomic_load(&current);
    (void)context;
    if (run == NULL) {
        handle_early(number, info);
    } else if (number == SIGUSR1) {
        int nothing = ASKED_NOTHING;
        atomic_compare_exchange_strong(&told, &nothing, ASKED_PAUSE);
        dag_run_pause(run);
    } else {
        atomic_store(&told, ASKED_CANCEL);
        dag_run_cancel(run);
    }
}

Asked signals_asked(void) {
    return (Asked)atomic_load(&told);
}

static void take(int number) {
    struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO };
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void leave(int number, void (*how)(int number)) {
    struct sigaction action = { .sa_handler = how };
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void signals_expect(void) {
    take(SIGUSR1);
    take(SIGTERM);
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
    if (run == NULL) {
        leave(SIGINT, SIG_DFL);
        leave(SIGTERM, SIG_DFL);
        leave(SIGUSR1, SIG_IGN); /* a pause that comes too late */
    } else {
        take(SIGINT);
        take(SIGTERM);
        take(SIGUSR1);
    }
    /* A reader of our output that went away is an error of write, not the end of a run. */
    leave(SIGPIPE, SIG_IGN);
    if (run != NULL && atomic_exchange(&pause_asked, false))
        dag_run_pause(run);
    if (run != NULL && atomic_exchange(&cancel_asked, false))
        dag_run_cancel(run);
}
