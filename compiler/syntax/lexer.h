/*
 * lexer.h - from text to tokens, in two layers.
 *
 * lexer_scan (grammar/dag.re) splits the text into raw pieces and knows only whether it stands in
 * code or in a string. lexer_next (tokens.c, words.c, blocks.c) makes tokens of them: it decides
 * which words are keywords here, which `<` is what, closes what the user left open, and skips to
 * the next item after a syntax error. Tokens that it makes up are `made`: their mistake has been
 * reported. Without `diags` nothing is reported (fmt, --emit=tokens).
 */
#ifndef DAGCC_LEXER_H
#define DAGCC_LEXER_H

#include "syntax/ast.h"
#include "base/diag.h"

#define MAX_NESTING 256     /* open brackets, blocks and strings */
#define MAX_TEXTS 64        /* strings inside each other's expressions */
#define MAX_EXPR_DEPTH 1000 /* of the tree of an expression */

/* Byte that stands for a NUL or a byte that is no UTF-8, once that has been reported. */
#define BAD_BYTE '\x01'

typedef enum RawKind {
    RAW_END,
    RAW_WORD,
    RAW_DASHED_WORD,  /* a-b: no name */
    RAW_STRANGE_WORD, /* größe: no name */
    RAW_NUMBER,
    RAW_RAW, /* '…' or '''…''', the opening quotes only */
    RAW_RAW_TRIPLE,
    RAW_QUOTE, /* opening " */
    RAW_QUOTE_TRIPLE,
    RAW_TEXT,       /* in a string */
    RAW_EXPR,       /* < in a string, an expression follows */
    RAW_LESS,       /* < in a string, none follows */
    RAW_UNQUOTE,    /* the closing quotes */
    RAW_STRING_END, /* the end of the line or file where a string is open */
    RAW_LT,
    RAW_LE,
    RAW_GT,
    RAW_GE,
    RAW_EQ,
    RAW_NE,
    RAW_ASSIGN,
    RAW_ARROW,
    RAW_FAT_ARROW,
    RAW_AND,
    RAW_OR,
    RAW_NOT,
    RAW_BAR,
    RAW_COMMA,
    RAW_DOT,
    RAW_COLON,
    RAW_QUESTION,
    RAW_LBRACE,
    RAW_RBRACE,
    RAW_LPAREN,
    RAW_RPAREN,
    RAW_LSQUARE,
    RAW_RSQUARE,
    RAW_OTHER /* a character that means nothing */
} RawKind;

typedef enum BracketKind {
    BRACKET_BLOCK,
    BRACKET_BRACE,
    BRACKET_PAREN,
    BRACKET_SQUARE,
    BRACKET_EXPR, /* <…>, bare or in a string */
    BRACKET_TYPE, /* list<…> */
    BRACKET_TEXT  /* a string with expressions */
} BracketKind;

typedef enum BlockKind { BLOCK_TOP, BLOCK_PIPELINE, BLOCK_STAGE } BlockKind; /* plugins: STAGE */

/* What is open around the cursor. */
typedef struct Bracket {
    BracketKind kind;
    BlockKind block;
    Quote quote;
    bool in_text;          /* an expression of a string, or inside one: words are names */
    bool made;             /* opened by us, or by mistake: closes without complaint */
    bool types;            /* the ( of as( ): `<` belongs to a type */
    uint32_t indent;       /* of the line on which it was opened */
    uint32_t items_indent; /* of the lines of its items, of a block that has some */
    bool has_items;
    bool broken; /* a string that ended where it should not */
    Span span;   /* what opened it */
} Bracket;

/* What a token says beyond its text is a number; texts and values are made of it by who reads it. It is
 * handed on by value, in two registers: the processor waits when it copies as a whole what was just
 * stored in parts, and there are very many tokens. */
typedef struct Token {
    Span span;
    int number;   /* AttrKind, dag_compare, Quote, LiteralWord, whether an arrow is => … */
    int16_t kind; /* TOK_… of the grammar */
    bool first;   /* on its line */
    bool made;    /* not in the text: its mistake has been reported */
} Token;

typedef enum LiteralWord { LITERAL_NUMBER, LITERAL_NULL, LITERAL_FALSE, LITERAL_TRUE } LiteralWord;

/* Of a NAME that is none, like `a-b`. */
enum { NO_NAME_AT_ALL = 1 };

/* A declaration between its keyword and its `{`: must it have one? */
typedef enum HeadState { HEAD_NONE, HEAD_BLOCK, HEAD_OPTIONAL } HeadState;

typedef struct Lexer {
    Arena *arena;
    Diags *diags; /* NULL: quiet */
    File *file;
    Comment *last_comment;
    struct WordTable *words;
    const char *text, *limit; /* a NUL stands at limit and nowhere else */
    uint32_t number;          /* of the file, for spans */

    const char *cursor;
    const char *mark;  /* the cursor before the raw piece and the blanks before it */
    const char *start; /* of the raw piece last scanned */
    const char *line;  /* where its line begins */
    bool newline;      /* it is the first on its line */

    Bracket stack[MAX_NESTING];
    uint32_t depth, ntexts;
    uint32_t unwind; /* brackets above this depth are being closed by made-up tokens */
    bool unwinding;

    Token prev, before; /* the last two tokens given */
    int item;           /* the keyword of the item that we are in */
    uint32_t item_at;   /* where it stands */
    bool doubt;         /* there was an error … */
    uint32_t doubt_at;  /* … the last of them here: lexer_doubt */

    bool closed_early;          /* the last } of a block stood where it was not expected */
    uint32_t closed_at, top_at; /* where it stands; where the last block of the file ended */
    bool was_cond;              /* before the last token */
    bool cond, compared;        /* in a condition; behind its comparison */
    uint32_t cond_depth;

    HeadState head;
    bool head_named; /* the name stands behind the keyword: the declaration has begun */
    BlockKind head_block;
    uint32_t head_depth, head_indent;
    Token head_token;

    bool skipping;       /* after a syntax error */
    uint32_t skip_depth; /* until this many brackets are left … */
    bool skip_expr;      /* … at the end of an expression, else at an item */
    bool skip_where;     /* or at what follows the condition of an edge */
    bool pass;           /* the token at hand is not skipped */
    bool stopped;        /* nested too deeply: nothing more is understood */
    const char *replay;  /* the word at this place is to be read as replay_word */
    const struct Word *replay_word;
    const char *drop;  /* the character at this place is passed over */
    bool no_triple[2]; /* by Quote & 1: no further three quotes of this kind */
} Lexer;

/* Starts on a source. Reports bytes that are not UTF-8. */
void lexer_init(Lexer *lexer, Arena *arena, Diags *diags, File *file);

/* The next raw piece: moves start and cursor. (grammar/dag.re) */
RawKind lexer_scan(Lexer *lexer);

/* The next token: lexer->prev. */
Token lexer_next(Lexer *lexer);

/* After a syntax error at `token`, the last one given: skips to where the grammar goes on. */
void lexer_recover(Lexer *lexer, const Token *token);
/* Instead: reads the word `token` once more, as the keyword `word`. */
void lexer_replay(Lexer *lexer, const Token *token, const struct Word *word);

/* An error was reported at `at`: what follows in the same item may follow from it. */
void lexer_doubt(Lexer *lexer, uint32_t at);
/* Are we in such an item? */
bool lexer_in_doubt(const Lexer *lexer);
/* Was an error reported on the line of `at`, before it or behind it? */
bool lexer_doubts_line(const Lexer *lexer, uint32_t at);

/* Remembers a comment [start, cursor). */
void lexer_comment(Lexer *lexer);

#endif
