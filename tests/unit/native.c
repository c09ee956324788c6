/*
 * native.c - native functions: every type there and back, the calls of dag_ctx, what is refused,
 * threads.
 */
#include <CUnit/CUnit.h>
#include <cjson/cJSON.h>
#include <poll.h>
#include <stdalign.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handmade.h"
#include "literal.h"
#include "suites.h"

enum { SECOND = 1000 }; /* ms */

static dag_executor *make_native(uint32_t threads) {
    dag_error error = { NULL, NULL };
    dag_executor *native = executor_native_new(threads, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(native);
    return native;
}

static const char *carry_out(HandAttempt *a) {
    dag_executor *native = make_native(1);
    hand_carry_out(native, a);
    native->free(native->self);
    return hand_outcome(a);
}

static void expect(Hand *h, const char *const *inputs, const char *expected) {
    HandAttempt *a = hand_attempt(h, 0, inputs);
    expect_text("outcome", carry_out(a), expected);
    hand_attempt_free(a);
    hand_free(h);
}

/* ---------------------------------------------------------------- every type, there and back */

typedef struct Inner {
    int64_t n;
    const char *word; /* string? */
} Inner;

typedef struct Strings {
    const char *const *items;
    size_t len;
} Strings;

typedef struct Inners {
    const Inner *items;
    size_t len;
} Inners;

typedef struct Map {
    const char *const *keys;
    const double *values;
    size_t len;
} Map;

typedef struct All {
    bool b;
    int64_t i;
    double f;
    const char *s;
    int64_t d, z;
    int e;
    Inner r;
    Strings ss;
    Inners rs;
    Map m;
    const int64_t *oi, *none;
    const char *os, *nos;
    const Inner *or_;
    const cJSON *j;
} All;

static int copy_all(dag_ctx *ctx, const void *in, void *out) {
    (void)ctx;
    memcpy(out, in, sizeof(All));
    return 0;
}

/* A port of the same type at the same place on either side. */
static void both(Hand *h, const char *name, uint32_t type, size_t offset) {
    h->ports[hand_in(h, name, type, DAG_NONE)].offset = (uint32_t)offset;
}

static void mirror(Hand *h) {
    dag_stage *stage = hand_last(h);
    for (uint32_t i = 0; i < stage->nin; i++) {
        dag_port in = h->ports[stage->in + i];
        uint32_t out = hand_out(h, h->text + in.name, in.type, 0, DAG_NONE);
        h->ports[out].offset = in.offset;
    }
}

static uint32_t inner_type(Hand *h) {
    uint32_t r = hand_record(h, DAG_RECORD, "Inner", sizeof(Inner), alignof(Inner));
    hand_field(h, r, "n", hand_type(h, DAG_INT), offsetof(Inner, n));
    hand_field(h, r, "word", hand_type_of(h, DAG_OPTIONAL, hand_type(h, DAG_STRING)),
               offsetof(Inner, word));
    return r;
}

static uint32_t enum_type(Hand *h) {
    uint32_t e = hand_record(h, DAG_ENUM, "E", sizeof(int), alignof(int));
    hand_field(h, e, "low", DAG_NONE, 0);
    hand_field(h, e, "high", DAG_NONE, 0);
    return e;
}

static void carries_every_type(void) {
    Hand *h = hand_new();
    uint32_t i = hand_type(h, DAG_INT), f = hand_type(h, DAG_FLOAT), s = hand_type(h, DAG_STRING);
    uint32_t r = inner_type(h), e = enum_type(h);
    hand_stage(h, "s", DAG_BODY_NATIVE);
    both(h, "b", hand_type(h, DAG_BOOL), offsetof(All, b));
    both(h, "i", i, offsetof(All, i));
    both(h, "f", f, offsetof(All, f));
    both(h, "s", s, offsetof(All, s));
    both(h, "d", hand_type(h, DAG_DURATION), offsetof(All, d));
    both(h, "z", hand_type(h, DAG_SIZE), offsetof(All, z));
    both(h, "e", e, offsetof(All, e));
    both(h, "r", r, offsetof(All, r));
    both(h, "ss", hand_type_of(h, DAG_LIST, s), offsetof(All, ss));
    both(h, "rs", hand_type_of(h, DAG_LIST, r), offsetof(All, rs));
    both(h, "m", hand_type_of(h, DAG_MAP, f), offsetof(All, m));
    both(h, "oi", hand_type_of(h, DAG_OPTIONAL, i), offsetof(All, oi));
    both(h, "none", hand_type_of(h, DAG_OPTIONAL, i), offsetof(All, none));
    both(h, "os", hand_type_of(h, DAG_OPTIONAL, s), offsetof(All, os));
    both(h, "nos", hand_type_of(h, DAG_OPTIONAL, s), offsetof(All, nos));
    both(h, "or", hand_type_of(h, DAG_OPTIONAL, r), offsetof(All, or_));
    both(h, "j", hand_type(h, DAG_JSON), offsetof(All, j));
    mirror(h);
    hand_native(h, copy_all, sizeof(All), sizeof(All));
    static const char *const inputs[] = {
        "true",
        "-5",
        "2.5",
        "\"é\"",
        "duration 90m",
        "size 4000",
        "\"high\"",
        "{\"word\":null,\"more\":1,\"n\":7}",
        "[\"a\",\"\"]",
        "[{\"n\":1,\"word\":\"x\"},{\"n\":2,\"word\":null}]",
        "{\"k\":1.5,\"l\":2.0}",
        "3",
        "null",
        "\"os\"",
        "null",
        "{\"n\":9,\"word\":\"w\"}",
        "{\"a\":[1,2.5,true,false,null,\"t\",[],{}],\"b\":{\"c\":-1}}",
        NULL
    };
    expect(
        h, inputs,
        "completed true -5 2.5 \"é\" duration 1h30m size 4000B \"high\" {\"n\":7,\"word\":null} "
        "[\"a\",\"\"] [{\"n\":1,\"word\":\"x\"},{\"n\":2,\"word\":null}] {\"k\":1.5,\"l\":2.0} 3 "
        "null \"os\" null {\"n\":9,\"word\":\"w\"} "
        "{\"a\":[1,2.5,true,false,null,\"t\",[],{}],\"b\":{\"c\":-1}}");
}

/* ---------------------------------------------------------------- what is refused */

typedef struct Bad {
    const char *s;
    int e;
    Strings ss;
    Map m;
    const cJSON *j;
} Bad;

static int which; /* set before the function is called; tests run one by one */

static int set_bad(dag_ctx *ctx, const void *in, void *out) {
    static const char *const words[] = { "a", "\xff" }, *const keys[] = { "k", NULL };
    static const double values[] = { 1, 2 };
    static const cJSON no_item = { .type = 0 };
    static const char *const twice[] = { "k", "k" };
    static const double not_a_number[] = { NAN };
    static const cJSON infinite = { .type = cJSON_Number, .valuedouble = INFINITY };
    static char name[] = "n";
    static cJSON second = { .type = cJSON_NULL, .string = name },
                 first = { .type = cJSON_NULL, .string = name, .next = &second };
    static const cJSON object = { .type = cJSON_Object, .child = &first };
    (void)ctx, (void)in;
    Bad good = { .s = "x" };
    switch (which) {
    case 0: good.s = NULL; break;
    case 1: good.s = "a\xc3"; break;
    case 2: good.e = 2; break;
    case 3: good.ss = (Strings){ words, 2 }; break;
    case 4: good.ss = (Strings){ NULL, 2 }; break;
    case 5: good.m = (Map){ keys, values, 2 }; break;
    case 6: good.j = &no_item; break;
    case 7: good.m = (Map){ twice, values, 2 }; break;
    case 8: good.m = (Map){ keys, not_a_number, 1 }; break;
    case 9: good.j = &infinite; break;
    case 10: good.j = &object; break;
    default: break;
    }
    *(Bad *)out = good;
    return 0;
}

static void refuses_bad_outputs(void) {
    static const char *const expected[] = {
        "failed output: output s: it is NULL",
        "failed output: output s: not valid UTF-8 at byte 1",
        "failed output: output e: 2 is no case of E",
        "failed output: output ss: [1]: not valid UTF-8 at byte 0",
        "failed output: output ss: 2 items, but the pointer to them is NULL",
        "failed output: output m: [1]: it is NULL",
        "failed output: output j: no valid cJSON item",
        "failed output: output m: the key \"k\" stands there twice",
        "failed output: output m: .k: it is not a number (nan)",
        "failed output: output j: it is infinite, which no value may be",
        "failed output: output j: the key \"n\" stands there twice",
        "completed \"x\" \"low\" [] {} null",
    };
    for (which = 0; which < 12; which++) {
        Hand *h = hand_new();
        uint32_t s = hand_type(h, DAG_STRING), e = enum_type(h);
        hand_stage(h, "s", DAG_BODY_NATIVE);
        h->ports[hand_out(h, "s", s, 0, DAG_NONE)].offset = offsetof(Bad, s);
        h->ports[hand_out(h, "e", e, 0, DAG_NONE)].offset = offsetof(Bad, e);
        h->ports[hand_out(h, "ss", hand_type_of(h, DAG_LIST, s), 0, DAG_NONE)].offset =
            offsetof(Bad, ss);
        h->ports[hand_out(h, "m", hand_type_of(h, DAG_MAP, hand_type(h, DAG_FLOAT)), 0, DAG_NONE)]
            .offset = offsetof(Bad, m);
        h->ports[hand_out(h, "j", hand_type(h, DAG_JSON), 0, DAG_NONE)].offset = offsetof(Bad, j);
        hand_native(h, set_bad, 0, sizeof(Bad));
        expect(h, NULL, expected[which]);
    }
}

/* ---------------------------------------------------------------- the calls of dag_ctx */

typedef struct Texts {
    const char *a, *b;
} Texts;

static int tell_facts(dag_ctx *ctx, const void *in, void *out) {
    Texts *texts = out;
    (void)in;
    char *copy = dag_strdup(ctx, "copy");
    copy[0] = 'C';
    dag_log(ctx, "line %d", 1);
    dag_log(ctx, "line 2\n");
    dag_progress(ctx, 3, 4);
    texts->a = dag_printf(ctx, "%s %s %s %s %u %d", copy, dag_run_id(ctx), dag_stage(ctx),
                          dag_key(ctx), dag_attempt_number(ctx), dag_cancelled(ctx));
    texts->b = dag_workdir(ctx);
    return ((char *)dag_alloc(ctx, 100))[99];
}

static void tells_facts(void) {
    Hand *h = hand_new();
    uint32_t s = hand_type(h, DAG_STRING);
    hand_stage(h, "s", DAG_BODY_NATIVE);
    h->ports[hand_out(h, "a", s, 0, DAG_NONE)].offset = offsetof(Texts, a);
    h->ports[hand_out(h, "b", s, 0, DAG_NONE)].offset = offsetof(Texts, b);
    hand_native(h, tell_facts, 0, sizeof(Texts));
    HandAttempt *a = hand_attempt(h, 0, NULL);
    const char *text = carry_out(a);
    expect_text("outcome", text,
                arena_printf(&h->arena,
                             "completed \"Copy 20260102-030405-1a2b3c s - 1 0\" \"%s/s/-/1/work\"",
                             a->root));
    CU_ASSERT_EQUAL(a->attempt.done, 3);
    CU_ASSERT_EQUAL(a->attempt.total, 4);
    char line[64] = "";
    FILE *log = fopen(arena_printf(&h->arena, "%s/stderr", a->attempt.dir), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    size_t n = fread(line, 1, sizeof line - 1, log);
    line[n] = '\0';
    fclose(log);
    expect_text("log", line, "line 1\nline 2\n");
    CU_ASSERT(a->attempt.outcome.usage.user >= 0);
    hand_attempt_free(a);
    hand_free(h);
}

static int fail(dag_ctx *ctx, const void *in, void *out) {
    (void)in, (void)out;
    switch (which) {
    case 0: return dag_fail(ctx, "weather", "it rains since %d days", 3);
    case 1: return 75;
    case 2: return 1;
    case 3: dag_alloc(ctx, SIZE_MAX); return 0;
    case 4: return dag_fail(ctx, NULL, "bad \xff");
    case 5: return dag_fail(ctx, "two\nwords\x1b", "first\nsecond\x1b[31m");
    case 6: return dag_fail(ctx, "", NULL);
    default: return 0;
    }
}

static void fails_as_told(void) {
    static const char *const expected[] = {
        "failed weather: it rains since 3 days",
        "failed exit: the function returned 75",
        "failed exit: the function returned 1",
        "crashed oom: out of memory",
        "failed exit: bad \xef\xbf\xbd",
        "failed two words\xef\xbf\xbd: first\nsecond\xef\xbf\xbd[31m",
        "failed exit: the function said nothing",
        "completed",
    };
    for (which = 0; which < 8; which++) {
        Hand *h = hand_new();
        hand_stage(h, "s", DAG_BODY_NATIVE);
        hand_native(h, fail, 0, 0);
        expect(h, NULL, expected[which]);
    }
    Hand *h = hand_new();
    hand_stage(h, "s", DAG_BODY_NATIVE);
    hand_last(h)->flags = DAG_STAGE_GATE;
    hand_native(h, fail, 0, 0);
    which = 2;
    expect(h, NULL, "filtered");
}

static int emit(dag_ctx *ctx, const void *in, void *out) {
    (void)in, (void)out;
    char word[32];
    const char *p = word;
    for (int64_t i = 0; i < 40; i++) {
        snprintf(word, sizeof word, "w%lld", (long long)i);
        dag_emit(ctx, 0, &i);
        if (i < 2) {
            dag_emit(ctx, 1, &p);
        }
    }
    p = which ? NULL : "last";
    dag_emit(ctx, 1, &p);
    return 0;
}

static void emits_streams(void) {
    for (which = 0; which < 2; which++) {
        Hand *h = hand_new();
        hand_stage(h, "s", DAG_BODY_NATIVE);
        hand_out(h, "n", hand_type(h, DAG_INT), DAG_PORT_STREAM, DAG_NONE);
        hand_out(h, "w", hand_type(h, DAG_STRING), DAG_PORT_STREAM, DAG_NONE);
        hand_native(h, emit, 0, 0);
        expect(h, NULL,
               which ? "failed output: output w: element 2: it is NULL"
                     : "completed [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24"
                       ",25,26,27,28,29,30,31,32,33,34,35,36,37,38,39] [\"w0\",\"w1\",\"last\"]");
    }
}

static int make_file(dag_ctx *ctx, const void *in, void *out) {
    (void)in;
    *(const char **)out = "made.txt";
    FILE *file = fopen(dag_printf(ctx, "%s/made.txt", dag_workdir(ctx)), "w");
    return file ? fclose(file) : 1;
}

static void verifies_files(void) {
    Hand *h = hand_new();
    hand_stage(h, "s", DAG_BODY_NATIVE);
    uint32_t f = hand_type(h, DAG_FILE), none;
    h->ports[hand_out(h, "f", f, 0, DAG_NONE)].offset = 0;
    hand_out(h, "p", f, DAG_PORT_PATH, hand_text(h, "made.txt"));
    hand_native(h, make_file, 0, sizeof(char *));
    HandAttempt *a = hand_attempt(h, 0, NULL);
    expect_text("outcome", carry_out(a),
                arena_printf(&h->arena,
                             "completed file %s/s/-/1/out/made.txt file "
                             "%s/s/-/1/out/made.txt",
                             a->root, a->root));
    hand_attempt_free(a);
    hand_free(h);

    h = hand_new();
    hand_stage(h, "s", DAG_BODY_NATIVE);
    none = hand_out(h, "f", hand_type(h, DAG_FILE), DAG_PORT_PATH, hand_text(h, "other.txt"));
    (void)none;
    hand_native(h, make_file, 0, sizeof(char *));
    expect(h, NULL,
           "failed output: output f: there is no file \"other.txt\" (No such file or "
           "directory); the task's directory holds: made.txt");
}

/* ---------------------------------------------------------------- threads */

static atomic_int inside, together;

/* Ends once so many are inside at the same time, or it is cancelled. */
static int meet(dag_ctx *ctx, const void *in, void *out) {
    (void)in, (void)out;
    atomic_fetch_add(&inside, 1);
    while (atomic_load(&inside) < atomic_load(&together) && !dag_cancelled(ctx)) {
        usleep(100);
    }
    return 0;
}

static void works_in_parallel(void) {
    enum { N = 4 };
    dag_executor *native = make_native(N);
    Hand *h[N];
    HandAttempt *a[N];
    atomic_store(&inside, 0);
    atomic_store(&together, N);
    for (int i = 0; i < N; i++) {
        h[i] = hand_new();
        hand_stage(h[i], "s", DAG_BODY_NATIVE);
        hand_native(h[i], meet, 0, 0);
        a[i] = hand_attempt(h[i], 0, NULL);
        native->start(native->self, &a[i]->attempt);
    }
    for (int ended = 0; ended < N;) {
        struct pollfd fd = { .fd = native->fd, .events = POLLIN };
        CU_ASSERT_EQUAL_FATAL(poll(&fd, 1, 20 * SECOND), 1);
        while (native->reap(native->self)) {
            ended++;
        }
    }
    native->free(native->self);
    for (int i = 0; i < N; i++) {
        expect_text("outcome", hand_outcome(a[i]), "completed");
        hand_attempt_free(a[i]);
        hand_free(h[i]);
    }
}

/* One runs and is asked to stop, another waits for a thread and is taken back. */
static void stops(void) {
    dag_executor *native = make_native(1);
    Hand *h[2];
    HandAttempt *a[2];
    atomic_store(&inside, 0);
    atomic_store(&together, 2);
    for (int i = 0; i < 2; i++) {
        h[i] = hand_new();
        hand_stage(h[i], "s", DAG_BODY_NATIVE);
        hand_native(h[i], meet, 0, 0);
        a[i] = hand_attempt(h[i], 0, NULL);
        native->start(native->self, &a[i]->attempt);
    }
    while (atomic_load(&inside) == 0) {
        usleep(100);
    }
    native->stop(native->self, &a[1]->attempt, false);
    CU_ASSERT_PTR_EQUAL(native->reap(native->self), &a[1]->attempt);
    expect_text("waiting", hand_outcome(a[1]), "cancelled");
    CU_ASSERT_PTR_NULL(native->reap(native->self));
    atomic_store(&a[0]->attempt.cancelled, true);
    native->stop(native->self, &a[0]->attempt, false);
    CU_ASSERT(hand_await(native, a[0], 20 * SECOND));
    expect_text("running", hand_outcome(a[0]), "completed");
    native->free(native->self);
    for (int i = 0; i < 2; i++) {
        hand_attempt_free(a[i]);
        hand_free(h[i]);
    }
}

void suite_native(void) {
    CU_pSuite suite = CU_add_suite("native", NULL, NULL);
    CU_add_test(suite, "carries every type", carries_every_type);
    CU_add_test(suite, "refuses bad outputs", refuses_bad_outputs);
    CU_add_test(suite, "tells facts", tells_facts);
    CU_add_test(suite, "fails as told", fails_as_told);
    CU_add_test(suite, "emits streams", emits_streams);
    CU_add_test(suite, "verifies files", verifies_files);
    CU_add_test(suite, "works in parallel", works_in_parallel);
    CU_add_test(suite, "stops", stops);
}
