/*
 * attr_const.c - values of attributes that are known when compiling: numbers, durations, sizes.
 */
#include "check/items/items.h"
#include "model/fold.h"

const dag_value *const_value(Scope *scope, Expr *expr, int kind, const char *what) {
    Check *c = scope->c;
    if (!expr || expr->kind == EXPR_BROKEN) {
        return NULL;
    }
    if (expr->kind == EXPR_REF && !expr->bare && expr->ref == REF_NONE) {
        diag_report(c->diags, E0701, expr->span, "`%s` takes a value of type %s", what,
                    type_name(c, type_basic(c->types, kind)));
        return NULL;
    }
    const Type *type = expr_type(scope, expr, type_basic(c->types, kind));
    if (type->kind == KIND_ANY) {
        return NULL;
    }
    if (type->kind != kind) {
        Diag *diag =
            diag_report(c->diags, E0701, expr->span, "`%s` takes a value of type %s, not %s", what,
                        type_name(c, type_basic(c->types, kind)), type_name(c, type));
        if (kind == DAG_DURATION) {
            diag_help(c->diags, diag, "a duration has a unit: `30s`, `10m`, `1h30m`");
        } else if (kind == DAG_SIZE) {
            diag_help(c->diags, diag, "a size has a unit: `512MiB`, `4GB`");
        }
        return NULL;
    }
    const dag_value *value = expr_fold(scope, expr);
    if (!value && !fold_possible(expr)) {
        diag_report(c->diags, E0701, expr->span, "the value of `%s` must be known when compiled",
                    what);
    }
    return value;
}

bool const_number(Scope *scope, Expr *expr, const char *what, int64_t min, int64_t max,
                  int64_t *n) {
    Check *c = scope->c;
    const dag_value *value = const_value(scope, expr, DAG_INT, what);
    if (!value) {
        return false;
    }
    if (value->u.i < min || value->u.i > max) {
        if (value->u.i < min) {
            diag_report(c->diags, E0702, expr->span, "`%s` must be at least %lld", what,
                        (long long)min);
        } else {
            diag_report(c->diags, E0702, expr->span, "`%s` may be at most %lld", what,
                        (long long)max);
        }
        return false;
    }
    *n = value->u.i;
    return true;
}

bool const_duration(Scope *scope, Expr *expr, const char *what, bool zero, int64_t *ns) {
    Check *c = scope->c;
    const dag_value *value = const_value(scope, expr, DAG_DURATION, what);
    if (!value) {
        return false;
    }
    if (value->u.i < 0 || (value->u.i == 0 && !zero)) {
        diag_report(c->diags, E0702, expr->span, "`%s` must be longer than nothing", what);
        return false;
    }
    *ns = value->u.i;
    return true;
}

uint32_t attr_number(Scope *scope, const Item *attr, int64_t min) {
    int64_t n = 0;
    const_number(scope, attr->u.attr.value, attr_word(attr->u.attr.kind), min, UINT32_MAX - 1, &n);
    return (uint32_t)n;
}
