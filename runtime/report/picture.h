/*
 * picture.h - a program as boxes and arrows with their words, for whoever draws it (dot, Mermaid, SVG).
 *
 * Pure. Everything lives in the arena; texts are as they stand in the program, nothing is escaped.
 */
#ifndef DAG_REPORT_PICTURE_H
#define DAG_REPORT_PICTURE_H

#include "dag.h"
#include "pure/arena.h"

typedef enum BoxKind { BOX_INPUT, BOX_STAGE, BOX_OUTPUT } BoxKind;

enum { BOX_LINES = 6 };

typedef struct Box {
    BoxKind kind;
    uint32_t index; /* inputs[], stages[] or outputs[] */
    const char *name;
    const char *lines[BOX_LINES]; /* below the name: kind and tags, axis, gate, what it calls */
    uint32_t nlines;
    const char *tip; /* documentation, ports, attributes; lines */
} Box;

/* All edges of one kind between two boxes. */
typedef struct Arrow {
    uint32_t from, to; /* boxes[] */
    bool order;
    const char *ports; /* "info → meta, size"; "" of an order edge */
    const char *terms; /* "where it > 1 take 3", "on failure"; "" when there are none */
    const char *tip;   /* each edge in full, a line for each */
} Arrow;

typedef struct Picture {
    const char *name, *doc; /* doc: "" when there is none */
    Box *boxes;             /* stages first, by number */
    uint32_t nboxes;
    Arrow *arrows;
    uint32_t narrows;
} Picture;

Picture picture_of(Arena *arena, const dag_program *program);

/* The label of an arrow: ports and terms. In the arena or static. */
const char *arrow_label(Arena *arena, const Arrow *arrow);

#endif
