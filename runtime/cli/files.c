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

enum { DEEPEST = 200 }; /* folders within folders: a link to itself ends here */

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

/* Beside the target first, then renamed over it: nobody sees half a file. */
static bool copy_file(const char *from, const char *to, mode_t mode) {
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.part", to) >= (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return false;
    int out = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode & 0777);
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
    unlink(temporary);
    errno = error;
    return false;
}

static bool copy_below(const char *from, const char *to, int depth);

static bool copy_entries(DIR *folder, const char *from, const char *to, int depth) {
    char source[PATH_MAX], target[PATH_MAX];
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (snprintf(source, sizeof source, "%s/%s", from, name) >= (int)sizeof source ||
            snprintf(target, sizeof target, "%s/%s", to, name) >= (int)sizeof target) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (!copy_below(source, target, depth + 1))
            return false;
    }
    return true;
}

static bool copy_below(const char *from, const char *to, int depth) {
    struct stat status;
    if (stat(from, &status) != 0)
        return false;
    if (!S_ISDIR(status.st_mode))
        return copy_file(from, to, status.st_mode);
    if (depth > DEEPEST) {
        errno = ELOOP;
        return false;
    }
    DIR *folder = make_folder(to) ? opendir(from) : NULL;
    if (folder == NULL)
        return false;
    bool good = copy_entries(folder, from, to, depth);
    int error = errno;
    closedir(folder);
    errno = error;
    return good;
}

bool copy_tree(const char *from, const char *to) {
    return copy_below(from, to, 0);
}
