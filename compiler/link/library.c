/*
 * library.c - archives, shared libraries, their headers and pkg-config files.
 */
#include "link/library.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outfile.h"

static const char *name_of(const Library *library) {
    return library->graph->pipeline->name.text;
}

static const char *base_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---------------------------------------------------------------- the library itself */

static bool write_text(Library const *library, const char *path, const char *text,
                       const char **message) {
    FILE *out = fopen(path, "w");
    bool good = out && fputs(text, out) >= 0;
    good = out && fclose(out) == 0 && good;
    if (!good) {
        *message =
            arena_printf(&library->front->arena, "cannot write %s: %s", path, strerror(errno));
    }
    return good;
}

/* What is not defined is told here, and not when a program is linked or started. The run time of a
 * sanitizer comes with the program. */
static bool refuse_undefined(const Library *library, Argv *argv) {
    for (size_t i = 0; i < library->tc->cflags.n; i++) {
        if (strncmp(library->tc->cflags.items[i], "-fsanitize", 10) == 0) {
            return false;
        }
    }
    argv_add(argv, "-Wl,-z,defs");
    return true;
}

/* Only the pipeline's own functions and those of dag.h are seen from outside. */
bool library_shared(const Library *library, const char *output, Argv *argv, const char **message) {
    Arena *arena = &library->front->arena;
    const char *map = workshop_path(library->shop, "exports.map");
    const char *text = arena_printf(arena, "{ global: %s_run; %s_free; dag_*; local: *; };\n",
                                    name_of(library), name_of(library));
    argv_add(argv, "-shared");
    argv_addf(argv, "-Wl,-soname,%s", base_of(output));
    argv_addf(argv, "-Wl,--version-script=%s", map);
    refuse_undefined(library, argv);
    /* beside another library it keeps its own runtime */
    argv_add(argv, "-Wl,-Bsymbolic-functions");
    argv_add(argv, "-Wl,--as-needed");
    return write_text(library, map, text, message);
}

static const char *tool(const char *variable, const char *otherwise) {
    const char *given = getenv(variable);
    return given && *given ? given : otherwise;
}

static bool run(const Library *library, Process *process, const Argv *argv) {
    process_start(library->shop, process, argv);
    return process_wait(library->shop, process);
}

/* One object of all that the pipeline needs of the runtime, and its own units. */
static bool join_objects(const Library *library, const char *object, Process *process) {
    Argv argv = { .arena = &library->front->arena };
    argv_add_all(&argv, &library->tc->cc);
    argv_add_all(&argv, &library->tc->cflags);
    argv_add(&argv, "-r");
    argv_add(&argv, "-nostdlib");
    argv_add(&argv, "-o");
    argv_add(&argv, object);
    for (size_t i = 0; i < library->units->n; i++) {
        argv_add(&argv, library->units->items[i].object);
    }
    argv_addf(&argv, "%s/lib/libdag.a", library->tc->home);
    return run(library, process, &argv);
}

/* A link to see whether all is there, on the object as it is. */
static bool try_link(const Library *library, const char *object, Process *process) {
    Argv argv = { .arena = &library->front->arena };
    argv_add_all(&argv, &library->tc->cc);
    argv_add_all(&argv, &library->tc->cflags);
    argv_add(&argv, "-shared");
    if (!refuse_undefined(library, &argv)) {
        return true;
    }
    argv_add(&argv, "-o");
    argv_add(&argv, workshop_path(library->shop, "trial"));
    argv_add(&argv, object);
    argv_add_all(&argv, &library->tc->ldflags);
    argv_add_all(&argv, &library->units->links);
    argv_add_all(&argv, &library->tc->dynamic_libs);
    return run(library, process, &argv);
}

/* Its names are its own, so that they meet none of the program's or of another pipeline's; those of
 * dag.h are weak, for a program may have several of such objects. */
static bool hide_names(const Library *library, const char *object, Process *process) {
    Argv argv = { .arena = &library->front->arena };
    argv_add(&argv, tool("OBJCOPY", "objcopy"));
    argv_add(&argv, "--wildcard");
    argv_addf(&argv, "--keep-global-symbol=%s_run", name_of(library));
    argv_addf(&argv, "--keep-global-symbol=%s_free", name_of(library));
    argv_add(&argv, "--keep-global-symbol=dag_*");
    argv_add(&argv, "--weaken-symbol=dag_*");
    if (!library->debug) {
        argv_add(&argv, "--strip-debug");
    }
    argv_add(&argv, object);
    return run(library, process, &argv);
}

bool library_archive(const Library *library, const char *path, Process *process) {
    Argv argv = { .arena = &library->front->arena };
    const char *object =
        workshop_path(library->shop, arena_printf(argv.arena, "%s.pipeline.o", name_of(library)));
    argv_add(&argv, tool("AR", "ar"));
    argv_add(&argv, "rcsD");
    argv_add(&argv, path);
    argv_add(&argv, object);
    return join_objects(library, object, process) && try_link(library, object, process) &&
           hide_names(library, object, process) && run(library, process, &argv);
}

/* ---------------------------------------------------------------- beside it */

static const char *beside(const Library *library, const char *output, const char *name) {
    return arena_printf(&library->front->arena, "%.*s%s", (int)(base_of(output) - output), output,
                        name);
}

static bool write_header(const Library *library, const char *output, const char **message) {
    OutFile file;
    const char *name = arena_printf(&library->front->arena, "%s.h", name_of(library));
    if (!outfile_open(&file, &library->front->arena, beside(library, output, name), 0666,
                      message)) {
        return false;
    }
    emit_embed_header(library->front, library->graph, file.out);
    return outfile_commit(&file, message);
}

/* What the archive needs beside itself; a shared library knows it. */
static void write_libs(const Library *library, const char *output, FILE *out) {
    const Argv *parts[] = { &library->units->links, &library->tc->dynamic_libs };
    if (library->options->library == LIBRARY_SHARED) {
        fprintf(out, "Libs: ${pcfiledir}/%s -Wl,-rpath,${pcfiledir}\n", base_of(output));
        return;
    }
    fprintf(out, "Libs: ${pcfiledir}/%s", base_of(output));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (size_t k = 0; k < parts[i]->n; k++) {
            fprintf(out, " %s", parts[i]->items[k]);
        }
    }
    fputc('\n', out);
}

static bool write_pc(const Library *library, const char *output, const char **message) {
    OutFile file;
    const Item *item = library->graph->pipeline->item;
    const char *doc = item && item->doc ? item->doc : "A pipeline made by dagcc";
    const char *name = arena_printf(&library->front->arena, "%s.pc", name_of(library));
    if (!outfile_open(&file, &library->front->arena, beside(library, output, name), 0666,
                      message)) {
        return false;
    }
    fprintf(file.out, "Name: %s\nDescription: %.*s\nVersion: 1\n", name_of(library),
            (int)strcspn(doc, "\n"), doc);
    fprintf(file.out, "Cflags: -I${pcfiledir}\n");
    write_libs(library, output, file.out);
    return outfile_commit(&file, message);
}

bool library_beside(const Library *library, const char *output, const char **message) {
    Arena *arena = &library->front->arena;
    const char *dag_h = arena_printf(arena, "%s/include/dag.h", library->tc->home);
    return write_header(library, output, message) &&
           outfile_copy(arena, dag_h, beside(library, output, "dag.h"), 0666, message) &&
           write_pc(library, output, message);
}
