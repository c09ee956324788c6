/*
 * home.c - finds our own files.
 */
#include "base/home.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_home(Arena *arena, const char *folder) {
    return access(arena_printf(arena, "%s/lib/link.conf", folder), R_OK) == 0;
}

static const char *home_from_environment(Arena *arena, const char *home, const char **message) {
    if (is_home(arena, home)) {
        return home;
    }
    *message =
        arena_printf(arena, "DAGCC_HOME is %s, but there is no %s/lib/link.conf", home, home);
    return NULL;
}

const char *home_find(Arena *arena, const char **message) {
    const char *home = getenv("DAGCC_HOME");
    if (home && *home) {
        return home_from_environment(arena, home, message);
    }
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        *message =
            arena_printf(arena, "cannot find the runtime: /proc/self/exe: %s; set DAGCC_HOME",
                         strerror(errno));
        return NULL;
    }
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    const char *installed = arena_printf(arena, "%s/../lib/dagcc", self);
    if (is_home(arena, self)) {
        return arena_text(arena, self, strlen(self));
    }
    if (is_home(arena, installed)) {
        return installed;
    }
    *message =
        arena_printf(arena,
                     "cannot find the runtime: neither %s nor %s has lib/link.conf; set DAGCC_HOME",
                     self, installed);
    return NULL;
}
