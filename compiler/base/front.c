/*
 * front.c - makes and frees a compilation.
 */
#include "base/front.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096, HUGE_PAGE = 2 * 1024 * 1024, CHUNK = 4 * HUGE_PAGE };

/* The tree of a large source fills hundreds of megabytes, in order. To ask the kernel for many pages
 * at once costs a third of what it costs to run into each of them, and huge ones half of that (Linux
 * 5.14; else nothing is done). */
static void fill_pages(void *memory, size_t n) {
#ifdef MADV_POPULATE_WRITE
    uintptr_t from = ((uintptr_t)memory + PAGE - 1) / PAGE * PAGE;
    uintptr_t to = ((uintptr_t)memory + n) / PAGE * PAGE;
    if (n >= HUGE_PAGE) {
        madvise((void *)from, to - from, MADV_HUGEPAGE);
    }
    if (from < to) {
        madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    }
#else
    (void)memory, (void)n;
#endif
}

/* False without memory. A function of its own, so that setjmp has no locals to spoil. */
static bool front_fill(Front *front) {
    jmp_buf oom;
    if (setjmp(oom)) {
        return false;
    }
    front->arena.oom = &oom;
    front->arena.chunk = CHUNK;
    front->arena.fresh = fill_pages;
    front->names = interner_new(&front->arena);
    front->diags = diags_new(&front->arena, &front->sources);
    front->arena.oom = NULL;
    return true;
}

Front *front_new(void) {
    Front *front = calloc(1, sizeof(Front));
    if (front && !front_fill(front)) {
        front_free(front);
        return NULL;
    }
    return front;
}

void front_free(Front *front) {
    if (front) {
        arena_free(&front->arena);
        free(front);
    }
}
