/*
 * value.c - immutable values: making, copying, measuring, comparing.
 */
#include "pure/value.h"
#include "pure/number.h"
#include "pure/text.h"

#include <string.h>

dag_value value_null(void) {
    return (dag_value){ .kind = DAG_NULL };
}

dag_value value_bool(bool b) {
    return (dag_value){ .kind = DAG_BOOL, .u.b = b };
}

dag_value value_int(dag_kind kind, int64_t i) {
    return (dag_value){ .kind = kind, .u.i = i };
}

dag_value value_float(double f) {
    return (dag_value){ .kind = DAG_FLOAT, .u.f = f };
}

dag_value value_list(const dag_value *items, size_t n) {
    return (dag_value){ .kind = DAG_LIST, .len = (uint32_t)n, .u.items = items };
}

dag_value value_map(const dag_entry *entries, size_t n) {
    return (dag_value){ .kind = DAG_MAP, .len = (uint32_t)n, .u.entries = entries };
}

static dag_value copy_list(Arena *arena, dag_value v) {
    dag_value *items = ARENA_ARRAY(arena, v.len, dag_value);
    for (uint32_t i = 0; i < v.len; i++) {
        items[i] = value_copy(arena, v.u.items[i]);
    }
    return value_list(items, v.len);
}

static dag_value copy_map(Arena *arena, dag_value v) {
    dag_entry *entries = ARENA_ARRAY(arena, v.len, dag_entry);
    for (uint32_t i = 0; i < v.len; i++) {
        entries[i].name = value_copy(arena, v.u.entries[i].name);
        entries[i].value = value_copy(arena, v.u.entries[i].value);
    }
    return value_map(entries, v.len);
}

dag_value value_copy(Arena *arena, dag_value v) {
    if (value_has_text(v)) {
        return value_text(v.kind, arena_text(arena, v.u.text, v.len), v.len);
    }
    if (v.kind == DAG_LIST) {
        return copy_list(arena, v);
    }
    return v.kind == DAG_MAP ? copy_map(arena, v) : v;
}

/* ---------------------------------------------------------------- size */

/* Adds the bytes of v to *sum; false as soon as it is past `max`, or v deeper than `depth`. */
static bool add_size(dag_value v, size_t max, unsigned depth, size_t *sum) {
    *sum += value_has_text(v) ? v.len + (size_t)1 : 8;
    if (*sum > max) {
        return false;
    }
    if (v.kind != DAG_LIST && v.kind != DAG_MAP) {
        return true;
    }
    if (depth == 0) {
        return false;
    }
    for (uint32_t i = 0; i < v.len; i++) {
        bool fits = v.kind == DAG_LIST ? add_size(v.u.items[i], max, depth - 1, sum)
                                       : add_size(v.u.entries[i].name, max, depth - 1, sum) &&
                                             add_size(v.u.entries[i].value, max, depth - 1, sum);
        if (!fits) {
            return false;
        }
    }
    return true;
}

size_t value_size(dag_value v) {
    size_t sum = 0;
    add_size(v, SIZE_MAX, UINT32_MAX, &sum);
    return sum;
}

bool value_within(dag_value v, size_t max, unsigned depth) {
    if (value_has_text(v)) {
        return v.len <= max;
    }
    size_t sum = 0;
    return add_size(v, max, depth, &sum);
}

/* ---------------------------------------------------------------- comparing */

static bool is_number(dag_value v) {
    return v.kind == DAG_INT || v.kind == DAG_FLOAT;
}

static int sign(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* An int against a float, exactly: not every int is a double. */
static int order_int_float(int64_t i, double f) {
    int64_t whole;
    if (!float_to_int(f, &whole)) {
        return f > 0 ? -1 : 1;
    }
    if (i != whole) {
        return sign(i, whole);
    }
    double rest = f - (double)whole;
    return (rest < 0) - (rest > 0);
}

static int order_numbers(dag_value a, dag_value b) {
    if (a.kind == DAG_INT && b.kind == DAG_INT) {
        return sign(a.u.i, b.u.i);
    }
    if (a.kind == DAG_INT) {
        return order_int_float(a.u.i, b.u.f);
    }
    if (b.kind == DAG_INT) {
        return -order_int_float(b.u.i, a.u.f);
    }
    return (a.u.f > b.u.f) - (a.u.f < b.u.f);
}

/* The order of the bytes of UTF-8 is that of its code points. */
static int order_text(dag_value a, dag_value b) {
    uint32_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.u.text, b.u.text, n) : 0;
    return order != 0 ? order : sign(a.len, b.len);
}

static bool equal_lists(dag_value a, dag_value b) {
    for (uint32_t i = 0; i < a.len; i++) {
        if (!value_equal(a.u.items[i], b.u.items[i])) {
            return false;
        }
    }
    return true;
}

/* The entry of `map` by that name, looked for from entry `hint` on and around. */
static const dag_entry *entry_near(dag_value map, dag_value name, uint32_t hint) {
    for (uint32_t i = 0; i < map.len; i++) {
        const dag_entry *e = &map.u.entries[hint < map.len ? hint : 0];
        if (e->name.len == name.len && memcmp(e->name.u.text, name.u.text, name.len) == 0) {
            return e;
        }
        hint = hint + 1 < map.len ? hint + 1 : 0;
    }
    return NULL;
}

/* Of equal length; names are different within a map. */
static bool equal_maps(dag_value a, dag_value b) {
    for (uint32_t i = 0; i < a.len; i++) {
        const dag_entry *e = entry_near(b, a.u.entries[i].name, i);
        if (!e || !value_equal(a.u.entries[i].value, e->value)) {
            return false;
        }
    }
    return true;
}

bool value_equal(dag_value a, dag_value b) {
    if (is_number(a) && is_number(b)) {
        return order_numbers(a, b) == 0;
    }
    if (value_has_text(a) && value_has_text(b)) {
        return a.len == b.len && (a.len == 0 || memcmp(a.u.text, b.u.text, a.len) == 0);
    }
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
    case DAG_BOOL: return a.u.b == b.u.b;
    case DAG_DURATION:
    case DAG_SIZE: return a.u.i == b.u.i;
    case DAG_LIST: return a.len == b.len && equal_lists(a, b);
    case DAG_MAP: return a.len == b.len && equal_maps(a, b);
    default: return a.kind == DAG_NULL;
    }
}

static int order_lists(dag_value a, dag_value b) {
    for (uint32_t i = 0; i < a.len && i < b.len; i++) {
        int order = value_order(a.u.items[i], b.u.items[i]);
        if (order != 0) {
            return order;
        }
    }
    return sign(a.len, b.len);
}

int value_order(dag_value a, dag_value b) {
    if (a.kind == DAG_NULL || b.kind == DAG_NULL) {
        return (a.kind == DAG_NULL) - (b.kind == DAG_NULL);
    }
    if (is_number(a) && is_number(b)) {
        return order_numbers(a, b);
    }
    if (value_has_text(a) && value_has_text(b)) {
        return order_text(a, b);
    }
    if (a.kind != b.kind) {
        return sign(a.kind, b.kind);
    }
    switch (a.kind) {
    case DAG_BOOL: return a.u.b - b.u.b;
    case DAG_DURATION:
    case DAG_SIZE: return sign(a.u.i, b.u.i);
    case DAG_LIST: return order_lists(a, b);
    default: return 0; /* maps have no order */
    }
}

const dag_value *value_field(dag_value map, const char *name, size_t n) {
    if (map.kind != DAG_MAP) {
        return NULL;
    }
    for (uint32_t i = 0; i < map.len; i++) {
        const dag_entry *e = &map.u.entries[i];
        if (e->name.len == n && memcmp(e->name.u.text, name, n) == 0) {
            return &e->value;
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- text form */

static dag_value text_of(Arena *arena, size_t (*format)(int64_t, char *), int64_t i) {
    char *text = arena_raw(arena, NUMBER_TEXT);
    return value_text(DAG_STRING, text, format(i, text));
}

dag_value value_to_text(Arena *arena, dag_value v) {
    switch ((dag_kind)v.kind) {
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR: return value_text(DAG_STRING, v.u.text, v.len);
    case DAG_BOOL:
        return v.u.b ? value_text(DAG_STRING, "true", 4) : value_text(DAG_STRING, "false", 5);
    case DAG_INT:
    case DAG_SIZE: return text_of(arena, int_format, v.u.i);
    case DAG_DURATION: return text_of(arena, duration_format, v.u.i);
    case DAG_FLOAT: {
        char *text = arena_raw(arena, NUMBER_TEXT);
        return value_text(DAG_STRING, text, float_format(v.u.f, text));
    }
    case DAG_NULL:
    case DAG_SECRET:
    case DAG_LIST:
    case DAG_MAP:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: return value_null();
    }
    return value_null();
}
