/*
 * hostile.c - texts that no person writes: nested deeply, with tokens of a megabyte, with NULs, bad
 * UTF-8 and no end. The front end reports and returns; how long that takes is bounded by the size.
 */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "back/graph.h"
#include "base/front.h"
#include "check/front_check.h"
#include "suites.h"
#include "syntax/front_parse.h"

enum { MEGABYTE = 1 << 20 };

/* Checks the text, and lowers and prints what has no errors. The number of errors. */
static uint32_t errors_of(const char *text, size_t n) {
    Front *front = front_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(front);
    FILE *nowhere = fopen("/dev/null", "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(nowhere);
    Source *source = source_from_text(&front->arena, &front->sources, "hostile.dag", text, n);
    front_tokens(front, source, nowhere);
    File *file = front_parse(front, source);
    Model *model = front_check(front, file);
    uint32_t nerrors = front->diags->nerrors;
    if (nerrors == 0 && model->main) {
        emit_c(front, lower_model(front, model), nowhere);
    }
    diags_print(front->diags, DIAG_TEXT, true, nowhere);
    diags_print(front->diags, DIAG_SARIF, true, nowhere);
    fclose(nowhere);
    front_free(front);
    return nerrors;
}

/* before, `many` times `part`, `many` times `close`, after. */
static uint32_t nested(const char *before, const char *part, const char *close, const char *after,
                       size_t many) {
    size_t np = strlen(part), nc = strlen(close), nb = strlen(before), na = strlen(after);
    size_t n = nb + many * (np + nc) + na;
    char *text = malloc(n + 1), *p = text;
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memcpy(p, before, nb);
    p += nb;
    for (size_t i = 0; i < many; i++, p += np) {
        memcpy(p, part, np);
    }
    for (size_t i = 0; i < many; i++, p += nc) {
        memcpy(p, close, nc);
    }
    memcpy(p, after, na + 1);
    uint32_t nerrors = errors_of(text, n);
    free(text);
    return nerrors;
}

static void deep_nesting_is_one_error(void) {
    static const char *const openers[][2] = {
        { "[", "]" }, { "{ a: ", "}" },        { "(", ")" }, { "list(", ")" }, { "\"<", ">\"" },
        { "{", "}" }, { "\"\"\"<", ">\"\"\"" }
    };
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        uint32_t n = nested("pipeline p {\n  stage a { out x: json = <", openers[i][0],
                            openers[i][1], ">  run \"true\" }\n}\n", 4000);
        CU_ASSERT(n >= 1 && n <= 3);
    }
    CU_ASSERT_EQUAL(nested("pipeline p {\n  input x: ", "list<", ">", "\n}\n", 4000), 1);
    CU_ASSERT(nested("pipeline p {\n  input x: bool where ", "not ", "", "it\n}\n", 4000) >= 1);
    CU_ASSERT(
        nested("pipeline p {\n  input x: int where it > 0", " and it > 0", "", "\n}\n", 4000) >= 1);
    CU_ASSERT(nested("pipeline p {\n  input x: string\n  output y: string = <input.x", " | upper",
                     "", ">\n}\n", 4000) >= 1);
    CU_ASSERT(nested("", "pipeline p { stage s { ", "", "", 4000) >= 1);
}

static void repeated(const char *part, size_t many) {
    nested("pipeline p {\n  stage ", part, "", " { run \"true\" }\n}\n", many);
    nested("pipeline p {\n  stage a { run \"", part, "", "\" }\n}\n", many);
    nested("pipeline p {\n  stage a { c '''", part, "", "''' }\n}\n", many);
}

static void tokens_of_a_megabyte(void) {
    const char *const whole[] = { "a", "1" };
    const char *const signs[] = { "_", "#", "\xc3\xa4", "\\", "<", "\"", "'", "=", "." };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        repeated(whole[i], MEGABYTE);
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        repeated(signs[i], 4000);
    }
    CU_ASSERT_EQUAL(nested("pipeline p {\n  stage a { run \"echo ", "a", "", "\" }\n}\n", MEGABYTE),
                    0);
}

static void many_of_everything(void) {
    CU_ASSERT(nested("pipeline p {\n", "}", "", "", 4000) >= 1);
    CU_ASSERT(nested("pipeline p {\n", "stage a { run \"x\" }\n", "", "}\n", 4000) >= 1);
    CU_ASSERT(nested("pipeline p {\n  stage a { run \"x\" }\n", "a => a\n", "", "}\n", 4000) >= 1);
    CU_ASSERT(nested("pipeline p {\n", "input x: strng\n", "", "}\n", 4000) >= 1);
    CU_ASSERT(nested("pipeline p {\n  stage a { out x: int = <", "nope.x | ", "", "add> }\n}\n",
                     900) >= 1);
}

static uint32_t of_text(const char *text) {
    return errors_of(text, strlen(text));
}

static void bad_bytes(void) {
    static const char nul[] = "pipeline p {\n  stage a { run \"a\0b\" }\n}\n\0\0";
    CU_ASSERT(errors_of(nul, sizeof nul - 1) >= 1);
    CU_ASSERT(errors_of("\0", 1) >= 1);
    CU_ASSERT(of_text("pipeline p { stage a { run \"\xff\" } }\n") == 1);
    CU_ASSERT(of_text("peline sq stage h map sq ver n in n list<t out v:") >= 1);
    CU_ASSERT(of_text("pipeline p {\x01}\n") == 1);
    CU_ASSERT(of_text("\xef\xbb\xbfpipeline p { stage a { run \"true\" } }\n") == 0);
    CU_ASSERT(nested("pipeline p {\n", "\xc3", "", "}\n", MEGABYTE) >= 1);
    CU_ASSERT(nested("", "\xed\xa0\x80", "", "", 1000) >= 1); /* half of a surrogate pair */
    CU_ASSERT(nested("", "\xf0\x9f", "", "", 3) >= 1);
}

/* Every beginning of a text: what is cut off is reported, and nothing else happens. */
static void texts_without_an_end(void) {
    static const char text[] =
        "import \"x\" as m\ntype T = { a: enum(b, c)? }\n"
        "plugin q<X>(n: int = 3) { in x: list<X>  out y: X? = <x | first> }\n"
        "pipeline p {\n  input f: file where it.size > 1KB and not (it.kind == text)\n"
        "  stage a = q(n: <input.f.size | int>) { tags u, v  retry 2 backoff 1s on exit 7 }\n"
        "  stage b { run \"\"\"\n    echo <a.y | default(\"<1>\")>\n  \"\"\" }\n"
        "  a.y -> b where it exists order by it desc take 3\n  a => b on failure\n}\n";
    for (size_t n = 0; n < sizeof text; n++) {
        errors_of(text, n);
    }
}

void suite_hostile(void) {
    CU_pSuite suite = CU_add_suite("hostile", NULL, NULL);
    CU_add_test(suite, "deep nesting is one error", deep_nesting_is_one_error);
    CU_add_test(suite, "tokens of a megabyte", tokens_of_a_megabyte);
    CU_add_test(suite, "many of everything", many_of_everything);
    CU_add_test(suite, "NULs and bad UTF-8", bad_bytes);
    CU_add_test(suite, "texts without an end", texts_without_an_end);
}
