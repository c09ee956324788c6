/*
 * syntax.h - what the grammar's actions use: semantic values, lists, constructors (build.c), the
 * wording of syntax errors (syntax_error.c).
 *
 * An item is made when its first word and name have been read, and is `open` until it is complete:
 * when a syntax error throws its rest away, it still declares its name, with *_BROKEN parts.
 */
#ifndef DAGCC_SYNTAX_H
#define DAGCC_SYNTAX_H

#include "base/front.h"
#include "syntax/lexer.h"

/* While a list is read its handle is the last node, whose `next` is the first: appending is O(1). */
#define LIST_ADD(list, node)             \
    do {                                 \
        if (list) {                      \
            (node)->next = (list)->next; \
            (list)->next = (node);       \
        } else {                         \
            (node)->next = (node);       \
        }                                \
        (list) = (node);                 \
    } while (0)

/* From then on the handle is the first node. */
#define LIST_CLOSE(list)                 \
    do {                                 \
        if (list) {                      \
            void *first_ = (list)->next; \
            (list)->next = NULL;         \
            (list) = first_;             \
        }                                \
    } while (0)

typedef union Value { /* the first three are a token's */
    const char *word; /* of a name */
    Expr *expr;
    intptr_t number; /* AttrKind, dag_compare, Quote, bool */
    Item *item;
    Piece *piece;
    NameList *names;
    QName *qname;
    TypeExpr *type;
    FieldExpr *field;
    EntryExpr *entry;
    Arg *arg;
    CauseExpr *cause;
    ResourceExpr *resource;
    Endpoint *endpoint;
    Hop *hop;
} Value;

/* The items of a complete block: where the list is, and its last one. */
typedef struct Block {
    Item **items;
    Item *tail;
    SortedItems *sorted; /* of a pipeline */
} Block;

typedef struct Parser {
    Front *front;
    Arena *arena;
    Diags *diags;
    File *file;
    Lexer lexer;
    struct Ahead *ahead;        /* takes its place; or NULL */
    bool quick;                 /* a text without mistakes is expected … */
    bool failed;                /* … and was not met */
    int kind;                   /* of the last token given to the grammar: parser_token */
    Token wrong;                /* the last one with a syntax error */
    Item *open;                 /* being read */
    Item *outer;                /* the stage or plugin whose head it stands in, or NULL */
    Hop *hop;                   /* of the open edge */
    bool in_stage[MAX_NESTING]; /* the blocks being read */
    uint32_t nblocks;
    Block pipeline, stage; /* the last ones, for what belongs to them but stands behind them */
    SortedItems *sorted;   /* the items of the pipeline being read */
    Item *strays;          /* a pipeline's items that stand in its stages: list being read */
    uint64_t ntokens;      /* given to the grammar */
    uint64_t error_at;     /* the number of the token with the last syntax error; 0: none */
    bool discard;          /* that one is not what the grammar goes on with */
    bool rescued;          /* since then no item was complete */
    bool same_types;       /* ports without a type stand in the stage's block being read */
    uint32_t before_block; /* how many errors there were when it began */
    bool too_deep;         /* reported */
} Parser;

/* ---------------------------------------------------------------- build.c: items */

Item *item_new(Parser *parser, ItemKind kind, Span keyword, Name name);
Item *port_new(Parser *parser, PortKind kind, Span keyword, Name name);
Item *attr_new(Parser *parser, int attr, Span keyword);
Item *body_new(Parser *parser, BodyKind kind, Span keyword);
Item *edge_new(Parser *parser, Endpoint *from);
/* The item is complete. */
Item *item_done(Parser *parser, Item *item, Span span);
/* After a syntax error: the open item as far as it goes, or an ITEM_BROKEN. */
Item *item_rescue(Parser *parser, Span span);
/* The block of the open item, or one that is opened again, begins. */
void block_begin(Parser *parser);
/* Appends to the items of the innermost block, a list being read. Reports what stands in the
 * wrong place. */
Item *item_add(Parser *parser, Item *items, Item *item);
/* The block of `owner` is complete. */
void block_done(Parser *parser, Item *owner, Item *items, Span span);
void file_done(Parser *parser, Item *items);
/* Items behind a block that was closed too early, appended to it; NULL: to none that is known.
 * Gives what stands in their place. */
Item *reopened(Parser *parser, Item *items, Block *block, Span span);

/* Enters a hop into the open edge. */
void hop_new(Parser *parser, int order, Span arrow, Endpoint *targets);
Endpoint *endpoint_new(Parser *parser, Name stage, Name port, Span span);
NameList *name_new(Parser *parser, Name name);
QName *qname_new(Parser *parser, Name module, Name name);
Arg *arg_new(Parser *parser, Name name, Expr *value);
CauseExpr *cause_new(Parser *parser, Name word, Expr *code);
ResourceExpr *resource_new(Parser *parser, Name name, Expr *amount, Expr *grow);
FieldExpr *field_new(Parser *parser, Name name, TypeExpr *type);
EntryExpr *entry_new(Parser *parser, Name name, Expr *value);
TypeExpr *type_new(Parser *parser, TypeForm form, Span span);
TypeExpr *type_written(Parser *parser, Name module, Name name, Span span);
TypeExpr *type_optional(Parser *parser, TypeExpr *type, Span span);
/* The word at `span` as a name. */
Name parser_name(Parser *parser, Span span);
/* The NAME or EDGE_NAME `token`; one that is none: what was meant. */
Name token_name(Parser *parser, Token token);

/* What is missing behind a port's name, or `what` at an empty span. */
void missing_colon(Parser *parser, Span type);
void missing_type(Parser *parser, Span at, bool colon);
void missing(Parser *parser, Code code, Span at, const char *what, const char *insert);
/* merge, any, temp, glob, where: reports it at a port of another kind. */
void port_word(Parser *parser, PortKind kind, Span span);

/* ---------------------------------------------------------------- build_expr.c */

Expr *expr_new(Parser *parser, ExprKind kind, Span span);
Expr *ref_expr_new(Parser *parser, NameList *parts, Span span);
Expr *list_new(Parser *parser, Expr *items, bool call, Span span);
/* name(args): only list( ) is an expression. */
Expr *call_new(Parser *parser, Name name, Expr *args, Span span);
Expr *record_new(Parser *parser, EntryExpr *entries, Span span);
/* A pipe without its subject, and with it. */
Expr *pipe_tail(Parser *parser, Name name, Expr *args, bool parens, TypeExpr *as);
Expr *pipe_new(Parser *parser, Expr *subject, Expr *pipe, Span span);
Expr *compare_new(Parser *parser, Expr *left, int op, Span op_span, Expr *right, Span span);
Expr *logic_new(Parser *parser, ExprKind kind, Expr *left, Expr *right, Span span);
/* A word outside of < >; a longer reference there is reported, and understood. */
Expr *naked_ref(Parser *parser, NameList *parts, Span span);
/* <expression> in a condition: reported, and understood. */
Expr *wrapped_operand(Parser *parser, Expr *expr, Span span);
/* Joins two lists being read. */
Expr *expr_join(Expr *list, Expr *more);

/* ---------------------------------------------------------------- text.c: strings */

Expr *text_raw(Parser *parser, int quote, Span span);
Expr *text_new(Parser *parser, int quote, Piece *pieces, Span span);
Piece *piece_text(Parser *parser, Piece *pieces, Span span);
Piece *piece_expr(Parser *parser, Piece *pieces, Expr *expr, Span span);
/* Takes indentation and escapes away. shell: other backslashes stay. */
Expr *text_cook(Parser *parser, Expr *text, bool shell);

/* ---------------------------------------------------------------- parse.c, syntax_error.c */

/* The next token for the grammar: its kind, with its value and place. */
int parser_next(Parser *parser, Value *value, Span *span);
/* The last one. */
Token parser_token(const Parser *parser);
/* Reports it as unexpected; `expected` has a flag for each kind of token. */
void syntax_unexpected(Parser *parser, const bool *expected);
/* What to write in place of what another language would have at `token`, which is unexpected behind
 * `before`; NULL: nothing is known. (syntax_advice.c) */
const char *syntax_advice(Parser *parser, const Token *token, const Token *before);
void syntax_too_deep(Parser *parser, Span span);

int syntax_parse(Parser *parser); /* made by Bison */
int quick_parse(Parser *parser);  /* the same without LAC; nonzero: there is a syntax error */

/* Gives the `##` comments to the declarations. (docs.c) */
void docs_attach(Arena *arena, File *file, const char *text);

#endif
