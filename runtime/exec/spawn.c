/*
 * spawn.c - clone and exec, with the memory shared in between (as vfork and posix_spawn do).
 *
 * The child runs on a stack of its own while this thread waits in clone, and reports what fails
 * through the shared Spawn. It calls the kernel directly: the wrappers of the C library, of its
 * sanitizers and of others would keep books in memory that is ours, not the child's.
 *
 * Order in the child, which watcher.c relies on: group, slot, death signal, look at the parent.
 */
#include "exec/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

/* By the name that ThreadSanitizer does not know: it takes every clone for a fork, and would set
 * itself up for the child in memory that is ours. */
#ifdef __GLIBC__
int __clone(int (*f)(void *arg), void *stack, int flags, void *arg, ...);
#define clone_process __clone
#else
#define clone_process clone
#endif

/* Code of the child: no instrumentation. */
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))

enum { STACK_SIZE = 128 * 1024, GUARD = 4096, LAST_SIGNAL = 31 };

/* What the child gets. */
typedef struct Child {
    Spawner *spawner;
    Spawn *job;
    sigset_t mask; /* for the program */
} Child;

IN_CHILD static _Noreturn void give_up(Child *child, const char *what) {
    child->job->failed = what;
    child->job->error = errno;
    for (;;) {
        syscall(SYS_exit_group, 127);
    }
}

/* Handlers would run in our memory, as the child. Those of ours are taken off before signals are
 * let through again; what is ignored (nohup) stays so, but for SIGPIPE, which programs count on, and
 * SIGXFSZ: the command line ignores both.
 * The kernel's struct sigaction begins with the handler; all zero is SIG_DFL without flags. */
IN_CHILD void spawn_reset_signals(void) {
    static const uintptr_t defaults[8] = { (uintptr_t)SIG_DFL };
    static const long size = _NSIG / 8;
    for (int number = 1; number <= LAST_SIGNAL; number++) {
        uintptr_t action[8] = { 0 };
        if (number == SIGKILL || number == SIGSTOP ||
            syscall(SYS_rt_sigaction, number, NULL, action, size) != 0) {
            continue;
        }
        bool ignored = action[0] == (uintptr_t)SIG_IGN;
        bool stays = ignored && number != SIGPIPE && number != SIGXFSZ;
        if (action[0] == (uintptr_t)SIG_DFL || stays) {
            continue;
        }
        syscall(SYS_rt_sigaction, number, defaults, NULL, size);
    }
}

/* fd becomes `as`, and stays open over exec. */
IN_CHILD static void move_fd(Child *child, int fd, int as) {
    long done = fd == as ? syscall(SYS_fcntl, fd, F_SETFD, 0) : syscall(SYS_dup3, fd, as, 0);
    if (done < 0) {
        give_up(child, "dup");
    }
}

IN_CHILD static void open_log(Child *child, const char *name, int as) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
    long fd = syscall(SYS_openat, AT_FDCWD, name, flags, 0666);
    if (fd < 0) {
        give_up(child, name);
    }
    move_fd(child, (int)fd, as);
}

/* Tied to this process's fate before it can do anything that lasts. */
IN_CHILD static void tie(Child *child) {
    long self = syscall(SYS_getpid);
    if (syscall(SYS_setpgid, 0, 0) != 0) {
        give_up(child, "setpgid");
    }
    atomic_store_explicit(child->job->slot, (int32_t)self, memory_order_release);
    syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (syscall(SYS_getppid) != child->spawner->process) {
        errno = ECANCELED;
        give_up(child, "parent");
    }
}

/* As execvp: what is not there is passed over, and so is what may not be run while others are left;
 * a text without `#!` is the shell's. */
IN_CHILD static void run_programs(Child *child) {
    Spawn *job = child->job;
    int error = ENOENT;
    for (const char *const *program = job->programs; *program; program++) {
        syscall(SYS_execve, *program, job->argv, job->envp);
        if (errno == ENOEXEC) {
            job->argv[-1] = (char *)(uintptr_t) "/bin/sh";
            job->argv[0] = (char *)(uintptr_t)*program;
            syscall(SYS_execve, "/bin/sh", job->argv - 1, job->envp);
        }
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
            return;
        }
        error = errno == EACCES ? EACCES : error;
    }
    errno = error;
}

IN_CHILD static int child_main(void *arg) {
    Child *child = arg;
    tie(child);
    if (syscall(SYS_chdir, child->job->dir) != 0) {
        give_up(child, "chdir");
    }
    move_fd(child, child->spawner->null, STDIN_FILENO);
    open_log(child, "stdout", STDOUT_FILENO);
    open_log(child, "stderr", STDERR_FILENO);
    if (syscall(SYS_chdir, child->job->work) != 0) {
        give_up(child, "chdir");
    }
    spawn_reset_signals();
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &child->mask, NULL, (long)_NSIG / 8);
    run_programs(child);
    give_up(child, "exec");
}

/* ---------------------------------------------------------------- the parent */

bool spawner_init(Spawner *spawner) {
    *spawner = (Spawner){ .null = -1, .process = getpid(), .stack_size = STACK_SIZE };
    spawner->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (spawner->stack == MAP_FAILED) {
        spawner->stack = NULL;
        return false;
    }
    mprotect(spawner->stack, GUARD, PROT_NONE);
    spawner->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return spawner->null >= 0;
}

void spawner_free(Spawner *spawner) {
    if (spawner->null >= 0) {
        close(spawner->null);
    }
    if (spawner->stack) {
        munmap(spawner->stack, spawner->stack_size);
    }
}

/* An error of the child's has been told; it is gone or about to be. */
static void bury(Spawn *job) {
    int status;
    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (job->pidfd >= 0) {
        close(job->pidfd);
    }
    job->pid = -1;
    job->pidfd = -1;
}

bool spawn(Spawner *spawner, Spawn *job) {
    Child child = { .spawner = spawner, .job = job };
    sigset_t all, before;
    job->pidfd = -1;
    job->error = 0;
    job->failed = NULL;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    sigemptyset(&child.mask);
    void *top = (char *)spawner->stack + spawner->stack_size;
    job->pid = clone_process(child_main, top, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                             &child, &job->pidfd);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (job->pid < 0) {
        job->error = error;
        job->failed = "clone";
        return false;
    }
    if (job->error != 0) {
        bury(job);
    }
    return job->error == 0;
}
