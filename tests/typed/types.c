/* The types of random pipelines: the basic ones, three named ones, and what is made of them. */
#include <string.h>

#include "gen.h"

const char gen_declarations[] = "type Color = enum(red, green, blue)\n"
                                "type Point = { x: int, name: string? }\n"
                                "type Wide = { x: int, name: string?, w: list<float> }\n"
                                "type Photo = { at: file, name: string? }\n"
                                "type Named = { name: string }\n";

static const GenType basics[] = {
    { .kind = BOOL, .text = "bool" },         { .kind = INT, .text = "int" },
    { .kind = FLOAT, .text = "float" },       { .kind = STRING, .text = "string" },
    { .kind = DURATION, .text = "duration" }, { .kind = SIZE, .text = "size" },
    { .kind = FILE_, .text = "file" },
};
static const GenType json = { .kind = JSON, .text = "json" };
static const GenType string_or_null = { .kind = OPTIONAL,
                                        .elem = &basics[STRING],
                                        .text = "string?" };
static const GenType floats = { .kind = LIST, .elem = &basics[FLOAT], .text = "list<float>" };

const GenType gen_color = { .kind = ENUM, .text = "Color" };
const GenType gen_point = {
    .kind = RECORD,
    .text = "Point",
    .nfields = 2,
    .fields = { { "x", &basics[INT] }, { "name", &string_or_null } },
};
const GenType gen_wide = {
    .kind = RECORD,
    .text = "Wide",
    .nfields = 3,
    .fields = { { "x", &basics[INT] }, { "name", &string_or_null }, { "w", &floats } },
};

const GenType gen_photo = {
    .kind = RECORD,
    .text = "Photo",
    .nfields = 2,
    .fields = { { "at", &basics[FILE_] }, { "name", &string_or_null } },
};

/* What a record with a `name` fits when that is known not to be null. */
const GenType gen_named = {
    .kind = RECORD,
    .text = "Named",
    .nfields = 1,
    .fields = { { "name", &basics[STRING] } },
};

const GenType *gen_basic(GenKind kind) {
    return kind == JSON ? &json : &basics[kind];
}

const GenType *gen_of(Gen *g, GenKind kind, const GenType *elem) {
    GenType *type = ARENA_NEW(g->arena, GenType);
    const char *format = kind == LIST ? "list<%s>" : kind == MAP ? "map<%s>" : "%s?";
    *type =
        (GenType){ .kind = kind, .elem = elem, .text = arena_printf(g->arena, format, elem->text) };
    return type;
}

static const GenType *type_plain(Gen *g) {
    switch (pick(g, 12)) {
    case 3: return &basics[FILE_];
    case 4: return &gen_photo;
    case 0: return &gen_color;
    case 1: return &gen_point;
    case 2: return &gen_wide;
    default: return &basics[pick(g, LAST_BASIC + 1)];
    }
}

const GenType *gen_type(Gen *g) {
    switch (pick(g, 12)) {
    case 0:
    case 1: return gen_of(g, LIST, type_plain(g));
    case 2: return gen_of(g, MAP, type_plain(g));
    case 3:
    case 4: return gen_of(g, OPTIONAL, type_plain(g));
    case 5: return gen_of(g, LIST, gen_of(g, LIST, &basics[pick(g, LAST_BASIC + 1)]));
    case 6: return &json;
    case 7: return gen_of(g, LIST, gen_of(g, OPTIONAL, &basics[pick(g, LAST_BASIC + 1)]));
    default: return type_plain(g);
    }
}

bool gen_same(const GenType *a, const GenType *b) {
    return strcmp(a->text, b->text) == 0;
}

bool gen_mentions(const GenType *type, GenKind kind) {
    bool found = type->kind == kind || (type->elem && gen_mentions(type->elem, kind));
    for (uint32_t i = 0; i < type->nfields && !found; i++) {
        found = gen_mentions(type->fields[i].type, kind);
    }
    return found;
}

bool has_text_form(const GenType *type) {
    return type->kind <= ENUM;
}
