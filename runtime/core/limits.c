/*
 * limits.c - see limits.h.
 */
#include "core/limits.h"

#include "core/ready.h"
#include "core/task.h"
#include "core/temps.h"

/* ---------------------------------------------------------------- resources */

/* `grow` times that on each further attempt, at most all there is. */
static int64_t need_of(const Sched *s, const Need *need, uint32_t attempt) {
    int64_t capacity = s->pools[need->pool].capacity;
    int64_t amount = need->amount;
    for (uint32_t i = 1; i < attempt && need->grow > 1 && amount < capacity; i++) {
        amount = amount > capacity / need->grow ? capacity : amount * need->grow;
    }
    return amount < capacity ? amount : capacity;
}

static int64_t left_of(const Pool *pool) {
    return pool->capacity - atomic_load_explicit(pool->used, memory_order_relaxed);
}

/* Whoever takes from the leader's pools may do so on another thread. */
static bool take(const Pool *pool, int64_t amount) {
    int64_t used = atomic_load_explicit(pool->used, memory_order_relaxed);
    do {
        if (amount > pool->capacity - used) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(pool->used, &used, used + amount));
    return true;
}

/* The first stage for which there is enough has another look. When it has been tried it wakes the
 * next one: so whoever can start is tried, in the order of ranks, and nobody else. */
static void wake(Sched *s, Pool *pool) {
    uint32_t place = waiters_first(&pool->waiters, left_of(pool));
    if (place != UINT32_MAX) {
        waiters_remove(&pool->waiters, place);
        bits_add(&s->runnable, pool->ranks[place]);
    }
}

/* The first `n` needs of the stage. */
static void give(Sched *s, const StageRun *run, uint32_t n, uint32_t attempt) {
    for (uint32_t i = 0; i < n; i++) {
        const Need *need = &s->needs[run->more->resource + i];
        atomic_fetch_sub(s->pools[need->pool].used, need_of(s, need, attempt));
        atomic_fetch_add(s->gifts, 1);
        wake(s, &s->pools[need->pool]);
    }
}

/* Takes all that the stage needs. NULL: it has them; else the first one that there is too little of, and
 * nothing is taken. What is short is found before anything is taken: only where another thread was
 * quicker is something given back. */
static const Need *take_all(Sched *s, const StageRun *run, uint32_t attempt) {
    const Need *needs = s->needs + run->more->resource;
    for (uint32_t i = 0; i < run->more->nresource; i++) {
        if (need_of(s, &needs[i], attempt) > left_of(&s->pools[needs[i].pool])) {
            return &needs[i];
        }
    }
    for (uint32_t i = 0; i < run->more->nresource; i++) {
        if (!take(&s->pools[needs[i].pool], need_of(s, &needs[i], attempt))) {
            give(s, run, i, attempt);
            return &needs[i];
        }
    }
    return NULL;
}

bool limits_take(Sched *s, uint32_t stage, uint32_t attempt) {
    const StageRun *run = stage_run(s, stage);
    const Need *missing = take_all(s, run, attempt);
    if (missing) {
        bits_remove(&s->runnable, run->rank);
        waiters_add(&s->pools[missing->pool].waiters, missing->place, need_of(s, missing, attempt));
    }
    return missing == NULL;
}

void limits_give(Sched *s, uint32_t stage, uint32_t attempt) {
    const StageRun *run = stage_run(s, stage);
    give(s, run, run->more->nresource, attempt);
}

void limits_pass_on(Sched *s, uint32_t stage) {
    const StageRun *run = stage_run(s, stage);
    for (uint32_t i = 0; i < run->more->nresource; i++) {
        wake(s, &s->pools[s->needs[run->more->resource + i].pool]);
    }
}

void limits_forget(Sched *s, uint32_t stage) {
    const StageRun *run = stage_run(s, stage);
    for (uint32_t i = 0; i < run->more->nresource; i++) {
        const Need *need = &s->needs[run->more->resource + i];
        waiters_remove(&s->pools[need->pool].waiters, need->place);
    }
}

void limits_look(Sched *s) {
    uint64_t gifts = atomic_load_explicit(s->gifts, memory_order_acquire);
    if (s->gifts_seen == gifts) {
        return;
    }
    s->gifts_seen = gifts;
    for (uint32_t i = 0; i < s->npools; i++) {
        wake(s, &s->pools[i]);
    }
}

bool limits_blocked(const Sched *s) {
    for (uint32_t i = 0; i < s->npools; i++) {
        if (s->pools[i].waiters.count > 0) {
            return true;
        }
    }
    return false;
}

const Pool *limits_waits_for(const Sched *s, uint32_t stage) {
    const StageRun *run = stage_run(s, stage);
    for (uint32_t i = 0; i < run->more->nresource; i++) {
        const Need *need = &s->needs[run->more->resource + i];
        const Pool *pool = &s->pools[need->pool];
        if (waiters_has(&pool->waiters, need->place)) {
            return pool;
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- the heap of retries */

static bool is_before(const Retry *a, const Retry *b) {
    if (a->due != b->due) {
        return a->due < b->due;
    }
    return a->stage != b->stage ? a->stage < b->stage : a->node < b->node;
}

static void swap(Retry *a, Retry *b) {
    Retry t = *a;
    *a = *b;
    *b = t;
}

static void sift_down(Retry *heap, size_t n, size_t i) {
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++) {
            if (is_before(&heap[child], &heap[least])) {
                least = child;
            }
        }
        if (least == i) {
            return;
        }
        swap(&heap[i], &heap[least]);
        i = least;
    }
}

void limits_retry_at(Sched *s, int64_t due, uint32_t stage, uint32_t node) {
    if (s->nretries == s->retries_cap) {
        s->retries_cap = s->retries_cap ? s->retries_cap * 2 : 16;
        s->retries = sched_resize(s, s->retries, s->retries_cap, sizeof *s->retries);
    }
    size_t i = s->nretries++;
    s->retries[i] = (Retry){ due, stage, node };
    for (; i > 0 && is_before(&s->retries[i], &s->retries[(i - 1) / 2]); i = (i - 1) / 2) {
        swap(&s->retries[i], &s->retries[(i - 1) / 2]);
    }
}

static void make_ready(Sched *s, const Retry *retry) {
    StageRun *run = stage_run(s, retry->stage);
    if (!task_has(run, retry->node, TASK_AGAIN)) {
        task_set(run, retry->node, TASK_READY);
    }
    ready_add(run, retry->node, 1);
    bits_add(&s->runnable, run->rank);
}

void limits_due(Sched *s) {
    while (s->nretries > 0 && s->retries[0].due <= s->now) {
        make_ready(s, &s->retries[0]);
        s->retries[0] = s->retries[--s->nretries];
        sift_down(s->retries, s->nretries, 0);
    }
}

void limits_drop_retries(Sched *s) {
    size_t kept = 0;
    s->drop_retries = false;
    for (size_t i = 0; i < s->nretries; i++) {
        Retry retry = s->retries[i];
        const StageRun *run = stage_run(s, retry.stage);
        bool rescue = task_has(run, retry.node, TASK_RESCUE);
        if (!s->cancelled && !run->limited && (rescue || !s->stopping)) {
            s->retries[kept++] = retry;
            continue;
        }
        const char *reason = s->cancelled ? s->cancel_reason : "its further attempts are given up";
        if (task_has(run, retry.node, TASK_AGAIN)) {
            again_give_up(s, retry.stage, retry.node, TASK_CANCELLED, reason);
        } else {
            task_end(s, retry.stage, retry.node, TASK_CANCELLED, reason, NULL);
        }
    }
    s->nretries = kept;
    for (size_t i = kept / 2; i-- > 0;) {
        sift_down(s->retries, kept, i);
    }
}

/* ---------------------------------------------------------------- causes */

static bool has_exit_code(const Sched *s, const dag_stage *row, int status) {
    for (uint32_t i = 0; i < row->nexit_code; i++) {
        if (s->program->exit_codes[row->exit_code + i] == status) {
            return true;
        }
    }
    return false;
}

bool limits_wants_retry(const Sched *s, uint32_t stage, const Outcome *outcome) {
    const dag_stage *row = stage_row(s, stage);
    if (outcome->state != DAG_FAILED && outcome->state != DAG_CRASHED) {
        return false;
    }
    bool any = (row->retry_on & DAG_CAUSE_ANY) != 0 || (row->retry_on == 0 && row->nexit_code == 0);
    return any || (outcome->timed_out && (row->retry_on & DAG_CAUSE_TIMEOUT) != 0) ||
           (outcome->oom && (row->retry_on & DAG_CAUSE_OOM) != 0) ||
           (outcome->state == DAG_CRASHED && (row->retry_on & DAG_CAUSE_CRASHED) != 0) ||
           has_exit_code(s, row, outcome->exit_status);
}

int64_t limits_backoff(const dag_stage *row, uint32_t attempt) {
    const int64_t most = INT64_C(3600) * 1000 * 1000 * 1000;
    int64_t wait = row->backoff;
    for (uint32_t i = 1; i < attempt && wait < most; i++) {
        wait *= 2;
    }
    return wait < most ? wait : most;
}
