/*
 * link.h - from tables to an executable file, by the C compiler.
 */
#ifndef DAGCC_LINK_H
#define DAGCC_LINK_H

#include "back/graph.h"
#include "base/argv.h"
#include "base/options.h"

/* Prints the graph as C, compiles and links it with the user's C files and the runtime. The file
 * `output` is replaced only when all went well. Errors in the user's C are reported; the files that
 * the C compiler read are added to `deps`. Returns an exit code; with EXIT_IO and EXIT_BUG there is
 * a *message; EXIT_SIGNAL plus a number asks the caller to die of that signal. */
int link_program(Front *front, const Graph *graph, const Options *options, const char *output,
                 Argv *deps, const char **message);

#endif
