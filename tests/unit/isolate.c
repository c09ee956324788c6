/*
 * isolate.c - functions in a child process: values as bytes and back, ends that are none, stopping.
 */
#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/pack.h"
#include "handmade.h"
#include "literal.h"
#include "suites.h"

/* ---------------------------------------------------------------- bytes */

static const char *const values[] = {
    "null",
    "true",
    "-5",
    "2.5",
    "\"\"",
    "\"a \\\"b\\\" \xc3\xa4\"",
    "file /a/b",
    "dir /a",
    "secret x",
    "duration 1h30m",
    "size 4000000B",
    "[]",
    "{}",
    "[1,[2,[null]],\"x\"]",
    "{\"a\":1,\"b\":{\"c\":[true]},\"\":\"\"}",
};

static void goes_there_and_back(void) {
    Arena arena = { 0 };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        TextBuffer bytes = { .arena = &arena };
        dag_value back;
        pack_value(&bytes, literal(&arena, values[i]));
        CU_ASSERT(unpack_value(&arena, bytes.text, bytes.n, &back));
        expect_text(values[i], literal_of(&arena, back), values[i]);
    }
    arena_free(&arena);
}

/* Whatever bytes come: an answer, and no access to what is not there (see check-sanitize). */
static void survives_any_bytes(void) {
    Arena arena = { 0 };
    TextBuffer bytes = { .arena = &arena };
    dag_value back;
    pack_value(&bytes, literal(&arena, "{\"a\":[1,\"text\",[true,null]],\"b\":2.5}"));
    for (size_t n = 0; n < bytes.n; n++) {
        char *part = malloc(n + 1);
        memcpy(part, bytes.text, n);
        CU_ASSERT_FALSE(unpack_value(&arena, part, n, &back));
        free(part);
    }
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        random = random * 1103515245 + 12345;
        char *copy = malloc(bytes.n);
        memcpy(copy, bytes.text, bytes.n);
        copy[random / 65536 % bytes.n] = (char)(random >> 8);
        if (unpack_value(&arena, copy, bytes.n, &back)) {
            literal_of(&arena, back);
        }
        free(copy);
    }
    arena_free(&arena);
}

/* ---------------------------------------------------------------- functions */

typedef struct Text {
    const char *text;
} Text;

static int echo(dag_ctx *ctx, const void *in, void *out) {
    dag_progress(ctx, 3, 4);
    ((Text *)out)->text = dag_printf(ctx, "%s!", ((const Text *)in)->text);
    return 0;
}

static int ended(dag_ctx *ctx, const void *in, void *out) {
    (void)ctx, (void)out;
    if (strcmp(((const Text *)in)->text, "exit") == 0) {
        _exit(7);
    }
    raise(SIGKILL);
    return 0;
}

static int refuse(dag_ctx *ctx, const void *in, void *out) {
    (void)out;
    return dag_fail(ctx, "odd", "not %s", ((const Text *)in)->text);
}

static int heed(dag_ctx *ctx, const void *in, void *out) {
    (void)in, (void)out;
    while (!dag_cancelled(ctx)) {
        usleep(100);
    }
    return dag_fail(ctx, "heeded", "stopped");
}

static int never(dag_ctx *ctx, const void *in, void *out) {
    (void)ctx, (void)in, (void)out;
    while (pause() != 0) {
    }
    return 0;
}

static HandAttempt *isolated(Hand **h, dag_native_fn call, const char *input) {
    *h = hand_new();
    hand_stage(*h, "s", DAG_BODY_NATIVE);
    hand_last(*h)->flags |= DAG_STAGE_ISOLATE;
    uint32_t text = hand_type(*h, DAG_STRING);
    (*h)->ports[hand_in(*h, "i", text, DAG_NONE)].offset = 0;
    (*h)->ports[hand_out(*h, "o", text, 0, DAG_NONE)].offset = 0;
    hand_native(*h, call, sizeof(Text), sizeof(Text));
    return hand_attempt(*h, 0, (const char *const[]){ input, NULL });
}

static dag_executor *make_native(void) {
    dag_error error = { NULL, NULL };
    dag_executor *native = executor_native_new(1, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(native);
    return native;
}

static void expect(dag_native_fn call, const char *input, const char *expected) {
    Hand *h;
    HandAttempt *a = isolated(&h, call, input);
    dag_executor *native = make_native();
    hand_carry_out(native, a);
    native->free(native->self);
    expect_text("outcome", hand_outcome(a), expected);
    hand_attempt_free(a);
    hand_free(h);
}

static void gives_its_outputs(void) {
    expect(echo, "\"hello\"", "completed \"hello!\"");
    expect(refuse, "\"here\"", "failed odd: not here");
}

static void ends_alone(void) {
    expect(ended, "\"exit\"", "crashed exit: the function ended its process with status 7");
    expect(ended, "\"kill\"", "crashed signal: the function was killed by SIGKILL");
}

/* Asked, or killed; also before it has begun. */
static void expect_stopped(dag_native_fn call, bool now, const char *expected) {
    Hand *h;
    HandAttempt *a = isolated(&h, call, "\"x\"");
    dag_executor *native = make_native();
    native->start(native->self, &a->attempt);
    usleep(now ? 20000 : 0);
    atomic_store(&a->attempt.cancelled, true);
    native->stop(native->self, &a->attempt, now);
    CU_ASSERT(hand_await(native, a, 20000));
    const char *outcome = hand_outcome(a);
    if (strcmp(outcome, "cancelled") != 0) { /* taken back before it began */
        expect_text("outcome", outcome, expected);
    }
    native->free(native->self);
    hand_attempt_free(a);
    hand_free(h);
}

static void stops(void) {
    expect_stopped(heed, false, "failed heeded: stopped");
    expect_stopped(never, true, "cancelled");
}

void suite_isolate(void) {
    CU_pSuite suite = CU_add_suite("isolate", NULL, NULL);
    CU_add_test(suite, "goes there and back as bytes", goes_there_and_back);
    CU_add_test(suite, "survives any bytes", survives_any_bytes);
    CU_add_test(suite, "gives its outputs", gives_its_outputs);
    CU_add_test(suite, "ends alone", ends_alone);
    CU_add_test(suite, "stops", stops);
}
