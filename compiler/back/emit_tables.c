/*
 * emit_tables.c - the tables of a pipeline's graph as C text. What is zero is left out, so that a
 * row shows what is special about it; comments say what an index means.
 */
#include "back/emit.h"

#include <string.h>

#include "model/native.h"
#include "model/words_of.h"

/* ---------------------------------------------------------------- tables and rows */

void emit_table(Emit *e, const CGraph *graph, const char *type, const char *name) {
    cw_format(&e->w, "\nstatic const %s %s_%s[] = {\n", type, graph->prefix, name);
}

void emit_table_end(Emit *e) {
    cw_text(&e->w, "};\n");
}

void emit_remark(Emit *e, dag_name name) {
    cw_remark(&e->w, e->graph->program.strings + name);
}

void emit_row_number(Emit *e, uint32_t number) {
    cw_text(&e->w, "    /* ");
    cw_number(&e->w, number);
    cw_text(&e->w, ": ");
}

/* Ends that remark. */
static void row_line(Emit *e, uint32_t line) {
    if (line) {
        cw_text(&e->w, ", line ");
        cw_number(&e->w, line);
    }
    cw_text(&e->w, " */\n");
}

void emit_strings(Emit *e) {
    const char *strings = e->graph->program.strings;
    uint32_t size = e->graph->strings_size;
    if (e->image && emit_is_dense(e->graph)) {
        cw_format(&e->w,
                  "\n/* Every text once: names are offsets. */\n"
                  "extern const char %s[] __attribute__((visibility(\"hidden\")));\n",
                  e->names->strings);
        emit_included(e, e->names->strings, strings, size);
        return;
    }
    cw_format(&e->w, "\n/* Every text once: names are offsets. */\nstatic const char %s[] =\n",
              e->names->strings);
    cw_text(&e->w, "    /* 0 */ \"\\0\"");
    for (uint32_t i = 1; i < size;) {
        size_t n = strlen(strings + i);
        cw_text(&e->w, "\n    /* ");
        cw_number(&e->w, i);
        cw_text(&e->w, " */ ");
        cw_literal(&e->w, strings + i, n, "\\0");
        i += (uint32_t)n + 1;
    }
    cw_text(&e->w, ";\n");
}

/* ---------------------------------------------------------------- the graph */

static void axes(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    emit_table(e, graph, "dag_axis", "axes");
    for (uint32_t i = 0; i < p->naxes; i++) {
        cw_row(&e->w);
        cw_index(&e->w, "parent", p->axes[i].parent);
        cw_index(&e->w, "position", p->axes[i].position);
        cw_member(&e->w, "depth", p->axes[i].depth);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

/* A range of another table: nothing where it is empty. */
static void range(Emit *e, const char *first, uint32_t value, const char *count, uint32_t n) {
    if (n > 0) {
        cw_member(&e->w, first, value);
        cw_member(&e->w, count, n);
    }
}

static void stage_row(Emit *e, const dag_stage *s) {
    CWriter *w = &e->w;
    cw_row(w);
    cw_name(w, "slug", s->slug);
    cw_word(w, "body", word_of_body(s->body));
    cw_word(w, "fan", word_of_fan(s->fan));
    cw_flags(w, "flags", s->flags, words_of_stage_flags);
    cw_member(w, "axis", s->axis);
    cw_member(w, "in", s->in);
    cw_member(w, "nin", s->nin);
    cw_member(w, "out", s->out);
    cw_member(w, "nout", s->nout);
    range(e, "order", s->order, "norder", s->norder);
    range(e, "after", s->after, "nafter", s->nafter);
    cw_index(w, "when", s->when);
    range(e, "piece", s->piece, "npiece", s->npiece);
    cw_name(w, "program", s->program);
    cw_name(w, "text_source", s->text_source);
    cw_member(w, "text_line", s->text_line);
    cw_index(w, "native", s->native);
    cw_index(w, "sub", s->sub);
    cw_index(w, "map_over", s->map_over);
    range(e, "env", s->env, "nenv", s->nenv);
    range(e, "resource", s->resource, "nresource", s->nresource);
    range(e, "tag", s->tag, "ntag", s->ntag);
    cw_name(w, "kind", s->kind);
    cw_name(w, "doc", s->doc);
    cw_member64(w, "timeout", s->timeout);
    cw_member(w, "retry", s->retry);
    cw_flags(w, "retry_on", s->retry_on, words_of_causes);
    range(e, "exit_code", s->exit_code, "nexit_code", s->nexit_code);
    cw_member64(w, "backoff", s->backoff);
    cw_member(w, "max_parallel", s->max_parallel);
    cw_member(w, "max_tasks", s->max_tasks);
    cw_member(w, "line", s->line);
    cw_row_end(w);
}

static void stages(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->nstages == 0) {
        return;
    }
    emit_table(e, graph, "dag_stage", "stages");
    for (uint32_t i = 0; i < p->nstages; i++) {
        emit_row_number(e, i);
        cw_text(&e->w, "stage ");
        emit_remark(e, p->stages[i].slug);
        row_line(e, p->stages[i].line);
        stage_row(e, &p->stages[i]);
    }
    emit_table_end(e);
}

/* Where a native stage's port is in STAGE_in or STAGE_out; DAG_NONE: it is no member. */
static void port_offset(Emit *e, const CGraph *graph, const dag_stage *stage, uint32_t i) {
    if (stage->native == DAG_NONE) {
        return;
    }
    const CNative *native = &graph->natives[stage->native];
    const Stage *model = native->code->stage;
    bool out = i >= stage->out;
    const Port *port = out ? model->outs[i - stage->out] : model->ins[i - stage->in];
    if (!native_has_member(model, port)) {
        cw_index(&e->w, "offset", DAG_NONE);
        return;
    }
    const char *structure = out ? native->out : native->in;
    const char *member = cname_member(&e->front->arena, port->name.text);
    cw_member_name(&e->w, "offset", strlen(structure) + strlen(member) + 12);
    cw_format(&e->w, "offsetof(%s, %s)", structure, member);
}

static void port_remark(Emit *e, const dag_program *p, uint32_t i) {
    const dag_port *port = &p->ports[i];
    emit_row_number(e, i);
    if (port->stage == DAG_NONE) {
        cw_text(&e->w, "for an output: ");
    } else {
        cw_text(&e->w, i >= p->stages[port->stage].out ? "out " : "in ");
        emit_remark(e, p->stages[port->stage].slug);
        cw_text(&e->w, ".");
    }
    emit_remark(e, port->name);
    cw_text(&e->w, ": ");
    emit_remark(e, p->types[port->type].name);
    row_line(e, port->line);
}

static void port_row(Emit *e, const CGraph *graph, uint32_t i) {
    const dag_program *p = &graph->graph->program;
    const dag_port *port = &p->ports[i];
    CWriter *w = &e->w;
    cw_row(w);
    cw_name(w, "name", port->name);
    cw_index(w, "stage", port->stage);
    cw_member(w, "type", port->type);
    cw_member(w, "axis", port->axis);
    cw_flags(w, "flags", port->flags, words_of_port_flags);
    cw_index(w, "value", port->value);
    range(e, "edge", port->edge, "nedges", port->nedges);
    if (port->stage != DAG_NONE) {
        port_offset(e, graph, &p->stages[port->stage], i);
    }
    cw_member(w, "line", port->line);
    cw_row_end(w);
}

static void ports(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->nports == 0) {
        return;
    }
    emit_table(e, graph, "dag_port", "ports");
    for (uint32_t i = 0; i < p->nports; i++) {
        port_remark(e, p, i);
        port_row(e, graph, i);
    }
    emit_table_end(e);
}

static void port_name(Emit *e, const dag_program *p, uint32_t i) {
    uint32_t stage = p->ports[i].stage;
    if (stage != DAG_NONE) {
        emit_remark(e, p->stages[stage].slug);
        cw_text(&e->w, ".");
    }
    emit_remark(e, p->ports[i].name);
}

static void edges(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->nedges == 0) {
        return;
    }
    emit_table(e, graph, "dag_edge", "edges");
    for (uint32_t i = 0; i < p->nedges; i++) {
        const dag_edge *edge = &p->edges[i];
        emit_row_number(e, i);
        port_name(e, p, edge->from);
        cw_text(&e->w, " -> ");
        port_name(e, p, edge->to);
        row_line(e, edge->line);
        cw_row(&e->w);
        cw_member(&e->w, "from", edge->from);
        cw_member(&e->w, "to", edge->to);
        cw_index(&e->w, "where", edge->where);
        cw_index(&e->w, "order_by", edge->order_by);
        cw_index(&e->w, "take", edge->take);
        cw_flags(&e->w, "flags", edge->flags, words_of_edge_flags);
        cw_member(&e->w, "line", edge->line);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void orders(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->norders == 0) {
        return;
    }
    emit_table(e, graph, "dag_order", "orders");
    for (uint32_t i = 0; i < p->norders; i++) {
        const dag_order *order = &p->orders[i];
        emit_row_number(e, i);
        emit_remark(e, p->stages[order->from].slug);
        cw_text(&e->w, " => ");
        emit_remark(e, p->stages[order->to].slug);
        row_line(e, order->line);
        cw_row(&e->w);
        cw_member(&e->w, "from", order->from);
        cw_member(&e->w, "to", order->to);
        cw_word(&e->w, "on", word_of_on(order->on));
        cw_member(&e->w, "line", order->line);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

/* Plain numbers, as many as a line takes. */
static void numbers(Emit *e, const CGraph *graph, const char *name, const uint32_t *list,
                    uint32_t n) {
    if (n == 0) {
        return;
    }
    emit_table(e, graph, "uint32_t", name);
    for (uint32_t i = 0; i < n; i++) {
        cw_text(&e->w, e->w.column == 0 ? "    " : " ");
        cw_number(&e->w, list[i]);
        cw_text(&e->w, i + 1 == n || e->w.column > CW_WIDTH - 12 ? ",\n" : ",");
    }
    emit_table_end(e);
}

/* ---------------------------------------------------------------- the smaller tables */

static void pieces(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (graph->graph->npieces == 0) {
        return;
    }
    emit_table(e, graph, "dag_piece", "pieces");
    for (uint32_t i = 0; i < graph->graph->npieces; i++) {
        const dag_piece *piece = &p->pieces[i];
        bool is_text = piece->kind == DAG_PIECE_TEXT;
        cw_text(&e->w, "    { ");
        cw_text(&e->w, word_of_piece(piece->kind));
        cw_text(&e->w, ", ");
        cw_number(&e->w, piece->value);
        cw_text(&e->w, " /* ");
        emit_remark(e, is_text ? piece->value : p->exprs[piece->value].source);
        cw_text(&e->w, " */ },\n");
    }
    emit_table_end(e);
}

static void env(Emit *e, const CGraph *graph) {
    if (graph->graph->nenv == 0) {
        return;
    }
    emit_table(e, graph, "dag_env_row", "env");
    for (uint32_t i = 0; i < graph->graph->nenv; i++) {
        cw_row(&e->w);
        cw_name(&e->w, "name", graph->graph->program.env[i].name);
        cw_index(&e->w, "value", graph->graph->program.env[i].value);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void resources(Emit *e, const CGraph *graph) {
    if (graph->graph->nresources == 0) {
        return;
    }
    emit_table(e, graph, "dag_resource", "resources");
    for (uint32_t i = 0; i < graph->graph->nresources; i++) {
        const dag_resource *resource = &graph->graph->program.resources[i];
        cw_row(&e->w);
        cw_name(&e->w, "name", resource->name);
        cw_member64(&e->w, "amount", resource->amount);
        cw_member64(&e->w, "grow", resource->grow);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void tags(Emit *e, const CGraph *graph) {
    if (graph->graph->ntags == 0) {
        return;
    }
    emit_table(e, graph, "dag_name", "tags");
    for (uint32_t i = 0; i < graph->graph->ntags; i++) {
        dag_name tag = graph->graph->program.tags[i];
        cw_text(&e->w, "    ");
        cw_number(&e->w, tag);
        cw_text(&e->w, " /* ");
        emit_remark(e, tag);
        cw_text(&e->w, " */,\n");
    }
    emit_table_end(e);
}

static void exit_codes(Emit *e, const CGraph *graph) {
    if (graph->graph->nexit_codes == 0) {
        return;
    }
    emit_table(e, graph, "int32_t", "exit_codes");
    for (uint32_t i = 0; i < graph->graph->nexit_codes; i++) {
        cw_format(&e->w, "    %d,\n", (int)graph->graph->program.exit_codes[i]);
    }
    emit_table_end(e);
}

static void natives(Emit *e, const CGraph *graph) {
    if (graph->graph->nnatives == 0) {
        return;
    }
    emit_table(e, graph, "dag_native", "natives");
    for (uint32_t i = 0; i < graph->graph->nnatives; i++) {
        const CNative *native = &graph->natives[i];
        cw_row(&e->w);
        cw_word(&e->w, "call", native->call);
        cw_member_name(&e->w, "in_size", strlen(native->in) + 8);
        cw_format(&e->w, "sizeof(%s)", native->in);
        cw_member_name(&e->w, "out_size", strlen(native->out) + 8);
        cw_format(&e->w, "sizeof(%s)", native->out);
        cw_name(&e->w, "digest", graph->graph->program.natives[i].digest);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void inputs(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->ninputs == 0) {
        return;
    }
    emit_table(e, graph, "dag_input", "inputs");
    for (uint32_t i = 0; i < p->ninputs; i++) {
        const dag_input *input = &p->inputs[i];
        emit_row_number(e, i);
        cw_text(&e->w, "input ");
        emit_remark(e, input->name);
        row_line(e, input->line);
        cw_row(&e->w);
        cw_name(&e->w, "name", input->name);
        cw_member(&e->w, "type", input->type);
        cw_index(&e->w, "value", input->value);
        cw_index(&e->w, "where", input->where);
        cw_name(&e->w, "doc", input->doc);
        cw_member(&e->w, "line", input->line);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void outputs(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->noutputs == 0) {
        return;
    }
    emit_table(e, graph, "dag_output", "outputs");
    for (uint32_t i = 0; i < p->noutputs; i++) {
        const dag_output *output = &p->outputs[i];
        emit_row_number(e, i);
        cw_text(&e->w, "output ");
        emit_remark(e, output->name);
        row_line(e, output->line);
        cw_row(&e->w);
        cw_name(&e->w, "name", output->name);
        cw_member(&e->w, "type", output->type);
        cw_index(&e->w, "value", output->value);
        range(e, "in", output->in, "nin", output->nin);
        cw_name(&e->w, "doc", output->doc);
        cw_member(&e->w, "line", output->line);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void hooks(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    if (p->nhooks == 0) {
        return;
    }
    emit_table(e, graph, "dag_hook", "hooks");
    for (uint32_t i = 0; i < p->nhooks; i++) {
        cw_row(&e->w);
        cw_word(&e->w, "when", word_of_hook(p->hooks[i].when));
        range(e, "piece", p->hooks[i].piece, "npiece", p->hooks[i].npiece);
        cw_row_end(&e->w);
    }
    emit_table_end(e);
}

static void subs(Emit *e, const CGraph *graph) {
    if (graph->graph->nsubs == 0) {
        return;
    }
    cw_format(&e->w, "\nstatic const dag_program *const %s_subs[] = {\n", graph->prefix);
    for (uint32_t i = 0; i < graph->graph->nsubs; i++) {
        const CGraph *sub = cnames_graph(e->names, graph->graph->subs[i]);
        cw_format(&e->w, "    &%s_program,\n", sub->prefix);
    }
    emit_table_end(e);
}

/* ---------------------------------------------------------------- the program */

static void pointer(Emit *e, const CGraph *graph, const char *name, const char *count, uint32_t n) {
    if (n == 0) {
        return;
    }
    cw_member_name(&e->w, name, strlen(graph->prefix) + strlen(name) + 1);
    cw_format(&e->w, "%s_%s", graph->prefix, name);
    if (count) {
        cw_member(&e->w, count, n);
    }
}

static void program(Emit *e, const CGraph *graph) {
    const Graph *g = graph->graph;
    const dag_program *p = &g->program;
    CWriter *w = &e->w;
    cw_format(w, "\nstatic const dag_program %s_program = {\n      ", graph->prefix);
    w->first = true;
    cw_word(w, "abi", "DAG_ABI");
    cw_name(w, "name", p->name);
    cw_name(w, "source", p->source);
    cw_name(w, "doc", p->doc);
    cw_word(w, "strings", e->names->strings);
    pointer(e, graph, "types", "ntypes", p->ntypes);
    pointer(e, graph, "fields", NULL, g->nfields);
    pointer(e, graph, "consts", "nconsts", p->nconsts);
    pointer(e, graph, "code", "ncode", p->ncode);
    pointer(e, graph, "exprs", "nexprs", p->nexprs);
    pointer(e, graph, "axes", "naxes", p->naxes);
    pointer(e, graph, "stages", "nstages", p->nstages);
    pointer(e, graph, "topo", NULL, p->nstages);
    pointer(e, graph, "ports", "nports", p->nports);
    pointer(e, graph, "edges", "nedges", p->nedges);
    pointer(e, graph, "out_edges", NULL, p->nedges);
    pointer(e, graph, "orders", "norders", p->norders);
    pointer(e, graph, "out_orders", NULL, p->norders);
    pointer(e, graph, "pieces", NULL, g->npieces);
    pointer(e, graph, "env", NULL, g->nenv);
    pointer(e, graph, "resources", NULL, g->nresources);
    range(e, "capacity", p->capacity, "ncapacity", p->ncapacity);
    pointer(e, graph, "tags", NULL, g->ntags);
    pointer(e, graph, "exit_codes", NULL, g->nexit_codes);
    pointer(e, graph, "natives", NULL, g->nnatives);
    pointer(e, graph, "inputs", "ninputs", p->ninputs);
    pointer(e, graph, "outputs", "noutputs", p->noutputs);
    pointer(e, graph, "hooks", "nhooks", p->nhooks);
    pointer(e, graph, "subs", "nsubs", g->nsubs);
    cw_member64(w, "timeout", p->timeout);
    cw_member64(w, "stall_grace", p->stall_grace);
    cw_member(w, "max_parallel", p->max_parallel);
    if (p->continue_on_error) {
        cw_word(w, "continue_on_error", "true");
    }
    cw_text(w, "\n};\n");
}

static void readable_graph(Emit *e, const CGraph *graph) {
    const dag_program *p = &graph->graph->program;
    stages(e, graph);
    numbers(e, graph, "topo", p->topo, p->nstages);
    ports(e, graph);
    edges(e, graph);
    numbers(e, graph, "out_edges", p->out_edges, p->nedges);
    orders(e, graph);
    numbers(e, graph, "out_orders", p->out_orders, p->norders);
    pieces(e, graph);
}

#define DENSE(type, name, rows, n) (&(EmitDense){ #type, name, rows, n, sizeof(type), NULL, 0 })

/* Offsets of native stages' ports are known to the C compiler alone. */
static void dense_graph(Emit *e, const CGraph *graph) {
    const Graph *g = graph->graph;
    const dag_program *p = &g->program;
    static const size_t quads[] = { offsetof(dag_stage, timeout), offsetof(dag_stage, backoff) };
    EmitDense stages_table = { "dag_stage",       "stages", p->stages, p->nstages,
                               sizeof(dag_stage), quads,    2 };
    cw_text(
        &e->w,
        "\n/* So many rows are for the assembler, not for people: --emit=ir shows them. Each is a\n"
        " * struct of dag.h, members in their order. */");
    emit_dense(e, graph, &stages_table);
    emit_dense(e, graph, DENSE(uint32_t, "topo", p->topo, p->nstages));
    if (g->nnatives > 0) {
        ports(e, graph);
    } else {
        emit_dense(e, graph, DENSE(dag_port, "ports", p->ports, p->nports));
    }
    emit_dense(e, graph, DENSE(dag_edge, "edges", p->edges, p->nedges));
    emit_dense(e, graph, DENSE(uint32_t, "out_edges", p->out_edges, p->nedges));
    emit_dense(e, graph, DENSE(dag_order, "orders", p->orders, p->norders));
    emit_dense(e, graph, DENSE(uint32_t, "out_orders", p->out_orders, p->norders));
    emit_dense(e, graph, DENSE(dag_piece, "pieces", p->pieces, g->npieces));
    emit_dense(e, graph, DENSE(uint32_t, "code", p->code, p->ncode));
    emit_dense(e, graph, DENSE(dag_expr, "exprs", p->exprs, p->nexprs));
}

void emit_tables(Emit *e, const CGraph *graph) {
    bool dense = emit_is_dense(graph->graph);
    emit_types_and_consts(e, graph);
    if (!dense) {
        emit_exprs(e, graph);
    }
    axes(e, graph);
    if (dense) {
        dense_graph(e, graph);
    } else {
        readable_graph(e, graph);
    }
    env(e, graph);
    resources(e, graph);
    tags(e, graph);
    exit_codes(e, graph);
    natives(e, graph);
    inputs(e, graph);
    outputs(e, graph);
    hooks(e, graph);
    subs(e, graph);
    program(e, graph);
}
