/*
 * diag_print.h - what the printers of messages share. Only for diag_*.c and snippet.c.
 */
#ifndef DAGCC_DIAG_PRINT_H
#define DAGCC_DIAG_PRINT_H

#include "base/diag.h"

/* The entries to print, sorted by file and place; without a place first. */
typedef struct Listing {
    const Diag **items;
    uint32_t n;
    uint32_t nhidden; /* errors behind the limit */
} Listing;

Listing diags_listing(const Diags *diags);

void diags_print_text(const Diags *diags, bool color, FILE *out);
void diags_print_json(const Diags *diags, FILE *out);
void diags_print_sarif(const Diags *diags, FILE *out);

/* Where a span begins and ends. */
typedef struct Region {
    const char *path;
    Position start, end;
} Region;
Region diag_region(const Diags *diags, Span span);

/* "error", "warning", "note": the words of JSON, SARIF and text. */
const char *severity_name(Severity severity);

/* A JSON string with its quotes; a byte that is not UTF-8 becomes U+FFFD. NULL: null. */
void json_print_string(FILE *out, const char *text);

/* ---------------------------------------------------------------- snippet.c */

typedef enum Style {
    STYLE_PLAIN,
    STYLE_ERROR,
    STYLE_WARNING,
    STYLE_NOTE,
    STYLE_FIX,
    STYLE_GUTTER,
    STYLE_BOLD
} Style;

typedef struct Pen {
    FILE *out;
    bool color;
    int gutter; /* digits of the greatest line number */
} Pen;

/* Bytes [start, end) of a line to be underlined. */
typedef struct Mark {
    uint32_t start, end;
    char sign; /* ^ - ~ + */
    Style style;
    const char *label; /* or NULL */
} Mark;

void pen_text(const Pen *pen, Style style, const char *text);
/* The empty gutter "   |" with a new line. */
void pen_gap(const Pen *pen);
/* A line of a text with the marks below it. Sorts them. */
void pen_line(const Pen *pen, uint32_t number, const char *text, size_t n, Mark *marks,
              size_t nmarks);

#endif
