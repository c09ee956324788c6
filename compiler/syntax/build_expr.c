/*
 * build_expr.c - makes the expressions of the tree. Their depth is bounded, so that whoever walks
 * them may recurse.
 */
#include "syntax/syntax.h"
#include "syntax/synonyms.h"

#include <ctype.h>
#include <string.h>

Expr *expr_new(Parser *parser, ExprKind kind, Span span) {
    Expr *expr = arena_alloc(parser->arena, expr_size(kind));
    expr->kind = kind;
    expr->span = span;
    return expr;
}

/* Notes that `part` is below `expr`; too deep, and it is broken. */
static void below(Parser *parser, Expr *expr, const Expr *part) {
    if (part && part->depth >= expr->depth) {
        expr->depth = (uint16_t)(part->depth + 1);
    }
    if (expr->depth > MAX_EXPR_DEPTH) {
        expr->kind = EXPR_BROKEN;
        expr->depth = 0;
        if (!parser->too_deep) {
            diag_report(parser->diags, E0009, expr->span,
                        "this expression has more than %d parts inside each other", MAX_EXPR_DEPTH);
        }
        parser->too_deep = true;
    }
}

static void all_below(Parser *parser, Expr *expr, const Expr *parts) {
    for (const Expr *part = parts; part; part = part->next) {
        below(parser, expr, part);
    }
}

Expr *ref_expr_new(Parser *parser, NameList *parts, Span span) {
    Expr *expr = expr_new(parser, EXPR_REF, span);
    LIST_CLOSE(parts);
    expr->u.ref.parts = parts;
    expr->u.ref.word = !parts->next;
    return expr;
}

Expr *list_new(Parser *parser, Expr *items, bool call, Span span) {
    Expr *expr = expr_new(parser, EXPR_LIST, span);
    expr->u.list.items = items;
    expr->u.list.call = call;
    all_below(parser, expr, items);
    return expr;
}

Expr *call_new(Parser *parser, Name name, Expr *args, Span span) {
    if (name.text == intern(parser->front->names, "list", 4)) {
        return list_new(parser, args, true, span);
    }
    const char *ours = synonym_of(SYNONYM_PIPE, name.text, 0);
    const char *advice = synonym_advice(SYNONYM_PIPE, name.text);
    Diag *diag = diag_report(
        parser->diags, E0114, name.span,
        "`%s(…)` is no expression: pipes are written behind their subject, `value | %s`", name.text,
        ours ? ours : arena_printf(parser->arena, "%s(…)", name.text));
    if (advice) {
        diag_help(parser->diags, diag, "%s", advice);
    }
    lexer_doubt(&parser->lexer, name.span.start);
    return expr_new(parser, EXPR_BROKEN, span);
}

Expr *record_new(Parser *parser, EntryExpr *entries, Span span) {
    Expr *expr = expr_new(parser, EXPR_RECORD, span);
    expr->u.entries = entries;
    for (const EntryExpr *e = entries; e; e = e->next) {
        below(parser, expr, e->value);
    }
    return expr;
}

Expr *pipe_tail(Parser *parser, Name name, Expr *args, bool parens, TypeExpr *as) {
    Expr *expr = expr_new(parser, EXPR_PIPE, name.span);
    expr->u.pipe.pipe = name;
    expr->u.pipe.args = args;
    expr->u.pipe.parens = parens;
    expr->u.pipe.as = as;
    return expr;
}

Expr *pipe_new(Parser *parser, Expr *subject, Expr *pipe, Span span) {
    pipe->u.pipe.subject = subject;
    pipe->span = span;
    all_below(parser, pipe, pipe->u.pipe.args);
    below(parser, pipe, subject);
    return pipe;
}

Expr *compare_new(Parser *parser, Expr *left, int op, Span op_span, Expr *right, Span span) {
    Expr *expr = expr_new(parser, EXPR_COMPARE, span);
    expr->u.compare.op = (dag_compare)op;
    expr->u.compare.op_span = op_span;
    expr->u.compare.left = left;
    expr->u.compare.right = right;
    below(parser, expr, left);
    below(parser, expr, right);
    return expr;
}

Expr *logic_new(Parser *parser, ExprKind kind, Expr *left, Expr *right, Span span) {
    Expr *expr = expr_new(parser, kind, span);
    expr->u.logic.left = left;
    expr->u.logic.right = right;
    below(parser, expr, left);
    below(parser, expr, right);
    return expr;
}

/* `sum(a.b)`: the call is what is wrong, and is reported. */
static bool is_called_with(const Parser *parser, Span span) {
    const char *text = parser->lexer.text, *p = text + span.start;
    while (p > text && p[-1] == ' ') {
        p--;
    }
    if (p - text < 2 || p[-1] != '(' || !(isalnum((unsigned char)p[-2]) || p[-2] == '_')) {
        return false;
    }
    return p - text < 5 || strncmp(p - 5, "list", 4) != 0;
}

Expr *naked_ref(Parser *parser, NameList *parts, Span span) {
    Expr *expr = ref_expr_new(parser, parts, span);
    if (expr->u.ref.word || lexer_in_doubt(&parser->lexer) || is_called_with(parser, span)) {
        return expr;
    }
    Diag *diag = diag_report(parser->diags, E0113, span, "a reference stands in `<` `>`");
    const char *text = parser->lexer.text + span.start;
    const char *fixed = arena_printf(parser->arena, "<%.*s>", (int)(span.end - span.start), text);
    diag_fix(parser->diags, diag, true, span, fixed, "write `%s`", fixed);
    lexer_doubt(&parser->lexer, span.start);
    expr->bare = true;
    return expr;
}

Expr *wrapped_operand(Parser *parser, Expr *expr, Span span) {
    Diag *diag =
        diag_report(parser->diags, E0113, span, "in a condition references stand without `<` `>`");
    const char *text = parser->lexer.text + expr->span.start;
    const char *fixed =
        arena_printf(parser->arena, "%.*s", (int)(expr->span.end - expr->span.start), text);
    diag_fix(parser->diags, diag, true, span, fixed, "write `%s`", fixed);
    return expr;
}

Expr *expr_join(Expr *list, Expr *more) {
    if (!list || !more) {
        return list ? list : more;
    }
    Expr *first = list->next;
    list->next = more->next;
    more->next = first;
    return more;
}
