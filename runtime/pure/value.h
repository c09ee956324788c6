/*
 * value.h - immutable values: making, comparing, copying, text and JSON forms, conversion to types.
 *
 * Pure: no thread, file, clock or environment. What a function makes lives in the arena that it is
 * given.
 */
#ifndef DAG_PURE_VALUE_H
#define DAG_PURE_VALUE_H

#include "dag.h"
#include "pure/arena.h"

#define DAG_MAX_VALUE (16u << 20) /* bytes: default bound of one value */
#define VALUE_MAX_DEPTH 512       /* levels of lists and maps in one value */

dag_value value_null(void);
dag_value value_bool(bool b);
/* kind: DAG_INT, DAG_DURATION (ns) or DAG_SIZE (bytes) */
dag_value value_int(dag_kind kind, int64_t i);
dag_value value_float(double f);
/* kind: one of the kinds with text. `text` has a NUL behind its n bytes and is not copied. */
static inline dag_value value_text(dag_kind kind, const char *text, size_t n) {
    return (dag_value){ .kind = kind, .len = (uint32_t)n, .u = { .text = text } };
}
/* items (entries) are not copied */
dag_value value_list(const dag_value *items, size_t n);
dag_value value_map(const dag_entry *entries, size_t n);

/* Is it one of the kinds with text? */
static inline bool value_has_text(dag_value v) {
    return v.kind == DAG_STRING || v.kind == DAG_FILE || v.kind == DAG_DIR || v.kind == DAG_SECRET;
}

/* A deep copy in `arena`. */
dag_value value_copy(Arena *arena, dag_value v);

/* The bytes that a value holds, as max_value counts them: a text its bytes and one, any other value
 * 8, and what lists and maps hold. So the lines of a text are not larger than it. */
size_t value_size(dag_value v);

/* Is it at most `max` bytes (of a text alone: without the one) and `depth` levels? Looks no further
 * than it must. */
bool value_within(dag_value v, size_t max, unsigned depth);

bool value_equal(dag_value a, dag_value b);

/* <0, 0, >0. Numbers by size, text by code point, null last; defined within one kind and between
 * int and float. */
int value_order(dag_value a, dag_value b);

/* The value of a map's entry, or NULL (also when it is no map). */
const dag_value *value_field(dag_value map, const char *name, size_t n);

/* The text form, a DAG_STRING: of texts, enums, numbers and bools as written, duration `1h30m`,
 * size its bytes, file and dir their path. Kind DAG_NULL when there is none: null, list, map, secret. */
dag_value value_to_text(Arena *arena, dag_value v);

/* A value as messages show it: its JSON form (a duration, size: its literal), shortened. */
const char *value_show(Arena *arena, dag_value v);

/* The same value with the kinds that JSON has: bool, int, float, string, list, map. */
dag_value value_as_json(Arena *arena, dag_value v);

/* JSON: duration as seconds, size as bytes, file and dir as path, secret as "***".
 * value_to_json: compact, NUL-terminated. */
char *value_to_json(Arena *arena, dag_value v);

/* Parses one JSON document of n bytes: strict, at most VALUE_MAX_DEPTH levels, of two fields with
 * the same name the last one holds, whole numbers that fit are integers of 64 bits. False with
 * `error` filled (type "type", position said). */
bool value_from_json(Arena *arena, const char *text, size_t n, dag_value *v, dag_error *error);

/* How strictly value_fit converts. */
typedef enum FitMode {
    FIT_JSON,  /* as(T): from JSON forms; extra fields dropped, 3.0 is an int */
    FIT_PORT,  /* an output's boundary: also a string becomes a file or dir (path kept as it is) */
    FIT_INPUT, /* a run input: as FIT_PORT, and text forms: duration "1h30m" or seconds, size "4MB"
                * or bytes; where the whole input is a bool or number, its text */
} FitMode;

/* Converts `v` to types[type] of `program`. False with `error` (type "type"), which names the JSON
 * path that failed, what stood there and what was wanted. */
bool value_fit(Arena *arena, const dag_program *program, uint32_t type, FitMode mode, dag_value *v,
               dag_error *error);

/* Parses the whole of a literal `1h30m`, `1.5h`, `250ms` (ns) or `10KB`, `4MiB`, `512` (bytes).
 * False: not one, or out of range. */
bool duration_parse(const char *text, size_t n, int64_t *ns);
bool size_parse(const char *text, size_t n, int64_t *bytes);

/* The kind and MIME type of a file by its name: static text. */
const char *file_kind(const char *name, size_t n);
const char *file_mime(const char *name, size_t n);

/* Is it valid UTF-8 without NUL? *bad: offset of the first bad byte if not. */
bool utf8_valid(const char *text, size_t n, size_t *bad);

#endif
