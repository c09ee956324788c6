/*
 * away_node.c - the other side of away.h: one body is started, followed until it has ended, and its end
 * is written down.
 *
 * A queue that wants a job to end signals all of its processes (Slurm does): SIGTERM is noted here and
 * not handed on, so that the body gets it once. What the body has left running in its group is killed,
 * as on this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/away.h"
#include "exec/memory_watch.h"
#include "exec/oom.h"
#include "exec/proc.h"
#include "exec/spawn.h"

enum { SECOND = 1000000000, STEP = 20 /* ms between looks at a group that is to end */ };

typedef struct Node {
    Arena arena;
    const char *dir;
    AwayJob job;
    AwayRecord record;
    Clock clock;
    int signals;
    MemoryWatch memory;
    MemoryGroup group;
    int64_t deadline;
    pid_t pid;
} Node;

/* ---------------------------------------------------------------- what is to be done */

/* The index-th of the texts. */
static const char *pick(const char *text, size_t n, unsigned long index) {
    const char *end = text + n;
    for (; text < end && index > 0; index--) {
        text += strlen(text) + 1;
    }
    return text < end ? text : NULL;
}

static bool find_task(Node *node, const char *folder, const char *index) {
    char *text, *end;
    size_t n;
    unsigned long i = strtoul(index, &end, 10);
    const char *path = arena_printf(&node->arena, "%s/tasks", folder);
    bool read = away_read_file(&node->arena, path, &text, &n);
    if (!read) {
        dprintf(STDERR_FILENO, "%s: %s (is this folder on a shared file system?)\n", path,
                strerror(errno));
        return false;
    }
    node->dir = *index && *end == '\0' ? pick(text, n, i) : NULL;
    if (!node->dir) {
        dprintf(STDERR_FILENO, "%s: there is no task %s\n", path, index);
    }
    return node->dir != NULL;
}

/* The file is gone from here on: a second start of the same job finds nothing to do. */
static bool take_job(Node *node) {
    bool good = away_read_job(&node->arena, node->dir, &node->job);
    if (!good) {
        dprintf(STDERR_FILENO, "%s/job: %s\n", node->dir,
                errno == ENOENT ? "it was begun before, or given up" : strerror(errno));
        return false;
    }
    unlink(arena_printf(&node->arena, "%s/job", node->dir));
    return true;
}

bool away_hands_on(const char *entry) {
    static const char *const names[] = { "SLURM_",
                                         "CUDA_VISIBLE_DEVICES=",
                                         "ROCR_VISIBLE_DEVICES=",
                                         "HIP_VISIBLE_DEVICES=",
                                         "GPU_DEVICE_ORDINAL=",
                                         "ZE_AFFINITY_MASK=" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strncmp(entry, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* What the queue says of this job, in place of what it may have said of the one that we came from. */
static char **with_queue(Node *node) {
    size_t n = 0, own = 0;
    while (node->job.envp[n]) {
        n++;
    }
    while (environ[own]) {
        own++;
    }
    char **envp = ARENA_ARRAY(&node->arena, n + own + 1, char *);
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        if (!away_hands_on(node->job.envp[i])) {
            envp[to++] = node->job.envp[i];
        }
    }
    for (size_t i = 0; i < own; i++) {
        if (away_hands_on(environ[i])) {
            envp[to++] = environ[i];
        }
    }
    return envp;
}

/* ---------------------------------------------------------------- signals */

static bool open_signals(Node *node) {
    static const int ours[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU };
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        sigaddset(&set, ours[i]);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    node->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return node->signals >= 0;
}

static void read_signals(Node *node) {
    struct signalfd_siginfo info;
    while (read(node->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        bool end =
            info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT || info.ssi_signo == SIGXCPU;
        node->record.stopped = node->record.stopped || end;
    }
}

/* ---------------------------------------------------------------- the body */

static int64_t now(const Node *node) {
    return node->clock.now(node->clock.self);
}

static bool has_ended(const Node *node) {
    siginfo_t info = { .si_pid = 0 };
    int rc = waitid(P_PID, (id_t)node->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return rc < 0 || info.si_pid != 0;
}

/* Over its time: SIGTERM, and when the grace is over, too, SIGKILL. */
static void expire(Node *node) {
    bool again = node->record.timed_out;
    kill(-node->pid, again ? SIGKILL : SIGTERM);
    kill(-node->pid, SIGCONT);
    node->record.timed_out = true;
    node->deadline = again ? INT64_MAX : now(node) + node->job.grace;
}

static void wait_some(Node *node, int most) {
    struct pollfd fds[] = { { .fd = node->signals, .events = POLLIN },
                            { .fd = node->memory.timer, .events = POLLIN } };
    int64_t left = node->deadline == INT64_MAX ? INT64_MAX : node->deadline - now(node);
    int64_t ms = left <= 0 ? 0 : left / 1000000 + 1;
    poll(fds, 2, most >= 0 && ms > most ? most : ms > INT_MAX ? -1 : (int)ms);
    read_signals(node);
    if (fds[1].revents) {
        memory_watch_look(&node->memory);
    }
    if (now(node) >= node->deadline) {
        expire(node);
    }
}

/* Asked to end politely, what is left of its group has the rest of its grace. */
static void end_group(Node *node) {
    if (!node->record.timed_out && !node->record.stopped) {
        return;
    }
    int64_t end = now(node) + node->job.grace;
    end = node->record.timed_out && node->deadline < end ? node->deadline : end;
    node->deadline = INT64_MAX;
    while (now(node) < end && proc_group_lives(node->pid)) {
        wait_some(node, STEP);
    }
    kill(-node->pid, SIGKILL);
}

/* Its leader is a zombie until the group was killed: the number is ours so long. */
static void reap(Node *node) {
    if (!node->record.timed_out && !node->record.stopped) {
        kill(-node->pid, SIGKILL);
    }
    while (wait4(node->pid, &node->record.status, 0, &node->record.usage) < 0 && errno == EINTR) {
    }
    node->record.ended = now(node);
    end_group(node);
}

static bool start(Node *node) {
    Spawner spawner;
    _Atomic int32_t slot = 0;
    Spawn job = { .programs = (const char *const *)node->job.programs,
                  .argv = node->job.argv,
                  .envp = with_queue(node),
                  .dir = node->dir,
                  .work = arena_printf(&node->arena, "%s/" DAG_WORK, node->dir),
                  .slot = &slot };
    bool good = spawner_init(&spawner);
    node->record.error = good ? 0 : errno;
    good = good && spawn(&spawner, &job);
    node->record.error = good || node->record.error ? node->record.error : job.error;
    spawner_free(&spawner);
    node->pid = job.pid;
    return good;
}

static void limit(Node *node) {
    node->group = (MemoryGroup){ .group = node->pid, .limit = node->job.memory };
    if (node->job.memory > 0) {
        memory_watch_add(&node->memory, &node->group);
    }
    node->deadline = node->job.timeout > 0 ? now(node) + node->job.timeout : INT64_MAX;
}

static void judge(Node *node, OomCounter *oom) {
    AwayRecord *record = &node->record;
    bool killed = (WIFSIGNALED(record->status) && WTERMSIG(record->status) == SIGKILL) ||
                  (WIFEXITED(record->status) && WEXITSTATUS(record->status) == 128 + SIGKILL);
    record->over = node->group.killed_at;
    record->oom = killed && record->over == 0 && !record->timed_out && oom_take(oom);
}

static void carry_out(Node *node) {
    OomCounter oom;
    oom_init(&oom);
    node->record.started = node->record.ended = now(node);
    if (!start(node)) {
        return;
    }
    limit(node);
    while (!has_ended(node)) {
        wait_some(node, -1);
    }
    reap(node);
    judge(node, &oom);
}

/* ---------------------------------------------------------------- the record */

static void name_host(Node *node) {
    char *host = node->record.host;
    if (gethostname(host, sizeof node->record.host) != 0 || host[0] == '\0') {
        snprintf(host, sizeof node->record.host, "-");
    }
    host[sizeof node->record.host - 1] = '\0';
    for (; *host; host++) {
        *host = *host <= ' ' ? '_' : *host;
    }
}

/* First the record, then the note that says that there is one. */
static int tell(Node *node, const char *folder, const char *index) {
    const char *number = strrchr(folder, '/');
    int above = (int)(number - folder);
    if (!away_write_record(node->dir, &node->record)) {
        dprintf(STDERR_FILENO, "%s/exit: %s\n", node->dir, strerror(errno));
        return 1;
    }
    const char *note = arena_printf(&node->arena, "%.*s/done%s.%s", above, folder, number, index);
    int fd = open(note, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0) {
        close(fd); /* where it cannot be made, the end is seen later */
    }
    int status = node->record.status;
    return node->record.error    ? 127
           : WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                 : WEXITSTATUS(status);
}

int away_node(const char *folder, const char *index) {
    Node node = {
        .clock = clock_system(), .signals = -1, .memory.timer = -1, .deadline = INT64_MAX
    };
    jmp_buf oom;
    int code = 1;
    node.arena.oom = &oom;
    if (setjmp(oom) == 0 && strchr(folder, '/') && open_signals(&node) &&
        memory_watch_init(&node.memory) && find_task(&node, folder, index) && take_job(&node)) {
        name_host(&node);
        carry_out(&node);
        code = tell(&node, folder, index);
    }
    memory_watch_free(&node.memory);
    if (node.signals >= 0) {
        close(node.signals);
    }
    arena_free(&node.arena);
    return code;
}
