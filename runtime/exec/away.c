/*
 * away.c - the files that both sides of away.h read and write.
 */
#include "exec/away.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/command.h"
#include "pure/text.h"

static const char FIRST[] = "dagcc job 1"; /* of the file `job`; another number: another layout */

/* ---------------------------------------------------------------- job */

static void put(TextBuffer *out, const char *text) {
    buffer_add(out, text, strlen(text) + 1);
}

static void put_number(TextBuffer *out, int64_t number) {
    put(out, arena_printf(out->arena, "%lld", (long long)number));
}

static void put_list(TextBuffer *out, char *const *list) {
    int64_t n = 0;
    while (list[n]) {
        n++;
    }
    put_number(out, n);
    for (int64_t i = 0; i < n; i++) {
        put(out, list[i]);
    }
}

bool away_write_job(Attempt *attempt, const AwayJob *job) {
    TextBuffer out = { .arena = &attempt->arena };
    put(&out, FIRST);
    put_number(&out, job->timeout);
    put_number(&out, job->grace);
    put_number(&out, job->memory);
    put_list(&out, job->programs);
    put_list(&out, job->argv);
    put_list(&out, job->envp);
    const char *path = arena_printf(&attempt->arena, "%s/job", attempt->dir);
    return write_file(attempt, path, out.text, out.n, 0600);
}

/* Texts with a NUL behind each, one after the other. */
typedef struct Texts {
    Arena *arena;
    char *at, *end;
    bool good;
} Texts;

static char *take(Texts *texts) {
    char *text = texts->at;
    size_t n = texts->good ? strnlen(text, (size_t)(texts->end - text)) : 0;
    texts->good = texts->good && text + n < texts->end;
    if (!texts->good) {
        return (char[1]){ 0 };
    }
    texts->at = text + n + 1;
    return text;
}

static int64_t take_number(Texts *texts) {
    char *end, *text = take(texts);
    int64_t number = texts->good ? strtoll(text, &end, 10) : 0;
    texts->good = texts->good && *text && *end == '\0' && number >= 0;
    return number;
}

/* `before`: places left free in front. */
static char **take_list(Texts *texts, size_t before) {
    int64_t n = take_number(texts);
    texts->good = texts->good && n <= texts->end - texts->at;
    n = texts->good ? n : 0;
    char **list = ARENA_ARRAY(texts->arena, before + (size_t)n + 1, char *);
    for (int64_t i = 0; i < n; i++) {
        list[before + (size_t)i] = take(texts);
    }
    return list + before;
}

bool away_read_job(Arena *arena, const char *dir, AwayJob *job) {
    char *text;
    size_t n;
    if (!away_read_file(arena, arena_printf(arena, "%s/job", dir), &text, &n)) {
        return false;
    }
    Texts texts = { .arena = arena, .at = text, .end = text + n, .good = true };
    bool ours = strcmp(take(&texts), FIRST) == 0;
    job->timeout = take_number(&texts);
    job->grace = take_number(&texts);
    job->memory = take_number(&texts);
    job->programs = take_list(&texts, 0);
    job->argv = take_list(&texts, 2);
    job->envp = take_list(&texts, 0);
    errno = 0;
    return ours && texts.good && texts.at == texts.end && job->argv[0] && job->programs[0];
}

bool away_read_file(Arena *arena, const char *path, char **text, size_t *n) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        errno = error;
        return false;
    }
    size_t size = (size_t)status.st_size, got = 0;
    *text = arena_raw(arena, size + 1);
    for (ssize_t r = 1; r > 0 && got<size; got += r> 0 ? (size_t)r : 0) {
        r = read(fd, *text + got, size - got);
    }
    close(fd);
    (*text)[got] = '\0';
    if (n) {
        *n = got;
    }
    return true;
}

/* ---------------------------------------------------------------- exit */

enum { RECORD_SIZE = 512 };

static long long micros(struct timeval t) {
    return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

static struct timeval of_micros(long long us) {
    return (struct timeval){ .tv_sec = (time_t)(us / 1000000),
                             .tv_usec = (suseconds_t)(us % 1000000) };
}

bool away_write_record(const char *dir, const AwayRecord *r) {
    char path[PATH_MAX], aside[PATH_MAX], text[RECORD_SIZE];
    int n = snprintf(text, sizeof text,
                     "dagcc exit 1 status %d error %d stopped %d timed_out %d oom %d over %lld "
                     "started %lld ended %lld user %lld system %lld rss %lld in %lld out %lld host "
                     "%s end\n",
                     r->status, r->error, r->stopped, r->timed_out, r->oom, (long long)r->over,
                     (long long)r->started, (long long)r->ended, micros(r->usage.ru_utime),
                     micros(r->usage.ru_stime), (long long)r->usage.ru_maxrss,
                     (long long)r->usage.ru_inblock, (long long)r->usage.ru_oublock, r->host);
    snprintf(path, sizeof path, "%s/exit", dir);
    snprintf(aside, sizeof aside, "%s/exit.new", dir);
    int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        return false;
    }
    bool good = write(fd, text, (size_t)n) == n;
    good = close(fd) == 0 && good;
    return good && rename(aside, path) == 0;
}

static bool parse_record(const char *text, AwayRecord *r) {
    int stopped, timed_out, oom;
    long long over, started, ended, user, system, rss, in, out;
    char last[4];
    int n = sscanf(text,
                   "dagcc exit 1 status %d error %d stopped %d timed_out %d oom %d over %lld "
                   "started %lld ended %lld user %lld system %lld rss %lld in %lld out %lld host "
                   "%63s %3s",
                   &r->status, &r->error, &stopped, &timed_out, &oom, &over, &started, &ended,
                   &user, &system, &rss, &in, &out, r->host, last);
    if (n != 15 || strcmp(last, "end") != 0) {
        return false;
    }
    r->stopped = stopped != 0;
    r->timed_out = timed_out != 0;
    r->oom = oom != 0;
    r->over = over;
    r->started = started;
    r->ended = ended;
    r->usage = (struct rusage){ .ru_utime = of_micros(user), .ru_stime = of_micros(system) };
    r->usage.ru_maxrss = (long)rss;
    r->usage.ru_inblock = (long)in;
    r->usage.ru_oublock = (long)out;
    return true;
}

/* NFS revalidates a folder when it is opened: a file that was not there a moment ago is then found. */
static void look_afresh(const char *dir) {
    DIR *folder = opendir(dir);
    if (folder) {
        readdir(folder);
        closedir(folder);
    }
}

bool away_read_record(const char *dir, AwayRecord *record) {
    char path[PATH_MAX], text[RECORD_SIZE];
    *record = (AwayRecord){ 0 };
    snprintf(path, sizeof path, "%s/exit", dir);
    look_afresh(dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return parse_record(text, record);
}
