/*
 * rules.c - see rules.h.
 */
#include "rules.h"

#include <CUnit/CUnit.h>
#include <string.h>

void rules_decide(void *self, uint32_t stage, const char *key, uint32_t attempt,
                  SimOutcome *outcome) {
    const Rules *rules = self;
    for (uint32_t i = 0; i < 4; i++) {
        outcome->n[i] = 3;
        for (uint32_t k = 0; k < SIM_MOST; k++) {
            outcome->values[i][k] = k;
        }
    }
    for (uint32_t i = 0; i < rules->n; i++) {
        const Rule *rule = &rules->rules[i];
        if (rule->stage != stage || (rule->key && strcmp(rule->key, key) != 0) ||
            (rule->attempts > 0 && attempt > rule->attempts)) {
            continue;
        }
        outcome->state = rule->state;
        outcome->exit_status = rule->state == DAG_FAILED ? 1 : 0;
        for (uint32_t k = 0; rule->state == DAG_COMPLETED && k < 4; k++) {
            outcome->n[k] = rule->n;
        }
    }
}

Sim *sim_of(Plan *plan, Rules *rules, uint32_t jobs) {
    SimOptions options = { .jobs = jobs, .retry = -1, .decide = rules_decide, .self = rules };
    CU_ASSERT_TRUE_FATAL(plan_finish(plan));
    Sim *sim = sim_new(plan, &options);
    CU_ASSERT_PTR_NOT_NULL_FATAL(sim);
    sim_start(sim);
    return sim;
}

Sim *ran(Plan *plan, const Rule *rules, uint32_t n) {
    Rules all = { rules, n };
    Sim *sim = sim_of(plan, &all, 2);
    CU_ASSERT_TRUE(sim_run(sim));
    return sim;
}

void done(Sim *sim) {
    Plan *plan = sim->plan;
    sim_free(sim);
    plan_free(plan);
}

uint32_t step(Plan *plan, dag_fan fan, uint32_t from, uint32_t *out) {
    uint32_t stage = plan_stage(plan, fan);
    if (from != DAG_NONE) {
        uint32_t in = plan_in(plan, stage);
        plan_edge(plan, from, in);
        plan->ports[in].list = fan == DAG_AGGREGATE;
    }
    *out = plan_out(plan, stage, false);
    return stage;
}

uint32_t source(Plan *plan, uint32_t *out) {
    uint32_t stage = plan_stage(plan, DAG_SINGLE);
    *out = plan_out(plan, stage, true);
    return stage;
}

uint32_t launch_all(Sim *sim) {
    uint32_t n = 0;
    while (sim_next(sim) != DAG_NONE) {
        n++;
    }
    return n;
}
