/*
 * generate.c - see generate.h.
 */
#include "generate.h"

#include <string.h>

enum { DEEPEST = 4, MOST_KEYS = 200 };

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t random_next(Random *random) {
    uint64_t x = random->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint32_t random_below(Random *random, uint32_t n) {
    return n == 0 ? 0 : (uint32_t)(random_next(random) % n);
}

bool random_chance(Random *random, uint32_t percent) {
    return random_below(random, 100) < percent;
}

/* ---------------------------------------------------------------- inputs */

/* An output of an earlier stage; DAG_NONE: there is none. */
static uint32_t some_output(const Plan *plan, Random *random) {
    for (int i = 0; i < 50; i++) {
        uint32_t port = random_below(random, plan->nports);
        if (plan->nports > 0 && plan->ports[port].out &&
            plan->ports[port].stage + 1 < plan->nstages) {
            return port;
        }
    }
    return DAG_NONE;
}

static bool is_fed_by(const Plan *plan, uint32_t in, uint32_t from) {
    for (uint32_t i = 0; i < plan->ports[in].nedges; i++) {
        if (plan->edges[plan->ports[in].edges[i]].from == from) {
            return true;
        }
    }
    return false;
}

static void dress_edge(Plan *plan, uint32_t number, Random *random) {
    PlanEdge *edge = &plan->edges[number];
    bool list = plan->ports[edge->to].list;
    if (random_chance(random, 15)) {
        PlanTest test = random_chance(random, 8)    ? PLAN_BROKEN
                        : random_chance(random, 70) ? PLAN_AT_LEAST
                                                    : PLAN_NOT;
        edge->where = (PlanCond){ test, random_below(random, 6) };
    }
    if (random_chance(random, list ? 20 : 10)) {
        edge->take = 1 + random_below(random, 3);
    }
    if ((list || edge->take != DAG_NONE) && random_chance(random, 40)) {
        PlanTest test = random_chance(random, 8) ? PLAN_BROKEN : PLAN_AT_LEAST;
        edge->order = (PlanCond){ test, random_below(random, 6) };
        edge->desc = random_chance(random, 50);
    }
}

/* More edges into an input that may have them. */
static void more_edges(Plan *plan, uint32_t in, uint32_t n, Random *random) {
    for (uint32_t i = 0; i < n * 4 && plan->ports[in].nedges <= n; i++) {
        uint32_t from = some_output(plan, random);
        if (from != DAG_NONE && !is_fed_by(plan, in, from)) {
            dress_edge(plan, plan_edge(plan, from, in), random);
        }
    }
}

static void make_input(Plan *plan, uint32_t stage, Random *random) {
    uint32_t from = some_output(plan, random);
    if (from == DAG_NONE) {
        return;
    }
    dag_fan fan = plan->stages[stage].fan;
    uint32_t in = plan_in(plan, stage);
    PlanPort *port = &plan->ports[in];
    bool gathers = fan == DAG_AGGREGATE ? plan->ports[from].axis != 0
                                        : fan == DAG_GROUPED && random_chance(random, 60);
    port->list = gathers;
    port->merge = !gathers && random_chance(random, 15);
    port->any = !gathers && !port->merge && random_chance(random, 20);
    port->nulls = gathers && random_chance(random, 25);
    port->optional = random_chance(random, 15);
    port->has_default = !port->optional && random_chance(random, 12);
    dress_edge(plan, plan_edge(plan, from, in), random);
    if ((gathers && random_chance(random, 35)) || port->merge || port->any) {
        more_edges(plan, in, 1 + random_below(random, 2), random);
    }
}

/* ---------------------------------------------------------------- stages */

static void dress_stage(Plan *plan, uint32_t number, Random *random) {
    PlanStage *stage = &plan->stages[number];
    stage->flags |= random_chance(random, 12) ? DAG_STAGE_MAY_FAIL : 0;
    stage->flags |= random_chance(random, 10) ? DAG_STAGE_BARRIER : 0;
    stage->flags |= random_chance(random, 4) ? DAG_STAGE_OFF : 0;
    stage->retry = random_chance(random, 12) ? 1 + random_below(random, 2) : 0;
    stage->retry_on = random_chance(random, 50) ? DAG_CAUSE_CRASHED : 0;
    stage->backoff = random_below(random, 3) * 10000000;
    stage->max_parallel = random_chance(random, 10) ? 1 + random_below(random, 2) : 0;
    stage->amount[0] = random_chance(random, 15) ? 1 + random_below(random, 3) : 0;
    stage->amount[1] = random_chance(random, 10) ? 1 + random_below(random, 3) : 0;
    stage->grow = 1 + random_below(random, 2);
    if ((stage->flags & DAG_STAGE_OFF) == 0 && random_chance(random, 8)) {
        stage->max_tasks = 1 + random_below(random, 6);
    }
    uint32_t when = random_below(random, stage->nin);
    if (stage->nin > 0 && random_chance(random, 14) && !plan->ports[stage->in[when]].list) {
        stage->has_when = true;
        stage->when = when;
        stage->cond.test = random_chance(random, 10) ? PLAN_BROKEN : PLAN_NOT;
        stage->cond.n = random_below(random, 6);
    }
}

static void make_outputs(Plan *plan, uint32_t number, Random *random) {
    PlanStage *stage = &plan->stages[number];
    const PlanPort *first = stage->nin > 0 ? &plan->ports[stage->in[0]] : NULL;
    if (stage->nin == 1 && stage->fan == DAG_SINGLE && !first->list && !first->optional &&
        random_chance(random, 20)) {
        stage->flags |= DAG_STAGE_GATE;
        stage->flags |= random_chance(random, 50) ? DAG_STAGE_PASSTHROUGH : 0;
        plan_out(plan, number, false);
        return;
    }
    uint32_t n = 1 + random_below(random, 2);
    for (uint32_t i = 0; i < n; i++) {
        plan_out(plan, number, random_chance(random, number == 0 ? 80 : 40));
    }
}

/* Streams have up to three elements. */
static uint32_t most_keys(const Plan *plan, uint32_t axis) {
    uint32_t keys = 1;
    for (; axis != 0; axis = plan->axes[axis].parent) {
        const PlanPort *port = &plan->ports[plan->axes[axis].position];
        uint32_t here = port->out ? 3 : 0;
        for (uint32_t i = 0; !port->out && i < port->nedges; i++) {
            here += most_keys(plan, plan->ports[plan->edges[port->edges[i]].from].axis);
        }
        keys *= here;
    }
    return keys;
}

static bool is_small(const Plan *plan, uint32_t number) {
    const PlanStage *stage = &plan->stages[number];
    for (uint32_t i = 0; i < stage->nout; i++) {
        uint32_t axis = plan->ports[stage->out[i]].axis;
        if (plan->axes[axis].depth > DEEPEST || most_keys(plan, axis) > MOST_KEYS) {
            return false;
        }
    }
    return plan->axes[stage->axis].depth <= DEEPEST;
}

static uint32_t some_position(const Plan *plan, Random *random) {
    uint32_t axis = random_below(random, plan->naxes);
    return plan->axes[axis].position;
}

static bool try_stage(Plan *plan, Random *random) {
    const dag_fan fans[] = { DAG_SINGLE,  DAG_SINGLE,  DAG_SINGLE, DAG_AGGREGATE,
                             DAG_GROUPED, DAG_GROUPED, DAG_CROSS,  DAG_CROSS };
    dag_fan fan = fans[random_below(random, 8)];
    uint32_t number = plan_stage(plan, fan);
    uint32_t nin = random_below(random, number == 0 ? 1 : 4);
    nin += fan != DAG_SINGLE && nin == 0;
    if (fan == DAG_GROUPED && random_chance(random, 30)) {
        plan->stages[number].by = some_position(plan, random);
    }
    for (uint32_t i = 0; i < nin; i++) {
        make_input(plan, number, random);
    }
    make_outputs(plan, number, random);
    dress_stage(plan, number, random);
    for (uint32_t i = 0; number > 0 && i < 2; i++) {
        if (random_chance(random, 12)) {
            plan_order(plan, random_below(random, number), number, (dag_on)random_below(random, 3));
        }
    }
    return plan_shape(plan, number) && is_small(plan, number);
}

Plan *generate_plan(Random *random) {
    Plan *plan = plan_new();
    uint32_t n = 2 + random_below(random, 9);
    Plan *before = plan_new();
    for (int tries = 0; plan->nstages < n && tries < 400; tries++) {
        *before = *plan;
        if (!try_stage(plan, random)) {
            *plan = *before;
        }
    }
    plan_free(before);
    plan->continue_on_error = random_chance(random, 50);
    uint32_t nports = plan->nports;
    for (uint32_t i = 0; i < nports; i++) {
        if (plan->ports[i].out && random_chance(random, 12)) {
            plan_output(plan, i);
        }
    }
    if (!plan_finish(plan)) {
        plan_free(plan);
        return NULL;
    }
    return plan;
}

/* ---------------------------------------------------------------- fates */

void generate_outcome(void *self, uint32_t stage, const char *key, uint32_t attempt,
                      SimOutcome *outcome) {
    const Fate *fate = self;
    const PlanStage *row = &fate->plan->stages[stage];
    Random random = { fate->seed + stage };
    for (; *key; key++) {
        random.state = random_next(&random) + (unsigned char)*key;
    }
    for (uint32_t i = 0; i < 4; i++) {
        outcome->n[i] = random_below(&random, 4);
        for (uint32_t k = 0; k < SIM_MOST; k++) {
            outcome->values[i][k] = random_below(&random, 8);
        }
    }
    random.state += attempt;
    outcome->state = DAG_COMPLETED;
    if (random_chance(&random, fate->failures)) {
        outcome->state = random_chance(&random, 25) ? DAG_CRASHED : DAG_FAILED;
        outcome->exit_status = 1;
    } else if ((row->flags & DAG_STAGE_GATE) != 0 && random_chance(&random, 25)) {
        outcome->state = DAG_FILTERED;
    } else if (random_chance(&random, 4)) {
        outcome->state = DAG_CACHED;
    }
}
