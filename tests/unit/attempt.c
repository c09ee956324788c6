/*
 * attempt.c - outputs of a body that succeeded: values, files, globs, streams, what is refused; the
 * body is played by the test, which writes files and logs itself.
 */
#include <CUnit/CUnit.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handmade.h"
#include "literal.h"
#include "suites.h"

/* One stage `s` with an input `name: string`, and an output `o` by the test. */
typedef struct Case {
    Hand *h;
    HandAttempt *a;
    uint32_t stage;
} Case;

static Case begin(dag_body body) {
    Case c = { .h = hand_new() };
    c.stage = hand_stage(c.h, "s", body);
    hand_in(c.h, "name", hand_type(c.h, DAG_STRING), DAG_NONE);
    return c;
}

static void output(Case *c, uint32_t type, uint32_t flags, uint32_t value) {
    hand_out(c->h, "o", type, flags, value);
}

/* Makes the attempt and its folder. */
static void make(Case *c, const char *name) {
    static const char *inputs[2];
    inputs[0] = name;
    c->a = hand_attempt(c->h, c->stage, inputs);
    CU_ASSERT_FATAL(attempt_make_dir(&c->a->attempt));
}

static void put(Case *c, const char *path, const char *text, size_t n) {
    Arena *arena = &c->a->attempt.arena;
    int fd = open(arena_printf(arena, "%s/%s", c->a->attempt.dir, path), O_CREAT | O_WRONLY, 0666);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, text, n), (ssize_t)n);
    close(fd);
}

static void put_text(Case *c, const char *path, const char *text) {
    put(c, path, text, strlen(text));
}

static void end(Case *c) {
    hand_attempt_free(c->a);
    hand_free(c->h);
}

static const char *complete(Case *c) {
    attempt_complete(&c->a->attempt, NULL);
    return hand_outcome(c->a);
}

static void expect(Case *c, const char *expected) {
    expect_text("outcome", complete(c), expected);
    end(c);
}

static void expect_parts(Case *c, const char *part, const char *other) {
    const char *text = complete(c);
    expect_part(text, part);
    expect_part(text, other);
    end(c);
}

/* ---------------------------------------------------------------- folders */

static void makes_folders_anew(void) {
    Case c = begin(DAG_BODY_RUN);
    make(&c, "\"x\"");
    Attempt *attempt = &c.a->attempt;
    char expected[256];
    snprintf(expected, sizeof expected, "%s/s/-/1", c.a->root);
    expect_text("dir", attempt->dir, expected);
    put_text(&c, "work/left", "of a process that was killed");
    attempt->dir = attempt->work = NULL;
    CU_ASSERT(attempt_make_dir(attempt));
    expect_text("dir", attempt->dir, expected);
    expect_text("holds", folder_listing(&attempt->arena, attempt->work), "nothing");
    end(&c);
}

static void says_when_no_folder_can_be_made(void) {
    Case c = begin(DAG_BODY_RUN);
    make(&c, "\"x\"");
    Attempt *attempt = &c.a->attempt;
    CU_ASSERT(folder_remove(c.a->root));
    int fd = open(c.a->root, O_CREAT | O_WRONLY, 0666);
    close(fd);
    attempt->dir = attempt->work = NULL;
    CU_ASSERT_FALSE(attempt_make_dir(attempt));
    expect_part(hand_outcome(c.a), "crashed store: cannot make ");
    expect_part(hand_outcome(c.a), "Not a directory");
    end(&c);
}

/* ---------------------------------------------------------------- values */

static void takes_values_from_logs(void) {
    Case c = begin(DAG_BODY_RUN);
    Hand *h = c.h;
    uint32_t t = hand_type(h, DAG_STRING), i = hand_type(h, DAG_INT);
    output(&c, t, 0, HAND_EXPR(h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("trim", 0)));
    output(&c, t, 0, HAND_EXPR(h, t, HAND_SPECIAL(DAG_STDERR)));
    output(&c, i, 0, HAND_EXPR(h, i, HAND_SPECIAL(DAG_EXIT)));
    output(&c, t, 0, HAND_EXPR(h, t, HAND_INPUT(0), hand_pipe("upper", 0)));
    make(&c, "\"abc\"");
    put_text(&c, "stdout", "  out \n");
    put_text(&c, "stderr", "err\n");
    c.a->attempt.specials[DAG_EXIT] = value_int(DAG_INT, 0);
    expect(&c, "completed \"out\" \"err\\n\" 0 \"ABC\"");
}

static void names_the_port_of_an_error(void) {
    Case c = begin(DAG_BODY_RUN);
    uint32_t i = hand_type(c.h, DAG_INT);
    output(&c, i, 0, HAND_EXPR(c.h, i, HAND_SPECIAL(DAG_STDOUT), hand_pipe("int", 0)));
    make(&c, "\"x\"");
    put_text(&c, "stdout", "abc\n");
    expect_parts(&c, "failed expression: output o: ", "int");
}

static void refuses_logs_that_are_no_text(void) {
    static const struct {
        const char *bytes;
        size_t n;
        const char *expected;
    } rows[] = {
        { "a\n\xff", 3, "stdout is not valid UTF-8: byte 0xff in line 2" },
        { "a\n\n\0b", 5, "stdout holds a NUL byte in line 3" },
    };
    for (int lines = 0; lines < 2; lines++) {
        for (size_t r = 0; r < 2; r++) {
            Case c = begin(DAG_BODY_RUN);
            uint32_t t = hand_type(c.h, DAG_STRING);
            if (lines) {
                output(&c, t, DAG_PORT_STREAM,
                       HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("lines", 0)));
            } else {
                output(&c, t, 0, HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT)));
            }
            make(&c, "\"x\"");
            put(&c, "stdout", rows[r].bytes, rows[r].n);
            expect_parts(&c, "failed output: output o: ", rows[r].expected);
        }
    }
}

static void bounds_values(void) {
    Case c = begin(DAG_BODY_RUN);
    uint32_t t = hand_type(c.h, DAG_STRING);
    output(&c, t, 0, HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT)));
    make(&c, "\"x\"");
    c.a->attempt.env.max_value = 1000;
    char text[1001];
    memset(text, 'x', sizeof text);
    put(&c, "stdout", text, sizeof text);
    expect(&c, "failed limit: output o: stdout is larger than 1000 bytes (--max-value)");
}

static void converts_at_the_boundary(void) {
    Case c = begin(DAG_BODY_RUN);
    Hand *h = c.h;
    uint32_t f = hand_type(h, DAG_FLOAT), json = hand_type(h, DAG_JSON);
    uint32_t list = hand_type_of(h, DAG_LIST, f);
    output(&c, list, DAG_PORT_FIT,
           HAND_EXPR(h, json, HAND_SPECIAL(DAG_STDOUT), hand_pipe("json", 0)));
    make(&c, "\"x\"");
    put_text(&c, "stdout", "[1, 2.5]");
    expect(&c, "completed [1.0,2.5]");

    c = begin(DAG_BODY_RUN);
    f = hand_type(c.h, DAG_FLOAT);
    output(&c, hand_type_of(c.h, DAG_LIST, f), DAG_PORT_FIT,
           HAND_EXPR(c.h, hand_type(c.h, DAG_JSON), HAND_SPECIAL(DAG_STDOUT),
                     hand_pipe("json", 0)));
    make(&c, "\"x\"");
    put_text(&c, "stdout", "[1, \"b\"]");
    expect_parts(&c, "failed type: output o: ", "$[1]");
}

/* ---------------------------------------------------------------- streams */

static void cuts_lines(void) {
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "", "completed []" },
        { "\n", "completed [\"\"]" },
        { "a\nb", "completed [\"a\",\"b\"]" },
        { "a\r\n\r\nb\n", "completed [\"a\",\"\",\"b\"]" },
        { "a\rb\r", "completed [\"a\\rb\\r\"]" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Case c = begin(DAG_BODY_RUN);
        uint32_t t = hand_type(c.h, DAG_STRING);
        output(&c, t, DAG_PORT_STREAM,
               HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("lines", 0)));
        make(&c, "\"x\"");
        put_text(&c, "stdout", rows[i].text);
        expect(&c, rows[i].expected);
    }
}

/* Lines that lie across the blocks in which the file is read, and far more than one value may be. */
static void cuts_lines_of_large_logs(void) {
    enum { LINES = 30000 };
    Case c = begin(DAG_BODY_RUN);
    uint32_t t = hand_type(c.h, DAG_STRING);
    output(&c, t, DAG_PORT_STREAM,
           HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("lines", 0)));
    make(&c, "\"x\"");
    c.a->attempt.env.max_value = 100 * 1000;
    char *text = malloc(LINES * 16 + 90000), *to = text;
    for (int i = 0; i < LINES; i++) {
        to += sprintf(to, "line %d\n", i);
        if (i == 10000) {
            memset(to, 'y', 80000);
            to[80000] = '\n';
            to += 80001;
        }
    }
    put(&c, "stdout", text, (size_t)(to - text));
    attempt_complete(&c.a->attempt, NULL);
    free(text);
    CU_ASSERT_EQUAL_FATAL(c.a->attempt.outcome.state, DAG_COMPLETED);
    dag_value list = c.a->attempt.outcome.outputs[0];
    CU_ASSERT_EQUAL_FATAL(list.len, LINES + 1);
    CU_ASSERT_EQUAL(list.u.items[10001].len, 80000);
    expect_text("first", list.u.items[0].u.text, "line 0");
    expect_text("last", list.u.items[LINES].u.text, "line 29999");
    end(&c);

    c = begin(DAG_BODY_RUN);
    t = hand_type(c.h, DAG_STRING);
    output(&c, t, DAG_PORT_STREAM,
           HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("lines", 0)));
    make(&c, "\"x\"");
    c.a->attempt.env.max_value = 1000;
    text = malloc(200000);
    memset(text, 'x', 200000);
    put(&c, "stdout", text, 200000);
    free(text);
    expect(&c, "failed limit: output o: a line of stdout is larger than 1000 bytes (--max-value)");
}

static void emits_elements_of_lists(void) {
    Case c = begin(DAG_BODY_NONE);
    Hand *h = c.h;
    uint32_t i = hand_type(h, DAG_INT), list = hand_type_of(h, DAG_LIST, i);
    output(&c, i, DAG_PORT_STREAM, HAND_EXPR(h, list, hand_const(h, "[1,2,3]")));
    output(&c, i, DAG_PORT_STREAM, HAND_EXPR(h, list, hand_const(h, "[]")));
    output(&c, i, DAG_PORT_STREAM | DAG_PORT_FIT, HAND_EXPR(h, list, hand_const(h, "[1.0]")));
    make(&c, "\"x\"");
    expect(&c, "completed [1,2,3] [] [1]");

    c = begin(DAG_BODY_NONE);
    i = hand_type(c.h, DAG_INT);
    output(&c, i, DAG_PORT_STREAM | DAG_PORT_FIT,
           HAND_EXPR(c.h, hand_type(c.h, DAG_JSON), hand_const(c.h, "[1, \"b\"]")));
    make(&c, "\"x\"");
    expect_parts(&c, "failed type: output o: element 1: ", "\"b\"");
}

/* ---------------------------------------------------------------- files */

static Case file_case(const char *path, dag_kind kind) {
    Case c = begin(DAG_BODY_RUN);
    output(&c, hand_type(c.h, kind), DAG_PORT_PATH, hand_text(c.h, path));
    make(&c, "\"x\"");
    return c;
}

static void expect_file(Case *c, const char *kind, const char *path) {
    Arena *arena = &c->h->arena;
    expect(c, arena_printf(arena, "completed %s %s/s/-/1/out/%s", kind, c->a->root, path));
}

static void verifies_paths(void) {
    Case c = file_case("a.txt", DAG_FILE);
    put_text(&c, "work/a.txt", "");
    expect_file(&c, "file", "a.txt");

    c = file_case("./b/../d//e", DAG_DIR);
    CU_ASSERT(folder_make(arena_printf(&c.h->arena, "%s/d/e", c.a->attempt.work)));
    expect_file(&c, "dir", "d/e");

    c = file_case("a.txt", DAG_FILE);
    put_text(&c, "work/b.txt", "");
    put_text(&c, "work/.c", "");
    expect(&c, "failed output: output o: there is no file \"a.txt\" (No such file or directory); "
               "the task's directory holds: .c, b.txt");

    c = file_case("a", DAG_FILE);
    CU_ASSERT(folder_make(arena_printf(&c.h->arena, "%s/a", c.a->attempt.work)));
    expect(&c, "failed output: output o: \"a\" is a folder, not a file");

    c = file_case("a", DAG_DIR);
    put_text(&c, "work/a", "");
    expect(&c, "failed output: output o: \"a\" is a file, not a folder");
}

static void keeps_paths_inside(void) {
    static const char *const outside[] = { "/etc/passwd", "../x", "a/../../x", "..", ".", "" };
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        Case c = file_case(outside[i], DAG_FILE);
        put_text(&c, "x", "");
        expect_parts(&c, "failed output: output o: \"",
                     "is not a relative path inside the task's directory");
    }
    Case c = file_case("a", DAG_FILE);
    CU_ASSERT_EQUAL(symlink("/etc/passwd", arena_printf(&c.h->arena, "%s/a", c.a->attempt.work)),
                    0);
    expect(&c, "failed output: output o: \"a\" is a link that leaves the task's directory");

    c = file_case("d/stdout", DAG_FILE);
    put_text(&c, "stdout", "");
    CU_ASSERT_EQUAL(symlink("..", arena_printf(&c.h->arena, "%s/d", c.a->attempt.work)), 0);
    expect_parts(&c, "failed output", "is a link that leaves the task's directory");

    c = file_case("a", DAG_FILE);
    put_text(&c, "work/b", "");
    CU_ASSERT_EQUAL(symlink("b", arena_printf(&c.h->arena, "%s/a", c.a->attempt.work)), 0);
    expect_file(&c, "file", "a");
}

static void leaves_out_optional_files(void) {
    Case c = begin(DAG_BODY_RUN);
    uint32_t f = hand_type(c.h, DAG_FILE);
    output(&c, hand_type_of(c.h, DAG_OPTIONAL, f), DAG_PORT_PATH, hand_text(c.h, "a"));
    make(&c, "\"x\"");
    expect(&c, "completed null");
}

/* <out.x> in a body, before the file is there; in another path; and of a path that is none. */
static void tells_paths(void) {
    Case c = begin(DAG_BODY_RUN);
    Hand *h = c.h;
    uint32_t f = hand_type(h, DAG_FILE), t = hand_type(h, DAG_STRING);
    uint32_t text = DAG_CODE(DAG_OP_CONCAT, 2), bad = hand_text(h, "../up");
    output(&c, f, DAG_PORT_PATH, HAND_EXPR(h, t, HAND_INPUT(0), hand_const(h, "\".txt\""), text));
    output(&c, f, DAG_PORT_PATH,
           HAND_EXPR(h, t, HAND_OUT(0), hand_pipe("basename", 0), hand_const(h, "\".gz\""), text));
    output(&c, f, DAG_PORT_PATH, bad);
    uint32_t own = hand_out(h, "own", f, DAG_PORT_PATH, HAND_EXPR(h, f, HAND_OUT(3)));
    uint32_t size = HAND_EXPR(h, hand_type(h, DAG_SIZE), HAND_OUT(0),
                              DAG_CODE(DAG_OP_FIELD, hand_name(h, "size")));
    uint32_t second = HAND_EXPR(h, f, HAND_OUT(1)), third = HAND_EXPR(h, f, HAND_OUT(2));
    make(&c, "\"abc\"");
    Attempt *attempt = &c.a->attempt;
    dag_value value;
    dag_error error = { NULL, NULL };
    CU_ASSERT(attempt_eval(attempt, second, &value, &error));
    expect_part(value.u.text, "/s/-/1/work/abc.txt.gz");
    CU_ASSERT_FALSE(attempt_eval(attempt, size, &value, &error));
    expect_part(error.message, "No such file");
    put_text(&c, "work/abc.txt", "12345");
    CU_ASSERT(attempt_eval(attempt, size, &value, &error));
    CU_ASSERT_EQUAL(value.u.i, 5);
    CU_ASSERT_FALSE(attempt_eval(attempt, third, &value, &error));
    expect_part(error.message, "output o: \"../up\" is not a relative path");
    CU_ASSERT_FALSE(attempt_eval(attempt, attempt->program->ports[own].value, &value, &error));
    expect_part(error.message, "output own: its path is null");
    end(&c);
}

static void makes_texts_files(void) {
    Case c = begin(DAG_BODY_RUN);
    Hand *h = c.h;
    uint32_t f = hand_type(h, DAG_FILE), t = hand_type(h, DAG_STRING);
    output(&c, f, DAG_PORT_STREAM | DAG_PORT_FIT,
           HAND_EXPR(h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("lines", 0)));
    output(&c, hand_type_of(h, DAG_LIST, f), DAG_PORT_FIT,
           HAND_EXPR(h, t, hand_const(h, "[\"./a\"]")));
    output(&c, f, DAG_PORT_FIT, HAND_EXPR(h, f, hand_const(h, "file /not/looked/at")));
    make(&c, "\"x\"");
    put_text(&c, "stdout", "a\n/dev/null\n");
    put_text(&c, "work/a", "");
    const char *root = arena_printf(&h->arena, "%s/s/-/1/out", c.a->root);
    expect(&c, arena_printf(&h->arena,
                            "completed [\"%s/a\",\"/dev/null\"] [\"%s/a\"] file /not/looked/at",
                            root, root));

    c = begin(DAG_BODY_RUN);
    f = hand_type(c.h, DAG_FILE);
    output(&c, f, DAG_PORT_STREAM | DAG_PORT_FIT,
           HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("lines", 0)));
    make(&c, "\"x\"");
    put_text(&c, "stdout", "a\n/none\n");
    put_text(&c, "work/a", "");
    expect(&c, "failed output: output o: element 1: there is no file \"/none\" (No such file or "
               "directory)");
}

/* Files below records and maps, and fields that were files before. */
static void adopts_files_in_records(void) {
    Case c = begin(DAG_BODY_RUN);
    Hand *h = c.h;
    uint32_t f = hand_type(h, DAG_FILE), json = hand_type(h, DAG_JSON);
    uint32_t r = hand_record(h, DAG_RECORD, "R", 16, 8);
    hand_field(h, r, "n", hand_type(h, DAG_INT), 0);
    hand_field(h, r, "f", f, 8);
    output(&c, r, DAG_PORT_FIT, HAND_EXPR(h, json, hand_const(h, "{\"n\":1,\"f\":\"a\"}")));
    output(&c, hand_type_of(h, DAG_MAP, r), DAG_PORT_FIT,
           HAND_EXPR(h, json, hand_const(h, "{\"k\":{\"n\":1,\"f\":\"b\"}}")));
    make(&c, "\"x\"");
    put_text(&c, "work/a", "");
    put_text(&c, "work/b", "");
    const char *root = arena_printf(&h->arena, "%s/s/-/1/out", c.a->root);
    expect(&c, arena_printf(&h->arena,
                            "completed {\"n\":1,\"f\":\"%s/a\"} {\"k\":{\"n\":1,\"f\":\"%s/b\"}}",
                            root, root));
}

static void expands_globs(void) {
    Case c = begin(DAG_BODY_RUN);
    Hand *h = c.h;
    output(&c, hand_type(h, DAG_FILE), DAG_PORT_STREAM | DAG_PORT_GLOB, hand_text(h, "*.csv"));
    make(&c, "\"x\"");
    put_text(&c, "work/b.csv", "");
    put_text(&c, "work/a.csv", "");
    put_text(&c, "work/a.txt", "");
    const char *root = arena_printf(&h->arena, "%s/s/-/1/out", c.a->root);
    expect(&c, arena_printf(&h->arena, "completed [\"%s/a.csv\",\"%s/b.csv\"]", root, root));

    c = begin(DAG_BODY_RUN);
    output(&c, hand_type(c.h, DAG_DIR), DAG_PORT_STREAM | DAG_PORT_GLOB, hand_text(c.h, "/*"));
    make(&c, "\"x\"");
    expect_parts(&c, "failed output: output o: /*: ", "relative");
}

/* ---------------------------------------------------------------- given, gates, memory */

/* A float, a file that is there, an int or null, and the constant 7. */
static Case given_case(dag_value given[4]) {
    Case c = begin(DAG_BODY_SCRIPT);
    Hand *h = c.h;
    uint32_t i = hand_type(h, DAG_INT);
    output(&c, hand_type(h, DAG_FLOAT), 0, DAG_NONE);
    output(&c, hand_type(h, DAG_FILE), 0, DAG_NONE);
    output(&c, hand_type_of(h, DAG_OPTIONAL, i), 0, DAG_NONE);
    output(&c, i, 0, HAND_EXPR(h, i, hand_const(h, "7")));
    make(&c, "\"x\"");
    put_text(&c, "work/a", "");
    given[0] = literal(&h->arena, "1");
    given[1] = literal(&h->arena, "\"a\"");
    given[2] = given[3] = value_null();
    return c;
}

static void takes_what_is_given(void) {
    dag_value given[4];
    Case c = given_case(given);
    attempt_complete(&c.a->attempt, given);
    expect_text("outcome", hand_outcome(c.a),
                arena_printf(&c.h->arena, "completed 1.0 file %s/s/-/1/out/a null 7", c.a->root));
    end(&c);

    c = given_case(given);
    given[0] = value_null();
    attempt_complete(&c.a->attempt, given);
    expect_text("outcome", hand_outcome(c.a), "failed output: output o: the body did not set it");
    end(&c);
}

/* ---------------------------------------------------------------- the name of what is whole */

static const char *path_in(const Case *c, const char *name) {
    return arena_printf(&c->h->arena, "%s/%s", c->a->attempt.dir, name);
}

static bool is_there(const Case *c, const char *name) {
    struct stat status;
    return lstat(path_in(c, name), &status) == 0;
}

static void renames_where_files_are(void) {
    dag_value given[4];
    Case c = given_case(given);
    const char *old = arena_printf(&c.h->arena, "\"%s\"", path_in(&c, "./work/a"));
    CU_ASSERT_FALSE(is_there(&c, "out"));
    given[1] = literal(&c.h->arena, old);
    attempt_complete(&c.a->attempt, given);
    char link[8] = "";
    CU_ASSERT_EQUAL(readlink(path_in(&c, "work"), link, sizeof link), 3);
    expect_text("link", link, "out");
    CU_ASSERT(is_there(&c, "out/a"));
    end(&c);
}

/* A path that the body knew by the old name is told by the new one; so is the directory itself. */
static void tells_the_new_name(void) {
    static const struct {
        const char *said;
        dag_kind kind;
        const char *told;
    } rows[] = { { "work/a", DAG_FILE, "out/a" },
                 { "work", DAG_DIR, "out" },
                 { "workshop", DAG_DIR, "workshop" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Case c = begin(DAG_BODY_SCRIPT);
        Arena *arena = &c.h->arena;
        output(&c, hand_type(c.h, rows[i].kind), 0, DAG_NONE);
        make(&c, "\"x\"");
        put_text(&c, "work/a", "");
        CU_ASSERT_EQUAL(mkdir(path_in(&c, "workshop"), 0777), 0);
        dag_value given = literal(arena, arena_printf(arena, "\"%s\"", path_in(&c, rows[i].said)));
        attempt_complete(&c.a->attempt, &given);
        const char *kind = rows[i].kind == DAG_DIR ? "dir" : "file";
        expect_text("outcome", hand_outcome(c.a),
                    arena_printf(arena, "completed %s %s", kind, path_in(&c, rows[i].told)));
        end(&c);
    }
}

/* No files, or no success: there is no `out`. */
static void keeps_the_name_otherwise(void) {
    Case c = begin(DAG_BODY_RUN);
    output(&c, hand_type(c.h, DAG_INT), 0,
           HAND_EXPR(c.h, hand_type(c.h, DAG_INT), hand_const(c.h, "7")));
    make(&c, "\"x\"");
    complete(&c);
    CU_ASSERT(is_there(&c, "work") && !is_there(&c, "out"));
    end(&c);

    dag_value given[4];
    c = given_case(given);
    CU_ASSERT(folder_remove(c.a->attempt.work));
    attempt_complete(&c.a->attempt, given);
    expect_part(hand_outcome(c.a), "there is no file \"a\"");
    end(&c);

    c = given_case(given);
    CU_ASSERT_EQUAL(mkdir(path_in(&c, "out"), 0777), 0);
    put_text(&c, "out/mine", "");
    attempt_complete(&c.a->attempt, given);
    expect_part(hand_outcome(c.a), "failed output: cannot rename ");
    end(&c);
}

static void gates_hand_on(void) {
    Case c = begin(DAG_BODY_RUN);
    output(&c, hand_type(c.h, DAG_STRING), 0, DAG_NONE);
    hand_last(c.h)->flags = DAG_STAGE_GATE;
    make(&c, "\"through\"");
    expect(&c, "completed \"through\"");
}

static void complete_it(Attempt *attempt, void *arg) {
    (void)arg;
    attempt_complete(attempt, NULL);
}

/* The number of the next descriptor. */
static int next_descriptor(void) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

/* Leaves the arena n bytes, and no more. */
static void leave_room(Arena *arena, size_t n) {
    arena->limit = arena->held;
    for (size_t left; (left = (size_t)(arena->end - arena->next)) > n + 16;) {
        arena_raw(arena, left - n > 4096 ? 2048 : 8);
    }
}

/* Without memory at each allocation in turn: an outcome, never a crash, nothing leaked. */
static void survives_without_memory(void) {
    bool done = false;
    int fd = next_descriptor(), failed = 0;
    for (size_t room = 0; !done && room < 65536; room += 32) {
        Case c = begin(DAG_BODY_RUN);
        uint32_t t = hand_type(c.h, DAG_STRING);
        output(&c, t, DAG_PORT_STREAM,
               HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("lines", 0)));
        output(&c, t, 0, HAND_EXPR(c.h, t, HAND_SPECIAL(DAG_STDOUT), hand_pipe("upper", 0)));
        make(&c, "\"x\"");
        for (int i = 0; i < 300; i++) {
            put_text(&c, "stdout", "text\n");
        }
        leave_room(&c.a->attempt.arena, room);
        bool good = attempt_guard(&c.a->attempt, complete_it, NULL);
        c.a->attempt.arena.limit = 0;
        done = good;
        failed += !good;
        const Outcome *outcome = &c.a->attempt.outcome;
        CU_ASSERT_EQUAL(outcome->state, good ? DAG_COMPLETED : DAG_CRASHED);
        CU_ASSERT(good || strcmp(outcome->error.type, "oom") == 0);
        end(&c);
        CU_ASSERT_EQUAL_FATAL(next_descriptor(), fd);
    }
    CU_ASSERT(failed > 10);
    CU_ASSERT(done);
}

void suite_attempt(void) {
    CU_pSuite suite = CU_add_suite("attempt", NULL, NULL);
    CU_add_test(suite, "makes folders anew", makes_folders_anew);
    CU_add_test(suite, "says when no folder can be made", says_when_no_folder_can_be_made);
    CU_add_test(suite, "takes values from logs", takes_values_from_logs);
    CU_add_test(suite, "names the port of an error", names_the_port_of_an_error);
    CU_add_test(suite, "refuses logs that are no text", refuses_logs_that_are_no_text);
    CU_add_test(suite, "bounds values", bounds_values);
    CU_add_test(suite, "converts at the boundary", converts_at_the_boundary);
    CU_add_test(suite, "cuts lines", cuts_lines);
    CU_add_test(suite, "cuts lines of large logs", cuts_lines_of_large_logs);
    CU_add_test(suite, "emits elements of lists", emits_elements_of_lists);
    CU_add_test(suite, "verifies paths", verifies_paths);
    CU_add_test(suite, "keeps paths inside", keeps_paths_inside);
    CU_add_test(suite, "leaves out optional files", leaves_out_optional_files);
    CU_add_test(suite, "tells paths", tells_paths);
    CU_add_test(suite, "makes texts files", makes_texts_files);
    CU_add_test(suite, "adopts files in records", adopts_files_in_records);
    CU_add_test(suite, "expands globs", expands_globs);
    CU_add_test(suite, "takes what is given", takes_what_is_given);
    CU_add_test(suite, "renames where files are", renames_where_files_are);
    CU_add_test(suite, "tells the new name", tells_the_new_name);
    CU_add_test(suite, "keeps the name otherwise", keeps_the_name_otherwise);
    CU_add_test(suite, "gates hand on", gates_hand_on);
    CU_add_test(suite, "survives without memory", survives_without_memory);
}
