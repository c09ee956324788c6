/*
 * chaos.c - what must hold however a run is interrupted: it comes to its end, every stage and task
 * ends at most once, nothing starts that may not, nothing is lost (the leak checker looks on).
 */
#include "chaos.h"

#include <stdio.h>
#include <string.h>

#include "core/sched_state.h"
#include "generate.h"

typedef struct Run {
    Random random;
    Chaos chaos;
    Plan *plan;
    Sim *sim;
    Fate fate;
    uint32_t steps; /* before it happens */
    bool happened;
    const char *wrong; /* the first that did not hold */
} Run;

/* After a cancel a task that runs may end as it likes, or is stopped. */
static void decide(void *self, uint32_t stage, const char *key, uint32_t attempt,
                   SimOutcome *outcome) {
    Run *run = self;
    generate_outcome(&run->fate, stage, key, attempt, outcome);
    if (run->happened && run->chaos == CHAOS_CANCEL && random_chance(&run->random, 70)) {
        outcome->state = DAG_CANCELLED;
    }
}

static void happen(Run *run) {
    Sched *s = run->sim->sched;
    run->happened = true;
    switch (run->chaos) {
    case CHAOS_CANCEL: sched_cancel(s, run->sim->now, "by the test"); break;
    case CHAOS_PAUSE: sched_pause(s); break;
    case CHAOS_MEMORY: break; /* from the start, by the number of the allocation */
    }
}

static void launch(Run *run) {
    while (sim_next(run->sim) != DAG_NONE) {
        if (run->happened && run->chaos != CHAOS_MEMORY) {
            run->wrong = "a task was started";
        }
        if (random_chance(&run->random, 30)) {
            return;
        }
    }
}

static bool is_over(Run *run, bool *deadlock) {
    int64_t wakeup = sched_wakeup(run->sim->sched);
    if (wakeup < INT64_MAX && wakeup > run->sim->now) {
        run->sim->now = wakeup;
        return false;
    }
    return sched_over(run->sim->sched, run->sim->now, deadlock);
}

static void to_the_end(Run *run) {
    bool deadlock = false;
    sim_start(run->sim);
    for (uint32_t step = 0; !run->wrong && step < 100000; step++) {
        if (step == run->steps) {
            happen(run);
        }
        launch(run);
        if (run->sim->nrunning > 0) {
            sim_finish(run->sim, random_below(&run->random, run->sim->nrunning));
        } else if (is_over(run, &deadlock)) {
            run->wrong = deadlock ? "deadlock" : run->wrong;
            return;
        }
    }
    run->wrong = run->wrong ? run->wrong : "it does not end";
}

static bool is_terminal(dag_state state) {
    return state != DAG_PENDING && state != DAG_RUNNING;
}

/* Every task and stage has ended, and once. */
static void check_ends(Run *run) {
    const Sim *sim = run->sim;
    bool all = run->chaos == CHAOS_CANCEL;
    for (uint32_t i = 0; i < sim->nrows; i++) {
        if (sim->rows[i].nterminal > 1 || (all && !is_terminal(sim->rows[i].state))) {
            run->wrong = "a task has not ended once";
        }
    }
    for (uint32_t i = 0; i < run->plan->nstages; i++) {
        if (sim->nends[i] > 1 || (all && sim->nends[i] == 0)) {
            run->wrong = "a stage has not ended once";
        }
    }
    if (run->chaos == CHAOS_MEMORY && sim->sched->oom && sched_verdict(sim->sched) != DAG_CRASHED) {
        run->wrong = "without memory it has not crashed";
    }
    if (sched_running(sim->sched) != 0) {
        run->wrong = "something runs";
    }
}

bool chaos_case(Chaos chaos, uint64_t seed, char *wrong, size_t size) {
    Run run = { .random = { seed }, .chaos = chaos };
    run.plan = generate_plan(&run.random);
    if (!run.plan) {
        snprintf(wrong, size, "no plan");
        return false;
    }
    run.fate = (Fate){ run.plan, seed, random_below(&run.random, 10) };
    run.steps = random_below(&run.random, 25);
    SimOptions options = {
        .jobs = 1 + random_below(&run.random, 5), .retry = -1, .decide = decide, .self = &run
    };
    run.sim = sim_new(run.plan, &options);
    if (chaos == CHAOS_MEMORY) {
        run.sim->sched->fail_in = 1 + random_below(&run.random, 60);
    }
    to_the_end(&run);
    if (!run.wrong) {
        check_ends(&run);
    }
    snprintf(wrong, size, "%s", run.wrong ? run.wrong : "");
    sim_free(run.sim);
    plan_free(run.plan);
    return wrong[0] == '\0';
}
