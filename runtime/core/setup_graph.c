/*
 * setup_graph.c - inputs, stages and resources of a scheduler.
 */
#include <string.h>

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
    in->maker = from->stage;
    in->number = edge->from - stage_row(s, from->stage)->out;
    in->direct = s->pick_of[port->edge] == DAG_NONE && (edge->flags & DAG_EDGE_FIT) == 0 &&
                 (from->flags & DAG_PORT_STREAM) == 0;
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

/* Which inputs of a cross stage have a maximal axis, and what these share. */
static void cross_setup(Sched *s, uint32_t stage) {
    const dag_stage *row = stage_row(s, stage);
    uint32_t core = row->axis;
    bool first = true;
    for (uint32_t i = row->in; i < row->in + row->nin; i++) {
        Input *in = &s->inputs[i];
        in->leads = in->feed != FEED_NONE;
        for (uint32_t k = row->in; k < row->in + row->nin && in->leads; k++) {
            const Input *other = &s->inputs[k];
            in->leads = other->feed == FEED_NONE || other->axis == in->axis ||
                        !axis_begins(s, other->axis, in->axis);
        }
        if (in->leads) {
            core = first ? in->axis : common_prefix(s, core, in->axis);
            first = false;
        }
    }
    s->stages[stage].core = core;
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
    s->pick_of = arena_raw(&s->setup, program->nedges * sizeof *s->pick_of);
    for (uint32_t i = 0; i < program->nedges; i++) {
        n += program->edges[i].where != DAG_NONE || program->edges[i].take != DAG_NONE;
    }
    s->picks = ARENA_ARRAY(&s->setup, n, Pick);
    for (uint32_t i = 0; i < program->nedges; i++) {
        const dag_edge *edge = &program->edges[i];
        s->pick_of[i] = DAG_NONE;
        if (edge->where != DAG_NONE || edge->take != DAG_NONE) {
            Pick *pick = &s->picks[s->npicks];
            s->pick_of[i] = s->npicks++;
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
    s->stages = ARENA_ARRAY(&s->setup, program->nstages, StageRun);
    setup_picks(s);
    s->targets = arena_raw(&s->setup, program->nedges * sizeof *s->targets);
    for (uint32_t i = 0; i < program->nedges; i++) {
        s->targets[i] = program->edges[program->out_edges[i]].to;
    }
    for (uint32_t i = 0; i < program->nports; i++) {
        s->inputs[i].stage = DAG_NONE;
    }
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *row = &program->stages[i];
        for (uint32_t port = row->in; port < row->in + row->nin; port++) {
            input_setup(s, port);
        }
        s->stages[i].core = row->axis;
        if (row->fan == DAG_CROSS) {
            cross_setup(s, i);
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

static void stage_columns(Sched *s, uint32_t stage) {
    StageRun *run = &s->stages[stage];
    const dag_stage *row = stage_row(s, stage);
    bool wait = false;
    bool soft = false;
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const Input *in = &s->inputs[port];
        run->varies |= in->feed != FEED_NONE && !in->uniform;
        run->lists |= in->feed == FEED_LIST;
        run->looks |= in->feed != FEED_NONE && !in->direct;
        run->nhard += in->direct && in->hard;
        run->nsoft += in->direct && !in->hard;
        wait |= in->hard && may_wait(s, port, in);
        soft |= !in->hard && may_wait(s, port, in);
    }
    setup_column(s, row->axis, &run->task, sizeof *run->task);
    if (wait) {
        setup_column(s, row->axis, &run->wait, sizeof *run->wait);
    }
    if (soft) {
        setup_column(s, row->axis, &run->soft, sizeof *run->soft);
    }
    if (run->retries > 0) {
        setup_column(s, row->axis, &run->attempt, sizeof *run->attempt);
        setup_column(s, row->axis, &run->started, sizeof *run->started);
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

static void output_columns(Sched *s, uint32_t stage) {
    StageRun *run = &s->stages[stage];
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        const dag_port *out = port_row(s, port);
        bool stream = (out->flags & DAG_PORT_STREAM) != 0;
        run->nedges_out += out->nedges;
        run->streams |= stream;
        for (uint32_t i = 0; i < out->nedges; i++) {
            const dag_edge *edge = &s->program->edges[s->program->out_edges[out->edge + i]];
            run->gathers |= (port_row(s, edge->to)->flags & DAG_PORT_LIST) != 0;
        }
        run->base_uses += stream ? 0 : out->nedges;
        for (uint32_t i = 0; stream && i < out->nedges; i++) {
            links_add(s, &s->axes[out->axis].streams, s->program->out_edges[out->edge + i]);
        }
    }
    bool gate = (row->flags & DAG_STAGE_GATE) != 0 && row->nout > 0;
    if (run->nedges_out > 0 && !gate && is_flat(s, row)) {
        setup_column(s, row->axis, &run->flat, row->nout * (uint32_t)sizeof *run->flat);
    } else if (run->nedges_out > 0 || gate) {
        run->boxes = true;
        setup_column(s, row->axis, &run->box, sizeof *run->box);
        setup_column(s, row->axis, &run->uses, sizeof *run->uses);
    }
    if (gate) {
        setup_column(s, row->axis, &run->pass, sizeof *run->pass);
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

void setup_stages(Sched *s) {
    const dag_program *program = s->program;
    s->nlive = program->nstages;
    for (uint32_t rank = 0; rank < program->nstages; rank++) {
        uint32_t stage = program->topo[rank];
        const dag_stage *row = stage_row(s, stage);
        StageRun *run = &s->stages[stage];
        bool off = (row->flags & DAG_STAGE_OFF) != 0;
        run->rank = rank;
        run->in = row->in;
        run->nin = row->nin;
        run->out = row->out;
        run->nout = row->nout;
        run->axis = row->axis;
        run->bounded = row->max_tasks > 0;
        run->filters = off;
        run->lines = may_line_up(row);
        s->has_barriers |= (row->flags & DAG_STAGE_BARRIER) != 0;
        run->retries = s->config.retry >= 0 ? (uint32_t)s->config.retry : row->retry;
        run->impossible = DAG_NONE;
        run->off = off && (row->flags & DAG_STAGE_PASSTHROUGH) == 0;
        run->sure = row->max_tasks == 0;
        run->gates = count_gates(s, row);
        links_add(s, &s->axes[row->axis].stages, stage);
        stage_columns(s, stage);
        output_columns(s, stage);
    }
    for (uint32_t i = 0; i < program->nports; i++) {
        Input *in = &s->inputs[i];
        in->counted = in->direct && s->stages[in->maker].boxes;
    }
}

/* ---------------------------------------------------------------- limits */

static uint32_t pool_of(const Sched *s, const char *name) {
    for (uint32_t i = 0; i < s->npools; i++) {
        if (strcmp(s->pools[i].name, name) == 0) {
            return i;
        }
    }
    return DAG_NONE;
}

/* `used`: where the leader counts, or NULL. */
static void add_pool(Sched *s, const char *name, int64_t capacity, int64_t *used) {
    Pool *pool = &s->pools[s->npools++];
    *pool = (Pool){ .name = name, .capacity = capacity };
    pool->used = used ? used : &pool->own;
}

static bool has_calls(const dag_program *program) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        if (is_call(&program->stages[i])) {
            return true;
        }
    }
    return false;
}

/* Calls take no job, but each is a run of its own: so many at once keep all jobs busy. */
static const char calls_name[] = "";
enum { SPARE_CALLS = 2 };

static void setup_pools(Sched *s) {
    const Sched *leader = s->config.leader;
    size_t n = leader ? leader->npools : s->config.ncapacity;
    s->pools = ARENA_ARRAY(&s->setup, n + 1, Pool);
    s->gifts = leader ? leader->gifts : &s->own_gifts;
    s->gifts_seen = *s->gifts;
    for (size_t i = 0; i < n; i++) {
        if (!leader) {
            const dag_resource *row = &s->config.capacity[i];
            add_pool(s, text_of(s, row->name), row->amount, NULL);
        } else if (leader->pools[i].name != calls_name) {
            const Pool *pool = &leader->pools[i];
            add_pool(s, pool->name, pool->capacity, pool->used);
        }
    }
    if (has_calls(s->program)) {
        add_pool(s, calls_name, (int64_t)s->jobs + SPARE_CALLS, NULL);
    }
}

/* Requests of resources that nobody bounds are not kept. Nor are those of a call: its stages have
 * their own, and might wait for ever for what it holds. */
static uint32_t stage_needs(Sched *s, const dag_stage *row, Need *needs) {
    uint32_t n = 0;
    if (is_call(row)) {
        needs[n++] = (Need){ .pool = pool_of(s, calls_name), .amount = 1, .grow = 1 };
        return n;
    }
    for (uint32_t i = 0; i < row->nresource; i++) {
        const dag_resource *resource = &s->program->resources[row->resource + i];
        uint32_t pool = pool_of(s, text_of(s, resource->name));
        if (pool != DAG_NONE && resource->amount > 0) {
            needs[n++] = (Need){ .pool = pool, .amount = resource->amount, .grow = resource->grow };
        }
    }
    return n;
}

/* Calls `each` for all needs, in the order of the stages' ranks. */
static void each_need(Sched *s, void (*each)(Pool *pool, Need *need, uint32_t rank)) {
    for (uint32_t rank = 0; rank < s->program->nstages; rank++) {
        const StageRun *run = &s->stages[s->program->topo[rank]];
        for (uint32_t i = 0; i < run->nresource; i++) {
            Need *need = &s->needs[run->resource + i];
            each(&s->pools[need->pool], need, rank);
        }
    }
}

static void give_place(Pool *pool, Need *need, uint32_t rank) {
    (void)rank;
    need->place = pool->nplaces++;
}

static void note_rank(Pool *pool, Need *need, uint32_t rank) {
    pool->ranks[need->place] = rank;
}

/* Whoever needs something of a pool has a place among those that may wait for it. */
static void setup_waiters(Sched *s) {
    each_need(s, give_place);
    for (uint32_t i = 0; i < s->npools; i++) {
        Pool *pool = &s->pools[i];
        pool->ranks = ARENA_ARRAY(&s->setup, pool->nplaces, uint32_t);
        if (!waiters_init(&pool->waiters, pool->nplaces)) {
            sched_no_memory(s);
        }
    }
    each_need(s, note_rank);
}

void setup_limits(Sched *s) {
    const dag_program *program = s->program;
    s->jobs = s->config.jobs > 0 ? s->config.jobs : 1;
    if (program->max_parallel > 0 && program->max_parallel < s->jobs) {
        s->jobs = program->max_parallel;
    }
    setup_pools(s);
    size_t total = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        total += program->stages[i].nresource + is_call(&program->stages[i]);
    }
    s->needs = ARENA_ARRAY(&s->setup, total, Need);
    uint32_t first = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        s->stages[i].resource = first;
        s->stages[i].nresource = stage_needs(s, &program->stages[i], s->needs + first);
        first += s->stages[i].nresource;
    }
    setup_waiters(s);
}
