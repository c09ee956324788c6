/*
 * names.h - what names mean: modules and types, stages and their ports, edges, references in
 * expressions. Nothing is typed here beyond what declarations say.
 */
#ifndef DAGCC_NAMES_H
#define DAGCC_NAMES_H

#include "check/common/check.h"

/* ---------------------------------------------------------------- modules.c, written_type.c */

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

/* ---------------------------------------------------------------- stages.c, instances.c, attr_words.c, fan_mode.c */

void stages_declare(Check *c, Unit *unit);
/* Copies the plugin's items, binds its parameters. */
void plugin_instantiate(Check *c, Node *node);
/* The first ports of a stage are looked through, further ones stand in the table: most stages have
 * few, and there are many stages. */
enum { LISTED_PORTS = 12 };
Port *port_find(Check *c, const Node *node, const char *name, bool out);
Node *node_find(Check *c, const Unit *unit, const char *name);   /* the name is interned */
Node *node_called(Check *c, const Unit *unit, const char *text); /* not so; NULL: none */
Node *node_of(const Unit *unit, const Stage *stage);
/* Calls `visit` for every item of a stage: its plugin's, then its own; `scope` is the one to look
 * names up in. */
typedef struct Scope Scope;
typedef void NodeVisit(Scope *scope, Item *item);
void node_items(Check *c, Node *node, NodeVisit *visit);

typedef enum AttrScope { ATTR_OF_STAGE, ATTR_OF_PIPELINE, ATTR_OF_BOTH } AttrScope;
AttrScope attr_scope(AttrKind kind);
const char *attr_word(AttrKind kind);
/* stage->fan by its attribute. */
void fan_declare(Check *c, Node *node);

/* ---------------------------------------------------------------- wire.c: edges */

void edges_resolve(Check *c, Unit *unit);
/* May several edges feed it: a list that gathers, merge, any? */
bool port_takes_many(const Node *node, const Port *port);
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

#endif
