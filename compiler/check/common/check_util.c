/*
 * check_util.c - wording that several checks share.
 */
#include "check/common/check.h"

#include <string.h>

static bool is_word_char(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           ch == '_';
}

bool span_mentions(Check *c, Span span, const char *word) {
    const char *text = c->front->sources.items[span.file]->text;
    size_t n = strlen(word);
    for (size_t i = span.start; i + n <= span.end; i++) {
        if (memcmp(text + i, word, n) == 0 && !(i > span.start && is_word_char(text[i - 1])) &&
            !is_word_char(text[i + n])) {
            return true;
        }
    }
    return false;
}

void offer_stages(Check *c, const Unit *unit, Nearest *nearest) {
    if (c->diags->nerrors > 200) {
        return;
    }
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        const char *slug = unit->nodes[i].stage->slug.text;
        nearest_offer(nearest, slug ? slug : "");
    }
}

const char *did_you_mean(Check *c, const Nearest *nearest) {
    return nearest->best ? arena_printf(c->arena, "; did you mean `%s`?", nearest->best) : "";
}

void suggest(Check *c, Diag *diag, Span span, const Nearest *nearest) {
    if (nearest->best) {
        diag_fix(c->diags, diag, false, span, nearest->best, "write `%s`", nearest->best);
    }
}

void note_declared(Check *c, Diag *diag, Span declared, const char *name) {
    if (!SPAN_IS_NONE(declared)) {
        diag_note(c->diags, diag, declared, "`%s` is declared here", name);
    }
}

const char *type_name(Check *c, const Type *type) {
    return type_text(c->types, type);
}

const char *port_text(Check *c, const Port *port) {
    if (port->hidden || !port->stage) {
        return port->name.text;
    }
    const char *stage = port->stage->slug.text;
    size_t nstage = strlen(stage), nname = strlen(port->name.text);
    char *text = arena_raw(c->arena, nstage + nname + 2);
    memcpy(text, stage, nstage);
    text[nstage] = '.';
    memcpy(text + nstage + 1, port->name.text, nname + 1);
    return text;
}

/* Has the message room for one more place? A name that is used thousands of times is not told as often. */
static bool takes_place(const Diag *diag) {
    enum { MOST_PLACES = 10 };
    uint32_t n = 0;
    for (const Note *note = diag->notes; note && n < MOST_PLACES; note = note->next) {
        n++;
    }
    return n < MOST_PLACES;
}

bool said_before(Check *c, const void *scope, const char *name, Span span) {
    Diag *diag = table_get(c->table, scope, name);
    if (diag && takes_place(diag)) {
        diag_note(c->diags, diag, span, "named here too");
    }
    return diag != NULL;
}

void said(Check *c, const void *scope, const char *name, Diag *diag) {
    table_put(c->table, scope, name, diag);
}

Diag *report_duplicate(Check *c, const char *what, Name name, Span first) {
    Diag *diag =
        diag_report(c->diags, E0208, name.span, "%s `%s` is declared twice", what, name.text);
    diag_label(c->diags, diag, "again here");
    diag_note(c->diags, diag, first, "first declared here");
    return diag;
}

const char *expr_source(Check *c, const Expr *expr) {
    const Source *source = c->front->sources.items[expr->span.file];
    size_t n = expr->span.end - expr->span.start;
    const char *text = source->text + expr->span.start;
    const char *newline = memchr(text, '\n', n);
    if (newline) {
        n = (size_t)(newline - text);
    }
    if (n <= 60 && !newline) {
        return arena_text(c->arena, text, n);
    }
    n = n < 56 ? n : 56;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) {
        n--;
    }
    return arena_printf(c->arena, "%.*s…", (int)n, text);
}

bool expr_is_literal_text(const Expr *expr) {
    if (expr->kind != EXPR_TEXT) {
        return false;
    }
    for (const Piece *piece = expr->u.text.pieces; piece; piece = piece->next) {
        if (!piece->text) {
            return false;
        }
    }
    return true;
}

const char *expr_literal(Check *c, const Expr *expr) {
    if (!expr || !expr_is_literal_text(expr)) {
        return NULL;
    }
    size_t n = 0;
    for (const Piece *piece = expr->u.text.pieces; piece; piece = piece->next) {
        n += piece->len;
    }
    char *text = arena_alloc(c->arena, n + 1);
    size_t at = 0;
    for (const Piece *piece = expr->u.text.pieces; piece; piece = piece->next) {
        memcpy(text + at, piece->text, piece->len);
        at += piece->len;
    }
    return intern(c->front->names, text, n);
}

static bool any_of_list(const Expr *list, bool (*test)(const Expr *expr, void *self), void *self) {
    for (; list; list = list->next) {
        if (expr_any(list, test, self)) {
            return true;
        }
    }
    return false;
}

bool expr_any(const Expr *expr, bool (*test)(const Expr *expr, void *self), void *self) {
    if (!expr) {
        return false;
    }
    if (test(expr, self)) {
        return true;
    }
    switch (expr->kind) {
    case EXPR_TEXT:
        for (const Piece *piece = expr->u.text.pieces; piece; piece = piece->next) {
            if (!piece->text && expr_any(piece->expr, test, self)) {
                return true;
            }
        }
        return false;
    case EXPR_LIST: return any_of_list(expr->u.list.items, test, self);
    case EXPR_RECORD:
        for (const EntryExpr *entry = expr->u.entries; entry; entry = entry->next) {
            if (expr_any(entry->value, test, self)) {
                return true;
            }
        }
        return false;
    case EXPR_PIPE:
        return expr_any(expr->u.pipe.subject, test, self) ||
               any_of_list(expr->u.pipe.args, test, self);
    case EXPR_COMPARE:
        return expr_any(expr->u.compare.left, test, self) ||
               expr_any(expr->u.compare.right, test, self);
    case EXPR_NOT:
    case EXPR_EXISTS: return expr_any(expr->u.logic.left, test, self);
    case EXPR_AND:
    case EXPR_OR:
        return expr_any(expr->u.logic.left, test, self) ||
               expr_any(expr->u.logic.right, test, self);
    case EXPR_REF: return expr->ref == REF_BOUND && expr_any(expr->u.ref.bound, test, self);
    case EXPR_NULL:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_BROKEN: return false;
    }
    return false;
}
