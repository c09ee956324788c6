/*
 * room.h - how many processes there may be at a time, and the attempts that wait for one to end.
 */
#ifndef DAG_EXEC_ROOM_H
#define DAG_EXEC_ROOM_H

#include "core/executor.h"

typedef struct Room {
    uint32_t taken, most; /* processes: now, and how many this process may have */
    Attempt *waiting;     /* the latest first */
} Room;

/* Each process costs a descriptor: as many as the limit on them lets us have, now and later. */
void room_init(Room *room);

/* `error` (errno) has kept a process from starting. Will it come about when one of ours has ended? */
bool room_may_come(const Room *room, int error);

void room_wait(Room *room, Attempt *attempt);
/* The one that has waited longest; NULL: none waits. */
Attempt *room_next(Room *room);
/* False: it does not wait. */
bool room_leave(Room *room, Attempt *attempt);

#endif
