/*
 * run.c - the driver with the real scheduler: expression stages in memory, processes and native
 * functions, and with a clock and executors of the test's own: time-outs, cancelling, pausing.
 */
#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/run.h"
#include "core/runid.h"
#include "core/sched_state.h"
#include "handmade.h"
#include "literal.h"
#include "suites.h"

static const int64_t SECOND = 1000000000;

/* ---------------------------------------------------------------- what was heard */

typedef struct Heard {
    Arena arena;
    const char *text; /* "run running; stage s running; …" */
    int attempts;
} Heard;

static void hear(void *self, const dag_event *event) {
    static const char *const scopes[] = { "run", "stage", "task", "attempt", "log" };
    Heard *heard = self;
    heard->attempts += event->scope == DAG_SCOPE_ATTEMPT;
    if (event->scope != DAG_SCOPE_RUN && event->scope != DAG_SCOPE_LOG) {
        return;
    }
    heard->text = arena_printf(&heard->arena, "%s%s %s", heard->text, scopes[event->scope],
                               dag_state_name((dag_state)event->state));
    if (event->reason) {
        heard->text = arena_printf(&heard->arena, "%s (%s)", heard->text, event->reason);
    }
    if (event->error) {
        heard->text = arena_printf(&heard->arena, "%s %s: %s", heard->text, event->error->type,
                                   event->error->message);
    }
    heard->text = arena_printf(&heard->arena, "%s; ", heard->text);
}

/* ---------------------------------------------------------------- a run of the test's */

typedef struct Trial {
    Hand *h;
    Heard heard;
    dag_sink sink;
    dag_options options;
    RunParts parts; /* clock.now NULL: the machine's */
    dag_run *run;
} Trial;

static Trial *trial_new(void) {
    Trial *t = calloc(1, sizeof *t);
    t->h = hand_new();
    t->heard.text = "";
    t->sink = (dag_sink){ .self = &t->heard, .event = hear };
    t->options = (dag_options){ .jobs = 2, .retry = -1, .sinks = &t->sink, .nsinks = 1 };
    return t;
}

static void make_run(Trial *t) {
    dag_error error = { NULL, NULL };
    const dag_program *program = hand_finish(t->h);
    t->run = run_new(program, &t->options, t->parts.clock.now ? &t->parts : NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->run);
}

static void trial_free(Trial *t) {
    dag_run_free(t->run);
    arena_free(&t->heard.arena);
    hand_free(t->h);
    free(t);
}

static void expect_state(Trial *t, dag_state expected) {
    make_run(t);
    dag_state state = dag_run_wait(t->run);
    expect_text("state", dag_state_name(state), dag_state_name(expected));
}

static void expect_output(Trial *t, uint32_t i, const char *expected) {
    const dag_value *value = dag_run_output(t->run, i);
    expect_text("output", value ? literal_of(&t->h->arena, *value) : "(missing)", expected);
}

/* ---------------------------------------------------------------- in memory */

static void evaluates_expressions(void) {
    Trial *t = trial_new();
    Hand *h = t->h;
    uint32_t i = hand_type(h, DAG_INT), s = hand_type(h, DAG_STRING);
    hand_input(h, "n", i, HAND_EXPR(h, i, hand_const(h, "20")));
    hand_stage(h, "a", DAG_BODY_NONE);
    uint32_t a = hand_out(h, "x", i, 0,
                          HAND_EXPR(h, i, HAND_RUN(0), hand_const(h, "1"), hand_pipe("add", 1)));
    hand_stage(h, "b", DAG_BODY_NONE);
    uint32_t in = hand_in(h, "x", i, DAG_NONE);
    uint32_t b =
        hand_out(h, "y", i, 0, HAND_EXPR(h, i, HAND_INPUT(0), HAND_INPUT(0), hand_pipe("add", 1)));
    uint32_t k = hand_out(h, "k", s, 0,
                          HAND_EXPR(h, s, HAND_SPECIAL(DAG_TASK_KEY), HAND_SPECIAL(DAG_RUN_ID),
                                    DAG_CODE(DAG_OP_CONCAT, 2)));
    hand_edge(h, a, in);
    hand_output(h, "y", i, b);
    hand_output(h, "k", s, k);
    t->options.run_id = "RUN";
    expect_state(t, DAG_COMPLETED);
    expect_output(t, 0, "42");
    expect_output(t, 1, "\"-RUN\"");
    CU_ASSERT_PTR_NULL(dag_run_output(t->run, 2));
    expect_text("events", t->heard.text, "run running; run completed; ");
    expect_text("name", dag_run_name(t->run), "RUN");
    trial_free(t);
}

static void takes_given_inputs(void) {
    Trial *t = trial_new();
    uint32_t i = hand_type(t->h, DAG_INT), f = hand_type(t->h, DAG_FILE);
    hand_input(t->h, "n", i, DAG_NONE);
    hand_input(t->h, "f", f, DAG_NONE);
    hand_stage(t->h, "a", DAG_BODY_NONE);
    uint32_t a = hand_out(t->h, "x", i, 0, HAND_EXPR(t->h, i, HAND_RUN(0)));
    uint32_t b = hand_out(t->h, "f", f, 0, HAND_EXPR(t->h, f, HAND_RUN(1)));
    hand_output(t->h, "x", i, a);
    hand_output(t->h, "f", f, b);
    dag_value given[] = { literal(&t->h->arena, "7"), literal(&t->h->arena, "file sub/x") };
    t->options.inputs = given;
    expect_state(t, DAG_COMPLETED);
    expect_output(t, 0, "7");
    char here[256];
    CU_ASSERT_PTR_NOT_NULL(getcwd(here, sizeof here));
    expect_output(t, 1, arena_printf(&t->h->arena, "file %s/sub/x", here));
    trial_free(t);

    t = trial_new();
    hand_input(t->h, "n", hand_type(t->h, DAG_INT), DAG_NONE);
    expect_state(t, DAG_FAILED);
    expect_text("events", t->heard.text, "run failed type: input n is not given; ");
    trial_free(t);
}

static void reports_failures(void) {
    Trial *t = trial_new();
    Hand *h = t->h;
    uint32_t i = hand_type(h, DAG_INT);
    hand_stage(h, "a", DAG_BODY_NONE);
    uint32_t a =
        hand_out(h, "x", i, 0, HAND_EXPR(h, i, hand_const(h, "\"abc\""), hand_pipe("int", 0)));
    hand_output(h, "x", i, a);
    expect_state(t, DAG_FAILED);
    FirstError first = run_error(t->run);
    expect_text("type", first.error.type, "expression");
    expect_part(first.error.message, "output x: ");
    CU_ASSERT_EQUAL(first.stage, 0);
    expect_text("key", first.key, "-");
    expect_output(t, 0, "(missing)");
    trial_free(t);
}

static void misses_required_outputs(void) {
    for (int optional = 0; optional < 2; optional++) {
        Trial *t = trial_new();
        Hand *h = t->h;
        uint32_t i = hand_type(h, DAG_INT), b = hand_type(h, DAG_BOOL);
        hand_stage(h, "a", DAG_BODY_NONE);
        hand_last(h)->when = HAND_EXPR(h, b, hand_const(h, "false"));
        uint32_t a = hand_out(h, "x", i, 0, HAND_EXPR(h, i, hand_const(h, "1")));
        hand_output(h, "x", optional ? hand_type_of(h, DAG_OPTIONAL, i) : i, a);
        expect_state(t, optional ? DAG_COMPLETED : DAG_FAILED);
        expect_output(t, 0, optional ? "null" : "(missing)");
        if (!optional) {
            expect_text("events", t->heard.text,
                        "run running; run failed output: output x is missing: `a` was filtered, as "
                        "`when <value>` of `a` does not hold; ");
            CU_ASSERT_EQUAL(run_error(t->run).stage, 0);
        }
        trial_free(t);
    }
}

/* A chain, to see that nothing is allocated but what is kept, and that no folder is made. */
static void touches_no_disk(void) {
    Trial *t = trial_new();
    Hand *h = t->h;
    uint32_t i = hand_type(h, DAG_INT), before = DAG_NONE;
    for (int n = 0; n < 50; n++) {
        char slug[16];
        snprintf(slug, sizeof slug, "s%d", n);
        hand_stage(h, slug, DAG_BODY_NONE);
        uint32_t value;
        if (n == 0) {
            value = HAND_EXPR(h, i, hand_const(h, "0"));
        } else {
            hand_edge(h, before, hand_in(h, "x", i, DAG_NONE));
            value = HAND_EXPR(h, i, HAND_INPUT(0), hand_const(h, "1"), hand_pipe("add", 1));
        }
        before = hand_out(h, "x", i, 0, value);
    }
    hand_output(h, "x", i, before);
    t->options.nsinks = 0;
    expect_state(t, DAG_COMPLETED);
    expect_output(t, 0, "49");
    CU_ASSERT_PTR_NULL(t->run->folder.path);
    CU_ASSERT_EQUAL(atomic_load(&t->run->wake), -1);
    trial_free(t);
}

/* ---------------------------------------------------------------- with processes and functions */

static int twice(dag_ctx *ctx, const void *in, void *out) {
    (void)ctx;
    *(int64_t *)out = 2 * *(const int64_t *)in;
    return 0;
}

static void runs_all_kinds_of_bodies(void) {
    Trial *t = trial_new();
    Hand *h = t->h;
    uint32_t i = hand_type(h, DAG_INT), s = hand_type(h, DAG_STRING), f = hand_type(h, DAG_FILE);
    hand_stage(h, "shell", DAG_BODY_RUN);
    hand_script(h, "echo 21");
    uint32_t a =
        hand_out(h, "n", i, 0, HAND_EXPR(h, i, HAND_SPECIAL(DAG_STDOUT), hand_pipe("int", 0)));
    hand_stage(h, "native", DAG_BODY_NATIVE);
    uint32_t in = hand_in(h, "n", i, DAG_NONE);
    h->ports[in].offset = 0;
    uint32_t b = hand_out(h, "m", i, 0, DAG_NONE);
    h->ports[b].offset = 0;
    hand_native(h, twice, 8, 8);
    hand_edge(h, a, in);
    hand_stage(h, "file", DAG_BODY_RUN);
    in = hand_in(h, "m", i, DAG_NONE);
    uint32_t path = hand_text(h, "a b.txt");
    hand_script(h, "echo $DAG_m >");
    hand_piece(h, DAG_PIECE_WORD, HAND_EXPR(h, f, HAND_OUT(0)));
    uint32_t c = hand_out(h, "f", f, DAG_PORT_PATH, path);
    hand_edge(h, b, in);
    hand_stage(h, "read", DAG_BODY_RUN);
    in = hand_in(h, "f", f, DAG_NONE);
    hand_script(h, "cat ");
    hand_piece(h, DAG_PIECE_WORD, HAND_EXPR(h, f, HAND_INPUT(0)));
    uint32_t d =
        hand_out(h, "s", s, 0, HAND_EXPR(h, s, HAND_SPECIAL(DAG_STDOUT), hand_pipe("trim", 0)));
    hand_edge(h, c, in);
    hand_output(h, "s", s, d);
    expect_state(t, DAG_COMPLETED);
    expect_output(t, 0, "\"42\"");
    CU_ASSERT_EQUAL(t->heard.attempts, 4);
    char *folder = strdup(t->run->folder.path);
    trial_free(t);
    CU_ASSERT_NOT_EQUAL(access(folder, F_OK), 0); /* it was a temporary one */
    free(folder);
}

static void keeps_given_folders(void) {
    char root[] = "/tmp/dag-unit-XXXXXX", path[128];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(root));
    snprintf(path, sizeof path, "%s/work/run", root);
    Trial *t = trial_new();
    hand_stage(t->h, "s", DAG_BODY_RUN);
    hand_script(t->h, "echo hello");
    t->options.work_dir = path;
    expect_state(t, DAG_COMPLETED);
    trial_free(t);
    snprintf(path, sizeof path, "%s/work/run/s/-/1/stdout", root);
    CU_ASSERT_EQUAL(access(path, R_OK), 0);
    CU_ASSERT(folder_remove(root));
}

static void *cancel_soon(void *run) {
    usleep(50 * 1000);
    dag_run_cancel(run);
    return NULL;
}

static void is_cancelled_by_another_thread(void) {
    Trial *t = trial_new();
    pthread_t thread;
    hand_stage(t->h, "s", DAG_BODY_RUN);
    hand_script(t->h, "sleep 1000");
    make_run(t);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, cancel_soon, t->run), 0);
    expect_text("state", dag_state_name(dag_run_wait(t->run)), "cancelled");
    pthread_join(thread, NULL);
    expect_text("events", t->heard.text, "run running; run cancelled (cancelled); ");
    trial_free(t);
}

/* ---------------------------------------------------------------- fakes */

/* A clock that moves when the run waits, and an executor whose attempts end when the test says. */
typedef struct Fake {
    int64_t now;
    Attempt *held[16];
    int nheld;
    Attempt *done;
    dag_executor executor;
    char log[512]; /* "start 10 stop 15 kill 20": seconds */
    int waits;
    bool heeds; /* a polite stop ends an attempt */
    void (*on_wait)(struct Fake *fake, dag_run *run);
    dag_run *run;
} Fake;

static int64_t fake_now(void *self) {
    return ((Fake *)self)->now;
}

static void note(Fake *fake, const char *what) {
    size_t n = strlen(fake->log);
    snprintf(fake->log + n, sizeof fake->log - n, "%s%s %lld", n ? " " : "", what,
             (long long)(fake->now / SECOND));
}

static void fake_end(Fake *fake, Attempt *attempt, dag_state state) {
    for (int i = 0; i < fake->nheld; i++) {
        if (fake->held[i] == attempt) {
            fake->held[i] = fake->held[--fake->nheld];
            attempt->outcome.state = state;
            attempt->next = fake->done;
            fake->done = attempt;
            return;
        }
    }
}

static void fake_start(void *self, Attempt *attempt) {
    Fake *fake = self;
    note(fake, "start");
    fake->held[fake->nheld++] = attempt;
}

static void fake_stop(void *self, Attempt *attempt, bool now) {
    Fake *fake = self;
    note(fake, now ? "kill" : "stop");
    if (now || fake->heeds) {
        fake_end(fake, attempt, DAG_CANCELLED);
    }
}

static Attempt *fake_reap(void *self) {
    Fake *fake = self;
    Attempt *attempt = fake->done;
    if (attempt) {
        fake->done = attempt->next;
    }
    return attempt;
}

static void fake_free(void *self) {
    (void)self;
}

/* Time passes at once; waiting for ever without anything to come is a failure of the driver. */
static int fake_wait(void *self, struct pollfd *fds, nfds_t n, int64_t ns) {
    Fake *fake = self;
    (void)fds, (void)n;
    fake->waits++;
    if (fake->on_wait) {
        fake->on_wait(fake, fake->run);
        return 0;
    }
    CU_ASSERT_FATAL(ns >= 0 && fake->waits < 1000);
    fake->now += ns;
    return 0;
}

/* A trial whose processes are the fake's. */
static Trial *fake_trial(Fake *fake) {
    Trial *t = trial_new();
    fake->executor = (dag_executor){ .self = fake,
                                     .name = "fake",
                                     .start = fake_start,
                                     .stop = fake_stop,
                                     .fd = -1,
                                     .reap = fake_reap,
                                     .free = fake_free };
    t->parts = (RunParts){
        .clock = { fake, fake_now }, .wait = fake_wait, .wait_self = fake, .local = &fake->executor
    };
    t->options.kill_grace = 5 * SECOND;
    return t;
}

static void run_fake(Trial *t, Fake *fake, dag_state expected, const char *log) {
    make_run(t);
    fake->run = t->run;
    expect_text("state", dag_state_name(dag_run_wait(t->run)), dag_state_name(expected));
    expect_text("log", fake->log, log);
}

static void times_out_attempts(void) {
    for (int heeds = 0; heeds < 2; heeds++) {
        Fake fake = { .now = 0, .heeds = heeds };
        Trial *t = fake_trial(&fake);
        hand_stage(t->h, "s", DAG_BODY_RUN);
        hand_last(t->h)->timeout = 10 * SECOND;
        run_fake(t, &fake, DAG_FAILED, heeds ? "start 0 stop 10" : "start 0 stop 10 kill 15");
        expect_text("events", t->heard.text,
                    "run running; run failed timeout: timed out after 10s; ");
        trial_free(t);
    }
}

static void retries_time_outs(void) {
    Fake fake = { .heeds = true };
    Trial *t = fake_trial(&fake);
    hand_stage(t->h, "s", DAG_BODY_RUN);
    hand_last(t->h)->timeout = 10 * SECOND;
    hand_last(t->h)->retry = 2;
    hand_last(t->h)->retry_on = DAG_CAUSE_TIMEOUT;
    hand_last(t->h)->backoff = 3 * SECOND;
    run_fake(t, &fake, DAG_FAILED, "start 0 stop 10 start 13 stop 23 start 29 stop 39");
    CU_ASSERT_EQUAL(t->heard.attempts, 3);
    trial_free(t);
}

static void times_out_runs(void) {
    Fake fake = { .heeds = false };
    Trial *t = fake_trial(&fake);
    hand_stage(t->h, "a", DAG_BODY_RUN);
    hand_stage(t->h, "b", DAG_BODY_RUN);
    hand_stage(t->h, "c", DAG_BODY_RUN); /* two at a time: it never starts */
    t->options.timeout = 60 * SECOND;
    run_fake(t, &fake, DAG_FAILED, "start 0 start 0 stop 60 stop 60 kill 65 kill 65");
    expect_text("events", t->heard.text,
                "run running; run failed (timeout) timeout: the run timed out after 1m; ");
    CU_ASSERT_EQUAL(sched_stage_state(t->run->sched, 2), DAG_CANCELLED);
    trial_free(t);
}

static void cancel_once(Fake *fake, dag_run *run) {
    CU_ASSERT_FATAL(fake->waits < 100);
    if (fake->waits == 1) {
        dag_run_cancel(run);
    }
    fake->now += SECOND;
}

static void cancel_twice(Fake *fake, dag_run *run) {
    CU_ASSERT_FATAL(fake->waits < 100);
    if (fake->waits <= 2) {
        dag_run_cancel(run);
    }
    fake->now += SECOND;
}

static void cancels(void) {
    static const struct {
        bool heeds;
        void (*on_wait)(Fake *fake, dag_run *run);
        const char *log;
    } rows[] = {
        { true, cancel_once, "start 0 start 0 stop 1 stop 1" },
        { false, cancel_once, "start 0 start 0 stop 1 stop 1 kill 6 kill 6" },
        { false, cancel_twice, "start 0 start 0 stop 1 stop 1 kill 2 kill 2" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Fake fake = { .heeds = rows[i].heeds, .on_wait = rows[i].on_wait };
        Trial *t = fake_trial(&fake);
        hand_stage(t->h, "a", DAG_BODY_RUN);
        hand_stage(t->h, "b", DAG_BODY_RUN);
        hand_stage(t->h, "c", DAG_BODY_RUN);
        run_fake(t, &fake, DAG_CANCELLED, rows[i].log);
        expect_text("events", t->heard.text, "run running; run cancelled (cancelled); ");
        trial_free(t);
    }
}

static void add_hooks(Trial *t, const dag_hook *hooks, uint32_t n) {
    t->h->program.hooks = hooks;
    t->h->program.nhooks = n;
}

static const dag_hook start_and_finish[] = { { .when = DAG_HOOK_FINISH },
                                             { .when = DAG_HOOK_START } };

static void times_out_hooks(void) {
    Fake fake = { .heeds = false };
    Trial *t = fake_trial(&fake);
    hand_stage(t->h, "s", DAG_BODY_RUN);
    hand_last(t->h)->timeout = 10 * SECOND;
    add_hooks(t, start_and_finish, 2);
    run_fake(t, &fake, DAG_FAILED,
             "start 0 stop 60 kill 65 start 65 stop 75 kill 80 start 80 stop 140 kill 145");
    expect_part(t->heard.text, "run running; log running (warning: hook start: timed out after 1m");
    expect_part(t->heard.text, "run failed timeout: timed out after 10s; log failed (warning: hook "
                               "finish: timed out after 1m");
    trial_free(t);
}

/* The first request finds the start hook at work, the next ones the end hooks. */
static void cancel_hooks(Fake *fake, dag_run *run) {
    CU_ASSERT_FATAL(fake->waits < 100);
    fake->now += SECOND;
    if (fake->waits <= 2) {
        dag_run_cancel(run);
    }
}

static void cancels_hooks(void) {
    static const dag_hook hooks[] = { { .when = DAG_HOOK_START },   { .when = DAG_HOOK_START },
                                      { .when = DAG_HOOK_FAILURE }, { .when = DAG_HOOK_FAILURE },
                                      { .when = DAG_HOOK_SUCCESS }, { .when = DAG_HOOK_FINISH } };
    Fake fake = { .heeds = true, .on_wait = cancel_hooks };
    Trial *t = fake_trial(&fake);
    hand_stage(t->h, "s", DAG_BODY_RUN);
    add_hooks(t, hooks, 6);
    run_fake(t, &fake, DAG_CANCELLED, "start 0 stop 1 start 1 kill 2");
    expect_part(t->heard.text, "run cancelled (cancelled); log cancelled (warning: hook failure: ");
    trial_free(t);
}

static void pause_then_end(Fake *fake, dag_run *run) {
    CU_ASSERT_FATAL(fake->waits < 100);
    fake->now += SECOND;
    if (fake->waits == 1) {
        dag_run_pause(run);
    } else if (fake->waits == 3) {
        note(fake, "end");
        fake_end(fake, fake->held[0], DAG_COMPLETED);
    }
}

static void pauses(void) {
    Fake fake = { .on_wait = pause_then_end };
    Trial *t = fake_trial(&fake);
    hand_stage(t->h, "a", DAG_BODY_RUN);
    hand_stage(t->h, "b", DAG_BODY_RUN);
    t->options.jobs = 1;
    add_hooks(t, start_and_finish, 1); /* the run has not ended */
    run_fake(t, &fake, DAG_PAUSED, "start 0 end 3");
    expect_text("events", t->heard.text, "run running; run paused; ");
    trial_free(t);
}

static void fail_first(Fake *fake, dag_run *run) {
    (void)run;
    CU_ASSERT_FATAL(fake->waits < 100);
    if (fake->nheld > 0) {
        fake->held[0]->outcome.error = (dag_error){ "exit", "exit status 1" };
        fake_end(fake, fake->held[0], DAG_FAILED);
    } else {
        fake->now += 5 * SECOND;
    }
}

/* While it waits for a further attempt, what is blocked is told once. */
static void tells_stalls(void) {
    Fake fake = { .on_wait = fail_first };
    Trial *t = fake_trial(&fake);
    hand_stage(t->h, "s", DAG_BODY_RUN);
    hand_last(t->h)->retry = 1;
    hand_last(t->h)->retry_on = DAG_CAUSE_ANY;
    hand_last(t->h)->backoff = 100 * SECOND;
    run_fake(t, &fake, DAG_FAILED, "start 0 start 100");
    expect_text("events", t->heard.text,
                "run running; log running (stall: nothing has run for 30s, these stages wait:\n"
                "  `s` waits for its back-off: task - failed, attempt 2 begins in 1m10s); "
                "run failed exit: exit status 1; ");
    trial_free(t);
}

/* Closes a gate that nobody will open, and ends what runs. */
static void close_gate(Fake *fake, dag_run *run) {
    CU_ASSERT_FATAL(fake->waits < 100 && fake->nheld > 0);
    stage_run(run->sched, 1)->gates++;
    fake_end(fake, fake->held[0], DAG_COMPLETED);
}

/* The compiler makes it unreachable; the run ends all the same, as failed. */
static void tells_deadlocks(void) {
    Fake fake = { .on_wait = close_gate };
    Trial *t = fake_trial(&fake);
    hand_stage(t->h, "s", DAG_BODY_RUN);
    hand_stage(t->h, "t", DAG_BODY_RUN);
    hand_order(t->h, 0, 1, DAG_ON_SUCCESS);
    run_fake(t, &fake, DAG_FAILED, "start 0");
    expect_text("events", t->heard.text,
                "run running; run failed deadlock: nothing runs and nothing can start, but these "
                "stages have not ended (a mistake in dagcc, please report it):\n"
                "  `t` is pending and waits for nothing; ");
    trial_free(t);
}

/* ---------------------------------------------------------------- a store that fails */

typedef struct FakeStore {
    dag_store store;
    int events, fails_after; /* check fails once so many events have come */
    bool begins, flushes;
    int last_state; /* of the run */
} FakeStore;

static bool store_begin(void *self, const StoreRun *run, dag_error *error) {
    FakeStore *store = self;
    CU_ASSERT_PTR_NOT_NULL(run->id);
    *error = (dag_error){ "store", "no space left" };
    return store->begins;
}

static void store_event(void *self, const dag_event *event) {
    FakeStore *store = self;
    store->events++;
    if (event->scope == DAG_SCOPE_RUN) {
        store->last_state = (int)event->state;
    }
}

static bool store_check(void *self, dag_error *error) {
    FakeStore *store = self;
    *error = (dag_error){ "store", "no space left" };
    return store->events < store->fails_after;
}

static bool store_flush(void *self, dag_error *error) {
    *error = (dag_error){ "store", "not durable" };
    return ((FakeStore *)self)->flushes;
}

static FakeStore store_new(void) {
    return (FakeStore){ .store = { .begin = store_begin,
                                   .event = store_event,
                                   .check = store_check,
                                   .flush = store_flush },
                        .fails_after = 1000,
                        .begins = true,
                        .flushes = true,
                        .last_state = -1 };
}

static Trial *store_trial(Fake *fake, FakeStore *store) {
    Trial *t = fake_trial(fake);
    store->store.self = store;
    t->options.store = &store->store;
    fake->heeds = true;
    hand_stage(t->h, "a", DAG_BODY_RUN);
    hand_last(t->h)->timeout = 10 * SECOND;
    return t;
}

static void crashes_with_its_store(void) {
    Fake fake = { .now = 0 };
    FakeStore store = store_new();
    store.begins = false;
    Trial *t = store_trial(&fake, &store);
    run_fake(t, &fake, DAG_CRASHED, "");
    expect_text("events", t->heard.text, "run crashed store: no space left; ");
    CU_ASSERT_EQUAL(store.events, 0);
    trial_free(t);

    store = store_new();
    store.fails_after = 3;
    fake = (Fake){ .now = 0 };
    t = store_trial(&fake, &store);
    run_fake(t, &fake, DAG_CRASHED, "start 0 stop 0");
    expect_text("events", t->heard.text, "run running; run crashed store: no space left; ");
    trial_free(t);

    store = store_new();
    store.flushes = false;
    fake = (Fake){ .on_wait = fail_first };
    t = store_trial(&fake, &store);
    run_fake(t, &fake, DAG_CRASHED, "start 0");
    expect_part(t->heard.text, "run crashed");
    CU_ASSERT_EQUAL(store.last_state, DAG_CRASHED);
    trial_free(t);

    store = store_new();
    fake = (Fake){ .now = 0 };
    t = store_trial(&fake, &store);
    run_fake(t, &fake, DAG_FAILED, "start 0 stop 10");
    CU_ASSERT_EQUAL(store.last_state, DAG_FAILED);
    trial_free(t);
}

/* ---------------------------------------------------------------- resources, names, memory */

static void checks_resources(void) {
    static const char *const names[] = { "gpu" };
    static const dag_resource given[] = { { .amount = 1 } };
    static const struct {
        const char *name;
        int64_t asks, grow;
        uint32_t retry;
        bool given, off;
        const char *expected;
    } rows[] = {
        { "cpu", 1, 1, 0, false, false, "run running; run completed; " },
        { "cpu", 100000, 1, 0, false, false,
          "run failed limit: stage `s` asks for cpu: 100000, this machine has " },
        { "cpu", 1, 100, 3, false, false,
          "run failed limit: stage `s` asks for cpu: 100 on attempt 2, this machine has " },
        { "cpu", 1, 100, 3, false, false, "(to start it anyway: --resources cpu=1000000); " },
        { "cpu", 100000, 1, 0, false, true, "run running; run completed; " },
        { "memory", INT64_C(1) << 60, 1, 0, false, false,
          "run failed limit: stage `s` asks for memory: 1073741824GiB, this machine has " },
        { "gpu", 1, 1, 0, true, false, "run running; run completed; " },
        { "gpu", 1, 1, 0, false, false,
          "run failed limit: stage `s` asks for gpu: 1, and nobody says how much there is (to "
          "start it anyway: --resources gpu=1); " },
        { "gpu", 2, 1, 0, true, false,
          "run failed limit: stage `s` asks for gpu: 2, --resources gives 1 (to start it anyway: "
          "--resources gpu=2); " },
        { "gpu", 1, 2, 1, true, false,
          "run failed limit: stage `s` asks for gpu: 2 on attempt 2, --resources gives 1 (to "
          "start it anyway: --resources gpu=2); " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Trial *t = trial_new();
        uint32_t type = hand_type(t->h, DAG_INT);
        hand_stage(t->h, "s", DAG_BODY_NONE);
        hand_out(t->h, "x", type, 0, HAND_EXPR(t->h, type, hand_const(t->h, "1")));
        t->h->resources[0] =
            (dag_resource){ hand_name(t->h, rows[i].name), rows[i].asks, rows[i].grow };
        hand_last(t->h)->nresource = 1;
        hand_last(t->h)->retry = rows[i].retry;
        hand_last(t->h)->flags |= rows[i].off ? DAG_STAGE_OFF : 0;
        t->options.resources = given;
        t->options.resource_names = names;
        t->options.nresources = rows[i].given;
        make_run(t);
        dag_run_wait(t->run);
        expect_part(t->heard.text, rows[i].expected);
        trial_free(t);
    }
}

static void names_runs(void) {
    char id[RUNID_SIZE], next[RUNID_SIZE];
    runid_at(INT64_C(1767323045000000000) + 60 * 0x1a2b3c, id);
    expect_text("id", id, "20260102-030405-1a2b3c");
    runid_at(INT64_C(951782399999999999), id); /* the last moment of a leap day */
    expect_text("id", id, "20000228-235959-fe502a");
    runid_at(INT64_C(951868799000000000), id);
    expect_text("id", id, "20000229-235959-000000");
    runid_make(id);
    for (int i = 0; i < 1000; i++) {
        runid_make(next);
        CU_ASSERT(strcmp(id, next) <= 0);
        memcpy(id, next, sizeof id);
    }
}

static void refuses_other_versions(void) {
    dag_program program = { .abi = DAG_ABI + 1 };
    dag_error error = { NULL, NULL };
    CU_ASSERT_PTR_NULL(dag_run_new(&program, NULL, &error));
    expect_part(error.message, "another version");
}

void suite_run(void) {
    CU_pSuite suite = CU_add_suite("run", NULL, NULL);
    CU_add_test(suite, "evaluates expressions", evaluates_expressions);
    CU_add_test(suite, "takes given inputs", takes_given_inputs);
    CU_add_test(suite, "reports failures", reports_failures);
    CU_add_test(suite, "misses required outputs", misses_required_outputs);
    CU_add_test(suite, "touches no disk", touches_no_disk);
    CU_add_test(suite, "runs all kinds of bodies", runs_all_kinds_of_bodies);
    CU_add_test(suite, "keeps given folders", keeps_given_folders);
    CU_add_test(suite, "is cancelled by another thread", is_cancelled_by_another_thread);
    CU_add_test(suite, "times out attempts", times_out_attempts);
    CU_add_test(suite, "retries time-outs", retries_time_outs);
    CU_add_test(suite, "times out runs", times_out_runs);
    CU_add_test(suite, "cancels", cancels);
    CU_add_test(suite, "times out hooks", times_out_hooks);
    CU_add_test(suite, "cancels hooks", cancels_hooks);
    CU_add_test(suite, "pauses", pauses);
    CU_add_test(suite, "tells stalls", tells_stalls);
    CU_add_test(suite, "tells deadlocks", tells_deadlocks);
    CU_add_test(suite, "crashes with its store", crashes_with_its_store);
    CU_add_test(suite, "checks resources", checks_resources);
    CU_add_test(suite, "names runs", names_runs);
    CU_add_test(suite, "refuses other versions", refuses_other_versions);
}
