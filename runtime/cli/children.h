/*
 * children.h - the runs of called pipelines, as documents show them: those of a run that has just
 * ended, kept from its events, and those of a run on record.
 */
#ifndef DAG_CLI_CHILDREN_H
#define DAG_CLI_CHILDREN_H

#include "cli/cli.h"
#include "store/store_read.h"

/* One run of a called pipeline. */
typedef struct ChildRow {
    const char *run, *parent; /* ids; the parent's may be that of another child */
    const char *pipeline;
    const char *stage, *key; /* of the task that calls it */
    uint32_t element;        /* `map`: its number; DAG_NONE: `call` */
    const char *name;        /* `map` over a map: the element's key, before its number; or NULL */
    dag_state state;
    int64_t started, ended; /* ns since 1970; 0: not */
    dag_error error;        /* type NULL: none */
    const char *error_stage, *error_key;
    uint64_t tasks[DAG_NSTATES];
} ChildRow;

typedef struct ChildRows {
    const ChildRow *rows;
    size_t n;
} ChildRows;

typedef struct ChildList {
    Arena arena;    /* the texts */
    ChildRow *rows; /* by the number of their run in this process, from 1 */
    size_t n, size;
} ChildList;

/* Keeps what an event of a child (depth > 0) says. Without memory a run is left out. */
void child_list_event(ChildList *list, const dag_event *event);
void child_list_free(ChildList *list);

/* [{"run","parent","stage","key","element","pipeline","status","duration","error","tasks"}], in the
 * order of the rows; those without an id are left out. */
dag_value children_value(Arena *arena, const ChildRow *rows, size_t n);

/* {"runs":3,"completed":2,"failed":1,…,"tasks":{"completed":4,…}} */
dag_value child_counts_value(Arena *arena, const ChildCounts *counts);

/* The rows of runs on record: what stage and element each is of is read from its id, with the help of
 * the program of the run that the user started. */
ChildRows child_rows_recorded(Arena *arena, const dag_program *program,
                              const StoreChildRun *children, size_t n);

/* The folder of work of a run, below that of all runs: "ROOT" or "ROOT/stage/-/1/0"; `program` is that
 * of the run that the user started. */
const char *child_folder(Arena *arena, const dag_program *program, const char *id);

/* Does a stage of run `id` call a pipeline? `program` as above. */
bool child_stage_calls(Arena *arena, const dag_program *program, const char *id, const char *slug);

/* Of the rows below a stage of run `id`, or, with `slug` NULL, of all of them: how many there are. */
ChildCounts child_rows_count(const ChildRows *rows, const char *id, const char *slug);

/* Is anything counted? And in words, ", 12 runs with 30 tasks", or "" if nothing is. */
bool child_counts_any(const ChildCounts *counts);
const char *child_counts_text(Arena *arena, const ChildCounts *counts);

/* A stage in a document: {"state","tasks","duration","children"}; `tasks` by state, `children` NULL: it
 * calls no pipeline. */
dag_value stage_value(Arena *arena, dag_state state, const uint32_t *tasks, dag_value duration,
                      const ChildCounts *children);

#endif
