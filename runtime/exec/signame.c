/*
 * signame.c - the names of signals.
 */
#include "exec/signame.h"

#include <string.h>

const char *signal_name(Arena *arena, int number) {
    const char *name = NULL;
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
    name = sigabbrev_np(number);
#endif
    return name ? arena_printf(arena, "SIG%s", name) : arena_printf(arena, "signal %d", number);
}
