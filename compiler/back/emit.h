/*
 * emit.h - private to the printers of C text.
 */
#ifndef DAGCC_EMIT_H
#define DAGCC_EMIT_H

#include "back/cnames.h"
#include "back/cwriter.h"
#include "back/graph.h"

typedef struct Emit {
    Front *front;
    const Graph *graph; /* the main one */
    CNames *names;
    CWriter w;
    bool guarded; /* lists may be defined by another header too */
    FILE *image;  /* NULL: dense tables are text too */
    const char *image_path;
    uint64_t image_size; /* bytes written so far */
} Emit;

Emit *emit_new(Front *front, const Graph *graph, CNames *names, FILE *out);

/* emit_native.c: what native functions see. */
void emit_types(Emit *e);      /* records, enums, lists, maps */
void emit_structs(Emit *e);    /* STAGE_in, STAGE_out, dag_emit_STAGE_PORT */
void emit_prototypes(Emit *e); /* of the user's functions */
void emit_includes(Emit *e);   /* the headers that inline bodies ask for */
void emit_bodies(Emit *e);     /* inline bodies, and the untyped callers of all functions */

/* emit_embed.c: NAME_inputs, NAME_outputs, and the functions of a library. */
void emit_embed_structs(Emit *e);
void emit_embed_functions(Emit *e);
/* A member of a struct with its type as the user wrote it behind it; `before`, `behind`: around the C
 * type. */
void emit_member(Emit *e, const Type *type, const char *before, const char *behind,
                 const char *name);

/* emit_tables.c: the tables of one pipeline, its program last. */
void emit_strings(Emit *e);
void emit_tables(Emit *e, const CGraph *graph);
/* `static const TYPE PREFIX_NAME[] = {` and its end */
void emit_table(Emit *e, const CGraph *graph, const char *type, const char *name);
void emit_table_end(Emit *e);
/* The text of a name, for a comment. */
void emit_remark(Emit *e, dag_name name);
/* Begins the comment before a row: its number. */
void emit_row_number(Emit *e, uint32_t number);

/* emit_dense.c: tables for the assembler, where there are too many rows for a C compiler. */
typedef struct EmitDense {
    const char *type, *name;
    const void *rows; /* n of `size` bytes: 32-bit words, and 64-bit ones at `quads` */
    size_t n, size;
    const size_t *quads;
    size_t nquads;
} EmitDense;
bool emit_is_dense(const Graph *graph);
void emit_dense(Emit *e, const CGraph *graph, const EmitDense *table);
/* `n` bytes of the image under a C name; their declaration is the caller's. */
void emit_included(Emit *e, const char *name, const void *bytes, size_t n);

/* emit_exprs.c: types, fields, consts; code, exprs. */
void emit_types_and_consts(Emit *e, const CGraph *graph);
void emit_exprs(Emit *e, const CGraph *graph);

#endif
