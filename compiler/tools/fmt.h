/*
 * fmt.h - the standard layout of a source.
 */
#ifndef DAGCC_FMT_H
#define DAGCC_FMT_H

#include "base/front.h"
#include "syntax/ast.h"

/* Prints a file in the standard layout. Refuses (false) files with syntax errors. */
bool fmt_print(Front *front, const File *file, FILE *out);
/* A source in the standard layout, malloc'ed, its size in *n; NULL when it has syntax errors, which
 * are reported. */
char *fmt_text(Front *front, Source *source, size_t *n);

#endif
