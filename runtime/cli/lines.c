/*
 * lines.c - see lines.h.
 */
#include "cli/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 }; /* bytes */

bool lines_open(Lines *lines, const char *path, int stop, size_t most) {
    *lines = (Lines){ .fd = STDIN_FILENO, .stop = stop, .most = most };
    if (strcmp(path, "-") == 0)
        return true;
    lines->fd = open(path, O_RDONLY | O_CLOEXEC);
    lines->opened = lines->fd >= 0;
    return lines->opened;
}

void lines_close(Lines *lines) {
    if (lines->opened)
        close(lines->fd);
    free(lines->buffer);
    *lines = (Lines){ .fd = -1 };
}

/* Room for another piece, at the end of what is there. */
static bool make_room(Lines *lines) {
    if (lines->from > 0) {
        memmove(lines->buffer, lines->buffer + lines->from, lines->to - lines->from);
        lines->to -= lines->from;
        lines->from = 0;
    }
    if (lines->size - lines->to >= PIECE)
        return true;
    size_t size = lines->size * 2 > PIECE ? lines->size * 2 : PIECE;
    char *buffer = realloc(lines->buffer, size);
    if (buffer == NULL) {
        lines->error = ENOMEM;
        return false;
    }
    lines->buffer = buffer;
    lines->size = size;
    return true;
}

static bool wait_for_more(const Lines *lines) {
    struct pollfd fds[2] = { { .fd = lines->stop, .events = POLLIN },
                             { .fd = lines->fd, .events = POLLIN } };
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return fds[0].revents == 0;
}

/* False: there is no more. */
static bool read_more(Lines *lines) {
    ssize_t n = -1;
    if (lines->ended || !make_room(lines))
        return false;
    do {
        if (!wait_for_more(lines))
            return false;
        n = read(lines->fd, lines->buffer + lines->to, lines->size - lines->to);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0)
        lines->error = errno;
    lines->ended = n <= 0;
    lines->to += n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* Reads up to the end of the line, of which `least` bytes are known to hold none; drops what is longer than
 * a line may be. Its length with the end in *n; 0: there is none. */
static LineKind read_line(Lines *lines, size_t *n) {
    bool long_one = false;
    size_t seen = 0;
    for (;;) {
        char *from = lines->buffer + lines->from;
        size_t there = lines->to - lines->from;
        const char *end = there > seen ? memchr(from + seen, '\n', there - seen) : NULL;
        if (end != NULL)
            *n = (size_t)(end - from) + 1;
        if (end != NULL && !long_one && *n - 1 <= lines->most)
            return LINE_TEXT;
        if (end != NULL)
            return LINE_TOO_LONG;
        seen = there;
        if (seen > lines->most) {
            long_one = true;
            lines->from = lines->to = seen = 0;
        }
        if (!read_more(lines)) {
            *n = lines->to - lines->from;
            bool whole = lines->ended && lines->error == 0 && (*n > 0 || long_one);
            return !whole ? LINE_NONE : long_one ? LINE_TOO_LONG : LINE_TEXT;
        }
    }
}

static bool is_blank(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strchr(" \t\r\n", text[i]) == NULL || text[i] == '\0')
            return false;
    }
    return true;
}

LineKind lines_next(Lines *lines, const char **text, size_t *n) {
    LineKind kind;
    do {
        *n = 0;
        kind = read_line(lines, n);
        *text = lines->buffer + lines->from;
        lines->from += *n;
        lines->number += kind != LINE_NONE;
    } while (kind == LINE_TEXT && is_blank(*text, *n));
    return kind;
}
