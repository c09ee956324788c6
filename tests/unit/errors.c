/*
 * errors.c - every row of errors.def: its bad example yields exactly its code, its good example
 * nothing at all. A row whose mistake cannot be shown by a file alone has no bad example.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "check/front_check.h"
#include "suites.h"
#include "syntax/front_parse.h"

typedef struct Row {
    Code code;
    const char *name, *warning; /* warning: for -W, NULL for errors */
    const char *bad, *good;
} Row;

static const Row rows[] = {
#define ERROR(code, title, explanation, bad, good) { code, #code, NULL, bad, good },
#define WARNING(code, name, default_on, title, explanation, bad, good) \
    { code, #code, name, bad, good },
#include "base/errors.def"
#undef ERROR
#undef WARNING
};
enum { nrows = sizeof rows / sizeof *rows };

static Front *checked(const char *text, const char *warning) {
    Front *front = front_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    if (warning != NULL)
        diags_option(front->diags, warning);
    Source *source =
        source_from_text(&front->arena, &front->sources, "example.dag", text, strlen(text));
    front_check(front, front_parse(front, source));
    return front;
}

static void fail_row(const Row *row, const char *what, const Front *front) {
    CU_FAIL("an example of errors.def");
    fprintf(stderr, "%s: %s\n", row->name, what);
    diags_print(front->diags, DIAG_TEXT, false, stderr);
}

static void bad_examples_yield_their_code(void) {
    for (size_t i = 0; i < nrows; i++) {
        if (rows[i].bad == NULL)
            continue;
        Front *front = checked(rows[i].bad, rows[i].warning);
        const Diag *first = front->diags->first;
        bool exact = first != NULL && first->next == NULL && first->code == rows[i].code;
        if (!exact)
            fail_row(&rows[i], "the bad example does not yield exactly its code", front);
        front_free(front);
    }
}

static void good_examples_are_clean(void) {
    for (size_t i = 0; i < nrows; i++) {
        if (rows[i].good == NULL)
            continue;
        Front *front = checked(rows[i].good, rows[i].warning);
        if (front->diags->first != NULL)
            fail_row(&rows[i], "the good example is not clean", front);
        front_free(front);
    }
}

void suite_errors(void) {
    CU_pSuite suite = CU_add_suite("errors", NULL, NULL);
    CU_add_test(suite, "bad examples yield their code", bad_examples_yield_their_code);
    CU_add_test(suite, "good examples are clean", good_examples_are_clean);
}
