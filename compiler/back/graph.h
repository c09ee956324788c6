/*
 * graph.h - what lower makes and emit prints: the program tables of dag.h in memory, with what only
 * C text can hold (inline bodies, native files). The tables are complete: a test can run them in
 * this process, as long as no stage is native.
 */
#ifndef DAGCC_GRAPH_H
#define DAGCC_GRAPH_H

#include "base/front.h"
#include "model/model.h"

/* The native function of a stage: dag_program.natives[i] belongs to natives[i]. */
typedef struct NativeCode {
    const Stage *stage;
    const Item *body;     /* BODY_C or BODY_NATIVE */
    const char *function; /* the user's C function; NULL for BODY_C */
} NativeCode;

typedef struct Graph {
    dag_program program;
    bool embedded; /* it becomes a library: NAME_run instead of main */
    const Pipeline *pipeline;
    Types *types;
    const Type *const *table; /* the semantic type of program.types[i] */
    NativeCode *natives;
    uint32_t nnatives;
    struct Graph **subs; /* program.subs[i] */
    uint32_t nsubs;
    /* the lengths of tables that dag_program does not tell */
    uint32_t nfields, npieces, nenv, nresources, ntags, nexit_codes;
    uint32_t strings_size; /* bytes; all graphs of a model have the same strings */
} Graph;

/* Makes the tables of model->main and of the pipelines it calls, in the front's arena. Call only
 * for a model without errors. (lower.c) */
Graph *lower_model(Front *front, const Model *model);

/* Prints the tables as a complete C file: typed structs, bodies with #line, tables, main. The same
 * graph gives the same bytes. (emit.c) */
void emit_c(Front *front, const Graph *graph, FILE *out);
/* The same for the compiler at hand: what is too long for people goes as it stands into `image`, and
 * the text takes it from there. `path`: the image's, absolute, of letters that need no quoting. */
void emit_c_beside(Front *front, const Graph *graph, FILE *out, FILE *image, const char *path);
/* The header for native stages (--emit=header). */
void emit_header(Front *front, const Graph *graph, FILE *out);
/* The header of a pipeline in a library: NAME_inputs, NAME_outputs, NAME_run. (emit_embed.c) */
void emit_embed_header(Front *front, const Graph *graph, FILE *out);
/* The tables as text (--emit=ir): for people and golden tests. */
void emit_ir(Front *front, const Graph *graph, FILE *out);
/* The graph as JSON of DETAILS "Formats" (--emit=graph). */
void emit_graph(Front *front, const Graph *graph, FILE *out);
/* The JSON Schema of the inputs (--emit=schema). */
void emit_schema(Front *front, const Graph *graph, FILE *out);

#endif
