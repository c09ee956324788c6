/*
 * isolate.c - forks, calls, and takes the result back through a pipe.
 *
 * The child is a copy of this process with one thread. It makes its result as bytes (pack.c), writes
 * their number and them, and ends without touching anything that it shares with us. The kernel kills
 * it when the thread that waits for it ends: it outlives nobody. What it started itself is in its
 * group, which is killed with it.
 *
 * A child that another thread forks meanwhile holds our end of the pipe too, so the end of file says
 * nothing: the end of the process does.
 */
#include "exec/isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/secrets.h"
#include "exec/memory.h"
#include "exec/pack.h"
#include "exec/signame.h"
#include "exec/spawn.h"
#include "exec/tail.h"
#include "exec/usage.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

enum { LOOK = 100 /* ms between looks at progress */, HEAD = 8 /* bytes of the length */ };

typedef struct Call {
    Attempt *attempt;
    Isolated *isolated;
    pthread_mutex_t *lock;
    IsolatedFn *f;
    void *arg;
    int pipe[2]; /* ours, the child's */
    pid_t parent, pid;
    int pidfd;      /* -1: this kernel has none */
    TextBuffer got; /* what the child has written */
    bool memory;    /* it could be held */
} Call;

/* ---------------------------------------------------------------- the child */

static void write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno != EINTR) {
            return; /* nobody reads any more */
        }
        bytes += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
}

static void answer(Attempt *attempt, void *arg) {
    Call *call = arg;
    dag_value result = call->f(attempt, call->isolated->shared, call->arg);
    TextBuffer out = { .arena = &attempt->arena };
    uint64_t n = 0;
    buffer_add(&out, (const char *)&n, sizeof n);
    pack_value(&out, result);
    n = out.n - sizeof n;
    memcpy(out.text, &n, sizeof n);
    write_all(call->pipe[1], out.text, out.n);
}

/* What the function prints goes to the task's log. What we had not written yet is not the child's. */
static void print_to_log(const Attempt *attempt, FILE *stream, const char *name, int fd) {
    char path[PATH_MAX];
    __fpurge(stream);
    snprintf(path, sizeof path, "%s/%s", attempt->dir, name);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file >= 0) {
        dup2(file, fd);
        close(file);
    }
}

/* What the function may take beyond what there is when it starts: writable memory of its own, as
 * setrlimit(2) counts RLIMIT_DATA. Where that is not known it has no limit. */
static void limit_data(int64_t limit) {
    struct rlimit data;
    long pages = 0;
    FILE *statm = limit > 0 ? fopen("/proc/self/statm", "re") : NULL;
    bool known = statm && fscanf(statm, "%*d %*d %*d %*d %*d %ld", &pages) == 1 &&
                 getrlimit(RLIMIT_DATA, &data) == 0;
    if (statm) {
        fclose(statm);
    }
    rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + (rlim_t)limit;
    if (known && most < data.rlim_cur) {
        data.rlim_cur = most;
        setrlimit(RLIMIT_DATA, &data);
    }
}

/* As a program of its own gets them; the pool's threads leave all signals to others. */
static void take_signals(void) {
    sigset_t none;
    spawn_reset_signals();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child(Call *call) {
    setpgid(0, 0);
    take_signals();
    limit_data(memory_limit(call->attempt));
    print_to_log(call->attempt, stdout, "stdout", STDOUT_FILENO);
    print_to_log(call->attempt, stderr, "stderr", STDERR_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != call->parent) {
        _exit(0);
    }
    close(call->pipe[0]);
    if (!attempt_guard(call->attempt, answer, call)) {
        atomic_store(&call->isolated->shared->oom, true);
    }
    fflush(stdout);
    fflush(stderr);
    _exit(0);
}

/* ---------------------------------------------------------------- the parent */

static bool fail_to_start(Attempt *attempt, const char *what) {
    attempt_fail(attempt, DAG_CRASHED, "spawn", "cannot isolate the function: %s: %s", what,
                 strerror(errno));
    return false;
}

static bool open_all(Call *call) {
    void *shared =
        mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return fail_to_start(call->attempt, "mmap");
    }
    call->isolated->shared = shared;
    return pipe2(call->pipe, O_CLOEXEC) == 0 || fail_to_start(call->attempt, "pipe");
}

/* What was asked for before there was a child is done now. */
static bool start(Call *call) {
    Isolated *isolated = call->isolated;
    call->parent = getpid();
    call->pid = fork();
    if (call->pid == 0) {
        child(call);
    }
    if (call->pid < 0) {
        return fail_to_start(call->attempt, "fork");
    }
    setpgid(call->pid, call->pid);
    close(call->pipe[1]);
    call->pipe[1] = -1;
    call->pidfd = (int)syscall(SYS_pidfd_open, call->pid, 0);
    fcntl(call->pipe[0], F_SETFL, O_NONBLOCK);
    pthread_mutex_lock(call->lock);
    isolated->pid = call->pid;
    bool asked = atomic_load_explicit(&call->attempt->cancelled, memory_order_relaxed);
    if (isolated->forced || asked) {
        isolate_stop(isolated, isolated->forced);
    }
    pthread_mutex_unlock(call->lock);
    return true;
}

/* Takes what is there. */
static void drain(Attempt *attempt, void *arg) {
    Call *call = arg;
    char bytes[65536];
    ssize_t n;
    (void)attempt;
    while ((n = read(call->pipe[0], bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)) {
        buffer_add(&call->got, bytes, n > 0 ? (size_t)n : 0);
    }
}

static bool has_ended(const Call *call) {
    siginfo_t info = { .si_pid = 0 };
    return waitid(P_PID, (id_t)call->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid != 0;
}

static void copy_progress(Call *call) {
    Shared *shared = call->isolated->shared;
    atomic_store_explicit(&call->attempt->done, atomic_load(&shared->done), memory_order_relaxed);
    atomic_store_explicit(&call->attempt->total, atomic_load(&shared->total), memory_order_relaxed);
}

/* Until the child has ended; what it wrote before is in the pipe then. */
static void follow(Call *call) {
    struct pollfd fds[2] = { { .fd = call->pipe[0], .events = POLLIN },
                             { .fd = call->pidfd, .events = POLLIN } };
    call->memory = true;
    for (bool ended = false; !ended;) {
        poll(fds, 2, call->pidfd < 0 ? LOOK / 10 : LOOK);
        copy_progress(call);
        ended = has_ended(call);
        if (call->memory) {
            call->memory = attempt_guard(call->attempt, drain, call);
        } else {
            kill(-call->pid, SIGKILL);
        }
        fds[0].fd = fds[0].revents & POLLHUP ? -1 : fds[0].fd;
    }
}

/* The zombie keeps its number, and its group's, until it is reaped. */
static int reap(Call *call) {
    struct rusage usage;
    int status = 0;
    pthread_mutex_lock(call->lock);
    call->isolated->pid = 0;
    pthread_mutex_unlock(call->lock);
    kill(-call->pid, SIGKILL);
    while (wait4(call->pid, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    call->attempt->outcome.usage = usage_of_process(&usage);
    return status;
}

static bool take_result(Call *call, dag_value *result) {
    uint64_t n;
    if (call->got.n < HEAD) {
        return false;
    }
    memcpy(&n, call->got.text, HEAD);
    return n == call->got.n - HEAD &&
           unpack_value(&call->attempt->arena, call->got.text + HEAD, n, result);
}

static void say_why(Call *call, int status) {
    Attempt *attempt = call->attempt;
    if (call->isolated->forced) {
        attempt->outcome.state = DAG_CANCELLED;
    } else if (atomic_load(&call->isolated->shared->oom)) {
        int64_t limit = memory_limit(attempt);
        attempt->outcome.oom = limit > 0;
        attempt_fail(attempt, DAG_CRASHED, "oom",
                     limit > 0 ? "out of memory: it may have %lld MB (resources memory)"
                               : "out of memory",
                     (long long)(limit / 1000000));
    } else if (WIFSIGNALED(status)) {
        attempt->outcome.exit_status = 128 + WTERMSIG(status);
        const char *tail = log_tail(attempt, "stderr");
        attempt_fail(attempt, DAG_CRASHED, "signal", "the function was killed by %s%s%s",
                     signal_name(&attempt->arena, WTERMSIG(status)), tail[0] ? ": " : "", tail);
    } else if (call->got.n == 0) {
        attempt->outcome.exit_status = WEXITSTATUS(status);
        attempt_fail(attempt, DAG_CRASHED, "exit", "the function ended its process with status %d",
                     WEXITSTATUS(status));
    } else {
        attempt_fail(attempt, DAG_CRASHED, "signal",
                     "the function has destroyed its process's memory: its result is unreadable");
    }
}

static void close_all(Call *call) {
    for (int i = 0; i < 2; i++) {
        if (call->pipe[i] >= 0) {
            close(call->pipe[i]);
        }
    }
    if (call->pidfd >= 0) {
        close(call->pidfd);
    }
    pthread_mutex_lock(call->lock);
    if (call->isolated->shared) {
        munmap(call->isolated->shared, sizeof(Shared));
    }
    call->isolated->shared = NULL;
    pthread_mutex_unlock(call->lock);
}

bool isolate(Attempt *attempt, Isolated *isolated, pthread_mutex_t *lock, IsolatedFn *f, void *arg,
             dag_value *result) {
    Call call = { .attempt = attempt,
                  .isolated = isolated,
                  .lock = lock,
                  .f = f,
                  .arg = arg,
                  .pipe = { -1, -1 },
                  .pidfd = -1,
                  .got = { .arena = &attempt->arena } };
    bool good = open_all(&call) && start(&call);
    if (good) {
        follow(&call);
        int status = reap(&call);
        secrets_hide_file(attempt, "stdout");
        secrets_hide_file(attempt, "stderr");
        good = call.memory && status == 0 && take_result(&call, result);
        if (!good && call.memory) {
            say_why(&call, status);
        }
    }
    close_all(&call);
    return good;
}

void isolate_stop(Isolated *isolated, bool now) {
    isolated->forced = isolated->forced || now;
    if (isolated->pid > 0) {
        atomic_store(&isolated->shared->cancelled, true);
    }
    if (isolated->pid > 0 && now) {
        kill(-isolated->pid, SIGKILL);
        kill(isolated->pid, SIGKILL);
    }
}
