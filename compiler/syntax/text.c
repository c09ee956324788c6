/*
 * text.c - strings: the pieces as written, then without their indentation and escapes.
 *
 * Indentation is that of the text as written, looked for before anything else: the longest run of
 * blanks that all its lines begin with. Lines of blanks only do not count, nor does the line of
 * the opening quotes. A line that begins with an expression does.
 */
#include "syntax/syntax.h"

#include <string.h>

static bool is_triple(int quote) {
    return quote == QUOTE_TRIPLE_DOUBLE || quote == QUOTE_TRIPLE_SINGLE;
}

static Piece *piece_new(Parser *parser, Expr *expr, Span span) {
    Piece *piece = ARENA_NEW(parser->arena, Piece);
    piece->expr = expr;
    piece->span = span;
    return piece;
}

Piece *piece_text(Parser *parser, Piece *pieces, Span span) {
    if (pieces && !pieces->expr && pieces->span.end == span.start) {
        pieces->span.end = span.end;
        return pieces;
    }
    Piece *piece = piece_new(parser, NULL, span);
    LIST_ADD(pieces, piece);
    return pieces;
}

Piece *piece_expr(Parser *parser, Piece *pieces, Expr *expr, Span span) {
    Piece *piece = piece_new(parser, expr, span);
    LIST_ADD(pieces, piece);
    return pieces;
}

Expr *text_new(Parser *parser, int quote, Piece *pieces, Span span) {
    Expr *expr = expr_new(parser, EXPR_TEXT, span);
    LIST_CLOSE(pieces);
    expr->u.text.quote = (Quote)quote;
    expr->u.text.pieces = pieces;
    for (const Piece *p = pieces; p; p = p->next) {
        if (p->expr && p->expr->depth >= expr->depth) {
            expr->depth = (uint16_t)(p->expr->depth + 1);
        }
    }
    return expr;
}

Expr *text_raw(Parser *parser, int quote, Span span) {
    uint32_t n = is_triple(quote) ? 3 : 1;
    const char *end = parser->lexer.text + span.end;
    bool closed = span.end >= span.start + 2 * n && end[-1] == (quote & 1 ? '\'' : '"');
    Span inside = { span.file, span.start + n, closed ? span.end - n : span.end };
    Expr *expr = text_new(parser, quote, NULL, span);
    expr->u.text.pieces = piece_new(parser, NULL, inside);
    return expr;
}

/* ---------------------------------------------------------------- indentation */

typedef struct Indent {
    const char *text; /* of the file */
    const char *prefix;
    size_t n;
    bool known;
} Indent;

static void common_prefix(Indent *in, const char *blanks, size_t n) {
    if (!in->known) {
        *in = (Indent){ in->text, blanks, n, true };
        return;
    }
    size_t i = 0;
    while (i < in->n && i < n && in->prefix[i] == blanks[i]) {
        i++;
    }
    in->n = i;
}

/* Looks at a line of a piece that begins at p. */
static void look_at_line(Indent *in, const char *p, const char *end, bool last_piece) {
    size_t n = 0;
    while (p + n < end && (p[n] == ' ' || p[n] == '\t')) {
        n++;
    }
    bool blank = p + n == end ? last_piece : p[n] == '\n' || (p[n] == '\r' && p[n + 1] == '\n');
    if (!blank) {
        common_prefix(in, p, n);
    }
}

static void look_at_piece(Indent *in, const Piece *piece, bool fresh) {
    const char *end = in->text + piece->span.end;
    const char *p = in->text + piece->span.start;
    if (fresh) {
        look_at_line(in, p, end, !piece->next);
    }
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        look_at_line(in, ++p, end, !piece->next);
    }
}

/* Drops the line end behind the opening quotes. Did one stand there? */
static bool drop_first_newline(const char *text, Piece *piece) {
    const char *p = text + piece->span.start;
    const char *end = text + piece->span.end;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) {
        p++;
    }
    if (p == end || *p != '\n') {
        return false;
    }
    piece->span.start = (uint32_t)(p + 1 - text);
    return true;
}

/* ---------------------------------------------------------------- cooking */

typedef struct Cook {
    Parser *parser;
    bool shell, escapes;
    Indent indent;
    char *out;
} Cook;

static void report_escape(Cook *cook, const char *p, size_t n, const char *what) {
    uint32_t start = (uint32_t)(p - cook->parser->lexer.text);
    Span span = { cook->parser->file->source->file, start, start + (uint32_t)n };
    diag_report(cook->parser->diags, E0005, span, "`%.*s` is %s", (int)n, p, what);
}

static void put_utf8(Cook *cook, uint32_t c) {
    if (c < 0x80) {
        *cook->out++ = (char)c;
        return;
    }
    if (c >= 0x10000) {
        *cook->out++ = (char)(0xf0 | c >> 18);
        *cook->out++ = (char)(0x80 | (c >> 12 & 0x3f));
    } else if (c >= 0x800) {
        *cook->out++ = (char)(0xe0 | c >> 12);
    }
    *cook->out++ = c >= 0x800 ? (char)(0x80 | (c >> 6 & 0x3f)) : (char)(0xc0 | c >> 6);
    *cook->out++ = (char)(0x80 | (c & 0x3f));
}

/* \u{1F600}: p is at the backslash. Behind it. */
static const char *unicode_escape(Cook *cook, const char *p, const char *end) {
    size_t n = strspn(p + 3, "0123456789abcdefABCDEF");
    const char *close = p + 3 + n;
    uint32_t c = 0;
    for (size_t i = 0; i < n && c < 0x110000; i++) {
        char d = p[3 + i];
        c = c * 16 + (uint32_t)(d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
    }
    if (close >= end || *close != '}' || n == 0) {
        report_escape(cook, p, 3, "not complete: a character is written `\\u{1F600}`");
        return p + 3;
    }
    if (c == 0 || c >= 0x110000 || (c >= 0xd800 && c < 0xe000)) {
        report_escape(cook, p, (size_t)(close + 1 - p),
                      "no Unicode character that a text may have");
        return close + 1;
    }
    put_utf8(cook, c);
    return close + 1;
}

static size_t char_bytes(const char *p) {
    size_t n = 1;
    while (((unsigned char)p[n] & 0xc0) == 0x80) {
        n++;
    }
    return n;
}

/* p is at a backslash. Behind what it escapes. */
static const char *escape(Cook *cook, const char *p, const char *end) {
    char c = p + 1 < end ? p[1] : '\0';
    switch (c) {
    case '<':
    case '"':
    case '\\': *cook->out++ = c; return p + 2;
    case 'n': *cook->out++ = '\n'; return p + 2;
    case 't': *cook->out++ = '\t'; return p + 2;
    case 'u':
        if (p + 2 < end && p[2] == '{') {
            return unicode_escape(cook, p, end);
        }
        break;
    default: break;
    }
    if (!cook->shell) {
        report_escape(cook, p, c && c != '\n' && c != '\r' ? 1 + char_bytes(p + 1) : 1,
                      "no escape; a backslash is written `\\\\`");
    }
    *cook->out++ = '\\';
    return p + 1;
}

/* The beginning of a line without the common indentation; a last line of blanks vanishes. */
static const char *skip_indent(const Indent *in, const char *p, const char *end, bool last_piece) {
    size_t n = 0;
    while (p + n < end && (p[n] == ' ' || p[n] == '\t')) {
        n++;
    }
    if (p + n == end && last_piece) {
        return end;
    }
    return p + (n < in->n ? n : in->n);
}

static void cook_piece(Cook *cook, Piece *piece, bool triple, bool fresh) {
    const char *p = cook->indent.text + piece->span.start;
    const char *end = cook->indent.text + piece->span.end;
    char *text = ARENA_ARRAY(cook->parser->arena, (size_t)(end - p) + 1, char);
    cook->out = text;
    while (p < end || fresh) {
        if (fresh) {
            p = skip_indent(&cook->indent, p, end, !piece->next);
            fresh = false;
        } else if (*p == '\\' && cook->escapes) {
            p = escape(cook, p, end);
        } else if (*p == '\r' && p + 1 < end && p[1] == '\n') {
            p++;
        } else {
            fresh = triple && *p == '\n';
            *cook->out++ = *p++;
        }
    }
    piece->text = text;
    piece->len = (size_t)(cook->out - text);
    *cook->out = '\0';
}

/* Removes pieces of text without any. */
static Piece *drop_empty(Piece *pieces) {
    Piece **link = &pieces;
    while (*link) {
        if (!(*link)->expr && (*link)->len == 0) {
            *link = (*link)->next;
        } else {
            link = &(*link)->next;
        }
    }
    return pieces;
}

Expr *text_cook(Parser *parser, Expr *text, bool shell) {
    Quote quote = text->u.text.quote;
    bool triple = is_triple(quote);
    Cook cook = { .parser = parser, .shell = shell };
    cook.escapes = quote == QUOTE_DOUBLE || quote == QUOTE_TRIPLE_DOUBLE;
    cook.indent.text = parser->lexer.text;
    Piece *first = text->u.text.pieces;
    bool fresh = triple && first && !first->expr && drop_first_newline(cook.indent.text, first);
    for (const Piece *p = first; p && triple; p = p->next) {
        if (!p->expr) {
            look_at_piece(&cook.indent, p, fresh && p == first);
        }
    }
    for (Piece *p = first; p; p = p->next) {
        if (!p->expr) {
            cook_piece(&cook, p, triple, fresh && p == first);
        }
    }
    text->u.text.shell = shell;
    text->u.text.pieces = drop_empty(first);
    return text;
}
