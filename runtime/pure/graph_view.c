/*
 * graph_view.c - see graph_view.h.
 */
#include "pure/graph_view.h"

const char *graph_fan_word(uint32_t fan) {
    static const char *const words[] = {
        [DAG_SINGLE] = "single",
        [DAG_AGGREGATE] = "aggregate",
        [DAG_GROUPED] = "grouped",
        [DAG_CROSS] = "cross",
    };
    return words[fan];
}

const char *graph_on_word(uint32_t on) {
    static const char *const words[] = {
        [DAG_ON_SUCCESS] = "success",
        [DAG_ON_FAILURE] = "failure",
        [DAG_ON_ALWAYS] = "always",
    };
    return words[on];
}

static const char *slug(const dag_program *p, uint32_t stage) {
    return p->strings + p->stages[stage].slug;
}

static const char *port_text(Arena *arena, const dag_program *p, uint32_t i) {
    const dag_port *port = &p->ports[i];
    if (port->flags & DAG_PORT_HIDDEN) {
        return slug(p, port->stage);
    }
    return arena_printf(arena, "%s.%s", slug(p, port->stage), p->strings + port->name);
}

const char *graph_edge_from(Arena *arena, const dag_program *p, const GraphEdge *edge) {
    return edge->from == DAG_NONE ? slug(p, edge->from_stage) : port_text(arena, p, edge->from);
}

const char *graph_edge_to(Arena *arena, const dag_program *p, const GraphEdge *edge) {
    if (edge->output != DAG_NONE) {
        return arena_printf(arena, "output.%s", p->strings + p->outputs[edge->output].name);
    }
    return edge->to == DAG_NONE ? slug(p, edge->to_stage) : port_text(arena, p, edge->to);
}

const char *const *graph_axis(Arena *arena, const dag_program *p, uint32_t axis) {
    uint32_t depth = p->axes[axis].depth;
    const char **positions = ARENA_ARRAY(arena, depth, const char *);
    for (uint32_t i = depth; i-- > 0; axis = p->axes[axis].parent) {
        positions[i] = port_text(arena, p, p->axes[axis].position);
    }
    return positions;
}

/* ---------------------------------------------------------------- edges */

static GraphEdge data_edge(const dag_program *p, uint32_t i, uint32_t output) {
    const dag_edge *edge = &p->edges[i];
    return (GraphEdge){ .from_stage = p->ports[edge->from].stage,
                        .to_stage = p->ports[edge->to].stage,
                        .output = output,
                        .from = edge->from,
                        .to = edge->to,
                        .edge = i,
                        .order = DAG_NONE };
}

static GraphEdge order_edge(const dag_program *p, uint32_t i) {
    return (GraphEdge){ .from_stage = p->orders[i].from,
                        .to_stage = p->orders[i].to,
                        .output = DAG_NONE,
                        .from = DAG_NONE,
                        .to = DAG_NONE,
                        .edge = DAG_NONE,
                        .order = i };
}

/* What an output's value is made of. */
static size_t output_edges(const dag_program *p, uint32_t output, GraphEdge *edges) {
    const dag_output *row = &p->outputs[output];
    size_t n = 0;
    for (uint32_t i = row->in; i < row->in + row->nin; i++) {
        const dag_port *port = &p->ports[i];
        for (uint32_t e = port->edge; e < port->edge + port->nedges; e++) {
            edges[n++] = data_edge(p, e, output);
        }
    }
    return n;
}

const GraphEdge *graph_edges(Arena *arena, const dag_program *p, size_t *n) {
    GraphEdge *edges = ARENA_ARRAY(arena, (size_t)p->nedges + p->norders, GraphEdge);
    *n = 0;
    for (uint32_t i = 0; i < p->nedges; i++) {
        if (p->ports[p->edges[i].to].stage != DAG_NONE) {
            edges[(*n)++] = data_edge(p, i, DAG_NONE);
        }
    }
    for (uint32_t i = 0; i < p->noutputs; i++) {
        *n += output_edges(p, i, edges + *n);
    }
    for (uint32_t i = 0; i < p->norders; i++) {
        edges[(*n)++] = order_edge(p, i);
    }
    return edges;
}
