/* Random expressions of a type that is given: first what it is to be, then how it is made. */
#include <stdio.h>

#include "gen.h"

#define MAKE(...) arena_printf(g->arena, __VA_ARGS__)

uint32_t pick(Gen *g, uint32_t n) { /* splitmix64 (S. Vigna) */
    uint64_t z = (g->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32) % n;
}

static const char *one_of(Gen *g, const char *const *words, uint32_t n) {
    return words[pick(g, n)];
}
#define ONE_OF(...)                                 \
    one_of(g, (const char *const[]){ __VA_ARGS__ }, \
           sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* ---------------------------------------------------------------- literals */

static const char *literal_items(Gen *g, const GenType *elem, bool named) {
    const char *all = "";
    uint32_t n = pick(g, 4);
    for (uint32_t i = 0; i < n; i++) {
        const char *item = gen_literal(g, elem);
        all = named ? MAKE("%s%sk%u: %s", all, i ? ", " : "", i, item)
                    : MAKE("%s%s%s", all, i ? ", " : "", item);
    }
    return all;
}

static const char *literal_record(Gen *g, const GenType *type) {
    const char *all = "";
    for (uint32_t i = 0; i < type->nfields; i++) {
        if (type->fields[i].type->kind == OPTIONAL && pick(g, 4) == 0) {
            continue; /* null */
        }
        all = MAKE("%s%s%s: %s", all, *all ? ", " : "", type->fields[i].name,
                   gen_literal(g, type->fields[i].type));
    }
    return MAKE("{ %s }", all);
}

const char *gen_literal(Gen *g, const GenType *type) {
    switch (type->kind) {
    case BOOL: return ONE_OF("true", "false");
    case INT: return ONE_OF("0", "1", "-7", "42", "1_000");
    case FLOAT: return ONE_OF("0.5", "-2.25", "3.0", "1e3");
    case STRING:
        return ONE_OF("\"\"", "\"a\"", "\"Grüße, Welt\"", "\"one,two\\nthree\"", "'x/y.tar.gz'",
                      "\" 12 \"");
    case DURATION: return ONE_OF("250ms", "30s", "1h30m", "2d");
    case SIZE: return ONE_OF("0B", "10KB", "4MiB", "1GB");
    case FILE_: return g->declaring ? "\"" GEN_FILE "\"" : "input.file";
    case ENUM: return ONE_OF("red", "green", "blue");
    case SECRET: return "input.key";
    case JSON: return ONE_OF("1", "true", "\"text\"", "[1, 2]", "{ a: 1 }");
    case RECORD: return literal_record(g, type);
    case LIST: return MAKE("[%s]", literal_items(g, type->elem, false));
    case MAP: return MAKE("{ %s }", literal_items(g, type->elem, true));
    case OPTIONAL: return pick(g, 3) ? gen_literal(g, type->elem) : "null";
    }
    return "null";
}

/* ---------------------------------------------------------------- what is in scope */

static const char *ref_of(Gen *g, const GenType *type) {
    const char *found = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->nrefs; i++) {
        if (gen_same(g->refs[i].type, type) && pick(g, ++n) == 0) {
            found = g->refs[i].text;
        }
    }
    return found;
}

/* A reference, or a literal whose type is plain to see: an argument. */
static const char *argument(Gen *g, const GenType *type) {
    const char *ref = pick(g, 2) ? ref_of(g, type) : NULL;
    return ref ? ref : gen_literal(g, type);
}

static const char *list_of_arguments(Gen *g, const GenType *elem) {
    const char *all = argument(g, elem);
    for (uint32_t n = pick(g, 3); n > 0; n--) {
        all = MAKE("%s, %s", all, argument(g, elem));
    }
    return MAKE("[%s]", all);
}

/* `format` holds one %s, for a value of the type; NULL: there is none. */
static const char *from(Gen *g, const GenType *type, int depth, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
#include <stdarg.h>
static const char *from(Gen *g, const GenType *type, int depth, const char *format, ...) {
    const char *subject = gen_exact(g, type, depth - 1);
    if (!subject) {
        return NULL;
    }
    va_list args;
    va_start(args, format);
    const char *pipe = arena_vprintf(g->arena, format, args);
    va_end(args);
    return MAKE("%s | %s", subject, pipe);
}

/* ---------------------------------------------------------------- by kind */

#define BASIC(kind) gen_basic(kind)

static const GenType *any_basic(Gen *g) {
    return gen_basic((GenKind)pick(g, LAST_BASIC + 1));
}

static const char *make_int(Gen *g, int d) {
    const GenType *t = BASIC(INT);
    switch (pick(g, 11)) {
    case 0: return from(g, BASIC(STRING), d, "length");
    case 1: return from(g, gen_of(g, LIST, any_basic(g)), d, "length");
    case 2: return from(g, BASIC(FLOAT), d, "round");
    case 3: return from(g, t, d, "%s(%s)", ONE_OF("add", "sub", "mul"), argument(g, t));
    case 4: return from(g, t, d, "div(%s)", ONE_OF("2", "-3"));
    case 5: return from(g, BASIC(DURATION), d, "int");
    case 6: return from(g, BASIC(SIZE), d, "int");
    case 7: return from(g, gen_of(g, OPTIONAL, t), d, "default(%s)", argument(g, t));
    case 8: return from(g, gen_of(g, LIST, t), d, "first | default(%s)", argument(g, t));
    case 9: return "\" 42 \" | int";
    default: return from(g, BASIC(FLOAT), d, "int");
    }
}

static const char *make_float(Gen *g, int d) {
    const GenType *t = BASIC(FLOAT);
    switch (pick(g, 6)) {
    case 0: return from(g, BASIC(INT), d, "float");
    case 1: return from(g, t, d, "%s(%s)", ONE_OF("add", "sub", "mul"), argument(g, t));
    case 2: return from(g, t, d, "%s(%s)", ONE_OF("add", "sub"), argument(g, BASIC(INT)));
    case 3: return from(g, t, d, "div(2.5) | round(%s)", ONE_OF("0", "1", "3"));
    case 4: return from(g, BASIC(INT), d, "mul(1.5)");
    default: return from(g, gen_of(g, OPTIONAL, t), d, "default(%s)", argument(g, t));
    }
}

/* "text <x | …> text": in double quotes, so it stands inside of others. */
static const char *make_template(Gen *g, int d) {
    const GenType *type = pick(g, 4) ? any_basic(g) : &gen_color;
    const char *inner = gen_exact(g, type, d - 1);
    return inner && inner[0] != '-' && (inner[0] < '0' || inner[0] > '9')
               ? MAKE("\"%s<%s>%s\"", ONE_OF("", "a ", "\\<"), inner, ONE_OF("", " b", "\\n"))
               : NULL;
}

static const char *make_string(Gen *g, int d) {
    const GenType *t = BASIC(STRING);
    switch (pick(g, 14)) {
    case 0:
    case 1:
        return from(g, t, d, "%s",
                    ONE_OF("upper", "lower", "title", "trim", "strip", "reverse", "urlencode",
                           "urldecode", "quote", "basename", "dirname", "stem", "ext", "truncate",
                           "pad"));
    case 2:
        return from(g, t, d, "%s(%s)", ONE_OF("prepend", "append", "strip", "lstrip", "rstrip"),
                    argument(g, t));
    case 3: return from(g, t, d, "replace(\"a\", %s)", argument(g, t));
    case 4: return from(g, t, d, "truncate(%s)", ONE_OF("0", "3", "100"));
    case 5: return from(g, any_basic(g), d, "string");
    case 6: return from(g, BASIC(INT), d, "pad(4)");
    case 7: return from(g, gen_of(g, LIST, any_basic(g)), d, "join(%s)", argument(g, t));
    case 8: return from(g, gen_of(g, OPTIONAL, t), d, "default(%s)", argument(g, t));
    case 9: return from(g, &gen_color, d, "string");
    case 11:
        return from(g, BASIC(FILE_), d, "%s",
                    ONE_OF("string", "basename", "dirname", "stem", "ext | lower"));
    case 12:
        return MAKE("\"<input.file%s>\"", ONE_OF("", ".path", ".name", ".stem", ".ext", ".dir",
                                                 ".kind", ".mime", ".size"));
    case 10: return from(g, t, d, "match('[a-z]+') | default(\"none\")");
    default: return make_template(g, d);
    }
}

static const char *make_bool(Gen *g, int d) {
    const GenType *t = any_basic(g);
    const GenType *ordered = BASIC((GenKind)(INT + (int)pick(g, 5)));
    switch (pick(g, 8)) {
    case 0: return from(g, BASIC(BOOL), d, "not");
    case 1: return from(g, ordered, d, "%s(%s)", ONE_OF("gt", "lt"), argument(g, ordered));
    case 2:
        return from(g, BASIC(STRING), d, "%s(%s)", ONE_OF("starts_with", "ends_with", "contains"),
                    argument(g, BASIC(STRING)));
    case 3: return from(g, gen_of(g, LIST, t), d, "contains(%s)", argument(g, t));
    case 4: return from(g, t, d, "%s(%s)", ONE_OF("eq", "neq"), argument(g, t));
    case 5: return from(g, t, d, "in(%s, %s)", argument(g, t), argument(g, t));
    case 6: return from(g, &gen_color, d, "eq(%s)", argument(g, &gen_color));
    default: return from(g, gen_of(g, OPTIONAL, t), d, "eq(null)");
    }
}

static const char *make_amount(Gen *g, const GenType *t, int d) {
    switch (pick(g, 3)) {
    case 0: return from(g, t, d, "add(%s)", argument(g, t));
    case 1: return from(g, t, d, "mul(%s)", ONE_OF("2", "1"));
    default: return from(g, gen_of(g, OPTIONAL, t), d, "default(%s)", argument(g, t));
    }
}

static const char *make_list(Gen *g, const GenType *t, int d) {
    const GenType *e = t->elem;
    switch (pick(g, 7)) {
    case 0: return from(g, t, d, "%s", ONE_OF("reverse", "unique"));
    case 1: return e->kind >= INT && e->kind <= SIZE ? from(g, t, d, "sort") : NULL;
    case 2: return from(g, gen_of(g, LIST, t), d, "flatten");
    case 3: return from(g, gen_of(g, LIST, gen_of(g, OPTIONAL, e)), d, "compact");
    case 4:
        return e->kind == STRING ? from(g, BASIC(STRING), d, "%s", ONE_OF("lines", "split(\",\")"))
                                 : NULL;
    case 5: /* lifted over the elements */
        return e->kind == STRING  ? from(g, gen_of(g, LIST, any_basic(g)), d, "string")
               : e->kind == INT   ? from(g, t, d, "add(1)")
               : e->kind == FLOAT ? from(g, gen_of(g, LIST, BASIC(INT)), d, "float")
               : e->kind == BOOL  ? from(g, gen_of(g, LIST, BASIC(INT)), d, "gt(1)")
                                  : NULL;
    default: return e->kind <= LAST_BASIC ? list_of_arguments(g, e) : NULL;
    }
}

static const char *make_optional(Gen *g, const GenType *t, int d) {
    const GenType *e = t->elem;
    switch (pick(g, 4)) {
    case 0:
        return from(g, gen_of(g, LIST, e), d, "%s",
                    ONE_OF("first", "last", "nth", "nth(1)", "nth(-1)"));
    case 1: return e->kind == STRING ? from(g, e, d, "nonempty") : NULL;
    case 2: return e->kind == STRING ? from(g, e, d, "match('(t+)|o')") : NULL;
    default: return gen_mentions(t, FILE_) ? NULL : from(g, t, d, "as(%s)", t->text);
    }
}

static const char *make_json(Gen *g, int d) {
    const GenType *t = gen_type(g);
    bool text = t->kind == STRING || (t->kind == OPTIONAL && t->elem->kind == STRING);
    switch (pick(g, 3)) {
    case 0: return text ? NULL : from(g, t, d, "json");
    case 1: return from(g, gen_basic(JSON), d, "json_get(\"x\")");
    default: return "'{\"x\": [1, \"a\", null]}' | json";
    }
}

static const char *made(Gen *g, const GenType *type, int depth) {
    if (pick(g, 8) == 0 && type->kind != JSON &&
        !gen_mentions(type, FILE_)) { /* through its JSON form and back */
        return from(g, type, depth, "as(%s)", type->text);
    }
    if (pick(g, 12) == 0 && type->kind != OPTIONAL && type->kind != JSON) {
        return from(g, gen_of(g, OPTIONAL, type), depth, "required");
    }
    switch (type->kind) {
    case BOOL: return make_bool(g, depth);
    case INT: return make_int(g, depth);
    case FLOAT: return make_float(g, depth);
    case STRING: return make_string(g, depth);
    case DURATION:
    case SIZE: return make_amount(g, type, depth);
    case ENUM: return from(g, gen_of(g, OPTIONAL, type), depth, "default(%s)", argument(g, type));
    case FILE_: return from(g, gen_of(g, OPTIONAL, type), depth, "default(%s)", argument(g, type));
    case SECRET: return NULL;
    case JSON: return make_json(g, depth);
    case LIST: return make_list(g, type, depth);
    case OPTIONAL: return make_optional(g, type, depth);
    case RECORD: return from(g, gen_of(g, OPTIONAL, type), depth, "default(%s)", argument(g, type));
    case MAP: return NULL;
    }
    return NULL;
}

const char *gen_exact(Gen *g, const GenType *type, int depth) {
    for (int i = 0; i < 4 && depth > 0; i++) {
        const char *text = made(g, type, depth);
        if (text) {
            return text;
        }
    }
    const char *ref = ref_of(g, type);
    if (ref) {
        return ref;
    }
    if (type->kind <= LAST_BASIC) {
        return gen_literal(g, type);
    }
    return type->kind == LIST && type->elem->kind <= LAST_BASIC ? list_of_arguments(g, type->elem)
                                                                : NULL;
}

/* A narrower type that is assignable to this one. */
static const GenType *narrower(Gen *g, const GenType *type) {
    switch (type->kind) {
    case OPTIONAL: return type->elem;
    case FLOAT: return BASIC(INT);
    case STRING: return &gen_color;
    case RECORD: return type == &gen_photo ? type : &gen_wide;
    case LIST: return gen_of(g, LIST, narrower(g, type->elem));
    case JSON: return gen_type(g);
    default: return type;
    }
}

const char *gen_value(Gen *g, const GenType *type, int depth) {
    const GenType *from_type = pick(g, 4) ? type : narrower(g, type);
    const char *text = pick(g, 12) ? gen_exact(g, from_type, depth) : NULL;
    return text ? text : gen_literal(g, type);
}

/* ---------------------------------------------------------------- conditions */

const char *gen_narrowing(Gen *g, const char *it) {
    switch (pick(g, 3)) {
    case 0: return MAKE("%s.name == \"a\"", it);
    case 1: return MAKE("not (%s.name == null)", it);
    default: return MAKE("%s.name exists and %s.name != \"b\"", it, it);
    }
}

const char *gen_condition(Gen *g, const char *it, const GenType *type) {
    switch (type->kind) {
    case BOOL: return MAKE("%s%s", ONE_OF("", "not "), it);
    case INT:
        return MAKE("%s %s %s", it, ONE_OF("==", "!=", "<", "<=", ">", ">="),
                    ONE_OF("0", "1.5", "42"));
    case FLOAT: return MAKE("%s | mul(2) %s 1", it, ONE_OF("<", ">="));
    case STRING:
        return MAKE("%s %s \"o\"", it,
                    ONE_OF("contains", "matches", "starts_with", "ends_with", "==", "<"));
    case DURATION: return MAKE("%s > 1s", it);
    case SIZE: return MAKE("%s <= 1MB", it);
    case ENUM:
        return MAKE("%s %s", it,
                    ONE_OF("== red", "in [red, blue]", "not in [green]", "!= \"blue\""));
    case FILE_: return MAKE("%s.size >= 0B and %s.kind != video", it, it);
    case SECRET: return "true";
    case RECORD:
        if (type == &gen_photo) {
            return MAKE("%s.at.name != \"x\" or %s.name exists", it, it);
        }
        return MAKE("%s.x > 0 or %s.name exists and %s.name != \"\"", it, it, it);
    case LIST: return MAKE("%s | length > 1", it);
    case MAP:
    case JSON: return MAKE("%s | json | json_get(\"x\") exists", it);
    case OPTIONAL: return MAKE("%s exists and (%s)", it, gen_condition(g, it, type->elem));
    }
    return "true";
}
