/*
 * ports_json.h - the values of a stage's ports as a record keeps them: a JSON object by name.
 */
#ifndef DAG_STORE_PORTS_JSON_H
#define DAG_STORE_PORTS_JSON_H

#include "pure/json.h"

/* Of ports[first .. first + n), an output stream as a list. */
const char *ports_json(Arena *arena, const dag_program *program, uint32_t first, uint32_t n,
                       const dag_value *values);

/* Appends `{"name":` or `,"name":`, and the end of the object. */
void json_put_name(TextBuffer *out, const char *name);
const char *json_end_object(TextBuffer *out);

/* The other way, for the outputs of a stage. False: the record is not what the program expects. */
bool outputs_from_json(Arena *arena, const dag_program *program, const dag_stage *stage,
                       const char *json, dag_value *outputs);

#endif
