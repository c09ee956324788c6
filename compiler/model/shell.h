/*
 * shell.h - where in a shell script an expression stands, which decides how its value is passed.
 *
 * In: the pieces of a `run` (or hook) text, unescaped and unindented. Out: for each piece its
 * dag_piece_kind, and what is wrong. The scanner knows quotes, backslashes, comments, here-documents
 * and the nesting of $( ), ` `, ${ } and $(( )); it does not know the rest of the shell's grammar
 * and never complains about that.
 */
#ifndef DAGCC_SHELL_H
#define DAGCC_SHELL_H

#include "syntax/ast.h"

typedef struct ShellError {
    Span span;           /* of the expression, or of the literal piece */
    const char *message; /* one sentence; static */
    const char *help;    /* what to do, or NULL; static */
    struct ShellError *next;
} ShellError;

typedef struct ShellScan {
    dag_piece_kind *kinds; /* by piece: TEXT, WORD, DOUBLE, SINGLE, RAW */
    uint32_t n;
    ShellError *errors; /* in the order of the text */
} ShellScan;

/* Scans; true when there is no error. `kinds` is complete in any case. Types of the expressions are
 * looked at where they are known (a list in quotes, text in arithmetic), so that the scan can run
 * before the checker and after it. */
bool shell_scan(Arena *arena, const Piece *pieces, ShellScan *scan);

/* Is it an expression that ends in `| raw`? */
bool shell_is_raw(const Expr *expr);

#endif
