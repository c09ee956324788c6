/*
 * proc.c - see proc.h.
 */
#include "exec/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool proc_read(const ProcEntry *entry, const char *name, char *to, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "%.20s/%s", entry->pid, name);
    int fd = openat(entry->proc, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, to, size - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    to[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* PID (COMMAND) STATE PPID GROUP … - a command may hold anything. */
static bool read_stat(ProcEntry *entry) {
    char text[512];
    long group = -1;
    if (!proc_read(entry, "stat", text, sizeof text)) {
        return false;
    }
    const char *at = strrchr(text, ')');
    bool good = at && sscanf(at, ") %c %*d %ld", &entry->state, &group) == 2;
    entry->group = (pid_t)group;
    return good;
}

bool proc_each(bool (*see)(const ProcEntry *entry, void *arg), void *arg) {
    DIR *dir = opendir("/proc");
    if (!dir) {
        return false;
    }
    bool more = true;
    for (const struct dirent *file; more && (file = readdir(dir)) != NULL;) {
        ProcEntry entry = { .proc = dirfd(dir), .pid = file->d_name };
        if (file->d_name[0] >= '1' && file->d_name[0] <= '9' && read_stat(&entry)) {
            more = see(&entry, arg);
        }
    }
    closedir(dir);
    return true;
}

typedef struct Search {
    pid_t group;
    bool found;
} Search;

static bool look_for(const ProcEntry *entry, void *arg) {
    Search *search = arg;
    search->found = entry->group == search->group && entry->state != 'Z' && entry->state != 'X';
    return !search->found;
}

bool proc_group_lives(pid_t group) {
    Search search = { .group = group };
    return kill(-group, 0) == 0 && (!proc_each(look_for, &search) || search.found);
}
