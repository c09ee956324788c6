/*
 * finish.c - see finish.h.
 */
#include "core/finish.h"

#include <string.h>

#include "core/feed.h"
#include "core/gather.h"
#include "core/limits.h"
#include "core/publish.h"
#include "core/ready.h"
#include "core/report.h"
#include "core/task.h"
#include "core/temps.h"

TaskState finish_state(dag_state state) {
    switch (state) {
    case DAG_COMPLETED: return TASK_COMPLETED;
    case DAG_CACHED: return TASK_CACHED;
    case DAG_FAILED: return TASK_FAILED;
    case DAG_CANCELLED: return TASK_CANCELLED;
    case DAG_SKIPPED: return TASK_SKIPPED;
    case DAG_FILTERED: return TASK_CLOSED;
    case DAG_CRASHED:
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_QUEUED:
    case DAG_PAUSED:
    case DAG_NSTATES: break;
    }
    return TASK_CRASHED;
}

/* Keeps the outputs if somebody will look at them. */
static void keep_outputs(Sched *s, uint32_t stage, uint32_t node, const Outcome *outcome) {
    StageRun *run = stage_run(s, stage);
    uint32_t nout = stage_row(s, stage)->nout;
    dag_value *flat = task_flat(run, node);
    if (flat && outcome->outputs) {
        memcpy(flat, outcome->outputs, nout * sizeof *flat);
    }
    if (!run->more->box || run->more->pass || !outcome->outputs || nout == 0) {
        return;
    }
    bool streams = run->more->base_uses < run->more->nedges_out;
    if (run->more->uses[node] == 0 && !streams) {
        return; /* they were given back before they came */
    }
    Box *box = outcome->box;
    bool foreign = !box || (box->outputs && box->outputs != outcome->outputs);
    if (foreign || (run->gathers && box_is_loose(box))) {
        box = sched_unlucky(s) ? NULL : box_copy(outcome->outputs, nout);
    } else {
        box_retain(box);
        box->outputs = outcome->outputs;
    }
    if (!box) {
        sched_no_memory(s);
    }
    run->more->box[node] = box;
}

/* Plans a further attempt if there is a cause and one is left. */
static bool plan_retry(Sched *s, const Launch *launch, const Outcome *outcome) {
    StageRun *run = stage_run(s, launch->stage);
    bool rescue = task_has(run, launch->node, TASK_RESCUE);
    if (launch->attempt > run->more->retries || s->cancelled || run->limited ||
        (s->stopping && !rescue) || !limits_wants_retry(s, launch->stage, outcome)) {
        return false;
    }
    if (launch->was == DAG_PENDING) {
        task_set(run, launch->node, TASK_RETRY);
    }
    int64_t wait = limits_backoff(stage_row(s, launch->stage), launch->attempt);
    limits_retry_at(s, s->now + wait, launch->stage, launch->node);
    return true;
}

void finish_attempt(Sched *s, const Launch *launch, const Outcome *outcome) {
    StageRun *run = stage_run(s, launch->stage);
    uint32_t node = launch->node;
    stage_runs(run, -1);
    limits_give(s, launch->stage, launch->attempt);
    if (ready_count(run) > 0 && run->gates == 0) {
        bits_add(&s->runnable, run->rank);
    }
    if (!outcome->reused) {
        report_attempt(s, launch, outcome);
        if (plan_retry(s, launch, outcome)) {
            return;
        }
    }
    if (launch->was != DAG_PENDING) {
        again_finish(s, launch, outcome);
        return;
    }
    TaskState state = finish_state(outcome->state);
    task_set(run, node, state);
    if (state == TASK_COMPLETED || state == TASK_CACHED) {
        keep_outputs(s, launch->stage, node, outcome);
    }
    if (run->more->pass && feed_task(s, launch->stage, node) == KNOWN_PRESENT) {
        gather_pass(s, launch->stage, node);
    }
    report_outcome(s, launch, outcome,
                   run->more->started ? run->more->started[node] : outcome->started);
    task_row(s, launch->stage, state);
    sched_work(s, WORK_TASKS, launch->stage, node, 1);
    if (!s->paused) {
        sched_drain(s);
    }
}
