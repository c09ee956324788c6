/*
 * metrics.c - counts as Prometheus reads them.
 */
#include <CUnit/CUnit.h>

#include "compiled.h"
#include "report/metrics.h"
#include "suites.h"

static const int64_t second = 1000000000;

static void labels_are_escaped(void) {
    Arena arena = { 0 };
    StoreStageMetrics stage = { .pipeline = "a\"b\\c\nd", .slug = "s", .tasks[DAG_FAILED] = 7 };
    StoreMetrics m = { .stages = &stage, .nstages = 1, .queued = 2 };
    const char *text = metrics_text(&arena, "p", &m);
    CU_ASSERT(
        text_has(text,
                 "dag_tasks_total{pipeline=\"a\\\"b\\\\c\\nd\",stage=\"s\",state=\"failed\"} 7\n"));
    CU_ASSERT(text_has(text, "# TYPE dag_runs_queued gauge\ndag_runs_queued{pipeline=\"p\"} 2\n"));
    CU_ASSERT_FALSE(text_has(text, "_count")); /* nothing ran: no histogram */
    arena_free(&arena);
}

static void histograms_add_up(void) {
    Arena arena = { 0 };
    StoreStageMetrics stage = {
        .pipeline = "p", .slug = "s", .attempts = 3, .took = 5 * second / 2
    };
    for (int i = 0; i < STORE_BUCKETS; i++)
        stage.within[i] = store_buckets[i] < second ? 1 : 3;
    StoreMetrics m = { .stages = &stage, .nstages = 1 };
    const char *text = metrics_text(&arena, "p", &m);
    CU_ASSERT(text_has(text, "bucket{pipeline=\"p\",stage=\"s\",le=\"0.5\"} 1\n"));
    CU_ASSERT(text_has(text, "bucket{pipeline=\"p\",stage=\"s\",le=\"1\"} 3\n"));
    CU_ASSERT(text_has(text, "bucket{pipeline=\"p\",stage=\"s\",le=\"86400\"} 3\n"));
    CU_ASSERT(text_has(text, "bucket{pipeline=\"p\",stage=\"s\",le=\"+Inf\"} 3\n"));
    CU_ASSERT(text_has(text, "seconds_sum{pipeline=\"p\",stage=\"s\"} 2.5\n"));
    CU_ASSERT(text_has(text, "seconds_count{pipeline=\"p\",stage=\"s\"} 3\n"));
    for (int i = 1; i < STORE_BUCKETS; i++)
        CU_ASSERT(store_buckets[i] > store_buckets[i - 1]);
    arena_free(&arena);
}

void suite_metrics(void) {
    CU_pSuite suite = CU_add_suite("metrics", NULL, NULL);
    CU_add_test(suite, "labels", labels_are_escaped);
    CU_add_test(suite, "histograms", histograms_add_up);
}
