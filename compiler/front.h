/*
 * front.h - the front end as a library (libdagfront): the same calls serve dagcc, fmt, a language
 * server and tests. It goes on after errors, never exits and keeps no global.
 */
#ifndef DAGCC_FRONT_H
#define DAGCC_FRONT_H

#include "ast.h"
#include "diag.h"
#include "model.h"

typedef struct Define { /* -D name=value */
    const char *name, *value;
    bool used;
} Define;

/* One compilation. Everything it makes lives in `arena`. */
typedef struct Front {
    Arena arena;
    Interner *names;
    Sources sources;
    Diags *diags;
    const char *const *include_dirs; /* -I */
    size_t ninclude_dirs;
    Define *defines;
    size_t ndefines;
    const char *pipeline; /* --pipeline, or NULL */
} Front;

/* NULL without memory. To survive a lack of it later, set arena.oom. */
Front *front_new(void);
void front_free(Front *front);

/* Parses a source: always gives a file, with what could be understood of it. (grammar/, parse.c) */
File *front_parse(Front *front, Source *source);

/* Prints the tokens, one per line with line:column (--emit=tokens). */
void front_tokens(Front *front, Source *source, FILE *out);

/* Resolves and checks; the model is complete only when no error was reported. (check.c) */
Model *front_check(Front *front, File *file);

/* Prints a file in the standard layout. Refuses (false) files with syntax errors. (fmt.c) */
bool fmt_print(Front *front, const File *file, FILE *out);
/* A source in the standard layout, malloc'ed, its size in *n; NULL when it has syntax errors, which
 * are reported. */
char *fmt_text(Front *front, Source *source, size_t *n);

#endif
