/*
 * sim.h - runs a plan on the real scheduler, step by step, with tasks that do what they are told.
 */
#ifndef TESTS_MODEL_SIM_H
#define TESTS_MODEL_SIM_H

#include "core/sched.h"
#include "plan.h"

enum { SIM_KEY = 96, SIM_MOST = 6 };

/* What an attempt does. */
typedef struct SimOutcome {
    dag_state state;
    bool timed_out, oom;
    int exit_status;
    int64_t values[4][SIM_MOST]; /* by output */
    uint32_t n[4];               /* elements of a stream; past SIM_MOST the values begin again */
} SimOutcome;

typedef void (*SimDecide)(void *self, uint32_t stage, const char *key, uint32_t attempt,
                          SimOutcome *outcome);

/* A task that the scheduler has spoken of. */
typedef struct SimRow {
    uint32_t stage;
    char key[SIM_KEY];
    dag_state state;
    char *inputs;                 /* JSON of the list of its inputs; NULL: not launched */
    uint32_t attempt;             /* last */
    uint32_t nrunning, nterminal; /* events */
    char reason[96];
} SimRow;

typedef struct SimRunning {
    Launch launch;
    uint32_t row;
    bool broken; /* its inputs would not do */
} SimRunning;

typedef struct Sim {
    Plan *plan;
    Sched *sched;
    ExprProgram *exprs;
    SimDecide decide;
    void *self;
    Events events;
    dag_sink sink;
    int64_t now;
    SimRow *rows;
    uint32_t nrows, rows_cap;
    SimRunning *running;
    uint32_t nrunning, running_cap;
    dag_state stages[PLAN_STAGES]; /* by events */
    uint32_t nends[PLAN_STAGES];   /* terminal events */
    uint32_t nattempts;            /* ATTEMPT events */
} Sim;

typedef struct SimOptions {
    uint32_t jobs;
    int retry; /* -1: the stages' */
    const dag_resource *capacity;
    size_t ncapacity;
    SimDecide decide;
    void *self;
} SimOptions;

/* `plan` must be finished. NULL without memory. */
Sim *sim_new(Plan *plan, const SimOptions *options);
void sim_free(Sim *sim);

void sim_start(Sim *sim);
/* Launches one task; its row's number, or DAG_NONE. */
uint32_t sim_next(Sim *sim);
/* Ends the running task i. */
void sim_finish(Sim *sim, uint32_t i);
/* Runs to the end, always ending the task that was launched first. False: deadlock. */
bool sim_run(Sim *sim);

/* The row of a task, or NULL. */
SimRow *sim_row(const Sim *sim, uint32_t stage, const char *key);

/* "0:completed 1:failed", in the order in which the scheduler first spoke of them. */
const char *sim_states(const Sim *sim, uint32_t stage);

#endif
