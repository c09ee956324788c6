/*
 * field.h - fields of values: `f.stem`, `p.width`, `data.key`.
 */
#ifndef DAG_PURE_FIELD_H
#define DAG_PURE_FIELD_H

#include "pure/expr.h"

/* Replaces *v by its field. Of file and dir: path name stem ext dir (texts; path and dir are
 * absolute), size, kind, mime. Of a map its entry. Null when there is none. False with `error`
 * (type "expression") when the world is needed and cannot tell. */
bool value_get_field(const ExprEnv *env, dag_value *v, const char *name, dag_error *error);

#endif
