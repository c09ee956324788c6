/*
 * notice.c - see notice.h.
 *
 * Who queues a run writes to the file ROOT/queue behind it. The store's own files change too often, also
 * by those who wait, to be a sign.
 */
#include "cli/notice.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static const char sign[] = "queue";
#define GONE (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)
#define MOVED (IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

void notice_open(Notice *notice, const char *root, bool shared) {
    *notice = (Notice){ .fd = shared ? -1 : inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                        .look = NOTICE_LOOK };
    uint32_t mask = IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | MOVED | IN_ONLYDIR;
    if (notice->fd >= 0 && inotify_add_watch(notice->fd, root, mask) < 0)
        notice_close(notice);
}

void notice_close(Notice *notice) {
    if (notice->fd >= 0)
        close(notice->fd);
    notice->fd = -1;
}

static bool is_database(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot != NULL && strcmp(dot, ".db") == 0;
}

/* Is it the sign, the end of the folder or of a database, or so much that it may have been among what is
 * lost? */
static bool counts(const struct inotify_event *event) {
    if ((event->mask & (IN_Q_OVERFLOW | GONE)) != 0)
        return true;
    if (event->len == 0)
        return false;
    return (event->mask & MOVED) != 0 ? is_database(event->name) : strcmp(event->name, sign) == 0;
}

/* Reads what has come. Is there something to look at? */
static bool was_given(int fd) {
    _Alignas(struct inotify_event) char buffer[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
    bool given = false;
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
        for (char *at = buffer; at < buffer + n;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            given |= counts(event);
            at += sizeof *event + event->len;
        }
    }
    return given;
}

void notice_wait(Notice *notice, int stop, int most) {
    struct pollfd fds[2] = { { .fd = stop, .events = POLLIN },
                             { .fd = notice->fd, .events = POLLIN } };
    if (notice->fd < 0)
        most = most < 0 || most > notice->look ? notice->look : most;
    for (;;) {
        int n = poll(fds, 2, most);
        bool woken = n > 0 && (fds[0].revents != 0 || was_given(notice->fd));
        if (woken || n == 0 || (n < 0 && errno != EINTR))
            return;
    }
}

void notice_give(const char *root) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", root, sign) >= (int)sizeof path)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0)
        close(fd); /* that is the sign; without it the run is found at the next one */
}
