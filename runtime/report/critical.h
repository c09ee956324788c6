/*
 * critical.h - the critical path of a run that is over: what had to end for its last task to end.
 */
#ifndef DAG_REPORT_CRITICAL_H
#define DAG_REPORT_CRITICAL_H

#include "store/store_read.h"

typedef struct Critical {
    uint32_t *tasks; /* tasks[] of the record, in the order of time */
    size_t n;
} Critical;

/* From the task that ended last back along whatever ended last of what it waited for: artifacts, and
 * the stages before it in order edges of `program`. In the arena. */
Critical critical_path(Arena *arena, const dag_program *program, const StoreRecord *record);

#endif
