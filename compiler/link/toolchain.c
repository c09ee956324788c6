/*
 * toolchain.c - finds the C compiler and the runtime.
 */
#include "link/toolchain.h"
#include "base/home.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- link.conf */

/* A word with its @LIB@ replaced. */
static char *expand(Arena *arena, char *word, const char *lib) {
    static const char mark[] = "@LIB@";
    const char *at = strstr(word, mark);
    return at ? arena_printf(arena, "%.*s%s%s", (int)(at - word), word, lib, at + strlen(mark))
              : word;
}

/* The folder's name may have blanks: it is put in once the words are known. */
static bool split_libs(Argv *libs, const char *value, const char *lib) {
    bool ok = argv_split(libs, value);
    for (size_t i = 0; i < libs->n; i++) {
        libs->items[i] = expand(libs->arena, libs->items[i], lib);
    }
    return ok;
}

static bool conf_line(Toolchain *tc, const char *line, const char *lib) {
    if (strncmp(line, "static=", 7) == 0) {
        tc->is_static = strcmp(line + 7, "yes") == 0;
        tc->is_dynamic = strcmp(line + 7, "off") == 0;
    } else if (strncmp(line, "static_libs=", 12) == 0) {
        return split_libs(&tc->static_libs, line + 12, lib);
    } else if (strncmp(line, "dynamic_libs=", 13) == 0) {
        return split_libs(&tc->dynamic_libs, line + 13, lib);
    }
    return true; /* a comment, or a key of a newer version */
}

static bool read_conf(Toolchain *tc, Arena *arena, const char **message) {
    const char *lib = arena_printf(arena, "%s/lib", tc->home);
    const char *path = arena_printf(arena, "%s/link.conf", lib);
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    bool ok = in != NULL;
    while (ok && getline(&line, &room, in) > 0) {
        line[strcspn(line, "\n")] = '\0';
        ok = conf_line(tc, line, lib);
    }
    if (!ok) {
        *message = arena_printf(arena, "cannot read %s%s%s", path, in ? "" : ": ",
                                in ? ": a quote is not closed" : strerror(errno));
    }
    free(line);
    if (in) {
        fclose(in);
    }
    return ok;
}

/* ---------------------------------------------------------------- the environment */

static bool from_environment(Argv *words, const char *name, const char *otherwise,
                             const char **message) {
    const char *text = getenv(name);
    if (!text || !text[strspn(text, " \t\n")]) {
        text = otherwise;
    }
    if (argv_split(words, text)) {
        return true;
    }
    *message =
        arena_printf(words->arena, "the environment variable %s: a quote is not closed", name);
    return false;
}

Toolchain *toolchain_find(Arena *arena, const char **message) {
    Toolchain *tc = ARENA_NEW(arena, Toolchain);
    tc->cc.arena = tc->cflags.arena = tc->ldflags.arena = arena;
    tc->static_libs.arena = tc->dynamic_libs.arena = arena;
    if (!from_environment(&tc->cc, "CC", "cc", message) ||
        !from_environment(&tc->cflags, "CFLAGS", "", message) ||
        !from_environment(&tc->ldflags, "LDFLAGS", "", message)) {
        return NULL;
    }
    tc->home = home_find(arena, message);
    return tc->home && read_conf(tc, arena, message) ? tc : NULL;
}
