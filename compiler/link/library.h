/*
 * library.h - a pipeline as a library: what is made instead of, and beside, an executable file.
 */
#ifndef DAGCC_LIBRARY_H
#define DAGCC_LIBRARY_H

#include "link/cunits.h"
#include "base/options.h"
#include "link/toolchain.h"

typedef struct Library {
    Front *front;
    const Graph *graph;
    const Options *options;
    const Toolchain *tc;
    Workshop *shop;
    const CUnits *units;
    bool debug; /* debugging information is wanted */
} Library;

/* Adds to a link what makes it that of a shared library named `output`; false: *message. */
bool library_shared(const Library *library, const char *output, Argv *argv, const char **message);

/* Puts the objects and what they need of the runtime into the archive `path`, as one object that has
 * only NAME_run, NAME_free and the functions of dag.h for others. CC, AR and OBJCOPY are honoured. False:
 * `process` says why. */
bool library_archive(const Library *library, const char *path, Process *process);

/* Writes NAME.h, dag.h and NAME.pc beside the library `output`. False: *message. */
bool library_beside(const Library *library, const char *output, const char **message);

#endif
