/*
 * record_sources.c - see record_sources.h.
 */
#include "store/record_sources.h"

#include <stdlib.h>
#include <string.h>

#include "pure/value.h"

/* Tasks stand by stage and key. */
uint32_t record_find_task(const StoreRecord *record, uint32_t stage, const char *key) {
    size_t low = 0, high = record->ntasks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const StoreTask *task = &record->tasks[middle];
        int c =
            task->stage != stage ? (task->stage < stage ? -1 : 1) : store_key_order(task->key, key);
        if (c == 0)
            return (uint32_t)middle;
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return DAG_NONE;
}

/* The task that emitted an element: its key is the element's without the last coordinate. */
static uint32_t find_emitter(const StoreRecord *record, uint32_t stage, const char *key,
                             Arena *arena, int64_t *element) {
    const char *dot = strrchr(key, '.');
    const char *last = dot == NULL ? key : dot + 1;
    const char *maker = dot == NULL ? "-" : arena_text(arena, key, (size_t)(dot - key));
    *element = strtoll(last, NULL, 10);
    return record_find_task(record, stage, maker);
}

static bool find_source(Arena *arena, const StoreRecord *record, uint32_t edge, const char *key,
                        RecordSource *source) {
    if (edge >= record->nedges)
        return false;
    const StoreEdge *e = &record->edges[edge];
    *source = (RecordSource){ .edge = edge, .element = -1 };
    source->from = e->stream ? find_emitter(record, e->from_stage, key, arena, &source->element)
                             : record_find_task(record, e->from_stage, key);
    return source->from != DAG_NONE;
}

/* An edge, or [edge, key] where the artifact's key is not the task's. */
static bool read_source(Arena *arena, const StoreRecord *record, const StoreTask *task,
                        dag_value value, RecordSource *source) {
    if (value.kind == DAG_INT)
        return find_source(arena, record, (uint32_t)value.u.i, task->key, source);
    return value.kind == DAG_LIST && value.len == 2 && value.u.items[0].kind == DAG_INT &&
           value.u.items[1].kind == DAG_STRING &&
           find_source(arena, record, (uint32_t)value.u.items[0].u.i, value.u.items[1].u.text,
                       source);
}

RecordSource *record_sources(Arena *arena, const StoreRecord *record, const StoreTask *task,
                             size_t *n) {
    dag_value list = value_null();
    dag_error error;
    const char *json = task->sources;
    *n = 0;
    if (json == NULL || !value_from_json(arena, json, strlen(json), &list, &error) ||
        list.kind != DAG_LIST)
        return NULL;
    RecordSource *sources = ARENA_ARRAY(arena, list.len, RecordSource);
    for (uint32_t i = 0; i < list.len; i++)
        *n += read_source(arena, record, task, list.u.items[i], &sources[*n]);
    return sources;
}
