/*
 * waiters.c - the first who finds enough, beside a search through all.
 */
#include <CUnit/CUnit.h>

#include "core/waiters.h"
#include "suites.h"

enum { PLACES = 37, STEPS = 20000 };

static uint32_t first_of(const int64_t *wishes, int64_t amount) {
    for (uint32_t i = 0; i < PLACES; i++) {
        if (wishes[i] >= 0 && wishes[i] <= amount) {
            return i;
        }
    }
    return UINT32_MAX;
}

static void test_as_a_search(void) {
    int64_t wishes[PLACES]; /* -1: nobody */
    uint32_t count = 0;
    uint32_t seed = 1;
    Waiters waiters;
    CU_ASSERT_TRUE_FATAL(waiters_init(&waiters, PLACES));
    for (uint32_t i = 0; i < PLACES; i++) {
        wishes[i] = -1;
    }
    for (uint32_t i = 0; i < STEPS; i++) {
        seed = seed * 1664525 + 1013904223;
        uint32_t place = (seed >> 8) % PLACES;
        int64_t amount = (seed >> 20) % 50;
        bool add = seed >> 31;
        count += add - (add ? wishes[place] >= 0 : 0);
        count -= !add && wishes[place] >= 0;
        wishes[place] = add ? amount : -1;
        if (add) {
            waiters_add(&waiters, place, amount);
        } else {
            waiters_remove(&waiters, place);
        }
        CU_ASSERT_EQUAL_FATAL(waiters.count, count);
        CU_ASSERT_EQUAL_FATAL(waiters_has(&waiters, place), add);
        CU_ASSERT_EQUAL_FATAL(waiters_first(&waiters, i % 50), first_of(wishes, i % 50));
    }
    waiters_free(&waiters);
}

static void test_nobody(void) {
    Waiters none;
    CU_ASSERT_TRUE_FATAL(waiters_init(&none, 0));
    CU_ASSERT_EQUAL(waiters_first(&none, INT64_MAX - 1), UINT32_MAX);
    waiters_free(&none);
}

void suite_waiters(void) {
    CU_pSuite suite = CU_add_suite("waiters", NULL, NULL);
    CU_add_test(suite, "as a search through all", test_as_a_search);
    CU_add_test(suite, "no places", test_nobody);
}
