/*
 * check_compare.c - comparisons in conditions.
 */
#include "check/expr/expr.h"

#include "pure/pattern.h"

#include <string.h>

static bool is_order(dag_compare op) {
    return op == DAG_LT || op == DAG_LE || op == DAG_GT || op == DAG_GE;
}

static bool is_text_test(dag_compare op) {
    return op == DAG_MATCHES || op == DAG_STARTS_WITH || op == DAG_ENDS_WITH;
}

static const char *op_text(dag_compare op) {
    static const char *const texts[] = {
        [DAG_EQ] = "==",
        [DAG_NE] = "!=",
        [DAG_LT] = "<",
        [DAG_LE] = "<=",
        [DAG_GT] = ">",
        [DAG_GE] = ">=",
        [DAG_IN] = "in",
        [DAG_NOT_IN] = "not in",
        [DAG_CONTAINS] = "contains",
        [DAG_MATCHES] = "matches",
        [DAG_STARTS_WITH] = "starts_with",
        [DAG_ENDS_WITH] = "ends_with",
    };
    return texts[op];
}

static bool is_number(int kind) {
    return kind == DAG_INT || kind == DAG_FLOAT;
}

static bool is_text(int kind) {
    return kind == DAG_STRING || kind == DAG_ENUM;
}

static bool is_ordered(int kind) {
    return is_number(kind) || is_text(kind) || kind == DAG_DURATION || kind == DAG_SIZE;
}

static void report_operands(Scope *scope, const Expr *expr) {
    Check *c = scope->c;
    const Expr *left = expr->u.compare.left;
    const Expr *right = expr->u.compare.right;
    Diag *diag = diag_report(c->diags, E0306, expr->span, "`%s` cannot compare %s with %s",
                             op_text(expr->u.compare.op), type_name(c, left->type),
                             type_name(c, right->type));
    diag_note(c->diags, diag, left->span, "this is %s", type_name(c, left->type));
    diag_note(c->diags, diag, right->span, "this is %s", type_name(c, right->type));
    int kind = type_required(left->type)->kind;
    if ((kind == DAG_FILE || kind == DAG_DIR) && type_required(right->type)->kind == DAG_STRING) {
        diag_help(c->diags, diag, "`.name` is the file's name, `| string` its path");
    } else if (kind == DAG_SIZE && is_number(type_required(right->type)->kind)) {
        diag_help(c->diags, diag, "a size has a unit: `10KB`, `4MiB`");
    } else if (kind == DAG_DURATION && is_number(type_required(right->type)->kind)) {
        diag_help(c->diags, diag, "a duration has a unit: `30s`, `10m`");
    } else if (kind == DAG_ENUM) {
        diag_help(c->diags, diag, "compare it with one of its cases, or as text: `| string`");
    } else if (kind == DAG_JSON) {
        diag_help(c->diags, diag, "say what it is: `| as(T)`");
    }
}

/* Null must have been excluded: order and text tests have no answer for it. */
static bool refuse_null(Scope *scope, const Expr *expr, const Expr *operand) {
    Check *c = scope->c;
    if (!type_is_optional(operand->type)) {
        return false;
    }
    Diag *diag =
        diag_report(c->diags, E0307, operand->span,
                    "`%s` may be null (%s), which `%s` cannot compare", expr_source(c, operand),
                    type_name(c, operand->type), op_text(expr->u.compare.op));
    diag_help(c->diags, diag, "write `%s exists and …`, or `| default(…)`",
              expr_source(c, operand));
    return true;
}

static bool is_any(const Expr *expr) {
    return expr->type->kind == KIND_ANY;
}

/* Are values of these types ever equal? Null apart. */
static bool comparable(Types *types, const Type *a, const Type *b) {
    a = type_required(a);
    b = type_required(b);
    if (a->kind == DAG_NULL || b->kind == DAG_NULL || a->kind == DAG_JSON || b->kind == DAG_JSON) {
        return true;
    }
    if ((a->kind == DAG_ENUM) != (b->kind == DAG_ENUM)) {
        return a->kind == KIND_ANY || b->kind == KIND_ANY;
    }
    if (a->kind == DAG_ENUM) {
        for (uint32_t i = 0; i < a->nfields; i++) {
            if (type_field(b, a->fields[i].name)) {
                return true;
            }
        }
        return false;
    }
    return type_join(types, a, b) != NULL;
}

/* An int beside a float is compared as one. */
static void fit_numbers(Scope *scope, Expr *left, Expr *right) {
    const Type *number = type_basic(scope->c->types, DAG_FLOAT);
    if (left->type->kind == DAG_INT && right->type->kind == DAG_FLOAT) {
        left->fit = number;
    } else if (left->type->kind == DAG_FLOAT && right->type->kind == DAG_INT) {
        right->fit = number;
    }
}

static void check_equal(Scope *scope, Expr *expr) {
    Expr *left = expr->u.compare.left;
    Expr *right = expr->u.compare.right;
    if (!comparable(scope->c->types, left->type, right->type)) {
        report_operands(scope, expr);
        return;
    }
    fit_numbers(scope, left, right);
}

static void check_order(Scope *scope, Expr *expr) {
    Expr *left = expr->u.compare.left;
    Expr *right = expr->u.compare.right;
    if (refuse_null(scope, expr, left) || refuse_null(scope, expr, right)) {
        return;
    }
    int a = left->type->kind;
    int b = right->type->kind;
    bool same = a == b || (is_number(a) && is_number(b)) || (is_text(a) && is_text(b));
    if (!same || !is_ordered(a)) {
        report_operands(scope, expr);
        return;
    }
    fit_numbers(scope, left, right);
}

static void check_in(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    Expr *left = expr->u.compare.left;
    Expr *right = expr->u.compare.right;
    if (type_is_optional(right->type)) {
        refuse_null(scope, expr, right);
        return;
    }
    if (right->type->kind != DAG_LIST) {
        Diag *diag = diag_report(c->diags, E0306, right->span, "`%s` looks in a list; this is %s",
                                 op_text(expr->u.compare.op), type_name(c, right->type));
        if (is_text(right->type->kind) && is_text(type_required(left->type)->kind)) {
            diag_help(c->diags, diag, "to look in a text, write `%s contains %s`",
                      expr_source(c, right), expr_source(c, left));
        }
        return;
    }
    if (right->type->elem->kind != KIND_ANY &&
        !comparable(c->types, left->type, right->type->elem)) {
        report_operands(scope, expr);
    }
}

static void check_contains(Scope *scope, Expr *expr) {
    Expr *left = expr->u.compare.left;
    Expr *right = expr->u.compare.right;
    if (refuse_null(scope, expr, left)) {
        return;
    }
    if (left->type->kind == DAG_LIST) {
        if (!comparable(scope->c->types, left->type->elem, right->type)) {
            report_operands(scope, expr);
        }
        return;
    }
    if (refuse_null(scope, expr, right)) {
        return;
    }
    if (!is_text(left->type->kind) || !is_text(right->type->kind)) {
        report_operands(scope, expr);
    }
}

bool pattern_literal_check(Scope *scope, const Expr *expr) {
    Check *c = scope->c;
    const char *text = expr_literal(c, expr);
    char message[200];
    if (!text) {
        Diag *diag =
            diag_report(c->diags, E0314, expr->span, "a pattern is a string without expressions");
        diag_help(c->diags, diag, "patterns are checked when the pipeline is compiled");
        return false;
    }
    if (!pattern_check(text, strlen(text), message, sizeof message)) {
        diag_report(c->diags, E0314, expr->span, "this is no regular expression: %s", message);
        return false;
    }
    return true;
}

static void check_text(Scope *scope, Expr *expr) {
    Expr *left = expr->u.compare.left;
    Expr *right = expr->u.compare.right;
    if (refuse_null(scope, expr, left) || refuse_null(scope, expr, right)) {
        return;
    }
    if (!is_text(left->type->kind) || !is_text(right->type->kind)) {
        report_operands(scope, expr);
    } else if (expr->u.compare.op == DAG_MATCHES) {
        pattern_literal_check(scope, right);
    }
}

/* A word that names nothing, or a literal text: its type depends on the other side. */
static bool depends(const Expr *expr) {
    return (expr->kind == EXPR_REF && expr->ref == REF_NONE) || expr_is_literal_text(expr);
}

/* The type that guides the right operand. */
static const Type *right_want(Scope *scope, const Expr *expr) {
    const Type *left = type_required(expr->u.compare.left->type);
    dag_compare op = expr->u.compare.op;
    if (left->kind == KIND_ANY) {
        return left; /* a word may be anything */
    }
    if (is_text_test(op)) {
        return NULL;
    }
    if (op == DAG_IN || op == DAG_NOT_IN) {
        return type_of_elem(scope->c->types, DAG_LIST, left);
    }
    if (op == DAG_CONTAINS) {
        return left->kind == DAG_LIST ? left->elem : NULL;
    }
    return left;
}

const Type *compare_type(Scope *scope, Expr *expr) {
    Expr *left = expr->u.compare.left;
    Expr *right = expr->u.compare.right;
    dag_compare op = expr->u.compare.op;
    const Type *result = type_basic(scope->c->types, DAG_BOOL);
    if (depends(left) && !depends(right)) {
        const Type *type = expr_type(scope, right, NULL);
        bool list = op == DAG_IN || op == DAG_NOT_IN;
        type = list && type->kind == DAG_LIST ? type->elem : type;
        expr_type(scope, left, is_text_test(op) || op == DAG_CONTAINS ? NULL : type);
    } else {
        expr_type(scope, left, NULL);
        expr_type(scope, right, right_want(scope, expr));
    }
    if (is_any(left) || is_any(right)) {
        return result;
    }
    if (op == DAG_EQ || op == DAG_NE) {
        check_equal(scope, expr);
    } else if (is_order(op)) {
        check_order(scope, expr);
    } else if (op == DAG_CONTAINS) {
        check_contains(scope, expr);
    } else if (is_text_test(op)) {
        check_text(scope, expr);
    } else {
        check_in(scope, expr);
    }
    return result;
}
