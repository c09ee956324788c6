/*
 * describe_graph.c - the graph as one JSON document.
 */
#include <string.h>

#include "pure/describe.h"
#include "pure/json.h"

typedef struct Graph {
    const dag_program *p;
    TextBuffer out;
} Graph;

static const char *const fans[] = {
    [DAG_SINGLE] = "single",
    [DAG_AGGREGATE] = "aggregate",
    [DAG_GROUPED] = "grouped",
    [DAG_CROSS] = "cross",
};

static const char *const ons[] = {
    [DAG_ON_SUCCESS] = "success",
    [DAG_ON_FAILURE] = "failure",
    [DAG_ON_ALWAYS] = "always",
};

static void put(Graph *g, const char *text) {
    buffer_string(&g->out, text);
}

static void put_name(Graph *g, dag_name name) {
    const char *text = g->p->strings + name;
    json_put_text(&g->out, text, strlen(text));
}

/* "stage.port"; of a hidden input "stage" */
static void put_port(Graph *g, uint32_t i) {
    const dag_port *port = &g->p->ports[i];
    const char *stage = g->p->strings + g->p->stages[port->stage].slug;
    bool hidden = port->flags & DAG_PORT_HIDDEN;
    const char *text =
        hidden ? stage : arena_printf(g->out.arena, "%s.%s", stage, g->p->strings + port->name);
    json_put_text(&g->out, text, strlen(text));
}

/* The positions of an axis, the outermost first. */
static void put_axis(Graph *g, uint32_t number) {
    uint32_t depth = g->p->axes[number].depth;
    uint32_t *positions = ARENA_ARRAY(g->out.arena, depth, uint32_t);
    for (uint32_t i = depth, axis = number; i-- > 0; axis = g->p->axes[axis].parent) {
        positions[i] = g->p->axes[axis].position;
    }
    put(g, "\"axis\":[");
    for (uint32_t i = 0; i < depth; i++) {
        put(g, i ? "," : "");
        put_port(g, positions[i]);
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
    put(g, fans[stage->fan]);
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

/* "output.name" */
static void put_output(Graph *g, const dag_output *output) {
    const char *text = arena_printf(g->out.arena, "output.%s", g->p->strings + output->name);
    json_put_text(&g->out, text, strlen(text));
}

/* An edge to a stage, or into an output of the pipeline. */
static void put_edge(Graph *g, const dag_edge *edge, const dag_output *output) {
    put(g, "\n  {\"from\":");
    put_port(g, edge->from);
    put(g, ",\"to\":");
    if (output) {
        put_output(g, output);
    } else {
        put_port(g, edge->to);
    }
    put(g, ",\"kind\":\"data\",\"on\":null,\"where\":");
    if (edge->where == DAG_NONE) {
        put(g, "null");
    } else {
        put_name(g, g->p->exprs[edge->where].source);
    }
    put(g, "}");
}

static void put_order(Graph *g, const dag_order *order) {
    put(g, "\n  {\"from\":");
    put_name(g, g->p->stages[order->from].slug);
    put(g, ",\"to\":");
    put_name(g, g->p->stages[order->to].slug);
    put(g, ",\"kind\":\"order\",\"on\":\"");
    put(g, ons[order->on]);
    put(g, "\",\"where\":null}");
}

/* What an output's value is made of. */
static const char *put_output_edges(Graph *g, const dag_output *output, const char *separator) {
    for (uint32_t i = output->in; i < output->in + output->nin; i++) {
        const dag_port *port = &g->p->ports[i];
        for (uint32_t edge = port->edge; edge < port->edge + port->nedges; edge++) {
            put(g, separator);
            put_edge(g, &g->p->edges[edge], output);
            separator = ",";
        }
    }
    return separator;
}

static void put_edges(Graph *g) {
    const char *separator = "";
    for (uint32_t i = 0; i < g->p->nedges; i++) {
        if (g->p->ports[g->p->edges[i].to].stage != DAG_NONE) {
            put(g, separator);
            put_edge(g, &g->p->edges[i], NULL);
            separator = ",";
        }
    }
    for (uint32_t i = 0; i < g->p->noutputs; i++) {
        separator = put_output_edges(g, &g->p->outputs[i], separator);
    }
    for (uint32_t i = 0; i < g->p->norders; i++) {
        put(g, separator);
        put_order(g, &g->p->orders[i]);
        separator = ",";
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
