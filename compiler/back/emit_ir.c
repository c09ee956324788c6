/*
 * emit_ir.c - the tables as text: what a pipeline was made into, for people and for tests. Nothing
 * in it can be read back.
 */
#include "back/graph.h"

#include <inttypes.h>
#include <string.h>

#include "base/table.h"
#include "model/words_of.h"
#include "pure/pipe.h"

/* The printer: a program, and whose ports INPUT and OUT count from. */
typedef struct Ir {
    const Graph *graph;
    const dag_program *p;
    FILE *out;
    uint32_t in, outs;
} Ir;

static const char *text(const Ir *ir, dag_name name) {
    return ir->p->strings + name;
}

/* In quotes, on one line. */
static void quoted(const Ir *ir, const char *string, size_t n) {
    fputc('"', ir->out);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)string[i];
        if (c == '"' || c == '\\') {
            fprintf(ir->out, "\\%c", c);
        } else if (c == '\n') {
            fputs("\\n", ir->out);
        } else if (c < ' ' || c == 0x7F) {
            fprintf(ir->out, "\\x%02x", c);
        } else {
            fputc(c, ir->out);
        }
    }
    fputc('"', ir->out);
}

/* The word in small letters without its prefix. */
static void word(const Ir *ir, const char *name, size_t prefix) {
    for (const char *c = name + prefix; *c; c++) {
        fputc(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c, ir->out);
    }
}

static void flags(const Ir *ir, uint32_t bits, const char *const *words, size_t prefix) {
    for (uint32_t i = 0; bits >> i; i++) {
        if (bits >> i & 1) {
            fputc(' ', ir->out);
            word(ir, words[i], prefix);
        }
    }
}

static void type(const Ir *ir, uint32_t row) {
    fputs(text(ir, ir->p->types[row].name), ir->out);
}

/* ---------------------------------------------------------------- constants and expressions */

static void constant(const Ir *ir, uint32_t i) {
    const dag_const *c = &ir->p->consts[i];
    switch ((dag_kind)c->kind) {
    case DAG_BOOL: fputs(c->u.i ? "true" : "false", ir->out); break;
    case DAG_INT: fprintf(ir->out, "%" PRId64, c->u.i); break;
    case DAG_FLOAT: fprintf(ir->out, "%.17g", c->u.f); break;
    case DAG_DURATION: fprintf(ir->out, "%" PRId64 "ns", c->u.i); break;
    case DAG_SIZE: fprintf(ir->out, "%" PRId64 "B", c->u.i); break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: quoted(ir, text(ir, c->u.text), c->len); break;
    case DAG_LIST:
        fputc('[', ir->out);
        for (uint32_t k = 0; k < c->len; k++) {
            fputs(k ? ", " : "", ir->out);
            constant(ir, c->u.first + k);
        }
        fputc(']', ir->out);
        break;
    case DAG_MAP:
        fputc('{', ir->out);
        for (uint32_t k = 0; k < c->len; k++) {
            fputs(k ? ", " : "", ir->out);
            constant(ir, c->u.first + 2 * k);
            fputs(": ", ir->out);
            constant(ir, c->u.first + 2 * k + 1);
        }
        fputc('}', ir->out);
        break;
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: fputs("null", ir->out); break;
    }
}

static void pipe_op(const Ir *ir, uint32_t a) {
    fputs(pipe_rows[a & 0xfff].name, ir->out);
    if (a >> 16) {
        fprintf(ir->out, "/%u", a >> 16);
    }
    uint32_t depth = a >> 12 & 0xf;
    if (depth > 1) {
        fprintf(ir->out, " over %u", depth - 1);
    }
}

static void operation(const Ir *ir, uint32_t code) {
    dag_op op = (dag_op)(code & 0xff);
    uint32_t a = code >> 8;
    if (op == DAG_OP_PIPE) {
        pipe_op(ir, a);
        return;
    }
    word(ir, word_of_op(op), WORD_OP);
    switch (op) {
    case DAG_OP_CONST:
        fputc(' ', ir->out);
        constant(ir, a);
        break;
    case DAG_OP_INPUT: fprintf(ir->out, " %s", text(ir, ir->p->ports[ir->in + a].name)); break;
    case DAG_OP_OUT: fprintf(ir->out, " %s", text(ir, ir->p->ports[ir->outs + a].name)); break;
    case DAG_OP_RUN: fprintf(ir->out, " %s", text(ir, ir->p->inputs[a].name)); break;
    case DAG_OP_SPECIAL:
        fputc(' ', ir->out);
        word(ir, word_of_special(a), WORD);
        break;
    case DAG_OP_FIELD: fprintf(ir->out, " %s", text(ir, a)); break;
    case DAG_OP_FIT:
        fputc(' ', ir->out);
        type(ir, a);
        break;
    case DAG_OP_COMPARE:
        fputc(' ', ir->out);
        word(ir, word_of_compare(a), WORD);
        break;
    case DAG_OP_CONCAT:
    case DAG_OP_LIST:
    case DAG_OP_RECORD:
    case DAG_OP_AND:
    case DAG_OP_OR:
    case DAG_OP_DEFAULT: fprintf(ir->out, " %u", a); break;
    case DAG_OP_PIPE:
    case DAG_OP_TEXT:
    case DAG_OP_NOT:
    case DAG_OP_EXISTS: break;
    }
}

/* `label (int): input n; const 1; add/1` on a line of its own, or nothing. */
static void expression(const Ir *ir, const char *indent, const char *label, uint32_t expr) {
    if (expr == DAG_NONE) {
        return;
    }
    const dag_expr *e = &ir->p->exprs[expr];
    fprintf(ir->out, "%s%s (", indent, label);
    type(ir, e->type);
    fputs("):", ir->out);
    for (uint32_t i = 0; i < e->n; i++) {
        fputs(i ? "; " : " ", ir->out);
        operation(ir, ir->p->code[e->first + i]);
    }
    fputc('\n', ir->out);
}

/* ---------------------------------------------------------------- ports and edges */

static void port_name(const Ir *ir, uint32_t i) {
    uint32_t stage = ir->p->ports[i].stage;
    if (stage != DAG_NONE) {
        fprintf(ir->out, "%s.", text(ir, ir->p->stages[stage].slug));
    }
    fputs(text(ir, ir->p->ports[i].name), ir->out);
}

/* `[scan.item probe.x]`, the outermost position first. */
static void axis_positions(const Ir *ir, uint32_t axis) {
    const dag_axis *a = &ir->p->axes[axis];
    if (a->parent != DAG_NONE) {
        axis_positions(ir, a->parent);
        fputs(ir->p->axes[a->parent].parent == DAG_NONE ? "" : " ", ir->out);
        port_name(ir, a->position);
    }
}

static void axis(const Ir *ir, uint32_t number) {
    if (number) {
        fputs(" [", ir->out);
        axis_positions(ir, number);
        fputc(']', ir->out);
    }
}

static void edge(const Ir *ir, const dag_edge *e) {
    fputs("      <- ", ir->out);
    port_name(ir, e->from);
    if (e->take != DAG_NONE) {
        fprintf(ir->out, " take %u", e->take);
    }
    flags(ir, e->flags, words_of_edge_flags, strlen("DAG_EDGE_"));
    fputc('\n', ir->out);
    expression(ir, "        ", "where", e->where);
    expression(ir, "        ", "order by", e->order_by);
}

static void port(const Ir *ir, uint32_t i, const char *what) {
    const dag_port *p = &ir->p->ports[i];
    fprintf(ir->out, "    %s %s: ", what, text(ir, p->name));
    type(ir, p->type);
    axis(ir, p->axis);
    flags(ir, p->flags, words_of_port_flags, strlen("DAG_PORT_"));
    fputc('\n', ir->out);
    expression(ir, "      ", "value", p->value);
    for (uint32_t k = 0; what[0] == 'i' && k < p->nedges; k++) {
        edge(ir, &ir->p->edges[p->edge + k]);
    }
}

/* ---------------------------------------------------------------- stages */

static void pieces(const Ir *ir, uint32_t first, uint32_t n) {
    for (uint32_t i = first; i < first + n; i++) {
        const dag_piece *piece = &ir->p->pieces[i];
        if (piece->kind == DAG_PIECE_TEXT) {
            fputs("      text ", ir->out);
            quoted(ir, text(ir, piece->value), strlen(text(ir, piece->value)));
            fputc('\n', ir->out);
            continue;
        }
        fputs("      ", ir->out);
        word(ir, word_of_piece(piece->kind), WORD_PIECE);
        expression(ir, "", "", piece->value);
    }
}

static void body(const Ir *ir, const dag_stage *s) {
    if (s->body == DAG_BODY_NONE) {
        return;
    }
    fputs("    ", ir->out);
    word(ir, word_of_body(s->body), WORD_BODY);
    if (s->program) {
        fprintf(ir->out, " %s", text(ir, s->program));
    }
    if (s->native != DAG_NONE) {
        const char *function = ir->graph->natives[s->native].function;
        fprintf(ir->out, " %s", function ? function : "(inline)");
    }
    if (s->sub != DAG_NONE) {
        fprintf(ir->out, " %s", text(ir, ir->p->subs[s->sub]->name));
    }
    if (s->map_over != DAG_NONE) {
        fprintf(ir->out, " over %s", text(ir, ir->p->ports[s->in + s->map_over].name));
    }
    fputc('\n', ir->out);
    pieces(ir, s->piece, s->npiece);
}

static void number(const Ir *ir, const char *name, int64_t value, const char *unit) {
    if (value) {
        fprintf(ir->out, "    %s %" PRId64 "%s\n", name, value, unit);
    }
}

static void resources(const Ir *ir, const char *indent, uint32_t first, uint32_t n) {
    for (uint32_t i = first; i < first + n; i++) {
        const dag_resource *r = &ir->p->resources[i];
        fprintf(ir->out, "%s%s %" PRId64, indent, text(ir, r->name), r->amount);
        if (r->grow != 1) {
            fprintf(ir->out, " grow %" PRId64, r->grow);
        }
        fputc('\n', ir->out);
    }
}

static void retry(const Ir *ir, const dag_stage *s) {
    if (!s->retry) {
        return;
    }
    fprintf(ir->out, "    retry %u backoff %" PRId64 "ns on", s->retry, s->backoff);
    flags(ir, s->retry_on, words_of_causes, strlen("DAG_CAUSE_"));
    for (uint32_t i = s->exit_code; i < s->exit_code + s->nexit_code; i++) {
        fprintf(ir->out, " exit %d", (int)ir->p->exit_codes[i]);
    }
    fputc('\n', ir->out);
}

static void attributes(const Ir *ir, const dag_stage *s) {
    expression(ir, "    ", "when", s->when);
    for (uint32_t i = s->order; i < s->order + s->norder; i++) {
        const dag_order *o = &ir->p->orders[i];
        fprintf(ir->out, "    after %s on ", text(ir, ir->p->stages[o->from].slug));
        word(ir, word_of_on(o->on), WORD_ON);
        fputc('\n', ir->out);
    }
    for (uint32_t i = s->env; i < s->env + s->nenv; i++) {
        fprintf(ir->out, "    env %s", text(ir, ir->p->env[i].name));
        expression(ir, "", "", ir->p->env[i].value);
    }
    resources(ir, "    resource ", s->resource, s->nresource);
    retry(ir, s);
    number(ir, "timeout", s->timeout, "ns");
    number(ir, "max_parallel", s->max_parallel, "");
    number(ir, "max_tasks", s->max_tasks, "");
    if (s->kind) {
        fprintf(ir->out, "    kind %s\n", text(ir, s->kind));
    }
    for (uint32_t i = s->tag; i < s->tag + s->ntag; i++) {
        fprintf(ir->out, "    tag %s\n", text(ir, ir->p->tags[i]));
    }
}

static void stage(Ir *ir, const dag_stage *s) {
    ir->in = s->in;
    ir->outs = s->out;
    fprintf(ir->out, "  stage %s ", text(ir, s->slug));
    word(ir, word_of_fan(s->fan), WORD);
    axis(ir, s->axis);
    flags(ir, s->flags, words_of_stage_flags, strlen("DAG_STAGE_"));
    fputc('\n', ir->out);
    for (uint32_t i = s->in; i < s->in + s->nin; i++) {
        port(ir, i, "in");
    }
    for (uint32_t i = s->out; i < s->out + s->nout; i++) {
        port(ir, i, "out");
    }
    attributes(ir, s);
    body(ir, s);
}

/* ---------------------------------------------------------------- the pipeline */

static void inputs(const Ir *ir) {
    for (uint32_t i = 0; i < ir->p->ninputs; i++) {
        const dag_input *input = &ir->p->inputs[i];
        fprintf(ir->out, "  input %s: ", text(ir, input->name));
        type(ir, input->type);
        fputc('\n', ir->out);
        expression(ir, "    ", "default", input->value);
        expression(ir, "    ", "where", input->where);
    }
}

static void outputs(Ir *ir) {
    for (uint32_t i = 0; i < ir->p->noutputs; i++) {
        const dag_output *output = &ir->p->outputs[i];
        ir->in = output->in;
        fprintf(ir->out, "  output %s: ", text(ir, output->name));
        type(ir, output->type);
        fputc('\n', ir->out);
        expression(ir, "    ", "value", output->value);
        for (uint32_t k = output->in; k < output->in + output->nin; k++) {
            port(ir, k, "in");
        }
    }
}

static void program(Ir *ir) {
    const dag_program *p = ir->p;
    fprintf(ir->out, "pipeline %s\n", text(ir, p->name));
    resources(ir, "  capacity ", p->capacity, p->ncapacity);
    inputs(ir);
    for (uint32_t i = 0; i < p->nstages; i++) {
        stage(ir, &p->stages[i]);
    }
    outputs(ir);
    for (uint32_t i = 0; i < p->nhooks; i++) {
        fputs("  hook ", ir->out);
        word(ir, word_of_hook(p->hooks[i].when), WORD_HOOK);
        fputc('\n', ir->out);
        pieces(ir, p->hooks[i].piece, p->hooks[i].npiece);
    }
}

/* Each pipeline once, those that are called first. */
static void graph_and_subs(Table *seen, const Graph *graph, FILE *out) {
    if (table_add(seen, NULL, graph, seen)) {
        return;
    }
    for (uint32_t i = 0; i < graph->nsubs; i++) {
        graph_and_subs(seen, graph->subs[i], out);
    }
    Ir ir = { .graph = graph, .p = &graph->program, .out = out };
    program(&ir);
}

void emit_ir(Front *front, const Graph *graph, FILE *out) {
    graph_and_subs(table_new(&front->arena), graph, out);
}
