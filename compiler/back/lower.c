/*
 * lower.c - a checked pipeline as the tables of dag.h.
 *
 * In: a Model without errors. Out: Graphs, one per pipeline, with one string pool in common. Two
 * passes: ports get their numbers, then each stage writes its rows; so tables are in the order of
 * the source and everything costs time in proportion to what is there. What adds to a pool is a
 * statement of its own: C leaves the order of initialisers open.
 */
#include "back/graph.h"

#include <string.h>

#include "back/digest.h"
#include "base/table.h"
#include "model/code.h"
#include "model/shell.h"

#define DEFAULT_STALL_GRACE INT64_C(30000000000) /* ns */

typedef struct Lower {
    Front *front;
    Types *types;
    Strings *strings;
    Table *graphs; /* Pipeline -> Graph */
    POOL(struct Build *) builds;
} Lower;

/* The tables of one pipeline while they grow. */
typedef struct Build {
    Lower *lower;
    Arena *arena;
    Coder *code;
    Graph *graph;
    const Pipeline *pipeline;
    dag_stage *stages;
    POOL(dag_port) ports;
    POOL(dag_edge) edges;
    POOL(dag_order) orders;
    POOL(dag_piece) pieces;
    POOL(dag_env_row) env;
    POOL(dag_resource) resources;
    POOL(dag_name) tags;
    POOL(int32_t) exit_codes;
    POOL(NativeCode) natives;
    POOL(dag_native) native_rows;
    POOL(Graph *) subs;
    Table *sub_numbers; /* Graph -> number + 1 */
} Build;

static Graph *lower_pipeline(Lower *lower, const Pipeline *pipeline);

/* ---------------------------------------------------------------- small things */

static dag_name name_of(Build *b, const char *text) {
    return strings_name(b->lower->strings, text);
}

static uint32_t line_of(Build *b, Span span) {
    const Sources *sources = &b->lower->front->sources;
    if (span.file >= sources->n) {
        return 0;
    }
    return source_line_number(b->arena, sources->items[span.file], span.start);
}

static uint32_t item_line(Build *b, const Item *item) {
    return item ? line_of(b, item->keyword) : 0;
}

static dag_name item_doc(Build *b, const Item *item) {
    return item ? name_of(b, item->doc) : 0;
}

/* The text of a constant string. */
static dag_name constant_text(Build *b, const Expr *expr) {
    dag_value value;
    if (!expr || !coder_value(b->code, expr, &value) || !value_has_text(value)) {
        return 0; /* reported by the checker */
    }
    return strings_add(b->lower->strings, value.u.text, value.len);
}

/* ---------------------------------------------------------------- ports and edges */

static uint32_t port_flags(const Port *port) {
    uint32_t flags = 0;
    flags |= port->stream ? DAG_PORT_STREAM : 0;
    flags |= port->glob ? DAG_PORT_GLOB : 0;
    flags |= port->path ? DAG_PORT_PATH : 0;
    flags |= port->temp ? DAG_PORT_TEMP : 0;
    flags |= port->gathers ? DAG_PORT_LIST : 0;
    flags |= port->merge ? DAG_PORT_MERGE : 0;
    flags |= port->any ? DAG_PORT_ANY : 0;
    flags |= port->hidden ? DAG_PORT_HIDDEN : 0;
    flags |= port->optional ? DAG_PORT_OPTIONAL : 0;
    flags |= port->fit ? DAG_PORT_FIT : 0;
    return flags;
}

static void add_edge(Build *b, const Edge *edge) {
    uint32_t take = edge->take < DAG_NONE ? (uint32_t)edge->take : DAG_NONE - 1;
    dag_edge row = {
        .from = edge->from->id,
        .to = edge->to->id,
        .take = edge->take_all ? DAG_NONE : take,
        .flags = (edge->desc ? DAG_EDGE_DESC : 0) | (edge->fit ? DAG_EDGE_FIT : 0),
        .line = line_of(b, edge->span),
    };
    row.where = coder_expr(b->code, edge->where);
    row.order_by = coder_expr(b->code, edge->order_by);
    POOL_ADD(b->arena, &b->edges, row);
}

static void add_port(Build *b, const Port *port, uint32_t stage) {
    dag_port row = {
        .stage = stage,
        .axis = port->axis ? port->axis->id : 0,
        .flags = port_flags(port),
        .line = line_of(b, port->span),
    };
    row.name = name_of(b, port->name.text);
    row.type = coder_type(b->code, port->type);
    row.value = coder_expr(b->code, port->value);
    if (!port->out && port->nedges > 0) {
        row.edge = b->edges.n;
        row.nedges = port->nedges;
        for (uint32_t i = 0; i < port->nedges; i++) {
            add_edge(b, port->edges[i]);
        }
    }
    POOL_ADD(b->arena, &b->ports, row);
}

static uint32_t number_ports(Port **ports, uint32_t n, uint32_t next) {
    for (uint32_t i = 0; i < n; i++) {
        ports[i]->id = next++;
    }
    return next;
}

static void number_all_ports(const Pipeline *pipeline) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < pipeline->nstages; i++) {
        const Stage *stage = pipeline->stages[i];
        next = number_ports(stage->ins, stage->nins, next);
        next = number_ports(stage->outs, stage->nouts, next);
    }
    for (uint32_t i = 0; i < pipeline->noutputs; i++) {
        next = number_ports(pipeline->outputs[i]->ins, pipeline->outputs[i]->nins, next);
    }
}

/* ---------------------------------------------------------------- bodies */

static void add_piece(Build *b, dag_piece_kind kind, uint32_t value) {
    POOL_ADD(b->arena, &b->pieces, (dag_piece){ .kind = kind, .value = value });
}

/* A shell script: `run`, or a hook. */
static void add_script(Build *b, const Expr *script) {
    if (script->kind != EXPR_TEXT) {
        add_piece(b, DAG_PIECE_RAW, coder_expr(b->code, script));
        return;
    }
    ShellScan scan;
    shell_scan(b->arena, script->u.text.pieces, &scan);
    uint32_t i = 0;
    for (const Piece *piece = script->u.text.pieces; piece; piece = piece->next, i++) {
        if (!piece->expr) {
            add_piece(b, DAG_PIECE_TEXT, strings_add(b->lower->strings, piece->text, piece->len));
        } else if (scan.kinds[i] == DAG_PIECE_RAW) {
            add_piece(b, DAG_PIECE_RAW, coder_expr(b->code, piece->expr->u.pipe.subject));
        } else {
            add_piece(b, scan.kinds[i], coder_expr(b->code, piece->expr));
        }
    }
}

static void add_argv(Build *b, const Expr *words) {
    for (const Expr *word = words; word; word = word->next) {
        const Type *type = coder_result(word);
        bool list = word->kind != EXPR_TEXT && type && type->kind == DAG_LIST;
        add_piece(b, list ? DAG_PIECE_SPLICE : DAG_PIECE_ARG, coder_expr(b->code, word));
    }
}

/* The text of a `script`, and where it stands: the interpreter counts lines from there. */
static void add_text(Build *b, const Expr *text, dag_stage *row) {
    const Sources *sources = &b->lower->front->sources;
    const Piece *piece = text->kind == EXPR_TEXT ? text->u.text.pieces : NULL;
    Span span = piece ? piece->span : text->span;
    add_piece(b, DAG_PIECE_TEXT, constant_text(b, text));
    row->text_line = line_of(b, span);
    row->text_source = name_of(b, span.file < sources->n ? sources->items[span.file]->path : NULL);
}

static uint32_t add_native(Build *b, const Stage *stage) {
    bool own = stage->body->u.body.kind == BODY_NATIVE;
    NativeCode native = { stage, stage->body, own ? stage->body->u.body.function.text : NULL };
    POOL_ADD(b->arena, &b->natives, native);
    dag_native row = { .digest = name_of(b, native_digest(b->lower->front, stage->body)) };
    POOL_ADD(b->arena, &b->native_rows, row);
    return b->natives.n - 1;
}

static uint32_t sub_number(Build *b, const Pipeline *sub) {
    Graph *graph = lower_pipeline(b->lower, sub);
    uintptr_t known = (uintptr_t)table_get(b->sub_numbers, NULL, graph);
    if (known) {
        return (uint32_t)known - 1;
    }
    POOL_ADD(b->arena, &b->subs, graph);
    table_put(b->sub_numbers, NULL, graph, (void *)(uintptr_t)b->subs.n);
    return b->subs.n - 1;
}

static void lower_body(Build *b, const Stage *stage, dag_stage *row) {
    const Item *body = stage->body;
    row->piece = b->pieces.n;
    row->native = row->sub = row->map_over = DAG_NONE;
    if (body) {
        Expr *words = body->u.body.words;
        switch (body->u.body.kind) {
        case BODY_RUN:
            row->body = DAG_BODY_RUN;
            add_script(b, words);
            break;
        case BODY_EXEC:
            row->body = DAG_BODY_EXEC;
            add_argv(b, words);
            break;
        case BODY_SCRIPT:
            row->body = DAG_BODY_SCRIPT;
            row->program = constant_text(b, words);
            add_text(b, words->next, row);
            break;
        case BODY_NATIVE:
        case BODY_C:
            row->body = DAG_BODY_NATIVE;
            row->native = add_native(b, stage);
            break;
        case BODY_CALL:
        case BODY_MAP:
            row->body = body->u.body.kind == BODY_CALL ? DAG_BODY_CALL : DAG_BODY_MAP;
            row->sub = sub_number(b, stage->sub);
            row->map_over = stage->map_over ? stage->map_over->index : DAG_NONE;
            break;
        }
    }
    row->npiece = b->pieces.n - row->piece;
}

/* ---------------------------------------------------------------- stages */

static void add_resources(Build *b, const Resource *resources, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        dag_resource row = { name_of(b, resources[i].name.text), resources[i].amount,
                             resources[i].grow ? resources[i].grow : 1 };
        POOL_ADD(b->arena, &b->resources, row);
    }
}

static void lower_lists(Build *b, const Stage *stage, dag_stage *row) {
    row->env = b->env.n;
    row->nenv = stage->attrs->nenv;
    for (uint32_t i = 0; i < stage->attrs->nenv; i++) {
        dag_env_row env = { .name = name_of(b, stage->attrs->env[i].name.text) };
        env.value = coder_expr(b->code, stage->attrs->env[i].value);
        POOL_ADD(b->arena, &b->env, env);
    }
    row->resource = b->resources.n;
    row->nresource = stage->attrs->nresources;
    add_resources(b, stage->attrs->resources, stage->attrs->nresources);
    row->tag = b->tags.n;
    for (const NameList *tag = stage->attrs->tags; tag; tag = tag->next) {
        POOL_ADD(b->arena, &b->tags, name_of(b, tag->name.text));
        row->ntag++;
    }
    row->exit_code = b->exit_codes.n;
    row->nexit_code = stage->attrs->nexit_codes;
    for (uint32_t i = 0; i < stage->attrs->nexit_codes; i++) {
        POOL_ADD(b->arena, &b->exit_codes, stage->attrs->exit_codes[i]);
    }
    row->order = b->orders.n;
    row->norder = stage->norders;
    for (uint32_t i = 0; i < stage->norders; i++) {
        const Order *order = stage->orders[i];
        dag_order o = { order->from->id, order->to->id, order->on, line_of(b, order->span) };
        POOL_ADD(b->arena, &b->orders, o);
    }
}

static dag_stage lower_stage(Build *b, const Stage *stage) {
    bool any = stage->attrs->retry_on == 0 && stage->attrs->nexit_codes == 0;
    dag_stage row = {
        .fan = stage->fan,
        .flags = stage->flags,
        .axis = stage->axis ? stage->axis->id : 0,
        .in = b->ports.n,
        .nin = stage->nins,
        .out = b->ports.n + stage->nins,
        .nout = stage->nouts,
        .timeout = stage->attrs->timeout,
        .retry = stage->attrs->retry,
        .retry_on = stage->attrs->retry > 0 && any ? DAG_CAUSE_ANY : stage->attrs->retry_on,
        .backoff = stage->attrs->backoff,
        .max_parallel = stage->attrs->max_parallel,
        .max_tasks = stage->attrs->max_tasks,
        .line = item_line(b, stage->item),
    };
    row.slug = name_of(b, stage->slug.text);
    row.kind = name_of(b, stage->attrs->kind.text);
    row.doc = item_doc(b, stage->item);
    row.when = coder_expr(b->code, stage->when);
    for (uint32_t i = 0; i < stage->nins; i++) {
        add_port(b, stage->ins[i], stage->id);
    }
    for (uint32_t i = 0; i < stage->nouts; i++) {
        add_port(b, stage->outs[i], stage->id);
    }
    lower_body(b, stage, &row);
    lower_lists(b, stage, &row);
    return row;
}

static void lower_stages(Build *b) {
    const Pipeline *pipeline = b->pipeline;
    dag_program *program = &b->graph->program;
    b->stages = ARENA_ARRAY(b->arena, pipeline->nstages, dag_stage);
    uint32_t *topo = ARENA_ARRAY(b->arena, pipeline->nstages, uint32_t);
    for (uint32_t i = 0; i < pipeline->nstages; i++) {
        b->stages[i] = lower_stage(b, pipeline->stages[i]);
        topo[i] = pipeline->topo[i]->id;
    }
    program->stages = b->stages;
    program->nstages = pipeline->nstages;
    program->topo = topo;
}

/* ---------------------------------------------------------------- the pipeline's own rows */

static void lower_axes(Build *b) {
    const Pipeline *pipeline = b->pipeline;
    uint32_t n = pipeline->naxes ? pipeline->naxes : 1;
    dag_axis *axes = ARENA_ARRAY(b->arena, n, dag_axis);
    axes[0] = (dag_axis){ .parent = DAG_NONE, .position = DAG_NONE };
    for (uint32_t i = 1; i < pipeline->naxes; i++) {
        const Axis *axis = pipeline->axes[i];
        axes[i] = (dag_axis){ axis->parent->id, axis->position->id, axis->depth };
    }
    b->graph->program.axes = axes;
    b->graph->program.naxes = n;
}

static void lower_inputs(Build *b) {
    const Pipeline *pipeline = b->pipeline;
    dag_input *inputs = ARENA_ARRAY(b->arena, pipeline->ninputs, dag_input);
    for (uint32_t i = 0; i < pipeline->ninputs; i++) {
        const RunInput *input = pipeline->inputs[i];
        dag_input *row = &inputs[i];
        row->name = name_of(b, input->name.text);
        row->type = coder_type(b->code, input->type);
        row->value = coder_expr(b->code, input->value);
        row->where = coder_expr(b->code, input->where);
        row->doc = item_doc(b, input->item);
        row->line = item_line(b, input->item);
    }
    b->graph->program.inputs = inputs;
    b->graph->program.ninputs = pipeline->ninputs;
}

static void lower_outputs(Build *b) {
    const Pipeline *pipeline = b->pipeline;
    dag_output *outputs = ARENA_ARRAY(b->arena, pipeline->noutputs, dag_output);
    for (uint32_t i = 0; i < pipeline->noutputs; i++) {
        const Output *output = pipeline->outputs[i];
        dag_output *row = &outputs[i];
        row->name = name_of(b, output->name.text);
        row->type = coder_type(b->code, output->type);
        row->value = coder_expr(b->code, output->value);
        row->in = b->ports.n;
        row->nin = output->nins;
        row->doc = item_doc(b, output->item);
        row->line = item_line(b, output->item);
        for (uint32_t k = 0; k < output->nins; k++) {
            add_port(b, output->ins[k], DAG_NONE);
        }
    }
    b->graph->program.outputs = outputs;
    b->graph->program.noutputs = pipeline->noutputs;
}

static void lower_hooks(Build *b) {
    const Pipeline *pipeline = b->pipeline;
    dag_hook *hooks = ARENA_ARRAY(b->arena, pipeline->nhooks, dag_hook);
    for (uint32_t i = 0; i < pipeline->nhooks; i++) {
        hooks[i] = (dag_hook){ .when = pipeline->hooks[i].when, .piece = b->pieces.n };
        add_script(b, pipeline->hooks[i].command);
        hooks[i].npiece = b->pieces.n - hooks[i].piece;
    }
    b->graph->program.hooks = hooks;
    b->graph->program.nhooks = pipeline->nhooks;
}

static void lower_pipeline_row(Build *b) {
    const Pipeline *pipeline = b->pipeline;
    dag_program *program = &b->graph->program;
    program->abi = DAG_ABI;
    program->name = name_of(b, pipeline->name.text);
    program->source = name_of(b, pipeline->source ? pipeline->source->path : NULL);
    program->doc = item_doc(b, pipeline->item);
    program->capacity = b->resources.n;
    program->ncapacity = pipeline->ncapacity;
    add_resources(b, pipeline->capacity, pipeline->ncapacity);
    program->timeout = pipeline->timeout;
    program->stall_grace = pipeline->stall_grace ? pipeline->stall_grace : DEFAULT_STALL_GRACE;
    program->max_parallel = pipeline->max_parallel;
    program->continue_on_error = pipeline->continue_on_error;
}

/* ---------------------------------------------------------------- indices by origin */

/* The edges by out port: counting sort, so that they stay in the order of the table. */
static void index_out_edges(Build *b) {
    uint32_t *out_edges = ARENA_ARRAY(b->arena, b->edges.n, uint32_t);
    dag_port *ports = b->ports.items;
    for (uint32_t i = 0; i < b->edges.n; i++) {
        ports[b->edges.items[i].from].nedges++;
    }
    uint32_t next = 0;
    for (uint32_t stage = 0; stage < b->pipeline->nstages; stage++) {
        const dag_stage *row = &b->stages[stage];
        for (uint32_t i = row->out; i < row->out + row->nout; i++) {
            ports[i].edge = ports[i].nedges ? next : 0;
            next += ports[i].nedges;
            ports[i].nedges = 0;
        }
    }
    for (uint32_t i = 0; i < b->edges.n; i++) {
        dag_port *port = &ports[b->edges.items[i].from];
        out_edges[port->edge + port->nedges++] = i;
    }
    b->graph->program.out_edges = out_edges;
}

static void index_out_orders(Build *b) {
    uint32_t *out_orders = ARENA_ARRAY(b->arena, b->orders.n, uint32_t);
    dag_stage *stages = b->stages;
    for (uint32_t i = 0; i < b->orders.n; i++) {
        stages[b->orders.items[i].from].nafter++;
    }
    uint32_t next = 0;
    for (uint32_t i = 0; i < b->pipeline->nstages; i++) {
        stages[i].after = next;
        next += stages[i].nafter;
        stages[i].nafter = 0;
    }
    for (uint32_t i = 0; i < b->orders.n; i++) {
        dag_stage *stage = &stages[b->orders.items[i].from];
        out_orders[stage->after + stage->nafter++] = i;
    }
    b->graph->program.out_orders = out_orders;
}

/* ---------------------------------------------------------------- putting it together */

static Build *build_new(Lower *lower, const Pipeline *pipeline) {
    Arena *arena = &lower->front->arena;
    Build *b = ARENA_NEW(arena, Build);
    b->lower = lower;
    b->arena = arena;
    b->code = coder_new(lower->front, lower->types, lower->strings);
    b->graph = ARENA_NEW(arena, Graph);
    b->graph->pipeline = pipeline;
    b->graph->types = lower->types;
    b->pipeline = pipeline;
    b->sub_numbers = table_new(arena);
    return b;
}

static Graph *lower_pipeline(Lower *lower, const Pipeline *pipeline) {
    Graph *known = table_get(lower->graphs, NULL, pipeline);
    if (known) {
        return known;
    }
    Build *b = build_new(lower, pipeline);
    table_put(lower->graphs, NULL, pipeline, b->graph);
    POOL_ADD(b->arena, &lower->builds, b);
    number_all_ports(pipeline);
    lower_inputs(b);
    lower_stages(b);
    lower_outputs(b);
    lower_axes(b);
    lower_hooks(b);
    lower_pipeline_row(b);
    index_out_edges(b);
    index_out_orders(b);
    return b->graph;
}

/* Nothing grows any more: the addresses of the tables are known. */
static void finish(Build *b) {
    Graph *graph = b->graph;
    dag_program *program = &graph->program;
    coder_tables(b->code, program);
    program->ports = b->ports.items;
    program->nports = b->ports.n;
    program->edges = b->edges.items;
    program->nedges = b->edges.n;
    program->orders = b->orders.items;
    program->norders = b->orders.n;
    program->pieces = b->pieces.items;
    program->env = b->env.items;
    program->resources = b->resources.items;
    program->tags = b->tags.items;
    program->exit_codes = b->exit_codes.items;
    program->natives = b->native_rows.items;
    graph->natives = b->natives.items;
    graph->nnatives = b->natives.n;
    graph->subs = b->subs.items;
    graph->nsubs = b->subs.n;
    graph->table = b->code->table.items;
    const dag_program **subs = ARENA_ARRAY(b->arena, b->subs.n, const dag_program *);
    for (uint32_t i = 0; i < b->subs.n; i++) {
        subs[i] = &b->subs.items[i]->program;
    }
    program->subs = subs;
    program->nsubs = b->subs.n;
    graph->npieces = b->pieces.n;
    graph->nenv = b->env.n;
    graph->nresources = b->resources.n;
    graph->ntags = b->tags.n;
    graph->nexit_codes = b->exit_codes.n;
    graph->nfields = b->code->fields.n;
    graph->strings_size = b->lower->strings->bytes.n;
}

Graph *lower_model(Front *front, const Model *model) {
    Lower lower = {
        .front = front,
        .types = model->types,
        .strings = strings_new(&front->arena),
        .graphs = table_new(&front->arena),
    };
    Graph *graph = lower_pipeline(&lower, model->main);
    for (uint32_t i = 0; i < lower.builds.n; i++) {
        finish(lower.builds.items[i]);
    }
    return graph;
}
