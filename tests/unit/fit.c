/*
 * fit.c - values made to fit types, in each mode, and the paths that errors name.
 */
#include <CUnit/CUnit.h>
#include <string.h>

#include "literal.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Names by offset, for the tables below. */
static const char strings[] =
    "\0int\0float\0bool\0string\0duration\0size\0file\0dir\0secret\0json\0"
    "list<int>\0map<size>\0Probe\0enum(low, high)\0int?\0list<Probe>\0"
    "list<int?>\0a\0b-c\0low\0high\0list<duration>\0";

enum {
    INT,
    FLOAT,
    BOOL,
    STRING,
    DURATION,
    SIZE,
    FILE_,
    DIR_,
    SECRET,
    JSON,
    INTS,
    SIZES,
    PROBE,
    LEVEL,
    OPT_INT,
    PROBES,
    OPT_INTS,
    DURATIONS,
    NTYPES
};

static dag_type types[NTYPES];
static dag_field fields[4];
static const dag_program program = {
    .strings = strings, .types = types, .ntypes = NTYPES, .fields = fields
};

static dag_name name(const char *text) {
    for (const char *p = strings; p < strings + sizeof strings - 1; p += strlen(p) + 1) {
        if (strcmp(p, text) == 0) {
            return (dag_name)(p - strings);
        }
    }
    CU_FAIL("no such name");
    return 0;
}

static int set_up(void) {
    static const struct {
        const char *name;
        dag_kind kind;
        uint32_t elem, first, n;
    } rows[NTYPES] = {
        { "int", DAG_INT, 0, 0, 0 },
        { "float", DAG_FLOAT, 0, 0, 0 },
        { "bool", DAG_BOOL, 0, 0, 0 },
        { "string", DAG_STRING, 0, 0, 0 },
        { "duration", DAG_DURATION, 0, 0, 0 },
        { "size", DAG_SIZE, 0, 0, 0 },
        { "file", DAG_FILE, 0, 0, 0 },
        { "dir", DAG_DIR, 0, 0, 0 },
        { "secret", DAG_SECRET, 0, 0, 0 },
        { "json", DAG_JSON, 0, 0, 0 },
        { "list<int>", DAG_LIST, INT, 0, 0 },
        { "map<size>", DAG_MAP, SIZE, 0, 0 },
        { "Probe", DAG_RECORD, 0, 0, 2 },
        { "enum(low, high)", DAG_ENUM, 0, 2, 2 },
        { "int?", DAG_OPTIONAL, INT, 0, 0 },
        { "list<Probe>", DAG_LIST, PROBE, 0, 0 },
        { "list<int?>", DAG_LIST, OPT_INT, 0, 0 },
        { "list<duration>", DAG_LIST, DURATION, 0, 0 },
    };
    for (int i = 0; i < NTYPES; i++) {
        types[i] = (dag_type){ .kind = rows[i].kind,
                               .elem = rows[i].elem,
                               .first = rows[i].first,
                               .n = rows[i].n,
                               .name = name(rows[i].name) };
    }
    fields[0] = (dag_field){ .name = name("a"), .type = OPT_INTS };
    fields[1] = (dag_field){ .name = name("b-c"), .type = OPT_INT };
    fields[2] = (dag_field){ .name = name("low"), .type = DAG_NONE };
    fields[3] = (dag_field){ .name = name("high"), .type = DAG_NONE };
    return 0;
}

typedef struct Row {
    uint32_t type;
    const char *value, *expected; /* a literal, or "!" and the error */
} Row;

static void check_rows(FitMode mode, const Row *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        Arena arena = { 0 };
        dag_error error = { NULL, NULL };
        dag_value v = literal(&arena, rows[i].value);
        bool ok = value_fit(&arena, &program, rows[i].type, mode, &v, &error);
        const char *what =
            arena_printf(&arena, "%s as %s", rows[i].value, strings + types[rows[i].type].name);
        expect_text(what, ok ? literal_of(&arena, v) : arena_printf(&arena, "!%s", error.message),
                    rows[i].expected);
        CU_ASSERT(ok || strcmp(error.type, "type") == 0);
        arena_free(&arena);
    }
}

static void from_json(void) {
    static const Row rows[] = {
        { INT, "5", "5" },
        { INT, "3.0", "3" },
        { INT, "3.5", "!$: expected int, found float 3.5" },
        { INT, "1e300", "!$: expected int, found float 1e+300" },
        { INT, "\"5\"", "!$: expected int, found string \"5\"" },
        { INT, "null", "!$: expected int, found null" },
        { INT, "true", "!$: expected int, found true" },
        { INT, "size 4KB", "4000" },
        { INT, "duration 90s", "90" },
        { INT, "duration 1.5s", "!$: expected int, found duration 1s500ms" },
        { FLOAT, "2", "2.0" },
        { FLOAT, "2.5", "2.5" },
        { FLOAT, "duration 1.5s", "1.5" },
        { FLOAT, "\"2.5\"", "!$: expected float, found string \"2.5\"" },
        { BOOL, "false", "false" },
        { BOOL, "0", "!$: expected bool, found int 0" },
        { STRING, "\"x\"", "\"x\"" },
        { STRING, "file /a", "\"/a\"" },
        { STRING, "5", "!$: expected string, found int 5" },
        { STRING, "secret hush", "!$: expected string, found secret \"***\"" },
        { DURATION, "90", "duration 1m30s" },
        { DURATION, "0.25", "duration 250ms" },
        { DURATION, "\"90s\"", "!$: expected duration, found string \"90s\"" },
        { DURATION, "1e300", "!$: expected duration, found float 1e+300" },
        { DURATION, "9223372036854775807", "!$: expected duration, found int 9223372036854775807" },
        { SIZE, "1024", "size 1024B" },
        { SIZE, "2.0", "size 2B" },
        { SIZE, "\"4MB\"", "!$: expected size, found string \"4MB\"" },
        { SIZE, "duration 1s", "!$: expected size, found duration 1s" },
        { FILE_, "file /a", "file /a" },
        { FILE_, "\"/a\"", "!$: expected file, found string \"/a\"" },
        { FILE_, "dir /a", "!$: expected file, found dir \"/a\"" },
        { SECRET, "\"x\"", "secret x" },
        { SECRET, "12345", "!$: expected secret, found something else" },
        { JSON, "file /a", "\"/a\"" },
        { JSON, "duration 1.5s", "1.5" },
        { JSON, "[null,{\"x\":1}]", "[null,{\"x\":1}]" },
        { INTS, "[1,2.0]", "[1,2]" },
        { INTS, "[1,null]", "!$[1]: expected int, found null" },
        { INTS, "{}", "!$: expected list<int>, found record {}" },
        { OPT_INTS, "[1,null,2.0]", "[1,null,2]" },
        { SIZES, "{\"x\":1,\"y z\":\"no\"}", "!$[\"y z\"]: expected size, found string \"no\"" },
        { SIZES, "[]", "!$: expected map<size>, found list []" },
        { OPT_INT, "null", "null" },
        { OPT_INT, "\"x\"", "!$: expected int, found string \"x\"" },
        { PROBE, "{\"b-c\":1,\"z\":true,\"a\":[1]}", "{\"a\":[1],\"b-c\":1}" },
        { PROBE, "{\"a\":[]}", "{\"a\":[],\"b-c\":null}" },
        { PROBE, "{\"b-c\":1}", "!$.a: expected list<int?>, found nothing" },
        { PROBE, "{\"a\":null}", "!$.a: expected list<int?>, found null" },
        { PROBES, "[{\"a\":[1]},{\"a\":[1,2,3,\"x\"]}]",
          "!$[1].a[3]: expected int, found string \"x\"" },
        { PROBES, "[{\"a\":[1],\"b-c\":[]}]", "!$[0][\"b-c\"]: expected int, found list []" },
        { LEVEL, "\"low\"", "\"low\"" },
        { LEVEL, "\"mid\"", "!$: expected one of low, high, found string \"mid\"" },
        { LEVEL, "1", "!$: expected one of low, high, found int 1" },
    };
    check_rows(FIT_JSON, rows, COUNT(rows));
}

static void at_ports(void) {
    static const Row rows[] = {
        { FILE_, "\"a/b\"", "file a/b" },
        { DIR_, "\"a\"", "dir a" },
        { FILE_, "file /a", "file /a" },
        { FILE_, "5", "!$: expected file, found int 5" },
        { DURATION, "\"90s\"", "!$: expected duration, found string \"90s\"" },
        { INT, "\"5\"", "!$: expected int, found string \"5\"" },
    };
    check_rows(FIT_PORT, rows, COUNT(rows));
}

static void for_inputs(void) {
    static const Row rows[] = {
        { INT, "\"5\"", "5" },
        { INT, "\"-5\"", "-5" },
        { INT, "\"5x\"", "!$: expected int, found string \"5x\"" },
        { INT, "\"\"", "!$: expected int, found string \"\"" },
        { OPT_INT, "\"5\"", "5" },
        { INTS, "[\"5\"]", "!$[0]: expected int, found string \"5\"" },
        { FLOAT, "\"2.5\"", "2.5" },
        { FLOAT, "\"2\"", "2.0" },
        { BOOL, "\"true\"", "true" },
        { BOOL, "\"yes\"", "!$: expected bool, found string \"yes\"" },
        { STRING, "\"5\"", "\"5\"" },
        { DURATION, "\"1h30m\"", "duration 1h30m" },
        { DURATION, "\"90\"", "duration 1m30s" },
        { DURATION, "0.5", "duration 500ms" },
        { DURATION, "\"soon\"", "!$: expected duration, found string \"soon\"" },
        { DURATIONS, "[\"1s\",2]", "[1,2]" },
        { SIZE, "\"4MB\"", "size 4000000B" },
        { SIZE, "\"512\"", "size 512B" },
        { SIZE, "\"big\"", "!$: expected size, found string \"big\"" },
        { LEVEL, "\"high\"", "\"high\"" },
        { LEVEL, "\"x\"", "!$: expected one of low, high, found string \"x\"" },
        { FILE_, "\"a.txt\"", "file a.txt" },
        { SECRET, "\"x\"", "secret x" },
    };
    check_rows(FIT_INPUT, rows, COUNT(rows));
}

static void what_fits_is_not_copied(void) {
    Arena arena = { 0 };
    dag_error error;
    dag_value before = literal(&arena, "[1,2,3]"), v = before;
    CU_ASSERT_TRUE(value_fit(&arena, &program, INTS, FIT_JSON, &v, &error));
    CU_ASSERT_PTR_EQUAL(v.u.items, before.u.items);
    dag_value bad = literal(&arena, "[1.0,\"x\"]");
    v = bad;
    CU_ASSERT_FALSE(value_fit(&arena, &program, INTS, FIT_JSON, &v, &error));
    CU_ASSERT_PTR_EQUAL(v.u.items, bad.u.items); /* and left alone when it does not fit */
    arena_free(&arena);
}

void suite_fit(void) {
    CU_pSuite suite = CU_add_suite("fit", set_up, NULL);
    CU_add_test(suite, "from JSON", from_json);
    CU_add_test(suite, "at ports", at_ports);
    CU_add_test(suite, "for inputs", for_inputs);
    CU_add_test(suite, "what fits is not copied", what_fits_is_not_copied);
}
