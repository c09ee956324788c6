/*
 * reuse_record.h - results of tasks from the record of a run: of this very one (resume) or of an
 * older one (replay).
 */
#ifndef DAG_STORE_REUSE_RECORD_H
#define DAG_STORE_REUSE_RECORD_H

#include "core/reuse.h"
#include "store/store_read.h"

typedef struct RecordReuse {
    const dag_program *program;
    const StoreRecord *record; /* lives as long as what is made of it */
    const bool *rerun;   /* replay: by stage of the program, what may not be reused. NULL: resume */
    StoreReader *reader; /* resume: where the records of its children are; or NULL. Lives as long */
} RecordReuse;

/* NULL without memory. */
dag_reuse *reuse_record(const RecordReuse *what);

/* Calls `say` for each task that has completed but whose file, `path`, is not there any more. */
void record_vanished(const RecordReuse *what,
                     void (*say)(void *self, const char *slug, const char *key, const char *path),
                     void *self);

/* The stage of the record that has the slug of a stage of the program; DAG_NONE: none. */
uint32_t record_stage(const StoreRecord *record, const dag_program *program, uint32_t stage);

/* The first stage of the program whose definition is not the one that the record has: its number;
 * `leave` (by stage, or NULL): those that may differ. DAG_NONE: none, or no memory (*oom). */
uint32_t record_differs(const StoreRecord *record, const dag_program *program, const bool *leave,
                        bool *oom);

#endif
