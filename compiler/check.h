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
#include "pool.h"
#include "pure/signature.h"
#include "table.h"

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
    POOL(Item *) stages, edges, others; /* its items, sorted: there may be very many of them */
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
    Item **attrs; /* by AttrKind: the one that holds; ENV, TAGS: the first. Check.no_attrs: none */
    uint32_t plugin_attrs; /* bits: said by the plugin alone so far */
    Wire *wires, **last_wire;
    const Fact *facts; /* what its `when` guarantees */
    Unit *sub;         /* call, map */
    char vars, bound;  /* addresses: scopes of its type parameters, and of what they stand for */
    bool has_vars;     /* its plugin has type parameters */
    bool broken;       /* a syntax error inside, or no such plugin */
    bool no_ports;     /* its plugin or sub-pipeline is unknown: any port may be one */
    bool fed;          /* by a broken edge without a port: all its inputs count as fed */
    bool phantom;      /* a plugin that no stage uses, checked as if one did */
    bool cyclic;       /* on a reported cycle */
    bool no_axis; /* its axis is not known: its shape, or that of what feeds it, was reported */
    bool dead;    /* reported, or behind a reported one */
    bool used;    /* one of its outputs is mentioned */
    bool ordered; /* an order edge leaves it */
    bool never;   /* its `when` is always false (reported) */
    Diag *never_diag;
    bool cacheable;
    bool taints;                           /* what depends on it cannot be cacheable */
    bool starts_taint;                     /* by itself, not by what it depends on */
    bool says_cacheable, says_uncacheable; /* itself */
    const Expr *impure;                    /* run.id, task.attempt in one of its expressions */
};

/* The overloads of a pipe, read. */
typedef struct Signature {
    PipeSig *overloads;
    uint32_t n;
} Signature;

struct Check {
    Front *front;
    Arena *arena;
    Diags *diags;
    Types *types;
    Table *table;
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
const Type *type_resolve(Check *c, Module *module, Node *node, TypeExpr *written, bool stream);

/* Inputs, configs and outputs of a pipeline with their types, names of its stages. */
void unit_declare(Check *c, Unit *unit);

/* ---------------------------------------------------------------- stages.c, plugins.c */

void stages_declare(Check *c, Unit *unit);
/* Copies the plugin's items, binds its parameters. */
void plugin_instantiate(Check *c, Node *node);
/* The first ports of a stage are looked through, further ones stand in the table: most stages have
 * few, and there are many stages. */
enum { LISTED_PORTS = 12 };
Port *port_find(Check *c, const Node *node, const char *name, bool out);
Node *node_find(Check *c, const Unit *unit, const char *name);
Node *node_of(const Unit *unit, const Stage *stage);
/* Calls `visit` for every item of a stage: its plugin's, then its own; `scope` is the one to look
 * names up in. */
typedef struct Scope Scope;
typedef void NodeVisit(Scope *scope, Item *item);
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
/* An edge of a hop; reports one that may not be. */
void hop_edge(Check *c, const Node *node, Hop *hop, Port *from, Port *to, Span span);
void port_append(Check *c, Port ***ports, uint32_t *n, Port *port);
/* The port, or the one whose name comes nearest; NULL: none. */
Port *port_meant(Check *c, const Node *node, const char *name, bool out);
/* The scope of what was said about unknown ports of a node. */
const void *ports_unknown(const Node *node, bool out);
/* Reports an unknown port, unless it may be in what could not be read. */
void report_no_port(Check *c, Node *node, Name name, bool out);

/* ---------------------------------------------------------------- resolve.c, heads.c, scope.c: names in expressions */

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

/* How a value meets the type that is wanted. */
typedef enum Boundary {
    BOUNDARY_NONE,
    BOUNDARY_OUTPUT, /* json is checked, a string becomes a file, at run time */
} Boundary;

struct Scope {
    Check *c;
    Unit *unit;
    Node *node;     /* NULL outside of stages */
    Output *output; /* whose hidden inputs references become; NULL in stages */
    Module *module; /* where types in `as(T)` are looked up */
    Place place;
    Port *port;     /* whose value it is, or NULL */
    const Type *it; /* the type of `it`, where there is one */
    const Fact *facts;
    const Expr *argument; /* the argument of a pipe being typed: it may be a bare word */
    uint32_t config;      /* PLACE_CONFIG: configs before this one may be named */
    bool in_plugin;       /* written in a plugin: the pipeline that uses it is out of sight */
    Boundary boundary;    /* of the literal being typed: it goes for its parts */
};

/* Fills the reference slots of all references inside; reports unknown names. */
void expr_resolve(Scope *scope, Expr *expr);
/* The output that an expression names which is nothing but `stage.port`; NULL: something else.
 * *broken: it is one, but was reported. */
Port *expr_output(Scope *scope, Expr *expr, bool *broken);
/* Resolves all expressions of a stage. A bare `<stage.port>` as the value of an input becomes an
 * edge. */
void node_resolve(Check *c, Node *node);
/* `input`, `it`, `stdout` …: the first word of references that are no stages. */
bool is_head(const char *word);
/* Was it said before, or may it be declared in what could not be read? */
bool said_here(const Scope *scope, Name name);
void say_unknown(const Scope *scope, Name name, const Nearest *near, Diag *diag);
/* Where a name that is in sight is declared; SPAN_NONE: nowhere. */
Span scope_declared(const Scope *scope, const char *name);
/* Offers all names that are in sight here. */
void scope_offer(const Scope *scope, Nearest *nearest);

/* ---------------------------------------------------------------- check_expr.c and others: types */

/* Types a resolved expression; `want` guides literals and bare words (or NULL). Never NULL;
 * KIND_ANY after a report. Sets expr->type. */
const Type *expr_type(Scope *scope, Expr *expr, const Type *want);

/* A place that wants a value, for messages: "the output `y`". Texts are made when needed. */
typedef struct What {
    const char *noun, *name; /* name NULL: none */
} What;

/* Types the expression and demands that it fits; sets expr->fit. *checked (may be NULL): the
 * boundary has to check it at run time. */
bool expr_expect(Scope *scope, Expr *expr, const Type *want, Boundary boundary, bool *checked,
                 What what);
/* The same for a part of a value whose whole has been looked at: it may stand outside of < >. */
bool expr_expect_part(Scope *scope, Expr *expr, const Type *want, Boundary boundary, bool *checked,
                      What what);
/* Reports an unknown field; NULL: that this type has none of this name was told before. */
Diag *report_no_field(Check *c, const Type *type, Name name, const Nearest *near);
/* A word that names nothing: the case of an enum, or a string where it is an argument. */
const Type *word_type(Scope *scope, Expr *expr, const Type *want);
/* A piece of a template: demands a text form. */
void text_piece_check(Scope *scope, Expr *expr);
/* Demands a string without expressions that is a regular expression. */
bool pattern_literal_check(Scope *scope, const Expr *expr);
/* Demands a bool; narrows nothing by itself. */
void condition_check(Scope *scope, Expr *cond);
/* Reports a condition that is always true (a warning) or false; true when it is always false. */
bool condition_constant(Scope *scope, Expr *cond, const char *false_means, Diag **diag);
/* Is it `config`, an input, an artifact: something that differs from run to run or build to build?
 * For expr_any. */
bool expr_varies(const Expr *expr, void *self);
/* The references that are not null where the condition is `truth`, put before `facts`. */
const Fact *condition_facts(Check *c, const Expr *cond, bool truth, const Fact *facts);
const Type *text_type(Scope *scope, Expr *expr, const Type *want);
const Type *list_type(Scope *scope, Expr *expr, const Type *want);
const Type *record_type(Scope *scope, Expr *expr, const Type *want);
const Type *compare_type(Scope *scope, Expr *expr);
const Type *pipe_type(Scope *scope, Expr *expr, const Type *want);
const Type *ref_type(Scope *scope, Expr *expr, const Type *want);
/* Its type after `fit`. */
const Type *expr_fitted(const Expr *expr);
/* Sets `fit` where a conversion is needed; false: not assignable. */
bool expr_fit_to(Expr *expr, const Type *type);
/* Reports a secret on its way out: "`x` is a secret: a text would show it". */
void report_secret(Scope *scope, const Expr *expr, const char *what);
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
Span link_span(const Link *link);
/* Reports cycles; fills unit->order. */
void graph_sort(Check *c, Unit *unit);
/* stage->fan by its attribute. */
void fan_declare(Check *c, Node *node);
/* May several edges feed it: a list that gathers, merge, any? */
bool port_takes_many(const Node *node, const Port *port);
/* The axis of a node from those of its inputs; its inputs' `gathers`. */
void fan_check(Check *c, Node *node);
const Axis *axis_extend(Check *c, Unit *unit, const Axis *axis, const Port *position);
const Axis *axis_cut(const Axis *axis, uint32_t depth); /* its first positions */
const Axis *axis_common(const Axis *a, const Axis *b);  /* what both begin with */
bool axis_is_prefix(const Axis *prefix, const Axis *axis);
const char *axis_text(Check *c, const Axis *axis); /* "scan.item, split.part" */
/* Gives hidden inputs their types: what they refer to, as a list where it is gathered. */
void hidden_types(Check *c, Node *node);
/* The edges into a node: element types, gathering. */
void edges_check(Check *c, Node *node);
void cache_check(Check *c, Unit *unit);
void dead_check(Check *c, Unit *unit);
/* Counts tasks where sizes are known, against max_tasks. (size.c) */
void size_check(Check *c, Unit *unit);

/* ---------------------------------------------------------------- the rest of a stage */

/* One stage in its turn: everything before it has been checked. */
void node_check(Check *c, Node *node);
void body_check(Check *c, Node *node);
/* A shell script: each expression has a text form and stands where a value can be passed. */
void shell_check(Scope *scope, Expr *script);
typedef enum AttrScope { ATTR_OF_STAGE, ATTR_OF_PIPELINE, ATTR_OF_BOTH } AttrScope;
AttrScope attr_scope(AttrKind kind);
const char *attr_word(AttrKind kind);
void attrs_check(Check *c, Node *node);
/* Values that are known when compiling. NULL, false: reported. `what` names the attribute. */
const dag_value *const_value(Scope *scope, Expr *expr, int kind, const char *what);
bool const_number(Scope *scope, Expr *expr, const char *what, int64_t min, int64_t max, int64_t *n);
bool const_duration(Scope *scope, Expr *expr, const char *what, bool zero, int64_t *ns);
uint32_t attr_number(Scope *scope, const Item *attr, int64_t min); /* 0: reported */
uint32_t count_resources(const Item *attr);
/* Adds the rows of an attribute to `all`, which has room for them. */
void resources_add(Scope *scope, const Item *attr, Resource *all, uint32_t *n);
/* Is there as much as the stage asks for in its last attempt? */
void resource_fits(Check *c, const Node *node, const Resource *r);
void unit_attrs_check(Check *c, Unit *unit);
/* Its hooks: after its stages are declared, which a hook must not mention. */
void unit_hooks_check(Check *c, Unit *unit);
void inputs_check(Check *c, Unit *unit);
/* Reports a config that was given no value; NULL: it has one. */
Diag *config_missing(Check *c, const ConfigDecl *decl);
void outputs_resolve(Check *c, Unit *unit);
void outputs_check(Check *c, Unit *unit);
/* Pipeline.edges and orders. */
void unit_finish(Check *c, Unit *unit);
void unused_check(Check *c, Unit *unit);
void unused_modules(Check *c);
void calls_check(Check *c);
/* C functions that stages below `main` name: each has one type. (natives.c) */
void natives_check(Check *c, const Unit *main);
/* All of a pipeline (check.c). */
void unit_check(Check *c, Unit *unit);

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
void report_duplicate(Check *c, const char *what, Name name, Span first);
const char *type_name(Check *c, const Type *type);

#endif
