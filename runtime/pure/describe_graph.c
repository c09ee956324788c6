/*
 * describe_graph.c - the graph as one JSON document.
 */
#include <string.h>

#include "pure/describe.h"
#include "pure/graph_view.h"
#include "pure/json.h"

typedef struct Graph {
    const dag_program *p;
    TextBuffer out;
} Graph;

static void put(Graph *g, const char *text) {
    buffer_string(&g->out, text);
}

static void put_name(Graph *g, dag_name name) {
    const char *text = g->p->strings + name;
    json_put_text(&g->out, text, strlen(text));
}

static void put_json(Graph *g, const char *text) {
    json_put_text(&g->out, text, strlen(text));
}

/* The positions of an axis, the outermost first. */
static void put_axis(Graph *g, uint32_t number) {
    uint32_t depth = g->p->axes[number].depth;
    const char *const *positions = graph_axis(g->out.arena, g->p, number);
    put(g, "\"axis\":[");
    for (uint32_t i = 0; i < depth; i++) {
        put(g, i ? "," : "");
        put_json(g, positions[i]);
    }
    put(g, "]");
}

static void put_ports(Graph *g, const char *name, uint32_t first, uint32_t n) {
    const char *separator = "";
    put(g, name);
    for (uint32_t i = first; i < first + n; i++) {
        const dag_port *port = &g->p->ports[i];
        if (port->flags & DAG_PORT_HIDDEN) {
            continue;
        }
        put(g, separator);
        put(g, "{\"name\":");
        put_name(g, port->name);
        put(g, ",\"type\":");
        put_name(g, g->p->types[port->type].name);
        put(g, ",");
        put_axis(g, port->axis);
        put(g, "}");
        separator = ",";
    }
    put(g, "]");
}

static void put_stage(Graph *g, const dag_stage *stage) {
    put(g, "\n  {\"slug\":");
    put_name(g, stage->slug);
    put(g, ",\"fan\":\"");
    put(g, graph_fan_word(stage->fan));
    put(g, "\",");
    put_axis(g, stage->axis);
    put(g, ",\"kind\":");
    if (stage->kind) {
        put_name(g, stage->kind);
    } else {
        put(g, "null");
    }
    put(g, ",\"tags\":[");
    for (uint32_t i = 0; i < stage->ntag; i++) {
        put(g, i ? "," : "");
        put_name(g, g->p->tags[stage->tag + i]);
    }
    put_ports(g, "],\"in\":[", stage->in, stage->nin);
    put_ports(g, ",\"out\":[", stage->out, stage->nout);
    put(g, "}");
}

static void put_edge(Graph *g, const GraphEdge *edge) {
    bool order = edge->order != DAG_NONE;
    uint32_t where = order ? DAG_NONE : g->p->edges[edge->edge].where;
    put(g, "\n  {\"from\":");
    put_json(g, graph_edge_from(g->out.arena, g->p, edge));
    put(g, ",\"to\":");
    put_json(g, graph_edge_to(g->out.arena, g->p, edge));
    put(g, order ? ",\"kind\":\"order\",\"on\":\"" : ",\"kind\":\"data\",\"on\":");
    put(g, order ? graph_on_word(g->p->orders[edge->order].on) : "null");
    put(g, order ? "\",\"where\":" : ",\"where\":");
    if (where == DAG_NONE) {
        put(g, "null");
    } else {
        put_name(g, g->p->exprs[where].source);
    }
    put(g, "}");
}

static void put_edges(Graph *g) {
    size_t n;
    const GraphEdge *edges = graph_edges(g->out.arena, g->p, &n);
    for (size_t i = 0; i < n; i++) {
        put(g, i ? "," : "");
        put_edge(g, &edges[i]);
    }
}

const char *describe_graph(Arena *arena, const dag_program *program) {
    Graph g = { .p = program, .out = { .arena = arena } };
    put(&g, "{\"pipeline\":");
    put_name(&g, program->name);
    put(&g, ",\"stages\":[");
    for (uint32_t i = 0; i < program->nstages; i++) {
        put(&g, i ? "," : "");
        put_stage(&g, &program->stages[i]);
    }
    put(&g, "\n],\"edges\":[");
    put_edges(&g);
    put(&g, "\n]}\n");
    return buffer_end(&g.out);
}
