/*
 * secret_key.c - the random key in the state folder without which the digests of secrets say nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "store/store_sqlite_cache.h"

static bool read_key(const char *path, unsigned char key[SIPHASH_KEY]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, key, SIPHASH_KEY);
    if (fd >= 0)
        close(fd);
    return n == SIPHASH_KEY;
}

static bool write_key(const char *path) {
    unsigned char key[SIPHASH_KEY];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && getrandom(key, sizeof key, 0) == (ssize_t)sizeof key &&
                write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

bool secret_key_read(const char *dir, unsigned char key[SIPHASH_KEY]) {
    char path[4096], made[4200];
    snprintf(path, sizeof path, "%s/key", dir);
    errno = 0;
    if (read_key(path, key))
        return true;
    if (errno != ENOENT)
        return false;
    /* Whole or not at all, and the first of several processes wins. */
    snprintf(made, sizeof made, "%s.%ld", path, (long)getpid());
    bool good = write_key(made) && (link(made, path) == 0 || errno == EEXIST);
    unlink(made);
    return good && read_key(path, key);
}
