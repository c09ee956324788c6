/*
 * metrics.h - the counts of a store in Prometheus' text format (version 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * Pure: in goes what store_read_metrics gives, out comes text, in the arena.
 */
#ifndef DAG_REPORT_METRICS_H
#define DAG_REPORT_METRICS_H

#include "store/store_metrics.h"

const char *metrics_text(Arena *arena, const char *pipeline, const StoreMetrics *metrics);

#endif
