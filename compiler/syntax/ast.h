/*
 * ast.h - the syntax tree: what the parser builds, fmt prints and the checker fills in.
 *
 * Everything lives in the compilation's arena; lists are linked by `next` in the order of the
 * source. Grammar actions only build. Slots marked "checker" are zero until check has run.
 * Texts of names are interned. Nothing is dropped by parsing, so that fmt can print all of it.
 */
#ifndef DAGCC_AST_H
#define DAGCC_AST_H

#include <stdio.h>

#include "base/pool.h"
#include "base/source.h"
#include "dag.h"

typedef struct Type Type;       /* types.h */
typedef struct Port Port;       /* model.h */
typedef struct PipeRow PipeRow; /* pure/pipe.h */

typedef struct Name {
    const char *text; /* interned; NULL: missing (reported by the parser) */
    Span span;
} Name;

typedef struct NameList {
    Name name;
    struct NameList *next;
} NameList;

/* `media.thumbnail` or `thumbnail` */
typedef struct QName {
    Name module; /* text NULL: none */
    Name name;
} QName;

/* ---------------------------------------------------------------- types as written */

typedef enum TypeForm {
    TYPE_NAMED,    /* int, Probe, media.Probe */
    TYPE_APPLIED,  /* list<T>, map<T>, stream<T> */
    TYPE_OPTIONAL, /* T? */
    TYPE_RECORD,
    TYPE_ENUM,
    TYPE_SAME,  /* not written: the plugin's or called pipeline's input of that name has it */
    TYPE_BROKEN /* syntax error inside: compatible with everything */
} TypeForm;

typedef struct TypeExpr TypeExpr;

typedef struct FieldExpr {
    Name name;
    TypeExpr *type; /* NULL: an enum case */
    struct FieldExpr *next;
} FieldExpr;

struct TypeExpr {
    TypeForm form;
    Span span;
    QName name; /* NAMED, APPLIED */
    union {
        TypeExpr *args;    /* APPLIED; OPTIONAL: the one */
        FieldExpr *fields; /* RECORD, ENUM */
    };
    TypeExpr *next;
    const Type *type; /* checker */
};

/* ---------------------------------------------------------------- expressions and conditions */

typedef enum ExprKind {
    EXPR_NULL,
    EXPR_BOOL,
    EXPR_INT,
    EXPR_FLOAT,
    EXPR_DURATION,
    EXPR_SIZE,
    EXPR_TEXT,   /* any string: pieces */
    EXPR_REF,    /* a, a.b, a.b.c; also a bare word */
    EXPR_LIST,   /* [a, b], list(a, b) */
    EXPR_RECORD, /* { name: value } */
    EXPR_PIPE,   /* subject | pipe(args) */
    EXPR_COMPARE,
    EXPR_NOT,
    EXPR_AND,
    EXPR_OR,
    EXPR_EXISTS,
    EXPR_BROKEN
} ExprKind;

/* How a string is written. */
typedef enum Quote {
    QUOTE_DOUBLE,        /* "…" */
    QUOTE_SINGLE,        /* '…' */
    QUOTE_TRIPLE_DOUBLE, /* three double quotes */
    QUOTE_TRIPLE_SINGLE
} Quote;

typedef struct Expr Expr;

/* A piece of a string: literal text (unescaped, unindented) or an expression. The lines of a text
 * are those of the source from span.start on, without the blanks that were taken away. */
typedef struct Piece {
    const char *text; /* NULL: an expression */
    size_t len;
    Expr *expr;
    Span span; /* in the source as written */
    struct Piece *next;
} Piece;

typedef struct EntryExpr {
    Name name;
    Expr *value;
    struct EntryExpr *next;
} EntryExpr;

/* What a reference's first part (or first two: stage.port) turned out to be. Checker. */
typedef enum RefKind {
    REF_NONE,
    REF_INPUT,     /* own input port: port */
    REF_OUT,       /* out.x: port */
    REF_STAGE,     /* other stage's output, through the hidden input `port` of this stage */
    REF_RUN_INPUT, /* input.x: index */
    REF_CONST,     /* config.x, an enum case, a bare word: constant */
    REF_SPECIAL,   /* it, stdout, run.id …: index is a dag_special */
    REF_BOUND,     /* plugin parameter: bound */
    REF_BROKEN     /* reported */
} RefKind;

/* Only what its kind needs of `u` is allocated (expr_size): never copied by value. */
struct Expr {
    ExprKind kind;
    bool bare;      /* written inside <…> outside of a string */
    bool parens;    /* a condition in ( ) */
    uint16_t depth; /* of the tree below, bounded by the parser */
    Span span;
    Expr *next; /* in argument, list and argv lists */

    /* checker */
    RefKind ref;
    uint32_t index;
    const Type *type;          /* of the value before `fit` */
    const Type *fit;           /* converted to it at run time when not NULL (int to float) */
    const dag_value *constant; /* known value: REF_CONST, or folded */

    union {
        bool b;
        int64_t i; /* int; duration in ns; size in bytes */
        double f;
        struct {
            Quote quote;
            bool shell; /* in run or exec: other backslashes stay */
            Piece *pieces;
        } text;
        struct {
            NameList *parts;
            NameList *fields; /* checker: the parts behind what `ref` consumed */
            union {
                Port *port;
                Expr *bound;
            };         /* checker */
            bool word; /* a single bare word in an argument's place */
        } ref;
        struct {
            Expr *items;
            bool call; /* written list(a, b) */
        } list;
        EntryExpr *entries;
        struct {
            Expr *subject;
            Name pipe;
            Expr *args;
            bool parens;        /* written with ( ) */
            TypeExpr *as;       /* as(T) */
            const PipeRow *row; /* checker */
        } pipe;
        struct {
            dag_compare op;
            Span op_span;
            Expr *left, *right;
        } compare;
        struct {
            Expr *left, *right; /* NOT, EXISTS: left */
        } logic;
    } u;
};

/* ---------------------------------------------------------------- items */

typedef enum ItemKind {
    ITEM_IMPORT,
    ITEM_TYPE,
    ITEM_PLUGIN,
    ITEM_PIPELINE,
    ITEM_PORT, /* input, config, output, in, out, plugin parameter */
    ITEM_STAGE,
    ITEM_EDGE,
    ITEM_BODY,
    ITEM_ATTR, /* of a stage or a pipeline; hooks too */
    ITEM_BROKEN
} ItemKind;

typedef enum PortKind {
    PORT_INPUT,
    PORT_CONFIG,
    PORT_OUTPUT,
    PORT_IN,
    PORT_OUT,
    PORT_PARAM
} PortKind;

typedef enum BodyKind {
    BODY_RUN,
    BODY_EXEC,
    BODY_SCRIPT,
    BODY_NATIVE,
    BODY_C,
    BODY_CALL,
    BODY_MAP
} BodyKind;

/* Attribute rows: attributes.def. */
typedef enum AttrKind {
#define ATTR(kind, word, form, scope, doc) kind,
#include "syntax/attributes.def"
#undef ATTR
    NATTRS
} AttrKind;

typedef struct Arg {
    Name name; /* text NULL: positional (an error, reported by the checker) */
    Expr *value;
    struct Arg *next;
} Arg;

typedef struct CauseExpr { /* retry … on timeout, exit 75 */
    Name word;
    Expr *code; /* exit N */
    struct CauseExpr *next;
} CauseExpr;

typedef struct ResourceExpr {
    Name name;
    Expr *amount;
    Expr *grow; /* or NULL */
    struct ResourceExpr *next;
} ResourceExpr;

typedef struct Endpoint { /* a, a.p; in a chain also the source of the next hop */
    Name stage;
    Name port; /* text NULL: none */
    Span span;
    struct Endpoint *next;
} Endpoint;

typedef struct Hop {
    bool order; /* =>, else -> */
    bool desc;
    bool broken; /* the last one of an edge that could not be read: a `where` may be lost */
    bool wired;  /* checker: an edge has its expressions; further ones have copies */
    Span arrow;
    Endpoint *targets; /* NULL: missing (reported) */
    Expr *where;
    Expr *order_by;
    Expr *take;
    Name on; /* success, failure, always */
    struct Hop *next;
} Hop;

typedef struct Item Item;

/* The items of a pipeline by kind, each in the order of the source. There may be very many, far apart
 * in memory: they are sorted while they are made. */
typedef struct SortedItems {
    POOL(Item *) stages, edges, others;
} SortedItems;

/* Only what its kind needs of `u` is allocated (item_size): never copied by value. */
struct Item {
    ItemKind kind;
    bool broken;     /* a syntax error inside was reported: parts may be missing */
    Span span;       /* the whole item */
    Span keyword;    /* its first word */
    Name name;       /* declared name, where there is one */
    const char *doc; /* `##` text, lines joined by \n; NULL: none */
    Item *next;
    union {
        struct {
            Expr *path; /* EXPR_TEXT */
            Name as;
        } import;
        TypeExpr *type; /* ITEM_TYPE */
        struct {
            NameList *type_params;
            Item *params; /* PORT_PARAM */
            bool parens;
            Item *items;
        } plugin;
        struct {
            Item *items;
            SortedItems *sorted; /* the same; NULL: not made by the parser */
        } pipeline;
        struct {
            PortKind kind;
            bool glob, temp, merge, any;
            TypeExpr *type; /* TYPE_BROKEN when missing */
            Expr *value;    /* or NULL */
            Expr *where;    /* of an input, or NULL */
        } port;
        struct {
            QName plugin; /* stage x = plugin(args) */
            Arg *args;
            Item *body; /* stage x = call sub | map sub over port: an ITEM_BODY */
            Item *items;
            bool parens;
            bool block; /* has { } */
        } stage;
        struct {
            Endpoint *from;
            Hop *hops;
        } edge;
        struct {
            BodyKind kind;
            Expr *words;   /* run: one; exec: argv; script: interpreter, text; c: text */
            Expr *files;   /* native */
            Name function; /* native */
            Expr *links, *pkgs, *includes;
            QName sub; /* call, map */
            Name over; /* map */
        } body;
        struct {
            AttrKind kind;
            Expr *value;     /* number, duration, condition, env value, hook's command */
            NameList *words; /* fan mode, tags, kind, on_error, gate's passthrough, hook's event */
            QName by;        /* fan grouped by stage.port: module = stage */
            Name env;
            Expr *backoff;
            CauseExpr *causes;
            ResourceExpr *resources;
        } attr;
    } u;
};

/* A comment, for fmt. Doc comments too. */
typedef struct Comment {
    Span span; /* from # to the end of the line */
    bool own_line;
    bool in_text; /* in an expression of a string */
    struct Comment *next;
} Comment;

typedef struct File {
    Source *source;
    Item *items;
    Comment *comments;
    bool broken; /* a syntax error was reported */
} File;

/* Prints the tree as indented s-expressions without positions (--emit=ast). */
void ast_print(const File *file, FILE *out);

/* Asks the processor for an item that is looked at soon: its parts lie behind it, in the order in
 * which they were read. Whoever goes through very many items would wait for each. */
static inline void item_ahead(const Item *item) {
    enum { LINE = 64, LINES = 6 };
    for (int i = 0; i < LINES; i++) {
        __builtin_prefetch((const char *)item + i * LINE);
    }
}

/* Those that are looked at before it meanwhile. */
enum { ITEMS_AHEAD = 3 };

/* Enters a further item. */
void item_sort(Arena *arena, SortedItems *sorted, Item *item);

/* Does it hold `fields`, and not `args`? */
bool type_has_fields(const TypeExpr *type);

/* How many bytes of the structs a node of this kind has. */
size_t expr_size(ExprKind kind);
size_t item_size(ItemKind kind);

/* A deep copy of a list of items, checker slots zero: plugins are instantiated on copies. */
Item *ast_copy_items(Arena *arena, const Item *items);
Expr *ast_copy_expr(Arena *arena, const Expr *expr);

#endif
