/*
 * parse.c - from a source to its tree: tokens for the grammar, `##` comments for the items.
 */
#include "syntax/syntax.h"
#include "syntax/tokens.h"

#include <string.h>

#include "parser.h"
#include "syntax/front_parse.h"

int parser_next(Parser *parser, Value *value, Span *span) {
    const Token *token = lexer_next(&parser->lexer);
    parser->ntokens++;
    parser->kind = token->kind;
    if (token->kind == TOK_YYEOF && parser->nblocks > 0) {
        parser->kind = TOK_RBLOCK; /* errors have left the grammar deeper in than the lexer */
    }
    value->word = token->word; /* or what stands in its place */
    *span = token->span;
    return parser->kind;
}

Token parser_token(const Parser *parser) {
    if (parser->error_at == parser->ntokens) {
        return parser->wrong; /* the lexer may have gone back behind it */
    }
    Token token = parser->lexer.prev;
    token.made |= token.kind != parser->kind;
    token.kind = parser->kind;
    return token;
}

File *front_parse(Front *front, Source *source) {
    Parser *parser = ARENA_NEW(&front->arena, Parser);
    parser->front = front;
    parser->arena = &front->arena;
    parser->diags = front->diags;
    parser->file = ARENA_NEW(&front->arena, File);
    parser->file->source = source;
    uint32_t nerrors = front->diags->nerrors;
    lexer_init(&parser->lexer, parser->arena, front->names, front->diags, parser->file);
    syntax_parse(parser);
    parser->file->broken = front->diags->nerrors > nerrors;
    docs_attach(parser->arena, parser->file, parser->lexer.text);
    return parser->file;
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
    lexer_init(lexer, &front->arena, front->names, NULL, file);
    for (;;) {
        const Token *token = lexer_next(lexer);
        if (token->kind == TOK_YYEOF) {
            return;
        }
        Position at = source_position(&front->arena, source, token->span.start);
        fprintf(out, "%u:%u %s ", at.line, at.column, kind_name(token->kind));
        print_text(lexer->text + token->span.start, token->span.end - token->span.start, out);
    }
}
