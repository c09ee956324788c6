/*
 * link.c - writes the generated C into a private folder, compiles it and the user's C files side by
 * side, links them with the runtime, and puts the result in place.
 *
 * The same input gives the same bytes: the folder's name is mapped away.
 */
#include "link/link.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/outfile.h"
#include "link/cerrors.h"
#include "link/cproto.h"
#include "link/cunits.h"
#include "link/library.h"
#include "link/toolchain.h"

typedef struct Build {
    Front *front;
    const Graph *graph;
    const Options *options;
    Toolchain *tc;
    Workshop shop;
    CUnits units;
    CErrors errors;
    const char *output;
    const char *message;
    bool keep; /* the folder */
} Build;

static bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* ---------------------------------------------------------------- generated files */

typedef void (*Emitter)(Front *front, const Graph *graph, FILE *out);

static bool write_failed(Build *b, const char *path) {
    b->message = arena_printf(&b->front->arena, "cannot write %s: %s", path, strerror(errno));
    return false;
}

/* Closes what may not have been opened. */
static bool close_written(FILE *out) {
    bool ok = out && !ferror(out);
    return out && fclose(out) == 0 && ok;
}

static bool write_file(Build *b, const char *path, Emitter emit, const Graph *graph) {
    FILE *out = fopen(path, "w");
    if (out) {
        emit(b->front, graph, out);
    }
    return close_written(out) || write_failed(b, path);
}

/* Can the path stand in a text of the assembler within one of C? */
static bool is_plain(const char *path) {
    return strspn(path, "/._-+0123456789abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(path);
}

/* The program as C, with a file of tables beside it. */
static bool write_program(Build *b) {
    const char *path = b->errors.generated, *tables = workshop_path(&b->shop, "tables");
    if (!is_plain(tables)) {
        return write_file(b, path, emit_c, b->graph);
    }
    FILE *out = fopen(path, "w"), *image = fopen(tables, "w");
    if (out && image) {
        emit_c_beside(b->front, b->graph, out, image, tables);
    }
    bool written = close_written(out), beside = close_written(image);
    return (written && beside) || write_failed(b, written ? tables : path);
}

/* The header PIPELINE.dag.h of each pipeline with C code. */
static bool write_headers(Build *b) {
    Arena *arena = &b->front->arena;
    for (size_t i = 0; i < b->units.ngraphs; i++) {
        const Graph *graph = b->units.graphs[i];
        bool wanted = graph->nnatives || (graph == b->graph && b->units.nnatives);
        const char *name = arena_printf(arena, "%s.dag.h", graph->pipeline->name.text);
        if (wanted && !write_file(b, workshop_path(&b->shop, name), emit_header, graph)) {
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- compiling */

/* Maps our folder away, wherever the C compiler would write its name. */
static void add_common(Build *b, Argv *argv) {
    argv_add_all(argv, &b->tc->cc);
    argv_addf(argv, "-O%c", b->options->optimize);
    if (b->options->debug) {
        argv_add(argv, "-g");
    }
    char cwd[PATH_MAX];
    size_t n = getcwd(cwd, sizeof cwd) ? strlen(cwd) : 0;
    /* Compilers differ in which of two nested folders they map. */
    if (n > 1 && !(starts(b->shop.dir, cwd) && b->shop.dir[n] == '/')) {
        argv_addf(argv, "-ffile-prefix-map=%s=.", cwd);
    }
    argv_addf(argv, "-ffile-prefix-map=%s=.", b->shop.dir);
}

/* Compiler and flags that all units share. */
static Argv compiler(Build *b) {
    Argv argv = { .arena = &b->front->arena };
    add_common(b, &argv);
    argv_add(&argv, "-std=gnu11");
    argv_add(&argv, "-Wall");
    /* errors since gcc 14; with older compilers a wrong type would be found at run time */
    argv_add(&argv, "-Werror=implicit-function-declaration");
    argv_add(&argv, "-Werror=incompatible-pointer-types");
    argv_add(&argv, "-Werror=int-conversion");
    if (b->options->library) {
        argv_add(&argv, "-fPIC");
    }
    argv_add(&argv, "-ftabstop=1"); /* columns in messages are characters */
    argv_add(&argv, "-iquote");     /* before the user's folders, which may have a dag.h too */
    argv_addf(&argv, "%s/include", b->tc->home);
    argv_addf(&argv, "-I%s/include", b->tc->home);
    argv_addf(&argv, "-I%s", b->shop.dir);
    argv_addf(&argv, "-DDAG_HEADER=\"%s.dag.h\"", b->graph->pipeline->name.text);
    return argv;
}

static void compile_start(Build *b, CUnit *unit) {
    Argv argv = compiler(b);
    argv_add_all(&argv, &unit->flags);
    argv_add_all(&argv, &b->tc->cflags);
    argv_add(&argv, "-MMD");
    argv_add(&argv, "-MF");
    argv_addf(&argv, "%s.d", unit->object);
    argv_add(&argv, "-c");
    argv_add(&argv, "-o");
    argv_add(&argv, unit->object);
    argv_add(&argv, unit->path);
    process_start(&b->shop, &unit->process, &argv);
}

/* What a failure means that no message explains. */
static int unexplained(Build *b, const Process *process, const char *what) {
    Arena *arena = &b->front->arena;
    if (!process->pid) {
        b->message = arena_printf(arena, "cannot run the C compiler `%s`: %s", process->name,
                                  strerror(process->error));
        return EXIT_IO;
    }
    fputs(b->shop.verbose ? "" : process->err, stderr);
    if (b->errors.nother > 0) {
        b->keep = true;
        b->message = arena_printf(arena,
                                  "bug in dagcc: %s failed on generated code; please report it "
                                  "with the file %s, which is kept",
                                  what, b->errors.generated);
        return EXIT_BUG;
    }
    b->message =
        arena_printf(arena, "%s failed with status %d%s", what, process->status,
                     getenv("CFLAGS") || getenv("LDFLAGS") ? " (CFLAGS and LDFLAGS are used)" : "");
    return EXIT_IO;
}

static const char *header_path(Build *b) {
    const char *name = arena_printf(&b->front->arena, "%s.dag.h", b->graph->pipeline->name.text);
    return workshop_path(&b->shop, name);
}

static void check_types(Build *b) {
    Argv base = compiler(b);
    for (size_t i = 0; i < b->units.n && !b->shop.caught; i++) {
        cerrors_types(&b->errors,
                      cproto_check(&b->units, &b->units.items[i], &base, header_path(b)));
    }
}

/* All at a time; the processes of one pipeline are few. */
static int compile_units(Build *b) {
    const Process *failed = NULL;
    if (!cerrors_comments(&b->errors)) {
        return EXIT_ERRORS;
    }
    for (size_t i = 0; i < b->units.n; i++) {
        compile_start(b, &b->units.items[i]);
    }
    for (size_t i = 0; i < b->units.n; i++) {
        Process *process = &b->units.items[i].process;
        if (!process_wait(&b->shop, process)) {
            failed = failed ? failed : process;
        }
        cerrors_compiler(&b->errors, process->err);
        cunit_refuse_old_headers(&b->units, &b->units.items[i]);
    }
    if (!failed && !b->shop.caught) {
        check_types(b);
    }
    if (!failed || b->shop.caught) {
        return EXIT_OK;
    }
    if (b->errors.nuser == 0) {
        cerrors_brackets(&b->errors);
    }
    return b->front->diags->nerrors ? EXIT_ERRORS : unexplained(b, failed, "the C compiler");
}

/* ---------------------------------------------------------------- linking */

static bool wants_debug(const Build *b) {
    for (size_t i = 0; i < b->tc->cflags.n; i++) {
        if (starts(b->tc->cflags.items[i], "-g")) {
            return true;
        }
    }
    return b->options->debug;
}

static Library library_of(const Build *b) {
    return (Library){ .front = b->front,
                      .graph = b->graph,
                      .options = b->options,
                      .tc = b->tc,
                      .shop = (Workshop *)(uintptr_t)&b->shop,
                      .units = &b->units,
                      .debug = wants_debug(b) };
}

static bool run_linker(Build *b, bool is_static, Process *process) {
    Argv argv = { .arena = &b->front->arena };
    Library library = library_of(b);
    if (b->options->library == LIBRARY_ARCHIVE) {
        return library_archive(&library, workshop_path(&b->shop, "program"), process);
    }
    add_common(b, &argv);
    argv_add_all(&argv, &b->tc->cflags);
    if (is_static) {
        argv_add(&argv, "-static");
    }
    if (b->options->library && !library_shared(&library, b->output, &argv, &b->message)) {
        return false;
    }
    if (!wants_debug(b)) {
        argv_add(&argv, "-s"); /* the runtime's own debugging information */
    }
    argv_add(&argv, "-o");
    argv_add(&argv, workshop_path(&b->shop, "program"));
    for (size_t i = 0; i < b->units.n; i++) {
        argv_add(&argv, b->units.items[i].object);
    }
    argv_add_all(&argv, &b->tc->ldflags);
    argv_add_all(&argv, &b->units.links);
    argv_addf(&argv, "%s/lib/libdag.a", b->tc->home);
    argv_add_all(&argv, is_static ? &b->tc->static_libs : &b->tc->dynamic_libs);
    process_start(&b->shop, process, &argv);
    return process_wait(&b->shop, process);
}

/* Says what a linker's failure means: EXIT_ERRORS when it is the user's C. */
static int link_failure(Build *b, const Process *process) {
    const Expr **files = ARENA_ARRAY(&b->front->arena, b->units.n, const Expr *);
    for (size_t i = 0; i < b->units.n; i++) {
        files[i] = b->units.items[i].file;
    }
    cerrors_linker(&b->errors, process->err, files, b->units.n);
    return b->errors.nuser ? EXIT_ERRORS : unexplained(b, process, "the linker");
}

static int link_units(Build *b) {
    Process process;
    bool want_static = !b->options->dynamic && !b->options->library && !b->tc->is_dynamic;
    if (want_static && b->tc->is_static && run_linker(b, true, &process)) {
        return EXIT_OK;
    }
    if (b->shop.caught) {
        return EXIT_OK;
    }
    Process first = process;
    if (!run_linker(b, false, &process)) {
        return b->shop.caught ? EXIT_OK : link_failure(b, &process);
    }
    if (want_static && !b->options->quiet) {
        if (b->tc->is_static && !b->shop.verbose) {
            fputs(first.err, stderr);
        }
        fprintf(stderr, "dagcc: warning: %s; linked with shared libraries (--dynamic)\n",
                b->tc->is_static ? "the static link failed"
                                 : "a fully static link does not work on this machine");
    }
    return EXIT_OK;
}

/* ---------------------------------------------------------------- all of it */

static int build(Build *b, const char *output, Argv *deps) {
    if (!write_headers(b) || !write_program(b)) {
        return EXIT_IO;
    }
    cunits_collect(&b->units, b->errors.generated);
    if (b->front->diags->nerrors) {
        return EXIT_ERRORS;
    }
    int status = compile_units(b);
    if (status == EXIT_OK && !b->shop.caught && !b->front->diags->nerrors) {
        status = link_units(b);
    }
    if (status != EXIT_OK || b->shop.caught || b->front->diags->nerrors) {
        return status ? status : EXIT_ERRORS;
    }
    for (size_t i = 0; i < b->units.n && b->options->deps; i++) {
        cunit_deps(&b->units, &b->units.items[i], deps);
    }
    const char *program = workshop_path(&b->shop, "program");
    unsigned mode = b->options->library == LIBRARY_ARCHIVE ? 0666 : 0777;
    Library library = library_of(b);
    bool good = !b->options->library || library_beside(&library, output, &b->message);
    good = good && outfile_copy(&b->front->arena, program, output, mode, &b->message);
    return good ? EXIT_OK : EXIT_IO;
}

int link_program(Front *front, const Graph *graph, const Options *options, const char *output,
                 Argv *deps, const char **message) {
    Arena *arena = &front->arena;
    Build *b = ARENA_NEW(arena, Build);
    b->front = front;
    b->graph = graph;
    b->options = options;
    b->output = output;
    b->tc = toolchain_find(arena, message);
    if (!b->tc || !outfile_possible(arena, output, message) ||
        !workshop_open(&b->shop, arena, options->verbose, message)) {
        return EXIT_IO;
    }
    b->units = (CUnits){ .front = front,
                         .shop = &b->shop,
                         .is_static = b->tc->is_static && !options->dynamic && !options->library,
                         .links = { .arena = arena } };
    cunits_natives(&b->units, graph);
    const char *name = arena_printf(arena, "%s.dag.c", graph->pipeline->name.text);
    b->errors = (CErrors){ .front = front,
                           .dir = b->shop.dir,
                           .home = b->tc->home,
                           .generated = workshop_path(&b->shop, name),
                           .graph = graph,
                           .natives = b->units.natives,
                           .nnatives = b->units.nnatives };
    int status = build(b, output, deps);
    workshop_close(&b->shop, b->keep);
    *message = b->message;
    return b->shop.caught ? EXIT_SIGNAL + b->shop.caught : status;
}
