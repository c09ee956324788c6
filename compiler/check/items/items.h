/*
 * items.h - what stands in a pipeline, item by item: inputs, configs, outputs, and stages with their
 * ports, edges, bodies and attributes; then what concerns several pipelines.
 */
#ifndef DAGCC_ITEMS_H
#define DAGCC_ITEMS_H

#include "check/expr/expr.h"
#include "check/graph/shape.h"

/* Inputs, configs and outputs of a pipeline with their types, names of its stages. */
void unit_declare(Check *c, Unit *unit);

/* One stage in its turn: everything before it has been checked. */
void node_check(Check *c, Node *node);
void body_check(Check *c, Node *node);
/* A shell script: each expression has a text form and stands where a value can be passed. */
void shell_check(Scope *scope, Expr *script);
/* Warns about what looks like an input in a shell script, and is none. (body_names.c) */
void body_names_check(Check *c, const Node *node, const Expr *script);
/* Warns about escapes that the shell, or the program in its quotes, will not see. (body_escapes.c) */
void body_escapes_check(Check *c, const Expr *script);
/* Warns about the first string of `exec` when it is meant as several words. (body_words.c) */
void body_words_check(Check *c, const Expr *program);
/* Is there a program of that name on this machine? True where it cannot be known: with a `/`. */
bool program_exists(const char *name);
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
void unused_check(Check *c, Unit *unit);
void unused_modules(Check *c);
void calls_check(Check *c);
/* C functions that stages below `main` name: each has one type. (natives.c) */
void natives_check(Check *c, const Unit *main);

/* Infers the node's type parameters from what feeds it; what it says of them itself must fit. */
void plugin_infer(Check *c, Node *node);
/* Where the value of a port is written: in the stage, or in its plugin. */
Scope port_scope(Check *c, Node *node, Port *port, Place place);
/* Wires what came without ports into the node, by type; then checks that every input is fed. */
void wires_resolve(Check *c, Node *node);
/* The edges into a node: element types, gathering. */
void edges_check(Check *c, Node *node);
/* Reports a condition that is always true (a warning) or false; true when it is always false. */
bool condition_constant(Scope *scope, Expr *cond, const char *false_means, Diag **diag);
/* Reports a condition that no values meet: it contradicts itself, or what is known of the inputs
 * and ports in it (never.c). True when it did. `it`: the RunInput or Port whose value the word
 * means, or NULL. */
bool condition_never(Scope *scope, Expr *cond, const void *it, const char *false_means,
                     Diag **diag);
/* Is it `config`, an input, an artifact: something that differs from run to run or build to build?
 * For expr_any. */
bool expr_varies(const Expr *expr, void *self);

#endif
