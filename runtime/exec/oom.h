/*
 * oom.h - whether the kernel has killed something of ours for want of memory, by the count that it
 * keeps for our control group.
 */
#ifndef DAG_EXEC_OOM_H
#define DAG_EXEC_OOM_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct OomCounter {
    char path[PATH_MAX]; /* the file with the count; "": none is known */
    int64_t seen;        /* kills that were accounted for */
} OomCounter;

/* Finds the file, of cgroup version 2 or 1, and reads the count. */
void oom_init(OomCounter *counter);

/* Was there a kill since that was not accounted for? Then it is accounted for now. Asked when
 * something died by SIGKILL that we did not send. */
bool oom_take(OomCounter *counter);

/* The count in the text of memory.events or memory.oom_control; -1: there is none. */
int64_t oom_parse(const char *text);

/* The folder of the group by a line of /proc/PID/cgroup, below where such groups are mounted by
 * convention; false: the line is of another controller. */
bool oom_folder(const char *line, char *path, unsigned long size);

#endif
