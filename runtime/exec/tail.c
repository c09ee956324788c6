/*
 * tail.c - the last lines of what a body said, for the error that ends it.
 */
#include "exec/tail.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/secrets.h"
#include "pure/text.h"

enum { MOST_LINES = 10, MOST_BYTES = 2048 };

/* Reads the end of the file. Returns the bytes read. */
static size_t read_end(const char *path, char *to, size_t size) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t n = 0;
    if (fstat(fd, &status) == 0) {
        off_t skip = status.st_size > (off_t)size ? status.st_size - (off_t)size : 0;
        n = pread(fd, to, size, skip);
    }
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

/* Replaces what is no text: bytes that are no UTF-8, and what a terminal would obey. A carriage
 * return begins a line (progress bars). */
static const char *sanitize(Arena *arena, const char *bytes, size_t n) {
    TextBuffer out = { .arena = arena };
    while (n > 0) {
        size_t good = 0;
        while (good < n && (unsigned char)bytes[good] >= 0x20 && bytes[good] != 0x7f) {
            good++;
        }
        size_t bad = good;
        bool valid = utf8_valid(bytes, good, &bad);
        size_t take = valid ? good : bad;
        buffer_add(&out, bytes, take);
        bytes += take;
        n -= take;
        if (n > 0) {
            bool line = *bytes == '\n' || (*bytes == '\r' && n > 1 && bytes[1] != '\n');
            bool kept = *bytes == '\t';
            bool dropped = *bytes == '\r' && !line;
            buffer_string(&out, line ? "\n" : kept ? "\t" : dropped ? "" : "\xef\xbf\xbd");
            bytes++;
            n--;
        }
    }
    return buffer_end(&out);
}

const char *log_tail(Attempt *attempt, const char *name) {
    Arena *arena = &attempt->arena;
    char *bytes = arena_raw(arena, MOST_BYTES);
    const char *path = arena_printf(arena, "%s/%s", attempt->dir, name);
    size_t n = read_end(path, bytes, MOST_BYTES);
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r')) {
        n--;
    }
    size_t start = n;
    for (int lines = 0; start > 0; start--) {
        if (bytes[start - 1] == '\n' && ++lines == MOST_LINES) {
            break;
        }
    }
    /* a character that the bound has cut in two */
    while (start < n && (bytes[start] & 0xc0) == 0x80) {
        start++;
    }
    return secrets_hide(attempt, sanitize(arena, bytes + start, n - start));
}
