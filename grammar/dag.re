/*
 * dag.re - splits the text into raw pieces (lexer.h). In: lexer->cursor. Out: the kind, with start
 * and cursor around the piece.
 *
 * A NUL stands at the end and nowhere else, so there is no limit to check (ninja's way). Three
 * conditions: code, a string of one line, a string in three quotes. What is open decides which.
 */
#include "syntax/lexer.h"

enum { yyccode, yyctext, yyctriple };

static int condition(const Lexer *lexer) {
    if (lexer->depth == 0 || lexer->stack[lexer->depth - 1].kind != BRACKET_TEXT) {
        return yyccode;
    }
    return lexer->stack[lexer->depth - 1].quote == QUOTE_DOUBLE ? yyctext : yyctriple;
}

/* The text of a line that ends in \r\n does not have the \r. */
static RawKind text(Lexer *lexer) {
    if (*lexer->cursor == '\n' && lexer->cursor[-1] == '\r') {
        lexer->cursor--;
        return lexer->cursor > lexer->start ? RAW_TEXT : RAW_STRING_END;
    }
    return RAW_TEXT;
}

RawKind lexer_scan(Lexer *lexer) {
    const char *YYMARKER;
#define YYCURSOR lexer->cursor
    /*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYGETCONDITION = "condition(lexer)";
    re2c:define:YYGETCONDITION:naked = 1;
    re2c:yyfill:enable = 0;

    word   = [A-Za-z_\x01][A-Za-z0-9_\x01]*;
    strange = [A-Za-z0-9_\x80-\xff]+;
    digits = [0-9][0-9A-Za-z_]*;
    number = "-"? digits ("." digits)?;
    float  = "-"? [0-9][0-9_]* ("." [0-9_]+)? [eE] [+-]? [0-9]+;
    starts_expr = [A-Za-z_"'[{];
    */
    lexer->newline = false;
again:
    lexer->start = YYCURSOR;
    /*!re2c
    <code> [ \t\r]+         { goto again; }
    <code> "\n"             { lexer->newline = true; lexer->line = YYCURSOR; goto again; }
    <code> "#" [^\n\x00]*   { lexer_comment(lexer); goto again; }
    <code> "\x00"           { lexer->cursor--; return RAW_END; }

    <code> word             { return RAW_WORD; }
    <code> word ("-" word)+ { return RAW_DASHED_WORD; }
    <code> [A-Za-z_\x80-\xff] strange { return RAW_STRANGE_WORD; }
    <code> [\x80-\xff]      { return RAW_STRANGE_WORD; }
    <code> number           { return RAW_NUMBER; }
    <code> float            { return RAW_NUMBER; }
    <code> "'"              { return RAW_RAW; }
    <code> "'''"            { return RAW_RAW_TRIPLE; }
    <code> "\""             { return RAW_QUOTE; }
    <code> "\"\"\""         { return RAW_QUOTE_TRIPLE; }

    <code> "<"              { return RAW_LT; }
    <code> "<="             { return RAW_LE; }
    <code> ">"              { return RAW_GT; }
    <code> ">="             { return RAW_GE; }
    <code> "=="             { return RAW_EQ; }
    <code> "!="             { return RAW_NE; }
    <code> "="              { return RAW_ASSIGN; }
    <code> "->"             { return RAW_ARROW; }
    <code> "=>"             { return RAW_FAT_ARROW; }
    <code> "&&"             { return RAW_AND; }
    <code> "||"             { return RAW_OR; }
    <code> "!"              { return RAW_NOT; }
    <code> "|"              { return RAW_BAR; }
    <code> ","              { return RAW_COMMA; }
    <code> "."              { return RAW_DOT; }
    <code> ":"              { return RAW_COLON; }
    <code> "?"              { return RAW_QUESTION; }
    <code> "{"              { return RAW_LBRACE; }
    <code> "}"              { return RAW_RBRACE; }
    <code> "("              { return RAW_LPAREN; }
    <code> ")"              { return RAW_RPAREN; }
    <code> "["              { return RAW_LSQUARE; }
    <code> "]"              { return RAW_RSQUARE; }
    <code> *                { return RAW_OTHER; }

    <text> ([^"\\<\n\x00] | "\\" [^\n\x00])+ { return text(lexer); }
    <text> "\\"             { return RAW_TEXT; }
    <text> "<" / starts_expr { return RAW_EXPR; }
    <text> "<"              { return RAW_LESS; }
    <text> "\""             { return RAW_UNQUOTE; }
    <text> [\n\x00]         { lexer->cursor--; return RAW_STRING_END; }

    <triple> ([^"\\<\x00] | "\\" [^\x00])+ { return RAW_TEXT; }
    <triple> ["\\]          { return RAW_TEXT; }
    <triple> "<" / starts_expr { return RAW_EXPR; }
    <triple> "<"            { return RAW_LESS; }
    <triple> "\"\"\""       { return RAW_UNQUOTE; }
    <triple> "\x00"         { lexer->cursor--; return RAW_STRING_END; }
    <text, triple> *        { return RAW_TEXT; }
    */
}
