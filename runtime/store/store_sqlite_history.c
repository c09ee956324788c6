/*
 * store_sqlite_history.c - what stages took in earlier runs, for the time that a plan expects.
 */
#include <string.h>

#include "store/store_sqlite_query.h"

typedef struct Reading {
    StoreReader *reader;
    Arena *arena;
    const dag_program *program;
    StageHistory *history;
    dag_error *error;
} Reading;

enum { ENOUGH = 100000 }; /* attempts: a mean of more is no better */

static bool is_slug(const Reading *r, uint32_t stage, const char *slug) {
    return stage < r->program->nstages &&
           strcmp(r->program->strings + r->program->stages[stage].slug, slug) == 0;
}

/* `number`: where the stage stood in that run, which mostly is where it stands now. */
static StageHistory *history_of(const Reading *r, const char *slug, int64_t number) {
    if (is_slug(r, (uint32_t)number, slug))
        return &r->history[number];
    for (uint32_t i = 0; i < r->program->nstages; i++) {
        if (is_slug(r, i, slug))
            return &r->history[i];
    }
    return NULL;
}

static void take_attempts(StageHistory *stage, const Query *q) {
    uint64_t n = (uint64_t)query_number(q, 1), all = stage->attempts + n;
    double sum =
        (double)stage->took * (double)stage->attempts + (double)query_number(q, 2) * (double)n;
    int64_t memory = query_known(q, 4), longest = query_number(q, 3);
    if (stage->attempts == 0)
        stage->most_memory = -1;
    stage->took = (int64_t)(sum / (double)all);
    stage->attempts = all;
    stage->longest = longest > stage->longest ? longest : stage->longest;
    stage->most_memory = memory > stage->most_memory ? memory : stage->most_memory;
}

/* *all counts the attempts. */
static bool read_attempts(const Reading *r, int64_t run, uint64_t *all) {
    Query q = query_open(r->reader, r->arena, r->error,
                         "SELECT g.slug, count(*), CAST(avg(a.took) AS INTEGER), max(a.took),"
                         " max(a.max_rss), a.stage FROM attempt a JOIN stage g ON g.run = ?1 AND"
                         " g.number = a.stage WHERE a." OF_RUN " AND a.state = 2 GROUP BY a.stage",
                         run);
    while (query_next(&q)) {
        StageHistory *stage = history_of(r, query_text(&q, 0), query_number(&q, 5));
        if (stage != NULL)
            take_attempts(stage, &q);
        *all += (uint64_t)query_number(&q, 1);
    }
    return query_end(&q);
}

/* How many tasks there were, where no newer run said so. */
static bool read_tasks(const Reading *r, int64_t run) {
    Query q =
        query_open(r->reader, r->arena, r->error,
                   "SELECT g.slug, count(*), t.stage FROM task t JOIN stage g ON g.run = ?1 AND"
                   " g.number = t.stage WHERE t." OF_RUN " AND t.state IN (2, 3) GROUP BY t.stage",
                   run);
    while (query_next(&q)) {
        StageHistory *stage = history_of(r, query_text(&q, 0), query_number(&q, 2));
        if (stage != NULL && stage->tasks == 0)
            stage->tasks = (uint32_t)query_number(&q, 1);
    }
    return query_end(&q);
}

bool store_read_history(StoreReader *reader, Arena *arena, const dag_program *program,
                        uint32_t most, StageHistory *history, uint32_t *nruns, dag_error *error) {
    Reading r = { reader, arena, program, history, error };
    int64_t *runs = ARENA_ARRAY(arena, most, int64_t);
    uint32_t n = 0;
    bool good = true;
    Query q = query_open(reader, arena, error,
                         "SELECT id FROM run WHERE parent IS NULL ORDER BY id DESC", 0);
    while (n < most && query_next(&q))
        runs[n++] = query_number(&q, 0);
    if (!query_end(&q))
        return false;
    uint64_t all = 0;
    for (*nruns = 0; *nruns < n && all < ENOUGH && good; ++*nruns)
        good = read_attempts(&r, runs[*nruns], &all) && read_tasks(&r, runs[*nruns]);
    return good;
}
