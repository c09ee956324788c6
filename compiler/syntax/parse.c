/*
 * parse.c - from a source to its tree: tokens for the grammar, `##` comments for the items.
 */
#include "syntax/ahead.h"
#include "syntax/syntax.h"
#include "syntax/tokens.h"

#include <string.h>

#include "parser.h"
#include "syntax/front_parse.h"

/* The lexer leaves this to the grammar: they may be at work at the same time. */
static Value value_of(Parser *parser, Token token) {
    switch (token.kind) {
    case TOK_NAME:
    case TOK_EDGE_NAME: return (Value){ .word = token_name(parser, token).text };
    case TOK_LITERAL: return (Value){ .expr = literal_new(&parser->lexer, token) };
    default: return (Value){ .number = token.number };
    }
}

/* While no mistake is met. */
static int quick_next(Parser *parser, Value *value, Span *span) {
    Token token = parser->ahead ? ahead_next(parser->ahead) : lexer_next(&parser->lexer);
    *value = value_of(parser, token);
    *span = token.span;
    return parser->failed ? TOK_YYEOF : token.kind;
}

int parser_next(Parser *parser, Value *value, Span *span) {
    if (parser->quick) {
        return quick_next(parser, value, span);
    }
    Token token = lexer_next(&parser->lexer);
    parser->ntokens++;
    parser->kind = token.kind;
    if (token.kind == TOK_YYEOF && parser->nblocks > 0) {
        parser->kind = TOK_RBLOCK; /* errors have left the grammar deeper in than the lexer */
    }
    *value = value_of(parser, token);
    *span = token.span;
    return parser->kind;
}

Token parser_token(const Parser *parser) {
    if (parser->error_at == parser->ntokens) {
        return parser->wrong; /* the lexer may have gone back behind it */
    }
    Token token = parser->lexer.prev;
    token.made |= token.kind != parser->kind;
    token.kind = (int16_t)parser->kind;
    return token;
}

static Parser *parser_new(Front *front, Source *source, Diags *diags) {
    Parser *parser = ARENA_NEW(&front->arena, Parser);
    parser->front = front;
    parser->arena = &front->arena;
    parser->diags = diags;
    parser->file = ARENA_NEW(&front->arena, File);
    parser->file->source = source;
    lexer_init(&parser->lexer, parser->arena, diags, parser->file);
    return parser;
}

/* With the lexer on a thread of its own. False: there is a mistake. */
static bool parse_behind(Parser *parser, Ahead *ahead) {
    jmp_buf oom, *outer = parser->arena->oom;
    parser->ahead = ahead;
    parser->arena->oom = &oom;
    if (setjmp(oom)) {
        parser->arena->oom = outer;
        ahead_end(ahead, parser->arena);
        arena_array(parser->arena, SIZE_MAX, 2); /* jumps on */
    }
    bool good = quick_parse(parser) == 0;
    parser->arena->oom = outer;
    return ahead_end(ahead, parser->arena) && good;
}

/* False: there is a mistake, or it is met later. */
static bool parse_tokens(Parser *parser) {
    bool pays = ahead_pays(parser->file->source->size);
    Ahead *ahead = pays ? ahead_start(parser->arena, &parser->lexer) : NULL;
    return ahead ? parse_behind(parser, ahead) : quick_parse(parser) == 0;
}

/* Most texts have no mistakes. What is there for their sake (LAC, what is known of the last tokens) is
 * left out at first; what is reported is thrown away. NULL: there is one, nothing else has happened. */
static File *parse_quickly(Front *front, Source *source) {
    Diags *unheard = diags_new(&front->arena, &front->sources);
    Parser *parser = parser_new(front, source, unheard);
    parser->quick = true;
    if (!parse_tokens(parser) || parser->failed || unheard->nerrors) {
        return NULL;
    }
    docs_attach(parser->arena, parser->file, parser->lexer.text);
    return parser->file;
}

static File *parse_carefully(Front *front, Source *source) {
    uint32_t nerrors = front->diags->nerrors;
    Parser *parser = parser_new(front, source, front->diags);
    syntax_parse(parser);
    parser->file->broken = front->diags->nerrors > nerrors;
    docs_attach(parser->arena, parser->file, parser->lexer.text);
    return parser->file;
}

File *front_parse(Front *front, Source *source) {
    File *file = parse_quickly(front, source);
    return file ? file : parse_carefully(front, source);
}

/* ---------------------------------------------------------------- --emit=tokens */

static const char *kind_name(int kind) {
    switch (kind) {
#define TOKEN(name) \
    case TOK_##name: return #name;
        TOKEN(NAME)
        TOKEN(EDGE_NAME)
        TOKEN(LITERAL)
        TOKEN(RAW)
        TOKEN(STR_OPEN)
        TOKEN(STR_TEXT)
        TOKEN(STR_CLOSE)
        TOKEN(EXPR_OPEN)
        TOKEN(EXPR_CLOSE)
        TOKEN(BARE_OPEN)
        TOKEN(TYPE_OPEN)
        TOKEN(TYPE_CLOSE)
        TOKEN(LBLOCK)
        TOKEN(RBLOCK)
        TOKEN(REOPEN)
        TOKEN(NO_TARGET)
        TOKEN(COMPARE)
        TOKEN(ARROW)
        TOKEN(BAD)
#undef TOKEN
    default: return kind < 256 ? "PUNCTUATION" : "KEYWORD";
    }
}

/* The text of a token on one line. */
static void print_text(const char *text, size_t n, FILE *out) {
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n') {
            fputs("\\n", out);
        } else if (text[i] != '\r') {
            fputc(text[i], out);
        }
    }
    fputc('\n', out);
}

void front_tokens(Front *front, Source *source, FILE *out) {
    File *file = ARENA_NEW(&front->arena, File);
    Lexer *lexer = ARENA_NEW(&front->arena, Lexer);
    file->source = source;
    lexer_init(lexer, &front->arena, NULL, file);
    for (;;) {
        Token token = lexer_next(lexer);
        if (token.kind == TOK_YYEOF) {
            return;
        }
        Position at = source_position(&front->arena, source, token.span.start);
        fprintf(out, "%u:%u %s ", at.line, at.column, kind_name(token.kind));
        print_text(lexer->text + token.span.start, token.span.end - token.span.start, out);
    }
}
