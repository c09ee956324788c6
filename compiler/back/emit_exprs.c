/*
 * emit_exprs.c - the tables of a pipeline's types, constants and expressions as C text.
 */
#include "back/emit.h"

#include <string.h>

#include "model/words_of.h"
#include "pure/pipe.h"

/* ---------------------------------------------------------------- types and constants */

static void types(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->ntypes == 0) {
        return;
    }
    emit_table(e, graph, "dag_type", "types");
    for (uint32_t i = 0; i < p->ntypes; i++) {
        const dag_type *type = &p->types[i];
        const char *spelled = cnames_type(e->names, graph->graph->table[i]);
        cw_row(&e->w);
        cw_word(&e->w, "kind", word_of_kind(type->kind));
        cw_index(&e->w, "elem", type->elem);
        if (type->n > 0) {
            cw_member(&e->w, "first", type->first);
            cw_member(&e->w, "n", type->n);
        }
        if (spelled) {
            size_t length = strlen(spelled) + 8;
            cw_member_name(&e->w, "size", length);
            cw_format(&e->w, "sizeof(%s)", spelled);
            cw_member_name(&e->w, "align", length);
            cw_format(&e->w, "_Alignof(%s)", spelled);
        }
        cw_name(&e->w, "name", type->name);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

/* The struct of each field's record, where C sees it; by field, NULL for cases. */
static const CType **records_of_fields(Emit *e, const CGraph *graph, uint32_t *firsts) {
    const dag_program *p = &graph->graph->program;
    const CType **records = ARENA_ARRAY(&e->front->arena, graph->graph->nfields, const CType *);
    for (uint32_t i = 0; i < p->ntypes; i++) {
        const Type *type = graph->graph->table[i];
        const CType *record = NULL;
        if (p->types[i].kind == DAG_RECORD && cnames_type(e->names, type)) {
            record = cnames_record(e->names, type);
        }
        for (uint32_t k = 0; k < p->types[i].n; k++) {
            records[p->types[i].first + k] = record;
            firsts[p->types[i].first + k] = p->types[i].first;
        }
    }
    return records;
}

static void fields(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    uint32_t n = graph->graph->nfields;
    if (n == 0) {
        return;
    }
    uint32_t *firsts = ARENA_ARRAY(&e->front->arena, n, uint32_t);
    const CType **records = records_of_fields(e, graph, firsts);
    emit_table(e, graph, "dag_field", "fields");
    for (uint32_t i = 0; i < n; i++) {
        cw_row(&e->w);
        cw_name(&e->w, "name", p->fields[i].name);
        cw_index(&e->w, "type", p->fields[i].type);
        if (records[i]) {
            const char *member = records[i]->names[i - firsts[i]];
            cw_member_name(&e->w, "offset", strlen(records[i]->name) + strlen(member) + 12);
            cw_format(&e->w, "offsetof(%s, %s)", records[i]->name, member);
        }
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void constant(Emit *e, const dag_const *c) {
    CWriter *w = &e->w;
    cw_row(w);
    cw_word(w, "kind", word_of_kind(c->kind));
    switch ((dag_kind)c->kind) {
    case DAG_BOOL:
    case DAG_INT:
    case DAG_DURATION:
    case DAG_SIZE: cw_member64(w, "u.i", c->u.i); break;
    case DAG_FLOAT:
        cw_member_name(w, "u.f", 24);
        cw_float(w, c->u.f);
        break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
        cw_member(w, "len", c->len);
        cw_name(w, "u.text", c->u.text);
        break;
    case DAG_LIST:
    case DAG_MAP:
        cw_member(w, "len", c->len);
        cw_member(w, "u.first", c->u.first);
        break;
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: break;
    }
    cw_row_end(w);
}

static void consts(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->nconsts == 0) {
        return;
    }
    emit_table(e, graph, "dag_const", "consts");
    for (uint32_t i = 0; i < p->nconsts; i++) {
        constant(e, &p->consts[i]);
    }
    emit_table_end(e);
}

/* ---------------------------------------------------------------- expressions */

/* Where the operands INPUT and OUT of an expression are counted from: its stage's ports, or the
 * hidden ones of an output. */
typedef struct Bases {
    uint32_t *in, *out; /* by expression */
} Bases;

static void base(Bases *bases, uint32_t expr, uint32_t in, uint32_t out) {
    if (expr != DAG_NONE) {
        bases->in[expr] = in;
        bases->out[expr] = out;
    }
}

static void port_bases(const dag_program *p, Bases *bases, uint32_t from, uint32_t n, uint32_t in,
                       uint32_t out) {
    for (uint32_t i = from; i < from + n; i++) {
        base(bases, p->ports[i].value, in, out);
        bool is_out = p->ports[i].stage != DAG_NONE && i >= p->stages[p->ports[i].stage].out;
        for (uint32_t k = 0; k < p->ports[i].nedges && !is_out; k++) {
            const dag_edge *edge = &p->edges[p->ports[i].edge + k];
            base(bases, edge->where, in, out);
            base(bases, edge->order_by, in, out);
        }
    }
}

static void stage_bases(const dag_program *p, Bases *bases, const dag_stage *stage) {
    port_bases(p, bases, stage->in, stage->nin + stage->nout, stage->in, stage->out);
    base(bases, stage->when, stage->in, stage->out);
    for (uint32_t i = stage->piece; i < stage->piece + stage->npiece; i++) {
        if (p->pieces[i].kind != DAG_PIECE_TEXT) {
            base(bases, p->pieces[i].value, stage->in, stage->out);
        }
    }
    for (uint32_t i = stage->env; i < stage->env + stage->nenv; i++) {
        base(bases, p->env[i].value, stage->in, stage->out);
    }
}

static Bases find_bases(Emit *e, const dag_program *p) {
    Bases bases = { ARENA_ARRAY(&e->front->arena, p->nexprs, uint32_t),
                    ARENA_ARRAY(&e->front->arena, p->nexprs, uint32_t) };
    for (uint32_t i = 0; i < p->nstages; i++) {
        stage_bases(p, &bases, &p->stages[i]);
    }
    for (uint32_t i = 0; i < p->noutputs; i++) {
        const dag_output *output = &p->outputs[i];
        base(&bases, output->value, output->in, 0);
        port_bases(p, &bases, output->in, output->nin, output->in, 0);
    }
    return bases;
}

static void constant_remark(Emit *e, const dag_const *c) {
    CWriter *w = &e->w;
    switch ((dag_kind)c->kind) {
    case DAG_BOOL: cw_text(w, c->u.i ? "true" : "false"); break;
    case DAG_INT:
    case DAG_DURATION:
    case DAG_SIZE: cw_integer(w, c->u.i); break;
    case DAG_FLOAT: cw_float(w, c->u.f); break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
        cw_text(w, "'");
        emit_remark(e, c->u.text);
        cw_text(w, "'");
        break;
    case DAG_LIST: cw_format(w, "list of %u", (unsigned)c->len); break;
    case DAG_MAP: cw_format(w, "map of %u", (unsigned)c->len); break;
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: cw_text(w, "null"); break;
    }
}

/* What the argument of an operation means. */
static void argument_remark(Emit *e, const dag_program *p, dag_op op, uint32_t a, uint32_t in,
                            uint32_t out) {
    switch (op) {
    case DAG_OP_CONST: constant_remark(e, &p->consts[a]); break;
    case DAG_OP_INPUT: emit_remark(e, p->ports[in + a].name); break;
    case DAG_OP_OUT: emit_remark(e, p->ports[out + a].name); break;
    case DAG_OP_RUN: emit_remark(e, p->inputs[a].name); break;
    case DAG_OP_FIELD: emit_remark(e, a); break;
    case DAG_OP_FIT: emit_remark(e, p->types[a].name); break;
    case DAG_OP_SPECIAL:
    case DAG_OP_PIPE:
    case DAG_OP_TEXT:
    case DAG_OP_CONCAT:
    case DAG_OP_LIST:
    case DAG_OP_RECORD:
    case DAG_OP_COMPARE:
    case DAG_OP_NOT:
    case DAG_OP_EXISTS:
    case DAG_OP_AND:
    case DAG_OP_OR:
    case DAG_OP_DEFAULT: break;
    }
}

static bool has_remark(dag_op op) {
    return op == DAG_OP_CONST || op == DAG_OP_INPUT || op == DAG_OP_OUT || op == DAG_OP_RUN ||
           op == DAG_OP_FIELD || op == DAG_OP_FIT;
}

static void word(Emit *e, const dag_program *p, uint32_t code, uint32_t in, uint32_t out) {
    CWriter *w = &e->w;
    dag_op op = (dag_op)(code & 0xff);
    uint32_t a = code >> 8;
    if (op == DAG_OP_PIPE) {
        cw_format(w, "    DAG_PIPE_CODE(0x%04x /* %s */, %u),\n", (unsigned)(a & 0xffff),
                  pipe_rows[a & 0xfff].name, (unsigned)(a >> 16));
        return;
    }
    cw_text(w, "    DAG_CODE(");
    cw_text(w, word_of_op(op));
    cw_text(w, ", ");
    if (op == DAG_OP_SPECIAL) {
        cw_text(w, word_of_special(a));
    } else if (op == DAG_OP_COMPARE) {
        cw_text(w, word_of_compare(a));
    } else {
        cw_number(w, a);
    }
    if (has_remark(op)) {
        cw_text(w, " /* ");
        argument_remark(e, p, op, a, in, out);
        cw_text(w, " */");
    }
    cw_text(w, "),\n");
}

static void code(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->ncode == 0) {
        return;
    }
    Bases bases = find_bases(e, p);
    emit_table(e, graph, "uint32_t", "code");
    for (uint32_t i = 0; i < p->nexprs; i++) {
        const dag_expr *expr = &p->exprs[i];
        emit_row_number(e, i);
        emit_remark(e, expr->source);
        cw_text(&e->w, " */\n");
        for (uint32_t k = expr->first; k < expr->first + expr->n; k++) {
            word(e, p, p->code[k], bases.in[i], bases.out[i]);
        }
    }
    emit_table_end(e);
}

static void exprs(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->nexprs == 0) {
        return;
    }
    emit_table(e, graph, "dag_expr", "exprs");
    for (uint32_t i = 0; i < p->nexprs; i++) {
        const dag_expr *expr = &p->exprs[i];
        cw_row(&e->w);
        cw_member(&e->w, "first", expr->first);
        cw_member(&e->w, "n", expr->n);
        cw_index(&e->w, "type", expr->type);
        cw_member(&e->w, "line", expr->line);
        cw_member(&e->w, "column", expr->column);
        cw_name(&e->w, "source", expr->source);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

void emit_types_and_consts(Emit *e, const CGraph *graph) {
    types(e, graph);
    fields(e, graph);
    consts(e, graph);
}

void emit_exprs(Emit *e, const CGraph *graph) {
    code(e, graph);
    exprs(e, graph);
}
