/*
 * check_literal.c - the types of strings, bare words, lists and records.
 */
#include "check/expr/expr.h"

#include <string.h>

static const Type *basic(const Scope *scope, int kind) {
    return type_basic(scope->c->types, kind);
}

/* ---------------------------------------------------------------- strings */

/* A piece of a template is turned into text. */
void text_piece_check(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    const Type *type = expr_type(scope, expr, NULL);
    if (type_has_text(type)) {
        return;
    }
    if (type_required(type)->kind == DAG_SECRET) {
        report_secret(scope, expr, "a text");
        return;
    }
    if (type_is_optional(type) && (type->kind == DAG_NULL || type_has_text(type->elem))) {
        Diag *null = diag_report(c->diags, E0307, expr->span,
                                 "`%s` may be null (%s), and null has no text form",
                                 expr_source(c, expr), type_name(c, type));
        diag_label(c->diags, null, "may be null");
        int kind = type_required(type)->kind;
        if (scope->place == PLACE_BODY && (kind == DAG_FILE || kind == DAG_DIR)) {
            diag_help(c->diags, null,
                      "without quotes around it, `<[%s] | compact>` is no word at all where it is "
                      "null; or fail with `| required`",
                      expr_source(c, expr));
            return;
        }
        diag_help(c->diags, null,
                  "say what stands in its place with `| default(…)`, or fail with "
                  "`| required`");
        return;
    }
    Diag *diag = diag_report(c->diags, E0308, expr->span, "`%s` is %s, which has no text form",
                             expr_source(c, expr), type_name(c, type));
    int kind = type_required(type)->kind;
    if (kind == DAG_LIST) {
        diag_help(c->diags, diag, "join its elements: `| join(\", \")`");
    } else if (kind == DAG_JSON) {
        diag_help(c->diags, diag, "say what it is: `| as(string)`");
    } else if (kind == DAG_RECORD && type_required(type)->nfields) {
        diag_help(c->diags, diag, "name one of its fields, for example `.%s`",
                  type_required(type)->fields[0].name);
    }
}

static const dag_value *text_constant(Check *c, const char *text) {
    dag_value *value = ARENA_NEW(c->arena, dag_value);
    value->kind = DAG_STRING;
    value->len = (uint32_t)strlen(text);
    value->u.text = text;
    return value;
}

/* Reports a case that the enum does not have. */
static const Type *report_case(Scope *scope, Span span, const char *word, const Type *type) {
    Check *c = scope->c;
    const char *interned = intern(c->front->names, word, strlen(word));
    if (said_before(c, type, interned, span)) {
        return c->any;
    }
    Nearest near = nearest_to(word);
    for (uint32_t i = 0; i < type->nfields; i++) {
        nearest_offer(&near, type->fields[i].name);
    }
    Diag *diag = diag_report(c->diags, E0309, span, "%s has no case `%s`%s", type_name(c, type),
                             word, did_you_mean(c, &near));
    said(c, type, interned, diag);
    if (!near.best && type->name) {
        diag_help(c->diags, diag, "its cases: %s",
                  type_text(c->types, type_enum(c->types, type->fields, type->nfields)));
    }
    return c->any;
}

static const Type *literal_case(Scope *scope, const Expr *expr, const Type *want) {
    const char *text = expr_literal(scope->c, expr);
    return type_field(want, text) ? want : report_case(scope, expr->span, text, want);
}

const Type *text_type(Scope *scope, Expr *expr, const Type *want) {
    if (want && type_required(want)->kind == DAG_ENUM && expr_is_literal_text(expr)) {
        return literal_case(scope, expr, type_required(want));
    }
    for (Piece *piece = expr->u.text.pieces; piece; piece = piece->next) {
        if (!piece->text) {
            text_piece_check(scope, piece->expr);
        }
    }
    return basic(scope, DAG_STRING);
}

/* Our literal for that of another language, or NULL. */
static const char *foreign_literal(const char *word) {
    static const struct {
        const char *theirs, *ours;
    } rows[] = { { "None", "null" },   { "nil", "null" },  { "NULL", "null" }, { "Null", "null" },
                 { "True", "true" },   { "TRUE", "true" }, { "yes", "true" },  { "False", "false" },
                 { "FALSE", "false" }, { "no", "false" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(word, rows[i].theirs) == 0) {
            return rows[i].ours;
        }
    }
    return NULL;
}

/* An output of the stage itself, as other tools call it by its name alone. False: it is none. */
static bool help_own_output(const Scope *scope, Name name, Diag *diag) {
    Check *c = scope->c;
    const Port *out = scope->node ? port_find(c, scope->node, name.text, true) : NULL;
    if (!out) {
        return false;
    }
    if (out->path) {
        const char *text = arena_printf(c->arena, "out.%s", name.text);
        diag_fix(c->diags, diag, false, name.span, text, "write `%s`", text);
    } else {
        diag_help(c->diags, diag, "`%s` is an output of this stage: it has its value at the end",
                  name.text);
    }
    return true;
}

/* ---------------------------------------------------------------- words */

/* `<make>`, where make is a stage. True: reported. */
static bool report_stage(const Scope *scope, const Expr *expr) {
    Check *c = scope->c;
    const char *name = expr->u.ref.parts->name.text;
    Node *node = scope->in_plugin || scope->it ? NULL : node_find(c, scope->unit, name);
    if (!node) {
        return false;
    }
    node->used = true;
    Diag *diag =
        diag_report(c->diags, E0215, expr->span, "`%s` is a stage: name one of its outputs", name);
    if (node->stage->nouts == 1) {
        const char *text = arena_printf(c->arena, "%s.%s", name, node->stage->outs[0]->name.text);
        diag_fix(c->diags, diag, false, expr->span, text, "write `%s`", text);
    }
    return true;
}

/* A word that names nothing: the case of an enum or, as an argument, a string. */
const Type *word_type(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    Name name = expr->u.ref.parts->name;
    const Type *type = want ? type_required(want) : NULL;
    if (type && type->kind == DAG_ENUM) {
        if (type_field(type, name.text)) {
            expr->ref = REF_CONST;
            expr->constant = text_constant(c, name.text);
            return type;
        }
        expr->ref = REF_BROKEN;
        return report_case(scope, name.span, name.text, type);
    }
    if (type && type->kind == KIND_ANY) {
        expr->ref = REF_BROKEN; /* a case of an enum that was reported, perhaps */
        return c->any;
    }
    if (report_stage(scope, expr)) {
        expr->ref = REF_BROKEN;
        return c->any;
    }
    Nearest near = nearest_to(name.text);
    scope_offer(scope, &near);
    if (scope->argument == expr) {
        if (near.best && near.distance == 1) {
            Diag *diag =
                diag_report(c->diags, W0209, name.span,
                            "`%s` is taken as a string; did you mean `%s`?", name.text, near.best);
            suggest(c, diag, name.span, &near);
            diag_help(c->diags, diag, "put it in quotes to say that the string is meant");
        }
        expr->ref = REF_CONST;
        expr->constant = text_constant(c, name.text);
        return basic(scope, DAG_STRING);
    }
    expr->ref = REF_BROKEN;
    near.best = foreign_literal(name.text) ? foreign_literal(name.text) : near.best;
    Span declared = scope_declared(scope, near.best);
    if (damage_on_line(c, declared) || said_here(scope, name)) {
        return c->any;
    }
    Diag *diag = diag_report(c->diags, E0207, name.span, "nothing here is named `%s`%s", name.text,
                             did_you_mean(c, &near));
    suggest(c, diag, name.span, &near);
    note_declared(c, diag, declared, near.best);
    say_unknown(scope, name, &near, diag);
    if (help_own_output(scope, name, diag)) {
        return c->any;
    }
    if (scope->it && !near.best) {
        diag_help(c->diags, diag, "the value that is asked about is `it`");
    } else if (type && type->kind == DAG_STRING) {
        diag_help(c->diags, diag, "a string stands in quotes: \"%s\"", name.text);
    }
    return c->any;
}

/* ---------------------------------------------------------------- lists and records */

const Type *expr_fitted(const Expr *expr) {
    return expr->fit ? expr->fit : expr->type;
}

/* Converts what is assignable only with a conversion. False: it is not assignable. */
bool expr_fit_to(Expr *expr, const Type *type) {
    bool fit = false;
    if (!type_assignable(expr->type, type, &fit)) {
        return false;
    }
    if (fit) {
        expr->fit = type;
    }
    return true;
}

const Type *list_type(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    const Type *list = want ? type_required(want) : NULL;
    const Type *elem = !list                    ? NULL
                       : list->kind == DAG_LIST ? list->elem
                       : list->kind == KIND_ANY ? list
                                                : NULL;
    const Type *join = NULL;
    bool fits = elem != NULL, joins = true;
    for (Expr *item = expr->u.list.items; item; item = item->next) {
        const Type *type = expr_type(scope, item, elem ? elem : join);
        bool fit = false;
        fits = fits && type_assignable(type, elem, &fit);
        const Type *both = !join ? type : joins ? type_join(c->types, join, type) : NULL;
        if (!both && !fits) {
            Diag *diag = diag_report(c->diags, E0313, item->span,
                                     "a list has elements of one type: this is %s, before it is %s",
                                     type_name(c, type), type_name(c, join));
            diag_label(c->diags, diag, "%s", type_name(c, type));
            return c->any;
        }
        joins = both != NULL; /* what fits the type that is wanted need not be of one type */
        join = both ? both : join;
    }
    join = fits || !join ? elem : join;
    for (Expr *item = expr->u.list.items; item; item = item->next) {
        expr_fit_to(item, join);
    }
    return type_of_elem(c->types, DAG_LIST, join ? join : c->any);
}

static EntryExpr *entry_find(EntryExpr *entries, const char *name) {
    for (; entries; entries = entries->next) {
        if (entries->name.text == name) {
            return entries;
        }
    }
    return NULL;
}

/* Optional fields that the literal leaves out are null; others are reported. */
static bool entries_complete(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    EntryExpr **last = &expr->u.entries;
    while (*last) {
        last = &(*last)->next;
    }
    for (uint32_t i = 0; i < want->nfields; i++) {
        const Field *field = &want->fields[i];
        if (entry_find(expr->u.entries, field->name)) {
            continue;
        }
        if (!type_is_optional(field->type)) {
            diag_report(c->diags, E0318, expr->span, "%s needs a field `%s` (%s)",
                        type_name(c, want), field->name, type_name(c, field->type));
            return false;
        }
        Expr *null = ARENA_NEW(c->arena, Expr);
        null->kind = EXPR_NULL;
        null->span = expr->span;
        null->type = type_basic(c->types, DAG_NULL);
        *last = ARENA_NEW(c->arena, EntryExpr);
        **last = (EntryExpr){ .name = { field->name, expr->span }, .value = null };
        last = &(*last)->next;
    }
    return true;
}

/* A literal where a record is wanted: field by field. Reports what is missing or unknown. */
static bool entries_check(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    bool ok = true;
    for (EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
        const Field *field = entry->name.text ? type_field(want, entry->name.text) : NULL;
        if (!field && entry->name.text) {
            Nearest near = nearest_to(entry->name.text);
            for (uint32_t i = 0; i < want->nfields; i++) {
                nearest_offer(&near, want->fields[i].name);
            }
            report_no_field(c, want, entry->name, &near);
            return false;
        }
        ok &= field && expr_expect_part(scope, entry->value, field->type, scope->boundary, NULL,
                                        (What){ "the field", field->name });
    }
    return ok && entries_complete(scope, expr, want);
}

/* The type that the entries have by themselves, in their order. typed: their values are typed. */
static const Type *entries_type(Scope *scope, Expr *expr, bool typed, const Type *want) {
    Check *c = scope->c;
    uint32_t n = 0;
    for (const EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
        n++;
    }
    Field *fields = ARENA_ARRAY(c->arena, n, Field);
    n = 0;
    for (EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
        const Type *type = typed ? expr_fitted(entry->value) : expr_type(scope, entry->value, want);
        if (entry->name.text) {
            fields[n++] = (Field){ entry->name.text, type };
        }
    }
    return type_record(c->types, fields, n);
}

static bool entries_twice(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    for (EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
        EntryExpr *first =
            entry->name.text ? table_add(c->table, expr, entry->name.text, entry) : NULL;
        if (first && first != entry) {
            report_duplicate(c, "field", entry->name, first->name.span);
            return true;
        }
    }
    return false;
}

const Type *record_type(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    const Type *type = want ? type_required(want) : NULL;
    if (entries_twice(scope, expr)) {
        return c->any;
    }
    if (type && type->kind == DAG_MAP) {
        bool ok = true;
        for (EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
            ok &= expr_expect_part(scope, entry->value, type->elem, scope->boundary, NULL,
                                   (What){ "the entry", entry->name.text });
        }
        return ok ? type : c->any;
    }
    bool wanted = type && type->kind == DAG_RECORD;
    if (wanted && !entries_check(scope, expr, type)) {
        return c->any;
    }
    return entries_type(scope, expr, wanted, type && type->kind == KIND_ANY ? type : NULL);
}
