/*
 * tokens.h - what the files of the lexer's upper layer share (tokens.c, context.c, blocks.c,
 * follow.c, recover.c). Functions that return a token may have gone back (lx->mark) and made one up.
 */
#ifndef DAGCC_TOKENS_H
#define DAGCC_TOKENS_H

#include "syntax/lexer.h"
#include "syntax/words.h"

/* Where a line is looked at for what a mistake may mean, no more of it is: a file may be one line. */
#define MAX_LINE 4096

enum { NO_TOKEN = -1 }; /* the kind of no token; scan_token: something was passed over */

/* Reports; NULL when nothing is: the lexer is quiet, or (not REPORT_BLOCK, for what concerns blocks
 * whatever their items are like) skips, or (REPORT alone, for what may follow from another mistake)
 * is behind an error in the same item. */
#define REPORT_BLOCK(lx, ...) ((lx)->diags ? diag_report((lx)->diags, __VA_ARGS__) : NULL)
#define REPORT_SURE(lx, ...) ((lx)->skipping ? NULL : REPORT_BLOCK(lx, __VA_ARGS__))
#define REPORT(lx, ...) (lexer_in_doubt(lx) ? NULL : REPORT_SURE(lx, __VA_ARGS__))
#define FIX(lx, diag, certain, span, text, ...) \
    ((diag) ? diag_fix((lx)->diags, diag, certain, span, text, __VA_ARGS__) : (void)0)

/* ---------------------------------------------------------------- traits.c: kinds of tokens */

/* What a kind of token means for those around it. */
enum {
    BEGINS_ITEM = 1,  /* the first token of an item, or one that ends a list of items */
    OPENS = 2,        /* a bracket */
    ENDS_OPERAND = 4, /* so that a comparison, but no other operand, may follow */
    WANTS_NAME = 8,   /* a keyword or sign behind which the grammar wants a name or a value … */
    ONLY_NAME = 16,   /* … or where a word is nothing else, whatever it is */
    DECLARES = 32,    /* the name behind it */
    TURNS = 64        /* beside BEGINS_ITEM: changes which head or item we are in */
};

/* By the kinds of the grammar; NO_TOKEN has none. */
enum { TOKEN_KINDS = 512 };
extern const uint8_t token_traits[TOKEN_KINDS];

/* Has it one of these traits? */
static inline bool token_is(int kind, unsigned traits) {
    return token_traits[kind] & traits;
}

/* ---------------------------------------------------------------- tokens.c */

/* What is made per token stands here, to be compiled into its places. */
static inline Span span_between(const Lexer *lx, const char *start, const char *end) {
    return span_make(lx->number, (uint32_t)(start - lx->text), (uint32_t)(end - lx->text));
}

/* Of the raw piece. */
static inline Span span_here(const Lexer *lx) {
    return span_between(lx, lx->start, lx->cursor);
}

static inline Token token_with(const Lexer *lx, int kind, int number) {
    return (Token){
        .kind = (int16_t)kind, .span = span_here(lx), .number = number, .first = lx->newline
    };
}

static inline Token token_here(const Lexer *lx, int kind) {
    return token_with(lx, kind, 0);
}

Token token_made(const Lexer *lx, int kind); /* empty, behind the last token */
Token compare_token(Lexer *lx, dag_compare op);

/* Or NULL. */
static inline Bracket *top_bracket(Lexer *lx) {
    return lx->depth ? &lx->stack[lx->depth - 1] : NULL;
}

uint32_t line_indent(const Lexer *lx);

static inline bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Behind blanks, line ends and comments. */
const char *skip_blanks(const char *p);
static inline const char *skip_blank(const char *p) {
    return is_blank(*p) || *p == '#' ? skip_blanks(p) : p;
}
bool starts_word(const char *p);
const char *skip_word(const char *p);
bool at_arrow(const char *p);
/* The length of what was meant to be an arrow before a name (`-`, `>`, `--`, `-->`, …); 0: none. */
size_t arrow_like(const char *p);

Token scan_token(Lexer *lx);
Token open_brace(Lexer *lx);
Token close_top(Lexer *lx);
Token open_block(Lexer *lx, BlockKind block, uint32_t indent, int kind, bool made);
/* Goes back and closes all brackets above `depth` (at least one) by made-up tokens. */
Token unwind_to(Lexer *lx, uint32_t depth);
Token unwound(Lexer *lx);

/* ---------------------------------------------------------------- context.c: words */

Token word_token(Lexer *lx);
Token bad_word(Lexer *lx, RawKind raw);
/* What was meant by a NAME that is none. */
const char *word_without_dashes(const Lexer *lx, Span span);
/* A word, or something else, on the line behind an arrow or a comma: NO_TOKEN if it may stand
 * there. */
Token target_on_next_line(Lexer *lx, RawKind raw);

/* ---------------------------------------------------------------- blocks.c */

Token left_brace(Lexer *lx);
Token right_brace(Lexer *lx);
Token right_bracket(Lexer *lx, BracketKind kind);
Token end_of_file(Lexer *lx);
/* Reports the innermost bracket above `depth` as not closed, and closes. */
Token left_open(Lexer *lx, uint32_t depth);
/* How many brackets are open up to the innermost block, it too. */
uint32_t block_depth(const Lexer *lx);
/* An item that may stand in `places` begins: made-up tokens before it, or NO_TOKEN. */
Token before_item(Lexer *lx, int kind, unsigned places);

/* ---------------------------------------------------------------- follow.c */

/* The `run` of `hook start run "…"`. */
bool is_hook_run(const Lexer *lx, int kind);
/* The call or map of `stage x = map …`: part of the head. */
bool is_instance(const Lexer *lx, Token token);
/* Follows a token that BEGINS_ITEM or TURNS. */
void follow_item(Lexer *lx, Token token);
/* Follows a token of a condition, or with which one begins. */
void follow_condition(Lexer *lx, Token token);

/* ---------------------------------------------------------------- recover.c */

/* In the middle of a line, does a keyword have behind it what its item goes on with? */
bool looks_declared(const Lexer *lx, int kind);
/* While skipping: does the line begin where the items of the block begin? */
bool begins_item_line(const Lexer *lx);
/* Starts to skip behind `token`. */
void lexer_skip(Lexer *lx, Token token);

/* ---------------------------------------------------------------- literal.c */

/* The value of a LITERAL. Reports one that has none. */
Expr *literal_new(Lexer *lx, Token token);

#endif
