/*
 * source.c - reads the texts that are compiled and finds lines and columns in them.
 */
#include "base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the list of sources */

/* `text` is kept: n bytes and a NUL, in the arena. */
static Source *source_add(Arena *arena, Sources *sources, const char *path, const char *text,
                          size_t size) {
    uint32_t n = sources->n;
    if ((n & (n - 1)) == 0) { /* full: it has room for 0, 1, 2, 4, 8 … */
        Source **items = ARENA_ARRAY(arena, n ? 2 * (size_t)n : 1, Source *);
        if (n) {
            memcpy(items, sources->items, n * sizeof(Source *));
        }
        sources->items = items;
    }
    Source *source = ARENA_NEW(arena, Source);
    source->path = arena_text(arena, path, strlen(path));
    source->text = text;
    source->size = (uint32_t)size;
    source->file = n;
    sources->items[sources->n++] = source;
    return source;
}

Source *source_from_text(Arena *arena, Sources *sources, const char *path, const char *text,
                         size_t n) {
    return source_add(arena, sources, path, arena_text(arena, text, n), n);
}

/* ---------------------------------------------------------------- reading */

/* Of the memory for what is made of a source, at least, in most: makes its pages come together. */
enum { TREE_PER_BYTE = 16 };

/* What is wrong with a file, beside what errno knows. */
enum { TOO_LARGE = EFBIG, TOO_MANY = E2BIG };

/* Reads all of fd, about `guess` bytes. 0 or an error. *text is in the arena, with a NUL. */
static int read_all(Arena *arena, int fd, size_t guess, char **text, size_t *n) {
    size_t room = guess + 1; /* one more than there is: then the end is seen */
    size_t len = 0;
    char *s = arena_raw(arena, room + 1);
    for (;;) {
        ssize_t got = read(fd, s + len, room - len);
        if (got == 0) {
            s[len] = '\0';
            *text = s;
            *n = len;
            return 0;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 || (len += (size_t)got) > MAX_SOURCE) {
            return got < 0 ? errno : TOO_LARGE;
        }
        if (len == room) {
            s = arena_grow(arena, s, room + 1, 2 * room + 4097);
            room = 2 * room + 4096;
        }
    }
}

static const char *reason(int error) {
    return error == TOO_LARGE  ? "it is larger than 128 MiB"
           : error == TOO_MANY ? "no more than 1023 files are compiled at once"
                               : strerror(error);
}

static Source *source_of_file(const Sources *sources, const struct stat *st) {
    for (uint32_t i = 0; i < sources->n; i++) {
        Source *s = sources->items[i];
        if (S_ISREG(st->st_mode) && s->inode == (uint64_t)st->st_ino &&
            s->device == (uint64_t)st->st_dev) {
            return s;
        }
    }
    return NULL;
}

static Source *read_fd(Arena *arena, Sources *sources, const char *path, int fd, int *error) {
    struct stat st;
    if (fstat(fd, &st) != 0) {
        *error = errno;
        return NULL;
    }
    Source *known = source_of_file(sources, &st);
    if (known) {
        return known;
    }
    bool regular = S_ISREG(st.st_mode);
    bool large = regular && st.st_size > MAX_SOURCE;
    if (large || sources->n == MAX_SOURCES) {
        *error = large ? TOO_LARGE : TOO_MANY;
        return NULL;
    }
    char *text = NULL;
    size_t n = 0;
    *error = read_all(arena, fd, regular ? (size_t)st.st_size : 0, &text, &n);
    if (*error) {
        return NULL;
    }
    arena_expect(arena, n * TREE_PER_BYTE);
    Source *source = source_add(arena, sources, path, text, n);
    if (regular) {
        source->device = (uint64_t)st.st_dev;
        source->inode = (uint64_t)st.st_ino;
    }
    return source;
}

Source *source_read(Arena *arena, Sources *sources, const char *path, const char **message) {
    bool standard = strcmp(path, "-") == 0;
    const char *shown = standard ? "<stdin>" : path;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int error = errno;
    Source *source = fd < 0 ? NULL : read_fd(arena, sources, shown, fd, &error);
    if (fd >= 0 && !standard) {
        close(fd);
    }
    if (!source) {
        *message = arena_printf(arena, "cannot read %s: %s", shown, reason(error));
    }
    return source;
}

/* ---------------------------------------------------------------- lines and columns */

static void find_lines(Arena *arena, Source *source) {
    const char *end = source->text + source->size;
    uint32_t n = 1;
    for (const char *p = source->text; (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        n++;
    }
    uint32_t *lines = ARENA_ARRAY(arena, n, uint32_t);
    uint32_t i = 1;
    for (const char *p = source->text; (p = memchr(p, '\n', (size_t)(end - p))); p++) {
        lines[i++] = (uint32_t)(p + 1 - source->text);
    }
    source->lines = lines;
    source->nlines = n;
}

uint32_t source_nlines(Arena *arena, Source *source) {
    if (!source->lines) {
        find_lines(arena, source);
    }
    return source->nlines;
}

/* The number (from 0) of the last line that begins at or before offset. */
static uint32_t line_at(Arena *arena, Source *source, uint32_t offset) {
    uint32_t low = 0, high = source_nlines(arena, source);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t source_line_number(Arena *arena, Source *source, uint32_t offset) {
    return line_at(arena, source, offset) + 1;
}

/* Editors do not count the byte order mark that may open a file. */
static uint32_t skip_mark(const Source *source, uint32_t from) {
    return from == 0 && source->size >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0 ? 3
                                                                                          : from;
}

/* ---------------------------------------------------------------- columns
 *
 * A line may be as long as the file, and hold all of its messages: the characters are counted once,
 * and the count kept for every STEP bytes. */

enum { STEP = 1024 };

static uint32_t characters(const Source *source, uint32_t from, uint32_t to) {
    uint32_t n = 0;
    for (; from < to; from++) {
        n += ((unsigned char)source->text[from] & 0xC0) != 0x80; /* not inside a character */
    }
    return n;
}

/* The number of characters before offset. */
static uint32_t count_to(Arena *arena, Source *source, uint32_t offset) {
    if (!source->counts) {
        uint32_t n = source->size / STEP + 1;
        uint32_t *counts = ARENA_ARRAY(arena, n, uint32_t);
        for (uint32_t i = 1; i < n; i++) {
            counts[i] = counts[i - 1] + characters(source, (i - 1) * STEP, i * STEP);
        }
        source->counts = counts;
    }
    uint32_t step = offset / STEP;
    return source->counts[step] + characters(source, step * STEP, offset);
}

Position source_position(Arena *arena, Source *source, uint32_t offset) {
    if (offset > source->size) {
        offset = source->size;
    }
    uint32_t line = line_at(arena, source, offset);
    uint32_t start = skip_mark(source, source->lines[line]);
    uint32_t column = 1;
    if (offset > start) {
        column += offset - start < STEP
                      ? characters(source, start, offset)
                      : count_to(arena, source, offset) - count_to(arena, source, start);
    }
    return (Position){ .line = line + 1, .column = column };
}

const char *source_line(Arena *arena, Source *source, uint32_t line, size_t *n) {
    *n = 0;
    if (line == 0 || line > source_nlines(arena, source)) {
        return source->text + source->size;
    }
    uint32_t start = source->lines[line - 1];
    uint32_t end = line == source->nlines ? source->size : source->lines[line] - 1;
    if (end > start && line < source->nlines && source->text[end - 1] == '\r') {
        end--;
    }
    *n = end - start;
    return source->text + start;
}
