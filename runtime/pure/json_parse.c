/*
 * json_parse.c - a strict reader of JSON (RFC 8259) that makes values directly.
 *
 * cJSON is not used for this: it keeps every number as a double, so that 64-bit integers do not
 * survive; it takes \u0000, bytes that are no UTF-8, and invalid numbers; and its tree would only
 * be copied. cJSON serves where native stages want a `const cJSON *`.
 *
 * The document is checked to be UTF-8 first. Values under way stand on one stack in the arena and
 * are copied off it, as one array, when their list or map ends.
 */
#include "pure/number.h"
#include "pure/text.h"
#include "pure/value.h"

#include <stdlib.h>
#include <string.h>

typedef struct Reader {
    Arena *arena;
    const char *start, *p, *end;
    dag_value *stack;
    size_t nstack, size;
    unsigned depth;
    dag_error *error;
} Reader;

static bool read_value(Reader *r);

/* ---------------------------------------------------------------- errors */

/* "expected X at line 2, column 5"; columns count characters. */
static bool fail_at(Reader *r, const char *place, const char *what) {
    size_t line = 1;
    const char *line_start = r->start;
    for (const char *p = r->start; p < place; p++) {
        if (*p == '\n') {
            line++;
            line_start = p + 1;
        }
    }
    size_t column = text_length(line_start, (size_t)(place - line_start)) + 1;
    r->error->type = "type";
    r->error->message =
        arena_printf(r->arena, "%s at line %zu, column %zu of the JSON text", what, line, column);
    return false;
}

static bool fail(Reader *r, const char *what) {
    return fail_at(r, r->p,
                   r->p == r->end ? arena_printf(r->arena, "%s, not the end,", what) : what);
}

/* ---------------------------------------------------------------- the stack */

static void push(Reader *r, dag_value v) {
    if (r->nstack == r->size) {
        size_t size = r->size == 0 ? 16 : r->size * 2;
        r->stack = arena_grow(r->arena, r->stack, r->size * sizeof v, size * sizeof v);
        r->size = size;
    }
    r->stack[r->nstack++] = v;
}

static void skip_space(Reader *r) {
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')) {
        r->p++;
    }
}

/* Takes c, after white space, if it is next. */
static bool take(Reader *r, char c) {
    skip_space(r);
    bool there = r->p < r->end && *r->p == c;
    r->p += there;
    return there;
}

/* ---------------------------------------------------------------- texts */

/* The four hexadecimal digits at p, or -1. */
static int32_t hex4(const char *p, const char *end) {
    int32_t c = 0;
    if (end - p < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char digit = p[i], folded = (char)(digit | 32);
        bool letter = folded >= 'a' && folded <= 'f';
        if (!letter && !(digit >= '0' && digit <= '9')) {
            return -1;
        }
        c = c * 16 + (letter ? folded - 'a' + 10 : digit - '0');
    }
    return c;
}

/* Reads the character behind \u, a pair of surrogates too. */
static bool read_unicode(Reader *r, uint32_t *c) {
    const char *place = r->p - 2;
    int32_t high = hex4(r->p, r->end);
    if (high < 0) {
        return fail_at(r, place, "\\u without four hexadecimal digits");
    }
    r->p += 4;
    *c = (uint32_t)high;
    if (high == 0) {
        return fail_at(r, place, "\\u0000, which no text may hold,");
    }
    if (high < 0xD800 || high > 0xDFFF) {
        return true;
    }
    bool pair = high <= 0xDBFF && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u';
    int32_t low = pair ? hex4(r->p + 2, r->end) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
        return fail_at(r, place, "half a surrogate pair");
    }
    r->p += 6;
    *c = 0x10000u + ((uint32_t)(high & 0x3FF) << 10) + (uint32_t)(low & 0x3FF);
    return true;
}

/* Reads the escape behind a backslash to *out, which moves on. */
static bool read_escape(Reader *r, char **out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = *r->p;
    const char *place = r->p < r->end && c ? strchr(from, c) : NULL;
    if (place) {
        *(*out)++ = to[place - from];
        r->p++;
        return true;
    }
    if (r->p == r->end || c != 'u') {
        return fail_at(r, r->p - 1, "unknown escape");
    }
    r->p++;
    uint32_t character = 0;
    if (!read_unicode(r, &character)) {
        return false;
    }
    *out += text_encode(character, *out);
    return true;
}

/* The quote that ends the text, or where it goes wrong. */
static const char *text_end(const Reader *r, bool *escapes) {
    const char *p = r->p;
    for (;;) {
        p += text_unescaped(p, (size_t)(r->end - p));
        if (p == r->end || *p != '\\') {
            return p;
        }
        *escapes = true;
        p += p + 1 < r->end ? 2 : 1;
    }
}

/* Copies up to `end`, escapes resolved: never longer than they are. */
static bool unescape(Reader *r, const char *end, char *out, size_t *n) {
    char *next = out;
    while (r->p < end) {
        if (*r->p != '\\') {
            *next++ = *r->p++;
            continue;
        }
        r->p++;
        if (!read_escape(r, &next)) {
            return false;
        }
    }
    *next = '\0';
    *n = (size_t)(next - out);
    return true;
}

/* A text; its first quote has been taken. */
static bool read_text(Reader *r) {
    bool escapes = false;
    const char *open = r->p - 1, *end = text_end(r, &escapes);
    if (end == r->end) {
        return fail_at(r, open, "a text without its closing quote");
    }
    if (*end != '"') {
        return fail_at(r, end, "a control character inside a text");
    }
    size_t n = (size_t)(end - r->p);
    char *text = NULL;
    if (!escapes) {
        text = arena_text(r->arena, r->p, n);
    } else {
        text = arena_raw(r->arena, n + 1);
        if (!unescape(r, end, text, &n)) {
            return false;
        }
    }
    r->p = end + 1;
    push(r, value_text(DAG_STRING, text, n));
    return true;
}

/* ---------------------------------------------------------------- numbers and words */

static const char *skip_digits(const char *p, const char *end) {
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

/* The end of the number at r->p by JSON's grammar; NULL: not one. */
static const char *number_end(const Reader *r, bool *whole) {
    const char *p = r->p + (*r->p == '-'), *digits = p;
    p = skip_digits(p, r->end);
    if (p == digits || (*digits == '0' && p > digits + 1)) {
        return NULL;
    }
    *whole = true;
    if (p < r->end && *p == '.') {
        const char *fraction = p + 1;
        p = skip_digits(fraction, r->end);
        *whole = false;
        if (p == fraction) {
            return NULL;
        }
    }
    if (p < r->end && (*p | 32) == 'e') {
        p++;
        p += p < r->end && (*p == '+' || *p == '-');
        const char *exponent = p;
        p = skip_digits(p, r->end);
        *whole = false;
        if (p == exponent) {
            return NULL;
        }
    }
    return p;
}

static bool read_number(Reader *r) {
    bool whole = false;
    const char *end = number_end(r, &whole);
    if (!end) {
        return fail(r, "an invalid number");
    }
    size_t n = (size_t)(end - r->p);
    int64_t i = 0;
    double f = 0;
    if (whole && int_parse(r->p, n, &i) == NUMBER_OK) {
        push(r, value_int(DAG_INT, i));
    } else if (float_parse(r->p, n, &f) == NUMBER_OK) {
        push(r, value_float(f)); /* also an integer of more than 64 bits */
    } else {
        return fail(r, "a number out of range");
    }
    r->p = end;
    return true;
}

static bool read_word(Reader *r, const char *word, dag_value v) {
    size_t n = strlen(word);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0) {
        return fail(r, "expected a value");
    }
    r->p += n;
    push(r, v);
    return true;
}

/* ---------------------------------------------------------------- lists and maps */

static bool read_list(Reader *r) {
    size_t first = r->nstack;
    if (!take(r, ']')) {
        do {
            if (!read_value(r)) {
                return false;
            }
        } while (take(r, ','));
        if (!take(r, ']')) {
            return fail(r, "expected , or ]");
        }
    }
    size_t n = r->nstack - first;
    dag_value *items = arena_raw(r->arena, n * sizeof *items);
    for (size_t i = 0; i < n; i++) {
        items[i] = r->stack[first + i];
    }
    r->nstack = first;
    push(r, value_list(items, n));
    return true;
}

static bool read_entry(Reader *r) {
    if (!take(r, '"')) {
        return fail(r, "expected the name of a field in quotes");
    }
    if (!read_text(r)) {
        return false;
    }
    if (!take(r, ':')) {
        return fail(r, "expected :");
    }
    return read_value(r);
}

/* By name, and of equal names the later one first. */
static int by_name(const void *a, const void *b) {
    const dag_entry *x = *(const dag_entry *const *)a, *y = *(const dag_entry *const *)b;
    int order = value_order(x->name, y->name);
    return order != 0 ? order : (x < y) - (x > y);
}

/* Drops fields that a later one of the same name replaces; the rest stay in order. */
static size_t drop_replaced(Reader *r, dag_entry *entries, size_t n) {
    const dag_entry **sorted = arena_raw(r->arena, n * sizeof(const dag_entry *));
    bool *replaced = ARENA_ARRAY(r->arena, n, bool);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &entries[i];
    }
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 1; i < n; i++) {
        replaced[sorted[i] - entries] = value_order(sorted[i]->name, sorted[i - 1]->name) == 0;
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!replaced[i]) {
            entries[kept++] = entries[i];
        }
    }
    return kept;
}

/* Are some names equal, as far as it is worth looking one by one? Large maps are sorted. */
static bool may_repeat(const dag_entry *entries, size_t n) {
    enum { SMALL = 16 };
    for (size_t i = 0; n <= SMALL && i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (value_equal(entries[i].name, entries[j].name)) {
                return true;
            }
        }
    }
    return n > SMALL;
}

static bool read_map(Reader *r) {
    size_t first = r->nstack;
    if (!take(r, '}')) {
        do {
            if (!read_entry(r)) {
                return false;
            }
        } while (take(r, ','));
        if (!take(r, '}')) {
            return fail(r, "expected , or }");
        }
    }
    size_t n = (r->nstack - first) / 2;
    dag_entry *entries = arena_raw(r->arena, n * sizeof *entries);
    for (size_t i = 0; i < n; i++) {
        entries[i].name = r->stack[first + 2 * i];
        entries[i].value = r->stack[first + 2 * i + 1];
    }
    if (may_repeat(entries, n)) {
        n = drop_replaced(r, entries, n);
    }
    r->nstack = first;
    push(r, value_map(entries, n));
    return true;
}

static bool read_nested(Reader *r, bool (*read)(Reader *)) {
    if (r->depth == VALUE_MAX_DEPTH) {
        return fail(r, "nested too deep");
    }
    r->depth++;
    bool ok = read(r);
    r->depth--;
    return ok;
}

/* What stands where a value should: some writers put there what JSON has not. */
static const char *no_value(const Reader *r) {
    static const char *const words[] = { "NaN", "Infinity", "-Infinity" };
    size_t left = (size_t)(r->end - r->p);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (left >= strlen(words[i]) && memcmp(r->p, words[i], strlen(words[i])) == 0) {
            return arena_printf(r->arena, "%s, which is no JSON,", words[i]);
        }
    }
    bool mark = r->p == r->start && left >= 3 && memcmp(r->p, "\xef\xbb\xbf", 3) == 0;
    return mark ? "a byte order mark, which no JSON text has," : "expected a value";
}

/* Pushes the value that comes next. */
static bool read_value(Reader *r) {
    skip_space(r);
    if (r->p == r->end) {
        return fail(r, "expected a value");
    }
    switch (*r->p) {
    case '"': r->p++; return read_text(r);
    case '[': r->p++; return read_nested(r, read_list);
    case '{': r->p++; return read_nested(r, read_map);
    case 't': return read_word(r, "true", value_bool(true));
    case 'f': return read_word(r, "false", value_bool(false));
    case 'n': return read_word(r, "null", value_null());
    case '-':
        if (r->end - r->p > 1 && r->p[1] == 'I') {
            return fail(r, no_value(r));
        }
        return read_number(r);
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return read_number(r);
    default: return fail(r, no_value(r));
    }
}

bool value_from_json(Arena *arena, const char *text, size_t n, dag_value *v, dag_error *error) {
    Reader r = { .arena = arena, .start = text, .p = text, .end = text + n, .error = error };
    size_t bad;
    if (!utf8_valid(text, n, &bad)) {
        return fail_at(&r, text + bad, text[bad] ? "bytes that are not UTF-8" : "a NUL byte");
    }
    if (!read_value(&r)) {
        return false;
    }
    skip_space(&r);
    if (r.p != r.end) {
        return fail(&r, "something after the value");
    }
    *v = r.stack[0];
    return true;
}
