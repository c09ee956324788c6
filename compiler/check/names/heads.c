/*
 * heads.c - references that begin with a word of the language: `input.x`, `config.x`, `run.id`,
 * `task.key`, `out.x`, `it`, `stdout`, `stderr`, `exit`.
 */
#include "check/names/scope.h"

#include <string.h>

/* said_in: the scope of what was said about such names. */
static void report_unknown(const Scope *scope, Expr *expr, const char *what, const void *said_in,
                           Name name, const Nearest *near, Span declared) {
    Check *c = scope->c;
    ref_break(expr);
    if (unit_mentions(c, scope->unit, name.text, what) || damage_on_line(c, declared) ||
        said_before(c, (const char *)said_in + 1, name.text, name.span)) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0207, name.span, "there is no %s `%s`%s", what, name.text,
                             did_you_mean(c, near));
    suggest(c, diag, name.span, near);
    note_declared(c, diag, declared, near->best);
    said(c, (const char *)said_in + 1, name.text, diag);
}

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
    ref_break(expr);
    return true;
}

static void resolve_input(Scope *scope, Expr *expr) {
    if (!scope_sees(scope, SEES_INPUTS)) {
        scope_refuse(scope, expr, "an input of the run");
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
        decl = near.best ? table_get(scope->c->table, &unit->inputs, near.best) : NULL;
        report_unknown(scope, expr, "input", &unit->inputs, part->name, &near,
                       decl ? decl->input->name.span : SPAN_NONE);
        return;
    }
    decl->used = true;
    expr->ref = REF_RUN_INPUT;
    expr->index = (uint32_t)(decl - unit->inputs);
    expr->u.ref.fields = part->next;
}

static void resolve_config(Scope *scope, Expr *expr) {
    if (!scope_sees(scope, SEES_CONFIG)) {
        scope_refuse(scope, expr, "a config");
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
        decl = near.best ? table_get(scope->c->table, &unit->configs, near.best) : NULL;
        report_unknown(scope, expr, "config", &unit->configs, part->name, &near,
                       decl ? decl->item->name.span : SPAN_NONE);
        return;
    }
    decl->used = true;
    if (scope->place == PLACE_CONFIG && decl >= unit->configs + scope->config) {
        diag_report(scope->c->diags, E0214, expr->span,
                    "the config `%s` is declared later: a config sees those before it",
                    part->name.text);
        ref_break(expr);
        return;
    }
    expr->ref = REF_CONST;
    expr->index = (uint32_t)(decl - unit->configs);
    expr->constant = decl->value;
    expr->u.ref.fields = part->next;
}

static void special(Expr *expr, dag_special which, NameList *fields) {
    expr->ref = REF_SPECIAL;
    expr->index = which;
    expr->u.ref.fields = fields;
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
        if (!scope_sees(scope, member->needs)) {
            scope_refuse(scope, expr, arena_printf(scope->c->arena, "`%s.%s`", head, member->name));
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
    ref_break(expr);
}

static void resolve_result(Scope *scope, Expr *expr, dag_special which) {
    const char *word = expr->u.ref.parts->name.text;
    if (!scope_sees(scope, SEES_RESULT)) {
        scope_refuse(scope, expr, arena_printf(scope->c->arena, "`%s`", word));
        return;
    }
    const Item *body = scope->node->stage->body;
    bool process = body && (body->u.body.kind == BODY_RUN || body->u.body.kind == BODY_EXEC ||
                            body->u.body.kind == BODY_SCRIPT);
    if (!process && !scope->node->broken) {
        diag_report(scope->c->diags, E0214, expr->span,
                    "there is no `%s`: the stage `%s` runs no program", word,
                    scope->node->stage->slug.text);
        ref_break(expr);
        return;
    }
    special(expr, which, expr->u.ref.parts->next);
}

static void resolve_it(Scope *scope, Expr *expr) {
    if (!scope_sees(scope, SEES_IT)) {
        scope_refuse(scope, expr, "`it`");
        return;
    }
    special(expr, DAG_IT, expr->u.ref.parts->next);
}

static void resolve_out(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    if (!scope_sees(scope, SEES_OUT)) {
        scope_refuse(scope, expr, "`out`");
        return;
    }
    if (needs_name(scope, expr)) {
        return;
    }
    NameList *part = expr->u.ref.parts->next;
    Port *port = port_find(c, scope->node, part->name.text, true);
    if (!port) {
        report_no_port(c, scope->node, part->name, true);
        ref_break(expr);
        return;
    }
    if (!port->path && !port->broken) {
        Diag *diag =
            diag_report(c->diags, E0214, expr->span, "`out.%s` has no path", part->name.text);
        diag_help(c->diags, diag,
                  "`out.x` is the path of an output that is declared with one: `out x: file = "
                  "\"name.txt\"`");
        ref_break(expr);
        return;
    }
    expr->ref = REF_OUT;
    expr->u.ref.port = port;
    expr->u.ref.fields = part->next;
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
#define HEAD(word, resolve) { word, resolve },
#include "syntax/heads.def"
#undef HEAD
};

static const Head *head_find(const char *word) {
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        if (heads[i].word[0] == word[0] && strcmp(heads[i].word, word) == 0) {
            return &heads[i];
        }
    }
    return NULL;
}

bool is_head(const char *word) {
    return head_find(word) != NULL;
}

bool head_resolve(Scope *scope, Expr *expr) {
    const Head *head = head_find(expr->u.ref.parts->name.text);
    if (head) {
        head->resolve(scope, expr);
    }
    return head != NULL;
}

void heads_offer(Nearest *nearest) {
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        nearest_offer(nearest, heads[i].word);
    }
}
