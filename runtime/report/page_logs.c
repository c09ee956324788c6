/*
 * page_logs.c - the ends of logs. Secrets are not in them: they were taken out when the attempt ended.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/plain.h"
#include "report/page_parts.h"

static size_t read_end(int fd, char *text, size_t most, bool *cut) {
    struct stat info;
    size_t n = 0;
    if (fstat(fd, &info) != 0) {
        return 0;
    }
    *cut = info.st_size > (off_t)most;
    off_t from = *cut ? info.st_size - (off_t)most : 0;
    for (ssize_t got; n < most; n += (size_t)got) {
        got = pread(fd, text + n, most - n, from + (off_t)n);
        if (got <= 0) {
            break;
        }
    }
    return n;
}

const char *page_log(Arena *arena, const char *dir, const char *name, size_t most) {
    const char *path = arena_printf(arena, "%s/%s", dir, name);
    int fd = plain_open(path, O_RDONLY | O_NOFOLLOW);
    if (fd < 0) {
        return "";
    }
    char *text = arena_raw(arena, most + 1);
    bool cut = false;
    size_t n = read_end(fd, text, most, &cut);
    close(fd);
    while (n > 0 && text[n - 1] == '\n') {
        n--;
    }
    for (size_t i = 0; i < n; i++) {
        text[i] = text[i] == '\0' ? ' ' : text[i];
    }
    text[n] = '\0';
    const char *line = cut ? memchr(text, '\n', n) : NULL; /* a whole line first */
    return line != NULL ? line + 1 : text;
}
