/*
 * node_resolve.c - all expressions of a stage, each in the scope of the place where it stands.
 */
#include "check/names/names.h"

static bool names_stage(const Expr *expr, void *self) {
    (void)self;
    return expr->kind == EXPR_REF && expr->ref == REF_STAGE;
}

static void report_two_providers(Check *c, const Port *port, Span edge) {
    Diag *diag = diag_report(c->diags, E0402, edge, "`%s` is fed twice: by its value and by `%s`",
                             port_text(c, port), port_text(c, port->edges[0]->from));
    diag_note(c->diags, diag, port->value->span, "its value");
    diag_help(c->diags, diag,
              "beside an edge, a value is a default: of literals, `input` and `config` only");
}

static void in_value_resolve(Scope *scope, Port *port) {
    Check *c = scope->c;
    bool broken = false;
    Port *from = expr_output(scope, port->value, &broken);
    if (broken) {
        port->value = NULL;
        port->broken = true;
        return;
    }
    if (!from) {
        expr_resolve(scope, port->value);
        port->value_refers = expr_any(port->value, names_stage, NULL);
    }
    if (port->nedges && (from || port->value_refers)) {
        report_two_providers(c, port, port->edges[0]->span);
        port->value = from ? NULL : port->value;
        port->broken = true;
        return;
    }
    if (from) {
        port->value_refers = true;
        edge_add(c, from, port, port->value->span);
        port->value = NULL; /* it is the edge */
    }
}

static void port_resolve(Scope *scope, Item *item) {
    bool out = item->u.port.kind == PORT_OUT;
    if (!item->name.text || !item->u.port.value ||
        (item->u.port.kind != PORT_IN && item->u.port.kind != PORT_OUT)) {
        return;
    }
    Port *port = port_find(scope->c, scope->node, item->name.text, out);
    if (!port || port->item != item) {
        return; /* declared twice */
    }
    scope->port = port;
    if (out) {
        scope->place = port->path || port->glob ? PLACE_OUT_PATH : PLACE_OUT_VALUE;
        expr_resolve(scope, port->value);
    } else {
        scope->place = PLACE_IN_VALUE;
        in_value_resolve(scope, port);
    }
    scope->port = NULL;
}

static void body_resolve(Scope *scope, Item *item) {
    scope->place = PLACE_BODY;
    for (Expr *word = item->u.body.words; word; word = word->next) {
        expr_resolve(scope, word);
    }
}

static void attr_resolve(Scope *scope, Item *item) {
    AttrKind kind = item->u.attr.kind;
    scope->place = kind == ATTR_WHEN ? PLACE_WHEN : kind == ATTR_ENV ? PLACE_ENV : PLACE_ATTR;
    expr_resolve(scope, item->u.attr.value);
    expr_resolve(scope, item->u.attr.backoff);
    for (CauseExpr *cause = item->u.attr.causes; cause; cause = cause->next) {
        expr_resolve(scope, cause->code);
    }
    for (ResourceExpr *r = item->u.attr.resources; r; r = r->next) {
        expr_resolve(scope, r->amount);
        expr_resolve(scope, r->grow);
    }
}

static void item_resolve(Scope *scope, Item *item) {
    bool before = damage_mute(scope->c, damage_near(scope->c, item->span));
    switch (item->kind) {
    case ITEM_PORT: port_resolve(scope, item); break;
    case ITEM_BODY: body_resolve(scope, item); break;
    case ITEM_ATTR: attr_resolve(scope, item); break;
    case ITEM_IMPORT:
    case ITEM_TYPE:
    case ITEM_PLUGIN:
    case ITEM_PIPELINE:
    case ITEM_STAGE:
    case ITEM_EDGE:
    case ITEM_BROKEN: break;
    }
    damage_restore(scope->c, before);
}

static void params_resolve(Check *c, Node *node) {
    Scope scope = {
        .c = c, .unit = node->unit, .node = node, .module = node->unit->module, .place = PLACE_ARG
    };
    for (Arg *arg = node->item->u.stage.args; arg; arg = arg->next) {
        expr_resolve(&scope, arg->value);
    }
    scope.place = PLACE_PARAM;
    scope.in_plugin = true;
    scope.module = node->plugin->module;
    for (uint32_t i = 0; i < node->nparams; i++) {
        scope.config = i;
        if (node->params[i].own) {
            expr_resolve(&scope, node->params[i].value);
        }
    }
}

void node_resolve(Check *c, Node *node) {
    if (node->plugin) {
        params_resolve(c, node);
    }
    node_items(c, node, item_resolve);
}
