/*
 * files.c - files and folders: made and copied.
 */
#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/plain.h"

enum { DEEPEST = 200 /* folders within folders */, TRIES = 1000 /* names of a new file */ };

static bool make_folder(const char *path) {
    struct stat status;
    if (mkdir(path, 0777) == 0)
        return true;
    if (errno != EEXIST || stat(path, &status) != 0)
        return false;
    if (!S_ISDIR(status.st_mode))
        errno = ENOTDIR;
    return S_ISDIR(status.st_mode);
}

bool make_folders(const char *path) {
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i <= n; i++) {
        if (i < n && path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (!make_folder(part))
            return false;
    }
    return true;
}

static bool copy_bytes(int from, int to) {
    char buffer[1 << 16];
    for (;;) {
        ssize_t n = read(from, buffer, sizeof buffer);
        if (n <= 0)
            return n == 0;
        for (ssize_t done = 0; done < n;) {
            ssize_t written = write(to, buffer + done, (size_t)(n - done));
            if (written < 0)
                return false;
            done += written;
        }
    }
}

/* A new file beside `to`, by a name that nothing has: a list may hold `page` and `page.part`. */
static int open_beside(const char *to, mode_t mode, char path[PATH_MAX]) {
    const char *slash = strrchr(to, '/');
    int folder = slash == NULL ? 0 : (int)(slash - to) + 1, fd = -1;
    for (unsigned n = 0; fd < 0 && n < TRIES; n++) {
        int length =
            snprintf(path, PATH_MAX, "%.*s.dag-%ld-%u.part", folder, to, (long)getpid(), n);
        if (length >= PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

/* Beside the target first, then renamed over it: nobody sees half a file. */
static bool copy_file(const char *from, const char *to, mode_t mode) {
    char temporary[PATH_MAX];
    int in = plain_open(from, O_RDONLY);
    if (in < 0)
        return false;
    int out = open_beside(to, mode, temporary);
    bool good = out >= 0 && copy_bytes(in, out);
    int error = errno;
    if (out >= 0 && close(out) != 0 && good) {
        good = false;
        error = errno;
    }
    close(in);
    if (good && rename(temporary, to) == 0)
        return true;
    if (good)
        error = errno;
    if (out >= 0)
        unlink(temporary);
    errno = error;
    return false;
}

/* A folder being copied; the chain upwards finds links that lead back. */
typedef struct Place {
    const struct Place *up;
    dev_t device;
    ino_t inode;
    int depth;
} Place;

static bool copy_below(const char *from, const char *to, const Place *up, CopyFault *fault);

static bool at_fault(CopyFault *fault, const char *path, int error) {
    snprintf(fault->path, sizeof fault->path, "%s", path);
    fault->error = error;
    return false;
}

static bool copy_entries(DIR *folder, const char *from, const char *to, const Place *here,
                         CopyFault *fault) {
    char source[PATH_MAX], target[PATH_MAX];
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (snprintf(source, sizeof source, "%s/%s", from, name) >= (int)sizeof source ||
            snprintf(target, sizeof target, "%s/%s", to, name) >= (int)sizeof target) {
            return at_fault(fault, from, ENAMETOOLONG);
        }
        if (!copy_below(source, target, here, fault))
            return false;
    }
    return true;
}

static bool leads_back(const Place *place, const struct stat *status) {
    for (; place != NULL; place = place->up) {
        if (place->device == status->st_dev && place->inode == status->st_ino)
            return true;
    }
    return false;
}

static bool copy_folder(const char *from, const char *to, const struct stat *status,
                        const Place *up, CopyFault *fault) {
    Place here = { .up = up,
                   .device = status->st_dev,
                   .inode = status->st_ino,
                   .depth = up == NULL ? 0 : up->depth + 1 };
    if (here.depth > DEEPEST || leads_back(up, status))
        return at_fault(fault, from, ELOOP);
    DIR *folder = make_folder(to) ? opendir(from) : NULL;
    if (folder == NULL)
        return at_fault(fault, from, errno);
    bool good = copy_entries(folder, from, to, &here, fault);
    closedir(folder);
    return good;
}

/* A link within a folder that leads to nothing, or to itself, stays one. */
static bool copy_link(const char *from, const char *to) {
    char target[PATH_MAX];
    ssize_t n = readlink(from, target, sizeof target - 1);
    if (n < 0) {
        errno = ENOENT;
        return false;
    }
    target[n] = '\0';
    return symlink(target, to) == 0 ||
           (errno == EEXIST && unlink(to) == 0 && symlink(target, to) == 0);
}

static bool copy_below(const char *from, const char *to, const Place *up, CopyFault *fault) {
    struct stat status;
    bool there = stat(from, &status) == 0;
    if (there && S_ISDIR(status.st_mode))
        return copy_folder(from, to, &status, up, fault);
    bool dangles = !there && up != NULL && (errno == ENOENT || errno == ELOOP);
    if (there ? copy_file(from, to, status.st_mode) : dangles && copy_link(from, to))
        return true;
    return at_fault(fault, from, errno);
}

bool copy_tree(const char *from, const char *to, CopyFault *fault) {
    return copy_below(from, to, NULL, fault);
}
