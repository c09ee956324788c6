/*
 * look.h - what stands at a place of a source: for hover texts and "go to definition".
 *
 * In: a checked model, also one with errors. Out: the innermost thing there that has a name or a
 * type. Nothing is reported.
 */
#ifndef DAGCC_LOOK_H
#define DAGCC_LOOK_H

#include "model/model.h"

typedef enum ThingKind {
    THING_STAGE,    /* stage */
    THING_PORT,     /* port; an output that a reference means is the output itself */
    THING_INPUT,    /* item of an input, a config or an output of the pipeline, with `type` */
    THING_PIPE,     /* expr: the whole EXPR_PIPE */
    THING_VALUE,    /* expr: any other expression with a type */
    THING_TYPE,     /* type, by its name as written; item: its declaration in this file, or NULL */
    THING_DECLARED, /* item: a plugin or a pipeline */
    THING_KEYWORD   /* item: the attribute whose keyword it is */
} ThingKind;

typedef struct Thing {
    ThingKind kind;
    Span span; /* what was looked at */
    const Pipeline *pipeline;
    const Stage *stage;
    const Port *port;
    const Expr *expr;
    const Item *item;
    const Type *type;
} Thing;

/* What is at byte `offset` of the file's source. False: nothing known. */
bool thing_at(const Model *model, const File *file, uint32_t offset, Thing *thing);

/* Where it is declared; SPAN_NONE: nowhere in a text. */
Span thing_declaration(const Thing *thing);

/* Its hover text in Markdown, in the arena: declaration, type, axis, documentation. */
const char *thing_hover(Arena *arena, const Model *model, const Thing *thing);

#endif
