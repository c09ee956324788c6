/*
 * expr.h - the types of resolved expressions, and their values where they are constant.
 */
#ifndef DAGCC_CHECK_EXPR_H
#define DAGCC_CHECK_EXPR_H

#include "check/names/names.h"

/* Types a resolved expression; `want` guides literals and bare words (or NULL). Never NULL;
 * KIND_ANY after a report. Sets expr->type. */
const Type *expr_type(Scope *scope, Expr *expr, const Type *want);

/* A place that wants a value, for messages: "the output `y`". Texts are made when needed. */
typedef struct What {
    const char *noun, *name; /* name NULL: none */
} What;

/* Types the expression and demands that it fits; sets expr->fit. *checked (may be NULL): the
 * boundary has to check it at run time. */
bool expr_expect(Scope *scope, Expr *expr, const Type *want, Boundary boundary, bool *checked,
                 What what);
/* The same for a part of a value whose whole has been looked at: it may stand outside of < >. */
bool expr_expect_part(Scope *scope, Expr *expr, const Type *want, Boundary boundary, bool *checked,
                      What what);
/* Reports an unknown field; NULL: that this type has none of this name was told before. */
Diag *report_no_field(Check *c, const Type *type, Name name, const Nearest *near);
/* A word that names nothing: the case of an enum, or a string where it is an argument. */
const Type *word_type(Scope *scope, Expr *expr, const Type *want);
/* A piece of a template: demands a text form. */
void text_piece_check(Scope *scope, Expr *expr);
/* Demands a string without expressions that is a regular expression. */
bool pattern_literal_check(Scope *scope, const Expr *expr);
/* Demands a bool; narrows nothing by itself. */
void condition_check(Scope *scope, Expr *cond);
/* The references that are not null where the condition is `truth`, put before `facts`. */
const Fact *condition_facts(Check *c, const Expr *cond, bool truth, const Fact *facts);
const Type *text_type(Scope *scope, Expr *expr, const Type *want);
const Type *list_type(Scope *scope, Expr *expr, const Type *want);
const Type *record_type(Scope *scope, Expr *expr, const Type *want);
const Type *compare_type(Scope *scope, Expr *expr);
const Type *pipe_type(Scope *scope, Expr *expr, const Type *want);
const Type *ref_type(Scope *scope, Expr *expr, const Type *want);
/* Its type after `fit`. */
const Type *expr_fitted(const Expr *expr);
/* Sets `fit` where a conversion is needed; false: not assignable. */
bool expr_fit_to(Expr *expr, const Type *type);
/* Reports a secret on its way out: "`x` is a secret: a text would show it". */
void report_secret(Scope *scope, const Expr *expr, const char *what);
/* Reports that `type` may be null where it must not; `what` is the place. */
void report_null(Scope *scope, const Expr *expr, const Type *type, const char *what);
/* Computes it when it is constant; reports what goes wrong then. NULL: not constant, or reported. */
const dag_value *expr_fold(Scope *scope, Expr *expr);

#endif
