/*
 * emit.c - the generated C file and the header for native stages, section by section.
 */
#include "back/emit.h"

Emit *emit_new(Front *front, const Graph *graph, CNames *names, FILE *out) {
    Emit *e = ARENA_NEW(&front->arena, Emit);
    e->front = front;
    e->graph = graph;
    e->names = names;
    cw_init(&e->w, out, graph->program.strings);
    return e;
}

static void begin(Emit *e, const char *what) {
    cw_text(&e->w, "/* ");
    cw_text(&e->w, what);
    cw_text(&e->w, " of the pipeline `");
    cw_remark(&e->w, e->graph->pipeline->name.text);
    cw_text(&e->w, "`, made by dagcc from ");
    cw_remark(&e->w, e->graph->program.strings + e->graph->program.source);
    cw_text(&e->w, ". */\n");
}

/* Everything a native function sees, the same in the header and in the C file. */
static void native_side(Emit *e) {
    if (e->names->json) {
        cw_text(&e->w, "#include <cjson/cJSON.h>\n");
    }
    emit_types(e);
    emit_structs(e);
    emit_prototypes(e);
}

static void main_function(Emit *e) {
    cw_format(&e->w,
              "\n#ifndef DAG_NO_MAIN\n"
              "int main(int argc, char **argv)\n"
              "{\n"
              "    return dag_main(&%s_program, argc, argv);\n"
              "}\n"
              "#endif\n",
              cnames_graph(e->names, e->graph)->prefix);
}

static void program(Emit *e) {
    const Graph *graph = e->graph;
    begin(e, "The program");
    cw_text(&e->w, "#include \"dag.h\"\n");
    emit_includes(e);
    native_side(e);
    emit_bodies(e);
    emit_strings(e);
    for (uint32_t i = 0; i < e->names->graphs.n; i++) {
        emit_tables(e, &e->names->graphs.items[i]);
    }
    if (graph->embedded) {
        emit_embed_structs(e);
        emit_embed_functions(e);
    } else {
        main_function(e);
    }
    cw_flush(&e->w);
}

void emit_c(Front *front, const Graph *graph, FILE *out) {
    program(emit_new(front, graph, cnames_new(front, graph), out));
}

void emit_c_beside(Front *front, const Graph *graph, FILE *out, FILE *image, const char *path) {
    Emit *e = emit_new(front, graph, cnames_new(front, graph), out);
    e->image = image;
    e->image_path = path;
    program(e);
}

void emit_header(Front *front, const Graph *graph, FILE *out) {
    Emit *e = emit_new(front, graph, cnames_new(front, graph), out);
    begin(e, "The native stages");
    cw_format(&e->w, "#ifndef %s\n#define %s\n\n#include \"dag.h\"\n", e->names->guard,
              e->names->guard);
    native_side(e);
    cw_text(&e->w, "\n#endif\n");
    cw_flush(&e->w);
}
