/*
 * tokens.c - makes tokens of raw pieces: brackets, strings, `<` and `>` by what they are here.
 * Words are judged in words.c, blocks (and what is left open) in blocks.c.
 */
#include "syntax/tokens.h"

#include <ctype.h>
#include <string.h>

#include "parser.h"

Token token_made(const Lexer *lx, int kind) {
    Span at = span_make(lx->number, lx->prev.span.end, lx->prev.span.end);
    return (Token){ .kind = (int16_t)kind, .span = at, .made = true };
}

/* Deeper indentation counts as this: it is looked at for each item of a line. */
#define MAX_INDENT 1000

uint32_t line_indent(const Lexer *lx) {
    uint32_t n = 0;
    while (n < MAX_INDENT && (lx->line[n] == ' ' || lx->line[n] == '\t')) {
        n++;
    }
    return n;
}

const char *skip_blanks(const char *p) {
    for (;;) {
        while (is_blank(*p)) {
            p++;
        }
        if (*p != '#') {
            return p;
        }
        p += strcspn(p, "\n");
    }
}

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == BAD_BYTE;
}

bool starts_word(const char *p) {
    return is_word_byte(*p) && !(*p >= '0' && *p <= '9');
}

const char *skip_word(const char *p) {
    while (is_word_byte(*p)) {
        p++;
    }
    return p;
}

bool at_arrow(const char *p) {
    return (p[0] == '-' || p[0] == '=') && p[1] == '>';
}

size_t arrow_like(const char *p) {
    size_t n = 0;
    while (n < 4 && (p[n] == '-' || p[n] == '=' || p[n] == '>' || p[n] == '~')) {
        n++;
    }
    return n > 0 && n < 4 && starts_word(p + n + strspn(p + n, " \t")) ? n : 0;
}

static Token stop(Lexer *lx, const char *what, int most) {
    REPORT(lx, E0009, span_here(lx), "%s nested more than %d levels deep", what, most);
    lx->stopped = true;
    return unwind_to(lx, 0);
}

/* Opens a bracket; the token is `kind`. */
static Token open_bracket(Lexer *lx, BracketKind bracket, int kind) {
    if (lx->depth == MAX_NESTING) {
        return stop(lx, "brackets and blocks are", MAX_NESTING);
    }
    const Bracket *outer = top_bracket(lx);
    lx->stack[lx->depth++] = (Bracket){
        .kind = bracket,
        .in_text = outer && (outer->in_text || outer->kind == BRACKET_TEXT),
        .types = bracket == BRACKET_PAREN && lx->prev.kind == TOK_AS_PIPE,
        .indent = line_indent(lx),
        .span = span_here(lx),
    };
    return token_here(lx, kind);
}

Token open_block(Lexer *lx, BlockKind block, uint32_t indent, int kind, bool made) {
    Token token = open_bracket(lx, BRACKET_BLOCK, kind);
    if (token.kind != kind) {
        return token;
    }
    Bracket *b = top_bracket(lx);
    b->block = block;
    b->made = made;
    b->indent = indent;
    return made ? token_made(lx, kind) : token;
}

static int closer_of(BracketKind kind) {
    switch (kind) {
    case BRACKET_BLOCK: return TOK_RBLOCK;
    case BRACKET_BRACE: return '}';
    case BRACKET_PAREN: return ')';
    case BRACKET_SQUARE: return ']';
    case BRACKET_EXPR: return TOK_EXPR_CLOSE;
    case BRACKET_TYPE: return TOK_TYPE_CLOSE;
    case BRACKET_TEXT: return TOK_STR_CLOSE;
    }
    return 0;
}

static int pop(Lexer *lx) {
    const Bracket *b = &lx->stack[--lx->depth];
    lx->ntexts -= b->kind == BRACKET_TEXT;
    return closer_of(b->kind);
}

/* The rest of the line, with the ends of what was opened on it, is taken for text: they are not
 * missed. */
static void forget_text_line(Lexer *lx, Span text) {
    uint32_t line = text.start;
    while (line > 0 && lx->text[line - 1] != '\n') {
        line--;
    }
    for (uint32_t i = lx->depth; i-- > 0 && lx->stack[i].span.start >= line;) {
        lx->stack[i].made = true;
    }
}

Token open_brace(Lexer *lx) {
    return open_bracket(lx, BRACKET_BRACE, '{');
}

Token close_top(Lexer *lx) {
    return token_here(lx, pop(lx));
}

/* Closes the next bracket of those that are being closed by made-up tokens. */
Token unwound(Lexer *lx) {
    Token token = token_made(lx, pop(lx));
    lx->unwinding = lx->depth > lx->unwind;
    return token;
}

Token unwind_to(Lexer *lx, uint32_t depth) {
    lx->cursor = lx->mark;
    lx->unwind = depth;
    lx->unwinding = true;
    return unwound(lx);
}

/* ---------------------------------------------------------------- strings */

/* The outermost string of one line that is open, or the outermost of all; -1: none. */
static int open_text(const Lexer *lx, bool one_line) {
    for (uint32_t i = 0; i < lx->depth; i++) {
        if (lx->stack[i].kind == BRACKET_TEXT &&
            (!one_line || lx->stack[i].quote == QUOTE_DOUBLE)) {
            return (int)i;
        }
    }
    return -1;
}

/* Does an item, or the end of a block, stand at the beginning of the line? */
static bool is_item_line(const Lexer *lx, const char *line) {
    const char *p = line + strspn(line, " \t");
    size_t n = strcspn(p, "\n");
    const Word *word = starts_word(p) ? word_find(lx->words, p, (size_t)(skip_word(p) - p)) : NULL;
    bool arrow = n > 1 && (memmem(p, n, "->", 2) || memmem(p, n, "=>", 2));
    return *p == '}' || *p == '#' || (word && word->kind == WORD_ITEM) || arrow;
}

enum { MAX_TEXT_LINES = 100 };

/* Behind the quote that closes, on a later line, a string that should end on its own: where the lines
 * until there are no items. NULL: there is none. */
static const char *closed_later(const Lexer *lx, const char *from, char quote) {
    const char *line = from + strcspn(from, "\n");
    for (int i = 0; i < MAX_TEXT_LINES && *line == '\n'; i++) {
        if (is_item_line(lx, ++line)) {
            return NULL;
        }
        size_t n = strcspn(line, "\n");
        const char *end = memchr(line, quote, n);
        if (end) {
            return end + 1;
        }
        line += n;
    }
    return NULL;
}

/* Reports a string that is not closed on its line. Where to go on: at the end of the line, or
 * behind what was meant to be more of it. */
static const char *line_text_ends(Lexer *lx, Span span, char quote, const char *at) {
    const char *end = closed_later(lx, at, quote);
    Diag *diag = REPORT(lx, E0004, span, "this string is not closed on its line");
    if (end && diag) {
        diag_help(lx->diags, diag,
                  "a text of several lines stands in three quotes, `\"\"\"` or `'''`");
    }
    lexer_doubt(lx, span.start);
    return end ? end : at;
}

static Token text_ends(Lexer *lx, int text) {
    const Bracket *b = &lx->stack[text];
    Span span = b->span;
    const char *at = lx->mark;
    if (b->quote == QUOTE_DOUBLE) {
        at = line_text_ends(lx, span, '"', at);
    } else {
        REPORT(lx, E0004, span, "this string is not closed");
        lexer_doubt(lx, span.start);
    }
    Token token = unwind_to(lx, (uint32_t)text);
    forget_text_line(lx, span);
    lx->cursor = at;
    return token;
}

/* Where a string in three quotes that is never closed is likely to have ended: before the first
 * line that is indented no deeper than the one it begins on. */
static const char *guess_end(const Lexer *lx) {
    uint32_t indent = line_indent(lx);
    const char *p = lx->cursor;
    for (;;) {
        p += strcspn(p, "\n");
        if (*p == '\0') {
            return p;
        }
        size_t n = strspn(p + 1, " \t");
        if (n <= indent && !strchr("\r\n", p[1 + n])) {
            return p;
        }
        p++;
    }
}

static Token raw_token(Lexer *lx, Quote quote) {
    return token_with(lx, TOK_RAW, quote);
}

/* A string in three quotes without its end. What follows makes no sense before the next item. */
static Token unclosed_triple(Lexer *lx, Quote quote) {
    REPORT(lx, E0004, span_here(lx), "this string is not closed");
    lexer_doubt(lx, span_here(lx).start);
    forget_text_line(lx, span_here(lx));
    lx->no_triple[quote & 1] = true;
    lx->cursor = guess_end(lx);
    Token token = raw_token(lx, quote);
    token.made = true;
    lexer_skip(lx, token);
    lx->pass = true;
    return token;
}

static Token raw_triple(Lexer *lx) {
    bool none = lx->no_triple[QUOTE_TRIPLE_SINGLE & 1];
    const char *end = none ? NULL : strstr(lx->cursor, "'''");
    if (!end) {
        return unclosed_triple(lx, QUOTE_TRIPLE_SINGLE);
    }
    lx->cursor = end + 3;
    return raw_token(lx, QUOTE_TRIPLE_SINGLE);
}

/* Where the text ends that begins here in three quotes: on the line, or if nothing else is on the
 * line, anywhere. NULL: nowhere. */
static const char *triple_end(Lexer *lx, Quote quote, const char *quotes) {
    const char *p = lx->cursor + 1;
    const char *line = p + strspn(p, " \t\r");
    if (*line == '\n') {
        const char *end = lx->no_triple[quote & 1] ? NULL : strstr(line, quotes);
        lx->no_triple[quote & 1] |= !end;
        return end;
    }
    for (size_t n = 0; n < MAX_LINE / 8 && p[n] != '\n' && p[n] != '\0'; n++) {
        if (strncmp(p + n, quotes, 3) == 0) {
            return p + n;
        }
    }
    return NULL;
}

/* An empty script is more likely one whose opening quotes are two instead of three: it is taken to
 * the end of its text. False: it is none. */
static bool short_triple(Lexer *lx, Quote quote, const char *quotes, Token *token) {
    bool script = lx->prev.kind == TOK_C || lx->prev.kind == TOK_RUN ||
                  (lx->item == TOK_SCRIPT && token_is(lx->prev.kind, ENDS_OPERAND));
    const char *end = script && *lx->cursor == *quotes ? triple_end(lx, quote, quotes) : NULL;
    if (!end) {
        return false;
    }
    lx->cursor++;
    REPORT(lx, E0004, span_here(lx),
           "this string ends at once: three quotes, `%s`, begin a longer one", quotes);
    lx->cursor = end + 3;
    *token = raw_token(lx, quote);
    token->made = true;
    return true;
}

static Token raw_line(Lexer *lx) {
    Token script;
    if (short_triple(lx, QUOTE_TRIPLE_SINGLE, "'''", &script)) {
        return script;
    }
    const char *end = lx->cursor + strcspn(lx->cursor, "'\n");
    bool closed = *end == '\'';
    if (!closed) {
        Span span = span_here(lx);
        end -= end > lx->cursor && end[-1] == '\r';
        const char *at = line_text_ends(lx, span, '\'', end);
        forget_text_line(lx, span);
        lx->cursor = end;
        Token token = raw_token(lx, QUOTE_SINGLE);
        token.made = true;
        lx->cursor = at;
        return token;
    }
    lx->cursor = end + 1;
    return raw_token(lx, QUOTE_SINGLE);
}

/* Behind an operand in a string's expression a quote can only be the string's own end. */
static bool ends_own_text(Lexer *lx, Quote quote, uint32_t *text) {
    const Bracket *b = top_bracket(lx);
    if (!b || !b->in_text || !token_is(lx->prev.kind, ENDS_OPERAND)) {
        return false;
    }
    for (*text = lx->depth; lx->stack[--*text].kind != BRACKET_TEXT;) {
    }
    return lx->stack[*text].quote == quote;
}

static Token quote_token(Lexer *lx, Quote quote) {
    uint32_t text;
    if (ends_own_text(lx, quote, &text)) {
        lx->stack[text].broken = true;
        return left_open(lx, text + 1);
    }
    Token script;
    if (quote == QUOTE_DOUBLE && short_triple(lx, QUOTE_TRIPLE_DOUBLE, "\"\"\"", &script)) {
        return script;
    }
    if (lx->ntexts == MAX_TEXTS) {
        return stop(lx, "strings in expressions of strings are", MAX_TEXTS);
    }
    if (quote == QUOTE_TRIPLE_DOUBLE) {
        bool none = lx->no_triple[quote & 1] || !strstr(lx->cursor, "\"\"\"");
        if (none) {
            return unclosed_triple(lx, quote);
        }
    }
    Token token = open_bracket(lx, BRACKET_TEXT, TOK_STR_OPEN);
    if (token.kind == TOK_STR_OPEN) {
        token.number = quote;
        top_bracket(lx)->quote = quote;
        lx->ntexts++;
    }
    return token;
}

/* The end of a string. If it was taken for one for want of another, what follows may be anything. */
static Token unquote(Lexer *lx) {
    bool broken = top_bracket(lx)->broken;
    Token token = close_top(lx);
    if (broken) {
        lexer_skip(lx, token);
        lx->pass = true;
    }
    return token;
}

/* Redirections and comparisons, `< $file`, `1 < 2`: no name follows, so that no expression was meant. */
static bool is_plain_less(const char *next) {
    const char *word = next + strspn(next, " \t");
    return (word > next && !isalpha((unsigned char)*word) && *word != '_') ||
           (*next == '$' || *next == '/' || *next == '=');
}

static Token less_in_text(Lexer *lx) {
    Span span = span_here(lx);
    lexer_doubt(lx, lx->doubt ? lx->doubt_at : span.start);
    Diag *diag =
        lx->skipping
            ? NULL
            : REPORT_BLOCK(
                  lx, E0006, span,
                  "`<` opens an expression here; a literal less-than sign is written `\\<`");
    FIX(lx, diag, is_plain_less(lx->start + 1), span, "\\<", "write `\\<`");
    return token_here(lx, TOK_STR_TEXT);
}

/* ---------------------------------------------------------------- < and > */

/* The innermost bracket of the kinds <…> that is open in this block; -1: none. */
static int open_angle(const Lexer *lx) {
    for (uint32_t i = lx->depth; i-- > 0 && lx->stack[i].kind != BRACKET_BLOCK;) {
        if (lx->stack[i].kind == BRACKET_EXPR || lx->stack[i].kind == BRACKET_TYPE) {
            return (int)i;
        }
    }
    return -1;
}

Token compare_token(Lexer *lx, dag_compare op) {
    return token_with(lx, TOK_COMPARE, op);
}

static Token greater(Lexer *lx, RawKind raw) {
    int angle = open_angle(lx);
    if (angle < 0) {
        return compare_token(lx, raw == RAW_GT ? DAG_GT : DAG_GE);
    }
    lx->cursor = lx->start + 1;
    return (uint32_t)angle + 1 < lx->depth ? left_open(lx, (uint32_t)angle + 1) : close_top(lx);
}

static Token less(Lexer *lx, RawKind raw) {
    Bracket *top = top_bracket(lx);
    bool types = top && (top->types || top->kind == BRACKET_TYPE);
    if (lx->cond && !types && token_is(lx->prev.kind, ENDS_OPERAND)) {
        return compare_token(lx, raw == RAW_LT ? DAG_LT : DAG_LE);
    }
    lx->cursor = lx->start + 1;
    if (lx->prev.kind == TOK_NAME) {
        return open_bracket(lx, BRACKET_TYPE, TOK_TYPE_OPEN);
    }
    return open_bracket(lx, BRACKET_EXPR, TOK_BARE_OPEN);
}

/* ---------------------------------------------------------------- other pieces */

static Token arrow(Lexer *lx, bool order) {
    if (order && lx->cond && token_is(lx->prev.kind, ENDS_OPERAND) &&
        lx->cursor[strspn(lx->cursor, " ")] <= '9' && lx->cursor[strspn(lx->cursor, " ")] >= '0') {
        Diag *diag = REPORT_SURE(lx, E0107, span_here(lx), "\"at least\" is written `>=`");
        FIX(lx, diag, true, span_here(lx), ">=", "write `>=`");
        return compare_token(lx, DAG_GE);
    }
    return token_with(lx, TOK_ARROW, order);
}

/* In an edge: a sign between two of its ends that is no arrow. */
static bool is_meant_arrow(const Lexer *lx) {
    return !lx->cond && (lx->prev.kind == TOK_NAME || lx->prev.kind == TOK_EDGE_NAME) &&
           !at_arrow(lx->start) && arrow_like(lx->start) > 0;
}

static Token meant_arrow(Lexer *lx) {
    size_t n = arrow_like(lx->start);
    lx->cursor = lx->start + n;
    const char *target = lx->cursor + strspn(lx->cursor, " \t");
    bool ports = lx->before.kind == '.' || *skip_word(target) == '.';
    bool order = !ports || lx->start[0] == '=';
    Diag *diag =
        REPORT(lx, E0115, span_here(lx), "an arrow is written `->` for data, `=>` for order alone");
    if (diag && n == 1 && lx->start[0] == '=') {
        diag_help(lx->diags, diag,
                  "a constant is `config NAME: T = value`, an input `input NAME: T = value`");
    }
    FIX(lx, diag, false, span_here(lx), order ? "=>" : "->", "write `%s`", order ? "=>" : "->");
    lexer_doubt(lx, span_here(lx).start);
    return token_with(lx, TOK_ARROW, order);
}

static Token assign(Lexer *lx) {
    const Bracket *top = top_bracket(lx);
    if (top && top->kind == BRACKET_TYPE) {
        return left_open(lx, lx->depth - 1);
    }
    if (lx->cond && *lx->cursor == '<' && token_is(lx->prev.kind, ENDS_OPERAND)) {
        lx->cursor++;
        Diag *diag = REPORT_SURE(lx, E0107, span_here(lx), "\"at most\" is written `<=`");
        FIX(lx, diag, true, span_here(lx), "<=", "write `<=`");
        return compare_token(lx, DAG_LE);
    }
    if (lx->cond && !lx->compared && token_is(lx->prev.kind, ENDS_OPERAND)) {
        Diag *diag = REPORT_SURE(lx, E0107, span_here(lx), "a comparison is written `==`");
        FIX(lx, diag, true, span_here(lx), "==", "write `==`");
        lexer_doubt(lx, span_here(lx).start);
        return compare_token(lx, DAG_EQ);
    }
    return token_here(lx, '=');
}

static Token equal(Lexer *lx) {
    if (lx->cond) {
        return compare_token(lx, DAG_EQ);
    }
    const Bracket *top = top_bracket(lx);
    if (top && (top->kind == BRACKET_EXPR || (top->kind == BRACKET_PAREN && top->in_text))) {
        REPORT_SURE(lx, E0107, span_here(lx),
                    "`==` compares in conditions; a value is compared by "
                    "a pipe, `| eq(…)`");
        lexer_doubt(lx, span_here(lx).start);
        return token_here(lx, TOK_BAD);
    }
    Diag *diag =
        REPORT_SURE(lx, E0107, span_here(lx), "`==` compares in conditions; here `=` is meant");
    FIX(lx, diag, true, span_here(lx), "=", "write `=`");
    return token_here(lx, '=');
}

/* && || ! are understood in conditions. */
static Token foreign_word(Lexer *lx, int kind, const char *word) {
    if (!lx->cond) {
        return token_here(lx, TOK_BAD);
    }
    Span span = span_here(lx);
    Diag *diag = REPORT_SURE(lx, E0106, span, "`%.*s` is written `%s`",
                             (int)(span.end - span.start), lx->start, word);
    bool blank = kind == TOK_NOT && !strchr(" \t", *lx->cursor);
    FIX(lx, diag, true, span, blank ? "not " : word, "write `%s`", word);
    return token_here(lx, kind);
}

/* What the beginning of a line ends, before the token that it begins with; NO_TOKEN: nothing. */
static Token line_begins(Lexer *lx, RawKind raw) {
    int text = lx->ntexts ? open_text(lx, true) : -1;
    if (text >= 0) {
        return text_ends(lx, text);
    }
    return lx->prev.kind == TOK_ARROW || lx->prev.kind == ',' ? target_on_next_line(lx, raw)
                                                              : (Token){ .kind = NO_TOKEN };
}

/* Signs that are one token wherever they stand. */
static const uint8_t signs[RAW_OTHER + 1] = {
    [RAW_BAR] = '|',
    [RAW_COMMA] = ',',
    [RAW_DOT] = '.',
    [RAW_QUESTION] = '?',
};

/* A piece that is neither a word nor one of these. */
static Token piece_token(Lexer *lx, RawKind raw) {
    switch (raw) {
    case RAW_END: return end_of_file(lx);
    case RAW_DASHED_WORD:
    case RAW_STRANGE_WORD: return bad_word(lx, raw);
    case RAW_NUMBER: return token_with(lx, TOK_LITERAL, LITERAL_NUMBER);
    case RAW_RAW: return raw_line(lx);
    case RAW_RAW_TRIPLE: return raw_triple(lx);
    case RAW_QUOTE: return quote_token(lx, QUOTE_DOUBLE);
    case RAW_QUOTE_TRIPLE: return quote_token(lx, QUOTE_TRIPLE_DOUBLE);
    case RAW_TEXT: return token_here(lx, TOK_STR_TEXT);
    case RAW_EXPR: return open_bracket(lx, BRACKET_EXPR, TOK_EXPR_OPEN);
    case RAW_LESS: return less_in_text(lx);
    case RAW_UNQUOTE: return unquote(lx);
    case RAW_STRING_END: return text_ends(lx, open_text(lx, open_text(lx, true) >= 0));
    case RAW_LT:
    case RAW_LE: return less(lx, raw);
    case RAW_GT:
    case RAW_GE: return greater(lx, raw);
    case RAW_EQ: return equal(lx);
    case RAW_NE: return compare_token(lx, DAG_NE);
    case RAW_ASSIGN: return assign(lx);
    case RAW_ARROW: return arrow(lx, false);
    case RAW_FAT_ARROW: return arrow(lx, true);
    case RAW_AND: return foreign_word(lx, TOK_AND, "and");
    case RAW_OR: return foreign_word(lx, TOK_OR, "or");
    case RAW_NOT: return foreign_word(lx, TOK_NOT, "not");
    case RAW_COLON: return token_here(lx, lx->start == lx->drop ? NO_TOKEN : ':');
    case RAW_LBRACE: return left_brace(lx);
    case RAW_RBRACE: return right_brace(lx);
    case RAW_LPAREN: return open_bracket(lx, BRACKET_PAREN, '(');
    case RAW_RPAREN: return right_bracket(lx, BRACKET_PAREN);
    case RAW_LSQUARE: return open_bracket(lx, BRACKET_SQUARE, '[');
    case RAW_RSQUARE: return right_bracket(lx, BRACKET_SQUARE);
    default: return token_here(lx, TOK_BAD);
    }
}

Token scan_token(Lexer *lx) {
    if (lx->unwinding || lx->stopped) {
        return lx->unwinding ? unwound(lx) : token_made(lx, TOK_YYEOF);
    }
    lx->mark = lx->cursor;
    RawKind raw = lexer_scan(lx);
    if (lx->newline) {
        Token token = line_begins(lx, raw);
        if (token.kind != NO_TOKEN) {
            return token;
        }
    }
    if (lx->item == TOK_EDGE_NAME && is_meant_arrow(lx)) {
        return meant_arrow(lx);
    }
    return raw == RAW_WORD ? word_token(lx)
           : signs[raw]    ? token_here(lx, signs[raw])
                           : piece_token(lx, raw);
}
