/*
 * cwriter.c - C text. Numbers and rows are written by hand, not by printf: a large pipeline is
 * hundreds of thousands of them.
 */
#include "back/cwriter.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { REMARK = 40 }; /* bytes of a text that are shown in a comment */

void cw_init(CWriter *w, FILE *out, const char *strings) {
    w->out = out;
    w->line = 1;
    w->column = 0;
    w->first = true;
    w->strings = strings;
    w->used = 0;
}

void cw_flush(CWriter *w) {
    fwrite(w->buffer, 1, w->used, w->out);
    w->used = 0;
}

/* Text without a line end. */
static void plain(CWriter *w, const char *text, size_t n) {
    w->column += (uint32_t)n;
    if (n > sizeof w->buffer - w->used) {
        cw_flush(w);
    }
    if (n > sizeof w->buffer) {
        fwrite(text, 1, n, w->out);
        return;
    }
    memcpy(w->buffer + w->used, text, n);
    w->used += n;
}

void cw_bytes(CWriter *w, const char *text, size_t n) {
    while (n > 0) {
        const char *end = memchr(text, '\n', n);
        size_t line = end ? (size_t)(end - text) + 1 : n;
        plain(w, text, line);
        if (end) {
            w->line++;
            w->column = 0;
        }
        text += line;
        n -= line;
    }
}

void cw_text(CWriter *w, const char *text) {
    cw_bytes(w, text, strlen(text));
}

void cw_format(CWriter *w, const char *format, ...) {
    char small[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof small) {
        cw_bytes(w, small, (size_t)n);
        return;
    }
    char *large = n < 0 ? NULL : malloc((size_t)n + 1);
    if (large) {
        va_start(args, format);
        vsnprintf(large, (size_t)n + 1, format, args);
        va_end(args);
        cw_bytes(w, large, (size_t)n);
        free(large);
    }
}

void cw_number(CWriter *w, uint64_t n) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    plain(w, digits + at, sizeof digits - at);
}

void cw_integer(CWriter *w, int64_t n) {
    if (n == INT64_MIN) {
        cw_text(w, "INT64_MIN");
        return;
    }
    if (n < 0) {
        cw_text(w, "-");
    }
    cw_number(w, (uint64_t)(n < 0 ? -n : n));
}

/* The shortest of three precisions that reads back the same. */
void cw_float(CWriter *w, double f) {
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, f);
        if (strtod(text, NULL) == f) {
            break;
        }
    }
    cw_text(w, text);
    if (!strpbrk(text, ".en")) {
        cw_text(w, ".0");
    }
}

/* ---------------------------------------------------------------- texts in C */

/* The length of a character that must not show in C text (direction marks and invisible ones, which
 * compilers warn about), or 0. */
static size_t invisible(const char *text, size_t n) {
    const unsigned char *t = (const unsigned char *)text;
    if (n >= 2 && t[0] == 0xD8 && t[1] == 0x9C) { /* U+061C */
        return 2;
    }
    bool formatting = n >= 3 && t[0] == 0xE2 &&
                      ((t[1] == 0x80 && t[2] >= 0x8B && t[2] <= 0x8F) || /* U+200B..200F */
                       (t[1] == 0x80 && t[2] >= 0xA8 && t[2] <= 0xAE) || /* U+2028..202E */
                       (t[1] == 0x81 && t[2] >= 0xA0 && t[2] <= 0xAF));  /* U+2060..206F */
    bool mark = n >= 3 && t[0] == 0xEF && t[1] == 0xBB && t[2] == 0xBF;  /* U+FEFF */
    return formatting || mark ? 3 : 0;
}

static bool is_safe(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ' ' || c == '-';
}

void cw_remark(CWriter *w, const char *text) {
    size_t n = strnlen(text, REMARK + 1);
    bool cut = n > REMARK;
    n = cut ? REMARK : n;
    while (cut && n > 0 && (text[n] & 0xC0) == 0x80) { /* never half a character */
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        size_t safe = i;
        while (safe < n && is_safe((unsigned char)text[safe])) {
            safe++;
        }
        plain(w, text + i, safe - i);
        i = safe;
        if (i == n) {
            break;
        }
        size_t hidden = invisible(text + i, n - i);
        if (hidden || (unsigned char)text[i] < ' ' || text[i] == 0x7F || text[i] == '\\') {
            cw_text(w, hidden ? "?" : text[i] == '\\' ? "\\" : " ");
            i += hidden ? hidden - 1 : 0;
        } else {
            cw_bytes(w, text + i, 1);
            if ((text[i] == '*' && text[i + 1] == '/') || (text[i] == '/' && text[i + 1] == '*')) {
                cw_text(w, " ");
            }
        }
    }
    cw_text(w, cut ? "…" : "");
}

static void octal(CWriter *w, unsigned char c) {
    char text[4] = { '\\', (char)('0' + (c >> 6)), (char)('0' + (c >> 3 & 7)),
                     (char)('0' + (c & 7)) };
    cw_bytes(w, text, sizeof text);
}

/* One character of a literal, or as much of it as needs no care; how many bytes. */
static size_t literal_part(CWriter *w, const char *text, size_t n) {
    size_t safe = 0;
    while (safe < n && is_safe((unsigned char)text[safe])) {
        safe++;
    }
    if (safe > 0) {
        plain(w, text, safe);
        return safe;
    }
    size_t hidden = invisible(text, n);
    for (size_t i = 0; i < hidden; i++) {
        octal(w, (unsigned char)text[i]);
    }
    if (hidden) {
        return hidden;
    }
    unsigned char c = (unsigned char)text[0];
    if (c == '"' || c == '\\' || c == '?') { /* "??/" would be a trigraph */
        cw_text(w, c == '"' ? "\\\"" : c == '?' ? "\\?" : "\\\\");
    } else if (c == '\n' || c == '\t') {
        cw_text(w, c == '\n' ? "\\n" : "\\t");
    } else if (c < ' ' || c == 0x7F) {
        octal(w, c);
    } else {
        cw_bytes(w, text, 1);
    }
    return 1;
}

void cw_literal(CWriter *w, const char *text, size_t n, const char *end) {
    uint32_t indent = w->column;
    cw_text(w, "\"");
    for (size_t i = 0; i < n;) {
        bool newline = text[i] == '\n';
        i += literal_part(w, text + i, n - i);
        if (newline && i < n) {
            cw_format(w, "\"\n%*s\"", (int)indent, "");
        }
    }
    cw_text(w, end);
    cw_text(w, "\"");
}

/* ---------------------------------------------------------------- rows */

void cw_row(CWriter *w) {
    cw_text(w, "    { ");
    w->first = true;
}

void cw_row_end(CWriter *w) {
    cw_text(w, w->first ? "0 },\n" : " },\n");
}

void cw_member_name(CWriter *w, const char *name, size_t length) {
    size_t n = strlen(name);
    if (!w->first) {
        cw_text(w, w->column + n + length + 7 > CW_WIDTH ? ",\n      " : ", ");
    }
    w->first = false;
    plain(w, ".", 1);
    plain(w, name, n);
    plain(w, " = ", 3);
}

static size_t ndigits(uint64_t n) {
    size_t digits = 1;
    for (; n >= 10; n /= 10) {
        digits++;
    }
    return digits;
}

void cw_member(CWriter *w, const char *name, uint32_t value) {
    if (value) {
        cw_member_name(w, name, ndigits(value));
        cw_number(w, value);
    }
}

void cw_index(CWriter *w, const char *name, uint32_t value) {
    if (value == UINT32_MAX) {
        cw_word(w, name, "DAG_NONE");
    } else {
        cw_member_name(w, name, ndigits(value));
        cw_number(w, value);
    }
}

void cw_member64(CWriter *w, const char *name, int64_t value) {
    if (value) {
        cw_member_name(w, name, 20);
        cw_integer(w, value);
    }
}

void cw_word(CWriter *w, const char *name, const char *word) {
    size_t n = strlen(word);
    cw_member_name(w, name, n);
    plain(w, word, n);
}

void cw_name(CWriter *w, const char *name, uint32_t offset) {
    if (offset) {
        const char *text = w->strings + offset;
        cw_member_name(w, name, ndigits(offset) + 8 + strnlen(text, REMARK));
        cw_number(w, offset);
        plain(w, " /* ", 4);
        cw_remark(w, text);
        plain(w, " */", 3);
    }
}

void cw_flags(CWriter *w, const char *name, uint32_t flags, const char *const *words) {
    if (!flags) {
        return;
    }
    size_t length = 0;
    for (uint32_t i = 0; flags >> i; i++) {
        length += flags >> i & 1 ? strlen(words[i]) + 3 : 0;
    }
    cw_member_name(w, name, length);
    const char *separator = "";
    for (uint32_t i = 0; flags >> i; i++) {
        if (flags >> i & 1) {
            cw_text(w, separator);
            cw_text(w, words[i]);
            separator = " | ";
        }
    }
}
