/*
 * links.c - the graph of a pipeline's stages: links, cycles, topological order.
 *
 * In: edges, orders, references, edges still to be wired. Out: Unit.links, Unit.order,
 * Pipeline.topo; one error per strongly connected component, for its shortest cycle. All of it is
 * iterative and linear, but for the search for a shortest cycle, which is bounded.
 */
#include "check/graph/shape.h"

#include <string.h>

/* ---------------------------------------------------------------- links */

typedef POOL(Link) LinkPool;

Span link_span(const Link *link) {
    switch (link->kind) {
    case LINK_DATA: return link->edge->span;
    case LINK_ORDER: return link->order->span;
    case LINK_WIRE: return link->wire->span;
    }
    return SPAN_NONE;
}

static void node_links(Arena *arena, LinkPool *all, const Node *node) {
    const Stage *stage = node->stage;
    for (uint32_t i = 0; i < stage->nins; i++) {
        const Port *in = stage->ins[i];
        for (uint32_t k = 0; k < in->nedges; k++) {
            const Edge *edge = in->edges[k];
            POOL_ADD(arena, all, (Link){ edge->from->stage->id, stage->id, LINK_DATA, { edge } });
        }
    }
    for (uint32_t i = 0; i < stage->norders; i++) {
        const Order *order = stage->orders[i];
        POOL_ADD(arena, all, (Link){ order->from->id, stage->id, LINK_ORDER, { .order = order } });
    }
    for (const Wire *wire = node->wires; wire; wire = wire->next) {
        uint32_t from = wire->from->stage->id;
        POOL_ADD(arena, all, (Link){ from, stage->id, LINK_WIRE, { .wire = wire } });
    }
}

/* Numbers of links by the node that they leave, in the order of the links: a counting sort. */
static void links_sort_out(Check *c, const Unit *unit, Links *links) {
    uint32_t *first = ARENA_ARRAY(c->arena, unit->nnodes + 2, uint32_t);
    links->out = ARENA_ARRAY(c->arena, links->n, uint32_t);
    links->out_first = first;
    first++; /* while they are filled, one further: the end of a row moves to where the next begins */
    for (uint32_t i = 0; i < links->n; i++) {
        first[links->all[i].from + 1]++;
    }
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        first[i + 1] += first[i];
    }
    for (uint32_t i = 0; i < links->n; i++) {
        links->out[first[links->all[i].from]++] = i;
    }
}

void links_collect(Check *c, Unit *unit) {
    Links *links = &unit->links;
    LinkPool all = { 0 };
    uint32_t about = unit->nnodes + unit->items->edges.n; /* as many as there may be */
    if (about) {
        (void)POOL_ROOM(c->arena, &all, about);
    }
    links->in_first = ARENA_ARRAY(c->arena, unit->nnodes + 1, uint32_t);
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        links->in_first[i] = all.n;
        node_links(c->arena, &all, &unit->nodes[i]);
    }
    links->in_first[unit->nnodes] = all.n;
    links->all = all.items;
    links->n = all.n;
    links_sort_out(c, unit, links);
}

/* ---------------------------------------------------------------- strongly connected components */

/* Tarjan (1972) with an explicit stack of (node, next link) pairs. */
typedef struct Search {
    const Unit *unit;
    uint32_t *number, *low, *component, *next; /* number 0: not visited */
    uint32_t *stack, *path;
    uint32_t nstack, npath, counter, ncomponents;
} Search;

static void search_enter(Search *s, uint32_t node) {
    s->number[node] = s->low[node] = ++s->counter;
    s->next[node] = s->unit->links.out_first[node];
    s->stack[s->nstack++] = node;
    s->path[s->npath++] = node;
}

static void search_leave(Search *s, uint32_t node) {
    s->npath--;
    if (s->npath && s->low[node] < s->low[s->path[s->npath - 1]]) {
        s->low[s->path[s->npath - 1]] = s->low[node];
    }
    if (s->low[node] != s->number[node]) {
        return;
    }
    s->ncomponents++;
    uint32_t member;
    do {
        member = s->stack[--s->nstack];
        s->component[member] = s->ncomponents;
    } while (member != node);
}

static void search_from(Search *s, uint32_t root) {
    const Links *links = &s->unit->links;
    search_enter(s, root);
    while (s->npath) {
        uint32_t node = s->path[s->npath - 1];
        if (s->next[node] == links->out_first[node + 1]) {
            search_leave(s, node);
            continue;
        }
        uint32_t to = links->all[links->out[s->next[node]++]].to;
        if (!s->number[to]) {
            search_enter(s, to);
        } else if (!s->component[to] && s->number[to] < s->low[node]) {
            s->low[node] = s->number[to];
        }
    }
}

/* The component of each node, from 1. */
static const uint32_t *components(Check *c, const Unit *unit, uint32_t *n) {
    uint32_t nodes = unit->nnodes;
    Search s = { .unit = unit };
    s.number = ARENA_ARRAY(c->arena, nodes, uint32_t);
    s.low = ARENA_ARRAY(c->arena, nodes, uint32_t);
    s.component = ARENA_ARRAY(c->arena, nodes, uint32_t);
    s.next = ARENA_ARRAY(c->arena, nodes, uint32_t);
    s.stack = ARENA_ARRAY(c->arena, nodes, uint32_t);
    s.path = ARENA_ARRAY(c->arena, nodes, uint32_t);
    for (uint32_t i = 0; i < nodes; i++) {
        if (!s.number[i]) {
            search_from(&s, i);
        }
    }
    *n = s.ncomponents;
    return s.component;
}

/* ---------------------------------------------------------------- the shortest cycle */

typedef struct Cycle {
    uint32_t start, length; /* length 0: none found yet */
    uint32_t *links;        /* in order, from start back to it */
} Cycle;

typedef struct Shortest {
    Check *c;
    const Unit *unit;
    const uint32_t *component;
    uint32_t *via;     /* by node: link + 1 by which the search came */
    uint32_t *visited; /* by node: number of the search */
    uint32_t *queue;
    uint32_t nsearches;
    uint64_t budget; /* links that may still be looked at: beyond, the best so far is taken */
} Shortest;

static void cycle_keep(Shortest *s, Cycle *best, uint32_t start, uint32_t last, uint32_t length) {
    const Link *all = s->unit->links.all;
    best->start = start;
    best->length = length;
    best->links = ARENA_ARRAY(s->c->arena, length, uint32_t);
    uint32_t link = last;
    for (uint32_t i = length; i-- > 0;) {
        best->links[i] = link;
        if (i > 0) {
            link = s->via[all[link].from] - 1;
        }
    }
}

/* Breadth first from `start` within its component, no deeper than is of use. */
static void cycle_search(Shortest *s, uint32_t start, Cycle *best) {
    const Links *links = &s->unit->links;
    uint32_t head = 0, tail = 0, depth = 0, level_end = 1;
    s->nsearches++;
    s->queue[tail++] = start;
    s->visited[start] = s->nsearches;
    while (head < tail && (!best->length || depth + 1 < best->length)) {
        uint32_t node = s->queue[head++];
        for (uint32_t i = links->out_first[node]; i < links->out_first[node + 1]; i++) {
            uint32_t to = links->all[links->out[i]].to;
            s->budget -= s->budget > 0;
            if (to == start) {
                cycle_keep(s, best, start, links->out[i], depth + 1);
                return;
            }
            if (s->component[to] == s->component[start] && s->visited[to] != s->nsearches) {
                s->visited[to] = s->nsearches;
                s->via[to] = links->out[i] + 1;
                s->queue[tail++] = to;
            }
        }
        if (head == level_end) {
            depth++;
            level_end = tail;
        }
    }
}

static const char *link_text(Check *c, const Link *link) {
    switch (link->kind) {
    case LINK_DATA:
        return arena_printf(c->arena, "`%s` feeds %s`%s`", port_text(c, link->edge->from),
                            link->edge->to->hidden ? "an expression of " : "",
                            link->edge->to->hidden ? link->edge->to->stage->slug.text
                                                   : port_text(c, link->edge->to));
    case LINK_ORDER:
        return arena_printf(c->arena, "`%s` must end before `%s` starts",
                            link->order->from->slug.text, link->order->to->slug.text);
    case LINK_WIRE: break;
    }
    return "this edge";
}

/* Notes begin at the stage that comes first in the file. */
static void cycle_report(Check *c, Unit *unit, const Cycle *cycle) {
    const Link *all = unit->links.all;
    uint32_t first = 0;
    for (uint32_t i = 1; i < cycle->length; i++) {
        if (all[cycle->links[i]].from < all[cycle->links[first]].from) {
            first = i;
        }
    }
    const Stage *start = unit->nodes[all[cycle->links[first]].from].stage;
    const char *text = start->slug.text;
    for (uint32_t i = 0; i < cycle->length; i++) {
        const Link *link = &all[cycle->links[(first + i) % cycle->length]];
        if (i >= 20 && i + 1 < cycle->length) {
            text = i == 20 ? arena_printf(c->arena, "%s -> …", text) : text;
            continue;
        }
        text = arena_printf(c->arena, "%s %s %s", text, link->kind == LINK_ORDER ? "=>" : "->",
                            unit->nodes[link->to].stage->slug.text);
    }
    Diag *diag = diag_report(c->diags, E0501, start->slug.span,
                             cycle->length == 1 ? "`%s` waits for itself: %s"
                                                : "`%s` waits for itself in a circle: %s",
                             start->slug.text, text);
    for (uint32_t i = 0; i < cycle->length && i < 100; i++) {
        const Link *link = &all[cycle->links[(first + i) % cycle->length]];
        diag_note(c->diags, diag, link_span(link), "%s", link_text(c, link));
    }
}

static bool has_cycle(const Unit *unit, const uint32_t *component, const uint32_t *size,
                      uint32_t node) {
    if (size[component[node]] > 1) {
        return true;
    }
    const Links *links = &unit->links;
    for (uint32_t i = links->out_first[node]; i < links->out_first[node + 1]; i++) {
        if (links->all[links->out[i]].to == node) {
            return true;
        }
    }
    return false;
}

static void cycles_report(Check *c, Unit *unit, const uint32_t *component, uint32_t n) {
    uint32_t *size = ARENA_ARRAY(c->arena, n + 1, uint32_t);
    Cycle *best = ARENA_ARRAY(c->arena, n + 1, Cycle);
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        size[component[i]]++;
    }
    Shortest s = { .c = c, .unit = unit, .component = component, .budget = 20000000 };
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        if (!has_cycle(unit, component, size, i)) {
            continue;
        }
        unit->nodes[i].cyclic = true;
        if (!s.via) {
            s.via = ARENA_ARRAY(c->arena, unit->nnodes, uint32_t);
            s.visited = ARENA_ARRAY(c->arena, unit->nnodes, uint32_t);
            s.queue = ARENA_ARRAY(c->arena, unit->nnodes, uint32_t);
        }
        if (s.budget || !best[component[i]].length) {
            cycle_search(&s, i, &best[component[i]]);
        }
    }
    for (uint32_t i = 1; i <= n; i++) {
        if (best[i].length) {
            cycle_report(c, unit, &best[i]);
        }
    }
}

/* ---------------------------------------------------------------- topological order */

/* Kahn's algorithm, in the order of the source where the graph leaves a choice among those that
 * became ready together. What is on or behind a cycle comes last, in the order of the source; true:
 * there is none. */
static bool order_fill(Check *c, Unit *unit) {
    const Links *links = &unit->links;
    uint32_t n = unit->nnodes, ready = 0;
    uint32_t *open = ARENA_ARRAY(c->arena, n, uint32_t);
    unit->order = ARENA_ARRAY(c->arena, n, Node *);
    for (uint32_t i = 0; i < n; i++) {
        open[i] = links->in_first[i + 1] - links->in_first[i];
        if (open[i] == 0) {
            unit->order[ready++] = &unit->nodes[i];
        }
    }
    for (uint32_t done = 0; done < ready; done++) {
        uint32_t node = unit->order[done]->stage->id;
        for (uint32_t i = links->out_first[node]; i < links->out_first[node + 1]; i++) {
            uint32_t to = links->all[links->out[i]].to;
            if (--open[to] == 0) {
                unit->order[ready++] = &unit->nodes[to];
            }
        }
    }
    bool acyclic = ready == n;
    for (uint32_t i = 0; i < n && !acyclic; i++) {
        if (open[i]) {
            unit->order[ready++] = &unit->nodes[i];
        }
    }
    return acyclic;
}

void graph_sort(Check *c, Unit *unit) {
    links_collect(c, unit);
    if (!order_fill(c, unit)) {
        uint32_t n = 0;
        const uint32_t *component = components(c, unit, &n);
        cycles_report(c, unit, component, n);
    }
    unit->pipeline->topo = ARENA_ARRAY(c->arena, unit->nnodes, Stage *);
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        unit->pipeline->topo[i] = unit->order[i]->stage;
    }
}
