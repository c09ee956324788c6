/*
 * first_process.c - see first_process.h.
 *
 * Process 1 gets all orphans of its container. If it does not reap them, their zombies stay, and a
 * group of processes that was asked to end never looks empty. The kernel keeps signals from it, too,
 * for which it has no handler. The idea of a process that does no more than this is that of tini
 * (https://github.com/krallin/tini).
 */
#include "cli/first_process.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static int exit_code(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* All that have ended. True: `child` was among them. */
static bool reap(pid_t child, int *status) {
    int one;
    bool over = false;
    for (pid_t pid; (pid = waitpid(-1, &one, WNOHANG)) > 0;) {
        if (pid == child) {
            *status = one;
            over = true;
        }
    }
    return over;
}

/* What the terminal sends goes to the whole group: the child has it already. */
static void hand_on(pid_t child, const siginfo_t *signal) {
    if (signal->si_code != SI_KERNEL) {
        kill(child, signal->si_signo);
    }
}

static int stand_by(pid_t child, const sigset_t *all) {
    int status = 0;
    for (;;) {
        siginfo_t signal;
        int number = sigwaitinfo(all, &signal);
        if (number == SIGCHLD && reap(child, &status)) {
            return exit_code(status);
        }
        if (number > 0 && number != SIGCHLD) {
            hand_on(child, &signal);
        }
    }
}

int first_process(void) {
    sigset_t all, before;
    if (getpid() != 1) {
        return -1;
    }
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child > 0) {
        return stand_by(child, &all);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return -1;
}
