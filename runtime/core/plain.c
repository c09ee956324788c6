/*
 * plain.c - see plain.h.
 */
#include "core/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The null device has a content that stays: none. By its number (Documentation/admin-guide/devices.txt). */
static bool is_plain(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 &&
           (S_ISREG(status.st_mode) ||
            (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)));
}

int plain_open(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ENXIO) {
        errno = ENOTSUP; /* a socket */
    }
    if (fd >= 0 && !is_plain(fd)) {
        close(fd);
        fd = -1;
        errno = ENOTSUP;
    }
    return fd;
}

const char *plain_why(int error) {
    return error == ENOTSUP ? "it is a pipe, a socket or a device" : strerror(error);
}
