/* A random pipeline: inputs, then stages, each of which may use what stands before it. */
#include <stdio.h>
#include <stdlib.h>

#include "gen.h"

#define MAKE(...) arena_printf(g->arena, __VA_ARGS__)

enum { MOST_STAGES = 10, MOST_OUTS = 3 };

/* An output of a stage that stands in the text. */
typedef struct Made {
    const char *name; /* stage.port */
    const GenType *type;
    int axis;   /* the number of the stream behind it; 0: one artifact */
    bool maybe; /* its stage may be filtered */
} Made;

typedef struct Text {
    Gen *g;
    FILE *out;
    Made made[MOST_STAGES * MOST_OUTS];
    uint32_t nmade;
    uint32_t nfixed; /* refs of the pipeline: inputs and configs */
    int naxes;
} Text;

static void add_ref(Gen *g, const char *text, const GenType *type) {
    if (g->nrefs < MOST_REFS) {
        g->refs[g->nrefs++] = (GenRef){ text, type };
    }
    if (type->kind == RECORD && g->nrefs + 3 < MOST_REFS) {
        for (uint32_t i = 0; i < type->nfields; i++) {
            add_ref(g, MAKE("%s.%s", text, type->fields[i].name), type->fields[i].type);
        }
    }
}

static void inputs(Text *t) {
    Gen *g = t->g;
    for (uint32_t i = 0, n = 2 + pick(g, 4); i < n; i++) {
        const GenType *type = gen_type(g);
        const char *word = pick(g, 3) ? "input" : "config";
        fprintf(t->out, "  %s x%u: %s = %s\n", word, i, type->text, gen_literal(g, type));
        add_ref(g, MAKE("%s.x%u", word, i), type);
    }
    t->nfixed = g->nrefs;
}

/* What was made before on an axis; NULL: nothing. */
static const Made *made_on(Text *t, int axis, bool maybe) {
    const Made *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->nmade; i++) {
        if (t->made[i].axis == axis && t->made[i].maybe == maybe && pick(t->g, ++n) == 0) {
            found = &t->made[i];
        }
    }
    return found;
}

static void made_refs(Text *t) {
    Gen *g = t->g;
    g->nrefs = t->nfixed;
    for (uint32_t i = 0; i < t->nmade; i++) {
        if (t->made[i].axis == 0 && !t->made[i].maybe && pick(g, 2)) {
            add_ref(g, t->made[i].name, t->made[i].type);
        }
    }
}

static void add_made(Text *t, uint32_t stage, uint32_t port, const GenType *type, int axis,
                     bool maybe) {
    Gen *g = t->g;
    t->made[t->nmade++] = (Made){ MAKE("s%u.o%u", stage, port), type, axis, maybe };
}

static void outs(Text *t, uint32_t stage, int axis, bool maybe) {
    Gen *g = t->g;
    uint32_t n = 1 + pick(g, MOST_OUTS);
    for (uint32_t i = 0; i < n; i++) {
        const GenType *type = gen_type(g);
        const char *text = gen_value(g, type, 4);
        fprintf(t->out, "    out o%u: %s = <%s>\n", i, type->text, text);
        add_made(t, stage, i, type, axis, maybe);
    }
}

/* ---------------------------------------------------------------- stages */

/* One artifact per element of a list. */
static void source(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const GenType *elem = pick(g, 3) ? gen_basic((GenKind)pick(g, LAST_BASIC + 1)) : &gen_point;
    const char *text = gen_value(g, gen_of(g, LIST, elem), 3);
    fprintf(t->out, "  stage s%u {\n    out o0: stream<%s> = <%s>\n  }\n", stage, elem->text, text);
    add_made(t, stage, 0, elem, ++t->naxes, false);
}

/* One task per artifact of an axis. */
static bool each(Text *t, uint32_t stage) {
    Gen *g = t->g;
    int axis = t->naxes ? 1 + (int)pick(g, (uint32_t)t->naxes) : 0;
    const Made *from = axis ? made_on(t, axis, false) : NULL;
    if (!from) {
        return false;
    }
    Made source_port = *from;
    fprintf(t->out, "  stage s%u {\n    in i0: %s\n", stage, source_port.type->text);
    add_ref(g, "i0", source_port.type);
    outs(t, stage, axis, false);
    fprintf(t->out, "  }\n  %s -> s%u.i0", source_port.name, stage);
    if (pick(g, 2)) {
        fprintf(t->out, " where %s", gen_condition(g, "it", source_port.type));
    }
    fputc('\n', t->out);
    return true;
}

/* All artifacts of an axis, in one task. */
static bool gather(Text *t, uint32_t stage) {
    Gen *g = t->g;
    int axis = t->naxes ? 1 + (int)pick(g, (uint32_t)t->naxes) : 0;
    const Made *from = axis ? made_on(t, axis, false) : NULL;
    if (!from) {
        return false;
    }
    Made source_port = *from;
    const GenType *list = gen_of(g, LIST, source_port.type);
    fprintf(t->out, "  stage s%u {\n    fan aggregate\n    in i0: %s = []\n", stage, list->text);
    add_ref(g, "i0", list);
    outs(t, stage, 0, false);
    fprintf(t->out, "  }\n  %s -> s%u.i0", source_port.name, stage);
    if (pick(g, 2)) {
        fprintf(t->out, " where %s", gen_condition(g, "it", source_port.type));
    }
    fputc('\n', t->out);
    return true;
}

/* An input that may be null, and a condition about it. */
static bool perhaps(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const Made *from = made_on(t, 0, pick(g, 2));
    if (!from || from->type->kind == OPTIONAL) {
        return false;
    }
    Made source_port = *from;
    const GenType *type = gen_of(g, OPTIONAL, source_port.type);
    fprintf(t->out, "  stage s%u {\n    in i0: %s\n", stage, type->text);
    bool guarded = pick(g, 2);
    if (guarded) {
        fputs("    when i0 exists\n", t->out);
    }
    add_ref(g, "i0", guarded ? source_port.type : type);
    outs(t, stage, 0, guarded);
    fprintf(t->out, "  }\n  %s -> s%u.i0\n", source_port.name, stage);
    return true;
}

/* Inputs with values of their own. */
static void plain(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const GenType *types[2];
    uint32_t n = pick(g, 3);
    fprintf(t->out, "  stage s%u {\n", stage);
    for (uint32_t i = 0; i < n; i++) {
        types[i] = gen_type(g);
        fprintf(t->out, "    in i%u: %s = <%s>\n", i, types[i]->text, gen_value(g, types[i], 3));
    }
    for (uint32_t i = 0; i < n; i++) {
        add_ref(g, MAKE("i%u", i), types[i]);
    }
    bool asks = n > 0 && pick(g, 4) == 0;
    if (asks) {
        fprintf(t->out, "    when %s\n", gen_condition(g, "i0", types[0]));
    }
    outs(t, stage, 0, asks);
    fputs("  }\n", t->out);
}

static void stage(Text *t, uint32_t i) {
    made_refs(t);
    switch (pick(t->g, 7)) {
    case 0: source(t, i); return;
    case 1:
    case 2:
        if (each(t, i)) {
            return;
        }
        break;
    case 3:
        if (gather(t, i)) {
            return;
        }
        break;
    case 4:
        if (perhaps(t, i)) {
            return;
        }
        break;
    default: break;
    }
    plain(t, i);
}

static void outputs(const Text *t) {
    for (uint32_t i = 0; i < t->nmade; i++) {
        const Made *m = &t->made[i];
        bool null = m->maybe && m->type->kind != OPTIONAL;
        fprintf(t->out, "  output r%u: %s%s%s = <%s>\n", i, m->axis ? "list<" : "", m->type->text,
                m->axis ? ">"
                : null  ? "?"
                        : "",
                m->name);
    }
}

const char *gen_pipeline(Arena *arena, uint64_t seed) {
    Gen g = { .arena = arena, .state = seed };
    char *text = NULL;
    size_t n = 0;
    Text t = { .g = &g, .out = open_memstream(&text, &n) };
    if (!t.out) {
        abort();
    }
    fprintf(t.out, "%spipeline p {\n", gen_declarations);
    inputs(&t);
    for (uint32_t i = 0, many = 2 + pick(&g, MOST_STAGES - 2); i < many; i++) {
        stage(&t, i);
    }
    outputs(&t);
    fputs("}\n", t.out);
    fclose(t.out);
    const char *copy = arena_text(arena, text, n);
    free(text);
    return copy;
}
