/*
 * cwriter.h - prints C text: rows of designated initialisers, string literals, safe comments; knows
 * the line it is on.
 */
#ifndef DAGCC_CWRITER_H
#define DAGCC_CWRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CW_WIDTH = 100 }; /* columns that a row of a table is kept to */

typedef struct CWriter {
    FILE *out;
    uint32_t line;       /* from 1 */
    uint32_t column;     /* bytes on this line so far */
    bool first;          /* no member of the row has been written yet */
    const char *strings; /* what names are offsets into */
    size_t used;
    char buffer[16384];
} CWriter;

void cw_init(CWriter *w, FILE *out, const char *strings);
/* Hands what is buffered to `out`; call it at the end. */
void cw_flush(CWriter *w);

void cw_text(CWriter *w, const char *text);
void cw_bytes(CWriter *w, const char *text, size_t n);
void cw_format(CWriter *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cw_number(CWriter *w, uint64_t n);
/* A C expression of that value, INT64_MIN too. */
void cw_integer(CWriter *w, int64_t n);
void cw_float(CWriter *w, double f);

/* Text for the inside of a comment: one line, not long, and nothing in it ends the comment. */
void cw_remark(CWriter *w, const char *text);
/* A string literal with its quotes; `end` is put before the closing one. After each line of the
 * text the literal is closed and goes on on a line of its own. */
void cw_literal(CWriter *w, const char *text, size_t n, const char *end);

/* A row: `    { .a = 1, .b = 2 },`, wrapped. cw_member leaves out what is 0; cw_index does not, and
 * prints DAG_NONE by that name. */
void cw_row(CWriter *w);
void cw_row_end(CWriter *w);
/* A separator, a line break where `length` more bytes do not fit, and `.name = `. */
void cw_member_name(CWriter *w, const char *name, size_t length);
void cw_member(CWriter *w, const char *name, uint32_t value);
void cw_index(CWriter *w, const char *name, uint32_t value);
void cw_member64(CWriter *w, const char *name, int64_t value);
/* A member that is written as it stands. */
void cw_word(CWriter *w, const char *name, const char *word);
/* An offset into the strings, with the text in a comment; the empty text is left out. */
void cw_name(CWriter *w, const char *name, uint32_t offset);
/* The names of the bits in `flags`, joined with |; words[i] is that of bit i. */
void cw_flags(CWriter *w, const char *name, uint32_t flags, const char *const *words);

#endif
