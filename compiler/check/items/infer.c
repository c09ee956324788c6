/*
 * infer.c - what is told by what feeds a stage: the type parameters of its plugin, the shape of a `map`.
 */
#include "check/items/items.h"

typedef struct Inference {
    Check *c;
    Node *node; /* the address of its `bound`: scope of what the parameters are bound to */
} Inference;

static const Type *bound_type(void *self, const Type *var) {
    Inference *in = self;
    const Type *type = table_get(in->c->table, &in->node->bound, var);
    return type ? type : in->c->any;
}

/* Binds the parameters in `written` so that it becomes what `actual` is. */
static void unify(Inference *in, const Type *written, const Type *actual) {
    Check *c = in->c;
    if (actual->kind == KIND_ANY) {
        return;
    }
    if (written->kind == KIND_VAR) {
        const Type *known = table_get(c->table, &in->node->bound, written);
        const Type *join = known ? type_join(c->types, known, actual) : actual;
        if (join) { /* else the edge or value that does not fit is reported there */
            table_put(c->table, &in->node->bound, written, (void *)(uintptr_t)join);
        }
        return;
    }
    if (written->kind == DAG_OPTIONAL) {
        unify(in, written->elem, type_required(actual));
    } else if (written->elem && written->kind == actual->kind) {
        unify(in, written->elem, actual->elem);
    } else if (written->kind == DAG_RECORD && actual->kind == DAG_RECORD) {
        for (uint32_t i = 0; i < written->nfields; i++) {
            const Field *field = type_field(actual, written->fields[i].name);
            if (field) {
                unify(in, written->fields[i].type, field->type);
            }
        }
    }
}

static void infer_from_edge(Inference *in, const Port *port, const Edge *edge) {
    const Type *type = edge->from->type;
    bool gathers = in->node->attrs[ATTR_FAN] && port->type->kind == DAG_LIST && edge->from->axis &&
                   edge->from->axis->depth && in->node->stage->fan != DAG_SINGLE;
    unify(in, gathers ? port->type->elem : port->type, type);
}

static void infer_from_value(Inference *in, Expr *value, const Type *written, Scope scope) {
    if (value) {
        const Type *type = expr_type(&scope, value, NULL);
        unify(in, written, type);
    }
}

static void infer_params(Inference *in) {
    Node *node = in->node;
    for (uint32_t i = 0; i < node->nparams; i++) {
        Param *param = &node->params[i];
        if (type_mentions(param->type, KIND_VAR)) {
            Scope scope = { .c = in->c,
                            .unit = node->unit,
                            .node = node,
                            .module = node->unit->module,
                            .place = param->own ? PLACE_PARAM : PLACE_ARG,
                            .in_plugin = param->own };
            infer_from_value(in, param->value, param->type, scope);
        }
    }
}

/* The type that an instance writes for an input of its plugin; NULL: none. */
static const Type *said_again(const Port *port) {
    const TypeExpr *written = port->bound ? port->item->u.port.type : NULL;
    return written && written->form != TYPE_SAME ? written->type : NULL;
}

/* What an instance says of its plugin's input is the type that it has. */
static void check_again(Check *c, const Node *node, Port *port) {
    const Type *again = said_again(port), *type = port->type;
    bool fit = false;
    if (!again || again->kind == KIND_ANY || type->kind == KIND_ANY || port->broken ||
        (type_assignable(again, type, &fit) && type_assignable(type, again, &fit))) {
        return;
    }
    Span written = port->item->u.port.type->span;
    Diag *diag = diag_report(c->diags, E0302, written, "`%s` is %s here, but %s in the plugin `%s`",
                             port_text(c, port), type_name(c, again), type_name(c, type),
                             node->plugin->item->name.text);
    diag_note(c->diags, diag, port->name.span, "declared here");
    diag_fix(c->diags, diag, false, written, type_name(c, type), "write `%s`", type_name(c, type));
    port->broken = true;
    port->type = c->any;
}

static void infer_ports(Inference *in) {
    Node *node = in->node;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *port = node->stage->ins[i];
        if (port->hidden || !type_mentions(port->type, KIND_VAR)) {
            continue;
        }
        const Type *again = said_again(port);
        if (again) {
            unify(in, port->type, again);
            continue;
        }
        for (uint32_t k = 0; k < port->nedges; k++) {
            infer_from_edge(in, port, port->edges[k]);
        }
        infer_from_value(in, port->value, port->type,
                         port_scope(in->c, node, node->stage->ins[i], PLACE_IN_VALUE));
    }
}

static void report_open_vars(Inference *in) {
    Check *c = in->c;
    const Node *node = in->node;
    for (const NameList *v = node->plugin->item->u.plugin.type_params; v; v = v->next) {
        const Type *var = v->name.text ? table_get(c->table, &node->vars, v->name.text) : NULL;
        if (!var || table_get(c->table, &in->node->bound, var)) {
            continue;
        }
        for (uint32_t i = 0; i < node->stage->nins; i++) {
            const Port *port = node->stage->ins[i];
            if (port->broken) {
                return; /* it may be what would tell */
            }
            for (uint32_t k = 0; k < port->nedges; k++) {
                if (port->edges[k]->from->type->kind == KIND_ANY) {
                    return; /* it depends on what is broken */
                }
            }
        }
        Diag *diag =
            diag_report(c->diags, E0219, node->stage->slug.span,
                        "what `%s` of plugin `%s` is cannot be told from what feeds `%s`",
                        v->name.text, node->plugin->item->name.text, node->stage->slug.text);
        diag_note(c->diags, diag, v->name.span, "declared here");
    }
}

static void replace_ports(Inference *in, Port **ports, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        ports[i]->type = type_replace(in->c->types, ports[i]->type, bound_type, in);
    }
}

/* From now on the names stand for what was found: `as(T)` is resolved later. */
static void vars_settle(Inference *in) {
    Check *c = in->c;
    const NameList *v = in->node->plugin->item->u.plugin.type_params;
    for (; v; v = v->next) {
        const Type *var = v->name.text ? table_get(c->table, &in->node->vars, v->name.text) : NULL;
        if (var && var->kind == KIND_VAR) {
            table_put(c->table, &in->node->vars, v->name.text,
                      (void *)(uintptr_t)bound_type(in, var));
        }
    }
}

/* Does what feeds the mapped input say whether it is a list or a map? */
static bool fed_shape(Check *c, Node *node, int *kind) {
    Port *over = node->stage->map_over;
    if (over->nedges == 0 && over->value) {
        Scope scope = port_scope(c, node, over, PLACE_IN_VALUE);
        const Type *value = type_required(expr_type(&scope, over->value, NULL));
        *kind = value->kind == DAG_MAP || value->kind == DAG_RECORD ? DAG_MAP : DAG_LIST;
        return value->kind != KIND_ANY;
    }
    if (over->nedges == 0) {
        return false;
    }
    const Edge *edge = over->edges[0];
    const Type *type = type_required(edge->from->type);
    bool gathers = node->stage->fan == DAG_AGGREGATE && edge->from->axis && edge->from->axis->depth;
    *kind = type->kind == DAG_MAP && !gathers ? DAG_MAP : DAG_LIST;
    return type->kind == DAG_LIST || type->kind == DAG_MAP || gathers;
}

/* A type that the stage itself declares for the mapped input, or for an output. */
static void check_declared(Check *c, const Node *node, Port *port, const Type *want) {
    bool fit = false;
    const Type *from = port->out ? want : port->type, *to = port->out ? port->type : want;
    if (port->broken || port->type->kind == KIND_ANY || type_assignable(from, to, &fit)) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0302, port->span, "`%s` is %s here, but %s %s",
                             port_text(c, port), type_name(c, port->type),
                             port->out ? "the call gives" : "`map` goes over", type_name(c, want));
    diag_note(c->diags, diag, node->sub->item->name.span, "the pipeline that is called");
    port->broken = true;
    port->type = c->any;
}

/* The list or map that `map` goes over, and with it the shape of its outputs. */
static void infer_map(Check *c, Node *node) {
    Port *over = node->stage->map_over;
    int kind = type_required(over->type)->kind;
    bool known = over->type->kind != KIND_ANY || fed_shape(c, node, &kind);
    if (!over->called || (!known && over->nedges == 0)) {
        return; /* the sub-pipeline has no such input: said already; or nothing feeds it */
    }
    kind = kind == DAG_MAP ? DAG_MAP : DAG_LIST;
    const Type *want = type_of_elem(c->types, kind, over->called);
    check_declared(c, node, over, want);
    if (over->type->kind == KIND_ANY && !over->broken) {
        over->type = want;
    }
    for (uint32_t i = 0; i < node->stage->nouts && known; i++) {
        Port *out = node->stage->outs[i];
        if (out->called && out->type->kind == KIND_ANY) {
            out->type = type_of_elem(c->types, kind, out->called);
        } else if (out->called && !out->value) {
            check_declared(c, node, out, type_of_elem(c->types, kind, out->called));
        }
    }
}

static void check_call(Check *c, const Node *node) {
    for (uint32_t i = 0; i < node->stage->nouts; i++) {
        Port *out = node->stage->outs[i];
        if (out->called && !out->value && !out->stream) {
            check_declared(c, node, out, out->called);
        }
    }
}

static void vars_infer(Check *c, Node *node) {
    Inference in = { .c = c, .node = node };
    infer_params(&in);
    infer_ports(&in);
    if (!node->phantom && !node->broken) {
        report_open_vars(&in);
    }
    replace_ports(&in, node->stage->ins, node->stage->nins);
    replace_ports(&in, node->stage->outs, node->stage->nouts);
    for (uint32_t i = 0; i < node->nparams; i++) {
        node->params[i].type = type_replace(c->types, node->params[i].type, bound_type, &in);
    }
    vars_settle(&in);
}

void plugin_infer(Check *c, Node *node) {
    if (node->stage->map_over) {
        infer_map(c, node);
    } else if (node->sub) {
        check_call(c, node);
    }
    if (node->has_vars) {
        vars_infer(c, node);
    }
    for (uint32_t i = 0; node->plugin && i < node->stage->nins; i++) {
        check_again(c, node, node->stage->ins[i]);
    }
}
