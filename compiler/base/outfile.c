/*
 * outfile.c - files that appear whole or not at all: a temporary file in the same folder, renamed.
 */
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(Arena *arena, const char *path, const char **message) {
    *message = arena_printf(arena, "cannot write %s: %s", path, strerror(errno));
    return false;
}

static const char *folder_of(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return !slash ? "." : slash == path ? "/" : arena_text(arena, path, (size_t)(slash - path));
}

/* What a symbolic link points to; any other path as it is. */
static const char *follow(Arena *arena, const char *path) {
    struct stat st;
    char real[PATH_MAX];
    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && realpath(path, real)) {
        return arena_text(arena, real, strlen(real));
    }
    return path;
}

/* The mode of the file at `path`, or what a new one gets. */
static unsigned mode_for(const char *path, unsigned mode) {
    struct stat st;
    if (stat(path, &st) == 0) {
        /* what was not executable and shall be now becomes so for those who may read it */
        unsigned old = st.st_mode & 07777u;
        return old | (mode & 0111u & (old >> 2));
    }
    mode_t mask = umask(0);
    umask(mask);
    return mode & ~(unsigned)mask;
}

static bool is_special(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

bool outfile_possible(Arena *arena, const char *path, const char **message) {
    struct stat st;
    const char *folder = folder_of(arena, follow(arena, path));
    if (is_special(path)) {
        return access(path, W_OK) == 0 || fail(arena, path, message);
    }
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        *message =
            arena_printf(arena, "cannot write %s: it is a folder; name the output with -o", path);
        return false;
    }
    if (stat(folder, &st) != 0 && errno == ENOENT) {
        *message = arena_printf(arena, "cannot write %s: there is no folder %s", path, folder);
        return false;
    }
    return access(folder, W_OK | X_OK) == 0 || fail(arena, path, message);
}

bool outfile_open(OutFile *file, Arena *arena, const char *path, unsigned mode,
                  const char **message) {
    *file = (OutFile){ .arena = arena, .path = follow(arena, path) };
    if (!outfile_possible(arena, file->path, message)) {
        return false;
    }
    if (is_special(path)) {
        file->out = fopen(path, "wb");
        return file->out || fail(arena, path, message);
    }
    file->mode = mode_for(file->path, mode);
    const char *slash = strrchr(file->path, '/');
    int n = slash ? (int)(slash + 1 - file->path) : 0;
    file->temp = arena_printf(arena, "%.*s.%.200s.XXXXXX", n, file->path, file->path + n);
    int fd = mkstemp(file->temp);
    file->out = fd < 0 ? NULL : fdopen(fd, "wb");
    return file->out || fail(arena, path, message);
}

bool outfile_commit(OutFile *file, const char **message) {
    bool ok = fflush(file->out) == 0 && !ferror(file->out);
    if (ok && file->temp) {
        ok = fchmod(fileno(file->out), (mode_t)file->mode) == 0;
    }
    ok = fclose(file->out) == 0 && ok;
    if (ok && file->temp) {
        ok = rename(file->temp, file->path) == 0;
    }
    if (ok) {
        return true;
    }
    fail(file->arena, file->path, message);
    if (file->temp) {
        unlink(file->temp);
    }
    return false;
}

void outfile_abort(OutFile *file) {
    fclose(file->out);
    if (file->temp) {
        unlink(file->temp);
    }
}

bool outfile_copy(Arena *arena, const char *from, const char *path, unsigned mode,
                  const char **message) {
    OutFile file;
    FILE *in = fopen(from, "rb");
    if (!in) {
        *message = arena_printf(arena, "cannot read %s: %s", from, strerror(errno));
        return false;
    }
    if (!outfile_open(&file, arena, path, mode, message)) {
        fclose(in);
        return false;
    }
    char *block = arena_alloc(arena, 1 << 16);
    size_t n;
    while ((n = fread(block, 1, 1 << 16, in)) > 0 && fwrite(block, 1, n, file.out) == n) {
    }
    bool ok = !ferror(in);
    fclose(in);
    if (!ok) {
        outfile_abort(&file);
        *message = arena_printf(arena, "cannot read %s", from);
        return false;
    }
    return outfile_commit(&file, message);
}
