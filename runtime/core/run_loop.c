/*
 * run_loop.c - the turns of a run: take back what has ended, start what may start, wait.
 *
 * One thread owns the scheduler. Others reach it through the requests of run.c and the executors'
 * descriptors alone.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/call.h"

enum { BURST = 256 }; /* tasks started in one turn: requests and ends are not kept waiting */

/* ---------------------------------------------------------------- requests, time, store */

void run_cancel_all(dag_run *run, const char *reason, bool now) {
    run_clear_line(run);
    sched_cancel(run->sched, run->now, reason);
    run_stop_all(run, now);
}

static void take_requests(dag_run *run) {
    int cancels = atomic_load(&run->cancels);
    if (cancels > run->cancels_seen) {
        run->cancels_seen = cancels;
        run->cancelled = run->cancelled || !sched_settled(run->sched); /* else it came too late */
        run_cancel_all(run, "cancelled", cancels > 1);
    }
    if (!run->pausing && atomic_load(&run->pause_asked)) {
        run->pausing = true;
        run_clear_line(run);
        sched_pause(run->sched);
        calls_pause(run);
    }
}

void run_check_time(dag_run *run) {
    run_expire(run);
    if (run->now >= run->deadline && !run->timed_out && !sched_settled(run->sched)) {
        Arena *arena = &run->arena;
        dag_value limit = value_int(DAG_DURATION, run->timeout);
        run->timed_out = true;
        run_fail(run, "timeout",
                 arena_printf(arena, "the run timed out after %s",
                              value_to_text(arena, limit).u.text),
                 DAG_NONE);
        run_cancel_all(run, "timeout", false);
    }
}

/* What cannot be recorded must not be done. */
static void check_store(dag_run *run) {
    dag_error error = { NULL, NULL };
    if (run->store && !run->crashed && !run->store->check(run->store->self, &error)) {
        run->crashed = true;
        run_fail(run, "store", error.message ? error.message : "the store cannot be written",
                 DAG_NONE);
        run_cancel_all(run, "store", false);
    }
}

/* ---------------------------------------------------------------- starting */

bool run_has_requests(const dag_run *any) {
    const dag_run *run = any->root;
    return atomic_load_explicit(&run->cancels, memory_order_relaxed) > run->cancels_seen ||
           (!run->pausing && atomic_load_explicit(&run->pause_asked, memory_order_relaxed));
}

bool run_start_some(dag_run *run) {
    Launch launch;
    uint32_t n = 0;
    bool listens = events_wanted(&run->events); /* to the time of each task */
    const dag_run *root = run->root;
    while (n < BURST && run_busy(run) < root->slots && !run_has_requests(run) &&
           share_enter(run->root)) {
        uint32_t evaluated = sched_evaluate(run->sched, run->now, listens ? 1 : BURST - n);
        if (evaluated == 0) {
            if (!sched_next(run->sched, run->now, &launch)) {
                break;
            }
            run_launch(run, &launch);
            evaluated = 1;
        }
        n += evaluated;
        if (listens) {
            run_tick(run);
        }
    }
    while (n < BURST && !run_has_requests(run) && run_line_up(run)) {
        n++;
    }
    share_settle(run->root);
    return n > 0;
}

/* ---------------------------------------------------------------- waiting */

static const char *stall_text(const dag_run *run, Arena *arena) {
    const int64_t ms = 1000000;
    dag_value idle = value_int(DAG_DURATION, (run->now - run->moved) / ms * ms);
    return arena_printf(arena, "stall: nothing has run for %s, these stages wait:%s",
                        value_to_text(arena, idle).u.text, calls_stall_report(run, arena));
}

/* Does nothing run that could end, neither here nor in runs that share our jobs? */
static bool is_still(const dag_run *run) {
    return run_busy(run) == 0 && share_idle(run->root);
}

/* Nothing runs and yet something is left that only time can start. */
static void tell_stall(dag_run *run) {
    Arena scratch = { .oom = run->arena.oom };
    dag_event event = { .time = run->now,
                        .run = run->id,
                        .scope = DAG_SCOPE_LOG,
                        .state = DAG_RUNNING,
                        .stage = DAG_NONE,
                        .reason = stall_text(run, &scratch),
                        .exit_status = -1 };
    run->stall_told = true;
    if (events_wanted(&run->events)) {
        events_emit(&run->events, &event);
    }
    arena_free(&scratch);
}

static int64_t earliest(int64_t a, int64_t b) {
    return a < b ? a : b;
}

int64_t run_next_time(const dag_run *run) {
    int64_t when = earliest(run->next_deadline, sched_wakeup(run->sched));
    if (!run->timed_out) {
        when = earliest(when, run->deadline);
    }
    if (run->depth == 0) {
        when = earliest(when, run->next_progress);
    }
    if (!run->stall_told && is_still(run)) {
        when = earliest(when, time_after(run->moved, run->stall_grace));
    }
    return run->calls ? earliest(when, calls_next_time(run)) : when;
}

bool run_make_wake(dag_run *run) {
    if (atomic_load(&run->wake) < 0) {
        atomic_store(&run->wake, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    }
    return atomic_load(&run->wake) >= 0;
}

static void empty_wake(dag_run *run) {
    uint64_t count;
    if (read(atomic_load(&run->wake), &count, sizeof count) < 0) {
        /* it was empty */
    }
}

/* Did they come before there was something to wake us with? */
static bool was_asked(const dag_run *run, int cancels, bool pause) {
    return atomic_load(&run->cancels) > cancels || (pause && atomic_load(&run->pause_asked));
}

void run_wait_until(dag_run *run, int64_t when, int cancels, bool pause) {
    const RunParts *parts = &run->parts;
    const int64_t look_again = 100 * 1000 * 1000;
    struct pollfd fds[4];
    nfds_t n = 0;
    bool woken = run_make_wake(run);
    if (was_asked(run, cancels, pause)) {
        return;
    }
    if (woken) {
        fds[n++] = (struct pollfd){ .fd = atomic_load(&run->wake), .events = POLLIN };
    }
    if (parts->local) {
        fds[n++] = (struct pollfd){ .fd = parts->local->fd, .events = POLLIN };
    }
    if (parts->queue) {
        fds[n++] = (struct pollfd){ .fd = parts->queue->fd, .events = POLLIN };
    }
    if (parts->native) {
        fds[n++] = (struct pollfd){ .fd = parts->native->fd, .events = POLLIN };
    }
    int64_t ns = when == INT64_MAX ? -1 : when > run->now ? when - run->now : 0;
    if (!woken && (ns < 0 || ns > look_again)) {
        ns = look_again;
    }
    if (parts->wait(parts->wait_self, fds, n, ns) > 0 && woken && fds[0].revents != 0) {
        empty_wake(run);
    }
}

static void wait_for_something(dag_run *run) {
    run_wait_until(run, run_next_time(run), run->cancels_seen, !run->pausing);
}

/* ---------------------------------------------------------------- the end */

static void tell_deadlock(dag_run *run, const char *report) {
    run_fail(run, "deadlock",
             arena_printf(&run->arena,
                          "nothing runs and nothing can start, but these stages have not ended (a "
                          "mistake in dagcc, please report it):%s",
                          report),
             DAG_NONE);
}

bool run_is_over(dag_run *run) {
    bool deadlock = false;
    if (sched_running(run->sched) > 0) {
        return false;
    }
    if (run->pausing && !run->cancelled && !run->timed_out && !run->crashed &&
        !sched_settled(run->sched)) {
        run->state = DAG_PAUSED;
        return true;
    }
    if (sched_wakeup(run->sched) < INT64_MAX) {
        return false;
    }
    const char *report = "";
    if (!sched_settled(run->sched)) {
        report = sched_stall_report(run->sched, run->now, &run->arena);
    }
    bool over = sched_over(run->sched, run->now, &deadlock);
    if (deadlock) {
        tell_deadlock(run, report);
    }
    return over;
}

void run_begin(dag_run *run) {
    run->began = true;
    run_event(run, DAG_RUNNING, NULL);
    if (run->depth == 0) {
        run_hooks(run, DAG_HOOK_START);
    }
    sched_start(run->sched, run->now);
}

/* Its own tasks and those of its children come first in turns. */
static bool start_in_turn(dag_run *run) {
    if (!run->calls) {
        return run_start_some(run);
    }
    run->own_turn = !run->own_turn;
    bool moved = run->own_turn && run_start_some(run);
    moved = calls_turn(run) || moved;
    return (!run->own_turn && run_start_some(run)) || moved;
}

void run_loop(dag_run *run) {
    run_begin(run);
    for (;;) {
        run_tick(run);
        take_requests(run);
        check_store(run);
        run_check_time(run);
        run_tell_progress(run);
        bool moved = run_reap(run);
        if (start_in_turn(run) || moved) {
            run->moved = run->now;
            run->stall_told = false;
            continue;
        }
        if (run_is_over(run)) {
            return;
        }
        if (!run->stall_told && run->now >= time_after(run->moved, run->stall_grace) &&
            is_still(run)) {
            tell_stall(run);
        }
        wait_for_something(run);
    }
}

void run_drain(dag_run *run) {
    run_stop_all(run, true);
    while (run->running) {
        run_tick(run);
        if (!run_reap(run) && !calls_turn(run)) {
            wait_for_something(run);
        }
    }
}

void run_plan(dag_run *run) {
    sched_start(run->sched, run->now);
    while (run_start_some(run)) {
        run_tick(run);
    }
}
