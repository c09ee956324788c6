/* What a plan said beside what the run then did, and what the trace tells. */
#ifndef DAG_TESTS_PLANS_CHECK_H
#define DAG_TESTS_PLANS_CHECK_H

#include "dag.h"
#include "pure/arena.h"
#include "world.h"

/* Signatures ("s3 2 what it saw") of what has run and may be reused. */
typedef struct Trace {
    Arena arena;
    const char **lines;
    size_t n, size;
} Trace;

void trace_free(Trace *trace);
void trace_add(Trace *trace, const char *line);
bool trace_has(const Trace *trace, const char *line, size_t n); /* among the first n */
/* Forgets what the stage did; -1: everything. */
void trace_forget(Trace *trace, int stage);

/* How often each action became each state, for the closing line. */
typedef struct Figures {
    unsigned long rows, run, cached, maybe, skip, filtered, maybe_cached;
} Figures;

/* Does the run of `program` (its document) what the plan (its document) says? NULL, or what is
 * wrong. `selected`: by selection options, what is not chosen may be skipped. */
const char *check_plan(Arena *arena, const dag_program *program, dag_value plan, dag_value run,
                       Figures *figures);

/* Are the outputs of two runs the same, files by content? NULL, or the name of one that is not. */
const char *check_outputs(Arena *arena, dag_value one, dag_value other);

#endif
