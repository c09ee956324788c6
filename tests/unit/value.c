/*
 * value.c - values copied, measured, compared; text forms, durations, sizes, kinds of files, UTF-8.
 */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "literal.h"
#include "pure/hash.h"
#include "pure/number.h"
#include "pure/path.h"
#include "pure/text.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---------------------------------------------------------------- comparing */

typedef struct Pair {
    const char *a, *b;
    int order; /* <0, 0, >0; 2: only different */
} Pair;

static void compares(void) {
    static const Pair rows[] = {
        { "1", "1", 0 },
        { "1", "1.0", 0 },
        { "1", "2", -1 },
        { "1.5", "1", 1 },
        { "9007199254740993", "9007199254740992.0", 1 },
        { "9223372036854775807", "9223372036854775808.0", -1 },
        { "-9223372036854775808", "-9223372036854775808.0", 0 },
        { "-1", "-1.5", 1 },
        { "-0.0", "0", 0 },
        { "1e300", "5", 1 },
        { "\"a\"", "\"b\"", -1 },
        { "\"a\"", "\"ab\"", -1 },
        { "\"\"", "\"\"", 0 },
        { "\"z\"", "\"é\"", -1 },
        { "\"\uffff\"", "\"😀\"", -1 },
        { "null", "null", 0 },
        { "null", "1", 1 },
        { "\"x\"", "null", -1 },
        { "false", "true", -1 },
        { "true", "true", 0 },
        { "duration 90s", "duration 1m30s", 0 },
        { "duration 1s", "duration 1m", -1 },
        { "size 1KB", "size 1KiB", -1 },
        { "size 1", "1", 2 },
        { "duration 1s", "1", 2 },
        { "1", "\"1\"", 2 },
        { "0", "false", 2 },
        { "file a", "\"a\"", 0 },
        { "[1,2]", "[1.0,2]", 0 },
        { "[1,2]", "[1,3]", -1 },
        { "[1]", "[1,0]", -1 },
        { "[]", "null", -1 },
        { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1.0}", 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Arena arena = { 0 };
        dag_value a = literal(&arena, rows[i].a), b = literal(&arena, rows[i].b);
        int order = value_order(a, b), want = rows[i].order;
        const char *what = arena_printf(&arena, "%s with %s", rows[i].a, rows[i].b);
        expect_text(what, value_equal(a, b) ? "equal" : "different",
                    want == 0 ? "equal" : "different");
        CU_ASSERT(want == 2 ? order != 0 : (order > 0) - (order < 0) == want);
        CU_ASSERT_EQUAL(order, -value_order(b, a));
        CU_ASSERT(want != 0 || value_hash(a) == value_hash(b));
        arena_free(&arena);
    }
}

static void maps_differ(void) {
    static const Pair rows[] = {
        { "{\"a\":1}", "{\"a\":2}", 2 },
        { "{\"a\":1}", "{\"b\":1}", 2 },
        { "{\"a\":1}", "{\"a\":1,\"b\":1}", 2 },
        { "{\"a\":null}", "{}", 2 },
        { "{}", "[]", 2 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Arena arena = { 0 };
        CU_ASSERT_FALSE(value_equal(literal(&arena, rows[i].a), literal(&arena, rows[i].b)));
        arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- copies and sizes */

static void copies_deeply(void) {
    Arena from = { 0 }, to = { 0 };
    static const char text[] = "{\"a\":[1,\"x\",{\"b\":null}],\"c\":\"\"}";
    dag_value copy = value_copy(&to, literal(&from, text));
    arena_free(&from);
    expect_text("copy", value_to_json(&to, copy), text);
    copy = value_copy(&to, value_list(NULL, 0));
    CU_ASSERT_EQUAL(copy.len, 0);
    arena_free(&to);
}

static void measures(void) {
    Arena arena = { 0 };
    dag_value lines = literal(&arena, "[\"ab\",\"c\"]"); /* of "ab\nc\n" */
    CU_ASSERT_EQUAL(value_size(lines), 8 + 3 + 2);
    CU_ASSERT_EQUAL(value_size(literal(&arena, "{\"a\":1}")), 8 + 2 + 8);
    CU_ASSERT_TRUE(value_within(lines, 13, 1));
    CU_ASSERT_FALSE(value_within(lines, 12, 1));
    CU_ASSERT_FALSE(value_within(lines, 13, 0));
    CU_ASSERT_TRUE(value_within(literal(&arena, "\"abc\""), 3, 0));
    CU_ASSERT_FALSE(value_within(literal(&arena, "\"abc\""), 2, 0));
    CU_ASSERT_TRUE(value_within(literal(&arena, "[[[]]]"), 100, 3));
    CU_ASSERT_FALSE(value_within(literal(&arena, "[[[]]]"), 100, 2));
    arena_free(&arena);
}

static void finds_fields(void) {
    Arena arena = { 0 };
    dag_value map = literal(&arena, "{\"ab\":1,\"a\":null}");
    CU_ASSERT_EQUAL(value_field(map, "abc", 2)->u.i, 1);
    CU_ASSERT_EQUAL(value_field(map, "a", 1)->kind, DAG_NULL);
    CU_ASSERT_PTR_NULL(value_field(map, "b", 1));
    CU_ASSERT_PTR_NULL(value_field(literal(&arena, "[1]"), "a", 1));
    arena_free(&arena);
}

/* ---------------------------------------------------------------- text forms */

static void has_text_forms(void) {
    static const struct {
        const char *value, *text; /* NULL: none */
    } rows[] = {
        { "\"a b\"", "a b" },
        { "-5", "-5" },
        { "-9223372036854775808", "-9223372036854775808" },
        { "2.0", "2.0" },
        { "0.1", "0.1" },
        { "1e15", "1000000000000000.0" },
        { "1e16", "1e+16" },
        { "1.5e300", "1.5e+300" },
        { "0.0001", "0.0001" },
        { "0.00001", "1e-05" },
        { "5e-324", "5e-324" },
        { "123456.789", "123456.789" },
        { "5.6843418860808015e-14", "5.6843418860808015e-14" },
        { "true", "true" },
        { "false", "false" },
        { "duration 90m", "1h30m" },
        { "duration 1.5h", "1h30m" },
        { "duration 250ms", "250ms" },
        { "duration 26h", "1d2h" },
        { "duration 1500ms", "1s500ms" },
        { "duration 0s", "0s" },
        { "duration 0.25ms", "0.25ms" },
        { "duration -90s", "-1m30s" },
        { "size 4MB", "4000000" },
        { "size 1KiB", "1024" },
        { "file /a/b c", "/a/b c" },
        { "dir /a", "/a" },
        { "null", NULL },
        { "[]", NULL },
        { "{}", NULL },
        { "secret x", NULL },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Arena arena = { 0 };
        dag_value text = value_to_text(&arena, literal(&arena, rows[i].value));
        const char *got = text.kind == DAG_NULL ? "(none)" : text.u.text;
        expect_text(rows[i].value, got, rows[i].text ? rows[i].text : "(none)");
        CU_ASSERT(text.kind == DAG_NULL || text.len == strlen(text.u.text));
        arena_free(&arena);
    }
}

static void shows_in_messages(void) {
    static const struct {
        const char *value, *shown;
    } rows[] = {
        { "\"a\"", "\"a\"" },
        { "\"1234567890123456789012345678901234567890\"",
          "\"1234567890123456789012345678901234567890\"" },
        { "\"1234567890123456789012345678901234567890x\"",
          "\"1234567890123456789012345678901234567890…\"" },
        { "[1,2]", "[1,2]" },
        { "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]",
          "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,…" },
        { "secret hush", "\"***\"" },
        { "duration 90s", "1m30s" },
        { "size 5", "5B" },
        { "null", "null" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        Arena arena = { 0 };
        expect_text(rows[i].value, value_show(&arena, literal(&arena, rows[i].value)),
                    rows[i].shown);
        arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- literals */

typedef struct Amount {
    const char *text;
    int64_t amount; /* -1: not one */
} Amount;

static void reads_durations(void) {
    const int64_t ms = 1000000, s = 1000 * ms;
    const Amount rows[] = {
        { "1h30m", 5400 * s },
        { "1.5h", 5400 * s },
        { "250ms", 250 * ms },
        { "10m", 600 * s },
        { "2h", 7200 * s },
        { "1d", 86400 * s },
        { "30s", 30 * s },
        { "1d2h3m4s5ms", 93784005 * ms },
        { "1_000ms", s },
        { "0s", 0 },
        { "0.1s", 100 * ms },
        { "0.000001ms", 1 },
        { "106751d", 106751 * (86400 * s) },
        { "", -1 },
        { "5", -1 },
        { "h", -1 },
        { "1h30", -1 },
        { "30m1h", -1 },
        { "1h1h", -1 },
        { "1x", -1 },
        { "1 h", -1 },
        { "1.h", -1 },
        { ".5h", -1 },
        { "_1h", -1 },
        { "1_h", -1 },
        { "1H", -1 },
        { "106752d", -1 },
        { "99999999999999999999s", -1 },
        { "+1s", -1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ns = -1;
        bool ok = duration_parse(rows[i].text, strlen(rows[i].text), &ns);
        expect_text(rows[i].text, ok ? "read" : "refused", rows[i].amount < 0 ? "refused" : "read");
        CU_ASSERT(!ok || ns == rows[i].amount);
    }
}

static void reads_sizes(void) {
    static const Amount rows[] = {
        { "512", 512 },
        { "512B", 512 },
        { "10KB", 10000 },
        { "4MB", 4000000 },
        { "1GB", 1000000000 },
        { "4KiB", 4096 },
        { "4MiB", 4 << 20 },
        { "1.5GiB", 3 << 29 },
        { "1_000KB", 1000000 },
        { "0", 0 },
        { "0.5KB", 500 },
        { "8EB", 8000000000000000000 },
        { "2TiB", INT64_C(2) << 40 },
        { "9223372036854775807", INT64_MAX },
        { "", -1 },
        { "KB", -1 },
        { "1kb", -1 },
        { "1 KB", -1 },
        { "1KB2B", -1 },
        { "10EB", -1 },
        { "9223372036854775808", -1 },
        { "1K", -1 },
        { "1..5KB", -1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t bytes = -1;
        bool ok = size_parse(rows[i].text, strlen(rows[i].text), &bytes);
        expect_text(rows[i].text, ok ? "read" : "refused", rows[i].amount < 0 ? "refused" : "read");
        CU_ASSERT(!ok || bytes == rows[i].amount);
    }
}

static void durations_survive_as_text(void) {
    uint64_t x = 88172645463325252u; /* xorshift64 (Marsaglia 2003) */
    for (int i = 0; i < 2000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        int64_t ns = (int64_t)(x >> (1 + i % 60)), back = -1;
        char text[NUMBER_TEXT];
        CU_ASSERT_TRUE(duration_parse(text, duration_format(ns, text), &back));
        CU_ASSERT_EQUAL(back, ns);
    }
}

/* ---------------------------------------------------------------- files */

static void knows_kinds_of_files(void) {
    static const struct {
        const char *name, *kind, *mime;
    } rows[] = {
        { "a.srt", "subtitle", "application/x-subrip" },
        { "/x/a.IDX", "subtitle", "text/x-vobsub" },
        { "a.tar.gz", "archive", "application/gzip" },
        { "a.7z", "archive", "application/x-7z-compressed" },
        { "a.MKV", "video", "video/x-matroska" },
        { "a.ts", "video", "video/mp2t" },
        { "a.JPeG", "image", "image/jpeg" },
        { "a.opus", "audio", "audio/opus" },
        { "a.dag", "text", "text/plain" },
        { "a.h", "text", "text/x-c" },
        { "a.bin", "other", "application/octet-stream" },
        { "mp4", "other", "application/octet-stream" },
        { ".mp4", "other", "application/octet-stream" },
        { "", "other", "application/octet-stream" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = strlen(rows[i].name);
        expect_text(rows[i].name, file_kind(rows[i].name, n), rows[i].kind);
        expect_text(rows[i].name, file_mime(rows[i].name, n), rows[i].mime);
    }
}

static void expect_part(const char *what, PathPart part, const char *expected) {
    Arena arena = { 0 };
    expect_text(what, arena_text(&arena, part.text, part.n), expected);
    arena_free(&arena);
}

static void takes_paths_apart(void) {
    static const struct {
        const char *path, *base, *dir, *stem, *ext;
    } rows[] = {
        { "a/b.c", "b.c", "a", "b", ".c" },
        { "f", "f", ".", "f", "" },
        { "/", "", "/", "", "" },
        { "//", "", "/", "", "" },
        { "", "", ".", "", "" },
        { "a/", "a", ".", "a", "" },
        { "a//b///", "b", "a", "b", "" },
        { "/a", "a", "/", "a", "" },
        { "//a", "a", "/", "a", "" },
        { "/a/b/", "b", "/a", "b", "" },
        { "a.tar.gz", "a.tar.gz", ".", "a.tar", ".gz" },
        { ".bashrc", ".bashrc", ".", ".bashrc", "" },
        { "..a.b", "..a.b", ".", "..a", ".b" },
        { "a.B", "a.B", ".", "a", ".B" },
        { "a.", "a.", ".", "a", "." },
        { "x.d/f", "f", "x.d", "f", "" },
        { "..", "..", ".", "..", "" },
        { "a/.b", ".b", "a", ".b", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = strlen(rows[i].path);
        expect_part(rows[i].path, path_basename(rows[i].path, n), rows[i].base);
        expect_part(rows[i].path, path_dirname(rows[i].path, n), rows[i].dir);
        expect_part(rows[i].path, path_stem(rows[i].path, n), rows[i].stem);
        expect_part(rows[i].path, path_ext(rows[i].path, n), rows[i].ext);
    }
}

/* ---------------------------------------------------------------- UTF-8 */

static void knows_utf8(void) {
    static const struct {
        const char *text;
        int bad; /* -1: fine */
    } rows[] = {
        { "", -1 },
        { "abcdefghijklmnop", -1 },
        { "é€😀", -1 },
        { "abc\xff", 3 },
        { "\x80", 0 },
        { "é\xc3", 2 },
        { "\xc0\xaf", 0 },
        { "\xe0\x80\x80", 0 },
        { "\xed\xa0\x80", 0 },
        { "\xef\xbf\xbf", -1 },
        { "\xf4\x8f\xbf\xbf", -1 },
        { "\xf4\x90\x80\x80", 0 },
        { "\xf8\x88\x80\x80\x80", 0 },
        { "12345678é\xe2\x82", 10 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t bad = 0, n = strlen(rows[i].text);
        bool ok = utf8_valid(rows[i].text, n, &bad);
        CU_ASSERT_EQUAL(ok, rows[i].bad < 0);
        CU_ASSERT(ok || bad == (size_t)rows[i].bad);
    }
    size_t bad = 0;
    CU_ASSERT_FALSE(utf8_valid("ab\0c", 4, &bad));
    CU_ASSERT_EQUAL(bad, 2);
}

static void counts_characters(void) {
    static const char text[] = "añ€😀bcdefghij";
    CU_ASSERT_EQUAL(text_length(text, strlen(text)), 13);
    CU_ASSERT_EQUAL(text_offset(text, strlen(text), 0), 0);
    CU_ASSERT_EQUAL(text_offset(text, strlen(text), 2), 3);
    CU_ASSERT_EQUAL(text_offset(text, strlen(text), 4), 10);
    CU_ASSERT_EQUAL(text_offset(text, strlen(text), 13), strlen(text));
    CU_ASSERT_EQUAL(text_offset(text, strlen(text), 99), strlen(text));
    for (uint32_t c = 1; c <= 0x10FFFF; c += 61) {
        char out[4];
        const char *p = out;
        if (c < 0xD800 || c > 0xDFFF) {
            size_t n = text_encode(c, out);
            CU_ASSERT_EQUAL(text_decode(&p), c);
            CU_ASSERT_PTR_EQUAL(p, out + n);
        }
    }
}

void suite_value(void) {
    CU_pSuite suite = CU_add_suite("value", NULL, NULL);
    CU_add_test(suite, "compares", compares);
    CU_add_test(suite, "maps differ", maps_differ);
    CU_add_test(suite, "copies deeply", copies_deeply);
    CU_add_test(suite, "measures", measures);
    CU_add_test(suite, "finds fields", finds_fields);
    CU_add_test(suite, "has text forms", has_text_forms);
    CU_add_test(suite, "shows in messages", shows_in_messages);
    CU_add_test(suite, "reads durations", reads_durations);
    CU_add_test(suite, "reads sizes", reads_sizes);
    CU_add_test(suite, "durations survive as text", durations_survive_as_text);
    CU_add_test(suite, "knows kinds of files", knows_kinds_of_files);
    CU_add_test(suite, "takes paths apart", takes_paths_apart);
    CU_add_test(suite, "knows UTF-8", knows_utf8);
    CU_add_test(suite, "counts characters", counts_characters);
}
