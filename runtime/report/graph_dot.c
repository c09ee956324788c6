/*
 * graph_dot.c - the graph for Graphviz (https://graphviz.org/doc/info/lang.html).
 */
#include <string.h>

#include "pure/text.h"
#include "report/graph.h"
#include "report/picture.h"

/* Within a label: no escape sequence, quote or entity of Graphviz's comes out of the text. */
static void put_text(TextBuffer *out, const char *text) {
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '\\': buffer_string(out, "\\\\"); break;
        case '"': buffer_string(out, "\\\""); break;
        case '&': buffer_string(out, "&amp;"); break;
        case '\n': buffer_string(out, "\\n"); break;
        default: buffer_char(out, *text);
        }
    }
}

static void put_attribute(TextBuffer *out, const char *name, const char *text) {
    if (*text == '\0') {
        return;
    }
    buffer_string(out, ", ");
    buffer_string(out, name);
    buffer_string(out, "=\"");
    put_text(out, text);
    buffer_char(out, '"');
}

static void put_box(TextBuffer *out, const Box *box, uint32_t number) {
    static const char *const shapes[] = {
        [BOX_INPUT] = "shape=oval, style=filled, fillcolor=\"#eef4ff\"",
        [BOX_STAGE] = "shape=box, style=\"rounded,filled\", fillcolor=white",
        [BOX_OUTPUT] = "shape=oval, style=filled, fillcolor=\"#eefaf0\"",
    };
    buffer_string(out, arena_printf(out->arena, "  n%u [%s, label=\"", number, shapes[box->kind]));
    put_text(out, box->name);
    for (uint32_t i = 0; i < box->nlines; i++) {
        buffer_string(out, "\\n");
        put_text(out, box->lines[i]);
    }
    buffer_char(out, '"');
    put_attribute(out, "tooltip", box->tip);
    buffer_string(out, "];\n");
}

static void put_arrow(TextBuffer *out, const Arrow *arrow) {
    buffer_string(out, arena_printf(out->arena, "  n%u -> n%u [style=%s", arrow->from, arrow->to,
                                    arrow->order ? "dashed" : "solid"));
    put_attribute(out, "label", arrow_label(out->arena, arrow));
    put_attribute(out, "tooltip", arrow->tip);
    buffer_string(out, "];\n");
}

const char *graph_dot(Arena *arena, const dag_program *program) {
    Picture picture = picture_of(arena, program);
    TextBuffer out = { .arena = arena };
    buffer_string(&out, "digraph \"");
    put_text(&out, picture.name);
    buffer_string(&out, "\" {\n"
                        "  graph [rankdir=TB, fontname=\"Helvetica\"");
    put_attribute(&out, "tooltip", *picture.doc != '\0' ? picture.doc : picture.name);
    buffer_string(&out, "];\n"
                        "  node [fontname=\"Helvetica\", fontsize=11];\n"
                        "  edge [fontname=\"Helvetica\", fontsize=9];\n");
    for (uint32_t i = 0; i < picture.nboxes; i++) {
        put_box(&out, &picture.boxes[i], i);
    }
    for (uint32_t i = 0; i < picture.narrows; i++) {
        put_arrow(&out, &picture.arrows[i]);
    }
    buffer_string(&out, "}\n");
    return buffer_end(&out);
}
