/*
 * check_expr.c - the types of expressions; what fits where.
 *
 * In: resolved expressions. Out: Expr.type and Expr.fit. Literals, pipes, references and comparisons
 * have files of their own (check_*.c).
 */
#include "check/expr/expr.h"
#include "model/fold.h"

#include <string.h>

/* ---------------------------------------------------------------- reports */

void report_null(Scope *scope, const Expr *expr, const Type *type, const char *what) {
    Check *c = scope->c;
    const char *source = expr_source(c, expr);
    Diag *diag =
        type->kind == DAG_NULL
            ? diag_report(c->diags, E0307, expr->span, "%s cannot be null", what)
            : diag_report(c->diags, E0307, expr->span, "`%s` may be null (%s), but %s cannot",
                          source, type_name(c, type), what);
    diag_label(c->diags, diag, "may be null");
    diag_help(c->diags, diag,
              "say what stands in its place with `| default(…)`, or fail with `| required`");
}

void report_secret(Scope *scope, const Expr *expr, const char *what) {
    Check *c = scope->c;
    Diag *diag = diag_report(c->diags, E0317, expr->span, "`%s` is a secret: %s would show it",
                             expr_source(c, expr), what);
    diag_help(c->diags, diag,
              "a secret may only go into `env NAME = <…>`, a `script`'s input, `native` and `c`");
}

/* How to get from one type to the other, where there is a way. */
static const char *conversion_help(Check *c, const Type *from, const Type *to) {
    to = type_required(to);
    if (type_required(from)->kind == DAG_JSON) {
        return arena_printf(c->arena, "check it with `| as(%s)`", type_name(c, to));
    }
    if (from->kind == DAG_FILE && to->kind == DAG_STRING) {
        return "`| string` is its path";
    }
    if (from->kind == DAG_DIR && to->kind == DAG_STRING) {
        return "`| string` is its path";
    }
    if (to->kind == DAG_STRING && type_has_text(from)) {
        return "turn it into text with `| string`";
    }
    if (from->kind == DAG_STRING &&
        (to->kind == DAG_INT || to->kind == DAG_FLOAT || to->kind == DAG_BOOL)) {
        return arena_printf(c->arena, "read it with `| %s`", type_name(c, to));
    }
    if (from->kind == DAG_STRING && to->kind == DAG_ENUM) {
        return arena_printf(c->arena, "check it with `| as(%s)` when it runs", type_name(c, to));
    }
    if (from->kind == DAG_FLOAT && to->kind == DAG_INT) {
        return "`| round` gives the nearest int, `| int` cuts the fraction off";
    }
    if (from->kind == DAG_STRING && to->kind == DAG_LIST && to->elem->kind == DAG_STRING) {
        return "`| lines` or `| split(…)` make a list of it";
    }
    if (from->kind == DAG_STRING && (to->kind == DAG_FILE || to->kind == DAG_DIR)) {
        return "a string becomes a file only as the value of an output or as an input of the run";
    }
    return NULL;
}

static void report_mismatch(Scope *scope, const Expr *expr, const Type *from, const Type *to,
                            const char *what) {
    Check *c = scope->c;
    const char *why = type_why_not(c->types, from, to);
    const char *help = conversion_help(c, from, to);
    const char *wanted = type_name(c, to);
    bool streams = scope->place == PLACE_OUT_VALUE && scope->port && !scope->port->stream &&
                   from->kind == DAG_LIST && to->kind != DAG_LIST && to->kind != DAG_MAP;
    if (!help && streams) {
        help = arena_printf(c->arena,
                            "declared as `stream<%s>` it gives each element by itself, `| first | "
                            "required` is the first",
                            wanted);
    }
    if (scope->port && scope->port->stream && to->kind == DAG_LIST) {
        wanted = type_name(c, type_of_elem(c->types, KIND_STREAM, to->elem));
    }
    Diag *diag = diag_report(c->diags, E0302, expr->span, "%s is %s, but its value is %s%s%s", what,
                             wanted, type_name(c, from), why ? ": " : "", why ? why : "");
    diag_label(c->diags, diag, "%s", type_name(c, from));
    if (scope->port && scope->port->item && scope->port->item->u.port.type) {
        diag_note(c->diags, diag, scope->port->item->u.port.type->span, "declared as %s", wanted);
    }
    if (help) {
        diag_help(c->diags, diag, "%s", help);
    }
}

static const Type *basic(const Scope *scope, int kind) {
    return type_basic(scope->c->types, kind);
}

/* ---------------------------------------------------------------- conditions as expressions */

static void operand_check(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    const Type *type = expr_type(scope, expr, basic(scope, DAG_BOOL));
    if (type->kind == DAG_BOOL || type->kind == KIND_ANY) {
        return;
    }
    if (type->kind == DAG_OPTIONAL && type->elem->kind == DAG_BOOL) {
        report_null(scope, expr, type, "a condition");
        return;
    }
    Diag *diag = diag_report(c->diags, E0319, expr->span,
                             "a condition is true or false; this is %s", type_name(c, type));
    if (type_is_optional(type)) {
        diag_help(c->diags, diag, "`… exists` asks whether there is a value");
    } else if (type->kind == DAG_STRING) {
        diag_help(c->diags, diag, "compare it: `%s == \"…\"`", expr_source(c, expr));
    } else if (type->kind == DAG_LIST) {
        diag_help(c->diags, diag, "`| length` counts its elements");
    }
}

static const Type *logic_type(Scope *scope, Expr *expr) {
    const Fact *facts = scope->facts;
    operand_check(scope, expr->u.logic.left);
    if (expr->kind != EXPR_NOT) {
        scope->facts = condition_facts(scope->c, expr->u.logic.left, expr->kind == EXPR_AND, facts);
        operand_check(scope, expr->u.logic.right);
        scope->facts = facts;
    }
    return basic(scope, DAG_BOOL);
}

static const Type *exists_type(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    const Type *type = expr_type(scope, expr->u.logic.left, NULL);
    if (!type_is_optional(type) && type->kind != KIND_ANY && type->kind != DAG_JSON) {
        diag_report(c->diags, W0201, expr->span,
                    "`%s` is %s and never null: `exists` is always true",
                    expr_source(c, expr->u.logic.left), type_name(c, type));
    }
    return basic(scope, DAG_BOOL);
}

void condition_check(Scope *scope, Expr *cond) {
    if (cond) {
        operand_check(scope, cond);
    }
}

/* ---------------------------------------------------------------- all expressions */

const Type *expr_type(Scope *scope, Expr *expr, const Type *want) {
    const Type *type = scope->c->any;
    Boundary boundary = scope->boundary;
    switch (expr->kind) {
    case EXPR_NULL: type = basic(scope, DAG_NULL); break;
    case EXPR_BOOL: type = basic(scope, DAG_BOOL); break;
    case EXPR_INT: type = basic(scope, DAG_INT); break;
    case EXPR_FLOAT: type = basic(scope, DAG_FLOAT); break;
    case EXPR_DURATION: type = basic(scope, DAG_DURATION); break;
    case EXPR_SIZE: type = basic(scope, DAG_SIZE); break;
    case EXPR_TEXT: type = text_type(scope, expr, want); break;
    case EXPR_REF: type = ref_type(scope, expr, want); break;
    case EXPR_LIST: type = list_type(scope, expr, want); break;
    case EXPR_RECORD: type = record_type(scope, expr, want); break;
    case EXPR_PIPE:
        scope->boundary = BOUNDARY_NONE;
        type = pipe_type(scope, expr, want);
        scope->boundary = boundary;
        break;
    case EXPR_COMPARE: type = compare_type(scope, expr); break;
    case EXPR_NOT:
    case EXPR_AND:
    case EXPR_OR: type = logic_type(scope, expr); break;
    case EXPR_EXISTS: type = exists_type(scope, expr); break;
    case EXPR_BROKEN: break;
    }
    expr->type = type;
    return type;
}

/* ---------------------------------------------------------------- what fits where */

/* Does it fit where it is checked at run time: json as anything, a string as a file? */
static bool boundary_fits(const Type *from, const Type *to, bool *checked) {
    bool fit = false;
    if (type_assignable(from, to, &fit)) {
        return true;
    }
    if (type_required(from)->kind == DAG_JSON && !type_mentions(to, DAG_SECRET)) {
        *checked = true;
        return true;
    }
    if (type_is_optional(from) && !type_is_optional(to)) {
        return false;
    }
    from = type_required(from);
    to = type_required(to);
    if (from->kind == DAG_STRING && (to->kind == DAG_FILE || to->kind == DAG_DIR)) {
        *checked = true;
        return true;
    }
    if (from->kind == to->kind && (from->kind == DAG_LIST || from->kind == DAG_MAP)) {
        return boundary_fits(from->elem, to->elem, checked);
    }
    if (from->kind != DAG_RECORD || to->kind != DAG_RECORD) {
        return false;
    }
    for (uint32_t i = 0; i < to->nfields; i++) {
        const Field *field = type_field(from, to->fields[i].name);
        if (!field || !boundary_fits(field->type, to->fields[i].type, checked)) {
            return false;
        }
    }
    return true;
}

static bool is_value_place(Place place) {
    switch (place) {
    case PLACE_IN_VALUE:
    case PLACE_OUT_VALUE:
    case PLACE_OUT_PATH:
    case PLACE_ENV:
    case PLACE_ARG:
    case PLACE_PARAM:
    case PLACE_INPUT:
    case PLACE_CONFIG:
    case PLACE_OUTPUT: return true;
    case PLACE_BODY:
    case PLACE_WHEN:
    case PLACE_WHERE:
    case PLACE_INPUT_WHERE:
    case PLACE_HOOK:
    case PLACE_ATTR:
    case NPLACES: break;
    }
    return false;
}

/* Outside of < > a name is the case of an enum, if one is wanted, or a mistake. */
static bool naked_ref(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    const NameList *parts = expr->u.ref.parts;
    if (expr->bare || expr->ref == REF_BROKEN || !parts || !parts->name.text) {
        return true;
    }
    want = want ? type_required(want) : NULL;
    if (!parts->next && want && want->kind == DAG_ENUM && type_field(want, parts->name.text)) {
        expr->ref = REF_NONE;
        expr->u.ref.fields = NULL;
        return true;
    }
    if (expr->ref == REF_NONE) {
        return true;
    }
    const char *source = expr_source(c, expr);
    const char *text = arena_printf(c->arena, "<%s>", source);
    Diag *diag =
        diag_report(c->diags, E0311, expr->span, "a reference stands in `< >`: `<%s>`", source);
    diag_fix(c->diags, diag, true, expr->span, text, "write `%s`", text);
    expr->ref = REF_BROKEN;
    return false;
}

/* Outside of < >, literals only. False: reported. */
static bool naked_check(Scope *scope, Expr *expr, const Type *want) {
    bool ok = true;
    want = want ? type_required(want) : NULL;
    if (expr->bare) {
        return true;
    }
    if (expr->kind == EXPR_REF) {
        return naked_ref(scope, expr, want);
    }
    if (expr->kind == EXPR_LIST) {
        const Type *elem = want && want->kind == DAG_LIST ? want->elem : NULL;
        for (Expr *item = expr->u.list.items; item; item = item->next) {
            ok &= naked_check(scope, item, elem);
        }
    } else if (expr->kind == EXPR_RECORD) {
        for (EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
            const Field *field = want && want->kind == DAG_RECORD && entry->name.text
                                     ? type_field(want, entry->name.text)
                                     : NULL;
            ok &= naked_check(scope, entry->value, field ? field->type : NULL);
        }
    }
    return ok;
}

static void report_misfit(Scope *scope, const Expr *expr, const Type *want, What what) {
    Check *c = scope->c;
    const Type *type = expr_fitted(expr);
    bool fit = false;
    const char *place =
        what.name ? arena_printf(c->arena, "%s `%s`", what.noun, what.name) : what.noun;
    if (type_mentions(type, DAG_SECRET) && !type_mentions(want, DAG_SECRET)) {
        report_secret(scope, expr, place);
    } else if (type_is_optional(type) &&
               (type->kind == DAG_NULL || type_assignable(type->elem, want, &fit))) {
        report_null(scope, expr, type, place);
    } else {
        report_mismatch(scope, expr, type, want, place);
    }
}

bool expr_expect(Scope *scope, Expr *expr, const Type *want, Boundary boundary, bool *checked,
                 What what) {
    if (is_value_place(scope->place) && expr->kind == EXPR_REF && !naked_ref(scope, expr, want)) {
        expr->type = scope->c->any;
        return false;
    }
    if (is_value_place(scope->place) && (expr->kind == EXPR_LIST || expr->kind == EXPR_RECORD) &&
        !naked_check(scope, expr, want)) {
        expr->type = scope->c->any;
        return false;
    }
    return expr_expect_part(scope, expr, want, boundary, checked, what);
}

bool expr_expect_part(Scope *scope, Expr *expr, const Type *want, Boundary boundary, bool *checked,
                      What what) {
    bool at_run_time = false;
    Boundary outer = scope->boundary;
    scope->boundary =
        expr->kind == EXPR_LIST || expr->kind == EXPR_RECORD ? boundary : BOUNDARY_NONE;
    expr_type(scope, expr, want);
    scope->boundary = outer;
    if (expr->type->kind == KIND_ANY) {
        return expr->ref != REF_BROKEN && expr->kind == EXPR_LIST;
    }
    if (expr_fit_to(expr, want)) {
        return true;
    }
    const Type *type = expr_fitted(expr);
    if (boundary == BOUNDARY_OUTPUT && boundary_fits(type, want, &at_run_time)) {
        if (checked) {
            *checked |= at_run_time;
        }
        return true;
    }
    report_misfit(scope, expr, want, what);
    return false;
}

/* ---------------------------------------------------------------- constants */

const dag_value *expr_fold(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    dag_error error = { 0 };
    if (expr->type->kind == KIND_ANY || !fold_possible(expr)) {
        return NULL;
    }
    const dag_value *value = fold_expr(c->front, c->types, expr, NULL, &error);
    if (!value && error.type && strcmp(error.type, FOLD_UNKNOWN) != 0) {
        diag_report(c->diags, E0312, expr->span, "`%s` always fails: %s", expr_source(c, expr),
                    error.message ? error.message : error.type);
    }
    return value;
}
