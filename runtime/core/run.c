/*
 * run.c - the run API: what a run owns, and requests to it from other threads and signal handlers.
 */
#include "core/run.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/call.h"
#include "core/capacity.h"
#include "core/remake.h"
#include "core/runid.h"

static const int64_t SECOND = 1000000000;

static const dag_error no_memory = { .type = "oom", .message = "out of memory" };

/* ---------------------------------------------------------------- the machine */

static int wait_fds(void *self, struct pollfd *fds, nfds_t n, int64_t ns) {
    struct timespec time = { .tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND) };
    (void)self;
    return ppoll(fds, n, ns < 0 ? NULL : &time, NULL);
}

uint32_t run_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        return (uint32_t)CPU_COUNT(&set);
    }
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (uint32_t)n : 1;
}

uint32_t run_default_jobs(const dag_options *options) {
    const ExecutorKind *kind = executor_kind(options->executor);
    uint32_t jobs = kind && kind->jobs > 0 ? kind->jobs : run_processors();
    return options->jobs > 0 ? options->jobs : jobs;
}

void run_tick(dag_run *run) {
    run->now = run->parts.clock.now(run->parts.clock.self);
}

/* ---------------------------------------------------------------- making */

/* Those that hear of children, in the same order. */
static void take_child_sinks(dag_run *run) {
    dag_sink *sinks = ARENA_ARRAY(&run->arena, run->events.nsinks, dag_sink);
    for (size_t i = 0; run->program->nsubs > 0 && i < run->events.nsinks; i++) {
        if (run->events.sinks[i].children) {
            sinks[run->nchild_sinks++] = run->events.sinks[i];
        }
    }
    run->child_sinks = sinks;
}

/* The store listens first: what others are told is on its way to the disk. */
static void take_sinks(dag_run *run, const dag_options *options) {
    dag_sink *sinks = ARENA_ARRAY(&run->arena, options->nsinks + 1, dag_sink);
    size_t n = 0;
    run->store = options->store;
    run->seat.share = options->share;
    run->reuse = options->reuse;
    run->planning = options->plan;
    run->resume = options->resume;
    run->queued = options->queued;
    if (options->origin) {
        run->origin = arena_text(&run->arena, options->origin, strlen(options->origin));
    }
    if (run->store) {
        sinks[n++] = (dag_sink){ .self = run->store->self,
                                 .event = run->store->event,
                                 .children = run->store->children };
    }
    for (size_t i = 0; i < options->nsinks; i++) {
        sinks[n++] = options->sinks[i];
    }
    run->events = (Events){ .sinks = sinks, .nsinks = n, .run = run->id, .program = run->program };
    for (size_t i = 0; i < n; i++) {
        run->tells_progress = run->tells_progress || sinks[i].progress;
        run->events.attempts = run->events.attempts || sinks[i].attempts;
    }
    run->next_progress = INT64_MAX;
    take_child_sinks(run);
}

bool run_mentions_key(const dag_program *program) {
    for (uint32_t i = 0; i < program->ncode; i++) {
        if (program->code[i] == DAG_CODE(DAG_OP_SPECIAL, DAG_TASK_KEY)) {
            return true;
        }
    }
    return false;
}

static void take_options(dag_run *run, const dag_options *options) {
    char *id = arena_alloc(&run->arena, RUNID_SIZE);
    runid_make(id);
    run->id =
        options->run_id ? arena_text(&run->arena, options->run_id, strlen(options->run_id)) : id;
    run->specials[DAG_RUN_ID] = value_text(DAG_STRING, run->id, strlen(run->id));
    run->jobs = run_default_jobs(options);
    run->queue_poll = options->queue_poll;
    run->slots = run->program->max_parallel > 0 && run->program->max_parallel < run->jobs
                     ? run->program->max_parallel
                     : run->jobs;
    run->retry = options->retry;
    run->continues = options->continue_on_error;
    run->kill_grace = options->kill_grace > 0 ? options->kill_grace : 5 * SECOND;
    run->timeout = options->timeout > 0 ? options->timeout : run->program->timeout;
    run->stall_grace = run->program->stall_grace > 0 ? run->program->stall_grace : 30 * SECOND;
    run->max_value = options->max_value > 0 ? (size_t)options->max_value : DAG_MAX_VALUE;
    run->outputs = ARENA_ARRAY(&run->arena, run->program->noutputs, dag_value);
    run->present = ARENA_ARRAY(&run->arena, run->program->noutputs, bool);
    run->tells_keys = options->reuse || run_mentions_key(run->program);
    take_sinks(run, options);
}

static bool make_sched(dag_run *run, const dag_options *options, const dag_resource *capacity,
                       size_t ncapacity) {
    run->asks = run_asks(run);
    SchedConfig config = { .program = run->program,
                           .exprs = run->exprs,
                           .world = remake_world(run),
                           .inputs = run->inputs,
                           .specials = run->specials,
                           .max_value = run->max_value,
                           .events = &run->events,
                           .jobs = run->jobs,
                           .continue_on_error =
                               options->continue_on_error || run->program->continue_on_error,
                           .retry = options->retry,
                           .capacity = capacity,
                           .ncapacity = ncapacity,
                           .leader = run->seat.share ? share_leader(run->seat.share) : NULL,
                           .asks = run->asks,
                           .traces = run->store != NULL || run->events.attempts,
                           .reclaim = run->planning ? NULL : remake_reclaim,
                           .reclaim_self = run };
    run->sched = sched_new(&config);
    return run->sched != NULL;
}

/* What the user has to mend does not keep the run from being made: it ends with it. */
static bool fill(dag_run *run, const dag_options *options, dag_error *error) {
    const dag_resource *capacity;
    size_t ncapacity;
    dag_error refusal = { NULL, NULL };
    if (!folder_init(&run->folder, options->work_dir)) {
        return false;
    }
    take_options(run, options);
    run->exprs = expr_program_new(run->program, error);
    if (!run->exprs) {
        return false;
    }
    if (!run_take_inputs(run, options->inputs, &refusal) ||
        !capacity_take(run->program, options, &run->arena, &capacity, &ncapacity, &refusal)) {
        run_fail(run, refusal.type, refusal.message, DAG_NONE);
        return true;
    }
    *error = no_memory;
    return make_sched(run, options, capacity, ncapacity);
}

static bool fill_guarded(dag_run *run, const dag_options *options, dag_error *error) {
    jmp_buf oom;
    run->arena.oom = &oom;
    bool good = setjmp(oom) == 0 && fill(run, options, error);
    run->arena.oom = NULL;
    return good;
}

dag_run *run_new(const dag_program *program, const dag_options *options, const RunParts *parts,
                 dag_error *error) {
    static const dag_options none = { .retry = -1 };
    dag_run *run = calloc(1, sizeof *run);
    *error = no_memory;
    if (!run) {
        return NULL;
    }
    run->program = program;
    run->root = run;
    run->kind = executor_kind(options ? options->executor : NULL);
    if (!run->kind) {
        *error = (dag_error){ .type = "spawn", .message = "there is no executor of this name" };
        free(run);
        return NULL;
    }
    run->parts = parts ? *parts : (RunParts){ .clock = clock_system(), .wait = wait_fds };
    run->error.stage = DAG_NONE;
    run->state = DAG_QUEUED;
    atomic_init(&run->wake, -1);
    if (!fill_guarded(run, options ? options : &none, error)) {
        dag_run_free(run);
        return NULL;
    }
    *error = (dag_error){ NULL, NULL };
    return run;
}

dag_run *dag_run_new(const dag_program *program, const dag_options *options, dag_error *error) {
    if (program->abi != DAG_ABI) {
        *error = (dag_error){ .type = "spawn",
                              .message = "the program was compiled for another version of the "
                                         "runtime library" };
        return NULL;
    }
    return run_new(program, options, NULL, error);
}

void dag_run_free(dag_run *run) {
    if (!run) {
        return;
    }
    calls_free(run);
    remake_free(run);
    run_free_attempts(run);
    if (run->parts.local) {
        run->parts.local->free(run->parts.local->self);
    }
    if (run->parts.queue) {
        run->parts.queue->free(run->parts.queue->self);
    }
    if (run->parts.native) {
        run->parts.native->free(run->parts.native->self);
    }
    sched_free(run->sched);
    expr_program_free(run->exprs);
    folder_free(&run->folder);
    free(run->spent);
    int wake = atomic_load(&run->wake);
    if (wake >= 0) {
        close(wake);
    }
    arena_free(&run->arena);
    free(run);
}

/* ---------------------------------------------------------------- requests */

/* First the request, then the eventfd: who makes that looks for requests once more before it
 * waits (run_loop.c). */
void run_wake(dag_run *run) {
    const uint64_t one = 1;
    int before = errno, fd = atomic_load(&run->wake);
    if (fd >= 0 && write(fd, &one, sizeof one) < 0) {
        errno = before; /* it is full: the run wakes up anyway */
    }
}

void dag_run_cancel(dag_run *run) {
    atomic_fetch_add(&run->cancels, 1);
    run_wake(run);
}

void dag_run_pause(dag_run *run) {
    atomic_store(&run->pause_asked, true);
    run_wake(run);
}

const char *dag_run_name(const dag_run *run) {
    return run->id;
}

const dag_value *dag_run_output(const dag_run *run, uint32_t i) {
    return i < run->program->noutputs && run->present[i] ? &run->outputs[i] : NULL;
}

/* ---------------------------------------------------------------- errors and events */

void run_fail(dag_run *run, const char *type, const char *message, uint32_t stage) {
    bool first = run->sched == NULL || sched_first_error(run->sched).error.type == NULL;
    if (run->error.error.type || !first) {
        return;
    }
    run->error.error.type = type ? arena_text(&run->arena, type, strlen(type)) : "store";
    run->error.error.message = arena_text(&run->arena, message, strlen(message));
    run->error.stage = stage;
}

FirstError run_error(const dag_run *run) {
    if (run->error.error.type || !run->sched) {
        return run->error;
    }
    FirstError first = sched_first_error(run->sched);
    first.stage = first.error.type ? first.stage : DAG_NONE;
    return first;
}

static void tell(dag_run *run, const Events *events, dag_state state, const char *reason) {
    FirstError first = run_error(run);
    bool bad = state == DAG_FAILED || state == DAG_CRASHED;
    dag_event event = { .time = run->now,
                        .run = run->id,
                        .scope = DAG_SCOPE_RUN,
                        .state = state,
                        .stage = bad ? first.stage : DAG_NONE,
                        .key = bad ? first.key : NULL,
                        .reason = reason,
                        .error = bad && first.error.type ? &first.error : NULL,
                        .exit_status = -1,
                        .started = run->started,
                        .inputs = state == DAG_RUNNING ? run->inputs : NULL,
                        .outputs = run->ended ? run->outputs : NULL };
    if (events_wanted(events)) {
        events_emit(events, &event);
    }
}

void run_event(dag_run *run, dag_state state, const char *reason) {
    tell(run, &run->events, state, reason);
}

void run_event_store(dag_run *run, dag_state state, const char *reason) {
    Events first = run->events;
    first.nsinks = run->store != NULL;
    tell(run, &first, state, reason);
}

void run_event_others(dag_run *run, dag_state state, const char *reason) {
    Events others = run->events;
    others.sinks += run->store != NULL;
    others.nsinks -= run->store != NULL;
    tell(run, &others, state, reason);
}

/* ---------------------------------------------------------------- the whole of it */

/* The store knows nothing of this run: only the others are told. */
static void leave_store(dag_run *run) {
    run->events.sinks += run->store != NULL;
    run->events.nsinks -= run->store != NULL;
    run->store = NULL;
}

/* False: nothing was started. */
static bool begin(dag_run *run) {
    StoreRun row = { .id = run->id,
                     .program = run->program,
                     .inputs = run->inputs,
                     .started = run->started,
                     .resume = run->resume,
                     .queued = run->queued,
                     .origin = run->origin };
    dag_error error = { NULL, NULL };
    if (run->error.error.type) {
        leave_store(run); /* refused: its inputs or resources */
        return false;
    }
    if (run->store && !run->store->begin(run->store->self, &row, &error)) {
        leave_store(run);
        run->crashed = true;
        run_fail(run, "store", error.message ? error.message : "the store is not usable", DAG_NONE);
        return false;
    }
    return true;
}

dag_state dag_run_wait(dag_run *run) {
    jmp_buf oom;
    run_tick(run);
    run->started = run->moved = run->now;
    run->deadline = run->timeout > 0 ? time_after(run->now, run->timeout) : INT64_MAX;
    run->next_deadline = INT64_MAX;
    run->arena.oom = &oom;
    if (setjmp(oom)) {
        /* Only the run's own arena: its error, outputs. Attempts have theirs. */
        run->arena.oom = NULL;
        run->error.error = no_memory;
        run->state = DAG_CRASHED;
        run_drain(run);
        share_leave(run);
        run_event(run, DAG_CRASHED, NULL);
        return run->state;
    }
    if (run->planning) {
        run_plan(run);
        run->arena.oom = NULL;
        return run->state;
    }
    if (begin(run)) {
        share_join(run);
        run_loop(run);
        share_leave(run);
    }
    run_end(run);
    run_end_hooks(run);
    run->arena.oom = NULL;
    return run->state;
}
