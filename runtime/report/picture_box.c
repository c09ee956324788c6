/*
 * picture_box.c - see picture_box.h.
 */
#include "report/picture_box.h"

#include "pure/graph_view.h"
#include "pure/text.h"
#include "pure/value.h"

typedef struct Words {
    Arena *arena;
    const dag_program *p;
    const dag_stage *stage;
    Box *box;
} Words;

static const char *text(const Words *w, dag_name name) {
    return w->p->strings + name;
}

static void line(const Words *w, TextBuffer *words) {
    if (words->n > 0 && w->box->nlines < BOX_LINES) {
        w->box->lines[w->box->nlines++] = buffer_end(words);
    }
}

static void add(TextBuffer *words, const char *before, const char *word) {
    if (*word != '\0') {
        buffer_string(words, words->n > 0 ? before : "");
        buffer_string(words, word);
    }
}

/* ---------------------------------------------------------------- lines of a stage */

/* "encode · #slow #gpu" */
static void kind_line(const Words *w) {
    TextBuffer words = { .arena = w->arena };
    const dag_stage *stage = w->stage;
    buffer_string(&words, text(w, stage->kind));
    for (uint32_t i = 0; i < stage->ntag; i++) {
        add(&words, i == 0 ? " · " : " ",
            arena_printf(w->arena, "#%s", text(w, w->p->tags[stage->tag + i])));
    }
    line(w, &words);
}

/* "each scan.item × size.px", "grouped by scan.item", "aggregate" */
static void axis_line(const Words *w) {
    TextBuffer words = { .arena = w->arena };
    uint32_t depth = w->p->axes[w->stage->axis].depth;
    const char *const *axis = graph_axis(w->arena, w->p, w->stage->axis);
    bool single = w->stage->fan == DAG_SINGLE;
    if (!single || depth > 0) {
        buffer_string(&words, single ? "each" : graph_fan_word(w->stage->fan));
    }
    for (uint32_t i = 0; i < depth; i++) {
        bool by = i == 0 && w->stage->fan == DAG_GROUPED;
        add(&words, by ? " by " : i == 0 ? " " : " × ", axis[i]);
    }
    line(w, &words);
}

/* "gate when v != 3", "when input.full", "barrier" */
static void gate_line(const Words *w) {
    TextBuffer words = { .arena = w->arena };
    uint32_t flags = w->stage->flags;
    add(&words, " ", flags & DAG_STAGE_GATE ? "gate" : "");
    add(&words, " ", flags & DAG_STAGE_BARRIER ? "barrier" : "");
    add(&words, " ", flags & DAG_STAGE_PASSTHROUGH ? "passthrough" : "");
    add(&words, " ", flags & DAG_STAGE_OFF ? "off" : "");
    if (w->stage->when != DAG_NONE) {
        add(&words, " ", "when ");
        buffer_string(&words, text(w, w->p->exprs[w->stage->when].source));
    }
    line(w, &words);
}

static void call_line(const Words *w) {
    if (w->stage->sub == DAG_NONE) {
        return;
    }
    TextBuffer words = { .arena = w->arena };
    buffer_string(&words, w->stage->body == DAG_BODY_MAP ? "maps " : "calls ");
    buffer_string(&words, text(w, w->p->subs[w->stage->sub]->name));
    line(w, &words);
}

/* "with input.width, input.quality" */
static void input_line(const Words *w, const bool *reads) {
    TextBuffer words = { .arena = w->arena };
    for (uint32_t i = 0; i < w->p->ninputs; i++) {
        if (reads[i]) {
            buffer_string(&words, words.n == 0 ? "with input." : ", input.");
            buffer_string(&words, text(w, w->p->inputs[i].name));
        }
    }
    line(w, &words);
}

/* ---------------------------------------------------------------- what stands behind the box */

static void tip_doc(TextBuffer *tip, const char *doc) {
    if (*doc != '\0') {
        buffer_string(tip, doc);
        buffer_char(tip, '\n');
    }
}

static void tip_ports(const Words *w, TextBuffer *tip, const char *word, uint32_t first,
                      uint32_t n) {
    for (uint32_t i = first; i < first + n; i++) {
        const dag_port *port = &w->p->ports[i];
        if (port->flags & DAG_PORT_HIDDEN) {
            continue;
        }
        bool stream = port->flags & DAG_PORT_STREAM;
        buffer_string(tip, arena_printf(w->arena, "%s %s: %s%s%s\n", word, text(w, port->name),
                                        stream ? "stream<" : "",
                                        text(w, w->p->types[port->type].name), stream ? ">" : ""));
    }
}

static const char *body_word(uint32_t body) {
    static const char *const words[] = {
        [DAG_BODY_NONE] = "expressions only",
        [DAG_BODY_RUN] = "run: a shell command",
        [DAG_BODY_EXEC] = "exec: a program",
        [DAG_BODY_SCRIPT] = "a script",
        [DAG_BODY_NATIVE] = "a C function",
        [DAG_BODY_CALL] = "call: another pipeline",
        [DAG_BODY_MAP] = "map: another pipeline, for each element",
    };
    return words[body];
}

static void tip_duration(const Words *w, TextBuffer *tip, const char *word, int64_t ns) {
    if (ns > 0) {
        dag_value shown = value_to_text(w->arena, value_int(DAG_DURATION, ns));
        buffer_string(tip, arena_printf(w->arena, "%s %s\n", word, shown.u.text));
    }
}

static void tip_attributes(const Words *w, TextBuffer *tip) {
    const dag_stage *stage = w->stage;
    buffer_string(tip, body_word(stage->body));
    buffer_char(tip, '\n');
    tip_duration(w, tip, "timeout", stage->timeout);
    if (stage->retry > 0) {
        buffer_string(tip, arena_printf(w->arena, "retry %u\n", stage->retry));
    }
    if (stage->max_parallel > 0) {
        buffer_string(tip, arena_printf(w->arena, "max_parallel %u\n", stage->max_parallel));
    }
    for (uint32_t i = stage->resource; i < stage->resource + stage->nresource; i++) {
        const dag_resource *resource = &w->p->resources[i];
        buffer_string(tip, arena_printf(w->arena, "needs %s %lld\n", text(w, resource->name),
                                        (long long)resource->amount));
    }
    buffer_string(tip, stage->flags & DAG_STAGE_CACHEABLE ? "cacheable\n" : "");
    buffer_string(tip, stage->flags & DAG_STAGE_MAY_FAIL ? "may_fail\n" : "");
}

static const char *end_of_tip(TextBuffer *tip) {
    while (tip->n > 0 && tip->text[tip->n - 1] == '\n') {
        tip->n--;
    }
    return buffer_end(tip);
}

/* ---------------------------------------------------------------- */

static void fill_stage(Words *w, const bool *reads) {
    const dag_stage *stage = w->stage = &w->p->stages[w->box->index];
    TextBuffer tip = { .arena = w->arena };
    w->box->name = text(w, stage->slug);
    kind_line(w);
    axis_line(w);
    gate_line(w);
    call_line(w);
    input_line(w, reads);
    tip_doc(&tip, text(w, stage->doc));
    tip_attributes(w, &tip);
    tip_ports(w, &tip, "in", stage->in, stage->nin);
    tip_ports(w, &tip, "out", stage->out, stage->nout);
    w->box->tip = end_of_tip(&tip);
}

static void fill_end(Words *w, dag_name name, dag_name doc, uint32_t type, const char *word) {
    TextBuffer tip = { .arena = w->arena };
    w->box->name = text(w, name);
    w->box->lines[w->box->nlines++] =
        arena_printf(w->arena, "%s: %s", word, text(w, w->p->types[type].name));
    tip_doc(&tip, text(w, doc));
    buffer_string(&tip, arena_printf(w->arena, "%s %s: %s", word, w->box->name,
                                     text(w, w->p->types[type].name)));
    w->box->tip = end_of_tip(&tip);
}

void box_fill(Arena *arena, const dag_program *p, Box *box, const bool *reads) {
    Words w = { .arena = arena, .p = p, .box = box };
    switch (box->kind) {
    case BOX_STAGE: fill_stage(&w, reads); break;
    case BOX_INPUT: {
        const dag_input *input = &p->inputs[box->index];
        fill_end(&w, input->name, input->doc, input->type, "input");
        break;
    }
    case BOX_OUTPUT: {
        const dag_output *output = &p->outputs[box->index];
        fill_end(&w, output->name, output->doc, output->type, "output");
        input_line(&w, reads);
        break;
    }
    }
}
