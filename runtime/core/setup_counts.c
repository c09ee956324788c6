/*
 * setup_counts.c - which decisions and ends of streams each count of a scheduler waits for.
 */
#include <stdlib.h>

#include "core/count.h"
#include "core/keys.h"
#include "core/setup.h"

/* ---------------------------------------------------------------- counts */

static uint32_t count_add(Sched *s, CountKind kind, uint32_t of, uint32_t top) {
    uint32_t number = s->ncounts++;
    Count *count = &s->counts[number];
    *count = (Count){ .kind = kind, .of = of, .top = top };
    setup_column(s, top, &count->left, sizeof *count->left);
    links_add(s, &s->axes[top].tops, number);
    return number;
}

static bool has_position(const Sched *s, uint32_t axis, uint32_t position) {
    return axis_at(s, axis, position) != DAG_NONE;
}

static void links_add_once(Sched *s, Links *links, uint32_t item) {
    for (uint32_t i = 0; i < links->n; i++) {
        if (links->items[i] == item) {
            return;
        }
    }
    links_add(s, links, item);
}

/* The axes that keys on `axis` mirror beside their own prefixes. */
static void mirrored(Sched *s, uint32_t axis, Links *found) {
    for (uint32_t at = axis; at != 0; at = s->axes[at].parent) {
        const Axis *a = &s->axes[at];
        const dag_port *port = port_row(s, a->position);
        if (a->kind == AXIS_CROSS) {
            links_add_once(s, found, a->own);
            mirrored(s, a->own, found);
        }
        for (uint32_t i = 0; a->kind == AXIS_MERGE && i < port->nedges; i++) {
            mirrored(s, setup_edge_axis(s, port->edge + i), found);
        }
    }
}

/* A count of the empty axis watches these too: until they are closed, a task may be skipped for
 * one of them. */
static void watch_mirrored(Sched *s, uint32_t count, uint32_t axis) {
    Links found = { NULL, 0, 0 };
    mirrored(s, axis, &found);
    for (uint32_t i = 0; i < found.n; i++) {
        count_watch(s, count, found.items[i], 0);
    }
    free(found.items);
}

/* An edge with `take` waits until all its artifacts are decided; but below a group, it chooses among
 * what the group's list has gathered. */
static bool takes(const Sched *s, uint32_t number) {
    const dag_edge *edge = &s->program->edges[number];
    const Input *in = &s->inputs[edge->to];
    bool at_group = in->axis != 0 && in->axis == setup_edge_axis(s, number);
    return edge->take != DAG_NONE && in->feed != FEED_NONE && (in->feed != FEED_LIST || at_group);
}

static void count_list(Sched *s, uint32_t number) {
    List *list = &s->lists[number];
    const dag_port *port = port_row(s, list->port);
    uint32_t groups = s->inputs[list->port].axis;
    list->count = count_add(s, COUNT_LIST, number, groups);
    for (uint32_t edge = port->edge; edge < port->edge + port->nedges; edge++) {
        bool decides = !setup_from_stream(s, edge) || takes(s, edge);
        count_watch(s, list->count, setup_edge_axis(s, edge), decides);
        if (groups == 0) {
            watch_mirrored(s, list->count, setup_edge_axis(s, edge));
        }
    }
}

/* ---------------------------------------------------------------- covering short keys */

/* Behind a cross, a dead stream makes a key that is cut to what the crossed axes share, and so
 * concerns groups that are not below it. Lists wait until such streams are closed: each of them is
 * looked for against the flow, from the list on. */
typedef struct Route {
    uint32_t list, groups;
    uint32_t main;   /* the axis whose closing the list waits for by itself */
    uint32_t cut;    /* keys are cut to this axis behind here; DAG_NONE: not cut */
    uint32_t merge;  /* the first merge that was met, as port; DAG_NONE: none yet */
    bool mute;       /* behind a stage that is off: no short key passes, and so none is cut */
    uint32_t filter; /* only what is dead at a position of this axis passes; DAG_NONE: all */
} Route;

typedef struct Origins {
    Map seen;
    Links *found; /* pairs: axis of the stream, axis its keys are cut to */
} Origins;

static void origin(Sched *s, const Route *t, Origins *o, uint32_t port) {
    uint32_t axis = port_row(s, port)->axis;
    uint32_t exact = s->axes[axis].parent;
    bool cut = t->cut != DAG_NONE && t->cut != exact && axis_begins(s, exact, t->cut);
    bool merged =
        t->merge != DAG_NONE && axis_begins(s, exact, s->axes[s->inputs[t->merge].axis].parent);
    if ((!merged && has_position(s, t->groups, port)) ||
        (t->filter != DAG_NONE && !has_position(s, t->filter, port)) ||
        (!cut && axis_begins(s, t->main, axis))) {
        return;
    }
    exact = cut ? t->cut : exact;
    for (uint32_t i = 0; i < o->found->n; i += 2) {
        if (o->found->items[i] == axis && o->found->items[i + 1] == exact) {
            return;
        }
    }
    links_add(s, o->found, axis);
    links_add(s, o->found, exact);
}

static void trace_stage(Sched *s, Route t, Origins *o, uint32_t stage);

static void trace_edge(Sched *s, Route t, Origins *o, uint32_t edge) {
    uint32_t from = s->program->edges[edge].from;
    if (setup_from_stream(s, edge)) {
        origin(s, &t, o, from);
    }
    trace_stage(s, t, o, port_row(s, from)->stage);
}

/* The shorter one of what keys were cut to and `axis`. */
static uint32_t shorter(const Sched *s, uint32_t cut, uint32_t axis) {
    return cut == DAG_NONE || s->axes[axis].depth < s->axes[cut].depth ? axis : cut;
}

/* Goes on to what feeds an input. */
static void trace_input(Sched *s, Route t, Origins *o, uint32_t port) {
    const Input *in = &s->inputs[port];
    const dag_port *row = port_row(s, port);
    bool merge = in->feed == FEED_MERGE;
    bool on_main = has_position(s, t.main, port);
    if (merge && t.filter != DAG_NONE) {
        if (!has_position(s, t.filter, port)) {
            return;
        }
        t.filter = DAG_NONE;
    }
    if (merge && t.merge == DAG_NONE) {
        if (has_position(s, t.groups, port)) {
            return;
        }
        t.merge = port;
    }
    Route next = t;
    for (uint32_t edge = row->edge; edge < row->edge + row->nedges; edge++) {
        /* on a mirror of the merge nobody waits for its edges */
        bool at_home = on_main && axis_at(s, t.main, port) == in->axis;
        next.main = !merge || !on_main ? t.main : at_home ? setup_edge_axis(s, edge) : 0;
        trace_edge(s, next, o, edge);
    }
}

static void trace_stage(Sched *s, Route t, Origins *o, uint32_t stage) {
    const dag_stage *row = stage_row(s, stage);
    bool fresh;
    uint64_t a = (uint64_t)stage << 32 | t.cut;
    uint64_t b = ((uint64_t)t.main << 32 | t.filter) ^ (uint64_t)t.merge << 13 ^ t.mute;
    if (row->axis == 0) {
        return;
    }
    if (stage_run(s, stage)->off) {
        t.mute = true;
        t.cut = DAG_NONE;
    }
    if (!map_put(&o->seen, a, b, 0, &fresh)) {
        sched_no_memory(s);
    }
    if (fresh && !t.mute && row->fan == DAG_CROSS && stage_run(s, stage)->more->core != row->axis) {
        t.cut = shorter(s, t.cut, stage_run(s, stage)->more->core);
    }
    for (uint32_t port = row->in; fresh && port < row->in + row->nin; port++) {
        const Input *in = &s->inputs[port];
        Route next = t;
        if (in->feed == FEED_LIST && next.filter == DAG_NONE) {
            next.filter = row->axis;
        }
        if (in->leads || in->feed == FEED_LIST) {
            trace_input(s, next, o, port);
        }
    }
}

/* As far as a stream's keys go along with the groups, the groups wait for it by key. */
static void count_own(Sched *s, uint32_t number, uint32_t axis, uint32_t exact) {
    uint32_t groups = s->inputs[s->lists[number].port].axis;
    const Axis *e = &s->axes[exact];
    uint32_t depth = 0;
    while (depth < e->depth && has_position(s, groups, s->axes[e->path[depth + 1]].position)) {
        depth++;
    }
    uint32_t count = count_add(s, COUNT_OWN, number, e->path[depth]);
    setup_column(s, e->path[depth], &s->counts[count].over, sizeof(uint8_t));
    count_watch(s, count, axis, 0);
    links_add(s, &s->lists[number].owns, count);
}

static bool has_crosses(const Sched *s) {
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        if (stage_run(s, i)->more->core != stage_row(s, i)->axis) {
            return true;
        }
    }
    return false;
}

/* By list: pairs of axes as in Origins. NULL: no list waits for anything more. */
static Links *find_origins(Sched *s) {
    if (!has_crosses(s)) {
        return NULL;
    }
    Links *found = ARENA_ARRAY(&s->setup, s->nlists, Links);
    for (uint32_t i = 0; i < s->nlists; i++) {
        const dag_port *port = port_row(s, s->lists[i].port);
        uint32_t groups = s->inputs[s->lists[i].port].axis;
        for (uint32_t edge = port->edge; groups != 0 && edge < port->edge + port->nedges; edge++) {
            Route t = { .list = i,
                        .groups = groups,
                        .main = setup_edge_axis(s, edge),
                        .cut = DAG_NONE,
                        .merge = DAG_NONE,
                        .filter = DAG_NONE };
            Origins o = { .found = &found[i] };
            trace_edge(s, t, &o, edge);
            map_free(&o.seen);
        }
    }
    return found;
}

/* ---------------------------------------------------------------- other counts */

static void count_merge(Sched *s, uint32_t number) {
    Merge *merge = &s->merges[number];
    const dag_port *port = port_row(s, merge->port);
    merge->count = count_add(s, COUNT_MERGE, number, s->axes[merge->axis].parent);
    for (uint32_t edge = port->edge; edge < port->edge + port->nedges; edge++) {
        count_watch(s, merge->count, setup_edge_axis(s, edge), 0);
    }
}

static void count_take(Sched *s, uint32_t number) {
    Pick *pick = &s->picks[number];
    uint32_t axis = setup_edge_axis(s, pick->edge);
    pick->count = count_add(s, COUNT_TAKE, number, 0);
    count_watch(s, pick->count, axis, !setup_from_stream(s, pick->edge));
    watch_mirrored(s, pick->count, axis);
    setup_column(s, axis, &pick->before, sizeof *pick->before);
    setup_column(s, axis, &pick->owed, sizeof *pick->owed);
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

void setup_counts(Sched *s) {
    uint32_t nports = s->program->nports;
    size_t n = (size_t)s->program->naxes + s->nlists + s->nmerges + s->npicks;
    Links *origins = find_origins(s);
    for (uint32_t i = 0; i < nports; i++) {
        n += holds(&s->inputs[i]);
    }
    for (uint32_t i = 0; origins && i < s->nlists; i++) {
        n += origins[i].n / 2;
    }
    s->counts = ARENA_ARRAY(&s->setup, n, Count);
    for (uint32_t i = 0; i < s->program->naxes; i++) {
        uint32_t count = count_add(s, COUNT_AXIS, i, 0);
        count_watch(s, count, i, 0);
        watch_mirrored(s, count, i);
    }
    for (uint32_t i = 0; i < s->nlists; i++) {
        count_list(s, i);
        for (uint32_t k = 0; origins && k < origins[i].n; k += 2) {
            count_own(s, i, origins[i].items[k], origins[i].items[k + 1]);
        }
        free(origins ? origins[i].items : NULL);
    }
    for (uint32_t i = 0; i < s->nmerges; i++) {
        count_merge(s, i);
    }
    for (uint32_t i = 0; i < s->npicks; i++) {
        if (takes(s, s->picks[i].edge)) {
            count_take(s, i);
        }
    }
    for (uint32_t i = 0; i < nports; i++) {
        if (holds(&s->inputs[i])) {
            count_hold(s, i);
        }
    }
}
