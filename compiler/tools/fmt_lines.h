/*
 * fmt_lines.h - what the two halves of the formatter share: fmt.c decides where lines end and what stands
 * between two things, fmt_lines.c indents, aligns and prints the lines.
 */
#ifndef DAGCC_FMT_LINES_H
#define DAGCC_FMT_LINES_H

#include <stdio.h>

#include "base/source.h"

#define FMT_WIDTH 100 /* columns; what does not fit is broken where it can be */

/* Something that stays as it is: a token, a whole string, a comment. */
typedef struct Unit {
    int kind; /* of its first token; UNIT_COMMENT */
    uint32_t start, end;
    uint32_t match; /* of LBLOCK: the number of its RBLOCK */
    bool first;     /* on its line */
    bool blank;     /* an empty line before it */
    bool item;      /* begins an item */
    bool lines;     /* has line ends in it */
    bool reindent;  /* … all of them in plain text of a string in three quotes */
    bool doc_line;  /* its line ends in a `##` comment: it must not be broken */
} Unit;

enum { UNIT_COMMENT = -2 };

/* What a line can be lined up by with those around it: the column behind the keyword of a port,
 * before an edge's arrow, before the `{` or `=` of a stage on one line. */
typedef enum AlignKind { ALIGN_NONE, ALIGN_PORT, ALIGN_EDGE, ALIGN_STAGE } AlignKind;

typedef struct Line {
    char *text; /* without indentation and comment; may have line ends in strings */
    size_t n, room;
    uint32_t indent;
    uint32_t width; /* columns of its last line, with the indentation */
    bool blank;     /* an empty line before it */
    bool lines;     /* has line ends in it */
    AlignKind align;
    size_t align_at;      /* in text */
    uint32_t align_width; /* columns of text before it */
    const char *comment;  /* behind it, or the whole line */
    size_t ncomment;
} Line;

typedef struct Lines {
    Arena *arena;
    Line *items;
    size_t n, room;
} Lines;

/* Begins a line. */
Line *lines_add(Lines *lines, uint32_t indent, bool blank);
/* Appends text to a line. */
void line_put(Lines *lines, Line *line, const char *text, size_t n);
/* Lines up and prints. */
void lines_print(Lines *lines, FILE *out);

/* Columns of a text: its characters. */
uint32_t text_columns(const char *text, size_t n);

#endif
