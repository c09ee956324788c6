/*
 * literal.h - values written as text, for tables of tests.
 *
 * A literal is JSON, or a word and the rest of the text: `file /a/b`, `dir /a`, `secret x`,
 * `duration 1h30m`, `size 4MB`.
 */
#ifndef DAG_TESTS_LITERAL_H
#define DAG_TESTS_LITERAL_H

#include "pure/value.h"

/* The value of a literal, in `arena`. A text that is none fails the test and is null. */
dag_value literal(Arena *arena, const char *text);

/* The literal of a value. */
const char *literal_of(Arena *arena, dag_value v);

/* Fails the test with both texts unless they are equal; `what` says which row it is. */
void expect_text(const char *what, const char *got, const char *expected);

#endif
