/*
 * fmt.c - the formatter: what it prints has the same tree, and formatting that changes nothing
 * more; also for samples whose blanks, line ends and comments have been stirred.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/front.h"
#include "samples.h"
#include "suites.h"
#include "syntax/front_parse.h"
#include "tools/fmt.h"

/* The text in the standard layout, to be freed; NULL: it has errors. */
static char *formatted(const char *text, size_t n, size_t *nout) {
    char *result = NULL;
    Front *front = front_new();
    FILE *out = open_memstream(&result, nout);
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    Source *source = source_from_text(&front->arena, &front->sources, "sample.dag", text, n);
    bool done = fmt_print(front, front_parse(front, source), out);
    CU_ASSERT_EQUAL(done, front->diags->nerrors == 0);
    fclose(out);
    front_free(front);
    if (!done) {
        free(result);
        return NULL;
    }
    return result;
}

/* Formats twice; false when the tree changes or the second time changes something. */
static bool holds(const char *text, size_t n) {
    size_t none, ntwo;
    unsigned before, after;
    char *one = formatted(text, n, &none);
    if (!one) {
        return true;
    }
    char *two = formatted(one, none, &ntwo);
    char *tree = sample_tree(text, n, &before);
    char *again = sample_tree(one, none, &after);
    bool same = two && none == ntwo && memcmp(one, two, none) == 0 && strcmp(tree, again) == 0;
    free(one);
    free(two);
    free(tree);
    free(again);
    return same;
}

/* A sequence of numbers that is the same each time. (Knuth's MMIX constants) */
static uint32_t next_number(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Puts something at a blank, or takes the blank away. */
static size_t stir(char *text, size_t n, uint64_t *state) {
    static const char *const gaps[] = { "\n",        "  ",        "\n\n", " # c\n",
                                        "\n# own\n", " ## doc\n", "\t",   "\r\n" };
    size_t at = next_number(state) % n;
    at += strcspn(text + at, " \n");
    if (at >= n) {
        return n;
    }
    uint32_t what = next_number(state) % 10;
    const char *gap = what < 8 ? gaps[what] : what == 8 ? " " : "";
    size_t ngap = strlen(gap), drop = what >= 8;
    memmove(text + at + ngap, text + at + drop, n - at - drop + 1);
    memcpy(text + at, gap, ngap);
    return n + ngap - drop;
}

static void check_sample(const char *path, const char *text, size_t n) {
    uint64_t state = n;
    char *copy = malloc(n + 1000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    bool good = holds(text, n);
    for (int i = 0; i < 100 && good; i++) {
        size_t ncopy = n;
        memcpy(copy, text, n + 1);
        for (uint32_t j = next_number(&state) % 6; j < 6; j++) {
            ncopy = stir(copy, ncopy, &state);
        }
        good = holds(copy, ncopy);
    }
    if (!good) {
        fprintf(stderr, "fmt changes the tree, or its own result: %s\n", path);
    }
    CU_ASSERT(good);
    free(copy);
}

static void formatting_keeps_the_tree(void) {
    samples_visit(check_sample);
}

static void assert_format(const char *text, const char *expected) {
    size_t n;
    char *result = formatted(text, strlen(text), &n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result);
    if (strcmp(result, expected) != 0) {
        fprintf(stderr, "expected:\n%sgot:\n%s", expected, result);
    }
    CU_ASSERT_STRING_EQUAL(result, expected);
    free(result);
}

static void a_block_stays_on_its_line(void) {
    assert_format("pipeline p{stage a{in x:int run \"true\"}}",
                  "pipeline p { stage a { in x: int  run \"true\" } }\n");
    assert_format("pipeline p {\n stage a { run \"true\" \n } }",
                  "pipeline p {\n  stage a {\n    run \"true\"\n  }\n}\n");
}

static void what_does_not_fit_is_broken(void) {
    assert_format("pipeline p {\n"
                  "  stage a { in long_name_of_a_port: string  out another_long_name: string = "
                  "<long_name_of_a_port | upper> }\n"
                  "}\n",
                  "pipeline p {\n"
                  "  stage a {\n"
                  "    in  long_name_of_a_port: string\n"
                  "    out another_long_name: string = <long_name_of_a_port | upper>\n"
                  "  }\n"
                  "}\n");
}

static void lines_are_lined_up(void) {
    assert_format("pipeline p {\n"
                  "input a:int # one\n"
                  "config long:int=5 # two\n"
                  "\n\n\n"
                  "a.x->b\n"
                  "longer=>c\n"
                  "}",
                  "pipeline p {\n"
                  "  input  a: int         # one\n"
                  "  config long: int = 5  # two\n"
                  "\n"
                  "  a.x    -> b\n"
                  "  longer => c\n"
                  "}\n");
}

static void a_script_moves_with_its_line(void) {
    assert_format("pipeline p {\n"
                  "stage a {\n"
                  "run '''\n"
                  "  if true; then\n"
                  "    echo\n"
                  "  fi\n"
                  "'''\n"
                  "}\n"
                  "}\n",
                  "pipeline p {\n"
                  "  stage a {\n"
                  "    run '''\n"
                  "      if true; then\n"
                  "        echo\n"
                  "      fi\n"
                  "    '''\n"
                  "  }\n"
                  "}\n");
}

static void errors_are_refused(void) {
    size_t n;
    CU_ASSERT_PTR_NULL(formatted("pipeline {", 10, &n));
}

void suite_fmt(void) {
    CU_pSuite suite = CU_add_suite("fmt", NULL, NULL);
    CU_add_test(suite, "formatting keeps the tree", formatting_keeps_the_tree);
    CU_add_test(suite, "a block stays on its line", a_block_stays_on_its_line);
    CU_add_test(suite, "what does not fit is broken", what_does_not_fit_is_broken);
    CU_add_test(suite, "lines are lined up", lines_are_lined_up);
    CU_add_test(suite, "a script moves with its line", a_script_moves_with_its_line);
    CU_add_test(suite, "errors are refused", errors_are_refused);
}
