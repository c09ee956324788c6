/*
 * setup_graph.c - inputs, stages, counts and resources of a scheduler.
 */
#include <stdlib.h>
#include <string.h>

#include "core/count.h"
#include "core/keys.h"
#include "core/setup.h"

static uint32_t edge_axis(const Sched *s, uint32_t edge) {
    return port_row(s, s->program->edges[edge].from)->axis;
}

static bool from_stream(const Sched *s, uint32_t edge) {
    return (port_row(s, s->program->edges[edge].from)->flags & DAG_PORT_STREAM) != 0;
}

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
            uint32_t from = edge_axis(s, port->edge + i);
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
    return in->feed == FEED_PLAIN && !(picks && from_stream(s, port->edge));
}

static void input_setup(Sched *s, uint32_t number) {
    const dag_port *port = port_row(s, number);
    Input *in = &s->inputs[number];
    in->feed = (uint8_t)feed_kind(port);
    if (in->feed == FEED_NONE) {
        return;
    }
    uint32_t stage_axis = stage_row(s, port->stage)->axis;
    in->axis = in->feed == FEED_LIST    ? stage_axis
               : in->feed == FEED_MERGE ? port->axis
                                        : edge_axis(s, port->edge);
    in->place = in->axis == stage_axis                     ? PLACE_SAME
                : axis_begins(s, stage_axis, in->axis) ? PLACE_ABOVE
                                                       : PLACE_PART;
    in->required = (port->flags & DAG_PORT_OPTIONAL) == 0 && port->value == DAG_NONE;
    in->hard = in->required || in->feed == FEED_LIST;
    in->leads = in->place == PLACE_SAME && in->feed != FEED_LIST;
    in->uniform = is_uniform(s, in, port);
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
    s->pick_of = ARENA_ARRAY(&s->setup, program->nedges, uint32_t);
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
            setup_column(s, edge_axis(s, i), &pick->status, sizeof(uint8_t));
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
    return !from_stream(s, edge) || s->program->edges[edge].take != DAG_NONE;
}

static void stage_columns(Sched *s, uint32_t stage) {
    StageRun *run = &s->stages[stage];
    const dag_stage *row = stage_row(s, stage);
    bool wait = false;
    bool soft = false;
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const Input *in = &s->inputs[port];
        run->varies |= in->feed != FEED_NONE && !in->uniform;
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

static void output_columns(Sched *s, uint32_t stage) {
    StageRun *run = &s->stages[stage];
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        const dag_port *out = port_row(s, port);
        bool stream = (out->flags & DAG_PORT_STREAM) != 0;
        run->nedges_out += out->nedges;
        run->base_uses += stream ? 0 : out->nedges;
        for (uint32_t i = 0; stream && i < out->nedges; i++) {
            links_add(s, &s->axes[out->axis].streams, s->program->out_edges[out->edge + i]);
        }
    }
    bool gate = (row->flags & DAG_STAGE_GATE) != 0 && row->nout > 0;
    if (run->nedges_out > 0 || gate) {
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

void setup_stages(Sched *s) {
    const dag_program *program = s->program;
    s->nlive = program->nstages;
    for (uint32_t rank = 0; rank < program->nstages; rank++) {
        uint32_t stage = program->topo[rank];
        const dag_stage *row = stage_row(s, stage);
        StageRun *run = &s->stages[stage];
        bool off = (row->flags & DAG_STAGE_OFF) != 0;
        run->rank = rank;
        run->retries = s->config.retry >= 0 ? (uint32_t)s->config.retry : row->retry;
        run->impossible = DAG_NONE;
        run->off = off && (row->flags & DAG_STAGE_PASSTHROUGH) == 0;
        run->sure = row->max_tasks == 0;
        run->gates = count_gates(s, row);
        links_add(s, &s->axes[row->axis].stages, stage);
        stage_columns(s, stage);
        output_columns(s, stage);
    }
}

/* ---------------------------------------------------------------- counts */

static uint32_t count_add(Sched *s, CountKind kind, uint32_t of, uint32_t top) {
    uint32_t number = s->ncounts++;
    Count *count = &s->counts[number];
    *count = (Count){ .kind = kind, .of = of, .top = top };
    setup_column(s, top, &count->left, sizeof *count->left);
    links_add(s, &s->axes[top].tops, number);
    return number;
}

static void found_add(Sched *s, Links *found, uint32_t axis) {
    for (uint32_t i = 0; i < found->n; i++) {
        if (found->items[i] == axis) {
            return;
        }
    }
    links_add(s, found, axis);
}

static bool has_position(const Sched *s, uint32_t axis, uint32_t position) {
    return axis_at(s, axis, position) != DAG_NONE;
}

/* The axes that keys on `axis` mirror beside their own prefixes, behind what `groups` have too.
 * Until they are closed, a task may be skipped for one of them. */
static void mirrored(Sched *s, uint32_t axis, uint32_t groups, Links *found) {
    for (uint32_t at = axis; at != 0; at = s->axes[at].parent) {
        const Axis *a = &s->axes[at];
        const dag_port *port = port_row(s, a->position);
        if (has_position(s, groups, a->position)) {
            continue;
        }
        if (a->kind == AXIS_CROSS) {
            found_add(s, found, a->own);
            mirrored(s, a->own, groups, found);
        }
        for (uint32_t i = 0; a->kind == AXIS_MERGE && i < port->nedges; i++) {
            mirrored(s, edge_axis(s, port->edge + i), groups, found);
        }
    }
}

/* For a count of the empty axis. */
static void watch_mirrored(Sched *s, uint32_t count, uint32_t axis) {
    Links found = { NULL, 0, 0 };
    mirrored(s, axis, 0, &found);
    for (uint32_t i = 0; i < found.n; i++) {
        count_watch(s, count, found.items[i], 0);
    }
    free(found.items);
}

/* For the groups of a list: as far as these axes go along with the groups. */
static void count_owns(Sched *s, uint32_t number, uint32_t axis, uint32_t groups) {
    Links found = { NULL, 0, 0 };
    mirrored(s, axis, groups, &found);
    for (uint32_t i = 0; i < found.n; i++) {
        const Axis *own = &s->axes[found.items[i]];
        uint32_t depth = 0;
        while (depth < own->depth &&
               has_position(s, groups, s->axes[own->path[depth + 1]].position)) {
            depth++;
        }
        uint32_t count = count_add(s, COUNT_OWN, number, own->path[depth]);
        setup_column(s, own->path[depth], &s->counts[count].over, sizeof(uint8_t));
        count_watch(s, count, found.items[i], 0);
        links_add(s, &s->lists[number].owns, count);
    }
    free(found.items);
}

static void count_list(Sched *s, uint32_t number) {
    List *list = &s->lists[number];
    const dag_port *port = port_row(s, list->port);
    uint32_t groups = s->inputs[list->port].axis;
    list->count = count_add(s, COUNT_LIST, number, groups);
    for (uint32_t edge = port->edge; edge < port->edge + port->nedges; edge++) {
        count_watch(s, list->count, edge_axis(s, edge), !from_stream(s, edge));
        count_owns(s, number, edge_axis(s, edge), groups);
    }
}

static void count_merge(Sched *s, uint32_t number) {
    Merge *merge = &s->merges[number];
    const dag_port *port = port_row(s, merge->port);
    merge->count = count_add(s, COUNT_MERGE, number, s->axes[merge->axis].parent);
    for (uint32_t edge = port->edge; edge < port->edge + port->nedges; edge++) {
        count_watch(s, merge->count, edge_axis(s, edge), 0);
    }
}

/* An edge with `take` into what is no list waits until all its artifacts are decided. */
static bool takes(const Sched *s, const Pick *pick) {
    const dag_edge *edge = &s->program->edges[pick->edge];
    const Input *in = &s->inputs[edge->to];
    return edge->take != DAG_NONE && in->feed != FEED_NONE && in->feed != FEED_LIST;
}

static void count_take(Sched *s, uint32_t number) {
    Pick *pick = &s->picks[number];
    uint32_t axis = edge_axis(s, pick->edge);
    pick->count = count_add(s, COUNT_TAKE, number, 0);
    count_watch(s, pick->count, axis, !from_stream(s, pick->edge));
    watch_mirrored(s, pick->count, axis);
    setup_column(s, axis, &pick->before, sizeof *pick->before);
}

/* A broadcast from a node that is not the empty key is given back when all tasks below it ended. */
static bool holds(const Input *in) {
    return in->feed == FEED_PLAIN && in->place == PLACE_ABOVE && in->axis != 0;
}

static void count_hold(Sched *s, uint32_t port) {
    uint32_t stage = port_row(s, port)->stage;
    if (!s->holds) {
        s->holds = ARENA_ARRAY(&s->setup, s->program->nstages, Links);
    }
    uint32_t count = count_add(s, COUNT_HOLD, port_row(s, port)->edge, s->inputs[port].axis);
    count_watch(s, count, stage_row(s, stage)->axis, 1);
    links_add(s, &s->holds[stage], count);
    s->inputs[port].held = true;
}

/* How many counts of kind OWN a list has. */
static size_t owns_of(Sched *s, uint32_t number) {
    const dag_port *port = port_row(s, s->lists[number].port);
    size_t n = 0;
    for (uint32_t edge = port->edge; edge < port->edge + port->nedges; edge++) {
        Links found = { NULL, 0, 0 };
        mirrored(s, edge_axis(s, edge), s->inputs[s->lists[number].port].axis, &found);
        free(found.items);
        n += found.n;
    }
    return n;
}

void setup_counts(Sched *s) {
    uint32_t nports = s->program->nports;
    size_t n = (size_t)s->program->naxes + s->nlists + s->nmerges + s->npicks;
    for (uint32_t i = 0; i < nports; i++) {
        n += holds(&s->inputs[i]);
    }
    for (uint32_t i = 0; i < s->nlists; i++) {
        n += owns_of(s, i);
    }
    s->counts = ARENA_ARRAY(&s->setup, n, Count);
    for (uint32_t i = 0; i < s->program->naxes; i++) {
        uint32_t count = count_add(s, COUNT_AXIS, i, 0);
        count_watch(s, count, i, 0);
        watch_mirrored(s, count, i);
    }
    for (uint32_t i = 0; i < s->nlists; i++) {
        count_list(s, i);
    }
    for (uint32_t i = 0; i < s->nmerges; i++) {
        count_merge(s, i);
    }
    for (uint32_t i = 0; i < s->npicks; i++) {
        if (takes(s, &s->picks[i])) {
            count_take(s, i);
        }
    }
    for (uint32_t i = 0; i < nports; i++) {
        if (holds(&s->inputs[i])) {
            count_hold(s, i);
        }
    }
}

/* ---------------------------------------------------------------- limits */

static uint32_t pool_of(const Sched *s, dag_name name) {
    for (uint32_t i = 0; i < s->npools; i++) {
        if (strcmp(text_of(s, s->pools[i].name), text_of(s, name)) == 0) {
            return i;
        }
    }
    return DAG_NONE;
}

static void setup_pools(Sched *s) {
    s->pools = ARENA_ARRAY(&s->setup, s->config.ncapacity, Pool);
    for (size_t i = 0; i < s->config.ncapacity; i++) {
        Pool *pool = &s->pools[s->npools++];
        pool->name = s->config.capacity[i].name;
        pool->capacity = s->config.capacity[i].amount;
        if (!bits_reserve(&pool->blocked, s->program->nstages)) {
            sched_no_memory(s);
        }
    }
}

/* Requests of resources that nobody bounds are not kept. */
static uint32_t stage_needs(Sched *s, const dag_stage *row, Need *needs) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < row->nresource; i++) {
        const dag_resource *resource = &s->program->resources[row->resource + i];
        uint32_t pool = pool_of(s, resource->name);
        if (pool != DAG_NONE && resource->amount > 0) {
            needs[n++] = (Need){ pool, resource->amount, resource->grow };
        }
    }
    return n;
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
        total += program->stages[i].nresource;
    }
    s->needs = ARENA_ARRAY(&s->setup, total, Need);
    uint32_t first = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        s->stages[i].resource = first;
        s->stages[i].nresource = stage_needs(s, &program->stages[i], s->needs + first);
        first += s->stages[i].nresource;
    }
}
