/*
 * shorts.h - streams that are dead as a whole: tasks that are skipped with the key so far.
 */
#ifndef DAG_CORE_SHORTS_H
#define DAG_CORE_SHORTS_H

#include "core/sched_state.h"

/* The task at `node` of the stage ended dead: all that its streams would have fed is told. */
void shorts_from_task(Sched *s, uint32_t stage, uint32_t node);

/* The first of list->shorts[] + 1 at a place: a group, for what is dead at or below it, or a node
 * above the groups; 0: none. Others at the same place follow by `next`. */
uint32_t shorts_at(const Sched *s, uint32_t list, uint32_t axis, uint32_t node);

/* Does a dead stream above it cover a new group of a list? */
bool shorts_cover(const Sched *s, uint32_t list, uint32_t node);

#endif
