/*
 * resolve.c - what the names in expressions stand for.
 *
 * In: expressions as parsed. Out: their reference slots (ref, port, index, constant, bound, fields).
 * A reference to another stage becomes an edge into a hidden input, one per output that is named.
 * A single word that names nothing is left to the type checker, which knows whether a string or
 * the case of an enum may stand there.
 */
#include "check.h"

#include <string.h>

enum {
    SEES_PORTS = 1 << 0,   /* own inputs, parameters */
    SEES_STAGES = 1 << 1,  /* outputs of other stages */
    SEES_INPUTS = 1 << 2,  /* input.x */
    SEES_CONFIG = 1 << 3,  /* config.x */
    SEES_RUN = 1 << 4,     /* run.id */
    SEES_TASK = 1 << 5,    /* task.key, task.attempt */
    SEES_RESULT = 1 << 6,  /* stdout, stderr, exit */
    SEES_OUT = 1 << 7,     /* out.x */
    SEES_IT = 1 << 8,      /* it */
    SEES_STATUS = 1 << 9,  /* run.status, run.error */
    SEES_PARAMS = 1 << 10, /* parameters alone */
};

typedef struct PlaceRow {
    const char *text;
    unsigned sees;
} PlaceRow;

#define SEES_PIPELINE (SEES_STAGES | SEES_INPUTS | SEES_CONFIG | SEES_RUN)

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

const char *place_text(Place place) {
    return places[place].text;
}

static bool sees(const Scope *scope, unsigned what) {
    unsigned all = places[scope->place].sees;
    if (scope->in_plugin) {
        all &= ~(unsigned)(SEES_STAGES | SEES_INPUTS | SEES_CONFIG);
    }
    return (all & what) != 0;
}

/* ---------------------------------------------------------------- reports */

static void broken(Expr *expr) {
    expr->ref = REF_BROKEN;
}

static void report_not_here(const Scope *scope, Expr *expr, const char *what) {
    Check *c = scope->c;
    Diag *diag = diag_report(c->diags, E0214, expr->span, "%s cannot be used %s", what,
                             places[scope->place].text);
    if (scope->in_plugin && (places[scope->place].sees & SEES_PIPELINE)) {
        diag_help(c->diags, diag,
                  "a plugin sees its own ports and parameters: pass the value as an argument");
    } else if (sees(scope, SEES_IT)) {
        diag_help(c->diags, diag, "a `where` sees `it`, `input` and `config`");
    }
    broken(expr);
}

/* said_in: the scope of what was said about such names. */
static void report_unknown(const Scope *scope, Expr *expr, const char *what, const void *said_in,
                           Name name, const Nearest *near) {
    Check *c = scope->c;
    broken(expr);
    if (unit_mentions(c, scope->unit, name.text, what) ||
        said_before(c, (const char *)said_in + 1, name.text, name.span)) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0207, name.span, "there is no %s `%s`%s", what, name.text,
                             did_you_mean(c, near));
    suggest(c, diag, name.span, near);
    said(c, (const char *)said_in + 1, name.text, diag);
}

/* ---------------------------------------------------------------- heads: input, config, run … */

/* `input` alone and the like. */
static bool needs_name(Scope *scope, Expr *expr) {
    const NameList *parts = expr->u.ref.parts;
    if (parts->next && parts->next->name.text) {
        return false;
    }
    if (!parts->next) {
        diag_report(scope->c->diags, E0215, expr->span, "`%s` is followed by `.` and a name",
                    parts->name.text);
    }
    broken(expr);
    return true;
}

static void resolve_input(Scope *scope, Expr *expr) {
    if (!sees(scope, SEES_INPUTS)) {
        report_not_here(scope, expr, "an input of the run");
        return;
    }
    if (needs_name(scope, expr)) {
        return;
    }
    NameList *part = expr->u.ref.parts->next;
    Unit *unit = scope->unit;
    InputDecl *decl = table_get(scope->c->table, &unit->inputs, part->name.text);
    if (!decl) {
        Nearest near = nearest_to(part->name.text);
        for (uint32_t i = 0; i < unit->pipeline->ninputs; i++) {
            const char *name = unit->pipeline->inputs[i]->name.text;
            nearest_offer(&near, name ? name : "");
        }
        report_unknown(scope, expr, "input", &unit->inputs, part->name, &near);
        return;
    }
    decl->used = true;
    expr->ref = REF_RUN_INPUT;
    expr->index = (uint32_t)(decl - unit->inputs);
    expr->fields = part->next;
}

static void resolve_config(Scope *scope, Expr *expr) {
    if (!sees(scope, SEES_CONFIG)) {
        report_not_here(scope, expr, "a config");
        return;
    }
    if (needs_name(scope, expr)) {
        return;
    }
    NameList *part = expr->u.ref.parts->next;
    Unit *unit = scope->unit;
    ConfigDecl *decl = table_get(scope->c->table, &unit->configs, part->name.text);
    if (!decl) {
        Nearest near = nearest_to(part->name.text);
        for (uint32_t i = 0; i < unit->nconfigs; i++) {
            const char *name = unit->configs[i].item->name.text;
            nearest_offer(&near, name ? name : "");
        }
        report_unknown(scope, expr, "config", &unit->configs, part->name, &near);
        return;
    }
    decl->used = true;
    if (scope->place == PLACE_CONFIG && decl >= unit->configs + scope->config) {
        diag_report(scope->c->diags, E0214, expr->span,
                    "the config `%s` is declared later: a config sees those before it",
                    part->name.text);
        broken(expr);
        return;
    }
    expr->ref = REF_CONST;
    expr->index = (uint32_t)(decl - unit->configs);
    expr->constant = decl->value;
    expr->fields = part->next;
}

static void special(Expr *expr, dag_special which, NameList *fields) {
    expr->ref = REF_SPECIAL;
    expr->index = which;
    expr->fields = fields;
}

typedef struct Member {
    const char *head, *name;
    dag_special special;
    unsigned needs;
} Member;

static const Member members[] = {
    { "run", "id", DAG_RUN_ID, SEES_RUN },
    { "run", "status", DAG_RUN_STATUS, SEES_STATUS },
    { "run", "error", DAG_RUN_ERROR, SEES_STATUS },
    { "task", "key", DAG_TASK_KEY, SEES_TASK },
    { "task", "attempt", DAG_TASK_ATTEMPT, SEES_TASK },
};

static void resolve_member(Scope *scope, Expr *expr) {
    if (needs_name(scope, expr)) {
        return;
    }
    const char *head = expr->u.ref.parts->name.text;
    NameList *part = expr->u.ref.parts->next;
    Nearest near = nearest_to(part->name.text);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const Member *member = &members[i];
        if (strcmp(member->head, head) != 0) {
            continue;
        }
        nearest_offer(&near, member->name);
        if (strcmp(member->name, part->name.text) != 0) {
            continue;
        }
        if (!sees(scope, member->needs)) {
            report_not_here(scope, expr,
                            arena_printf(scope->c->arena, "`%s.%s`", head, member->name));
            return;
        }
        special(expr, member->special, part->next);
        if (scope->node && (member->special == DAG_RUN_ID || member->special == DAG_TASK_ATTEMPT)) {
            scope->node->impure = expr;
        }
        return;
    }
    Diag *diag = diag_report(scope->c->diags, E0213, part->name.span, "`%s` has no `%s`%s", head,
                             part->name.text, did_you_mean(scope->c, &near));
    suggest(scope->c, diag, part->name.span, &near);
    diag_help(scope->c->diags, diag,
              strcmp(head, "run") == 0 ? "there is `run.id`; in hooks also "
                                         "`run.status` and `run.error`"
                                       : "there are `task.key` and "
                                         "`task.attempt`");
    broken(expr);
}

static void resolve_result(Scope *scope, Expr *expr, dag_special which) {
    const char *word = expr->u.ref.parts->name.text;
    if (!sees(scope, SEES_RESULT)) {
        report_not_here(scope, expr, arena_printf(scope->c->arena, "`%s`", word));
        return;
    }
    const Item *body = scope->node->stage->body;
    bool process = body && (body->u.body.kind == BODY_RUN || body->u.body.kind == BODY_EXEC ||
                            body->u.body.kind == BODY_SCRIPT);
    if (!process && !scope->node->broken) {
        diag_report(scope->c->diags, E0214, expr->span,
                    "there is no `%s`: the stage `%s` runs no program", word,
                    scope->node->stage->slug.text);
        broken(expr);
        return;
    }
    special(expr, which, expr->u.ref.parts->next);
}

static void resolve_it(Scope *scope, Expr *expr) {
    if (!sees(scope, SEES_IT)) {
        report_not_here(scope, expr, "`it`");
        return;
    }
    special(expr, DAG_IT, expr->u.ref.parts->next);
}

static void resolve_out(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    if (!sees(scope, SEES_OUT)) {
        report_not_here(scope, expr, "`out`");
        return;
    }
    if (needs_name(scope, expr)) {
        return;
    }
    NameList *part = expr->u.ref.parts->next;
    Port *port = port_find(c, scope->node, part->name.text, true);
    if (!port) {
        report_no_port(c, scope->node, part->name, true);
        broken(expr);
        return;
    }
    if (!port->path && !port->broken) {
        Diag *diag =
            diag_report(c->diags, E0214, expr->span, "`out.%s` has no path", part->name.text);
        diag_help(c->diags, diag,
                  "`out.x` is the path of an output that is declared with one: `out x: file = "
                  "\"name.txt\"`");
        broken(expr);
        return;
    }
    expr->ref = REF_OUT;
    expr->port = port;
    expr->fields = part->next;
}

typedef struct Head {
    const char *word;
    void (*resolve)(Scope *scope, Expr *expr);
} Head;

static void resolve_stdout(Scope *scope, Expr *expr) {
    resolve_result(scope, expr, DAG_STDOUT);
}
static void resolve_stderr(Scope *scope, Expr *expr) {
    resolve_result(scope, expr, DAG_STDERR);
}
static void resolve_exit(Scope *scope, Expr *expr) {
    resolve_result(scope, expr, DAG_EXIT);
}

static const Head heads[] = {
    { "input", resolve_input },   { "config", resolve_config }, { "out", resolve_out },
    { "it", resolve_it },         { "run", resolve_member },    { "task", resolve_member },
    { "stdout", resolve_stdout }, { "stderr", resolve_stderr }, { "exit", resolve_exit },
};

bool is_head(const char *word) {
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (strcmp(heads[i].word, word) == 0) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- ports, parameters, stages */

static bool resolve_own(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    NameList *part = expr->u.ref.parts;
    Port *port = sees(scope, SEES_PORTS) && scope->node
                     ? port_find(c, scope->node, part->name.text, false)
                     : NULL;
    if (!port) {
        return false;
    }
    port->mentioned = true;
    if (scope->place == PLACE_IN_VALUE && port->index >= scope->port->index) {
        diag_report(c->diags, E0214, expr->span,
                    port == scope->port ? "the input `%s` cannot be its own value"
                                        : "the input `%s` is declared later: a value sees the "
                                          "inputs before it",
                    part->name.text);
        broken(expr);
        return true;
    }
    expr->ref = REF_INPUT;
    expr->port = port;
    expr->fields = part->next;
    return true;
}

static bool resolve_param(Scope *scope, Expr *expr) {
    if (!scope->node || !sees(scope, SEES_PORTS | SEES_PARAMS)) {
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
        broken(expr);
        return true;
    }
    if (!param->value) {
        broken(expr);
        return true;
    }
    expr->ref = REF_BOUND;
    expr->bound = param->value;
    expr->index = (uint32_t)(param - scope->node->params);
    expr->fields = expr->u.ref.parts->next;
    return true;
}

/* The hidden input of a stage, or of an output of the pipeline, that an output of a stage feeds. */
static Port *hidden_port(Scope *scope, Port *from, Span span) {
    Check *c = scope->c;
    const void *owner = scope->node ? (const void *)scope->node : (const void *)scope->output;
    Port *port = table_get(c->table, owner, from);
    if (port) {
        return port;
    }
    port = ARENA_NEW(c->arena, Port);
    port->name = (Name){ port_text(c, from), span };
    port->hidden = true;
    port->stage = scope->node ? scope->node->stage : NULL;
    port->type = c->any; /* until its axis is known */
    port->span = span;
    table_put(c->table, owner, from, port);
    if (scope->node) {
        port_append(c, &scope->node->stage->ins, &scope->node->stage->nins, port);
    } else {
        port_append(c, &scope->output->ins, &scope->output->nins, port);
    }
    edge_add(c, from, port, span);
    return port;
}

/* The output that `stage.port` names; NULL: reported. */
static Port *stage_output(Scope *scope, Expr *expr, Node *node) {
    Check *c = scope->c;
    NameList *part = expr->u.ref.parts->next;
    node->used = true;
    if (!part) {
        Diag *diag =
            diag_report(c->diags, E0215, expr->span, "`%s` is a stage: name one of its outputs",
                        node->stage->slug.text);
        if (node->stage->nouts == 1) {
            const char *text = arena_printf(c->arena, "%s.%s", node->stage->slug.text,
                                            node->stage->outs[0]->name.text);
            diag_fix(c->diags, diag, false, expr->span, text, "write `%s`", text);
        }
        return NULL;
    }
    if (!part->name.text) {
        return NULL;
    }
    Port *port = port_find(c, node, part->name.text, true);
    if (!port) {
        report_no_port(c, node, part->name, true);
        return NULL;
    }
    port->mentioned = true;
    return port;
}

static bool resolve_stage(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    if (scope->in_plugin) {
        return false;
    }
    Node *node = node_find(c, scope->unit, expr->u.ref.parts->name.text);
    if (!node) {
        return false;
    }
    if (!sees(scope, SEES_STAGES)) {
        report_not_here(scope, expr, "an output of a stage");
        node->used = true;
        return true;
    }
    Port *from = stage_output(scope, expr, node);
    if (!from) {
        broken(expr);
        return true;
    }
    expr->ref = REF_STAGE;
    expr->port = hidden_port(scope, from, expr->span);
    expr->fields = expr->u.ref.parts->next->next;
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
    if (!parts->next || parts->next->next || is_head(parts->name.text) ||
        port_find(c, scope->node, parts->name.text, false) ||
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
           (node && (node_mentions(c, node, name.text) ||
                     said_before(c, ports_unknown(node, false), name.text, name.span)));
}

void say_unknown(const Scope *scope, Name name, const Nearest *near, Diag *diag) {
    Check *c = scope->c;
    Node *meant = near->best && !scope->in_plugin ? node_find(c, scope->unit, near->best) : NULL;
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
    broken(expr);
    if (said_here(scope, name)) {
        return;
    }
    Nearest near = nearest_to(name.text);
    scope_offer(scope, &near);
    Diag *diag = diag_report(c->diags, E0207, name.span, "nothing here is named `%s`%s", name.text,
                             did_you_mean(c, &near));
    suggest(c, diag, name.span, &near);
    say_unknown(scope, name, &near, diag);
    if (!near.best && sees(scope, SEES_INPUTS) &&
        table_get(c->table, &scope->unit->inputs, name.text)) {
        const char *text = arena_printf(c->arena, "input.%s", name.text);
        diag_fix(c->diags, diag, false, name.span, text, "write `%s`", text);
    }
}

static void resolve_ref(Scope *scope, Expr *expr) {
    NameList *parts = expr->u.ref.parts;
    if (!parts || !parts->name.text) {
        broken(expr);
        return;
    }
    if (resolve_own(scope, expr) || resolve_param(scope, expr)) {
        return;
    }
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (strcmp(heads[i].word, parts->name.text) == 0) {
            heads[i].resolve(scope, expr);
            return;
        }
    }
    if (resolve_stage(scope, expr) || !parts->next) {
        return; /* a single word: left to the type checker */
    }
    report_unknown_head(scope, expr);
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

bool scope_names(const Scope *scope, const char *word) {
    Check *c = scope->c;
    return is_head(word) ||
           (scope->node && (port_find(c, scope->node, word, false) ||
                            table_get(c->table, &scope->node->params, word))) ||
           (!scope->in_plugin && node_find(c, scope->unit, word));
}

void scope_offer(const Scope *scope, Nearest *nearest) {
    const Node *node = sees(scope, SEES_PORTS | SEES_PARAMS) ? scope->node : NULL;
    for (uint32_t i = 0; node && i < node->stage->nins; i++) {
        nearest_offer(nearest, node->stage->ins[i]->hidden ? "" : node->stage->ins[i]->name.text);
    }
    for (uint32_t i = 0; node && i < node->nparams; i++) {
        nearest_offer(nearest, node->params[i].name.text);
    }
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        nearest_offer(nearest, heads[i].word);
    }
    if (sees(scope, SEES_STAGES)) {
        offer_stages(scope->c, scope->unit, nearest);
    }
}
