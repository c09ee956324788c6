/*
 * proc.h - the processes of this machine, as /proc tells of them (proc(5)).
 */
#ifndef DAG_EXEC_PROC_H
#define DAG_EXEC_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One process. */
typedef struct ProcEntry {
    int proc;        /* /proc, open */
    const char *pid; /* its folder there */
    pid_t group;
    char state; /* 'R', 'S', 'Z' … */
} ProcEntry;

/* Calls `see` with each process, until it says false. False: /proc cannot be read. */
bool proc_each(bool (*see)(const ProcEntry *entry, void *arg), void *arg);

/* Reads a file of the process, or what fits of it, as a text. False: the process is gone. */
bool proc_read(const ProcEntry *entry, const char *name, char *to, size_t size);

/* Has a group of processes a member that is no zombie? Where /proc cannot be read, zombies count too:
 * whoever adopts orphans may be slow to reap them, or never do it. */
bool proc_group_lives(pid_t group);

#endif
