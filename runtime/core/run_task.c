/*
 * run_task.c - attempts: made from a launch, evaluated on the spot or handed to an executor,
 * stopped when their time is over, taken back and reported to the scheduler.
 */
#include <stdlib.h>
#include <string.h>

#include "core/call.h"
#include "core/remake.h"

/* ---------------------------------------------------------------- making */

void run_bind(dag_run *run, Attempt *attempt) {
    attempt->run = run;
    attempt->program = run->program;
    attempt->exprs = run->exprs;
    attempt->run_id = run->id;
    attempt->folder = &run->folder;
    attempt->env = (ExprEnv){ .run = run->inputs,
                              .specials = attempt->specials,
                              .world = &run->world,
                              .max_value = run->max_value,
                              .arena = &attempt->arena };
    attempt->specials[DAG_RUN_ID] = run->specials[DAG_RUN_ID];
}

static Attempt *attempt_new(dag_run *run) {
    Attempt *attempt = run->root->spare;
    if (attempt) {
        run->root->spare = attempt->next;
    } else {
        attempt = calloc(1, sizeof *attempt);
    }
    if (attempt && attempt->run != run) {
        run_bind(run, attempt);
    }
    return attempt;
}

/* The attempt's facts; not yet what needs memory. */
static void set_up(dag_run *run, Attempt *attempt, const Launch *launch) {
    attempt->launch = *launch;
    attempt->launch.before = 0;
    attempt->env.outs = attempt->outs = NULL;
    attempt->stage = &run->program->stages[launch->stage];
    attempt->inputs = attempt->asked = attempt->env.inputs = NULL;
    attempt->outcome =
        (Outcome){ .exit_status = -1, .started = run->now, .usage = { -1, -1, -1, -1, -1 } };
}

/* For what is handed out, all that may still stand there from the task before. */
static void set_up_fully(Attempt *attempt) {
    attempt->specials[DAG_STDOUT] = attempt->specials[DAG_STDERR] = value_null();
    attempt->specials[DAG_EXIT] = value_null();
    attempt->dir = attempt->work = NULL;
    attempt->deadline = INT64_MAX;
    attempt->told = -1;
    attempt->spent = 0;
    attempt->timed_out = attempt->stopping = false;
    attempt->parked = attempt->adopted = false;
    attempt->private = NULL;
    atomic_store_explicit(&attempt->cancelled, false, memory_order_relaxed);
    atomic_store_explicit(&attempt->done, 0, memory_order_relaxed);
    atomic_store_explicit(&attempt->total, 0, memory_order_relaxed);
}

void run_make_key(dag_run *run, Attempt *attempt) {
    attempt->key =
        sched_key(run->sched, attempt->launch.stage, attempt->launch.node, &attempt->arena);
    attempt->specials[DAG_TASK_KEY] = value_text(DAG_STRING, attempt->key, strlen(attempt->key));
}

/* Without its inputs it ends before it began; the outcome says why then. */
static bool make_inputs(dag_run *run, Attempt *attempt) {
    dag_error error = { NULL, NULL };
    if (attempt->launch.was != DAG_PENDING) {
        attempt->inputs = remake_given(run, &attempt->launch);
        attempt->env.inputs = attempt->outcome.inputs = attempt->inputs;
        return true;
    }
    dag_value *inputs = ARENA_ARRAY(&attempt->arena, attempt->stage->nin, dag_value);
    if (!sched_inputs(run->sched, &attempt->launch, &attempt->arena, inputs, &error)) {
        attempt_fail(attempt, DAG_FAILED, error.type, "%s", error.message);
        return false;
    }
    attempt->inputs = attempt->env.inputs = attempt->outcome.inputs = inputs;
    attempt->outcome.sources = sched_sources(run->sched, &attempt->outcome.nsources);
    return true;
}

static void prepare(Attempt *attempt, void *arg) {
    dag_run *run = arg;
    if (run->tells_keys || attempt->stage->body != DAG_BODY_NONE) {
        run_make_key(run, attempt);
    }
    make_inputs(run, attempt);
}

/* Key, inputs, and what others know of the task. True: it is to be carried out; false: its outcome
 * is there. */
static bool ready(dag_run *run, Attempt *attempt) {
    bool good = attempt_guard(attempt, prepare, run) && !attempt->outcome.error.type;
    if (!good && run_is_asked(run, attempt)) {
        sched_announce(run->sched, &attempt->launch, NULL, run->now);
    }
    good = good && run_must(run, attempt);
    attempt->specials[DAG_TASK_ATTEMPT] = value_int(DAG_INT, attempt_number(attempt));
    return good;
}

/* ---------------------------------------------------------------- the end */

static void fail_without_memory(dag_run *run, const Launch *launch) {
    Outcome outcome = { .state = DAG_CRASHED,
                        .error = { .type = "oom", .message = "out of memory" },
                        .exit_status = -1,
                        .started = run->now,
                        .usage = { -1, -1, -1, -1, -1 } };
    sched_finish(run->sched, launch, &outcome, run->now);
}

static void give_back(dag_run *run, Attempt *attempt) {
    arena_reset(&attempt->arena);
    attempt->inputs = attempt->env.inputs = NULL;
    attempt->run = run->depth > 0 ? NULL : run; /* another child may come to stand there */
    attempt->next = run->root->spare;
    run->root->spare = attempt;
}

static void match_made(Attempt *attempt, void *arg) {
    remake_done(arg, attempt);
}

/* The scheduler keeps an error's texts; the folder with the log is kept here. */
static void finish(dag_run *run, Attempt *attempt) {
    const Outcome *outcome = &attempt->outcome;
    bool first =
        run->depth > 0 && outcome->error.type && outcome->dir && !run_error(run).error.type;
    if (first) {
        free(run->error_dir);
        run->error_dir = strdup(outcome->dir);
    }
    if (attempt->launch.was != DAG_PENDING) {
        attempt_guard(attempt, match_made, run);
    }
    sched_finish(run->sched, &attempt->launch, outcome, run->now);
}

/* ---------------------------------------------------------------- on the spot */

static void evaluate(Attempt *attempt, void *arg) {
    (void)arg;
    attempt_complete(attempt, NULL);
}

/* An expression stage: nothing is allocated but the box of its outputs. */
static void evaluate_here(dag_run *run, const Launch *launch) {
    Attempt *attempt = run->root->here;
    if (!attempt) {
        attempt = run->root->here = attempt_new(run);
        if (!attempt) {
            fail_without_memory(run, launch);
            return;
        }
        set_up_fully(attempt);
    }
    if (attempt->run != run) {
        run_bind(run, attempt);
    }
    set_up(run, attempt, launch);
    attempt->key = NULL;
    if (ready(run, attempt)) {
        attempt_guard(attempt, evaluate, NULL);
        run_remember(run, attempt);
    }
    sched_finish(run->sched, &attempt->launch, &attempt->outcome, run->now);
    if (attempt->dir) {
        set_up_fully(attempt); /* it needed a folder, to look for files there */
    }
    arena_reset(&attempt->arena);
}

/* ---------------------------------------------------------------- handed out */

dag_executor *run_processes(dag_run *run, dag_error *error) {
    RunParts *parts = &run->root->parts;
    if (!parts->local) {
        parts->local = executor_local_new(run->kill_grace, error);
    }
    return parts->local;
}

static bool is_process(const dag_stage *stage) {
    return stage->body == DAG_BODY_RUN || stage->body == DAG_BODY_EXEC ||
           stage->body == DAG_BODY_SCRIPT;
}

static dag_executor *elsewhere(dag_run *run, dag_error *error) {
    dag_run *root = run->root;
    ExecutorConfig config = { .folder = &root->folder,
                              .run_id = root->id,
                              .kill_grace = root->kill_grace,
                              .queue_poll = root->queue_poll };
    if (!root->parts.queue) {
        root->parts.queue = root->kind->make(&config, error);
    }
    return root->parts.queue;
}

dag_executor *run_queue(dag_run *run, const dag_stage *stage) {
    dag_error error;
    return run->root->kind->jobs > 0 && is_process(stage) ? elsewhere(run, &error) : NULL;
}

/* Threads for C functions: no more than there are processors where the jobs are elsewhere. */
static uint32_t run_threads(const dag_run *run) {
    uint32_t processors = run_processors();
    return run->kind->jobs > 0 && processors < run->jobs ? processors : run->jobs;
}

static dag_executor *executor_for(dag_run *run, const dag_stage *stage, dag_error *error) {
    RunParts *parts = &run->root->parts;
    switch ((dag_body)stage->body) {
    case DAG_BODY_RUN:
    case DAG_BODY_EXEC:
    case DAG_BODY_SCRIPT:
        return run->root->kind->jobs > 0 ? elsewhere(run, error) : run_processes(run, error);
    case DAG_BODY_NATIVE:
        if (!parts->native) {
            parts->native = executor_native_new(run_threads(run->root), error);
            run->root->spent = calloc(run->root->program->nstages, sizeof *run->root->spent);
        }
        return parts->native;
    case DAG_BODY_CALL:
    case DAG_BODY_MAP: return calls_executor(run->root, error);
    case DAG_BODY_NONE: break;
    }
    *error = (dag_error){ .type = "spawn", .message = "this kind of body cannot be carried out" };
    return NULL;
}

static void link_running(dag_run *run, Attempt *attempt) {
    attempt->before = NULL;
    attempt->after = run->running;
    if (run->running) {
        run->running->before = attempt;
    }
    run->running = attempt;
}

static void unlink_running(dag_run *run, Attempt *attempt) {
    if (attempt->before) {
        attempt->before->after = attempt->after;
    } else {
        run->running = attempt->after;
    }
    if (attempt->after) {
        attempt->after->before = attempt->before;
    }
}

void run_forget(dag_run *run, Attempt *attempt) {
    unlink_running(run, attempt);
    give_back(run, attempt);
}

static void set_deadline(dag_run *run, Attempt *attempt, int64_t after) {
    attempt->deadline = time_after(run->now, after);
    if (attempt->deadline < run->next_deadline) {
        run->next_deadline = attempt->deadline;
    }
}

/* Slots of attempts that line up are counted where they do. */
static uint32_t slots_of(const Attempt *attempt) {
    return !calls_has(attempt) && !attempt->executor->lines;
}

void run_hand_out(dag_run *run, const Launch *launch, bool lined) {
    dag_error error = { NULL, NULL };
    Attempt *attempt = attempt_new(run);
    if (!attempt) {
        fail_without_memory(run, launch);
        return;
    }
    set_up(run, attempt, launch);
    set_up_fully(attempt);
    attempt->lined = lined;
    bool good = ready(run, attempt);
    if (attempt->parked || (good && run->planning)) {
        give_back(run, attempt);
        return;
    }
    attempt->executor = good ? executor_for(run, attempt->stage, &error) : NULL;
    if (!attempt->executor) {
        if (good) {
            attempt->outcome.state = DAG_CRASHED;
            attempt->outcome.error = error;
        }
        if (lined) {
            run_tell_begun(run, attempt);
        }
        finish(run, attempt);
        give_back(run, attempt);
        return;
    }
    link_running(run, attempt);
    run->root->busy += slots_of(attempt);
    if (attempt->stage->timeout > 0 && !attempt->executor->times) {
        set_deadline(run, attempt, attempt->stage->timeout);
    }
    run_expect_progress(run, attempt);
    attempt->executor->start(attempt->executor->self, attempt);
}

void run_launch(dag_run *run, const Launch *launch) {
    if (run->program->stages[launch->stage].body == DAG_BODY_NONE) {
        evaluate_here(run, launch);
    } else {
        run_hand_out(run, launch, false);
    }
}

/* ---------------------------------------------------------------- stopped */

static void stop(dag_run *run, Attempt *attempt, bool now) {
    atomic_store_explicit(&attempt->cancelled, true, memory_order_relaxed);
    attempt->deadline = INT64_MAX;
    if (!now) {
        set_deadline(run, attempt, run->kill_grace);
    }
    attempt->stopping = true;
    attempt->executor->stop(attempt->executor->self, attempt, now);
}

void run_stop_all(dag_run *run, bool now) {
    for (Attempt *attempt = run->running; attempt; attempt = attempt->after) {
        if (now || !attempt->stopping) {
            stop(run, attempt, now);
        }
    }
}

void run_expire(dag_run *run) {
    if (run->now < run->next_deadline) {
        return;
    }
    run->next_deadline = INT64_MAX;
    for (Attempt *attempt = run->running; attempt; attempt = attempt->after) {
        if (attempt->deadline <= run->now) {
            attempt->timed_out = attempt->timed_out || !attempt->stopping;
            stop(run, attempt, attempt->stopping);
        } else if (attempt->deadline < run->next_deadline) {
            run->next_deadline = attempt->deadline;
        }
    }
}

/* ---------------------------------------------------------------- taken back */

static void drop_outputs(Outcome *outcome) {
    box_release(outcome->box);
    outcome->box = NULL;
    outcome->outputs = NULL;
}

static void say_timed_out(Attempt *attempt, void *arg) {
    (void)arg;
    dag_value limit = value_int(DAG_DURATION, attempt->stage->timeout);
    attempt_fail(attempt, DAG_FAILED, "timeout", "timed out after %s",
                 value_to_text(&attempt->arena, limit).u.text);
}

/* Why it was stopped is not the executor's to know. What has ended well in spite of a cancellation
 * keeps its result; what was late has none. */
static void settle(Attempt *attempt) {
    Outcome *outcome = &attempt->outcome;
    if (attempt->timed_out) {
        drop_outputs(outcome);
        outcome->timed_out = true;
        attempt_guard(attempt, say_timed_out, NULL);
    } else if (attempt->stopping && outcome->state != DAG_COMPLETED) {
        drop_outputs(outcome);
        outcome->state = DAG_CANCELLED;
        outcome->error = (dag_error){ NULL, NULL };
    }
}

static void take_back(Attempt *attempt) {
    dag_run *run = attempt->run;
    run_tick(run);
    run->moved = run->now;
    run->root->returned++;
    run->root->busy -= slots_of(attempt);
    if (attempt->lined) {
        run_tell_begun(run, attempt);
    }
    run_note_spent(run, attempt);
    attempt->outcome.spent = attempt->spent;
    settle(attempt);
    run_remember(run, attempt);
    unlink_running(run, attempt);
    finish(run, attempt);
    give_back(run, attempt);
    if (sched_stopping(run->sched)) {
        run_clear_line(run);
    }
}

static bool reap_from(dag_executor *executor) {
    bool any = false;
    for (Attempt *attempt; executor && (attempt = executor->reap(executor->self)) != NULL;) {
        any = true;
        take_back(attempt);
    }
    return any;
}

bool run_reap(dag_run *run) {
    if (!run->running) {
        return false;
    }
    bool any = reap_from(run->parts.local);
    any = reap_from(run->parts.queue) || any;
    any = reap_from(run->parts.native) || any;
    run_see_begun(run);
    return reap_from(calls_known(run)) || any;
}

void run_free_attempts(dag_run *run) {
    if (run->here) {
        give_back(run, run->here);
        run->here = NULL;
    }
    while (run->spare) {
        Attempt *attempt = run->spare;
        run->spare = attempt->next;
        arena_free(&attempt->arena);
        free(attempt);
    }
}
