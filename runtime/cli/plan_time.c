/*
 * plan_time.c - see plan_time.h.
 *
 * List scheduling (R. L. Graham: Bounds on Multiprocessing Timing Anomalies, 1969): whenever
 * something has ended, what may start does, stages that come first in the graph before others. The
 * k-th task of a stage waits for as much of the stages before it as k is of the stage's tasks, or for
 * all of them. The tasks of a stage are taken to be of equal length.
 */
#include "cli/plan_time.h"

#include <string.h>

enum { MOST_TASKS = 100000 };

/* A stage while time goes by. */
typedef struct Moving {
    uint64_t tasks, started, ended;
    int64_t took;
    uint32_t running;
    uint32_t next; /* first of those that wait for it: followers[next ..) */
    uint32_t nnext;
    bool queued;
} Moving;

/* A task that runs, or a stage that has something to start. */
typedef struct Entry {
    int64_t when; /* the end of the task; of a stage its number */
    uint32_t stage;
} Entry;

typedef struct Heap {
    Entry *entries;
    size_t n;
} Heap;

typedef struct Simulation {
    const TimedStage *stages;
    uint32_t n;
    Moving *moving;
    uint32_t *followers;
    Heap running, ready; /* by end; by number */
    uint32_t *blocked;   /* stages that resources keep from starting, nblocked of them */
    uint32_t nblocked;
    int64_t now, memory;
    uint64_t busy, slots;
    const int64_t *capacity;
    int64_t *used;
    uint32_t nresources;
    Timing *timing;
} Simulation;

/* ---------------------------------------------------------------- heaps */

static void push(Heap *heap, Entry entry) {
    size_t i = heap->n++;
    for (; i > 0 && heap->entries[(i - 1) / 2].when > entry.when; i = (i - 1) / 2)
        heap->entries[i] = heap->entries[(i - 1) / 2];
    heap->entries[i] = entry;
}

static Entry pop(Heap *heap) {
    Entry top = heap->entries[0], last = heap->entries[--heap->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < heap->n && heap->entries[child + 1].when < heap->entries[child].when)
            child++;
        if (child >= heap->n || heap->entries[child].when >= last.when)
            break;
        heap->entries[i] = heap->entries[child];
        i = child;
    }
    heap->entries[i] = last;
    return top;
}

/* ---------------------------------------------------------------- readiness */

/* May one more task of the stage start, for all that comes before it? */
static bool may_start(const Simulation *s, uint32_t stage) {
    const TimedStage *row = &s->stages[stage];
    const Moving *m = &s->moving[stage];
    if (m->started == m->tasks)
        return false;
    for (uint32_t i = 0; i < row->nafter; i++) {
        const Moving *before = &s->moving[row->after[i]];
        uint64_t wanted = row->whole[i]
                              ? before->tasks
                              : ((m->started + 1) * before->tasks + m->tasks - 1) / m->tasks;
        if (before->ended < wanted)
            return false;
    }
    return true;
}

static bool within_limits(const Simulation *s, uint32_t stage) {
    const TimedStage *row = &s->stages[stage];
    if (row->max_parallel > 0 && s->moving[stage].running >= row->max_parallel)
        return false;
    for (uint32_t i = 0; row->asks != NULL && i < s->nresources; i++) {
        if (row->asks[i] > 0 && s->used[i] + row->asks[i] > s->capacity[i] && s->used[i] > 0)
            return false;
    }
    return true;
}

static void offer(Simulation *s, uint32_t stage) {
    if (s->moving[stage].queued || !may_start(s, stage))
        return;
    s->moving[stage].queued = true;
    push(&s->ready, (Entry){ .when = stage, .stage = stage });
}

/* ---------------------------------------------------------------- going on */

static void note_peaks(Simulation *s) {
    Timing *t = s->timing;
    t->most_tasks = s->busy > t->most_tasks ? s->busy : t->most_tasks;
    t->most_memory = s->memory > t->most_memory ? s->memory : t->most_memory;
    for (uint32_t i = 0; i < s->nresources; i++)
        t->peaks[i] = s->used[i] > t->peaks[i] ? s->used[i] : t->peaks[i];
}

/* sign 1: takes what a task holds, -1: gives it back. */
static void hold(Simulation *s, uint32_t stage, int sign) {
    const TimedStage *row = &s->stages[stage];
    s->busy += (uint64_t)(int64_t)sign;
    s->memory += sign * row->memory;
    for (uint32_t i = 0; row->asks != NULL && i < s->nresources; i++)
        s->used[i] += sign * row->asks[i];
}

static void start(Simulation *s, uint32_t stage) {
    Moving *m = &s->moving[stage];
    m->started++;
    m->running++;
    hold(s, stage, 1);
    push(&s->running, (Entry){ .when = s->now + m->took, .stage = stage });
}

static void start_all(Simulation *s) {
    while (s->ready.n > 0 && s->busy < s->slots) {
        uint32_t stage = pop(&s->ready).stage;
        s->moving[stage].queued = false;
        if (!within_limits(s, stage)) {
            s->blocked[s->nblocked++] = stage;
            continue;
        }
        start(s, stage);
        offer(s, stage);
    }
    note_peaks(s);
    while (s->nblocked > 0)
        offer(s, s->blocked[--s->nblocked]);
}

static void end_one(Simulation *s) {
    Entry entry = pop(&s->running);
    Moving *m = &s->moving[entry.stage];
    s->now = entry.when;
    m->ended++;
    m->running--;
    hold(s, entry.stage, -1);
    for (uint32_t i = m->next; i < m->next + m->nnext; i++)
        offer(s, s->followers[i]);
    offer(s, entry.stage);
}

/* ---------------------------------------------------------------- made ready */

/* Who waits for whom, the other way round. */
static void link_followers(Simulation *s, Arena *arena) {
    uint32_t all = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        for (uint32_t k = 0; k < s->stages[i].nafter; k++)
            s->moving[s->stages[i].after[k]].nnext++;
    }
    for (uint32_t i = 0; i < s->n; i++) {
        s->moving[i].next = all;
        all += s->moving[i].nnext;
        s->moving[i].nnext = 0;
    }
    s->followers = ARENA_ARRAY(arena, all, uint32_t);
    for (uint32_t i = 0; i < s->n; i++) {
        for (uint32_t k = 0; k < s->stages[i].nafter; k++) {
            Moving *before = &s->moving[s->stages[i].after[k]];
            s->followers[before->next + before->nnext++] = i;
        }
    }
}

/* Stages without tasks are over from the start. */
static void set_up(Simulation *s, Arena *arena) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < s->n; i++)
        all += s->stages[i].tasks;
    uint64_t scale = all / MOST_TASKS + 1;
    s->moving = ARENA_ARRAY(arena, s->n, Moving);
    for (uint32_t i = 0; i < s->n; i++) {
        s->moving[i].tasks = (s->stages[i].tasks + scale - 1) / scale;
        s->moving[i].took =
            s->stages[i].tasks == 0
                ? 0
                : s->stages[i].took * (int64_t)s->stages[i].tasks / (int64_t)s->moving[i].tasks;
    }
    link_followers(s, arena);
    s->running.entries = ARENA_ARRAY(arena, (size_t)(s->slots < all ? s->slots : all) + 1, Entry);
    s->ready.entries = ARENA_ARRAY(arena, s->n + 1, Entry);
    s->blocked = ARENA_ARRAY(arena, s->n + 1, uint32_t);
    s->used = ARENA_ARRAY(arena, s->nresources, int64_t);
}

/* ---------------------------------------------------------------- the longest chain */

/* What one stage adds to a chain: its rounds where it may not run all at once. */
static int64_t length_of(const TimedStage *stage) {
    if (stage->tasks == 0)
        return 0;
    uint64_t width = stage->max_parallel > 0 ? stage->max_parallel : stage->tasks;
    return stage->took * (int64_t)((stage->tasks + width - 1) / width);
}

static void find_chain(Arena *arena, const TimedStage *stages, uint32_t n, Timing *timing) {
    int64_t *ends = ARENA_ARRAY(arena, n, int64_t);
    uint32_t *from = ARENA_ARRAY(arena, n, uint32_t), last = UINT32_MAX, length = 0;
    for (uint32_t i = 0; i < n; i++) {
        from[i] = UINT32_MAX;
        for (uint32_t k = 0; k < stages[i].nafter; k++) {
            uint32_t before = stages[i].after[k];
            if (ends[before] > ends[i] || from[i] == UINT32_MAX) {
                ends[i] = ends[before];
                from[i] = before;
            }
        }
        ends[i] += length_of(&stages[i]);
        if (last == UINT32_MAX || ends[i] > ends[last])
            last = i;
    }
    timing->critical = last == UINT32_MAX ? 0 : ends[last];
    timing->chain = ARENA_ARRAY(arena, n, uint32_t);
    for (uint32_t i = last; i != UINT32_MAX; i = from[i]) {
        if (length_of(&stages[i]) > 0)
            timing->chain[length++] = i;
    }
    for (uint32_t i = 0; i < length / 2; i++) {
        uint32_t swap = timing->chain[i];
        timing->chain[i] = timing->chain[length - 1 - i];
        timing->chain[length - 1 - i] = swap;
    }
    timing->nchain = length;
}

Timing plan_time(Arena *arena, const TimedStage *stages, uint32_t n, uint32_t slots,
                 const int64_t *capacity, uint32_t nresources) {
    Timing timing = { .peaks = ARENA_ARRAY(arena, nresources, int64_t) };
    Simulation s = { .stages = stages,
                     .n = n,
                     .slots = slots,
                     .capacity = capacity,
                     .nresources = nresources,
                     .timing = &timing };
    set_up(&s, arena);
    for (uint32_t i = 0; i < n; i++)
        offer(&s, i);
    start_all(&s);
    while (s.running.n > 0) {
        end_one(&s);
        while (s.running.n > 0 && s.running.entries[0].when == s.now)
            end_one(&s);
        start_all(&s);
    }
    timing.expected = s.now;
    find_chain(arena, stages, n, &timing);
    return timing;
}
