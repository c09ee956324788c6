/*
 * line.c - short native functions that line up (core/run_line.c): the limit on jobs, failures,
 * cancelling and pausing are what they are without a line.
 */
#include <CUnit/CUnit.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiled.h"
#include "core/executor.h"
#include "core/reuse.h"
#include "handmade.h"
#include "literal.h"
#include "suites.h"

enum { TASKS = 1500 };

/* What the functions and the listener of a trial share. */
static struct Trial {
    atomic_int active, most; /* functions at the same time; with processes: most of both */
    atomic_int processes;
    atomic_int calls;
    int fail_at, stop_at; /* by number of the task; -1: none */
    bool pauses, cached;
    dag_run *run;
    int begun, ended[DAG_NSTATES];
    bool runs[TASKS]; /* by key: heard to run, and not to have ended */
    int wrong;        /* heard out of order */
} trial;

/* Long enough for others to get in between, short enough to line up. */
static void spend(int64_t ns) {
    struct timespec from, now;
    clock_gettime(CLOCK_MONOTONIC, &from);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((now.tv_sec - from.tv_sec) * INT64_C(1000000000) + now.tv_nsec - from.tv_nsec < ns);
}

static int work(dag_ctx *ctx, const void *in, void *out) {
    const int64_t *i = in;
    int now = atomic_fetch_add(&trial.active, 1) + 1 + atomic_load(&trial.processes);
    for (int most = atomic_load(&trial.most);
         now > most && !atomic_compare_exchange_weak(&trial.most, &most, now);) {
    }
    atomic_fetch_add(&trial.calls, 1);
    if (*i == trial.stop_at) {
        trial.pauses ? dag_run_pause(trial.run) : dag_run_cancel(trial.run);
    }
    spend(2000);
    memcpy(out, i, sizeof *i);
    atomic_fetch_sub(&trial.active, 1);
    return *i == trial.fail_at ? dag_fail(ctx, "no", "not this one") : 0;
}

static void hear(void *self, const dag_event *event) {
    (void)self;
    if (event->scope != DAG_SCOPE_TASK) {
        return;
    }
    uint32_t body = event->program->stages[event->stage].body;
    bool runs = event->state == DAG_RUNNING;
    if (body == DAG_BODY_EXEC) {
        atomic_fetch_add(&trial.processes, runs ? 1 : -1);
    } else if (body == DAG_BODY_NATIVE) {
        bool *known = &trial.runs[atoi(event->key)];
        trial.wrong += runs ? *known : !*known && event->state != DAG_CANCELLED;
        *known = runs;
        trial.begun += runs;
        trial.ended[event->state] += !runs;
    }
}

static bool never(void *self, uint32_t stage) {
    (void)self, (void)stage;
    return false;
}

static ReuseAnswer not_asked(void *self, const ReuseQuestion *question, dag_value *outputs,
                             const char **reason) {
    (void)self, (void)question, (void)outputs, (void)reason;
    CU_FAIL("nobody said that it may know anything");
    return REUSE_RUN;
}

/* `more`: stages beside the one of functions. */
static dag_state run_trial(uint32_t jobs, const char *more) {
    Arena arena = { .chunks = NULL };
    const char *list = "0";
    for (int i = 1; i < TASKS; i++) {
        list = arena_printf(&arena, "%s,%d", list, i);
    }
    Compiled c = compiled_new(arena_printf(
        &arena,
        "pipeline p { stage many { out i: stream<int> = [%s] }\n"
        "  stage work { in i: int = <many.i>  out o: int  c ''' out->o = in->i; ''' }\n"
        "%s }",
        list, more));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c.program);
    dag_program program = *c.program;
    dag_native native = program.natives[0];
    native.call = work;
    native.in_size = native.out_size = sizeof(int64_t); /* which the C compiler says else */
    program.natives = &native;
    dag_sink sink = { .event = hear };
    dag_reuse cache = { .ask = not_asked, .asks = never };
    dag_options options = { .retry = -1,
                            .jobs = jobs,
                            .sinks = &sink,
                            .nsinks = 1,
                            .reuse = trial.cached ? &cache : NULL };
    dag_error error;
    trial.run = dag_run_new(&program, &options, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trial.run);
    dag_state state = dag_run_wait(trial.run);
    dag_run_free(trial.run);
    compiled_free(&c);
    arena_free(&arena);
    return state;
}

static void reset(int fail_at, int stop_at, bool pauses) {
    memset(&trial, 0, sizeof trial);
    trial.fail_at = fail_at;
    trial.stop_at = stop_at;
    trial.pauses = pauses;
}

static void expect_count(const char *what, int got, int expected) {
    if (got != expected) {
        printf("%s: got %d, expected %d\n", what, got, expected);
        CU_FAIL("count");
    }
}

/* Without a cache, and with one that knows of other stages. */
static void test_all(void) {
    for (uint32_t i = 0; i < 6; i++) {
        uint32_t jobs = 1 + i % 3;
        reset(-1, -1, false);
        trial.cached = i >= 3;
        expect_text("state", dag_state_name(run_trial(jobs, "")), "completed");
        expect_count("calls", trial.calls, TASKS);
        expect_count("completed", trial.ended[DAG_COMPLETED], TASKS);
        expect_count("out of order", trial.wrong, 0);
        CU_ASSERT(trial.most >= 1 && trial.most <= (int)jobs);
    }
}

static void test_processes(void) {
    reset(-1, -1, false);
    const char *more = "  stage some { out i: stream<int> = [0,1,2,3,4,5,6,7,8,9,10,11] }\n"
                       "  stage process { in i: int = <some.i>  exec \"/bin/true\" }\n";
    expect_text("state", dag_state_name(run_trial(2, more)), "completed");
    expect_count("completed", trial.ended[DAG_COMPLETED], TASKS);
    CU_ASSERT(trial.most >= 1 && trial.most <= 2);
}

/* With one job nothing begins behind a failure. */
static void test_failure(void) {
    reset(700, -1, false);
    expect_text("state", dag_state_name(run_trial(1, "")), "failed");
    expect_count("calls", trial.calls, 701);
    expect_count("heard to begin", trial.begun, 701);
    expect_count("completed", trial.ended[DAG_COMPLETED], 700);
    expect_count("failed", trial.ended[DAG_FAILED], 1);
    expect_count("cancelled", trial.ended[DAG_CANCELLED], TASKS - 701);
    expect_count("out of order", trial.wrong, 0);
}

static void test_failure_tolerated(void) {
    reset(700, -1, false);
    const char *more = "  on_error continue\n";
    expect_text("state", dag_state_name(run_trial(2, more)), "failed");
    expect_count("completed", trial.ended[DAG_COMPLETED], TASKS - 1);
    expect_count("failed", trial.ended[DAG_FAILED], 1);
}

static void test_cancel(void) {
    for (uint32_t jobs = 1; jobs <= 2; jobs++) {
        reset(-1, 700, false);
        expect_text("state", dag_state_name(run_trial(jobs, "")), "cancelled");
        expect_count("heard to begin", trial.begun, trial.calls);
        expect_count("completed", trial.ended[DAG_COMPLETED], trial.calls);
        expect_count("cancelled", trial.ended[DAG_CANCELLED], TASKS - trial.calls);
        expect_count("out of order", trial.wrong, 0);
    }
}

static void test_pause(void) {
    reset(-1, 700, true);
    expect_text("state", dag_state_name(run_trial(2, "")), "paused");
    expect_count("heard to begin", trial.begun, trial.calls);
    expect_count("completed", trial.ended[DAG_COMPLETED], trial.calls);
    expect_count("cancelled", trial.ended[DAG_CANCELLED], 0);
    CU_ASSERT(trial.calls < TASKS);
}

void suite_line(void) {
    CU_pSuite suite = CU_add_suite("line", NULL, NULL);
    CU_add_test(suite, "no more than jobs at the same time", test_all);
    CU_add_test(suite, "nor with processes", test_processes);
    CU_add_test(suite, "nothing begins behind a failure", test_failure);
    CU_add_test(suite, "a failure that does not stop", test_failure_tolerated);
    CU_add_test(suite, "what is in line is cancelled", test_cancel);
    CU_add_test(suite, "what is in line waits for the resumption", test_pause);
}
