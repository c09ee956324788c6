/*
 * gather.c - values: artifacts of edges, gathered lists, defaults, `where`, `when`, `take`.
 */
#include "core/gather.h"

#include <stdlib.h>
#include <string.h>

#include "core/feed.h"
#include "core/keys.h"

static const dag_value nothing = { .kind = DAG_NULL };

const dag_value *gather_artifact(const Sched *s, uint32_t port, uint32_t node, Box **box) {
    const dag_port *row = port_row(s, port);
    const StageRun *run = &s->stages[row->stage];
    uint32_t number = port - stage_row(s, row->stage)->out;
    bool stream = (row->flags & DAG_PORT_STREAM) != 0;
    uint32_t maker = stream ? axis_climb(s, row->axis, node, s->axes[row->axis].parent) : node;
    *box = run->box ? run->box[maker] : NULL;
    if (run->pass) {
        return run->pass[node] ? run->pass[node] : &nothing;
    }
    if (!*box || !(*box)->outputs) {
        return &nothing;
    }
    const dag_value *value = &(*box)->outputs[number];
    return stream ? &value->u.items[node - s->axes[row->axis].kids[maker].first] : value;
}

/* ---------------------------------------------------------------- conditions */

static ExprEnv environment(Sched *s, Arena *arena, const dag_value *inputs) {
    return (ExprEnv){ .inputs = inputs,
                      .run = s->config.inputs,
                      .specials = s->specials,
                      .world = s->config.world,
                      .max_value = s->config.max_value,
                      .arena = arena };
}

/* Evaluates an expression over `it`. */
static bool eval_it(Sched *s, uint32_t expr, const dag_value *it, Arena *arena, dag_value *result,
                    dag_error *error) {
    s->specials[DAG_IT] = *it;
    ExprEnv env = environment(s, arena, NULL);
    bool good = expr_eval(s->config.exprs, expr, &env, result, error);
    s->specials[DAG_IT] = nothing;
    return good;
}

uint8_t gather_where(Sched *s, uint32_t edge, uint32_t node) {
    const dag_edge *row = &s->program->edges[edge];
    if (row->where == DAG_NONE) {
        return KNOWN_PRESENT;
    }
    Box *box;
    dag_value result = nothing;
    dag_error error;
    const dag_value *it = gather_artifact(s, row->from, node, &box);
    bool good = eval_it(s, row->where, it, &s->scratch, &result, &error);
    bool holds = result.kind == DAG_BOOL && result.u.b;
    arena_reset(&s->scratch);
    return !good ? KNOWN_PRESENT | PICK_BROKEN : holds ? KNOWN_PRESENT : KNOWN_FILTERED;
}

static bool default_value(Sched *s, const dag_port *row, const dag_value *inputs, Arena *arena,
                          dag_value *value, dag_error *error) {
    *value = nothing;
    if (row->value == DAG_NONE) {
        return true;
    }
    ExprEnv env = environment(s, arena, inputs);
    return expr_eval(s->config.exprs, row->value, &env, value, error);
}

/* ---------------------------------------------------------------- where it comes from */

/* The artifact at the end of an edge, a node of the axis that it comes from, is part of an input. */
static void note_source(Sched *s, uint32_t edge, uint32_t node, Arena *arena) {
    Trace *trace = &s->trace;
    if (!s->tracing) {
        return;
    }
    if (trace->n == trace->cap) {
        uint32_t cap = trace->cap ? trace->cap * 2 : 4;
        trace->sources = arena_grow(arena, trace->sources, trace->n * sizeof *trace->sources,
                                    cap * sizeof *trace->sources);
        trace->cap = cap;
    }
    uint32_t axis = port_row(s, s->program->edges[edge].from)->axis;
    trace->sources[trace->n++] = (dag_source){ edge, key_text(s, axis, node, arena) };
}

/* ---------------------------------------------------------------- lists */

/* One thing that a list is made of. */
typedef struct Entry {
    dag_value value;
    dag_value order; /* by `order by` */
    KeyPath path;    /* only where short keys are sorted in */
    uint32_t node;   /* DAG_NONE: a short key */
    uint32_t place;  /* in key order */
    bool dead, desc;
} Entry;

typedef struct Gather {
    Visit visit;
    Arena *arena;
    uint32_t edge;
    bool nulls; /* the dead are there as null, else left out */
    Entry *entries;
    uint32_t n, cap;
} Gather;

static Entry *entry_add(Gather *g) {
    if (g->n == g->cap) {
        uint32_t cap = g->cap ? g->cap * 2 : 8;
        Entry *entries = ARENA_ARRAY(g->arena, cap, Entry);
        if (g->n > 0) {
            memcpy(entries, g->entries, g->n * sizeof *entries);
        }
        g->entries = entries;
        g->cap = cap;
    }
    Entry *entry = &g->entries[g->n++];
    *entry = (Entry){ .node = DAG_NONE, .place = g->n };
    return entry;
}

static void visit_gather(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    Gather *g = (Gather *)visit;
    Box *box;
    for (uint32_t node = first; node < first + n; node++) {
        Known known = feed_edge(s, g->edge, node);
        if (known != KNOWN_PRESENT && !(known == KNOWN_DEAD && g->nulls)) {
            continue;
        }
        Entry *entry = entry_add(g);
        entry->node = node;
        entry->dead = known == KNOWN_DEAD;
        if (!entry->dead) {
            entry->value = *gather_artifact(s, s->program->edges[g->edge].from, node, &box);
        }
    }
}

static int by_key(const void *a, const void *b) {
    return key_compare(((const Entry *)a)->path, ((const Entry *)b)->path);
}

/* Null for each stream that is dead as a whole, at its place in key order. */
static void add_shorts(Sched *s, Gather *g, const List *list, uint32_t group) {
    uint32_t before = g->n;
    uint32_t axis = s->inputs[list->port].axis;
    for (uint32_t i = 0; i < list->nshorts; i++) {
        const ListShort *dead = &list->shorts[i];
        const ShortKey *key = &s->keys[dead->what.key];
        bool covers = !axis_begins(s, key->axis, axis);
        uint32_t at = covers ? axis_climb(s, axis, group, key->axis)
                             : axis_climb(s, key->axis, key->node, axis);
        if (dead->edge == g->edge && at == (covers ? key->node : group)) {
            Entry *entry = entry_add(g);
            entry->dead = true;
            entry->path = key_short_path(s, dead->what.key, g->arena);
        }
    }
    if (g->n == before) {
        return;
    }
    uint32_t from = port_row(s, s->program->edges[g->edge].from)->axis;
    for (uint32_t i = 0; i < before; i++) {
        g->entries[i].path = key_path(s, from, g->entries[i].node, g->arena);
    }
    qsort(g->entries, g->n, sizeof *g->entries, by_key);
    for (uint32_t i = 0; i < g->n; i++) {
        g->entries[i].place = i;
    }
}

/* The wanted order; null (and what is dead) last, ties in key order. */
static int by_order(const void *a, const void *b) {
    const Entry *x = a;
    const Entry *y = b;
    bool xnull = x->order.kind == DAG_NULL;
    bool ynull = y->order.kind == DAG_NULL;
    int c = xnull || ynull ? xnull - ynull : value_order(x->order, y->order);
    if (c != 0) {
        return x->desc && !xnull && !ynull ? -c : c;
    }
    return (x->place > y->place) - (x->place < y->place);
}

/* `order by` over the entries. False with `error`. */
static bool put_in_order(Sched *s, Gather *g, const dag_edge *row, dag_error *error) {
    if (row->order_by == DAG_NONE) {
        return true;
    }
    for (uint32_t i = 0; i < g->n; i++) {
        Entry *entry = &g->entries[i];
        entry->desc = (row->flags & DAG_EDGE_DESC) != 0;
        if (!entry->dead &&
            !eval_it(s, row->order_by, &entry->value, g->arena, &entry->order, error)) {
            return false;
        }
    }
    if (g->n > 1) {
        qsort(g->entries, g->n, sizeof *g->entries, by_order);
    }
    return true;
}

/* `take`: keeps the first ones that are present. */
static void keep_first(Gather *g, uint32_t take) {
    uint32_t kept = 0;
    uint32_t present = 0;
    for (uint32_t i = 0; i < g->n && take != DAG_NONE; i++) {
        if (g->entries[i].dead || present++ < take) {
            g->entries[kept++] = g->entries[i];
        }
    }
    g->n = take != DAG_NONE ? kept : g->n;
}

/* The error of an artifact whose `where` has failed. */
static bool where_error(Sched *s, uint32_t edge, const dag_value *it, Arena *arena,
                        dag_error *error) {
    dag_value result;
    return !eval_it(s, s->program->edges[edge].where, it, arena, &result, error);
}

static bool is_broken(const Sched *s, uint32_t edge, uint32_t node) {
    uint32_t pick = s->pick_of[edge];
    return pick != DAG_NONE && node != DAG_NONE && (s->picks[pick].status[node] & PICK_BROKEN);
}

static bool any_broken(Sched *s, const Gather *g, dag_error *error) {
    for (uint32_t i = 0; i < g->n; i++) {
        if (is_broken(s, g->edge, g->entries[i].node) &&
            where_error(s, g->edge, &g->entries[i].value, g->arena, error)) {
            return true;
        }
    }
    return false;
}

static bool fit(Sched *s, uint32_t edge, uint32_t type, Arena *arena, dag_value *value,
                dag_error *error) {
    if ((s->program->edges[edge].flags & DAG_EDGE_FIT) == 0) {
        return true;
    }
    return value_fit(arena, s->program, type, FIT_JSON, value, error);
}

static uint32_t element_type(const Sched *s, uint32_t type) {
    const dag_type *row = &s->program->types[type];
    if (row->kind == DAG_OPTIONAL) {
        row = &s->program->types[row->elem];
    }
    return row->kind == DAG_LIST ? row->elem : type;
}

typedef struct Items {
    dag_value *items;
    uint32_t n, cap;
} Items;

static bool add_items(Sched *s, const Gather *g, uint32_t type, Items *items, dag_error *error) {
    if (items->cap - items->n < g->n) {
        uint32_t cap = items->n + g->n;
        dag_value *more = ARENA_ARRAY(g->arena, cap, dag_value);
        if (items->n > 0) {
            memcpy(more, items->items, items->n * sizeof *more);
        }
        items->items = more;
        items->cap = cap;
    }
    for (uint32_t i = 0; i < g->n; i++) {
        dag_value *value = &items->items[items->n++];
        *value = g->entries[i].value;
        if (!g->entries[i].dead) {
            note_source(s, g->edge, g->entries[i].node, g->arena);
        }
        if (!g->entries[i].dead && !fit(s, g->edge, type, g->arena, value, error)) {
            return false;
        }
    }
    return true;
}

/* The artifacts below node `group` of `axis` on all edges of a port, in edge order. `list`: NULL
 * for outputs of the pipeline. */
static bool gather_list(Sched *s, uint32_t port, const List *list, uint32_t axis, uint32_t group,
                        Arena *arena, dag_value *value, dag_error *error) {
    const dag_port *row = port_row(s, port);
    uint32_t type = element_type(s, row->type);
    Items items = { NULL, 0, 0 };
    for (uint32_t edge = row->edge; edge < row->edge + row->nedges; edge++) {
        const dag_edge *e = &s->program->edges[edge];
        Gather g = { { visit_gather }, arena, edge, list && list->nulls, NULL, 0, 0 };
        axis_visit(s, port_row(s, e->from)->axis, axis, group, &g.visit);
        if (list && list->nulls) {
            add_shorts(s, &g, list, group);
        }
        if (any_broken(s, &g, error) || !put_in_order(s, &g, e, error)) {
            return false;
        }
        keep_first(&g, e->take);
        if (!add_items(s, &g, type, &items, error)) {
            return false;
        }
    }
    *value = value_list(items.items, items.n);
    return true;
}

/* ---------------------------------------------------------------- take */

static void choose(Sched *s, Pick *pick, Gather *g) {
    const dag_edge *row = &s->program->edges[pick->edge];
    uint32_t kept = 0;
    dag_error error;
    for (uint32_t i = 0; i < g->n; i++) {
        Entry *entry = &g->entries[i];
        bool broken = pick->before[entry->node] & PICK_BROKEN;
        entry->desc = (row->flags & DAG_EDGE_DESC) != 0;
        if (!broken && row->order_by != DAG_NONE) {
            broken = !eval_it(s, row->order_by, &entry->value, g->arena, &entry->order, &error);
        }
        if (broken) {
            pick->status[entry->node] = KNOWN_PRESENT | PICK_BROKEN;
        } else {
            g->entries[kept++] = *entry;
        }
    }
    g->n = kept;
    if (row->order_by != DAG_NONE && g->n > 1) {
        qsort(g->entries, g->n, sizeof *g->entries, by_order);
    }
    for (uint32_t i = 0; i < g->n; i++) {
        pick->status[g->entries[i].node] = i < row->take ? KNOWN_PRESENT : KNOWN_FILTERED;
    }
}

typedef struct ChooseVisit {
    Gather gather;
    const Pick *pick;
} ChooseVisit;

static void visit_choose(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    ChooseVisit *v = (ChooseVisit *)visit;
    Box *box;
    for (uint32_t node = first; node < first + n; node++) {
        uint8_t before = v->pick->before[node];
        v->pick->status[node] = before;
        if ((before & ~PICK_BROKEN) == KNOWN_PRESENT) {
            Entry *entry = entry_add(&v->gather);
            entry->node = node;
            entry->value = *gather_artifact(s, s->program->edges[v->pick->edge].from, node, &box);
        }
    }
}

void gather_choose(Sched *s, uint32_t number) {
    Pick *pick = &s->picks[number];
    ChooseVisit v = { .gather = { { visit_choose }, &s->scratch, pick->edge, false, NULL, 0, 0 },
                      .pick = pick };
    axis_visit(s, port_row(s, s->program->edges[pick->edge].from)->axis, 0, 0, &v.gather.visit);
    choose(s, pick, &v.gather);
    arena_reset(&s->scratch);
}

/* ---------------------------------------------------------------- inputs */

/* The edge that delivers to an input that is no list, and the node there. */
static uint32_t source_edge(const Sched *s, uint32_t port, uint32_t node, uint32_t *at) {
    *at = feed_node(s, port, node);
    switch ((FeedKind)s->inputs[port].feed) {
    case FEED_ANY: return feed_any_edge(s, port, *at);
    case FEED_MERGE: return feed_merged(s, port, at);
    case FEED_NONE:
    case FEED_PLAIN:
    case FEED_LIST: break;
    }
    return port_row(s, port)->edge;
}

/* The reason why an edge's expressions fail on an artifact: `where`, or `order by` of a take. */
static bool edge_error(Sched *s, uint32_t edge, const dag_value *it, Arena *arena,
                       dag_error *error) {
    const dag_edge *row = &s->program->edges[edge];
    dag_value result;
    if (row->where != DAG_NONE && where_error(s, edge, it, arena, error)) {
        return true;
    }
    return row->order_by != DAG_NONE && !eval_it(s, row->order_by, it, arena, &result, error);
}

static bool present_value(Sched *s, uint32_t port, uint32_t node, Arena *arena, dag_value *value,
                          dag_error *error) {
    const Input *in = &s->inputs[port];
    if (in->feed == FEED_LIST) {
        return gather_list(s, port, &s->lists[in->extra], in->axis, node, arena, value, error);
    }
    uint32_t at;
    Box *box;
    uint32_t edge = source_edge(s, port, node, &at);
    *value = *gather_artifact(s, s->program->edges[edge].from, at, &box);
    note_source(s, edge, at, arena);
    if (is_broken(s, edge, at) && edge_error(s, edge, value, arena, error)) {
        return false;
    }
    return fit(s, edge, port_row(s, port)->type, arena, value, error);
}

bool gather_inputs(Sched *s, uint32_t stage, uint32_t node, Arena *arena, dag_value *inputs,
                   dag_error *error) {
    const dag_stage *row = stage_row(s, stage);
    bool good = true;
    for (uint32_t i = 0; i < row->nin && good; i++) {
        const dag_port *port = port_row(s, row->in + i);
        inputs[i] = nothing;
        if (port->nedges == 0) {
            continue;
        }
        if (feed_input(s, row->in + i, node) == KNOWN_PRESENT) {
            good = present_value(s, row->in + i, node, arena, &inputs[i], error);
        } else {
            good = default_value(s, port, inputs, arena, &inputs[i], error);
        }
    }
    for (uint32_t i = 0; i < row->nin && good; i++) {
        if (port_row(s, row->in + i)->nedges == 0) {
            good = default_value(s, port_row(s, row->in + i), inputs, arena, &inputs[i], error);
        }
    }
    return good;
}

bool gather_output(Sched *s, uint32_t port, Arena *arena, dag_value *value) {
    const dag_port *row = port_row(s, port);
    dag_error error;
    if ((row->flags & DAG_PORT_LIST) != 0) {
        return gather_list(s, port, NULL, 0, 0, arena, value, &error);
    }
    if (row->nedges == 0) {
        return false;
    }
    uint32_t from = s->program->edges[row->edge].from;
    Box *box;
    if (s->axes[port_row(s, from)->axis].n == 0 || feed_edge(s, row->edge, 0) != KNOWN_PRESENT) {
        return false;
    }
    *value = *gather_artifact(s, from, 0, &box);
    return fit(s, row->edge, row->type, arena, value, &error);
}

void gather_pass(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = &s->stages[stage];
    uint32_t port = stage_row(s, stage)->in;
    if (!run->pass || stage_row(s, stage)->nin == 0) {
        return;
    }
    Known known = feed_input(s, port, node);
    uint8_t feed = s->inputs[port].feed;
    if (known == KNOWN_PRESENT && feed != FEED_LIST && feed != FEED_NONE) {
        uint32_t at;
        uint32_t edge = source_edge(s, port, node, &at);
        if ((s->program->edges[edge].flags & DAG_EDGE_FIT) == 0) {
            run->pass[node] = gather_artifact(s, s->program->edges[edge].from, at, &run->box[node]);
            if (run->box[node]) {
                box_retain(run->box[node]);
            }
            return;
        }
    }
    dag_value *inputs = ARENA_ARRAY(&s->scratch, stage_row(s, stage)->nin, dag_value);
    dag_error error;
    gather_inputs(s, stage, node, &s->scratch, inputs, &error);
    run->box[node] = box_copy(inputs, 1);
    if (!run->box[node]) {
        sched_no_memory(s);
    }
    run->pass[node] = run->box[node]->outputs;
    arena_reset(&s->scratch);
}

bool gather_when(Sched *s, uint32_t stage, uint32_t node, dag_error *error) {
    const dag_stage *row = stage_row(s, stage);
    dag_value *inputs = ARENA_ARRAY(&s->scratch, row->nin, dag_value);
    dag_value result = nothing;
    error->type = NULL;
    if (!gather_inputs(s, stage, node, &s->scratch, inputs, error)) {
        error->type = NULL; /* the attempt meets it again and fails */
        return true;
    }
    const char *key = key_text(s, row->axis, node, &s->scratch);
    s->specials[DAG_TASK_KEY] = value_text(DAG_STRING, key, strlen(key));
    ExprEnv env = environment(s, &s->scratch, inputs);
    bool good = expr_eval(s->config.exprs, row->when, &env, &result, error);
    s->specials[DAG_TASK_KEY] = nothing;
    return good && result.kind == DAG_BOOL && result.u.b;
}
