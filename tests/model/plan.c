/*
 * plan.c - see plan.h.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODES = 4096, EXPRS = 512, CONSTS = 512, STRINGS = 4096 };

/* Types of the tables. */
enum { TYPE_INT, TYPE_INT_NULL, TYPE_LIST, TYPE_LIST_NULLS, TYPE_LIST_OR_NULL, TYPE_BOOL, NTYPES };
enum { TYPE_LIST_NULLS_OR_NULL = NTYPES, TYPES };

struct PlanTables {
    char strings[STRINGS];
    uint32_t nstrings;
    dag_type types[TYPES];
    dag_const consts[CONSTS];
    uint32_t nconsts;
    uint32_t code[CODES];
    uint32_t ncode;
    dag_expr exprs[EXPRS];
    uint32_t nexprs;
    dag_axis axes[PLAN_AXES];
    dag_stage stages[PLAN_STAGES];
    uint32_t topo[PLAN_STAGES];
    dag_port ports[PLAN_PORTS];
    dag_edge edges[PLAN_EDGES];
    uint32_t out_edges[PLAN_EDGES];
    dag_order orders[PLAN_ORDERS];
    uint32_t out_orders[PLAN_ORDERS];
    dag_resource resources[PLAN_STAGES * PLAN_RESOURCES];
    int32_t exit_codes[1];
    dag_output outputs[PLAN_PORTS];
};

/* ---------------------------------------------------------------- describing */

static void fail(const char *what) {
    fprintf(stderr, "plan: too many %s\n", what);
    abort();
}

Plan *plan_new(void) {
    Plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        abort();
    }
    plan->axes[0] = (PlanAxis){ DAG_NONE, DAG_NONE, 0 };
    plan->naxes = 1;
    return plan;
}

void plan_free(Plan *plan) {
    free(plan->tables);
    free(plan);
}

uint32_t plan_stage(Plan *plan, dag_fan fan) {
    if (plan->nstages == PLAN_STAGES) {
        fail("stages");
    }
    plan->stages[plan->nstages] = (PlanStage){ .fan = fan, .by = DAG_NONE, .grow = 1 };
    return plan->nstages++;
}

static uint32_t port_new(Plan *plan, PlanPort port) {
    if (plan->nports == PLAN_PORTS) {
        fail("ports");
    }
    plan->ports[plan->nports] = port;
    return plan->nports++;
}

uint32_t plan_in(Plan *plan, uint32_t stage) {
    PlanStage *row = &plan->stages[stage];
    if (row->nin == 8) {
        fail("inputs");
    }
    return row->in[row->nin++] = port_new(plan, (PlanPort){ .stage = stage });
}

uint32_t plan_out(Plan *plan, uint32_t stage, bool stream) {
    PlanStage *row = &plan->stages[stage];
    if (row->nout == 4) {
        fail("outputs");
    }
    PlanPort port = { .stage = stage, .out = true, .stream = stream };
    return row->out[row->nout++] = port_new(plan, port);
}

uint32_t plan_edge(Plan *plan, uint32_t from, uint32_t to) {
    PlanPort *port = &plan->ports[to];
    if (plan->nedges == PLAN_EDGES || port->nedges == 8) {
        fail("edges");
    }
    port->edges[port->nedges++] = plan->nedges;
    plan->edges[plan->nedges] = (PlanEdge){ .from = from, .to = to, .take = DAG_NONE };
    return plan->nedges++;
}

uint32_t plan_order(Plan *plan, uint32_t from, uint32_t to, dag_on on) {
    if (plan->norders == PLAN_ORDERS) {
        fail("orders");
    }
    plan->orders[plan->norders] = (PlanOrder){ from, to, on };
    return plan->norders++;
}

uint32_t plan_output(Plan *plan, uint32_t from) {
    uint32_t port = port_new(plan, (PlanPort){ .stage = DAG_NONE });
    plan_edge(plan, from, port);
    plan->ports[port].list = plan->ports[from].axis != 0;
    return port;
}

/* ---------------------------------------------------------------- axes */

static uint32_t axis_of(Plan *plan, uint32_t parent, uint32_t position) {
    for (uint32_t i = 1; i < plan->naxes; i++) {
        if (plan->axes[i].parent == parent && plan->axes[i].position == position) {
            return i;
        }
    }
    if (plan->naxes == PLAN_AXES) {
        fail("axes");
    }
    plan->axes[plan->naxes] = (PlanAxis){ parent, position, plan->axes[parent].depth + 1 };
    return plan->naxes++;
}

bool plan_begins(const Plan *plan, uint32_t b, uint32_t a) {
    while (plan->axes[b].depth > plan->axes[a].depth) {
        b = plan->axes[b].parent;
    }
    return a == b;
}

static uint32_t shared(const Plan *plan, uint32_t a, uint32_t b) {
    while (!plan_begins(plan, b, a)) {
        a = plan->axes[a].parent;
    }
    return a;
}

static uint32_t feed_axis(const Plan *plan, const PlanPort *port, uint32_t i) {
    return plan->ports[plan->edges[port->edges[i]].from].axis;
}

/* The axis of an input. False: its edges do not agree. */
static bool input_axis(Plan *plan, uint32_t number) {
    PlanPort *port = &plan->ports[number];
    port->axis = feed_axis(plan, port, 0);
    for (uint32_t i = 1; i < port->nedges; i++) {
        uint32_t axis = feed_axis(plan, port, i);
        if (port->merge) {
            port->axis = shared(plan, port->axis, axis);
        } else if (!port->list && axis != port->axis) {
            return false;
        }
    }
    if (port->merge) {
        port->axis = axis_of(plan, port->axis, number);
    }
    return true;
}

static bool shape_single(const Plan *plan, PlanStage *stage) {
    for (uint32_t i = 0; i < stage->nin; i++) {
        uint32_t axis = plan->ports[stage->in[i]].axis;
        if (plan->axes[axis].depth > plan->axes[stage->axis].depth) {
            stage->axis = axis;
        }
    }
    for (uint32_t i = 0; i < stage->nin; i++) {
        if (plan->ports[stage->in[i]].list ||
            !plan_begins(plan, stage->axis, plan->ports[stage->in[i]].axis)) {
            return false;
        }
    }
    return true;
}

static bool shape_aggregate(const Plan *plan, const PlanStage *stage) {
    for (uint32_t i = 0; i < stage->nin; i++) {
        const PlanPort *port = &plan->ports[stage->in[i]];
        for (uint32_t k = 0; k < port->nedges; k++) {
            if (port->list != (feed_axis(plan, port, k) != 0)) {
                return false;
            }
        }
        if (port->merge && port->axis != 0) {
            return false;
        }
    }
    return true;
}

/* The prefix of one position, or the one that ends at stage->by. DAG_NONE: it has none. */
static uint32_t group_axis(const Plan *plan, const PlanStage *stage, uint32_t axis) {
    while (axis != 0 && (stage->by != DAG_NONE ? plan->axes[axis].position != stage->by
                                               : plan->axes[axis].depth > 1)) {
        axis = plan->axes[axis].parent;
    }
    return axis == 0 ? DAG_NONE : axis;
}

static bool shape_grouped(const Plan *plan, PlanStage *stage) {
    stage->axis = DAG_NONE;
    for (uint32_t i = 0; i < stage->nin; i++) {
        const PlanPort *port = &plan->ports[stage->in[i]];
        for (uint32_t k = 0; k < port->nedges; k++) {
            uint32_t axis = port->merge ? port->axis : feed_axis(plan, port, k);
            uint32_t group = group_axis(plan, stage, axis);
            if (group != DAG_NONE && stage->axis != DAG_NONE && group != stage->axis) {
                return false;
            }
            stage->axis = group != DAG_NONE ? group : stage->axis;
        }
    }
    if (stage->axis == DAG_NONE) {
        return false;
    }
    for (uint32_t i = 0; i < stage->nin; i++) {
        const PlanPort *port = &plan->ports[stage->in[i]];
        for (uint32_t k = 0; k < port->nedges; k++) {
            uint32_t axis = port->merge ? port->axis : feed_axis(plan, port, k);
            bool below = plan_begins(plan, axis, stage->axis);
            if (port->list ? !below : !plan_begins(plan, stage->axis, axis)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_maximal(const Plan *plan, const PlanStage *stage, uint32_t axis) {
    for (uint32_t i = 0; i < stage->nin; i++) {
        uint32_t other = plan->ports[stage->in[i]].axis;
        if (other != axis && plan_begins(plan, other, axis)) {
            return false;
        }
    }
    return true;
}

static bool has_position(const Plan *plan, uint32_t axis, uint32_t position) {
    for (; axis != 0; axis = plan->axes[axis].parent) {
        if (plan->axes[axis].position == position) {
            return true;
        }
    }
    return false;
}

static uint32_t with_positions(Plan *plan, uint32_t to, uint32_t axis) {
    if (axis == 0) {
        return to;
    }
    to = with_positions(plan, to, plan->axes[axis].parent);
    uint32_t position = plan->axes[axis].position;
    return has_position(plan, to, position) ? to : axis_of(plan, to, position);
}

static bool shape_cross(Plan *plan, PlanStage *stage) {
    for (uint32_t i = 0; i < stage->nin; i++) {
        const PlanPort *port = &plan->ports[stage->in[i]];
        if (port->list) {
            return false;
        }
        if (is_maximal(plan, stage, port->axis)) {
            stage->axis = with_positions(plan, stage->axis, port->axis);
        }
    }
    return true;
}

bool plan_shape(Plan *plan, uint32_t number) {
    PlanStage *stage = &plan->stages[number];
    stage->axis = 0;
    for (uint32_t i = 0; i < stage->nin; i++) {
        if (!input_axis(plan, stage->in[i])) {
            return false;
        }
    }
    bool good = stage->fan == DAG_SINGLE      ? shape_single(plan, stage)
                : stage->fan == DAG_AGGREGATE ? shape_aggregate(plan, stage)
                : stage->fan == DAG_GROUPED   ? shape_grouped(plan, stage)
                                              : shape_cross(plan, stage);
    for (uint32_t i = 0; good && i < stage->nout; i++) {
        PlanPort *port = &plan->ports[stage->out[i]];
        port->axis = port->stream ? axis_of(plan, stage->axis, stage->out[i]) : stage->axis;
    }
    return good;
}

/* ---------------------------------------------------------------- tables */

static dag_name name_of(struct PlanTables *t, const char *kind, uint32_t number) {
    if (t->nstrings + 16 > STRINGS) {
        fail("names");
    }
    dag_name name = t->nstrings;
    t->nstrings += (uint32_t)sprintf(t->strings + name, "%s%u", kind, number) + 1;
    return name;
}

static uint32_t const_int(struct PlanTables *t, int64_t n) {
    if (t->nconsts == CONSTS) {
        fail("constants");
    }
    t->consts[t->nconsts] = (dag_const){ .kind = DAG_INT, .u.i = n };
    return t->nconsts++;
}

static uint32_t expr_new(struct PlanTables *t, const uint32_t *code, uint32_t n, uint32_t type) {
    if (t->nexprs == EXPRS || t->ncode + n > CODES) {
        fail("expressions");
    }
    memcpy(t->code + t->ncode, code, n * sizeof *code);
    t->exprs[t->nexprs] = (dag_expr){ .first = t->ncode, .n = n, .type = type };
    t->ncode += n;
    return t->nexprs++;
}

/* A condition over what `subject` pushes. A broken one is `it == n or (it as list)`. */
static uint32_t expr_cond(struct PlanTables *t, uint32_t subject, PlanCond cond) {
    uint32_t push = DAG_CODE(DAG_OP_CONST, const_int(t, cond.n));
    if (cond.test == PLAN_BROKEN) {
        uint32_t code[] = { subject,
                            push,
                            DAG_CODE(DAG_OP_COMPARE, DAG_EQ),
                            DAG_CODE(DAG_OP_OR, 2),
                            subject,
                            DAG_CODE(DAG_OP_FIT, TYPE_LIST) };
        return expr_new(t, code, 6, TYPE_BOOL);
    }
    uint32_t compare = cond.test == PLAN_AT_LEAST ? DAG_GE : DAG_NE;
    uint32_t code[] = { subject, push, DAG_CODE(DAG_OP_COMPARE, compare) };
    return expr_new(t, code, 3, TYPE_BOOL);
}

static uint32_t expr_order(struct PlanTables *t, PlanCond cond) {
    uint32_t it = DAG_CODE(DAG_OP_SPECIAL, DAG_IT);
    if (cond.test == PLAN_ANYTHING) {
        return DAG_NONE;
    }
    if (cond.test == PLAN_BROKEN) {
        /* FIT to a list fails behind AND, unless it == n: then false is the order */
        uint32_t push = DAG_CODE(DAG_OP_CONST, const_int(t, cond.n));
        uint32_t code[] = { it,
                            push,
                            DAG_CODE(DAG_OP_COMPARE, DAG_NE),
                            DAG_CODE(DAG_OP_AND, 2),
                            it,
                            DAG_CODE(DAG_OP_FIT, TYPE_LIST) };
        return expr_new(t, code, 6, TYPE_INT);
    }
    return expr_new(t, &it, 1, TYPE_INT);
}

static uint32_t expr_default(struct PlanTables *t, const PlanPort *port) {
    if (!port->has_default) {
        return DAG_NONE;
    }
    uint32_t code[] = { DAG_CODE(DAG_OP_CONST, const_int(t, 77)), DAG_CODE(DAG_OP_LIST, 1) };
    return expr_new(t, code, port->list ? 2 : 1, port->list ? TYPE_LIST : TYPE_INT);
}

/* An `int` is kept in the scheduler's own tables, `json` in boxes that are given back: both must do. */
static void make_types(struct PlanTables *t, bool boxed) {
    t->types[TYPE_INT] = (dag_type){ .kind = boxed ? DAG_JSON : DAG_INT, .elem = DAG_NONE };
    t->types[TYPE_INT_NULL] = (dag_type){ .kind = DAG_OPTIONAL, .elem = TYPE_INT };
    t->types[TYPE_LIST] = (dag_type){ .kind = DAG_LIST, .elem = TYPE_INT };
    t->types[TYPE_LIST_NULLS] = (dag_type){ .kind = DAG_LIST, .elem = TYPE_INT_NULL };
    t->types[TYPE_LIST_OR_NULL] = (dag_type){ .kind = DAG_OPTIONAL, .elem = TYPE_LIST };
    t->types[TYPE_BOOL] = (dag_type){ .kind = DAG_BOOL, .elem = DAG_NONE };
    t->types[TYPE_LIST_NULLS_OR_NULL] = (dag_type){ .kind = DAG_OPTIONAL, .elem = TYPE_LIST_NULLS };
}

static uint32_t type_of(const PlanPort *port) {
    if (port->list) {
        return port->nulls      ? port->optional ? TYPE_LIST_NULLS_OR_NULL : TYPE_LIST_NULLS
               : port->optional ? TYPE_LIST_OR_NULL
                                : TYPE_LIST;
    }
    return port->optional ? TYPE_INT_NULL : TYPE_INT;
}

static uint32_t flags_of(const PlanPort *port) {
    return (port->stream ? DAG_PORT_STREAM : 0u) | (port->list ? DAG_PORT_LIST : 0u) |
           (port->merge ? DAG_PORT_MERGE : 0u) | (port->any ? DAG_PORT_ANY : 0u) |
           (port->optional || port->has_default ? DAG_PORT_OPTIONAL : 0u);
}

/* Numbers the ports: stage by stage, inputs, then outputs, in the end those of the pipeline. */
static void number_ports(Plan *plan) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->nstages; i++) {
        PlanStage *stage = &plan->stages[i];
        for (uint32_t k = 0; k < stage->nin; k++) {
            plan->ports[stage->in[k]].number = n++;
        }
        for (uint32_t k = 0; k < stage->nout; k++) {
            plan->ports[stage->out[k]].number = n++;
        }
    }
    for (uint32_t i = 0; i < plan->nports; i++) {
        if (plan->ports[i].stage == DAG_NONE) {
            plan->ports[i].number = n++;
        }
    }
}

static void make_edges(Plan *plan, struct PlanTables *t, const uint32_t *port_at) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->nports; i++) {
        const PlanPort *port = &plan->ports[port_at[i]];
        t->ports[i].edge = port->out ? 0 : n;
        for (uint32_t k = 0; !port->out && k < port->nedges; k++) {
            PlanEdge *edge = &plan->edges[port->edges[k]];
            uint32_t it = DAG_CODE(DAG_OP_SPECIAL, DAG_IT);
            edge->number = n;
            t->edges[n++] = (dag_edge){
                .from = plan->ports[edge->from].number,
                .to = i,
                .where =
                    edge->where.test == PLAN_ANYTHING ? DAG_NONE : expr_cond(t, it, edge->where),
                .order_by = expr_order(t, edge->order),
                .take = edge->take,
                .flags = edge->desc ? DAG_EDGE_DESC : 0,
            };
        }
    }
    n = 0;
    for (uint32_t i = 0; i < plan->nports; i++) {
        if (!plan->ports[port_at[i]].out) {
            continue;
        }
        t->ports[i].edge = n;
        for (uint32_t k = 0; k < plan->nedges; k++) {
            if (t->edges[k].from == i) {
                t->out_edges[n++] = k;
            }
        }
        t->ports[i].nedges = n - t->ports[i].edge;
    }
}

static void make_ports(Plan *plan, struct PlanTables *t) {
    uint32_t port_at[PLAN_PORTS];
    number_ports(plan);
    for (uint32_t i = 0; i < plan->nports; i++) {
        port_at[plan->ports[i].number] = i;
    }
    for (uint32_t i = 0; i < plan->nports; i++) {
        const PlanPort *port = &plan->ports[port_at[i]];
        t->ports[i] = (dag_port){ .name = name_of(t, "p", i),
                                  .stage = port->stage,
                                  .type = port->out ? TYPE_INT : type_of(port),
                                  .axis = port->axis,
                                  .flags = flags_of(port),
                                  .value = port->out ? DAG_NONE : expr_default(t, port),
                                  .nedges = port->nedges };
    }
    make_edges(plan, t, port_at);
    for (uint32_t i = 0; i < plan->naxes; i++) {
        const PlanAxis *axis = &plan->axes[i];
        uint32_t position =
            axis->position == DAG_NONE ? DAG_NONE : plan->ports[axis->position].number;
        t->axes[i] = (dag_axis){ axis->parent, position, axis->depth };
    }
}

static void make_orders(const Plan *plan, struct PlanTables *t) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->nstages; i++) {
        t->stages[i].order = n;
        for (uint32_t k = 0; k < plan->norders; k++) {
            if (plan->orders[k].to == i) {
                t->orders[n++] = (dag_order){ plan->orders[k].from, i, plan->orders[k].on, 0 };
            }
        }
        t->stages[i].norder = n - t->stages[i].order;
    }
    uint32_t after = 0;
    for (uint32_t i = 0; i < plan->nstages; i++) {
        t->stages[i].after = after;
        for (uint32_t k = 0; k < n; k++) {
            if (t->orders[k].from == i) {
                t->out_orders[after++] = k;
            }
        }
        t->stages[i].nafter = after - t->stages[i].after;
    }
}

static uint32_t make_resources(const PlanStage *stage, struct PlanTables *t, uint32_t first,
                               const dag_name *names) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < PLAN_RESOURCES; i++) {
        if (stage->amount[i] > 0) {
            t->resources[first + n++] = (dag_resource){ names[i], stage->amount[i], stage->grow };
        }
    }
    return n;
}

static void make_stages(Plan *plan, struct PlanTables *t) {
    uint32_t nresources = 0;
    dag_name names[PLAN_RESOURCES];
    for (uint32_t i = 0; i < PLAN_RESOURCES; i++) {
        names[i] = name_of(t, "resource", i);
    }
    for (uint32_t i = 0; i < plan->nstages; i++) {
        const PlanStage *from = &plan->stages[i];
        uint32_t in = from->nin ? plan->ports[from->in[0]].number : 0;
        t->topo[i] = i;
        t->stages[i] = (dag_stage){
            .slug = name_of(t, "s", i),
            .fan = from->fan,
            .flags = from->flags,
            .axis = from->axis,
            .in = in,
            .nin = from->nin,
            .out = from->nout ? plan->ports[from->out[0]].number : 0,
            .nout = from->nout,
            .when = from->has_when ? expr_cond(t, DAG_CODE(DAG_OP_INPUT, from->when), from->cond)
                                   : DAG_NONE,
            .native = DAG_NONE,
            .sub = DAG_NONE,
            .map_over = DAG_NONE,
            .resource = nresources,
            .nresource = make_resources(from, t, nresources, names),
            .retry = from->retry,
            .retry_on = from->retry_on,
            .backoff = from->backoff,
            .max_parallel = from->max_parallel,
            .max_tasks = from->max_tasks,
        };
        nresources += t->stages[i].nresource;
    }
    make_orders(plan, t);
}

bool plan_finish(Plan *plan) {
    for (uint32_t i = 0; i < plan->nstages; i++) {
        if (!plan_shape(plan, i)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < plan->nports; i++) {
        if (plan->ports[i].stage == DAG_NONE) {
            input_axis(plan, i);
            plan->ports[i].list = plan->ports[i].axis != 0;
        }
    }
    struct PlanTables *t = calloc(1, sizeof *t);
    if (!t) {
        abort();
    }
    plan->tables = t;
    t->nstrings = 1;
    make_types(t, plan->nstages % 2 == 0);
    make_ports(plan, t);
    make_stages(plan, t);
    plan->program = (dag_program){ .abi = DAG_ABI,
                                   .name = name_of(t, "plan", 0),
                                   .strings = t->strings,
                                   .types = t->types,
                                   .ntypes = TYPES,
                                   .consts = t->consts,
                                   .nconsts = t->nconsts,
                                   .code = t->code,
                                   .ncode = t->ncode,
                                   .exprs = t->exprs,
                                   .nexprs = t->nexprs,
                                   .axes = t->axes,
                                   .naxes = plan->naxes,
                                   .stages = t->stages,
                                   .nstages = plan->nstages,
                                   .topo = t->topo,
                                   .ports = t->ports,
                                   .nports = plan->nports,
                                   .edges = t->edges,
                                   .nedges = plan->nedges,
                                   .out_edges = t->out_edges,
                                   .orders = t->orders,
                                   .norders = plan->norders,
                                   .out_orders = t->out_orders,
                                   .resources = t->resources,
                                   .exit_codes = t->exit_codes,
                                   .outputs = t->outputs,
                                   .continue_on_error = plan->continue_on_error };
    return true;
}
