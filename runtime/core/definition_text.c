/*
 * definition_text.c - a stage's definition as named texts, for `explain`.
 *
 * Values that the compiler folded into an expression (config values, arguments of plugins) do not
 * stand in its source: they are parts of their own.
 */
#include <string.h>

#include "core/definition.h"
#include "pure/value.h"

/* Parts that are being put together. */
typedef struct Page {
    Arena *arena;
    const dag_program *program;
    DefinitionPart *parts;
    size_t n, size;
} Page;

static const char *string(const Page *page, dag_name name) {
    return page->program->strings + name;
}

static const char *source(const Page *page, uint32_t expr) {
    return expr == DAG_NONE ? "" : string(page, page->program->exprs[expr].source);
}

static void add(Page *page, const char *name, const char *text) {
    for (size_t i = 0; i < page->n; i++) {
        if (strcmp(page->parts[i].name, name) == 0 && strcmp(page->parts[i].text, text) == 0)
            return;
    }
    if (page->n == page->size) {
        size_t size = page->size * 2 + 8;
        page->parts = arena_grow(page->arena, page->parts, page->n * sizeof *page->parts,
                                 size * sizeof *page->parts);
        page->size = size;
    }
    page->parts[page->n++] = (DefinitionPart){ name, text };
}

/* ---------------------------------------------------------------- values in expressions */

static const char *const_text(const Page *page, uint32_t index) {
    const dag_const *constant = &page->program->consts[index];
    const char *text = "";
    switch ((dag_kind)constant->kind) {
    case DAG_NULL: return "null";
    case DAG_BOOL: return constant->u.i ? "true" : "false";
    case DAG_FLOAT: return arena_printf(page->arena, "%.17g", constant->u.f);
    case DAG_INT: return arena_printf(page->arena, "%lld", (long long)constant->u.i);
    case DAG_DURATION:
    case DAG_SIZE:
        return value_to_text(page->arena, value_int(constant->kind, constant->u.i)).u.text;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: return string(page, constant->u.text);
    case DAG_LIST:
    case DAG_MAP: {
        uint32_t n = constant->kind == DAG_MAP ? 2 * constant->len : constant->len;
        for (uint32_t i = 0; i < n; i++) {
            text = arena_printf(page->arena, "%s%s%s", text, i > 0 ? ", " : "",
                                const_text(page, constant->u.first + i));
        }
        return arena_printf(page->arena, "[%s]", text);
    }
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: break;
    }
    return text;
}

/* Is it a name, or names with dots? */
static bool is_path(const char *text) {
    return *text != '\0' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz_.0123456789") == strlen(text) &&
           (*text < '0' || *text > '9');
}

static const char *value_name(Page *page, const char *from) {
    if (!is_path(from))
        return arena_printf(page->arena, "value of `%s`", from);
    return strncmp(from, "config.", 7) == 0 ? arena_printf(page->arena, "config %s", from + 7)
                                            : arena_printf(page->arena, "argument %s", from);
}

/* A part for the constants of an expression that do not stand in its source. */
static void add_values(Page *page, uint32_t expr) {
    const char *from = source(page, expr), *hidden = NULL;
    if (expr == DAG_NONE)
        return;
    const dag_expr *row = &page->program->exprs[expr];
    for (uint32_t i = row->first; i < row->first + row->n; i++) {
        if ((page->program->code[i] & 0xff) != DAG_OP_CONST)
            continue;
        const char *text = const_text(page, page->program->code[i] >> 8);
        if (is_path(from) || strstr(from, text) == NULL)
            hidden = hidden == NULL ? text : arena_printf(page->arena, "%s, %s", hidden, text);
    }
    if (hidden != NULL && strcmp(from, hidden) != 0)
        add(page, value_name(page, from), hidden);
}

static void add_all_values(Page *page, const dag_stage *stage) {
    const dag_program *program = page->program;
    for (uint32_t i = stage->piece; i < stage->piece + stage->npiece; i++) {
        if (program->pieces[i].kind != DAG_PIECE_TEXT)
            add_values(page, program->pieces[i].value);
    }
    for (uint32_t i = stage->env; i < stage->env + stage->nenv; i++)
        add_values(page, program->env[i].value);
    for (uint32_t i = stage->out; i < stage->out + stage->nout; i++)
        add_values(page, program->ports[i].value);
}

/* ---------------------------------------------------------------- ports, body */

static const char *ports_text(Page *page, uint32_t first, uint32_t n, bool values) {
    const char *text = "";
    for (uint32_t i = first; i < first + n; i++) {
        const dag_port *port = &page->program->ports[i];
        const char *value = values ? source(page, port->value) : "";
        bool stream = (port->flags & DAG_PORT_STREAM) != 0;
        text = arena_printf(page->arena, "%s%s: %s%s%s%s%s%s\n", text, string(page, port->name),
                            stream ? "stream<" : "",
                            string(page, page->program->types[port->type].name), stream ? ">" : "",
                            *value == '\0' ? "" : " = ",
                            (port->flags & DAG_PORT_GLOB) != 0 ? "glob " : "", value);
    }
    return text;
}

static const char *body_text(Page *page, const dag_stage *stage) {
    static const char *const words[] = {
        [DAG_BODY_NONE] = "",          [DAG_BODY_RUN] = "run\n", [DAG_BODY_EXEC] = "exec ",
        [DAG_BODY_SCRIPT] = "script ", [DAG_BODY_NATIVE] = "c",  [DAG_BODY_CALL] = "call ",
        [DAG_BODY_MAP] = "map "
    };
    const char *text = words[stage->body];
    if (stage->program != 0)
        text = arena_printf(page->arena, "%s%s\n", text, string(page, stage->program));
    for (uint32_t i = stage->piece; i < stage->piece + stage->npiece; i++) {
        const dag_piece *piece = &page->program->pieces[i];
        bool plain = piece->kind == DAG_PIECE_TEXT, whole = piece->kind >= DAG_PIECE_ARG;
        text = arena_printf(page->arena, "%s%s%s%s", text, plain ? "" : "<",
                            plain ? string(page, piece->value) : source(page, piece->value),
                            plain   ? ""
                            : whole ? ">, "
                                    : ">");
    }
    return text;
}

/* What the compiler wrote down of native code: a line "NAME WHAT" for each file, for its flags, and
 * behind an empty line the text that stands in the pipeline. */
static void add_native(Page *page, const char *lines) {
    while (*lines != '\0' && *lines != '\n') {
        size_t n = strcspn(lines, "\n"), name = strcspn(lines, " ");
        if (name < n) {
            add(page, arena_printf(page->arena, "source %.*s", (int)name, lines),
                arena_text(page->arena, lines + name + 1, n - name - 1));
        }
        lines += n + (lines[n] == '\n');
    }
    if (*lines == '\n')
        add(page, "C code", lines + 1);
}

static void add_sub(Page *page, const dag_program *sub) {
    Digester *digester = digester_new();
    for (uint32_t i = 0; i < sub->nstages; i++) {
        size_t n;
        DefinitionPart *parts = definition_parts(page->arena, sub, i, &n);
        for (size_t k = 0; k < n; k++) {
            add(page,
                arena_printf(page->arena, "%s of stage %s of %s", parts[k].name,
                             sub->strings + sub->stages[i].slug, sub->strings + sub->name),
                parts[k].text);
        }
    }
    if (digester == NULL)
        return;
    char hex[DIGEST_TEXT];
    digest_sub(digester, sub);
    digest_hex(digester_result(digester), hex);
    digester_free(digester);
    add(page,
        arena_printf(page->arena, "pipeline %s (how its stages are wired)",
                     sub->strings + sub->name),
        arena_text(page->arena, hex, strlen(hex)));
}

DefinitionPart *definition_parts(Arena *arena, const dag_program *program, uint32_t index,
                                 size_t *n) {
    const dag_stage *stage = &program->stages[index];
    Page page = { .arena = arena, .program = program };
    add_all_values(&page, stage);
    for (uint32_t i = stage->env; i < stage->env + stage->nenv; i++) {
        add(&page, arena_printf(arena, "environment %s", string(&page, program->env[i].name)),
            source(&page, program->env[i].value));
    }
    add(&page, "body", body_text(&page, stage));
    if (stage->native != DAG_NONE)
        add_native(&page, string(&page, program->natives[stage->native].digest));
    add(&page, "inputs", ports_text(&page, stage->in, stage->nin, false));
    add(&page, "outputs", ports_text(&page, stage->out, stage->nout, true));
    if (stage->sub != DAG_NONE)
        add_sub(&page, program->subs[stage->sub]);
    *n = page.n;
    return page.parts;
}
