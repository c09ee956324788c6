/*
 * again.c - tasks that are carried out once more, within all limits, and those that wait for them
 * (temps.h).
 *
 * Such a task keeps its state, and what it gave before stays known: only its flag AGAIN says that it
 * is ready or runs. A task that waits is READY but not among those that may start.
 */
#include <stdlib.h>

#include "core/finish.h"
#include "core/gate.h"
#include "core/limits.h"
#include "core/publish.h"
#include "core/ready.h"
#include "core/report.h"
#include "core/task.h"
#include "core/temps.h"

/* Waits for (stage, node): pairs of stage and node. */
struct Again {
    uint32_t stage, node;
    Links waiting;
};

static uint32_t again_find(const Sched *s, uint32_t stage, uint32_t node) {
    uint32_t i = 0;
    while (i < s->nagain && (s->again[i].stage != stage || s->again[i].node != node)) {
        i++;
    }
    return i;
}

static void make_ready(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    ready_add(run, node, 1);
    bits_add(&s->runnable, run->rank);
}

static void add(Sched *s, uint32_t stage, uint32_t node) {
    if (s->nagain == s->again_cap) {
        s->again_cap = s->again_cap ? s->again_cap * 2 : 4;
        s->again = sched_resize(s, s->again, s->again_cap, sizeof *s->again);
    }
    s->again[s->nagain++] = (Again){ .stage = stage, .node = node };
}

void again_begin(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    if (task_has(run, node, TASK_AGAIN)) {
        return;
    }
    add(s, stage, node);
    if (run->done && run->more->nagain == 0) {
        run->state = DAG_RUNNING;
        run->told = false;
    }
    run->more->nagain++;
    *task_of(run, node) |= TASK_AGAIN;
    if (run->more->attempt) {
        run->more->attempt[node] = 0;
    }
    make_ready(s, stage, node);
}

void again_wait(Sched *s, const Launch *launch, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, launch->stage);
    again_begin(s, stage, node);
    stage_runs(run, -1);
    limits_give(s, launch->stage, launch->attempt);
    if (run->more->attempt) {
        run->more->attempt[launch->node]--;
    }
    if (ready_count(run) > 0 && run->gates == 0) {
        bits_add(&s->runnable, run->rank);
    }
    if (!task_has(run, launch->node, TASK_AGAIN)) {
        task_set(run, launch->node, TASK_READY);
    }
    Links *waiting = &s->again[again_find(s, stage, node)].waiting;
    links_add(s, waiting, launch->stage);
    links_add(s, waiting, launch->node);
}

/* The last one is over: the stage has ended again. */
static void sum_up(Sched *s, uint32_t stage) {
    StageRun *run = stage_run(s, stage);
    if (--run->more->nagain > 0 || !run->done) {
        return;
    }
    run->state = (uint8_t)gate_sum(run);
    if (run->told) {
        report_stage(s, stage);
    }
    run->told = true;
}

/* What waited may start, or ends in `state`. */
static void wake(Sched *s, uint32_t stage, uint32_t node, TaskState state, const char *reason) {
    bool again = task_has(stage_run(s, stage), node, TASK_AGAIN);
    if (state != TASK_READY && again) {
        again_give_up(s, stage, node, state, reason);
    } else if (state != TASK_READY) {
        task_end(s, stage, node, state, reason, NULL);
    } else if (again) {
        make_ready(s, stage, node);
    } else {
        task_ready(s, stage, node);
    }
}

static void wake_all(Sched *s, uint32_t stage, uint32_t node, TaskState state, const char *reason) {
    uint32_t i = again_find(s, stage, node);
    Links waiting = s->again[i].waiting;
    s->again[i] = s->again[--s->nagain];
    for (uint32_t k = 0; k < waiting.n; k += 2) {
        wake(s, waiting.items[k], waiting.items[k + 1], state, reason);
    }
    free(waiting.items);
}

void again_give_up(Sched *s, uint32_t stage, uint32_t node, TaskState state, const char *reason) {
    StageRun *run = stage_run(s, stage);
    *task_of(run, node) &= (uint8_t)~TASK_AGAIN;
    ready_remove(run, node);
    sum_up(s, stage);
    wake_all(s, stage, node, state, reason);
}

/* ---------------------------------------------------------------- its end */

static void count_again(Sched *s, const Launch *launch, const Outcome *outcome) {
    StageRun *run = stage_run(s, launch->stage);
    TaskState before = task_state(run, launch->node);
    bool good = outcome->state == DAG_COMPLETED;
    stage_tally(run, task_public_state(before), -1);
    *task_of(run, launch->node) &= (uint8_t)~TASK_AGAIN;
    if (good) {
        task_set(run, launch->node, TASK_COMPLETED);
    }
    report_outcome(s, launch, outcome,
                   run->more->started ? run->more->started[launch->node] : s->now);
    task_row(s, launch->stage, good ? TASK_COMPLETED : finish_state(outcome->state));
}

void again_finish(Sched *s, const Launch *launch, const Outcome *outcome) {
    bool good = outcome->state == DAG_COMPLETED;
    count_again(s, launch, outcome);
    sum_up(s, launch->stage);
    TaskState state = good ? TASK_READY : s->cancelled ? TASK_CANCELLED : TASK_SKIPPED;
    const char *reason = s->cancelled ? s->cancel_reason
                         : good       ? NULL
                                      : report_past(s, launch->stage, outcome->state);
    wake_all(s, launch->stage, launch->node, state, reason);
    if (!s->paused) {
        sched_drain(s);
    }
}

void again_free(Sched *s) {
    for (uint32_t i = 0; i < s->nagain; i++) {
        free(s->again[i].waiting.items);
    }
    free(s->again);
}
