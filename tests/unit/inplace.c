/*
 * inplace.c - tasks evaluated where they stand end as those that take the way of all others: the
 * same pipeline is run both ways, and what listeners hear, and the outputs, are compared. Once more
 * it is run without listeners: then the quick way is open.
 */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "compiled.h"
#include "core/reuse.h"
#include "handmade.h"
#include "literal.h"
#include "suites.h"

typedef struct Heard {
    Arena arena;
    const dag_program *program;
    const char *text;
} Heard;

static void hear(void *self, const dag_event *event) {
    Heard *heard = self;
    const char *slug = event->stage == DAG_NONE
                           ? "run"
                           : event->program->strings + event->program->stages[event->stage].slug;
    heard->text = arena_printf(&heard->arena, "%s%d %s %s %u %s %s\n", heard->text,
                               (int)event->scope, slug, event->key ? event->key : "",
                               event->attempt, dag_state_name((dag_state)event->state),
                               event->error ? event->error->message : "");
    if (event->scope == DAG_SCOPE_TASK && event->outputs) {
        uint32_t n = event->program->stages[event->stage].nout;
        const char *json = value_to_json(&heard->arena, value_list(event->outputs, n));
        heard->text = arena_printf(&heard->arena, "%s%s\n", heard->text, json);
    }
}

static ReuseAnswer nothing_known(void *self, const ReuseQuestion *question, dag_value *outputs,
                                 const char **reason) {
    (void)self;
    (void)question;
    (void)outputs;
    *reason = NULL;
    return REUSE_RUN;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The same lines in order: what does not depend on each other may be heard in any. */
static const char *sorted(Arena *arena, const char *text) {
    const char *lines[256];
    size_t n = 0;
    for (; *text && n < 256; text += strcspn(text, "\n") + 1) {
        lines[n++] = arena_text(arena, text, strcspn(text, "\n"));
    }
    qsort(lines, n, sizeof *lines, by_text);
    text = "";
    for (size_t i = 0; i < n; i++) {
        text = arena_printf(arena, "%s%s\n", text, lines[i]);
    }
    return text;
}

typedef enum Way { BY_ATTEMPTS, IN_PLACE, UNHEARD, NEVER_ASKED, ASKED_NOW_AND_THEN } Way;

static bool never(void *self, uint32_t stage) {
    (void)self, (void)stage;
    return false;
}

static bool now_and_then(void *self, uint32_t stage) {
    (void)self;
    return stage % 2 == 1;
}

static ReuseAnswer only_where_it_asks(void *self, const ReuseQuestion *question, dag_value *outputs,
                                      const char **reason) {
    const dag_reuse *reuse = self;
    CU_ASSERT(reuse->asks(NULL, question->stage));
    return nothing_known(self, question, outputs, reason);
}

/* A stage whose tasks somebody is asked about takes the way of attempts. */
static const char *run_it(Heard *heard, Way way, uint32_t jobs, int64_t max_value) {
    dag_reuse asks = { .ask = way == BY_ATTEMPTS ? nothing_known : only_where_it_asks,
                       .asks = way == BY_ATTEMPTS   ? NULL
                               : way == NEVER_ASKED ? never
                                                    : now_and_then };
    asks.self = &asks;
    dag_sink sink = { .self = heard, .event = hear };
    dag_options options = { .retry = -1,
                            .jobs = jobs,
                            .run_id = "R",
                            .max_value = max_value,
                            .sinks = &sink,
                            .nsinks = way != UNHEARD,
                            .reuse = way == IN_PLACE || way == UNHEARD ? NULL : &asks };
    dag_error error;
    heard->text = "";
    dag_run *run = dag_run_new(heard->program, &options, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(run);
    dag_state state = dag_run_wait(run);
    const char *text = arena_printf(&heard->arena, "%s%s", sorted(&heard->arena, heard->text),
                                    dag_state_name(state));
    for (uint32_t i = 0; i < heard->program->noutputs; i++) {
        const dag_value *value = dag_run_output(run, i);
        text = arena_printf(&heard->arena, "%s %s", text,
                            value ? value_to_json(&heard->arena, *value) : "-");
    }
    dag_run_free(run);
    return text;
}

static void same(const char *pipeline, int64_t max_value, const char *end) {
    Compiled c = compiled_new(pipeline);
    Heard heard = { .program = c.program };
    CU_ASSERT_PTR_NOT_NULL_FATAL(c.program);
    const char *slow = run_it(&heard, BY_ATTEMPTS, 1, max_value);
    const char *placed = run_it(&heard, IN_PLACE, 1, max_value);
    expect_text("in place, as by attempts", placed, slow);
    expect_text("never asked", run_it(&heard, NEVER_ASKED, 1, max_value), slow);
    expect_text("asked now and then", run_it(&heard, ASKED_NOW_AND_THEN, 1, max_value), slow);
    const char *last = strrchr(slow, '\n') + 1;
    expect_text("unheard, as by attempts", run_it(&heard, UNHEARD, 1, max_value), last);
    if (end) {
        expect_text("the end", last, end);
    }
    arena_free(&heard.arena);
    compiled_free(&c);
}

static void test_values(void) {
    same("pipeline p { stage a { out n: int = 2  out t: string = \"x\" }\n"
         "  stage b { in n: int = <a.n>  in t: string = <a.t>  out s: string = \"<t><n>\" }\n"
         "  stage c { in n: int = <a.n>  in s: string = <b.s>  out l: list<string> = [<s>, "
         "\"<n>\"] }\n"
         "  output l: list<string> = <c.l>  output n: int = <a.n> }",
         0, "completed [\"x2\",\"2\"] 2");
}

static void test_fans(void) {
    same("pipeline p { stage many { out i: stream<int> = [3, 1, 2] }\n"
         "  stage each { in i: int = <many.i>  out s: string = \"<i>\"  out b: bool = <i | in(2, "
         "3)> }\n"
         "  stage odd { in s: string  out s: string = \"<s>!\" }\n"
         "  each.s -> odd.s where it != \"1\"\n"
         "  stage all { fan aggregate  in s: list<string> = <odd.s>  in b: list<bool> = <each.b>\n"
         "              out s: string = <s | join(\",\")>  out n: int = <b | length> }\n"
         "  output s: string = <all.s>  output n: int = <all.n> }",
         0, "completed \"3!,2!\" 3");
}

static void test_failures(void) {
    same("pipeline p { on_error continue\n"
         "  stage many { out i: stream<string> = [\"1\", \"x\", \"3\"] }\n"
         "  stage number { may_fail  in i: string = <many.i>  out n: int = <i | int> }\n"
         "  stage twice { in n: int? = <number.n>  out s: string = \"<n | default(0)>\" }\n"
         "  stage all { fan aggregate  in s: list<string> = <twice.s>  out s: string = <s | "
         "join(\",\")> }\n"
         "  stage sorry { out o: int = 1 }  number => sorry on failure\n"
         "  output s: string = <all.s>  output o: int = <sorry.o> }",
         0, "completed \"1,0,3\" 1");
}

static void test_stop(void) {
    same("pipeline p { stage a { out t: string = \"x\" }\n"
         "  stage b { in t: string = <a.t>  out n: int = <t | int> }\n"
         "  stage c { in n: int = <b.n>  out n: int = <n> }\n"
         "  stage d { out n: int = 1 }  c => d on failure\n"
         "  stage e { in n: int = <d.n>  out n: int = <n> }\n"
         "  output n: int? = <c.n>  output e: int = <e.n> }",
         0, "failed null 1");
}

static void test_limit(void) {
    same("pipeline p { stage a { out t: string = \"0123456789\" }\n"
         "  stage b { may_fail  in t: string = <a.t>  out t: string = \"<t><t>\" }\n"
         "  output t: string? = <b.t> }",
         16, "completed null");
}

/* ---------------------------------------------------------------- random graphs */

enum { GRAPHS = 60, MOST_STAGES = 24 };

static uint32_t random_below(uint32_t *seed, uint32_t n) {
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 10) % n;
}

/* A stage with two inputs from earlier ones. Some divide by nothing, or count too far; some are not
 * plain: texts, and what may be null. */
static const char *random_stage(Arena *arena, uint32_t *seed, uint32_t i) {
    static const struct {
        const char *type, *rest;
    } bodies[] = { { "int", "out o: int = <a>" },
                   { "int", "out o: int = <b>" },
                   { "int", "out o: int = <a | add(b)>" },
                   { "int", "out o: int = <a | mul(3) | sub(b)>" },
                   { "int", "out o: int = <a | div(b)>" },
                   { "int?", "out o: int = <a | default(b)>" },
                   { "int", "out t: string = \"<a>\"  out o: int = <b>" },
                   { "int", "in t: string = \"<a>.<b>\"  out o: int = <t | length>" } };
    if (i < 2 || random_below(seed, 6) == 0) {
        return arena_printf(arena, "out o: int = %u", random_below(seed, 3));
    }
    uint32_t body = random_below(seed, sizeof bodies / sizeof *bodies);
    uint32_t a = random_below(seed, i);
    return arena_printf(arena, "in a: %s = <s%u.o>  in b: int = <s%u.o>  %s", bodies[body].type, a,
                        random_below(seed, i), bodies[body].rest);
}

static const char *random_pipeline(Arena *arena, uint32_t seed) {
    uint32_t n = 3 + random_below(&seed, MOST_STAGES - 3);
    const char *text = "pipeline p { on_error continue\n";
    for (uint32_t i = 0; i < n; i++) {
        const char *body = random_stage(arena, &seed, i);
        text = arena_printf(arena, "%s  stage s%u { %s }\n  output o%u: int? = <s%u.o>\n", text, i,
                            body, i, i);
        if (i > 0 && random_below(&seed, 4) == 0) {
            const char *on = random_below(&seed, 2) ? " on always" : "";
            text = arena_printf(arena, "%s  s%u => s%u%s\n", text, random_below(&seed, i), i, on);
        }
    }
    return arena_printf(arena, "%s}\n", text);
}

static void test_random_graphs(void) {
    Arena arena = { 0 };
    for (uint32_t i = 0; i < GRAPHS; i++) {
        same(random_pipeline(&arena, i), 0, NULL);
    }
    arena_free(&arena);
}

void suite_inplace(void) {
    CU_pSuite suite = CU_add_suite("inplace", NULL, NULL);
    CU_add_test(suite, "values", test_values);
    CU_add_test(suite, "streams, conditions, lists", test_fans);
    CU_add_test(suite, "failures that are tolerated", test_failures);
    CU_add_test(suite, "a failure that stops the run", test_stop);
    CU_add_test(suite, "a value too large", test_limit);
    CU_add_test(suite, "random graphs", test_random_graphs);
}
