/*
 * layout.h - places for the boxes and arrows of a directed graph without cycles, in layers from top to
 * bottom, after K. Sugiyama, S. Tagawa, M. Toda: Methods for visual understanding of hierarchical system
 * structures (1981): layers by the longest path, order within layers by barycentres; then coordinates
 * that minimise squared distances between neighbours (pool adjacent violators, E. Barlow et al. 1972).
 *
 * Pure; lengths are in pixels, everything lives in the arena.
 */
#ifndef DAG_REPORT_LAYOUT_H
#define DAG_REPORT_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "pure/arena.h"

typedef struct LayoutPoint {
    double x, y;
} LayoutPoint;

typedef struct LayoutNode {
    double w, h; /* in */
    double x, y; /* out: of the centre */
} LayoutNode;

typedef struct LayoutEdge {
    uint32_t from, to; /* nodes[] */
    double w, h;       /* of its label; 0: none */
    LayoutPoint label; /* out: its centre */
    LayoutPoint
        *points; /* out: pairs, to be joined by curves between pairs and straight within: the
                          * edge leaves points[0], enters points[npoints - 1] */
    uint32_t npoints;
} LayoutEdge;

typedef struct Layout {
    LayoutNode *nodes;
    uint32_t nnodes;
    LayoutEdge *edges; /* no cycle */
    uint32_t nedges;
    double width, height; /* out */
} Layout;

void layout_place(Arena *arena, Layout *layout);

#endif
