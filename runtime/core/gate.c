/*
 * gate.c - see gate.h.
 */
#include "core/gate.h"

#include "core/publish.h"
#include "core/report.h"
#include "core/task.h"

GateState gate_order(dag_on on, dag_state state) {
    switch (state) {
    case DAG_COMPLETED:
    case DAG_CACHED:
    case DAG_FILTERED: return on == DAG_ON_FAILURE ? GATE_IMPOSSIBLE : GATE_READY;
    case DAG_FAILED:
    case DAG_CRASHED:
    case DAG_CANCELLED:
    case DAG_SKIPPED: return on == DAG_ON_SUCCESS ? GATE_IMPOSSIBLE : GATE_READY;
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_QUEUED:
    case DAG_PAUSED:
    case DAG_NSTATES: break;
    }
    return GATE_WAIT;
}

dag_state gate_sum(const StageRun *run) {
    const uint32_t *tally = run->more->tally;
    uint32_t completed = tally[DAG_COMPLETED] + tally[DAG_CACHED];
    if (run->plain) {
        return task_public_state(task_state(run, 0));
    }
    if (tally[DAG_CRASHED] > 0) {
        return DAG_CRASHED;
    }
    if (tally[DAG_FAILED] > 0 || run->limited) {
        return DAG_FAILED;
    }
    if (tally[DAG_CANCELLED] > 0) {
        return DAG_CANCELLED;
    }
    if (completed == 0) {
        return tally[DAG_SKIPPED] > 0 ? DAG_SKIPPED : DAG_FILTERED;
    }
    return tally[DAG_COMPLETED] + tally[DAG_SKIPPED] == 0 ? DAG_CACHED : DAG_COMPLETED;
}

static void open_order(Sched *s, uint32_t number, dag_state state) {
    const dag_order *order = &s->program->orders[number];
    StageRun *target = stage_run(s, order->to);
    target->gates--;
    target->barred |= gate_order((dag_on)order->on, state) == GATE_IMPOSSIBLE;
    if (target->gates == 0 || target->barred) {
        sched_work(s, WORK_STAGE, order->to, 0, 0);
    }
}

/* An input stage of a barrier is terminal. */
static void open_barrier(Sched *s, uint32_t edge) {
    uint32_t to = port_row(s, s->program->edges[edge].to)->stage;
    if (to != DAG_NONE && (stage_row(s, to)->flags & DAG_STAGE_BARRIER) != 0 &&
        --stage_run(s, to)->gates == 0) {
        sched_work(s, WORK_STAGE, to, 0, 0);
    }
}

static void open_gates(Sched *s, uint32_t stage) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t i = 0; i < row->nafter; i++) {
        open_order(s, s->program->out_orders[row->after + i],
                   (dag_state)stage_run(s, stage)->state);
    }
    for (uint32_t port = row->out; s->has_barriers && port < row->out + row->nout; port++) {
        for (uint32_t i = 0; i < port_row(s, port)->nedges; i++) {
            open_barrier(s, s->program->out_edges[port_row(s, port)->edge + i]);
        }
    }
}

void gate_run_end(Sched *s, StageRun *run, dag_state state) {
    uint32_t stage = s->program->topo[run->rank];
    run->done = true;
    run->state = (uint8_t)state;
    s->nlive--;
    report_stage(s, stage);
    if (run->looks) {
        publish_stage_done(s, stage);
    }
    if (run->ordered || s->has_barriers) {
        open_gates(s, stage);
    }
}

void gate_stage_end(Sched *s, uint32_t stage, dag_state state) {
    gate_run_end(s, stage_run(s, stage), state);
}

void gate_stage_check(Sched *s, uint32_t stage) {
    const StageRun *run = stage_run(s, stage);
    if (run->done || s->paused || (run->plain && !task_has(run, 0, TASK_KNOWN))) {
        return;
    }
    const Axis *axis = &s->axes[run->plain ? 0 : stage_row(s, stage)->axis];
    if (axis->complete && (run->plain || run->more->ndone == axis->n)) {
        gate_stage_end(s, stage, gate_sum(run));
    }
}

uint32_t gate_barred_by(const Sched *s, uint32_t stage) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t i = row->order; i < row->order + row->norder; i++) {
        const dag_order *order = &s->program->orders[i];
        const StageRun *from = stage_run(s, order->from);
        if (from->done &&
            gate_order((dag_on)order->on, (dag_state)from->state) == GATE_IMPOSSIBLE) {
            return i;
        }
    }
    return DAG_NONE;
}

bool gate_is_rescue(const Sched *s, uint32_t stage) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t i = row->order; i < row->order + row->norder; i++) {
        const dag_order *order = &s->program->orders[i];
        const StageRun *from = stage_run(s, order->from);
        bool waits_for_dead = order->on != DAG_ON_SUCCESS && from->done &&
                              gate_order(DAG_ON_FAILURE, (dag_state)from->state) == GATE_READY;
        if (waits_for_dead || (order->on == DAG_ON_SUCCESS && from->rescue)) {
            return true;
        }
    }
    return false;
}
