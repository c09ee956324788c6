/*
 * sched.c - the API of sched.h over the parts of the scheduler (sched_state.h lists them).
 */
#include <stdlib.h>
#include <string.h>

#include "core/finish.h"
#include "core/gate.h"
#include "core/gather.h"
#include "core/inplace.h"
#include "core/keys.h"
#include "core/limits.h"
#include "core/publish.h"
#include "core/ready.h"
#include "core/report.h"
#include "core/setup.h"
#include "core/task.h"
#include "core/temps.h"

/* ---------------------------------------------------------------- memory */

_Noreturn void sched_no_memory(Sched *s) {
    longjmp(*s->entry, 1);
}

void *sched_resize(Sched *s, void *p, size_t count, size_t size) {
    if (count == 0) {
        free(p);
        return NULL;
    }
    bool good = (size == 0 || count <= SIZE_MAX / size) && !sched_unlucky(s);
    void *q = good ? realloc(p, count * size) : NULL;
    if (!q) {
        sched_no_memory(s);
    }
    return q;
}

void links_add(Sched *s, Links *links, uint32_t item) {
    if (links->n == links->cap) {
        links->cap = links->cap ? links->cap * 2 : 4;
        links->items = sched_resize(s, links->items, links->cap, sizeof *links->items);
    }
    links->items[links->n++] = item;
}

void sched_work(Sched *s, WorkKind kind, uint32_t of, uint32_t first, uint32_t n) {
    Work *last = s->work_n > s->work_first ? &s->work[s->work_n - 1] : NULL;
    if (last && last->kind == kind && last->of == of) {
        if (kind == WORK_STAGE || kind == WORK_LIMIT) {
            return;
        }
        if (kind == WORK_TASKS && last->first + last->n == first) {
            last->n += n;
            return;
        }
    }
    if (s->work_n == s->work_cap) {
        s->work_cap = s->work_cap ? s->work_cap * 2 : 64;
        s->work = sched_resize(s, s->work, s->work_cap, sizeof *s->work);
    }
    s->work[s->work_n++] = (Work){ kind, of, first, n };
}

/* Every call that may need memory begins with it: where to go without. */
static void enter(Sched *s, jmp_buf *entry, int64_t now) {
    s->entry = entry;
    s->setup.oom = s->scratch.oom = s->words.oom = s->errors.oom = entry;
    s->now = now;
}

static void leave(Sched *s) {
    if (s->words.used > 0) {
        arena_reset(&s->words);
    }
    s->entry = NULL;
}

/* From now on nothing is decided any more; what runs is waited for. */
static void crash(Sched *s) {
    s->oom = true;
    s->entry = NULL;
    s->first = (FirstError){ { "oom", "the scheduler is out of memory" }, DAG_NONE, NULL };
}

/* ---------------------------------------------------------------- start and end */

void sched_start(Sched *s, int64_t now) {
    jmp_buf entry;
    if (s->oom || setjmp(entry)) {
        crash(s);
        return;
    }
    enter(s, &entry, now);
    s->axes[0].complete = true; /* the empty key is the only one there */
    axis_append(s, 0, 0, 1, 0, 0);
    axis_settle(s);
    sched_drain(s);
    leave(s);
}

static void cancel_all(Sched *s, const char *reason) {
    s->cancelled = true;
    s->cancel_reason = arena_text(&s->errors, reason, strlen(reason));
    s->drop_retries = true;
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        task_sweep(s, i);
    }
    sched_drain(s);
}

void sched_cancel(Sched *s, int64_t now, const char *reason) {
    jmp_buf entry;
    if (s->oom || s->cancelled) {
        return;
    }
    if (setjmp(entry)) {
        crash(s);
        return;
    }
    enter(s, &entry, now);
    cancel_all(s, reason ? reason : "the run was cancelled");
    leave(s);
}

void sched_pause(Sched *s) {
    s->paused = true;
}

/* ---------------------------------------------------------------- the next task */

static void announce(Sched *s, const Launch *launch, const char *reason) {
    StageRun *run = stage_run(s, launch->stage);
    if (!run->told) {
        run->told = true;
        report_stage(s, launch->stage);
    }
    if (launch->attempt == 1) {
        report_launch(s, launch, reason);
    } else {
        report_further(s, launch);
    }
}

static void launch_task(Sched *s, uint32_t stage, uint32_t node, Launch *launch) {
    StageRun *run = stage_run(s, stage);
    uint32_t attempt = run->more->attempt ? ++run->more->attempt[node] : 1;
    bool again = task_has(run, node, TASK_AGAIN);
    dag_state was = again ? task_public_state(task_state(run, node)) : DAG_PENDING;
    if (!again) {
        task_set(run, node, TASK_RUNNING);
    }
    stage_runs(run, 1);
    s->running++;
    s->calling += is_call(stage_row(s, stage));
    *launch = (Launch){ stage, node, attempt, 0, was };
    if (run->state == DAG_PENDING) {
        run->state = DAG_RUNNING;
    }
    if (attempt == 1 && run->more->started) {
        run->more->started[node] = s->now;
    }
}

/* `when`, before the first attempt. False: it has ended the task. */
static bool when_holds(Sched *s, uint32_t stage, uint32_t node) {
    const dag_stage *row = stage_row(s, stage);
    dag_error error = { NULL, NULL };
    task_note_rescue(s, stage, node);
    if (row->when == DAG_NONE) {
        return true;
    }
    bool holds = gather_when(s, stage, node, &error);
    if (error.type) {
        error.message = arena_printf(&s->words, "when: %s", error.message);
        error.type = arena_text(&s->words, error.type, strlen(error.type));
        arena_reset(&s->scratch);
        task_end(s, stage, node, TASK_FAILED, NULL, &error);
        return false;
    }
    arena_reset(&s->scratch);
    if (!holds) {
        const char *source = text_of(s, s->program->exprs[row->when].source);
        const char *reason = arena_printf(&s->words, "`when %s` does not hold", source);
        task_end(s, stage, node, TASK_CLOSED, reason, NULL);
    }
    return holds;
}

/* Tries the first ready task of a stage. True: launched; false: look again from the start. */
static bool try_stage(Sched *s, uint32_t stage, Launch *launch) {
    StageRun *run = stage_run(s, stage);
    const dag_stage *row = stage_row(s, stage);
    uint32_t node = run->gates == 0 ? ready_first(run) : UINT32_MAX;
    if (node == UINT32_MAX || (row->max_parallel > 0 && stage_running(run) >= row->max_parallel)) {
        bits_remove(&s->runnable, run->rank);
        limits_pass_on(s, stage);
        return false;
    }
    uint32_t done = run->more->attempt ? run->more->attempt[node] : 0;
    bool taken = limits_take(s, stage, done + 1);
    limits_pass_on(s, stage);
    if (!taken) {
        return false;
    }
    ready_remove(run, node);
    if (ready_count(run) == 0) {
        bits_remove(&s->runnable, run->rank);
    }
    bool again = task_has(run, node, TASK_AGAIN);
    if (done == 0 && !again && !when_holds(s, stage, node)) {
        limits_give(s, stage, done + 1);
        sched_drain(s);
        return false;
    }
    launch_task(s, stage, node, launch);
    if (!run->asked) {
        announce(s, launch, NULL);
    }
    return true;
}

static bool next_task(Sched *s, Launch *launch) {
    limits_due(s);
    limits_look(s);
    while (s->running - s->calling - s->lined < s->jobs) {
        uint32_t rank = bits_first(&s->runnable);
        if (rank == UINT32_MAX) {
            return false;
        }
        if (try_stage(s, s->program->topo[rank], launch)) {
            return true;
        }
    }
    return false;
}

bool sched_next(Sched *s, int64_t now, Launch *launch) {
    jmp_buf entry;
    if (s->oom || s->paused) {
        return false;
    }
    if (setjmp(entry)) {
        crash(s);
        return false;
    }
    enter(s, &entry, now);
    bool found = next_task(s, launch);
    leave(s);
    return found;
}

uint32_t sched_evaluate(Sched *s, int64_t now, uint32_t most) {
    jmp_buf entry;
    if (s->oom || s->paused) {
        return 0;
    }
    if (setjmp(entry)) {
        crash(s);
        return 0;
    }
    enter(s, &entry, now);
    uint32_t n = inplace_burst(s, most);
    leave(s);
    return n;
}

void sched_announce(Sched *s, const Launch *launch, const char *reason, int64_t now) {
    jmp_buf entry;
    if (s->oom) {
        return;
    }
    if (setjmp(entry)) {
        crash(s);
        return;
    }
    enter(s, &entry, now);
    announce(s, launch, reason);
    leave(s);
}

/* ---------------------------------------------------------------- tasks in line */

uint32_t sched_next_lines(Sched *s, int64_t now) {
    if (s->oom || s->paused) {
        return DAG_NONE;
    }
    s->now = now;
    limits_due(s);
    uint32_t rank = bits_first(&s->runnable);
    uint32_t stage = rank == UINT32_MAX ? DAG_NONE : s->program->topo[rank];
    bool lines = stage != DAG_NONE && stage_run(s, stage)->lines &&
                 stage_run(s, stage)->gates == 0 && ready_count(stage_run(s, stage)) > 0;
    return lines ? stage : DAG_NONE;
}

bool sched_line_up(Sched *s, int64_t now, Launch *launch) {
    uint32_t stage = sched_next_lines(s, now);
    if (stage == DAG_NONE) {
        return false;
    }
    StageRun *run = stage_run(s, stage);
    uint32_t node = ready_first(run);
    ready_remove(run, node);
    if (ready_count(run) == 0) {
        bits_remove(&s->runnable, run->rank);
    }
    if (s->any_dead) {
        task_note_rescue(s, stage, node);
    }
    launch_task(s, stage, node, launch);
    s->lined++;
    return true;
}

void sched_set_lined(Sched *s, uint32_t n) {
    s->lined = n;
}

void sched_begin(Sched *s, const Launch *launch, int64_t now) {
    StageRun *run = stage_run(s, launch->stage);
    if (!s->oom && launch->attempt == 1 && run->more->started) {
        run->more->started[launch->node] = now;
    }
    sched_announce(s, launch, NULL, now);
}

static void take_back(Sched *s, const Launch *launch) {
    StageRun *run = stage_run(s, launch->stage);
    stage_runs(run, -1);
    if (run->more->attempt) {
        run->more->attempt[launch->node]--;
    }
    task_set(run, launch->node, TASK_READY);
    ready_add(run, launch->node, 1);
    bits_add(&s->runnable, run->rank);
    task_sweep(s, launch->stage); /* it may have been decided meanwhile that it does not start */
    if (!s->paused) {
        sched_drain(s);
    }
}

void sched_take_back(Sched *s, const Launch *launch, int64_t now) {
    jmp_buf entry;
    s->running--;
    if (s->oom) {
        return;
    }
    if (setjmp(entry)) {
        crash(s);
        return;
    }
    enter(s, &entry, now);
    take_back(s, launch);
    leave(s);
}

bool sched_stopping(const Sched *s) {
    return s->stopping;
}

/* ---------------------------------------------------------------- inputs */

const dag_source *sched_sources(const Sched *s, uint32_t *n) {
    *n = s->trace.n;
    return s->trace.sources;
}

bool sched_inputs(Sched *s, const Launch *launch, Arena *arena, dag_value *inputs,
                  dag_error *error) {
    if (s->oom) {
        *error = (dag_error){ "oom", "the scheduler is out of memory" };
        return false;
    }
    s->trace = (Trace){ NULL, 0, 0 };
    s->tracing = s->config.traces;
    bool good = gather_inputs(s, launch->stage, launch->node, arena, inputs, error);
    s->tracing = false;
    return good;
}

/* ---------------------------------------------------------------- the end of an attempt */

void sched_finish(Sched *s, const Launch *launch, const Outcome *outcome, int64_t now) {
    jmp_buf entry;
    s->running--;
    s->calling -= is_call(stage_row(s, launch->stage));
    if (s->oom) {
        box_release(outcome->box);
        return;
    }
    if (setjmp(entry)) {
        crash(s);
    } else {
        enter(s, &entry, now);
        finish_attempt(s, launch, outcome);
        leave(s);
    }
    box_release(outcome->box);
}

/* ---------------------------------------------------------------- temporary files */

void sched_again(Sched *s, uint32_t stage, uint32_t node, int64_t now) {
    jmp_buf entry;
    if (s->oom) {
        return;
    }
    if (setjmp(entry)) {
        crash(s);
        return;
    }
    enter(s, &entry, now);
    again_begin(s, stage, node);
    leave(s);
}

void sched_wait(Sched *s, const Launch *launch, uint32_t stage, uint32_t node, int64_t now) {
    jmp_buf entry;
    s->running--;
    s->calling -= is_call(stage_row(s, launch->stage));
    if (s->oom) {
        return;
    }
    if (setjmp(entry)) {
        crash(s);
        return;
    }
    enter(s, &entry, now);
    again_wait(s, launch, stage, node);
    leave(s);
}

bool sched_is_again(const Sched *s, uint32_t stage, uint32_t node) {
    return task_has(stage_run(s, stage), node, TASK_AGAIN);
}

bool sched_has_temps(const Sched *s) {
    return s->temps != NULL;
}

bool sched_given_up(const Sched *s, const char *path) {
    return temps_is_over(s, path);
}

void sched_reclaim_rest(Sched *s) {
    if (s->temps && !s->oom) {
        temps_end(s);
    }
}

/* ---------------------------------------------------------------- the run as a whole */

int64_t sched_wakeup(const Sched *s) {
    return s->nretries > 0 && !s->paused && !s->oom ? s->retries[0].due : INT64_MAX;
}

uint32_t sched_running(const Sched *s) {
    return s->running;
}

/* What nothing would have decided: a bug of ours. */
static void settle_rest(Sched *s) {
    s->cancelled = s->deadlocked = true;
    s->cancel_reason = "nothing could have started it any more (deadlock)";
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        uint32_t stage = s->program->topo[i];
        StageRun *run = stage_run(s, stage);
        if (run->done) {
            continue;
        }
        uint32_t n = s->axes[stage_row(s, stage)->axis].n;
        for (uint32_t node = 0; node < n; node++) {
            if (task_state(run, node) <= TASK_READY) {
                task_end(s, stage, node, TASK_CANCELLED, s->cancel_reason, NULL);
            }
        }
        sched_drain(s);
        if (!run->done) {
            stage_tally(run, DAG_CANCELLED, 1);
            gate_stage_end(s, stage, gate_sum(run));
        }
    }
}

static bool over(Sched *s, bool *deadlock) {
    limits_due(s);
    if (s->nretries > 0 || s->runnable.count > 0 || limits_blocked(s)) {
        return false;
    }
    *deadlock = s->nlive > 0;
    if (*deadlock) {
        settle_rest(s);
    }
    return true;
}

uint64_t sched_gifts(const Sched *s) {
    return atomic_load_explicit(s->gifts, memory_order_acquire);
}

bool sched_over(Sched *s, int64_t now, bool *deadlock) {
    jmp_buf entry;
    *deadlock = false;
    if (s->running > 0) {
        return false;
    }
    if (s->oom || s->paused) {
        return true;
    }
    if (setjmp(entry)) {
        crash(s);
        return true;
    }
    enter(s, &entry, now);
    bool ended = over(s, deadlock);
    leave(s);
    return ended;
}

bool sched_settled(const Sched *s) {
    return s->nlive == 0;
}

dag_state sched_verdict(const Sched *s) {
    dag_state verdict = s->deadlocked ? DAG_FAILED : s->cancelled ? DAG_CANCELLED : DAG_COMPLETED;
    if (s->oom) {
        return DAG_CRASHED;
    }
    for (uint32_t i = 0; s->any_dead && i < s->program->nstages; i++) {
        uint8_t state = stage_run(s, i)->state;
        bool bad = state == DAG_CRASHED || state == DAG_FAILED;
        if (!bad || (stage_row(s, i)->flags & DAG_STAGE_MAY_FAIL) != 0) {
            continue;
        }
        if (state == DAG_CRASHED) {
            return DAG_CRASHED;
        }
        verdict = DAG_FAILED;
    }
    return verdict;
}

FirstError sched_first_error(const Sched *s) {
    return s->first;
}

bool sched_output(Sched *s, uint32_t port, Arena *arena, dag_value *value) {
    return !s->oom && gather_output(s, port, arena, value);
}

const char *sched_key(const Sched *s, uint32_t stage, uint32_t node, Arena *arena) {
    return key_text(s, stage_row(s, stage)->axis, node, arena);
}

dag_state sched_stage_state(const Sched *s, uint32_t stage) {
    return (dag_state)stage_run(s, stage)->state;
}
