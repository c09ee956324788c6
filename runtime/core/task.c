/*
 * task.c - candidates, the counters of their open inputs, and how a task ends that does not run.
 *
 * The order of decisions: data (dead: skipped; filtered: filtered), order edges (impossible:
 * skipped), a stopping run (cancelled), then `when` (sched.c).
 */
#include "core/task.h"

#include <string.h>

#include "core/feed.h"
#include "core/gate.h"
#include "core/gather.h"
#include "core/keys.h"
#include "core/limits.h"
#include "core/ready.h"
#include "core/report.h"
#include "core/shorts.h"
#include "core/temps.h"

/* ---------------------------------------------------------------- rows */

dag_state task_public_state(TaskState state) {
    switch (state) {
    case TASK_OPEN:
    case TASK_READY: return DAG_PENDING;
    case TASK_RUNNING:
    case TASK_RETRY: return DAG_RUNNING;
    case TASK_COMPLETED: return DAG_COMPLETED;
    case TASK_CACHED: return DAG_CACHED;
    case TASK_FAILED: return DAG_FAILED;
    case TASK_CRASHED: return DAG_CRASHED;
    case TASK_CANCELLED: return DAG_CANCELLED;
    case TASK_SKIPPED: return DAG_SKIPPED;
    case TASK_CLOSED:
    case TASK_OFF:
    case TASK_FILTERED:
    case TASK_STATE:
    case TASK_KNOWN:
    case TASK_RESCUE:
    case TASK_MARK:
    case TASK_AGAIN: break;
    }
    return DAG_FILTERED;
}

static bool is_dead(TaskState state) {
    return state >= TASK_FAILED && state <= TASK_SKIPPED;
}

void task_stop(Sched *s) {
    if (s->config.continue_on_error || s->stopping) {
        return;
    }
    s->stopping = true;
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        if (ready_count(stage_run(s, i)) > 0) {
            sched_work(s, WORK_STAGE, i, 0, 0);
        }
    }
    s->drop_retries = true;
}

void task_row(Sched *s, uint32_t stage, TaskState state) {
    stage_tally(stage_run(s, stage), task_public_state(state), 1);
    if (is_dead(state)) {
        s->any_dead = true;
    }
    bool failure = state == TASK_FAILED || state == TASK_CRASHED;
    if (failure && (stage_row(s, stage)->flags & DAG_STAGE_MAY_FAIL) == 0) {
        task_stop(s);
    }
}

void task_short_row(Sched *s, uint32_t stage, Short what) {
    TaskState state = s->cancelled ? TASK_CANCELLED : TASK_SKIPPED;
    if (s->temps) {
        temps_spoil_short(s, stage);
    }
    task_row(s, stage, state);
    report_short(s, stage, what, task_public_state(state));
}

/* ---------------------------------------------------------------- ends */

static void set_state(StageRun *run, uint32_t node, TaskState state) {
    uint8_t *task = task_of(run, node);
    *task = (uint8_t)((*task & (TASK_KNOWN | TASK_RESCUE)) | state);
}

void task_end(Sched *s, uint32_t stage, uint32_t node, TaskState state, const char *reason,
              const dag_error *error) {
    StageRun *run = stage_run(s, stage);
    TaskState before = task_state(run, node);
    if (before == TASK_OPEN && run->bounded) {
        run->more->nopen--;
        if (!run->sure) {
            sched_work(s, WORK_LIMIT, stage, 0, 0);
        }
    }
    if (state == TASK_SKIPPED && s->cancelled) {
        state = TASK_CANCELLED;
        reason = s->cancel_reason;
    }
    set_state(run, node, state);
    if (run->more->pass && feed_task(s, stage, node) == KNOWN_PRESENT) {
        gather_pass(s, stage, node);
    }
    if (state != TASK_FILTERED && state != TASK_OFF) {
        task_row(s, stage, state);
        report_end(s, stage, node, task_public_state(state), reason, error);
    }
    sched_work(s, WORK_TASKS, stage, node, 1);
}

/* ---------------------------------------------------------------- max_tasks */

/* What has not started is cancelled; nothing of the stage is handed on. */
static void exceed(Sched *s, uint32_t stage) {
    StageRun *run = stage_run(s, stage);
    run->limited = true;
    s->any_dead = true;
    report_limit(s, stage);
    if ((stage_row(s, stage)->flags & DAG_STAGE_MAY_FAIL) == 0) {
        task_stop(s);
    }
    s->drop_retries = true;
    sched_work(s, WORK_STAGE, stage, 0, 0);
    sched_work(s, WORK_LIMIT, stage, 0, 0);
}

void task_limit_check(Sched *s, uint32_t stage) {
    StageRun *run = stage_run(s, stage);
    if (!run->bounded || run->sure) {
        return;
    }
    const dag_stage *row = stage_row(s, stage);
    if (!run->limited && (run->flooded || run->more->npresent > row->max_tasks)) {
        exceed(s, stage);
        return;
    }
    bool complete = s->axes[row->axis].complete;
    if (!run->limited && !(complete && run->more->npresent + run->more->nopen <= row->max_tasks)) {
        return;
    }
    run->sure = true;
    for (uint32_t i = 0; i < run->more->held.n; i++) {
        sched_work(s, WORK_TASKS, stage, run->more->held.items[i], 1);
    }
    run->more->held.n = 0;
}

/* ---------------------------------------------------------------- data is present */

/* A task that has started before said then whether it is a rescue. */
static bool may_rescue(const Sched *s, uint32_t stage, uint32_t node) {
    const StageRun *run = stage_run(s, stage);
    if (run->more->attempt && run->more->attempt[node] > 0) {
        return task_has(run, node, TASK_RESCUE);
    }
    return task_is_rescue(s, stage, node);
}

static const char stopped[] = "another task failed (on_error stop)";

/* Decides about a task that waits for nothing but a slot, if there is something to decide. True:
 * it may start. */
static bool settle_ready(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    if (task_has(run, node, TASK_AGAIN)) {
        const char *reason = s->cancelled ? s->cancel_reason : stopped;
        again_give_up(s, stage, node, TASK_CANCELLED, reason);
    } else if (run->limited) {
        task_end(s, stage, node, TASK_CANCELLED, "max_tasks is exceeded", NULL);
    } else if (s->cancelled) {
        task_end(s, stage, node, TASK_CANCELLED, s->cancel_reason, NULL);
    } else if (run->barred) {
        task_end(s, stage, node, TASK_SKIPPED, report_order(s, gate_barred_by(s, stage)), NULL);
    } else if (run->gates == 0 && s->stopping && !may_rescue(s, stage, node)) {
        task_end(s, stage, node, TASK_CANCELLED, stopped, NULL);
    } else {
        return true;
    }
    return false;
}

static bool is_settled(const Sched *s, const StageRun *run) {
    return run->limited || s->cancelled || run->barred || (run->gates == 0 && s->stopping);
}

void task_sweep(Sched *s, uint32_t stage) {
    StageRun *run = stage_run(s, stage);
    if (ready_count(run) == 0 || s->paused) {
        return;
    }
    uint32_t node = is_settled(s, run) ? ready_next(run, 0) : UINT32_MAX;
    for (; node != UINT32_MAX; node = ready_next(run, node + 1)) {
        if (!settle_ready(s, stage, node)) {
            ready_remove(run, node);
        }
    }
    if (ready_count(run) == 0) {
        limits_forget(s, stage);
    } else if (run->gates == 0) {
        bits_add(&s->runnable, run->rank);
    }
}

/* The data of tasks [first, first + n) is present. */
static void data_present(Sched *s, uint32_t stage, uint32_t first, uint32_t n) {
    StageRun *run = stage_run(s, stage);
    if (run->bounded) {
        run->more->nopen -= n;
        run->more->npresent += n;
    }
    for (uint32_t i = 0; i < n; i++) {
        set_state(run, first + i, TASK_READY);
    }
    if (run->filters) {
        for (uint32_t i = 0; i < n; i++) {
            task_note_rescue(s, stage, first + i);
            task_end(s, stage, first + i, TASK_OFF, NULL, NULL);
        }
        return;
    }
    if (run->bounded) {
        sched_work(s, WORK_LIMIT, stage, 0, 0);
    }
    if (is_settled(s, run)) {
        for (uint32_t i = 0; i < n; i++) {
            if (settle_ready(s, stage, first + i)) {
                ready_add(run, first + i, 1);
            }
        }
    } else {
        ready_add(run, first, n);
        s->next_stage = stage;
        s->next_node = first;
    }
    if (run->gates == 0 && ready_count(run) > 0) {
        bits_add(&s->runnable, run->rank);
    }
}

void task_ready(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    if (!is_settled(s, run) || settle_ready(s, stage, node)) {
        ready_add(run, node, 1);
        bits_add(&s->runnable, run->rank);
    }
}

/* ---------------------------------------------------------------- open data */

static void weigh(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    const uint32_t *wait = wait_of(run, node);
    if (wait && *wait > 0) {
        return;
    }
    if (task_has(run, node, TASK_MARK)) {
        task_end(s, stage, node, TASK_FILTERED, NULL, NULL);
    } else if (!run->more->soft || run->more->soft[node] == 0) {
        data_present(s, stage, node, 1);
    }
}

void task_input(Sched *s, uint32_t stage, uint32_t node, uint32_t port, Known known) {
    StageRun *run = stage_run(s, stage);
    const Input *in = &s->inputs[port];
    if (task_state(run, node) != TASK_OPEN) {
        return;
    }
    if (in->hard && known == KNOWN_DEAD) {
        task_end(s, stage, node, TASK_SKIPPED, report_dead(s, port, node), NULL);
        return;
    }
    if (in->hard) {
        --*wait_of(run, node);
    } else {
        run->more->soft[node]--;
    }
    *task_of(run, node) |= in->required && known == KNOWN_FILTERED ? TASK_MARK : 0;
    weigh(s, stage, node);
}

void task_plain_input(Sched *s, StageRun *run) {
    if ((run->task & TASK_STATE) != TASK_OPEN || --run->one.wait > 0) {
        return;
    }
    uint32_t stage = s->program->topo[run->rank];
    if ((run->task & TASK_MARK) != 0 || is_settled(s, run)) {
        weigh(s, stage, 0);
        return;
    }
    run->task |= TASK_READY;
    run->ready = true;
    s->next_stage = stage;
    s->next_node = 0;
    if (run->gates == 0) {
        bits_add(&s->runnable, run->rank);
    }
}

/* What is known of the inputs when a candidate comes to be. */
typedef struct Start {
    uint32_t wait, soft;
    bool filtered;
    uint32_t dead; /* port, or DAG_NONE */
} Start;

static void start_add(Start *start, const Input *in, uint32_t port, Known known) {
    if (in->hard && known == KNOWN_DEAD) {
        start->dead = start->dead == DAG_NONE ? port : start->dead;
    } else if (known == KNOWN_OPEN) {
        start->wait += in->hard;
        start->soft += !in->hard;
    } else if (known == KNOWN_FILTERED && in->required) {
        start->filtered = true;
    }
}

/* Adds what the inputs know that are the same for all siblings, or those that are not. */
static void start_inputs(Sched *s, uint32_t stage, uint32_t node, bool uniform, Start *start) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const Input *in = &s->inputs[port];
        if (in->feed != FEED_NONE && !in->direct && in->uniform == uniform) {
            start_add(start, in, port, feed_input(s, port, node));
        }
    }
}

static void start_apply(Sched *s, uint32_t stage, uint32_t first, uint32_t n, const Start *start) {
    StageRun *run = stage_run(s, stage);
    if (start->dead != DAG_NONE || (start->wait == 0 && start->filtered)) {
        bool dead = start->dead != DAG_NONE;
        for (uint32_t i = first; i < first + n; i++) {
            const char *reason = dead ? report_dead(s, start->dead, i) : NULL;
            task_end(s, stage, i, dead ? TASK_SKIPPED : TASK_FILTERED, reason, NULL);
        }
        return;
    }
    if (start->wait == 0 && start->soft == 0) {
        data_present(s, stage, first, n);
        return;
    }
    for (uint32_t i = first; i < first + n; i++) {
        uint32_t *wait = wait_of(run, i);
        if (wait) {
            *wait = start->wait;
        }
        if (run->more->soft) {
            run->more->soft[i] = start->soft;
        }
        *task_of(run, i) |= start->filtered ? TASK_MARK : 0;
    }
}

/* A new group: its list may be complete from the start, or dead by a stream above it. */
static void start_list(Sched *s, uint32_t number, uint32_t node) {
    List *list = &s->lists[number];
    uint32_t axis = s->inputs[list->port].axis;
    uint32_t *left = &s->counts[list->count].left[node];
    for (uint32_t i = 0; i < list->owns.n; i++) {
        const Count *own = &s->counts[list->owns.items[i]];
        *left += !own->over[axis_project(s, axis, node, own->top)];
    }
    if (*left == 0) {
        list->flags[node] |= LIST_DECIDED;
    }
    if (list->nshorts > 0 && shorts_cover(s, number, node)) {
        list->flags[node] |= list->nulls ? LIST_HAS | LIST_NULL : LIST_DEAD | LIST_DECIDED;
    }
}

static void start_lists(Sched *s, uint32_t stage, uint32_t first, uint32_t n) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        for (uint32_t i = 0; s->inputs[port].feed == FEED_LIST && i < n; i++) {
            start_list(s, s->inputs[port].extra, first + i);
        }
    }
}

void task_new_nodes(Sched *s, uint32_t stage, uint32_t first, uint32_t n) {
    StageRun *run = stage_run(s, stage);
    if (run->plain && run->one.wait > 0 && !run->looks) {
        return; /* it waits for what has come to be in the same moment */
    }
    if (run->bounded) {
        run->more->nopen += n;
    }
    for (uint32_t i = first; run->more->uses && i < first + n; i++) {
        run->more->uses[i] = run->more->base_uses;
    }
    if (run->lists) {
        start_lists(s, stage, first, n);
    }
    if (run->off) {
        for (uint32_t i = first; i < first + n; i++) {
            task_end(s, stage, i, TASK_FILTERED, NULL, NULL);
        }
        return;
    }
    /* what direct inputs look at has come to be in the same moment: it is open */
    uint32_t nhard = run->plain ? run->one.wait : run->more->nhard;
    Start common = { nhard, run->more->nsoft, false, DAG_NONE };
    if (run->looks) {
        start_inputs(s, stage, first, true, &common);
    }
    if (!run->varies) {
        start_apply(s, stage, first, n, &common);
        return;
    }
    for (uint32_t i = first; i < first + n; i++) {
        Start start = common;
        start_inputs(s, stage, i, false, &start);
        start_apply(s, stage, i, 1, &start);
    }
}
