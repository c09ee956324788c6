/*
 * Every cell of the two tables by which a task is decided: what stands before it, in each state,
 * at each kind of gate; and what is missing for a key, at each kind of input.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"
#include "suites.h"

/* What a task of stage `a` comes to, in the tests below. */
typedef enum How {
    COMPLETES,
    IS_CACHED,
    FAILS,
    CRASHES,
    IS_CANCELLED,
    IS_SKIPPED, /* what it needs has failed */
    IS_FALSE,   /* its `when` */
    IS_CLOSED,  /* it is a gate whose body says no */
    IS_WITHOUT, /* what it needs is filtered: it has no task */
    EDGE_WHERE, /* it completes; the edge behind it lets nothing pass */
    EDGE_TAKE,  /* likewise, by `take` */
    HOWS
} How;

static const char *const how_names[HOWS] = {
    "completed",  "cached",      "failed",  "crashed",      "cancelled",   "skipped",
    "when false", "gate closed", "no task", "edge `where`", "edge `take`",
};

static bool is_dead(How how) {
    return how >= FAILS && how <= IS_SKIPPED;
}

enum { ITEMS, BEFORE, A, FIRST_CONSUMER };

/* What goes wrong, and for which key of `a`. */
typedef struct Trouble {
    How how;
    const char *key;
} Trouble;

/* An artifact is the number of its key. */
static void decide(void *self, uint32_t stage, const char *key, uint32_t attempt,
                   SimOutcome *outcome) {
    static const dag_state states[HOWS] = {
        [COMPLETES] = DAG_COMPLETED,  [IS_CACHED] = DAG_CACHED,       [FAILS] = DAG_FAILED,
        [CRASHES] = DAG_CRASHED,      [IS_CANCELLED] = DAG_CANCELLED, [IS_SKIPPED] = DAG_FAILED,
        [IS_FALSE] = DAG_COMPLETED,   [IS_CLOSED] = DAG_FILTERED,     [IS_WITHOUT] = DAG_COMPLETED,
        [EDGE_WHERE] = DAG_COMPLETED, [EDGE_TAKE] = DAG_COMPLETED,
    };
    const Trouble *trouble = self;
    Rules none = { NULL, 0 };
    rules_decide(&none, stage, key, attempt, outcome);
    if (stage != ITEMS) {
        outcome->values[0][0] = atoi(key);
    }
    bool here = stage == (trouble->how == IS_SKIPPED ? BEFORE : A);
    if (here && strcmp(key, trouble->key) == 0) {
        outcome->state = states[trouble->how];
    }
}

/* `items`, a stage before `a`, and `a`: over three keys, or only one. Returns the port of a. */
static uint32_t start_plan(Plan *plan, How how, bool many, int64_t missing) {
    uint32_t items;
    uint32_t before;
    uint32_t out;
    if (many) {
        source(plan, &items);
    } else {
        step(plan, DAG_SINGLE, DAG_NONE, &items);
    }
    step(plan, DAG_SINGLE, items, &before);
    step(plan, DAG_SINGLE, before, &out);
    PlanStage *a = &plan->stages[A];
    PlanCond other = { PLAN_NOT, missing };
    a->has_when = how == IS_FALSE;
    a->cond = other;
    a->flags |= how == IS_CLOSED ? DAG_STAGE_GATE : 0u;
    if (how == IS_WITHOUT) {
        plan->edges[plan->ports[a->in[0]].edges[0]].where = other;
    }
    plan->continue_on_error = true;
    return out;
}

/* A consumer of `from`; its edge leaves the key out if that is the trouble. Returns its input. */
static uint32_t consume(Plan *plan, dag_fan fan, uint32_t from, How how, int64_t missing) {
    uint32_t stage = plan_stage(plan, fan);
    uint32_t in = plan_in(plan, stage);
    PlanEdge *edge = &plan->edges[plan_edge(plan, from, in)];
    plan->ports[in].list = fan != DAG_SINGLE;
    if (how == EDGE_WHERE) {
        edge->where = (PlanCond){ PLAN_NOT, missing };
    } else if (how == EDGE_TAKE) {
        edge->take = missing > 0 ? 1 : 0;
    }
    plan_out(plan, stage, false);
    return in;
}

static Sim *start(Plan *plan, Trouble *trouble) {
    SimOptions options = { .jobs = 9, .retry = -1, .decide = decide, .self = trouble };
    CU_ASSERT_TRUE_FATAL(plan_finish(plan));
    Sim *sim = sim_new(plan, &options);
    sim_start(sim);
    return sim;
}

/* "skipped", "no task", or what it was started with: "[null]". */
static const char *came_to(const Sim *sim, uint32_t stage, const char *key) {
    const SimRow *row = sim_row(sim, stage, key);
    if (!row) {
        return "no task";
    }
    return row->inputs ? row->inputs : dag_state_name(row->state);
}

static void expect(const Sim *sim, uint32_t stage, const char *key, const char *want, How how,
                   const char *what) {
    const char *got = came_to(sim, stage, key);
    if (strcmp(got, want) != 0) {
        printf("\n  %s, %s: %s, expected %s\n", how_names[how], what, got, want);
    }
    CU_ASSERT_STRING_EQUAL(got, want);
}

/* ---------------------------------------------------------------- order edges */

/* Does `b` wait until `a` has ended? */
static void expect_waits(Sim *sim, uint32_t b) {
    while (sched_stage_state(sim->sched, A) == DAG_PENDING ||
           sched_stage_state(sim->sched, A) == DAG_RUNNING) {
        launch_all(sim);
        bool ended = sched_stage_state(sim->sched, A) != DAG_PENDING &&
                     sched_stage_state(sim->sched, A) != DAG_RUNNING;
        CU_ASSERT_TRUE(ended || !sim_row(sim, b, "-"));
        if (sim->nrunning > 0) {
            sim_finish(sim, 0);
        }
    }
}

static void order_cell(How how, dag_on on) {
    static const char *const names[] = { "on success", "on failure", "on always" };
    Trouble trouble = { how, "-" };
    Plan *plan = plan_new();
    uint32_t out;
    start_plan(plan, how, false, 0);
    uint32_t b = step(plan, DAG_SINGLE, DAG_NONE, &out);
    plan_order(plan, A, b, on);
    Sim *sim = start(plan, &trouble);
    expect_waits(sim, b);
    CU_ASSERT_TRUE(sim_run(sim));
    bool runs = on == DAG_ON_ALWAYS || (on == DAG_ON_FAILURE) == is_dead(how);
    expect(sim, b, "-", runs ? "[]" : "skipped", how, names[on]);
    CU_ASSERT_EQUAL(sched_stage_state(sim->sched, b), runs ? DAG_COMPLETED : DAG_SKIPPED);
    done(sim);
}

static void test_order_edges(void) {
    for (How how = COMPLETES; how <= IS_WITHOUT; how++) {
        order_cell(how, DAG_ON_SUCCESS);
        order_cell(how, DAG_ON_FAILURE);
        order_cell(how, DAG_ON_ALWAYS);
    }
}

/* ---------------------------------------------------------------- data */

static void test_data(void) {
    static const char *const names[] = { "required", "T?", "default" };
    static const char *const filtered[] = { "no task", "[null]", "[77]" };
    static const char *const dead[] = { "skipped", "[null]", "[77]" };
    for (How how = COMPLETES; how < HOWS; how++) {
        Trouble trouble = { how, "-" };
        Plan *plan = plan_new();
        uint32_t out = start_plan(plan, how, false, 0);
        for (int i = 0; i < 3; i++) {
            uint32_t in = consume(plan, DAG_SINGLE, out, how, 0);
            plan->ports[in].optional = i == 1;
            plan->ports[in].has_default = i == 2;
        }
        Sim *sim = start(plan, &trouble);
        expect_waits(sim, FIRST_CONSUMER);
        CU_ASSERT_TRUE(sim_run(sim));
        for (uint32_t i = 0; i < 3; i++) {
            const char *want = how <= IS_CACHED ? "[0]" : is_dead(how) ? dead[i] : filtered[i];
            expect(sim, FIRST_CONSUMER + i, "-", want, how, names[i]);
        }
        done(sim);
    }
}

/* ---------------------------------------------------------------- what is missing for a key */

typedef struct Cell {
    const char *what;
    dag_fan fan;
    bool optional, nulls, has_default;
    const char *key; /* of the task to look at; keys of `a` are 0 1 2, key 1 is missing */
    const char *filtered, *dead;
} Cell;

static const Cell cells[] = {
    { "required", DAG_SINGLE, 0, 0, 0, "1", "no task", "skipped" },
    { "T?", DAG_SINGLE, 1, 0, 0, "1", "[null]", "[null]" },
    { "default", DAG_SINGLE, 0, 0, 1, "1", "[77]", "[77]" },
    { "another key", DAG_SINGLE, 0, 0, 0, "0", "[0]", "[0]" },
    { "group: list<T>", DAG_GROUPED, 0, 0, 0, "1", "no task", "skipped" },
    { "group: list<T?>", DAG_GROUPED, 0, 1, 0, "1", "no task", "[[null]]" },
    { "group: list<T>?", DAG_GROUPED, 1, 0, 0, "1", "[null]", "skipped" },
    { "group: list<T?>?", DAG_GROUPED, 1, 1, 0, "1", "[null]", "[[null]]" },
    { "group: list<T> with a default", DAG_GROUPED, 0, 0, 1, "1", "[[77]]", "skipped" },
    { "group: list<T?> with a default", DAG_GROUPED, 0, 1, 1, "1", "[[77]]", "[[null]]" },
    { "another group", DAG_GROUPED, 0, 0, 0, "0", "[[0]]", "[[0]]" },
    { "all: list<T>", DAG_AGGREGATE, 0, 0, 0, "-", "[[0,2]]", "skipped" },
    { "all: list<T?>", DAG_AGGREGATE, 0, 1, 0, "-", "[[0,2]]", "[[0,null,2]]" },
    { "all: list<T>?", DAG_AGGREGATE, 1, 0, 0, "-", "[[0,2]]", "skipped" },
    { "all: list<T> with a default", DAG_AGGREGATE, 0, 0, 1, "-", "[[0,2]]", "skipped" },
};
enum { CELLS = sizeof cells / sizeof *cells };

static void test_missing(void) {
    for (How how = FAILS; how < HOWS; how++) {
        Trouble trouble = { how, "1" };
        Plan *plan = plan_new();
        uint32_t out = start_plan(plan, how, true, 1);
        for (int i = 0; i < CELLS; i++) {
            PlanPort *port = &plan->ports[consume(plan, cells[i].fan, out, how, 1)];
            port->optional = cells[i].optional;
            port->nulls = cells[i].nulls;
            port->has_default = cells[i].has_default;
        }
        Sim *sim = start(plan, &trouble);
        CU_ASSERT_TRUE(sim_run(sim));
        for (uint32_t i = 0; i < CELLS; i++) {
            const char *want = is_dead(how) ? cells[i].dead : cells[i].filtered;
            if (how == EDGE_TAKE && cells[i].fan == DAG_AGGREGATE) {
                want = "[[0]]"; /* `take 1` leaves out the last one too */
            }
            expect(sim, FIRST_CONSUMER + i, cells[i].key, want, how, cells[i].what);
        }
        done(sim);
    }
}

/* Nothing is left for a list at all. */
static void test_nothing_left(void) {
    static const char *const want[] = { "no task", "no task", "[null]", "[[77]]" };
    for (int where = 0; where < 2; where++) {
        Trouble trouble = { COMPLETES, "-" };
        Plan *plan = plan_new();
        uint32_t out = start_plan(plan, COMPLETES, true, 0);
        if (where) {
            plan->edges[plan->ports[plan->stages[A].in[0]].edges[0]].where =
                (PlanCond){ PLAN_AT_LEAST, 99 };
        }
        for (int i = 0; i < 4; i++) {
            uint32_t in = consume(plan, DAG_AGGREGATE, out, COMPLETES, 0);
            plan->ports[in].nulls = i == 1;
            plan->ports[in].optional = i == 2;
            plan->ports[in].has_default = i == 3;
            plan->edges[plan->ports[in].edges[0]].take = where ? DAG_NONE : 0;
        }
        Sim *sim = start(plan, &trouble);
        CU_ASSERT_TRUE(sim_run(sim));
        for (uint32_t i = 0; i < 4; i++) {
            expect(sim, FIRST_CONSUMER + i, "-", want[i], where ? IS_WITHOUT : EDGE_TAKE, "a list");
        }
        done(sim);
    }
}

/* ---------------------------------------------------------------- retries */

typedef struct Attempts {
    dag_state state;
    bool timed_out, oom;
} Attempts;

static void fail_as(void *self, uint32_t stage, const char *key, uint32_t attempt,
                    SimOutcome *outcome) {
    const Attempts *how = self;
    (void)stage, (void)key, (void)attempt;
    outcome->state = how->state;
    outcome->timed_out = how->timed_out;
    outcome->oom = how->oom;
    outcome->exit_status = 1;
}

static void test_causes(void) {
    static const Attempts hows[] = {
        { DAG_FAILED, false, false },    { DAG_FAILED, true, false },
        { DAG_CRASHED, false, false },   { DAG_CRASHED, false, true },
        { DAG_CANCELLED, false, false },
    };
    static const struct {
        uint32_t on;
        uint32_t attempts[5]; /* by hows */
    } rows[] = {
        { 0, { 3, 3, 3, 3, 1 } }, /* no `on`: every cause */
        { DAG_CAUSE_ANY, { 3, 3, 3, 3, 1 } },
        { DAG_CAUSE_TIMEOUT, { 1, 3, 1, 1, 1 } },
        { DAG_CAUSE_OOM, { 1, 1, 1, 3, 1 } },
        { DAG_CAUSE_CRASHED, { 1, 1, 3, 3, 1 } },
        { DAG_CAUSE_TIMEOUT | DAG_CAUSE_OOM, { 1, 3, 1, 3, 1 } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t k = 0; k < 5; k++) {
            Attempts how = hows[k];
            Plan *plan = plan_new();
            uint32_t out;
            step(plan, DAG_SINGLE, DAG_NONE, &out);
            plan->stages[0].retry = 2;
            plan->stages[0].retry_on = rows[i].on;
            SimOptions options = { .jobs = 1, .retry = -1, .decide = fail_as, .self = &how };
            CU_ASSERT_TRUE_FATAL(plan_finish(plan));
            Sim *sim = sim_new(plan, &options);
            sim_start(sim);
            CU_ASSERT_TRUE(sim_run(sim));
            CU_ASSERT_EQUAL(sim->nattempts, rows[i].attempts[k]);
            CU_ASSERT_EQUAL(sched_stage_state(sim->sched, 0), how.state);
            done(sim);
        }
    }
}

/* D, 2D, 4D, up to an hour. */
static void test_backoff(void) {
    const int64_t minute = INT64_C(60) * 1000000000;
    Attempts how = { DAG_FAILED, false, false };
    Plan *plan = plan_new();
    uint32_t out;
    step(plan, DAG_SINGLE, DAG_NONE, &out);
    plan->stages[0].retry = 5;
    plan->stages[0].backoff = 10 * minute;
    SimOptions options = { .jobs = 1, .retry = -1, .decide = fail_as, .self = &how };
    CU_ASSERT_TRUE_FATAL(plan_finish(plan));
    Sim *sim = sim_new(plan, &options);
    sim_start(sim);
    static const int64_t waits[] = { 10, 20, 40, 60, 60 };
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(launch_all(sim), 1);
        sim_finish(sim, 0);
        CU_ASSERT_EQUAL(sched_wakeup(sim->sched) - sim->now, waits[i] * minute);
        CU_ASSERT_EQUAL(launch_all(sim), 0);
        sim->now = sched_wakeup(sim->sched);
    }
    CU_ASSERT_TRUE(sim_run(sim));
    CU_ASSERT_EQUAL(sim->nattempts, 6);
    done(sim);
}

/* ---------------------------------------------------------------- limits of the run */

static void test_max_parallel_of_run(void) {
    Plan *plan = plan_new();
    uint32_t item;
    uint32_t out;
    source(plan, &item);
    step(plan, DAG_SINGLE, item, &out);
    step(plan, DAG_SINGLE, item, &out);
    CU_ASSERT_TRUE_FATAL(plan_finish(plan));
    plan->program.max_parallel = 2;
    Rules none = { NULL, 0 };
    SimOptions options = { .jobs = 9, .retry = -1, .decide = rules_decide, .self = &none };
    Sim *sim = sim_new(plan, &options);
    sim_start(sim);
    CU_ASSERT_EQUAL(launch_all(sim), 1);
    sim_finish(sim, 0);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(launch_all(sim), i == 0 ? 2 : 1);
        CU_ASSERT_EQUAL(sim->nrunning, 2);
        sim_finish(sim, 0);
    }
    CU_ASSERT_TRUE(sim_run(sim));
    done(sim);
}

void suite_gates(void) {
    CU_pSuite suite = CU_add_suite("gates", NULL, NULL);
    CU_add_test(suite, "order edges, cell by cell", test_order_edges);
    CU_add_test(suite, "data, cell by cell", test_data);
    CU_add_test(suite, "what is missing for a key, cell by cell", test_missing);
    CU_add_test(suite, "nothing left for a list", test_nothing_left);
    CU_add_test(suite, "causes of retries", test_causes);
    CU_add_test(suite, "back-off", test_backoff);
    CU_add_test(suite, "max_parallel of the run", test_max_parallel_of_run);
}
