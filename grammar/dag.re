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

/* The piece ends at `cursor`, which the scanner itself keeps in a register. */
static inline RawKind ends(Lexer *lexer, const char *cursor, RawKind kind) {
    lexer->cursor = cursor;
    return kind;
}

/* The text of a line that ends in \r\n does not have the \r. */
static RawKind text(Lexer *lexer, const char *cursor) {
    if (*cursor == '\n' && cursor[-1] == '\r') {
        cursor--;
        return ends(lexer, cursor, cursor > lexer->start ? RAW_TEXT : RAW_STRING_END);
    }
    return ends(lexer, cursor, RAW_TEXT);
}

/* Behind the blanks and line ends before a piece. */
static const char *blanks(Lexer *lexer, const char *cursor) {
    while (*cursor == ' ' || *cursor == '\n' || *cursor == '\t' || *cursor == '\r') {
        if (*cursor++ == '\n') {
            lexer->newline = true;
            lexer->line = cursor;
        }
    }
    return cursor;
}

RawKind lexer_scan(Lexer *lexer) {
    const char *YYMARKER, *YYCURSOR = lexer->cursor;
    /*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYGETCONDITION = "in";
    re2c:define:YYGETCONDITION:naked = 1;
    re2c:yyfill:enable = 0;

    word   = [A-Za-z_\x01][A-Za-z0-9_\x01]*;
    strange = [A-Za-z0-9_\x80-\xff]+;
    digits = [0-9][0-9A-Za-z_]*;
    number = "-"? digits ("." digits)?;
    float  = "-"? [0-9][0-9_]* ("." [0-9_]+)? [eE] [+-]? [0-9]+;
    starts_expr = [A-Za-z_"'[{];
    */
    int in = condition(lexer);
    lexer->newline = false;
again:
    if (in == yyccode) {
        YYCURSOR = blanks(lexer, YYCURSOR);
    }
    lexer->start = YYCURSOR;
    /*!re2c
    <code> "#" [^\n\x00]*   { lexer->cursor = YYCURSOR; lexer_comment(lexer); goto again; }
    <code> "\x00"           { return ends(lexer, YYCURSOR - 1, RAW_END); }

    <code> word             { return ends(lexer, YYCURSOR, RAW_WORD); }
    <code> word ("-" word)+ { return ends(lexer, YYCURSOR, RAW_DASHED_WORD); }
    <code> [A-Za-z_\x80-\xff] strange { return ends(lexer, YYCURSOR, RAW_STRANGE_WORD); }
    <code> [\x80-\xff]      { return ends(lexer, YYCURSOR, RAW_STRANGE_WORD); }
    <code> number           { return ends(lexer, YYCURSOR, RAW_NUMBER); }
    <code> float            { return ends(lexer, YYCURSOR, RAW_NUMBER); }
    <code> "'"              { return ends(lexer, YYCURSOR, RAW_RAW); }
    <code> "'''"            { return ends(lexer, YYCURSOR, RAW_RAW_TRIPLE); }
    <code> "\""             { return ends(lexer, YYCURSOR, RAW_QUOTE); }
    <code> "\"\"\""         { return ends(lexer, YYCURSOR, RAW_QUOTE_TRIPLE); }

    <code> "<"              { return ends(lexer, YYCURSOR, RAW_LT); }
    <code> "<="             { return ends(lexer, YYCURSOR, RAW_LE); }
    <code> ">"              { return ends(lexer, YYCURSOR, RAW_GT); }
    <code> ">="             { return ends(lexer, YYCURSOR, RAW_GE); }
    <code> "=="             { return ends(lexer, YYCURSOR, RAW_EQ); }
    <code> "!="             { return ends(lexer, YYCURSOR, RAW_NE); }
    <code> "="              { return ends(lexer, YYCURSOR, RAW_ASSIGN); }
    <code> "->"             { return ends(lexer, YYCURSOR, RAW_ARROW); }
    <code> "=>"             { return ends(lexer, YYCURSOR, RAW_FAT_ARROW); }
    <code> "&&"             { return ends(lexer, YYCURSOR, RAW_AND); }
    <code> "||"             { return ends(lexer, YYCURSOR, RAW_OR); }
    <code> "!"              { return ends(lexer, YYCURSOR, RAW_NOT); }
    <code> "|"              { return ends(lexer, YYCURSOR, RAW_BAR); }
    <code> ","              { return ends(lexer, YYCURSOR, RAW_COMMA); }
    <code> "."              { return ends(lexer, YYCURSOR, RAW_DOT); }
    <code> ":"              { return ends(lexer, YYCURSOR, RAW_COLON); }
    <code> "?"              { return ends(lexer, YYCURSOR, RAW_QUESTION); }
    <code> "{"              { return ends(lexer, YYCURSOR, RAW_LBRACE); }
    <code> "}"              { return ends(lexer, YYCURSOR, RAW_RBRACE); }
    <code> "("              { return ends(lexer, YYCURSOR, RAW_LPAREN); }
    <code> ")"              { return ends(lexer, YYCURSOR, RAW_RPAREN); }
    <code> "["              { return ends(lexer, YYCURSOR, RAW_LSQUARE); }
    <code> "]"              { return ends(lexer, YYCURSOR, RAW_RSQUARE); }
    <code> *                { return ends(lexer, YYCURSOR, RAW_OTHER); }

    <text> ([^"\\<\n\x00] | "\\" [^\n\x00])+ { return text(lexer, YYCURSOR); }
    <text> "\\"             { return ends(lexer, YYCURSOR, RAW_TEXT); }
    <text> "<" / starts_expr { return ends(lexer, YYCURSOR, RAW_EXPR); }
    <text> "<"              { return ends(lexer, YYCURSOR, RAW_LESS); }
    <text> "\""             { return ends(lexer, YYCURSOR, RAW_UNQUOTE); }
    <text> [\n\x00]         { return ends(lexer, YYCURSOR - 1, RAW_STRING_END); }

    <triple> ([^"\\<\x00] | "\\" [^\x00])+ { return ends(lexer, YYCURSOR, RAW_TEXT); }
    <triple> ["\\]          { return ends(lexer, YYCURSOR, RAW_TEXT); }
    <triple> "<" / starts_expr { return ends(lexer, YYCURSOR, RAW_EXPR); }
    <triple> "<"            { return ends(lexer, YYCURSOR, RAW_LESS); }
    <triple> "\"\"\""       { return ends(lexer, YYCURSOR, RAW_UNQUOTE); }
    <triple> "\x00"         { return ends(lexer, YYCURSOR - 1, RAW_STRING_END); }
    <text, triple> *        { return ends(lexer, YYCURSOR, RAW_TEXT); }
    */
}
