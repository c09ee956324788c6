/*
 * memory.h - our own limit on the memory of processes: what their stage asks for by `resources memory`,
 * where no executor below us keeps it.
 *
 * The memory of a group of processes is what they hold for themselves: resident pages that belong to no
 * file, and shared memory; pages that several of them share count once. It is looked at some times a
 * second, so a process may have more for a moment.
 */
#ifndef DAG_EXEC_MEMORY_H
#define DAG_EXEC_MEMORY_H

#include "core/executor.h"

/* A group that is looked at. */
typedef struct MemoryGroup {
    pid_t group;
    int64_t limit, used; /* bytes; used: when last looked at */
    int64_t killed_at;   /* bytes that it held when it was killed for it; 0: it was not */
    struct MemoryGroup *next;
} MemoryGroup;

/* What the attempt asks for of a resource, `grow` taken into account; 0: nothing. */
int64_t resource_asked(const Attempt *attempt, const char *name);

/* The bytes that the attempt may have, `grow` taken into account; 0: its stage sets
 * no limit, or one below 1 MiB. */
int64_t memory_limit(const Attempt *attempt);

/* Fills `used` of all groups of the list, by one walk over /proc; 0 where it cannot be read. */
void memory_measure(MemoryGroup *groups);

/* The anonymous and shared memory in the text of a status or smaps_rollup file of /proc, in bytes. */
int64_t memory_parse(const char *text);

#endif
