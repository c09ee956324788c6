/*
 * scope.c - the table of places where expressions stand, and the names in sight there.
 */
#include "check/names/scope.h"

typedef struct PlaceRow {
    const char *text;
    unsigned sees;
} PlaceRow;

static const PlaceRow places[NPLACES] = {
    [PLACE_IN_VALUE] = { "in the value of an input", SEES_PORTS | SEES_PIPELINE | SEES_TASK },
    [PLACE_OUT_VALUE] = { "in the value of an output",
                          SEES_PORTS | SEES_PIPELINE | SEES_TASK | SEES_RESULT | SEES_OUT },
    [PLACE_OUT_PATH] = { "in the path of an output", SEES_PORTS | SEES_PIPELINE | SEES_TASK },
    [PLACE_BODY] = { "in a body", SEES_PORTS | SEES_PIPELINE | SEES_TASK | SEES_OUT },
    [PLACE_WHEN] = { "in a `when`", SEES_PORTS | SEES_PIPELINE },
    [PLACE_ENV] = { "in an `env`", SEES_PORTS | SEES_PIPELINE | SEES_TASK | SEES_OUT },
    [PLACE_ARG] = { "in an argument", SEES_PIPELINE | SEES_TASK },
    [PLACE_PARAM] = { "in the default of a parameter", SEES_PARAMS },
    [PLACE_WHERE] = { "in a `where`", SEES_IT | SEES_INPUTS | SEES_CONFIG },
    [PLACE_INPUT] = { "in the default of an input", SEES_CONFIG },
    [PLACE_INPUT_WHERE] = { "in the `where` of an input", SEES_IT | SEES_INPUTS | SEES_CONFIG },
    [PLACE_CONFIG] = { "in the value of a config", SEES_CONFIG },
    [PLACE_OUTPUT] = { "in an output of the pipeline", SEES_PIPELINE },
    [PLACE_HOOK] = { "in a hook", SEES_INPUTS | SEES_CONFIG | SEES_RUN | SEES_STATUS },
    [PLACE_ATTR] = { "in an attribute", SEES_CONFIG | SEES_PARAMS },
};

bool scope_sees(const Scope *scope, unsigned what) {
    unsigned all = places[scope->place].sees;
    if (scope->in_plugin) {
        all &= ~(unsigned)(SEES_STAGES | SEES_INPUTS | SEES_CONFIG);
    }
    return (all & what) != 0;
}

void ref_break(Expr *expr) {
    expr->ref = REF_BROKEN;
}

void scope_refuse(const Scope *scope, Expr *expr, const char *what) {
    Check *c = scope->c;
    Diag *diag = diag_report(c->diags, E0214, expr->span, "%s cannot be used %s", what,
                             places[scope->place].text);
    if (scope->in_plugin && (places[scope->place].sees & SEES_PIPELINE)) {
        diag_help(c->diags, diag,
                  "a plugin sees its own ports and parameters: pass the value as an argument");
    } else if (scope_sees(scope, SEES_IT)) {
        diag_help(c->diags, diag, "a `where` sees `it`, `input` and `config`");
    } else if (scope->place == PLACE_ATTR && expr->ref == REF_NONE) {
        diag_help(c->diags, diag,
                  "its value is known when compiled: a literal, or a `config`, set by `dagcc -D`");
    } else if (scope->place == PLACE_HOOK) {
        diag_help(c->diags, diag,
                  "a hook sees `input`, `config`, `run.id`, `run.status` and `run.error`");
    }
    ref_break(expr);
}

void scope_offer(const Scope *scope, Nearest *nearest) {
    const Node *node = scope_sees(scope, SEES_PORTS | SEES_PARAMS) ? scope->node : NULL;
    for (uint32_t i = 0; node && i < node->stage->nins; i++) {
        nearest_offer(nearest, node->stage->ins[i]->hidden ? "" : node->stage->ins[i]->name.text);
    }
    for (uint32_t i = 0; node && i < node->nparams; i++) {
        nearest_offer(nearest, node->params[i].name.text);
    }
    heads_offer(nearest);
    if (scope_sees(scope, SEES_STAGES)) {
        offer_stages(scope->c, scope->unit, nearest);
    }
}

Span scope_declared(const Scope *scope, const char *name) {
    Check *c = scope->c;
    bool own = scope->node && scope_sees(scope, SEES_PORTS | SEES_PARAMS) && name;
    const Port *port = own ? port_find(c, scope->node, name, false) : NULL;
    const Param *param = own ? table_get(c->table, &scope->node->params, name) : NULL;
    const Node *node = scope_sees(scope, SEES_STAGES) ? node_called(c, scope->unit, name) : NULL;
    return port    ? port->name.span
           : param ? param->name.span
           : node  ? node->stage->slug.span
                   : SPAN_NONE;
}
