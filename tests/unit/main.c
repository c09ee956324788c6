/* Runs the unit tests: all suites of suites.def, or those named as arguments; -v names each test.
 * Prints the failures and one closing line; exit status 1 when anything failed. */
#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

typedef struct Suite {
    const char *name;
    void (*add)(void); /* registers the suite and its tests with CUnit */
} Suite;

static const Suite suites[] = {
#define SUITE(name) { #name, suite_##name },
#include "suites.def"
#undef SUITE
    { NULL, NULL },
};

static const Suite *suite_find(const char *name) {
    for (const Suite *s = suites; s->name; s++) {
        if (strcmp(s->name, name) == 0) {
            return s;
        }
    }
    return NULL;
}

static void add_all(void) {
    for (const Suite *s = suites; s->name; s++) {
        s->add();
    }
}

/* Registers the suites that the arguments name. Returns how many; -1 when one is unknown. */
static int add_named(int argc, char **argv) {
    int n = 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            continue;
        }
        const Suite *s = suite_find(argv[i]);
        if (!s) {
            fprintf(stderr, "unit: no suite is named %s\n", argv[i]);
            return -1;
        }
        s->add();
        n++;
    }
    return n;
}

int main(int argc, char **argv) {
    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "unit: %s\n", CU_get_error_msg());
        return EXIT_FAILURE;
    }
    int named = add_named(argc, argv);
    if (named < 0) {
        return 2;
    }
    if (named == 0) {
        add_all();
    }
    int verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    CU_basic_set_mode(verbose ? CU_BRM_VERBOSE : CU_BRM_NORMAL);
    CU_ErrorCode status = CU_basic_run_tests();
    unsigned run = CU_get_number_of_tests_run();
    /* A suite whose initialisation failed has run none of its tests: count it as one failure. */
    unsigned failed = CU_get_number_of_tests_failed() + CU_get_number_of_suites_failed();
    if (status != CUE_SUCCESS && failed == 0) {
        fprintf(stderr, "unit: %s\n", CU_get_error_msg());
        failed = 1;
    }
    CU_cleanup_registry();
    printf("unit: %u passed, %u failed\n", run - (failed > run ? run : failed), failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
