/*
 * setup_graph.c - inputs and stages of a scheduler.
 */
#include "core/keys.h"
#include "core/setup.h"

/* ---------------------------------------------------------------- inputs */

static FeedKind feed_kind(const dag_port *port) {
    if (port->nedges == 0 || port->stage == DAG_NONE) {
        return FEED_NONE;
    }
    return port->flags & DAG_PORT_LIST    ? FEED_LIST
           : port->flags & DAG_PORT_MERGE ? FEED_MERGE
           : port->flags & DAG_PORT_ANY   ? FEED_ANY
                                          : FEED_PLAIN;
}

static bool is_nullable_list(const Sched *s, const dag_port *port) {
    const dag_type *types = s->program->types;
    uint32_t type = port->type;
    if (type != DAG_NONE && types[type].kind == DAG_OPTIONAL) {
        type = types[type].elem;
    }
    if (type == DAG_NONE || types[type].kind != DAG_LIST) {
        return false;
    }
    return types[types[type].elem].kind == DAG_OPTIONAL;
}

static void feed_extra(Sched *s, uint32_t number, Input *in) {
    const dag_port *port = port_row(s, number);
    if (in->feed == FEED_LIST) {
        in->extra = s->nlists++;
        List *list = &s->lists[in->extra];
        list->port = number;
        list->nulls = is_nullable_list(s, port);
        setup_column(s, in->axis, &list->flags, sizeof *list->flags);
    } else if (in->feed == FEED_ANY) {
        in->extra = s->nanys++;
        setup_column(s, in->axis, &s->anys[in->extra].noted, sizeof(uint8_t));
    } else if (in->feed == FEED_MERGE) {
        in->extra = s->nmerges++;
        Merge *merge = &s->merges[in->extra];
        merge->port = number;
        merge->axis = in->axis;
        merge->nodes = ARENA_ARRAY(&s->setup, port->nedges, uint32_t *);
        s->axes[in->axis].merge = in->extra;
        for (uint32_t i = 0; i < port->nedges; i++) {
            uint32_t from = setup_edge_axis(s, port->edge + i);
            setup_column(s, from, &merge->nodes[i], sizeof(uint32_t));
            links_add(s, &s->axes[from].merges, port->edge + i);
        }
    }
}

/* Is what it knows the same for all new siblings? */
static bool is_uniform(const Sched *s, const Input *in, const dag_port *port) {
    if (in->place == PLACE_PART || in->feed == FEED_LIST) {
        return false;
    }
    if (in->place == PLACE_ABOVE) {
        return true;
    }
    bool picks = s->program->edges[port->edge].where != DAG_NONE;
    return in->feed == FEED_PLAIN && !(picks && setup_from_stream(s, port->edge));
}

/* Behind an edge without conditions stands the same key of the output that feeds it. */
static void wire(Sched *s, const dag_port *port, Input *in) {
    if (in->feed != FEED_PLAIN || in->place != PLACE_SAME) {
        return;
    }
    const dag_edge *edge = &s->program->edges[port->edge];
    const dag_port *from = port_row(s, edge->from);
    in->bare = pick_of(s, port->edge) == DAG_NONE && (edge->flags & DAG_EDGE_FIT) == 0;
    in->direct = in->bare && (from->flags & DAG_PORT_STREAM) == 0;
    if (in->direct) {
        in->maker = from->stage;
        in->number = edge->from - stage_row(s, from->stage)->out;
    }
}

static void input_setup(Sched *s, uint32_t number) {
    const dag_port *port = port_row(s, number);
    Input *in = &s->inputs[number];
    in->stage = port->stage;
    in->feed = (uint8_t)feed_kind(port);
    if (in->feed == FEED_NONE) {
        return;
    }
    uint32_t stage_axis = stage_row(s, port->stage)->axis;
    in->axis = in->feed == FEED_LIST    ? stage_axis
               : in->feed == FEED_MERGE ? port->axis
                                        : setup_edge_axis(s, port->edge);
    in->place = in->axis == stage_axis                 ? PLACE_SAME
                : axis_begins(s, stage_axis, in->axis) ? PLACE_ABOVE
                                                       : PLACE_PART;
    in->required = (port->flags & DAG_PORT_OPTIONAL) == 0 && port->value == DAG_NONE;
    in->hard = in->required || in->feed == FEED_LIST;
    in->leads = in->place == PLACE_SAME && in->feed != FEED_LIST;
    in->uniform = is_uniform(s, in, port);
    wire(s, port, in);
    feed_extra(s, number, in);
}

static uint32_t common_prefix(const Sched *s, uint32_t a, uint32_t b) {
    while (!axis_begins(s, b, a)) {
        a = s->axes[a].parent;
    }
    return a;
}

/* The axis of an input of that stage. */
static uint32_t input_axis(const dag_stage *row, const Input *in) {
    return in->direct ? row->axis : in->axis;
}

/* Which inputs of a cross stage have a maximal axis, and what these share. */
static uint32_t cross_setup(Sched *s, const dag_stage *row) {
    uint32_t core = row->axis;
    bool first = true;
    for (uint32_t i = row->in; i < row->in + row->nin; i++) {
        Input *in = &s->inputs[i];
        uint32_t axis = input_axis(row, in);
        in->leads = in->feed != FEED_NONE;
        for (uint32_t k = row->in; k < row->in + row->nin && in->leads; k++) {
            const Input *other = &s->inputs[k];
            uint32_t beside = input_axis(row, other);
            in->leads = other->feed == FEED_NONE || beside == axis || !axis_begins(s, beside, axis);
        }
        if (in->leads) {
            core = first ? axis : common_prefix(s, core, axis);
            first = false;
        }
    }
    return core;
}

static void count_inputs(Sched *s, uint32_t *lists, uint32_t *anys, uint32_t *merges) {
    for (uint32_t i = 0; i < s->program->nports; i++) {
        uint32_t flags = port_row(s, i)->flags;
        *lists += (flags & DAG_PORT_LIST) != 0;
        *anys += (flags & DAG_PORT_ANY) != 0;
        *merges += (flags & DAG_PORT_MERGE) != 0;
    }
}

static void setup_picks(Sched *s) {
    const dag_program *program = s->program;
    uint32_t n = 0;
    for (uint32_t i = 0; i < program->nedges; i++) {
        n += program->edges[i].where != DAG_NONE || program->edges[i].take != DAG_NONE;
    }
    if (n == 0) {
        return;
    }
    s->picked = arena_raw(&s->setup, program->nedges * sizeof *s->picked);
    s->picks = ARENA_ARRAY(&s->setup, n, Pick);
    for (uint32_t i = 0; i < program->nedges; i++) {
        const dag_edge *edge = &program->edges[i];
        s->picked[i] = DAG_NONE;
        if (edge->where != DAG_NONE || edge->take != DAG_NONE) {
            Pick *pick = &s->picks[s->npicks];
            s->picked[i] = s->npicks++;
            *pick = (Pick){ .edge = i, .count = DAG_NONE };
            setup_column(s, setup_edge_axis(s, i), &pick->status, sizeof(uint8_t));
        }
    }
}

void setup_inputs(Sched *s) {
    const dag_program *program = s->program;
    uint32_t lists = 0;
    uint32_t anys = 0;
    uint32_t merges = 0;
    count_inputs(s, &lists, &anys, &merges);
    s->inputs = ARENA_ARRAY(&s->setup, program->nports, Input);
    s->lists = ARENA_ARRAY(&s->setup, lists, List);
    s->anys = ARENA_ARRAY(&s->setup, anys, Any);
    s->merges = ARENA_ARRAY(&s->setup, merges, Merge);
    setup_picks(s);
    for (uint32_t i = 0; i < program->nports; i++) {
        s->inputs[i].stage = DAG_NONE;
    }
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *row = &program->stages[i];
        for (uint32_t port = row->in; port < row->in + row->nin; port++) {
            input_setup(s, port);
        }
    }
}

/* ---------------------------------------------------------------- stages */

/* May the input be open when a task comes to be? */
static bool may_wait(const Sched *s, uint32_t port, const Input *in) {
    if (in->feed != FEED_PLAIN || in->place != PLACE_SAME) {
        return in->feed != FEED_NONE;
    }
    uint32_t edge = port_row(s, port)->edge;
    return !setup_from_stream(s, edge) || s->program->edges[edge].take != DAG_NONE;
}

static void input_columns(Sched *s, StageRun *run, const dag_stage *row) {
    bool wait = false;
    bool soft = false;
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const Input *in = &s->inputs[port];
        run->more->nhard += in->direct && in->hard;
        run->more->nsoft += in->direct && !in->hard;
        wait |= in->hard && may_wait(s, port, in);
        soft |= !in->hard && may_wait(s, port, in);
    }
    setup_column(s, row->axis, &run->many.task, sizeof *run->many.task);
    if (wait) {
        setup_column(s, row->axis, &run->many.wait, sizeof *run->many.wait);
    }
    if (soft) {
        setup_column(s, row->axis, &run->more->soft, sizeof *run->more->soft);
    }
    if (run->more->retries > 0) {
        setup_column(s, row->axis, &run->more->attempt, sizeof *run->more->attempt);
        setup_column(s, row->axis, &run->more->started, sizeof *run->more->started);
    }
}

/* Is no output a stream, and none of a type that holds memory? They are kept as they are then. */
static bool is_flat(const Sched *s, const dag_stage *row) {
    const dag_type *types = s->program->types;
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        uint32_t type = port_row(s, port)->type;
        if ((port_row(s, port)->flags & DAG_PORT_STREAM) != 0 || type == DAG_NONE) {
            return false;
        }
        type = types[type].kind == DAG_OPTIONAL ? types[type].elem : type;
        switch ((dag_kind)types[type].kind) {
        case DAG_BOOL:
        case DAG_INT:
        case DAG_FLOAT:
        case DAG_DURATION:
        case DAG_SIZE: break;
        default: return false;
        }
    }
    return true;
}

static void output_columns(Sched *s, StageRun *run, const dag_stage *row) {
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        const dag_port *out = port_row(s, port);
        bool stream = (out->flags & DAG_PORT_STREAM) != 0;
        run->more->nedges_out += out->nedges;
        run->streams |= stream;
        for (uint32_t i = 0; i < out->nedges; i++) {
            const dag_edge *edge = &s->program->edges[s->program->out_edges[out->edge + i]];
            run->gathers |= (port_row(s, edge->to)->flags & DAG_PORT_LIST) != 0;
        }
        run->more->base_uses += stream ? 0 : out->nedges;
        for (uint32_t i = 0; stream && i < out->nedges; i++) {
            links_add(s, &s->axes[out->axis].streams, s->program->out_edges[out->edge + i]);
        }
    }
    bool gate = (row->flags & DAG_STAGE_GATE) != 0 && row->nout > 0;
    if (run->more->nedges_out > 0 && !gate && is_flat(s, row)) {
        setup_column(s, row->axis, &run->many.flat, row->nout * (uint32_t)sizeof *run->many.flat);
    } else if (run->more->nedges_out > 0 || gate) {
        run->boxes = true;
        setup_column(s, row->axis, &run->more->box, sizeof *run->more->box);
        setup_column(s, row->axis, &run->more->uses, sizeof *run->more->uses);
    }
    if (gate) {
        setup_column(s, row->axis, &run->more->pass, sizeof *run->more->pass);
    }
}

static uint32_t count_gates(const Sched *s, const dag_stage *row) {
    uint32_t n = row->norder;
    bool barrier = (row->flags & DAG_STAGE_BARRIER) != 0;
    for (uint32_t port = row->in; barrier && port < row->in + row->nin; port++) {
        n += port_row(s, port)->nedges;
    }
    return n;
}

/* Only what has no limit of its own: a time-out, say, begins when the task does. */
static bool may_line_up(const dag_stage *row) {
    const uint32_t special = DAG_STAGE_ISOLATE | DAG_STAGE_GATE | DAG_STAGE_OFF;
    bool bounded = row->timeout > 0 || row->max_parallel > 0 || row->max_tasks > 0;
    return row->body == DAG_BODY_NATIVE && (row->flags & special) == 0 && !bounded &&
           row->nresource == 0 && row->when == DAG_NONE;
}

/* Has the stage at most one task, and does nothing but a StageRun change with it? */
static bool is_plain(const Sched *s, const dag_stage *row, uint32_t retries) {
    const uint32_t special = DAG_STAGE_GATE | DAG_STAGE_OFF;
    bool limited = row->max_parallel > 0 || row->max_tasks > 0 || row->nresource > 0 || retries > 0;
    if (row->axis != 0 || row->nout > 1 || (row->flags & special) != 0 || limited || is_call(row) ||
        !is_flat(s, row)) {
        return false;
    }
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        if (s->inputs[port].feed != FEED_NONE && !s->inputs[port].hard) {
            return false;
        }
    }
    return true;
}

static void plain_setup(Sched *s, StageRun *run, const dag_stage *row) {
    run->plain = true;
    run->more = &s->no_more;
    run->one.expr = DAG_NONE;
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        run->one.wait += s->inputs[port].direct;
    }
    if (row->nout > 0) {
        const dag_port *out = port_row(s, row->out);
        run->one.expr = out->value;
        run->ntarget = out->nedges;
    }
}

static void many_setup(Sched *s, StageRun *run, const dag_stage *row, uint32_t retries,
                       uint32_t core) {
    run->more = ARENA_NEW(&s->setup, StageMore);
    run->more->nout = row->nout;
    run->more->retries = retries;
    run->more->core = core;
    input_columns(s, run, row);
    output_columns(s, run, row);
}

static void stage_setup(Sched *s, StageRun *run, const dag_stage *row) {
    bool off = (row->flags & DAG_STAGE_OFF) != 0;
    uint32_t retries = s->config.retry >= 0 ? (uint32_t)s->config.retry : row->retry;
    uint32_t core = row->fan == DAG_CROSS ? cross_setup(s, row) : row->axis;
    run->in = row->in;
    run->nin = row->nin;
    run->bounded = row->max_tasks > 0;
    run->ordered = row->nafter > 0;
    run->filters = off;
    run->asked = s->config.asks && s->config.asks[row - s->program->stages];
    run->lines = !run->asked && may_line_up(row);
    run->off = off && (row->flags & DAG_STAGE_PASSTHROUGH) == 0;
    run->sure = row->max_tasks == 0;
    run->gates = count_gates(s, row);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const Input *in = &s->inputs[port];
        run->varies |= in->feed != FEED_NONE && !in->uniform;
        run->lists |= in->feed == FEED_LIST;
        run->looks |= in->feed != FEED_NONE && !in->direct;
    }
    if (is_plain(s, row, retries)) {
        plain_setup(s, run, row);
    } else {
        many_setup(s, run, row, retries, core);
    }
}

/* Each at the beginning of a line of the cache. */
static StageRun *new_stages(Sched *s) {
    const size_t line = sizeof(StageRun);
    char *room = arena_array(&s->setup, (size_t)s->program->nstages + 1, line);
    return (StageRun *)(void *)(room + (-(uintptr_t)room & (line - 1)));
}

/* Room for the stages of each axis, as many as they are. */
static void reserve_stages(Sched *s) {
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        s->axes[stage_row(s, i)->axis].stages.cap++;
    }
    for (uint32_t i = 0; i < s->program->naxes; i++) {
        Links *stages = &s->axes[i].stages;
        stages->items = sched_resize(s, NULL, stages->cap, sizeof *stages->items);
    }
}

/* The rank of a plain stage behind or before a direct input. */
static uint32_t near_rank(const Sched *s, const Input *in, uint32_t stage) {
    return in->direct && stage_run(s, stage)->plain ? s->ranks[stage] : DAG_NONE;
}

static void stage_near(Sched *s, const StageRun *run, const dag_stage *row) {
    uint32_t *near = s->near + run->near;
    for (uint32_t i = 0; i < run->nin; i++) {
        const Input *in = &s->inputs[run->in + i];
        *near++ = near_rank(s, in, in->maker);
    }
    for (uint32_t i = 0; i < run->ntarget; i++) {
        uint32_t edge = s->program->out_edges[port_row(s, row->out)->edge + i];
        const Input *in = &s->inputs[s->program->edges[edge].to];
        *near++ = near_rank(s, in, in->stage);
    }
}

/* Who is near whom, in the order of ranks. */
static void setup_near(Sched *s) {
    uint32_t n = 0;
    for (uint32_t rank = 0; rank < s->program->nstages; rank++) {
        StageRun *run = &s->stages[rank];
        run->near = n;
        n += run->plain ? run->nin + run->ntarget : 0;
    }
    s->near = arena_raw(&s->setup, n * sizeof *s->near);
    for (uint32_t rank = 0; rank < s->program->nstages; rank++) {
        if (s->stages[rank].plain) {
            stage_near(s, &s->stages[rank], stage_row(s, s->program->topo[rank]));
        }
    }
}

void setup_stages(Sched *s) {
    const dag_program *program = s->program;
    s->stages = new_stages(s);
    s->ranks = arena_raw(&s->setup, program->nstages * sizeof *s->ranks);
    for (uint32_t rank = 0; rank < program->nstages; rank++) {
        s->ranks[program->topo[rank]] = rank;
    }
    s->nlive = program->nstages;
    reserve_stages(s);
    for (uint32_t rank = 0; rank < program->nstages; rank++) {
        uint32_t stage = program->topo[rank];
        const dag_stage *row = stage_row(s, stage);
        s->stages[rank].rank = rank;
        s->has_barriers |= (row->flags & DAG_STAGE_BARRIER) != 0;
        links_add(s, &s->axes[row->axis].stages, stage);
        stage_setup(s, &s->stages[rank], row);
    }
    for (uint32_t i = 0; i < program->nports; i++) {
        Input *in = &s->inputs[i];
        in->counted = in->direct && stage_run(s, in->maker)->boxes;
    }
    setup_near(s);
}
