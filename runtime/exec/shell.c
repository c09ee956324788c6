/*
 * shell.c - a `run` body: its script and the values that the script is given.
 *
 * No value becomes text of the script (but for `| raw`): each is a positional parameter, which the
 * shell expands at the value's place. Where the script has functions of its own, or uses `set` or
 * `shift`, "$1" would mean something else there, so the parameters are first put into variables.
 */
#include <string.h>

#include "exec/command.h"
#include "pure/text.h"

/* A script being put together. */
typedef struct Script {
    Arguments *arguments; /* the values, as parameters */
    TextBuffer text;
    size_t nvalues;
    bool variables; /* ${_dag_3} instead of ${3} */
} Script;

static void add_reference(Script *script) {
    const char *prefix = script->variables ? "_dag_" : "";
    buffer_string(&script->text,
                  arena_printf(script->text.arena, "${%s%zu}", prefix, script->nvalues));
}

/* One value, expanded between `before` and `after`. */
static void add_value(Script *script, const char *before, const char *text, const char *after) {
    arguments_add(script->arguments, text);
    script->nvalues++;
    buffer_string(&script->text, before);
    add_reference(script);
    buffer_string(&script->text, after);
}

/* Unquoted: one word, or a word for each element. */
static bool add_words(Script *script, uint32_t expr, dag_value value) {
    Attempt *attempt = script->arguments->attempt;
    const char *text;
    uint32_t n = value.kind == DAG_LIST ? value.len : 1;
    for (uint32_t i = 0; i < n; i++) {
        dag_value word = value.kind == DAG_LIST ? value.u.items[i] : value;
        if (!body_text(attempt, expr, word, &text)) {
            return false;
        }
        add_value(script, i == 0 ? "\"" : " \"", text, "\"");
    }
    return true;
}

static bool add_piece(Script *script, const dag_piece *piece) {
    Attempt *attempt = script->arguments->attempt;
    dag_value value;
    const char *text;
    if (piece->kind == DAG_PIECE_TEXT) {
        buffer_string(&script->text, attempt->program->strings + piece->value);
        return true;
    }
    if (!body_eval(attempt, piece->value, &value)) {
        return false;
    }
    if (piece->kind == DAG_PIECE_WORD) {
        return add_words(script, piece->value, value);
    }
    if (!body_text(attempt, piece->value, value, &text)) {
        return false;
    }
    switch ((dag_piece_kind)piece->kind) {
    case DAG_PIECE_DOUBLE: add_value(script, "", text, ""); break;
    case DAG_PIECE_SINGLE: add_value(script, "'\"", text, "\"'"); break;
    case DAG_PIECE_RAW: buffer_string(&script->text, text); break;
    case DAG_PIECE_TEXT:
    case DAG_PIECE_WORD:
    case DAG_PIECE_ARG:
    case DAG_PIECE_SPLICE: break;
    }
    return true;
}

/* ---------------------------------------------------------------- parameters or variables */

/* `f()`, `f ( )`: a function is made. */
static bool has_parentheses(const char *text) {
    while ((text = strchr(text, '(')) != NULL) {
        text++;
        if (text[strspn(text, " \t")] == ')') {
            return true;
        }
    }
    return false;
}

static bool changes_parameters(const char *text) {
    return has_parentheses(text) || strstr(text, "set") || strstr(text, "shift") ||
           strstr(text, "function");
}

static bool needs_variables(const Attempt *attempt) {
    bool values = false, changes = false;
    for (uint32_t i = 0; i < attempt->stage->npiece; i++) {
        const dag_piece *piece = &attempt->program->pieces[attempt->stage->piece + i];
        bool text = piece->kind == DAG_PIECE_TEXT;
        values = values || !text;
        /* what comes raw may hold anything */
        changes = changes || piece->kind == DAG_PIECE_RAW ||
                  (text && changes_parameters(attempt->program->strings + piece->value));
    }
    return values && changes;
}

/* `_dag_1=${1};_dag_2=${2};shift 2;` and the script, on one line so that line numbers stay. */
static const char *with_variables(Script *script) {
    Arena *arena = script->text.arena;
    TextBuffer all = { .arena = arena };
    for (size_t i = 1; i <= script->nvalues; i++) {
        buffer_string(&all, arena_printf(arena, "_dag_%zu=${%zu};", i, i));
    }
    if (script->nvalues > 0) {
        buffer_string(&all, arena_printf(arena, "shift %zu;", script->nvalues));
    }
    buffer_add(&all, script->text.text, script->text.n);
    return buffer_end(&all);
}

/* ---------------------------------------------------------------- the arguments */

/* Longer than the system takes in one argument: a file, read by the same shell. */
static const char *script_file(Attempt *attempt, const char *text) {
    const char *path = arena_printf(&attempt->arena, "%s/script", attempt->dir);
    return write_file(attempt, path, text, strlen(text), 0666) ? path : NULL;
}

bool shell_arguments(Arguments *arguments) {
    Attempt *attempt = arguments->attempt;
    Script script = { .arguments = arguments, .text = { .arena = &attempt->arena } };
    script.variables = needs_variables(attempt);
    arguments_add(arguments, "sh");
    size_t head = arguments->n;
    arguments_add(arguments, "-c");
    arguments_add(arguments, "");
    arguments_add(arguments, "sh");
    for (uint32_t i = 0; i < attempt->stage->npiece; i++) {
        if (!add_piece(&script, &attempt->program->pieces[attempt->stage->piece + i])) {
            return false;
        }
    }
    const char *text = script.variables ? with_variables(&script) : buffer_end(&script.text);
    arguments->args[head + 1] = (char *)(uintptr_t)text;
    if (strlen(text) < LONGEST_ARGUMENT) {
        return true;
    }
    const char *path = script_file(attempt, text);
    if (!path) {
        return false;
    }
    /* sh FILE VALUES… in place of sh -c SCRIPT sh VALUES… */
    arguments->args[head] = (char *)(uintptr_t)path;
    memmove(&arguments->args[head + 1], &arguments->args[head + 3],
            (arguments->n - head - 3) * sizeof *arguments->args);
    arguments->n -= 2;
    return true;
}
