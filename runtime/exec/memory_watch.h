/*
 * memory_watch.h - looks at the memory of groups of processes some times a second, and kills those that
 * hold more than they may.
 */
#ifndef DAG_EXEC_MEMORY_WATCH_H
#define DAG_EXEC_MEMORY_WATCH_H

#include "exec/memory.h"

typedef struct MemoryWatch {
    int timer;           /* readable when it is time to look; -1: not open */
    MemoryGroup *groups; /* not owned */
} MemoryWatch;

/* False: errno, the timer could not be made. */
bool memory_watch_init(MemoryWatch *watch);
void memory_watch_free(MemoryWatch *watch);

/* From now on `group`, whose number and limit (bytes) are set, is looked at, until it is forgotten. */
void memory_watch_add(MemoryWatch *watch, MemoryGroup *group);
/* Nothing happens if it was never added. */
void memory_watch_forget(MemoryWatch *watch, const MemoryGroup *group);

/* The timer is readable: measures all groups, kills those that are over and sets their killed_at. */
void memory_watch_look(MemoryWatch *watch);

#endif
