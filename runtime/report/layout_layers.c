/*
 * layout_layers.c - which node stands in which layer, and the vertices of edges between them.
 */
#include <string.h>

#include "report/layout_parts.h"

/* Past so many vertices of edges, edges over several layers are drawn straight: time and memory stay
 * in proportion to the graph. */
enum { MOST_VERTICES = 20000 };

static uint32_t most(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* Nodes in an order that respects the edges (Kahn). */
static uint32_t *topological(Arena *arena, const Layout *l, const uint32_t *start,
                             const uint32_t *by_from) {
    uint32_t *order = ARENA_ARRAY(arena, l->nnodes, uint32_t);
    uint32_t *waits = ARENA_ARRAY(arena, l->nnodes, uint32_t);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->nedges; i++) {
        waits[l->edges[i].to]++;
    }
    for (uint32_t i = 0; i < l->nnodes; i++) {
        if (waits[i] == 0) {
            order[n++] = i;
        }
    }
    for (uint32_t at = 0; at < n; at++) {
        for (uint32_t k = start[order[at]]; k < start[order[at] + 1]; k++) {
            uint32_t to = l->edges[by_from[k]].to;
            if (--waits[to] == 0) {
                order[n++] = to;
            }
        }
    }
    return order;
}

/* The edges by the node that they leave: by_from[start[i] .. start[i + 1]). */
static uint32_t *edges_by_from(Arena *arena, const Layout *l, uint32_t *start) {
    uint32_t *by_from = ARENA_ARRAY(arena, l->nedges, uint32_t);
    uint32_t *next = ARENA_ARRAY(arena, l->nnodes + 1, uint32_t);
    for (uint32_t i = 0; i < l->nedges; i++) {
        start[l->edges[i].from + 1]++;
    }
    for (uint32_t i = 0; i < l->nnodes; i++) {
        start[i + 1] += start[i];
        next[i] = start[i];
    }
    for (uint32_t i = 0; i < l->nedges; i++) {
        by_from[next[l->edges[i].from]++] = i;
    }
    return by_from;
}

/* By the longest path; what nothing leads to stands right above what it leads to. */
static uint32_t *ranks(Arena *arena, const Layout *l) {
    uint32_t *start = ARENA_ARRAY(arena, l->nnodes + 1, uint32_t);
    uint32_t *by_from = edges_by_from(arena, l, start);
    uint32_t *order = topological(arena, l, start, by_from);
    uint32_t *rank = ARENA_ARRAY(arena, l->nnodes, uint32_t);
    bool *led_to = ARENA_ARRAY(arena, l->nnodes, bool);
    for (uint32_t at = 0; at < l->nnodes; at++) {
        for (uint32_t k = start[order[at]]; k < start[order[at] + 1]; k++) {
            uint32_t to = l->edges[by_from[k]].to;
            rank[to] = most(rank[to], rank[order[at]] + 1);
            led_to[to] = true;
        }
    }
    for (uint32_t i = 0; i < l->nnodes; i++) {
        uint32_t nearest = UINT32_MAX;
        for (uint32_t k = start[i]; k < start[i + 1] && !led_to[i]; k++) {
            uint32_t below = rank[l->edges[by_from[k]].to];
            nearest = below < nearest ? below : nearest;
        }
        rank[i] = nearest == UINT32_MAX ? rank[i] : nearest - 1;
    }
    return rank;
}

/* ---------------------------------------------------------------- vertices */

/* Grows at powers of two: room for n is there. */
static void add_near(Layers *ls, Vertex *v, int side, uint32_t vertex) {
    uint32_t n = v->nnear[side]++;
    if ((n & (n - 1)) == 0) {
        uint32_t room = n == 0 ? 1 : 2 * n;
        v->near[side] =
            arena_grow(ls->arena, v->near[side], n * sizeof(uint32_t), room * sizeof(uint32_t));
    }
    v->near[side][n] = vertex;
}

static void connect(Layers *ls, uint32_t above, uint32_t below) {
    add_near(ls, &ls->vertices[above], 1, below);
    add_near(ls, &ls->vertices[below], 0, above);
}

static void add_through(Layers *ls, uint32_t i) {
    const LayoutEdge *edge = &ls->layout->edges[i];
    uint32_t last = edge->from, from = ls->vertices[edge->from].layer;
    ls->first[i] = ls->nvertices;
    for (uint32_t layer = from + 1; layer < ls->vertices[edge->to].layer; layer++) {
        bool label = layer == from + 1;
        ls->vertices[ls->nvertices] = (Vertex){
            .through = true, .layer = layer, .w = label ? edge->w : 0, .h = label ? edge->h : 0
        };
        connect(ls, last, ls->nvertices);
        last = ls->nvertices++;
    }
    connect(ls, last, edge->to);
}

static void add_vertices(Layers *ls, const uint32_t *rank) {
    const Layout *l = ls->layout;
    uint64_t total = 0;
    for (uint32_t i = 0; i < l->nedges; i++) {
        total += 2 * (uint64_t)(rank[l->edges[i].to] - rank[l->edges[i].from]) - 1;
    }
    bool all = total <= MOST_VERTICES;
    size_t room = (size_t)l->nnodes + (all ? total : l->nedges);
    ls->vertices = ARENA_ARRAY(ls->arena, room, Vertex);
    ls->first = ARENA_ARRAY(ls->arena, l->nedges, uint32_t);
    for (uint32_t i = 0; i < l->nnodes; i++) {
        ls->vertices[i] = (Vertex){ .w = l->nodes[i].w, .h = l->nodes[i].h, .layer = 2 * rank[i] };
        ls->nlayers = most(ls->nlayers, 2 * rank[i] + 1);
    }
    ls->nvertices = l->nnodes;
    for (uint32_t i = 0; i < l->nedges; i++) {
        ls->first[i] = UINT32_MAX;
        if (all || rank[l->edges[i].to] - rank[l->edges[i].from] == 1) {
            add_through(ls, i);
        }
    }
}

static void fill_layers(Layers *ls) {
    ls->layers = ARENA_ARRAY(ls->arena, ls->nlayers, Layer);
    for (uint32_t i = 0; i < ls->nvertices; i++) {
        ls->layers[ls->vertices[i].layer].n++;
    }
    for (uint32_t i = 0; i < ls->nlayers; i++) {
        ls->layers[i].vertices = ARENA_ARRAY(ls->arena, ls->layers[i].n, uint32_t);
        ls->layers[i].n = 0;
    }
    for (uint32_t i = 0; i < ls->nvertices; i++) {
        Layer *layer = &ls->layers[ls->vertices[i].layer];
        ls->vertices[i].place = layer->n;
        layer->vertices[layer->n++] = i;
        layer->height = layer->height > ls->vertices[i].h ? layer->height : ls->vertices[i].h;
    }
}

Layers layers_of(Arena *arena, Layout *layout) {
    Layers ls = { .arena = arena, .layout = layout };
    add_vertices(&ls, ranks(arena, layout));
    fill_layers(&ls);
    return ls;
}
