/*
 * call.c - stages that call a pipeline, in memory: what children are given and give, the order of
 * results, limits in common, errors, cancelling and pausing, what listeners hear.
 */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "compiled.h"
#include "core/call.h"
#include "handmade.h"
#include "literal.h"
#include "suites.h"

/* ---------------------------------------------------------------- a run of a compiled pipeline */

typedef struct Trial {
    Compiled c;
    Arena arena;
    dag_options options;
    dag_sink sinks[2];
    dag_run *run;
    const char *heard; /* of all runs: "ID state; " */
    int at_root;       /* events that a sink without `children` heard with a depth */
    uint32_t most;     /* tasks with a process or function at the same time */
    uint32_t now;
    uint32_t children; /* runs at the same time */
    uint32_t most_children;
    const char *stop_at; /* a run: pause or cancel when it has completed */
    bool pauses;
} Trial;

static void hear_run(Trial *t, const dag_event *event) {
    bool begins = event->state == DAG_RUNNING;
    const char *id = strchr(event->run, '/');
    t->heard = arena_printf(&t->arena, "%s%s %s; ", t->heard, id ? id : "",
                            dag_state_name((dag_state)event->state));
    if (event->depth > 0) {
        t->children += begins ? 1 : -1u;
        t->most_children = t->children > t->most_children ? t->children : t->most_children;
    }
    if (t->stop_at && id && strcmp(id, t->stop_at) == 0 && event->state == DAG_COMPLETED) {
        t->pauses ? dag_run_pause(t->run) : dag_run_cancel(t->run);
    }
}

static void hear(void *self, const dag_event *event) {
    Trial *t = self;
    if (event->scope == DAG_SCOPE_RUN) {
        hear_run(t, event);
    }
    if (event->scope == DAG_SCOPE_TASK &&
        event->program->stages[event->stage].body == DAG_BODY_RUN) {
        t->now += event->state == DAG_RUNNING ? 1 : -1u;
        t->most = t->now > t->most ? t->now : t->most;
    }
}

static void hear_root(void *self, const dag_event *event) {
    Trial *t = self;
    t->at_root += event->depth > 0;
}

static Trial *trial_new(const char *text) {
    Trial *t = calloc(1, sizeof *t);
    t->c = compiled_new(text);
    t->heard = "";
    t->sinks[0] = (dag_sink){ .self = t, .event = hear, .children = true };
    t->sinks[1] = (dag_sink){ .self = t, .event = hear_root };
    t->options =
        (dag_options){ .jobs = 2, .retry = -1, .run_id = "R", .sinks = t->sinks, .nsinks = 2 };
    return t;
}

static void expect_state(Trial *t, dag_state expected) {
    dag_error error = { NULL, NULL };
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->c.program);
    t->run = dag_run_new(t->c.program, &t->options, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->run);
    expect_text("state", dag_state_name(dag_run_wait(t->run)), dag_state_name(expected));
    CU_ASSERT_EQUAL(t->at_root, 0);
    CU_ASSERT_EQUAL(t->children, 0);
}

static void expect_output(Trial *t, uint32_t i, const char *expected) {
    const dag_value *value = dag_run_output(t->run, i);
    expect_text("output", value ? literal_of(&t->arena, *value) : "(missing)", expected);
}

static void trial_free(Trial *t) {
    dag_run_free(t->run);
    arena_free(&t->arena);
    compiled_free(&t->c);
    free(t);
}

#define SQUARE                                                                           \
    "pipeline square {\n"                                                                \
    "  input n: int\n"                                                                   \
    "  input plus: int = 100\n"                                                          \
    "  stage s { in n: int = <input.n>  out v: int = <n | mul(n) | add(input.plus)> }\n" \
    "  output v: int = <s.v>\n"                                                          \
    "}\n"

/* ---------------------------------------------------------------- results */

static void calls_once_and_for_each(void) {
    Trial *t = trial_new(
        SQUARE
        "pipeline p {\n"
        "  stage d { out xs: list<int> = <list(1, 2, 3)>  out two: int = 2  out m: map<int> ="
        " <'{\"b\":1,\"a\":2}' | json | as(map<int>)> }\n"
        "  stage one = call square\n  stage all = map square over n\n  stage keys = map square "
        "over n\n"
        "  d.two -> one.n, all.plus\n  d.xs -> all.n\n  d.m -> keys.n\n"
        "  output one: int = <one.v>\n  output all: list<int> = <all.v>\n"
        "  output keys: map<int> = <keys.v>\n"
        "}\n");
    expect_state(t, DAG_COMPLETED);
    expect_output(t, 0, "104");
    expect_output(t, 1, "[3,6,11]");
    const dag_value *keys = dag_run_output(t->run, 2);
    expect_text("keys", keys ? value_to_json(&t->arena, *keys) : "", "{\"b\":101,\"a\":104}");
    expect_part(t->heard, "/one.- running; ");
    expect_part(t->heard, "/all.-.2 completed; ");
    expect_part(t->heard, "/keys.-.a completed; ");
    trial_free(t);
}

static void calls_for_each_key_and_in_depth(void) {
    Trial *t = trial_new(SQUARE "pipeline row {\n"
                                "  input to: int\n"
                                "  stage xs { out l: list<int> = <[input.to, input.to]> }\n"
                                "  stage all = map square over n\n  xs.l -> all.n\n"
                                "  output v: list<int> = <all.v>\n"
                                "}\n"
                                "pipeline p {\n"
                                "  stage d { out x: stream<int> = [1, 2, 3] }\n"
                                "  stage row = call row\n  d.x -> row.to\n"
                                "  output rows: list<list<int>> = <row.v>\n"
                                "}\n");
    expect_state(t, DAG_COMPLETED);
    expect_output(t, 0, "[[101,101],[104,104],[109,109]]");
    expect_part(t->heard, "/row.2/all.-.1 completed; ");
    trial_free(t);
}

static void goes_over_much(void) {
    Trial *t = trial_new(SQUARE "pipeline p {\n"
                                "  input xs: list<int>\n"
                                "  stage all = map square over n { in n: list<int> = <input.xs> }\n"
                                "  output all: list<int> = <all.v>\n"
                                "}\n");
    enum { N = 5000 };
    dag_value *items = ARENA_ARRAY(&t->arena, N, dag_value);
    for (int i = 0; i < N; i++) {
        items[i] = value_int(DAG_INT, i);
    }
    dag_value list = value_list(items, N);
    t->options.inputs = &list;
    t->options.nsinks = 0;
    expect_state(t, DAG_COMPLETED);
    const dag_value *all = dag_run_output(t->run, 0);
    CU_ASSERT_EQUAL_FATAL(all->len, N);
    for (int i = 0; i < N; i++) {
        CU_ASSERT_EQUAL_FATAL(all->u.items[i].u.i, (int64_t)i * i + 100);
    }
    trial_free(t);
}

/* ---------------------------------------------------------------- limits */

#define NAP                                                                       \
    "pipeline nap {\n"                                                            \
    "  input n: int\n"                                                            \
    "  stage s { in n: int = <input.n>  out v: int = <n>  run \"sleep 0.02\" }\n" \
    "  output v: int = <s.v>\n"                                                   \
    "}\n"

static void shares_the_jobs(void) {
    Trial *t = trial_new(
        NAP "pipeline naps {\n"
            "  input l: list<int>\n"
            "  stage all = map nap over n { in n: list<int> = <input.l> }\n"
            "  output v: list<int> = <all.v>\n"
            "}\n"
            "pipeline p {\n"
            "  stage d { out x: stream<list<int>> = <list(list(1, 2, 3), list(4, 5), list(6))> }\n"
            "  stage own { run \"sleep 0.02\" }\n"
            "  stage far = call naps\n  d.x -> far.l\n"
            "  output v: list<list<int>> = <far.v>\n"
            "}\n");
    expect_state(t, DAG_COMPLETED);
    expect_output(t, 0, "[[1,2,3],[4,5],[6]]");
    CU_ASSERT_EQUAL(t->most, 2);
    CU_ASSERT(t->most_children <= 8); /* two depths, jobs + 2 at each */
    trial_free(t);
}

static void bounds_elements(void) {
    Trial *t = trial_new(
        NAP "pipeline p {\n"
            "  stage all = map nap over n { in n: list<int> = [1, 2, 3, 4]  max_parallel 1 }\n"
            "  output v: list<int> = <all.v>\n"
            "}\n");
    expect_state(t, DAG_COMPLETED);
    CU_ASSERT_EQUAL(t->most_children, 1);
    trial_free(t);
}

/* ---------------------------------------------------------------- errors */

static void expect_failure(const char *pipeline, bool goes_on, const char *type,
                           const char *message) {
    Trial *t = trial_new(pipeline);
    t->options.jobs = 1;
    t->options.continue_on_error = goes_on;
    expect_state(t, DAG_FAILED);
    FirstError first = run_error(t->run);
    expect_text("type", first.error.type, type);
    expect_part(first.error.message, message);
    CU_ASSERT_EQUAL(strstr(t->heard, "/all.-.8 ") != NULL, goes_on);
    trial_free(t);
}

static void tells_which_element_failed(void) {
    static const char text[] =
        "pipeline part {\n"
        "  input n: int\n"
        "  stage s { in n: int = <input.n>  out v: int = <6 | div(n)> }\n"
        "  output v: int = <s.v>\n"
        "}\n"
        "pipeline p {\n"
        "  stage all = map part over n { in n: list<int> = [1, 0, 2, 3, 4, 5, 6, 7, 8] }\n"
        "  output v: list<int> = <all.v>\n"
        "}\n";
    expect_failure(text, false, "expression", "element 1: in part, stage s: output v: ");
    expect_failure(text, true, "expression", "element 1: in part, stage s: output v: ");
}

static void checks_what_it_is_given(void) {
    expect_failure("pipeline part {\n"
                   "  input n: int where it < 3\n"
                   "  stage s { out v: int = <input.n> }\n"
                   "  output v: int = <s.v>\n"
                   "}\n"
                   "pipeline p {\n"
                   "  stage all = map part over n { in n: list<int> = [1, 7] }\n"
                   "  output v: list<int> = <all.v>\n"
                   "}\n",
                   false, "type", "element 1: in part: input n: 7: `where it < 3` does not hold");
}

/* ---------------------------------------------------------------- stopped */

static Trial *stopped_trial(bool pauses) {
    Trial *t = trial_new(NAP "pipeline naps {\n"
                             "  input n: int\n"
                             "  stage l { out xs: list<int> = <[input.n, input.n]> }\n"
                             "  stage all = map nap over n\n  l.xs -> all.n\n"
                             "  output v: list<int> = <all.v>\n"
                             "}\n"
                             "pipeline p {\n"
                             "  stage far = map naps over n { in n: list<int> = [1, 2, 3, 4, 5] }\n"
                             "  output v: list<list<int>> = <far.v>\n"
                             "}\n");
    t->options.jobs = 1;
    t->stop_at = "/far.-.0/all.-.0";
    t->pauses = pauses;
    return t;
}

static void is_cancelled_all_the_way(void) {
    Trial *t = stopped_trial(false);
    expect_state(t, DAG_CANCELLED);
    expect_part(t->heard, "/far.-.0 cancelled; ");
    expect_part(t->heard, " cancelled; ");
    CU_ASSERT_PTR_NULL(strstr(t->heard, "/far.-.4 "));
    trial_free(t);
}

static void is_paused_all_the_way(void) {
    Trial *t = stopped_trial(true);
    expect_state(t, DAG_PAUSED);
    expect_part(t->heard, "/far.-.0 paused; ");
    CU_ASSERT_PTR_NULL(strstr(t->heard, "failed"));
    CU_ASSERT_PTR_NULL(strstr(t->heard, "cancelled"));
    trial_free(t);
}

/* ---------------------------------------------------------------- names */

static void names_elements(void) {
    Arena arena = { 0 };
    const char *const keys[] = { "plain-1_A", "a/b", "..", "", "\xc3\xa4" };
    const char *const names[] = { "plain-1_A", "a%2Fb", "%2E%2E", "%n3", "%C3%A4" };
    dag_entry entries[5] = { 0 };
    dag_value map = value_map(entries, 5);
    for (uint32_t i = 0; i < 5; i++) {
        entries[i].name = value_text(DAG_STRING, keys[i], strlen(keys[i]));
        expect_text("name", call_element_name(&map, i, &arena), names[i]);
    }
    arena_free(&arena);
}

void suite_call(void) {
    CU_pSuite suite = CU_add_suite("call", NULL, NULL);
    CU_ADD_TEST(suite, calls_once_and_for_each);
    CU_ADD_TEST(suite, calls_for_each_key_and_in_depth);
    CU_ADD_TEST(suite, goes_over_much);
    CU_ADD_TEST(suite, shares_the_jobs);
    CU_ADD_TEST(suite, bounds_elements);
    CU_ADD_TEST(suite, tells_which_element_failed);
    CU_ADD_TEST(suite, checks_what_it_is_given);
    CU_ADD_TEST(suite, is_cancelled_all_the_way);
    CU_ADD_TEST(suite, is_paused_all_the_way);
    CU_ADD_TEST(suite, names_elements);
}
