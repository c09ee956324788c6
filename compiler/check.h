/*
 * check.h - private to the semantic half of the front end: what its phases hand to each other.
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

#include "front.h"
#include "table.h"

typedef struct Check Check;
typedef struct Module Module;
typedef struct Unit Unit;
typedef struct Node Node;

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
    Span span;
    const Edge *edge;   /* LINK_DATA */
    const Order *order; /* LINK_ORDER */
} Link;

/* All links, by node: those into node i are in[in_first[i] .. in_first[i + 1]), likewise out. */
typedef struct Links {
    Link *all;
    uint32_t n;
    uint32_t *in, *in_first, *out, *out_first;
} Links;

struct Unit {
    Item *item;
    Module *module;
    Pipeline *pipeline;
    InputDecl *inputs; /* pipeline->ninputs of them */
    ConfigDecl *configs;
    uint32_t nconfigs;
    Node *nodes; /* by Stage.id */
    uint32_t nnodes;
    Links links;
    Node **order;  /* topological; stages of a cycle at the end */
    uint32_t norder;
    bool has_broken; /* a syntax error among its items: names may be missing */
    bool checked;
    bool listed; /* in the model */
    Unit *callers_next;
    Unit *next; /* in its module */
};

/* A plugin's parameter in one instance. */
typedef struct Param {
    Name name;
    const Type *type;
    Expr *value; /* the argument or the default; NULL: missing (reported) */
    Node *node;
    bool own; /* the default: names in it are the plugin's */
} Param;

/* `a -> b` into this stage: wired by type when both are typed. */
typedef struct Wire {
    Node *from;
    Hop *hop;
    Span span;
    uint32_t nwired;
    struct Wire *next;
} Wire;

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
    Item *attrs[NATTRS]; /* the one that holds; ENV, TAGS: the first */
    Wire *wires, **last_wire;
    const Fact *facts; /* what its `when` guarantees */
    Unit *sub;         /* call, map */
    char vars;         /* address: scope of its type parameters */
    bool has_vars;     /* its plugin has type parameters */
    bool broken;       /* a syntax error inside, or no such plugin: ports may be missing */
    bool cyclic;       /* on a reported cycle */
    bool no_axis;      /* its fan shape was reported */
    bool dead;         /* reported, or behind a reported one */
    bool used;         /* one of its outputs is mentioned */
    bool cacheable;
    bool says_cacheable, says_uncacheable; /* itself */
    const Expr *impure; /* run.id, task.attempt in one of its expressions */
};

struct Check {
    Front *front;
    Arena *arena;
    Diags *diags;
    Types *types;
    Table *table;
    Model *model;
    Module *modules; /* the main one first */
    Module **last_module;
    const Type *any;
    const Type *file_kind; /* the enum of the field `kind` of files */
    Axis *no_axis;         /* the empty one, of the pipeline being checked */
    Unit *todo;            /* called from elsewhere, not checked yet */
};

/* ---------------------------------------------------------------- modules.c, declare.c, written_type.c */

/* Loads a file's imports, and theirs, and enters what they declare. Never NULL. */
Module *modules_load(Check *c, File *file);
/* The file that a span lies in decides where names of types, plugins and pipelines are looked up. */
TypeDecl *module_find_type(Check *c, Module *module, QName name);
PluginDecl *module_find_plugin(Check *c, Module *module, QName name);
Unit *module_find_unit(Check *c, Module *module, QName name);

/* Resolves every declared type. */
void types_resolve(Check *c);
/* The type as written. `node`: whose type parameters may be named, or NULL. A stream is an error
 * unless `stream`. Never NULL; sets written->type. */
const Type *type_written(Check *c, Module *module, Node *node, TypeExpr *written, bool stream);

/* Inputs, configs and outputs of a pipeline with their types, names of its stages. */
void unit_declare(Check *c, Unit *unit);

/* ---------------------------------------------------------------- stages.c, plugins.c */

void stages_declare(Check *c, Unit *unit);
/* Copies the plugin's items, binds its parameters. */
void plugin_instantiate(Check *c, Node *node);
Port *port_find(Check *c, const Node *node, const char *name, bool out);
Node *node_find(Check *c, const Unit *unit, const char *name);
Node *node_of(const Unit *unit, const Stage *stage);
/* Calls `visit` for every item of a stage: its plugin's, then its own. `module`: where its names are
 * looked up. */
typedef void NodeVisit(Check *c, Node *node, Module *module, Item *item);
void node_items(Check *c, Node *node, NodeVisit *visit);
/* Infers the node's type parameters from what feeds it. */
void plugin_infer(Check *c, Node *node);
/* Checks plugins that no stage uses as if one did. */
void plugins_check_unused(Check *c);

/* ---------------------------------------------------------------- wire.c: edges */

void edges_resolve(Check *c, Unit *unit);
/* Wires what came without ports into the node, by type; then checks that every input is fed. */
void wires_resolve(Check *c, Node *node);
Edge *edge_add(Check *c, Port *from, Port *to, Span span);

/* ---------------------------------------------------------------- resolve.c: names in expressions */

/* What an expression may mention depends on the place it stands in. */
typedef enum Place {
    PLACE_IN_VALUE,
    PLACE_OUT_VALUE,
    PLACE_OUT_PATH,
    PLACE_BODY,
    PLACE_WHEN,
    PLACE_ENV,
    PLACE_ARG,
    PLACE_PARAM,
    PLACE_WHERE,
    PLACE_INPUT,
    PLACE_INPUT_WHERE,
    PLACE_CONFIG,
    PLACE_OUTPUT,
    PLACE_HOOK,
    PLACE_ATTR,
    NPLACES
} Place;

typedef struct Scope {
    Check *c;
    Unit *unit;
    Node *node;     /* NULL outside of stages */
    Output *output; /* whose hidden inputs references become; NULL in stages */
    Module *module; /* where types in `as(T)` are looked up */
    Place place;
    Port *port;       /* whose value it is, or NULL */
    const Type *it;   /* the type of `it`, where there is one */
    const Fact *facts;
    uint32_t config; /* PLACE_CONFIG: configs before this one may be named */
} Scope;

/* Fills the reference slots of all references inside; reports unknown names. */
void expr_resolve(Scope *scope, Expr *expr);
/* Calls `visit` for every expression of the node with its scope. */
typedef void ExprVisit(Scope *scope, Expr *expr);
void node_exprs(Check *c, Node *node, ExprVisit *visit);
void node_resolve(Check *c, Node *node);
/* Would the word name something here (own port, parameter, stage, head)? */
bool scope_names(const Scope *scope, const char *word);
/* The nearest such name, or NULL. */
const char *scope_nearest(const Scope *scope, const char *word);

/* ---------------------------------------------------------------- check_expr.c and others: types */

/* Types a resolved expression; `want` guides literals and bare words (or NULL). Never NULL;
 * KIND_ANY after a report. Sets expr->type. */
const Type *expr_type(Scope *scope, Expr *expr, const Type *want);

/* How a value meets the type that is wanted. */
typedef enum Boundary {
    BOUNDARY_NONE,
    BOUNDARY_OUTPUT, /* json is checked, a string becomes a file, at run time */
} Boundary;

/* Types the expression and demands that it fits; sets expr->fit. *checked (may be NULL): the
 * boundary has to check it at run time. `what` names the place: "the output `y`". */
bool expr_expect(Scope *scope, Expr *expr, const Type *want, Boundary boundary, bool *checked,
                 const char *what);
/* Demands a bool; narrows nothing by itself. */
void condition_check(Scope *scope, Expr *cond);
/* The references that are not null where the condition is `truth`, put before `facts`. */
const Fact *condition_facts(Check *c, const Expr *cond, bool truth, const Fact *facts);
bool facts_hold(const Fact *facts, const Expr *ref);
const Type *compare_type(Scope *scope, Expr *expr);
const Type *pipe_type(Scope *scope, Expr *expr, const Type *want);
const Type *ref_type(Scope *scope, Expr *expr, const Type *want);
/* Reports that `type` may be null where it must not; `what` is the place. */
void report_null(Scope *scope, const Expr *expr, const Type *type, const char *what);
/* Computes it when it is constant; reports what goes wrong then. NULL: not constant, or reported. */
const dag_value *expr_fold(Scope *scope, Expr *expr);
bool expr_is_literal_text(const Expr *expr);
/* The text of a string without expressions, or NULL. Interned. */
const char *expr_literal(Check *c, const Expr *expr);
/* The source text of an expression, for messages; cut when long. */
const char *expr_source(Check *c, const Expr *expr);
/* Does it mention any of these? (walks the whole expression) */
bool expr_any(const Expr *expr, bool (*test)(const Expr *expr, void *self), void *self);

/* ---------------------------------------------------------------- the graph */

/* Fills unit->links. */
void links_collect(Check *c, Unit *unit);
/* Reports cycles; fills unit->order. */
void graph_sort(Check *c, Unit *unit);
/* The axis of a node from those of its inputs; its inputs' `gathers`. */
void fan_check(Check *c, Node *node);
const Axis *axis_extend(Check *c, Unit *unit, const Axis *axis, const Port *position);
bool axis_is_prefix(const Axis *prefix, const Axis *axis);
const char *axis_text(Check *c, const Axis *axis);
/* The edges into a node: element types, gathering. */
void edges_check(Check *c, Node *node);
void cache_check(Check *c, Unit *unit);
void dead_check(Check *c, Unit *unit);

/* ---------------------------------------------------------------- the rest of a stage */

void node_ports_check(Check *c, Node *node);
void body_check(Check *c, Node *node);
void attrs_check(Check *c, Node *node);
void unit_attrs_check(Check *c, Unit *unit);
void inputs_check(Check *c, Unit *unit);
void outputs_check(Check *c, Unit *unit);
void unused_check(Check *c, Unit *unit);
void unused_modules(Check *c);
void calls_check(Check *c);
void unsupported_check(Check *c, Unit *unit);

/* ---------------------------------------------------------------- check_util.c: messages */

/* "; did you mean `x`?", or "" without a best one. */
const char *did_you_mean(Check *c, const Nearest *nearest);
/* The fix that goes with it. */
void suggest(Check *c, Diag *diag, Span span, const Nearest *nearest);
/* "`a.b` (int)": a port with its type, "this output" … */
const char *port_text(Check *c, const Port *port);
/* Reports a duplicate: the second place, with a note at the first. */
void report_duplicate(Check *c, const char *what, Name name, Span first);
Node *scope_node(const Scope *scope);
const char *type_name(Check *c, const Type *type);

#endif
