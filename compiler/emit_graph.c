/*
 * emit_graph.c - the graph as one JSON document:
 *
 *   {"pipeline", "stages": [{"slug", "fan", "axis": ["scan.item"], "kind", "tags",
 *                            "in": [{"name", "type", "axis"}], "out": [ likewise ]}],
 *    "edges": [{"from", "to", "kind": "data" or "order", "on", "where"}]}
 *
 * An edge that a reference inside an expression makes has no input by name: its `to` is the stage.
 * What the outputs of the pipeline take is no edge between stages and is left out.
 */
#include "graph.h"

#include <string.h>

#include "words_of.h"

typedef struct Json {
    const dag_program *p;
    FILE *out;
} Json;

static void string_part(FILE *out, const char *text) {
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c < ' ') {
            fprintf(out, "\\u%04x", c);
        } else {
            fputc(c, out);
        }
    }
}

static void string(const Json *j, dag_name name) {
    fputc('"', j->out);
    string_part(j->out, j->p->strings + name);
    fputc('"', j->out);
}

static void word(const Json *j, const char *name, size_t prefix) {
    fputc('"', j->out);
    for (const char *c = name + prefix; *c; c++) {
        fputc(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c, j->out);
    }
    fputc('"', j->out);
}

static void port(const Json *j, uint32_t i) {
    const dag_port *p = &j->p->ports[i];
    fputc('"', j->out);
    string_part(j->out, j->p->strings + j->p->stages[p->stage].slug);
    if (!(p->flags & DAG_PORT_HIDDEN)) {
        fputc('.', j->out);
        string_part(j->out, j->p->strings + p->name);
    }
    fputc('"', j->out);
}

static void positions(const Json *j, uint32_t axis) {
    const dag_axis *a = &j->p->axes[axis];
    if (a->parent == DAG_NONE) {
        return;
    }
    positions(j, a->parent);
    fputs(j->p->axes[a->parent].parent == DAG_NONE ? "" : ",", j->out);
    port(j, a->position);
}

static void axis(const Json *j, uint32_t number) {
    fputs("\"axis\":[", j->out);
    positions(j, number);
    fputc(']', j->out);
}

static void ports(const Json *j, const char *name, uint32_t first, uint32_t n) {
    const char *separator = "";
    fprintf(j->out, ",\"%s\":[", name);
    for (uint32_t i = first; i < first + n; i++) {
        const dag_port *p = &j->p->ports[i];
        if (p->flags & DAG_PORT_HIDDEN) {
            continue;
        }
        fprintf(j->out, "%s{\"name\":", separator);
        string(j, p->name);
        fputs(",\"type\":", j->out);
        string(j, j->p->types[p->type].name);
        fputc(',', j->out);
        axis(j, p->axis);
        fputc('}', j->out);
        separator = ",";
    }
    fputc(']', j->out);
}

static void stage(const Json *j, const dag_stage *s) {
    fputs("\n  {\"slug\":", j->out);
    string(j, s->slug);
    fputs(",\"fan\":", j->out);
    word(j, word_of_fan(s->fan), WORD);
    fputc(',', j->out);
    axis(j, s->axis);
    fputs(",\"kind\":", j->out);
    if (s->kind) {
        string(j, s->kind);
    } else {
        fputs("null", j->out);
    }
    fputs(",\"tags\":[", j->out);
    for (uint32_t i = 0; i < s->ntag; i++) {
        fputs(i ? "," : "", j->out);
        string(j, j->p->tags[s->tag + i]);
    }
    fputc(']', j->out);
    ports(j, "in", s->in, s->nin);
    ports(j, "out", s->out, s->nout);
    fputc('}', j->out);
}

static void data_edge(const Json *j, const dag_edge *edge) {
    fputs("\n  {\"from\":", j->out);
    port(j, edge->from);
    fputs(",\"to\":", j->out);
    port(j, edge->to);
    fputs(",\"kind\":\"data\",\"on\":null,\"where\":", j->out);
    if (edge->where == DAG_NONE) {
        fputs("null}", j->out);
        return;
    }
    string(j, j->p->exprs[edge->where].source);
    fputc('}', j->out);
}

static void order_edge(const Json *j, const dag_order *order) {
    fputs("\n  {\"from\":", j->out);
    string(j, j->p->stages[order->from].slug);
    fputs(",\"to\":", j->out);
    string(j, j->p->stages[order->to].slug);
    fputs(",\"kind\":\"order\",\"on\":", j->out);
    word(j, word_of_on(order->on), WORD_ON);
    fputs(",\"where\":null}", j->out);
}

void emit_graph(Front *front, const Graph *graph, FILE *out) {
    (void)front;
    const dag_program *p = &graph->program;
    Json j = { p, out };
    const char *separator = "";
    fputs("{\"pipeline\":", out);
    string(&j, p->name);
    fputs(",\"stages\":[", out);
    for (uint32_t i = 0; i < p->nstages; i++) {
        fputs(i ? "," : "", out);
        stage(&j, &p->stages[i]);
    }
    fputs("\n],\"edges\":[", out);
    for (uint32_t i = 0; i < p->nedges; i++) {
        if (p->ports[p->edges[i].to].stage != DAG_NONE) {
            fputs(separator, out);
            data_edge(&j, &p->edges[i]);
            separator = ",";
        }
    }
    for (uint32_t i = 0; i < p->norders; i++) {
        fputs(separator, out);
        order_edge(&j, &p->orders[i]);
        separator = ",";
    }
    fputs("\n]}\n", out);
}
