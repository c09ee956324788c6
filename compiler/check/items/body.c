/*
 * body.c - bodies of stages: shell scripts, argument lists, scripts, C sources, calls.
 */
#include "check/items/items.h"
#include "model/shell.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- expressions in run and exec */

/* Text, or a list of texts, which becomes several words. */
static void word_check(Scope *scope, Expr *expr) {
    Check *c = scope->c;
    const Type *type = expr_type(scope, expr, NULL);
    if (type->kind != DAG_LIST) {
        text_piece_check(scope, expr);
        return;
    }
    if (type_has_text(type->elem)) {
        return;
    }
    Diag *diag =
        diag_report(c->diags, E0308, expr->span, "`%s` is %s, whose elements have no text form",
                    expr_source(c, expr), type_name(c, type));
    if (type_is_optional(type->elem)) {
        diag_help(c->diags, diag, "leave nulls out with `| compact`");
    } else if (type->elem->kind == DAG_LIST) {
        diag_help(c->diags, diag, "make one list of it with `| flatten`");
    }
}

void shell_check(Scope *scope, Expr *script) {
    Check *c = scope->c;
    ShellScan scan = { 0 };
    uint32_t before = diags_mistakes(c->diags);
    if (!script || script->kind != EXPR_TEXT) {
        return;
    }
    for (Piece *piece = script->u.text.pieces; piece; piece = piece->next) {
        if (!piece->text) {
            word_check(scope, piece->expr);
        }
    }
    script->type = type_basic(c->types, DAG_STRING);
    if (before != diags_mistakes(c->diags)) {
        return;
    }
    Arena scratch = { .oom = c->arena->oom };
    shell_scan(&scratch, script->u.text.pieces, &scan);
    for (const ShellError *error = scan.errors; error; error = error->next) {
        Diag *diag = diag_report(c->diags, E0320, error->span, "%s", error->message);
        if (error->help) {
            diag_help(c->diags, diag, "%s", error->help);
        }
    }
    arena_free(&scratch);
}

/* ---------------------------------------------------------------- programs */

static bool is_program(const char *folder, size_t n, const char *name) {
    char path[4096];
    size_t length = strlen(name);
    if (n + length + 2 > sizeof path) {
        return true;
    }
    memcpy(path, folder, n);
    path[n] = '/';
    memcpy(path + n + 1, name, length + 1);
    return access(path, X_OK) == 0;
}

bool program_exists(const char *name) {
    const char *path = getenv("PATH");
    if (strchr(name, '/') || !path) {
        return true; /* relative to a place that is not known now */
    }
    for (const char *end; *path; path = *end ? end + 1 : end) {
        end = strchr(path, ':');
        end = end ? end : path + strlen(path);
        if (is_program(path, (size_t)(end - path), name)) {
            return true;
        }
    }
    return false;
}

/* `words`: arguments may stand behind the program, as an interpreter's may. */
static void program_check(Check *c, const Expr *expr, bool words) {
    const char *name = expr_literal(c, expr);
    if (!name) {
        return;
    }
    if (words) {
        name += strspn(name, " ");
        name = arena_text(c->arena, name, strcspn(name, " "));
    }
    if (!*name) {
        diag_report(c->diags, E0804, expr->span, "the name of a program is missing");
    } else if (!program_exists(name)) {
        diag_report(c->diags, W0203, expr->span, "there is no program `%s` on this machine", name);
    }
}

static void exec_check(Scope *scope, const Item *body) {
    for (Expr *word = body->u.body.words; word; word = word->next) {
        if (word->kind == EXPR_TEXT) {
            expr_type(scope, word, NULL);
        } else {
            word_check(scope, word);
        }
    }
    if (body->u.body.words) {
        program_check(scope->c, body->u.body.words, false);
        body_words_check(scope->c, body->u.body.words);
    }
}

/* ---------------------------------------------------------------- texts as they are */

static bool literal_check(Check *c, const Expr *expr, const char *what) {
    if (!expr || expr->kind != EXPR_TEXT || expr_is_literal_text(expr)) {
        return true;
    }
    Diag *diag = diag_report(c->diags, E0805, expr->span, "%s takes no expressions", what);
    diag_help(c->diags, diag, "write it in ''' ''', where `<` is just a character");
    return false;
}

static void script_check(Check *c, const Item *body) {
    const Expr *interpreter = body->u.body.words;
    if (!interpreter) {
        return;
    }
    if (literal_check(c, interpreter, "the interpreter of a script")) {
        program_check(c, interpreter, true);
    }
    literal_check(c, interpreter->next,
                  "a script reads its inputs as JSON from the file $DAG_INPUT: its text");
}

static const char *beside(Check *c, const Item *body, const char *name) {
    const char *path = c->front->sources.items[body->span.file]->path;
    const char *slash = strrchr(path, '/');
    return name[0] == '/' || !slash
               ? name
               : arena_printf(c->arena, "%.*s/%s", (int)(slash - path), path, name);
}

static void flags_check(Check *c, const Item *body) {
    for (const Expr *e = body->u.body.links; e; e = e->next) {
        literal_check(c, e, "the name of a library");
    }
    for (const Expr *e = body->u.body.pkgs; e; e = e->next) {
        literal_check(c, e, "the name of a package");
    }
    for (const Expr *e = body->u.body.includes; e; e = e->next) {
        literal_check(c, e, "the name of a folder");
    }
}

static void native_check(Check *c, const Item *body) {
    for (const Expr *file = body->u.body.files; file; file = file->next) {
        const char *name = expr_literal(c, file);
        if (!literal_check(c, file, "the name of a C file") || !name) {
            continue;
        }
        if (access(beside(c, body, name), R_OK) != 0) {
            Diag *diag = diag_report(c->diags, E0806, file->span, "there is no C file `%s`", name);
            diag_help(c->diags, diag, "it is looked up beside %s",
                      c->front->sources.items[body->span.file]->path);
        }
    }
    flags_check(c, body);
}

/* ---------------------------------------------------------------- bodies */

void body_check(Check *c, Node *node) {
    const Item *body = node->stage->body;
    if (!body || damage_near(c, body->span)) {
        return;
    }
    bool plugin = false;
    for (const Item *item = node->plugin_items; item && !plugin; item = item->next) {
        plugin = item == body;
    }
    Scope scope = { .c = c,
                    .unit = node->unit,
                    .node = node,
                    .place = PLACE_BODY,
                    .facts = node->facts,
                    .in_plugin = plugin,
                    .module = plugin ? node->plugin->module : node->unit->module };
    switch (body->u.body.kind) {
    case BODY_RUN:
        shell_check(&scope, body->u.body.words);
        if (body->u.body.words && body->u.body.words->kind == EXPR_TEXT) {
            body_names_check(c, node, body->u.body.words);
            body_escapes_check(c, body->u.body.words);
        }
        break;
    case BODY_EXEC: exec_check(&scope, body); break;
    case BODY_SCRIPT: script_check(c, body); break;
    case BODY_NATIVE: native_check(c, body); break;
    case BODY_C:
        literal_check(c, body->u.body.words, "a C body");
        flags_check(c, body);
        break;
    case BODY_CALL:
    case BODY_MAP: break; /* its ports say it all */
    }
}
