/* Messages: what is kept, in which order, and how the snippets look. */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "suites.h"

typedef struct Fixture {
    Arena arena;
    Sources sources;
    Diags *diags;
    Source *source;
    char *printed;
} Fixture;

static Fixture *fixture(const char *text) {
    Fixture *f = calloc(1, sizeof *f);
    f->diags = diags_new(&f->arena, &f->sources);
    f->source = source_from_text(&f->arena, &f->sources, "f.dag", text, strlen(text));
    return f;
}

static void done(Fixture *f) {
    free(f->printed);
    arena_free(&f->arena);
    free(f);
}

/* The first place where the source has this text. */
static Span at(Fixture *f, const char *text) {
    uint32_t start = (uint32_t)(strstr(f->source->text, text) - f->source->text);
    return (Span){ 0, start, start + (uint32_t)strlen(text) };
}

static const char *print(Fixture *f, DiagFormat format) {
    size_t n;
    free(f->printed);
    FILE *out = open_memstream(&f->printed, &n);
    diags_print(f->diags, format, false, out);
    fclose(out);
    return f->printed;
}

#define PRINTS(f, expected)                                     \
    do {                                                        \
        const char *got = print(f, DIAG_TEXT);                  \
        CU_ASSERT_STRING_EQUAL(got, expected);                  \
        if (strcmp(got, expected) != 0) {                       \
            printf("got:\n%s\nexpected:\n%s\n", got, expected); \
        }                                                       \
    } while (0)

/* ---------------------------------------------------------------- what is kept */

static void drops_a_second_error_at_a_place(void) {
    Fixture *f = fixture("abc def");
    diag_report(f->diags, E0901, at(f, "abc"), "one");
    diag_report(f->diags, E0902, at(f, "abc"), "two");
    diag_report(f->diags, W0880, at(f, "abc"), "a warning is another thing");
    diag_report(f->diags, W0880, at(f, "abc"), "but once is enough");
    Diag *dropped = diag_report(f->diags, E0902, at(f, "abc"), "three");
    diag_note(f->diags, dropped, at(f, "def"), "hangs on nothing");
    CU_ASSERT_EQUAL(f->diags->nerrors, 1);
    CU_ASSERT_EQUAL(f->diags->nwarnings, 1);
    diag_report(f->diags, E0901, SPAN_NONE, "no place");
    diag_report(f->diags, E0901, SPAN_NONE, "is no place twice");
    CU_ASSERT_EQUAL(f->diags->nerrors, 3);
    for (uint32_t i = 0; i < 1000; i++) { /* its table grows */
        diag_report(f->diags, E0901, (Span){ 0, i, i }, "many");
        diag_report(f->diags, E0901, (Span){ 0, i, i }, "many");
    }
    CU_ASSERT_EQUAL(f->diags->nerrors, 1003);
    done(f);
}

static void options_choose_warnings(void) {
    Fixture *f = fixture("abcdefgh");
    Diags *d = f->diags;
    CU_ASSERT_TRUE(diags_enabled(d, W0880));
    CU_ASSERT_TRUE(diags_option(d, "no-c-code"));
    CU_ASSERT_FALSE(diags_enabled(d, W0880));
    diag_report(d, W0880, at(f, "a"), "off");
    CU_ASSERT_EQUAL(d->nwarnings, 0);
    CU_ASSERT_TRUE(diags_option(d, "error=c-code")); /* turns it on */
    CU_ASSERT_EQUAL(diag_report(d, W0880, at(f, "b"), "x")->severity, SEVERITY_ERROR);
    CU_ASSERT_TRUE(diags_option(d, "error"));
    CU_ASSERT_TRUE(diags_option(d, "no-error=c-code"));
    CU_ASSERT_EQUAL(diag_report(d, W0880, at(f, "c"), "x")->severity, SEVERITY_WARNING);
    CU_ASSERT_TRUE(diags_option(d, "no-all"));
    CU_ASSERT_FALSE(diags_enabled(d, W0880));
    CU_ASSERT_TRUE(diags_option(d, "all"));
    CU_ASSERT_TRUE(diags_enabled(d, W0880));
    CU_ASSERT_FALSE(diags_option(d, "nonsense"));
    CU_ASSERT_FALSE(diags_option(d, "error=nonsense"));
    CU_ASSERT_EQUAL(d->nerrors, 1);
    done(f);
}

static void sorts_by_place_and_stops_at_the_limit(void) {
    Fixture *f = fixture("a b c\n");
    f->diags->error_limit = 2;
    diag_report(f->diags, E0901, at(f, "c"), "third");
    diag_report(f->diags, E0901, at(f, "a"), "first");
    diag_report(f->diags, E0901, at(f, "b"), "second");
    diag_report(f->diags, W0880, at(f, "c"), "not reached");
    PRINTS(f, "error[E0901]: first\n"
              "  --> f.dag:1:1\n"
              "   |\n"
              " 1 | a b c\n"
              "   | ^\n"
              "\n"
              "error[E0901]: second\n"
              "  --> f.dag:1:3\n"
              "   |\n"
              " 1 | a b c\n"
              "   |   ^\n"
              "\n"
              "… and 1 more error\n"
              "3 errors, 1 warning\n");
    done(f);
}

/* ---------------------------------------------------------------- snippets */

static void shows_labels_notes_help_and_fixes(void) {
    Fixture *f = fixture("stage make { out text: string }\n"
                         "stage use { in n: int }\n"
                         "make.text -> use.n\n\n\n\n\n\n\n\n"
                         "far away\n");
    Diag *d = diag_report(f->diags, E0902, at(f, "make.text -> use.n"), "a string feeds an int");
    diag_label(f->diags, d, "wants an int");
    diag_note(f->diags, d, at(f, "text: string"), "declared here");
    diag_note(f->diags, d, at(f, "away"), "elsewhere");
    diag_help(f->diags, d, "convert it");
    diag_fix(f->diags, d, true, at(f, "use.n"), "use.text", "name the other one");
    PRINTS(f, "error[E0902]: a string feeds an int\n"
              "   --> f.dag:3:1\n"
              "    |\n"
              "  1 | stage make { out text: string }\n"
              "    |                  ------------ declared here\n"
              "  2 | stage use { in n: int }\n"
              "  3 | make.text -> use.n\n"
              "    | ^^^^^^^^^^^^^^^^^^ wants an int\n"
              "    |\n"
              "note: elsewhere\n"
              "   --> f.dag:11:5\n"
              "    |\n"
              " 11 | far away\n"
              "    |     ^^^^\n"
              "    |\n"
              "    = help: convert it\n"
              "fix: name the other one\n"
              "    |\n"
              "  3 | make.text -> use.text\n"
              "    |              ~~~~~~~~\n"
              "\n"
              "1 error\n");
    done(f);
}

static void hangs_labels_that_do_not_fit(void) {
    Fixture *f = fixture("a.text -> b.n");
    Diag *d = diag_report(f->diags, E0902, at(f, "a.text"), "three on a line");
    diag_label(f->diags, d, "first");
    diag_note(f->diags, d, at(f, "->"), "second");
    diag_note(f->diags, d, at(f, "b.n"), "third");
    PRINTS(f, "error[E0902]: three on a line\n"
              "  --> f.dag:1:1\n"
              "   |\n"
              " 1 | a.text -> b.n\n"
              "   | ^^^^^^ -- --- third\n"
              "   | |      |\n"
              "   | |      second\n"
              "   | first\n"
              "\n"
              "1 error\n");
    done(f);
}

static void carets_survive_odd_widths(void) {
    Fixture *f = fixture("\tx\tdag\n"
                         "日本 \xF0\x9F\x91\x8D e\xCC\x81t\n"
                         "bad \xFF\x1B[m byte\r\n"
                         "end");
    diag_report(f->diags, E0901, at(f, "dag"), "tabs");
    diag_report(f->diags, E0901, at(f, "\xF0\x9F\x91\x8D"), "wide");
    diag_report(f->diags, E0901, at(f, "t\nbad"), "combining, to the next line");
    diag_report(f->diags, E0901, at(f, "byte"), "bytes");
    uint32_t end = f->source->size;
    diag_report(f->diags, E0901, (Span){ 0, end, end }, "the end");
    PRINTS(f, "error[E0901]: tabs\n"
              "  --> f.dag:1:4\n"
              "   |\n"
              " 1 |     x   dag\n"
              "   |         ^^^\n"
              "\n"
              "error[E0901]: wide\n"
              "  --> f.dag:2:4\n"
              "   |\n"
              " 2 | 日本 \xF0\x9F\x91\x8D e\xCC\x81t\n"
              "   |      ^^\n"
              "\n"
              "error[E0901]: combining, to the next line\n"
              "  --> f.dag:2:8\n"
              "   |\n"
              " 2 | 日本 \xF0\x9F\x91\x8D e\xCC\x81t\n"
              "   |          ^\n"
              " 3 | bad \xEF\xBF\xBD\xEF\xBF\xBD[m byte\n"
              "   | ^^^\n"
              "\n"
              "error[E0901]: bytes\n"
              "  --> f.dag:3:10\n"
              "   |\n"
              " 3 | bad \xEF\xBF\xBD\xEF\xBF\xBD[m byte\n"
              "   |          ^^^^\n"
              "\n"
              "error[E0901]: the end\n"
              "  --> f.dag:4:4\n"
              "   |\n"
              " 4 | end\n"
              "   |    ^\n"
              "\n"
              "5 errors\n");
    done(f);
}

static void shows_ends_of_long_spans(void) {
    Fixture *f = fixture("stage x {\n  a\n  b\n  c\n}\n");
    Diag *d = diag_report(f->diags, E0901, at(f, "stage x {\n  a\n  b\n  c\n}"), "a stage");
    diag_label(f->diags, d, "this one");
    Span b = at(f, "  b\n");
    diag_fix(f->diags, d, true, (Span){ 0, b.start, b.start }, "  a2\n", "say more");
    PRINTS(f, "error[E0901]: a stage\n"
              "  --> f.dag:1:1\n"
              "   |\n"
              " 1 | stage x {\n"
              "   | ^^^^^^^^^\n"
              "...\n"
              " 5 | }\n"
              "   | ^ this one\n"
              "fix: say more\n"
              "   |\n"
              " 3 |   a2\n"
              "   | ++++\n"
              "\n"
              "1 error\n");
    done(f);
}

static void cuts_long_lines(void) {
    char line[5001];
    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    memcpy(line + 3000, " HERE ", 6);
    Fixture *f = fixture(line);
    diag_report(f->diags, E0901, at(f, "HERE"), "long");
    const char *got = print(f, DIAG_TEXT);
    CU_ASSERT_TRUE(strlen(got) < 400);
    const char *text = strstr(got, " 1 | "), *carets = strstr(got, "^^^^");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(carets);
    const char *row = carets;
    while (row[-1] != '\n') {
        row--;
    }
    /* `…` is three bytes and one column */
    CU_ASSERT_EQUAL(strstr(text, "HERE") - text - 2, carets - row);
    done(f);
}

static void copes_with_a_flood_of_combining_characters(void) {
    char line[6001] = "e";
    for (size_t i = 1; i + 2 < sizeof line; i += 2) {
        memcpy(line + i, "\xCC\x81", 3);
    }
    Fixture *f = fixture(line);
    diag_report(f->diags, E0901, (Span){ 0, 5001, 5003 }, "zalgo");
    CU_ASSERT_TRUE(strlen(print(f, DIAG_TEXT)) < 2500);
    done(f);
}

/* ---------------------------------------------------------------- other forms */

static void prints_json(void) {
    Fixture *f = fixture("é x\ny");
    Diag *d = diag_report(f->diags, E0901, at(f, "x"), "a \"quote\"\n\x01 \xFF");
    diag_note(f->diags, d, at(f, "y"), "there");
    diag_fix(f->diags, d, true, at(f, "x"), "z", "say z");
    diag_report(f->diags, E0905, SPAN_NONE, "no place");
    CU_ASSERT_STRING_EQUAL(
        print(f, DIAG_JSON),
        "{\"severity\":\"error\",\"code\":\"E0905\",\"message\":\"no place\",\"file\":null,"
        "\"line\":null,\"column\":null,\"end_line\":null,\"end_column\":null,\"related\":[],"
        "\"fixes\":[]}\n"
        "{\"severity\":\"error\",\"code\":\"E0901\",\"message\":\"a \\\"quote\\\"\\n\\u0001 "
        "\xEF\xBF\xBD\",\"file\":\"f.dag\",\"line\":1,\"column\":3,\"end_line\":1,\"end_column\":4,"
        "\"related\":[{\"message\":\"there\",\"file\":\"f.dag\",\"line\":2,\"column\":1,"
        "\"end_line\":2,\"end_column\":2}],\"fixes\":[{\"message\":\"say "
        "z\",\"edits\":[{\"line\":1,"
        "\"column\":3,\"end_line\":1,\"end_column\":4,\"text\":\"z\"}]}]}\n");
    done(f);
}

static void explains_codes(void) {
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    CU_ASSERT_TRUE(diag_explain("e0904", out));
    CU_ASSERT_TRUE(diag_explain("W0880", out));
    CU_ASSERT_TRUE(diag_explain("c-code", out));
    CU_ASSERT_TRUE(diag_explain("-Wc-code", out));
    CU_ASSERT_FALSE(diag_explain("E09", out));
    CU_ASSERT_FALSE(diag_explain("", out));
    fclose(out);
    CU_ASSERT_EQUAL(strncmp(text, "E0904: nothing to build\n\n", 25), 0);
    free(text);
}

static void codes_are_unique_and_explained(void) {
    for (int i = 0; i < NCODES; i++) {
        const CodeRow *row = code_row((Code)i);
        CU_ASSERT_EQUAL(row->code[0] == 'W', row->warning != NULL);
        CU_ASSERT_EQUAL(strlen(row->code), 5);
        CU_ASSERT_TRUE(strlen(row->title) > 0 && strlen(row->explanation) > 0);
        for (int k = 0; k < i && row->warning; k++) {
            const char *other = code_row((Code)k)->warning;
            CU_ASSERT_TRUE(!other || strcmp(other, row->warning) != 0);
        }
    }
}

void suite_diag(void) {
    CU_pSuite suite = CU_add_suite("diag", NULL, NULL);
    CU_add_test(suite, "drops a second error at a place", drops_a_second_error_at_a_place);
    CU_add_test(suite, "options choose warnings", options_choose_warnings);
    CU_add_test(suite, "sorts by place, stops at the limit", sorts_by_place_and_stops_at_the_limit);
    CU_add_test(suite, "shows labels, notes, help and fixes", shows_labels_notes_help_and_fixes);
    CU_add_test(suite, "hangs labels that do not fit", hangs_labels_that_do_not_fit);
    CU_add_test(suite, "carets survive odd widths", carets_survive_odd_widths);
    CU_add_test(suite, "shows the ends of long spans", shows_ends_of_long_spans);
    CU_add_test(suite, "cuts long lines", cuts_long_lines);
    CU_add_test(suite, "copes with floods of combining characters",
                copes_with_a_flood_of_combining_characters);
    CU_add_test(suite, "prints JSON", prints_json);
    CU_add_test(suite, "explains codes", explains_codes);
    CU_add_test(suite, "codes are unique and explained", codes_are_unique_and_explained);
}
