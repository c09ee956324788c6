/*
 * cnames.h - the C side of a pipeline's names: which types, structs, functions and tables the
 * generated text has, and what they are called.
 *
 * In: the Graph. Out: names that collide neither with C's own nor with each other, the same on
 * every run. The rules, which the documentation tells users:
 *
 *   member   the port's or field's name; a keyword of C or C++ (with any underscores behind it) gets one more
 *            underscore: `int` is int_, `switch` is switch_
 *   record   its type's name; without one record_FIELD_FIELD
 *   enum     an int; constants TYPE_case, without a type's name STAGE_PORT_case or RECORD_FIELD_case
 *   list     list_ELEM, map_ELEM, where ELEM is the name of a type: list_int, list_list_string,
 *            map_opt_Probe
 *   stage    STAGE_in, STAGE_out, dag_emit_STAGE_PORT; of a plugin with a native body PLUGIN_in …,
 *            once for all its instances (STAGE_in … are the same under another name)
 *   pipeline PIPELINE_stages, PIPELINE_program …
 *
 * A name that is taken already, or C's own, gets an underscore.
 */
#ifndef DAGCC_CNAMES_H
#define DAGCC_CNAMES_H

#include "back/graph.h"
#include "base/pool.h"
#include "base/table.h"

/* A stage with a native function. */
typedef struct CNative {
    const Graph *graph;
    const NativeCode *code;
    const struct CNative *like;       /* has the structs and the function; NULL: this one itself */
    const char *base;                 /* what the names below are made of */
    const char *in, *out;             /* STAGE_in, STAGE_out */
    const char *alias_in, *alias_out; /* further names of them, or NULL */
    const char *function;             /* the user's, or that of the inline body */
    const char *call;                 /* the same with untyped parameters */
    const char **emits;               /* by output: dag_emit_STAGE_PORT, or NULL */
    const char **alias_emits;         /* or NULL */
} CNative;

/* A type that needs a definition: record, enum, list, map. */
typedef struct CType {
    const Type *type;
    const char *name;   /* of the struct; ENUM: what its constants begin with */
    const char **names; /* members of a record, constants of an enum */
} CType;

typedef struct CGraph {
    const Graph *graph;
    const char *prefix; /* of its tables */
    CNative *natives;   /* as graph->natives */
} CGraph;

typedef struct CNames {
    Arena *arena;
    Interner *names;
    Table *used;         /* by name */
    Table *spelled;      /* Type -> its C type as text: "int64_t", "list_int", "const char *" */
    Table *defined;      /* name -> list or map that has a definition */
    Table *bodies;       /* place of a body -> CNative */
    POOL(CType) types;   /* in an order in which each needs only those before it */
    POOL(CGraph) graphs; /* callees before callers; the main one is the last */
    bool json;           /* cJSON.h is needed */
    bool inlines;        /* there are inline bodies */
    bool outside;        /* only what a program that embeds the pipeline sees */
    const char *embed;   /* of a library: NAME, free for NAME_inputs, NAME_run … */
    const char *strings, *file, *guard; /* the string pool; the file's name; of the header */
} CNames;

CNames *cnames_new(Front *front, const Graph *graph);
/* The names that a program sees which embeds the pipeline. */
CNames *cnames_outside(Front *front, const Graph *graph);

/* A type as C text, or NULL when no native stage sees it. */
const char *cnames_type(const CNames *names, const Type *type);
/* The definition of a record among names->types. */
const CType *cnames_record(const CNames *names, const Type *type);
/* The tables of a graph. */
const CGraph *cnames_graph(const CNames *names, const Graph *graph);
/* The name of a member of a struct, from a port or field. */
const char *cname_member(Arena *arena, const char *name);

#endif
