/*
 * box.c - reference-counted memory for the outputs of tasks.
 *
 * The first bytes of a box's arena stand in the same block as its header, so that a box of a few
 * small values is one allocation.
 */
#include "core/box.h"

#include <stdlib.h>

enum { ROOM = 176 };

static Box *box_with(size_t room) {
    Box *box = room > SIZE_MAX / 2 ? NULL : malloc(sizeof(Box) + room);
    if (box) {
        atomic_init(&box->references, 1);
        box->outputs = NULL;
        box->arena = (Arena){ .next = box->room, .end = box->room + room };
    }
    return box;
}

Box *box_new(void) {
    return box_with(ROOM);
}

Arena *box_arena(Box *box) {
    return &box->arena;
}

void box_retain(Box *box) {
    atomic_fetch_add_explicit(&box->references, 1, memory_order_relaxed);
}

void box_release(Box *box) {
    if (box && atomic_fetch_sub_explicit(&box->references, 1, memory_order_acq_rel) == 1) {
        arena_free(&box->arena);
        free(box);
    }
}

bool box_is_loose(const Box *box) {
    size_t spare = (size_t)(box->arena.end - box->arena.next);
    return spare > 64 && spare > box->arena.used / 4;
}

/* What arena_alloc takes for a deep copy: every block is rounded up to 16 bytes. */
static size_t room_for(dag_value v) {
    size_t n = 0;
    if (value_has_text(v)) {
        return ((size_t)v.len + 1 + 15) & ~(size_t)15;
    }
    if (v.kind == DAG_LIST && v.len > 0) {
        n = ((size_t)v.len * sizeof(dag_value) + 15) & ~(size_t)15;
        for (uint32_t i = 0; i < v.len; i++) {
            n += room_for(v.u.items[i]);
        }
    } else if (v.kind == DAG_MAP && v.len > 0) {
        n = ((size_t)v.len * sizeof(dag_entry) + 15) & ~(size_t)15;
        for (uint32_t i = 0; i < v.len; i++) {
            n += room_for(v.u.entries[i].name) + room_for(v.u.entries[i].value);
        }
    }
    return n;
}

Box *box_copy(const dag_value *values, size_t n) {
    size_t room = (n * sizeof(dag_value) + 15) & ~(size_t)15;
    for (size_t i = 0; i < n; i++) {
        room += room_for(values[i]);
    }
    Box *box = box_with(room);
    if (!box) {
        return NULL;
    }
    jmp_buf oom;
    if (setjmp(oom)) {
        box_release(box);
        return NULL;
    }
    box->arena.oom = &oom;
    dag_value *copies = ARENA_ARRAY(&box->arena, n, dag_value);
    for (size_t i = 0; i < n; i++) {
        copies[i] = value_copy(&box->arena, values[i]);
    }
    box->arena.oom = NULL;
    box->outputs = copies;
    return box;
}
