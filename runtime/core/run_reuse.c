/*
 * run_reuse.c - what is known of a task without running it: asks options.reuse, turns the answer
 * into an outcome, and tells it what has completed by running.
 */
#include "core/outputs.h"
#include "core/remake.h"

static ReuseQuestion question(dag_run *run, const Attempt *attempt, Arena *arena) {
    return (ReuseQuestion){ .stage = attempt->launch.stage,
                            .key = attempt->key,
                            .inputs = attempt->asked ? attempt->asked : attempt->inputs,
                            .run_inputs = run->inputs,
                            .anew = attempt->launch.was == DAG_PENDING
                                        ? NULL
                                        : remake_reason(run, &attempt->launch, arena),
                            .arena = arena,
                            .ended = run->root->returned };
}

const bool *run_asks(dag_run *run) {
    const dag_program *program = run->program;
    const dag_reuse *reuse = run->reuse;
    if (!reuse) {
        return NULL;
    }
    bool temps = program_has_temps(run->root->program);
    bool *asks = ARENA_ARRAY(&run->arena, program->nstages + 1, bool);
    for (uint32_t i = 0; i < program->nstages; i++) {
        bool numbered = run->root->resume && program->stages[i].body != DAG_BODY_NONE;
        asks[i] = temps || numbered || !reuse->asks || reuse->asks(reuse->self, i);
    }
    return asks;
}

bool run_is_asked(const dag_run *run, const Attempt *attempt) {
    return run->asks && run->asks[attempt->launch.stage];
}

typedef struct Asking {
    dag_run *run;
    ReuseAnswer answer;
    const char *reason;
    int64_t result; /* as of ReuseQuestion */
    RemakeAnswer inputs;
    Launch maker; /* WAIT: of what it needs */
} Asking;

/* The newest attempt that was handed out by a process that is gone, and that nobody knows the end of.
 * False: there is none. */
static bool adopt(dag_run *run, Attempt *attempt, const ReuseQuestion *q) {
    const dag_executor *queue = run_queue(run, attempt->stage);
    const dag_reuse *reuse = run->reuse;
    uint32_t known = attempt->launch.before, newest = 0;
    bool there = queue && queue->adopts && attempt->launch.attempt == 1;
    for (uint32_t n = 1; there; n++) {
        attempt->launch.before = n - 1;
        const char *dir = attempt_find_dir(attempt);
        there = dir || n < known;
        bool ended = reuse->ended && reuse->ended(reuse->self, q, n);
        newest = dir && !ended && queue->adopts(queue->self, attempt, dir) ? n : newest;
    }
    attempt->launch.before = newest > 0 ? newest - 1 : known;
    return newest > 0;
}

/* Folders of attempts that were begun and not recorded stay. */
static void number(dag_run *run, Attempt *attempt, const ReuseQuestion *q) {
    attempt->adopted = adopt(run, attempt, q);
    if (!attempt->adopted) {
        attempt_number_anew(attempt);
    }
}

static void ask(Attempt *attempt, void *arg) {
    Asking *asking = arg;
    dag_reuse *reuse = asking->run->reuse;
    ReuseQuestion q = question(asking->run, attempt, &attempt->arena);
    if (reuse->attempts) {
        attempt->launch.before = reuse->attempts(reuse->self, &q);
    }
    if (attempt->launch.attempt == 1) {
        dag_value *outputs = ARENA_ARRAY(&attempt->arena, attempt->stage->nout, dag_value);
        const char *reason = NULL;
        q.result = attempt->asked ? NULL : &asking->result;
        asking->answer = reuse->ask(reuse->self, &q, outputs, &reason);
        asking->reason = q.anew ? q.anew : asking->reason ? asking->reason : reason;
        attempt->outcome.outputs = outputs;
    }
    if (asking->answer == REUSE_RUN && asking->run->root->resume &&
        attempt->stage->body != DAG_BODY_NONE) {
        number(asking->run, attempt, &q);
    }
}

/* What is known of it may be of no use to those who need its files. */
static void note(Attempt *attempt, void *arg) {
    remake_note(arg, attempt);
}

/* Before it runs: are the files there that it needs? It is remembered as what was made of the known
 * ones, also where they were made again. */
static void look(Attempt *attempt, void *arg) {
    Asking *asking = arg;
    const char *reason = NULL;
    asking->inputs = remake_inputs(asking->run, attempt, &asking->maker, &reason);
    if (asking->inputs == REMAKE_LOST) {
        asking->answer = REUSE_SKIP;
        asking->reason = reason;
    }
}

static void settle(Attempt *attempt, const Asking *asking) {
    Outcome *outcome = &attempt->outcome;
    outcome->reused = true;
    outcome->reason = asking->reason;
    switch (asking->answer) {
    case REUSE_COMPLETED:
    case REUSE_RUN: outcome->state = DAG_COMPLETED; break;
    case REUSE_CACHED:
        outcome->state = DAG_CACHED;
        outcome->result = asking->result;
        break;
    case REUSE_CLOSED:
    case REUSE_FILTERED: outcome->state = DAG_FILTERED; break;
    case REUSE_SKIP: outcome->state = DAG_SKIPPED; break;
    }
    outcome->known = asking->answer == REUSE_COMPLETED || asking->answer == REUSE_FILTERED;
    if (outcome->state != DAG_COMPLETED && outcome->state != DAG_CACHED) {
        outcome->outputs = NULL;
    }
}

/* Asks; true: it must run, and may. */
static bool find_out(dag_run *run, Attempt *attempt, Asking *asking) {
    if (!attempt_guard(attempt, ask, asking) ||
        (asking->answer == REUSE_RUN && !attempt_guard(attempt, look, asking))) {
        sched_announce(run->sched, &attempt->launch, NULL, run->now);
        return false; /* without memory: the outcome says so */
    }
    if (asking->answer != REUSE_RUN) {
        settle(attempt, asking);
        attempt_guard(attempt, note, run);
        return false;
    }
    attempt->outcome.outputs = NULL;
    attempt->parked = asking->inputs == REMAKE_WAIT && !run->planning;
    return !attempt->parked;
}

bool run_must(dag_run *run, Attempt *attempt) {
    Asking asking = { .run = run, .answer = REUSE_RUN };
    if (!run_is_asked(run, attempt)) {
        return true;
    }
    if (find_out(run, attempt, &asking)) {
        sched_announce(run->sched, &attempt->launch, asking.reason, run->now);
        return true;
    }
    if (attempt->parked) {
        sched_wait(run->sched, &attempt->launch, asking.maker.stage, asking.maker.node, run->now);
    }
    return false;
}

static void remember(Attempt *attempt, void *arg) {
    dag_run *run = arg;
    ReuseQuestion q = question(run, attempt, &attempt->arena);
    run->reuse->completed(run->reuse->self, &q, attempt->outcome.outputs);
}

void run_remember(dag_run *run, Attempt *attempt) {
    const Outcome *outcome = &attempt->outcome;
    if (run_is_asked(run, attempt) && run->reuse->completed && outcome->state == DAG_COMPLETED &&
        !outcome->reused) {
        attempt_guard(attempt, remember, run);
    }
}
