/*
 * syntax_error.c - says in the user's words what was expected where the grammar cannot go on, and
 * decides how to go on: as though the word that was meant stood there, or at the next item.
 */
#include "syntax/syntax.h"
#include "syntax/synonyms.h"
#include "syntax/tokens.h"

#include <ctype.h>
#include <string.h>

#include "parser.h"

typedef struct Unexpected {
    Parser *parser;
    Lexer *lx;
    const Token *token;
    const Token *before;  /* the token before it */
    const bool *expected; /* by kind */
} Unexpected;

static const char *text_of(const Unexpected *u, Span span) {
    const char *text = u->lx->text + span.start;
    size_t n = span.end - span.start;
    size_t line = 0;
    while (line < n && text[line] != '\n') {
        line++;
    }
    return arena_printf(u->parser->arena, "%.*s%s", line > 40 ? 40 : (int)line, text,
                        line > 40 || line < n ? "…" : "");
}

static const char *name_of(const Unexpected *u, const Token *token) {
    return token_name(u->parser, *token).text;
}

static bool is_text(int kind) {
    return kind == TOK_RAW || kind == TOK_STR_OPEN || kind == TOK_STR_CLOSE;
}

/* The token in the words of a sentence. */
static const char *token_words(const Unexpected *u, const Token *token) {
    if (token->kind == TOK_YYEOF) {
        return "the end of the file";
    }
    if (is_text(token->kind)) {
        return "a string";
    }
    return arena_printf(u->parser->arena, "`%s`", text_of(u, token->span));
}

/* ---------------------------------------------------------------- what was expected */

/* What a name would have been, by the keyword before it. */
static const char *name_words(const Unexpected *u) {
    switch (u->before->kind) {
    case TOK_STAGE: return "the stage's name";
    case TOK_PLUGIN: return "the plugin's name";
    case TOK_PIPELINE: return "the pipeline's name";
    case TOK_TYPE: return "the type's name";
    case TOK_IN:
    case TOK_OUT: return "the port's name";
    case TOK_INPUT: return "the input's name";
    case TOK_CONFIG: return "the config's name";
    case TOK_OUTPUT: return "the output's name";
    case TOK_AS: return "the name to use it by";
    case TOK_CALL:
    case TOK_MAP: return "a pipeline's name";
    case TOK_OVER: return "the name of the port to go over";
    case TOK_ARROW: return "a stage or a port of one";
    case TOK_A_FAN: return "`single`, `aggregate`, `grouped` or `cross`";
    case TOK_A_HOOK: return "`start`, `success`, `failure` or `finish`";
    case TOK_A_ENV: return "the variable's name";
    case TOK_A_WORDS: return "a word";
    case TOK_A_WORD: return "a word";
    case TOK_ON:
        return u->lx->item == TOK_A_RETRY
                   ? "a cause: `timeout`, `oom`, `crashed` or `exit` with its code"
                   : "`success`, `failure` or `always`";
    case '|': return "a pipe's name";
    case '.': return u->lx->item == TOK_EDGE_NAME ? "a port's name" : "a name";
    default: return "a name";
    }
}

/* Phrases are collected until there are enough of them. */
enum { MAX_PHRASES = 4 };
typedef struct Phrases {
    const char *items[MAX_PHRASES];
    int n;
} Phrases;

static void add(Phrases *phrases, bool yes, const char *phrase) {
    if (yes && phrases->n < MAX_PHRASES) {
        phrases->items[phrases->n++] = phrase;
    }
}

/* Values, types, names: of what begins with several kinds of tokens only the whole is named. */
static void add_beginnings(Phrases *p, const Unexpected *u) {
    const bool *e = u->expected;
    bool text = e[TOK_RAW];
    if (e[TOK_NOT]) {
        add(p, true, "a condition");
    } else if (e[TOK_LITERAL] && text) {
        add(p, true, e[TOK_BARE_OPEN] ? "a value" : "a reference or a value");
    } else if (text) {
        add(p, true, e[TOK_BARE_OPEN] ? "a string or an expression in `<` `>`" : "a string");
    } else if (e[TOK_ENUM] && e[TOK_NAME]) {
        add(p, true, "a type");
    } else if (e[TOK_NAME]) {
        add(p, true, name_words(u));
    } else if (e[TOK_LITERAL]) {
        add(p, true, "a number");
    }
}

static void add_signs(Phrases *p, const Unexpected *u) {
    static const struct {
        int kind;
        const char *phrase;
    } signs[] = {
        { TOK_LBLOCK, "`{`" },
        { '=', "`=`" },
        { ':', "`:`" },
        { '(', "`(`" },
        { ',', "`,`" },
        { ')', "`)`" },
        { ']', "`]`" },
        { '}', "`}`" },
        { TOK_TYPE_CLOSE, "`>`" },
        { '|', "`|`" },
        { TOK_EXPR_CLOSE, "`>`" },
        { TOK_COMPARE, "a comparison" },
        { TOK_ARROW, "an arrow" },
        { TOK_OVER, "`over`" },
        { TOK_BY, "`by`" },
        { TOK_RUN, "`run`" },
        { TOK_PASSTHROUGH, "`passthrough`" },
        { '.', "`.`" },
        { TOK_RBLOCK, "`}`" },
    };
    bool expression = u->expected['|'] || u->expected[TOK_COMPARE];
    bool type = u->expected[TOK_ENUM];
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        bool noise =
            (expression && strchr("(.", signs[i].kind)) ||
            (signs[i].kind == TOK_RUN && u->expected[TOK_EXEC]) || /* alone behind `hook KIND` */
            ((signs[i].kind == TOK_RBLOCK || signs[i].kind == '=') && (p->n > 0 || type)) ||
            (signs[i].kind == '.' && p->n > 0);
        add(p, u->expected[signs[i].kind] && !noise, signs[i].phrase);
    }
}

static const char *join_phrases(const Unexpected *u, const Phrases *p) {
    const char *all = p->items[0];
    for (int i = 1; i < p->n; i++) {
        all = arena_printf(u->parser->arena, "%s%s%s", all, i == p->n - 1 ? " or " : ", ",
                           p->items[i]);
    }
    return all;
}

static bool item_may_begin(const Unexpected *u) {
    return u->expected[TOK_IMPORT] || u->expected[TOK_STAGE];
}

static const char *expected_words(const Unexpected *u) {
    Phrases phrases = { .n = 0 };
    add_beginnings(&phrases, u);
    if (phrases.n == 0 || token_is(u->before->kind, ENDS_OPERAND)) {
        add_signs(&phrases, u);
    }
    if (phrases.n > 0) {
        return join_phrases(u, &phrases);
    }
    return u->expected[TOK_IMPORT] ? "`pipeline`, `plugin`, `type` or `import`" : "an item";
}

static void advise(const Unexpected *u, Diag *diag) {
    const char *advice = syntax_advice(u->parser, u->token, u->before);
    if (advice) {
        diag_help(u->parser->diags, diag, "%s", advice);
    }
}

/* ---------------------------------------------------------------- unknown words */

static unsigned place_here(const Lexer *lx) {
    for (uint32_t i = lx->depth; i-- > 0;) {
        if (lx->stack[i].kind == BRACKET_BLOCK) {
            return lx->stack[i].block == BLOCK_PIPELINE ? PLACE_PIPELINE : PLACE_STAGE;
        }
    }
    return PLACE_TOP;
}

static bool declares(int kind) {
    return kind == TOK_IN || kind == TOK_OUT || kind == TOK_INPUT || kind == TOK_CONFIG ||
           kind == TOK_OUTPUT || kind == TOK_STAGE;
}

static bool may_stand(const Unexpected *u, const Word *word) {
    return u->expected[word->token] &&
           (word->kind != WORD_ITEM || (word->places & place_here(u->lx)));
}

/* Does what follows the unknown word look like what would follow this one? */
static bool looks_like(const Unexpected *u, const Word *word) {
    const char *p = skip_blank(u->lx->text + u->token->span.end);
    bool port = declares(word->token) && word->token != TOK_STAGE;
    return !port || (starts_word(p) && *skip_blank(skip_word(p)) == ':');
}

/* The keyword for a word of another tool, if it may stand here. */
static const Word *synonym_word(const Unexpected *u) {
    const char *ours;
    for (unsigned n = 0; (ours = synonym_of(SYNONYM_ITEM, name_of(u, u->token), n)); n++) {
        const Word *word = word_find(u->lx->words, ours, strlen(ours));
        if (may_stand(u, word) && looks_like(u, word)) {
            return word;
        }
    }
    return NULL;
}

static const Word *nearest_word(const Unexpected *u) {
    const Word *best = NULL;
    Nearest nearest = nearest_to(name_of(u, u->token));
    for (unsigned i = 0; word_row(i); i++) {
        if (may_stand(u, word_row(i)) && looks_like(u, word_row(i))) {
            const char *before = nearest.best;
            nearest_offer(&nearest, word_row(i)->text);
            best = nearest.best != before ? word_row(i) : best;
        }
    }
    return best ? best : synonym_word(u);
}

/* A help line: what to write instead, else all words that may begin an item here. */
static void list_items(const Unexpected *u, Diag *diag) {
    const char *all = NULL;
    const char *advice = synonym_advice(SYNONYM_ITEM, name_of(u, u->token));
    advice = advice ? advice : syntax_advice(u->parser, u->token, u->before);
    for (unsigned i = 0; word_row(i) && !advice; i++) {
        const Word *word = word_row(i);
        if (word->kind == WORD_ITEM && (word->places & place_here(u->lx))) {
            all = all ? arena_printf(u->parser->arena, "%s %s", all, word->text) : word->text;
        }
    }
    diag_help(u->parser->diags, diag, advice ? "%s" : "an item begins here with one of: %s",
              advice ? advice : all);
}

/* A word for which there is a keyword: it is read as that one, if that begins an item. */
static bool meant(const Unexpected *u, const Word *word) {
    Diags *diags = u->parser->diags;
    Diag *diag = diag_report(diags, E0102, u->token->span, "unknown word `%s`; did you mean `%s`?",
                             name_of(u, u->token), word->text);
    diag_fix(diags, diag, false, u->token->span, word->text, "write `%s`", word->text);
    lexer_doubt(u->lx, u->token->span.start);
    if (word->kind == WORD_ITEM) {
        lexer_replay(u->lx, u->token, word);
    }
    return word->kind == WORD_ITEM;
}

/* `timeout: 5s`, `in: file` */
static bool keyword_with_colon(const Unexpected *u) {
    const char *p = u->lx->text + u->token->span.end;
    const Word *word = word_find(u->lx->words, name_of(u, u->token), strlen(name_of(u, u->token)));
    if (!word || word->kind != WORD_ITEM || !may_stand(u, word) || *skip_blank(p) != ':') {
        return false;
    }
    if (declares(word->token)) {
        diag_report(u->parser->diags, E0101, u->token->span, "expected a name between `%s` and `:`",
                    word->text);
        lexer_recover(u->lx, u->token);
        return true;
    }
    const char *colon = skip_blank(p);
    Span span = span_between(u->lx, colon, colon + 1);
    Diag *diag =
        diag_report(u->parser->diags, E0101, span, "no `:` is written behind `%s`", word->text);
    diag_fix(u->parser->diags, diag, true, span, "", "remove `:`");
    lexer_doubt(u->lx, u->token->span.start);
    lexer_replay(u->lx, u->token, word);
    u->lx->drop = colon;
    return true;
}

/* A name where none can stand. True: the lexer has been told how to go on. */
static bool unknown_word(const Unexpected *u) {
    if (keyword_with_colon(u)) {
        return true;
    }
    const Word *word = nearest_word(u);
    if (word) {
        return meant(u, word);
    }
    Diag *diag;
    const char *next = skip_blank(u->lx->text + u->token->span.end);
    if (*next == '.' && place_here(u->lx) == PLACE_PIPELINE) {
        diag = diag_report(u->parser->diags, E0102, u->token->span,
                           "expected an item, or an edge like `a.p -> b.q`, found `%s`",
                           name_of(u, u->token));
        advise(u, diag);
    } else if (u->token->first || !u->before->kind || u->before->kind == TOK_LBLOCK ||
               u->before->kind == TOK_RBLOCK) {
        diag = diag_report(u->parser->diags, E0102, u->token->span, "unknown word `%s`",
                           name_of(u, u->token));
        list_items(u, diag);
    } else {
        diag = diag_report(u->parser->diags, E0101, u->token->span, "unexpected `%s` after %s",
                           name_of(u, u->token), token_words(u, u->before));
        advise(u, diag);
    }
    return false;
}

/* ---------------------------------------------------------------- particular mistakes */

static void bad_character(const Unexpected *u) {
    const char *text = u->lx->text + u->token->span.start;
    Diag *diag;
    if (*text == ';') {
        diag = diag_report(u->parser->diags, E0003, u->token->span,
                           "no `;` is needed: nothing separates items");
        diag_fix(u->parser->diags, diag, true, u->token->span, "", "remove `;`");
    } else {
        diag = diag_report(u->parser->diags, E0003, u->token->span, "%s means nothing here",
                           token_words(u, u->token));
        advise(u, diag);
    }
}

/* Is the token behind `call NAME` or `call module.NAME`? */
static bool calls_pipeline(const Unexpected *u) {
    const char *text = u->lx->text, *p = text + u->token->span.start;
    while (p > text && (isalnum((unsigned char)p[-1]) || p[-1] == '_' || p[-1] == '.')) {
        p--;
    }
    while (p > text && isspace((unsigned char)p[-1])) {
        p--;
    }
    return p - text >= 4 && strncmp(p - 4, "call", 4) == 0;
}

/* A sentence of its own for what users often write, or NULL. */
static const char *particular(const Unexpected *u) {
    int kind = u->token->kind;
    bool edge = u->lx->item == TOK_EDGE_NAME;
    if (kind == TOK_COMPARE && u->lx->cond && token_is(u->before->kind, ENDS_OPERAND)) {
        return "comparisons do not chain: join two of them with `and`";
    }
    if (kind == TOK_BARE_OPEN && u->before->kind == TOK_RUN) {
        return "`run` takes a string: put the expression into quotes";
    }
    if (kind == '=' && u->lx->cond) {
        return "the value stands before `where`";
    }
    if (edge && (kind == TOK_WHERE || kind == TOK_ORDER || kind == TOK_TAKE)) {
        return "the order is `where`, `order by`, `take`, each once";
    }
    if (kind == '?' && u->before->kind == '?') {
        return "a type is optional once: one `?` is enough";
    }
    if (kind == TOK_ARROW && u->before->kind != TOK_NAME) {
        return "an edge begins with the stage that it leaves";
    }
    if (u->expected[':'] && u->expected[TOK_ENUM] && u->before->kind == TOK_NAME) {
        return arena_printf(u->parser->arena,
                            "expected `:` and a type after the port's name `%s`, found %s",
                            name_of(u, u->before), token_words(u, u->token));
    }
    if (u->expected[TOK_RUN] && !u->expected[TOK_EXEC] && kind == TOK_EXEC) {
        return "a hook is a shell command: write `run` instead of `exec`";
    }
    if (kind == '(' && calls_pipeline(u)) {
        return "a called pipeline has no arguments: its inputs get values in the block of the "
               "stage, `call sub { in n: int = <…> }`, or by edges";
    }
    if (item_may_begin(u) && !u->expected[','] && kind != TOK_YYEOF && u->before->kind) {
        return arena_printf(u->parser->arena, "unexpected %s after %s",
                            is_text(kind) ? "string" : token_words(u, u->token),
                            token_words(u, u->before));
    }
    return NULL;
}

static bool closes_nothing(const Unexpected *u) {
    int kind = u->token->kind;
    return (kind == TOK_RBLOCK || kind == ')' || kind == ']') && u->token->number;
}

/* A misspelt keyword of an item, where one can begin: another mistake than the one before it. */
static bool is_new_item(const Unexpected *u) {
    const Word *word = NULL;
    if (u->token->kind == TOK_NAME && item_may_begin(u)) {
        word = nearest_word(u);
    }
    return word && word->kind == WORD_ITEM && word->token != TOK_C;
}

/* Has the mistake been reported, at this token or before it? */
static bool is_known(const Unexpected *u, bool again) {
    const char *text = u->lx->text + u->token->span.start;
    bool bad_byte = memchr(text, BAD_BYTE, u->token->span.end - u->token->span.start);
    /* A brace that has its partner, but the grammar has lost it behind another error. */
    bool lost_block = u->token->kind == TOK_RBLOCK && !u->token->number && u->parser->nblocks == 0;
    bool end = u->before->made && u->token->kind == TOK_YYEOF;
    return again || u->token->made || bad_byte || lost_block || end ||
           (lexer_in_doubt(u->lx) && !is_new_item(u));
}

static void general(const Unexpected *u) {
    const char *sentence = particular(u);
    if (sentence) {
        advise(u, diag_report(u->parser->diags, E0101, u->token->span, "%s", sentence));
        return;
    }
    const char *after = u->before->kind
                            ? arena_printf(u->parser->arena, " after %s", token_words(u, u->before))
                            : "";
    Diag *diag = diag_report(u->parser->diags, E0101, u->token->span, "expected %s%s, found %s",
                             expected_words(u), after, token_words(u, u->token));
    bool name = u->expected[TOK_NAME] && u->token->kind == TOK_LITERAL && !u->expected[TOK_LITERAL];
    if (name && strchr("tfn", u->lx->text[u->token->span.start])) {
        diag_help(u->parser->diags, diag, "`true`, `false` and `null` are never names");
    } else {
        advise(u, diag);
    }
}

/* True: the lexer has been told how to go on. */
static bool report(const Unexpected *u) {
    if (u->token->kind == TOK_NAME && item_may_begin(u)) {
        return unknown_word(u);
    }
    if (u->token->kind == TOK_BAD) {
        bad_character(u);
    } else if (closes_nothing(u)) {
        diag_report(u->parser->diags, E0110, u->token->span, "this %s closes nothing",
                    token_words(u, u->token));
    } else {
        general(u);
    }
    return false;
}

void syntax_unexpected(Parser *parser, const bool *expected) {
    Unexpected u = { parser, &parser->lexer, &parser->wrong, &parser->lexer.before, expected };
    bool again = parser->error_at == parser->ntokens;
    parser->wrong = parser_token(parser);
    parser->error_at = parser->ntokens;
    if (is_known(&u, again) || !report(&u)) {
        lexer_recover(&parser->lexer, &parser->wrong);
        bool next_item =
            token_is(u.token->kind, BEGINS_ITEM); /* has made the error show, and is none itself */
        lexer_doubt(u.lx, (next_item ? u.before : u.token)->span.start);
    }
    /* What begins an item is what the grammar goes on with, unless it has failed at that already. */
    parser->discard = again || parser->lexer.skipping || parser->lexer.replay;
}

void syntax_too_deep(Parser *parser, Span span) {
    diag_report(parser->diags, E0009, span, "this is nested too deeply");
}
