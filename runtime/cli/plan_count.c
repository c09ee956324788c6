/*
 * plan_count.c - how many tasks a stage will have that waits for others: known along plain edges,
 * supposing that bodies succeed.
 */
#include "cli/plan_parts.h"

/* For how many keys the stage gives something; DAG_NONE: not known. */
static uint32_t keys_given(const Plan *plan, uint32_t index) {
    const StagePlan *stage = &plan->stages[index];
    if ((plan->program->stages[index].flags & DAG_STAGE_GATE) != 0)
        return DAG_NONE;
    if (plan_is_over(stage))
        return stage->ended[DAG_COMPLETED] + stage->ended[DAG_CACHED];
    return stage->total;
}

/* Nothing but the key decides whether this input has something. */
static bool is_plain(const Plan *plan, const dag_port *in) {
    const uint32_t special =
        DAG_PORT_LIST | DAG_PORT_MERGE | DAG_PORT_ANY | DAG_PORT_OPTIONAL | DAG_PORT_HIDDEN;
    const dag_edge *edge = &plan->program->edges[in->edge];
    return in->nedges == 1 && (in->flags & special) == 0 && edge->where == DAG_NONE &&
           edge->take == DAG_NONE &&
           (plan->program->ports[edge->from].flags & DAG_PORT_STREAM) == 0;
}

/* One plain input has the axis of the stage; what else is fed is the same for all keys. */
static uint32_t keys_along(const Plan *plan, const dag_stage *stage) {
    uint32_t keys = DAG_NONE;
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &plan->program->ports[i];
        if (in->nedges == 0 || in->axis == 0)
            continue;
        if (in->axis != stage->axis || keys != DAG_NONE || !is_plain(plan, in))
            return DAG_NONE;
        keys = keys_given(plan, plan->program->ports[plan->program->edges[in->edge].from].stage);
    }
    return keys;
}

void plan_count(Plan *plan, uint32_t index) {
    StagePlan *stage = &plan->stages[index];
    const dag_stage *row = &plan->program->stages[index];
    if (stage->behind == DAG_NONE)
        stage->total = stage->held + stage->ended[DAG_COMPLETED] + stage->ended[DAG_CACHED];
    else if (stage->action != PLAN_RUN || row->when != DAG_NONE)
        stage->total = DAG_NONE;
    else if (row->axis == 0)
        stage->total = 1;
    else /* of what may be reused, some tasks may be */
        stage->total =
            fingerprint_reusable(plan->fingerprints, index) ? DAG_NONE : keys_along(plan, row);
}
