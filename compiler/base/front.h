/*
 * front.h - one compilation: what all phases share. The front end is a library (libdagfront): the same
 * calls serve dagcc, fmt, a language server and tests. It goes on after errors, never exits and keeps
 * no global.
 */
#ifndef DAGCC_FRONT_H
#define DAGCC_FRONT_H

#include "base/diag.h"
#include "base/pages.h"

typedef struct Define { /* -D name=value */
    const char *name, *value;
    bool used;
} Define;

/* One compilation. Everything it makes lives in `arena`. */
typedef struct Front {
    Arena arena;
    Pages *pages; /* of the arena */
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

#endif
