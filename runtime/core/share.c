/*
 * share.c - see share.h.
 *
 * Nothing is lost between looking and sleeping: who finds no job free says so under the lock, and who
 * gives one back writes to the descriptor that the other one will wait on.
 */
#include "core/share.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/capacity.h"
#include "core/run.h"

struct dag_share {
    uint32_t jobs; /* there are */
    Arena arena;
    ExprProgram *exprs;
    dag_value specials[DAG_NSPECIAL];
    Events nobody;
    Sched *leader; /* never started: it counts resources */

    pthread_mutex_t mutex;
    uint32_t taken;   /* lock: mutex; jobs */
    uint64_t gifts;   /* lock: mutex; of resources, as far as they were told */
    ShareSeat *seats; /* lock: mutex; the oldest first */
};

/* ---------------------------------------------------------------- making */

static bool fill(dag_share *share, const dag_program *program, const dag_options *options,
                 dag_error *error) {
    const dag_resource *capacity;
    size_t ncapacity;
    share->exprs = expr_program_new(program, error);
    if (!share->exprs ||
        !capacity_take(program, options, &share->arena, &capacity, &ncapacity, error)) {
        return false;
    }
    SchedConfig config = { .program = program,
                           .exprs = share->exprs,
                           .inputs = ARENA_ARRAY(&share->arena, program->ninputs, dag_value),
                           .specials = share->specials,
                           .events = &share->nobody,
                           .jobs = share->jobs,
                           .retry = -1,
                           .capacity = capacity,
                           .ncapacity = ncapacity };
    share->leader = sched_new(&config);
    return share->leader != NULL;
}

static bool fill_guarded(dag_share *share, const dag_program *program, const dag_options *options,
                         dag_error *error) {
    jmp_buf oom;
    share->arena.oom = &oom;
    bool good = setjmp(oom) == 0 && fill(share, program, options, error);
    share->arena.oom = NULL;
    return good;
}

dag_share *dag_share_new(const dag_program *program, const dag_options *options, char *reason,
                         size_t size, dag_error *error) {
    dag_share *share = calloc(1, sizeof *share);
    *error = (dag_error){ "oom", "out of memory" };
    if (!share) {
        return NULL;
    }
    share->jobs = run_default_jobs(options);
    pthread_mutex_init(&share->mutex, NULL);
    if (fill_guarded(share, program, options, error)) {
        *error = (dag_error){ NULL, NULL };
        return share;
    }
    snprintf(reason, size, "%s", error->message ? error->message : "out of memory");
    error->message = reason;
    dag_share_free(share);
    return NULL;
}

void dag_share_free(dag_share *share) {
    if (!share) {
        return;
    }
    sched_free(share->leader);
    expr_program_free(share->exprs);
    pthread_mutex_destroy(&share->mutex);
    arena_free(&share->arena);
    free(share);
}

Sched *share_leader(const dag_share *share) {
    return share->leader;
}

/* ---------------------------------------------------------------- who waits */

static void wake_others(dag_share *share, const ShareSeat *seat, bool all) {
    for (ShareSeat *other = share->seats; other; other = other->next) {
        if (other != seat && (all || other->waits)) {
            run_wake(other->run);
        }
    }
}

static bool older_waits(const dag_share *share, const ShareSeat *seat) {
    for (const ShareSeat *other = share->seats; other != seat; other = other->next) {
        if (other->waits) {
            return true;
        }
    }
    return false;
}

static void take(dag_share *share, ShareSeat *seat, uint32_t jobs) {
    share->taken += jobs - seat->jobs;
    seat->jobs = jobs;
}

/* ---------------------------------------------------------------- for the driver */

void share_join(dag_run *run) {
    ShareSeat *seat = &run->seat;
    dag_share *share = seat->share;
    if (!share || seat->seated) {
        return;
    }
    seat->run = run;
    run_make_wake(run); /* before anybody can wake it */
    pthread_mutex_lock(&share->mutex);
    ShareSeat **last = &share->seats;
    while (*last) {
        last = &(*last)->next;
    }
    *last = seat;
    seat->seated = true;
    pthread_mutex_unlock(&share->mutex);
}

bool share_enter(dag_run *run) {
    ShareSeat *seat = &run->seat;
    dag_share *share = seat->share;
    if (!share) {
        return true;
    }
    uint32_t busy = run_busy(run);
    pthread_mutex_lock(&share->mutex);
    take(share, seat, busy);
    bool free = share->taken < share->jobs;
    seat->waits = !free || older_waits(share, seat);
    if (!seat->waits) {
        take(share, seat, busy + 1);
    } else if (free) {
        wake_others(share, seat, false);
    }
    bool entered = !seat->waits;
    pthread_mutex_unlock(&share->mutex);
    return entered;
}

void share_settle(dag_run *run) {
    ShareSeat *seat = &run->seat;
    dag_share *share = seat->share;
    if (!share) {
        return;
    }
    uint32_t busy = run_busy(run);
    uint64_t gifts = sched_gifts(share->leader);
    pthread_mutex_lock(&share->mutex);
    bool given = gifts != share->gifts;
    share->gifts = gifts;
    take(share, seat, busy);
    seat->waits = seat->waits && busy < run->slots;
    if (given || share->taken < share->jobs) {
        wake_others(share, seat, given);
    }
    pthread_mutex_unlock(&share->mutex);
}

bool share_idle(const dag_run *run) {
    const ShareSeat *seat = &run->seat;
    dag_share *share = seat->share;
    if (!share) {
        return true;
    }
    pthread_mutex_lock(&share->mutex);
    bool idle = share->taken == seat->jobs;
    pthread_mutex_unlock(&share->mutex);
    return idle;
}

void share_leave(dag_run *run) {
    ShareSeat *seat = &run->seat;
    dag_share *share = seat->share;
    if (!share || !seat->seated) {
        return;
    }
    pthread_mutex_lock(&share->mutex);
    ShareSeat **at = &share->seats;
    while (*at != seat) {
        at = &(*at)->next;
    }
    *at = seat->next;
    seat->seated = false;
    take(share, seat, 0);
    wake_others(share, seat, true);
    pthread_mutex_unlock(&share->mutex);
}
