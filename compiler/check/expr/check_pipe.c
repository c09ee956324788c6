/*
 * check_pipe.c - pipes by their signatures (pure/signature.h).
 *
 * The overloads are tried in turn on the subject; the arguments are then typed with what the first
 * one that fits wants of them. A scalar pipe on a list works on its elements.
 */
#include "check/expr/pipe_match.h"
#include "model/fold.h"
#include "syntax/synonyms.h"

#include <string.h>

static bool is_number(int kind) {
    return kind == DAG_INT || kind == DAG_FLOAT;
}

/* Overload `i` of a pipe; NULL: it has no more. Read when the first one is asked for. */
static const PipeSig *signature_of(Check *c, const PipeRow *row, uint32_t i) {
    Signature *known = &c->signatures[pipe_number(row)];
    if (!known->overloads) {
        PipeSig sig;
        while (signature_parse(row->signature, known->n, &sig)) {
            known->n++;
        }
        known->overloads = ARENA_ARRAY(c->arena, known->n, PipeSig);
        for (uint32_t k = 0; k < known->n; k++) {
            signature_parse(row->signature, k, &known->overloads[k]);
        }
    }
    return i < known->n ? &known->overloads[i] : NULL;
}

static const SigArg *arg_of(const PipeSig *sig, uint32_t i) {
    return i < sig->nargs ? &sig->args[i] : &sig->args[sig->nargs - 1];
}

/* ---------------------------------------------------------------- reports */

/* "string", "int or float", "a list": what a signature takes, in words. */
static const char *sig_text(Check *c, SigType sig) {
    const char *text = "";
    if (!sig.kinds || sig_is_any(sig)) {
        text = "any type";
    } else if (sig.kinds & SIG_PATTERN) {
        text = "a pattern";
    } else {
        for (int kind = 0; kind <= DAG_MAP; kind++) {
            if (sig.kinds & SIG_KIND(kind)) {
                const char *word = kind == DAG_LIST  ? "list"
                                   : kind == DAG_MAP ? "map"
                                                     : type_name(c, type_basic(c->types, kind));
                text = arena_printf(c->arena, "%s%s%s", text, *text ? " or " : "", word);
            }
        }
    }
    return sig.lists
               ? arena_printf(c->arena, "a list of %s%s", sig.lists > 1 ? "lists of " : "", text)
               : text;
}

static const char *subjects_text(Check *c, const PipeRow *row) {
    const PipeSig *sig;
    const char *text = "";
    for (uint32_t i = 0; (sig = signature_of(c, row, i)) != NULL; i++) {
        const char *one = sig_text(c, sig->subject);
        if (!strstr(text, one)) {
            text = arena_printf(c->arena, "%s%s%s", text, *text ? " or " : "", one);
        }
    }
    return text;
}

static void report_subject(Scope *scope, const Expr *expr, const Match *m) {
    Check *c = scope->c;
    const Expr *subject = expr->u.pipe.subject;
    const char *name = expr->u.pipe.row->name;
    if (m->null) {
        report_null(scope, subject, subject->type, arena_printf(c->arena, "the pipe `%s`", name));
        return;
    }
    Diag *diag =
        diag_report(c->diags, E0303, expr->u.pipe.pipe.span, "the pipe `%s` works on %s, not on %s",
                    name, subjects_text(c, expr->u.pipe.row), type_name(c, subject->type));
    diag_note(c->diags, diag, subject->span, "this is %s", type_name(c, subject->type));
    int kind = type_required(subject->type)->kind;
    if (kind == DAG_JSON) {
        diag_help(c->diags, diag, "say what it is first: `| as(T)`");
    } else if (type_has_text(subject->type)) {
        const PipeSig *sig = signature_of(c, expr->u.pipe.row, 0);
        if (sig->subject.kinds == SIG_KIND(DAG_STRING) && !sig->subject.lists) {
            diag_help(c->diags, diag, "turn it into text first: `| string | %s`", name);
        }
    }
}

static uint32_t count_args(const Expr *expr) {
    uint32_t n = 0;
    for (const Expr *arg = expr->u.pipe.args; arg; arg = arg->next) {
        n++;
    }
    return n;
}

static void report_count(Scope *scope, const Expr *expr, const PipeSig *sig, uint32_t n) {
    Check *c = scope->c;
    const char *name = expr->u.pipe.row->name;
    Span span = span_join(expr->u.pipe.pipe.span, expr->span);
    Diag *diag;
    if (n < sig->required) {
        diag = diag_report(c->diags, E0305, span, "the pipe `%s` needs %s `%.*s`", name,
                           "the argument", (int)sig->args[n].nname, sig->args[n].name);
    } else if (sig->nargs == 0) {
        diag = diag_report(c->diags, E0305, span, "the pipe `%s` takes no argument", name);
    } else {
        diag = diag_report(c->diags, E0305, span, "the pipe `%s` takes %s%u argument%s, not %u",
                           name, sig->required < sig->nargs ? "at most " : "", sig->nargs,
                           sig->nargs == 1 ? "" : "s", n);
    }
    diag_help(c->diags, diag, "%s: %s", expr->u.pipe.row->signature, expr->u.pipe.row->doc);
}

static void report_argument(Scope *scope, const Expr *expr, const PipeSig *sig, const Match *m) {
    Check *c = scope->c;
    const Expr *arg = m->bad;
    const SigArg *want = arg_of(sig, m->nbad);
    const char *name = expr->u.pipe.row->name;
    if (m->null) {
        report_null(scope, arg, arg->type,
                    arena_printf(c->arena, "an argument of the pipe `%s`", name));
        return;
    }
    const Type *bound = sig_type(m, want->type);
    const char *takes = bound && !want->type.kinds ? type_name(c, bound) : sig_text(c, want->type);
    if (sig_is_multi(want->type) && want->type.kinds == sig->subject.kinds) {
        takes = is_number(m->inner->kind) ? "int or float" : type_name(c, m->inner);
    }
    Diag *diag = diag_report(c->diags, E0304, arg->span,
                             "the argument `%.*s` of the pipe `%s` is %s, not %s", (int)want->nname,
                             want->name, name, takes, type_name(c, arg->type));
    diag_note(c->diags, diag, expr->u.pipe.subject->span, "the value it works on is %s",
              type_name(c, expr->u.pipe.subject->type));
}

/* ---------------------------------------------------------------- arguments */

/* A word or a literal takes its type from what is wanted: of a list, from an element. */
static const Type *arg_want(const Match *m, const SigArg *sig, const Expr *arg) {
    const Type *want = sig_type(m, sig->type);
    if (!want && (sig->type.kinds & SIG_KIND(DAG_STRING))) {
        want = m->inner; /* "ordered": like the subject */
    }
    bool single = (arg->kind == EXPR_REF && arg->ref == REF_NONE) || expr_is_literal_text(arg);
    want = want ? type_required(want) : NULL;
    return single && want && want->kind == DAG_LIST ? want->elem : want;
}

/* `amount (x: amount)`: both of one kind, or int and float. */
static bool same_amount(const PipeSig *sig, const SigArg *arg, const Type *subject,
                        const Type *type) {
    if (!sig_is_multi(sig->subject) || sig->subject.kinds != arg->type.kinds ||
        sig_is_any(sig->subject) || subject->kind == KIND_ANY || type->kind == KIND_ANY) {
        return true;
    }
    bool texts = (subject->kind == DAG_STRING || subject->kind == DAG_ENUM) &&
                 (type->kind == DAG_STRING || type->kind == DAG_ENUM);
    return subject->kind == type->kind || texts ||
           (is_number(subject->kind) && is_number(type->kind));
}

static bool count_fits(const PipeSig *sig, uint32_t n) {
    return n >= sig->required && (n <= sig->nargs || sig->variadic);
}

/* Matches all arguments (typed before). m->bad: the one that fails. */
static bool match_args(Match *m, const PipeSig *sig, const Expr *expr) {
    uint32_t i = 0;
    for (const Expr *arg = expr->u.pipe.args; arg; arg = arg->next, i++) {
        const SigArg *want = arg_of(sig, i);
        const Type *inner = m->c->any;
        m->bad = arg;
        m->nbad = i;
        if (want->type.kinds & SIG_PATTERN) {
            continue; /* checked by itself */
        }
        if (!sig_match(m, want->type, arg->type, &inner) ||
            !same_amount(sig, want, m->inner, inner)) {
            return false;
        }
    }
    return true;
}

/* `key | default("none")`: a text that is written down may stand for a secret, as one. */
static void literal_as_secret(const Match *m, const SigArg *want, Expr *arg) {
    const Type *type = want->type.kinds ? NULL : sig_type(m, want->type);
    if (type && type_required(type)->kind == DAG_SECRET && expr_is_literal_text(arg)) {
        arg->type = arg->fit = type_required(type);
    }
}

static void type_args(Scope *scope, Match *m, const PipeSig *sig, Expr *expr) {
    uint32_t i = 0;
    for (Expr *arg = expr->u.pipe.args; arg; arg = arg->next, i++) {
        const Expr *around = scope->argument;
        scope->argument = arg;
        expr_type(scope, arg, sig->nargs ? arg_want(m, arg_of(sig, i), arg) : NULL);
        scope->argument = around;
        if (sig->nargs) {
            literal_as_secret(m, arg_of(sig, i), arg);
        }
    }
}

/* Operands that were made one type are converted to it. */
static void fit_operand(const Match *m, SigType sig, Expr *expr) {
    const Type *want = sig.kinds ? NULL : sig_type(m, sig);
    bool fit = false;
    if (want && expr->type->kind != KIND_ANY && type_assignable(expr->type, want, &fit) && fit) {
        expr->fit = want;
    }
}

static bool patterns_check(Scope *scope, const PipeSig *sig, const Expr *expr) {
    uint32_t i = 0;
    for (const Expr *arg = expr->u.pipe.args; arg; arg = arg->next, i++) {
        if (sig->nargs && arg_of(sig, i)->type.kinds & SIG_PATTERN &&
            !pattern_literal_check(scope, arg)) {
            return false;
        }
    }
    return true;
}

/* Constants are computed at once, so that what always fails is known now. */
static const Type *fold_result(Scope *scope, Expr *expr, const Type *type) {
    Check *c = scope->c;
    if (expr->u.pipe.subject->type->kind == KIND_ANY || type->kind == KIND_ANY ||
        !fold_possible(expr)) {
        return type;
    }
    for (const Expr *arg = expr->u.pipe.args; arg; arg = arg->next) {
        if (arg->type && arg->type->kind == KIND_ANY) {
            return type;
        }
    }
    uint32_t before = diags_mistakes(c->diags);
    expr->type = type;
    expr_fold(scope, expr);
    return before == diags_mistakes(c->diags) ? type : c->any;
}

/* ---------------------------------------------------------------- pipes with rules of their own */

static const Type *as_type(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    TypeExpr *as = expr->u.pipe.as;
    if (!as) {
        if (!expr->u.pipe.args) {
            diag_report(c->diags, E0305, expr->u.pipe.pipe.span,
                        "the pipe `as` needs a type: `as(int)`");
        }
        return c->any;
    }
    const Type *type = type_resolve(c, scope->module, scope->node, as, false);
    if (type_mentions(expr->u.pipe.subject->type, DAG_SECRET) || type_mentions(type, DAG_SECRET)) {
        diag_report(c->diags, E0317, expr->span, "`as` neither makes nor reads secrets");
        return c->any;
    }
    return type;
}

static void default_check(Scope *scope, const Expr *expr) {
    Check *c = scope->c;
    const Type *type = expr->u.pipe.subject->type;
    if (type_is_optional(type) || type->kind == KIND_ANY || type->kind == KIND_VAR ||
        type->kind == DAG_JSON) {
        return;
    }
    Diag *diag = diag_report(c->diags, W0208, expr->u.pipe.pipe.span,
                             "`%s` is %s and never null: `default` does nothing",
                             expr_source(c, expr->u.pipe.subject), type_name(c, type));
    if (type->kind == DAG_STRING) {
        diag_help(c->diags, diag, "`| nonempty` makes an empty text null");
    }
}

/* A constant argument with which the pipe fails whatever it works on. (Both constant: see fold.) */
static void nonzero_check(Scope *scope, const Expr *expr, const SigArg *want) {
    Check *c = scope->c;
    Expr *arg = expr->u.pipe.args;
    if (!arg || arg->type->kind == KIND_ANY || fold_possible(expr) || !fold_possible(arg)) {
        return;
    }
    const dag_value *value = expr_fold(scope, arg);
    if (!value) {
        return;
    }
    bool empty = value->kind == DAG_STRING && value->len == 0;
    bool zero = (value->kind == DAG_INT && value->u.i == 0) ||
                (value->kind == DAG_FLOAT && value->u.f == 0);
    if (empty || zero) {
        Diag *diag = diag_report(c->diags, E0312, arg->span,
                                 "the pipe `%s` always fails: its argument `%.*s` is %s",
                                 expr->u.pipe.row->name, (int)want->nname, want->name,
                                 empty ? "empty" : "zero");
        diag_help(c->diags, diag, "%s: %s", expr->u.pipe.row->signature, expr->u.pipe.row->doc);
    }
}

static void special_checks(Scope *scope, const Expr *expr, const PipeSig *sig) {
    Check *c = scope->c;
    const char *name = expr->u.pipe.row->name;
    if (strcmp(name, "default") == 0) {
        default_check(scope, expr);
    } else if (expr->u.pipe.row->flags & PIPE_NONZERO && sig->nargs > 0) {
        nonzero_check(scope, expr, &sig->args[0]);
    } else if (strcmp(name, "raw") == 0 && scope->place == PLACE_BODY) {
        diag_report(c->diags, W0202, expr->u.pipe.pipe.span,
                    "`raw` puts the value into the script as it is: the shell interprets it");
    }
}

/* Secrets: a pipe would let them out of their type. */
static bool secret_refused(Scope *scope, const Expr *expr, const Type *inner) {
    Check *c = scope->c;
    const char *name = expr->u.pipe.row->name;
    if (!type_mentions(inner, DAG_SECRET) || strcmp(name, "default") == 0 ||
        strcmp(name, "required") == 0) {
        return false;
    }
    diag_report(c->diags, E0317, expr->u.pipe.subject->span,
                "`%s` is a secret: the pipe `%s` may not work on it",
                expr_source(c, expr->u.pipe.subject), name);
    return true;
}

static const PipeRow *pipe_row(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    Name name = expr->u.pipe.pipe;
    if (!name.text) {
        return NULL;
    }
    const PipeRow *row = pipe_find(name.text, strlen(name.text));
    if (row) {
        return row;
    }
    Nearest near = nearest_to(name.text);
    for (size_t i = 0; i < pipe_count; i++) {
        nearest_offer(&near, pipe_rows[i].name);
    }
    const char *advice = synonym_advice(SYNONYM_PIPE, name.text);
    const char *ours = synonym_of(SYNONYM_PIPE, name.text, 0);
    near.best = advice ? NULL : ours ? ours : near.best;
    Diag *diag = diag_report(c->diags, E0204, name.span, "there is no pipe `%s`%s", name.text,
                             did_you_mean(c, &near));
    suggest(c, diag, name.span, &near);
    if (!near.best) {
        diag_help(c->diags, diag, "%s", advice ? advice : "`dagcc pipes` lists them");
    }
    return NULL;
}

/* ---------------------------------------------------------------- one pipe */

/* Tries the overloads whose subject fits. The one that does, with *m; NULL: reported. */
static const PipeSig *choose(Scope *scope, Expr *expr, const Type *inner, Match *m) {
    const PipeRow *row = expr->u.pipe.row;
    uint32_t nargs = count_args(expr);
    Match failed = { .c = scope->c };
    const PipeSig *sig, *failed_sig = NULL;
    bool subject_fits = false, null = false, typed = false;
    for (uint32_t i = 0; (sig = signature_of(scope->c, row, i)) != NULL; i++) {
        *m = (Match){ .c = scope->c, .inner = inner };
        if (!sig_match(m, sig->subject, inner, &m->inner)) {
            null |= m->null;
            continue;
        }
        if (!typed && count_fits(sig, nargs)) {
            type_args(scope, m, sig, expr);
            typed = true;
        }
        if (count_fits(sig, nargs) && match_args(m, sig, expr)) {
            return sig;
        }
        if (!subject_fits || count_fits(sig, nargs)) {
            failed = *m;
            failed_sig = sig;
        }
        subject_fits = true;
    }
    if (!subject_fits) {
        failed.null = null;
        report_subject(scope, expr, &failed);
    } else if (!count_fits(failed_sig, nargs)) {
        report_count(scope, expr, failed_sig, nargs);
    } else {
        report_argument(scope, expr, failed_sig, &failed);
    }
    return NULL;
}

const Type *pipe_type(Scope *scope, Expr *expr, const Type *want) {
    Check *c = scope->c;
    Expr *subject = expr->u.pipe.subject;
    Match m;
    Lift lift = { 0 };
    (void)want;
    expr_type(scope, subject, NULL);
    const PipeRow *row = expr->u.pipe.row = pipe_row(scope, expr);
    if (!row || subject->type->kind == KIND_ANY) {
        for (Expr *arg = expr->u.pipe.args; arg; arg = arg->next) {
            scope->argument = arg;
            expr_type(scope, arg, type_basic(c->types, DAG_STRING));
        }
        scope->argument = NULL;
        if (row && strcmp(row->name, "as") == 0) {
            return as_type(scope, expr);
        }
        return c->any;
    }
    if (strcmp(row->name, "as") == 0) {
        return fold_result(scope, expr, as_type(scope, expr));
    }
    const Type *inner = row->flags & PIPE_SCALAR ? lift_off(subject->type, &lift) : subject->type;
    const PipeSig *sig = secret_refused(scope, expr, inner) ? NULL : choose(scope, expr, inner, &m);
    if (!sig || !patterns_check(scope, sig, expr)) {
        return c->any;
    }
    special_checks(scope, expr, sig);
    if (lift.depth == 0) {
        fit_operand(&m, sig->subject, subject);
    }
    uint32_t i = 0;
    for (Expr *arg = expr->u.pipe.args; arg; arg = arg->next, i++) {
        fit_operand(&m, arg_of(sig, i)->type, arg);
    }
    return fold_result(scope, expr, lift_back(c, sig_result(&m, expr, sig->result), lift));
}
