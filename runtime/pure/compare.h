/*
 * compare.h - the comparisons of conditions, shared with the pipes that test.
 */
#ifndef DAG_PURE_COMPARE_H
#define DAG_PURE_COMPARE_H

#include "pure/value.h"

/* Have the two an order: numbers, texts, durations, sizes? */
bool compare_ordered(dag_value a, dag_value b);

/* Is it an element of the list, a name of the map, a part of the text? */
bool compare_contains(dag_value all, dag_value part);

bool compare_starts_with(dag_value text, dag_value start);
bool compare_ends_with(dag_value text, dag_value end);

/* The words of an operator: "==", "starts_with". */
const char *compare_word(dag_compare op);

/* a OP b, of all operators but MATCHES. False: they cannot be compared so. */
bool compare(dag_compare op, dag_value a, dag_value b, bool *result);

#endif
