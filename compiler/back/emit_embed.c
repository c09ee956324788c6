/*
 * emit_embed.c - a pipeline as a library: the typed structs of its inputs and outputs, the functions
 * that take them, and the header that declares both.
 *
 * An input with a default is a pointer, NULL for the default; all else has the C forms that native
 * functions see.
 */
#include "back/emit.h"

#include <string.h>

static void doc(Emit *e, const Item *item) {
    if (item && item->doc) {
        cw_text(&e->w, "    /* ");
        cw_remark(&e->w, item->doc);
        cw_text(&e->w, " */\n");
    }
}

static void input_member(Emit *e, const RunInput *input) {
    const char *spelled = cnames_type(e->names, input->type);
    bool pointer = spelled[strlen(spelled) - 1] == '*';
    bool wrap = input->value && !pointer;
    doc(e, input->item);
    emit_member(e, input->type, wrap ? "const " : "", wrap ? " *" : "",
                cname_member(e->names->arena, input->name.text));
}

void emit_embed_structs(Emit *e) {
    const Pipeline *pipeline = e->graph->pipeline;
    const char *name = e->names->embed;
    cw_format(&e->w,
              "\n/* What %s is given. Inputs with a default are pointers: NULL stands for it. */\n",
              name);
    cw_format(&e->w, "typedef struct %s_inputs {\n", name);
    for (uint32_t i = 0; i < pipeline->ninputs; i++) {
        input_member(e, pipeline->inputs[i]);
    }
    cw_text(&e->w, pipeline->ninputs == 0 ? "    char dag_empty; /* there are none */\n" : "");
    cw_format(&e->w, "} %s_inputs;\n", name);
    cw_format(&e->w,
              "\n/* What it gives; zero where the run did not come so far. */\n"
              "typedef struct %s_outputs {\n",
              name);
    for (uint32_t i = 0; i < pipeline->noutputs; i++) {
        const Output *output = pipeline->outputs[i];
        doc(e, output->item);
        emit_member(e, output->type, "", "", cname_member(e->names->arena, output->name.text));
    }
    cw_format(&e->w, "    dag_result dag_info; /* how the run has ended */\n} %s_outputs;\n", name);
}

static void run_head(Emit *e, const char *end) {
    const char *name = e->names->embed;
    cw_format(&e->w, "dag_state %s_run(const %s_inputs *inputs, %s_outputs *outputs,\n", name, name,
              name);
    cw_format(&e->w, "%*sconst dag_options *options)%s\n", (int)strlen(name) + 15, "", end);
}

static void offsets(Emit *e, const char *what, uint32_t n) {
    const Pipeline *pipeline = e->graph->pipeline;
    const char *name = e->names->embed;
    bool in = strcmp(what, "inputs") == 0;
    cw_format(&e->w, "\nstatic const uint32_t %s_%s_at[] = {\n", name, what);
    for (uint32_t i = 0; i < n; i++) {
        const char *port = in ? pipeline->inputs[i]->name.text : pipeline->outputs[i]->name.text;
        cw_format(&e->w, "    offsetof(%s_%s, %s),\n", name, what,
                  cname_member(e->names->arena, port));
    }
    cw_text(&e->w, n == 0 ? "    0 /* there are none */\n};\n" : "};\n");
}

void emit_embed_functions(Emit *e) {
    const char *name = e->names->embed;
    offsets(e, "inputs", e->graph->pipeline->ninputs);
    offsets(e, "outputs", e->graph->pipeline->noutputs);
    cw_format(&e->w, "\nstatic const dag_embed %s_embed = {\n    .program = &%s_program,\n", name,
              cnames_graph(e->names, e->graph)->prefix);
    cw_format(&e->w, "    .inputs = %s_inputs_at,\n    .outputs = %s_outputs_at,\n", name, name);
    cw_format(&e->w, "    .size = sizeof(%s_outputs),\n", name);
    cw_format(&e->w, "    .result = offsetof(%s_outputs, dag_info),\n};\n\n", name);
    run_head(e, ";");
    run_head(e, "");
    cw_format(&e->w, "{\n    return dag_embed_run(&%s_embed, inputs, outputs, options);\n}\n\n",
              name);
    cw_format(&e->w, "void %s_free(%s_outputs *outputs);\nvoid %s_free(%s_outputs *outputs)\n",
              name, name, name, name);
    cw_format(&e->w, "{\n    dag_embed_free(&%s_embed, outputs);\n}\n", name);
}

void emit_embed_header(Front *front, const Graph *graph, FILE *out) {
    Emit *e = emit_new(front, graph, cnames_outside(front, graph), out);
    const char *name = e->names->embed;
    e->guarded = true;
    cw_format(&e->w, "/* The pipeline `%s` as a library, made by dagcc from ", name);
    cw_remark(&e->w, graph->program.strings + graph->program.source);
    cw_format(&e->w, ". */\n#ifndef %s_H\n#define %s_H\n\n#include \"dag.h\"\n", name, name);
    cw_text(&e->w, e->names->json ? "#include <cjson/cJSON.h>\n" : "");
    cw_text(&e->w, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    emit_types(e);
    emit_embed_structs(e);
    cw_text(
        &e->w,
        "\n/* Runs the pipeline on the calling thread and returns its final state: DAG_COMPLETED, "
        "or\n"
        " * outputs->dag_info says what went wrong. `options` may be NULL; its `inputs` is not\n"
        " * looked at. Calls on several threads may overlap. */\n");
    run_head(e, ";");
    cw_format(&e->w,
              "/* Gives back what the outputs hold, however the run has ended. */\n"
              "void %s_free(%s_outputs *outputs);\n",
              name, name);
    cw_text(&e->w, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    cw_flush(&e->w);
}
