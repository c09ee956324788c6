/*
 * setup_limits.c - the resources of a scheduler: how much there is, what each stage needs, who may
 * wait for it.
 */
#include <string.h>

#include "core/setup.h"

static uint32_t pool_of(const Sched *s, const char *name) {
    for (uint32_t i = 0; i < s->npools; i++) {
        if (strcmp(s->pools[i].name, name) == 0) {
            return i;
        }
    }
    return DAG_NONE;
}

/* `used`: where the leader counts, or NULL. */
static void add_pool(Sched *s, const char *name, int64_t capacity, _Atomic int64_t *used) {
    Pool *pool = &s->pools[s->npools++];
    *pool = (Pool){ .name = name, .capacity = capacity };
    pool->used = used ? used : &pool->own;
}

static bool has_calls(const dag_program *program) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        if (is_call(&program->stages[i])) {
            return true;
        }
    }
    return false;
}

/* Calls take no job, but each is a run of its own: so many at once keep all jobs busy. */
static const char calls_name[] = "";
enum { SPARE_CALLS = 2 };

static void setup_pools(Sched *s) {
    const Sched *leader = s->config.leader;
    size_t n = leader ? leader->npools : s->config.ncapacity;
    s->pools = ARENA_ARRAY(&s->setup, n + 1, Pool);
    s->gifts = leader ? leader->gifts : &s->own_gifts;
    s->gifts_seen = *s->gifts;
    for (size_t i = 0; i < n; i++) {
        if (!leader) {
            const dag_resource *row = &s->config.capacity[i];
            add_pool(s, text_of(s, row->name), row->amount, NULL);
        } else if (leader->pools[i].name != calls_name) {
            const Pool *pool = &leader->pools[i];
            add_pool(s, pool->name, pool->capacity, pool->used);
        }
    }
    if (has_calls(s->program)) {
        add_pool(s, calls_name, (int64_t)s->jobs + SPARE_CALLS, NULL);
    }
}

/* Requests of resources that nobody bounds are not kept. Nor are those of a call: its stages have
 * their own, and might wait for ever for what it holds. */
static uint32_t stage_needs(Sched *s, const dag_stage *row, Need *needs) {
    uint32_t n = 0;
    if (is_call(row)) {
        needs[n++] = (Need){ .pool = pool_of(s, calls_name), .amount = 1, .grow = 1 };
        return n;
    }
    for (uint32_t i = 0; i < row->nresource; i++) {
        const dag_resource *resource = &s->program->resources[row->resource + i];
        uint32_t pool = pool_of(s, text_of(s, resource->name));
        if (pool != DAG_NONE && resource->amount > 0) {
            needs[n++] = (Need){ .pool = pool, .amount = resource->amount, .grow = resource->grow };
        }
    }
    return n;
}

/* Calls `each` for all needs, in the order of the stages' ranks. */
static void each_need(Sched *s, void (*each)(Pool *pool, Need *need, uint32_t rank)) {
    for (uint32_t rank = 0; rank < s->program->nstages; rank++) {
        const StageRun *run = stage_run(s, s->program->topo[rank]);
        for (uint32_t i = 0; i < run->more->nresource; i++) {
            Need *need = &s->needs[run->more->resource + i];
            each(&s->pools[need->pool], need, rank);
        }
    }
}

static void give_place(Pool *pool, Need *need, uint32_t rank) {
    (void)rank;
    need->place = pool->nplaces++;
}

static void note_rank(Pool *pool, Need *need, uint32_t rank) {
    pool->ranks[need->place] = rank;
}

/* Whoever needs something of a pool has a place among those that may wait for it. */
static void setup_waiters(Sched *s) {
    each_need(s, give_place);
    for (uint32_t i = 0; i < s->npools; i++) {
        Pool *pool = &s->pools[i];
        pool->ranks = ARENA_ARRAY(&s->setup, pool->nplaces, uint32_t);
        if (!waiters_init(&pool->waiters, pool->nplaces)) {
            sched_no_memory(s);
        }
    }
    each_need(s, note_rank);
}

void setup_limits(Sched *s) {
    const dag_program *program = s->program;
    s->jobs = s->config.jobs > 0 ? s->config.jobs : 1;
    if (program->max_parallel > 0 && program->max_parallel < s->jobs) {
        s->jobs = program->max_parallel;
    }
    setup_pools(s);
    size_t total = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        total += program->stages[i].nresource + is_call(&program->stages[i]);
    }
    s->needs = ARENA_ARRAY(&s->setup, total, Need);
    uint32_t first = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        StageMore *more = stage_run(s, i)->more;
        if (!stage_run(s, i)->plain) {
            more->resource = first;
            more->nresource = stage_needs(s, &program->stages[i], s->needs + first);
            first += more->nresource;
        }
    }
    setup_waiters(s);
}
