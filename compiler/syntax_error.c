/*
 * syntax_error.c - says what was expected, in the user's words.
 */
#include "syntax.h"
#include "tokens.h"

#include "parser.h"

void syntax_unexpected(Parser *parser, const bool *expected) {
    Lexer *lx = &parser->lexer;
    const Token *token = &parser->token;
    (void)expected;
    if (!token->made) {
        diag_report(parser->diags, E0101, token->span, "unexpected `%.*s`",
                    (int)(token->span.end - token->span.start), lx->text + token->span.start);
    }
    lexer_recover(lx, token);
}

void syntax_too_deep(Parser *parser, Span span) {
    diag_report(parser->diags, E0009, span, "this is nested too deeply");
}
