/*
 * ports.c - one stage in its turn: what feeds it, its axis, the values of its ports, its conditions.
 *
 * In: a stage with resolved names, after all that it depends on. Out: everything about its ports.
 */
#include "check/items/items.h"
#include "model/fold.h"

#include <string.h>

static What port_what(const Port *port) {
    return (What){ port->out ? "the output" : "the input", port->name.text };
}

Scope port_scope(Check *c, Node *node, Port *port, Place place) {
    bool plugin = port->of_plugin;
    Scope scope = { .c = c,
                    .unit = node->unit,
                    .node = node,
                    .place = place,
                    .port = port,
                    .in_plugin = plugin,
                    .module = plugin ? node->plugin->module : node->unit->module };
    return scope;
}

/* ---------------------------------------------------------------- parameters */

static void params_check(Check *c, Node *node) {
    for (uint32_t i = 0; i < node->nparams; i++) {
        Param *param = &node->params[i];
        Scope scope = { .c = c,
                        .unit = node->unit,
                        .node = node,
                        .place = param->own ? PLACE_PARAM : PLACE_ARG,
                        .in_plugin = param->own,
                        .module = param->own ? node->plugin->module : node->unit->module };
        if (param->value) {
            expr_expect(&scope, param->value, param->type, BOUNDARY_NONE, NULL,
                        (What){ "the parameter", param->name.text });
        }
    }
}

/* ---------------------------------------------------------------- inputs */

static bool names_task(const Expr *expr, void *self) {
    (void)self;
    return expr->kind == EXPR_REF &&
           (expr->ref == REF_INPUT || expr->ref == REF_SPECIAL || expr->ref == REF_STAGE);
}

static void in_default_check(Check *c, const Port *port) {
    if (port->nedges && !port->broken && expr_any(port->value, names_task, NULL)) {
        Diag *diag =
            diag_report(c->diags, E0404, port->value->span,
                        "`%s` is fed by an edge: its value is a default, made of literals, "
                        "`input` and `config` only",
                        port_text(c, port));
        diag_note(c->diags, diag, port->edges[0]->span, "the edge");
    }
}

static void in_check(Check *c, Node *node, Port *port) {
    port->optional = port->optional || (port->nedges && port->value) ||
                     (!port->value && type_is_optional(port->type));
    if (port->merge && port->any) {
        diag_report(c->diags, E0408, port->span,
                    "an input is fed by `merge` or by `any`, not both");
    }
    if (port->value) {
        Scope scope = port_scope(c, node, port, PLACE_IN_VALUE);
        in_default_check(c, port);
        if (!expr_expect(&scope, port->value, port->type, BOUNDARY_NONE, NULL, port_what(port))) {
            port->broken = true;
            port->type = c->any;
        }
    }
    bool fit = false;
    if (port->called && port != node->stage->map_over && port->type != port->called &&
        !type_assignable(port->type, port->called, &fit)) {
        Diag *diag =
            diag_report(c->diags, E0302, port->span, "`%s` is %s here, but the pipeline takes %s",
                        port_text(c, port), type_name(c, port->type), type_name(c, port->called));
        diag_note(c->diags, diag, node->sub->item->name.span, "the pipeline that is called");
    }
}

/* ---------------------------------------------------------------- outputs: paths */

/* Does a relative path climb out of where it starts? */
static bool path_leaves(const char *path, size_t n) {
    int depth = 0;
    for (size_t i = 0; i <= n;) {
        size_t end = i;
        while (end < n && path[end] != '/') {
            end++;
        }
        if (end - i == 2 && path[i] == '.' && path[i + 1] == '.') {
            depth--;
        } else if (end > i && !(end - i == 1 && path[i] == '.')) {
            depth++;
        }
        if (depth < 0) {
            return true;
        }
        i = end + 1;
    }
    return false;
}

static bool is_path(const Type *type) {
    int kind = type_required(type)->kind;
    return kind == DAG_FILE || kind == DAG_DIR;
}

static void report_path(Check *c, const Port *port, const char *wrong) {
    Diag *diag = diag_report(c->diags, E0413, port->value->span, "the path of `%s` %s",
                             port_text(c, port), wrong);
    diag_help(c->diags, diag,
              "the body works in a folder of its own and creates the file there; `= <…>` takes a "
              "path anywhere");
}

/* A text that begins with a file begins with `/`. */
static void report_whole_path(Check *c, const Port *port, const Expr *expr) {
    const char *source = expr_source(c, expr);
    Diag *diag =
        diag_report(c->diags, E0413, expr->span, "the path of `%s` is absolute: `%s` is %s",
                    port_text(c, port), source, type_name(c, expr->type));
    diag_help(c->diags, diag,
              "its name alone is `<%s.name>`, without its ending `<%s.stem>`; the body works in a "
              "folder of its own and creates the file there",
              source, source);
}

/* What is known of the path when compiling: all of a constant, else its first piece. */
static void path_check(Scope *scope, const Port *port) {
    Check *c = scope->c;
    const dag_value *value = expr_fold(scope, port->value);
    const Piece *first = port->value->u.text.pieces;
    if (value && value->kind == DAG_STRING) {
        if (value->len == 0) {
            report_path(c, port, "is empty");
        } else if (value->u.text[0] == '/') {
            report_path(c, port, "is absolute");
        } else if (path_leaves(value->u.text, value->len)) {
            report_path(c, port, "leaves the task's folder");
        } else if (!port->glob && strcmp(value->u.text, ".") == 0 &&
                   type_required(port->type)->kind == DAG_FILE) {
            report_path(c, port, "is the task's folder itself");
        }
    } else if (first && first->text && first->len > 0 && first->text[0] == '/') {
        report_path(c, port, "is absolute");
    } else if (first && first->expr && first->expr->type && is_path(first->expr->type)) {
        report_whole_path(c, port, first->expr);
    } else if (first && first->text && first->len >= 3 && memcmp(first->text, "../", 3) == 0) {
        report_path(c, port, "leaves the task's folder");
    }
}

static void report_no_body(Check *c, const Node *node, const Port *port) {
    Diag *diag = diag_report(c->diags, E0407, port->value->span,
                             "nothing makes `%s`: the stage `%s` has no body", port_text(c, port),
                             node->stage->slug.text);
    diag_help(c->diags, diag,
              port->glob
                  ? "a `glob` finds what the body has made; to list files that are there already: "
                    "`= <stdout | lines>` and `run \"find … | LC_ALL=C sort\"`"
                  : "a string is a path that the body creates; add `run`, `exec` or another body");
}

static void glob_check(Scope *scope, Port *port) {
    Check *c = scope->c;
    bool known = port->type->kind != KIND_ANY;
    if (known && (!port->stream || !is_path(port->type))) {
        Diag *diag = diag_report(c->diags, E0310, port->item->u.port.type->span,
                                 "`glob` gives a stream<file>");
        diag_fix(c->diags, diag, false, port->item->u.port.type->span, "stream<file>",
                 "declare it as stream<file>");
        port->broken = true;
    }
    expr_type(scope, port->value, NULL);
}

/* ---------------------------------------------------------------- outputs: values */

static void report_no_value(Check *c, const Node *node, const Port *port) {
    const Item *body = node->stage->body;
    int kind = type_required(port->type)->kind;
    Diag *diag = diag_report(c->diags, E0407, port->span, "the output `%s` has no value",
                             port_text(c, port));
    if (!body) {
        diag_help(c->diags, diag, "a stage without a body computes its outputs: `= <…>`");
    } else if (port->stream && kind == DAG_FILE) {
        diag_help(c->diags, diag,
                  "say which files it makes: `= glob \"*\"`, or `= <stdout | lines>`");
    } else if (kind == DAG_FILE || kind == DAG_DIR) {
        diag_help(c->diags, diag, "say which file the body makes: `= \"name\"`");
    } else if (kind == DAG_STRING) {
        diag_help(c->diags, diag, "say where it comes from, for example `= <stdout | trim>`");
    } else {
        diag_help(c->diags, diag, "say where it comes from, for example `= <stdout | trim | %s>`",
                  kind == DAG_INT || kind == DAG_FLOAT || kind == DAG_BOOL
                      ? type_name(c, type_required(port->type))
                      : "json");
    }
}

/* Bodies that set an output by themselves. */
static bool sets_outputs(const Node *node) {
    const Item *body = node->stage->body;
    return node->attrs[ATTR_GATE] ||
           (body && body->u.body.kind != BODY_RUN && body->u.body.kind != BODY_EXEC);
}

/* One value where a stream emits the elements of a list. True: reported. */
static bool stream_shape(Scope *scope, Port *port, const Type *want) {
    Check *c = scope->c;
    Expr *value = port->value;
    bool fit = false;
    if (!port->stream || port->broken || port->type->kind == KIND_ANY || value->kind == EXPR_LIST) {
        return false;
    }
    const Type *type = expr_type(scope, value, want);
    bool path = type->kind == DAG_STRING && is_path(port->type);
    if (type->kind == KIND_ANY || type->kind == DAG_JSON || type_assignable(type, want, &fit) ||
        !(path || type_assignable(type, port->type, &fit))) {
        return false;
    }
    Diag *diag = diag_report(c->diags, E0302, value->span,
                             "the output `%s` is a stream: its value is a list of what it emits, "
                             "not one %s",
                             port->name.text, type_name(c, type));
    if (path) {
        diag_help(c->diags, diag, "`glob \"*.csv\"` finds files that the body makes");
    } else {
        diag_help(c->diags, diag, "`<[…]>` makes a list of one");
    }
    port->broken = true;
    port->type = c->any;
    return true;
}

static void out_value_check(Scope *scope, Port *port) {
    Check *c = scope->c;
    const Type *want = port->stream ? type_of_elem(c->types, DAG_LIST, port->type) : port->type;
    if (!stream_shape(scope, port, want) &&
        !expr_expect(scope, port->value, want, BOUNDARY_OUTPUT, &port->fit, port_what(port))) {
        port->broken = true;
        port->type = c->any; /* the type or the value: consumers may be right */
    }
}

/* What is deleted after use is a file or folder that a body of this stage has made. */
static void temp_check(Check *c, const Node *node, Port *port) {
    const Item *body = node->stage->body;
    if (!port->temp || port->broken || node->broken) {
        return;
    }
    if (!is_path(port->type)) {
        diag_report(c->diags, E0408, port->span, "only a file or dir can be `temp`; `%s` is %s",
                    port_text(c, port), type_name(c, port->type));
        port->temp = false;
        return;
    }
    bool calls =
        port->called || (body && (body->u.body.kind == BODY_CALL || body->u.body.kind == BODY_MAP));
    bool gate = node->attrs[ATTR_GATE] != NULL;
    if (body && !calls && !gate) {
        return;
    }
    const char *why = gate    ? "a gate hands on what others have made"
                      : calls ? "the files are those of the called pipeline"
                              : "an expression makes no files";
    Diag *diag = diag_report(c->diags, E0408, port->span, "`%s` cannot be `temp`: %s",
                             port_text(c, port), why);
    diag_help(c->diags, diag,
              "`temp` stands where the file is made: at the output of a stage with "
              "a body");
    port->temp = false;
}

static void out_check(Check *c, Node *node, Port *port) {
    const Item *body = node->stage->body;
    temp_check(c, node, port);
    if (!port->value) {
        if (!sets_outputs(node) && !port->broken && !node->broken && !port->called) {
            report_no_value(c, node, port);
        }
        port->fit |=
            body && (body->u.body.kind == BODY_SCRIPT || type_mentions(port->type, DAG_FILE) ||
                     type_mentions(port->type, DAG_DIR));
        return;
    }
    Place place = port->path || port->glob ? PLACE_OUT_PATH : PLACE_OUT_VALUE;
    Scope scope = port_scope(c, node, port, place);
    scope.facts = node->facts;
    if (!port->path && !port->glob) {
        out_value_check(&scope, port);
        return;
    }
    if (port->glob) {
        glob_check(&scope, port);
    } else {
        expr_type(&scope, port->value, NULL);
    }
    path_check(&scope, port);
    if (!body && !node->broken && !port->broken) {
        report_no_body(c, node, port);
    }
}

static bool port_mute(Check *c, const Port *port) {
    return damage_mute(c, port->item && damage_near(c, port->item->span));
}

static void node_ports_check(Check *c, Node *node) {
    for (uint32_t i = 0; i < node->stage->nouts; i++) {
        bool before = port_mute(c, node->stage->outs[i]);
        out_check(c, node, node->stage->outs[i]);
        damage_restore(c, before);
    }
}

/* ---------------------------------------------------------------- when */

static bool names_config(const Expr *expr, void *self) {
    (void)self;
    return expr->kind == EXPR_REF && expr->ref == REF_CONST && expr->u.ref.parts &&
           expr->u.ref.parts->next;
}

/* A `when` that is never true: a mistake, or a switch by a config. */
static void when_constant(Scope *scope, Node *node, Expr *when) {
    const char *means = arena_printf(scope->c->arena, "`%s` can never run", node->stage->slug.text);
    if (when->type->kind == KIND_ANY) {
        return;
    }
    if (!fold_possible(when)) {
        node->never = condition_never(scope, when, NULL, means, &node->never_diag);
        return;
    }
    if (!expr_any(when, names_config, NULL)) {
        node->never = condition_constant(scope, when, means, &node->never_diag);
        return;
    }
    const dag_value *value = expr_fold(scope, when);
    if (value && value->kind == DAG_BOOL) {
        node->stage->flags |= value->u.b ? 0u : DAG_STAGE_OFF;
    }
}

static void when_check(Check *c, Node *node) {
    Item *attr = node->attrs[ATTR_WHEN];
    if (!attr || !attr->u.attr.value) {
        return;
    }
    bool plugin = node->plugin_attrs >> ATTR_WHEN & 1;
    Scope scope = { .c = c,
                    .unit = node->unit,
                    .node = node,
                    .place = PLACE_WHEN,
                    .in_plugin = plugin,
                    .module = plugin ? node->plugin->module : node->unit->module };
    Expr *when = attr->u.attr.value;
    node->stage->when = when;
    bool before = damage_mute(c, damage_near(c, attr->span));
    condition_check(&scope, when);
    when_constant(&scope, node, when);
    damage_restore(c, before);
    node->facts = condition_facts(c, when, true, NULL);
}

/* ---------------------------------------------------------------- one stage */

void node_check(Check *c, Node *node) {
    wires_resolve(c, node);
    fan_check(c, node);
    hidden_types(c, node);
    plugin_infer(c, node);
    params_check(c, node);
    edges_check(c, node);
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        bool before = port_mute(c, node->stage->ins[i]);
        in_check(c, node, node->stage->ins[i]);
        damage_restore(c, before);
    }
    when_check(c, node);
    node_ports_check(c, node);
    body_check(c, node);
    attrs_check(c, node);
}

bool expr_varies(const Expr *expr, void *self) {
    (void)self;
    if (expr->kind != EXPR_REF) {
        return false;
    }
    switch (expr->ref) {
    case REF_CONST: return names_config(expr, NULL);
    case REF_INPUT:
    case REF_OUT:
    case REF_STAGE:
    case REF_RUN_INPUT:
    case REF_SPECIAL:
    case REF_BROKEN: return true;
    case REF_NONE:
    case REF_BOUND: break;
    }
    return false;
}
