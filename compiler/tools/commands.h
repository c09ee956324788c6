/*
 * commands.h - what dagcc does beside compiling: dagcc fmt, fix and pipes.
 */
#ifndef DAGCC_COMMANDS_H
#define DAGCC_COMMANDS_H

#include "base/options.h"

/* All return an exit code. Messages go to stderr. */
int command_fmt(const Options *options, bool color);
int command_fix(const Options *options, bool color);
int command_pipes(void);
/* The documentation of a file, as Markdown on standard output (doc.c). */
int command_doc(const Options *options, bool color);
/* The language server on standard input and output (lsp.c). 0 after a proper shutdown, else 1. */
int command_lsp(const Options *options);
/* The script that completes dagcc's command line in a shell, or an answer to it; `self`: the name that
 * dagcc was called by (completion.c). */
int command_complete(const Options *options, const char *self);

#endif
