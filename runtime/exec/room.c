/*
 * room.c - see room.h.
 */
#include "exec/room.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

enum { DESCRIPTORS_LEFT = 48 }; /* for logs, inputs, the store */

static uint32_t most_processes(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > UINT32_MAX) {
        return UINT32_MAX;
    }
    return limit.rlim_cur > 2 * DESCRIPTORS_LEFT ? (uint32_t)limit.rlim_cur - DESCRIPTORS_LEFT
                                                 : (uint32_t)limit.rlim_cur / 4 + 1;
}

void room_init(Room *room) {
    *room = (Room){ .most = most_processes() };
}

bool room_may_come(const Room *room, int error) {
    return room->taken > 0 &&
           (error == EMFILE || error == ENFILE || error == EAGAIN || error == ENOMEM);
}

void room_wait(Room *room, Attempt *attempt) {
    attempt->next = room->waiting;
    room->waiting = attempt;
}

Attempt *room_next(Room *room) {
    Attempt **last = &room->waiting;
    while (*last && (*last)->next) {
        last = &(*last)->next;
    }
    Attempt *attempt = *last;
    *last = NULL;
    return attempt;
}

bool room_leave(Room *room, Attempt *attempt) {
    for (Attempt **p = &room->waiting; *p; p = &(*p)->next) {
        if (*p == attempt) {
            *p = attempt->next;
            return true;
        }
    }
    return false;
}
