/*
 * store.h - where a run is recorded: one table of functions per kind of store.
 */
#ifndef DAG_CORE_STORE_H
#define DAG_CORE_STORE_H

#include "dag.h"

typedef struct StoreRun {
    const char *id;
    const dag_program *program;
    const dag_value *inputs; /* by run input */
    int64_t started;         /* ns since 1970 */
    bool resume;             /* it is recorded already and goes on */
    bool queued;             /* it is recorded as one that has not begun */
    const char *origin;      /* id of the run that it replays, or NULL */
} StoreRun;

struct dag_store {
    void *self;
    /* Records a new run, or that a recorded one goes on, and keeps other processes off it until
     * `close`. False with `error` filled (type "store"). */
    bool (*begin)(void *self, const StoreRun *run, dag_error *error);
    /* Takes an event; copies what it keeps. Order is kept. Never fails by itself: see `check`. */
    void (*event)(void *self, const dag_event *event);
    /* False with `error` filled once something could not be written. Cheap: called at every turn. */
    bool (*check)(void *self, dag_error *error);
    /* Waits until everything taken so far is durable. As check. */
    bool (*flush)(void *self, dag_error *error);
    /* The file or folder is needed no more: it is deleted once everything taken before is durable,
     * and that it was. `fingerprint`: what stood in it is remembered, for results that were made of
     * it. May be NULL: the caller deletes. */
    void (*reclaim)(void *self, const char *path, bool fingerprint);
    void (*close)(void *self);
    bool children; /* it records the runs of called pipelines: takes events with a depth */
};

/* Opens (and makes, or migrates) DIR/<pipeline>.db; makes DIR itself, not its parents. NULL with
 * `error` filled, its message in `reason` (size bytes): cannot be opened, damaged, written by a
 * newer dagcc, read-only … Closed by its `close`. (store/store_sqlite.c) */
dag_store *store_sqlite_open(const char *dir, const char *pipeline, char *reason, size_t size,
                             dag_error *error);

#endif
