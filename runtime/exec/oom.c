/*
 * oom.c - the kernel's count of processes killed for want of memory.
 */
#include "exec/oom.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a small file whole. False: it is not there. */
static bool read_text(const char *path, char *to, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, to, size - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    to[n > 0 ? n : 0] = '\0';
    return n > 0;
}

int64_t oom_parse(const char *text) {
    static const char name[] = "oom_kill ";
    while (text && strncmp(text, name, sizeof name - 1) != 0) {
        const char *end = strchr(text, '\n');
        text = end ? end + 1 : NULL;
    }
    return text ? strtoll(text + sizeof name - 1, NULL, 10) : -1;
}

bool oom_folder(const char *line, char *path, unsigned long size) {
    const char *group = strchr(line, ':'); /* NUMBER:CONTROLLERS:PATH */
    const char *at = group ? strchr(group + 1, ':') : NULL;
    if (!at) {
        return false;
    }
    size_t n = (size_t)(at - group - 1);
    bool second = n == 0, first = n == 6 && strncmp(group + 1, "memory", 6) == 0;
    int length = (int)strcspn(at + 1, "\n");
    snprintf(path, size, "/sys/fs/cgroup%s%.*s", second ? "" : "/memory", length, at + 1);
    return first || second;
}

/* Inside a container the group's path may be that of the outside: then its root is ours. */
static bool try_group(OomCounter *counter, const char *line) {
    static const char *const files[] = { "memory.events", "memory.oom_control" };
    static const char *const roots[] = { "", "/sys/fs/cgroup", "/sys/fs/cgroup/memory" };
    char folder[PATH_MAX / 2], text[4096];
    if (!oom_folder(line, folder, sizeof folder)) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) {
            snprintf(counter->path, sizeof counter->path, "%s/%s", i == 0 ? folder : roots[i],
                     files[k]);
            if (read_text(counter->path, text, sizeof text) && oom_parse(text) >= 0) {
                counter->seen = oom_parse(text);
                return true;
            }
        }
    }
    return false;
}

void oom_init(OomCounter *counter) {
    char text[4096];
    if (read_text("/proc/self/cgroup", text, sizeof text)) {
        for (const char *line = text; line && *line; line += *line == '\n') {
            if (try_group(counter, line)) {
                return;
            }
            line += strcspn(line, "\n");
        }
    }
    counter->path[0] = '\0';
}

bool oom_take(OomCounter *counter) {
    char text[4096];
    bool killed = counter->path[0] != '\0' && read_text(counter->path, text, sizeof text) &&
                  oom_parse(text) > counter->seen;
    counter->seen += killed;
    return killed;
}
