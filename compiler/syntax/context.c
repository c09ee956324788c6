/*
 * context.c - which words are keywords where they stand, and which are names.
 */
#include "syntax/synonyms.h"
#include "syntax/tokens.h"

#include <string.h>

#include "parser.h"

/* Is the word at hand this one? Inline: its length is known then. */
static inline bool is(const Lexer *lx, const char *word) {
    size_t n = strlen(word);
    return (size_t)(lx->cursor - lx->start) == n && memcmp(lx->start, word, n) == 0;
}

/* Behind `p`, is there `.port` or nothing, and then an arrow, or on the same line what was meant to
 * be one? */
static bool is_endpoint(const Lexer *lx, const char *p) {
    p = skip_blank(p);
    if (*p == '.') {
        p = skip_blank(p + 1);
        if (!starts_word(p)) {
            return false;
        }
        p = skip_blank(skip_word(p));
    }
    const Bracket *top = lx->depth ? &lx->stack[lx->depth - 1] : NULL;
    bool edges = lx->newline && top && top->kind == BRACKET_BLOCK && top->block == BLOCK_PIPELINE;
    return at_arrow(p) ||
           (edges && arrow_like(p) > 0 && !memchr(lx->start, '\n', (size_t)(p - lx->start)));
}

/* Does a keyword have behind it what its item goes on with? */
static bool goes_on(const Lexer *lx, const Word *word) {
    const char *p = skip_blank(lx->cursor);
    switch (word->token) {
    case TOK_RUN:
    case TOK_C:
    case TOK_SCRIPT:
    case TOK_EXEC: return *p == '"' || *p == '\'';
    case TOK_IN:
    case TOK_OUT:
    case TOK_INPUT:
    case TOK_CONFIG:
    case TOK_OUTPUT: return starts_word(p) && *skip_blank(skip_word(p)) == ':';
    default: return false;
    }
}

/* Does the grammar want a name behind the last token, whatever the word is? An item's keyword on
 * the next line is one all the same: then the name is what is missing. */
static bool name_expected(const Lexer *lx, const Word *word) {
    bool item = word && word->kind == WORD_ITEM;
    if (lx->prev.kind == ',') {
        const Bracket *top = lx->depth ? &lx->stack[lx->depth - 1] : NULL;
        bool list = top && top->kind != BRACKET_BLOCK;
        bool words =
            lx->item == TOK_A_WORDS || lx->item == TOK_A_RETRY || lx->item == TOK_EDGE_NAME;
        return list || words || !(item && lx->newline);
    }
    return token_is(lx->prev.kind, ONLY_NAME) ||
           (token_is(lx->prev.kind, WANTS_NAME) && !(item && (lx->newline || goes_on(lx, word))));
}

/* `in` behind an operand of a condition: the comparison, or the declaration of a port? */
static bool is_in_operator(const Lexer *lx) {
    if (lx->compared) {
        return false;
    }
    const char *p = skip_blank(lx->cursor);
    if (!starts_word(p)) {
        return true;
    }
    const char *q = skip_blank(skip_word(p));
    return *q != ':' && !(lx->newline && starts_word(q));
}

/* `not in` is one comparison. */
static Token not_token(Lexer *lx) {
    const char *p = skip_blank(lx->cursor);
    if (!token_is(lx->prev.kind, ENDS_OPERAND) || strncmp(p, "in", 2) != 0 ||
        skip_word(p) != p + 2) {
        return token_here(lx, TOK_NOT);
    }
    lx->cursor = p + 2;
    return compare_token(lx, DAG_NOT_IN);
}

/* A word of conditions, in a condition. NO_TOKEN: it is none here. */
static Token condition_word(Lexer *lx, const Word *word) {
    Token none = { .kind = NO_TOKEN };
    if (!lx->cond) {
        return none;
    }
    if (word->token == TOK_NOT) {
        return not_token(lx);
    }
    if (!token_is(lx->prev.kind, ENDS_OPERAND) && lx->prev.kind != TOK_EXISTS) {
        return none;
    }
    if (word->token == TOK_IN) {
        return is_in_operator(lx) ? compare_token(lx, DAG_IN) : none;
    }
    if (word->kind != WORD_CONDITION) {
        return none;
    }
    return token_with(lx, word->token, word->number);
}

static Token keyword(Lexer *lx, const Word *word) {
    bool call = word->token == TOK_CALL || word->token == TOK_MAP;
    bool instance = call && lx->prev.kind == '=' && lx->head == HEAD_OPTIONAL;
    if (word->kind == WORD_ITEM && !is_hook_run(lx, word->token) && !instance) {
        Token made = before_item(lx, word->token, word->places);
        if (made.kind != NO_TOKEN) {
            return made;
        }
    }
    bool ends_condition =
        word->token == TOK_ORDER || word->token == TOK_TAKE || word->token == TOK_ON;
    if (lx->cond && ends_condition && block_depth(lx) < lx->depth) {
        return left_open(lx, block_depth(lx));
    }
    return token_with(lx, word->token, word->number);
}

/* How far a line is looked at for what a name without a keyword may be. */
#define MAX_LOOK 200

/* `text: file` without what it is: the word that is likely to be missing. */
static const Word *missing_port_word(const Lexer *lx) {
    size_t n = 0;
    while (n < MAX_LOOK && !strchr("\n#=", lx->cursor[n])) {
        n++; /* the NUL at the end stops it too */
    }
    bool value = lx->cursor[n] == '=';
    bool expr = value && *skip_blank(lx->cursor + n + 1) == '<';
    const Bracket *top = &lx->stack[lx->depth - 1];
    const char *text = top->block == BLOCK_STAGE ? (value ? "out" : "in")
                       : expr                    ? "output"
                                                 : "input";
    return word_find(lx->words, text, strlen(text));
}

static bool is_port(int item) {
    return item == TOK_IN || item == TOK_OUT || item == TOK_INPUT || item == TOK_CONFIG ||
           item == TOK_OUTPUT;
}

/* `shell: "…"`, `threads: 4`: a word of another tool with its value, no port without `in`. */
static bool is_foreign_item(const Lexer *lx) {
    const char *colon = skip_blank(lx->cursor);
    if (*colon != ':' || !strchr("\"'[{0123456789", *skip_blank(colon + 1))) {
        return false;
    }
    const char *word = arena_text(lx->arena, lx->start, (size_t)(lx->cursor - lx->start));
    return synonym_of(SYNONYM_ITEM, word, 0) || synonym_advice(SYNONYM_ITEM, word);
}

/* The keyword that is missing before a name at the beginning of an item; NULL: none. */
static const Word *missing_word(const Lexer *lx) {
    if (is_foreign_item(lx)) {
        return NULL;
    }
    bool begins =
        lx->newline || lx->prev.kind == TOK_LBLOCK || lx->prev.kind == TOK_RBLOCK ||
        (is_port(lx->item) && token_is(lx->prev.kind, ENDS_OPERAND) && lx->prev.kind != ':');
    const Bracket *top = lx->depth ? &lx->stack[lx->depth - 1] : NULL;
    if (!begins || (top && top->kind != BRACKET_BLOCK) || lx->head == HEAD_BLOCK) {
        return NULL;
    }
    size_t n = (size_t)(lx->cursor - lx->start);
    char next = *skip_blank(lx->cursor);
    if (next == '{' && (!top || top->block == BLOCK_PIPELINE)) {
        return top ? word_find(lx->words, "stage", 5) : word_find(lx->words, "pipeline", 8);
    }
    if (next == '=' && !top) {
        return word_find(lx->words, "type", 4);
    }
    return next == ':' && top && !word_find(lx->words, lx->start, n) ? missing_port_word(lx) : NULL;
}

/* Does a word belong to such an item? */
static bool is_part_of(const Lexer *lx, const Word *word) {
    if (word->kind == WORD_CONDITION) {
        return lx->cond;
    }
    switch (word->token) {
    case TOK_AS: return lx->item == TOK_IMPORT;
    case TOK_LINK:
    case TOK_PKG:
    case TOK_INCLUDE:
        return lx->item == TOK_C || (lx->item == TOK_NATIVE && lx->prev.kind != TOK_RAW &&
                                     lx->prev.kind != TOK_STR_CLOSE);
    case TOK_OVER: return lx->item == TOK_MAP || lx->item == TOK_STAGE;
    case TOK_BACKOFF: return lx->item == TOK_A_RETRY;
    case TOK_GROW: return lx->item == TOK_A_RESOURCES;
    case TOK_WHERE: return lx->item == TOK_INPUT || lx->item == TOK_EDGE_NAME;
    case TOK_ORDER:
    case TOK_TAKE:
    case TOK_DESC: return lx->item == TOK_EDGE_NAME;
    case TOK_MERGE:
    case TOK_ANY: return lx->item == TOK_IN;
    case TOK_TEMP: return lx->item == TOK_OUT;
    case TOK_PASSTHROUGH: return lx->item == TOK_A_GATE;
    default: return false;
    }
}

/* A word of its item that is misspelt: read as the one that is meant. NULL: none. */
static const Word *misspelt_part(Lexer *lx) {
    const char *text = arena_text(lx->arena, lx->start, (size_t)(lx->cursor - lx->start));
    Nearest nearest = nearest_to(text);
    const Word *best = NULL;
    for (unsigned i = 0; word_row(i) && !lx->newline; i++) {
        const Word *word = word_row(i);
        if (word->kind != WORD_ITEM && is_part_of(lx, word)) {
            const char *before = nearest.best;
            nearest_offer(&nearest, word->text);
            best = nearest.best != before ? word : best;
        }
    }
    if (best) {
        Diag *diag = REPORT(lx, E0102, span_here(lx), "unknown word `%s`; did you mean `%s`?", text,
                            best->text);
        FIX(lx, diag, false, span_here(lx), best->text, "write `%s`", best->text);
        lexer_doubt(lx, span_here(lx).start);
    }
    return best;
}

/* A name where the grammar wants none: the first word of an edge, or a mistake. */
static Token stray_name(Lexer *lx) {
    const Bracket *top = top_bracket(lx);
    lx->skipping &= !begins_item_line(lx);
    if (lx->newline && !lx->skipping && (!top || top->kind == BRACKET_BLOCK)) {
        lx->item_at = span_here(lx).start; /* an item of its own, whatever it is */
    }
    if (is_endpoint(lx, lx->cursor)) {
        Token made = before_item(lx, TOK_EDGE_NAME, PLACE_PIPELINE);
        return made.kind != NO_TOKEN ? made : token_here(lx, TOK_EDGE_NAME);
    }
    const Word *missing = missing_word(lx);
    if (missing) {
        Span span = span_here(lx);
        Diag *diag = REPORT(lx, E0102, span, "expected a word like `%s` before `%.*s`",
                            missing->text, (int)(span.end - span.start), lx->start);
        Span at = { span.file, span.start, span.start };
        FIX(lx, diag, false, at, arena_printf(lx->arena, "%s ", missing->text), "insert `%s`",
            missing->text);
        lexer_doubt(lx, span.start);
        lx->cursor = lx->mark;
        return token_made(lx, missing->token);
    }
    const Word *part = misspelt_part(lx);
    if (part) {
        return token_with(lx, part->token, part->number);
    }
    return token_here(lx, TOK_NAME);
}

/* Words with a meaning only before what follows them directly, which is at `behind`. */
static int special_word(const Lexer *lx, const char *behind) {
    char next = *behind;
    switch (lx->prev.kind) {
    case '|': return next == '(' && is(lx, "as") ? TOK_AS_PIPE : 0;
    case '=':
        if ((next == '"' || next == '\'') && is(lx, "glob")) {
            return TOK_GLOB;
        }
        if (lx->head == HEAD_OPTIONAL && !strchr(".({}=", next) &&
            (is(lx, "call") || is(lx, "map")) &&
            !memchr(lx->cursor, '\n', (size_t)(behind - lx->cursor))) {
            return is(lx, "map") ? TOK_MAP : TOK_CALL;
        }
        break;
    default: break;
    }
    return next == '(' && is(lx, "enum") ? TOK_ENUM : 0;
}

/* A keyword where the grammar wants no name, for all that its surroundings say; NULL: a name. */
static const Word *meant_word(const Lexer *lx, const Word *word, const char *next) {
    bool suffix = word->kind == WORD_SUFFIX || word->kind == WORD_CONDITION;
    if (*next == '.' || *next == ':' || (at_arrow(next) && (!suffix || lx->newline))) {
        return NULL;
    }
    if (*next == '<' && (word->token == TOK_MAP || word->token == TOK_CALL)) {
        return NULL;
    }
    bool quoted = word->token == TOK_LINK || word->token == TOK_PKG || word->token == TOK_INCLUDE;
    return quoted && *next != '"' && *next != '\'' ? NULL : word;
}

/* `stage stage x {`: a declaring word twice, before the name that it declares. Behind a name that is
 * spelt like the word no other name stands. */
static bool is_doubled(const Lexer *lx, const Word *word, const char *next) {
    return word && word->token == lx->prev.kind && token_is(lx->prev.kind, DECLARES) &&
           !lx->newline && starts_word(next) &&
           !memchr(lx->cursor, '\n', (size_t)(next - lx->cursor));
}

static Token doubled_word(Lexer *lx) {
    Span span = span_here(lx);
    Diag *diag = REPORT(lx, E0101, span, "`%.*s` stands here twice", (int)(span.end - span.start),
                        lx->start);
    Span with_blank = { span.file, lx->prev.span.end, span.end };
    FIX(lx, diag, true, with_blank, "", "take one away");
    return token_here(lx, NO_TOKEN);
}

/* `next`: what follows it, behind blanks. */
static Token word_in_code(Lexer *lx, const char *next) {
    int special = special_word(lx, next);
    if (special) {
        return token_here(lx, special);
    }
    const Word *word = token_is(lx->prev.kind, ONLY_NAME)
                           ? NULL
                           : word_find(lx->words, lx->start, (size_t)(lx->cursor - lx->start));
    bool expected = name_expected(lx, word);
    if (is_doubled(lx, word, next)) {
        return doubled_word(lx);
    }
    if (expected && lx->newline && token_is(lx->prev.kind, WANTS_NAME) &&
        is_endpoint(lx, lx->cursor)) {
        return stray_name(lx); /* an edge: the name that was expected is missing */
    }
    word = word && !expected ? meant_word(lx, word, next) : NULL;
    if (lx->cond && is(lx, "not") && !token_is(lx->prev.kind, ENDS_OPERAND)) {
        return lx->prev.kind == TOK_COMPARE ? token_here(lx, TOK_NAME) : token_here(lx, TOK_NOT);
    }
    if (word) {
        Token token = condition_word(lx, word);
        if (token.kind != NO_TOKEN) {
            return token;
        }
        if (word->kind != WORD_CONDITION) {
            return keyword(lx, word);
        }
    }
    return expected ? token_here(lx, TOK_NAME) : stray_name(lx);
}

Token word_token(Lexer *lx) {
    if (lx->start == lx->replay) {
        lx->replay = NULL;
        return keyword(lx, lx->replay_word);
    }
    if (is(lx, "true")) {
        return token_with(lx, TOK_LITERAL, LITERAL_TRUE);
    }
    if (is(lx, "false")) {
        return token_with(lx, TOK_LITERAL, LITERAL_FALSE);
    }
    if (is(lx, "null")) {
        return token_with(lx, TOK_LITERAL, LITERAL_NULL);
    }
    const char *next = skip_blank(lx->cursor);
    if (*next != '(' && !lx->cond && token_is(lx->prev.kind, ONLY_NAME)) {
        return token_here(lx, TOK_NAME); /* most words, before all that is asked about others */
    }
    const Bracket *top = top_bracket(lx);
    if (top && top->in_text) {
        bool as = lx->prev.kind == '|' && is(lx, "as") && *next == '(';
        bool cases = !as && is(lx, "enum") && *next == '(';
        return as      ? token_here(lx, TOK_AS_PIPE)
               : cases ? token_here(lx, TOK_ENUM)
                       : token_here(lx, TOK_NAME);
    }
    return word_in_code(lx, next);
}

const char *word_without_dashes(const Lexer *lx, Span span) {
    char *word = arena_text(lx->arena, lx->text + span.start, span.end - span.start);
    for (char *p = word; *p; p++) {
        *p = *p == '-' ? '_' : *p;
    }
    return word;
}

Token bad_word(Lexer *lx, RawKind raw) {
    if (lx->start == lx->replay) {
        lx->replay = NULL;
        return keyword(lx, lx->replay_word);
    }
    Span span = span_here(lx);
    int n = (int)(span.end - span.start);
    Diag *diag = REPORT(lx, E0010, span,
                        "`%.*s` is no name: names are made of letters a to z, "
                        "digits and `_`",
                        n, lx->start);
    if (raw == RAW_DASHED_WORD) {
        const char *word = word_without_dashes(lx, span);
        FIX(lx, diag, false, span, word, "write `%s`", word);
    }
    return token_with(lx, TOK_NAME, NO_NAME_AT_ALL);
}

/* May the word here be a target that was meant for the arrow on the line before? */
static bool is_meant_target(const Lexer *lx, RawKind raw) {
    if (raw != RAW_WORD || is_endpoint(lx, lx->cursor)) {
        return false;
    }
    const Word *word = word_find(lx->words, lx->start, (size_t)(lx->cursor - lx->start));
    return !word || word->kind != WORD_ITEM || *skip_blank(lx->cursor) == '.';
}

Token target_on_next_line(Lexer *lx, RawKind raw) {
    Token none = { .kind = NO_TOKEN };
    const Bracket *top = top_bracket(lx);
    bool comma = lx->prev.kind == ',';
    if (comma && (lx->item != TOK_EDGE_NAME || !top || top->kind != BRACKET_BLOCK)) {
        return none;
    }
    if (is_meant_target(lx, raw)) {
        REPORT(lx, E0108, span_here(lx), "a target stands on the same line as its arrow");
        return none;
    }
    REPORT(lx, E0108, lx->prev.span, "expected a target on this line, behind `%s`",
           comma             ? ","
           : lx->prev.number ? "=>"
                             : "->");
    lx->cursor = lx->mark;
    return token_made(lx, TOK_NO_TARGET);
}
