/*
 * sim.c - see sim.h.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pure/value.h"

static void *more(void *p, size_t n) {
    p = realloc(p, n);
    if (!p) {
        abort();
    }
    return p;
}

/* ---------------------------------------------------------------- what the scheduler says */

SimRow *sim_row(const Sim *sim, uint32_t stage, const char *key) {
    for (uint32_t i = 0; i < sim->nrows; i++) {
        if (sim->rows[i].stage == stage && strcmp(sim->rows[i].key, key) == 0) {
            return &sim->rows[i];
        }
    }
    return NULL;
}

static SimRow *row_for(Sim *sim, uint32_t stage, const char *key) {
    SimRow *row = sim_row(sim, stage, key);
    if (row) {
        return row;
    }
    if (sim->nrows == sim->rows_cap) {
        sim->rows_cap = sim->rows_cap ? sim->rows_cap * 2 : 32;
        sim->rows = more(sim->rows, sim->rows_cap * sizeof *sim->rows);
    }
    row = &sim->rows[sim->nrows++];
    *row = (SimRow){ .stage = stage };
    snprintf(row->key, sizeof row->key, "%s", key);
    return row;
}

static void on_task(Sim *sim, const dag_event *event) {
    SimRow *row = row_for(sim, event->stage, event->key);
    row->state = (dag_state)event->state;
    row->nrunning += event->state == DAG_RUNNING;
    row->nterminal += event->state != DAG_RUNNING;
    snprintf(row->reason, sizeof row->reason, "%s", event->reason ? event->reason : "");
}

static void on_event(void *self, const dag_event *event) {
    Sim *sim = self;
    switch ((dag_scope)event->scope) {
    case DAG_SCOPE_TASK: on_task(sim, event); break;
    case DAG_SCOPE_STAGE:
        sim->stages[event->stage] = (dag_state)event->state;
        sim->nends[event->stage] += event->state != DAG_RUNNING;
        break;
    case DAG_SCOPE_ATTEMPT: sim->nattempts++; break;
    case DAG_SCOPE_RUN:
    case DAG_SCOPE_LOG:
    case DAG_SCOPE_PROGRESS: break;
    }
}

/* ---------------------------------------------------------------- life */

Sim *sim_new(Plan *plan, const SimOptions *options) {
    Sim *sim = more(NULL, sizeof *sim);
    *sim = (Sim){ .plan = plan, .decide = options->decide, .self = options->self, .now = 1000 };
    dag_error error;
    sim->exprs = expr_program_new(&plan->program, &error);
    sim->sink = (dag_sink){ .self = sim, .event = on_event };
    sim->events = (Events){ .sinks = &sim->sink, .nsinks = 1, .run = "run" };
    SchedConfig config = { .program = &plan->program,
                           .exprs = sim->exprs,
                           .events = &sim->events,
                           .jobs = options->jobs,
                           .continue_on_error = plan->continue_on_error,
                           .max_value = 1 << 20,
                           .retry = options->retry,
                           .capacity = options->capacity,
                           .ncapacity = options->ncapacity };
    sim->sched = sched_new(&config);
    if (!sim->sched) {
        sim_free(sim);
        return NULL;
    }
    return sim;
}

void sim_free(Sim *sim) {
    for (uint32_t i = 0; i < sim->nrows; i++) {
        free(sim->rows[i].inputs);
    }
    sched_free(sim->sched);
    expr_program_free(sim->exprs);
    free(sim->rows);
    free(sim->running);
    free(sim);
}

void sim_start(Sim *sim) {
    sched_start(sim->sched, sim->now);
}

/* ---------------------------------------------------------------- steps */

/* Asks for the inputs and notes them as JSON. False: they would not do. */
static bool take_inputs(Sim *sim, const Launch *launch, SimRow *row) {
    uint32_t n = sim->plan->stages[launch->stage].nin;
    dag_value inputs[8];
    dag_error error = { NULL, NULL };
    Arena arena = { 0 };
    bool good = sched_inputs(sim->sched, launch, &arena, inputs, &error);
    free(row->inputs);
    const char *text = good ? value_to_json(&arena, value_list(inputs, n)) : "broken";
    row->inputs = more(NULL, strlen(text) + 1);
    strcpy(row->inputs, text);
    arena_free(&arena);
    return good;
}

uint32_t sim_next(Sim *sim) {
    Launch launch;
    if (!sched_next(sim->sched, sim->now, &launch)) {
        return DAG_NONE;
    }
    Arena arena = { 0 };
    SimRow *row =
        row_for(sim, launch.stage, sched_key(sim->sched, launch.stage, launch.node, &arena));
    arena_free(&arena);
    row->attempt = launch.attempt;
    if (sim->nrunning == sim->running_cap) {
        sim->running_cap = sim->running_cap ? sim->running_cap * 2 : 16;
        sim->running = more(sim->running, sim->running_cap * sizeof *sim->running);
    }
    bool good = take_inputs(sim, &launch, row);
    sim->running[sim->nrunning++] = (SimRunning){ launch, (uint32_t)(row - sim->rows), !good };
    return (uint32_t)(row - sim->rows);
}

static Box *make_outputs(const Sim *sim, uint32_t stage, const SimOutcome *did,
                         const dag_value **outputs) {
    const PlanStage *row = &sim->plan->stages[stage];
    Box *box = box_new();
    if (!box) {
        abort();
    }
    dag_value *values = ARENA_ARRAY(box_arena(box), row->nout, dag_value);
    for (uint32_t i = 0; i < row->nout; i++) {
        uint32_t n = did->n[i] > SIM_MOST ? did->n[i] : SIM_MOST;
        dag_value *items = ARENA_ARRAY(box_arena(box), n, dag_value);
        for (uint32_t k = 0; k < n; k++) {
            items[k] = value_int(DAG_INT, did->values[i][k % SIM_MOST]);
        }
        bool stream = sim->plan->ports[row->out[i]].stream;
        values[i] = stream ? value_list(items, did->n[i]) : items[0];
    }
    *outputs = values;
    return box;
}

void sim_finish(Sim *sim, uint32_t i) {
    SimRunning task = sim->running[i];
    memmove(&sim->running[i], &sim->running[i + 1], (sim->nrunning - i - 1) * sizeof *sim->running);
    sim->nrunning--;
    SimOutcome did = { .state = DAG_COMPLETED };
    sim->decide(sim->self, task.launch.stage, sim->rows[task.row].key, task.launch.attempt, &did);
    if (task.broken) {
        did.state = DAG_FAILED;
    }
    Outcome outcome = { .state = did.state,
                        .timed_out = did.timed_out,
                        .oom = did.oom,
                        .exit_status = did.exit_status,
                        .started = sim->now };
    if (did.state == DAG_FAILED || did.state == DAG_CRASHED) {
        outcome.error = (dag_error){ task.broken ? "expression" : "exit", "as told" };
    }
    if (did.state == DAG_COMPLETED || did.state == DAG_CACHED) {
        outcome.box = make_outputs(sim, task.launch.stage, &did, &outcome.outputs);
    }
    sched_finish(sim->sched, &task.launch, &outcome, sim->now);
}

bool sim_run(Sim *sim) {
    for (;;) {
        while (sim_next(sim) != DAG_NONE) {
        }
        if (sim->nrunning > 0) {
            sim_finish(sim, 0);
            continue;
        }
        int64_t wakeup = sched_wakeup(sim->sched);
        if (wakeup < INT64_MAX && wakeup > sim->now) {
            sim->now = wakeup;
            continue;
        }
        bool deadlock;
        if (sched_over(sim->sched, sim->now, &deadlock)) {
            return !deadlock;
        }
    }
}

const char *sim_states(const Sim *sim, uint32_t stage) {
    static char text[1024];
    size_t n = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < sim->nrows; i++) {
        if (sim->rows[i].stage == stage && n < sizeof text - 160) {
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s:%s", n ? " " : "",
                                  sim->rows[i].key, dag_state_name(sim->rows[i].state));
        }
    }
    return text;
}
