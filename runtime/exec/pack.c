/*
 * pack.c - values as bytes: kind and length in 4 bytes each, then a number of 8 bytes, a text with its
 * NUL, or what a list or map holds. Reading trusts nothing: the writer may have gone wrong.
 */
#include "exec/pack.h"

#include <string.h>

static void put_number(TextBuffer *out, uint64_t number) {
    buffer_add(out, (const char *)&number, sizeof number);
}

static void put_word(TextBuffer *out, uint32_t word) {
    buffer_add(out, (const char *)&word, sizeof word);
}

void pack_value(TextBuffer *out, dag_value v) {
    put_word(out, v.kind);
    put_word(out, v.len);
    if (value_has_text(v)) {
        buffer_add(out, v.u.text, (size_t)v.len + 1);
    } else if (v.kind == DAG_LIST) {
        for (uint32_t i = 0; i < v.len; i++) {
            pack_value(out, v.u.items[i]);
        }
    } else if (v.kind == DAG_MAP) {
        for (uint32_t i = 0; i < v.len; i++) {
            pack_value(out, v.u.entries[i].name);
            pack_value(out, v.u.entries[i].value);
        }
    } else {
        put_number(out, v.kind == DAG_BOOL ? v.u.b : (uint64_t)v.u.i);
    }
}

/* ---------------------------------------------------------------- back */

typedef struct Reader {
    Arena *arena;
    const char *at, *end;
    unsigned depth;
} Reader;

static bool take(Reader *r, void *to, size_t n) {
    if ((size_t)(r->end - r->at) < n) {
        return false;
    }
    memcpy(to, r->at, n);
    r->at += n;
    return true;
}

static bool read_value(Reader *r, dag_value *v);

static bool read_text(Reader *r, dag_value *v) {
    size_t bad, left = (size_t)(r->end - r->at);
    if (left <= v->len || r->at[v->len] != '\0' || !utf8_valid(r->at, v->len, &bad)) {
        return false;
    }
    v->u.text = r->at;
    r->at += (size_t)v->len + 1;
    return true;
}

/* Every value takes at least 8 bytes: a length that cannot be is seen before memory is asked for. */
static bool read_list(Reader *r, dag_value *v) {
    if ((size_t)(r->end - r->at) / 8 < v->len) {
        return false;
    }
    dag_value *items = ARENA_ARRAY(r->arena, v->len, dag_value);
    v->u.items = items;
    for (uint32_t i = 0; i < v->len; i++) {
        if (!read_value(r, &items[i])) {
            return false;
        }
    }
    return true;
}

static bool read_map(Reader *r, dag_value *v) {
    if ((size_t)(r->end - r->at) / 16 < v->len) {
        return false;
    }
    dag_entry *entries = ARENA_ARRAY(r->arena, v->len, dag_entry);
    v->u.entries = entries;
    for (uint32_t i = 0; i < v->len; i++) {
        if (!read_value(r, &entries[i].name) || entries[i].name.kind != DAG_STRING ||
            !read_value(r, &entries[i].value)) {
            return false;
        }
    }
    return true;
}

static bool read_parts(Reader *r, dag_value *v) {
    bool good = r->depth < VALUE_MAX_DEPTH;
    r->depth++;
    good = good && (v->kind == DAG_LIST ? read_list : read_map)(r, v);
    r->depth--;
    return good;
}

static bool read_value(Reader *r, dag_value *v) {
    uint64_t number;
    *v = value_null();
    if (!take(r, &v->kind, sizeof v->kind) || !take(r, &v->len, sizeof v->len) ||
        v->kind > DAG_MAP) {
        return false;
    }
    if (value_has_text(*v)) {
        return read_text(r, v);
    }
    if (v->kind == DAG_LIST || v->kind == DAG_MAP) {
        return read_parts(r, v);
    }
    if (!take(r, &number, sizeof number) || (v->kind == DAG_BOOL && number > 1)) {
        return false;
    }
    if (v->kind == DAG_BOOL) {
        v->u.b = number;
    } else {
        v->u.i = (int64_t)number;
    }
    return true;
}

bool unpack_value(Arena *arena, const char *bytes, size_t n, dag_value *value) {
    Reader r = { .arena = arena, .at = bytes, .end = bytes + n };
    return read_value(&r, value) && r.at == r.end;
}
