/*
 * json.h - pieces of the JSON printer that messages share.
 */
#ifndef DAG_PURE_JSON_H
#define DAG_PURE_JSON_H

#include "pure/text.h"
#include "pure/value.h"

/* Appends the JSON form of a text, in double quotes. */
void json_put_text(TextBuffer *out, const char *text, size_t n);

/* Appends the JSON form of v; stops early once the buffer holds `enough` bytes or more. */
void json_put(TextBuffer *out, dag_value v, size_t enough);

#endif
