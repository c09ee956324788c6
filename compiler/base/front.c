/*
 * front.c - makes and frees a compilation.
 */
#include "base/front.h"

#include <stdlib.h>

/* False without memory. A function of its own, so that setjmp has no locals to spoil. */
static bool front_fill(Front *front) {
    jmp_buf oom;
    if (setjmp(oom)) {
        return false;
    }
    front->arena.oom = &oom;
    front->arena.chunk = PIECE;
    front->arena.large = pages_take;
    front->arena.maker = front->pages;
    front->names = interner_new(&front->arena);
    front->diags = diags_new(&front->arena, &front->sources);
    front->arena.oom = NULL;
    return true;
}

Front *front_new(void) {
    Front *front = calloc(1, sizeof(Front));
    if (front && (!(front->pages = pages_new()) || !front_fill(front))) {
        front_free(front);
        return NULL;
    }
    return front;
}

void front_free(Front *front) {
    if (front) {
        arena_free(&front->arena);
        pages_free(front->pages);
        free(front);
    }
}
