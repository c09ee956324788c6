/*
 * emit_graph.c - the documents that a compiled pipeline prints too.
 */
#include "back/graph.h"
#include "pure/describe.h"

void emit_graph(Front *front, const Graph *graph, FILE *out) {
    fputs(describe_graph(&front->arena, &graph->program), out);
}

void emit_schema(Front *front, const Graph *graph, FILE *out) {
    fputs(describe_schema(&front->arena, &graph->program), out);
}
