/*
 * run_reuse.c - what is known of a task without running it: asks options.reuse, turns the answer
 * into an outcome, and tells it what has completed by running.
 */
#include "core/run.h"

static ReuseQuestion question(const dag_run *run, const Attempt *attempt, Arena *arena) {
    return (ReuseQuestion){ .stage = attempt->launch.stage,
                            .key = attempt->key,
                            .inputs = attempt->inputs,
                            .run_inputs = run->inputs,
                            .arena = arena,
                            .ended = run->root->returned };
}

typedef struct Asking {
    dag_run *run;
    ReuseAnswer answer;
    const char *reason;
} Asking;

static void ask(Attempt *attempt, void *arg) {
    Asking *asking = arg;
    dag_reuse *reuse = asking->run->reuse;
    ReuseQuestion q = question(asking->run, attempt, &attempt->arena);
    if (reuse->attempts) {
        attempt->launch.before = reuse->attempts(reuse->self, &q);
    }
    if (attempt->launch.attempt == 1) {
        dag_value *outputs = ARENA_ARRAY(&attempt->arena, attempt->stage->nout, dag_value);
        asking->answer = reuse->ask(reuse->self, &q, outputs, &asking->reason);
        attempt->outcome.outputs = outputs;
    }
    if (asking->answer == REUSE_RUN && asking->run->root->resume &&
        attempt->stage->body != DAG_BODY_NONE) {
        attempt_number_anew(attempt);
    }
}

static void settle(Attempt *attempt, const Asking *asking) {
    Outcome *outcome = &attempt->outcome;
    outcome->reused = true;
    outcome->reason = asking->reason;
    switch (asking->answer) {
    case REUSE_COMPLETED:
    case REUSE_RUN: outcome->state = DAG_COMPLETED; break;
    case REUSE_CACHED: outcome->state = DAG_CACHED; break;
    case REUSE_CLOSED:
    case REUSE_FILTERED: outcome->state = DAG_FILTERED; break;
    case REUSE_SKIP: outcome->state = DAG_SKIPPED; break;
    }
    outcome->known = asking->answer == REUSE_COMPLETED || asking->answer == REUSE_FILTERED;
    if (outcome->state != DAG_COMPLETED && outcome->state != DAG_CACHED) {
        outcome->outputs = NULL;
    }
}

bool run_must(dag_run *run, Attempt *attempt) {
    Asking asking = { .run = run, .answer = REUSE_RUN };
    if (!run->reuse) {
        return true;
    }
    if (!attempt_guard(attempt, ask, &asking)) {
        sched_announce(run->sched, &attempt->launch, NULL, run->now);
        return false; /* without memory: the outcome says so */
    }
    if (asking.answer != REUSE_RUN) {
        settle(attempt, &asking);
        return false;
    }
    attempt->outcome.outputs = NULL;
    sched_announce(run->sched, &attempt->launch, asking.reason, run->now);
    return true;
}

static void remember(Attempt *attempt, void *arg) {
    dag_run *run = arg;
    ReuseQuestion q = question(run, attempt, &attempt->arena);
    run->reuse->completed(run->reuse->self, &q, attempt->outcome.outputs);
}

void run_remember(dag_run *run, Attempt *attempt) {
    const Outcome *outcome = &attempt->outcome;
    if (run->reuse && run->reuse->completed && outcome->state == DAG_COMPLETED &&
        !outcome->reused) {
        attempt_guard(attempt, remember, run);
    }
}
