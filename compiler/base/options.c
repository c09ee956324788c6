/*
 * options.c - parses the command line by the rows of options.def.
 */
#include "base/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pure/nearest.h"

typedef enum Form { FLAG, VALUE, JOINED } Form;
typedef enum Scope {
    BUILD = 1,
    FMT = 2,
    FIX = 4,
    LSP = 8,
    DOC = 16,
    CHECKED = BUILD | FIX | LSP,
    BOTH = BUILD | FMT | FIX | DOC
} Scope;

typedef struct CommandRow {
    const char *word, *arguments;
    const char *help;
} CommandRow;

typedef struct OptionRow {
    const char *word;
    Form form;
    const char *argument;
    Scope scope;
    const char *help;
} OptionRow;

typedef struct EmitRow {
    const char *word;
    Emit emit;
} EmitRow;

typedef enum OptionId {
#define COMMAND(id, word, arguments, help)
#define OPTION(id, word, form, argument, scope, help) id,
#define EMIT(id, word)
#include "base/options.def"
#undef COMMAND
#undef OPTION
#undef EMIT
    NOPTIONS
} OptionId;

#define COMMAND(id, word, arguments, help) [id] = { word, arguments, help },
#define OPTION(id, word, form, argument, scope, help)
#define EMIT(id, word)
static const CommandRow command_rows[] = {
#include "base/options.def"
};
#undef COMMAND
#undef OPTION
#undef EMIT

#define COMMAND(id, word, arguments, help)
#define OPTION(id, word, form, argument, scope, help) [id] = { word, form, argument, scope, help },
#define EMIT(id, word)
static const OptionRow option_rows[] = {
#include "base/options.def"
};
#undef COMMAND
#undef OPTION
#undef EMIT

#define COMMAND(id, word, arguments, help)
#define OPTION(id, word, form, argument, scope, help)
#define EMIT(id, word) { word, id },
static const EmitRow emit_rows[] = {
#include "base/options.def"
};
#undef COMMAND
#undef OPTION
#undef EMIT

enum {
    NCOMMANDS = sizeof command_rows / sizeof *command_rows,
    NEMITS = sizeof emit_rows / sizeof *emit_rows
};

typedef struct Parser {
    Arena *arena;
    int argc;
    char **argv;
    int at; /* argv[at] is next */
    Options *options;
    const char *message; /* set: parsing has failed */
} Parser;

/* ---------------------------------------------------------------- messages */

__attribute__((format(printf, 2, 3))) static void refuse(Parser *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    p->message = p->message ? p->message : arena_vprintf(p->arena, format, args);
    va_end(args);
}

/* "; did you mean x?" or "". */
static const char *did_you_mean(Parser *p, const Nearest *nearest) {
    return nearest->best ? arena_printf(p->arena, "; did you mean %s?", nearest->best) : "";
}

static void refuse_option(Parser *p, const char *word) {
    const char *name = arena_text(p->arena, word, strcspn(word, "="));
    Nearest nearest = nearest_to(name);
    for (int i = 0; i < NOPTIONS; i++) { /* one letter is near every other */
        if (strlen(option_rows[i].word) > 2) {
            nearest_offer(&nearest, option_rows[i].word);
        }
    }
    refuse(p, "unknown option %s%s", name, did_you_mean(p, &nearest));
}

/* ---------------------------------------------------------------- values */

static void append(Parser *p, const char ***items, size_t *n, const char *text) {
    if (!*items) { /* no list can be longer than argv */
        *items = ARENA_ARRAY(p->arena, (size_t)p->argc, const char *);
    }
    (*items)[(*n)++] = text;
}

static void parse_emit(Parser *p, const char *word) {
    Nearest nearest = nearest_to(word);
    for (int i = 0; i < NEMITS; i++) {
        if (strcmp(emit_rows[i].word, word) == 0) {
            p->options->emit = emit_rows[i].emit;
            return;
        }
        nearest_offer(&nearest, emit_rows[i].word);
    }
    refuse(p, "--emit has no kind `%s`%s%s", word, did_you_mean(p, &nearest),
           nearest.best ? "" : " (c, header, ir, ast, tokens, graph, schema, deps)");
}

static void parse_define(Parser *p, const char *text) {
    Options *o = p->options;
    size_t n = strcspn(text, "=");
    if (n == 0 || !text[n]) {
        refuse(p, "-D wants NAME=VALUE, not `%s`", text);
        return;
    }
    if (!o->defines) {
        o->defines = ARENA_ARRAY(p->arena, (size_t)p->argc, Define);
    }
    o->defines[o->ndefines++] =
        (Define){ .name = arena_text(p->arena, text, n), .value = text + n + 1 };
}

/* The number of `word` among those of the option's row, a|b|c. */
static int parse_choice(Parser *p, OptionId id, const char *word) {
    const char *choices = option_rows[id].argument;
    size_t length = strlen(word);
    int i = 0;
    for (const char *c = choices; *c; i++) {
        size_t n = strcspn(c, "|");
        if (n == length && memcmp(c, word, n) == 0) {
            return i;
        }
        c += n + (c[n] == '|');
    }
    refuse(p, "%s=%s: expected one of %s", option_rows[id].word, word, choices);
    return 0;
}

static void parse_limit(Parser *p, const char *text) {
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || n > 1000000000) {
        refuse(p, "--error-limit wants a number, not `%s`", text);
    }
    p->options->error_limit = n;
}

static void parse_optimize(Parser *p, const char *level) {
    if (level[0] < '0' || level[0] > '3' || level[1]) {
        refuse(p, "unknown option -O%s; there are -O0, -O1, -O2 and -O3", level);
    }
    p->options->optimize = level[0];
}

/* Is there a warning that a -W option can mean? */
static void parse_warning(Parser *p, const char *option) {
    WarningState states[NCODES];
    Diags scratch = { .states = states };
    if (diags_option(&scratch, option)) {
        append(p, &p->options->warnings, &p->options->nwarnings, option);
        return;
    }
    const char *equals = strchr(option, '=');
    const char *name = equals ? equals + 1 : strncmp(option, "no-", 3) == 0 ? option + 3 : option;
    Nearest nearest = nearest_to(name);
    for (int i = 0; i < NCODES; i++) {
        if (code_warning((Code)i)) {
            nearest_offer(&nearest, code_warning((Code)i));
        }
    }
    refuse(p, "there is no warning `%s`%s%s%s", name, nearest.best ? "; did you mean `" : "",
           nearest.best ? nearest.best : "", nearest.best ? "`?" : "");
}

static void take(Parser *p, OptionId id, const char *value) {
    Options *o = p->options;
    switch (id) {
    case OPT_OUTPUT: o->output = value; break;
    case OPT_CHECK: o->check = true; break;
    case OPT_EMIT: parse_emit(p, value); break;
    case OPT_INCLUDE: append(p, &o->include_dirs, &o->ninclude_dirs, value); break;
    case OPT_DEFINE: parse_define(p, value); break;
    case OPT_PIPELINE: o->pipeline = value; break;
    case OPT_OPTIMIZE: parse_optimize(p, value); break;
    case OPT_DEBUG: o->debug = true; break;
    case OPT_STATIC: o->dynamic = false; break;
    case OPT_DYNAMIC: o->dynamic = true; break;
    case OPT_SHARED: o->library = LIBRARY_SHARED; break;
    case OPT_ARCHIVE: o->library = LIBRARY_ARCHIVE; break;
    case OPT_DEPS: o->deps = true; break;
    case OPT_DEPS_FILE:
        o->deps = true;
        o->deps_file = value;
        break;
    case OPT_WARNING: parse_warning(p, value); break;
    case OPT_DIAGNOSTICS: o->format = (DiagFormat)parse_choice(p, id, value); break;
    case OPT_ERROR_LIMIT: parse_limit(p, value); break;
    case OPT_COLOR: o->color = (When)parse_choice(p, id, value); break;
    case OPT_EXPLAIN:
        o->command = COMMAND_EXPLAIN;
        o->explain = value;
        break;
    case OPT_VERBOSE: o->verbose = true; break;
    case OPT_STDIO: break; /* what editors say, and what there is */
    case OPT_QUIET: o->quiet = true; break;
    case OPT_VERSION: o->command = COMMAND_VERSION; break;
    case OPT_HELP: o->command = COMMAND_HELP; break;
    case NOPTIONS: break;
    }
}

/* ---------------------------------------------------------------- words */

/* Does `word` begin with the option's word? *rest: what follows, or NULL. */
static bool is_option(const OptionRow *row, const char *word, const char **rest) {
    size_t n = strlen(row->word);
    *rest = NULL;
    if (strcmp(word, row->word) == 0) {
        return row->form != JOINED;
    }
    if (strncmp(word, row->word, n) != 0) {
        return false;
    }
    bool is_long = row->word[1] == '-';
    if (is_long && word[n] == '=') {
        *rest = word + n + 1;
        return true;
    }
    *rest = word + n;
    return !is_long && n == 2 && row->form != FLAG;
}

static OptionId find_option(const char *word, const char **rest) {
    for (int i = 0; i < NOPTIONS;
         i++) { /* -MF is no -M with F: two letters match as a whole only */
        if (is_option(&option_rows[i], word, rest)) {
            return (OptionId)i;
        }
    }
    return NOPTIONS;
}

static Scope scope_of(Command command) {
    switch (command) {
    case COMMAND_FMT: return FMT;
    case COMMAND_FIX: return FIX;
    case COMMAND_LSP: return LSP;
    case COMMAND_DOC: return DOC;
    case COMMAND_BUILD:
    case COMMAND_PIPES:
    case COMMAND_COMPLETION:
    case COMMAND_EXPLAIN:
    case COMMAND_VERSION:
    case COMMAND_HELP: return BUILD;
    }
    return BUILD;
}

static void parse_option(Parser *p, const char *word) {
    const char *value;
    OptionId id = find_option(strcmp(word, "-h") == 0 ? "--help" : word, &value);
    if (id == NOPTIONS) {
        refuse_option(p, word);
        return;
    }
    const OptionRow *row = &option_rows[id];
    if (row->form == FLAG && value) {
        refuse(p, "%s takes no value", row->word);
    } else if (row->form == VALUE && !value && !(value = p->argv[p->at++])) {
        refuse(p, "%s wants an argument: %s %s", row->word, row->word, row->argument);
    } else if (!(row->scope & scope_of(p->options->command))) {
        refuse(p, "dagcc %s has no option %s", command_rows[p->options->command].word, row->word);
    } else {
        take(p, id, value);
    }
}

/* The first word may be that of a command. */
static void parse_command(Parser *p) {
    const char *word = p->at < p->argc ? p->argv[p->at] : "";
    for (int i = 1; i < NCOMMANDS; i++) {
        if (strcmp(command_rows[i].word, word) == 0) {
            p->options->command = (Command)i;
            p->at++;
            return;
        }
    }
}

/* A word without a dot or slash was perhaps meant to be a command. */
static const char *command_hint(Parser *p, const char *word) {
    Nearest nearest = nearest_to(word);
    for (int i = 1; i < NCOMMANDS; i++) {
        nearest_offer(&nearest, command_rows[i].word);
    }
    return strpbrk(word, "./") ? "" : did_you_mean(p, &nearest);
}

static void check_files(Parser *p) {
    Options *o = p->options;
    switch (o->command) {
    case COMMAND_BUILD:
        if (o->nfiles == 0) {
            refuse(p, "no file to compile");
        } else if (o->nfiles > 1) {
            refuse(p, "one file at a time: `%s` and `%s`%s", o->files[0], o->files[1],
                   command_hint(p, o->files[0]));
        }
        return;
    case COMMAND_FMT:
        if (o->nfiles == 0) {
            refuse(p, "no file to lay out; `-` is standard input");
        }
        return;
    case COMMAND_FIX:
        if (o->nfiles == 0) {
            refuse(p, "no file to fix; `-` is standard input");
        }
        return;
    case COMMAND_PIPES:
    case COMMAND_LSP:
        if (o->nfiles > 0) {
            refuse(p, "dagcc %s takes no file", command_rows[o->command].word);
        }
        return;
    case COMMAND_DOC:
        if (o->nfiles != 1) {
            refuse(p, "dagcc doc takes one file");
        }
        return;
    case COMMAND_COMPLETION:
        if (o->nfiles == 0) {
            refuse(p, "for which shell? %s", command_rows[o->command].arguments);
        }
        return;
    case COMMAND_EXPLAIN:
    case COMMAND_VERSION:
    case COMMAND_HELP: return;
    }
}

Options *options_parse(Arena *arena, int argc, char **argv, const char **message) {
    Options *o = ARENA_NEW(arena, Options);
    *o = (Options){ .optimize = '2', .error_limit = -1 };
    Parser p = { .arena = arena, .argc = argc, .argv = argv, .at = 1, .options = o };
    parse_command(&p);
    bool only_files = false;
    while (!p.message && p.at < argc) {
        const char *word = argv[p.at++];
        if (only_files || word[0] != '-' || !word[1]) {
            append(&p, &o->files, &o->nfiles, word);
        } else if (strcmp(word, "--") == 0) {
            only_files = true;
        } else {
            parse_option(&p, word);
        }
    }
    if (o->error_limit < 0) {
        o->error_limit = o->format == DIAG_TEXT ? 100 : 0;
    }
    if (!p.message) {
        check_files(&p);
    }
    *message = p.message;
    return p.message ? NULL : o;
}

void options_apply(const Options *options, Front *front) {
    front->include_dirs = options->include_dirs;
    front->ninclude_dirs = options->ninclude_dirs;
    front->defines = options->defines;
    front->ndefines = options->ndefines;
    front->pipeline = options->pipeline;
    front->diags->error_limit = (uint32_t)options->error_limit;
    front->diags->quiet = options->quiet;
    for (size_t i = 0; i < options->nwarnings; i++) {
        diags_option(front->diags, options->warnings[i]);
    }
}

/* ---------------------------------------------------------------- help */

static void print_option(const OptionRow *row, FILE *out) {
    if (!row->help[0]) {
        return;
    }
    bool is_long = row->word[1] == '-';
    const char *between = row->form != VALUE ? "" : is_long ? "=" : " ";
    int n = fprintf(out, "  %s%s%s", row->word, between, row->argument);
    fprintf(out, "%*s%s\n", n < 22 ? 22 - n : 1, "", row->help);
}

void options_help(FILE *out) {
    fputs("dagcc compiles a pipeline into one executable file.\n\n", out);
    for (int i = 0; i < NCOMMANDS; i++) {
        const CommandRow *row = &command_rows[i];
        const char *space = row->word[0] && row->arguments[0] ? " " : "";
        int n = fprintf(out, "  dagcc %s%s%s", row->word, space, row->arguments);
        n -= strstr(row->arguments, "…") ? 2 : 0; /* bytes that take no column */
        fprintf(out, "%*s%s\n", n < 32 ? 32 - n : 1, "", row->help);
    }
    fputs("\nOptions:\n", out);
    for (int i = 0; i < NOPTIONS; i++) {
        print_option(&option_rows[i], out);
    }
    fputs("\nExamples:\n"
          "  dagcc hello.dag && ./hello          dagcc -D quality=low -o fast media.dag\n"
          "  dagcc --check -Werror hello.dag     CC=clang dagcc -g -v hello.dag\n\n"
          "Environment: CC, CFLAGS, LDFLAGS; TMPDIR; NO_COLOR; DAGCC_HOME (the runtime's folder).\n"
          "Exit status: 0 fine, 1 errors in the pipeline, 2 usage, 3 generated C code that does\n"
          "not compile (our bug), 4 a file could not be read or written.\n",
          out);
}

/* ---------------------------------------------------------------- completion */

static bool takes(const char *command, size_t option) {
    for (int i = 0; i < NCOMMANDS; i++) {
        if (strcmp(command_rows[i].word, command) == 0) {
            return option_rows[option].scope & scope_of((Command)i);
        }
    }
    return false;
}

CompleteTables options_tables(Arena *arena) {
    CompleteCommand *commands = ARENA_ARRAY(arena, NCOMMANDS, CompleteCommand);
    CompleteOption *options = ARENA_ARRAY(arena, NOPTIONS, CompleteOption);
    for (int i = 0; i < NCOMMANDS; i++) {
        const CommandRow *row = &command_rows[i];
        commands[i] = (CompleteCommand){ row->word, row->arguments, row->help };
    }
    for (int i = 0; i < NOPTIONS; i++) {
        const OptionRow *row = &option_rows[i];
        options[i] = (CompleteOption){ .word = row->word,
                                       .argument = row->form == FLAG ? NULL : row->argument,
                                       .joined = row->form == JOINED,
                                       .help = row->help };
    }
    return (CompleteTables){ .commands = commands,
                             .ncommands = NCOMMANDS,
                             .options = options,
                             .noptions = NOPTIONS,
                             .takes = takes };
}

const char *options_emit_word(size_t i) {
    return i < NEMITS ? emit_rows[i].word : NULL;
}
