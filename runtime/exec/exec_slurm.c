/*
 * exec_slurm.c - process stages as jobs of a Slurm cluster.
 *
 * An attempt passes through: gathered -> sent, in an array with others (sbatch) -> in the queue ->
 * ended (its record is there, or the queue says how) -> given back. Everything happens in `reap`, on
 * the driver's thread, and never waits: Slurm's commands run beside it, one that changes something
 * and one that asks at a time. While sbatch is busy others gather, so a fan-out goes in few arrays and
 * a single task goes at once.
 *
 * What was handed to Slurm outlives this process. All that is needed to go on stands in files before
 * sbatch runs (away.h); `resume` adopts it.
 */
#include "exec/exec_slurm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "exec/script.h"
#include "exec/slurm.h"
#include "exec/usage.h"

static const int64_t SECOND = 1000000000;
static const int64_t MS = 1000000;

enum { EVENTS = 16, MOST = 1000 /* jobs in an array, where Slurm does not say less */ };
enum { COMMAND_TIME = 100 /* s */, COMMAND_LOOK = 5, COMMAND_LOOK_SELDOM = 500 /* ms */ };

int64_t slurm_now(const Slurm *slurm) {
    return slurm->clock.now(slurm->clock.self);
}

/* ---------------------------------------------------------------- attempts */

/* What may hold secrets goes. */
void slurm_give_back(Slurm *slurm, Attempt *attempt) {
    char path[4096];
    if (attempt->dir) {
        snprintf(path, sizeof path, "%s/job", attempt->dir);
        unlink(path);
    }
    script_clean(attempt);
    attempt->private = NULL;
    attempt->next = NULL;
    *slurm->last_done = attempt;
    slurm->last_done = &attempt->next;
}

static Attempt *pop_done(Slurm *slurm) {
    Attempt *attempt = slurm->done;
    if (attempt) {
        slurm->done = attempt->next;
        if (!slurm->done) {
            slurm->last_done = &slurm->done;
        }
    }
    return attempt;
}

void slurm_press(Slurm *slurm, SlurmJob *job, bool on) {
    if (job->pressing != on) {
        job->pressing = on;
        slurm->pressing += on ? 1 : UINT32_MAX;
    }
}

static void start(void *self, Attempt *attempt) {
    Slurm *slurm = self;
    attempt->private = NULL;
    attempt->outcome.usage = usage_none();
    attempt->outcome.exit_status = -1;
    attempt_guard(attempt, attempt->adopted ? slurm_adopt : slurm_prepare, slurm);
    SlurmJob *job = attempt->private;
    if (!job) {
        slurm_give_back(slurm, attempt);
    } else if (attempt->adopted) {
        slurm_look_at(slurm, job);
    }
}

/* What Slurm has not got yet ends here. */
static void stop(void *self, Attempt *attempt, bool now) {
    Slurm *slurm = self;
    SlurmJob *job = attempt->private;
    if (!job) {
        return; /* it has ended meanwhile */
    }
    job->asked = true;
    job->forced = job->forced || now;
    if (job->batch->place == SLURM_GATHERS) {
        slurm_leave(slurm, job);
        attempt->outcome.state = DAG_CANCELLED;
        slurm_give_back(slurm, attempt);
        return;
    }
    slurm->cancel_due = true;
    if (job->recorded) {
        slurm_look_at(slurm, job);
    }
}

/* ---------------------------------------------------------------- commands */

void slurm_run(Slurm *slurm, Errand *errand, const char *const *argv) {
    int error = errand_start(errand, argv, slurm->envp, slurm->epoll, COMMAND_TIME * SECOND);
    if (error != 0) {
        char text[256];
        snprintf(text, sizeof text, "%s cannot be started: %s%s", argv[0], strerror(error),
                 error == ENOENT ? " (are Slurm's commands in PATH?)" : "");
        errand_fail(errand, text);
    }
}

/* When its end is looked for, should no event tell of it. */
static int64_t look_for_end(const Slurm *slurm, const Errand *errand) {
    bool closed = errand->out.fd < 0 && errand->err.fd < 0;
    int64_t ms = closed ? COMMAND_LOOK : COMMAND_LOOK_SELDOM;
    return errand->pid == 0 ? INT64_MAX : errand->pid < 0 ? 0 : slurm_now(slurm) + ms * MS;
}

/* ---------------------------------------------------------------- what is due */

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void set_timer(const Slurm *slurm) {
    int64_t when = slurm->live > 0 ? slurm->look_at : INT64_MAX;
    when = earlier(when, slurm_ask_at(slurm));
    when = earlier(when, look_for_end(slurm, &slurm->ask));
    when = earlier(when, look_for_end(slurm, &slurm->send));
    if (slurm->send.pid == 0) {
        when = earlier(when, slurm_send_at(slurm));
    }
    struct itimerspec once = { .it_value.tv_nsec = 0 };
    if (when < INT64_MAX) {
        int64_t ns = when - slurm_now(slurm);
        ns = ns > 0 ? ns : 1;
        once.it_value =
            (struct timespec){ .tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND) };
    }
    timerfd_settime(slurm->timer, 0, &once, NULL);
}

/* Empties a descriptor. True: there was something. */
static bool empty(int fd) {
    char bytes[4096];
    bool any = false;
    while (read(fd, bytes, sizeof bytes) > 0) {
        any = true;
    }
    return any;
}

/* Events only wake: what has changed is looked at by itself. */
static bool take_events(Slurm *slurm) {
    struct epoll_event events[EVENTS];
    bool noticed = false;
    int n = epoll_wait(slurm->epoll, events, EVENTS, 0);
    for (int i = 0; i < n; i++) {
        if (events[i].data.ptr == &slurm->timer) {
            empty(slurm->timer);
        } else if (events[i].data.ptr == &slurm->notices) {
            noticed = empty(slurm->notices) || noticed;
        }
    }
    return noticed;
}

/* Where it can, the kernel tells of notes that are made on this machine. */
static void watch_notes(Slurm *slurm) {
    char path[4096];
    if (slurm->root && !slurm->watched) {
        snprintf(path, sizeof path, "%s/done", slurm->root);
        slurm->watched = true;
        inotify_add_watch(slurm->notices, path, IN_CREATE | IN_MOVED_TO);
    }
}

static void work(Slurm *slurm) {
    bool noticed = take_events(slurm);
    if (errand_look(&slurm->send)) {
        slurm_sent(slurm);
    }
    if (errand_look(&slurm->ask)) {
        slurm_answered(slurm);
    }
    if (slurm->live > 0 && (noticed || slurm_now(slurm) >= slurm->look_at)) {
        slurm_look(slurm);
    }
    slurm_send(slurm);
    watch_notes(slurm);
    if (slurm_now(slurm) >= slurm_ask_at(slurm)) {
        slurm_ask_queue(slurm);
    }
    set_timer(slurm);
}

/* Without memory for a command's arguments it is tried again. */
static void work_guarded(Slurm *slurm) {
    jmp_buf oom;
    slurm->scratch.oom = &oom;
    if (setjmp(oom) == 0) {
        work(slurm);
    } else {
        struct itimerspec once = { .it_value.tv_sec = 1 };
        timerfd_settime(slurm->timer, 0, &once, NULL);
    }
    slurm->scratch.oom = NULL;
    arena_reset(&slurm->scratch);
}

static Attempt *reap(void *self) {
    Slurm *slurm = self;
    if (!slurm->done) {
        work_guarded(slurm);
    }
    return pop_done(slurm);
}

/* ---------------------------------------------------------------- making */

static void slurm_free(void *self) {
    Slurm *slurm = self;
    errand_free(&slurm->send);
    errand_free(&slurm->ask);
    inherited_free(&slurm->inherited);
    int fds[] = { slurm->epoll, slurm->timer, slurm->notices };
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    arena_free(&slurm->scratch);
    free(slurm->envp);
    free(slurm->root);
    free(slurm);
}

static bool choose_environment(Slurm *slurm) {
    size_t n = 0;
    if (!inherited_init(&slurm->inherited)) {
        return false;
    }
    slurm->envp = calloc(slurm->inherited.n + 1, sizeof(char *));
    for (size_t i = 0; slurm->envp && i < slurm->inherited.n; i++) {
        if (slurm_passes_on(slurm->inherited.entries[i])) {
            slurm->envp[n++] = slurm->inherited.entries[i];
        }
    }
    return slurm->envp != NULL;
}

static bool open_all(Slurm *slurm) {
    struct epoll_event timer = { .events = EPOLLIN, .data.ptr = &slurm->timer };
    struct epoll_event notices = { .events = EPOLLIN, .data.ptr = &slurm->notices };
    slurm->epoll = epoll_create1(EPOLL_CLOEXEC);
    slurm->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    slurm->notices = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (slurm->notices >= 0) { /* else notes are seen a little later */
        epoll_ctl(slurm->epoll, EPOLL_CTL_ADD, slurm->notices, &notices);
    }
    return slurm->epoll >= 0 && slurm->timer >= 0 &&
           epoll_ctl(slurm->epoll, EPOLL_CTL_ADD, slurm->timer, &timer) == 0 &&
           choose_environment(slurm);
}

dag_executor *executor_slurm_new(const ExecutorConfig *config, dag_error *error) {
    Slurm *slurm = calloc(1, sizeof *slurm);
    if (!slurm) {
        *error = (dag_error){ .type = "oom", .message = "out of memory" };
        return NULL;
    }
    slurm->config = *config;
    slurm->clock = clock_system();
    slurm->epoll = slurm->timer = slurm->notices = -1;
    slurm->last_done = &slurm->done;
    slurm->most = MOST;
    slurm->asked_at = slurm_now(slurm);
    errand_init(&slurm->send);
    errand_init(&slurm->ask);
    if (!open_all(slurm)) {
        *error = (dag_error){ .type = "spawn",
                              .message = "no descriptor or memory is left for following jobs" };
        slurm_free(slurm);
        return NULL;
    }
    slurm->executor = (dag_executor){ .self = slurm,
                                      .name = "slurm",
                                      .start = start,
                                      .stop = stop,
                                      .fd = slurm->epoll,
                                      .reap = reap,
                                      .times = true,
                                      .adopts = slurm_adopts,
                                      .free = slurm_free };
    return &slurm->executor;
}
