/*
 * layout_parts.h - what the steps of the layout share: layers of vertices. Nodes stand in even layers;
 * where an edge passes through a layer there is a vertex too, in the first odd one that of its label.
 */
#ifndef DAG_REPORT_LAYOUT_PARTS_H
#define DAG_REPORT_LAYOUT_PARTS_H

#include "report/layout.h"

typedef struct Vertex {
    double w, h, x;
    uint32_t layer, place; /* place: its number in the layer */
    uint32_t *near[2];     /* neighbours in the layer above (0), below (1) */
    uint32_t nnear[2];
    bool through; /* of an edge, not a node */
} Vertex;

typedef struct Layer {
    uint32_t *vertices; /* from left to right */
    uint32_t n;
    double top, height;
} Layer;

typedef struct Layers {
    Arena *arena;
    Layout *layout;
    Vertex *vertices; /* nodes first */
    uint32_t nvertices;
    Layer *layers;
    uint32_t nlayers;
    uint32_t
        *first; /* by edge: its first vertex, the others follow; UINT32_MAX: it is drawn straight */
} Layers;

/* Makes layers and vertices. (layout_layers.c) */
Layers layers_of(Arena *arena, Layout *layout);
/* Finds an order with few crossings. (layout_order.c) */
void layers_order(Layers *layers);
uint64_t layers_crossings(const Layers *layers);
/* Gives every vertex its x, every layer its top. (layout_place.c) */
void layers_coordinates(Layers *layers);

#endif
