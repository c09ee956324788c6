/*
 * syntax_advice.c - what to write here in place of what other languages write: a sentence for the
 * help line of a syntax error.
 */
#include "syntax/syntax.h"
#include "syntax/tokens.h"

#include <string.h>

#include "parser.h"

/* The innermost bracket that is no parenthesis or list. */
static const Bracket *around(const Lexer *lx) {
    uint32_t i = lx->depth;
    while (i > 0 &&
           (lx->stack[i - 1].kind == BRACKET_PAREN || lx->stack[i - 1].kind == BRACKET_SQUARE)) {
        i--;
    }
    return i > 0 ? &lx->stack[i - 1] : NULL;
}

static const char *rest_of_line(Parser *parser, const char *text) {
    return arena_printf(parser->arena, "%.*s", (int)strcspn(text, "\n"), text);
}

/* The pipe that does what an operator does elsewhere, or NULL. */
static const char *pipe_for(const char *text, bool compares) {
    static const struct {
        const char *sign, *pipe;
        bool compares;
    } rows[] = { { "!=", "neq", true }, { "<", "lt", true },   { ">", "gt", true },
                 { "+", "add", false }, { "-", "sub", false }, { "*", "mul", false },
                 { "/", "div", false } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].compares == compares &&
            strncmp(text, rows[i].sign, strlen(rows[i].sign)) == 0) {
            return rows[i].pipe;
        }
    }
    return NULL;
}

/* For a sign of other languages at `text`, in an expression or a condition. */
static const char *sign_advice(Arena *arena, const char *text, bool condition) {
    const char *pipe = pipe_for(text, false);
    if (*text == '\\') {
        return "quotes between `<` and `>` stand as they are: `<x | default(\"y\")>`";
    }
    if (pipe) {
        return arena_printf(arena, "values are computed by pipes: `| %s(…)`", pipe);
    }
    pipe = condition ? NULL : pipe_for(text, true);
    return pipe ? arena_printf(arena, "inside of `<` `>` a comparison is a pipe: `| %s(…)`", pipe)
                : NULL;
}

/* Inside of <…>: an index, a method, an operator, or text that was never meant to be one. */
static const char *expression_advice(Parser *parser, const Token *token, const Token *before,
                                     const Bracket *in) {
    const char *text = parser->lexer.text + token->span.start;
    if (token->kind == '[') {
        return "an element of a list is `| nth(0)`, or `| first`; a field of json `.name`";
    }
    if (token->kind == '(' && before->kind == TOK_NAME) {
        return "there are no methods: a pipe is written `value | pipe(…)`";
    }
    bool other = token->kind == TOK_NAME || token->kind == TOK_BARE_OPEN || before->kind == '<';
    const char *pipe = other ? NULL : sign_advice(parser->arena, text, false);
    if (pipe) {
        return pipe;
    }
    bool text_like = before->kind == TOK_NAME && in == top_bracket(&parser->lexer);
    return in->in_text && text_like
               ? "in a string a less-than sign that opens no expression is written `\\<`"
               : NULL;
}

static bool has_arrow(const char *line) {
    return strstr(line, "->") || strstr(line, "=>");
}

static bool is_quote(char c) {
    return c == '"' || c == '\'';
}

/* `"name" :` */
static bool is_quoted_name(const char *text) {
    if (*text != '"') {
        return false;
    }
    const char *end = text + 1 + strcspn(text + 1, "\"\n");
    return *end == '"' && *skip_blank(end + 1) == ':';
}

/* Words that are right, but not here. */
static const char *order_advice(const Parser *parser, const Token *token, const Token *before,
                                const char *line) {
    const char *text = parser->lexer.text + token->span.start;
    static const char *const words[] = { "merge", "any", "temp" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *word = parser->lexer.text + before->span.start;
        size_t n = strlen(words[i]), nword = before->span.end - before->span.start;
        bool first = strncmp(text, words[i], n) == 0 && (text[n] == ' ' || text[n] == '\t');
        bool type = token->kind == TOK_NAME && before->kind == TOK_NAME && nword == n &&
                    memcmp(word, words[i], n) == 0;
        if (first || type) {
            return "`merge`, `any` and `temp` stand behind the type: `in x: int merge`";
        }
    }
    if (parser->lexer.item == TOK_EDGE_NAME && strncmp(text, "sort ", 5) == 0) {
        return "artifacts are ordered by `order by`: `-> b.x order by it.size desc take 3`";
    }
    if (token->kind == TOK_NAME && has_arrow(line) && strstr(line, " where ") &&
        strstr(line, " where ") < strstr(line, ">")) {
        return "a condition stands behind the target: `a.p -> b.q where it > 1`";
    }
    return NULL;
}

/* Between the items of a block. */
static const char *item_advice(Parser *parser, const Token *token, const Token *before) {
    const char *text = parser->lexer.text + token->span.start;
    const char *line = rest_of_line(parser, text);
    if (strncmp(text, "//", 2) == 0 || strncmp(text, "/*", 2) == 0) {
        return "a comment begins with `#`";
    }
    if ((token->kind == '[' || (token->kind == TOK_NAME && *skip_blank(skip_word(text)) == ',')) &&
        has_arrow(line)) {
        return "an edge leaves one stage: write one for each, `a => c` and `b => c`";
    }
    if (is_quoted_name(text)) {
        return "names stand without quotes, behind their word: `in x: int`";
    }
    if (token->kind == '[' && before->kind == TOK_NAME) {
        return "a list is declared as `list<T>`";
    }
    if (token->kind == TOK_NAME && strstr(line, "<-")) {
        return "the arrow goes with the data: `from.port -> to.port`";
    }
    if (before->kind == TOK_A_GATE && token->kind == TOK_NAME) {
        return "behind `gate` stands nothing, or `passthrough`";
    }
    const char *order = order_advice(parser, token, before, line);
    if (order) {
        return order;
    }
    if (token->kind == TOK_NAME && *skip_blank(skip_word(text)) == '=') {
        return "a value is an `input`, a `config`, or the output of a stage: `out x: int = <3>`";
    }
    if (parser->lexer.item == TOK_EDGE_NAME && token->kind == TOK_NAME && !token->first &&
        (strncmp(text, "if ", 3) == 0 || strncmp(text, "when ", 5) == 0)) {
        return "what an edge lets through is said by `where`, as `it`: `where it > 1`";
    }
    return NULL;
}

const char *syntax_advice(Parser *parser, const Token *token, const Token *before) {
    const Bracket *in = around(&parser->lexer);
    if (before->kind == '.' && (token->kind == TOK_STR_OPEN || token->kind == TOK_RAW)) {
        return "a field whose name is no word is `| json | json_get(\"…\")`";
    }
    if (in && in->kind == BRACKET_EXPR) {
        return expression_advice(parser, token, before, in);
    }
    const char *text = parser->lexer.text + token->span.start;
    if (parser->lexer.cond && token->kind == TOK_BAD) {
        return sign_advice(parser->arena, text, true);
    }
    if ((*text == ':' && before->kind == TOK_NAME && parser->lexer.head != HEAD_NONE) ||
        (*text == '{' && before->kind == '=' && parser->lexer.item == TOK_STAGE)) {
        return "the block follows the name directly: `stage a { … }`";
    }
    if (parser->lexer.item == TOK_SCRIPT && token->kind != TOK_BAD) {
        return "`script` takes an interpreter and a text: `script \"python3\" '''…'''`";
    }
    if (*text == '{' && before->kind == TOK_A_RESOURCES) {
        return "resources stand without braces: `resources cpu: 2, memory: 4GB`";
    }
    if (before->kind == TOK_EXPR_CLOSE && !token->first && !token_is(token->kind, BEGINS_ITEM) &&
        strchr(rest_of_line(parser, text), '>')) {
        return sign_advice(parser->arena, ">", false);
    }
    if (before->kind == TOK_RUN && token->kind == TOK_NAME && is_quote(*skip_word(text))) {
        return "a double-quoted string has its expressions in `<` `>`, no letter before it";
    }
    return item_advice(parser, token, before);
}
