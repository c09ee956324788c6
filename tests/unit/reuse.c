/*
 * reuse.c - the driver asks what is known of a task before it runs: completed before, cached,
 * skipped, a closed gate; attempts are numbered on; two sources as one.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/run.h"
#include "handmade.h"
#include "literal.h"
#include "suites.h"

/* `a` (expression, x = 1) -> `b` (expression, y = x + 1) -> output y. */
typedef struct Fake {
    dag_reuse table;
    ReuseAnswer answers[2]; /* by stage */
    int asked[2], completed[2];
    uint32_t before;
    bool freed;
} Fake;

static ReuseAnswer fake_ask(void *self, const ReuseQuestion *q, dag_value *outputs,
                            const char **reason) {
    Fake *fake = self;
    fake->asked[q->stage]++;
    CU_ASSERT_STRING_EQUAL(q->key, "-");
    *reason = "as the fake says";
    outputs[0] = value_int(DAG_INT, 40);
    return fake->answers[q->stage];
}

static void fake_completed(void *self, const ReuseQuestion *q, const dag_value *outputs) {
    ((Fake *)self)->completed[q->stage]++;
    CU_ASSERT_EQUAL(outputs[0].kind, DAG_INT);
}

static uint32_t fake_attempts(void *self, const ReuseQuestion *q) {
    (void)q;
    return ((Fake *)self)->before;
}

static void fake_free(void *self) {
    ((Fake *)self)->freed = true;
}

static void fake_init(Fake *fake, ReuseAnswer a, ReuseAnswer b) {
    *fake = (Fake){ .answers = { a, b } };
    fake->table = (dag_reuse){ .self = fake,
                               .ask = fake_ask,
                               .completed = fake_completed,
                               .attempts = fake_attempts,
                               .free = fake_free };
}

typedef struct Heard {
    Arena arena;
    const char *text;
} Heard;

static void hear(void *self, const dag_event *event) {
    Heard *heard = self;
    if (event->scope != DAG_SCOPE_TASK) {
        return;
    }
    heard->text = arena_printf(&heard->arena, "%s%u %s %u%s; ", heard->text, event->stage,
                               dag_state_name((dag_state)event->state), event->attempt,
                               event->known ? " known" : "");
}

static void expect_run(dag_reuse *reuse, dag_state state, const char *output, const char *events) {
    Hand *h = hand_new();
    Heard heard = { .text = "" };
    dag_sink sink = { .self = &heard, .event = hear };
    dag_options options = { .jobs = 2, .retry = -1, .sinks = &sink, .nsinks = 1, .reuse = reuse };
    uint32_t i = hand_type(h, DAG_INT);
    hand_stage(h, "a", DAG_BODY_NONE);
    uint32_t a = hand_out(h, "x", i, 0, HAND_EXPR(h, i, hand_const(h, "1")));
    hand_stage(h, "b", DAG_BODY_NONE);
    uint32_t in = hand_in(h, "x", i, DAG_NONE);
    uint32_t b = hand_out(h, "y", i, 0,
                          HAND_EXPR(h, i, HAND_INPUT(0), hand_const(h, "1"), hand_pipe("add", 1)));
    hand_edge(h, a, in);
    hand_output(h, "y", i, b);
    dag_error error = { NULL, NULL };
    dag_run *run = run_new(hand_finish(h), &options, NULL, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(run);
    expect_text("state", dag_state_name(dag_run_wait(run)), dag_state_name(state));
    const dag_value *value = dag_run_output(run, 0);
    expect_text("output", value ? literal_of(&h->arena, *value) : "(missing)", output);
    expect_text("events", heard.text, events);
    dag_run_free(run);
    arena_free(&heard.arena);
    hand_free(h);
}

static void runs_what_nobody_knows(void) {
    Fake fake;
    fake_init(&fake, REUSE_RUN, REUSE_RUN);
    fake.before = 2;
    expect_run(&fake.table, DAG_COMPLETED, "2",
               "0 running 3; 0 completed 3; 1 running 3; 1 completed 3; ");
    CU_ASSERT_EQUAL(fake.asked[0] + fake.asked[1], 2);
    CU_ASSERT_EQUAL(fake.completed[0] + fake.completed[1], 2);
}

static void takes_results(void) {
    Fake fake;
    fake_init(&fake, REUSE_COMPLETED, REUSE_RUN);
    expect_run(&fake.table, DAG_COMPLETED, "41",
               "0 completed 0 known; 1 running 1; 1 completed 1; ");
    CU_ASSERT_EQUAL(fake.completed[0], 0);
    CU_ASSERT_EQUAL(fake.completed[1], 1);
    fake_init(&fake, REUSE_CACHED, REUSE_CACHED);
    expect_run(&fake.table, DAG_COMPLETED, "40", "0 cached 0; 1 cached 0; ");
}

static void skips(void) {
    Fake fake;
    fake_init(&fake, REUSE_RUN, REUSE_SKIP);
    expect_run(&fake.table, DAG_FAILED, "(missing)", "0 running 1; 0 completed 1; 1 skipped 0; ");
    fake_init(&fake, REUSE_SKIP, REUSE_RUN);
    expect_run(&fake.table, DAG_FAILED, "(missing)", "0 skipped 0; 1 skipped 0; ");
    CU_ASSERT_EQUAL(fake.asked[1], 0);
}

static void asks_one_after_the_other(void) {
    Fake first, second;
    fake_init(&first, REUSE_COMPLETED, REUSE_RUN);
    fake_init(&second, REUSE_CACHED, REUSE_CACHED);
    second.before = 5;
    dag_reuse *both = reuse_chain(&first.table, &second.table);
    CU_ASSERT_PTR_NOT_NULL_FATAL(both);
    expect_run(both, DAG_COMPLETED, "40", "0 completed 0 known; 1 cached 0; ");
    CU_ASSERT_EQUAL(second.asked[0], 0);
    both->free(both->self);
    CU_ASSERT(first.freed && second.freed);
    CU_ASSERT_PTR_EQUAL(reuse_chain(NULL, &first.table), &first.table);
    CU_ASSERT_PTR_NULL(reuse_chain(NULL, NULL));
}

void suite_reuse(void) {
    CU_pSuite suite = CU_add_suite("reuse", NULL, NULL);
    CU_add_test(suite, "runs what nobody knows", runs_what_nobody_knows);
    CU_add_test(suite, "takes results", takes_results);
    CU_add_test(suite, "skips", skips);
    CU_add_test(suite, "asks one after the other", asks_one_after_the_other);
}
