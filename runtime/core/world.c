/*
 * world.c - what expressions may ask of the machine.
 */
#include "core/world.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool file_size(void *self, Arena *arena, const char *path, int64_t *bytes,
                      dag_error *error) {
    (void)self;
    struct stat status;
    if (stat(path, &status) == 0) {
        *bytes = (int64_t)status.st_size;
        return true;
    }
    error->type = "expression";
    error->message = arena_printf(arena, "size of %s: %s", path, strerror(errno));
    return false;
}

/* Lexically, without resolving links: the path that the user knows. */
static const char *absolute(void *self, Arena *arena, const char *path) {
    (void)self;
    if (path[0] == '/')
        return path;
    char brief[512]; /* as most are */
    char *folder = getcwd(brief, sizeof brief);
    for (size_t size = 1024; folder == NULL && size <= (size_t)1 << 20; size *= 2) {
        folder = getcwd(arena_alloc(arena, size), size);
        if (folder == NULL && errno != ERANGE)
            return path;
    }
    if (folder == NULL)
        return path;
    if (strcmp(path, ".") == 0 || path[0] == '\0')
        return arena_text(arena, folder, strlen(folder));
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return arena_printf(arena, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
}

const ExprWorld *world_system(void) {
    static const ExprWorld world = { .file_size = file_size, .absolute = absolute };
    return &world;
}
