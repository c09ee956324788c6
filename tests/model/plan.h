/*
 * plan.h - a pipeline for tests of the scheduler: described in a few calls, then lowered into the
 * tables of dag.h. The reference scheduler reads the description, the real one the tables.
 *
 * All values are integers, or lists of them; conditions are comparisons with a constant. Axes are
 * computed by the table of the semantics.
 */
#ifndef TESTS_MODEL_PLAN_H
#define TESTS_MODEL_PLAN_H

#include "dag.h"

enum {
    PLAN_STAGES = 24,
    PLAN_PORTS = 160,
    PLAN_EDGES = 160,
    PLAN_ORDERS = 48,
    PLAN_AXES = 96,
    PLAN_RESOURCES = 2
};

/* A condition over one integer. */
typedef enum PlanTest {
    PLAN_ANYTHING, /* no condition */
    PLAN_AT_LEAST, /* it >= n */
    PLAN_NOT,      /* it != n */
    PLAN_BROKEN    /* fails when it is evaluated, if it != n; else true */
} PlanTest;

typedef struct PlanCond {
    PlanTest test;
    int64_t n;
} PlanCond;

typedef struct PlanPort {
    bool out, stream;
    uint32_t stage; /* DAG_NONE: an output of the pipeline */
    bool optional;  /* in: T?, list<T>? */
    bool nulls;     /* in: list<T?> */
    bool list, merge, any;
    bool has_default; /* in: 77, or [77] */
    uint32_t edges[8], nedges;
    uint32_t axis;   /* out: of its artifacts; in: of what feeds it */
    uint32_t number; /* in the tables */
} PlanPort;

typedef struct PlanEdge {
    uint32_t from, to; /* ports */
    PlanCond where;
    uint32_t take;  /* DAG_NONE: all */
    PlanCond order; /* PLAN_ANYTHING: none; PLAN_AT_LEAST: by it; PLAN_BROKEN: as there */
    bool desc;
    uint32_t number;
} PlanEdge;

typedef struct PlanOrder {
    uint32_t from, to;
    dag_on on;
} PlanOrder;

typedef struct PlanAxis {
    uint32_t parent, position; /* port */
    uint32_t depth;
} PlanAxis;

typedef struct PlanStage {
    dag_fan fan;
    uint32_t by; /* grouped: the position that it is by, or DAG_NONE */
    uint32_t flags;
    uint32_t in[8], nin;
    uint32_t out[4], nout;
    bool has_when;
    uint32_t when; /* own input, 0 … */
    PlanCond cond;
    uint32_t retry, retry_on;
    int64_t backoff;
    uint32_t max_tasks, max_parallel;
    int64_t amount[PLAN_RESOURCES], grow;
    uint32_t axis;
} PlanStage;

typedef struct Plan {
    PlanStage stages[PLAN_STAGES];
    uint32_t nstages;
    PlanPort ports[PLAN_PORTS];
    uint32_t nports;
    PlanEdge edges[PLAN_EDGES];
    uint32_t nedges;
    PlanOrder orders[PLAN_ORDERS];
    uint32_t norders;
    PlanAxis axes[PLAN_AXES];
    uint32_t naxes;
    bool continue_on_error;
    struct PlanTables *tables;
    dag_program program;
} Plan;

Plan *plan_new(void);
void plan_free(Plan *plan);

/* Each returns the number of the new thing. Stages come in topological order. */
uint32_t plan_stage(Plan *plan, dag_fan fan);
uint32_t plan_in(Plan *plan, uint32_t stage);
uint32_t plan_out(Plan *plan, uint32_t stage, bool stream);
uint32_t plan_edge(Plan *plan, uint32_t from, uint32_t to);
uint32_t plan_order(Plan *plan, uint32_t from, uint32_t to, dag_on on);
/* An output of the pipeline: the artifact at `from`, or the list of them. */
uint32_t plan_output(Plan *plan, uint32_t from);

/* Computes the axes of one stage, all of whose inputs are fed by earlier stages. False: its shape
 * is an error. */
bool plan_shape(Plan *plan, uint32_t stage);

/* Is a prefix of b, or the same? */
bool plan_begins(const Plan *plan, uint32_t b, uint32_t a);

/* Shapes every stage in turn, then makes the tables: plan->program. False: a shape is wrong. */
bool plan_finish(Plan *plan);

/* To stdout. (plan_print.c) */
void plan_print(const Plan *plan);

#endif
