/*
 * gather_list.c - lists of artifacts in key order, `order by` and `take`.
 */
#include <stdlib.h>
#include <string.h>

#include "core/feed.h"
#include "core/gather.h"
#include "core/keys.h"
#include "core/shorts.h"

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

static void add_shorts_at(Sched *s, Gather *g, const List *list, uint32_t axis, uint32_t node) {
    uint32_t i = shorts_at(s, (uint32_t)(list - s->lists), axis, node);
    for (; i != 0; i = list->shorts[i - 1].next) {
        const ListShort *dead = &list->shorts[i - 1];
        if (dead->edge == g->edge) {
            Entry *entry = entry_add(g);
            entry->dead = true;
            entry->path = key_short_path(s, dead->what.key, g->arena);
        }
    }
}

/* Null for each stream that is dead as a whole, at its place in key order. */
static void add_shorts(Sched *s, Gather *g, const List *list, uint32_t group) {
    uint32_t before = g->n;
    uint32_t axis = s->inputs[list->port].axis;
    add_shorts_at(s, g, list, axis, group);
    while (axis != 0) {
        uint32_t above = s->axes[axis].parent;
        group = axis_climb(s, axis, group, above);
        axis = above;
        add_shorts_at(s, g, list, axis, group);
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
            !gather_eval_it(s, row->order_by, &entry->value, g->arena, &entry->order, error)) {
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

/* Has the edge's `where` failed on one of them? Then `error` says so. */
static bool any_broken(Sched *s, const Gather *g, dag_error *error) {
    uint32_t where = s->program->edges[g->edge].where;
    dag_value result;
    for (uint32_t i = 0; where != DAG_NONE && i < g->n; i++) {
        if (gather_is_broken(s, g->edge, g->entries[i].node) &&
            !gather_eval_it(s, where, &g->entries[i].value, g->arena, &result, error)) {
            return true;
        }
    }
    return false;
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

static void items_reserve(Items *items, uint32_t n, Arena *arena) {
    if (items->cap - items->n >= n) {
        return;
    }
    uint32_t cap = items->n + n; /* exact for one edge; many edges do not copy each time */
    cap = cap < items->cap * 2 ? items->cap * 2 : cap;
    dag_value *more = ARENA_ARRAY(arena, cap, dag_value);
    if (items->n > 0) {
        memcpy(more, items->items, items->n * sizeof *more);
    }
    items->items = more;
    items->cap = cap;
}

static bool add_entries(Sched *s, const Gather *g, uint32_t type, Items *items, dag_error *error) {
    items_reserve(items, g->n, g->arena);
    for (uint32_t i = 0; i < g->n; i++) {
        dag_value *value = &items->items[items->n++];
        *value = g->entries[i].value;
        if (g->entries[i].dead) {
            continue;
        }
        gather_note_source(s, g->edge, g->entries[i].node, g->arena);
        if (!gather_fit(s, g->edge, type, g->arena, value, error)) {
            return false;
        }
    }
    return true;
}

/* An edge with conditions, an order, conversions, or with null for what is dead. */
static bool gather_dressed(Sched *s, uint32_t port, uint32_t edge, const List *list, uint32_t axis,
                           uint32_t group, Arena *arena, Items *items, dag_error *error) {
    const dag_edge *row = &s->program->edges[edge];
    Gather g = { { visit_gather }, arena, edge, list && list->nulls, NULL, 0, 0 };
    axis_visit(s, port_row(s, row->from)->axis, axis, group, &g.visit);
    if (list && list->nulls && list->nshorts > 0) {
        add_shorts(s, &g, list, group);
    }
    if (any_broken(s, &g, error) || !put_in_order(s, &g, row, error)) {
        return false;
    }
    keep_first(&g, row->take);
    return add_entries(s, &g, element_type(s, port_row(s, port)->type), items, error);
}

/* An edge that takes all that is present as it is: counted first, then copied. */
static bool is_bare(const Sched *s, uint32_t edge, const List *list) {
    const dag_edge *row = &s->program->edges[edge];
    return pick_of(s, edge) == DAG_NONE && row->order_by == DAG_NONE && !(list && list->nulls) &&
           (row->flags & DAG_EDGE_FIT) == 0;
}

typedef struct Copy {
    Visit visit;
    uint32_t edge, n;
    Items *items; /* NULL: they are counted */
    Arena *arena;
} Copy;

static void visit_copy(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    Copy *copy = (Copy *)visit;
    Box *box;
    uint32_t from = s->program->edges[copy->edge].from;
    for (uint32_t node = first; node < first + n; node++) {
        if (feed_port(s, from, node) != KNOWN_PRESENT) {
            continue;
        }
        copy->n++;
        if (copy->items) {
            copy->items->items[copy->items->n++] = *gather_artifact(s, from, node, &box);
            gather_note_source(s, copy->edge, node, copy->arena);
        }
    }
}

static void gather_bare(Sched *s, uint32_t edge, uint32_t axis, uint32_t group, Arena *arena,
                        Items *items) {
    uint32_t from = port_row(s, s->program->edges[edge].from)->axis;
    Copy count = { { visit_copy }, edge, 0, NULL, arena };
    axis_visit(s, from, axis, group, &count.visit);
    items_reserve(items, count.n, arena);
    Copy copy = { { visit_copy }, edge, 0, items, arena };
    axis_visit(s, from, axis, group, &copy.visit);
}

bool gather_list(Sched *s, uint32_t port, const List *list, uint32_t axis, uint32_t group,
                 Arena *arena, dag_value *value, dag_error *error) {
    const dag_port *row = port_row(s, port);
    Items items = { NULL, 0, 0 };
    for (uint32_t edge = row->edge; edge < row->edge + row->nedges; edge++) {
        if (is_bare(s, edge, list)) {
            gather_bare(s, edge, axis, group, arena, &items);
        } else if (!gather_dressed(s, port, edge, list, axis, group, arena, &items, error)) {
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
            broken =
                !gather_eval_it(s, row->order_by, &entry->value, g->arena, &entry->order, &error);
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
