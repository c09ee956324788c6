/*
 * markup.h - texts of unknown origin within HTML and SVG.
 */
#ifndef DAG_REPORT_MARKUP_H
#define DAG_REPORT_MARKUP_H

#include "pure/text.h"

/* Appends n bytes such that they show as they are, in text and in quoted attributes. What is no UTF-8,
 * and control characters but \t and \n, become U+FFFD: a page with them is no XML. */
void markup_text(TextBuffer *out, const char *text, size_t n);
void markup_string(TextBuffer *out, const char *text);

/* Appends printf's text, as it is: for markup made of numbers and our own words. */
void markup_format(TextBuffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The columns that a text takes: two for wide characters (East Asian). */
size_t markup_columns(const char *text);

/* The text, or its beginning with "…" behind, at most `most` columns. In the buffer's arena. */
const char *markup_short(Arena *arena, const char *text, size_t most);

#endif
