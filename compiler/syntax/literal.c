/*
 * literal.c - numbers, durations and sizes as written, to values.
 */
#include "syntax/tokens.h"

#include <string.h>

#include "pure/number.h"
#include "pure/value.h"

/* Copies the digits without `_`; false where one stands that separates no two digits. */
static bool drop_underscores(const char *text, size_t n, char *out, size_t *nout) {
    *nout = 0;
    for (size_t i = 0; i < n; i++) {
        bool before = i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9';
        bool after = i + 1 < n && text[i + 1] >= '0' && text[i + 1] <= '9';
        if (text[i] != '_') {
            out[(*nout)++] = text[i];
        } else if (!before || !after) {
            return false;
        }
    }
    out[*nout] = '\0';
    return true;
}

static bool has_letter(const char *text) {
    return strpbrk(text, "abcdfghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ_\x01") != NULL;
}

/* The kind of number and its value; EXPR_BROKEN: none. *range: one, but out of range. */
static ExprKind parse_number(const char *text, size_t n, Expr *expr, bool *range) {
    NumberStatus status;
    if (!strpbrk(text, ".eE") && !has_letter(text)) {
        status = int_parse(text, n, &expr->u.i);
        *range = status == NUMBER_RANGE;
        return status == NUMBER_OK ? EXPR_INT : EXPR_BROKEN;
    }
    if (!has_letter(text)) {
        status = float_parse(text, n, &expr->u.f);
        *range = status == NUMBER_RANGE;
        return status == NUMBER_OK ? EXPR_FLOAT : EXPR_BROKEN;
    }
    ExprKind kind = EXPR_DURATION;
    status = duration_read(text, n, &expr->u.i);
    if (status == NUMBER_BAD) {
        kind = EXPR_SIZE;
        status = size_read(text, n, &expr->u.i);
    }
    *range = status == NUMBER_RANGE;
    return status == NUMBER_OK ? kind : EXPR_BROKEN;
}

/* "5min", "10sec": what other tools call a unit of time. */
static bool names_time(const char *text, size_t n) {
    static const char *const units[] = { "min",  "mins",   "minute",  "minutes", "sec",
                                         "secs", "second", "seconds", "hr",      "hrs",
                                         "hour", "hours",  "day",     "days",    "w",
                                         "week", "weeks",  "us",      "ns" };
    size_t digits = strspn(text, "0123456789_.");
    for (size_t i = 0; digits < n && i < sizeof units / sizeof *units; i++) {
        if (strlen(units[i]) == n - digits && strncmp(text + digits, units[i], n - digits) == 0) {
            return true;
        }
    }
    return false;
}

static Expr *number_new(Lexer *lx, Span span) {
    size_t n = span.end - span.start;
    const char *text = lx->text + span.start;
    char few[64];
    char *digits = n < sizeof few ? few : ARENA_ARRAY(lx->arena, n + 1, char);
    Expr *expr = arena_alloc(lx->arena, expr_size(EXPR_INT));
    bool range = false;
    expr->span = span;
    expr->kind = EXPR_BROKEN;
    if (drop_underscores(text, n, digits, &n)) {
        expr->kind = parse_number(digits, n, expr, &range);
    }
    if (expr->kind == EXPR_BROKEN) {
        int most = span.end - span.start > 40 ? 40 : (int)(span.end - span.start);
        Diag *diag =
            REPORT(lx, range ? E0008 : E0007, span,
                   range ? "`%.*s` is out of range" : "`%.*s` is no number, duration or size", most,
                   text);
        if (diag && !range && strchr("KkMmGgTtBb", text[span.end - span.start - 1])) {
            diag_help(lx->diags, diag, "sizes are written `10KB`, `512MiB`, `4GB`");
        } else if (diag && !range && names_time(text, n)) {
            diag_help(lx->diags, diag, "durations are written `250ms`, `30s`, `5m`, `1h30m`, `2d`");
        }
        lexer_doubt(lx, span.start);
    }
    return expr;
}

Expr *literal_new(Lexer *lx, Token token) {
    if (token.number == LITERAL_NUMBER) {
        return number_new(lx, token.span);
    }
    Expr *expr = arena_alloc(lx->arena, expr_size(EXPR_BOOL));
    expr->kind = token.number == LITERAL_NULL ? EXPR_NULL : EXPR_BOOL;
    expr->span = token.span;
    expr->u.b = token.number == LITERAL_TRUE;
    return expr;
}
