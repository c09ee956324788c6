/*
 * exec_local.c - process stages: what a body gets, what becomes of it, and that nothing is left.
 */
#include <CUnit/CUnit.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/memory.h"
#include "exec/oom.h"
#include "handmade.h"
#include "literal.h"
#include "suites.h"

enum { SECOND = 1000 }; /* ms */

static const int64_t GRACE = 300 * 1000 * 1000; /* ns: of the watcher */

static dag_executor *make_local(void) {
    dag_error error = { NULL, NULL };
    dag_executor *local = executor_local_new(GRACE, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(local);
    return local;
}

/* ---------------------------------------------------------------- one body */

typedef struct Body {
    Hand *h;
    HandAttempt *a;
} Body;

/* A stage with the output `o`: its stdout as it came. */
static Body body_new(dag_body kind) {
    Body b = { .h = hand_new() };
    hand_stage(b.h, "s", kind);
    return b;
}

static void show_stdout(Body *b) {
    uint32_t t = hand_type(b->h, DAG_STRING);
    hand_out(b->h, "o", t, 0, HAND_EXPR(b->h, t, HAND_SPECIAL(DAG_STDOUT)));
}

static void body_free(Body *b) {
    hand_attempt_free(b->a);
    hand_free(b->h);
}

static const char *carry_out(Body *b, const char *const *inputs) {
    dag_executor *local = make_local();
    b->a = hand_attempt(b->h, 0, inputs);
    hand_carry_out(local, b->a);
    local->free(local->self);
    return hand_outcome(b->a);
}

static void expect_outcome(Body *b, const char *const *inputs, const char *expected) {
    expect_text("outcome", carry_out(b, inputs), expected);
    body_free(b);
}

static void expect_outcome_part(Body *b, const char *const *inputs, const char *part) {
    expect_part(carry_out(b, inputs), part);
    body_free(b);
}

/* A script of text alone. */
static Body script(const char *text) {
    Body b = body_new(DAG_BODY_RUN);
    hand_script(b.h, text);
    return b;
}

static const char *file_text(HandAttempt *a, const char *name) {
    static char text[4096];
    const char *path = arena_printf(&a->attempt.arena, "%s/%s", a->attempt.dir, name);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n >= 0 ? text : "(no file)";
}

/* ---------------------------------------------------------------- what a body gets */

static void captures_output(void) {
    Body b = script("echo out; echo err >&2; cat; pwd");
    show_stdout(&b);
    const char *text = carry_out(&b, NULL);
    expect_text("outcome", text,
                arena_printf(&b.h->arena, "completed \"out\\n%s/s/-/1/work\\n\"", b.a->root));
    expect_text("stderr", file_text(b.a, "stderr"), "err\n");
    CU_ASSERT_EQUAL(b.a->attempt.outcome.exit_status, 0);
    CU_ASSERT(b.a->attempt.outcome.usage.max_rss > 0);
    CU_ASSERT(b.a->attempt.outcome.usage.user >= 0);
    body_free(&b);
}

/* Values in every kind of quotes, and none of them is text of the script. */
static void quotes_values(void) {
    Body b = body_new(DAG_BODY_RUN);
    Hand *h = b.h;
    uint32_t t = hand_type(h, DAG_STRING), list = hand_type_of(h, DAG_LIST, t);
    hand_in(h, "a", t, DAG_NONE);
    hand_in(h, "l", list, DAG_NONE);
    hand_in(h, "e", list, DAG_NONE);
    uint32_t a = HAND_EXPR(h, t, HAND_INPUT(0)), l = HAND_EXPR(h, list, HAND_INPUT(1));
    uint32_t e = HAND_EXPR(h, list, HAND_INPUT(2));
    hand_script(h, "p() { for x; do printf '[%s]' \"$x\"; done; echo; }\np ");
    hand_piece(h, DAG_PIECE_WORD, a);
    hand_script(h, " \"<");
    hand_piece(h, DAG_PIECE_DOUBLE, a);
    hand_script(h, ">\" '<");
    hand_piece(h, DAG_PIECE_SINGLE, a);
    hand_script(h, ">' x");
    hand_piece(h, DAG_PIECE_WORD, l);
    hand_script(h, "y ");
    hand_piece(h, DAG_PIECE_WORD, e);
    hand_script(h, " z\ncat <<END\n");
    hand_piece(h, DAG_PIECE_DOUBLE, a);
    hand_script(h, "\nEND\necho $#\n");
    show_stdout(&b);
    static const char *const inputs[] = { "\"$(id) `id` ' \\\" \\\\ *\"", "[\"1 2\",\"\",\"3\"]",
                                          "[]", NULL };
    static const char out[] = "[$(id) `id` ' \" \\ *][<$(id) `id` ' \" \\ *>]"
                              "[<$(id) `id` ' \" \\ *>][x1 2][][3y][z]\n$(id) `id` ' \" \\ *\n0\n";
    carry_out(&b, inputs);
    expect_text("stdout", file_text(b.a, "stdout"), out);
    CU_ASSERT_EQUAL(b.a->attempt.outcome.state, DAG_COMPLETED);
    body_free(&b);
}

/* Without functions the values stay positional parameters. */
static void passes_parameters(void) {
    Body b = body_new(DAG_BODY_RUN);
    uint32_t t = hand_type(b.h, DAG_STRING), list = hand_type_of(b.h, DAG_LIST, t);
    hand_in(b.h, "l", list, DAG_NONE);
    hand_script(b.h, "printf '%s,' ");
    hand_piece(b.h, DAG_PIECE_WORD, HAND_EXPR(b.h, list, HAND_INPUT(0)));
    hand_script(b.h, "; echo $0 $#");
    static const char *const inputs[] = {
        "[1, 2.0, true, \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", \"ten\", \"11\"]", NULL
    };
    carry_out(&b, inputs);
    expect_text("stdout", file_text(b.a, "stdout"), "1,2.0,true,4,5,6,7,8,9,ten,11,sh 11\n");
    body_free(&b);
}

static void takes_raw_text(void) {
    Body b = body_new(DAG_BODY_RUN);
    uint32_t t = hand_type(b.h, DAG_STRING);
    hand_in(b.h, "r", t, DAG_NONE);
    hand_piece(b.h, DAG_PIECE_RAW, HAND_EXPR(b.h, t, HAND_INPUT(0)));
    show_stdout(&b);
    static const char *const inputs[] = { "\"echo $((1+2))\"", NULL };
    expect_outcome(&b, inputs, "completed \"3\\n\"");
}

/* More values than a script may be long: it becomes a file. */
static void runs_long_scripts(void) {
    enum { N = 14000 };
    Body b = body_new(DAG_BODY_RUN);
    uint32_t t = hand_type(b.h, DAG_STRING), list = hand_type_of(b.h, DAG_LIST, t);
    hand_in(b.h, "l", list, DAG_NONE);
    hand_script(b.h, "printf '%s\\n' ");
    hand_piece(b.h, DAG_PIECE_WORD, HAND_EXPR(b.h, list, HAND_INPUT(0)));
    hand_script(b.h, " | wc -l");
    show_stdout(&b);
    char *text = malloc(N * 4 + 3), *to = text;
    for (int i = 0; i < N; i++) {
        to += sprintf(to, "%s\"x\"", i ? "," : "[");
    }
    strcpy(to, "]");
    const char *const inputs[] = { text, NULL };
    expect_outcome(&b, inputs, "completed \"14000\\n\"");
    free(text);
}

static void executes_without_a_shell(void) {
    Body b = body_new(DAG_BODY_EXEC);
    Hand *h = b.h;
    uint32_t t = hand_type(h, DAG_STRING), list = hand_type_of(h, DAG_LIST, t);
    hand_in(h, "a", t, DAG_NONE);
    hand_in(h, "l", list, DAG_NONE);
    hand_piece(h, DAG_PIECE_ARG, hand_text(h, "printf"));
    hand_piece(h, DAG_PIECE_ARG, hand_text(h, "[%s]"));
    hand_piece(h, DAG_PIECE_ARG, HAND_EXPR(h, t, HAND_INPUT(0)));
    hand_piece(h, DAG_PIECE_SPLICE, HAND_EXPR(h, list, HAND_INPUT(1)));
    show_stdout(&b);
    static const char *const inputs[] = { "\"$HOME *\"", "[\"\", \"b c\"]", NULL };
    expect_outcome(&b, inputs, "completed \"[$HOME *][][b c]\"");
}

static void runs_texts_without_an_interpreter_line(void) {
    Body b = body_new(DAG_BODY_EXEC);
    char path[] = "/tmp/dag-unit-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_EQUAL(write(fd, "echo \"$1\"\n", 10), 10);
    fchmod(fd, 0755);
    close(fd);
    hand_piece(b.h, DAG_PIECE_ARG, hand_text(b.h, path));
    hand_piece(b.h, DAG_PIECE_ARG, hand_text(b.h, "a b"));
    show_stdout(&b);
    expect_outcome(&b, NULL, "completed \"a b\\n\"");
    unlink(path);
}

static void looks_along_its_own_path(void) {
    Body b = body_new(DAG_BODY_EXEC);
    hand_piece(b.h, DAG_PIECE_ARG, hand_text(b.h, "true"));
    hand_env(b.h, "PATH", hand_text(b.h, "/nowhere:/bin"));
    expect_outcome(&b, NULL, "completed");

    b = body_new(DAG_BODY_EXEC);
    hand_piece(b.h, DAG_PIECE_ARG, hand_text(b.h, "true"));
    hand_env(b.h, "PATH", hand_text(b.h, "/nowhere"));
    expect_outcome(&b, NULL, "crashed spawn: cannot start true: No such file or directory");
}

/* ---------------------------------------------------------------- the environment */

static void sets_the_environment(void) {
    Body b = script("env | grep -E '^(DAG_|PWD|OWN|GIVEN)' | LC_ALL=C sort\n"
                    "test \"$OWN\" = hush || echo \"OWN is wrong\"");
    Hand *h = b.h;
    uint32_t t = hand_type(h, DAG_STRING);
    hand_in(h, "text", t, DAG_NONE);
    hand_in(h, "time", hand_type(h, DAG_DURATION), DAG_NONE);
    hand_in(h, "list", hand_type_of(h, DAG_LIST, t), DAG_NONE);
    hand_in(h, "any", hand_type(h, DAG_JSON), DAG_NONE);
    hand_in(h, "none", hand_type_of(h, DAG_OPTIONAL, t), DAG_NONE);
    hand_in(h, "key", hand_type(h, DAG_SECRET), DAG_NONE);
    uint32_t hidden = hand_in(h, "hidden", t, DAG_NONE);
    h->ports[hidden].flags = DAG_PORT_HIDDEN;
    hand_env(h, "OWN", HAND_EXPR(h, t, HAND_INPUT(5)));
    hand_env(h, "GIVEN", hand_text(h, "by the stage"));
    hand_env(h, "DAG_text", hand_text(h, "replaced"));
    static const char *const inputs[] = { "\"a b\"", "duration 90m", "[\"x\"]", "\"j\"",
                                          "null",    "secret hush",  "\"h\"",   NULL };
    setenv("DAG_none", "of another pipeline", 1);
    setenv("GIVEN", "inherited", 1);
    carry_out(&b, inputs);
    unsetenv("DAG_none");
    unsetenv("GIVEN");
    char expected[1024];
    snprintf(expected, sizeof expected,
             "DAG_ATTEMPT=1\nDAG_KEY=-\nDAG_RUN_ID=20260102-030405-1a2b3c\nDAG_STAGE=s\n"
             "DAG_WORKDIR=%s/s/-/1/work\nDAG_any=\"j\"\nDAG_list=[\"x\"]\nDAG_text=replaced\n"
             "DAG_time=1h30m\nGIVEN=by the stage\nOWN=***\nPWD=%s/s/-/1/work\n",
             b.a->root, b.a->root);
    expect_text("environment", file_text(b.a, "stdout"), expected);
    body_free(&b);
}

/* A quoted text of n letters, as a literal. */
static char *long_text(size_t n) {
    char *text = malloc(n + 3);
    memset(text + 1, 'x', n);
    text[0] = text[n + 1] = '"';
    text[n + 2] = '\0';
    return text;
}

static void leaves_out_what_is_too_long(void) {
    char *text = long_text(200000);
    const char *const inputs[] = { text, NULL };
    Body b = script("env | grep -c '^DAG_[x]'; true");
    hand_in(b.h, "x", hand_type(b.h, DAG_STRING), DAG_NONE);
    show_stdout(&b);
    expect_outcome(&b, inputs, "completed \"0\\n\"");

    b = script("echo \"$DAG_x\"");
    hand_in(b.h, "x", hand_type(b.h, DAG_STRING), DAG_NONE);
    expect_outcome(&b, inputs,
                   "failed limit: input x is too long for the environment: DAG_x would "
                   "have 200007 bytes");

    b = body_new(DAG_BODY_EXEC);
    uint32_t t = hand_type(b.h, DAG_STRING);
    hand_in(b.h, "x", t, DAG_NONE);
    hand_piece(b.h, DAG_PIECE_ARG, hand_text(b.h, "true"));
    hand_piece(b.h, DAG_PIECE_ARG, HAND_EXPR(b.h, t, HAND_INPUT(0)));
    expect_outcome_part(&b, inputs, "failed limit: a value is too long for a command line: \"xxx");
    free(text);
}

/* Each is short enough, all together are not: first the environment gives way. */
static void copes_with_long_command_lines(void) {
    enum { N = 40 };
    char *text = long_text(100000);
    const char *inputs[N + 1] = { NULL };
    Body b = script("echo here");
    for (int i = 0; i < N; i++) {
        hand_in(b.h, "x", hand_type(b.h, DAG_STRING), DAG_NONE);
        inputs[i] = text;
    }
    show_stdout(&b);
    expect_outcome(&b, inputs, "completed \"here\\n\"");

    b = body_new(DAG_BODY_EXEC);
    uint32_t t = hand_type(b.h, DAG_STRING);
    hand_piece(b.h, DAG_PIECE_ARG, hand_text(b.h, "true"));
    for (int i = 0; i < 100; i++) {
        hand_in(b.h, "x", t, DAG_NONE);
    }
    const char *many[101] = { NULL };
    for (uint32_t i = 0; i < 100; i++) {
        many[i] = text;
        hand_piece(b.h, DAG_PIECE_ARG, HAND_EXPR(b.h, t, HAND_INPUT(i)));
    }
    expect_outcome_part(&b, many, "failed limit: the command line is too long: 10000");
    free(text);
}

/* ---------------------------------------------------------------- what becomes of it */

static void reports_exit_status(void) {
    Body b = script("i=0; while [ $i -lt 22 ]; do i=$((i + 1)); echo line $i >&2; done; exit 75");
    const char *text = carry_out(&b, NULL);
    expect_text("outcome", text,
                "failed exit: exit status 75:\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\n"
                "line 9\nline 10\nline 11\nline 12\nline 13\nline 14\nline 15\nline 16\nline 17\n"
                "line 18\nline 19\nline 20\nline 21\nline 22");
    CU_ASSERT_EQUAL(b.a->attempt.outcome.exit_status, 75);
    body_free(&b);

    b = script("exit 1");
    expect_outcome(&b, NULL, "failed exit: exit status 1");
}

static void cleans_what_it_quotes(void) {
    Body b = script("printf 'a\\377\\033[31mb\\rc\\tsecret\\302\\240\\n\\n' >&2; exit 2");
    hand_in(b.h, "key", hand_type(b.h, DAG_SECRET), DAG_NONE);
    static const char *const inputs[] = { "secret secret", NULL };
    expect_outcome(&b, inputs,
                   "failed exit: exit status 2:\na\xef\xbf\xbd\xef\xbf\xbd[31mb\nc\t***\xc2\xa0");
}

static void reports_signals(void) {
    Body b = script("echo help >&2; kill -SEGV $$");
    const char *text = carry_out(&b, NULL);
    expect_text("outcome", text, "crashed signal: killed by SIGSEGV: help");
    CU_ASSERT_EQUAL(b.a->attempt.outcome.exit_status, 128 + SIGSEGV);
    body_free(&b);
}

static void counts_kills_for_memory(void) {
    char folder[64];
    CU_ASSERT(oom_folder("4:memory:/a/b\n", folder, sizeof folder));
    expect_text("version 1", folder, "/sys/fs/cgroup/memory/a/b");
    CU_ASSERT(oom_folder("0::/a\n", folder, sizeof folder));
    expect_text("version 2", folder, "/sys/fs/cgroup/a");
    CU_ASSERT_FALSE(oom_folder("3:cpu:/a\n", folder, sizeof folder));
    CU_ASSERT_EQUAL(oom_parse("low 0\noom 3\noom_kill 12\n"), 12);
    CU_ASSERT_EQUAL(oom_parse("oom_kill_disable 0\noom_kill 2"), 2);
    CU_ASSERT_EQUAL(oom_parse("oom_kill_disable 0\n"), -1);

    CU_ASSERT_EQUAL(memory_parse("Name:\tx\nRssAnon:\t 10 kB\nRssFile:\t 99 kB\nRssShmem: 2 kB\n"),
                    12 * 1024);
    CU_ASSERT_EQUAL(memory_parse("Rss: 50 kB\nPss: 9 kB\nPss_Anon: 4 kB\nPss_File: 5 kB\n"), 4096);

    OomCounter counter = { .seen = 1 };
    strcpy(counter.path, "/tmp/dag-unit-XXXXXX");
    int fd = mkstemp(counter.path);
    CU_ASSERT_EQUAL(write(fd, "oom_kill 2\n", 11), 11);
    close(fd);
    CU_ASSERT(oom_take(&counter));
    CU_ASSERT_FALSE(oom_take(&counter));
    unlink(counter.path);
    CU_ASSERT_FALSE(oom_take(&counter));
}

static void reports_missing_programs(void) {
    static const struct {
        const char *program, *expected;
    } rows[] = {
        { "no-such-program", "crashed spawn: cannot start no-such-program: No such file or "
                             "directory" },
        { "/no/such", "crashed spawn: cannot start /no/such: No such file or directory" },
        { "/etc/passwd", "crashed spawn: cannot start /etc/passwd: Permission denied" },
        { "no-such -x", "crashed spawn: cannot start no-such -x: No such file or directory; all of "
                        "this is the program's name: each argument of `exec` is a string of its "
                        "own, `exec \"echo\", \"hello\"`" },
        { "", "crashed spawn: the command line is empty: no program to start" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Body b = body_new(DAG_BODY_EXEC);
        hand_piece(b.h, DAG_PIECE_ARG, hand_text(b.h, rows[i].program));
        const char *text = carry_out(&b, NULL);
        expect_text("outcome", text, rows[i].expected);
        CU_ASSERT_EQUAL(b.a->attempt.outcome.exit_status, -1);
        body_free(&b);
    }
}

static void reports_failing_expressions(void) {
    Body b = body_new(DAG_BODY_RUN);
    uint32_t i = hand_type(b.h, DAG_INT);
    hand_piece(b.h, DAG_PIECE_WORD,
               HAND_EXPR(b.h, i, hand_const(b.h, "\"x\""), hand_pipe("int", 0)));
    expect_outcome_part(&b, NULL, "failed expression: ");

    b = body_new(DAG_BODY_RUN);
    hand_piece(b.h, DAG_PIECE_WORD, HAND_EXPR(b.h, i, hand_const(b.h, "null")));
    expect_outcome(&b, NULL, "failed expression: <value>: null has no text form");
}

static void closes_gates(void) {
    static const char *const inputs[] = { "\"in\"", NULL };
    static const char *const scripts[] = { "exit 0", "exit 1", "exit 2" };
    static const char *const expected[] = { "completed \"in\"", "filtered",
                                            "failed exit: exit status 2" };
    for (int i = 0; i < 3; i++) {
        Body b = script(scripts[i]);
        uint32_t t = hand_type(b.h, DAG_STRING);
        hand_in(b.h, "x", t, DAG_NONE);
        hand_out(b.h, "x", t, 0, DAG_NONE);
        hand_last(b.h)->flags = DAG_STAGE_GATE;
        expect_outcome(&b, inputs, expected[i]);
    }
}

/* ---------------------------------------------------------------- stopping */

/* Reads a file of /proc/PID. Bytes; 0: there is no such process. */
static size_t read_proc(pid_t pid, const char *name, char *to, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, to, size - 1) : 0;
    if (fd >= 0) {
        close(fd);
    }
    to[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

static bool is_alive(pid_t pid) {
    char text[512];
    size_t n = read_proc(pid, "stat", text, sizeof text);
    const char *behind = n > 0 ? strrchr(text, ')') : NULL;
    return behind && behind[2] != 'Z' && behind[2] != 'X';
}

static bool is_watcher_of(pid_t pid, const void *parent) {
    char text[512];
    int of = 0;
    size_t n = read_proc(pid, "stat", text, sizeof text);
    const char *behind = n > 0 ? strrchr(text, ')') : NULL;
    return behind && strstr(text, "(dag-watcher)") && sscanf(behind + 4, "%d", &of) == 1 &&
           of == *(const pid_t *)parent;
}

static bool has_argument(pid_t pid, const void *mark) {
    char text[512];
    size_t n = read_proc(pid, "cmdline", text, sizeof text), length = strlen(mark);
    return n > length && strcmp(text + n - length - 1, mark) == 0 && is_alive(pid);
}

/* The first process that is meant; 0: there is none. */
static pid_t find_process(bool (*is)(pid_t pid, const void *arg), const void *arg) {
    DIR *dir = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry; !found && (entry = readdir(dir)) != NULL;) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        found = pid > 0 && is(pid, arg) ? pid : 0;
    }
    closedir(dir);
    return found;
}

/* Waits until none of the processes is there any more; at most 10 s. */
static bool all_gone(const pid_t *pids, int n) {
    for (int turn = 0; turn < 1000; turn++) {
        int alive = 0;
        for (int i = 0; i < n; i++) {
            alive += is_alive(pids[i]);
        }
        if (alive == 0) {
            return true;
        }
        usleep(10 * 1000);
    }
    return false;
}

/* Waits until the body has written a number to the file; -1 after 10 s. */
static pid_t await_number(HandAttempt *a, const char *name) {
    for (int turn = 0; turn < 1000; turn++) {
        const char *text = file_text(a, name);
        if (strchr(text, '\n')) {
            return (pid_t)atoi(text);
        }
        usleep(10 * 1000);
    }
    return -1;
}

static void kills_what_is_left(void) {
    Body b = script("sleep 1000 & echo $! >left; exit 0");
    expect_text("outcome", carry_out(&b, NULL), "completed");
    pid_t left = (pid_t)atoi(file_text(b.a, "work/left"));
    CU_ASSERT(left > 0);
    CU_ASSERT(all_gone(&left, 1));
    body_free(&b);
}

typedef struct Stopped {
    Body body;
    dag_executor *local;
} Stopped;

static Stopped start(const char *text) {
    Stopped s = { .body = script(text), .local = make_local() };
    s.body.a = hand_attempt(s.body.h, 0, NULL);
    s.local->start(s.local->self, &s.body.a->attempt);
    return s;
}

static void stop(Stopped *s, bool now) {
    s->local->stop(s->local->self, &s->body.a->attempt, now);
}

static void expect_cancelled(Stopped *s) {
    CU_ASSERT(hand_await(s->local, s->body.a, 20 * SECOND));
    expect_text("outcome", hand_outcome(s->body.a), "cancelled");
    s->local->free(s->local->self);
    body_free(&s->body);
}

static void stops_politely(void) {
    Stopped s = start("echo $$ >pid; sleep 1000");
    pid_t pid = await_number(s.body.a, "out/pid");
    stop(&s, false);
    expect_cancelled(&s);
    CU_ASSERT(all_gone(&pid, 1));
}

static void stops_at_once_what_will_not_listen(void) {
    Stopped s = start("trap '' TERM; echo $$ >pid; while :; do sleep 0.01; done");
    pid_t pid = await_number(s.body.a, "out/pid");
    stop(&s, false);
    CU_ASSERT_FALSE(hand_await(s.local, s.body.a, 200));
    stop(&s, true);
    expect_cancelled(&s);
    CU_ASSERT(all_gone(&pid, 1));
}

/* The leader goes at once, a grandchild needs a moment to clean up: it is given it. */
static void gives_all_the_grace(void) {
    Stopped s = start("sh -c 'trap \"sleep 0.2; echo done >>cleaned; exit\" TERM; echo $$ >pid;"
                      " while :; do sleep 0.01; done' & wait");
    await_number(s.body.a, "out/pid");
    stop(&s, false);
    CU_ASSERT(hand_await(s.local, s.body.a, 20 * SECOND));
    expect_text("cleaned", file_text(s.body.a, "work/cleaned"), "done\n");
    s.local->free(s.local->self);
    body_free(&s.body);
}

static void ends_lingering_groups(void) {
    Stopped s = start("sh -c 'trap \"\" TERM; echo $$ >pid; while :; do sleep 0.01; done' & wait");
    pid_t pid = await_number(s.body.a, "out/pid");
    stop(&s, false);
    CU_ASSERT_FALSE(hand_await(s.local, s.body.a, 200));
    stop(&s, true);
    expect_cancelled(&s);
    CU_ASSERT(all_gone(&pid, 1));
}

/* ---------------------------------------------------------------- our own death */

/* A process that starts bodies and waits for ever. It tells their folders through the pipe. */
static pid_t fork_parent(const char *const *scripts, int n, int out, bool kill_watcher) {
    pid_t pid = fork();
    if (pid != 0) {
        return pid;
    }
    dag_executor *local = make_local();
    for (int i = 0; i < n; i++) {
        Body b = script(scripts[i]);
        b.a = hand_attempt(b.h, 0, NULL);
        local->start(local->self, &b.a->attempt);
        dprintf(out, "%s\n", b.a->root);
    }
    if (kill_watcher) {
        pid_t self = getpid(), watcher = find_process(is_watcher_of, &self);
        struct pollfd fd = { .fd = local->fd, .events = POLLIN };
        if (watcher > 0 && kill(watcher, SIGKILL) == 0 && poll(&fd, 1, 10 * SECOND) == 1) {
            local->reap(local->self); /* hears of it and starts another */
        }
        for (int turn = 0; find_process(is_watcher_of, &self) == 0; turn++) {
            usleep(10 * 1000);
            if (turn == 1000) {
                _exit(1);
            }
        }
    }
    dprintf(out, "ready\n");
    for (;;) {
        pause();
    }
}

/* Reads the folders up to "ready". */
static int read_roots(int in, char roots[][64], int most) {
    FILE *file = fdopen(in, "r");
    int n = 0;
    char line[64];
    while (n < most && fgets(line, sizeof line, file) && strcmp(line, "ready\n") != 0) {
        line[strcspn(line, "\n")] = '\0';
        strcpy(roots[n++], line);
    }
    fclose(file);
    return n;
}

static pid_t await_pid_in(const char *root) {
    char path[128];
    for (int turn = 0; turn < 1000; turn++) {
        snprintf(path, sizeof path, "%.63s/s/-/1/work/pid", root);
        FILE *file = fopen(path, "r");
        int pid = 0, n = file ? fscanf(file, "%d\n", &pid) : 0;
        if (file) {
            fclose(file);
        }
        if (n == 1) {
            return pid;
        }
        usleep(10 * 1000);
    }
    return -1;
}

static void die_with(bool kill_watcher) {
    static const char *const scripts[] = {
        "echo $$ >pid; sleep 1000",
        "trap '' TERM; echo $$ >pid; while :; do sleep 0.01; done",
        "sh -c 'trap \"\" TERM; echo $$ >pid; while :; do sleep 0.01; done' & wait",
        "sh -c 'echo $$ >pid; sleep 1000' & wait",
    };
    enum { N = sizeof scripts / sizeof scripts[0] };
    char roots[N][64];
    int ends[2];
    pid_t pids[N];
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    pid_t parent = fork_parent(scripts, N, ends[1], kill_watcher);
    close(ends[1]);
    CU_ASSERT_EQUAL_FATAL(read_roots(ends[0], roots, N + 1), N);
    for (int i = 0; i < N; i++) {
        pids[i] = await_pid_in(roots[i]);
        CU_ASSERT(pids[i] > 0 && is_alive(pids[i]));
    }
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    CU_ASSERT(all_gone(pids, N));
    for (int i = 0; i < N; i++) {
        folder_remove(roots[i]);
    }
}

static void leaves_nobody_when_killed(void) {
    die_with(false);
}

static void replaces_its_watcher(void) {
    die_with(true);
}

/* Starts one body after the other, never takes one back. */
static _Noreturn void start_for_ever(const char *base, const char *text) {
    dag_executor *local = make_local();
    for (;;) {
        Body b = script(text);
        b.h->base = base;
        b.a = hand_attempt(b.h, 0, NULL);
        local->start(local->self, &b.a->attempt);
    }
}

/* Killed at any moment, also in the middle of starting something. */
static void leaves_nobody_at_any_moment(void) {
    char base[] = "/tmp/dag-unit-XXXXXX", mark[32], text[128];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(base));
    snprintf(mark, sizeof mark, "98765.%d", getpid());
    snprintf(text, sizeof text, "sleep %s & sleep %s & wait", mark, mark);
    for (int round = 0; round < 30; round++) {
        pid_t parent = fork();
        if (parent == 0) {
            start_for_ever(base, text);
        }
        usleep((useconds_t)(2000 + round * 700));
        kill(parent, SIGKILL);
        waitpid(parent, NULL, 0);
    }
    pid_t left = find_process(has_argument, mark);
    for (int turn = 0; turn < 1000 && left > 0; turn++) {
        usleep(10 * 1000);
        left = find_process(has_argument, mark);
    }
    CU_ASSERT_EQUAL(left, 0);
    CU_ASSERT(folder_remove(base));
}

/* ---------------------------------------------------------------- many */

static void carries_out_many(void) {
    enum { N = 200, AT_ONCE = 8 };
    dag_executor *local = make_local();
    Body bodies[N];
    int started = 0, ended = 0;
    for (int i = 0; i < N; i++) {
        char text[64];
        snprintf(text, sizeof text, "echo %d", i);
        bodies[i] = script(text);
        show_stdout(&bodies[i]);
        bodies[i].a = hand_attempt(bodies[i].h, 0, NULL);
    }
    while (ended < N) {
        while (started < N && started - ended < AT_ONCE) {
            local->start(local->self, &bodies[started++].a->attempt);
        }
        struct pollfd fd = { .fd = local->fd, .events = POLLIN };
        poll(&fd, 1, 1000);
        while (local->reap(local->self)) {
            ended++;
        }
    }
    for (int i = 0; i < N; i++) {
        char expected[64];
        snprintf(expected, sizeof expected, "completed \"%d\\n\"", i);
        expect_text("outcome", hand_outcome(bodies[i].a), expected);
        body_free(&bodies[i]);
    }
    local->free(local->self);
    CU_ASSERT_EQUAL(waitpid(-1, NULL, WNOHANG), -1); /* no zombie, no watcher */
    CU_ASSERT_EQUAL(errno, ECHILD);
}

void suite_exec_local(void) {
    CU_pSuite suite = CU_add_suite("exec_local", NULL, NULL);
    CU_add_test(suite, "captures output", captures_output);
    CU_add_test(suite, "quotes values", quotes_values);
    CU_add_test(suite, "passes parameters", passes_parameters);
    CU_add_test(suite, "takes raw text", takes_raw_text);
    CU_add_test(suite, "runs long scripts", runs_long_scripts);
    CU_add_test(suite, "executes without a shell", executes_without_a_shell);
    CU_add_test(suite, "runs texts without an interpreter line",
                runs_texts_without_an_interpreter_line);
    CU_add_test(suite, "looks along its own PATH", looks_along_its_own_path);
    CU_add_test(suite, "sets the environment", sets_the_environment);
    CU_add_test(suite, "leaves out what is too long", leaves_out_what_is_too_long);
    CU_add_test(suite, "copes with long command lines", copes_with_long_command_lines);
    CU_add_test(suite, "reports exit status", reports_exit_status);
    CU_add_test(suite, "cleans what it quotes", cleans_what_it_quotes);
    CU_add_test(suite, "reports signals", reports_signals);
    CU_add_test(suite, "counts kills for memory", counts_kills_for_memory);
    CU_add_test(suite, "reports missing programs", reports_missing_programs);
    CU_add_test(suite, "reports failing expressions", reports_failing_expressions);
    CU_add_test(suite, "closes gates", closes_gates);
    CU_add_test(suite, "kills what is left", kills_what_is_left);
    CU_add_test(suite, "stops politely", stops_politely);
    CU_add_test(suite, "stops at once what will not listen", stops_at_once_what_will_not_listen);
    CU_add_test(suite, "gives all the grace", gives_all_the_grace);
    CU_add_test(suite, "ends lingering groups", ends_lingering_groups);
    CU_add_test(suite, "leaves nobody when killed", leaves_nobody_when_killed);
    CU_add_test(suite, "replaces its watcher", replaces_its_watcher);
    CU_add_test(suite, "leaves nobody at any moment", leaves_nobody_at_any_moment);
    CU_add_test(suite, "carries out many", carries_out_many);
}
