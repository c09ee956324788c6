/*
 * memory.c - see memory.h. The files are described in proc(5).
 */
#include "exec/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No process lives on less: such numbers are meant for the scheduler alone. */
enum { LEAST = 1 << 20 };

int64_t memory_limit(const Attempt *attempt) {
    const dag_program *program = attempt->program;
    const dag_stage *stage = attempt->stage;
    for (uint32_t i = stage->resource; i < stage->resource + stage->nresource; i++) {
        const dag_resource *row = &program->resources[i];
        if (strcmp(program->strings + row->name, "memory") != 0) {
            continue;
        }
        int64_t amount = row->amount;
        for (uint32_t n = 1; n < attempt->launch.attempt && row->grow > 1; n++) {
            if (__builtin_mul_overflow(amount, row->grow, &amount)) {
                return INT64_MAX;
            }
        }
        return amount < LEAST ? 0 : amount;
    }
    return 0;
}

/* ---------------------------------------------------------------- /proc */

/* A file of a process, or what fits of it. False: the process is gone. */
static bool read_file(int proc, const char *pid, const char *name, char *to, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "%.20s/%s", pid, name);
    int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, to, size - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    to[n > 0 ? n : 0] = '\0';
    return n > 0;
}

int64_t memory_parse(const char *text) {
    static const char *const names[] = { "\nRssAnon:", "\nRssShmem:", "\nPss_Anon:",
                                         "\nPss_Shmem:" };
    int64_t bytes = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *at = strstr(text, names[i]);
        bytes += at ? strtoll(at + strlen(names[i]), NULL, 10) * 1024 : 0;
    }
    return bytes;
}

/* PID (COMMAND) STATE PPID GROUP … - a command may hold anything. */
static pid_t group_of(int proc, const char *pid) {
    char text[512];
    if (!read_file(proc, pid, "stat", text, sizeof text)) {
        return -1;
    }
    const char *at = strrchr(text, ')');
    long group = -1;
    return at && sscanf(at, ") %*c %*d %ld", &group) == 1 ? (pid_t)group : -1;
}

/* Calls `add` with each process of the groups. */
static void each_process(int proc, MemoryGroup *groups,
                         void (*add)(int proc, const char *pid, MemoryGroup *group)) {
    DIR *dir = fdopendir(dup(proc));
    if (!dir) {
        return;
    }
    rewinddir(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') {
            continue;
        }
        pid_t pgrp = group_of(proc, entry->d_name);
        MemoryGroup *group = groups;
        while (group && group->group != pgrp) {
            group = group->next;
        }
        if (group) {
            add(proc, entry->d_name, group);
        }
    }
    closedir(dir);
}

static void add_resident(int proc, const char *pid, MemoryGroup *group) {
    char text[4096];
    if (read_file(proc, pid, "status", text, sizeof text)) {
        group->used += memory_parse(text);
    }
}

/* What is shared by several counts in parts. That is slower to find out, so only those are looked at
 * that may be over. */
static void add_share(int proc, const char *pid, MemoryGroup *group) {
    char text[4096];
    if (group->used < 0) {
        return;
    }
    if (read_file(proc, pid, "smaps_rollup", text, sizeof text)) {
        group->used += memory_parse(text);
    } else {
        add_resident(proc, pid, group);
    }
}

/* A process that forks and goes on has all of its pages twice for a moment. */
static void measure_exactly(int proc, MemoryGroup *groups) {
    bool any = false;
    for (MemoryGroup *group = groups; group; group = group->next) {
        bool over = group->used > group->limit;
        any = any || over;
        group->used = over ? 0 : -group->used;
    }
    if (any) {
        each_process(proc, groups, add_share);
    }
    for (MemoryGroup *group = groups; group; group = group->next) {
        group->used = group->used < 0 ? -group->used : group->used;
    }
}

void memory_measure(MemoryGroup *groups) {
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (MemoryGroup *group = groups; group; group = group->next) {
        group->used = 0;
    }
    if (proc < 0) {
        return;
    }
    each_process(proc, groups, add_resident);
    measure_exactly(proc, groups);
    close(proc);
}
