/*
 * path_stat.c - see path_stat.h.
 */
#include "core/path_stat.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Shorter beginnings are not worth a descriptor. */
enum { LEAST = 8 };

static void leave(PathStat *self) {
    if (self->folder > 0) {
        close(self->folder - 1);
    }
    self->folder = 0;
    self->n = 0;
}

/* Bytes that both have at their beginning, up to a slash. */
static size_t shared(const char *a, const char *b) {
    size_t n = 0;
    for (size_t i = 0; a[i] && a[i] == b[i]; i++) {
        if (a[i] == '/') {
            n = i + 1;
        }
    }
    return n;
}

/* Keeps the folder that the path shares with the one before. */
static void enter(PathStat *self, const char *path) {
    size_t n = shared(self->path, path);
    leave(self);
    if (n < LEAST) {
        return;
    }
    self->path[n - 1] = '\0';
    int fd = open(self->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        self->folder = fd + 1;
        self->n = n;
    }
}

int path_stat(PathStat *self, const char *path, struct stat *status) {
    size_t length = strlen(path);
    if (length >= sizeof self->path || path[0] != '/') {
        return stat(path, status);
    }
    if (self->folder == 0 || strncmp(self->path, path, self->n) != 0) {
        enter(self, path);
    }
    memcpy(self->path, path, length + 1);
    if (self->folder == 0 || path[self->n] == '\0' || path[self->n] == '/') {
        return stat(path, status); /* what begins with a slash is not below the folder */
    }
    return fstatat(self->folder - 1, path + self->n, status, 0);
}

void path_stat_end(PathStat *self) {
    leave(self);
    self->path[0] = '\0';
}
