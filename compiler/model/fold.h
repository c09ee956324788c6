/*
 * fold.h - constants computed by the evaluator that runs later (pure/expr.h).
 */
#ifndef DAGCC_FOLD_H
#define DAGCC_FOLD_H

#include "base/front.h"
#include "model/types.h"

/* May the value of a checked expression be computed now: only literals, constants, pure pipes? An
 * expression over `it` is not; fold_possible_with_it says whether `it` is all that is missing. */
bool fold_possible(const Expr *expr);
bool fold_possible_with_it(const Expr *expr);

/* The error type of fold_expr where nothing is wrong, but the value is not known now: something
 * else than constants and `it` is in it, or a file would have to be looked at. */
#define FOLD_UNKNOWN "unknown"

/* Computes a checked expression for which fold_possible holds; `it` is the value of the special
 * `it` in conditions, or NULL. NULL with *error filled (texts in the front's arena) when a pipe
 * fails, or of type FOLD_UNKNOWN. */
const dag_value *fold_expr(Front *front, Types *types, const Expr *expr, const dag_value *it,
                           dag_error *error);

/* Does `value`, as text forms and JSON go, fit the type (a -D define, a JSON literal)? Converts. */
bool fold_fit(Front *front, Types *types, const Type *type, dag_value *value, dag_error *error);

#endif
