/*
 * lines.c - lines of a stream as it comes in: in pieces, too long, without an end, after `stop`.
 */
#include "cli/lines.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suites.h"

static int ends[2], stop;
static Lines lines;

static void begin(size_t most) {
    char path[64];
    stop = eventfd(0, 0);
    CU_ASSERT_FATAL(pipe(ends) == 0 && stop >= 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    CU_ASSERT_FATAL(lines_open(&lines, path, stop, most));
    close(ends[0]);
}

static void end(void) {
    lines_close(&lines);
    if (ends[1] >= 0) {
        close(ends[1]);
    }
    close(stop);
}

static void put(const char *text) {
    CU_ASSERT(write(ends[1], text, strlen(text)) == (ssize_t)strlen(text));
}

static void no_more(void) {
    close(ends[1]);
    ends[1] = -1;
}

static void gives(LineKind kind, const char *text, uint64_t number) {
    const char *line;
    size_t n;
    CU_ASSERT(lines_next(&lines, &line, &n) == kind);
    CU_ASSERT(lines.number == number);
    if (text) {
        CU_ASSERT(n == strlen(text) && memcmp(line, text, n) == 0);
    }
}

static void in_pieces(void) {
    begin(100);
    put("one\n\n \t\r\ntwo\nth");
    gives(LINE_TEXT, "one\n", 1);
    gives(LINE_TEXT, "two\n", 4);
    put("ree\nlast");
    gives(LINE_TEXT, "three\n", 5);
    no_more();
    gives(LINE_TEXT, "last", 6);
    gives(LINE_NONE, NULL, 6);
    gives(LINE_NONE, NULL, 6);
    end();
}

/* Only what is longer is lost, and it is not held in memory. */
static void too_long(void) {
    static char piece[4097];
    memset(piece, 'x', sizeof piece - 1);
    begin(5);
    put("12345\n123456\nab\n");
    gives(LINE_TEXT, "12345\n", 1);
    gives(LINE_TOO_LONG, NULL, 2);
    gives(LINE_TEXT, "ab\n", 3);
    if (fork() == 0) {
        for (int i = 0; i < 1000; i++) {
            if (write(ends[1], piece, sizeof piece - 1) < 0) {
                _exit(1);
            }
        }
        _exit(write(ends[1], "\ncd", 3) != 3);
    }
    no_more();
    gives(LINE_TOO_LONG, NULL, 4);
    CU_ASSERT(lines.size <= 256 * 1024);
    gives(LINE_TEXT, "cd", 5);
    gives(LINE_NONE, NULL, 5);
    int status;
    CU_ASSERT(wait(&status) > 0 && status == 0);
    end();
}

static void long_to_the_end(void) {
    begin(3);
    put("12345");
    no_more();
    gives(LINE_TOO_LONG, NULL, 1);
    gives(LINE_NONE, NULL, 1);
    end();
}

/* Also a line that has begun to come is not waited for. */
static void stopped(void) {
    const uint64_t one = 1;
    begin(100);
    put("half a li");
    CU_ASSERT(write(stop, &one, sizeof one) == sizeof one);
    gives(LINE_NONE, NULL, 0);
    CU_ASSERT(lines.error == 0);
    end();
}

void suite_lines(void) {
    CU_pSuite suite = CU_add_suite("lines", NULL, NULL);
    CU_add_test(suite, "in pieces", in_pieces);
    CU_add_test(suite, "too long", too_long);
    CU_add_test(suite, "too long to the end", long_to_the_end);
    CU_add_test(suite, "stopped", stopped);
}
