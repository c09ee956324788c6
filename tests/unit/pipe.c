/*
 * pipe.c - every pipe on the evaluator's own path: rows of subject, arguments, result; and the
 * table of pipes with its signatures.
 */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "literal.h"
#include "pure/pipe.h"
#include "pure/signature.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* subject: a literal; args: JSON list, or one literal, or NULL; expected: a literal, or "!" and the
 * message of an error of type "expression", or "!!" and that of one of type "limit". */
typedef struct Row {
    const char *subject, *pipe, *args, *expected;
} Row;

static size_t put_args(Arena *arena, const char *text, dag_value *args) {
    if (!text) {
        return 0;
    }
    dag_value v = literal(arena, text);
    if (v.kind != DAG_LIST) {
        args[0] = v;
        return 1;
    }
    for (uint32_t i = 0; i < v.len; i++) {
        args[i] = v.u.items[i];
    }
    return v.len;
}

static const char *outcome(Arena *arena, bool ok, dag_value result, dag_error error) {
    if (ok) {
        return literal_of(arena, result);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(error.type);
    bool limit = strcmp(error.type, "limit") == 0;
    CU_ASSERT(limit || strcmp(error.type, "expression") == 0);
    return arena_printf(arena, "%s%s", limit ? "!!" : "!", error.message);
}

static const char *apply(Arena *arena, const Row *row, size_t max_value) {
    dag_value args[PIPE_MAX_ARGS], result = value_null();
    dag_error error = { NULL, NULL };
    ExprEnv env = { .arena = arena, .max_value = max_value };
    const PipeRow *pipe = pipe_find(row->pipe, strlen(row->pipe));
    CU_ASSERT_PTR_NOT_NULL_FATAL(pipe);
    args[0] = literal(arena, row->subject);
    PipeCall call = { .env = &env, .args = args, .error = &error };
    call.nargs = 1 + put_args(arena, row->args, args + 1);
    bool ok = pipe_apply(pipe, &call, &result);
    const char *text = outcome(arena, ok, result, error);
    ok = pipe_apply(pipe, &call, &args[0]); /* in the subject's place, as the evaluator does */
    expect_text(row->pipe, outcome(arena, ok, args[0], error), text);
    return text;
}

static void check_rows(const Row *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        Arena arena = { 0 };
        const char *what = arena_printf(&arena, "%s | %s(%s)", rows[i].subject, rows[i].pipe,
                                        rows[i].args ? rows[i].args : "");
        expect_text(what, apply(&arena, &rows[i], 0), rows[i].expected);
        arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- numbers */

static void numbers(void) {
    static const Row rows[] = {
        { "2", "add", "3", "5" },
        { "2", "add", "0.5", "2.5" },
        { "2.0", "add", "1", "3.0" },
        { "9223372036854775807", "add", "1",
          "!add: the result for 9223372036854775807 and 1 is out of range" },
        { "-9223372036854775808", "sub", "1",
          "!sub: the result for -9223372036854775808 and 1 is out of range" },
        { "5", "sub", "7", "-2" },
        { "4611686018427387904", "mul", "2",
          "!mul: the result for 4611686018427387904 and 2 is out of range" },
        { "3", "mul", "-4", "-12" },
        { "2", "mul", "1.5", "3.0" },
        { "1e308", "mul", "10", "!mul: the result for 1e+308 and 10 is out of range" },
        { "7", "div", "2", "3" },
        { "-7", "div", "2", "-3" },
        { "7", "div", "-2", "-3" },
        { "7.0", "div", "2", "3.5" },
        { "7", "div", "2.0", "3.5" },
        { "7", "div", "0", "!div: 7 divided by zero" },
        { "7.5", "div", "0", "!div: 7.5 divided by zero" },
        { "7", "div", "0.0", "!div: 7 divided by zero" },
        { "-9223372036854775808", "div", "-1",
          "!div: the result for -9223372036854775808 and -1 is out of range" },
        { "[1,null,2.5]", "add", "1", "[2,null,3.5]" },
        { "\"1\"", "add", "1", "!add: \"1\" is not a number" },
        { "duration 1h", "add", "duration 30m", "duration 1h30m" },
        { "duration 1h", "mul", "2", "duration 2h" },
        { "duration 1h", "mul", "0.5", "duration 30m" },
        { "size 10KB", "div", "3", "size 3333B" },
        { "size 1KB", "sub", "size 2KB", "size -1000B" },
        { "size 1KB", "sub", "1", "!sub: 1 is not of the same kind" },
        { "size 1KB", "div", "0", "!div: 1000B divided by zero" },
        { "size 8EB", "mul", "1.5",
          "!mul: the result for 8000000000000000000B and 1.5 is out of range" },
        { "2.5", "round", NULL, "3" },
        { "-2.5", "round", NULL, "-3" },
        { "0.5", "round", NULL, "1" },
        { "2.4999", "round", NULL, "2" },
        { "7", "round", NULL, "7" },
        { "1e300", "round", NULL, "!round: 1e+300 is not in the range of an int" },
        { "2.345", "round", "2", "2.35" },
        { "-0.125", "round", "2", "-0.13" },
        { "2.675", "round", "2", "2.68" },
        { "1.005", "round", "2", "1.01" },
        { "9.996", "round", "2", "10.0" },
        { "7", "round", "2", "7.0" },
        { "2.5", "round", "0", "3.0" },
        { "1234.5", "round", "-2", "1200.0" },
        { "0.1", "round", "400", "0.1" },
        { "0.1", "round", "-400", "0.0" },
        { "1.7e308", "round", "-308", "!round: 1.7e+308 is not in range" },
    };
    check_rows(rows, COUNT(rows));
}

static void conversions_to_numbers(void) {
    static const Row rows[] = {
        { "\" 42\\n\"", "int", NULL, "42" },
        { "\"+7\"", "int", NULL, "7" },
        { "\"-9223372036854775808\"", "int", NULL, "-9223372036854775808" },
        { "\"9223372036854775808\"", "int", NULL, "!int: \"9223372036854775808\" is out of range" },
        { "\"abc\"", "int", NULL, "!int: \"abc\" is not a number" },
        { "\"\"", "int", NULL, "!int: \"\" is not a number" },
        { "\"3.5\"", "int", NULL, "!int: \"3.5\" is not an integer" },
        { "\"0x10\"", "int", NULL, "!int: \"0x10\" is not a number" },
        { "\"1 2\"", "int", NULL, "!int: \"1 2\" is not a number" },
        { "\"1_000\"", "int", NULL, "!int: \"1_000\" is not a number" },
        { "2.9", "int", NULL, "2" },
        { "-2.9", "int", NULL, "-2" },
        { "1e19", "int", NULL, "!int: 1e+19 is not in the range of an int" },
        { "-9223372036854775808.0", "int", NULL, "-9223372036854775808" },
        { "5", "int", NULL, "5" },
        { "size 4KB", "int", NULL, "4000" },
        { "duration 1.5s", "int", NULL, "1" },
        { "[\"1\",null,\"2\"]", "int", NULL, "[1,null,2]" },
        { "[\"1\",\"x\"]", "int", NULL, "!int: \"x\" is not a number" },
        { "true", "int", NULL, "!int: true is not a number" },
        { "null", "int", NULL, "!int: null is not a number" },
        { "\"1e3\"", "float", NULL, "1000.0" },
        { "\" 2 \"", "float", NULL, "2.0" },
        { "\"-.5\"", "float", NULL, "-0.5" },
        { "\"inf\"", "float", NULL, "!float: \"inf\" is not a number" },
        { "\"nan\"", "float", NULL, "!float: \"nan\" is not a number" },
        { "\"0x1p3\"", "float", NULL, "!float: \"0x1p3\" is not a number" },
        { "\"1e999\"", "float", NULL, "!float: \"1e999\" is out of range" },
        { "\"1,5\"", "float", NULL, "!float: \"1,5\" is not a number" },
        { "3", "float", NULL, "3.0" },
        { "duration 1.5s", "float", NULL, "1.5" },
        { "{}", "float", NULL, "!float: {} is not a number" },
    };
    check_rows(rows, COUNT(rows));
}

/* ---------------------------------------------------------------- text */

static void cases(void) {
    static const Row rows[] = {
        { "\"Hello, World_12345\"", "upper", NULL, "\"HELLO, WORLD_12345\"" },
        { "\"Hello, World_12345\"", "lower", NULL, "\"hello, world_12345\"" },
        { "\"@[`{az\"", "upper", NULL, "\"@[`{AZ\"" },
        { "\"@[`{AZ\"", "lower", NULL, "\"@[`{az\"" },
        { "\"straße\"", "upper", NULL, "\"STRASSE\"" },
        { "\"ŉ ǰ ﬁ ﬃ\"", "upper", NULL, "\"ʼN J̌ FI FFI\"" },
        { "\"äöü ÿ éà\"", "upper", NULL, "\"ÄÖÜ Ÿ ÉÀ\"" },
        { "\"ᾳ ᾀ\"", "upper", NULL, "\"ΑΙ ἈΙ\"" },
        { "\"ÄÖÜ İ\"", "lower", NULL, "\"äöü i̇\"" },
        { "\"ΟΔΥΣΣΕΥΣ ΣΑΣ\"", "lower", NULL, "\"οδυσσευς σας\"" },
        { "\"ςσ\"", "upper", NULL, "\"ΣΣ\"" },
        { "\"one TWO o'neil 3d x_y\"", "title", NULL, "\"One Two O'Neil 3D X_Y\"" },
        { "\"éCOLE ßA ǆe ﬁne\"", "title", NULL, "\"École Ssa ǅe Fine\"" },
        { "\"e\u0301COLE\"", "title", NULL, "\"E\u0301cole\"" },
        { "\"\"", "title", NULL, "\"\"" },
        { "[\"a\",null,[\"b\",[]]]", "upper", NULL, "[\"A\",null,[\"B\",[]]]" },
        { "null", "upper", NULL, "!upper: null is not a text" },
        { "5", "upper", NULL, "!upper: 5 is not a text" },
        { "secret hush", "upper", NULL, "!upper: \"***\" is not a text" },
    };
    check_rows(rows, COUNT(rows));
}

static void ends(void) {
    static const Row rows[] = {
        { "\"  a b\\n\\t \"", "trim", NULL, "\"a b\"" },
        { "\"\u00a0\u2003\u3000\u2028a\xc2\x85\"", "trim", NULL, "\"a\"" },
        { "\"\u200ba\"", "trim", NULL, "\"\u200ba\"" },
        { "\" \\n \"", "trim", NULL, "\"\"" },
        { "\"  a  \"", "strip", NULL, "\"a\"" },
        { "\"  a  \"", "lstrip", NULL, "\"a  \"" },
        { "\"  a  \"", "rstrip", NULL, "\"  a\"" },
        { "\"xyaxyx\"", "strip", "\"xy\"", "\"a\"" },
        { "\"007\"", "lstrip", "\"0\"", "\"7\"" },
        { "\"ééaéb\"", "strip", "\"bé\"", "\"a\"" },
        { "\"éaè\"", "strip", "\"é\"", "\"aè\"" },
        { "\"abc\"", "strip", "\"\"", "\"abc\"" },
        { "\"aaa\"", "rstrip", "\"a\"", "\"\"" },
        { "\"héllo\"", "truncate", "2", "\"hé\"" },
        { "\"héllo\"", "truncate", "5", "\"héllo\"" },
        { "\"héllo\"", "truncate", "99", "\"héllo\"" },
        { "\"😀😀😀\"", "truncate", "1", "\"😀\"" },
        { "\"abc\"", "truncate", "0", "\"\"" },
        { "\"abc\"", "truncate", "-1", "!truncate: -1 is not a number of characters" },
        { "\"a\"", "truncate", "\"x\"", "!truncate: \"x\" is not an integer" },
        { "[\"abc\",\"d\"]", "truncate", "2", "[\"ab\",\"d\"]" },
    };
    check_rows(rows, COUNT(rows));
    Arena arena = { 0 };
    char text[203] = "\"";
    memset(text + 1, 'x', 200);
    strcpy(text + 201, "\"");
    const char *cut = apply(&arena, &(Row){ text, "truncate", NULL, NULL }, 0);
    CU_ASSERT_EQUAL(strlen(cut), 102);
    arena_free(&arena);
}

static void longer_text(void) {
    static const Row rows[] = {
        { "\"a-b-c\"", "replace", "[\"-\",\"_\"]", "\"a_b_c\"" },
        { "\"a-b-c\"", "replace", "[\"-\"]", "\"abc\"" },
        { "\"aaaa\"", "replace", "[\"aa\",\"b\"]", "\"bb\"" },
        { "\"aaa\"", "replace", "[\"a\",\"xyz\"]", "\"xyzxyzxyz\"" },
        { "\"abc\"", "replace", "[\"x\",\"y\"]", "\"abc\"" },
        { "\"abc\"", "replace", "[\"xx\",\"y\"]", "\"abc\"" },
        { "\"é€é\"", "replace", "[\"é\",\"e\"]", "\"e€e\"" },
        { "\"\"", "replace", "[\"a\",\"b\"]", "\"\"" },
        { "\"abc\"", "replace", "[\"\",\"y\"]",
          "!replace: the text to be replaced in \"abc\" is empty" },
        { "\"b\"", "prepend", "\"a\"", "\"ab\"" },
        { "\"b\"", "append", "\"a\"", "\"ba\"" },
        { "[\"x\",null]", "append", "\"!\"", "[\"x!\",null]" },
        { "\"b\"", "append", "1", "!append: 1 is not a text" },
        { "7", "pad", NULL, "\"07\"" },
        { "7", "pad", "3", "\"007\"" },
        { "-7", "pad", "4", "\"-007\"" },
        { "1234", "pad", "2", "\"1234\"" },
        { "\"7\"", "pad", "3", "\"007\"" },
        { "\"+7\"", "pad", "3", "\"+07\"" },
        { "\"99999999999999999999\"", "pad", "22", "\"0099999999999999999999\"" },
        { "\"x7\"", "pad", "3", "\"x7\"" },
        { "\"\"", "pad", "3", "\"\"" },
        { "\"1.5\"", "pad", "6", "\"1.5\"" },
        { "7", "pad", "-3", "\"7\"" },
        { "7", "pad", "9223372036854775807",
          "!!pad: the result is larger than 16777216 bytes (--max-value)" },
    };
    check_rows(rows, COUNT(rows));
}

static void parts_of_text(void) {
    static const Row rows[] = {
        { "\"a,b,,c\"", "split", "\",\"", "[\"a\",\"b\",\"\",\"c\"]" },
        { "\"\"", "split", "\",\"", "[\"\"]" },
        { "\",\"", "split", "\",\"", "[\"\",\"\"]" },
        { "\"a::b:c\"", "split", "\"::\"", "[\"a\",\"b:c\"]" },
        { "\"a\"", "split", "\"\"", "!split: the separator of \"a\" is empty" },
        { "[\"a b\",null]", "split", "\" \"", "[[\"a\",\"b\"],null]" },
        { "\"a\\nb\\r\\nc\"", "lines", NULL, "[\"a\",\"b\",\"c\"]" },
        { "\"a\\nb\\n\"", "lines", NULL, "[\"a\",\"b\"]" },
        { "\"a\\n\\n\"", "lines", NULL, "[\"a\",\"\"]" },
        { "\"\\r\\n\"", "lines", NULL, "[\"\"]" },
        { "\"a\\rb\\r\"", "lines", NULL, "[\"a\\rb\\r\"]" },
        { "\"\"", "lines", NULL, "[]" },
        { "\"ab12cd345\"", "match", "\"[0-9]+\"", "\"12\"" },
        { "\"ab12cd345\"", "match", "\"cd([0-9]+)\"", "\"345\"" },
        { "\"abc\"", "match", "\"[0-9]\"", "null" },
        { "\"b\"", "match", "\"(a)|b\"", "null" },
        { "\"aé€b\"", "match", "\"a(..)b\"", "\"é€\"" },
        { "\"aé€b\"", "match", "\"a...\"", "\"aé€b\"" },
        { "\"abab\"", "match", "\"(ab)*\"", "\"ab\"" },
        { "\"\"", "match", "\"^$\"", "\"\"" },
        { "\"x\"", "match", "\"(\"", "!match: ( without ) (character 1)" },
        { "[\"a1\",null,\"b\"]", "match", "\"\\\\d\"", "[\"1\",null,null]" },
    };
    check_rows(rows, COUNT(rows));
}

static void codings(void) {
    static const Row rows[] = {
        { "\"a b/é~-._9Z\"", "urlencode", NULL, "\"a%20b%2F%C3%A9~-._9Z\"" },
        { "\"\"", "urlencode", NULL, "\"\"" },
        { "\"a%20b+%2f%C3%A9\"", "urldecode", NULL, "\"a b+/é\"" },
        { "\"100% %zz %4\"", "urldecode", NULL, "\"100% %zz %4\"" },
        { "\"%\"", "urldecode", NULL, "\"%\"" },
        { "\"%ff\"", "urldecode", NULL, "!urldecode: \"%ff\" is not UTF-8 when decoded" },
        { "\"a%00b\"", "urldecode", NULL, "!urldecode: \"a%00b\" is not UTF-8 when decoded" },
        { "\"it's\"", "quote", NULL, "\"'it'\\\\''s'\"" },
        { "\"\"", "quote", NULL, "\"''\"" },
        { "\"$(rm) `x` \\\"\"", "quote", NULL, "\"'$(rm) `x` \\\"'\"" },
        { "file /a b", "quote", NULL, "\"'/a b'\"" },
        { "5", "quote", NULL, "\"'5'\"" },
        { "null", "quote", NULL, "!quote: null is not a text" },
        { "\"a b\"", "raw", NULL, "\"a b\"" },
        { "secret hush", "raw", NULL, "!raw: \"***\" is not a text" },
    };
    check_rows(rows, COUNT(rows));
}

static void paths(void) {
    static const Row rows[] = {
        { "\"/a/b.tar.GZ\"", "basename", NULL, "\"b.tar.GZ\"" },
        { "\"a/\"", "basename", NULL, "\"a\"" },
        { "\"/\"", "basename", NULL, "\"\"" },
        { "\"f\"", "dirname", NULL, "\".\"" },
        { "\"/a//b/\"", "dirname", NULL, "\"/a\"" },
        { "\"/\"", "dirname", NULL, "\"/\"" },
        { "file /a/b.tar.GZ", "stem", NULL, "\"b.tar\"" },
        { "file /a/b.tar.GZ", "ext", NULL, "\".GZ\"" },
        { "\".bashrc\"", "ext", NULL, "\"\"" },
        { "dir /a/b/", "basename", NULL, "\"b\"" },
        { "[\"a/b\",null]", "basename", NULL, "[\"b\",null]" },
        { "1", "basename", NULL, "!basename: 1 is not a text" },
    };
    check_rows(rows, COUNT(rows));
}

/* ---------------------------------------------------------------- null, lists */

static void nulls(void) {
    static const Row rows[] = {
        { "null", "default", "5", "5" },
        { "1", "default", "5", "1" },
        { "\"\"", "default", "\"x\"", "\"\"" },
        { "[null]", "default", "5", "[null]" },
        { "null", "required", NULL, "!required: the value is null" },
        { "[null]", "required", NULL, "[null]" },
        { "false", "required", NULL, "false" },
        { "\"\"", "nonempty", NULL, "null" },
        { "\"x\"", "nonempty", NULL, "\"x\"" },
        { "null", "nonempty", NULL, "null" },
        { "[\"\",\"a\",null]", "nonempty", NULL, "[null,\"a\",null]" },
    };
    check_rows(rows, COUNT(rows));
}

static void lists(void) {
    static const Row rows[] = {
        { "[1,2]", "first", NULL, "1" },
        { "[1,2]", "last", NULL, "2" },
        { "[]", "first", NULL, "null" },
        { "[]", "last", NULL, "null" },
        { "[1,2]", "nth", NULL, "1" },
        { "[1,2]", "nth", "1", "2" },
        { "[1,2]", "nth", "2", "null" },
        { "[1,2]", "nth", "-1", "null" },
        { "5", "first", NULL, "!first: 5 is not a list" },
        { "[1,2.5,\"a\",true,null]", "join", NULL, "\"1, 2.5, a, true\"" },
        { "[\"a\",\"b\"]", "join", "\"\"", "\"ab\"" },
        { "[null,\"a\",null]", "join", "\"-\"", "\"a\"" },
        { "[]", "join", NULL, "\"\"" },
        { "[[1]]", "join", NULL, "!join: [1] has no text form" },
        { "[[1,2],[],[3,[4]]]", "flatten", NULL, "[1,2,3,[4]]" },
        { "[1,null,2,null]", "compact", NULL, "[1,2]" },
        { "[3,1,2.5,null,-1]", "sort", NULL, "[-1,1,2.5,3,null]" },
        { "[\"b\",\"é\",\"a\",\"B\",\"\"]", "sort", NULL, "[\"\",\"B\",\"a\",\"b\",\"é\"]" },
        { "[2,1.0,1,2.0,0]", "sort", NULL, "[0,1.0,1,2,2.0]" },
        { "[]", "sort", NULL, "[]" },
        { "[1,\"a\"]", "sort", NULL, "!sort: 1 and \"a\" have no order" },
        { "[true]", "sort", NULL, "!sort: true and true have no order" },
        { "[3,1,3,1.0,\"3\",null,null,[1],[1]]", "unique", NULL, "[3,1,\"3\",null,[1]]" },
        { "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]", "unique", NULL, "[{\"a\":1,\"b\":2}]" },
        { "[]", "unique", NULL, "[]" },
        { "[1,2,3]", "reverse", NULL, "[3,2,1]" },
        { "\"aé😀\"", "reverse", NULL, "\"😀éa\"" },
        { "\"aé😀\"", "length", NULL, "3" },
        { "[\"ab\",\"c\"]", "length", NULL, "2" },
        { "[]", "length", NULL, "0" },
        { "5", "length", NULL, "!length: 5 is not a text" },
    };
    check_rows(rows, COUNT(rows));
}

/* Every element keeps its place among equal ones, whatever the number. */
static void sort_is_stable(void) {
    Arena arena = { 0 };
    dag_value *items = ARENA_ARRAY(&arena, 1000, dag_value);
    for (int i = 0; i < 1000; i++) { /* 3 and 3.0 are equal and can be told apart */
        int64_t key = i * 7919 % 10;
        items[i] = i % 2 ? value_int(DAG_INT, key) : value_float((double)key);
    }
    dag_value list = value_list(items, 1000), sorted;
    dag_error error;
    ExprEnv env = { .arena = &arena };
    PipeCall call = { .env = &env, .args = &list, .nargs = 1, .error = &error };
    CU_ASSERT_TRUE(pipe_apply(pipe_find("sort", 4), &call, &sorted));
    size_t at = 0;
    for (int key = 0; key < 10; key++) {
        for (int i = 0; i < 1000; i++) {
            if (i * 7919 % 10 == key) {
                CU_ASSERT_EQUAL(sorted.u.items[at].kind, items[i].kind);
                CU_ASSERT_TRUE(value_equal(sorted.u.items[at], items[i]));
                at++;
            }
        }
    }
    arena_free(&arena);
}

/* ---------------------------------------------------------------- convert, tests */

static void conversions(void) {
    static const Row rows[] = {
        { "2.0", "string", NULL, "\"2.0\"" },
        { "true", "string", NULL, "\"true\"" },
        { "duration 90m", "string", NULL, "\"1h30m\"" },
        { "size 2KB", "string", NULL, "\"2000\"" },
        { "file /a", "string", NULL, "\"/a\"" },
        { "[1,null]", "string", NULL, "[\"1\",null]" },
        { "{}", "string", NULL, "!string: {} has no text form" },
        { "null", "string", NULL, "!string: null has no text form" },
        { "\"true\"", "bool", NULL, "true" },
        { "\"false\\n\"", "bool", NULL, "false" },
        { "true", "bool", NULL, "true" },
        { "\"yes\"", "bool", NULL, "!bool: \"yes\" is not true or false" },
        { "\"True\"", "bool", NULL, "!bool: \"True\" is not true or false" },
        { "1", "bool", NULL, "!bool: 1 is not true or false" },
        { "\"{\\\"a\\\":[1]}\"", "json", NULL, "{\"a\":[1]}" },
        { "\"x\"", "json", NULL, "!json: expected a value at line 1, column 1 of the JSON text" },
        { "5", "json", NULL, "5" },
        { "file /a", "json", NULL, "\"/a\"" },
        { "duration 1.5s", "json", NULL, "1.5" },
        { "[\"1\"]", "json", NULL, "[\"1\"]" },
        { "{\"a\":1}", "json_get", "\"a\"", "1" },
        { "{\"a\":1}", "json_get", "\"b\"", "null" },
        { "5", "json_get", "\"b\"", "null" },
        { "null", "json_get", "\"b\"", "null" },
        { "[{\"a\":1},{}]", "json_get", "\"a\"", "[1,null]" },
    };
    check_rows(rows, COUNT(rows));
}

static void tests(void) {
    static const Row rows[] = {
        { "true", "not", NULL, "false" },
        { "[true,false,null]", "not", NULL, "[false,true,null]" },
        { "1", "not", NULL, "!not: 1 is not true or false" },
        { "1", "eq", "1.0", "true" },
        { "\"a\"", "eq", "\"b\"", "false" },
        { "null", "eq", "null", "true" },
        { "null", "eq", "0", "false" },
        { "1", "neq", "2", "true" },
        { "null", "neq", "1", "true" },
        { "[1,2,null]", "eq", "2", "[false,true,null]" },
        { "2", "gt", "1", "true" },
        { "2", "gt", "2.5", "false" },
        { "\"b\"", "gt", "\"a\"", "true" },
        { "duration 1s", "lt", "duration 1m", "true" },
        { "size 2MB", "gt", "size 1MB", "true" },
        { "1", "lt", "\"2\"", "!lt: 1 and \"2\" have no order" },
        { "null", "lt", "1", "!lt: null and 1 have no order" },
        { "2", "in", "[1,2]", "true" },
        { "3", "in", "[[1,2]]", "false" },
        { "2", "in", "[[1,2.0]]", "true" },
        { "\"a\"", "in", "\"a\"", "true" },
        { "null", "in", "[1,null]", "true" },
        { "[1,3]", "in", "[1,2]", "[true,false]" },
        { "\"abc\"", "contains", "\"bc\"", "true" },
        { "\"abc\"", "contains", "\"\"", "true" },
        { "\"abc\"", "contains", "\"x\"", "false" },
        { "\"abc\"", "contains", "1", "!contains: 1 is not a text" },
        { "[\"abc\",\"x\"]", "contains", "\"x\"", "true" },
        { "[\"abc\"]", "contains", "\"a\"", "false" },
        { "\"abc\"", "starts_with", "\"ab\"", "true" },
        { "\"abc\"", "starts_with", "\"abcd\"", "false" },
        { "\"abc\"", "ends_with", "\"bc\"", "true" },
        { "\"abc\"", "ends_with", "\"\"", "true" },
        { "[\"ab\",\"b\"]", "starts_with", "\"a\"", "[true,false]" },
    };
    check_rows(rows, COUNT(rows));
}

/* ---------------------------------------------------------------- bounds */

static void results_are_bounded(void) {
    static const Row rows[] = {
        { "\"12345678\"", "append", "\"x\"",
          "!!append: the result is larger than 8 bytes (--max-value)" },
        { "\"1234567\"", "append", "\"x\"", "\"1234567x\"" },
        { "\"12345678\"", "replace", "[\"1\",\"xx\"]",
          "!!replace: the result is larger than 8 bytes (--max-value)" },
        { "\"1234/678\"", "urlencode", NULL,
          "!!urlencode: the result is larger than 8 bytes (--max-value)" },
        { "\"ßßßΐ\"", "upper", NULL, "!!upper: the result is larger than 8 bytes (--max-value)" },
        { "\"1234567\"", "quote", NULL,
          "!!quote: the result is larger than 8 bytes (--max-value)" },
        { "[\"12345\",\"12345\"]", "join", "\"\"",
          "!!join: the result is larger than 8 bytes (--max-value)" },
        { "[\"1234\",\"1234\"]", "trim", NULL,
          "!!trim: the result is larger than 8 bytes (--max-value)" },
        { "\"[1,2,3]\"", "json", NULL, "!!json: the result is larger than 8 bytes (--max-value)" },
        { "7", "pad", "9", "!!pad: the result is larger than 8 bytes (--max-value)" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Arena arena = { 0 };
        expect_text(rows[i].subject, apply(&arena, &rows[i], 8), rows[i].expected);
        arena_free(&arena);
    }
}

static void values_in_messages_are_short(void) {
    static const Row rows[] = {
        { "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeee\"", "int", NULL,
          "!int: \"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd…\" is not a number" },
    };
    check_rows(rows, COUNT(rows));
}

/* The type may say how deep a pipe lifts: a json that holds a list is one value. */
static void lifts_as_deep_as_it_is_told(void) {
    Arena arena = { 0 };
    ExprEnv env = { .arena = &arena };
    dag_error error;
    dag_value result, args[2] = { literal(&arena, "[[1],2]"), literal(&arena, "[1]") };
    PipeCall call = { .env = &env, .args = args, .nargs = 2, .error = &error };
    const PipeRow *eq = pipe_find("eq", 2);
    CU_ASSERT_TRUE(pipe_apply_depth(eq, &call, 0, &result));
    expect_text("depth 0", value_to_json(&arena, result), "false");
    CU_ASSERT_TRUE(pipe_apply_depth(eq, &call, 1, &result));
    expect_text("depth 1", value_to_json(&arena, result), "[true,false]");
    args[1] = literal(&arena, "1");
    CU_ASSERT_TRUE(pipe_apply_depth(eq, &call, PIPE_ANY_DEPTH, &result));
    expect_text("any depth", value_to_json(&arena, result), "[[true],false]");
    arena_free(&arena);
}

/* ---------------------------------------------------------------- the table */

static const char language[] =
    " add sub mul div round upper lower title trim strip lstrip rstrip replace truncate prepend "
    "append"
    " pad split lines match starts_with ends_with contains urlencode urldecode quote raw basename"
    " dirname stem ext default required nonempty first last nth join flatten compact sort unique"
    " reverse length int float string bool json json_get as not eq neq gt lt in ";

static void the_table_is_the_language(void) {
    Arena arena = { 0 };
    size_t words = 0;
    for (const char *p = language; *p; p++) {
        words += *p == ' ';
    }
    CU_ASSERT_EQUAL(pipe_count, words - 1);
    for (size_t i = 0; i < pipe_count; i++) {
        const PipeRow *row = &pipe_rows[i];
        CU_ASSERT_PTR_NOT_NULL(strstr(language, arena_printf(&arena, " %s ", row->name)));
        CU_ASSERT_PTR_EQUAL(pipe_find(row->name, strlen(row->name)), row);
        CU_ASSERT_EQUAL(pipe_number(row), i);
        CU_ASSERT(strlen(row->doc) > 5 && !strchr(row->doc, '\n'));
    }
    CU_ASSERT_PTR_NULL(pipe_find("uper", 4));
    CU_ASSERT_PTR_NULL(pipe_find("", 0));
    CU_ASSERT_STRING_EQUAL(pipe_find("strips", 5)->name, "strip");
    arena_free(&arena);
}

static void signatures_can_be_read(void) {
    for (size_t i = 0; i < pipe_count; i++) {
        PipeSig sig;
        uint32_t n = 0, separators = 0;
        for (const char *p = pipe_rows[i].signature; *p; p++) {
            separators += *p == ';';
        }
        while (signature_parse(pipe_rows[i].signature, n, &sig)) {
            CU_ASSERT(sig.required <= sig.nargs);
            n++;
        }
        expect_text(pipe_rows[i].name, n == separators + 1 ? "whole" : "broken", "whole");
    }
}

static void signatures_say_what_they_say(void) {
    PipeSig sig;
    CU_ASSERT_TRUE(signature_parse(pipe_find("replace", 7)->signature, 0, &sig));
    CU_ASSERT_EQUAL(sig.nargs, 2);
    CU_ASSERT_EQUAL(sig.required, 1);
    CU_ASSERT_EQUAL(sig.subject.kinds, SIG_KIND(DAG_STRING));
    CU_ASSERT(sig.args[1].nname == 3 && memcmp(sig.args[1].name, "new", 3) == 0);
    CU_ASSERT(sig.args[1].nvalue == 2 && memcmp(sig.args[1].value, "\"\"", 2) == 0);
    CU_ASSERT_TRUE(signature_parse(pipe_find("join", 4)->signature, 0, &sig));
    CU_ASSERT_EQUAL(sig.subject.lists, 1);
    CU_ASSERT_EQUAL(sig.subject.nulls, 1);
    CU_ASSERT(sig.args[0].nvalue == 4 && memcmp(sig.args[0].value, "\", \"", 4) == 0);
    CU_ASSERT_TRUE(signature_parse(pipe_find("flatten", 7)->signature, 0, &sig));
    CU_ASSERT(sig.subject.lists == 2 && sig.subject.var == 'T' && sig.result.lists == 1);
    CU_ASSERT_TRUE(signature_parse("list<T>? (x: any...) -> list<list<T?>>", 0, &sig));
    CU_ASSERT(sig.subject.nulls == 2 && sig.variadic && sig.result.nulls == 1);
    CU_ASSERT_TRUE(signature_parse(pipe_find("in", 2)->signature, 1, &sig));
    CU_ASSERT(sig.variadic && sig.required == 1);
    CU_ASSERT_FALSE(signature_parse(pipe_find("in", 2)->signature, 2, &sig));
    CU_ASSERT_FALSE(signature_parse("strin -> int", 0, &sig));
    CU_ASSERT_FALSE(signature_parse("string (x int) -> int", 0, &sig));
    CU_ASSERT_FALSE(signature_parse("string", 0, &sig));
    CU_ASSERT_TRUE(signature_takes((SigType){ .kinds = SIG_KIND(DAG_STRING) }, DAG_ENUM));
    CU_ASSERT_FALSE(signature_takes((SigType){ .kinds = SIG_KIND(DAG_STRING) }, DAG_FILE));
    CU_ASSERT_TRUE(signature_takes((SigType){ .var = 'T' }, DAG_RECORD));
}

void suite_pipe(void) {
    CU_pSuite suite = CU_add_suite("pipe", NULL, NULL);
    CU_add_test(suite, "numbers", numbers);
    CU_add_test(suite, "conversions to numbers", conversions_to_numbers);
    CU_add_test(suite, "cases", cases);
    CU_add_test(suite, "ends", ends);
    CU_add_test(suite, "longer text", longer_text);
    CU_add_test(suite, "parts of text", parts_of_text);
    CU_add_test(suite, "codings", codings);
    CU_add_test(suite, "paths", paths);
    CU_add_test(suite, "nulls", nulls);
    CU_add_test(suite, "lists", lists);
    CU_add_test(suite, "sort is stable", sort_is_stable);
    CU_add_test(suite, "conversions", conversions);
    CU_add_test(suite, "tests", tests);
    CU_add_test(suite, "results are bounded", results_are_bounded);
    CU_add_test(suite, "values in messages are short", values_in_messages_are_short);
    CU_add_test(suite, "lifts as deep as it is told", lifts_as_deep_as_it_is_told);
    CU_add_test(suite, "the table is the language", the_table_is_the_language);
    CU_add_test(suite, "signatures can be read", signatures_can_be_read);
    CU_add_test(suite, "signatures say what they say", signatures_say_what_they_say);
}
