/* A random pipeline: inputs, then stages, each of which may use what stands before it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"

#define MAKE(...) arena_printf(g->arena, __VA_ARGS__)

enum { MOST_STAGES = 14, MOST_OUTS = 3, MOST_DEPTH = 4 };

/* The streams between a port and the roots, by number, outermost first. */
typedef struct Axis {
    int n;
    int at[MOST_DEPTH];
} Axis;

/* An output of a stage that stands in the text. */
typedef struct Made {
    const char *name; /* stage.port */
    const GenType *type;
    Axis axis;
    bool maybe; /* its stage may be filtered */
} Made;

typedef struct Text {
    Gen *g;
    FILE *out;
    Made made[MOST_STAGES * MOST_OUTS];
    uint32_t nmade;
    uint32_t nfixed; /* refs of the pipeline: inputs and configs */
    int nstreams;
} Text;

static const Axis none = { 0 };

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
    g->declaring = true;
    fputs("  input file: file = \"" GEN_FILE "\"\n  input key: secret\n"
          "  input spare: secret?\n",
          t->out);
    for (uint32_t i = 0, n = 2 + pick(g, 4); i < n; i++) {
        const GenType *type = gen_type(g);
        const char *word = pick(g, 3) || gen_mentions(type, FILE_) ? "input" : "config";
        fprintf(t->out, "  %s x%u: %s = %s\n", word, i, type->text, gen_literal(g, type));
        add_ref(g, MAKE("%s.x%u", word, i), type);
    }
    g->declaring = false;
    add_ref(g, "input.file", gen_basic(FILE_));
    t->nfixed = g->nrefs;
}

/* ---------------------------------------------------------------- axes */

static bool same_axis(const Axis *a, const Axis *b) {
    return a->n == b->n && memcmp(a->at, b->at, (size_t)a->n * sizeof *a->at) == 0;
}

static int shared(const Axis *a, const Axis *b) {
    int n = 0;
    while (n < a->n && n < b->n && a->at[n] == b->at[n]) {
        n++;
    }
    return n;
}

static bool extended(Axis *axis, int stream) {
    if (axis->n == MOST_DEPTH) {
        return false;
    }
    axis->at[axis->n++] = stream;
    return true;
}

/* Something that was made before, and never filtered; NULL: nothing. `axis`: on that one; else on
 * any that has a stream. */
static const Made *made_on(Text *t, const Axis *axis, const GenType *type) {
    const Made *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->nmade; i++) {
        const Made *m = &t->made[i];
        bool right = axis ? same_axis(&m->axis, axis) : m->axis.n > 0;
        if (right && !m->maybe && (!type || gen_same(type, m->type)) && pick(t->g, ++n) == 0) {
            found = m;
        }
    }
    return found;
}

/* One that is made on the root, and may be filtered or not. */
static const Made *made_plain(Text *t, bool maybe) {
    const Made *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->nmade; i++) {
        const Made *m = &t->made[i];
        if (m->axis.n == 0 && m->maybe == maybe && pick(t->g, ++n) == 0) {
            found = m;
        }
    }
    return found;
}

static void made_refs(Text *t) {
    Gen *g = t->g;
    g->nrefs = t->nfixed;
    for (uint32_t i = 0; i < t->nmade; i++) {
        if (t->made[i].axis.n == 0 && !t->made[i].maybe && pick(g, 2)) {
            add_ref(g, t->made[i].name, t->made[i].type);
        }
    }
}

/* ---------------------------------------------------------------- outputs of a stage */

static void add_made(Text *t, uint32_t stage, uint32_t port, const GenType *type, const Axis *axis,
                     bool maybe) {
    Gen *g = t->g;
    t->made[t->nmade++] = (Made){ MAKE("s%u.o%u", stage, port), type, *axis, maybe };
}

/* One output that streams the elements of a list. */
static void stream_out(Text *t, uint32_t stage, uint32_t port, Axis axis, bool maybe) {
    Gen *g = t->g;
    const GenType *elem = pick(g, 3)   ? gen_basic((GenKind)pick(g, LAST_BASIC + 1))
                          : pick(g, 2) ? &gen_point
                                       : gen_basic(FILE_);
    const char *text = gen_value(g, gen_of(g, LIST, elem), 3);
    fprintf(t->out, "    out o%u: stream<%s> = <%s>\n", port, elem->text, text);
    if (extended(&axis, ++t->nstreams)) {
        add_made(t, stage, port, elem, &axis, maybe);
    }
}

static void outs(Text *t, uint32_t stage, const Axis *axis, bool maybe) {
    Gen *g = t->g;
    uint32_t n = 1 + pick(g, MOST_OUTS);
    bool streams = axis->n > 0 && axis->n < 3 && pick(g, 2);
    for (uint32_t i = 0; i < n - streams; i++) {
        const GenType *type = gen_type(g);
        const char *text = gen_value(g, type, 4);
        fprintf(t->out, "    out o%u: %s = <%s>\n", i, type->text, text);
        add_made(t, stage, i, type, axis, maybe);
    }
    if (streams) {
        stream_out(t, stage, n - 1, *axis, maybe);
    }
}

/* ---------------------------------------------------------------- inputs of a stage */

static void open_stage(const Text *t, uint32_t stage, const char *attributes) {
    fprintf(t->out, "  stage s%u {\n%s", stage, attributes);
}

static void input_port(Text *t, uint32_t i, const GenType *type, const char *words) {
    Gen *g = t->g;
    fprintf(t->out, "    in i%u: %s%s\n", i, type->text, words);
    add_ref(g, MAKE("i%u", i), type);
}

/* The edge, by what it is known to leave out narrowed or not: see input_type. */
static void edge(Text *t, const Made *from, uint32_t stage, uint32_t port, bool narrowed) {
    Gen *g = t->g;
    fprintf(t->out, "  %s -> s%u.i%u", from->name, stage, port);
    if (narrowed) {
        fprintf(t->out, " where %s", gen_narrowing(g, "it"));
    } else if (pick(g, 3) == 0) {
        fprintf(t->out, " where %s", gen_condition(g, "it", from->type));
    }
    fputc('\n', t->out);
}

/* A record whose `name` may be null, through an edge that asks for it: one whose name is not null. */
static const GenType *input_type(Gen *g, const Made *from, bool *narrowed) {
    *narrowed = from->type->kind == RECORD && from->type != &gen_named && pick(g, 2);
    return *narrowed ? &gen_named : from->type;
}

/* ---------------------------------------------------------------- stages */

/* One artifact per element of a list. */
static bool source(Text *t, uint32_t stage) {
    open_stage(t, stage, "");
    stream_out(t, stage, 0, none, false);
    fputs("  }\n", t->out);
    return true;
}

/* One task per artifact of an axis; perhaps with what a shorter axis broadcasts. */
static bool each(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const Made *found = made_on(t, NULL, NULL);
    if (!found) {
        return false;
    }
    Made first = *found, second = { 0 };
    Axis prefix = first.axis;
    prefix.n -= prefix.n > 1 && pick(g, 2);
    found = pick(g, 2) ? made_on(t, &prefix, NULL) : NULL;
    bool narrow[2] = { false, false };
    open_stage(t, stage, "");
    input_port(t, 0, input_type(g, &first, &narrow[0]), "");
    if (found) {
        second = *found;
        input_port(t, 1, input_type(g, &second, &narrow[1]), "");
    }
    outs(t, stage, &first.axis, false);
    fputs("  }\n", t->out);
    edge(t, &first, stage, 0, narrow[0]);
    if (second.name) {
        edge(t, &second, stage, 1, narrow[1]);
    }
    return true;
}

/* All artifacts of an axis, in one task. */
static bool gather(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const Made *found = made_on(t, NULL, NULL);
    if (!found) {
        return false;
    }
    Made from = *found;
    bool narrowed;
    const GenType *type = input_type(g, &from, &narrowed);
    open_stage(t, stage, "    fan aggregate\n");
    input_port(t, 0, gen_of(g, LIST, type), " = []");
    outs(t, stage, &none, false);
    fputs("  }\n", t->out);
    edge(t, &from, stage, 0, narrowed);
    return true;
}

/* What came out of one artifact of the outermost stream, in one task. */
static bool group(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const Made *found = made_on(t, NULL, NULL);
    for (int i = 0; i < 4 && found && found->axis.n < 2; i++) {
        found = made_on(t, NULL, NULL);
    }
    if (!found || found->axis.n < 2) {
        return false;
    }
    Made deep = *found, plain = { 0 };
    Axis origin = deep.axis;
    origin.n = 1;
    found = pick(g, 2) ? made_on(t, &origin, NULL) : NULL;
    bool narrowed;
    const GenType *type = input_type(g, &deep, &narrowed);
    open_stage(t, stage, "    fan grouped\n");
    input_port(t, 0, gen_of(g, LIST, type), " = []");
    /* At the group's own axis a list of lists would be read as one that gathers. */
    if (found && found->type->kind != LIST) {
        plain = *found;
        input_port(t, 1, plain.type, "");
    }
    outs(t, stage, &origin, false);
    fputs("  }\n", t->out);
    edge(t, &deep, stage, 0, narrowed);
    if (plain.name) {
        edge(t, &plain, stage, 1, false);
    }
    return true;
}

/* Every combination of the artifacts of two axes. */
static bool combine(Text *t, uint32_t stage) {
    const Made *found = made_on(t, NULL, NULL);
    if (!found) {
        return false;
    }
    Made a = *found;
    found = made_on(t, NULL, NULL);
    Made b = *found;
    Axis axis = a.axis;
    int common = shared(&a.axis, &b.axis);
    if (common == a.axis.n || common == b.axis.n || a.axis.n > 2 || b.axis.n > 2) {
        return false; /* nothing to multiply, or too much */
    }
    for (int i = common; i < b.axis.n; i++) {
        if (!extended(&axis, b.axis.at[i])) {
            return false;
        }
    }
    open_stage(t, stage, "    fan cross\n    max_tasks 100000\n");
    input_port(t, 0, a.type, "");
    input_port(t, 1, b.type, "");
    outs(t, stage, &axis, false);
    fputs("  }\n", t->out);
    edge(t, &a, stage, 0, false);
    edge(t, &b, stage, 1, false);
    return true;
}

/* Another output of the same type, on the same axis if asked for: one that there is, or a stage of its
 * own that hands on some of the artifacts of `a`. */
static Made partner(Text *t, uint32_t stage, const Made *a, bool same) {
    Gen *g = t->g;
    const Made *found = made_on(t, same ? &a->axis : NULL, a->type);
    if (strcmp(found->name, a->name) != 0) {
        return *found;
    }
    fprintf(t->out, "  stage t%u {\n    in i0: %s\n    out o0: %s = <i0>\n  }\n", stage,
            a->type->text, a->type->text);
    fprintf(t->out, "  %s -> t%u.i0 where %s\n", a->name, stage, gen_condition(g, "it", a->type));
    return (Made){ MAKE("t%u.o0", stage), a->type, a->axis, false };
}

/* The artifacts of either of two outputs of one type. */
static bool merge(Text *t, uint32_t stage) {
    const Made *found = made_on(t, NULL, NULL);
    if (!found) {
        return false;
    }
    Made a = *found, b = partner(t, stage, &a, false);
    Axis axis = a.axis;
    axis.n = shared(&a.axis, &b.axis);
    if (!extended(&axis, ++t->nstreams)) {
        return false;
    }
    open_stage(t, stage, "");
    input_port(t, 0, a.type, " merge");
    outs(t, stage, &axis, false);
    fputs("  }\n", t->out);
    edge(t, &a, stage, 0, false);
    edge(t, &b, stage, 0, false);
    return true;
}

/* For each key the first of two outputs of one type that has one. */
static bool either(Text *t, uint32_t stage) {
    const Made *found = made_on(t, NULL, NULL);
    if (!found) {
        return false;
    }
    Made a = *found, b = partner(t, stage, &a, true);
    open_stage(t, stage, "");
    input_port(t, 0, a.type, " any");
    outs(t, stage, &a.axis, false);
    fputs("  }\n", t->out);
    edge(t, &a, stage, 0, false);
    edge(t, &b, stage, 0, false);
    return true;
}

/* An input that may be null, and a condition about it. */
static bool perhaps(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const Made *from = made_plain(t, pick(g, 2));
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
    outs(t, stage, &none, guarded);
    fprintf(t->out, "  }\n  %s -> s%u.i0\n", source_port.name, stage);
    return true;
}

/* Secrets, on the ways that they may go. */
static bool hidden(Text *t, uint32_t stage) {
    bool process = pick(t->g, 20) == 0; /* they are dear */
    open_stage(t, stage, "");
    fputs("    in k: secret = <input.key>\n    in m: secret? = <input.spare>\n", t->out);
    fputs("    in n: secret = <input.spare | default(input.key)>\n", t->out);
    outs(t, stage, &none, !process);
    if (process) {
        fputs("    exec \"true\"\n    env K = <k>\n    env N = \"<n>\"\n"
              "    env M = <m | default(k)>\n",
              t->out);
    } else {
        fputs("    when k exists and m == null\n", t->out);
    }
    fputs("  }\n", t->out);
    return true;
}

/* Inputs with values of their own. */
static bool plain(Text *t, uint32_t stage) {
    Gen *g = t->g;
    const GenType *types[2];
    uint32_t n = pick(g, 3);
    open_stage(t, stage, "");
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
    outs(t, stage, &none, asks);
    fputs("  }\n", t->out);
    return true;
}

static void stage(Text *t, uint32_t i) {
    static bool (*const makers[])(Text * t, uint32_t stage) = {
        source, source, source,  each,  each,   each,    each,   gather,
        group,  group,  combine, merge, either, perhaps, hidden,
    };
    enum { MAKERS = sizeof makers / sizeof *makers };
    uint32_t which = pick(t->g, MAKERS + 3);
    made_refs(t);
    if (which >= MAKERS || !makers[which](t, i)) {
        plain(t, i);
    }
}

static void outputs(const Text *t) {
    for (uint32_t i = 0; i < t->nmade; i++) {
        const Made *m = &t->made[i];
        bool list = m->axis.n > 0, null = m->maybe && m->type->kind != OPTIONAL;
        fprintf(t->out, "  output r%u: %s%s%s = <%s>\n", i, list ? "list<" : "", m->type->text,
                list   ? ">"
                : null ? "?"
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
