/*
 * exec_native.c - native functions on a pool of threads.
 *
 * The driver's thread hands attempts over in a queue and takes them back from another. Everything
 * between belongs to one worker. An eventfd wakes the driver, once, when something has ended after
 * it found nothing (`asks`): what ends while it is busy costs no call of the system.
 *
 * Attempts take slots, one each, but for those in line: these wait until a worker has ended another
 * one, and go on in its slot before the driver knows of the end. A slot is given up when the driver
 * takes back what has ended and nothing is left that could use it (give_up_slots). Behind an attempt
 * that did not complete, nothing in line begins until the driver has seen it (`halted`).
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/executor.h"
#include "exec/ctx.h"
#include "exec/isolate.h"
#include "exec/marshal.h"
#include "exec/usage.h"

typedef struct Queue {
    Attempt *first, **last;
} Queue;

typedef struct Pool {
    dag_executor executor;
    pthread_mutex_t mutex;
    pthread_cond_t work; /* something waits, or closing */
    Queue waiting;       /* lock: mutex */
    Queue line;          /* lock: mutex; what has no slot */
    Queue ended;         /* lock: mutex */
    uint32_t nwaiting;   /* lock: mutex */
    uint32_t nline;      /* lock: mutex */
    uint32_t idle;       /* lock: mutex; workers that wait */
    uint32_t active;     /* lock: mutex; attempts that workers have */
    uint32_t slots;      /* lock: mutex; written by the driver: executor.busy */
    bool asks;           /* lock: mutex; the driver has found nothing: it is to be woken */
    bool halted;         /* lock: mutex; nothing in line begins */
    bool closing;        /* lock: mutex */
    Attempt **current;   /* lock: mutex; by worker: what it carries out, or NULL */
    Attempt **begun;     /* the driver's: found in `current`, not told yet */
    uint32_t nbegun;     /* the driver's */
    Queue taken;         /* the driver's: from `ended`, not given out yet */
    uint32_t most, n;    /* the driver's: threads */
    pthread_t *threads;
    Clock clock;
} Pool;

static void queue_init(Queue *queue) {
    queue->first = NULL;
    queue->last = &queue->first;
}

static void queue_push(Queue *queue, Attempt *attempt) {
    attempt->next = NULL;
    *queue->last = attempt;
    queue->last = &attempt->next;
}

static Attempt *queue_pop(Queue *queue) {
    Attempt *attempt = queue->first;
    if (attempt) {
        queue->first = attempt->next;
        if (!queue->first) {
            queue->last = &queue->first;
        }
    }
    return attempt;
}

/* Takes one out of the middle. False: it is not there. */
static bool queue_remove(Queue *queue, Attempt *attempt) {
    for (Attempt **p = &queue->first; *p; p = &(*p)->next) {
        if (*p == attempt) {
            *p = attempt->next;
            if (queue->last == &attempt->next) {
                queue->last = p;
            }
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- one function */

static void *make_inputs(Attempt *attempt, size_t size) {
    const dag_program *program = attempt->program;
    char *in = arena_alloc(&attempt->arena, size);
    for (uint32_t i = 0; i < attempt->stage->nin; i++) {
        const dag_port *port = &program->ports[attempt->stage->in + i];
        if ((port->flags & DAG_PORT_HIDDEN) == 0 && port->offset != DAG_NONE) {
            marshal(&attempt->arena, program, port->type, attempt->inputs[i], in + port->offset);
        }
    }
    return in;
}

/* What a function has left. Type NULL: no such error. */
typedef struct Result {
    int status;
    dag_error failure; /* dag_fail's */
    dag_error broken;  /* an output that is none */
    dag_value *given;  /* by own output */
} Result;

static bool read_output(dag_ctx *ctx, uint32_t i, const char *out, Result *result) {
    Attempt *attempt = ctx->attempt;
    const dag_port *port = &attempt->program->ports[attempt->stage->out + i];
    const char *why;
    if (port->flags & DAG_PORT_STREAM) {
        result->given[i] = value_list(ctx->streams[i].items, ctx->streams[i].n);
        return true;
    }
    if (port->offset == DAG_NONE || port->value != DAG_NONE) {
        return true;
    }
    if (unmarshal(&attempt->arena, attempt->program, port->type, out + port->offset,
                  &result->given[i], &why)) {
        return true;
    }
    result->broken.type = "output";
    result->broken.message =
        arena_printf(&attempt->arena, "output %s: %s", attempt->program->strings + port->name, why);
    return false;
}

static Result call_function(dag_ctx *ctx) {
    Attempt *attempt = ctx->attempt;
    const dag_native *native = &attempt->program->natives[attempt->stage->native];
    void *in = make_inputs(attempt, native->in_size);
    char *out = arena_alloc(&attempt->arena, native->out_size);
    Result result = { .status = native->call(ctx, in, out) };
    result.failure = ctx->failure;
    result.broken = ctx->broken;
    result.given = ARENA_ARRAY(&attempt->arena, attempt->stage->nout, dag_value);
    for (uint32_t i = 0; i < attempt->stage->nout && !result.status && !result.broken.type; i++) {
        read_output(ctx, i, out, &result);
    }
    return result;
}

/* Anything but 0 is a failure; of a gate, 1 closes it. */
static void take_failure(Attempt *attempt, const Result *result) {
    bool gate = (attempt->stage->flags & DAG_STAGE_GATE) != 0;
    if (result->failure.type) {
        attempt_fail(attempt, DAG_FAILED, result->failure.type, "%s", result->failure.message);
    } else if (gate && result->status == 1) {
        attempt->outcome.state = DAG_FILTERED;
    } else {
        attempt->outcome.exit_status = result->status;
        attempt_fail(attempt, DAG_FAILED, "exit", "the function returned %d", result->status);
    }
}

static void take_result(Attempt *attempt, const Result *result) {
    if (result->status != 0) {
        take_failure(attempt, result);
    } else if (result->broken.type) {
        bool ours = strcmp(result->broken.type, "store") == 0;
        attempt_fail(attempt, ours ? DAG_CRASHED : DAG_FAILED, result->broken.type, "%s",
                     result->broken.message);
    } else {
        attempt_complete(attempt, result->given);
    }
}

static void call(Attempt *attempt, void *arg) {
    dag_ctx *ctx = arg;
    struct rusage before, after;
    ctx_init(ctx, attempt);
    getrusage(RUSAGE_THREAD, &before);
    Result result = call_function(ctx);
    getrusage(RUSAGE_THREAD, &after);
    attempt->outcome.usage = usage_of_thread(&before, &after);
    take_result(attempt, &result);
}

/* ---------------------------------------------------------------- one function, isolated */

static dag_value text_or_null(const char *text) {
    return text ? value_text(DAG_STRING, text, strlen(text)) : value_null();
}

/* In the child: the result as one value. */
static dag_value call_isolated(Attempt *attempt, Shared *shared, void *arg) {
    dag_ctx *ctx = arg;
    dag_value *parts = ARENA_ARRAY(&attempt->arena, 6, dag_value);
    ctx_init(ctx, attempt);
    ctx->cancelled = &shared->cancelled;
    ctx->done = &shared->done;
    ctx->total = &shared->total;
    Result result = call_function(ctx);
    parts[0] = value_int(DAG_INT, result.status);
    parts[1] = text_or_null(result.failure.type);
    parts[2] = text_or_null(result.failure.message);
    parts[3] = text_or_null(result.broken.type);
    parts[4] = text_or_null(result.broken.message);
    parts[5] = value_list(result.given, attempt->stage->nout);
    return value_list(parts, 6);
}

static dag_error error_of(const dag_value *parts) {
    bool there = parts[0].kind == DAG_STRING && parts[1].kind == DAG_STRING;
    return there ? (dag_error){ parts[0].u.text, parts[1].u.text } : (dag_error){ NULL, NULL };
}

/* The other half of call_isolated. */
static void take_isolated(Attempt *attempt, void *arg) {
    const dag_value *value = arg, *parts = value->u.items;
    bool whole = value->kind == DAG_LIST && value->len == 6 && parts[0].kind == DAG_INT &&
                 parts[5].kind == DAG_LIST && parts[5].len == attempt->stage->nout;
    if (!whole) {
        attempt_fail(attempt, DAG_CRASHED, "signal", "the result of the function is unreadable");
        return;
    }
    Result result = { .status = (int)parts[0].u.i,
                      .failure = error_of(&parts[1]),
                      .broken = error_of(&parts[3]),
                      .given = (dag_value *)(uintptr_t)parts[5].u.items };
    take_result(attempt, &result);
}

static void carry_out_isolated(Pool *pool, Attempt *attempt) {
    dag_ctx ctx = { .log = -1 };
    dag_value result;
    /* its folder is made here: the child could not tell us that it has made it */
    if (attempt_make_dir(attempt) &&
        isolate(attempt, attempt->private, &pool->mutex, call_isolated, &ctx, &result)) {
        attempt_guard(attempt, take_isolated, &result);
    }
}

static void carry_out(Pool *pool, Attempt *attempt) {
    dag_ctx ctx = { .log = -1 };
    attempt->outcome.usage = usage_none();
    attempt->outcome.exit_status = -1;
    if (attempt->private) {
        carry_out_isolated(pool, attempt);
        return;
    }
    attempt_guard(attempt, call, &ctx);
    ctx_free(&ctx);
}

/* ---------------------------------------------------------------- the workers */

static void signal_ended(Pool *pool) {
    const uint64_t one = 1;
    while (write(pool->executor.fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

/* May one that stands in line begin? */
static bool line_moves(const Pool *pool) {
    return pool->nline > 0 && !pool->halted && pool->active < pool->slots;
}

static Attempt *take_work(Pool *pool, int64_t now) {
    Attempt *attempt = queue_pop(&pool->waiting);
    if (attempt) {
        pool->nwaiting--;
    } else if (line_moves(pool)) {
        attempt = queue_pop(&pool->line);
        attempt->outcome.started = now;
        pool->nline--;
    }
    pool->active += attempt != NULL;
    return attempt;
}

/* Waits for work; NULL: the pool is closing. *now: the time, brought forward when it has waited. */
static Attempt *next_work(Pool *pool, int64_t *now) {
    Attempt *attempt;
    while ((attempt = take_work(pool, *now)) == NULL && !pool->closing) {
        pool->idle++;
        pthread_cond_wait(&pool->work, &pool->mutex);
        pool->idle--;
        *now = pool->clock.now(pool->clock.self);
    }
    return attempt;
}

/* The attempt has ended, the mutex is held. */
static void hand_back(Pool *pool, Attempt *attempt) {
    attempt->private = NULL;
    pool->active--;
    pool->halted |= attempt->outcome.state != DAG_COMPLETED;
    queue_push(&pool->ended, attempt);
    if (pool->asks) {
        pool->asks = false;
        signal_ended(pool);
    }
}

static void *work(void *worker);

/* A thread's; freed by it when it ends. */
typedef struct Worker {
    Pool *pool;
    Attempt **current; /* lock: pool->mutex */
} Worker;

/* Until the pool is closing. */
static void serve(const Worker *worker) {
    Pool *pool = worker->pool;
    Attempt *attempt;
    int64_t now = pool->clock.now(pool->clock.self);
    pthread_mutex_lock(&pool->mutex);
    while ((attempt = next_work(pool, &now)) != NULL) {
        *worker->current = attempt;
        pthread_mutex_unlock(&pool->mutex);
        carry_out(pool, attempt);
        int64_t begun = now;
        now = pool->clock.now(pool->clock.self);
        attempt->spent = now > begun ? now - begun : 1;
        pthread_mutex_lock(&pool->mutex);
        *worker->current = NULL;
        hand_back(pool, attempt);
    }
    pthread_mutex_unlock(&pool->mutex);
}

/* Another thread stands in for this one, which is about to end; nobody waits for it then. The mutex is
 * held. False: there is none. */
static bool be_replaced(Worker *worker) {
    Pool *pool = worker->pool;
    pthread_t other, self = pthread_self();
    uint32_t i = 0;
    while (i < pool->n && !pthread_equal(pool->threads[i], self)) {
        i++;
    }
    if (pool->closing || i == pool->n || pthread_create(&other, NULL, work, worker) != 0) {
        return false;
    }
    pthread_detach(self);
    pool->threads[i] = other;
    return true;
}

/* The function has called pthread_exit: its frames are gone, its task has crashed. */
static void give_up_thread(void *arg) {
    Worker *worker = arg;
    Pool *pool = worker->pool;
    Attempt *attempt = *worker->current; /* nobody else writes it */
    attempt->arena.oom = NULL;           /* it was in those frames */
    attempt_fail(attempt, DAG_CRASHED, "exit", "the function has ended its thread (pthread_exit)");
    attempt->spent = 1;
    pthread_mutex_lock(&pool->mutex);
    *worker->current = NULL;
    bool replaced = be_replaced(worker);
    hand_back(pool, attempt);
    pthread_mutex_unlock(&pool->mutex);
    if (!replaced) {
        free(worker);
    }
}

static void *work(void *arg) {
    pthread_cleanup_push(give_up_thread, arg);
    serve(arg);
    pthread_cleanup_pop(0);
    free(arg);
    return NULL;
}

/* A worker takes no signals: they are for the threads of the embedding program. */
static bool add_worker(Pool *pool) {
    sigset_t all, before;
    Worker *worker = malloc(sizeof *worker);
    if (!worker) {
        return false;
    }
    *worker = (Worker){ .pool = pool, .current = &pool->current[pool->n] };
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&pool->mutex); /* be_replaced looks at them */
    bool good = pthread_create(&pool->threads[pool->n], NULL, work, worker) == 0;
    pool->n += good;
    pthread_mutex_unlock(&pool->mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!good) {
        free(worker);
    }
    return good;
}

/* ---------------------------------------------------------------- the driver's side */

static void refuse(Pool *pool, Attempt *attempt) {
    attempt->outcome.usage = usage_none();
    attempt->outcome.exit_status = -1;
    attempt->outcome.state = DAG_CRASHED;
    attempt->outcome.error = (dag_error){ .type = "spawn", .message = "no thread can be started" };
    queue_push(&pool->taken, attempt);
}

static void make_isolated(Attempt *attempt, void *arg) {
    (void)arg;
    attempt->private = ARENA_NEW(&attempt->arena, Isolated);
}

/* The driver's view, when it has handed out or given back so many attempts. */
static void count(Pool *pool, int more) {
    uint32_t all = pool->executor.busy + pool->executor.beyond + (uint32_t)more;
    pool->executor.busy = pool->slots;
    pool->executor.beyond = all - pool->slots;
}

static void start(void *self, Attempt *attempt) {
    Pool *pool = self;
    attempt->private = NULL;
    if ((attempt->stage->flags & DAG_STAGE_ISOLATE) != 0 &&
        !attempt_guard(attempt, make_isolated, NULL)) {
        queue_push(&pool->taken, attempt); /* no memory */
        return;
    }
    attempt->spent = 0;
    pthread_mutex_lock(&pool->mutex);
    bool busy = false;
    if (attempt->lined) {
        queue_push(&pool->line, attempt);
        pool->nline++;
    } else {
        queue_push(&pool->waiting, attempt);
        pool->slots++;
        busy = ++pool->nwaiting > pool->idle;
    }
    if (pool->idle > 0 && (!attempt->lined || line_moves(pool))) {
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->mutex);
    count(pool, 1);
    if (busy && pool->n < pool->most && !add_worker(pool) && pool->n == 0) {
        queue_remove(&pool->waiting, attempt); /* there is no other thread */
        pool->nwaiting--;
        pool->slots--;
        refuse(pool, attempt);
    }
}

/* Slots that nothing is left for. What has ended is taken back, so that the driver knows of the rest. */
static void give_up_slots(Pool *pool) {
    uint32_t use = pool->active + pool->nwaiting + pool->nline;
    pool->slots = use < pool->slots ? use : pool->slots;
}

/* A function that runs can only be asked (dag_cancelled), unless it is isolated; one that waits is
 * taken back. */
static void stop(void *self, Attempt *attempt, bool now) {
    Pool *pool = self;
    pthread_mutex_lock(&pool->mutex);
    bool waiting = queue_remove(&pool->waiting, attempt);
    if (!waiting && attempt->private) {
        isolate_stop(attempt->private, now);
    }
    pool->nwaiting -= waiting;
    if (!waiting && queue_remove(&pool->line, attempt)) {
        waiting = true;
        pool->nline--;
    }
    give_up_slots(pool);
    pthread_mutex_unlock(&pool->mutex);
    count(pool, 0);
    if (waiting) {
        attempt->outcome.usage = usage_none();
        attempt->outcome.exit_status = -1;
        attempt->outcome.state = DAG_CANCELLED;
        queue_push(&pool->taken, attempt);
    }
}

/* The driver knows of all that has ended. */
static void ask_for_more(Pool *pool) {
    uint64_t wakes;
    if (!pool->asks) {
        while (read(pool->executor.fd, &wakes, sizeof wakes) < 0 && errno == EINTR) {
        }
        pool->asks = true;
    }
    pool->halted = false;
    for (uint32_t i = 0; i < pool->idle && line_moves(pool) && i < pool->nline; i++) {
        pthread_cond_signal(&pool->work);
    }
}

static void take_ended(Pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    if (pool->ended.first) {
        *pool->taken.last = pool->ended.first;
        pool->taken.last = pool->ended.last;
        queue_init(&pool->ended);
        give_up_slots(pool);
    } else {
        ask_for_more(pool);
    }
    pool->nbegun = 0;
    for (uint32_t i = 0; i < pool->n; i++) {
        if (pool->current[i] && pool->current[i]->lined) {
            pool->begun[pool->nbegun++] = pool->current[i];
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    count(pool, 0);
}

static Attempt *reap(void *self) {
    Pool *pool = self;
    if (!pool->taken.first) {
        take_ended(pool);
    }
    Attempt *attempt = queue_pop(&pool->taken);
    if (attempt) {
        count(pool, -1);
    }
    return attempt;
}

static Attempt *begun(void *self) {
    Pool *pool = self;
    return pool->nbegun > 0 ? pool->begun[--pool->nbegun] : NULL;
}

static bool unline(void *self, Attempt *attempt) {
    Pool *pool = self;
    pthread_mutex_lock(&pool->mutex);
    bool there = queue_remove(&pool->line, attempt);
    pool->nline -= there;
    give_up_slots(pool);
    pthread_mutex_unlock(&pool->mutex);
    count(pool, there ? -1 : 0);
    return there;
}

static void pool_free(void *self) {
    Pool *pool = self;
    pthread_mutex_lock(&pool->mutex);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
    for (uint32_t i = 0; i < pool->n; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->mutex);
    if (pool->executor.fd >= 0) {
        close(pool->executor.fd);
    }
    free(pool->threads);
    free(pool->current);
    free(pool);
}

dag_executor *executor_native_new(uint32_t threads, dag_error *error) {
    Pool *pool = calloc(1, sizeof *pool);
    uint32_t most = threads > 0 ? threads : 1;
    pthread_t *ids = calloc(most, sizeof *ids);
    Attempt **current = calloc((size_t)most * 2, sizeof *current);
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!pool || !ids || !current || fd < 0) {
        *error = (dag_error){ .type = "oom",
                              .message = "no memory or descriptor is left for "
                                         "native functions" };
        free(pool);
        free(ids);
        free(current);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    pool->most = most;
    pool->threads = ids;
    pool->current = current;
    pool->begun = current + most;
    pool->clock = clock_system();
    pool->asks = true;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    queue_init(&pool->waiting);
    queue_init(&pool->line);
    queue_init(&pool->ended);
    queue_init(&pool->taken);
    pool->executor = (dag_executor){ .self = pool,
                                     .name = "native",
                                     .start = start,
                                     .stop = stop,
                                     .fd = fd,
                                     .reap = reap,
                                     .lines = true,
                                     .begun = begun,
                                     .unline = unline,
                                     .free = pool_free };
    return &pool->executor;
}
