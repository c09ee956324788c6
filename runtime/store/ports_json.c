/*
 * ports_json.c - see ports_json.h.
 */
#include "store/ports_json.h"

#include <string.h>

void json_put_name(TextBuffer *out, const char *name) {
    buffer_char(out, out->n == 0 ? '{' : ',');
    json_put_text(out, name, strlen(name));
    buffer_char(out, ':');
}

const char *json_end_object(TextBuffer *out) {
    buffer_string(out, out->n == 0 ? "{}" : "}");
    return buffer_end(out);
}

const char *ports_json(Arena *arena, const dag_program *program, uint32_t first, uint32_t n,
                       const dag_value *values) {
    TextBuffer out = { .arena = arena };
    for (uint32_t i = 0; i < n; i++) {
        json_put_name(&out, program->strings + program->ports[first + i].name);
        json_put(&out, values[i], SIZE_MAX);
    }
    return json_end_object(&out);
}

static bool fit_stream(Arena *arena, const dag_program *program, uint32_t type, dag_value *list) {
    dag_error error;
    if (list->kind != DAG_LIST)
        return false;
    dag_value *items = ARENA_ARRAY(arena, list->len, dag_value);
    for (uint32_t i = 0; i < list->len; i++) {
        items[i] = list->u.items[i];
        if (!value_fit(arena, program, type, FIT_PORT, &items[i], &error))
            return false;
    }
    *list = value_list(items, list->len);
    return true;
}

bool outputs_from_json(Arena *arena, const dag_program *program, const dag_stage *stage,
                       const char *json, dag_value *outputs) {
    dag_value object;
    dag_error error;
    if (json == NULL)
        return stage->nout == 0; /* nothing is recorded of it */
    if (!value_from_json(arena, json, strlen(json), &object, &error))
        return false;
    for (uint32_t i = 0; i < stage->nout; i++) {
        const dag_port *port = &program->ports[stage->out + i];
        const char *name = program->strings + port->name;
        const dag_value *value = value_field(object, name, strlen(name));
        if (value == NULL)
            return false;
        outputs[i] = *value;
        bool stream = (port->flags & DAG_PORT_STREAM) != 0;
        bool good = stream ? fit_stream(arena, program, port->type, &outputs[i])
                           : value_fit(arena, program, port->type, FIT_PORT, &outputs[i], &error);
        if (!good)
            return false;
    }
    return true;
}
