/*
 * marshal.h - values to and from the C forms that native functions see, driven by the type tables.
 *
 *   bool bool · int, size, duration int64_t · float double · enum int, the number of its case
 *   string, file, dir, secret const char * · json const cJSON * · record a struct, by value
 *   list<T> { const T *items; size_t len; }
 *   map<T> { const char *const *keys; const T *values; size_t len; }
 *   T? const T *, or the pointer itself where T is a text or json; NULL for null
 */
#ifndef DAG_EXEC_MARSHAL_H
#define DAG_EXEC_MARSHAL_H

#include "dag.h"
#include "pure/arena.h"

/* Writes the C form of a value of types[type] to `to`. What it points to is made in the arena, but
 * for texts, which are the value's. */
void marshal(Arena *arena, const dag_program *program, uint32_t type, dag_value value, void *to);

/* Reads a C form. Texts are not copied. False: *why says what is wrong and where in it ("", ".name",
 * "[3].name" in front): a NULL where a text must be, a text that is not UTF-8, no case of an enum. */
bool unmarshal(Arena *arena, const dag_program *program, uint32_t type, const void *from,
               dag_value *value, const char **why);

#endif
