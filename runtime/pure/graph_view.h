/*
 * graph_view.h - the graph of a program as those see it who draw or list it: every edge once, whatever
 * table it stands in, and the words for what it is made of.
 */
#ifndef DAG_PURE_GRAPH_VIEW_H
#define DAG_PURE_GRAPH_VIEW_H

#include "dag.h"
#include "pure/arena.h"

/* A data edge (edge, from, to) or an order edge (order); what it has not is DAG_NONE. */
typedef struct GraphEdge {
    uint32_t from_stage, to_stage; /* to_stage DAG_NONE: it goes into an output of the pipeline */
    uint32_t output;               /* outputs[] */
    uint32_t from, to;             /* ports[] */
    uint32_t edge;                 /* edges[] */
    uint32_t order;                /* orders[] */
} GraphEdge;

/* All of them in the arena: data edges between stages, those into outputs, order edges. */
const GraphEdge *graph_edges(Arena *arena, const dag_program *program, size_t *n);

/* "stage.port"; "stage" of an order edge, and of an input that a reference in an expression makes;
 * "output.NAME". In the arena or static. */
const char *graph_edge_from(Arena *arena, const dag_program *program, const GraphEdge *edge);
const char *graph_edge_to(Arena *arena, const dag_program *program, const GraphEdge *edge);

/* The positions of axes[axis], the outermost first, as "stage.port"; as many as its depth. */
const char *const *graph_axis(Arena *arena, const dag_program *program, uint32_t axis);

/* "cross", "failure". Static. */
const char *graph_fan_word(uint32_t fan);
const char *graph_on_word(uint32_t on);

#endif
