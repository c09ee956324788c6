/*
 * plan_temps.c - known results whose temporary files are gone: will somebody need them again?
 *
 * Tasks that are known to run have said so while the driver went through (plan.c). Here is about those
 * behind what is still to run.
 */
#include <unistd.h>

#include "cli/plan_parts.h"

static bool is_gone(dag_value value) {
    bool path = value.kind == DAG_FILE || value.kind == DAG_DIR;
    bool gone = path && access(value.u.text, F_OK) != 0;
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len && !gone; i++)
        gone = is_gone(value.u.items[i]);
    return gone;
}

bool plan_has_gone(const dag_event *event) {
    const dag_program *program = event->program;
    const dag_stage *stage = &program->stages[event->stage];
    for (uint32_t i = 0; event->outputs != NULL && i < stage->nout; i++) {
        if ((program->ports[stage->out + i].flags & DAG_PORT_TEMP) != 0 &&
            is_gone(event->outputs[i]))
            return true;
    }
    return false;
}

static void need(Plan *plan, StagePlan *stage, uint32_t by) {
    const StagePlan *consumer = &plan->stages[by];
    bool sure = consumer->action == PLAN_RUN && consumer->held == 0;
    if (stage->action == PLAN_RUN || (stage->action == PLAN_MAYBE && !sure))
        return;
    stage->action = sure ? PLAN_RUN : PLAN_MAYBE;
    stage->reason = arena_printf(&plan->arena, "its temporary output %s needed again by `%s`",
                                 sure ? "is" : "may be", plan_slug(plan, by));
}

/* Stages that may run, but are not known to yet, look at what the port gave, perhaps behind others
 * that hand it on. */
static void look_for_need(Plan *plan, StagePlan *stage, uint32_t port) {
    const dag_program *program = plan->program;
    for (uint32_t i = 0; i < program->ports[port].nedges; i++) {
        const dag_edge *edge = &program->edges[program->out_edges[program->ports[port].edge + i]];
        uint32_t to = program->ports[edge->to].stage;
        if (to == DAG_NONE)
            continue;
        const dag_stage *row = &program->stages[to];
        bool body = row->body != DAG_BODY_NONE;
        PlanAction action = plan->stages[to].action;
        if (body && (action == PLAN_RUN || action == PLAN_MAYBE))
            need(plan, stage, to);
        for (uint32_t o = row->out; o < row->out + row->nout; o++) {
            if (!body || (row->flags & DAG_STAGE_GATE) != 0)
                look_for_need(plan, stage, o);
        }
    }
}

/* Consumers first: a task that is carried out once more needs its own inputs again. */
void plan_decide_temps(Plan *plan) {
    const dag_program *program = plan->program;
    for (uint32_t k = program->nstages; k-- > 0;) {
        StagePlan *stage = &plan->stages[program->topo[k]];
        const dag_stage *row = &program->stages[program->topo[k]];
        if (!stage->gone || stage->action != PLAN_CACHED)
            continue;
        for (uint32_t port = row->out; port < row->out + row->nout; port++) {
            if ((program->ports[port].flags & DAG_PORT_TEMP) != 0)
                look_for_need(plan, stage, port);
        }
    }
}
