/*
 * body_escapes.c - escapes in a shell script that stand for a character, where its author may have
 * meant them for the shell, or for the program in its quotes.
 *
 * `\"` in `"""` is a quote, though one needs no escape there. `\n` is a line end, which a text of awk
 * or a command of sed, in the shell's single quotes, cannot have. What an escape does no harm to is
 * not looked at: printf and tr understand a line end as well as `\n`.
 */
#include "check/items/items.h"

#include <ctype.h>
#include <string.h>

typedef struct Escapes {
    Check *c;
    const char *text; /* of the source */
    uint32_t file;
    bool triple;
    bool single, twice;  /* in the shell's quotes */
    bool inner;          /* in a text of the program that stands in single quotes */
    const char *command; /* where the command at hand begins */
    bool done;
} Escapes;

static void warn(Escapes *e, const char *at, const char *what) {
    Span span = { e->file, (uint32_t)(at - e->text), (uint32_t)(at + 2 - e->text) };
    const char *fix = arena_printf(e->c->arena, "\\%.2s", at);
    Diag *diag = diag_report(e->c->diags, W0213, span, "here `%.2s` is %s", at, what);
    diag_help(e->c->diags, diag,
              "in '''…''' every backslash stays, and inputs are `$DAG_…`; in \"…\" another one "
              "stands before it");
    diag_fix(e->c->diags, diag, false, span, fix, "write `%s`", fix);
    e->done = true;
}

static bool runs(const Escapes *e, const char *program) {
    const char *p = e->command + strspn(e->command, " \t\r\n");
    size_t n = strlen(program);
    return strncmp(p, program, n) == 0 && isspace((unsigned char)p[n]);
}

static void quote(Escapes *e, char which) {
    if (which == '\'' && !e->twice) {
        e->single = !e->single;
        e->inner = false;
    } else if (which == '"' && e->single) {
        e->inner = !e->inner;
    } else if (which == '"') {
        e->twice = !e->twice;
    }
}

static bool harms_program(const Escapes *e) {
    return e->single && (runs(e, "sed") || (e->inner && !runs(e, "printf") && !runs(e, "echo")));
}

static void escape(Escapes *e, const char *p) {
    if (p[1] == '"' && e->triple && p[2] != '"') {
        warn(e, p, "just `\"`: the shell sees no backslash");
    } else if (p[1] == 'n' && harms_program(e)) {
        warn(e, p, "a line end, in the middle of a program's text");
    } else if (p[1] == '"') {
        quote(e, '"');
    } else if (strncmp(p, "\\<\\<", 4) == 0) {
        e->done = true; /* a here-document: its quotes are text */
    }
}

static void look_at(Escapes *e, Span piece) {
    const char *end = e->text + piece.end;
    for (const char *p = e->text + piece.start; p < end && !e->done; p++) {
        bool quoted = e->single || e->twice;
        if (*p == '\\' && p + 1 < end) {
            escape(e, p++);
        } else if (*p == '"' || *p == '\'') {
            quote(e, *p);
        } else if (strchr("\n|;&(", *p) && !quoted) {
            e->command = p + 1;
        } else if (*p == '#' && !quoted && isspace((unsigned char)p[-1])) {
            size_t n = strcspn(p, "\n");
            p = n < (size_t)(end - p) ? p + n - 1 : end - 1;
        }
    }
}

void body_escapes_check(Check *c, const Expr *script) {
    Quote quotes = script->u.text.quote;
    const Piece *piece = script->u.text.pieces;
    if (!piece || quotes == QUOTE_SINGLE || quotes == QUOTE_TRIPLE_SINGLE ||
        !diags_enabled(c->diags, W0213)) {
        return;
    }
    Escapes e = { .c = c,
                  .text = c->front->sources.items[script->span.file]->text,
                  .file = script->span.file,
                  .triple = quotes == QUOTE_TRIPLE_DOUBLE };
    for (e.command = e.text + piece->span.start; piece; piece = piece->next) {
        if (piece->text) {
            look_at(&e, piece->span);
        }
    }
}
