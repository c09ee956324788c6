/*
 * body_words.c - `exec "echo hello"`: one string that is meant as several words of a command line.
 */
#include "check/items/items.h"

#include <string.h>

static const char blanks[] = " \t\r\n";

/* What only a shell would understand, or what cannot be copied from one string into others. */
static const char special[] = "|&;<>()$`\\\"'*?[]#~{}";

/* The text as written, its words as strings of their own: `"echo", "<src>"`; NULL: it needs a shell. */
static const char *split(Check *c, const Expr *text) {
    const Source *source = c->front->sources.items[text->span.file];
    const char *all = "\"";
    bool open = true; /* is the last word still to grow? */
    for (const Piece *piece = text->u.text.pieces; piece; piece = piece->next) {
        const char *p = source->text + piece->span.start, *end = source->text + piece->span.end;
        while (p < end) {
            size_t gap = piece->text ? strspn(p, blanks) : 0;
            size_t n = piece->text ? strcspn(p + gap, blanks) : (size_t)(end - p);
            gap = gap < (size_t)(end - p) ? gap : (size_t)(end - p);
            n = n < (size_t)(end - p) - gap ? n : (size_t)(end - p) - gap;
            if (piece->text && strcspn(p + gap, special) < n) {
                return NULL;
            }
            open &= gap == 0;
            if (n > 0) {
                all =
                    arena_printf(c->arena, "%s%s%.*s", all, open ? "" : "\", \"", (int)n, p + gap);
                open = true;
            }
            p += gap + n;
        }
    }
    return arena_printf(c->arena, "%s\"", all);
}

void body_words_check(Check *c, const Expr *program) {
    const Piece *first = program->kind == EXPR_TEXT ? program->u.text.pieces : NULL;
    if (!first || !first->text) {
        return;
    }
    size_t name = strcspn(first->text, blanks);
    const char *whole = expr_literal(c, program);
    if (name == 0 || name == first->len || memchr(first->text, '/', first->len) ||
        (whole && program_exists(whole))) {
        return; /* a path may have blanks, and so may a program that there is */
    }
    Diag *diag = diag_report(c->diags, W0212, program->span,
                             "`exec` does not split a string: all of this is the program's name");
    const char *words = split(c, program);
    if (words) {
        diag_fix(c->diags, diag, false, program->span, words, "write `%s`", words);
    } else {
        diag_help(c->diags, diag,
                  "each word is a string of its own, `exec \"%.*s\", \"…\"`; a line for the shell "
                  "stands behind `run`",
                  (int)name, first->text);
    }
}
