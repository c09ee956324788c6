/*
 * run_progress.c - how far long tasks have come: what functions say by dag_progress, and the elements
 * of calls, told to the listeners that want to hear of it, some times a second.
 *
 * A task says it by writing two numbers that the driver looks at, so that saying it costs nothing and
 * can be done a million times.
 */
#include "core/call.h"

static const int64_t INTERVAL = 200 * 1000 * 1000; /* ns */

static bool may_tell(const Attempt *attempt) {
    return attempt->stage->body == DAG_BODY_NATIVE || calls_has(attempt);
}

void run_expect_progress(dag_run *run, const Attempt *attempt) {
    dag_run *root = run->root;
    if (root->tells_progress && root->next_progress == INT64_MAX && may_tell(attempt)) {
        root->next_progress = run->now + INTERVAL;
    }
}

static void tell(const dag_run *run, Attempt *attempt) {
    int64_t total = atomic_load_explicit(&attempt->total, memory_order_relaxed);
    int64_t done = atomic_load_explicit(&attempt->done, memory_order_relaxed);
    if (total <= 0 || done == attempt->told) {
        return;
    }
    dag_event event = { .time = run->root->now,
                        .scope = DAG_SCOPE_PROGRESS,
                        .state = DAG_RUNNING,
                        .stage = attempt->launch.stage,
                        .key = attempt->key,
                        .attempt = attempt_number(attempt),
                        .exit_status = -1,
                        .done = done,
                        .total = total };
    attempt->told = done;
    events_emit(&run->events, &event);
}

/* True: one of its tasks may say more later. */
static bool look_at(const dag_run *run) {
    bool any = false;
    for (Attempt *attempt = run->running; attempt; attempt = attempt->after) {
        if (may_tell(attempt)) {
            any = true;
            tell(run, attempt);
        }
    }
    return any;
}

void run_tell_progress(dag_run *root) {
    if (root->now < root->next_progress) {
        return;
    }
    bool any = look_at(root);
    for (dag_run *child = root->calls ? root->calls->first : NULL; child; child = child->right) {
        any = look_at(child) || any;
    }
    root->next_progress = any ? root->now + INTERVAL : INT64_MAX;
}
