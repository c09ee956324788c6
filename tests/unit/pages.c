/*
 * pages.c - pieces are zero, apart, and as long as they say, whether they were made ahead or not.
 */
#include "base/pages.h"

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

enum { TAKEN = 6 };

static bool is_zero(const char *memory, size_t n) {
    return memory[0] == 0 && memcmp(memory, memory + 1, n - 1) == 0;
}

static void takes(size_t wanted) {
    Pages *pages = pages_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(pages);
    char *taken[TAKEN];
    for (int i = 0; i < TAKEN; i++) {
        size_t n = wanted;
        taken[i] = pages_take(pages, &n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(taken[i]);
        CU_ASSERT(n >= wanted && n < 2 * wanted + 8);
        CU_ASSERT_TRUE(is_zero(taken[i], n));
        memset(taken[i], i + 1, n);
    }
    pages_free(pages); /* what was taken stays */
    for (int i = 0; i < TAKEN; i++) {
        CU_ASSERT(taken[i][0] == i + 1 && taken[i][wanted - 1] == i + 1);
        free(taken[i]);
    }
}

static void pieces_are_zero_and_apart(void) {
    takes(1);
    takes(100000);
    takes(PIECE / 2);
    takes(PIECE / 2 + 1); /* from here on they are made ahead */
    takes(PIECE - 32);
    takes(PIECE - 31); /* to here */
    takes(3 * PIECE);
}

static void may_end_at_once(void) {
    Pages *pages = pages_new();
    size_t n = PIECE - 100;
    free(pages_take(pages, &n));
    pages_free(pages); /* the next one is being made */
    pages_free(pages_new());
    pages_free(NULL);
}

void suite_pages(void) {
    CU_pSuite suite = CU_add_suite("pages", NULL, NULL);
    CU_add_test(suite, "pieces are zero and apart", pieces_are_zero_and_apart);
    CU_add_test(suite, "may end at once", may_end_at_once);
}
