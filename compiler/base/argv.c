/*
 * argv.c - the command lines of other programs, word by word.
 */
#include "base/argv.h"

#include <string.h>

void argv_add(Argv *argv, const char *word) {
    if (argv->n + 1 >= argv->room) {
        size_t room = argv->room ? 2 * argv->room : 16;
        char **items = ARENA_ARRAY(argv->arena, room, char *);
        if (argv->n) {
            memcpy(items, argv->items, argv->n * sizeof *items);
        }
        argv->items = items;
        argv->room = room;
    }
    argv->items[argv->n++] = arena_text(argv->arena, word, strlen(word));
}

void argv_addf(Argv *argv, const char *format, ...) {
    va_list args;
    va_start(args, format);
    argv_add(argv, arena_vprintf(argv->arena, format, args));
    va_end(args);
}

void argv_add_all(Argv *argv, const Argv *more) {
    for (size_t i = 0; i < more->n; i++) {
        argv_add(argv, more->items[i]);
    }
}

/* Copies one word to `to` (which has room) and returns what follows it; NULL: an open quote. */
static const char *split_one(const char *p, char *to) {
    char quote = '\0';
    for (; *p; p++) {
        if (quote ? *p == quote : *p == '\'' || *p == '"') {
            quote = quote ? '\0' : *p;
        } else if (*p == '\\' && quote != '\'' && p[1] &&
                   (!quote || p[1] == '"' || p[1] == '\\' || p[1] == '$' || p[1] == '`')) {
            *to++ = *++p;
        } else if (!quote && strchr(" \t\n", *p)) {
            break;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    return quote ? NULL : p;
}

bool argv_split(Argv *argv, const char *text) {
    char *word = arena_alloc(argv->arena, strlen(text) + 1);
    for (;;) {
        text += strspn(text, " \t\n");
        if (!*text) {
            return true;
        }
        text = split_one(text, word);
        if (!text) {
            return false;
        }
        argv_add(argv, word);
    }
}

static bool is_plain(const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./=,:+@%";
    return *word && !word[strspn(word, plain)];
}

char *argv_quoted(const Argv *argv) {
    size_t room = 1;
    for (size_t i = 0; i < argv->n; i++) {
        room += 4 * strlen(argv->items[i]) + 3;
    }
    char *text = arena_alloc(argv->arena, room), *to = text;
    for (size_t i = 0; i < argv->n; i++) {
        const char *word = argv->items[i], *quote = is_plain(word) ? "" : "'";
        to = stpcpy(to, i ? " " : "");
        to = stpcpy(to, quote);
        for (; *word; word++) {
            if (*word == '\'') {
                to = stpcpy(to, "'\\''");
            } else {
                *to++ = *word;
            }
        }
        to = stpcpy(to, quote);
    }
    *to = '\0';
    return text;
}
