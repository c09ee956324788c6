/*
 * main.c - the dagcc program: options in, exit code out, and the phases in the order they run.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "base/version.h"
#include "check/front_check.h"
#include "link/link.h"
#include "model/native.h"
#include "syntax/front_parse.h"
#include "tools/commands.h"

static int complain(const char *message) {
    fprintf(stderr, "dagcc: error: %s\n", message);
    return EXIT_IO;
}

static int misuse(const char *message) {
    fprintf(stderr, "dagcc: error: %s\nTry `dagcc --help`.\n", message);
    return EXIT_USAGE;
}

/* ---------------------------------------------------------------- outputs */

/* What the file is compiled to: -o, else its name without folder and .dag. */
static const char *output_name(Arena *arena, const Options *options, const char **message) {
    if (options->output) {
        return options->output;
    }
    const char *slash = strrchr(options->files[0], '/');
    const char *name = slash ? slash + 1 : options->files[0];
    size_t n = strlen(name);
    if (n <= 4 || strcmp(name + n - 4, ".dag") != 0) {
        *message = arena_printf(arena, "%s has no name that ends in .dag; name the output with -o",
                                strcmp(name, "-") == 0 ? "standard input" : options->files[0]);
        return NULL;
    }
    return arena_text(arena, name, n - 4);
}

/* A library is called after its pipeline. */
static const char *library_name(Arena *arena, const Options *options, const Pipeline *pipeline) {
    const char *ext = options->library == LIBRARY_ARCHIVE ? "a" : "so";
    return options->output ? options->output
                           : arena_printf(arena, "lib%s.%s", pipeline->name.text, ext);
}

/* Would the output replace what it is made from? A slip like `dagcc -o x.dag x.dag`. */
static const char *overwritten(Front *front, const char *output) {
    struct stat st;
    if (!output || stat(output, &st) != 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < front->sources.n; i++) {
        const Source *s = front->sources.items[i];
        if (s->inode == (uint64_t)st.st_ino && s->device == (uint64_t)st.st_dev) {
            return arena_printf(&front->arena, "the output %s is what is compiled", output);
        }
    }
    return NULL;
}

/* Prints one form of the program to -o or standard output. */
static int emit_to(Front *front, const Options *options, void (*print)(void *what, FILE *out),
                   void *what) {
    if (!options->output) {
        print(what, stdout);
        return EXIT_OK;
    }
    OutFile file;
    const char *message = overwritten(front, options->output);
    if (message) {
        return misuse(message);
    }
    if (!outfile_open(&file, &front->arena, options->output, 0666, &message)) {
        return complain(message);
    }
    print(what, file.out);
    return outfile_commit(&file, &message) ? EXIT_OK : complain(message);
}

/* Everything that can be printed, as far as the phases have come. */
typedef struct Stages {
    Front *front;
    Source *source;
    File *file;
    Model *model;
    Graph *graph;
    Emit emit;
} Stages;

/* The files that were read, and those that C bodies name. */
static void collect_sources(Front *front, Argv *deps) {
    for (uint32_t i = 0; i < front->sources.n; i++) {
        if (front->sources.items[i]->path[0] != '<') {
            argv_add(deps, front->sources.items[i]->path);
        }
    }
}

static bool has_word(const Argv *words, const char *word) {
    for (size_t i = 0; i < words->n; i++) {
        if (strcmp(words->items[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static void collect_c_files(Front *front, const Pipeline *pipeline, Argv *deps) {
    for (uint32_t i = 0; i < pipeline->nstages; i++) {
        const Stage *stage = pipeline->stages[i];
        for (const Expr *e = stage->body ? stage->body->u.body.files : NULL; e; e = e->next) {
            const char *path = body_path(front, e);
            if (!has_word(deps, path)) {
                argv_add(deps, path);
            }
        }
    }
}

static void print_deps(const Stages *s, FILE *out) {
    Argv deps = { .arena = &s->front->arena };
    collect_sources(s->front, &deps);
    for (uint32_t i = 0; s->model && i < s->model->npipelines; i++) {
        collect_c_files(s->front, s->model->pipelines[i], &deps);
    }
    for (size_t i = 0; i < deps.n; i++) {
        fprintf(out, "%s\n", deps.items[i]);
    }
}

static void print_emit(void *what, FILE *out) {
    const Stages *s = what;
    switch (s->emit) {
    case EMIT_TOKENS: front_tokens(s->front, s->source, out); break;
    case EMIT_AST: ast_print(s->file, out); break;
    case EMIT_DEPS: print_deps(s, out); break;
    case EMIT_IR: emit_ir(s->front, s->graph, out); break;
    case EMIT_GRAPH: emit_graph(s->front, s->graph, out); break;
    case EMIT_HEADER: emit_header(s->front, s->graph, out); break;
    case EMIT_C: emit_c(s->front, s->graph, out); break;
    case EMIT_SCHEMA: emit_schema(s->front, s->graph, out); break;
    case EMIT_NONE: break;
    }
}

/* One rule of a makefile; blanks, # and $ in names are escaped. */
static int write_deps(Front *front, const Options *options, const char *output, const Argv *deps) {
    const char *path = options->deps_file;
    path = path ? path : arena_printf(&front->arena, "%s.d", output);
    OutFile file;
    const char *message;
    if (!outfile_open(&file, &front->arena, path, 0666, &message)) {
        return complain(message);
    }
    for (size_t i = 0; i <= deps->n; i++) {
        fputs(i == 0 ? "" : i == 1 ? ": " : " \\\n  ", file.out);
        for (const char *p = i ? deps->items[i - 1] : output; *p; p++) {
            fputs(*p == ' ' || *p == '#' ? "\\" : *p == '$' ? "$" : "", file.out);
            fputc(*p, file.out);
        }
    }
    fputc('\n', file.out);
    return outfile_commit(&file, &message) ? EXIT_OK : complain(message);
}

/* ---------------------------------------------------------------- the phases */

/* Makes the executable file. */
static int build(Front *front, const Graph *graph, const Options *options, const char *output) {
    const char *message = overwritten(front, output);
    if (message) {
        return misuse(message);
    }
    Argv deps = { .arena = &front->arena };
    collect_sources(front, &deps);
    int status = link_program(front, graph, options, output, &deps, &message);
    if (message) {
        complain(message);
    }
    if (status == EXIT_OK && options->deps) {
        status = write_deps(front, options, output, &deps);
    }
    return status;
}

/* From a file to what the options ask for: source, tokens, tree, model, tables, C, program. */
static int compile(Front *front, const Options *options) {
    const char *message, *output = NULL;
    Stages s = { .front = front, .emit = options->emit };

    bool named = !options->check && !s.emit && !options->library;
    if (named && !(output = output_name(&front->arena, options, &message))) {
        return misuse(message);
    }
    s.source = source_read(&front->arena, &front->sources, options->files[0], &message);
    if (!s.source) {
        diag_report(front->diags, E0905, SPAN_NONE, "%s", message);
        return EXIT_IO;
    }
    if (s.emit == EMIT_TOKENS) {
        return emit_to(front, options, print_emit, &s);
    }

    s.file = front_parse(front, s.source);
    if (s.emit == EMIT_AST) {
        int status = emit_to(front, options, print_emit, &s);
        return status ? status : front->diags->nerrors ? EXIT_ERRORS : EXIT_OK;
    }

    s.model = front_check(front, s.file);
    if (front->diags->nerrors) {
        return EXIT_ERRORS;
    }
    if (s.emit == EMIT_DEPS) {
        return emit_to(front, options, print_emit, &s);
    }
    if (options->check) {
        return EXIT_OK;
    }
    if (!s.model->main) {
        diag_report(front->diags, E0904, SPAN_NONE, "%s has no pipeline to build", s.source->path);
        return EXIT_ERRORS;
    }

    s.graph = lower_model(front, s.model);
    s.graph->embedded = options->library != LIBRARY_NONE;
    if (s.emit) {
        return emit_to(front, options, print_emit, &s);
    }
    output = output ? output : library_name(&front->arena, options, s.model->main);
    return build(front, s.graph, options, output);
}

/* ---------------------------------------------------------------- running them */

static bool color_for(const Options *options) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    switch (options->color) {
    case WHEN_ALWAYS: return true;
    case WHEN_NEVER: return false;
    case WHEN_AUTO: break;
    }
    return isatty(STDERR_FILENO) && !(no_color && *no_color) &&
           !(term && strcmp(term, "dumb") == 0);
}

/* Out of memory, wherever it happens, ends here. */
static int compile_or_give_up(const Options *options) {
    jmp_buf oom;
    Front *front = front_new();
    if (!front || setjmp(oom)) {
        return complain("out of memory");
    }
    front->arena.oom = &oom;
    options_apply(options, front);
    int status = compile(front, options);
    diags_print(front->diags, options->format, color_for(options), stderr);
    front_free(front);
    return status;
}

static int explain(const Options *options) {
    if (diag_explain(options->explain, stdout)) {
        return EXIT_OK;
    }
    fprintf(stderr,
            "dagcc: error: there is no message `%s`; codes look like E0301 or unused-input\n",
            options->explain);
    return EXIT_USAGE;
}

static int run(const Options *options, const char *self) {
    switch (options->command) {
    case COMMAND_BUILD: return compile_or_give_up(options);
    case COMMAND_FMT: return command_fmt(options, color_for(options));
    case COMMAND_FIX: return command_fix(options, color_for(options));
    case COMMAND_PIPES: return command_pipes();
    case COMMAND_EXPLAIN: return explain(options);
    case COMMAND_VERSION: puts("dagcc " DAGCC_VERSION); return EXIT_OK;
    case COMMAND_HELP: options_help(stdout); return EXIT_OK;
    case COMMAND_LSP: return command_lsp(options);
    case COMMAND_DOC: return command_doc(options, color_for(options));
    case COMMAND_COMPLETION: return command_complete(options, self);
    }
    return EXIT_USAGE;
}

/* Dies of the signal that link_program held back, so that our parent sees it. */
static void die_of(int signal_number) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

int main(int argc, char **argv) {
    Arena arena = { 0 };
    const char *message;
    signal(SIGCHLD, SIG_DFL); /* children are waited for, whatever our parent has set */
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* messages are lines of many pieces */
    Options *options = options_parse(&arena, argc, argv, &message);
    int status = options ? run(options, argv[0]) : misuse(message);
    bool lost = ferror(stdout) != 0; /* of more than a buffer's bytes the last may be none */
    if ((fclose(stdout) != 0 || lost) && status == EXIT_OK) {
        status = complain("cannot write to standard output");
    }
    if (status > EXIT_SIGNAL) {
        die_of(status - EXIT_SIGNAL);
    }
    arena_free(&arena);
    return status;
}
