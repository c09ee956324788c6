/*
 * argv.h - the command lines of other programs, word by word.
 */
#ifndef DAGCC_ARGV_H
#define DAGCC_ARGV_H

#include <stdbool.h>

#include "pure/arena.h"

/* A growing list; items[n] is always NULL once there is a word. */
typedef struct Argv {
    Arena *arena;
    char **items;
    size_t n, room;
} Argv;

void argv_add(Argv *argv, const char *word);
void argv_addf(Argv *argv, const char *format, ...) __attribute__((format(printf, 2, 3)));
void argv_add_all(Argv *argv, const Argv *more);

/* Adds the words of `text` as a shell would split it: white space separates, '…', "…" and \ quote;
 * nothing is expanded. False when a quote is not closed. */
bool argv_split(Argv *argv, const char *text);

/* The words quoted for a shell, separated by spaces. */
char *argv_quoted(const Argv *argv);

#endif
