/*
 * cerrors.h - what the C compiler and the linker say about the user's C code, as diagnostics at the
 * place in the .dag or .c file.
 */
#ifndef DAGCC_CERRORS_H
#define DAGCC_CERRORS_H

#include "back/graph.h"

typedef struct CErrors {
    Front *front;
    const char *dir;       /* of the generated files */
    const char *home;      /* of the runtime's */
    const char *generated; /* the generated C file */
    const Graph *graph;
    const NativeCode *const *natives;
    size_t nnatives;
    /* results */
    uint32_t nuser;       /* errors that are the user's: reported */
    uint32_t nother;      /* errors in generated code */
    const char *mistyped; /* the function whose type was reported last, or NULL */
} CErrors;

/* Reads the messages of the C compiler (gcc's and clang's form). */
void cerrors_compiler(CErrors *c, const char *text);

/* Of messages about a unit compiled with the header in front: reports functions of another type,
 * and nothing else, since the header may get in the way of what the file itself includes. */
void cerrors_types(CErrors *c, const char *text);

/* Reads those of the linker (bfd, gold, lld, mold). Objects of the user's files are called
 * "nativeN.o" and belong to files[N]. */
void cerrors_linker(CErrors *c, const char *text, const Expr *const *files, size_t nfiles);

/* Looks for a bracket in an inline body that is not closed, or closes nothing: the C compiler finds
 * such a mistake far behind it, in code that is not the user's. */
void cerrors_brackets(CErrors *c);

/* Looks for comments in inline bodies that are not closed: they would swallow what is not the user's.
 * False: there are some. */
bool cerrors_comments(CErrors *c);

#endif
