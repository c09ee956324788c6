/*
 * graph.h - the graph of a program in formats that others draw, and as a drawing.
 *
 * Pure: in go the tables, out comes text, which lives in the arena and ends in a newline. The JSON form
 * is describe_graph (pure/describe.h).
 */
#ifndef DAG_REPORT_GRAPH_H
#define DAG_REPORT_GRAPH_H

#include "dag.h"
#include "pure/arena.h"

/* For Graphviz. */
const char *graph_dot(Arena *arena, const dag_program *program);

/* A Mermaid flowchart. */
const char *graph_mermaid(Arena *arena, const dag_program *program);

/* How a stage went, for a drawing of a run. */
typedef struct GraphLook {
    const char *state;   /* dag_state_name; NULL: nothing is known */
    const char *caption; /* "12 completed, 3.4s"; or NULL */
} GraphLook;

/* An SVG document that needs nothing else, and no script. It follows the reader's light or dark.
 * `looks` by stage, or NULL: no run. */
const char *graph_svg(Arena *arena, const dag_program *program, const GraphLook *looks);

/* The same to stand within a page of HTML that has graph_svg_style in its style. */
const char *graph_svg_inline(Arena *arena, const dag_program *program, const GraphLook *looks);
extern const char graph_svg_style[];

#endif
