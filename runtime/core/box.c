/*
 * box.c - reference-counted memory for the outputs of tasks.
 *
 * A box that is made to be filled has an arena, whose first bytes stand in the same block. A copy
 * has no more than its values: a million small ones may wait for a list.
 */
#include "core/box.h"

#include <stdlib.h>

enum { ROOM = 176, ARENA = (sizeof(Arena) + 15) & ~(size_t)15 };

static Box *box_with(size_t room) {
    Box *box = room > SIZE_MAX / 2 ? NULL : malloc(sizeof(Box) + room);
    if (box) {
        atomic_init(&box->references, 1);
        box->grows = false;
        box->outputs = NULL;
    }
    return box;
}

Box *box_new(void) {
    Box *box = box_with(ARENA + ROOM);
    if (box) {
        box->grows = true;
        *box_arena(box) = (Arena){ .next = box->room + ARENA, .end = box->room + ARENA + ROOM };
    }
    return box;
}

Arena *box_arena(Box *box) {
    return (Arena *)(void *)box->room;
}

void box_retain(Box *box) {
    atomic_fetch_add_explicit(&box->references, 1, memory_order_relaxed);
}

void box_release(Box *box) {
    if (box && atomic_fetch_sub_explicit(&box->references, 1, memory_order_acq_rel) == 1) {
        if (box->grows) {
            arena_free(box_arena(box));
        }
        free(box);
    }
}

bool box_is_loose(const Box *box) {
    const Arena *arena = (const Arena *)(const void *)box->room;
    size_t spare = box->grows ? (size_t)(arena->end - arena->next) : 0;
    return spare > 64 && spare > arena->used / 4;
}

/* What a deep copy takes of an arena. */
static size_t room_for(dag_value v) {
    size_t n = 0;
    if (value_has_text(v)) {
        return arena_room((size_t)v.len + 1);
    }
    if (v.kind == DAG_LIST) {
        n = arena_room((size_t)v.len * sizeof(dag_value));
        for (uint32_t i = 0; i < v.len; i++) {
            n += room_for(v.u.items[i]);
        }
    } else if (v.kind == DAG_MAP) {
        n = arena_room((size_t)v.len * sizeof(dag_entry));
        for (uint32_t i = 0; i < v.len; i++) {
            n += room_for(v.u.entries[i].name) + room_for(v.u.entries[i].value);
        }
    }
    return n;
}

/* Its arena is gone when it is filled: the values stand in the room, which is as large as they need
 * (the last resort of an arena, a chunk of its own, would be lost). */
Box *box_copy(const dag_value *values, size_t n) {
    size_t room = arena_room(n * sizeof(dag_value));
    for (size_t i = 0; i < n; i++) {
        room += room_for(values[i]);
    }
    Box *box = box_with(room);
    if (!box) {
        return NULL;
    }
    Arena arena = { .next = box->room, .end = box->room + room };
    dag_value *copies = ARENA_ARRAY(&arena, n, dag_value);
    for (size_t i = 0; i < n; i++) {
        copies[i] = value_copy(&arena, values[i]);
    }
    box->outputs = copies;
    return box;
}
