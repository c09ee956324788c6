/*
 * hooks.c - `hook start|success|failure|finish run "…"`: commands around the run that the user
 * started, one after the other, by the executor of processes.
 *
 * A hook is an attempt without a task. It works in RUN/hook-KIND/NUMBER/TIME, beside the stages (no
 * stage has a `-` in its name); TIME counts how often the run was started and resumed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/run.h"

static const int64_t LIMIT = (int64_t)60 * 1000000000; /* ns that a hook may take */

static const char *const kind_words[] = { [DAG_HOOK_START] = "start",
                                          [DAG_HOOK_SUCCESS] = "success",
                                          [DAG_HOOK_FAILURE] = "failure",
                                          [DAG_HOOK_FINISH] = "finish" };

static const dag_stage command_stage = { .body = DAG_BODY_RUN,
                                         .when = DAG_NONE,
                                         .native = DAG_NONE,
                                         .sub = DAG_NONE,
                                         .map_over = DAG_NONE };

/* One hook on its way. */
typedef struct HookRun {
    dag_run *run;
    dag_stage stage;
    uint32_t number; /* among those of its kind, from 1 */
    int cancels;     /* requests seen so far */
    Attempt attempt;
} HookRun;

/* ---------------------------------------------------------------- what it is told */

static dag_state state_of(const dag_run *run) {
    return run->state == DAG_QUEUED ? DAG_RUNNING : run->state;
}

static dag_value status_text(const dag_run *run) {
    const char *word = dag_state_name(state_of(run));
    return value_text(DAG_STRING, word, strlen(word));
}

static dag_value error_text(const dag_run *run) {
    FirstError first = run_error(run);
    bool bad = run->state == DAG_FAILED || run->state == DAG_CRASHED;
    const char *message = first.error.message ? first.error.message : "";
    return bad && first.error.type ? value_text(DAG_STRING, message, strlen(message))
                                   : value_null();
}

/* ---------------------------------------------------------------- its folder */

/* The first TIME that is free; what stands there was made when the run was started before. */
static bool make_folders(Attempt *attempt, void *arg) {
    const HookRun *h = arg;
    Arena *arena = &attempt->arena;
    const char *root = folder_path(attempt->folder);
    char *dir = NULL;
    bool made = false;
    for (uint32_t time = 1; root && !made && time < UINT32_MAX; time++) {
        dir = arena_printf(arena, "%s/hook-%s/%u/%u", root, attempt->hook, h->number, time);
        made = folder_make(dir);
        if (!made && errno != EEXIST) {
            break;
        }
    }
    if (!made || !attempt_make_work(attempt, dir)) {
        attempt_fail(attempt, DAG_CRASHED, "store", "cannot make its folder: %s", strerror(errno));
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- carried out */

static void stop(HookRun *h, bool now) {
    Attempt *attempt = &h->attempt;
    attempt->stopping = true;
    attempt->deadline = now ? INT64_MAX : time_after(h->run->now, h->run->kill_grace);
    attempt->executor->stop(attempt->executor->self, attempt, now);
}

/* Somebody wants the run to end, at once if asked twice. */
static void heed_requests(HookRun *h) {
    int cancels = atomic_load(&h->run->cancels);
    if (cancels > h->cancels) {
        stop(h, cancels > 1 || h->attempt.stopping);
        h->cancels = cancels;
    }
}

static void heed_time(HookRun *h) {
    Attempt *attempt = &h->attempt;
    if (h->run->now >= attempt->deadline) {
        attempt->timed_out = attempt->timed_out || !attempt->stopping;
        stop(h, attempt->stopping);
    }
}

static void carry_out(HookRun *h) {
    dag_run *run = h->run;
    Attempt *attempt = &h->attempt;
    dag_executor *executor = attempt->executor;
    executor->start(executor->self, attempt);
    attempt->deadline = run->now + LIMIT;
    while (executor->reap(executor->self) == NULL) {
        run_wait_until(run, attempt->deadline, h->cancels, false);
        run_tick(run);
        heed_requests(h);
        heed_time(h);
    }
}

/* ---------------------------------------------------------------- told */

static void complain(HookRun *h) {
    dag_run *run = h->run;
    Attempt *attempt = &h->attempt;
    const Outcome *outcome = &attempt->outcome;
    const char *message = outcome->error.message ? outcome->error.message : "it was cancelled";
    if (attempt->timed_out) {
        dag_value limit = value_int(DAG_DURATION, LIMIT);
        message = arena_printf(&attempt->arena, "timed out after %s",
                               value_to_text(&attempt->arena, limit).u.text);
    }
    bool kept = attempt->dir && !run->folder.temporary;
    const char *where =
        kept ? arena_printf(&attempt->arena, " (log: %s/stderr)", attempt->dir) : "";
    dag_event event = { .time = run->now,
                        .run = run->id,
                        .scope = DAG_SCOPE_LOG,
                        .state = state_of(run),
                        .stage = DAG_NONE,
                        .reason = arena_printf(&attempt->arena, "warning: hook %s: %s%s",
                                               attempt->hook, message, where),
                        .exit_status = -1 };
    if (events_wanted(&run->events)) {
        events_emit(&run->events, &event);
    }
}

static void prepare(HookRun *h, const dag_hook *hook) {
    Attempt *attempt = &h->attempt;
    h->stage = command_stage;
    h->stage.piece = hook->piece;
    h->stage.npiece = hook->npiece;
    run_bind(h->run, attempt);
    attempt->stage = &h->stage;
    attempt->hook = kind_words[hook->when];
    attempt->key = "-";
    attempt->deadline = INT64_MAX;
    attempt->launch.stage = DAG_NONE;
    attempt->specials[DAG_RUN_STATUS] = status_text(h->run);
    attempt->specials[DAG_RUN_ERROR] = error_text(h->run);
    attempt->outcome = (Outcome){ .exit_status = -1, .started = h->run->now };
}

static void carry_out_guarded(Attempt *attempt, void *arg) {
    HookRun *h = arg;
    dag_error error = { "spawn", "out of memory" };
    if (!make_folders(attempt, h)) {
        return;
    }
    attempt->executor = run_processes(h->run, &error);
    if (!attempt->executor) {
        attempt_fail(attempt, DAG_CRASHED, error.type, "%s", error.message);
        return;
    }
    carry_out(h);
}

static void tell_guarded(Attempt *attempt, void *arg) {
    (void)attempt;
    complain(arg);
}

static void run_hook(dag_run *run, const dag_hook *hook, uint32_t number, int cancels) {
    HookRun *h = calloc(1, sizeof *h);
    if (!h) {
        return;
    }
    h->run = run;
    h->number = number;
    h->cancels = cancels;
    prepare(h, hook);
    attempt_guard(&h->attempt, carry_out_guarded, h);
    run_tick(run);
    if (h->attempt.outcome.state != DAG_COMPLETED || h->attempt.timed_out) {
        attempt_guard(&h->attempt, tell_guarded, h);
    }
    box_release(h->attempt.outcome.box);
    arena_free(&h->attempt.arena);
    free(h);
}

void run_hooks(dag_run *run, dag_hook_when when) {
    const dag_program *program = run->program;
    int cancels = atomic_load(&run->cancels);
    uint32_t number = 0;
    run_tick(run);
    for (uint32_t i = 0; i < program->nhooks; i++) {
        if (program->hooks[i].when != when) {
            continue;
        }
        if (atomic_load(&run->cancels) > cancels) {
            return;
        }
        run_hook(run, &program->hooks[i], ++number, cancels);
    }
}

void run_end_hooks(dag_run *run) {
    if (!run->began || run->state == DAG_PAUSED) {
        return;
    }
    int cancels = atomic_load(&run->cancels);
    run_hooks(run, run->state == DAG_COMPLETED ? DAG_HOOK_SUCCESS : DAG_HOOK_FAILURE);
    if (atomic_load(&run->cancels) == cancels) {
        run_hooks(run, DAG_HOOK_FINISH);
    }
}
