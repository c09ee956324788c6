/*
 * tail.c - the last lines of what a body said, for the error that ends it.
 */
#include "exec/tail.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/plain.h"
#include "core/secrets.h"
#include "pure/text.h"

enum { MOST_LINES = 20, MOST_BYTES = 4096 };

/* Reads the end of the file. Returns the bytes read. */
static size_t read_end(const char *path, char *to, size_t size) {
    struct stat status;
    int fd = plain_open(path, O_RDONLY | O_NOFOLLOW);
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
    return secrets_hide(attempt, text_printable(arena, bytes + start, n - start));
}
