/*
 * layout_place.c - coordinates for layers whose order is known, and the ways of the edges.
 */
#include <stdlib.h>

#include "report/layout_parts.h"

enum { SWEEPS = 30, GAP_NODES = 26, GAP_EDGES = 14, GAP_LAYERS = 18, PORT_STEP = 12 };

/* ---------------------------------------------------------------- x */

/* Vertices that touch and move as one. */
typedef struct Block {
    double sum, weight; /* of what its vertices want, less their offsets */
    uint32_t n;
} Block;

static double distance(const Vertex *a, const Vertex *b) {
    double gap = a->through || b->through ? GAP_EDGES : GAP_NODES;
    return (a->w + b->w) / 2 + gap;
}

/* An edge's own vertices want to stand above one another more than nodes do. */
static double weight_between(const Vertex *a, const Vertex *b) {
    return a->through && b->through ? 8 : a->through || b->through ? 2 : 1;
}

/* What the neighbours want of a vertex: *weight is 0 where there are none. */
static double wanted(const Layers *ls, const Vertex *v, int sides, double *weight) {
    double sum = 0;
    *weight = 0;
    for (int side = 0; side < 2; side++) {
        for (uint32_t k = 0; k < v->nnear[side] && (sides >> side & 1) != 0; k++) {
            const Vertex *other = &ls->vertices[v->near[side][k]];
            double w = weight_between(v, other);
            sum += w * other->x;
            *weight += w;
        }
    }
    return sum;
}

/* The places nearest to what all want that keep order and distances: blocks that would overlap are
 * pooled (weighted isotonic regression). */
static void place_layer(Layers *ls, const Layer *layer, int sides, Block *blocks) {
    uint32_t n = 0;
    double offset = 0;
    for (uint32_t i = 0; i < layer->n; i++) {
        const Vertex *v = &ls->vertices[layer->vertices[i]];
        offset += i > 0 ? distance(&ls->vertices[layer->vertices[i - 1]], v) : 0;
        double weight, sum = wanted(ls, v, sides, &weight);
        if (weight == 0) {
            weight = 0.05;
            sum = weight * v->x;
        }
        blocks[n++] = (Block){ sum - weight * offset, weight, 1 };
        while (n > 1 && blocks[n - 1].sum / blocks[n - 1].weight <
                            blocks[n - 2].sum / blocks[n - 2].weight) {
            blocks[n - 2].sum += blocks[n - 1].sum;
            blocks[n - 2].weight += blocks[n - 1].weight;
            blocks[n - 2].n += blocks[n - 1].n;
            n--;
        }
    }
    offset = 0;
    for (uint32_t i = 0, block = 0, within = 0; i < layer->n; i++, within++) {
        Vertex *v = &ls->vertices[layer->vertices[i]];
        offset += i > 0 ? distance(&ls->vertices[layer->vertices[i - 1]], v) : 0;
        if (within == blocks[block].n) {
            block++;
            within = 0;
        }
        v->x = blocks[block].sum / blocks[block].weight + offset;
    }
}

static void pack(Layers *ls, const Layer *layer) {
    double x = 0;
    for (uint32_t i = 0; i < layer->n; i++) {
        Vertex *v = &ls->vertices[layer->vertices[i]];
        x += i > 0 ? distance(&ls->vertices[layer->vertices[i - 1]], v) : 0;
        v->x = x;
    }
    for (uint32_t i = 0; i < layer->n; i++) {
        ls->vertices[layer->vertices[i]].x -= x / 2;
    }
}

void layers_coordinates(Layers *ls) {
    uint32_t widest = 0;
    double y = 0;
    for (uint32_t i = 0; i < ls->nlayers; i++) {
        Layer *layer = &ls->layers[i];
        pack(ls, layer);
        widest = layer->n > widest ? layer->n : widest;
        layer->top = y;
        y += layer->height + (i + 1 < ls->nlayers ? GAP_LAYERS : 0);
    }
    ls->layout->height = y;
    Block *blocks = ARENA_ARRAY(ls->arena, widest, Block);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        int sides = sweep + 10 >= SWEEPS ? 3 : sweep % 2 + 1;
        for (uint32_t i = 0; i < ls->nlayers; i++) {
            uint32_t at = sweep % 2 == 0 ? i : ls->nlayers - 1 - i;
            place_layer(ls, &ls->layers[at], sides, blocks);
        }
    }
}

/* ---------------------------------------------------------------- edges */

/* Where along a node's border an edge begins (side 1) or ends (side 0): edges stand in the order in
 * which they go on. `toward`: the x that it goes to. */
static double port(const Layers *ls, uint32_t node, int side, double toward) {
    const Vertex *v = &ls->vertices[node];
    uint32_t n = v->nnear[side], before = 0;
    for (uint32_t k = 0; k < n; k++) {
        before += ls->vertices[v->near[side][k]].x < toward;
    }
    double step = n > 1 ? v->w * 0.7 / n : 0;
    step = step < PORT_STEP ? step : PORT_STEP;
    return v->x + (before - (n - 1) / 2.0) * step;
}

static void add_point(LayoutEdge *edge, double x, double y) {
    edge->points[edge->npoints++] = (LayoutPoint){ x, y };
}

static void way_of(const Layers *ls, uint32_t i) {
    LayoutEdge *edge = &ls->layout->edges[i];
    const Vertex *from = &ls->vertices[edge->from], *to = &ls->vertices[edge->to];
    bool straight = ls->first[i] == UINT32_MAX;
    uint32_t n = straight ? 0 : to->layer - from->layer - 1;
    const Vertex *through = straight ? NULL : &ls->vertices[ls->first[i]];
    edge->points = ARENA_ARRAY(ls->arena, 2 * (size_t)n + 2, LayoutPoint);
    double first = n > 0 ? port(ls, edge->from, 1, through[0].x) : from->x;
    add_point(edge, first,
              ls->layers[from->layer].top + (ls->layers[from->layer].height + from->h) / 2);
    for (uint32_t k = 0; k < n; k++) {
        const Layer *layer = &ls->layers[through[k].layer];
        add_point(edge, through[k].x, layer->top);
        add_point(edge, through[k].x, layer->top + layer->height);
    }
    double last = n > 0 ? port(ls, edge->to, 0, through[n - 1].x) : to->x;
    add_point(edge, last, ls->layers[to->layer].top + (ls->layers[to->layer].height - to->h) / 2);
    if (n > 0) {
        const Layer *layer = &ls->layers[through[0].layer];
        edge->label = (LayoutPoint){ through[0].x, layer->top + layer->height / 2 };
    }
}

/* Moves everything such that nothing is left of 0. */
static void shift(Layers *ls) {
    double left = 0, right = 0;
    for (uint32_t i = 0; i < ls->nvertices; i++) {
        const Vertex *v = &ls->vertices[i];
        left = i == 0 || v->x - v->w / 2 < left ? v->x - v->w / 2 : left;
        right = i == 0 || v->x + v->w / 2 > right ? v->x + v->w / 2 : right;
    }
    for (uint32_t i = 0; i < ls->nvertices; i++) {
        ls->vertices[i].x -= left;
    }
    ls->layout->width = right - left;
}

void layout_place(Arena *arena, Layout *layout) {
    Layers ls = layers_of(arena, layout);
    layers_order(&ls);
    layers_coordinates(&ls);
    shift(&ls);
    for (uint32_t i = 0; i < layout->nnodes; i++) {
        const Layer *layer = &ls.layers[ls.vertices[i].layer];
        layout->nodes[i].x = ls.vertices[i].x;
        layout->nodes[i].y = layer->top + layer->height / 2;
    }
    for (uint32_t i = 0; i < layout->nedges; i++) {
        way_of(&ls, i);
    }
}
