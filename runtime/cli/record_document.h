/*
 * record_document.h - a recorded run as one JSON document: that of `run --json`, and its tasks.
 */
#ifndef DAG_CLI_RECORD_DOCUMENT_H
#define DAG_CLI_RECORD_DOCUMENT_H

#include "cli/children.h"

/* `stage`: only the tasks of this one; DAG_NONE: of all. `children`: the runs of called pipelines. */
dag_value record_document(Arena *arena, const StoreRecord *record, uint32_t stage,
                          const ChildRows *children);

/* The temporary files that recorded outputs name and that were deleted after use, as a list. */
dag_value recorded_gone(Arena *arena, const StoreRecord *record, const char *outputs);

/* Was it deleted after use, and is not there again? */
bool recorded_is_gone(const StoreRecord *record, const char *path);

/* The value of a recorded JSON text; null for NULL. */
dag_value recorded_value(Arena *arena, const char *json);

#endif
