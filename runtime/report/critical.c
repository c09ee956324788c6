/*
 * critical.c - see critical.h.
 */
#include "report/critical.h"

#include <string.h>

#include "store/record_sources.h"

typedef struct Walk {
    Arena *arena;
    const dag_program *program;
    const StoreRecord *record;
    uint32_t *last; /* by stage of the record: its task that ended last, or DAG_NONE */
} Walk;

static uint32_t later(const Walk *w, uint32_t a, uint32_t b) {
    if (a == DAG_NONE || b == DAG_NONE) {
        return a == DAG_NONE ? b : a;
    }
    return w->record->tasks[b].finished > w->record->tasks[a].finished ? b : a;
}

static uint32_t last_tasks(Walk *w) {
    const StoreRecord *record = w->record;
    uint32_t last = DAG_NONE;
    w->last = ARENA_ARRAY(w->arena, record->nstages, uint32_t);
    memset(w->last, 0xff, record->nstages * sizeof *w->last);
    for (size_t i = 0; i < record->ntasks; i++) {
        const StoreTask *task = &record->tasks[i];
        if (task->started != 0 && task->finished >= task->started) {
            w->last[task->stage] = later(w, w->last[task->stage], (uint32_t)i);
            last = later(w, last, (uint32_t)i);
        }
    }
    return last;
}

static uint32_t stage_named(const Walk *w, uint32_t stage) {
    const char *slug = w->program->strings + w->program->stages[stage].slug;
    for (uint32_t i = 0; i < w->record->nstages; i++) {
        if (strcmp(w->record->stages[i].slug, slug) == 0) {
            return i;
        }
    }
    return DAG_NONE;
}

/* Of the stages before it in order edges. */
static uint32_t before_in_order(const Walk *w, uint32_t stage) {
    const dag_program *p = w->program;
    uint32_t found = DAG_NONE;
    for (uint32_t i = 0; i < p->norders; i++) {
        if (strcmp(p->strings + p->stages[p->orders[i].to].slug, w->record->stages[stage].slug) ==
            0) {
            uint32_t from = stage_named(w, p->orders[i].from);
            found = from == DAG_NONE ? found : later(w, found, w->last[from]);
        }
    }
    return found;
}

/* What ended last of all that the task waited for. */
static uint32_t before(const Walk *w, uint32_t task) {
    const StoreTask *row = &w->record->tasks[task];
    size_t n;
    const RecordSource *sources = record_sources(w->arena, w->record, row, &n);
    uint32_t found = before_in_order(w, row->stage);
    for (size_t i = 0; i < n; i++) {
        found = later(w, found, sources[i].from);
    }
    bool sensible = found != DAG_NONE && found != task && w->record->tasks[found].started != 0 &&
                    w->record->tasks[found].finished <= row->finished;
    return sensible ? found : DAG_NONE;
}

Critical critical_path(Arena *arena, const dag_program *program, const StoreRecord *record) {
    Walk w = { .arena = arena, .program = program, .record = record };
    Critical path = { .n = 0 };
    uint32_t *back = ARENA_ARRAY(arena, record->nstages + 1, uint32_t);
    /* Each step goes to another stage: a path is no longer than there are stages. */
    for (uint32_t task = last_tasks(&w); task != DAG_NONE && path.n < record->nstages;) {
        back[path.n++] = task;
        task = before(&w, task);
    }
    path.tasks = ARENA_ARRAY(arena, path.n, uint32_t);
    for (size_t i = 0; i < path.n; i++) {
        path.tasks[i] = back[path.n - 1 - i];
    }
    return path;
}
