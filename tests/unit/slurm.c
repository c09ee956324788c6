/*
 * slurm.c - what Slurm's commands say and are told, the files between the two sides of a job that is
 * carried out elsewhere, and the commands that are run for it.
 */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/away.h"
#include "exec/errand.h"
#include "exec/slurm_words.h"
#include "literal.h"
#include "suites.h"

/* For what is not written to. */
#define TEXTS(...) ((char **)(uintptr_t)(const char *const[]){ __VA_ARGS__, NULL })

/* ---------------------------------------------------------------- words */

static bool line_is(const char *text, uint64_t id, uint32_t index, SlurmState state) {
    char line[256];
    SlurmLine parsed;
    snprintf(line, sizeof line, "%s", text);
    return slurm_line(line, &parsed) && parsed.id == id && parsed.index == index &&
           parsed.state == state;
}

static bool is_line(const char *text) {
    char line[256];
    SlurmLine parsed;
    snprintf(line, sizeof line, "%s", text);
    return slurm_line(line, &parsed);
}

static void reads_the_queue(void) {
    CU_ASSERT(line_is("12|N/A|RUNNING|node1|None|work.x.1", 12, 0, SLURM_LIVES));
    CU_ASSERT(line_is("12|7|PENDING||Priority|name", 12, 7, SLURM_LIVES));
    CU_ASSERT(line_is("12|7|COMPLETING|n|None|name", 12, 7, SLURM_LIVES));
    CU_ASSERT(line_is("12|7|A_STATE_OF_TOMORROW|n|None|name", 12, 7, SLURM_LIVES));
    CU_ASSERT(line_is("12|7|COMPLETED|n|None|name", 12, 7, SLURM_ENDED));
    CU_ASSERT(line_is("12|7|FAILED|n|NonZeroExitCode|name", 12, 7, SLURM_ENDED));
    CU_ASSERT(line_is("12|7|OUT_OF_MEMORY|n|OutOfMemory|name", 12, 7, SLURM_OOM));
    CU_ASSERT(line_is("12|7|TIMEOUT|n|TimeLimit|name", 12, 7, SLURM_TIMEOUT));
    CU_ASSERT(line_is("12|7|DEADLINE|n|x|name", 12, 7, SLURM_TIMEOUT));
    CU_ASSERT(line_is("12|7|CANCELLED|n|x|name", 12, 7, SLURM_CANCELLED));
    CU_ASSERT(line_is("12|7|NODE_FAIL|n|x|name", 12, 7, SLURM_NODE_FAIL));
    CU_ASSERT(line_is("12|7|BOOT_FAIL|n|x|name", 12, 7, SLURM_NODE_FAIL));
    CU_ASSERT(line_is("12|7|PREEMPTED|n|x|name", 12, 7, SLURM_PREEMPTED));
    CU_ASSERT_FALSE(is_line(""));
    CU_ASSERT_FALSE(is_line("slurm_load_jobs error: Unable to contact slurm controller"));
    CU_ASSERT_FALSE(is_line("12|7|RUNNING|n|None"));
    CU_ASSERT_FALSE(is_line("x|7|RUNNING|n|None|name"));
    CU_ASSERT_FALSE(is_line("12||RUNNING|n|None|name"));
    CU_ASSERT_FALSE(is_line("12|7||n|None|name"));
}

/* Names of others may hold anything; an array may come as one line. */
static void reads_odd_lines(void) {
    SlurmLine parsed;
    char bars[] = "9|N/A|RUNNING|n[1-3]|None|a|b c|";
    CU_ASSERT(slurm_line(bars, &parsed));
    expect_text("name", parsed.name, "a|b c|");
    expect_text("node", parsed.node, "n[1-3]");
    CU_ASSERT_FALSE(parsed.many);
    char range[] = "9|3-20%4|PENDING||JobArrayTaskLimit|name";
    CU_ASSERT(slurm_line(range, &parsed));
    CU_ASSERT(parsed.many);
}

static void reads_answers(void) {
    CU_ASSERT_EQUAL(slurm_id("123\n"), 123);
    CU_ASSERT_EQUAL(slurm_id("123;cluster\n"), 123);
    CU_ASSERT_EQUAL(slurm_id("Welcome to 7 of 9\n4711\n"), 4711);
    CU_ASSERT_EQUAL(slurm_id(""), 0);
    CU_ASSERT_EQUAL(slurm_id("0\n"), 0);
    CU_ASSERT_EQUAL(slurm_id("12 jobs\n"), 0);
    CU_ASSERT_EQUAL(slurm_array_size("MaxArraySize            = 1001\nMaxX = 3\n"), 1001);
    CU_ASSERT_EQUAL(slurm_array_size("MaxArray = 1001\n"), 0);
    CU_ASSERT_EQUAL(slurm_array_size("MaxArraySize\n= 4"), 0);
}

/* As sbatch of Slurm 22.05 words them. */
static void tells_refusals_apart(void) {
    const char *failed = "sbatch: error: Batch job submission failed: ";
    static const struct {
        const char *text;
        SlurmRefusal refusal;
    } rows[] = { { "Invalid job array specification", SLURM_LONG },
                 { "Job violates accounting/QOS policy (job submit limit, user's size and/or time "
                   "limits)",
                   SLURM_FULL },
                 { "QOSMaxSubmitJobPerUserLimit", SLURM_FULL },
                 { "Slurm temporarily unable to accept job, sleeping and retrying", SLURM_FULL },
                 { "Resource temporarily unavailable", SLURM_FULL },
                 { "Socket timed out on send/recv operation", SLURM_UNSURE },
                 { "Unable to contact slurm controller (connect failure)", SLURM_UNSURE },
                 { "Zero Bytes were transmitted or received", SLURM_UNSURE },
                 { "Unexpected message received", SLURM_UNSURE },
                 { "Invalid partition name specified", SLURM_REFUSED },
                 { "Requested node configuration is not available", SLURM_REFUSED },
                 { "Invalid account or account/partition combination specified", SLURM_REFUSED } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s%s\n", failed, rows[i].text);
        CU_ASSERT_EQUAL(slurm_refusal(text), rows[i].refusal);
    }
}

static void writes_words(void) {
    Arena arena = { 0 };
    CU_ASSERT_EQUAL(slurm_megabytes(1), 1);
    CU_ASSERT_EQUAL(slurm_megabytes(100000000), 96);
    CU_ASSERT_EQUAL(slurm_megabytes(INT64_C(2) << 30), 2048);
    CU_ASSERT_EQUAL(slurm_megabytes(INT64_MAX), INT64_C(8796093022208));
    CU_ASSERT_EQUAL(slurm_minutes(1), 1);
    CU_ASSERT_EQUAL(slurm_minutes(INT64_C(120) * 1000000000), 2);
    CU_ASSERT_EQUAL(slurm_minutes(INT64_C(121) * 1000000000), 3);
    expect_text("pattern", slurm_pattern(&arena, "/a%jb/%"), "/a%%jb/%%");
    expect_text("quoted", slurm_quoted(&arena, "it's \"$x\"\n"), "'it'\\''s \"$x\"\n'");
    CU_ASSERT(slurm_passes_on("SBATCH_PARTITION=x"));
    CU_ASSERT(slurm_passes_on("SLURM_CONF=x"));
    CU_ASSERT(slurm_passes_on("PATH=x"));
    CU_ASSERT_FALSE(slurm_passes_on("SLURM_ARRAY_TASK_ID=3"));
    CU_ASSERT_FALSE(slurm_passes_on("SQUEUE_FORMAT=%i"));
    CU_ASSERT_FALSE(slurm_passes_on("AWS_SECRET_ACCESS_KEY=x"));
    arena_free(&arena);
}

/* ---------------------------------------------------------------- files */

static void keeps_records(void) {
    char dir[] = "/tmp/dag-unit-XXXXXX", path[64];
    AwayRecord read, written = { .status = 7 << 8,
                                 .usage = { .ru_utime = { 3, 999999 }, .ru_maxrss = 4711 },
                                 .started = 1700000000123456789,
                                 .ended = 1700000001123456789,
                                 .over = 5000000000,
                                 .stopped = true,
                                 .oom = true,
                                 .host = "node7" };
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    CU_ASSERT_FALSE(away_read_record(dir, &read));
    CU_ASSERT(away_write_record(dir, &written));
    CU_ASSERT(away_read_record(dir, &read));
    CU_ASSERT_EQUAL(read.status, written.status);
    CU_ASSERT_EQUAL(read.usage.ru_utime.tv_sec, 3);
    CU_ASSERT_EQUAL(read.usage.ru_utime.tv_usec, 999999);
    CU_ASSERT_EQUAL(read.usage.ru_maxrss, 4711);
    CU_ASSERT_EQUAL(read.started, written.started);
    CU_ASSERT_EQUAL(read.ended, written.ended);
    CU_ASSERT_EQUAL(read.over, written.over);
    CU_ASSERT(read.stopped && read.oom && !read.timed_out && read.error == 0);
    expect_text("host", read.host, "node7");
    /* Half of it is none. */
    snprintf(path, sizeof path, "%s/exit", dir);
    CU_ASSERT_EQUAL(truncate(path, 100), 0);
    CU_ASSERT_FALSE(away_read_record(dir, &read));
    CU_ASSERT_EQUAL(truncate(path, 0), 0);
    CU_ASSERT_FALSE(away_read_record(dir, &read));
    unlink(path);
    rmdir(dir);
}

static void keeps_jobs(void) {
    char dir[] = "/tmp/dag-unit-XXXXXX";
    char **argv = TEXTS("sh", "-c", "two\nlines 'q'", ""), **envp = TEXTS("A=", "B=x\n\"y\"");
    Attempt attempt = { .dir = mkdtemp(dir) };
    AwayJob read, job = { .timeout = 3, .grace = 5, .memory = 7 };
    struct stat status;
    job.programs = TEXTS("/bin/sh");
    job.argv = argv;
    job.envp = envp;
    CU_ASSERT_PTR_NOT_NULL_FATAL(attempt.dir);
    CU_ASSERT(away_write_job(&attempt, &job));
    const char *path = arena_printf(&attempt.arena, "%s/job", dir);
    CU_ASSERT_EQUAL(stat(path, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0600);
    CU_ASSERT(away_read_job(&attempt.arena, dir, &read));
    CU_ASSERT(read.timeout == 3 && read.grace == 5 && read.memory == 7);
    for (int i = 0; i < 4; i++) {
        expect_text("argument", read.argv[i], argv[i]);
    }
    CU_ASSERT_PTR_NULL(read.argv[4]);
    CU_ASSERT_PTR_NULL(read.argv[-2]);
    expect_text("environment", read.envp[1], envp[1]);
    CU_ASSERT_PTR_NULL(read.envp[2]);
    expect_text("program", read.programs[0], "/bin/sh");
    for (off_t n = status.st_size - 1; n >= 0; n--) { /* cut off anywhere, it is none */
        CU_ASSERT_EQUAL(truncate(path, n), 0);
        CU_ASSERT_FALSE(away_read_job(&attempt.arena, dir, &read));
    }
    unlink(path);
    CU_ASSERT_FALSE(away_read_job(&attempt.arena, dir, &read));
    CU_ASSERT_EQUAL(errno, ENOENT);
    rmdir(dir);
    arena_free(&attempt.arena);
}

/* ---------------------------------------------------------------- errands */

static void wait_for(Errand *errand, int epoll) {
    struct epoll_event events[4];
    while (!errand_look(errand)) {
        epoll_wait(epoll, events, 4, 20);
    }
}

static void runs_errands(void) {
    const char *argv[] = { "sh", "-c", "echo out $X; echo err >&2; exit 3", NULL };
    char **envp = TEXTS("PATH=/usr/bin:/bin", "X=x");
    Errand errand;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    errand_init(&errand);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(errand_start(&errand, argv, envp, epoll, INT64_MAX / 2), 0);
        wait_for(&errand, epoll);
        expect_text("out", errand_out(&errand), "out x\n");
        expect_text("err", errand_err(&errand), "err\n");
        CU_ASSERT_FALSE(errand_good(&errand));
        CU_ASSERT_EQUAL(WEXITSTATUS(errand.status), 3);
        CU_ASSERT_FALSE(errand_look(&errand));
    }
    argv[2] = "head -c 300000 /dev/zero | tr '\\0' x";
    CU_ASSERT_EQUAL_FATAL(errand_start(&errand, argv, envp, epoll, INT64_MAX / 2), 0);
    wait_for(&errand, epoll);
    CU_ASSERT(errand_good(&errand));
    CU_ASSERT_EQUAL(strlen(errand_out(&errand)), 300000);
    expect_text("err", errand_err(&errand), "");
    errand_free(&errand);
    close(epoll);
}

/* One that does not come back is killed with what it has started; one that is not there says so. */
static void gives_errands_up(void) {
    const char *argv[] = { "sh", "-c", "sleep 1000 & wait", NULL };
    const char *none[] = { "no-such-program-here", NULL };
    char **envp = TEXTS("PATH=/usr/bin:/bin");
    Errand errand;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    errand_init(&errand);
    CU_ASSERT_EQUAL_FATAL(errand_start(&errand, argv, envp, epoll, 1), 0);
    wait_for(&errand, epoll);
    CU_ASSERT(errand.late);
    CU_ASSERT_FALSE(errand_good(&errand));
    CU_ASSERT_EQUAL(errand_start(&errand, none, envp, epoll, 1), ENOENT);
    CU_ASSERT_EQUAL(errand.pid, 0);
    errand_fail(&errand, "it is not there");
    CU_ASSERT(errand_look(&errand));
    CU_ASSERT_FALSE(errand_good(&errand));
    expect_text("err", errand_err(&errand), "it is not there");
    CU_ASSERT_EQUAL_FATAL(errand_start(&errand, argv, envp, epoll, INT64_MAX / 2), 0);
    errand_free(&errand); /* kills it */
    CU_ASSERT_EQUAL(errand.pid, 0);
    close(epoll);
}

void suite_slurm(void) {
    CU_pSuite suite = CU_add_suite("slurm", NULL, NULL);
    CU_add_test(suite, "reads the queue", reads_the_queue);
    CU_add_test(suite, "reads odd lines", reads_odd_lines);
    CU_add_test(suite, "reads answers", reads_answers);
    CU_add_test(suite, "tells refusals apart", tells_refusals_apart);
    CU_add_test(suite, "writes words", writes_words);
    CU_add_test(suite, "keeps records", keeps_records);
    CU_add_test(suite, "keeps jobs", keeps_jobs);
    CU_add_test(suite, "runs errands", runs_errands);
    CU_add_test(suite, "gives errands up", gives_errands_up);
}
