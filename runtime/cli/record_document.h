/*
 * record_document.h - a recorded run as one JSON document: that of `run --json`, and its tasks.
 */
#ifndef DAG_CLI_RECORD_DOCUMENT_H
#define DAG_CLI_RECORD_DOCUMENT_H

#include "pure/value.h"
#include "store/store_read.h"

/* `stage`: only the tasks of this one; DAG_NONE: of all. */
dag_value record_document(Arena *arena, const StoreRecord *record, uint32_t stage);

/* The value of a recorded JSON text; null for NULL. */
dag_value recorded_value(Arena *arena, const char *json);

#endif
