/*
 * metrics.c - see metrics.h. One function per metric.
 */
#include "report/metrics.h"

#include "pure/text.h"

typedef struct Metrics {
    TextBuffer out;
    const char *pipeline;
    const StoreMetrics *m;
} Metrics;

static void put(Metrics *m, const char *text) {
    buffer_string(&m->out, text);
}

/* The two lines before the samples of a metric. */
static void begin(Metrics *m, const char *name, const char *type, const char *help) {
    put(m, arena_printf(m->out.arena, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type));
}

/* A label's value: backslash, quote and line feed are escaped. */
static void put_label(Metrics *m, const char *before, const char *name, const char *value) {
    put(m, before);
    put(m, name);
    put(m, "=\"");
    for (; *value != '\0'; value++) {
        switch (*value) {
        case '\\': put(m, "\\\\"); break;
        case '"': put(m, "\\\""); break;
        case '\n': put(m, "\\n"); break;
        default: buffer_char(&m->out, *value);
        }
    }
    put(m, "\"");
}

static void put_value(Metrics *m, uint64_t value) {
    put(m, arena_printf(m->out.arena, "} %llu\n", (unsigned long long)value));
}

/* `name{pipeline="…"`, to be closed by put_value. */
static void put_name(Metrics *m, const char *name, const char *pipeline) {
    put(m, name);
    put_label(m, "{", "pipeline", pipeline);
}

/* ---------------------------------------------------------------- runs */

static void put_runs(Metrics *m) {
    static const dag_state ends[] = { DAG_COMPLETED, DAG_FAILED, DAG_CRASHED, DAG_CANCELLED,
                                      DAG_PAUSED };
    begin(m, "dag_runs_total", "counter",
          "Runs that have ended, by status; one that is resumed ends once more.");
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        put_name(m, "dag_runs_total", m->pipeline);
        put_label(m, ",", "status", dag_state_name(ends[i]));
        put_value(m, m->m->runs[ends[i]]);
    }
}

static void put_gauge(Metrics *m, const char *name, const char *help, uint64_t value) {
    begin(m, name, "gauge", help);
    put_name(m, name, m->pipeline);
    put_value(m, value);
}

/* ---------------------------------------------------------------- tasks */

static void put_stage(Metrics *m, const char *name, const StoreStageMetrics *stage) {
    put_name(m, name, stage->pipeline);
    put_label(m, ",", "stage", stage->slug);
}

static void put_tasks(Metrics *m) {
    begin(m, "dag_tasks_total", "counter", "Tasks that have ended, by stage and state.");
    for (size_t i = 0; i < m->m->nstages; i++) {
        for (int state = DAG_COMPLETED; state <= DAG_FILTERED; state++) {
            if (m->m->stages[i].tasks[state] > 0) {
                put_stage(m, "dag_tasks_total", &m->m->stages[i]);
                put_label(m, ",", "state", dag_state_name((dag_state)state));
                put_value(m, m->m->stages[i].tasks[state]);
            }
        }
    }
}

static void put_seconds(Metrics *m, int64_t ns) {
    put(m, arena_printf(m->out.arena, "} %.9g\n", (double)ns / 1e9));
}

static void put_durations(Metrics *m) {
    const char *name = "dag_task_duration_seconds";
    begin(m, name, "histogram", "How long attempts of tasks ran, by stage.");
    for (size_t i = 0; i < m->m->nstages; i++) {
        const StoreStageMetrics *stage = &m->m->stages[i];
        if (stage->attempts == 0) {
            continue;
        }
        for (int k = 0; k < STORE_BUCKETS; k++) {
            put_stage(m, "dag_task_duration_seconds_bucket", stage);
            double le = (double)store_buckets[k] / 1e9;
            put_label(m, ",", "le", arena_printf(m->out.arena, "%g", le));
            put_value(m, stage->within[k]);
        }
        put_stage(m, "dag_task_duration_seconds_bucket", stage);
        put_label(m, ",", "le", "+Inf");
        put_value(m, stage->attempts);
        put_stage(m, "dag_task_duration_seconds_sum", stage);
        put_seconds(m, stage->took);
        put_stage(m, "dag_task_duration_seconds_count", stage);
        put_value(m, stage->attempts);
    }
}

static void put_timeouts(Metrics *m) {
    begin(m, "dag_stage_timeouts_total", "counter", "Attempts that were ended by a time-out.");
    for (size_t i = 0; i < m->m->nstages; i++) {
        if (m->m->stages[i].attempts > 0) {
            put_stage(m, "dag_stage_timeouts_total", &m->m->stages[i]);
            put_value(m, m->m->stages[i].timeouts);
        }
    }
}

static void put_orphans(Metrics *m) {
    begin(m, "dag_orphans_total", "counter",
          "Runs whose process ended without a word; they count as crashed, too.");
    put_name(m, "dag_orphans_total", m->pipeline);
    put_value(m, m->m->orphans);
}

const char *metrics_text(Arena *arena, const char *pipeline, const StoreMetrics *metrics) {
    Metrics m = { .out = { .arena = arena }, .pipeline = pipeline, .m = metrics };
    put_runs(&m);
    put_gauge(&m, "dag_runs_active", "Runs that go on now.", metrics->active);
    put_gauge(&m, "dag_runs_queued", "Runs that wait for their turn.", metrics->queued);
    put_tasks(&m);
    put_durations(&m);
    put_timeouts(&m);
    put_orphans(&m);
    return buffer_end(&m.out);
}
