/*
 * look.c - finds what stands at a place: pipelines, stages, ports, edges, expressions, inwards.
 *
 * Every function gives true when the place lies in what it was handed and something is known about
 * it; the innermost answer counts.
 */
#include "tools/look.h"

#include <string.h>

typedef struct Look {
    uint32_t file, offset;
    const Pipeline *pipeline;
    const File *tree;
    Thing *thing;
} Look;

/* The end counts: the cursor stands behind the last letter. */
static bool lies_in(const Look *look, Span span) {
    return span.file == look->file && span.start <= look->offset && look->offset <= span.end &&
           span.start < span.end;
}

static bool found(const Look *look, Thing thing) {
    *look->thing = thing;
    look->thing->pipeline = look->pipeline;
    return true;
}

static bool found_port(const Look *look, const Port *port, Span span) {
    if (port->hidden && port->nedges > 0) {
        port = port->edges[0]->from;
    }
    return found(look, (Thing){ .kind = THING_PORT, .span = span, .port = port });
}

static bool found_stage(const Look *look, const Stage *stage, Span span) {
    return found(look, (Thing){ .kind = THING_STAGE, .span = span, .stage = stage });
}

/* ---------------------------------------------------------------- types */

static const Item *declared_type(const Look *look, const char *name) {
    for (const Item *item = look->tree->items; item; item = item->next) {
        if (item->kind == ITEM_TYPE && item->name.text == name) {
            return item;
        }
    }
    return NULL;
}

static bool in_type(const Look *look, const TypeExpr *type);

static bool in_type_parts(const Look *look, const TypeExpr *type) {
    const bool named = type_has_fields(type);
    const FieldExpr *field = named ? type->fields : NULL;
    const TypeExpr *arg = named ? NULL : type->args;
    while (field && !in_type(look, field->type)) {
        field = field->next;
    }
    while (arg && !in_type(look, arg)) {
        arg = arg->next;
    }
    return field || arg;
}

static bool in_type(const Look *look, const TypeExpr *type) {
    if (!type || !lies_in(look, type->span)) {
        return false;
    }
    if (in_type_parts(look, type)) {
        return true;
    }
    const Item *item = type->form == TYPE_NAMED && !type->name.module.text
                           ? declared_type(look, type->name.name.text)
                           : NULL;
    return type->type &&
           found(look,
                 (Thing){
                     .kind = THING_TYPE, .span = type->span, .item = item, .type = type->type });
}

/* ---------------------------------------------------------------- expressions */

static bool in_expr(const Look *look, const Expr *expr);

static bool in_exprs(const Look *look, const Expr *list) {
    for (; list; list = list->next) {
        if (in_expr(look, list)) {
            return true;
        }
    }
    return false;
}

static bool in_pieces(const Look *look, const Piece *piece) {
    for (; piece; piece = piece->next) {
        if (in_expr(look, piece->expr)) {
            return true;
        }
    }
    return false;
}

static bool in_entries(const Look *look, const EntryExpr *entry) {
    for (; entry; entry = entry->next) {
        if (in_expr(look, entry->value)) {
            return true;
        }
    }
    return false;
}

static const Item *run_input(const Look *look, const char *name) {
    for (uint32_t i = 0; i < look->pipeline->ninputs; i++) {
        if (look->pipeline->inputs[i]->name.text == name) {
            return look->pipeline->inputs[i]->item;
        }
    }
    return NULL;
}

static const Item *config_named(const Look *look, const char *name) {
    for (const Item *item = look->pipeline->item->u.pipeline.items; item; item = item->next) {
        bool config = item->kind == ITEM_PORT && item->u.port.kind == PORT_CONFIG;
        if (config && item->name.text == name) {
            return item;
        }
    }
    return NULL;
}

/* What `input.x` or `config.x` names. */
static const Item *named_item(const Look *look, const Expr *expr) {
    const NameList *parts = expr->u.ref.parts;
    const char *name = parts->next ? parts->next->name.text : NULL;
    return !name                        ? NULL
           : expr->ref == REF_RUN_INPUT ? run_input(look, name)
           : expr->ref == REF_CONST && strcmp(parts->name.text, "config") == 0
               ? config_named(look, name)
               : NULL;
}

/* Past what names the port or the input, a field is looked at. */
static bool at_field(const Look *look, const Expr *expr) {
    return expr->u.ref.fields && look->offset >= expr->u.ref.fields->name.span.start;
}

static bool in_ref(const Look *look, const Expr *expr) {
    const NameList *parts = expr->u.ref.parts;
    bool named = parts && !at_field(look, expr);
    if (named && (expr->ref == REF_INPUT || expr->ref == REF_OUT)) {
        return found_port(look, expr->u.ref.port, expr->span);
    }
    if (named && expr->ref == REF_STAGE && expr->u.ref.port->nedges > 0) {
        const Port *from = expr->u.ref.port->edges[0]->from;
        return lies_in(look, parts->name.span) ? found_stage(look, from->stage, parts->name.span)
                                               : found_port(look, from, expr->span);
    }
    const Item *item = named ? named_item(look, expr) : NULL;
    return expr->type &&
           found(look, (Thing){ .kind = item && !expr->u.ref.fields ? THING_INPUT : THING_VALUE,
                                .span = expr->span,
                                .expr = expr,
                                .item = item,
                                .type = expr->type });
}

static bool in_pipe(const Look *look, const Expr *expr) {
    if (lies_in(look, expr->u.pipe.pipe.span) && expr->u.pipe.row) {
        return found(look, (Thing){ .kind = THING_PIPE,
                                    .span = expr->u.pipe.pipe.span,
                                    .expr = expr,
                                    .type = expr->type });
    }
    return in_expr(look, expr->u.pipe.subject) || in_exprs(look, expr->u.pipe.args) ||
           in_type(look, expr->u.pipe.as);
}

static bool in_parts(const Look *look, const Expr *expr) {
    switch (expr->kind) {
    case EXPR_TEXT: return in_pieces(look, expr->u.text.pieces);
    case EXPR_LIST: return in_exprs(look, expr->u.list.items);
    case EXPR_RECORD: return in_entries(look, expr->u.entries);
    case EXPR_PIPE: return in_pipe(look, expr);
    case EXPR_COMPARE:
        return in_expr(look, expr->u.compare.left) || in_expr(look, expr->u.compare.right);
    case EXPR_NOT:
    case EXPR_EXISTS: return in_expr(look, expr->u.logic.left);
    case EXPR_AND:
    case EXPR_OR: return in_expr(look, expr->u.logic.left) || in_expr(look, expr->u.logic.right);
    case EXPR_REF: return in_ref(look, expr);
    case EXPR_NULL:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_BROKEN: return false;
    }
    return false;
}

static bool in_expr(const Look *look, const Expr *expr) {
    return expr && lies_in(look, expr->span) && in_parts(look, expr);
}

/* ---------------------------------------------------------------- stages */

static const Stage *stage_named(const Look *look, const char *slug);
static const Port *port_named(Port *const *ports, uint32_t n, const char *name);

/* `in x: T = <stage.port>`: the checker has made an edge of it. */
static bool in_direct(const Look *look, const Expr *value) {
    const NameList *parts =
        value && lies_in(look, value->span) && value->kind == EXPR_REF ? value->u.ref.parts : NULL;
    const Stage *stage = parts ? stage_named(look, parts->name.text) : NULL;
    if (stage && lies_in(look, parts->name.span)) {
        return found_stage(look, stage, parts->name.span);
    }
    const Port *port =
        stage && parts->next ? port_named(stage->outs, stage->nouts, parts->next->name.text) : NULL;
    return port && lies_in(look, parts->next->name.span) &&
           found_port(look, port, parts->next->name.span);
}

static bool in_port(const Look *look, const Port *port) {
    const Item *item = port->item;
    if (!item || !lies_in(look, item->span)) {
        return false;
    }
    return (lies_in(look, port->name.span) && found_port(look, port, port->name.span)) ||
           in_expr(look, port->value) || in_direct(look, item->u.port.value) ||
           in_type(look, item->u.port.type);
}

static bool in_ports(const Look *look, Port *const *ports, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (in_port(look, ports[i])) {
            return true;
        }
    }
    return false;
}

static bool in_body(const Look *look, const Item *body) {
    return body && lies_in(look, body->span) && in_exprs(look, body->u.body.words);
}

static bool in_env(const Look *look, const Stage *stage) {
    for (uint32_t i = 0; i < stage->attrs->nenv; i++) {
        if (in_expr(look, stage->attrs->env[i].value)) {
            return true;
        }
    }
    return false;
}

/* Keywords of attributes, and their values. */
static bool in_items(const Look *look, const Item *item) {
    for (; item; item = item->next) {
        if (item->kind == ITEM_ATTR && lies_in(look, item->keyword)) {
            return found(look,
                         (Thing){ .kind = THING_KEYWORD, .span = item->keyword, .item = item });
        }
        if (item->kind == ITEM_ATTR && in_expr(look, item->u.attr.value)) {
            return true;
        }
    }
    return false;
}

static bool in_args(const Look *look, const Item *item) {
    for (const Arg *arg = item->u.stage.args; arg; arg = arg->next) {
        if (in_expr(look, arg->value)) {
            return true;
        }
    }
    return false;
}

static bool found_declared(const Look *look, const Item *item, Span span) {
    return item && found(look, (Thing){ .kind = THING_DECLARED, .span = span, .item = item });
}

/* The plugin that it is made of, if this file declares it. */
static bool in_plugin_name(const Look *look, const QName *plugin) {
    if (!plugin->name.text || plugin->module.text || !lies_in(look, plugin->name.span)) {
        return false;
    }
    for (const Item *item = look->tree->items; item; item = item->next) {
        if (item->kind == ITEM_PLUGIN && item->name.text == plugin->name.text) {
            return found_declared(look, item, plugin->name.span);
        }
    }
    return false;
}

/* The pipeline that it calls, and the port that it maps over. */
static bool in_call(const Look *look, const Stage *stage) {
    const Item *body = stage->body;
    if (!body || (body->u.body.kind != BODY_CALL && body->u.body.kind != BODY_MAP)) {
        return false;
    }
    if (stage->sub && lies_in(look, body->u.body.sub.name.span)) {
        return found_declared(look, stage->sub->item, body->u.body.sub.name.span);
    }
    return stage->map_over && body->u.body.over.text && lies_in(look, body->u.body.over.span) &&
           found_port(look, stage->map_over, body->u.body.over.span);
}

/* `fan grouped by stage.port` */
static bool in_by(const Look *look, const Item *item) {
    for (; item; item = item->next) {
        const QName *by = item->kind == ITEM_ATTR ? &item->u.attr.by : NULL;
        const Stage *stage = by && by->module.text ? stage_named(look, by->module.text) : NULL;
        if (stage && lies_in(look, by->module.span)) {
            return found_stage(look, stage, by->module.span);
        }
        const Port *port = stage && lies_in(look, by->name.span)
                               ? port_named(stage->outs, stage->nouts, by->name.text)
                               : NULL;
        if (port) {
            return found_port(look, port, by->name.span);
        }
    }
    return false;
}

static bool in_stage(const Look *look, const Stage *stage) {
    const Item *item = stage->item;
    return (lies_in(look, stage->slug.span) && found_stage(look, stage, stage->slug.span)) ||
           in_ports(look, stage->ins, stage->nins) || in_ports(look, stage->outs, stage->nouts) ||
           in_body(look, stage->body) || in_expr(look, stage->when) || in_env(look, stage) ||
           (item && lies_in(look, item->span) &&
            (in_args(look, item) || in_plugin_name(look, &item->u.stage.plugin) ||
             in_call(look, stage) || in_by(look, item->u.stage.items) ||
             in_items(look, item->u.stage.items)));
}

/* ---------------------------------------------------------------- edges */

static const Stage *stage_named(const Look *look, const char *slug) {
    for (uint32_t i = 0; slug && i < look->pipeline->nstages; i++) {
        if (look->pipeline->stages[i]->slug.text == slug) {
            return look->pipeline->stages[i];
        }
    }
    return NULL;
}

static const Port *port_named(Port *const *ports, uint32_t n, const char *name) {
    for (uint32_t i = 0; i < n; i++) {
        if (ports[i]->name.text == name) {
            return ports[i];
        }
    }
    return NULL;
}

static bool in_endpoint(const Look *look, const Endpoint *end, bool target) {
    const Stage *stage =
        end && lies_in(look, end->span) ? stage_named(look, end->stage.text) : NULL;
    if (!stage) {
        return false;
    }
    if (lies_in(look, end->stage.span) || !end->port.text) {
        return found_stage(look, stage, end->stage.span);
    }
    const Port *in = port_named(stage->ins, stage->nins, end->port.text);
    const Port *out = port_named(stage->outs, stage->nouts, end->port.text);
    const Port *port = (target && in) || !out ? in : out;
    return port && found_port(look, port, end->span);
}

static bool in_edge(const Look *look, const Item *item) {
    if (in_endpoint(look, item->u.edge.from, false)) {
        return true;
    }
    for (const Hop *hop = item->u.edge.hops; hop; hop = hop->next) {
        for (const Endpoint *end = hop->targets; end; end = end->next) {
            if (in_endpoint(look, end, true)) {
                return true;
            }
        }
        if (in_expr(look, hop->where) || in_expr(look, hop->order_by) || in_expr(look, hop->take)) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- pipelines */

static bool in_declaration(const Look *look, const Item *item, const Type *type, const Expr *value,
                           const Expr *where) {
    if (!item || !lies_in(look, item->span)) {
        return false;
    }
    if (lies_in(look, item->name.span)) {
        return found(look, (Thing){ .kind = THING_INPUT,
                                    .span = item->name.span,
                                    .item = item,
                                    .type = type });
    }
    return in_expr(look, value) || in_expr(look, where) || in_type(look, item->u.port.type);
}

static bool in_pipeline(const Look *look) {
    const Pipeline *p = look->pipeline;
    for (uint32_t i = 0; i < p->nstages; i++) {
        if (in_stage(look, p->stages[i])) {
            return true;
        }
    }
    for (uint32_t i = 0; i < p->ninputs; i++) {
        const RunInput *input = p->inputs[i];
        if (in_declaration(look, input->item, input->type, input->value, input->where)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < p->noutputs; i++) {
        const Output *output = p->outputs[i];
        if (in_declaration(look, output->item, output->type, output->value, NULL)) {
            return true;
        }
    }
    for (const Item *item = p->item->u.pipeline.items; item; item = item->next) {
        const TypeExpr *type =
            item->kind == ITEM_PORT && item->u.port.kind == PORT_CONFIG ? item->u.port.type : NULL;
        if (type && in_declaration(look, item, type->type, item->u.port.value, NULL)) {
            return true;
        }
        if (item->kind == ITEM_EDGE && lies_in(look, item->span) && in_edge(look, item)) {
            return true;
        }
    }
    return in_items(look, p->item->u.pipeline.items);
}

/* The name of a type, a plugin or a pipeline, and what a type is. */
static bool in_top_item(const Look *look, const Item *item) {
    bool named = item->name.text && lies_in(look, item->name.span);
    switch (item->kind) {
    case ITEM_TYPE:
        return named ? found(look, (Thing){ .kind = THING_TYPE,
                                            .span = item->name.span,
                                            .item = item,
                                            .type = item->u.type ? item->u.type->type : NULL })
                     : in_type(look, item->u.type);
    case ITEM_PLUGIN:
    case ITEM_PIPELINE: return named && found_declared(look, item, item->name.span);
    case ITEM_IMPORT:
    case ITEM_STAGE:
    case ITEM_PORT:
    case ITEM_EDGE:
    case ITEM_BODY:
    case ITEM_ATTR:
    case ITEM_BROKEN: return false;
    }
    return false;
}

bool thing_at(const Model *model, const File *file, uint32_t offset, Thing *thing) {
    Look look = { .file = file->source->file, .offset = offset, .tree = file, .thing = thing };
    for (uint32_t i = 0; i < model->npipelines; i++) {
        look.pipeline = model->pipelines[i];
        if (look.pipeline->item && in_pipeline(&look)) {
            return true;
        }
    }
    for (const Item *item = file->items; item; item = item->next) {
        if (in_top_item(&look, item)) {
            return true;
        }
    }
    return false;
}

Span thing_declaration(const Thing *thing) {
    switch (thing->kind) {
    case THING_STAGE: return thing->stage->slug.span;
    case THING_PORT: return thing->port->item ? thing->port->name.span : SPAN_NONE;
    case THING_INPUT:
    case THING_DECLARED:
    case THING_TYPE: return thing->item ? thing->item->name.span : SPAN_NONE;
    case THING_PIPE:
    case THING_VALUE:
    case THING_KEYWORD: return SPAN_NONE;
    }
    return SPAN_NONE;
}
