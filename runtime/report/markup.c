/*
 * markup.c - see markup.h.
 */
#include "report/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pure/value.h"

static const char *const replacement = "\xEF\xBF\xBD"; /* U+FFFD */

/* What stands for a byte of ASCII, or NULL: itself. */
static const char *entity(unsigned char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n': return NULL;
    default: return c < 0x20 || c == 0x7F ? replacement : NULL;
    }
}

static void valid_text(TextBuffer *out, const char *text, size_t n) {
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        const char *instead = entity((unsigned char)text[i]);
        if (instead != NULL) {
            buffer_add(out, text + from, i - from);
            buffer_string(out, instead);
            from = i + 1;
        }
    }
    buffer_add(out, text + from, n - from);
}

void markup_text(TextBuffer *out, const char *text, size_t n) {
    size_t bad;
    while (n > 0 && !utf8_valid(text, n, &bad)) {
        valid_text(out, text, bad);
        buffer_string(out, replacement);
        text += bad + 1;
        n -= bad + 1;
    }
    valid_text(out, text, n);
}

void markup_string(TextBuffer *out, const char *text) {
    markup_text(out, text, strlen(text));
}

void markup_format(TextBuffer *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buffer_string(out, arena_vprintf(out->arena, format, args));
    va_end(args);
}

/* The blocks of wide characters, roughly (Unicode's EastAsianWidth W and F). */
static size_t columns_of(uint32_t c) {
    bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
    return wide ? 2 : 1;
}

size_t markup_columns(const char *text) {
    size_t columns = 0;
    while (*text != '\0') {
        columns += columns_of(text_decode(&text));
    }
    return columns;
}

const char *markup_short(Arena *arena, const char *text, size_t most) {
    size_t columns = 0;
    const char *end = text, *cut = text;
    while (*end != '\0') {
        columns += columns_of(text_decode(&end));
        if (columns > most) {
            return arena_printf(arena, "%.*s…", (int)(cut - text), text);
        }
        if (columns < most) {
            cut = end;
        }
    }
    return text;
}
