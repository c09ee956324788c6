/* "Did you mean". */
#include <CUnit/Basic.h>
#include <string.h>

#include "pure/nearest.h"
#include "suites.h"

/* The best of the words, separated by spaces; "" for none. */
static const char *best(const char *word, const char *words) {
    static char list[256];
    Nearest nearest = nearest_to(word);
    snprintf(list, sizeof list, "%s", words);
    for (char *w = strtok(list, " "); w; w = strtok(NULL, " ")) {
        nearest_offer(&nearest, w);
    }
    return nearest.best ? nearest.best : "";
}

static void finds_slips(void) {
    CU_ASSERT_STRING_EQUAL(best("tiemout", "retry timeout tags"), "timeout");
    CU_ASSERT_STRING_EQUAL(best("strng", "size string"), "string");
    CU_ASSERT_STRING_EQUAL(best("uper", "lower upper"), "upper");
    CU_ASSERT_STRING_EQUAL(best("mkae", "use make"), "make");
    CU_ASSERT_STRING_EQUAL(best("acuracy", "loss accuracy"), "accuracy");
    CU_ASSERT_STRING_EQUAL(best("TimeOut", "timeout"), "timeout");
    CU_ASSERT_STRING_EQUAL(best("ot", "to"), "to");
}

static void leaves_strangers_alone(void) {
    CU_ASSERT_STRING_EQUAL(best("x", "y"), "");
    CU_ASSERT_STRING_EQUAL(best("seven", "six five"), "");
    CU_ASSERT_STRING_EQUAL(best("", "a"), "");
    CU_ASSERT_STRING_EQUAL(best("abc", ""), "");
    CU_ASSERT_STRING_EQUAL(best("make", "make"), ""); /* the word itself */
}

static void takes_the_nearest_then_the_first(void) {
    CU_ASSERT_STRING_EQUAL(best("prob", "probes probe"), "probe");
    CU_ASSERT_STRING_EQUAL(best("cat", "bat hat"), "bat");
}

static void copes_with_long_words(void) {
    char word[200], other[200];
    memset(word, 'a', sizeof word - 1);
    memset(other, 'a', sizeof other - 1);
    word[64] = other[64] = '\0';
    other[3] = 'b';
    CU_ASSERT_STRING_EQUAL(best(word, other), other);
    word[64] = other[64] = 'a';
    word[199] = other[199] = '\0';
    CU_ASSERT_STRING_EQUAL(best(word, other), "");
}

void suite_nearest(void) {
    CU_pSuite suite = CU_add_suite("nearest", NULL, NULL);
    CU_add_test(suite, "finds slips", finds_slips);
    CU_add_test(suite, "leaves strangers alone", leaves_strangers_alone);
    CU_add_test(suite, "takes the nearest, then the first", takes_the_nearest_then_the_first);
    CU_add_test(suite, "copes with long words", copes_with_long_words);
}
