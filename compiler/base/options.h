/*
 * options.h - the command line, parsed. Knows words only: no file is opened.
 */
#ifndef DAGCC_OPTIONS_H
#define DAGCC_OPTIONS_H

#include "base/front.h"
#include "pure/complete.h"

typedef enum Command {
#define COMMAND(id, word, arguments, help) id,
#define OPTION(id, word, form, argument, scope, help)
#define EMIT(id, word)
#include "base/options.def"
#undef COMMAND
#undef OPTION
#undef EMIT
    COMMAND_EXPLAIN,
    COMMAND_VERSION,
    COMMAND_HELP
} Command;

typedef enum Emit {
    EMIT_NONE, /* build, or --check */
#define COMMAND(id, word, arguments, help)
#define OPTION(id, word, form, argument, scope, help)
#define EMIT(id, word) id,
#include "base/options.def"
#undef COMMAND
#undef OPTION
#undef EMIT
} Emit;

typedef enum When { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER } When;

typedef enum LibraryKind { LIBRARY_NONE, LIBRARY_ARCHIVE, LIBRARY_SHARED } LibraryKind;

/* Everything lives in the arena given to options_parse, or in argv. */
typedef struct Options {
    Command command;
    const char **files; /* BUILD: the one; FMT, FIX: any number; COMPLETION: the shell, and words */
    size_t nfiles;
    const char *output; /* NULL: none given */
    bool check;
    Emit emit;
    const char **include_dirs;
    size_t ninclude_dirs;
    Define *defines;
    size_t ndefines;
    const char *pipeline;
    char optimize; /* '0' … '3' */
    bool debug;
    bool dynamic;
    LibraryKind library;
    bool deps;             /* -MD, or -MF */
    const char *deps_file; /* NULL: OUTPUT.d */
    const char **warnings; /* what follows -W, in order */
    size_t nwarnings;
    DiagFormat format;
    long error_limit; /* 0: none */
    When color;
    const char *explain;
    bool verbose, quiet;
} Options;

/* Parses. NULL with *message, in the user's terms, when something is wrong. */
Options *options_parse(Arena *arena, int argc, char **argv, const char **message);

/* Hands a compilation what the options say about it: -I -D -W --pipeline --error-limit -q. */
void options_apply(const Options *options, Front *front);

void options_help(FILE *out);

/* The rows of commands and options for the shells' completion, without `offer`; in the arena. */
CompleteTables options_tables(Arena *arena);
/* The i-th of the words that --emit takes; NULL behind the last. */
const char *options_emit_word(size_t i);

/* Exit codes. */
enum {
    EXIT_OK = 0,
    EXIT_ERRORS = 1, /* in the pipeline */
    EXIT_USAGE = 2,
    EXIT_BUG = 3, /* the C compiler failed on generated code */
    EXIT_IO = 4,
    EXIT_SIGNAL = 128 /* plus the signal's number */
};

#endif
