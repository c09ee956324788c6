/*
 * plan_time.c - the time that a plan expects, of fixed stages.
 */
#include <CUnit/CUnit.h>

#include "cli/plan_time.h"
#include "suites.h"

static const int64_t second = 1000000000;

typedef struct Case {
    TimedStage stages[8];
    uint32_t n;
    Arena arena;
} Case;

/* `after`: stages up to UINT32_MAX; whole for all of them. */
static void add(Case *c, uint64_t tasks, int64_t took, bool whole, const uint32_t *after) {
    TimedStage *stage = &c->stages[c->n++];
    *stage = (TimedStage){ .tasks = tasks, .took = took * second, .after = after };
    while (after && after[stage->nafter] != UINT32_MAX)
        stage->nafter++;
    bool *all = ARENA_ARRAY(&c->arena, stage->nafter, bool);
    for (uint32_t i = 0; i < stage->nafter; i++)
        all[i] = whole;
    stage->whole = all;
}

static Timing time_of(Case *c, uint32_t slots) {
    return plan_time(&c->arena, c->stages, c->n, slots, NULL, 0);
}

static const uint32_t first[] = { 0, UINT32_MAX }, both[] = { 1, 2, UINT32_MAX };

static void of_a_diamond(void) {
    Case c = { .n = 0 };
    add(&c, 1, 2, true, NULL);
    add(&c, 1, 3, true, first);
    add(&c, 1, 5, true, first);
    add(&c, 1, 1, true, both);
    Timing t = time_of(&c, 2);
    CU_ASSERT_EQUAL(t.expected, 8 * second);
    CU_ASSERT_EQUAL(t.critical, 8 * second);
    CU_ASSERT_EQUAL_FATAL(t.nchain, 3);
    CU_ASSERT(t.chain[0] == 0 && t.chain[1] == 2 && t.chain[2] == 3);
    CU_ASSERT_EQUAL(t.most_tasks, 2);
    t = time_of(&c, 1);
    CU_ASSERT_EQUAL(t.expected, 11 * second);
    CU_ASSERT_EQUAL(t.critical, 8 * second);
    arena_free(&c.arena);
}

/* Ten tasks of 1 s, and behind each one of 1 s: a pipeline, or two rounds with a barrier. */
static void of_fan_outs(void) {
    Case c = { .n = 0 };
    add(&c, 10, 1, false, NULL);
    add(&c, 10, 1, false, first);
    CU_ASSERT_EQUAL(time_of(&c, 4).expected, 5 * second);
    CU_ASSERT_EQUAL(time_of(&c, 100).expected, 2 * second);
    CU_ASSERT_EQUAL(time_of(&c, 100).most_tasks, 10);
    c.n = 0;
    add(&c, 10, 1, true, NULL);
    add(&c, 1, 1, true, first);
    CU_ASSERT_EQUAL(time_of(&c, 4).expected, 4 * second);
    c.stages[0].max_parallel = 2;
    CU_ASSERT_EQUAL(time_of(&c, 4).expected, 6 * second);
    CU_ASSERT_EQUAL(time_of(&c, 4).critical, 6 * second);
    c.stages[0].tasks = 1000000;
    c.stages[0].max_parallel = 0;
    int64_t seconds = time_of(&c, 4).expected / second; /* several tasks count as one */
    CU_ASSERT(seconds >= 250001 && seconds <= 250100);
    arena_free(&c.arena);
}

static void within_resources(void) {
    const int64_t asks[] = { 3 }, capacity[] = { 8 };
    Case c = { .n = 0 };
    add(&c, 6, 2, false, NULL);
    c.stages[0].asks = asks;
    c.stages[0].memory = 100;
    Timing t = plan_time(&c.arena, c.stages, c.n, 6, capacity, 1);
    CU_ASSERT_EQUAL(t.expected, 6 * second);
    CU_ASSERT_EQUAL(t.peaks[0], 6);
    CU_ASSERT_EQUAL(t.most_memory, 200);
    CU_ASSERT_EQUAL(t.most_tasks, 2);
    arena_free(&c.arena);
}

/* What is cached has no task, and what waits for it does not wait. */
static void of_what_is_cached(void) {
    Case c = { .n = 0 };
    add(&c, 0, 9, true, NULL);
    add(&c, 2, 1, false, first);
    Timing t = time_of(&c, 2);
    CU_ASSERT_EQUAL(t.expected, second);
    CU_ASSERT_EQUAL(t.nchain, 1);
    c.n = 0;
    t = time_of(&c, 2);
    CU_ASSERT_EQUAL(t.expected + t.critical, 0);
    arena_free(&c.arena);
}

void suite_plan_time(void) {
    CU_pSuite suite = CU_add_suite("plan_time", NULL, NULL);
    CU_add_test(suite, "of a diamond", of_a_diamond);
    CU_add_test(suite, "of fan-outs", of_fan_outs);
    CU_add_test(suite, "within resources", within_resources);
    CU_add_test(suite, "of what is cached", of_what_is_cached);
}
