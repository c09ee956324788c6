/*
 * json.c - JSON read and printed: exact numbers, strict syntax, bounds.
 */
#include <CUnit/CUnit.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "literal.h"
#include "suites.h"

typedef struct Row {
    const char *text, *expected; /* what it prints as, or "!" and the error */
} Row;

static void check(const Row *row) {
    Arena arena = { 0 };
    dag_value v;
    dag_error error = { NULL, NULL };
    bool ok = value_from_json(&arena, row->text, strlen(row->text), &v, &error);
    expect_text(row->text,
                ok ? value_to_json(&arena, v) : arena_printf(&arena, "!%s", error.message),
                row->expected);
    CU_ASSERT(ok || strcmp(error.type, "type") == 0);
    arena_free(&arena);
}

static void reads_and_prints(void) {
    static const Row rows[] = {
        { "null", "null" },
        { " true ", "true" },
        { "false", "false" },
        { "0", "0" },
        { "-0", "0" },
        { "9223372036854775807", "9223372036854775807" },
        { "-9223372036854775808", "-9223372036854775808" },
        { "9007199254740993", "9007199254740993" },
        { "9223372036854775808", "9.223372036854776e+18" },
        { "1.0", "1.0" },
        { "3e2", "300.0" },
        { "-0.0", "-0.0" },
        { "0.1", "0.1" },
        { "1E-7", "1e-07" },
        { "\"\"", "\"\"" },
        { "\"a\\u00e9\\n\\t\\\\\\/\\\"\"", "\"aé\\n\\t\\\\/\\\"\"" },
        { "\"\\ud83d\\ude00\"", "\"😀\"" },
        { "\"\\u001f\"", "\"\\u001f\"" },
        { "[]", "[]" },
        { "{}", "{}" },
        { "[ 1 , [ ] , { } ]", "[1,[],{}]" },
        { "{\"a\":1,\"b\":[true,null]}", "{\"a\":1,\"b\":[true,null]}" },
        { "{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2,\"a\":3}" },
        { "{\"\":1}", "{\"\":1}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check(&rows[i]);
    }
}

#define AT(line, column) " at line " #line ", column " #column " of the JSON text"
#define AT_END(line, column) ", not the end," AT(line, column)

static void refuses_what_is_wrong(void) {
    static const Row rows[] = {
        { "", "!expected a value" AT_END(1, 1) },
        { "abc", "!expected a value" AT(1, 1) },
        { "nul", "!expected a value" AT(1, 1) },
        { "[1,]", "!expected a value" AT(1, 4) },
        { "[1 2]", "!expected , or ]" AT(1, 4) },
        { "[1", "!expected , or ]" AT_END(1, 3) },
        { "{\"é\" 1}", "!expected :" AT(1, 6) },
        { "{a:1}", "!expected the name of a field in quotes" AT(1, 2) },
        { "{\"a\":1,}", "!expected the name of a field in quotes" AT(1, 8) },
        { "{\"a\":1", "!expected , or }" AT_END(1, 7) },
        { "1 2", "!something after the value" AT(1, 3) },
        { "[1]\n]", "!something after the value" AT(2, 1) },
        { "01", "!an invalid number" AT(1, 1) },
        { "1.", "!an invalid number" AT(1, 1) },
        { ".5", "!expected a value" AT(1, 1) },
        { "+1", "!expected a value" AT(1, 1) },
        { "-", "!an invalid number" AT(1, 1) },
        { "1e", "!an invalid number" AT(1, 1) },
        { "1e999", "!a number out of range" AT(1, 1) },
        { "NaN", "!NaN, which is no JSON," AT(1, 1) },
        { "[-Infinity]", "!-Infinity, which is no JSON," AT(1, 2) },
        { "\xef\xbb\xbf{}", "!a byte order mark, which no JSON text has," AT(1, 1) },
        { "-In", "!expected a value" AT(1, 1) },
        { "'a'", "!expected a value" AT(1, 1) },
        { "\"a", "!a text without its closing quote" AT(1, 1) },
        { "\"a\\", "!a text without its closing quote" AT(1, 1) },
        { "\"a\nb\"", "!a control character inside a text" AT(1, 3) },
        { "\"\\x\"", "!unknown escape" AT(1, 2) },
        { "\"\\u12g4\"", "!\\u without four hexadecimal digits" AT(1, 2) },
        { "\"\\u12\"", "!\\u without four hexadecimal digits" AT(1, 2) },
        { "\"\\u0000\"", "!\\u0000, which no text may hold," AT(1, 2) },
        { "\"\\ud800\"", "!half a surrogate pair" AT(1, 2) },
        { "\"\\ud800\\u0041\"", "!half a surrogate pair" AT(1, 2) },
        { "\"\\udc00\"", "!half a surrogate pair" AT(1, 2) },
        { "\"\xff\"", "!bytes that are not UTF-8" AT(1, 2) },
        { "[1,\n\"\xc3\"]", "!bytes that are not UTF-8" AT(2, 2) },
        { "\"\xed\xa0\x80\"", "!bytes that are not UTF-8" AT(1, 2) },
        { "\"\xc0\x80\"", "!bytes that are not UTF-8" AT(1, 2) },
        { "\"\xf4\x90\x80\x80\"", "!bytes that are not UTF-8" AT(1, 2) },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check(&rows[i]);
    }
}

static void nul_is_an_error(void) {
    Arena arena = { 0 };
    dag_value v;
    dag_error error;
    CU_ASSERT_FALSE(value_from_json(&arena, "\"a\0b\"", 5, &v, &error));
    CU_ASSERT_STRING_EQUAL(error.message, "a NUL byte" AT(1, 3));
    arena_free(&arena);
}

/* The text need not have a NUL behind it: ASan sees a read past the end. */
static void reads_no_further(void) {
    static const char *const texts[] = { "12", "-",      "tru", "\"ab", "\"\\", "\"\\u00",
                                         "[",  "{\"a\"", "1.",  "1e",   "nul",  "[1," };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        Arena arena = { 0 };
        size_t n = strlen(texts[i]);
        char *copy = malloc(n);
        dag_value v;
        dag_error error;
        memcpy(copy, texts[i], n);
        value_from_json(&arena, copy, n, &v, &error);
        free(copy);
        arena_free(&arena);
    }
}

static bool reads_nested(unsigned depth, char open, char close) {
    Arena arena = { 0 };
    char *text = arena_raw(&arena, 2 * (size_t)depth);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    dag_value v;
    dag_error error;
    bool ok = value_from_json(&arena, text, 2 * (size_t)depth, &v, &error);
    arena_free(&arena);
    return ok;
}

static void depth_is_bounded(void) {
    CU_ASSERT_TRUE(reads_nested(VALUE_MAX_DEPTH, '[', ']'));
    CU_ASSERT_FALSE(reads_nested(VALUE_MAX_DEPTH + 1, '[', ']'));
    CU_ASSERT_FALSE(reads_nested(1000000, '[', ']'));
}

/* More names than are compared one by one; the last of equal ones holds, in its place. */
static void large_maps_keep_the_last(void) {
    Arena arena = { 0 };
    char text[8192] = "{";
    for (int i = 0; i < 100; i++) {
        strcat(text, arena_printf(&arena, "\"k%d\":%d,", i % 60, i));
    }
    text[strlen(text) - 1] = '}';
    dag_value v = literal(&arena, text);
    CU_ASSERT_EQUAL(v.len, 60);
    for (int i = 0; i < 60; i++) {
        const char *name = arena_printf(&arena, "k%d", i);
        const dag_value *field = value_field(v, name, strlen(name));
        CU_ASSERT_PTR_NOT_NULL_FATAL(field);
        CU_ASSERT_EQUAL(field->u.i, i < 40 ? i + 60 : i);
    }
    CU_ASSERT_STRING_EQUAL(v.u.entries[0].name.u.text, "k40");
    CU_ASSERT_STRING_EQUAL(v.u.entries[59].name.u.text, "k39");
    arena_free(&arena);
}

static void prints_our_kinds(void) {
    static const Row rows[] = {
        { "duration 1m30s", "90" },
        { "duration 250ms", "0.25" },
        { "size 4KiB", "4096" },
        { "duration 0.000001ms", "0.000000001" },
        { "file /a/\"b\"", "\"/a/\\\"b\\\"\"" },
        { "dir /a", "\"/a\"" },
        { "secret x", "\"***\"" },
        { "duration -1.5s", "-1.5" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Arena arena = { 0 };
        dag_value v = literal(&arena, rows[i].text);
        expect_text(rows[i].text, value_to_json(&arena, v), rows[i].expected);
        expect_text(rows[i].text, value_to_json(&arena, value_as_json(&arena, v)),
                    i == 3 ? "1e-09" : rows[i].expected);
        arena_free(&arena);
    }
}

/* Every byte that may stand in a text, at every place of a longer one. */
static void escapes_stand_anywhere(void) {
    enum { LENGTH = 21 };
    for (unsigned c = 1; c < 0x80; c++) {
        for (size_t at = 0; at < LENGTH; at++) {
            Arena arena = { 0 };
            dag_value v;
            dag_error error = { NULL, NULL };
            char text[LENGTH + 3] = "abcdefghijklmnopqrs\xc3\xa9";
            text[at < 19 ? at : 18] = (char)c;
            const char *json = value_to_json(&arena, value_text(DAG_STRING, text, LENGTH));
            bool plain = c >= 0x20 && c != '"' && c != '\\';
            CU_ASSERT_EQUAL(strlen(json),
                            (size_t)(LENGTH + 2) + (plain                              ? 0
                                                    : strchr("\b\f\n\r\t\"\\", (int)c) ? 1
                                                                                       : 5));
            CU_ASSERT_FATAL(value_from_json(&arena, json, strlen(json), &v, &error));
            expect_text(json, v.u.text, text);
            arena_free(&arena);
        }
    }
}

/* A locale with a decimal comma changes nothing, if the machine has one. */
static void no_locale_matters(void) {
    static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ps_AF.UTF-8" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_ALL, names[i])) {
            check(&(Row){ "[1.5,0.1,1e300,123456.789]", "[1.5,0.1,1e+300,123456.789]" });
        }
    }
    setlocale(LC_ALL, "C");
}

void suite_json(void) {
    CU_pSuite suite = CU_add_suite("json", NULL, NULL);
    CU_add_test(suite, "reads and prints", reads_and_prints);
    CU_add_test(suite, "refuses what is wrong", refuses_what_is_wrong);
    CU_add_test(suite, "NUL is an error", nul_is_an_error);
    CU_add_test(suite, "reads no further", reads_no_further);
    CU_add_test(suite, "depth is bounded", depth_is_bounded);
    CU_add_test(suite, "large maps keep the last", large_maps_keep_the_last);
    CU_add_test(suite, "escapes stand anywhere", escapes_stand_anywhere);
    CU_add_test(suite, "prints our kinds", prints_our_kinds);
    CU_add_test(suite, "no locale matters", no_locale_matters);
}
