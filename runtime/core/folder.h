/*
 * folder.h - where the folders of a run are: given, or made when the first one is needed.
 */
#ifndef DAG_CORE_FOLDER_H
#define DAG_CORE_FOLDER_H

#include <pthread.h>
#include <stdbool.h>

#include "pure/arena.h"

/* The root of a run's folders. Any thread may ask for its path. */
typedef struct Folder {
    pthread_mutex_t mutex;
    struct Folder *parent; /* it stands below that one, as `below` says; or NULL */
    const char *below;
    char *path;     /* lock: mutex; absolute; NULL: a temporary one, not made yet */
    bool temporary; /* removed by folder_free */
} Folder;

/* path: absolute, copied; NULL: one below $TMPDIR that lives as long as the Folder. False: errno. */
bool folder_init(Folder *folder, const char *path);
void folder_free(Folder *folder);

/* A folder below another one, whose path is asked for when its own is. `below` is kept. */
void folder_init_below(Folder *folder, Folder *parent, const char *below);

/* The path, which lives as long as the Folder; NULL: errno says why none could be made. */
const char *folder_path(Folder *folder);

/* Makes a folder and what is missing above it, which must be new: EEXIST is an error, also of
 * something that is no folder. False: errno. `path` is changed on the way and restored. */
bool folder_make(char *path);

/* Removes a folder with all below it; links are not followed. False: errno, something stays. */
bool folder_remove(const char *path);

/* Removes a file, or a folder with all below it: whoever still finds its name finds all of it. */
void folder_discard(const char *path);

/* What is in a folder, for messages: "a.txt, b/ and 3 more", sorted bytewise; "nothing". */
const char *folder_listing(Arena *arena, const char *path);

#endif
