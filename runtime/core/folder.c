/*
 * folder.c - folders of a run: made on demand, listed for messages, removed.
 */
#include "core/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pure/value.h"

bool folder_init(Folder *folder, const char *path) {
    *folder = (Folder){ .temporary = path == NULL };
    if (path) {
        folder->path = strdup(path);
        if (!folder->path) {
            return false;
        }
    }
    pthread_mutex_init(&folder->mutex, NULL);
    return true;
}

void folder_init_below(Folder *folder, Folder *parent, const char *below) {
    *folder = (Folder){ .parent = parent, .below = below };
    pthread_mutex_init(&folder->mutex, NULL);
}

void folder_free(Folder *folder) {
    if (folder->temporary && folder->path) {
        folder_remove(folder->path);
    }
    free(folder->path);
    folder->path = NULL;
    pthread_mutex_destroy(&folder->mutex);
}

static char *make_temporary(void) {
    const char *base = getenv("TMPDIR");
    base = base && base[0] == '/' ? base : "/tmp";
    size_t size = strlen(base) + sizeof "/dag-XXXXXX";
    char *path = malloc(size);
    if (!path) {
        return NULL;
    }
    snprintf(path, size, "%s/dag-XXXXXX", base);
    if (mkdtemp(path)) {
        return path;
    }
    int error = errno;
    free(path);
    errno = error;
    return NULL;
}

static char *join(const char *base, const char *below) {
    size_t size = base ? strlen(base) + strlen(below) + 2 : 0;
    char *path = base ? malloc(size) : NULL;
    if (path) {
        snprintf(path, size, "%s/%s", base, below);
    }
    return path;
}

const char *folder_path(Folder *folder) {
    pthread_mutex_lock(&folder->mutex);
    if (!folder->path) {
        folder->path =
            folder->parent ? join(folder_path(folder->parent), folder->below) : make_temporary();
    }
    const char *path = folder->path;
    pthread_mutex_unlock(&folder->mutex);
    return path;
}

bool folder_make(char *path) {
    if (mkdir(path, 0777) == 0) {
        return true;
    }
    char *slash = strrchr(path, '/');
    if (errno != ENOENT || !slash || slash == path) {
        return false;
    }
    *slash = '\0';
    bool made = folder_make(path) || errno == EEXIST;
    *slash = '/';
    return made && mkdir(path, 0777) == 0;
}

/* ---------------------------------------------------------------- removing
 *
 * A body may have made a tree of any depth. What lies too deep is moved up to its top, so that neither
 * descriptors nor the stack are used up. */

enum { DEEPEST = 32 };

typedef struct Removal {
    int top;         /* descriptor of the folder that is removed */
    int depth;       /* folders below it */
    uint32_t number; /* of the next name for a folder that is moved up */
    bool again;      /* one was */
} Removal;

static bool remove_at(Removal *removal, int parent, const char *name);

static bool dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Empties the folder open as fd, which is closed. */
static void remove_entries(Removal *removal, int fd) {
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return;
    }
    removal->depth++;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!dots(entry->d_name)) {
            remove_at(removal, dirfd(dir), entry->d_name);
        }
    }
    removal->depth--;
    closedir(dir);
}

/* A folder that its owner may not write (a module cache, say) is made writable first. */
static int open_folder(int parent, const char *name) {
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags);
    if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0) {
        fd = openat(parent, name, flags);
    } else if (fd >= 0 && faccessat(fd, ".", W_OK, 0) != 0) {
        fchmod(fd, 0700);
    }
    return fd;
}

static bool move_up(Removal *removal, int parent, const char *name) {
    char up[32];
    do {
        snprintf(up, sizeof up, ".dag-%u", removal->number++);
    } while (faccessat(removal->top, up, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    bool moved = renameat(parent, name, removal->top, up) == 0;
    removal->again |= moved;
    return moved;
}

static bool remove_at(Removal *removal, int parent, const char *name) {
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) {
        return true;
    }
    if (errno != EISDIR && errno != EPERM) {
        return false;
    }
    int fd = open_folder(parent, name);
    if (fd < 0) {
        return false;
    }
    if (removal->depth == DEEPEST) {
        close(fd);
        return move_up(removal, parent, name);
    }
    remove_entries(removal, fd);
    return unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

static void remove_all(int top) {
    Removal removal = { .top = top };
    do {
        int fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        removal.again = false;
        if (fd >= 0) {
            remove_entries(&removal, fd);
        }
    } while (removal.again);
}

bool folder_remove(const char *path) {
    if (unlink(path) == 0 || errno == ENOENT) {
        return true;
    }
    int top = errno == EISDIR || errno == EPERM ? open_folder(AT_FDCWD, path) : -1;
    if (top < 0) {
        return false;
    }
    remove_all(top);
    close(top);
    return rmdir(path) == 0;
}

/* A folder gets another name first: half of it is never found under its own. */
void folder_discard(const char *path) {
    char *aside = join(path, "");
    if (unlink(path) == 0 || (errno != EISDIR && errno != EPERM) || !aside) {
        free(aside);
        return;
    }
    aside[strlen(path)] = '~';
    bool moved = rename(path, aside) == 0;
    folder_remove(moved ? aside : path);
    free(aside);
}

/* ---------------------------------------------------------------- listing */

enum { MOST_LISTED = 20 };

typedef struct Listing {
    const char *names[MOST_LISTED]; /* the first ones, sorted */
    size_t n;                       /* of names */
    size_t found;
} Listing;

static void add_name(Listing *listing, const char *name) {
    size_t at = listing->n;
    while (at > 0 && strcmp(listing->names[at - 1], name) > 0) {
        at--;
    }
    listing->found++;
    if (at == MOST_LISTED) {
        return;
    }
    listing->n += listing->n < MOST_LISTED;
    for (size_t i = listing->n - 1; i > at; i--) {
        listing->names[i] = listing->names[i - 1];
    }
    listing->names[at] = name;
}

static void read_names(Arena *arena, DIR *dir, Listing *listing) {
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t bad, n = strlen(entry->d_name);
        if (dots(entry->d_name)) {
            continue;
        }
        const char *name = utf8_valid(entry->d_name, n, &bad) ? entry->d_name : "(not UTF-8)";
        add_name(listing, arena_printf(arena, "%s%s", name, entry->d_type == DT_DIR ? "/" : ""));
    }
}

const char *folder_listing(Arena *arena, const char *path) {
    Listing listing = { .n = 0 };
    DIR *dir = opendir(path);
    if (dir) {
        read_names(arena, dir, &listing);
        closedir(dir);
    }
    const char *text = listing.n > 0 ? listing.names[0] : "nothing";
    for (size_t i = 1; i < listing.n; i++) {
        text = arena_printf(arena, "%s, %s", text, listing.names[i]);
    }
    if (listing.found > listing.n) {
        text = arena_printf(arena, "%s and %zu more", text, listing.found - listing.n);
    }
    return text;
}
