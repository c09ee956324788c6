/*
 * cunits.c - which C files a program has, how they are compiled, what they read.
 */
#include "link/cunits.h"
#include "model/native.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* ---------------------------------------------------------------- the user's C */

static void collect_graphs(CUnits *u, const Graph *graph) {
    for (size_t i = 0; i < u->ngraphs; i++) {
        if (u->graphs[i] == graph) {
            return;
        }
    }
    if (u->ngraphs == u->graphs_room) {
        size_t room = u->graphs_room ? 2 * u->graphs_room : 16;
        const Graph **all = ARENA_ARRAY(&u->front->arena, room, const Graph *);
        if (u->ngraphs) {
            memcpy(all, u->graphs, u->ngraphs * sizeof *all);
        }
        u->graphs = all;
        u->graphs_room = room;
    }
    u->graphs[u->ngraphs++] = graph;
    u->nnatives += graph->nnatives;
    for (uint32_t i = 0; i < graph->nsubs; i++) {
        collect_graphs(u, graph->subs[i]);
    }
}

void cunits_natives(CUnits *u, const Graph *graph) {
    collect_graphs(u, graph);
    u->natives = ARENA_ARRAY(&u->front->arena, u->nnatives, const NativeCode *);
    size_t n = 0;
    for (size_t i = 0; i < u->ngraphs; i++) {
        for (uint32_t k = 0; k < u->graphs[i]->nnatives; k++) {
            u->natives[n++] = &u->graphs[i]->natives[k];
        }
    }
}

/* ---------------------------------------------------------------- packages */

/* Runs pkg-config; adds what it prints. An unknown package is reported. */
static void ask_pkg_config(CUnits *u, const Expr *pkg, const char *option, Argv *words) {
    Arena *arena = &u->front->arena;
    const char *program = getenv("PKG_CONFIG"), *name = body_literal(arena, pkg);
    Argv argv = { .arena = arena };
    if (!argv_split(&argv, program ? program : "") || argv.n == 0) {
        argv_add(&argv, "pkg-config");
    }
    argv_add(&argv, option);
    if (u->is_static) {
        argv_add(&argv, "--static");
    }
    argv_add(&argv, name);
    Process process;
    process_start(u->shop, &process, &argv);
    if (process_wait(u->shop, &process)) {
        argv_split(words, process.out);
        return;
    }
    Diags *diags = u->front->diags;
    if (!process.pid) {
        diag_report(diags, E0884, pkg->span, "cannot run `%s`, which finds the package `%s`: %s",
                    argv.items[0], name, strerror(process.error));
    } else if (!u->shop->caught) {
        diag_report(diags, E0884, pkg->span, "pkg-config knows no package `%s`", name);
    }
}

/* ---------------------------------------------------------------- units */

static CUnit *unit_add(CUnits *u, const char *path, const Expr *file) {
    for (size_t i = 1; i < u->n; i++) {
        if (strcmp(u->items[i].path, path) == 0) {
            return &u->items[i];
        }
    }
    CUnit *unit = &u->items[u->n];
    const char *object = arena_printf(&u->front->arena, "native%zu.o", u->n++);
    *unit = (CUnit){ .path = path, .object = workshop_path(u->shop, object), .file = file };
    unit->flags.arena = &u->front->arena;
    return unit;
}

/* What a body says about its compilation. */
static void add_flags(CUnits *u, const Item *body, Argv *flags) {
    argv_add(flags, "-iquote");
    argv_add(flags, body_folder(u->front, body->span));
    for (const Expr *e = body->u.body.includes; e; e = e->next) {
        argv_addf(flags, "-I%s", body_path(u->front, e));
    }
    for (const Expr *e = body->u.body.pkgs; e; e = e->next) {
        ask_pkg_config(u, e, "--cflags", flags);
    }
}

static void add_links(CUnits *u, const Item *body) {
    for (const Expr *e = body->u.body.links; e; e = e->next) {
        argv_addf(&u->links, "-l%s", body_literal(&u->front->arena, e));
    }
    for (const Expr *e = body->u.body.pkgs; e; e = e->next) {
        ask_pkg_config(u, e, "--libs", &u->links);
    }
}

static size_t count_files(const CUnits *u) {
    size_t n = 0;
    for (size_t i = 0; i < u->nnatives; i++) {
        for (const Expr *e = u->natives[i]->body->u.body.files; e; e = e->next) {
            n++;
        }
    }
    return n;
}

/* Instances of a plugin share what it says about C. */
static bool is_repeated(const CUnits *u, size_t i) {
    Span span = u->natives[i]->body->span;
    for (size_t k = 0; k < i; k++) {
        Span other = u->natives[k]->body->span;
        if (other.start == span.start && other.file == span.file) {
            return true;
        }
    }
    return false;
}

void cunits_collect(CUnits *u, const char *generated) {
    Arena *arena = &u->front->arena;
    u->items = ARENA_ARRAY(arena, 1 + count_files(u), CUnit);
    u->items[0].path = generated;
    u->items[0].object = workshop_path(u->shop, "program.o");
    u->items[0].flags.arena = arena;
    u->n = 1;
    for (size_t i = 0; i < u->nnatives; i++) {
        const Item *body = u->natives[i]->body;
        if (is_repeated(u, i)) {
            continue;
        }
        if (body->u.body.kind == BODY_C) {
            add_flags(u, body, &u->items[0].flags);
        }
        for (const Expr *e = body->u.body.files; e; e = e->next) {
            add_flags(u, body, &unit_add(u, body_path(u->front, e), e)->flags);
        }
        add_links(u, body);
    }
}

/* ---------------------------------------------------------------- what was read */

/* Adds the prerequisites of a makefile rule as gcc writes it, but for our own files. */
static void add_deps(const CUnits *u, const char *rule, Argv *deps) {
    Arena *arena = &u->front->arena;
    const char *p = strstr(rule, ": ");
    for (p = p ? p + 2 : ""; *(p += strspn(p, " \t\n"));) {
        if (p[0] == '\\' && (p[1] == '\n' || p[1] == '\r')) {
            p += 2;
            continue;
        }
        char *word = arena_alloc(arena, strlen(p) + 1), *to = word;
        while (*p && !strchr(" \t\n", *p)) {
            if ((p[0] == '\\' && (p[1] == ' ' || p[1] == '#')) || (p[0] == '$' && p[1] == '$')) {
                p++;
            }
            *to++ = *p++;
        }
        if (!starts(word, u->shop->dir)) {
            argv_add(deps, word);
        }
    }
}

void cunit_deps(const CUnits *u, const CUnit *unit, Argv *deps) {
    Sources none = { 0 };
    const char *message;
    const char *path = arena_printf(&u->front->arena, "%s.d", unit->object);
    Source *rule = source_read(&u->front->arena, &none, path, &message);
    if (rule) {
        add_deps(u, rule->text, deps);
    }
}

static bool same_text(const CUnits *u, const char *a, const char *c) {
    Sources none = { 0 };
    const char *message;
    Source *x = source_read(&u->front->arena, &none, a, &message);
    Source *y = source_read(&u->front->arena, &none, c, &message);
    return x && y && x->size == y->size && memcmp(x->text, y->text, x->size) == 0;
}

void cunit_refuse_old_headers(const CUnits *u, const CUnit *unit) {
    Argv deps = { .arena = &u->front->arena };
    cunit_deps(u, unit, &deps);
    for (size_t i = 0; i < deps.n && unit->file; i++) {
        const char *slash = strrchr(deps.items[i], '/');
        const char *name = slash ? slash + 1 : deps.items[i];
        const char *ours = workshop_path(u->shop, name);
        if (access(ours, F_OK) == 0 && !same_text(u, ours, deps.items[i])) {
            Diag *d = diag_report(u->front->diags, E0885, unit->file->span,
                                  "%s is an old version of the generated header", deps.items[i]);
            diag_help(u->front->diags, d, "remove it, or print it anew with `--emit=header -o %s`",
                      deps.items[i]);
        }
    }
}
