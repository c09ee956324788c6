/*
 * exec_local.c - process stages on this machine: started in groups of their own, followed by one
 * epoll set, ended together with whatever they have left running.
 *
 * A process passes through: started -> ended (its leader is a zombie) -> done. When it was asked to
 * stop politely, the rest of its group has the same grace as its leader: then it lingers between
 * ended and done until the group is empty or is killed.
 *
 * The embedding program must let us wait for our children: not ignore SIGCHLD, nor wait for any
 * child (waitpid(-1)).
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/command.h"
#include "exec/memory_watch.h"
#include "exec/proc.h"
#include "exec/process.h"
#include "exec/room.h"
#include "exec/script.h"
#include "exec/spawn.h"
#include "exec/usage.h"
#include "exec/watcher.h"

/* STEP: ns between looks at what has no event. Each SEARCH-th is a search through all processes. */
enum { STEP = 10 * 1000 * 1000, EVENTS = 64, SEARCH = 10 };

typedef struct Local {
    dag_executor executor;
    Spawner spawner;
    Watcher watcher;
    Inherited inherited;
    OomCounter oom;
    int epoll; /* events carry a Process, or the address of `timer`, `memory` or `watcher` */
    int timer;
    MemoryWatch memory;
    bool ticking;
    uint32_t ticks;
    Process *polled; /* what is looked at when the timer ticks */
    Attempt *done, **last_done;
    Room room;
    bool postponed; /* the attempt that is being started has to wait for room */
} Local;

static void push_done(Local *local, Attempt *attempt) {
    script_clean(attempt);
    attempt->private = NULL;
    attempt->next = NULL;
    *local->last_done = attempt;
    local->last_done = &attempt->next;
}

static Attempt *pop_done(Local *local) {
    Attempt *attempt = local->done;
    if (attempt) {
        local->done = attempt->next;
        if (!local->done) {
            local->last_done = &local->done;
        }
    }
    return attempt;
}

/* ---------------------------------------------------------------- what has no event of its own */

static void tick(Local *local, bool on) {
    struct itimerspec every = { .it_interval.tv_nsec = on ? STEP : 0,
                                .it_value.tv_nsec = on ? STEP : 0 };
    if (local->ticking != on) {
        local->ticking = on;
        timerfd_settime(local->timer, 0, &every, NULL);
    }
}

static void poll_it(Local *local, Process *process) {
    process->next = local->polled;
    local->polled = process;
    tick(local, true);
}

static void drop(Local *local, Process *process) {
    for (Process **p = &local->polled; *p; p = &(*p)->next) {
        if (*p == process) {
            *p = process->next;
            break;
        }
    }
    tick(local, local->polled != NULL);
}

/* ---------------------------------------------------------------- waiting for room */

static void start(void *self, Attempt *attempt);

static void start_waiting(Local *local) {
    Attempt *attempt = room_next(&local->room);
    if (attempt) {
        start(local, attempt);
    }
}

/* Asked to stop before it began. */
static void forget_waiting(Local *local, Attempt *attempt) {
    if (room_leave(&local->room, attempt)) {
        attempt->outcome.state = DAG_CANCELLED;
        attempt->outcome.usage = usage_none();
        attempt->outcome.exit_status = -1;
        push_done(local, attempt);
    }
}

/* ---------------------------------------------------------------- the end */

static void finish(Local *local, Process *process) {
    Attempt *attempt = process->attempt;
    memory_watch_forget(&local->memory, &process->memory);
    if (process->slot) {
        watcher_give_back(&local->watcher, process->slot);
        process->slot = NULL;
    }
    if (process->pidfd >= 0) {
        close(process->pidfd);
    }
    attempt_guard(attempt, process_conclude, process);
    push_done(local, attempt);
    local->room.taken--;
    start_waiting(local);
}

static void reap_leader(Process *process) {
    pid_t pid;
    do {
        pid = wait4(process->pid, &process->status, 0, &process->usage);
    } while (pid < 0 && errno == EINTR);
    process->lost = pid < 0;
    process->reaped = true;
}

/* The leader has ended. What it left in its group is killed, while the zombie still keeps the
 * group's number ours; after a polite stop the rest has its grace, too. */
static void leader_ended(Local *local, Process *process) {
    bool polite = process->asked && !process->forced;
    if (!polite) {
        kill(-process->pid, SIGKILL);
        watcher_give_back(&local->watcher, process->slot);
        process->slot = NULL;
    }
    reap_leader(process);
    if (polite && kill(-process->pid, 0) == 0) {
        poll_it(local, process);
        return;
    }
    finish(local, process);
}

/* Without a pidfd: has the leader ended? It stays a zombie. */
static bool has_ended(const Process *process) {
    siginfo_t info = { .si_pid = 0 };
    int rc = waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return rc < 0 || info.si_pid != 0;
}

/* A group whose leader was reaped. */
static bool is_gone(const Local *local, pid_t group) {
    return local->ticks % SEARCH == 0 ? !proc_group_lives(group) : kill(-group, 0) != 0;
}

static void look_at_polled(Local *local) {
    local->ticks++;
    for (Process *process = local->polled, *next; process; process = next) {
        next = process->next;
        if (process->reaped) {
            if (is_gone(local, process->pid)) {
                drop(local, process);
                finish(local, process);
            }
        } else if (has_ended(process)) {
            drop(local, process);
            leader_ended(local, process);
        }
    }
}

/* ---------------------------------------------------------------- the beginning */

static void fail_too_long(Attempt *attempt, char *const *argv) {
    size_t longest = 0, total = 0;
    const char *value = "";
    for (; *argv; argv++) {
        size_t n = strlen(*argv);
        total += n + 1;
        if (n > longest) {
            longest = n;
            value = *argv;
        }
    }
    attempt_fail(attempt, DAG_FAILED, "limit",
                 "the command line is too long: %zu bytes, the longest value is %s; hand values "
                 "over in a file",
                 total, value_show(&attempt->arena, value_text(DAG_STRING, value, longest)));
}

static void fail_to_start(Attempt *attempt, const Command *command, const Spawn *job) {
    bool exec = strcmp(job->failed, "exec") == 0;
    if (exec && job->error == E2BIG) {
        fail_too_long(attempt, command->argv);
        return;
    }
    bool words = exec && job->error == ENOENT && attempt->stage->body == DAG_BODY_EXEC &&
                 strpbrk(command->name, " \t\n");
    attempt_fail(attempt, DAG_CRASHED, "spawn", "cannot start %s: %s%s%s%s", command->name,
                 exec ? "" : job->failed, exec ? "" : ": ", strerror(job->error),
                 words ? "; all of this is the program's name: each argument of `exec` is a string "
                         "of its own, `exec \"echo\", \"hello\"`"
                       : "");
}

static void limit_memory(Local *local, Process *process) {
    process->memory.limit = memory_limit(process->attempt);
    process->memory.group = process->pid;
    if (process->memory.limit != 0) {
        memory_watch_add(&local->memory, &process->memory);
    }
}

/* Follows a process that has been started. From here on it ends in finish. */
static void follow(Local *local, Process *process) {
    struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT, .data.ptr = process };
    process->attempt->private = process;
    /* One shot: a child that is between clone and exec holds a copy of the descriptor, and would
     * keep it in the set after we have closed it. */
    if (process->pidfd < 0 || epoll_ctl(local->epoll, EPOLL_CTL_ADD, process->pidfd, &event) != 0) {
        poll_it(local, process);
    }
}

/* False: job and errno say why, and the slot is free again. */
static bool launch(Local *local, Process *process, const Command *command, Spawn *job) {
    *job = (Spawn){ .programs = command->programs,
                    .argv = command->argv,
                    .envp = command->envp,
                    .dir = process->attempt->dir,
                    .work = process->attempt->work,
                    .slot = process->slot };
    if (!spawn(&local->spawner, job)) {
        atomic_store(process->slot, 0); /* the child has put its number there and is gone */
        return false;
    }
    process->pid = job->pid;
    process->pidfd = job->pidfd;
    local->room.taken++;
    limit_memory(local, process);
    follow(local, process);
    return true;
}

/* Has a watcher, and hears of its end. False: errno. */
static bool keep_watcher(Local *local) {
    pid_t before = local->watcher.pid;
    if (!watcher_start(&local->watcher)) {
        return false;
    }
    if (local->watcher.pid != before && local->watcher.pidfd >= 0) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT,
                                     .data.ptr = &local->watcher };
        epoll_ctl(local->epoll, EPOLL_CTL_ADD, local->watcher.pidfd, &event);
    }
    return true;
}

static bool ready_to_spawn(Local *local, Attempt *attempt, Process *process) {
    if (!keep_watcher(local)) {
        attempt_fail(attempt, DAG_CRASHED, "spawn",
                     "cannot start the process that watches over children: %s", strerror(errno));
        return false;
    }
    process->slot = watcher_take(&local->watcher);
    if (!process->slot) {
        attempt_fail(attempt, DAG_CRASHED, "spawn", "more than %d processes at the same time",
                     WATCHER_SLOTS);
    }
    return process->slot != NULL;
}

static void begin(Attempt *attempt, void *arg) {
    Local *local = arg;
    Process *process = ARENA_NEW(&attempt->arena, Process);
    Command command;
    Spawn job;
    *process = (Process){ .attempt = attempt, .oom = &local->oom, .pid = -1, .pidfd = -1 };
    attempt->outcome.usage = usage_none();
    attempt->outcome.exit_status = -1;
    if (!attempt_make_dir(attempt) || !command_make(attempt, &local->inherited, false, &command) ||
        !ready_to_spawn(local, attempt, process) || launch(local, process, &command, &job)) {
        return;
    }
    _Atomic int32_t *slot = process->slot;
    process->slot = NULL;
    if (job.error == E2BIG && command_make(attempt, &local->inherited, true, &command)) {
        process->slot = slot;
        if (launch(local, process, &command, &job)) {
            return;
        }
    }
    watcher_give_back(&local->watcher, slot);
    local->postponed = room_may_come(&local->room, job.error);
    if (!local->postponed && attempt->outcome.error.type == NULL) {
        fail_to_start(attempt, &command, &job);
    }
}

static void start(void *self, Attempt *attempt) {
    Local *local = self;
    attempt->private = NULL;
    local->postponed = local->room.taken >= local->room.most;
    if (!local->postponed) {
        attempt_guard(attempt, begin, local);
    }
    if (local->postponed) {
        room_wait(&local->room, attempt);
    } else if (!attempt->private) {
        push_done(local, attempt);
    }
}

static void stop(void *self, Attempt *attempt, bool now) {
    Local *local = self;
    Process *process = attempt->private;
    if (!process) { /* it waits, or has ended meanwhile */
        forget_waiting(local, attempt);
        return;
    }
    process->asked = true;
    process->forced = process->forced || now;
    kill(-process->pid, now ? SIGKILL : SIGTERM);
    kill(-process->pid, SIGCONT);
    if (now && process->reaped) {
        drop(local, process);
        finish(local, process);
    }
}

/* ---------------------------------------------------------------- events */

static void read_timer(Local *local) {
    uint64_t ticks;
    if (read(local->timer, &ticks, sizeof ticks) > 0) {
        look_at_polled(local);
    }
}

static void collect(Local *local) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(local->epoll, events, EVENTS, 0);
    for (int i = 0; i < n; i++) {
        void *who = events[i].data.ptr;
        if (who == &local->timer) {
            read_timer(local);
        } else if (who == &local->memory) {
            memory_watch_look(&local->memory);
        } else if (who == &local->watcher) {
            keep_watcher(local); /* it was killed; failing that, the next start tries */
        } else {
            leader_ended(local, who);
        }
    }
}

static Attempt *reap(void *self) {
    Local *local = self;
    if (!local->done) {
        collect(local);
    }
    return pop_done(local);
}

/* ---------------------------------------------------------------- making */

static void local_free(void *self) {
    Local *local = self;
    watcher_free(&local->watcher);
    spawner_free(&local->spawner);
    inherited_free(&local->inherited);
    if (local->timer >= 0) {
        close(local->timer);
    }
    memory_watch_free(&local->memory);
    if (local->epoll >= 0) {
        close(local->epoll);
    }
    free(local);
}

static bool open_all(Local *local, int64_t kill_grace) {
    struct epoll_event timer = { .events = EPOLLIN, .data.ptr = &local->timer };
    struct epoll_event looks = { .events = EPOLLIN, .data.ptr = &local->memory };
    bool good = spawner_init(&local->spawner);
    good = watcher_init(&local->watcher, kill_grace) && good;
    if (!good || !inherited_init(&local->inherited)) {
        return false;
    }
    oom_init(&local->oom);
    local->epoll = epoll_create1(EPOLL_CLOEXEC);
    local->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return local->epoll >= 0 && local->timer >= 0 && memory_watch_init(&local->memory) &&
           epoll_ctl(local->epoll, EPOLL_CTL_ADD, local->timer, &timer) == 0 &&
           epoll_ctl(local->epoll, EPOLL_CTL_ADD, local->memory.timer, &looks) == 0;
}

dag_executor *executor_local_new(int64_t kill_grace, dag_error *error) {
    Local *local = calloc(1, sizeof *local);
    if (!local) {
        *error = (dag_error){ .type = "oom", .message = "out of memory" };
        return NULL;
    }
    local->epoll = local->timer = local->memory.timer = -1;
    local->last_done = &local->done;
    room_init(&local->room);
    if (!open_all(local, kill_grace)) {
        *error = (dag_error){ .type = "spawn",
                              .message = "no descriptor or memory is left for "
                                         "starting processes" };
        local_free(local);
        return NULL;
    }
    local->executor = (dag_executor){ .self = local,
                                      .name = "local",
                                      .start = start,
                                      .stop = stop,
                                      .fd = local->epoll,
                                      .reap = reap,
                                      .free = local_free };
    return &local->executor;
}
