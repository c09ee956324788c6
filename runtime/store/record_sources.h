/*
 * record_sources.h - the tasks of a record by their keys, and what their inputs came from.
 */
#ifndef DAG_STORE_RECORD_SOURCES_H
#define DAG_STORE_RECORD_SOURCES_H

#include "store/store_read.h"

/* tasks[] of the record; DAG_NONE: there is none. */
uint32_t record_find_task(const StoreRecord *record, uint32_t stage, const char *key);

/* An artifact that was an input: made by tasks[from], along edges[edge]; element: its number in the
 * stream that the task emitted, or -1. */
typedef struct RecordSource {
    uint32_t from, edge;
    int64_t element;
} RecordSource;

/* All of a task's that the record has, in the arena. */
RecordSource *record_sources(Arena *arena, const StoreRecord *record, const StoreTask *task,
                             size_t *n);

#endif
