/*
 * document_parts.h - what the JSON documents of a run that has just ended and of one on record have in
 * common.
 */
#ifndef DAG_CLI_DOCUMENT_PARTS_H
#define DAG_CLI_DOCUMENT_PARTS_H

#include "cli/object.h"

/* The states that a stage, a task or a called run can end in, in the order of the documents. */
extern const dag_state end_states[];
enum { END_STATES = 7 };

/* {"completed":2,"cached":0,…}: every one of them; `counts` by state. */
dag_value states_value(Arena *arena, const uint64_t *counts);

/* {"stages","tasks","completed",…}: of a run with `nstages`; `counts`: its tasks by state. There is
 * room for one more. */
Object summary_object(Arena *arena, uint32_t nstages, const uint64_t *counts);

/* Between two times in ns, as seconds; 0.0 where one of them is not known. */
dag_value seconds_value(int64_t from, int64_t to);

/* {"stage","key","type","message"}, or null without an error. `stage` and `key` may be NULL. */
dag_value error_value(Arena *arena, const dag_error *error, const char *stage, const char *key);

#endif
