/*
 * definition_text.c - a stage's definition as text, for `explain`.
 */
#include <string.h>

#include "core/definition.h"

/* A text that grows by printing. */
typedef struct Page {
    Arena *arena;
    const dag_program *program;
    const char *text;
} Page;

static const char *string(const Page *page, dag_name name) {
    return page->program->strings + name;
}

static const char *source(const Page *page, uint32_t expr) {
    return expr == DAG_NONE ? "" : string(page, page->program->exprs[expr].source);
}

static void add(Page *page, const char *text) {
    page->text = arena_printf(page->arena, "%s%s", page->text, text);
}

static void add_ports(Page *page, const char *word, uint32_t first, uint32_t n) {
    for (uint32_t i = first; i < first + n; i++) {
        const dag_port *port = &page->program->ports[i];
        const char *value = source(page, port->value);
        add(page, arena_printf(page->arena, "%s %s: %s%s%s\n", word, string(page, port->name),
                               string(page, page->program->types[port->type].name),
                               *value == '\0' ? "" : " = ", value));
    }
}

static void add_body(Page *page, const dag_stage *stage) {
    static const char *const words[] = {
        [DAG_BODY_NONE] = "",          [DAG_BODY_RUN] = "run ",  [DAG_BODY_EXEC] = "exec ",
        [DAG_BODY_SCRIPT] = "script ", [DAG_BODY_NATIVE] = "c ", [DAG_BODY_CALL] = "call ",
        [DAG_BODY_MAP] = "map "
    };
    add(page, words[stage->body]);
    if (stage->program != 0)
        add(page, arena_printf(page->arena, "%s ", string(page, stage->program)));
    for (uint32_t i = stage->piece; i < stage->piece + stage->npiece; i++) {
        const dag_piece *piece = &page->program->pieces[i];
        if (piece->kind == DAG_PIECE_TEXT)
            add(page, string(page, piece->value));
        else
            add(page, arena_printf(page->arena, "<%s>", source(page, piece->value)));
    }
    if (stage->native != DAG_NONE) {
        add(page, string(page, page->program->natives[stage->native].digest));
    }
    add(page, "\n");
}

const char *definition_text(Arena *arena, const dag_program *program, uint32_t index) {
    const dag_stage *stage = &program->stages[index];
    Page page = { .arena = arena, .program = program, .text = "" };
    add_ports(&page, "in", stage->in, stage->nin);
    add_ports(&page, "out", stage->out, stage->nout);
    for (uint32_t i = stage->env; i < stage->env + stage->nenv; i++) {
        add(&page, arena_printf(arena, "env %s = %s\n", string(&page, program->env[i].name),
                                source(&page, program->env[i].value)));
    }
    add_body(&page, stage);
    return page.text;
}
