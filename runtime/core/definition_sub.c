/*
 * definition_sub.c - what a pipeline that is called is, as a digest: for the stage that calls it all
 * of it is one body.
 *
 * What a stage of the caller gets shows in the values of its inputs; what stages within get does not,
 * so here edges, conditions, bindings and fan modes count as well.
 */
#include "core/definition.h"

/* An edge's or order's end, by name: "stage.port". */
static void put_port(Digester *digester, const dag_program *sub, uint32_t port) {
    const dag_port *row = &sub->ports[port];
    if (row->stage != DAG_NONE)
        digest_name(digester, sub, sub->stages[row->stage].slug);
    digest_name(digester, sub, row->name);
}

static void put_edges(Digester *digester, const dag_program *sub, const dag_stage *stage,
                      const dag_port *in) {
    digest_number(digester, in->nedges);
    for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
        const dag_edge *edge = &sub->edges[e];
        put_port(digester, sub, edge->from);
        digest_expr(digester, sub, stage, edge->where);
        digest_expr(digester, sub, stage, edge->order_by);
        digest_number(digester, edge->take);
        digest_number(digester, edge->flags);
    }
}

static void put_axis(Digester *digester, const dag_program *sub, uint32_t axis) {
    digest_number(digester, sub->axes[axis].depth);
    for (; sub->axes[axis].parent != DAG_NONE; axis = sub->axes[axis].parent)
        put_port(digester, sub, sub->axes[axis].position);
}

static void put_inputs(Digester *digester, const dag_program *sub, const dag_stage *stage) {
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &sub->ports[i];
        digest_number(digester, in->flags);
        digest_expr(digester, sub, stage, in->value);
        put_edges(digester, sub, stage, in);
    }
}

static void put_wired(Digester *digester, const dag_program *sub, uint32_t index) {
    const dag_stage *stage = &sub->stages[index];
    const uint32_t meaning =
        DAG_STAGE_GATE | DAG_STAGE_PASSTHROUGH | DAG_STAGE_MAY_FAIL | DAG_STAGE_OFF;
    digest_stage(digester, sub, index);
    digest_number(digester, stage->fan);
    digest_number(digester, stage->flags & meaning);
    digest_number(digester, stage->max_tasks);
    digest_expr(digester, sub, stage, stage->when);
    put_axis(digester, sub, stage->axis);
    put_inputs(digester, sub, stage);
    digest_number(digester, stage->norder);
    for (uint32_t i = stage->order; i < stage->order + stage->norder; i++) {
        digest_name(digester, sub, sub->stages[sub->orders[i].from].slug);
        digest_number(digester, sub->orders[i].on);
    }
}

static void put_results(Digester *digester, const dag_program *sub) {
    /* An output's expression reads the hidden ports [in ..), as a stage's its own. */
    digest_number(digester, sub->noutputs);
    for (uint32_t i = 0; i < sub->noutputs; i++) {
        const dag_output *output = &sub->outputs[i];
        const dag_stage holder = { .in = output->in, .nin = output->nin };
        digest_name(digester, sub, output->name);
        digest_type(digester, sub, output->type);
        digest_expr(digester, sub, &holder, output->value);
        for (uint32_t p = output->in; p < output->in + output->nin; p++)
            put_edges(digester, sub, &holder, &sub->ports[p]);
    }
}

void digest_sub(Digester *digester, const dag_program *sub) {
    const dag_stage nobody = { 0 };
    digest_name(digester, sub, sub->name);
    digest_number(digester, sub->continue_on_error);
    digest_number(digester, sub->ninputs);
    for (uint32_t i = 0; i < sub->ninputs; i++) {
        digest_name(digester, sub, sub->inputs[i].name);
        digest_type(digester, sub, sub->inputs[i].type);
        digest_expr(digester, sub, &nobody, sub->inputs[i].value);
        digest_expr(digester, sub, &nobody, sub->inputs[i].where);
    }
    digest_number(digester, sub->nstages);
    for (uint32_t i = 0; i < sub->nstages; i++)
        put_wired(digester, sub, i);
    put_results(digester, sub);
}
