/*
 * record_document.h - a recorded run as one JSON document: that of `run --json`, and its tasks.
 */
#ifndef DAG_CLI_RECORD_DOCUMENT_H
#define DAG_CLI_RECORD_DOCUMENT_H

#include "cli/children.h"

/* `stage`: only the tasks of this one; DAG_NONE: of all. `children`: the runs of called pipelines. */
dag_value record_document(Arena *arena, const StoreRecord *record, uint32_t stage,
                          const ChildRows *children);

/* The value of a recorded JSON text; null for NULL. */
dag_value recorded_value(Arena *arena, const char *json);

#endif
