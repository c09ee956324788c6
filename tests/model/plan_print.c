/*
 * plan_print.c - a plan as text, for a failing case.
 */
#include <stdio.h>

#include "plan.h"

static void print_axis(const Plan *plan, uint32_t axis) {
    printf("[");
    uint32_t depth = plan->axes[axis].depth;
    for (uint32_t i = 1; i <= depth; i++) {
        uint32_t at = axis;
        while (plan->axes[at].depth > i) {
            at = plan->axes[at].parent;
        }
        printf("%sp%u", i > 1 ? " " : "", plan->axes[at].position);
    }
    printf("]");
}

static void print_cond(const char *name, PlanCond cond) {
    const char *const tests[] = { "", ">=", "!=", "fails unless" };
    if (cond.test != PLAN_ANYTHING) {
        printf(" %s %s %lld", name, tests[cond.test], (long long)cond.n);
    }
}

static void print_edges(const Plan *plan, const PlanPort *port) {
    for (uint32_t i = 0; i < port->nedges; i++) {
        const PlanEdge *edge = &plan->edges[port->edges[i]];
        printf("      <- p%u (s%u)", edge->from, plan->ports[edge->from].stage);
        print_cond("where", edge->where);
        print_cond(edge->desc ? "order desc" : "order", edge->order);
        if (edge->take != DAG_NONE) {
            printf(" take %u", edge->take);
        }
        printf("\n");
    }
}

static void print_in(const Plan *plan, uint32_t number) {
    const PlanPort *port = &plan->ports[number];
    printf("    in p%u%s%s%s%s%s%s axis ", number, port->list ? " list" : "",
           port->merge ? " merge" : "", port->any ? " any" : "", port->nulls ? " nulls" : "",
           port->optional ? " optional" : "", port->has_default ? " default" : "");
    print_axis(plan, port->axis);
    printf("\n");
    print_edges(plan, port);
}

static void print_stage(const Plan *plan, uint32_t number) {
    const char *const fans[] = { "single", "aggregate", "grouped", "cross" };
    const PlanStage *stage = &plan->stages[number];
    uint32_t flags = stage->flags;
    printf("  s%u %s%s%s%s%s%s axis ", number, fans[stage->fan],
           flags & DAG_STAGE_GATE ? " gate" : "",
           flags & DAG_STAGE_PASSTHROUGH ? " passthrough" : "",
           flags & DAG_STAGE_BARRIER ? " barrier" : "",
           flags & DAG_STAGE_MAY_FAIL ? " may_fail" : "", flags & DAG_STAGE_OFF ? " off" : "");
    print_axis(plan, stage->axis);
    printf(" retry %u max_tasks %u max_parallel %u", stage->retry, stage->max_tasks,
           stage->max_parallel);
    if (stage->has_when) {
        printf(" when p%u", stage->in[stage->when]);
        print_cond("", stage->cond);
    }
    printf("\n");
    for (uint32_t i = 0; i < plan->norders; i++) {
        const char *const ons[] = { "success", "failure", "always" };
        if (plan->orders[i].to == number) {
            printf("    s%u => on %s\n", plan->orders[i].from, ons[plan->orders[i].on]);
        }
    }
    for (uint32_t i = 0; i < stage->nin; i++) {
        print_in(plan, stage->in[i]);
    }
    for (uint32_t i = 0; i < stage->nout; i++) {
        const PlanPort *port = &plan->ports[stage->out[i]];
        printf("    out p%u%s axis ", stage->out[i], port->stream ? " stream" : "");
        print_axis(plan, port->axis);
        printf("\n");
    }
}

void plan_print(const Plan *plan) {
    printf("on_error %s\n", plan->continue_on_error ? "continue" : "stop");
    for (uint32_t i = 0; i < plan->nstages; i++) {
        print_stage(plan, i);
    }
    for (uint32_t i = 0; i < plan->nports; i++) {
        if (plan->ports[i].stage == DAG_NONE) {
            print_in(plan, i);
        }
    }
}
