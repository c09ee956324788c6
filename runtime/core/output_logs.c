/*
 * output_logs.c - what a body printed, as values.
 *
 * Text enters the pipeline here: it must be UTF-8 without NUL, and an error says where it is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/outputs.h"
#include "core/plain.h"

enum { BLOCK = 64 * 1024 };

/* A log being read. */
typedef struct Log {
    Attempt *attempt;
    const char *name;
    int fd;
    dag_error *error;
} Log;

static bool open_log(Log *log) {
    const char *path = arena_printf(&log->attempt->arena, "%s/%s", log->attempt->dir, log->name);
    log->fd = plain_open(path, O_RDONLY | O_NOFOLLOW);
    if (log->fd < 0 && errno == ENOENT) {
        log->fd = open("/dev/null", O_RDONLY | O_CLOEXEC); /* a native function prints nothing */
    }
    if (log->fd >= 0) {
        return true;
    }
    return output_error(log->attempt, log->error, "output", "cannot read %s: %s", path,
                        plain_why(errno));
}

/* Reads up to n bytes; fewer only at the end. -1: error filled. */
static ssize_t read_log(Log *log, char *to, size_t n) {
    size_t got = 0;
    while (got < n) {
        ssize_t r = read(log->fd, to + got, n - got);
        if (r < 0 && errno == EINTR) {
            continue;
        }
        if (r < 0) {
            output_error(log->attempt, log->error, "output", "cannot read %s: %s", log->name,
                         strerror(errno));
            return -1;
        }
        if (r == 0) {
            break;
        }
        got += (size_t)r;
    }
    return (ssize_t)got;
}

/* ---------------------------------------------------------------- what it must not hold */

static size_t count_lines(const char *text, size_t n) {
    size_t lines = 0;
    for (size_t i = 0; i < n; i++) {
        lines += text[i] == '\n';
    }
    return lines;
}

/* line: of the first byte, from 1. */
static bool check_text(const Log *log, const char *text, size_t n, size_t line) {
    size_t bad;
    if (utf8_valid(text, n, &bad)) {
        return true;
    }
    line += count_lines(text, bad);
    if (text[bad] == '\0') {
        return output_error(log->attempt, log->error, "output", "%s holds a NUL byte in line %zu",
                            log->name, line);
    }
    return output_error(log->attempt, log->error, "output",
                        "%s is not valid UTF-8: byte 0x%02x in line %zu", log->name,
                        (unsigned char)text[bad], line);
}

static bool too_large(const Log *log, const char *what) {
    return output_error(log->attempt, log->error, "limit",
                        "%s is larger than %zu bytes (--max-value)", what,
                        output_limit(log->attempt));
}

/* ---------------------------------------------------------------- open and closed */

typedef struct Reading {
    Log *log;
    Arena *arena; /* for what is read, besides the attempt's */
    bool (*read)(Log *log, void *to);
    void *to;
} Reading;

/* Without memory, in either arena, the log is closed before the jump goes on. */
static bool read_guarded(const Reading *reading) {
    Arena *own = &reading->log->attempt->arena, *other = reading->arena;
    jmp_buf here, *outer = own->oom;
    if (!outer) {
        return reading->read(reading->log, reading->to);
    }
    if (setjmp(here) != 0) {
        close(reading->log->fd);
        own->oom = other->oom = outer;
        longjmp(*outer, 1);
    }
    own->oom = other->oom = &here;
    bool good = reading->read(reading->log, reading->to);
    own->oom = other->oom = outer;
    return good;
}

static bool with_log(Reading reading) {
    if (!open_log(reading.log)) {
        return false;
    }
    bool good = read_guarded(&reading);
    close(reading.log->fd);
    return good;
}

/* ---------------------------------------------------------------- whole */

static bool read_whole(Log *log, void *to) {
    dag_value *text = to;
    struct stat status;
    if (fstat(log->fd, &status) != 0 || (uint64_t)status.st_size > output_limit(log->attempt)) {
        return too_large(log, log->name);
    }
    size_t size = (size_t)status.st_size;
    char *bytes = arena_alloc(&log->attempt->arena, size + 1);
    ssize_t n = read_log(log, bytes, size);
    if (n < 0 || !check_text(log, bytes, (size_t)n, 1)) {
        return false;
    }
    bytes[n] = '\0';
    *text = value_text(DAG_STRING, bytes, (size_t)n);
    return true;
}

bool output_log(Attempt *attempt, const char *name, dag_value *text, dag_error *error) {
    Log log = { .attempt = attempt, .name = name, .error = error };
    return with_log((Reading){ &log, &attempt->arena, read_whole, text });
}

/* ---------------------------------------------------------------- by lines */

/* Blocks of the file are read into `arena` and cut up in place: each line's end becomes its NUL. */
typedef struct Lines {
    Log log;
    Arena *arena;
    dag_value *items; /* in the attempt's arena: it grows */
    size_t n, size;
} Lines;

static bool add_line(Lines *lines, char *line, size_t n) {
    line[n] = '\0';
    if (n > output_limit(lines->log.attempt)) {
        return too_large(&lines->log, "a line of stdout");
    }
    if (!check_text(&lines->log, line, n, lines->n + 1)) {
        return false;
    }
    if (lines->n == lines->size) {
        size_t old = lines->size * sizeof *lines->items;
        lines->size = lines->size ? lines->size * 2 : 64;
        lines->items = arena_grow(&lines->log.attempt->arena, lines->items, old,
                                  lines->size * sizeof *lines->items);
    }
    lines->items[lines->n++] = value_text(DAG_STRING, line, n);
    return true;
}

/* Cuts [text, text + n) into lines. Returns the bytes behind the last end of a line, -1: error. */
static ssize_t cut(Lines *lines, char *text, size_t n) {
    char *end;
    while ((end = memchr(text, '\n', n)) != NULL) {
        size_t length = (size_t)(end - text);
        bool cr = length > 0 && text[length - 1] == '\r';
        if (!add_line(lines, text, length - cr)) {
            return -1;
        }
        text += length + 1;
        n -= length + 1;
    }
    return (ssize_t)n;
}

/* A block with `rest` bytes of a line begun before in front; *rest: likewise at its end. */
static bool read_block(Lines *lines, char **rest, size_t *nrest, bool *end) {
    size_t size = *nrest + BLOCK;
    if (*nrest > output_limit(lines->log.attempt)) {
        return too_large(&lines->log, "a line of stdout");
    }
    size = *nrest > BLOCK ? *nrest * 2 : size;
    char *block = arena_raw(lines->arena, size + 1);
    memcpy(block, *rest, *nrest);
    ssize_t got = read_log(&lines->log, block + *nrest, size - *nrest);
    if (got < 0) {
        return false;
    }
    size_t n = *nrest + (size_t)got;
    ssize_t left = cut(lines, block, n);
    if (left < 0) {
        return false;
    }
    *end = n < size;
    *nrest = (size_t)left;
    *rest = block + n - (size_t)left;
    return true;
}

static bool read_lines(Log *log, void *to) {
    Lines *lines = to;
    (void)log;
    char *rest = (char[1]){ 0 };
    size_t nrest = 0;
    for (bool end = false; !end;) {
        if (!read_block(lines, &rest, &nrest, &end)) {
            return false;
        }
    }
    return nrest == 0 || add_line(lines, rest, nrest);
}

bool output_log_lines(Attempt *attempt, const char *name, Arena *arena, dag_value *list,
                      dag_error *error) {
    Lines lines = { .log = { .attempt = attempt, .name = name, .error = error }, .arena = arena };
    bool good = with_log((Reading){ &lines.log, arena, read_lines, &lines });
    *list = value_list(lines.items, lines.n);
    return good;
}
