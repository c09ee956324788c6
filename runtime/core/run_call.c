/*
 * run_call.c - stages that call a pipeline, as an executor: when each of their children starts, and
 * when the attempt is given back (call.h).
 *
 * The first element that fails is the task's error. Unless the run goes on after errors, no further
 * element starts then; what runs is finished, and counts for nothing.
 * max_parallel of a `map` bounds the elements in flight, of all its tasks together.
 */
#include <stdlib.h>

#include "core/call.h"

bool calls_has(const Attempt *attempt) {
    return is_call(attempt->stage);
}

/* ---------------------------------------------------------------- the outcome */

static void hand_back(Calls *calls, Attempt *attempt) {
    attempt->next = NULL;
    if (calls->done) {
        calls->last_done->next = attempt;
    } else {
        calls->done = attempt;
    }
    calls->last_done = attempt;
}

static void leave_queue(Calls *calls, Call *call) {
    Call **at = &calls->queue;
    while (*at && *at != call) {
        at = &(*at)->behind;
    }
    if (*at) {
        *at = call->behind;
    }
}

/* Once nothing of it runs and nothing more will: the attempt is given back. */
static void settle(Calls *calls, Call *call) {
    bool waits = call->next < call->n && !call->stopped && !call->paused;
    if (call->running > 0 || waits || call->ended) {
        return;
    }
    call->ended = true;
    leave_queue(calls, call);
    if (call->stopped || (call->paused && !call->failed)) {
        call->attempt->outcome.state = DAG_CANCELLED;
        call->attempt->outcome.reason = call->stopped ? NULL : "paused";
    } else if (!call->failed) {
        attempt_guard(call->attempt, call_complete, call);
    }
    hand_back(calls, call->attempt);
}

/* ---------------------------------------------------------------- the end of a child */

static void cancel_child(dag_run *child, const char *reason) {
    child->cancelled = true;
    sched_cancel(child->sched, child->now, reason);
}

/* An element has failed: the others need not start, unless the run goes on after errors. */
static void give_up(Calls *calls, Call *call) {
    const dag_run *run = call->attempt->run;
    call->failed = true;
    if (run->continues || run->program->continue_on_error) {
        return;
    }
    call->next = call->n;
    for (dag_run *child = calls->first; child; child = child->right) {
        if (child->call == call && !child->cancelled) {
            cancel_child(child, "another element has failed");
        }
    }
}

/* What the child came to. */
static void take_child(Calls *calls, dag_run *child) {
    Call *call = child->call;
    Attempt *attempt = call->attempt;
    bool good = child->state == DAG_COMPLETED;
    if (child->state == DAG_PAUSED) {
        call->paused = true;
    } else if (good && !call->failed) {
        good = attempt_guard(attempt, call_keep_results, child);
    } else if (child->state != DAG_CANCELLED && !good && !call->failed) {
        attempt_guard(attempt, call_say_failed, child);
    }
    if (!good && child->state != DAG_PAUSED && child->state != DAG_CANCELLED && !call->failed) {
        give_up(calls, call);
    }
}

static void unlink_child(Calls *calls, dag_run *child) {
    *(child->left ? &child->left->right : &calls->first) = child->right;
    *(child->right ? &child->right->left : &calls->last) = child->left;
    child->left = child->right = NULL;
}

static void link_child(Calls *calls, dag_run *child) {
    child->left = calls->last;
    *(calls->last ? &calls->last->right : &calls->first) = child;
    calls->last = child;
}

static void end_child(Calls *calls, dag_run *child) {
    Call *call = child->call;
    unlink_child(calls, child);
    take_child(calls, child);
    child_free(child);
    call->running--;
    calls->running[call->depth]--;
    atomic_fetch_add_explicit(&call->attempt->done, 1, memory_order_relaxed);
    settle(calls, call);
}

/* ---------------------------------------------------------------- starting */

/* The elements in flight of all tasks of the call's stage. */
static uint32_t in_flight(const Calls *calls, const Call *call) {
    uint32_t n = 0;
    for (const dag_run *child = calls->first; child; child = child->right) {
        n += child->call->attempt->run == call->attempt->run &&
             child->call->attempt->stage == call->attempt->stage;
    }
    return n;
}

static bool may_start(const Calls *calls, const Call *call) {
    uint32_t most = call->attempt->stage->max_parallel;
    bool open = call->next < call->n && !call->stopped && !call->paused;
    return open && calls->running[call->depth] < calls->root->slots + 2 &&
           (most == 0 || in_flight(calls, call) < most);
}

static void start_element(Calls *calls, Call *call) {
    dag_run *child = child_new(calls, call, call->next++);
    if (!child) {
        attempt_fail(call->attempt, DAG_CRASHED, "oom", "out of memory");
        give_up(calls, call);
        settle(calls, call);
        return;
    }
    call->running++;
    calls->running[call->depth]++;
    link_child(calls, child);
    if (run_error(child).error.type) {
        child->state = DAG_FAILED; /* refused */
        end_child(calls, child);
    }
}

static bool start_elements(Calls *calls) {
    bool moved = false;
    for (Call *call = calls->queue, *behind; call; call = behind) {
        behind = call->behind;
        while (!call->ended && may_start(calls, call)) {
            moved = true;
            start_element(calls, call);
        }
        if (!call->ended && call->next == call->n) {
            leave_queue(calls, call);
        }
    }
    return moved;
}

static bool pause_queue(Calls *calls) {
    bool moved = false;
    for (Call *call = calls->queue, *behind; call; call = behind) {
        behind = call->behind;
        call->paused = true;
        settle(calls, call);
        moved = moved || call->ended;
    }
    return moved;
}

/* ---------------------------------------------------------------- the executor */

static void make_call(Attempt *attempt, void *arg) {
    const dag_stage *stage = attempt->stage;
    Call *call = ARENA_NEW(&attempt->arena, Call);
    (void)arg;
    attempt->private = call;
    call->attempt = attempt;
    call->program = attempt->program->subs[stage->sub];
    call->depth = attempt->run->depth + 1;
    call->over = stage->body == DAG_BODY_MAP ? &attempt->inputs[stage->map_over] : NULL;
    call->n = call->over ? call->over->len : 1;
    if (call->over && call->over->kind != DAG_LIST && call->over->kind != DAG_MAP) {
        call->n = 0;
    }
    if (call->depth >= CALL_DEPTH) {
        attempt_fail(attempt, DAG_FAILED, "limit", "pipelines call each other too deep");
        call->failed = true;
    } else if (!call_take_given(call)) {
        call->failed = true;
    } else {
        call_take_outputs(call);
    }
    call->n = call->failed ? 0 : call->n;
    if (call->over) {
        atomic_store_explicit(&attempt->total, call->n, memory_order_relaxed);
    }
}

static void start(void *self, Attempt *attempt) {
    Calls *calls = self;
    Call **end = &calls->queue;
    if (!attempt_guard(attempt, make_call, NULL)) {
        hand_back(calls, attempt);
        return;
    }
    while (*end) {
        end = &(*end)->behind;
    }
    *end = attempt->private;
    settle(calls, attempt->private);
}

static void stop(void *self, Attempt *attempt, bool now) {
    Calls *calls = self;
    Call *call = attempt->private;
    if (!call || call->ended) {
        return;
    }
    call->stopped = true;
    for (dag_run *child = calls->first; child; child = child->right) {
        if (child->call == call) {
            run_tick(child);
            child->cancelled = true;
            run_cancel_all(child, attempt->timed_out ? "timeout" : "cancelled", now);
        }
    }
    settle(calls, call);
}

static Attempt *reap(void *self) {
    Calls *calls = self;
    Attempt *attempt = calls->done;
    if (attempt) {
        calls->done = attempt->next;
    }
    return attempt;
}

static void free_executor(void *self) {
    (void)self;
}

dag_executor *calls_executor(dag_run *root, dag_error *error) {
    if (root->calls) {
        return &root->calls->executor;
    }
    Calls *calls = calloc(1, sizeof *calls);
    if (!calls) {
        *error = (dag_error){ "oom", "out of memory" };
        return NULL;
    }
    calls->root = root;
    calls->executor = (dag_executor){ .self = calls,
                                      .name = "call",
                                      .start = start,
                                      .stop = stop,
                                      .fd = -1,
                                      .reap = reap,
                                      .free = free_executor };
    root->calls = calls;
    return &calls->executor;
}

dag_executor *calls_known(const dag_run *root) {
    return root->calls ? &root->calls->executor : NULL;
}

/* ---------------------------------------------------------------- the children's turns */

/* The oldest is served first: elements are finished in their order, as far as jobs allow, and none is
 * kept waiting by those behind it. */
static bool turn(Calls *calls) {
    bool moved = calls->root->pausing ? pause_queue(calls) : start_elements(calls);
    for (dag_run *child = calls->first, *right; child; child = right) {
        bool over;
        right = child->right;
        moved = child_turn(child, &over) || moved;
        if (over) {
            end_child(calls, child);
        }
    }
    return moved;
}

/* Children that only compute come and go many times in a turn of the root. */
bool calls_turn(dag_run *root) {
    enum { BURST = 64 };
    int n = 0;
    if (!root->calls) {
        return false;
    }
    while (n < BURST && !run_has_requests(root) && turn(root->calls)) {
        n++;
    }
    return n > 0;
}

int64_t calls_next_time(const dag_run *root) {
    int64_t when = INT64_MAX;
    for (const dag_run *child = root->calls->first; child; child = child->right) {
        int64_t next = run_next_time(child);
        when = next < when ? next : when;
    }
    return when;
}

const char *calls_stall_report(const dag_run *root, Arena *arena) {
    const char *text = sched_stall_report(root->sched, root->now, arena);
    for (dag_run *child = root->calls ? root->calls->first : NULL; child; child = child->right) {
        text = arena_printf(arena, "%s\n %s:%s", text, child->id,
                            sched_stall_report(child->sched, root->now, arena));
    }
    return text;
}

void calls_pause(dag_run *root) {
    for (dag_run *child = root->calls ? root->calls->first : NULL; child; child = child->right) {
        child->pausing = true;
        sched_pause(child->sched);
    }
}

void calls_free(dag_run *root) {
    Calls *calls = root->calls;
    while (calls && calls->first) {
        dag_run *child = calls->first;
        unlink_child(calls, child);
        child_free(child);
    }
    while (calls && calls->modules) {
        Module *module = calls->modules;
        calls->modules = module->next;
        expr_program_free(module->exprs);
        free(module);
    }
    free(calls);
    root->calls = NULL;
}
