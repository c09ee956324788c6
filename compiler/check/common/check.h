/*
 * check.h - private to the semantic half of the front end: what its phases hand to each other, and
 * what all of them use. Each room below has a header of what the rooms above it may use.
 *
 * In: the trees of a file and its imports. Out: a Model. The phases stand in check.c in the order
 * in which they run. A Unit is a pipeline being checked, a Node one of its stages; both carry what
 * only the checker needs beside the Pipeline and the Stage of model.h that they fill in.
 *
 * After a mistake the thing in question is poisoned (type KIND_ANY, ref REF_BROKEN, `broken`), and
 * nothing that follows from it is reported again.
 */
#ifndef DAGCC_CHECK_H
#define DAGCC_CHECK_H

#include "base/front.h"
#include "base/pool.h"
#include "base/table.h"
#include "model/model.h"
#include "pure/signature.h"

typedef struct Check Check;
typedef struct Module Module;
typedef struct Unit Unit;
typedef struct Node Node;
typedef struct Wire Wire;

/* ---------------------------------------------------------------- modules: files and what they declare */

typedef struct ImportDecl {
    Name alias;
    Item *item;
    Module *module; /* NULL: missing (reported) */
    bool used;
    struct ImportDecl *next;
} ImportDecl;

typedef struct TypeDecl {
    Item *item;
    Module *module;
    const Type *type; /* NULL: not resolved yet */
    bool open;        /* being resolved: met again, it is recursive */
    bool used;
    struct TypeDecl *next;
} TypeDecl;

typedef struct PluginDecl {
    Item *item;
    Module *module;
    bool used;
    struct PluginDecl *next;
} PluginDecl;

/* The addresses of the lists are the scopes of their names in Check.table. */
struct Module {
    File *file;
    ImportDecl *imports;
    TypeDecl *types;
    PluginDecl *plugins;
    Unit *units; /* its pipelines */
    bool loading;
    bool broken; /* a syntax error among its items: names may be missing */
    /* Addresses: scopes of unknown names that were reported. */
    char imports_unknown, types_unknown, plugins_unknown, units_unknown;
    Module *next;
};

/* ---------------------------------------------------------------- pipelines */

typedef struct InputDecl {
    RunInput *input;
    bool used;
} InputDecl;

typedef struct ConfigDecl {
    Item *item;
    const Type *type;
    const dag_value *value; /* NULL: broken (reported) */
    bool used;
} ConfigDecl;

/* What one stage needs from another, for questions about the graph alone. */
typedef enum LinkKind { LINK_DATA, LINK_ORDER, LINK_WIRE } LinkKind;
typedef struct Link {
    uint32_t from, to; /* nodes */
    LinkKind kind;
    union {
        const Edge *edge;   /* LINK_DATA */
        const Order *order; /* LINK_ORDER */
        const Wire *wire;   /* LINK_WIRE */
    };
} Link;

/* All links, by target: those into node i are all[in_first[i] .. in_first[i + 1]). Those out of it
 * are all[out[k]] for k in out_first[i] .. out_first[i + 1]). */
typedef struct Links {
    Link *all;
    uint32_t n;
    uint32_t *in_first, *out, *out_first;
} Links;

struct Unit {
    Item *item;
    const SortedItems *items; /* its items by kind */
    Module *module;
    Pipeline *pipeline;
    InputDecl *inputs; /* pipeline->ninputs of them */
    ConfigDecl *configs;
    uint32_t nconfigs;
    Node *nodes; /* by Stage.id */
    uint32_t nnodes;
    Links links;
    Node **order; /* topological, as far as cycles allow: nnodes of them */
    const Axis *empty_axis;
    Span *regions; /* lines around syntax errors that stand in no stage */
    uint32_t nregions;
    bool wired;      /* an edge was wired by type */
    bool bounded;    /* a stage has `max_tasks` */
    bool lost_stage; /* an edge names a stage that there is not, nor one that is nearly called so */
    bool lost_edge;  /* an edge has no target: any input may be meant */
    bool main;       /* the one that is built: -D concerns it */
    bool checked;
    PluginDecl *phantom;  /* not a pipeline: a plugin that no stage uses, checked alone */
    bool calling, called; /* calls.c: on the way, done */
    Unit *next;           /* in its module */
};

/* A plugin's parameter in one instance. */
typedef struct Param {
    Name name;
    const Type *type;
    Expr *value; /* the argument or the default; NULL: missing (reported) */
    Node *node;
    bool own;   /* the default: names in it are the plugin's */
    bool used;  /* something in the plugin mentions it */
    bool meant; /* by an argument with an unknown name */
} Param;

/* An edge into this stage of which one end has no port: `a -> b`, `a.p -> b`, `a -> b.q`. It is
 * wired by type once the stages before it are typed. */
struct Wire {
    Node *from;
    Port *out, *in; /* NULL: to be found */
    Hop *hop;
    Span span;
    struct Wire *next;
};

/* A reference that is known not to be null (`x exists`). */
typedef struct Fact {
    const Expr *ref;
    const struct Fact *next;
} Fact;

struct Node {
    Stage *stage;
    Unit *unit;
    Item *item;
    PluginDecl *plugin; /* or NULL */
    Item *plugin_items; /* this instance's copy */
    Param *params;
    uint32_t nparams;
    uint32_t plugin_attrs; /* bits: said by the plugin alone so far */
    Item **attrs; /* by AttrKind: the one that holds; ENV, TAGS: the first. Check.no_attrs: none */
    Wire *wires, **last_wire;
    const Fact *facts; /* what its `when` guarantees */
    Unit *sub;         /* call, map */
    Diag *never_diag;
    const Expr *impure; /* run.id, task.attempt in one of its expressions */
    char vars, bound;   /* addresses: scopes of its type parameters, and of what they stand for */
    bool has_vars;      /* its plugin has type parameters */
    bool broken;        /* a syntax error inside, or no such plugin */
    bool no_ports;      /* its plugin or sub-pipeline is unknown: any port may be one */
    bool fed;           /* by a broken edge without a port: all its inputs count as fed */
    bool phantom;       /* a plugin that no stage uses, checked as if one did */
    bool cyclic;        /* on a reported cycle */
    bool no_axis; /* its axis is not known: its shape, or that of what feeds it, was reported */
    bool dead;    /* reported, or behind a reported one */
    bool used;    /* one of its outputs is mentioned */
    bool ordered; /* an order edge leaves it */
    bool never;   /* its `when` is always false (reported) */
    bool cacheable;
    bool taints;                           /* what depends on it cannot be cacheable */
    bool starts_taint;                     /* by itself, not by what it depends on */
    bool says_cacheable, says_uncacheable; /* itself */
};

/* The overloads of a pipe, read. */
typedef struct Signature {
    PipeSig *overloads;
    uint32_t n;
} Signature;

/* Most names are that of one stage at most: it is found by the name's number, without hashing. */
typedef struct NamedNode {
    const Unit *unit; /* NULL: none */
    Node *node;
} NamedNode;

struct Check {
    Front *front;
    Arena *arena;
    Diags *diags;
    Types *types;
    Table *table;
    NamedNode *named; /* by number of a name, of those that the parser has met: its first stage */
    uint32_t nnamed;
    Diags *unheard; /* takes what is reported while muted (damage.c) */
    Span *damage;   /* syntax errors, in order */
    uint32_t ndamage;
    Model *model;
    Module *modules; /* the main one first */
    Module **last_module;
    const Type *any;
    const Type *file_kind; /* the enum of the field `kind` of files */
    Item **no_attrs;       /* NATTRS NULLs: what most stages say … */
    StageAttrs *none_said; /* … and what comes of it */
    Signature *signatures; /* by pipe_number (check_pipe.c); overloads NULL: not read yet */
};

/* ---------------------------------------------------------------- damage.c: after syntax errors */

/* Notes the syntax errors so far. */
void damage_collect(Check *c);
bool damage_inside(const Check *c, Span span);
bool damage_near(const Check *c, Span span); /* inside, or behind it on its last line */
/* Is there one on the lines of the span? */
bool damage_on_line(const Check *c, Span span);
/* If `mute`, from now on nothing is heard, until it is restored to what this returns. */
bool damage_mute(Check *c, bool mute);
void damage_restore(Check *c, bool before);
/* Once its stages are known. */
void damage_unit(Check *c, Unit *unit);
/* May a name that is not declared be declared in what could not be read? `word` is what would
 * declare it: stage, input, config. */
bool unit_mentions(Check *c, const Unit *unit, const char *name, const char *word);
bool node_mentions(Check *c, const Node *node, const char *name);
/* May an edge that could not be read feed that stage? */
bool unit_feeds(Check *c, const Unit *unit, const char *slug, const char *port);

/* ---------------------------------------------------------------- check_util.c: messages */

/* Is the word somewhere in the text of that span? What could not be read may have declared it. */
bool span_mentions(Check *c, Span span, const char *word);
/* Offers the stages of a pipeline; none any more once there are very many errors, so that looking
 * for names stays linear. */
void offer_stages(Check *c, const Unit *unit, Nearest *nearest);
/* "; did you mean `x`?", or "" without a best one. */
const char *did_you_mean(Check *c, const Nearest *nearest);
/* A note that shows the declaration of the name that may be meant: the slip may be there. */
void note_declared(Check *c, Diag *diag, Span declared, const char *name);
/* The fix that goes with it. */
void suggest(Check *c, Diag *diag, Span span, const Nearest *nearest);
/* "`a.b` (int)": a port with its type, "this output" … */
const char *port_text(Check *c, const Port *port);
/* An unknown name is reported once: was it, for that scope? Then the error has one more note. */
bool said_before(Check *c, const void *scope, const char *name, Span span);
void said(Check *c, const void *scope, const char *name, Diag *diag);
/* Reports a duplicate: the second place, with a note at the first. */
Diag *report_duplicate(Check *c, const char *what, Name name, Span first);
const char *type_name(Check *c, const Type *type);
bool expr_is_literal_text(const Expr *expr);
/* The text of a string without expressions, or NULL. Interned. */
const char *expr_literal(Check *c, const Expr *expr);
/* The source text of an expression, for messages; cut when long. */
const char *expr_source(Check *c, const Expr *expr);
/* Does it mention any of these? (walks the whole expression) */
bool expr_any(const Expr *expr, bool (*test)(const Expr *expr, void *self), void *self);

#endif
