/*
 * runlock.c - see runlock.h.
 *
 * The holder removes the file before it gives the lock back. Who has taken a lock therefore looks
 * whether its file is still the one at the path, and tries again if not.
 *
 * A child that is between fork and exec shares the lock. When the holder is killed just then, the lock
 * outlives it by a moment: who finds a lock whose holder is dead waits for that.
 */
#include "store/runlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST_NAPS = 500, NAP = 10 * 1000 * 1000 }; /* ns; a lock cannot be waited for with a limit */

struct RunLock {
    int fd;
    char path[PATH_MAX];
};

/* Who holds a lock: the text of its file. */
typedef struct Holder {
    long pid;
    unsigned long long started; /* clock ticks after boot */
    char boot[64], host[128];
} Holder;

static bool lock_path(char path[PATH_MAX], const char *root, const char *run) {
    return snprintf(path, PATH_MAX, "%s/lock/%s", root, run) < PATH_MAX;
}

/* ---------------------------------------------------------------- who it is */

static void read_small(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0) {
        close(fd);
    }
}

/* When a process was started, in clock ticks after boot; 0: there is none. Field 22 of its stat,
 * counted behind the name, which may hold anything. */
static unsigned long long start_of(long pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_small(path, text, sizeof text);
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    return at ? strtoull(at, NULL, 10) : 0;
}

static Holder ourselves(void) {
    Holder holder = { .pid = (long)getpid() };
    holder.started = start_of(holder.pid);
    read_small("/proc/sys/kernel/random/boot_id", holder.boot, sizeof holder.boot);
    holder.boot[strcspn(holder.boot, "\n")] = '\0';
    if (gethostname(holder.host, sizeof holder.host - 1) != 0) {
        holder.host[0] = '\0';
    }
    return holder;
}

static bool write_holder(int fd) {
    Holder holder = ourselves();
    char text[512];
    int n = snprintf(text, sizeof text, "%ld %llu %s %s\n", holder.pid, holder.started,
                     holder.boot[0] ? holder.boot : "-", holder.host[0] ? holder.host : "-");
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

static bool read_holder(const char *path, Holder *holder) {
    char text[512];
    read_small(path, text, sizeof text);
    *holder = (Holder){ 0 };
    return sscanf(text, "%ld %llu %63s %127s", &holder->pid, &holder->started, holder->boot,
                  holder->host) == 4;
}

/* ---------------------------------------------------------------- taking */

static bool try_lock(int fd) {
    struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    return fcntl(fd, F_OFD_SETLK, &range) == 0;
}

static bool same_file(int fd, const char *path) {
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static void say_held(const char *path, const char *run, char *reason, size_t size) {
    Holder holder;
    if (read_holder(path, &holder)) {
        snprintf(reason, size, "run %s is being worked on by process %ld on %s", run, holder.pid,
                 holder.host);
    } else {
        snprintf(reason, size, "run %s is being worked on by another process", run);
    }
}

/* Is the process that the file names one of this machine's boot, and not there any more? */
static bool holder_is_dead(const char *path) {
    Holder holder, us = ourselves();
    return read_holder(path, &holder) && us.boot[0] && strcmp(holder.boot, us.boot) == 0 &&
           start_of(holder.pid) != holder.started;
}

/* The descriptor, locked, of the file that stands at the path; -1: errno. */
static int open_locked_now(const char *path) {
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) {
            return -1;
        }
        if (!try_lock(fd)) {
            int error = errno;
            close(fd);
            errno = error;
            return -1;
        }
        if (same_file(fd, path)) {
            return fd;
        }
        close(fd);
    }
}

static int open_locked(const char *path) {
    const struct timespec nap = { .tv_nsec = NAP };
    int fd = open_locked_now(path);
    for (int i = 0; fd < 0 && i < MOST_NAPS && (errno == EAGAIN || errno == EACCES); i++) {
        if (!holder_is_dead(path)) {
            errno = EAGAIN;
            break;
        }
        nanosleep(&nap, NULL);
        fd = open_locked_now(path);
    }
    return fd;
}

RunLock *runlock_take(const char *root, const char *run, char *reason, size_t size) {
    RunLock *lock = malloc(sizeof *lock);
    char folder[PATH_MAX];
    if (!lock || !lock_path(lock->path, root, run) ||
        snprintf(folder, sizeof folder, "%s/lock", root) >= (int)sizeof folder) {
        snprintf(reason, size, "out of memory, or the state folder's name is too long");
        free(lock);
        return NULL;
    }
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        lock->fd = -1;
    } else {
        lock->fd = open_locked(lock->path);
    }
    if (lock->fd >= 0 && write_holder(lock->fd)) {
        return lock;
    }
    if (lock->fd < 0 && (errno == EAGAIN || errno == EACCES) && runlock_held(root, run)) {
        say_held(lock->path, run, reason, size);
    } else {
        snprintf(reason, size, "cannot lock run %s: %s: %s", run, lock->path, strerror(errno));
    }
    if (lock->fd >= 0) {
        runlock_free(lock);
    } else {
        free(lock);
    }
    return NULL;
}

void runlock_free(RunLock *lock) {
    if (!lock) {
        return;
    }
    unlink(lock->path);
    close(lock->fd);
    free(lock);
}

/* ---------------------------------------------------------------- looking */

static bool held(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    bool is = fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
    close(fd);
    return is;
}

bool runlock_held(const char *root, const char *run) {
    char path[PATH_MAX];
    return lock_path(path, root, run) && held(path);
}

static bool refuse(char *reason, size_t size, const char *run, const char *why) {
    snprintf(reason, size, "run %s %s", run, why);
    return false;
}

static const char *const request_words[] = { [RUN_CANCEL] = "cancel\n", [RUN_PAUSE] = "pause\n" };
static const int request_signals[] = { [RUN_CANCEL] = SIGTERM, [RUN_PAUSE] = SIGUSR1 };

/* Behind the line that says who holds it. The lock is of the kernel's: it keeps nobody from writing. */
static bool write_request(const char *path, RunRequest request) {
    const char *word = request_words[request];
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, word, strlen(word)) == (ssize_t)strlen(word);
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

unsigned runlock_requests(const char *root, const char *run, bool *pause) {
    char path[PATH_MAX], text[4096] = "";
    unsigned cancels = 0;
    *pause = false;
    if (!lock_path(path, root, run)) {
        return 0;
    }
    read_small(path, text, sizeof text);
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        cancels += strncmp(line, request_words[RUN_CANCEL], strlen(request_words[RUN_CANCEL])) == 0;
        *pause |= strncmp(line, request_words[RUN_PAUSE], strlen(request_words[RUN_PAUSE])) == 0;
    }
    return cancels;
}

/* The process is held by a descriptor while it is looked at: its number cannot pass to another. */
static bool signal_holder(const char *path, const Holder *holder, RunRequest request) {
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)holder->pid, 0);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = request_signals[request];
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    bool sent = fd >= 0 && start_of(holder->pid) == holder->started &&
                write_request(path, request) &&
                syscall(SYS_pidfd_send_signal, fd, info.si_signo, &info, 0) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return sent;
}

/* Who has just taken the lock writes at once who it is; that is waited for. */
static bool await_holder(const char *path, Holder *holder) {
    const struct timespec nap = { .tv_nsec = NAP };
    for (int i = 0; i < MOST_NAPS && held(path); i++) {
        if (read_holder(path, holder)) {
            return true;
        }
        nanosleep(&nap, NULL);
    }
    return false;
}

bool runlock_request(const char *root, const char *run, RunRequest request, char *reason,
                     size_t size) {
    char path[PATH_MAX];
    Holder holder, us = ourselves();
    if (!lock_path(path, root, run) || !held(path)) {
        return refuse(reason, size, run, "is not being worked on by any process");
    }
    if (!await_holder(path, &holder)) {
        return refuse(reason, size, run, "is just being started; try again");
    }
    if (strcmp(holder.boot, us.boot) != 0) {
        snprintf(reason, size, "run %s is being worked on by process %ld on %s: signal it there",
                 run, holder.pid, holder.host);
        return false;
    }
    return signal_holder(path, &holder, request) ||
           refuse(reason, size, run, "is held by a process that cannot be signalled from here");
}
