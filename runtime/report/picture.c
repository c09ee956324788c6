/*
 * picture.c - see picture.h. The words in the boxes are in picture_box.c.
 */
#include "report/picture.h"

#include <string.h>

#include "core/definition.h"
#include "pure/graph_view.h"
#include "report/picture_box.h"

/* An input that more stages read than these has no arrows: the boxes name it. */
enum { FEW_READERS = 4 };

typedef struct Draw {
    Arena *arena;
    const dag_program *p;
    Picture out;
    uint32_t *arrow_of; /* by edge of graph_edges: its arrow */
    bool *reads;        /* by box and input */
} Draw;

static bool *reads_of(Draw *d, uint32_t box) {
    return d->reads + (size_t)box * d->p->ninputs;
}

/* ---------------------------------------------------------------- which box reads which input */

static void stage_reads(Draw *d, uint32_t i) {
    const dag_program *p = d->p;
    const dag_stage *stage = &p->stages[i];
    StageUses uses = { .run_inputs = reads_of(d, i) };
    stage_uses(p, i, &uses);
    expr_run_inputs(p, stage->when, uses.run_inputs);
    for (uint32_t k = stage->in; k < stage->in + stage->nin; k++) {
        const dag_port *port = &p->ports[k];
        expr_run_inputs(p, port->value, uses.run_inputs);
        for (uint32_t e = port->edge; e < port->edge + port->nedges; e++) {
            expr_run_inputs(p, p->edges[e].where, uses.run_inputs);
        }
    }
}

static uint32_t readers_of(Draw *d, uint32_t input) {
    uint32_t n = 0;
    for (uint32_t box = 0; box < d->out.nboxes; box++) {
        n += reads_of(d, box)[input];
    }
    return n;
}

/* ---------------------------------------------------------------- boxes */

static void add_stages(Draw *d) {
    for (uint32_t i = 0; i < d->p->nstages; i++) {
        d->out.boxes[d->out.nboxes++] = (Box){ .kind = BOX_STAGE, .index = i };
        stage_reads(d, i);
    }
}

static void add_outputs(Draw *d) {
    for (uint32_t i = 0; i < d->p->noutputs; i++) {
        uint32_t box = d->out.nboxes++;
        d->out.boxes[box] = (Box){ .kind = BOX_OUTPUT, .index = i };
        expr_run_inputs(d->p, d->p->outputs[i].value, reads_of(d, box));
    }
}

/* Those of few readers, with an arrow to each; the names of the others go into the boxes. */
static void add_inputs(Draw *d) {
    uint32_t readers = d->out.nboxes;
    for (uint32_t i = 0; i < d->p->ninputs; i++) {
        uint32_t n = readers_of(d, i);
        uint32_t box = d->out.nboxes++;
        d->out.boxes[box] = (Box){ .kind = BOX_INPUT, .index = i };
        if (n > FEW_READERS) {
            continue;
        }
        for (uint32_t to = 0; to < readers; to++) {
            if (reads_of(d, to)[i]) {
                d->out.arrows[d->out.narrows++] =
                    (Arrow){ .from = box, .to = to, .ports = "", .terms = "" };
                reads_of(d, to)[i] = false;
            }
        }
    }
}

/* ---------------------------------------------------------------- arrows */

/* "where it > 1 order by it desc take 3", "on failure" */
static const char *terms_of(Arena *arena, const dag_program *p, const GraphEdge *e) {
    if (e->order != DAG_NONE) {
        return arena_printf(arena, "on %s", graph_on_word(p->orders[e->order].on));
    }
    const dag_edge *edge = &p->edges[e->edge];
    const char *where = edge->where == DAG_NONE ? NULL : p->strings + p->exprs[edge->where].source;
    const char *by =
        edge->order_by == DAG_NONE ? NULL : p->strings + p->exprs[edge->order_by].source;
    const char *text = arena_printf(arena, "%s%s%s%s%s", where ? " where " : "", where ? where : "",
                                    by ? " order by " : "", by ? by : "",
                                    by && edge->flags & DAG_EDGE_DESC ? " desc" : "");
    if (edge->take != DAG_NONE) {
        text = arena_printf(arena, "%s take %u", text, edge->take);
    }
    return *text ? text + 1 : "";
}

/* "info → meta"; "info" where both have that name, and of a reference in an expression */
static const char *ports_of(Arena *arena, const dag_program *p, const GraphEdge *e) {
    if (e->order != DAG_NONE) {
        return "";
    }
    const char *from = p->strings + p->ports[e->from].name;
    const char *to = p->strings + p->ports[e->to].name;
    bool hidden = p->ports[e->to].flags & DAG_PORT_HIDDEN || e->output != DAG_NONE;
    return hidden || strcmp(from, to) == 0 ? from : arena_printf(arena, "%s → %s", from, to);
}

/* `text` with `more` behind, unless that stands there already. */
static const char *joined(Arena *arena, const char *text, const char *more, const char *between) {
    size_t n = strlen(more);
    for (const char *at = text; n > 0 && (at = strstr(at, more)) != NULL; at += n) {
        bool starts = at == text || strncmp(at - strlen(between), between, strlen(between)) == 0;
        if (starts && (at[n] == '\0' || strncmp(at + n, between, strlen(between)) == 0)) {
            return text;
        }
    }
    return *text == '\0' ? more
           : n == 0      ? text
                         : arena_printf(arena, "%s%s%s", text, between, more);
}

static const char *edge_tip(Draw *d, const GraphEdge *e) {
    const char *from = graph_edge_from(d->arena, d->p, e), *to = graph_edge_to(d->arena, d->p, e);
    const char *terms = terms_of(d->arena, d->p, e);
    bool list = e->order == DAG_NONE && d->p->ports[e->to].flags & DAG_PORT_LIST;
    return arena_printf(d->arena, "%s %s %s%s%s%s", from, e->order == DAG_NONE ? "->" : "=>", to,
                        *terms ? " " : "", terms, list ? " (gathered into a list)" : "");
}

static uint32_t box_of_output(const Draw *d, uint32_t output) {
    return d->p->nstages + output;
}

static void add_edge(Draw *d, const GraphEdge *e, uint32_t *last) {
    uint32_t to = e->output != DAG_NONE ? box_of_output(d, e->output) : e->to_stage;
    bool order = e->order != DAG_NONE;
    uint32_t at = d->out.narrows;
    for (uint32_t i = last[to]; i != DAG_NONE; i = d->arrow_of[i]) {
        if (d->out.arrows[i].from == e->from_stage && d->out.arrows[i].order == order) {
            at = i;
        }
    }
    Arrow *arrow = &d->out.arrows[at];
    if (at == d->out.narrows) {
        *arrow = (Arrow){ e->from_stage, to, order, "", "", "" };
        d->arrow_of[at] = last[to];
        last[to] = d->out.narrows++;
    }
    arrow->ports = joined(d->arena, arrow->ports, ports_of(d->arena, d->p, e), ", ");
    arrow->terms = joined(d->arena, arrow->terms, terms_of(d->arena, d->p, e), ", ");
    arrow->tip = joined(d->arena, arrow->tip, edge_tip(d, e), "\n");
}

/* Arrows into the same box are a list: `last` by box, then arrow_of. */
static void add_edges(Draw *d, const GraphEdge *edges, size_t n) {
    uint32_t *last = ARENA_ARRAY(d->arena, d->out.nboxes, uint32_t);
    d->arrow_of = ARENA_ARRAY(d->arena, n, uint32_t);
    memset(last, 0xff, d->out.nboxes * sizeof *last);
    for (size_t i = 0; i < n; i++) {
        add_edge(d, &edges[i], last);
    }
}

Picture picture_of(Arena *arena, const dag_program *p) {
    Draw d = { .arena = arena, .p = p };
    size_t nedges, nboxes = (size_t)p->nstages + p->noutputs + p->ninputs;
    const GraphEdge *edges = graph_edges(arena, p, &nedges);
    d.out = (Picture){ .name = p->strings + p->name, .doc = p->strings + p->doc };
    d.out.boxes = ARENA_ARRAY(arena, nboxes, Box);
    d.out.arrows = ARENA_ARRAY(arena, nedges + (size_t)p->ninputs * FEW_READERS, Arrow);
    d.reads = ARENA_ARRAY(arena, nboxes * p->ninputs, bool);
    add_stages(&d);
    add_outputs(&d);
    add_edges(&d, edges, nedges);
    add_inputs(&d);
    for (uint32_t i = 0; i < d.out.nboxes; i++) {
        box_fill(arena, p, &d.out.boxes[i], reads_of(&d, i));
    }
    for (uint32_t i = 0; i < d.out.narrows; i++) {
        Arrow *arrow = &d.out.arrows[i];
        if (arrow->tip == NULL) {
            arrow->tip = arena_printf(arena, "input.%s -> %s", d.out.boxes[arrow->from].name,
                                      d.out.boxes[arrow->to].name);
        }
    }
    return d.out;
}

const char *arrow_label(Arena *arena, const Arrow *arrow) {
    return joined(arena, arrow->ports, arrow->terms, " ");
}
