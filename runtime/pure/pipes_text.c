/*
 * pipes_text.c - text from text: case, strips, replace, truncate, prepend, append, pad, codings.
 */
#include "pure/number.h"
#include "pure/pipe_call.h"

#include <string.h>

static bool text_result(const char *text, size_t n, dag_value *result) {
    *result = value_text(DAG_STRING, text, n);
    return true;
}

/* ---------------------------------------------------------------- case */

static bool to_case(PipeCall *call, TextCase to, dag_value *result) {
    if (!pipe_text(call, 0)) {
        return false;
    }
    dag_value v = call->args[0];
    if (text_ascii(v.u.text, v.len) == v.len) {
        char *out = pipe_room(call, v.len);
        if (!out) {
            return false;
        }
        text_ascii_case(out, to, v.u.text, v.len);
        return text_result(out, v.len, result);
    }
    TextBuffer out = { .arena = call->env->arena };
    text_to_case(&out, to, v.u.text, v.len);
    return pipe_buffer(call, &out, result);
}

bool pipe_upper(PipeCall *call, dag_value *result) {
    return to_case(call, TEXT_UPPER, result);
}

bool pipe_lower(PipeCall *call, dag_value *result) {
    return to_case(call, TEXT_LOWER, result);
}

bool pipe_title(PipeCall *call, dag_value *result) {
    return to_case(call, TEXT_TITLE, result);
}

/* ---------------------------------------------------------------- ends */

typedef enum Ends { START = 1, END = 2, BOTH = 3 } Ends;

static bool strip(PipeCall *call, Ends ends, dag_value *result) {
    bool given = call->nargs > 1;
    if (!pipe_text(call, 0) || (given && !pipe_text(call, 1))) {
        return false;
    }
    const char *chars = given ? call->args[1].u.text : NULL;
    size_t n = given ? call->args[1].len : 0;
    TextRange text = { call->args[0].u.text, call->args[0].u.text + call->args[0].len };
    if (ends & START) {
        text = text_strip_start(text, chars, n);
    }
    if (ends & END) {
        text = text_strip_end(text, chars, n);
    }
    return pipe_part(call, text.start, (size_t)(text.end - text.start), result);
}

bool pipe_trim(PipeCall *call, dag_value *result) {
    return strip(call, BOTH, result);
}

bool pipe_strip(PipeCall *call, dag_value *result) {
    return strip(call, BOTH, result);
}

bool pipe_lstrip(PipeCall *call, dag_value *result) {
    return strip(call, START, result);
}

bool pipe_rstrip(PipeCall *call, dag_value *result) {
    return strip(call, END, result);
}

bool pipe_truncate(PipeCall *call, dag_value *result) {
    if (!pipe_text(call, 0) || (call->nargs > 1 && !pipe_whole(call, 1))) {
        return false;
    }
    int64_t n = call->nargs > 1 ? call->args[1].u.i : 100;
    if (n < 0) {
        return pipe_wrong(call, 1, "a number of characters");
    }
    dag_value v = call->args[0];
    if (n >= v.len) {
        return text_result(v.u.text, v.len, result);
    }
    return pipe_part(call, v.u.text, text_offset(v.u.text, v.len, (size_t)n), result);
}

/* ---------------------------------------------------------------- longer text */

static bool joined(PipeCall *call, dag_value a, dag_value b, dag_value *result) {
    size_t n = (size_t)a.len + b.len;
    char *out = pipe_room(call, n);
    if (!out) {
        return false;
    }
    memcpy(mempcpy(out, a.u.text, a.len), b.u.text, b.len);
    return text_result(out, n, result);
}

bool pipe_prepend(PipeCall *call, dag_value *result) {
    return pipe_text(call, 0) && pipe_text(call, 1) &&
           joined(call, call->args[1], call->args[0], result);
}

bool pipe_append(PipeCall *call, dag_value *result) {
    return pipe_text(call, 0) && pipe_text(call, 1) &&
           joined(call, call->args[0], call->args[1], result);
}

static size_t count(dag_value text, dag_value part) {
    const char *p = text.u.text, *end = p + text.len;
    size_t n = 0;
    while ((p = text_find(p, (size_t)(end - p), part.u.text, part.len)) != NULL) {
        n++;
        p += part.len;
    }
    return n;
}

/* 0xFF for each byte of `word` that is `old`, else 0. */
static uint64_t bytes_equal(uint64_t word, uint64_t old) {
    const uint64_t ones = 0x0101010101010101u, low = ones * 0x7F;
    uint64_t differ = word ^ (ones * old);
    uint64_t equal = ~(((differ & low) + low) | differ | low); /* bit 7 of the equal ones */
    return (equal >> 7) * 0xFF;
}

static void replace_byte(char *out, dag_value text, unsigned char old, unsigned char new) {
    const char *p = text.u.text, *end = p + text.len;
    uint64_t word, change = 0x0101010101010101u * (unsigned)(old ^ new);
    for (; end - p >= 8; p += 8, out += 8) {
        memcpy(&word, p, 8);
        word ^= bytes_equal(word, old) & change;
        memcpy(out, &word, 8);
    }
    for (; p < end; p++) {
        *out++ = (unsigned char)*p == old ? (char)new : *p;
    }
}

static void replace_all(char *out, dag_value text, dag_value old, dag_value new) {
    const char *p = text.u.text, *end = p + text.len, *found;
    while ((found = text_find(p, (size_t)(end - p), old.u.text, old.len)) != NULL) {
        out = mempcpy(out, p, (size_t)(found - p));
        out = mempcpy(out, new.u.text, new.len);
        p = found + old.len;
    }
    memcpy(out, p, (size_t)(end - p));
}

bool pipe_replace(PipeCall *call, dag_value *result) {
    bool given = call->nargs > 2;
    if (!pipe_text(call, 0) || !pipe_text(call, 1) || (given && !pipe_text(call, 2))) {
        return false;
    }
    dag_value text = call->args[0], old = call->args[1];
    dag_value new = given ? call->args[2] : value_text(DAG_STRING, "", 0);
    if (old.len == 0) {
        return pipe_fail(call, "the text to be replaced in %s is empty",
                         value_show(call->env->arena, call->args[0]));
    }
    bool byte = old.len == 1 && new.len == 1; /* ASCII, and by far the most frequent */
    size_t found = byte ? 0 : count(text, old), n = text.len - found * old.len + found * new.len;
    if (found == 0 && !byte) {
        return text_result(text.u.text, text.len, result);
    }
    char *out = pipe_room(call, n);
    if (!out) {
        return false;
    }
    if (byte) {
        replace_byte(out, text, (unsigned char)old.u.text[0], (unsigned char)new.u.text[0]);
    } else {
        replace_all(out, text, old, new);
    }
    return text_result(out, n, result);
}

/* ---------------------------------------------------------------- pad */

static bool is_integer(const char *text, size_t n) {
    int64_t i;
    return int_parse(text, n, &i) != NUMBER_BAD;
}

static bool pad_text(PipeCall *call, const char *text, size_t n, int64_t width, dag_value *result) {
    if (width <= (int64_t)n || !is_integer(text, n)) {
        return text_result(text, n, result);
    }
    size_t sign = text[0] == '-' || text[0] == '+', zeros = (size_t)width - n;
    char *out = pipe_room(call, (size_t)width);
    if (!out) {
        return false;
    }
    memcpy(out, text, sign);
    memset(out + sign, '0', zeros);
    memcpy(out + sign + zeros, text + sign, n - sign);
    return text_result(out, (size_t)width, result);
}

bool pipe_pad(PipeCall *call, dag_value *result) {
    int64_t width = 2;
    if (call->nargs > 1) {
        if (!pipe_whole(call, 1)) {
            return false;
        }
        width = call->args[1].u.i;
    }
    dag_value v = call->args[0];
    if (v.kind == DAG_INT) {
        v = value_to_text(call->env->arena, v);
    } else if (!pipe_text(call, 0)) {
        return false;
    }
    return pad_text(call, v.u.text, v.len, width, result);
}

/* ---------------------------------------------------------------- codings */

static bool is_unreserved(unsigned char c) {
    unsigned char letter = c | 32;
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

bool pipe_urlencode(PipeCall *call, dag_value *result) {
    static const char hex[] = "0123456789ABCDEF";
    if (!pipe_text(call, 0)) {
        return false;
    }
    dag_value v = call->args[0];
    size_t n = v.len;
    for (uint32_t i = 0; i < v.len; i++) {
        n += is_unreserved((unsigned char)v.u.text[i]) ? 0 : 2;
    }
    char *out = pipe_room(call, n);
    if (!out) {
        return false;
    }
    text_result(out, n, result);
    for (uint32_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.u.text[i];
        if (is_unreserved(c)) {
            *out++ = (char)c;
            continue;
        }
        *out++ = '%';
        *out++ = hex[c >> 4];
        *out++ = hex[c & 15];
    }
    return true;
}

static int hex_digit(char c) {
    char letter = (char)(c | 32);
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool pipe_urldecode(PipeCall *call, dag_value *result) {
    if (!pipe_text(call, 0)) {
        return false;
    }
    dag_value v = call->args[0];
    char *out = arena_raw(call->env->arena, v.len + (size_t)1);
    size_t n = 0, bad = 0;
    for (uint32_t i = 0; i < v.len; i++) {
        const char *p = v.u.text + i; /* the NUL behind it ends a broken % */
        bool coded = p[0] == '%' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0;
        out[n++] = coded ? (char)(hex_digit(p[1]) * 16 + hex_digit(p[2])) : p[0];
        i += coded ? 2 : 0;
    }
    out[n] = '\0';
    if (!utf8_valid(out, n, &bad)) {
        return pipe_wrong(call, 0, "UTF-8 when decoded");
    }
    return text_result(out, n, result);
}

/* The subject's text form; false with the error when it has none. */
static bool text_form(PipeCall *call, dag_value *text) {
    dag_value form = value_to_text(call->env->arena, call->args[0]);
    if (form.kind == DAG_NULL) {
        pipe_wrong(call, 0, "a text");
        return false;
    }
    *text = form;
    return true;
}

bool pipe_quote(PipeCall *call, dag_value *result) {
    dag_value text;
    if (!text_form(call, &text)) {
        return false;
    }
    size_t n = text.len + (size_t)2 + 3 * count(text, value_text(DAG_STRING, "'", 1));
    char *out = pipe_room(call, n);
    if (!out) {
        return false;
    }
    text_result(out, n, result);
    *out++ = '\'';
    for (uint32_t i = 0; i < text.len; i++) {
        bool quote = text.u.text[i] == '\'';
        out = quote ? mempcpy(out, "'\\''", 4) : mempcpy(out, text.u.text + i, 1);
    }
    *out = '\'';
    return true;
}

/* What makes it raw is the compiler's doing: it becomes a DAG_PIECE_RAW. */
bool pipe_raw(PipeCall *call, dag_value *result) {
    return text_form(call, result);
}
