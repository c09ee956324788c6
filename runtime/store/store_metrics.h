/*
 * store_metrics.h - counts over all runs of a store, for monitoring.
 */
#ifndef DAG_STORE_METRICS_H
#define DAG_STORE_METRICS_H

#include "store/store_read.h"

enum { STORE_BUCKETS = 14 };

/* Upper bounds of durations, ns. */
extern const int64_t store_buckets[STORE_BUCKETS];

/* Of one stage of a pipeline or of one that it calls. */
typedef struct StoreStageMetrics {
    const char *pipeline, *slug;
    uint64_t tasks[DAG_NSTATES];    /* ends, by state */
    uint64_t attempts, timeouts;    /* of tasks that are more than expressions */
    uint64_t within[STORE_BUCKETS]; /* attempts that took no longer than the bound */
    int64_t took;                   /* ns, of all attempts */
} StoreStageMetrics;

/* Runs are those that somebody started, without those of called pipelines. Each end of a run counts,
 * so that no number becomes smaller unless `gc` forgets runs. */
typedef struct StoreMetrics {
    uint64_t runs[DAG_NSTATES]; /* ends, by state */
    uint64_t active, queued, orphans;
    StoreStageMetrics *stages; /* by pipeline and slug */
    size_t nstages;
} StoreMetrics;

/* Everything in the arena. False: `error`. (store_sqlite_metrics.c) */
bool store_read_metrics(StoreReader *reader, Arena *arena, StoreMetrics *metrics, dag_error *error);

#endif
