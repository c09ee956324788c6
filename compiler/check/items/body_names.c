/*
 * body_names.c - names in the text of a shell script that look like an input, and are none: the shell
 * would take nothing for them, without a word.
 */
#include "check/items/items.h"

#include <ctype.h>
#include <string.h>

typedef struct Script {
    Check *c;
    const Node *node;
    const char *text, *end; /* as written, with its quotes */
    uint32_t file, start;   /* of the text in its file */
    bool raw;               /* in '…': no expressions */
} Script;

static bool is_name_byte(char ch) {
    return isalnum((unsigned char)ch) || ch == '_';
}

static size_t name_length(const Script *s, const char *p) {
    size_t n = 0;
    while (p + n < s->end && is_name_byte(p[n])) {
        n++;
    }
    return n;
}

/* `name=`, `for name`, `read … name`: a variable of the script's own. */
static bool is_assigned(const Script *s, const char *name, size_t n) {
    for (const char *p = s->text; p + n < s->end; p++) {
        if (strncmp(p, name, n) != 0 || is_name_byte(p[n]) ||
            (p > s->text && is_name_byte(p[-1]))) {
            continue;
        }
        const char *line = p;
        while (line > s->text && line[-1] != '\n') {
            line--;
        }
        size_t before = (size_t)(p - line);
        if (p[n] == '=' || memmem(line, before, "for ", 4) || memmem(line, before, "read ", 5) ||
            memmem(line, before, "local ", 6) || memmem(line, before, "getopts ", 8)) {
            return true;
        }
    }
    return false;
}

static Port *own_input(const Script *s, const char *name, size_t n) {
    const char *text = arena_text(s->c->arena, name, n);
    text = intern(s->c->front->names, text, n);
    Port *port = port_find(s->c, s->node, text, false);
    return port && !port->hidden ? port : NULL;
}

static Span span_of(const Script *s, const char *from, const char *to) {
    return (Span){ s->file, s->start + (uint32_t)(from - s->text),
                   s->start + (uint32_t)(to - s->text) };
}

static bool is_plain_text(const Port *port) {
    return type_has_text(type_required(port->type)) || type_required(port->type)->kind == DAG_LIST;
}

/* `$n`, `${n}` */
static void warn_variable(const Script *s, const char *at, const char *name, size_t n) {
    Check *c = s->c;
    const char *end = name + n + (at[1] == '{' ? 1 : 0);
    const Port *port = own_input(s, name, n);
    if (!port || is_assigned(s, name, n) || !is_plain_text(port)) {
        return;
    }
    const char *meant = arena_printf(c->arena, s->raw ? "$DAG_%s" : "<%s>", port->name.text);
    Diag *diag =
        diag_report(c->diags, W0211, span_of(s, at, end),
                    "this is a variable of the shell, not the input `%s`", port->name.text);
    diag_fix(c->diags, diag, false, span_of(s, at, end), meant, "write `%s`", meant);
}

/* `$DAG_x`, where x is an input of the pipeline alone */
static void warn_environment(const Script *s, const char *at, const char *name, size_t n) {
    Check *c = s->c;
    const char *text = intern(c->front->names, name, n);
    const InputDecl *decl = table_get(c->table, &s->node->unit->inputs, text);
    if (!decl || s->node->plugin || own_input(s, name, n)) {
        return;
    }
    Diag *diag = diag_report(c->diags, W0211, span_of(s, at, name + n),
                             "`$DAG_%s` would be an input of `%s`, which has none of this name",
                             text, s->node->stage->slug.text);
    diag_help(c->diags, diag, "give it one: `in %s: %s = <input.%s>`", text,
              type_name(c, decl->input->type), text);
}

/* `<n>` in '…' */
static void warn_raw(const Script *s, const char *at) {
    Check *c = s->c;
    size_t n = name_length(s, at + 1);
    const Port *port = n && at[n + 1] == '>' ? own_input(s, at + 1, n) : NULL;
    if (!port || !is_plain_text(port)) {
        return;
    }
    Diag *diag = diag_report(c->diags, W0211, span_of(s, at, at + n + 2),
                             "in single quotes `<%s>` is just text", port->name.text);
    diag_help(c->diags, diag, "it is an expression in double quotes; here the input is `$DAG_%s`",
              port->name.text);
}

/* As `{name}` of Snakemake, `${name.field}` of Nextflow, `~{name}` of WDL, `{{ name }}` of Airflow; the
 * end of the text in braces at `p`, if it is a name with fields. Else NULL. */
static const char *template_end(const Script *s, const char *p, const char **name, size_t *path) {
    int braces = p[1] == '{' ? 2 : 1;
    p += braces;
    p += braces == 2 ? strspn(p, " ") : 0;
    *name = p;
    for (size_t n; (n = name_length(s, p)) > 0; p++) {
        p += n;
        if (*p != '.') {
            break;
        }
    }
    *path = (size_t)(p - *name);
    p += braces == 2 ? strspn(p, " ") : 0;
    return *path && p + braces <= s->end && strncmp(p, "}}", (size_t)braces) == 0 ? p + braces
                                                                                  : NULL;
}

/* `at`: what stands before the brace, or the brace. */
static void warn_template(const Script *s, const char *at) {
    Check *c = s->c;
    const char *name, *end;
    size_t path;
    end = template_end(s, at + (*at != '{'), &name, &path);
    const Port *port = end ? own_input(s, name, name_length(s, name)) : NULL;
    if (!port) {
        return;
    }
    Diag *diag = diag_report(c->diags, W0211, span_of(s, at, end),
                             "`%.*s` is plain text to the shell, not the input `%s`",
                             (int)(end - at), at, port->name.text);
    if (!s->raw || path == strlen(port->name.text)) {
        const char *meant =
            arena_printf(c->arena, s->raw ? "$DAG_%.*s" : "<%.*s>", (int)path, name);
        diag_fix(c->diags, diag, false, span_of(s, at, end), meant, "write `%s`", meant);
    } else {
        diag_help(c->diags, diag, "in double quotes it is `<%.*s>`", (int)path, name);
    }
}

static bool is_template(const Script *s, const char *p) {
    bool begins = *p == '{' && (p == s->text || !strchr("${~", p[-1]));
    return begins || (*p == '~' && p[1] == '{');
}

static void look_at(const Script *s, const char *p) {
    const char *name = p + 1 + (p[1] == '{');
    size_t n = name_length(s, name);
    if (*p == '<') {
        warn_raw(s, p);
    } else if (n > 4 && strncmp(name, "DAG_", 4) == 0) {
        warn_environment(s, p, name + 4, n - 4);
    } else if (n && p[1] == '{' && name[n] == '.') {
        warn_template(s, p);
    } else if (n && (p[1] != '{' || name[n] == '}')) {
        warn_variable(s, p, name, n);
    }
}

/* In single quotes the shell leaves `$` alone, and so do we. */
void body_names_check(Check *c, const Node *node, const Expr *script) {
    const Source *source = c->front->sources.items[script->span.file];
    Script s = { .c = c, .node = node, .file = script->span.file, .start = script->span.start };
    s.text = source->text + script->span.start;
    s.end = source->text + script->span.end;
    s.raw = script->u.text.quote == QUOTE_SINGLE || script->u.text.quote == QUOTE_TRIPLE_SINGLE;
    size_t quotes = strspn(s.text, s.raw ? "'" : "\"") >= 3 ? 3 : 1;
    bool single = false, twice = false;
    for (const char *p = s.text + quotes; p + quotes < s.end; p++) {
        if (*p == '\\' && p[1] != '"') {
            p++;
        } else if (*p == '\'' && !twice) {
            single = !single;
        } else if (*p == '"' && !single) {
            twice = !twice;
        } else if ((*p == '$' && !single) || (*p == '<' && s.raw)) {
            look_at(&s, p);
        } else if (!single && is_template(&s, p)) {
            warn_template(&s, p);
        }
    }
}
