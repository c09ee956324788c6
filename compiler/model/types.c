/*
 * types.c - interned semantic types, their texts and assignability (LANGUAGE §3).
 */
#include "model/types.h"

#include <string.h>

#include "base/table.h"

struct Types {
    Arena *arena;
    Interner *names;
    Table *table; /* kind of type, then its parts -> Type */
    const Type *basic[KIND_ANY + 1];
    uint32_t n;
    char scope_record, scope_enum, scope_named, scope_var; /* their addresses are scopes */
    char scope_elem[KIND_ANY + 1];
};

Types *types_new(Arena *arena, Interner *names) {
    Types *types = ARENA_NEW(arena, Types);
    types->arena = arena;
    types->names = names;
    types->table = table_new(arena);
    return types;
}

static Type *type_new(Types *types, int kind) {
    Type *type = ARENA_NEW(types->arena, Type);
    type->kind = kind;
    type->id = types->n++;
    type->weight = 1;
    return type;
}

const Type *type_basic(Types *types, int kind) {
    if (!types->basic[kind]) {
        types->basic[kind] = type_new(types, kind);
    }
    return types->basic[kind];
}

const Type *type_of_elem(Types *types, int kind, const Type *elem) {
    if (kind == DAG_OPTIONAL && (elem->kind == DAG_OPTIONAL || elem->kind == DAG_NULL)) {
        return elem;
    }
    const Type *known = table_get(types->table, &types->scope_elem[kind], elem);
    if (known) {
        return known;
    }
    Type *type = type_new(types, kind);
    type->elem = elem;
    type->weight = elem->weight < TYPE_MAX_WEIGHT ? elem->weight + 1 : TYPE_MAX_WEIGHT;
    table_put(types->table, &types->scope_elem[kind], elem, type);
    return type;
}

/* A text that is the same for the same fields: names and type ids. */
static const char *fields_key(Types *types, const Field *fields, uint32_t n) {
    Arena scratch = { 0 };
    size_t size = 1;
    for (uint32_t i = 0; i < n; i++) {
        size += strlen(fields[i].name) + 16;
    }
    char *key = arena_alloc(&scratch, size);
    size_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        char id[16] = "";
        uint32_t number = fields[i].type ? fields[i].type->id + 1 : 0;
        size_t digits = 0;
        do {
            id[digits++] = (char)('0' + number % 10);
            number /= 10;
        } while (number);
        size_t name = strlen(fields[i].name);
        memcpy(key + len, fields[i].name, name);
        key[len + name] = ':';
        memcpy(key + len + name + 1, id, digits);
        len += name + 1 + digits;
        key[len++] = ',';
    }
    const char *interned = intern(types->names, key, len);
    arena_free(&scratch);
    return interned;
}

static const Type *type_with_fields(Types *types, int kind, const void *scope, const Field *fields,
                                    uint32_t n) {
    const char *key = fields_key(types, fields, n);
    const Type *known = table_get(types->table, scope, key);
    if (known) {
        return known;
    }
    Type *type = type_new(types, kind);
    Field *copy = ARENA_ARRAY(types->arena, n, Field);
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = fields[i];
        uint32_t more = fields[i].type ? fields[i].type->weight : 1;
        type->weight +=
            more > TYPE_MAX_WEIGHT - type->weight ? TYPE_MAX_WEIGHT - type->weight : more;
    }
    type->fields = copy;
    type->nfields = n;
    table_put(types->table, scope, key, type);
    return type;
}

const Type *type_record(Types *types, const Field *fields, uint32_t n) {
    return type_with_fields(types, DAG_RECORD, &types->scope_record, fields, n);
}

const Type *type_enum(Types *types, const Field *cases, uint32_t n) {
    return type_with_fields(types, DAG_ENUM, &types->scope_enum, cases, n);
}

const Type *type_named(Types *types, const Type *type, const char *name) {
    if (type->kind != DAG_RECORD && type->kind != DAG_ENUM) {
        return type;
    }
    Table *table = table_get(types->table, &types->scope_named, type);
    if (!table) {
        table = table_new(types->arena);
        table_put(types->table, &types->scope_named, type, table);
    }
    const Type *known = table_get(table, NULL, name);
    if (known) {
        return known;
    }
    Type *named = type_new(types, type->kind);
    named->fields = type->fields;
    named->nfields = type->nfields;
    named->weight = type->weight;
    named->name = name;
    table_put(table, NULL, name, named);
    return named;
}

const Type *type_var(Types *types, const char *name) {
    const Type *known = table_get(types->table, &types->scope_var, name);
    if (known) {
        return known;
    }
    Type *type = type_new(types, KIND_VAR);
    type->name = name;
    table_put(types->table, &types->scope_var, name, type);
    return type;
}

/* ---------------------------------------------------------------- texts */

static const char *kind_text(int kind) {
    static const char *const texts[] = {
        [DAG_NULL] = "null",     [DAG_BOOL] = "bool",      [DAG_INT] = "int",
        [DAG_FLOAT] = "float",   [DAG_STRING] = "string",  [DAG_DURATION] = "duration",
        [DAG_SIZE] = "size",     [DAG_FILE] = "file",      [DAG_DIR] = "dir",
        [DAG_SECRET] = "secret", [DAG_LIST] = "list",      [DAG_MAP] = "map",
        [DAG_RECORD] = "record", [DAG_ENUM] = "enum",      [DAG_JSON] = "json",
        [DAG_OPTIONAL] = "?",    [KIND_STREAM] = "stream", [KIND_ANY] = "any",
    };
    return texts[kind];
}

static const char *fields_text(Types *types, const Type *type) {
    bool record = type->kind == DAG_RECORD;
    const char *text = record ? "{" : "enum(";
    for (uint32_t i = 0; i < type->nfields; i++) {
        const Field *field = &type->fields[i];
        const char *comma = i ? ", " : record ? " " : "";
        if (i == 12) { /* long ones are cut: the text is for messages */
            text = arena_printf(types->arena, "%s%s…", text, comma);
            break;
        }
        text = field->type ? arena_printf(types->arena, "%s%s%s: %s", text, comma, field->name,
                                          type_text(types, field->type))
                           : arena_printf(types->arena, "%s%s%s", text, comma, field->name);
    }
    return arena_printf(types->arena, "%s%s", text, record ? " }" : ")");
}

const char *type_text(Types *types, const Type *type) {
    if (type->name) {
        return type->name;
    }
    switch (type->kind) {
    case DAG_LIST:
    case DAG_MAP:
    case KIND_STREAM:
        return arena_printf(types->arena, "%s<%s>", kind_text(type->kind),
                            type_text(types, type->elem));
    case DAG_OPTIONAL: return arena_printf(types->arena, "%s?", type_text(types, type->elem));
    case DAG_RECORD:
    case DAG_ENUM: return fields_text(types, type);
    default: return kind_text(type->kind);
    }
}

/* ---------------------------------------------------------------- questions */

bool type_is_optional(const Type *type) {
    return type->kind == DAG_OPTIONAL || type->kind == DAG_NULL;
}

const Type *type_required(const Type *type) {
    return type->kind == DAG_OPTIONAL ? type->elem : type;
}

const Field *type_field(const Type *type, const char *name) {
    for (uint32_t i = 0; i < type->nfields; i++) {
        if (type->fields[i].name == name) {
            return &type->fields[i];
        }
    }
    return NULL;
}

bool type_has_text(const Type *type) {
    switch (type->kind) {
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_ENUM:
    case KIND_ANY: return true;
    default: return false;
    }
}

bool type_mentions(const Type *type, int kind) {
    if (type->kind == kind) {
        return true;
    }
    if (type->elem && type_mentions(type->elem, kind)) {
        return true;
    }
    for (uint32_t i = 0; i < type->nfields; i++) {
        if (type->fields[i].type && type_mentions(type->fields[i].type, kind)) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- assignability */

static bool enum_assignable(const Type *from, const Type *to) {
    for (uint32_t i = 0; i < from->nfields; i++) {
        if (!type_field(to, from->fields[i].name)) {
            return false;
        }
    }
    return true;
}

/* By name and covariantly; another order or number of fields is another layout. */
static bool record_assignable(const Type *from, const Type *to, bool *fit) {
    for (uint32_t i = 0; i < to->nfields; i++) {
        const Field *field = type_field(from, to->fields[i].name);
        if (!field || !type_assignable(field->type, to->fields[i].type, fit)) {
            return false;
        }
        *fit |= field - from->fields != (ptrdiff_t)i;
    }
    *fit |= from->nfields != to->nfields;
    return true;
}

/* Everything but secrets; what has a kind of its own beside JSON's is converted. */
static bool json_assignable(const Type *from, bool *fit) {
    if (type_mentions(from, DAG_SECRET)) {
        return false;
    }
    *fit |= type_mentions(from, DAG_DURATION) || type_mentions(from, DAG_SIZE) ||
            type_mentions(from, DAG_FILE) || type_mentions(from, DAG_DIR);
    return true;
}

bool type_assignable(const Type *from, const Type *to, bool *fit) {
    if (from == to || from->kind == KIND_ANY || to->kind == KIND_ANY) {
        return true;
    }
    if (to->kind == DAG_JSON) {
        return json_assignable(from, fit);
    }
    if (to->kind == DAG_OPTIONAL) {
        return from->kind == DAG_NULL || type_assignable(type_required(from), to->elem, fit);
    }
    if (from->kind == DAG_INT && to->kind == DAG_FLOAT) {
        *fit = true;
        return true;
    }
    if (from->kind == DAG_ENUM) {
        return to->kind == DAG_STRING || (to->kind == DAG_ENUM && enum_assignable(from, to));
    }
    if (from->kind != to->kind) {
        return false;
    }
    switch (from->kind) {
    case DAG_LIST:
    case DAG_MAP:
    case KIND_STREAM: return type_assignable(from->elem, to->elem, fit);
    case DAG_RECORD: return record_assignable(from, to, fit);
    case KIND_VAR: return false; /* the same one is the same pointer */
    default: return true;
    }
}

static const char *record_why_not(Types *types, const Type *from, const Type *to) {
    for (uint32_t i = 0; i < to->nfields; i++) {
        const Field *want = &to->fields[i];
        const Field *field = type_field(from, want->name);
        bool fit = false;
        if (!field) {
            return arena_printf(types->arena, "%s has no field `%s`", type_text(types, from),
                                want->name);
        }
        if (!type_assignable(field->type, want->type, &fit)) {
            return arena_printf(types->arena, "field `%s` is %s, not %s", want->name,
                                type_text(types, field->type), type_text(types, want->type));
        }
    }
    return NULL;
}

static const char *enum_why_not(Types *types, const Type *from, const Type *to) {
    for (uint32_t i = 0; i < from->nfields; i++) {
        if (!type_field(to, from->fields[i].name)) {
            return arena_printf(types->arena, "%s has no case `%s`", type_text(types, to),
                                from->fields[i].name);
        }
    }
    return NULL;
}

const char *type_why_not(Types *types, const Type *from, const Type *to) {
    to = type_required(to);
    if (from->kind != to->kind) {
        return NULL;
    }
    switch (from->kind) {
    case DAG_RECORD: return record_why_not(types, from, to);
    case DAG_ENUM: return enum_why_not(types, from, to);
    case DAG_LIST:
    case DAG_MAP: return type_why_not(types, from->elem, to->elem);
    default: return NULL;
    }
}

/* Field by field, those of the smaller record; NULL: the larger one lacks one of them. */
static const Type *record_join(Types *types, const Type *a, const Type *b) {
    const Type *small = a->nfields <= b->nfields ? a : b;
    const Type *large = small == a ? b : a;
    Arena scratch = { 0 };
    Field *fields = ARENA_ARRAY(&scratch, small->nfields, Field);
    bool all = true;
    for (uint32_t i = 0; i < small->nfields && all; i++) {
        const Field *other = type_field(large, small->fields[i].name);
        fields[i].name = small->fields[i].name;
        fields[i].type = other ? type_join(types, small->fields[i].type, other->type) : NULL;
        all = fields[i].type != NULL;
    }
    const Type *join = all ? type_record(types, fields, small->nfields) : NULL;
    arena_free(&scratch);
    return join;
}

const Type *type_join(Types *types, const Type *a, const Type *b) {
    bool fit = false;
    if (type_assignable(a, b, &fit)) {
        return a->kind == KIND_ANY ? a : b;
    }
    if (type_assignable(b, a, &fit)) {
        return a;
    }
    if (a->kind == DAG_ENUM && b->kind == DAG_ENUM) {
        return type_basic(types, DAG_STRING);
    }
    if (type_is_optional(a) || type_is_optional(b)) {
        const Type *join = a->kind == DAG_NULL ? b
                           : b->kind == DAG_NULL
                               ? a
                               : type_join(types, type_required(a), type_required(b));
        return join ? type_of_elem(types, DAG_OPTIONAL, join) : NULL;
    }
    if (a->kind == b->kind && (a->kind == DAG_LIST || a->kind == DAG_MAP)) {
        const Type *join = type_join(types, a->elem, b->elem);
        return join ? type_of_elem(types, a->kind, join) : NULL;
    }
    return a->kind == DAG_RECORD && b->kind == DAG_RECORD ? record_join(types, a, b) : NULL;
}

static const Type *replace_fields(Types *types, const Type *type,
                                  const Type *(*lookup)(void *self, const Type *var), void *self) {
    Arena scratch = { 0 };
    Field *fields = ARENA_ARRAY(&scratch, type->nfields, Field);
    bool same = true;
    for (uint32_t i = 0; i < type->nfields; i++) {
        fields[i].name = type->fields[i].name;
        fields[i].type = type_replace(types, type->fields[i].type, lookup, self);
        same &= fields[i].type == type->fields[i].type;
    }
    const Type *replaced = same ? type : type_record(types, fields, type->nfields);
    arena_free(&scratch);
    return replaced;
}

const Type *type_replace(Types *types, const Type *type,
                         const Type *(*lookup)(void *self, const Type *var), void *self) {
    if (type->kind == KIND_VAR) {
        const Type *known = lookup(self, type);
        return known ? known : type;
    }
    if (type->kind == DAG_RECORD) {
        return replace_fields(types, type, lookup, self);
    }
    if (type->elem) {
        return type_of_elem(types, type->kind, type_replace(types, type->elem, lookup, self));
    }
    return type;
}
