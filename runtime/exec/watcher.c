/*
 * watcher.c - no child outlives this process, even when it is killed with SIGKILL.
 *
 * The watcher is forked before the first child. It waits for the end of its parent (a pidfd; where
 * there is none, end of file on a pipe) and then ends every process group that stands in the shared
 * table: SIGTERM, and SIGKILL after the grace. It sleeps until then: a child costs two stores.
 *
 * Why no child escapes. Say P is this process, C a child, as spawn.c starts it:
 *   1. C makes its group, 2. stores it in the table, 3. asks for SIGTERM at P's end (PDEATHSIG),
 *   4. looks whether P is still its parent and ends if not, 5. execs.
 * - P dies before 3: C ends itself at 4. It is still alone in its group.
 * - P dies after 3: the kernel signals C, and since 2 is done, the watcher ends its whole group,
 *   whether C has exec'ed, forked or ended meanwhile. Whom a fork is adding to the group while it is
 *   signalled: the kernel makes fork fail or delivers the signal to both.
 * - When C ends, P first kills what is left of its group, while C, not reaped yet, keeps the
 *   number from being used again; then P clears the slot; then it reaps C. So a number in the
 *   table is never a stranger's, unless P dies between the last two steps and numbers wrap around
 *   within the moment that the watcher takes. (What was asked to stop politely may have members
 *   after C is reaped; they keep the number, and its slot is cleared when there are none.)
 * - The watcher itself is killed: P sees it (pidfd) and starts another with the same table. It has
 *   a session of its own, so that what is meant for P's group, or its terminal, passes it by.
 * What leaves its process group on purpose (setsid) is not ours any more.
 */
#include "exec/watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { STEP = 10 * 1000 * 1000 }; /* ns between two looks at dying groups */

static const size_t TABLE_SIZE = WATCHER_SLOTS * sizeof(int32_t);

/* ---------------------------------------------------------------- the watcher's side
 *
 * Forked from a process with threads: system calls only, no memory from the heap. */

typedef struct Watch {
    const _Atomic int32_t *slots;
    int parent; /* pidfd or -1 */
    int pipe;
    pid_t process; /* the parent's id */
    int64_t grace;
} Watch;

static void close_between(unsigned first, unsigned last) {
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0) {
        return;
    }
    long most = sysconf(_SC_OPEN_MAX);
    for (unsigned fd = first; fd <= last && (long)fd < most; fd++) {
        close((int)fd);
    }
}

/* Nobody waits for the end of a pipe because the watcher holds it open. */
static void close_others(int a, int b) {
    unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);
    if (a >= 0 && b >= 0 && low > 0) {
        close_between(0, low - 1);
    }
    if (a >= 0 && b >= 0) {
        close_between(low + 1, high - 1);
    } else if (high > 0) {
        close_between(0, high - 1);
    }
    close_between(high + 1, ~0U);
}

/* Signals all groups; returns how many there are. */
static int signal_groups(const Watch *watch, int number) {
    int n = 0;
    for (size_t i = 0; i < WATCHER_SLOTS; i++) {
        int32_t group = atomic_load_explicit(&watch->slots[i], memory_order_acquire);
        if (group > 1 && kill(-group, number) == 0) {
            n++;
        }
    }
    return n;
}

static void end_groups(const Watch *watch) {
    const struct timespec step = { .tv_nsec = STEP };
    if (signal_groups(watch, SIGTERM) == 0) {
        return;
    }
    signal_groups(watch, SIGCONT);
    for (int64_t waited = 0; waited < watch->grace; waited += STEP) {
        if (signal_groups(watch, 0) == 0) {
            return;
        }
        nanosleep(&step, NULL);
    }
    signal_groups(watch, SIGKILL);
}

/* End of file on the pipe alone may also mean that the parent has closed it; it ends us then. */
static void await_parent(const Watch *watch) {
    struct pollfd fds[2] = { { .fd = watch->parent, .events = POLLIN },
                             { .fd = watch->parent < 0 ? watch->pipe : -1, .events = POLLIN } };
    while (getppid() == watch->process && poll(fds, 2, -1) <= 0) {
    }
}

static _Noreturn void watch_main(const Watch *watch) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    prctl(PR_SET_NAME, "dag-watcher", 0, 0, 0);
    close_others(watch->parent, watch->pipe);
    if (chdir("/") != 0) {
        /* It would only keep a file system busy. */
    }
    await_parent(watch);
    end_groups(watch);
    _exit(0);
}

/* ---------------------------------------------------------------- the parent's side */

bool watcher_init(Watcher *watcher, int64_t grace) {
    *watcher = (Watcher){ .grace = grace, .pidfd = -1, .alive = -1 };
    void *table = mmap(NULL, TABLE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED) {
        return false;
    }
    watcher->slots = table;
    watcher->unused = malloc(WATCHER_SLOTS * sizeof *watcher->unused);
    return watcher->unused != NULL;
}

static int open_pidfd(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
}

/* Gives up what belongs to a watcher that has ended. */
static void forget(Watcher *watcher) {
    int status;
    while (waitpid(watcher->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (watcher->pidfd >= 0) {
        close(watcher->pidfd);
    }
    close(watcher->alive);
    watcher->pid = 0;
    watcher->pidfd = watcher->alive = -1;
}

static bool fork_watcher(Watcher *watcher, const int ends[2]) {
    pid_t self = getpid();
    Watch watch = { .slots = watcher->slots,
                    .parent = open_pidfd(self),
                    .pipe = ends[0],
                    .process = self,
                    .grace = watcher->grace };
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        watch_main(&watch);
    }
    int error = errno;
    if (watch.parent >= 0) {
        close(watch.parent);
    }
    errno = error;
    watcher->pid = pid > 0 ? pid : 0;
    return pid > 0;
}

bool watcher_start(Watcher *watcher) {
    struct pollfd ended = { .fd = watcher->pidfd, .events = POLLIN };
    int ends[2];
    if (watcher->pid > 0 && (watcher->pidfd < 0 || poll(&ended, 1, 0) <= 0)) {
        return true;
    }
    if (watcher->pid > 0) {
        forget(watcher);
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    bool good = fork_watcher(watcher, ends);
    int error = errno;
    close(ends[0]);
    if (!good) {
        close(ends[1]);
        errno = error;
        return false;
    }
    watcher->alive = ends[1];
    watcher->pidfd = open_pidfd(watcher->pid);
    return true;
}

_Atomic int32_t *watcher_take(Watcher *watcher) {
    if (watcher->nunused > 0) {
        return &watcher->slots[watcher->unused[--watcher->nunused]];
    }
    return watcher->nused < WATCHER_SLOTS ? &watcher->slots[watcher->nused++] : NULL;
}

void watcher_give_back(Watcher *watcher, _Atomic int32_t *slot) {
    atomic_store_explicit(slot, 0, memory_order_release);
    watcher->unused[watcher->nunused++] = (uint32_t)(slot - watcher->slots);
}

void watcher_free(Watcher *watcher) {
    if (watcher->pid > 0) {
        kill(watcher->pid, SIGKILL);
        forget(watcher);
    }
    if (watcher->slots) {
        munmap((void *)watcher->slots, TABLE_SIZE);
    }
    free(watcher->unused);
}
