/*
 * document_parts.c - see document_parts.h.
 */
#include "cli/document_parts.h"

const dag_state end_states[] = { DAG_COMPLETED, DAG_CACHED,  DAG_FAILED,  DAG_CRASHED,
                                 DAG_CANCELLED, DAG_SKIPPED, DAG_FILTERED };

static void put_states(Object *o, const uint64_t *counts) {
    for (int i = 0; i < END_STATES; i++) {
        dag_state state = end_states[i];
        object_put(o, dag_state_name(state), value_int(DAG_INT, (int64_t)counts[state]));
    }
}

dag_value states_value(Arena *arena, const uint64_t *counts) {
    Object o = object_new(arena, END_STATES);
    put_states(&o, counts);
    return object_value(&o);
}

Object summary_object(Arena *arena, uint32_t nstages, const uint64_t *counts) {
    Object o = object_new(arena, END_STATES + 3);
    uint64_t total = 0;
    for (int i = 0; i < END_STATES; i++)
        total += counts[end_states[i]];
    object_put(&o, "stages", value_int(DAG_INT, nstages));
    object_put(&o, "tasks", value_int(DAG_INT, (int64_t)total));
    put_states(&o, counts);
    return o;
}

dag_value seconds_value(int64_t from, int64_t to) {
    return value_float(from == 0 || to < from ? 0.0 : (double)(to - from) / 1e9);
}

dag_value error_value(Arena *arena, const dag_error *error, const char *stage, const char *key) {
    if (error->type == NULL)
        return value_null();
    Object o = object_new(arena, 4);
    object_text(&o, "stage", stage);
    object_text(&o, "key", key);
    object_text(&o, "type", error->type);
    object_text(&o, "message", error->message);
    return object_value(&o);
}
