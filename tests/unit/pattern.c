/*
 * pattern.c - regular expressions: what they match, what is refused, and that time stays linear.
 */
#include <CUnit/CUnit.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "literal.h"
#include "pure/pattern.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Row {
    const char *pattern, *text, *expected; /* "start-end", "none", "group none", or the error */
} Row;

static const char *find(const Row *row, char *out, size_t size) {
    Pattern *pattern = pattern_new(row->pattern, strlen(row->pattern), out, size);
    PatternSpan span;
    if (!pattern) {
        return out;
    }
    PatternResult result = pattern_find(pattern, row->text, strlen(row->text), &span);
    CU_ASSERT_EQUAL(pattern_find(pattern, row->text, strlen(row->text), NULL), result);
    if (result != PATTERN_FOUND) {
        snprintf(out, size, "none");
    } else if (span.start == SIZE_MAX) {
        snprintf(out, size, "group none");
    } else {
        snprintf(out, size, "%zu-%zu", span.start, span.end);
    }
    pattern_free(pattern);
    return out;
}

static void check_rows(const Row *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char out[PATTERN_MESSAGE];
        expect_text(rows[i].pattern, find(&rows[i], out, sizeof out), rows[i].expected);
        bool good = pattern_check(rows[i].pattern, strlen(rows[i].pattern), out, sizeof out);
        CU_ASSERT(good || strcmp(out, rows[i].expected) == 0);
    }
}

static void matches(void) {
    static const Row rows[] = {
        { "", "abc", "0-0" },
        { "b+", "abbbc", "1-4" },
        { "a|ab|abc", "xabcd", "1-4" },
        { "x*", "aaa", "0-0" },
        { "^b", "ab", "none" },
        { "b$", "ab\n", "none" },
        { "^a.c$", "a\nc", "0-3" },
        { "(b)(c)", "abc", "1-2" },
        { "a(x)?", "a", "group none" },
        { ".", "é", "0-2" },
        { "^..$", "é😀", "0-6" },
        { "[é-ü]+", "aéöz", "1-5" },
        { "[^a]", "a😀", "1-5" },
        { "é{2}", "aééé", "1-5" },
        { "a{2,3}", "aaaa", "0-3" },
        { "a{2,}", "aaaa", "0-4" },
        { "a{0}b", "ab", "1-2" },
        { "\\d+", "ab12", "2-4" },
        { "\\D+", "12ab", "2-4" },
        { "\\w+", " a_1-", "1-4" },
        { "\\W", "ab-", "2-3" },
        { "\\s\\S", "a\tb", "1-3" },
        { "[\\d_]+", "ab1_2", "2-5" },
        { "[^\\W\\d]+", "12ab_", "2-5" },
        { "\\bfoo\\b", "a foo.", "2-5" },
        { "\\bfoo", "afoo", "none" },
        { "\\.\\*\\[\\\\", ".*[\\", "0-4" },
        { "\\t\\n\\x41\\x{e9}\\u{1F600}", "\t\nAé😀", "0-9" },
        { "[\\]\\-^]+", "a]-^b", "1-4" },
        { "[]^-]+", "a]-^b", "1-4" },
        { "[^]^]+", "]^ab", "2-4" },
        { "[]]", "a]", "1-2" },
        { "[^]]", "]a", "1-2" },
        { "[\\^]", "a^", "1-2" },
        { "[\\^-z]+", "A^z]", "1-3" },
        { "[!-~]+", " a]^-[! ", "1-7" },
        { "[a-]+", "b-a", "1-3" },
        { "[-a]+", "b-a", "1-3" },
        { "[+--]+", "a+,-", "1-4" },
        { "[]-]+", "a-]", "1-3" },
        { "[\\^\\-]+", "a-^b", "1-3" },
        { "[\\-.]+", "a-.b", "1-3" },
        { "[[:alpha:][:digit:]_]+", "-aZ0_é", "1-5" },
        { "[[:punct:]]+", "a!~[", "1-4" },
        { "a]b}c", "a]b}c", "0-5" },
        { "()a", "a", "0-0" },
        { "(|a)b", "ab", "0-1" },
        { "((a)(b))c", "xabc", "1-3" },
        { "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "none" },
        { "(^|,)b", "a,b", "1-2" },
        { "b(,|$)", "ab", "2-2" },
    };
    check_rows(rows, COUNT(rows));
}

static void refuses(void) {
    static const Row rows[] = {
        { "(", "", "( without ) (character 1)" },
        { "é(a", "", "( without ) (character 2)" },
        { "a)", "", ") without ( (character 2)" },
        { "[a", "", "[ without ] (character 1)" },
        { "[]", "", "[ without ] (character 1)" },
        { "[b-a]", "", "a range whose end comes before its start (character 2)" },
        { "[[:foo:]]", "", "unknown class [:foo:] (character 2)" },
        { "[[:alpha]", "", "[: without :] (character 2)" },
        { "[[.a.]]", "", "[.….] is not supported (character 2)" },
        { "[^\\d\\D]", "", "a set without a character (character 1)" },
        { "*a", "", "nothing before * that it could repeat (character 1)" },
        { "a|+", "", "nothing before + that it could repeat (character 3)" },
        { "a**", "",
          "a second repetition; lazy and possessive ones are not supported (character 3)" },
        { "a+?", "",
          "a second repetition; lazy and possessive ones are not supported (character 3)" },
        { "a{2}{3}", "",
          "a second repetition; lazy and possessive ones are not supported (character 5)" },
        { "a{", "", "a repetition is {2}, {2,} or {2,5}; the brace itself is \\{ (character 2)" },
        { "a{,5}", "",
          "a repetition is {2}, {2,} or {2,5}; the brace itself is \\{ (character 2)" },
        { "a{~1}", "",
          "a repetition is {2}, {2,} or {2,5}; the brace itself is \\{ (character 2)" },
        { "a{3,2}", "", "a repetition whose end is less than its start (character 2)" },
        { "a{256}", "", "a repetition of more than 255 (character 2)" },
        { "a{99999999999}", "", "a repetition of more than 255 (character 2)" },
        { "(a{200}){200}", "",
          "the pattern is too large: 200 characters, 200 times (character 9)" },
        { "a\\", "", "a single \\ at the end (character 2)" },
        { "(a)\\1", "", "back references such as \\1 are not supported (character 4)" },
        { "\\q", "", "unknown escape \\q (character 1)" },
        { "\\x4", "", "\\x is written \\x41 or \\x{1F600} (character 1)" },
        { "\\x{110000}", "", "\\x is written \\x41 or \\x{1F600} (character 1)" },
        { "\\x00", "", "\\x is written \\x41 or \\x{1F600} (character 1)" },
        { "(?i)a", "", "(?…) is not supported (character 1)" },
        { "^*", "", "a repetition of ^, $ or \\b (character 2)" },
        { "(^|$)", "", "^, $ or \\b in one of two alternatives that match nothing (character 4)" },
    };
    check_rows(rows, COUNT(rows));
}

static void nesting_is_bounded(void) {
    char text[2001], out[PATTERN_MESSAGE];
    memset(text, '(', 1000);
    memset(text + 1000, ')', 1000);
    CU_ASSERT_FALSE(pattern_check(text, 2000, out, sizeof out));
    CU_ASSERT_STRING_EQUAL(out, "groups nested too deep (character 65)");
    CU_ASSERT_TRUE(pattern_check(text + 940, 120, out, sizeof out));
    memset(text, 'a', 2000);
    CU_ASSERT_FALSE(pattern_check(text, 2000, out, sizeof out));
}

/* What takes a backtracking engine forever: 4 times the text is about 4 times the time. */
static void time_is_linear(void) {
    static char text[200001];
    char out[PATTERN_MESSAGE];
    memset(text, 'a', 200000);
    Pattern *pattern = pattern_new("(a|a)*(a|aa)+(a+)+b$", 20, out, sizeof out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pattern);
    clock_t start = clock();
    CU_ASSERT_EQUAL(pattern_find(pattern, text, 200000, NULL), PATTERN_NONE);
    CU_ASSERT(clock() - start < 20 * CLOCKS_PER_SEC);
    pattern_free(pattern);
}

static void no_locale_matters(void) {
    static const Row rows[] = {
        { "\\bé", "é", "0-2" },
        { "[[:alpha:]]", "é", "none" },
        { "^.$", "é", "0-2" },
    };
    static const char *const names[] = { "C", "C.UTF-8", "de_DE.ISO-8859-1", "de_DE.UTF-8" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (setlocale(LC_ALL, names[i])) {
            check_rows(rows, COUNT(rows));
        }
    }
    setlocale(LC_ALL, "C");
}

void suite_pattern(void) {
    CU_pSuite suite = CU_add_suite("pattern", NULL, NULL);
    CU_add_test(suite, "matches", matches);
    CU_add_test(suite, "refuses", refuses);
    CU_add_test(suite, "nesting is bounded", nesting_is_bounded);
    CU_add_test(suite, "time is linear", time_is_linear);
    CU_add_test(suite, "no locale matters", no_locale_matters);
}
