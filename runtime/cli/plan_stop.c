/*
 * plan_stop.c - a failure that is known before the start, under `on_error stop`: what would begin
 * behind it in time may be cancelled.
 *
 * Only expression stages fail while a plan is made. What a run has begun before such a failure goes on,
 * and that depends on the moment: so only what the failing stage itself needs is known to run, and
 * what waits for the failure (RUNTIME §2: `on failure`, `on always`, inputs that do without).
 */
#include "cli/plan_parts.h"

/* The first stage that is known to fail and stops the run by it, or DAG_NONE. */
static uint32_t find_stopper(const Plan *plan) {
    const dag_program *program = plan->program;
    for (uint32_t i = 0; i < program->nstages; i++) {
        uint32_t index = program->topo[i];
        bool forgiven = (program->stages[index].flags & DAG_STAGE_MAY_FAIL) != 0;
        if (!forgiven && plan->stages[index].ended[DAG_FAILED] > 0) {
            return index;
        }
    }
    return DAG_NONE;
}

/* Marks the stages by which a stage is fed or preceded. */
static void mark_before(const dag_program *program, uint32_t index, bool *marked) {
    const dag_stage *stage = &program->stages[index];
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &program->ports[i];
        for (uint32_t e = in->edge; e < in->edge + in->nedges; e++)
            marked[program->ports[program->edges[e].from].stage] = true;
    }
    for (uint32_t i = stage->order; i < stage->order + stage->norder; i++)
        marked[program->orders[i].from] = true;
}

static bool is_dead(const StagePlan *stage) {
    return stage->ended[DAG_FAILED] > 0 || stage->action == PLAN_SKIP;
}

/* Does it wait for something dead, or for what does so? */
static bool is_rescue(const Plan *plan, uint32_t index, const bool *rescues) {
    const dag_program *program = plan->program;
    const dag_stage *stage = &program->stages[index];
    bool rescue = false;
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &program->ports[i];
        for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
            uint32_t from = program->ports[program->edges[e].from].stage;
            rescue |= rescues[from] || is_dead(&plan->stages[from]);
        }
    }
    for (uint32_t i = stage->order; i < stage->order + stage->norder; i++) {
        const dag_order *order = &program->orders[i];
        bool waits = order->on != DAG_ON_SUCCESS && is_dead(&plan->stages[order->from]);
        rescue |= waits || (order->on == DAG_ON_SUCCESS && rescues[order->from]);
    }
    return rescue;
}

void plan_decide_stop(Plan *plan) {
    const dag_program *program = plan->program;
    uint32_t stopper = find_stopper(plan);
    if (stopper == DAG_NONE || program->continue_on_error || plan->cli->continue_on_error)
        return;
    bool *before = ARENA_ARRAY(&plan->arena, program->nstages, bool);
    bool *rescues = ARENA_ARRAY(&plan->arena, program->nstages, bool);
    before[stopper] = true;
    for (uint32_t k = program->nstages; k-- > 0;) {
        if (before[program->topo[k]])
            mark_before(program, program->topo[k], before);
    }
    for (uint32_t k = 0; k < program->nstages; k++) {
        uint32_t index = program->topo[k];
        StagePlan *stage = &plan->stages[index];
        bool open = stage->action != PLAN_SKIP && stage->action != PLAN_FILTERED;
        rescues[index] = is_rescue(plan, index, rescues);
        if (!open || before[index] || rescues[index] || stage->ended[DAG_FAILED] > 0)
            continue;
        stage->action = PLAN_MAYBE;
        stage->certain = false;
        stage->reason =
            arena_printf(&plan->arena, "cancelled if it has not begun when `%s` fails (-k goes on)",
                         plan_slug(plan, stopper));
    }
}
