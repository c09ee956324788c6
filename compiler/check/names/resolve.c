/*
 * resolve.c - what the names in expressions stand for.
 *
 * In: expressions as parsed. Out: their reference slots (ref, port, index, constant, bound, fields).
 * A reference to another stage becomes an edge into a hidden input, one per output that is named.
 * A single word that names nothing is left to the type checker, which knows whether a string or
 * the case of an enum may stand there.
 */
#include "check/names/scope.h"

#include <string.h>

/* ---------------------------------------------------------------- ports, parameters, stages */

/* `in lr: float = <lr.value>`: no input is its own value, so that the stage of this name is meant. */
static bool means_stage(const Scope *scope, const Expr *expr, const Port *port) {
    const NameList *part = expr->u.ref.parts;
    return scope->place == PLACE_IN_VALUE && port == scope->port && part->next &&
           !scope->in_plugin && node_find(scope->c, scope->unit, part->name.text);
}

static bool resolve_own(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    NameList *part = expr->u.ref.parts;
    Port *port = scope_sees(scope, SEES_PORTS) && scope->node
                     ? port_find(c, scope->node, part->name.text, false)
                     : NULL;
    if (!port || means_stage(scope, expr, port)) {
        return false;
    }
    port->mentioned = true;
    if (scope->place == PLACE_IN_VALUE && port->index >= scope->port->index) {
        Diag *diag =
            diag_report(c->diags, E0214, expr->span,
                        port == scope->port ? "the input `%s` cannot be its own value"
                                            : "the input `%s` is declared later: a value sees the "
                                              "inputs before it",
                        part->name.text);
        if (port == scope->port && table_get(c->table, &scope->unit->inputs, part->name.text)) {
            const char *text = arena_printf(c->arena, "input.%s", part->name.text);
            diag_fix(c->diags, diag, false, part->name.span, text, "write `%s`", text);
        }
        ref_break(expr);
        return true;
    }
    expr->ref = REF_INPUT;
    expr->u.ref.port = port;
    expr->u.ref.fields = part->next;
    return true;
}

static bool resolve_param(Scope *scope, Expr *expr) {
    if (!scope->node || !scope->node->nparams || !scope_sees(scope, SEES_PORTS | SEES_PARAMS)) {
        return false;
    }
    Param *param = table_get(scope->c->table, &scope->node->params, expr->u.ref.parts->name.text);
    if (!param) {
        return false;
    }
    param->used = true;
    if (scope->place == PLACE_PARAM && param >= scope->node->params + scope->config) {
        diag_report(scope->c->diags, E0214, expr->span,
                    "a default sees the parameters before it: `%s` is not one of them",
                    param->name.text);
        ref_break(expr);
        return true;
    }
    if (!param->value) {
        ref_break(expr);
        return true;
    }
    expr->ref = REF_BOUND;
    expr->u.ref.bound = param->value;
    expr->index = (uint32_t)(param - scope->node->params);
    expr->u.ref.fields = expr->u.ref.parts->next;
    return true;
}

/* The hidden input among the first ones; those behind stand in the table. */
static Port *hidden_listed(Port *const *ins, uint32_t n, const Port *from) {
    for (uint32_t i = 0; i < n && i < LISTED_PORTS; i++) {
        if (ins[i]->hidden && ins[i]->edges[0]->from == from) {
            return ins[i];
        }
    }
    return NULL;
}

/* The hidden input of a stage, or of an output of the pipeline, that an output of a stage feeds. */
static Port *hidden_port(Scope *scope, Port *from, Span span) {
    Check *c = scope->c;
    Port ***ins = scope->node ? &scope->node->stage->ins : &scope->output->ins;
    uint32_t *n = scope->node ? &scope->node->stage->nins : &scope->output->nins;
    Port *port = hidden_listed(*ins, *n, from);
    if (!port && *n > LISTED_PORTS) {
        port = table_get(c->table, ins, from);
    }
    if (port) {
        return port;
    }
    port = ARENA_NEW(c->arena, Port);
    port->name = (Name){ port_text(c, from), span };
    port->hidden = true;
    port->stage = scope->node ? scope->node->stage : NULL;
    port->type = c->any; /* until its axis is known */
    port->span = span;
    if (*n >= LISTED_PORTS) {
        table_put(c->table, ins, from, port);
    }
    port_append(c, ins, n, port);
    edge_add(c, from, port, span);
    return port;
}

/* The output that `stage.port` names; NULL: reported. */
static Port *stage_output(Scope *scope, Expr *expr, Node *node) {
    Check *c = scope->c;
    NameList *part = expr->u.ref.parts->next;
    node->used = true;
    if (!part->name.text) {
        return NULL;
    }
    Port *port = port_find(c, node, part->name.text, true);
    if (!port) {
        if (scope->node) {
            scope->node->no_axis = true;
        }
        report_no_port(c, node, part->name, true);
        return NULL;
    }
    port->mentioned = true;
    return port;
}

static bool resolve_stage(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    if (scope->in_plugin || !expr->u.ref.parts->next) {
        return false; /* a stage alone is no value, but its name may be the case of an enum */
    }
    Node *node = node_find(c, scope->unit, expr->u.ref.parts->name.text);
    if (!node) {
        return false;
    }
    if (!scope_sees(scope, SEES_STAGES)) {
        scope_refuse(scope, expr, "an output of a stage");
        node->used = true;
        return true;
    }
    Port *from = stage_output(scope, expr, node);
    if (!from) {
        ref_break(expr);
        return true;
    }
    expr->ref = REF_STAGE;
    expr->u.ref.port = hidden_port(scope, from, expr->span);
    expr->u.ref.fields = expr->u.ref.parts->next->next;
    return true;
}

Port *expr_output(Scope *scope, Expr *expr, bool *is_broken) {
    Check *c = scope->c;
    *is_broken = false;
    if (expr->kind != EXPR_REF || !expr->bare || scope->in_plugin || !expr->u.ref.parts ||
        !expr->u.ref.parts->name.text) {
        return NULL;
    }
    const NameList *parts = expr->u.ref.parts;
    const Port *own = port_find(c, scope->node, parts->name.text, false);
    if (!parts->next || parts->next->next || is_head(parts->name.text) ||
        (own && !means_stage(scope, expr, own)) ||
        table_get(c->table, &scope->node->params, parts->name.text)) {
        return NULL;
    }
    Node *node = node_find(c, scope->unit, parts->name.text);
    if (!node) {
        return NULL;
    }
    Port *from = stage_output(scope, expr, node);
    *is_broken = !from;
    return from;
}

bool said_here(const Scope *scope, Name name) {
    Check *c = scope->c;
    const Node *node = scope->node;
    return unit_mentions(c, scope->unit, name.text, "stage") ||
           said_before(c, &scope->unit->regions, name.text, name.span) ||
           (node && (node->no_ports || node_mentions(c, node, name.text) ||
                     said_before(c, ports_unknown(node, false), name.text, name.span)));
}

void say_unknown(const Scope *scope, Name name, const Nearest *near, Diag *diag) {
    Check *c = scope->c;
    Node *meant = scope->in_plugin ? NULL : node_called(c, scope->unit, near->best);
    if (meant || !scope->node) {
        said(c, &scope->unit->regions, name.text, diag);
    } else {
        said(c, ports_unknown(scope->node, false), name.text, diag);
    }
    if (meant) {
        meant->used = true;
    }
}

/* `x.y` where x names nothing. */
static void report_unknown_head(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    Name name = expr->u.ref.parts->name;
    ref_break(expr);
    if (scope->node) {
        scope->node->no_axis = true; /* it may be a stage, whose streams are not known then */
    }
    Nearest near = nearest_to(name.text);
    scope_offer(scope, &near);
    Span declared = scope_declared(scope, near.best);
    if (damage_on_line(c, declared) || said_here(scope, name)) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0207, name.span, "nothing here is named `%s`%s", name.text,
                             did_you_mean(c, &near));
    suggest(c, diag, name.span, &near);
    note_declared(c, diag, declared, near.best);
    say_unknown(scope, name, &near, diag);
    if (!near.best && scope_sees(scope, SEES_INPUTS) &&
        table_get(c->table, &scope->unit->inputs, name.text)) {
        const char *text = arena_printf(c->arena, "input.%s", name.text);
        diag_fix(c->diags, diag, false, name.span, text, "write `%s`", text);
    }
}

static void resolve_name(Scope *scope, Expr *expr) {
    NameList *parts = expr->u.ref.parts;
    if (!parts || !parts->name.text) {
        ref_break(expr);
        return;
    }
    if (resolve_own(scope, expr) || resolve_param(scope, expr)) {
        return;
    }
    if (head_resolve(scope, expr) || resolve_stage(scope, expr) || !parts->next) {
        return; /* a single word: left to the type checker */
    }
    report_unknown_head(scope, expr);
}

/* What could not be found may have been a stream: nobody knows how many tasks the stage has. */
static void resolve_ref(Scope *scope, Expr *expr) {
    resolve_name(scope, expr);
    if (scope->node && expr->ref == REF_BROKEN) {
        scope->node->no_axis = true;
    }
}

/* ---------------------------------------------------------------- whole expressions */

static void resolve_list(Scope *scope, Expr *list) {
    for (; list; list = list->next) {
        expr_resolve(scope, list);
    }
}

void expr_resolve(Scope *scope, Expr *expr) {
    if (!expr) {
        return;
    }
    switch (expr->kind) {
    case EXPR_REF: resolve_ref(scope, expr); break;
    case EXPR_TEXT:
        for (Piece *piece = expr->u.text.pieces; piece; piece = piece->next) {
            if (!piece->text) {
                expr_resolve(scope, piece->expr);
            }
        }
        break;
    case EXPR_LIST: resolve_list(scope, expr->u.list.items); break;
    case EXPR_RECORD:
        for (EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
            expr_resolve(scope, entry->value);
        }
        break;
    case EXPR_PIPE:
        expr_resolve(scope, expr->u.pipe.subject);
        resolve_list(scope, expr->u.pipe.args);
        break;
    case EXPR_COMPARE:
        expr_resolve(scope, expr->u.compare.left);
        expr_resolve(scope, expr->u.compare.right);
        break;
    case EXPR_AND:
    case EXPR_OR:
        expr_resolve(scope, expr->u.logic.left);
        expr_resolve(scope, expr->u.logic.right);
        break;
    case EXPR_NOT:
    case EXPR_EXISTS: expr_resolve(scope, expr->u.logic.left); break;
    case EXPR_NULL:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_BROKEN: break;
    }
}
