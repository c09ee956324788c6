/*
 * run_line.c - short C functions line up: while all slots are taken, the next tasks are handed out
 * to the native executor in advance, where each takes over the slot of one that has ended. So a
 * thread need not wait for the driver between two of them, nor the driver for each.
 *
 * No more than `jobs` run at any time. What is in line has not begun: its running is told, and its
 * time counts, from when it does; it goes back to the scheduler before a cancellation, a pause or a
 * failure that stops the run (and nothing in line begins behind a failure that the driver has not
 * seen). Because a process, say, might wait for a slot meanwhile, the line is short in time.
 */
#include "core/call.h"

enum { LINE_TIME = 1000 * 1000, LINE_LENGTH = 256 }; /* ns; attempts */

static const dag_executor *native_of(const dag_run *run) {
    const dag_executor *native = run->root->parts.native;
    return native && native->lines ? native : NULL;
}

uint32_t run_busy(const dag_run *run) {
    const dag_executor *native = native_of(run);
    return run->root->busy + (native ? native->busy : 0);
}

static void count_lined(dag_run *run) {
    const dag_executor *native = native_of(run);
    if (native) {
        sched_set_lined(run->root->sched, native->beyond);
    }
}

/* Only tasks of the run itself. */
static bool may_line_up(const dag_run *run) {
    const dag_executor *native = native_of(run);
    return native && native->busy > 0 && native->beyond < LINE_LENGTH && run->spent &&
           run->depth == 0 && !run->calls && !run->planning;
}

bool run_line_up(dag_run *run) {
    Launch launch;
    if (!may_line_up(run)) {
        return false;
    }
    uint32_t stage = sched_next_lines(run->sched, run->now);
    uint64_t each = stage == DAG_NONE ? 0 : run->spent[stage];
    if (each == 0 || (run->parts.native->beyond + 1) * each > LINE_TIME ||
        !sched_line_up(run->sched, run->now, &launch)) {
        return false;
    }
    run_hand_out(run, &launch, true);
    count_lined(run);
    return true;
}

void run_tell_begun(dag_run *run, Attempt *attempt) {
    attempt->lined = false;
    sched_begin(run->sched, &attempt->launch, attempt->outcome.started);
}

void run_see_begun(dag_run *run) {
    const dag_executor *native = native_of(run);
    for (Attempt *attempt; native && (attempt = native->begun(native->self)) != NULL;) {
        run_tell_begun(attempt->run, attempt);
    }
    count_lined(run);
}

void run_clear_line(dag_run *run) {
    const dag_executor *native = native_of(run);
    for (Attempt *attempt = native ? run->running : NULL, *after; attempt; attempt = after) {
        after = attempt->after;
        if (attempt->lined && native->unline(native->self, attempt)) {
            Launch launch = attempt->launch;
            run_forget(run, attempt);
            sched_take_back(run->sched, &launch, run->now);
        }
    }
    count_lined(run);
}

/* The slowest one counts, for a while. */
void run_note_spent(dag_run *run, const Attempt *attempt) {
    uint32_t stage = attempt->launch.stage;
    if (run->depth > 0 || !run->spent || attempt->spent == 0) {
        return;
    }
    uint32_t spent = attempt->spent < UINT32_MAX ? (uint32_t)attempt->spent : UINT32_MAX;
    uint32_t faded = run->spent[stage] - run->spent[stage] / 8;
    run->spent[stage] = spent > faded ? spent : faded;
}
