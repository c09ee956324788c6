/*
 * Tests of the scheduler: one rule each. The random comparison with the reference is in tests/model.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sched_state.h"
#include "rules.h"
#include "suites.h"

/* ---------------------------------------------------------------- data */

static void test_chain(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t b;
    uint32_t c;
    step(plan, DAG_SINGLE, DAG_NONE, &a);
    step(plan, DAG_SINGLE, a, &b);
    step(plan, DAG_SINGLE, b, &c);
    plan_output(plan, c);
    Sim *sim = ran(plan, NULL, 0);
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 2), "-:completed");
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_COMPLETED);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 1), DAG_COMPLETED);
    CU_ASSERT_EQUAL(sim->nattempts, 3);
    done(sim);
}

static void test_fan_out_and_in(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t all;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    step(plan, DAG_AGGREGATE, item, &all);
    Sim *sim = ran(plan, NULL, 0);
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 1), "0:completed 1:completed 2:completed");
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 2), "-:completed");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 1, "2")->inputs, "[2]");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 2, "-")->inputs, "[[0,1,2]]");
    done(sim);
}

static void test_failure_skips(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t next;
    uint32_t all;
    plan->continue_on_error = true;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    step(plan, DAG_SINGLE, each, &next);
    step(plan, DAG_AGGREGATE, next, &all);
    const Rule rules[] = { { 1, "1", DAG_FAILED, 0, 0 } };
    Sim *sim = ran(plan, rules, 1);
    CU_ASSERT_EQUAL(sim_row(sim, 2, "1")->state, DAG_SKIPPED);
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 2, "1")->reason, "`s1` failed");
    CU_ASSERT_EQUAL(sim_row(sim, 2, "2")->state, DAG_COMPLETED);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 1), DAG_FAILED);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 2), DAG_COMPLETED);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 3), DAG_SKIPPED);
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_FAILED);
    CU_ASSERT_STRING_EQUAL(sched_first_error(sim->sched).key, "1");
    done(sim);
}

static void test_dead_stream(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t next;
    plan->continue_on_error = true;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    step(plan, DAG_SINGLE, each, &next);
    const Rule rules[] = { { 0, NULL, DAG_FAILED, 0, 0 } };
    Sim *sim = ran(plan, rules, 1);
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 1), "-:skipped");
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 2), "-:skipped");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 2, "-")->reason, "`s0` failed");
    done(sim);
}

static void test_where(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t all;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    plan->edges[0].where = (PlanCond){ PLAN_AT_LEAST, 1 };
    step(plan, DAG_AGGREGATE, each, &all);
    Sim *sim = ran(plan, NULL, 0);
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 1), "1:completed 2:completed");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 2, "-")->inputs, "[[0,0]]");
    done(sim);
}

static void test_empty_stream(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t all;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    step(plan, DAG_AGGREGATE, each, &all);
    const Rule rules[] = { { 0, NULL, DAG_COMPLETED, 0, 0 } };
    Sim *sim = ran(plan, rules, 1);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 1), DAG_FILTERED);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 2), DAG_FILTERED);
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_COMPLETED);
    done(sim);
}

/* ---------------------------------------------------------------- fans */

/* A stage on what two outputs feed, each by an input of its own; `lists` says which gather. */
static uint32_t join(Plan *plan, dag_fan fan, uint32_t a, uint32_t b, unsigned lists) {
    uint32_t stage = plan_stage(plan, fan);
    uint32_t x = plan_in(plan, stage);
    uint32_t y = plan_in(plan, stage);
    plan->ports[x].list = lists & 1;
    plan->ports[y].list = (lists & 2) != 0;
    plan_edge(plan, a, x);
    plan_edge(plan, b, y);
    return stage;
}

static void test_nested_and_grouped(void) {
    Plan *plan = plan_new();
    uint32_t outer;
    source(plan, &outer);
    uint32_t split = plan_stage(plan, DAG_SINGLE);
    plan_edge(plan, outer, plan_in(plan, split));
    uint32_t inner = plan_out(plan, split, true);
    uint32_t out;
    step(plan, DAG_SINGLE, inner, &out);
    uint32_t grouped = join(plan, DAG_GROUPED, outer, out, 2);
    const Rule rules[] = { { 0, NULL, DAG_COMPLETED, 0, 2 },
                           { 1, "0", DAG_COMPLETED, 0, 2 },
                           { 1, "1", DAG_COMPLETED, 0, 1 } };
    Sim *sim = ran(plan, rules, 3);
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 2), "0.0:completed 0.1:completed 1.0:completed");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, grouped, "0")->inputs, "[0,[0,0]]");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, grouped, "1")->inputs, "[1,[0]]");
    done(sim);
}

static void test_nested_dead(void) {
    Plan *plan = plan_new();
    uint32_t outer;
    plan->continue_on_error = true;
    source(plan, &outer);
    uint32_t split = plan_stage(plan, DAG_SINGLE);
    plan_edge(plan, outer, plan_in(plan, split));
    uint32_t inner = plan_out(plan, split, true);
    uint32_t out;
    uint32_t each = step(plan, DAG_SINGLE, inner, &out);
    uint32_t all = step(plan, DAG_AGGREGATE, out, &out);
    uint32_t in = plan->stages[all].in[0];
    plan->ports[in].nulls = true;
    const Rule rules[] = { { 0, NULL, DAG_COMPLETED, 0, 2 },
                           { 1, "0", DAG_FAILED, 0, 0 },
                           { 1, "1", DAG_COMPLETED, 0, 2 } };
    Sim *sim = ran(plan, rules, 3);
    CU_ASSERT_EQUAL(sim_row(sim, each, "0")->state, DAG_SKIPPED);
    CU_ASSERT_EQUAL(sim_row(sim, each, "1.1")->state, DAG_COMPLETED);
    CU_ASSERT_STRING_EQUAL(sim_row(sim, all, "-")->inputs, "[[null,0,0]]");
    done(sim);
}

static void test_cross(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t b;
    source(plan, &a);
    source(plan, &b);
    uint32_t stage = join(plan, DAG_CROSS, a, b, 0);
    const Rule rules[] = { { 0, NULL, DAG_COMPLETED, 0, 2 }, { 1, NULL, DAG_COMPLETED, 0, 2 } };
    Sim *sim = ran(plan, rules, 2);
    CU_ASSERT_STRING_EQUAL(sim_states(sim, stage),
                           "0.0:completed 0.1:completed 1.0:completed 1.1:completed");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, stage, "1.0")->inputs, "[1,0]");
    done(sim);
}

/* So many combinations that they are not even counted one by one. */
static void test_cross_too_large(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t b;
    source(plan, &a);
    source(plan, &b);
    uint32_t stage = join(plan, DAG_CROSS, a, b, 0);
    plan->stages[stage].max_tasks = 100;
    const Rule rules[] = { { 0, NULL, DAG_COMPLETED, 0, 3 },
                           { 1, NULL, DAG_COMPLETED, 0, 1100000 } };
    Sim *sim = ran(plan, rules, 2);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, stage), DAG_FAILED);
    CU_ASSERT_STRING_EQUAL(sched_first_error(sim->sched).error.type, "limit");
    done(sim);
}

static void test_merge(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t b;
    source(plan, &a);
    step(plan, DAG_SINGLE, DAG_NONE, &b);
    uint32_t stage = plan_stage(plan, DAG_SINGLE);
    uint32_t in = plan_in(plan, stage);
    plan->ports[in].merge = true;
    plan_edge(plan, a, in);
    plan_edge(plan, b, in);
    const Rule rules[] = { { 0, NULL, DAG_COMPLETED, 0, 2 } };
    Sim *sim = ran(plan, rules, 1);
    CU_ASSERT_EQUAL(sim_row(sim, stage, "0:0")->state, DAG_COMPLETED);
    CU_ASSERT_EQUAL(sim_row(sim, stage, "0:1")->state, DAG_COMPLETED);
    CU_ASSERT_EQUAL(sim_row(sim, stage, "1:-")->state, DAG_COMPLETED);
    done(sim);
}

static void test_any(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t a;
    uint32_t b;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &a);
    plan->edges[0].where = (PlanCond){ PLAN_AT_LEAST, 1 };
    step(plan, DAG_SINGLE, item, &b);
    uint32_t stage = plan_stage(plan, DAG_SINGLE);
    uint32_t in = plan_in(plan, stage);
    plan->ports[in].any = true;
    plan_edge(plan, a, in);
    plan_edge(plan, item, in);
    Sim *sim = ran(plan, NULL, 0);
    CU_ASSERT_STRING_EQUAL(sim_row(sim, stage, "0")->inputs, "[0]");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, stage, "2")->inputs, "[0]"); /* of `a`, which gives 0 */
    done(sim);
}

static void test_take(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t out;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &out);
    plan->edges[0].take = 2;
    plan->edges[0].order = (PlanCond){ PLAN_AT_LEAST, 0 };
    plan->edges[0].desc = true;
    step(plan, DAG_AGGREGATE, item, &out);
    plan->edges[1].take = 2;
    plan->edges[1].order = (PlanCond){ PLAN_AT_LEAST, 0 };
    plan->edges[1].desc = true;
    Sim *sim = ran(plan, NULL, 0);
    CU_ASSERT_STRING_EQUAL(sim_states(sim, 1), "1:completed 2:completed");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 2, "-")->inputs, "[[2,1]]");
    done(sim);
}

static void test_barrier(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t out;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    step(plan, DAG_SINGLE, each, &out);
    plan->stages[2].flags = DAG_STAGE_BARRIER;
    Rules none = { NULL, 0 };
    Sim *sim = sim_of(plan, &none, 9);
    sim_next(sim);
    sim_finish(sim, 0);
    while (sim_next(sim) != DAG_NONE) {
    }
    sim_finish(sim, 0);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(sim_next(sim), DAG_NONE);
    CU_ASSERT_EQUAL(sim->nrunning, 1);
    sim_finish(sim, 0);
    CU_ASSERT_NOT_EQUAL(sim_next(sim), DAG_NONE);
    CU_ASSERT_TRUE(sim_run(sim));
    done(sim);
}

/* A condition that fails is its task's failure. */
static void test_broken_conditions(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t out;
    plan->continue_on_error = true;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &out);
    plan->edges[0].where = (PlanCond){ PLAN_BROKEN, 1 };
    step(plan, DAG_SINGLE, item, &out);
    plan->stages[2].has_when = true;
    plan->stages[2].cond = (PlanCond){ PLAN_BROKEN, 1 };
    Sim *sim = ran(plan, NULL, 0);
    CU_ASSERT_EQUAL(sim_row(sim, 1, "0")->state, DAG_FAILED);
    CU_ASSERT_EQUAL(sim_row(sim, 1, "1")->state, DAG_COMPLETED);
    CU_ASSERT_EQUAL(sim_row(sim, 2, "0")->state, DAG_FAILED);
    CU_ASSERT_EQUAL(sim_row(sim, 2, "0")->attempt, 0);
    CU_ASSERT_EQUAL(sim_row(sim, 2, "1")->state, DAG_COMPLETED);
    done(sim);
}

/* ---------------------------------------------------------------- order, errors */

static void test_order_edges(void) {
    Plan *plan = plan_new();
    uint32_t out;
    plan->continue_on_error = true;
    for (int i = 0; i < 6; i++) {
        step(plan, DAG_SINGLE, DAG_NONE, &out);
    }
    plan_order(plan, 0, 1, DAG_ON_SUCCESS);
    plan_order(plan, 0, 2, DAG_ON_FAILURE);
    plan_order(plan, 0, 3, DAG_ON_ALWAYS);
    plan_order(plan, 4, 5, DAG_ON_FAILURE);
    const Rule rules[] = { { 0, NULL, DAG_FAILED, 0, 0 } };
    Sim *sim = ran(plan, rules, 1);
    const dag_state want[] = { DAG_FAILED,    DAG_SKIPPED,   DAG_COMPLETED,
                               DAG_COMPLETED, DAG_COMPLETED, DAG_SKIPPED };
    for (uint32_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(sched_stage_state(sim->sched, i), want[i]);
    }
    done(sim);
}

static void test_stop(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t out;
    step(plan, DAG_SINGLE, DAG_NONE, &a);
    step(plan, DAG_SINGLE, a, &out);        /* skipped */
    step(plan, DAG_SINGLE, DAG_NONE, &out); /* runs beside it */
    step(plan, DAG_SINGLE, out, &out);      /* cancelled */
    step(plan, DAG_SINGLE, out, &out);      /* skipped: its data is dead */
    step(plan, DAG_SINGLE, DAG_NONE, &out); /* rescue */
    step(plan, DAG_SINGLE, out, &out);      /* behind the rescue */
    plan_order(plan, 0, 5, DAG_ON_FAILURE);
    const Rule rules[] = { { 0, NULL, DAG_FAILED, 0, 0 } };
    Sim *sim = ran(plan, rules, 1);
    const dag_state want[] = { DAG_FAILED,  DAG_SKIPPED,   DAG_COMPLETED, DAG_CANCELLED,
                               DAG_SKIPPED, DAG_COMPLETED, DAG_COMPLETED };
    for (uint32_t i = 0; i < 7; i++) {
        CU_ASSERT_EQUAL(sched_stage_state(sim->sched, i), want[i]);
    }
    done(sim);
}

static void test_may_fail(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t out;
    step(plan, DAG_SINGLE, DAG_NONE, &a);
    plan->stages[0].flags = DAG_STAGE_MAY_FAIL;
    step(plan, DAG_SINGLE, a, &out);
    plan->ports[plan->stages[1].in[0]].optional = true;
    const Rule rules[] = { { 0, NULL, DAG_CRASHED, 0, 0 } };
    Sim *sim = ran(plan, rules, 1);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 0), DAG_CRASHED);
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 1, "-")->inputs, "[null]");
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_COMPLETED);
    CU_ASSERT_PTR_NULL(sched_first_error(sim->sched).error.type);
    done(sim);
}

static void test_retry(void) {
    Plan *plan = plan_new();
    uint32_t out;
    step(plan, DAG_SINGLE, DAG_NONE, &out);
    plan->stages[0].retry = 2;
    plan->stages[0].backoff = 100;
    const Rule rules[] = { { 0, NULL, DAG_FAILED, 2, 0 } };
    Rules all = { rules, 1 };
    Sim *sim = sim_of(plan, &all, 1);
    CU_ASSERT_EQUAL(sim_next(sim), 0);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(sched_wakeup(sim->sched), 1100);
    CU_ASSERT_EQUAL(sim_next(sim), DAG_NONE);
    sim->now = 1100;
    CU_ASSERT_EQUAL(sim_next(sim), 0);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(sched_wakeup(sim->sched), 1300);
    CU_ASSERT_TRUE(sim_run(sim));
    CU_ASSERT_EQUAL(sim_row(sim, 0, "-")->state, DAG_COMPLETED);
    CU_ASSERT_EQUAL(sim_row(sim, 0, "-")->attempt, 3);
    CU_ASSERT_EQUAL(sim_row(sim, 0, "-")->nrunning, 1);
    CU_ASSERT_EQUAL(sim->nattempts, 3);
    done(sim);
}

static void test_cancel(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t all;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    step(plan, DAG_AGGREGATE, each, &all);
    const Rule rules[] = { { 1, NULL, DAG_CANCELLED, 0, 0 } };
    Rules one = { rules, 1 };
    Sim *sim = sim_of(plan, &one, 2);
    sim_next(sim);
    sim_finish(sim, 0);
    sim_next(sim);
    sched_cancel(sim->sched, sim->now, "by the user");
    CU_ASSERT_TRUE(sim_run(sim));
    CU_ASSERT_EQUAL(sim_row(sim, 1, "0")->state, DAG_CANCELLED);
    CU_ASSERT_EQUAL(sim_row(sim, 1, "2")->state, DAG_CANCELLED);
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 1, "2")->reason, "by the user");
    CU_ASSERT_EQUAL(sim_row(sim, 2, "-")->state, DAG_CANCELLED);
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_CANCELLED);
    done(sim);
}

static void test_pause(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t b;
    step(plan, DAG_SINGLE, DAG_NONE, &a);
    step(plan, DAG_SINGLE, a, &b);
    Rules none = { NULL, 0 };
    Sim *sim = sim_of(plan, &none, 2);
    sim_next(sim);
    sched_pause(sim->sched);
    bool deadlock;
    CU_ASSERT_FALSE(sched_over(sim->sched, sim->now, &deadlock));
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(sim_next(sim), DAG_NONE);
    CU_ASSERT_TRUE(sched_over(sim->sched, sim->now, &deadlock));
    CU_ASSERT_FALSE(deadlock);
    CU_ASSERT_EQUAL(sim_row(sim, 0, "-")->state, DAG_COMPLETED);
    CU_ASSERT_PTR_NULL(sim_row(sim, 1, "-"));
    done(sim);
}

/* ---------------------------------------------------------------- reports */

static void expect_report(const Sim *sim, const char *want) {
    Arena arena = { 0 };
    const char *got = sched_stall_report(sim->sched, sim->now, &arena);
    if (strcmp(got, want) != 0) {
        printf("\n  report:%s\n  expected:%s\n", got, want);
    }
    CU_ASSERT_STRING_EQUAL(got, want);
    arena_free(&arena);
}

/* One line for each gate at which a stage can wait. */
static void test_stall_report(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t out;
    source(plan, &item);                    /* 0 */
    step(plan, DAG_SINGLE, item, &each);    /* 1: fails, waits for its back-off */
    step(plan, DAG_SINGLE, each, &out);     /* 2: data */
    step(plan, DAG_SINGLE, item, &out);     /* 3: order */
    step(plan, DAG_SINGLE, each, &out);     /* 4: barrier */
    step(plan, DAG_SINGLE, item, &out);     /* 5: max_parallel */
    step(plan, DAG_SINGLE, item, &out);     /* 6: resource */
    step(plan, DAG_AGGREGATE, item, &out);  /* 7: has ended */
    step(plan, DAG_SINGLE, item, &out);     /* 8: jobs */
    step(plan, DAG_SINGLE, DAG_NONE, &out); /* 9: order, without data */
    plan_order(plan, 1, 3, DAG_ON_ALWAYS);
    plan_order(plan, 3, 9, DAG_ON_FAILURE);
    plan->stages[1].retry = 1;
    plan->stages[1].backoff = 90 * INT64_C(1000000000);
    plan->stages[4].flags = DAG_STAGE_BARRIER;
    plan->stages[5].max_parallel = 1;
    plan->stages[6].amount[0] = 2;
    CU_ASSERT_TRUE_FATAL(plan_finish(plan));
    dag_resource capacity = { plan->program.resources[0].name, 3, 1 };
    const Rule rules[] = { { 1, "2", DAG_FAILED, 1, 0 } };
    Rules all = { rules, 1 };
    SimOptions options = { 4, -1, &capacity, 1, rules_decide, &all };
    Sim *sim = sim_new(plan, &options);
    sim_start(sim);
    launch_all(sim);
    sim_finish(sim, 0);
    while (sched_stage_state(sim->sched, 7) != DAG_COMPLETED) {
        launch_all(sim);
        for (uint32_t i = 0; i < sim->nrunning; i++) {
            uint32_t stage = sim->running[i].launch.stage;
            if (stage == 1 || stage == 2 || stage == 7) {
                sim_finish(sim, i);
                break;
            }
        }
    }
    launch_all(sim);
    expect_report(sim, "\n  `s1` waits for its back-off: task 2 failed, attempt 2 begins in 1m30s"
                       "\n  `s2` waits at its input `p3` for `s1`, which is running"
                       "\n  `s3` waits at `=> on always` for `s1`, which is running"
                       "\n  `s4` waits at its barrier for `s1`, which is running"
                       "\n  `s5` waits at its `max_parallel 1`, with 1 running"
                       "\n  `s6` waits for the resource `resource0`, of which 2 of 3 are in use"
                       "\n  `s8` waits for one of 4 jobs"
                       "\n  `s9` waits at `=> on failure` for `s3`, which is pending");
    CU_ASSERT_TRUE(sim_run(sim));
    expect_report(sim, "");
    done(sim);
}

/* What no event would decide is found, told and ended. */
static void test_deadlock(void) {
    Plan *plan = plan_new();
    uint32_t a;
    uint32_t b;
    uint32_t c;
    step(plan, DAG_SINGLE, DAG_NONE, &a);
    step(plan, DAG_SINGLE, DAG_NONE, &b);
    step(plan, DAG_SINGLE, b, &c);
    plan_order(plan, 0, 1, DAG_ON_SUCCESS);
    Rules none = { NULL, 0 };
    Sim *sim = sim_of(plan, &none, 1);
    stage_run(sim->sched, 1)->gates++; /* a gate that nobody opens */
    launch_all(sim);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(launch_all(sim), 0);
    expect_report(sim, "\n  `s1` is pending and waits for nothing"
                       "\n  `s2` waits at its input `p2` for `s1`, which is pending");
    bool deadlock;
    CU_ASSERT_TRUE(sched_over(sim->sched, sim->now, &deadlock));
    CU_ASSERT_TRUE(deadlock);
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_FAILED);
    CU_ASSERT_EQUAL(sim_row(sim, 1, "-")->state, DAG_CANCELLED);
    CU_ASSERT_EQUAL(sim->stages[0], DAG_COMPLETED);
    CU_ASSERT_EQUAL(sim->stages[1], DAG_CANCELLED);
    CU_ASSERT_EQUAL(sim->stages[2], DAG_CANCELLED);
    done(sim);
}

/* ---------------------------------------------------------------- limits */

static void test_jobs_and_max_parallel(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t out;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &out);
    step(plan, DAG_SINGLE, item, &out);
    plan->stages[1].max_parallel = 1;
    Rules none = { NULL, 0 };
    Sim *sim = sim_of(plan, &none, 3);
    launch_all(sim);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(launch_all(sim), 3); /* one of stage 1, two of stage 2 */
    CU_ASSERT_EQUAL(sim->running[0].launch.stage, 1);
    CU_ASSERT_EQUAL(sim->running[1].launch.stage, 2);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(launch_all(sim), 1);
    CU_ASSERT_TRUE(sim_run(sim));
    done(sim);
}

static void test_resources(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t out;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &out);
    plan->stages[1].amount[0] = 2;
    plan->stages[1].grow = 2;
    plan->stages[1].retry = 1;
    CU_ASSERT_TRUE_FATAL(plan_finish(plan));
    dag_resource capacity = { plan->program.resources[0].name, 5, 1 };
    const Rule rules[] = { { 1, "0", DAG_FAILED, 1, 0 } };
    Rules one = { rules, 1 };
    SimOptions options = { 9, -1, &capacity, 1, rules_decide, &one };
    Sim *sim = sim_new(plan, &options);
    sim_start(sim);
    launch_all(sim);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(launch_all(sim), 2);
    sim_finish(sim, 0); /* "0" fails and wants 4 the next time */
    CU_ASSERT_EQUAL(launch_all(sim), 0);
    sim_finish(sim, 0);
    CU_ASSERT_EQUAL(launch_all(sim), 1);
    CU_ASSERT_EQUAL(sim->running[0].launch.attempt, 2);
    CU_ASSERT_TRUE(sim_run(sim));
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_COMPLETED);
    done(sim);
}

/* A resource that was given back goes to the first stage for which there is enough. */
static void test_resource_order(void) {
    const uint32_t wants[] = { 2, 2, 1, 3, 1, 1 };
    Plan *plan = plan_new();
    for (uint32_t i = 0; i < 6; i++) {
        uint32_t out;
        step(plan, DAG_SINGLE, DAG_NONE, &out);
        plan->stages[i].amount[0] = wants[i];
    }
    CU_ASSERT_TRUE_FATAL(plan_finish(plan));
    dag_resource capacity = { plan->program.resources[0].name, 3, 1 };
    Rules none = { NULL, 0 };
    SimOptions options = { 9, -1, &capacity, 1, rules_decide, &none };
    Sim *sim = sim_new(plan, &options);
    sim_start(sim);
    CU_ASSERT_EQUAL(launch_all(sim), 2);
    CU_ASSERT_EQUAL(sim->running[1].launch.stage, 2);
    sim_finish(sim, 1); /* 1 of 3 is left: too little for 1 and 3 */
    CU_ASSERT_EQUAL(launch_all(sim), 1);
    CU_ASSERT_EQUAL(sim->running[1].launch.stage, 4);
    sim_finish(sim, 0); /* 2 of 3: enough for 1, then nothing is left */
    CU_ASSERT_EQUAL(launch_all(sim), 1);
    CU_ASSERT_EQUAL(sim->running[1].launch.stage, 1);
    sim_finish(sim, 1); /* 2 of 3: too little for 3, enough for 5 */
    CU_ASSERT_EQUAL(launch_all(sim), 1);
    CU_ASSERT_EQUAL(sim->running[1].launch.stage, 5);
    CU_ASSERT_TRUE(sim_run(sim));
    CU_ASSERT_EQUAL(sched_verdict(sim->sched), DAG_COMPLETED);
    done(sim);
}

static void test_max_tasks(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t each;
    uint32_t next;
    plan->continue_on_error = true;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &each);
    step(plan, DAG_SINGLE, each, &next);
    plan->stages[1].max_tasks = 2;
    Sim *sim = ran(plan, NULL, 0);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 1), DAG_FAILED);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 2), DAG_SKIPPED);
    CU_ASSERT_STRING_EQUAL(sched_first_error(sim->sched).error.type, "limit");
    CU_ASSERT_PTR_NULL(sched_first_error(sim->sched).key);
    done(sim);
}

static void test_gate(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t through;
    uint32_t past;
    uint32_t out;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &through);
    plan->stages[1].flags = DAG_STAGE_GATE;
    step(plan, DAG_SINGLE, item, &past);
    plan->stages[2].flags = DAG_STAGE_GATE | DAG_STAGE_PASSTHROUGH;
    step(plan, DAG_SINGLE, through, &out);
    step(plan, DAG_SINGLE, past, &out);
    const Rule rules[] = { { 1, "1", DAG_FILTERED, 0, 0 }, { 2, "1", DAG_FILTERED, 0, 0 } };
    Sim *sim = ran(plan, rules, 2);
    CU_ASSERT_EQUAL(sim_row(sim, 1, "1")->state, DAG_FILTERED);
    CU_ASSERT_PTR_NULL(sim_row(sim, 3, "1"));
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 3, "2")->inputs, "[2]");
    CU_ASSERT_STRING_EQUAL(sim_row(sim, 4, "1")->inputs, "[1]");
    done(sim);
}

void suite_sched(void) {
    CU_pSuite suite = CU_add_suite("sched", NULL, NULL);
    CU_add_test(suite, "chain", test_chain);
    CU_add_test(suite, "fan out and in", test_fan_out_and_in);
    CU_add_test(suite, "failure skips", test_failure_skips);
    CU_add_test(suite, "dead stream", test_dead_stream);
    CU_add_test(suite, "where", test_where);
    CU_add_test(suite, "empty stream", test_empty_stream);
    CU_add_test(suite, "nested, grouped", test_nested_and_grouped);
    CU_add_test(suite, "nested, dead", test_nested_dead);
    CU_add_test(suite, "cross", test_cross);
    CU_add_test(suite, "cross, too large", test_cross_too_large);
    CU_add_test(suite, "merge", test_merge);
    CU_add_test(suite, "any", test_any);
    CU_add_test(suite, "take", test_take);
    CU_add_test(suite, "barrier", test_barrier);
    CU_add_test(suite, "broken conditions", test_broken_conditions);
    CU_add_test(suite, "order edges", test_order_edges);
    CU_add_test(suite, "on_error stop", test_stop);
    CU_add_test(suite, "may_fail", test_may_fail);
    CU_add_test(suite, "retry", test_retry);
    CU_add_test(suite, "cancel", test_cancel);
    CU_add_test(suite, "pause", test_pause);
    CU_add_test(suite, "jobs, max_parallel", test_jobs_and_max_parallel);
    CU_add_test(suite, "resources", test_resources);
    CU_add_test(suite, "who gets a resource first", test_resource_order);
    CU_add_test(suite, "max_tasks", test_max_tasks);
    CU_add_test(suite, "gate", test_gate);
    CU_add_test(suite, "stall report", test_stall_report);
    CU_add_test(suite, "deadlock", test_deadlock);
}
