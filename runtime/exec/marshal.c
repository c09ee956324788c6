/*
 * marshal.c - values to and from C forms.
 */
#include "exec/marshal.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pure/value.h"

typedef struct CList {
    const void *items;
    size_t len;
} CList;

typedef struct CMap {
    const char *const *keys;
    const void *values;
    size_t len;
} CMap;

/* Is T? the pointer that T is already? */
static bool is_pointer(const dag_type *type) {
    switch ((dag_kind)type->kind) {
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
    case DAG_JSON: return true;
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_LIST:
    case DAG_MAP:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_OPTIONAL: return false;
    }
    return false;
}

static const char *name_of(const dag_program *program, const dag_field *field) {
    return program->strings + field->name;
}

/* ---------------------------------------------------------------- JSON out */

static cJSON *to_json(Arena *arena, dag_value value);

static void set_number(cJSON *json, double d) {
    json->type = cJSON_Number;
    json->valuedouble = d;
    json->valueint = d >= INT_MAX ? INT_MAX : d <= INT_MIN ? INT_MIN : (int)d;
}

/* Appends to the children, which cJSON keeps as a list whose first element knows the last. */
static void add_child(cJSON *parent, cJSON *child) {
    if (!parent->child) {
        parent->child = child;
    } else {
        parent->child->prev->next = child;
        child->prev = parent->child->prev;
    }
    parent->child->prev = child;
}

static void set_list(Arena *arena, cJSON *json, dag_value list) {
    json->type = cJSON_Array;
    for (uint32_t i = 0; i < list.len; i++) {
        add_child(json, to_json(arena, list.u.items[i]));
    }
}

static void set_map(Arena *arena, cJSON *json, dag_value map) {
    json->type = cJSON_Object;
    for (uint32_t i = 0; i < map.len; i++) {
        cJSON *child = to_json(arena, map.u.entries[i].value);
        child->string = (char *)(uintptr_t)map.u.entries[i].name.u.text;
        add_child(json, child);
    }
}

static cJSON *to_json(Arena *arena, dag_value value) {
    cJSON *json = ARENA_NEW(arena, cJSON);
    switch ((dag_kind)value.kind) {
    case DAG_BOOL: json->type = value.u.b ? cJSON_True : cJSON_False; break;
    case DAG_INT:
    case DAG_SIZE: set_number(json, (double)value.u.i); break;
    case DAG_DURATION: set_number(json, (double)value.u.i / 1e9); break;
    case DAG_FLOAT: set_number(json, value.u.f); break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
        json->type = cJSON_String;
        json->valuestring = (char *)(uintptr_t)value.u.text;
        break;
    case DAG_LIST: set_list(arena, json, value); break;
    case DAG_MAP: set_map(arena, json, value); break;
    case DAG_NULL:
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: json->type = cJSON_NULL; break;
    }
    return json;
}

/* ---------------------------------------------------------------- values out */

static int case_number(const dag_program *program, const dag_type *type, dag_value value) {
    for (uint32_t i = 0; i < type->n; i++) {
        if (strcmp(name_of(program, &program->fields[type->first + i]), value.u.text) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static const void *put_items(Arena *arena, const dag_program *program, uint32_t elem,
                             const dag_value *items, const dag_entry *entries, size_t n) {
    size_t size = program->types[elem].size;
    char *to = arena_array(arena, n, size);
    for (size_t i = 0; i < n; i++) {
        marshal(arena, program, elem, items ? items[i] : entries[i].value, to + i * size);
    }
    return to;
}

static void put_list(Arena *arena, const dag_program *program, uint32_t elem, dag_value value,
                     CList *to) {
    to->len = value.len;
    to->items = put_items(arena, program, elem, value.u.items, NULL, value.len);
}

static void put_map(Arena *arena, const dag_program *program, uint32_t elem, dag_value value,
                    CMap *to) {
    const char **keys = ARENA_ARRAY(arena, value.len, const char *);
    for (uint32_t i = 0; i < value.len; i++) {
        keys[i] = value.u.entries[i].name.u.text;
    }
    to->keys = keys;
    to->len = value.len;
    to->values = put_items(arena, program, elem, NULL, value.u.entries, value.len);
}

/* A record may come with more fields than its type has, and in another order. */
static void put_record(Arena *arena, const dag_program *program, const dag_type *type,
                       dag_value value, char *to) {
    for (uint32_t i = 0; i < type->n; i++) {
        const dag_field *field = &program->fields[type->first + i];
        const char *name = name_of(program, field);
        const dag_value *found = value_field(value, name, strlen(name));
        marshal(arena, program, field->type, found ? *found : value_null(), to + field->offset);
    }
}

static void put_optional(Arena *arena, const dag_program *program, uint32_t elem, dag_value value,
                         const void **to) {
    const dag_type *type = &program->types[elem];
    if (value.kind == DAG_NULL) {
        *to = NULL;
    } else if (is_pointer(type)) {
        marshal(arena, program, elem, value, to);
    } else {
        void *item = arena_alloc(arena, type->size);
        marshal(arena, program, elem, value, item);
        *to = item;
    }
}

void marshal(Arena *arena, const dag_program *program, uint32_t type, dag_value value, void *to) {
    const dag_type *t = &program->types[type];
    bool null = value.kind == DAG_NULL; /* only where the type has one: else zero stands */
    switch ((dag_kind)t->kind) {
    case DAG_NULL: break;
    case DAG_BOOL: *(bool *)to = !null && value.u.b; break;
    case DAG_INT:
    case DAG_SIZE:
    case DAG_DURATION: *(int64_t *)to = null ? 0 : value.u.i; break;
    case DAG_FLOAT:
        *(double *)to = null ? 0 : value.kind == DAG_FLOAT ? value.u.f : (double)value.u.i;
        break;
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: *(const char **)to = null ? NULL : value.u.text; break;
    case DAG_JSON: *(const cJSON **)to = to_json(arena, value); break;
    case DAG_ENUM: *(int *)to = null ? -1 : case_number(program, t, value); break;
    case DAG_LIST: put_list(arena, program, t->elem, value, to); break;
    case DAG_MAP: put_map(arena, program, t->elem, value, to); break;
    case DAG_RECORD: put_record(arena, program, t, value, to); break;
    case DAG_OPTIONAL: put_optional(arena, program, t->elem, value, to); break;
    }
}

/* ---------------------------------------------------------------- back */

typedef struct Reader {
    Arena *arena;
    const dag_program *program;
    const char *why;
    unsigned depth; /* of JSON */
} Reader;

static bool read_value(Reader *r, uint32_t type, const void *from, dag_value *value);
static bool read_json(Reader *r, const cJSON *json, dag_value *value);

static bool bad(Reader *r, const char *why) {
    r->why = why;
    return false;
}

/* Says where in a list or record it was, on the way up. */
static bool at_index(Reader *r, size_t i) {
    bool more = r->why[0] == '.' || r->why[0] == '[';
    r->why = arena_printf(r->arena, "[%zu]%s%s", i, more ? "" : ": ", r->why);
    return false;
}

static bool at_name(Reader *r, const char *name) {
    bool more = r->why[0] == '.' || r->why[0] == '[';
    r->why = arena_printf(r->arena, ".%s%s%s", name, more ? "" : ": ", r->why);
    return false;
}

/* JSON has no way to write what is no number: it would come back as null. */
static bool read_float(Reader *r, double d, dag_value *value) {
    *value = value_float(d);
    return isfinite(d) ||
           bad(r, isnan(d) ? "it is not a number (nan)" : "it is infinite, which no value may be");
}

static bool read_text(Reader *r, dag_kind kind, const char *text, dag_value *value) {
    size_t offset;
    if (!text) {
        return bad(r, "it is NULL");
    }
    size_t n = strlen(text);
    if (n > UINT32_MAX) {
        return bad(r, "a text of more than 4 GiB");
    }
    if (!utf8_valid(text, n, &offset)) {
        return bad(r, arena_printf(r->arena, "not valid UTF-8 at byte %zu", offset));
    }
    *value = value_text(kind, text, n);
    return true;
}

static int compare_keys(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each key stands once. */
static bool check_keys(Reader *r, const dag_entry *entries, size_t n) {
    const char **keys = ARENA_ARRAY(r->arena, n, const char *);
    for (size_t i = 0; i < n; i++) {
        keys[i] = entries[i].name.u.text;
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(keys[i - 1], keys[i]) == 0) {
            return bad(r, arena_printf(r->arena, "the key \"%s\" stands there twice", keys[i]));
        }
    }
    return true;
}

/* ---------------------------------------------------------------- JSON back */

static size_t count_children(const cJSON *json) {
    size_t n = 0;
    for (const cJSON *child = json->child; child; child = child->next) {
        n++;
    }
    return n;
}

static bool read_array(Reader *r, const cJSON *json, dag_value *value) {
    size_t n = count_children(json), i = 0;
    dag_value *items = ARENA_ARRAY(r->arena, n, dag_value);
    for (const cJSON *child = json->child; child; child = child->next, i++) {
        if (!read_json(r, child, &items[i])) {
            return at_index(r, i);
        }
    }
    *value = value_list(items, n);
    return true;
}

static bool read_object(Reader *r, const cJSON *json, dag_value *value) {
    size_t n = count_children(json), i = 0;
    dag_entry *entries = ARENA_ARRAY(r->arena, n, dag_entry);
    for (const cJSON *child = json->child; child; child = child->next, i++) {
        if (!read_text(r, DAG_STRING, child->string, &entries[i].name)) {
            return at_name(r, "a name");
        }
        if (!read_json(r, child, &entries[i].value)) {
            return at_name(r, child->string);
        }
    }
    *value = value_map(entries, n);
    return check_keys(r, entries, n);
}

static bool read_raw(Reader *r, const char *text, dag_value *value) {
    dag_error error = { NULL, NULL };
    if (!text || !value_from_json(r->arena, text, strlen(text), value, &error)) {
        return bad(r, text ? error.message : "raw JSON that is NULL");
    }
    return true;
}

/* Numbers that are whole and exact as double are ints. */
static bool read_number(Reader *r, double d, dag_value *value) {
    const double exact = 9007199254740992.0; /* 2^53 */
    if (floor(d) == d && d >= -exact && d <= exact) {
        *value = value_int(DAG_INT, (int64_t)d);
        return true;
    }
    return read_float(r, d, value);
}

static bool read_json_kind(Reader *r, const cJSON *json, dag_value *value) {
    switch (json->type & 0xff) {
    case cJSON_False:
    case cJSON_True: *value = value_bool((json->type & cJSON_True) != 0); return true;
    case cJSON_NULL: *value = value_null(); return true;
    case cJSON_Number: return read_number(r, json->valuedouble, value);
    case cJSON_String: return read_text(r, DAG_STRING, json->valuestring, value);
    case cJSON_Array: return read_array(r, json, value);
    case cJSON_Object: return read_object(r, json, value);
    case cJSON_Raw: return read_raw(r, json->valuestring, value);
    default: return bad(r, "no valid cJSON item");
    }
}

static bool read_json(Reader *r, const cJSON *json, dag_value *value) {
    if (!json) {
        *value = value_null();
        return true;
    }
    if (r->depth == VALUE_MAX_DEPTH) {
        return bad(r, "JSON nested too deeply");
    }
    r->depth++;
    bool good = read_json_kind(r, json, value);
    r->depth--;
    return good;
}

/* ---------------------------------------------------------------- values back */

static bool read_enum(Reader *r, const dag_type *type, int number, dag_value *value) {
    if (number < 0 || (uint32_t)number >= type->n) {
        return bad(r, arena_printf(r->arena, "%d is no case of %s", number,
                                   r->program->strings + type->name));
    }
    const char *name = name_of(r->program, &r->program->fields[type->first + (uint32_t)number]);
    *value = value_text(DAG_STRING, name, strlen(name));
    return true;
}

static bool check_count(Reader *r, const void *items, size_t n) {
    if (n > 0 && !items) {
        return bad(r, arena_printf(r->arena, "%zu items, but the pointer to them is NULL", n));
    }
    return n <= UINT32_MAX || bad(r, "too many items");
}

static bool read_list(Reader *r, uint32_t elem, const CList *from, dag_value *value) {
    size_t size = r->program->types[elem].size;
    if (!check_count(r, from->items, from->len)) {
        return false;
    }
    dag_value *items = ARENA_ARRAY(r->arena, from->len, dag_value);
    for (size_t i = 0; i < from->len; i++) {
        if (!read_value(r, elem, (const char *)from->items + i * size, &items[i])) {
            return at_index(r, i);
        }
    }
    *value = value_list(items, from->len);
    return true;
}

static bool read_map(Reader *r, uint32_t elem, const CMap *from, dag_value *value) {
    size_t size = r->program->types[elem].size;
    if (!check_count(r, from->keys, from->len) || !check_count(r, from->values, from->len)) {
        return false;
    }
    dag_entry *entries = ARENA_ARRAY(r->arena, from->len, dag_entry);
    for (size_t i = 0; i < from->len; i++) {
        if (!read_text(r, DAG_STRING, from->keys[i], &entries[i].name)) {
            return at_index(r, i);
        }
        if (!read_value(r, elem, (const char *)from->values + i * size, &entries[i].value)) {
            return at_name(r, from->keys[i]);
        }
    }
    *value = value_map(entries, from->len);
    return check_keys(r, entries, from->len);
}

static bool read_record(Reader *r, const dag_type *type, const char *from, dag_value *value) {
    dag_entry *entries = ARENA_ARRAY(r->arena, type->n, dag_entry);
    for (uint32_t i = 0; i < type->n; i++) {
        const dag_field *field = &r->program->fields[type->first + i];
        const char *name = name_of(r->program, field);
        entries[i].name = value_text(DAG_STRING, name, strlen(name));
        if (!read_value(r, field->type, from + field->offset, &entries[i].value)) {
            return at_name(r, name);
        }
    }
    *value = value_map(entries, type->n);
    return true;
}

static bool read_optional(Reader *r, uint32_t elem, const void *const *from, dag_value *value) {
    if (!*from) {
        *value = value_null();
        return true;
    }
    bool pointer = is_pointer(&r->program->types[elem]);
    return read_value(r, elem, pointer ? (const void *)from : *from, value);
}

static bool read_value(Reader *r, uint32_t type, const void *from, dag_value *value) {
    const dag_type *t = &r->program->types[type];
    switch ((dag_kind)t->kind) {
    case DAG_NULL: *value = value_null(); return true;
    case DAG_BOOL: *value = value_bool(*(const unsigned char *)from != 0); return true;
    case DAG_INT:
    case DAG_SIZE:
    case DAG_DURATION: *value = value_int((dag_kind)t->kind, *(const int64_t *)from); return true;
    case DAG_FLOAT: return read_float(r, *(const double *)from, value);
    case DAG_STRING:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: return read_text(r, (dag_kind)t->kind, *(const char *const *)from, value);
    case DAG_JSON: return read_json(r, *(const cJSON *const *)from, value);
    case DAG_ENUM: return read_enum(r, t, *(const int *)from, value);
    case DAG_LIST: return read_list(r, t->elem, from, value);
    case DAG_MAP: return read_map(r, t->elem, from, value);
    case DAG_RECORD: return read_record(r, t, from, value);
    case DAG_OPTIONAL: return read_optional(r, t->elem, from, value);
    }
    return bad(r, "no type");
}

bool unmarshal(Arena *arena, const dag_program *program, uint32_t type, const void *from,
               dag_value *value, const char **why) {
    Reader r = { .arena = arena, .program = program };
    bool good = read_value(&r, type, from, value);
    *why = r.why;
    return good;
}
