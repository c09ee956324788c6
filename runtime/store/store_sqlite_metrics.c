/*
 * store_sqlite_metrics.c - see store_metrics.h. Each table is read once, from its beginning to its end.
 */
#include "store/store_metrics.h"

#include <string.h>

#include "store/store_sqlite_query.h"

#define S INT64_C(1000000000)
const int64_t store_buckets[STORE_BUCKETS] = {
    S / 100, S / 20, S / 10,  S / 2,   S,        5 * S,        10 * S,
    30 * S,  60 * S, 300 * S, 900 * S, 3600 * S, 4 * 3600 * S, 24 * 3600 * S,
};

typedef struct Reading {
    StoreReader *reader;
    Arena *arena;
    StoreMetrics *m;
    dag_error *error;
    size_t room;
} Reading;

/* Rows come by pipeline and slug: a stage is the last one, or new. Else it is looked for. */
static StoreStageMetrics *stage_of(Reading *r, const char *pipeline, const char *slug) {
    StoreMetrics *m = r->m;
    for (size_t i = m->nstages; i-- > 0;) {
        StoreStageMetrics *stage = &m->stages[i];
        if (strcmp(stage->slug, slug) == 0 && strcmp(stage->pipeline, pipeline) == 0)
            return stage;
    }
    if (m->nstages == r->room) {
        size_t room = r->room == 0 ? 32 : 2 * r->room;
        m->stages =
            arena_grow(r->arena, m->stages, r->room * sizeof *m->stages, room * sizeof *m->stages);
        r->room = room;
    }
    m->stages[m->nstages] = (StoreStageMetrics){ .pipeline = pipeline, .slug = slug };
    return &m->stages[m->nstages++];
}

/* Counts by run and stage first, then by their names: a join per row would cost several times that. */
#define BY_STAGE(columns, sums, table, more)                                                   \
    "SELECT r.pipeline, g.slug, " sums " FROM (SELECT id >> 32 AS run, stage, " columns        \
    " FROM " table " " more ") c JOIN run r ON r.id = c.run JOIN stage g ON g.run = c.run AND" \
    " g.number = c.stage GROUP BY r.pipeline, g.slug"

static bool read_tasks(Reading *r) {
    Query q =
        query_open(r->reader, r->arena, r->error,
                   BY_STAGE("state, count(*) AS n", "c.state, sum(c.n)", "task",
                            "WHERE state BETWEEN 2 AND 8 GROUP BY run, stage, state") ", c.state",
                   0);
    while (query_next(&q)) {
        StoreStageMetrics *stage = stage_of(r, query_text(&q, 0), query_text(&q, 1));
        stage->tasks[query_state(&q, 2)] = (uint64_t)query_number(&q, 3);
    }
    return query_end(&q);
}

static const char *attempts_sql(Arena *arena) {
    const char *columns = "count(*) AS n, sum(took) AS took, sum(error_type IS 'timeout') AS late";
    const char *sums = "sum(c.n), sum(c.took), sum(c.late)";
    for (int i = 0; i < STORE_BUCKETS; i++) {
        columns = arena_printf(arena, "%s, sum(took <= %lld) AS b%d", columns,
                               (long long)store_buckets[i], i);
        sums = arena_printf(arena, "%s, sum(c.b%d)", sums, i);
    }
    return arena_printf(arena, BY_STAGE("%s", "%s", "attempt", "GROUP BY run, stage"), sums,
                        columns);
}

static bool read_attempts(Reading *r) {
    Query q = query_open(r->reader, r->arena, r->error, attempts_sql(r->arena), 0);
    while (query_next(&q)) {
        StoreStageMetrics *stage = stage_of(r, query_text(&q, 0), query_text(&q, 1));
        stage->attempts = (uint64_t)query_number(&q, 2);
        stage->took = query_number(&q, 3);
        stage->timeouts = (uint64_t)query_number(&q, 4);
        for (int i = 0; i < STORE_BUCKETS; i++)
            stage->within[i] = (uint64_t)query_number(&q, 5 + i);
    }
    return query_end(&q);
}

/* A run that begins again without having ended was left behind by its process. */
static bool read_ends(Reading *r) {
    StoreMetrics *m = r->m;
    int64_t run = 0;
    bool running = false;
    Query q = query_open(r->reader, r->arena, r->error,
                         "SELECT t.id >> 32, t.state FROM transition t JOIN run r ON r.id = t.id"
                         " >> 32 WHERE t.scope = 0 AND r.parent IS NULL ORDER BY t.id",
                         0);
    while (query_next(&q)) {
        dag_state state = query_state(&q, 1);
        bool same = query_number(&q, 0) == run, begins = state == DAG_RUNNING;
        bool left = same && running && begins;
        m->orphans += left;
        m->runs[DAG_CRASHED] += left;
        m->runs[state] += !begins;
        run = query_number(&q, 0);
        running = begins;
    }
    return query_end(&q);
}

/* Those that have not ended: they go on, wait, or were left behind. */
static bool read_open(Reading *r) {
    StoreRunInfo *runs;
    size_t n;
    if (!store_read_runs(r->reader, r->arena, &runs, &n, r->error))
        return false;
    for (size_t i = 0; i < n; i++) {
        bool left = runs[i].left;
        r->m->active += runs[i].state == DAG_RUNNING;
        r->m->queued += runs[i].state == DAG_QUEUED;
        r->m->orphans += left;
        r->m->runs[DAG_CRASHED] += left;
    }
    return true;
}

bool store_read_metrics(StoreReader *reader, Arena *arena, StoreMetrics *metrics,
                        dag_error *error) {
    Reading r = { .reader = reader, .arena = arena, .m = metrics, .error = error };
    *metrics = (StoreMetrics){ 0 };
    return read_tasks(&r) && read_attempts(&r) && read_ends(&r) && read_open(&r);
}
