/*
 * compare.c - the comparisons of conditions, shared with the pipes that test.
 */
#include "pure/compare.h"
#include "pure/text.h"

#include <string.h>

static bool is_number(dag_value v) {
    return v.kind == DAG_INT || v.kind == DAG_FLOAT;
}

bool compare_ordered(dag_value a, dag_value b) {
    return (is_number(a) && is_number(b)) || (value_has_text(a) && value_has_text(b)) ||
           (a.kind == b.kind && (a.kind == DAG_DURATION || a.kind == DAG_SIZE));
}

static bool list_contains(dag_value list, dag_value part) {
    for (uint32_t i = 0; i < list.len; i++) {
        if (value_equal(list.u.items[i], part)) {
            return true;
        }
    }
    return false;
}

bool compare_contains(dag_value all, dag_value part) {
    if (all.kind == DAG_LIST) {
        return list_contains(all, part);
    }
    if (!value_has_text(part)) {
        return false;
    }
    if (all.kind == DAG_MAP) {
        return value_field(all, part.u.text, part.len) != NULL;
    }
    return value_has_text(all) &&
           (part.len == 0 || text_find(all.u.text, all.len, part.u.text, part.len));
}

bool compare_starts_with(dag_value text, dag_value start) {
    return start.len <= text.len && memcmp(text.u.text, start.u.text, start.len) == 0;
}

bool compare_ends_with(dag_value text, dag_value end) {
    return end.len <= text.len &&
           memcmp(text.u.text + text.len - end.len, end.u.text, end.len) == 0;
}

const char *compare_word(dag_compare op) {
    switch (op) {
    case DAG_EQ: return "==";
    case DAG_NE: return "!=";
    case DAG_LT: return "<";
    case DAG_LE: return "<=";
    case DAG_GT: return ">";
    case DAG_GE: return ">=";
    case DAG_IN: return "in";
    case DAG_NOT_IN: return "not in";
    case DAG_CONTAINS: return "contains";
    case DAG_MATCHES: return "matches";
    case DAG_STARTS_WITH: return "starts_with";
    case DAG_ENDS_WITH: return "ends_with";
    }
    return "?";
}

static bool has_parts(dag_value v) {
    return v.kind == DAG_LIST || v.kind == DAG_MAP || value_has_text(v);
}

bool compare(dag_compare op, dag_value a, dag_value b, bool *result) {
    bool ordered = compare_ordered(a, b), texts = value_has_text(a) && value_has_text(b);
    switch (op) {
    case DAG_EQ: *result = value_equal(a, b); return true;
    case DAG_NE: *result = !value_equal(a, b); return true;
    case DAG_LT: *result = ordered && value_order(a, b) < 0; return ordered;
    case DAG_LE: *result = ordered && value_order(a, b) <= 0; return ordered;
    case DAG_GT: *result = ordered && value_order(a, b) > 0; return ordered;
    case DAG_GE: *result = ordered && value_order(a, b) >= 0; return ordered;
    case DAG_IN: *result = compare_contains(b, a); return has_parts(b);
    case DAG_NOT_IN: *result = !compare_contains(b, a); return has_parts(b);
    case DAG_CONTAINS: *result = compare_contains(a, b); return has_parts(a);
    case DAG_STARTS_WITH: *result = texts && compare_starts_with(a, b); return texts;
    case DAG_ENDS_WITH: *result = texts && compare_ends_with(a, b); return texts;
    case DAG_MATCHES: return false;
    }
    return false;
}
