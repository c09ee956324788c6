/*
 * critical.c - the critical path of a recorded run, and the lanes of what ran at the same time.
 */
#include <CUnit/CUnit.h>

#include "compiled.h"
#include "report/critical.h"
#include "report/lanes.h"
#include "suites.h"

static const char *const text =
    "pipeline p {\n"
    "  stage make { out x: stream<int> = <[1, 2]> }\n"
    "  stage work { in x: int = <make.x>  out y: int = <x> }\n"
    "  stage sum { fan aggregate  in y: list<int>  out n: int = <y | length> }\n"
    "  stage last { run \"true\" }\n"
    "  stage other { run \"true\" }\n"
    "  work.y -> sum.y\n  sum => last\n  other => last on always\n}\n";

/* Edges: make.x to work.x, work.y to sum.y. */
static StoreEdge edges[] = { { 0, 1, "x", "x", true }, { 1, 2, "y", "y", false } };

static StoreRecord record_of(StoreStage *stages, StoreTask *tasks) {
    static const char *const slugs[] = { "make", "work", "sum", "last", "other" };
    for (int i = 0; i < 5; i++)
        stages[i].slug = slugs[i];
    return (StoreRecord){
        .stages = stages, .nstages = 5, .edges = edges, .nedges = 2, .tasks = tasks, .ntasks = 6
    };
}

static void goes_back_to_what_ended_last(void) {
    Compiled c = compiled_new(text);
    StoreStage stages[5] = { { 0 } };
    StoreTask tasks[6] = {
        { .stage = 0, .key = "-", .started = 10, .finished = 20 },
        { .stage = 1, .key = "0", .started = 20, .finished = 50, .sources = "[[0,\"0\"]]" },
        { .stage = 1, .key = "1", .started = 20, .finished = 30, .sources = "[[0,\"1\"]]" },
        { .stage = 2,
          .key = "-",
          .started = 50,
          .finished = 55,
          .sources = "[[1,\"0\"],[1,\"1\"]]" },
        { .stage = 3, .key = "-", .started = 70, .finished = 90 },
        { .stage = 4, .key = "-", .started = 10, .finished = 40 },
    };
    StoreRecord record = record_of(stages, tasks);
    Critical path = critical_path(&c.front->arena, c.program, &record);
    CU_ASSERT_EQUAL_FATAL(path.n, 4);
    CU_ASSERT(path.tasks[0] == 0 && path.tasks[1] == 1 && path.tasks[2] == 3 && path.tasks[3] == 4);
    tasks[5].finished = 69; /* now the other stage before it ends last */
    path = critical_path(&c.front->arena, c.program, &record);
    CU_ASSERT_EQUAL_FATAL(path.n, 2);
    CU_ASSERT(path.tasks[0] == 5 && path.tasks[1] == 4);
    compiled_free(&c);
}

/* Records are read from disk: what is wrong there ends the path, no more. */
static void survives_a_strange_record(void) {
    Compiled c = compiled_new(text);
    static const char *const strange[] = {
        "[[0,\"7\"]]", "[9]",         "[[1]]", "{\"a\":1}", "[[\"x\",\"0\"]]",
        "no JSON",     "[[1,\"-\"]]", "[-1]",  "[1]"
    };
    StoreStage stages[5] = { { 0 } };
    StoreTask tasks[6] = { { .stage = 2, .key = "-", .started = 5, .finished = 9 } };
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        StoreRecord record = record_of(stages, tasks);
        record.ntasks = 1;
        tasks[0].sources = strange[i];
        CU_ASSERT_EQUAL(critical_path(&c.front->arena, c.program, &record).n, 1);
    }
    StoreRecord empty = record_of(stages, tasks);
    empty.ntasks = 0;
    CU_ASSERT_EQUAL(critical_path(&c.front->arena, c.program, &empty).n, 0);
    compiled_free(&c);
}

/* No more lanes than intervals overlap at one time, for random ones in the order of their ends. */
static void lanes_are_as_few_as_can_be(void) {
    uint32_t seed = 3;
    for (int round = 0; round < 200; round++) {
        int64_t begins[60];
        int depth = 0;
        Lanes lanes = { 0 };
        for (int i = 0; i < 60; i++) {
            seed = seed * 1664525 + 1013904223;
            begins[i] = i - (int64_t)(seed >> 16) % (1 + round % 20);
        }
        for (int at = -20; at < 60; at++) {
            int here = 0;
            for (int i = 0; i < 60; i++)
                here += begins[i] <= at && at < i + 1;
            depth = here > depth ? here : depth;
        }
        for (int i = 0; i < 60; i++)
            CU_ASSERT(lanes_take(&lanes, begins[i], i + 1) < (uint32_t)depth);
        CU_ASSERT_EQUAL(lanes.n, (uint32_t)depth);
        lanes_free(&lanes);
    }
}

void suite_critical(void) {
    CU_pSuite suite = CU_add_suite("critical", NULL, NULL);
    CU_add_test(suite, "path", goes_back_to_what_ended_last);
    CU_add_test(suite, "strange records", survives_a_strange_record);
    CU_add_test(suite, "lanes", lanes_are_as_few_as_can_be);
}
