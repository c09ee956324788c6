/*
 * json_print.c - values as JSON text, and as JSON values.
 */
#include "pure/json.h"
#include "pure/number.h"

#include <math.h>
#include <string.h>

/* The letter of a short escape (\n), or 'u' for the long form. */
static char escape_of(unsigned char c) {
    switch (c) {
    case '"':
    case '\\': return (char)c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 'u';
    }
}

static void put_escape(TextBuffer *out, unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    char escape = escape_of(c);
    buffer_char(out, '\\');
    buffer_char(out, escape);
    if (escape == 'u') {
        buffer_add(out, "00", 2);
        buffer_char(out, hex[c >> 4]);
        buffer_char(out, hex[c & 15]);
    }
}

void json_put_text(TextBuffer *out, const char *text, size_t n) {
    buffer_room(out, n + 2);
    buffer_char(out, '"');
    for (size_t i = 0; i < n; i++) {
        size_t plain = text_unescaped(text + i, n - i);
        buffer_add(out, text + i, plain);
        i += plain;
        if (i < n) {
            put_escape(out, (unsigned char)text[i]);
        }
    }
    buffer_char(out, '"');
}

static void put_list(TextBuffer *out, dag_value v, size_t enough) {
    buffer_char(out, '[');
    for (uint32_t i = 0; i < v.len && out->n < enough; i++) {
        if (i > 0) {
            buffer_char(out, ',');
        }
        json_put(out, v.u.items[i], enough);
    }
    buffer_char(out, ']');
}

static void put_map(TextBuffer *out, dag_value v, size_t enough) {
    buffer_char(out, '{');
    for (uint32_t i = 0; i < v.len && out->n < enough; i++) {
        if (i > 0) {
            buffer_char(out, ',');
        }
        json_put(out, v.u.entries[i].name, enough);
        buffer_char(out, ':');
        json_put(out, v.u.entries[i].value, enough);
    }
    buffer_char(out, '}');
}

static void put_float(TextBuffer *out, double f) {
    if (!isfinite(f)) {
        buffer_string(out, "null");
        return;
    }
    out->n += float_format(f, buffer_room(out, NUMBER_TEXT));
}

void json_put(TextBuffer *out, dag_value v, size_t enough) {
    switch ((dag_kind)v.kind) {
    case DAG_BOOL: buffer_string(out, v.u.b ? "true" : "false"); return;
    case DAG_INT:
    case DAG_SIZE: out->n += int_format(v.u.i, buffer_room(out, NUMBER_TEXT)); return;
    case DAG_DURATION: out->n += seconds_format(v.u.i, buffer_room(out, NUMBER_TEXT)); return;
    case DAG_FLOAT: put_float(out, v.u.f); return;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR: json_put_text(out, v.u.text, v.len); return;
    case DAG_SECRET: buffer_string(out, "\"***\""); return;
    case DAG_LIST: put_list(out, v, enough); return;
    case DAG_MAP: put_map(out, v, enough); return;
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: buffer_string(out, "null"); return;
    }
}

char *value_to_json(Arena *arena, dag_value v) {
    TextBuffer out = { .arena = arena };
    json_put(&out, v, SIZE_MAX);
    return buffer_end(&out);
}

/* ---------------------------------------------------------------- in messages */

enum { SHOWN = 40 /* characters */ };

static const char *show_literal(Arena *arena, dag_value v) {
    char *text = arena_raw(arena, NUMBER_TEXT);
    if (v.kind == DAG_DURATION) {
        duration_format(v.u.i, text);
    } else {
        strcpy(text + int_format(v.u.i, text), "B");
    }
    return text;
}

const char *value_show(Arena *arena, dag_value v) {
    if (v.kind == DAG_DURATION || v.kind == DAG_SIZE) {
        return show_literal(arena, v);
    }
    TextBuffer out = { .arena = arena };
    bool text = value_has_text(v) && v.kind != DAG_SECRET;
    size_t shown = text ? text_offset(v.u.text, v.len, SHOWN) : 0;
    if (text && shown < v.len) {
        json_put_text(&out, v.u.text, shown);
        out.n--; /* its quote */
        buffer_string(&out, "…\"");
        return buffer_end(&out);
    }
    json_put(&out, v, SHOWN * 4);
    size_t cut = text ? out.n : text_offset(out.text, out.n, SHOWN);
    if (cut < out.n) {
        out.n = cut;
        buffer_string(&out, "…");
    }
    return buffer_end(&out);
}

/* ---------------------------------------------------------------- as JSON values */

static dag_value list_as_json(Arena *arena, dag_value v) {
    dag_value *items = ARENA_ARRAY(arena, v.len, dag_value);
    for (uint32_t i = 0; i < v.len; i++) {
        items[i] = value_as_json(arena, v.u.items[i]);
    }
    return value_list(items, v.len);
}

static dag_value map_as_json(Arena *arena, dag_value v) {
    dag_entry *entries = ARENA_ARRAY(arena, v.len, dag_entry);
    for (uint32_t i = 0; i < v.len; i++) {
        entries[i].name = v.u.entries[i].name;
        entries[i].value = value_as_json(arena, v.u.entries[i].value);
    }
    return value_map(entries, v.len);
}

/* Is it made of the kinds that JSON has, as most values are? Then it need not be copied. */
static bool is_json(dag_value v) {
    bool json = true;
    switch ((dag_kind)v.kind) {
    case DAG_LIST:
        for (uint32_t i = 0; i < v.len && json; i++) {
            json = is_json(v.u.items[i]);
        }
        return json;
    case DAG_MAP:
        for (uint32_t i = 0; i < v.len && json; i++) {
            json = is_json(v.u.entries[i].value);
        }
        return json;
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING: return true;
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: return false;
    }
    return false;
}

static dag_value seconds_of(int64_t ns) {
    const int64_t second = 1000000000;
    return ns % second == 0 ? value_int(DAG_INT, ns / second)
                            : value_float((double)ns / (double)second);
}

dag_value value_as_json(Arena *arena, dag_value v) {
    if (is_json(v)) {
        return v;
    }
    switch ((dag_kind)v.kind) {
    case DAG_DURATION: return seconds_of(v.u.i);
    case DAG_SIZE: return value_int(DAG_INT, v.u.i);
    case DAG_FILE:
    case DAG_DIR: return value_text(DAG_STRING, v.u.text, v.len);
    case DAG_SECRET: return value_text(DAG_STRING, "***", 3);
    case DAG_LIST: return list_as_json(arena, v);
    case DAG_MAP: return map_as_json(arena, v);
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: return v;
    }
    return v;
}
