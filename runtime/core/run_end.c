/*
 * run_end.c - what a run comes to: the outputs of the pipeline, the final state, the last event.
 */
#include <string.h>

#include "core/run.h"
#include "core/world.h"

/* ---------------------------------------------------------------- outputs */

/* The stage that feeds a hidden port of an output. */
static uint32_t feeding_stage(const dag_program *program, uint32_t port) {
    const dag_port *p = &program->ports[port];
    return p->nedges > 0 ? program->ports[program->edges[p->edge].from].stage : DAG_NONE;
}

/* The artifacts that output i is made of. False: one is missing; *stage should have made it. */
static bool take_artifacts(dag_run *run, const dag_output *output, dag_value *values,
                           uint32_t *stage) {
    for (uint32_t i = 0; i < output->nin; i++) {
        uint32_t port = output->in + i;
        bool optional = (run->program->ports[port].flags & DAG_PORT_OPTIONAL) != 0;
        if (!sched_output(run->sched, port, &run->arena, &values[i])) {
            values[i] = value_null();
            *stage = feeding_stage(run->program, port);
            if (!optional) {
                return false;
            }
        }
    }
    return true;
}

static bool evaluate(dag_run *run, const dag_output *output, const dag_value *values,
                     dag_value *result, dag_error *error) {
    ExprEnv env = { .inputs = values,
                    .run = run->inputs,
                    .specials = run->specials,
                    .world = world_system(),
                    .max_value = run->max_value,
                    .arena = &run->arena };
    const dag_expr *expr = &run->program->exprs[output->value];
    return expr_eval(run->exprs, output->value, &env, result, error) &&
           (expr->type == output->type ||
            value_fit(&run->arena, run->program, output->type, FIT_PORT, result, error));
}

/* Only where all else went well is a missing output an error of its own. */
static void take_output(dag_run *run, uint32_t i, bool complain) {
    const dag_program *program = run->program;
    const dag_output *output = &program->outputs[i];
    const char *name = program->strings + output->name;
    dag_value *values = ARENA_ARRAY(&run->arena, output->nin, dag_value);
    dag_error error = { NULL, NULL };
    uint32_t stage = DAG_NONE;
    if (!take_artifacts(run, output, values, &stage)) {
        run->present[i] = program->types[output->type].kind == DAG_OPTIONAL;
        run->outputs[i] = value_null();
        if (!run->present[i] && complain) {
            run_fail(run, "output",
                     arena_printf(&run->arena, "output %s is missing%s", name,
                                  run_missing_text(run, stage)),
                     stage);
        }
        return;
    }
    run->present[i] = evaluate(run, output, values, &run->outputs[i], &error);
    if (!run->present[i] && complain) {
        run_fail(run, error.type, arena_printf(&run->arena, "output %s: %s", name, error.message),
                 DAG_NONE);
    }
}

/* ---------------------------------------------------------------- the verdict */

/* Crashed goes before failed, also where the scheduler saw the rest cancelled. */
static bool stage_crashed(const dag_run *run) {
    for (uint32_t i = 0; i < run->program->nstages; i++) {
        bool tolerated = (run->program->stages[i].flags & DAG_STAGE_MAY_FAIL) != 0;
        if (!tolerated && sched_stage_state(run->sched, i) == DAG_CRASHED) {
            return true;
        }
    }
    return false;
}

static dag_state verdict(const dag_run *run) {
    if (run->crashed) {
        return DAG_CRASHED;
    }
    if (!run->sched || run->state == DAG_PAUSED) {
        return run->sched ? DAG_PAUSED : DAG_FAILED;
    }
    if (run->cancelled) {
        return DAG_CANCELLED;
    }
    if (run->timed_out) {
        return stage_crashed(run) ? DAG_CRASHED : DAG_FAILED;
    }
    dag_state state = sched_verdict(run->sched);
    bool own = run->error.error.type != NULL;
    return state == DAG_COMPLETED && own ? DAG_FAILED : state;
}

static const char *reason_of(const dag_run *run) {
    if (run->state == DAG_CANCELLED) {
        return "cancelled";
    }
    return run->timed_out && run->state == DAG_FAILED ? "timeout" : NULL;
}

static void store_fails(dag_run *run, const dag_error *error) {
    run->crashed = true;
    run->state = DAG_CRASHED;
    run_fail(run, "store", error->message ? error->message : "the store cannot be written",
             DAG_NONE);
}

void run_end(dag_run *run) {
    dag_error error = { NULL, NULL };
    bool complain = verdict(run) == DAG_COMPLETED;
    run->ended = run->began && run->state != DAG_PAUSED;
    for (uint32_t i = 0; run->ended && i < run->program->noutputs; i++) {
        take_output(run, i, complain);
    }
    run->state = verdict(run);
    if (run->state == DAG_COMPLETED) {
        sched_reclaim_rest(run->sched);
    }
    run_tick(run);
    /* The others hear of it when it is on the disk, with all that led to it. */
    run_event_store(run, run->state, reason_of(run));
    if (run->store && !run->store->flush(run->store->self, &error) && !run->crashed) {
        store_fails(run, &error);
        run_event_store(run, run->state, reason_of(run)); /* for what it can still do */
    }
    run_event_others(run, run->state, reason_of(run));
}
