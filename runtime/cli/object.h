/*
 * object.h - a JSON object that is being put together as a value.
 */
#ifndef DAG_CLI_OBJECT_H
#define DAG_CLI_OBJECT_H

#include <string.h>

#include "pure/value.h"

typedef struct Object {
    Arena *arena;
    dag_entry *entries;
    size_t n, size;
} Object;

/* Room for `size` entries; it grows. */
static inline Object object_new(Arena *arena, size_t size) {
    return (Object){ .arena = arena, .entries = ARENA_ARRAY(arena, size, dag_entry), .size = size };
}

/* A text, or null for NULL. */
static inline dag_value object_string(const char *chars) {
    return chars == NULL ? value_null() : value_text(DAG_STRING, chars, strlen(chars));
}

static inline void object_put(Object *object, const char *name, dag_value value) {
    if (object->n == object->size) {
        size_t size = object->size * 2 + 4;
        object->entries = arena_grow(object->arena, object->entries, object->n * sizeof(dag_entry),
                                     size * sizeof(dag_entry));
        object->size = size;
    }
    object->entries[object->n++] = (dag_entry){ .name = object_string(name), .value = value };
}

static inline void object_text(Object *object, const char *name, const char *chars) {
    object_put(object, name, object_string(chars));
}

static inline dag_value object_value(const Object *object) {
    return value_map(object->entries, object->n);
}

#endif
