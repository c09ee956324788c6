/*
 * graph_mermaid.c - the graph as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html).
 */
#include <string.h>

#include "pure/text.h"
#include "report/graph.h"
#include "report/picture.h"

/* Characters that mean something to Mermaid, to Markdown or to HTML within a quoted text, as Mermaid's
 * entity codes. */
static void put_text(TextBuffer *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            buffer_string(out, "<br/>");
        } else if (strchr("\"#&<>`%;\\*_~[](){}|", *text) != NULL) {
            buffer_string(out, arena_printf(out->arena, "#%d;", *text));
        } else {
            buffer_char(out, *text);
        }
    }
}

static void put_box(TextBuffer *out, const Box *box, uint32_t number) {
    bool stage = box->kind == BOX_STAGE;
    buffer_string(out, arena_printf(out->arena, "  n%u%s\"", number, stage ? "[" : "(["));
    put_text(out, box->name);
    for (uint32_t i = 0; i < box->nlines; i++) {
        buffer_string(out, "<br/>");
        put_text(out, box->lines[i]);
    }
    buffer_string(out, stage ? "\"]\n" : "\"])\n");
}

static void put_arrow(TextBuffer *out, const Arrow *arrow) {
    const char *label = arrow_label(out->arena, arrow);
    buffer_string(out,
                  arena_printf(out->arena, "  n%u %s", arrow->from, arrow->order ? "-.->" : "-->"));
    if (*label != '\0') {
        buffer_string(out, "|\"");
        put_text(out, label);
        buffer_string(out, "\"|");
    }
    buffer_string(out, arena_printf(out->arena, " n%u\n", arrow->to));
}

const char *graph_mermaid(Arena *arena, const dag_program *program) {
    Picture picture = picture_of(arena, program);
    TextBuffer out = { .arena = arena };
    buffer_string(&out, "---\ntitle: ");
    buffer_string(&out, picture.name); /* a name of the language: letters, digits, _ */
    buffer_string(&out, "\n---\nflowchart TD\n");
    for (uint32_t i = 0; i < picture.nboxes; i++) {
        put_box(&out, &picture.boxes[i], i);
    }
    for (uint32_t i = 0; i < picture.narrows; i++) {
        put_arrow(&out, &picture.arrows[i]);
    }
    return buffer_end(&out);
}
