/*
 * recover.c - skipping after a syntax error, to the end of the expression or to the next item; one
 * token after the other, and the start.
 */
#include "syntax/tokens.h"

#include <string.h>

#include "parser.h"
#include "pure/value.h"

/* ---------------------------------------------------------------- skipping */

bool looks_declared(const Lexer *lx, int kind) {
    const char *p = skip_blank(lx->cursor);
    char next = starts_word(p) ? *skip_blank(skip_word(p)) : '\0';
    switch (kind) {
    case TOK_PIPELINE:
    case TOK_PLUGIN:
    case TOK_STAGE: return next != '\0' && strchr("{=(<", next);
    case TOK_TYPE: return next == '=';
    case TOK_INPUT:
    case TOK_CONFIG:
    case TOK_OUTPUT:
    case TOK_IN:
    case TOK_OUT: return next == ':';
    case TOK_IMPORT:
    case TOK_RUN:
    case TOK_C:
    case TOK_EXEC:
    case TOK_SCRIPT:
    case TOK_NATIVE: return *p == '"' || *p == '\'';
    default: return true;
    }
}

/* Is it likely that an item begins here, and not that some text has the same word? */
static bool is_likely_item(const Lexer *lx, Token token) {
    if (token.made || token.kind == TOK_RBLOCK || token.kind == TOK_YYEOF) {
        return true;
    }
    if (token.first && token.kind != TOK_IMPORT && token.kind != TOK_TYPE) {
        return true;
    }
    return (token.first || lx->skip_depth > 0) && looks_declared(lx, token.kind);
}

bool begins_item_line(const Lexer *lx) {
    if (!lx->newline || lx->skip_expr || lx->skip_depth == 0 || lx->depth != lx->skip_depth) {
        return false;
    }
    const Bracket *block = &lx->stack[lx->depth - 1];
    return block->kind == BRACKET_BLOCK && block->has_items &&
           line_indent(lx) == block->items_indent && !token_is(lx->prev.kind, WANTS_NAME);
}

/* What goes on with an edge behind a condition. */
static bool goes_on_edge(int kind) {
    return kind == TOK_ORDER || kind == TOK_TAKE || kind == TOK_ON || kind == TOK_ARROW;
}

/* May the grammar go on with this token? */
static bool resumes(const Lexer *lx, Token token) {
    if (lx->skip_expr) {
        return token.kind == TOK_EXPR_CLOSE && lx->depth <= lx->skip_depth;
    }
    if (token.kind == TOK_RBLOCK) {
        return lx->depth < lx->skip_depth;
    }
    if (token.kind == TOK_LBLOCK && token.number) {
        return lx->depth <= lx->skip_depth + 1;
    }
    if (is_instance(lx, token)) {
        return false;
    }
    if (lx->skip_where && goes_on_edge(token.kind)) {
        return lx->depth <= lx->skip_depth;
    }
    return token_is(token.kind, BEGINS_ITEM) && is_likely_item(lx, token) &&
           lx->depth - token_is(token.kind, OPENS) <= lx->skip_depth;
}

void lexer_doubt(Lexer *lx, uint32_t at) {
    lx->doubt = true;
    lx->doubt_at = at;
}

bool lexer_in_doubt(const Lexer *lx) {
    return lx->doubt && lx->doubt_at >= lx->item_at;
}

bool lexer_doubts_line(const Lexer *lx, uint32_t at) {
    uint32_t from = at < lx->doubt_at ? at : lx->doubt_at;
    uint32_t to = at < lx->doubt_at ? lx->doubt_at : at;
    return lx->doubt && to - from < MAX_LINE && !memchr(lx->text + from, '\n', to - from);
}

void lexer_skip(Lexer *lx, Token token) {
    uint32_t depth = lx->depth - (token_is(token.kind, OPENS) ? 1 : 0);
    while (depth > 0 && lx->stack[depth - 1].kind != BRACKET_BLOCK &&
           lx->stack[depth - 1].kind != BRACKET_EXPR) {
        depth--;
    }
    lx->skip_expr = depth > 0 && lx->stack[depth - 1].kind == BRACKET_EXPR;
    lx->skip_depth = lx->skip_expr ? depth - 1 : depth;
    lx->skip_where = lx->was_cond && lx->item == TOK_EDGE_NAME;
    lx->skipping = true;
}

/* A bracket that was opened by mistake takes the end of another one for its own: neither of them is
 * missed. */
static void forgive_opener(Lexer *lx) {
    lx->stack[lx->depth - 1].made = true;
    for (uint32_t i = lx->depth - 1; i-- > 0 && lx->stack[i].kind != BRACKET_TEXT;) {
        lx->stack[i].made = true;
        if (lx->stack[i].kind == BRACKET_BLOCK) {
            break;
        }
    }
}

void lexer_recover(Lexer *lx, const Token *token) {
    if (token->kind == TOK_LBLOCK && token->number) {
        return;
    }
    lexer_skip(lx, *token);
    if (token_is(token->kind, OPENS) && lx->depth > 0) {
        forgive_opener(lx);
    }
    /* An RBLOCK or EXPR_CLOSE has closed its bracket already: the grammar goes on with it. */
    bool item = !lx->skip_expr && token_is(token->kind, BEGINS_ITEM) && is_likely_item(lx, *token);
    bool hop = lx->skip_where && goes_on_edge(token->kind);
    if (token->kind == TOK_EXPR_CLOSE || item || hop) {
        lx->skipping = false;
    }
}

void lexer_replay(Lexer *lx, const Token *token, const Word *word) {
    lx->cursor = lx->text + token->span.start;
    lx->replay = lx->cursor;
    lx->replay_word = word;
    lx->prev = lx->before;
    lx->skipping = false;
}

/* ---------------------------------------------------------------- the next token */

static bool is_head(int kind) {
    return kind == TOK_PIPELINE || kind == TOK_STAGE || kind == TOK_PLUGIN;
}

static void follow(Lexer *lx, Token token) {
    lx->head_named |= token.kind == TOK_NAME && is_head(lx->prev.kind);
    if (token_is(token.kind, BEGINS_ITEM | TURNS)) {
        follow_item(lx, token);
    }
    lx->was_cond = lx->cond;
    if (lx->cond || token.kind == TOK_WHERE || token.kind == TOK_A_WHEN) {
        follow_condition(lx, token);
    }
    lx->before = lx->prev;
    lx->prev = token;
}

/* Passes over the token just followed? Not where the grammar may go on. */
static bool skips(Lexer *lx, Token token) {
    if (lx->pass) {
        return false;
    }
    if (resumes(lx, token)) {
        lx->skipping = false;
        return false;
    }
    if (is_head(token.kind)) {
        lx->head = HEAD_NONE; /* no declaration, but a word of what is skipped */
    }
    return true;
}

Token lexer_next(Lexer *lx) {
    for (;;) {
        Token token = scan_token(lx);
        if (token.kind == NO_TOKEN) {
            continue;
        }
        follow(lx, token);
        if (!lx->skipping || !skips(lx, token)) {
            lx->pass = false;
            return token;
        }
    }
}

/* ---------------------------------------------------------------- starting */

#define MAX_BAD_BYTES 20

/* Length of the UTF-8 character at p, 0: none, or the one that stands for bad bytes. */
static size_t utf8_char(const char *p, const char *limit) {
    const unsigned char *s = (const unsigned char *)p;
    if (*p == BAD_BYTE) {
        return 0;
    }
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    size_t bad;
    return n <= (size_t)(limit - p) && utf8_valid(p, n, &bad) ? n : 0;
}

/* How many bytes of the text are bad, up to one more than are reported one by one. */
static int count_bad(const Lexer *lx, size_t n, size_t *first) {
    int nbad = 0;
    for (size_t i = 0; i < n && nbad <= MAX_BAD_BYTES;) {
        size_t len = lx->text[i] ? utf8_char(lx->text + i, lx->limit) : 0;
        *first = len == 0 && nbad == 0 ? i : *first;
        nbad += len == 0;
        i += len ? len : 1;
    }
    return nbad;
}

/* Reports the bad bytes that begin at p, as one. Behind them. */
static const char *report_bytes(Lexer *lx, const char *p) {
    const char *end = p + 1;
    bool single = *p == '\0' || *p == BAD_BYTE;
    while (end < lx->limit && !single && *end != '\0' && *end != BAD_BYTE &&
           utf8_char(end, lx->limit) == 0) {
        end++;
    }
    if (*p == BAD_BYTE) {
        REPORT(lx, E0003, span_between(lx, p, end),
               "the control character 0x%02x has no place in a text", (unsigned)BAD_BYTE);
    } else if (*p == '\0') {
        REPORT(lx, E0002, span_between(lx, p, end), "a NUL byte has no place in a text");
    } else {
        REPORT(lx, E0001, span_between(lx, p, end), "byte 0x%02x is no UTF-8 here",
               (unsigned char)*p);
    }
    return end;
}

/* A copy of the text in which bad bytes are replaced, each one reported; NULL: too many. */
static const char *clean_text(Lexer *lx, size_t n) {
    size_t first = 0;
    if (count_bad(lx, n, &first) > MAX_BAD_BYTES) {
        REPORT(lx, E0011, span_between(lx, lx->text + first, lx->text + first + 1),
               "this is no UTF-8 text: nothing in it was read");
        return NULL;
    }
    char *clean = arena_text(lx->arena, lx->text, n);
    for (size_t i = 0; i < n;) {
        size_t len = lx->text[i] ? utf8_char(lx->text + i, lx->limit) : 0;
        if (len == 0) {
            len = (size_t)(report_bytes(lx, lx->text + i) - lx->text) - i;
            memset(clean + i, BAD_BYTE, len);
        }
        i += len;
    }
    return clean;
}

void lexer_init(Lexer *lx, Arena *arena, Diags *diags, File *file) {
    const Source *source = file->source;
    memset(lx, 0, sizeof(*lx));
    lx->arena = arena;
    lx->diags = diags;
    lx->file = file;
    lx->number = source->file;
    lx->text = source->text;
    lx->limit = source->text + source->size;
    lx->words = ARENA_NEW(arena, WordTable);
    word_table_fill(lx->words);
    size_t bad;
    if (!utf8_valid(source->text, source->size, &bad) ||
        memchr(source->text, BAD_BYTE, source->size)) {
        lx->text = clean_text(lx, source->size);
        if (!lx->text) {
            lx->text = "";
            lx->stopped = true;
        }
        lx->limit = lx->text + strlen(lx->text);
    }
    lx->cursor = lx->text;
    if (memcmp(lx->text, "\xef\xbb\xbf", lx->limit - lx->text < 3 ? 0 : 3) == 0 &&
        lx->limit - lx->text >= 3) {
        lx->cursor += 3;
    }
    lx->mark = lx->start = lx->line = lx->cursor;
}

void lexer_comment(Lexer *lx) {
    uint32_t start = (uint32_t)(lx->start - lx->text);
    if (!lx->file || (lx->last_comment && lx->last_comment->span.start >= start)) {
        return;
    }
    Comment *comment = ARENA_NEW(lx->arena, Comment);
    const char *end = lx->cursor;
    while (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t') {
        end--;
    }
    comment->span = span_between(lx, lx->start, end);
    comment->in_text = lx->ntexts > 0;
    comment->own_line = lx->line + strspn(lx->line, " \t") == lx->start;
    if (lx->last_comment) {
        lx->last_comment->next = comment;
    } else {
        lx->file->comments = comment;
    }
    lx->last_comment = comment;
}
