/*
 * sight.h - what a task sees, as far as it can be told without reading a file: its stage's definition,
 * the values of its inputs with the paths in them, and what stat says of the files there.
 *
 * A file whose size, times, inode and device are as they were has the content that it had, if its times
 * lay clearly before the moment when it was read (store_sqlite_files.c). So a task that sees what one
 * before it saw has the same fingerprint, and the same inputs to the letter.
 */
#ifndef DAG_CORE_SIGHT_H
#define DAG_CORE_SIGHT_H

#include "core/fingerprint.h"

enum { SIGHT_FILES = 32 }; /* more files are not worth it: they are looked up one by one */

typedef struct Sight {
    Digest digest;
    bool
        whole; /* false: there is more than can be told like that (folders, secrets, many files, one that
                 * is gone), and the digest means nothing */
    size_t n;                       /* files that were looked at, all of them if whole */
    const char *paths[SIGHT_FILES]; /* of the question's values */
    struct stat status[SIGHT_FILES];
} Sight;

/* Looks at what the task sees. `salt`: what else must be the same. Of `world`, only stat is called. */
void sight_take(Sight *sight, Fingerprints *fingerprints, const ReuseQuestion *question,
                const FingerprintWorld *world, uint64_t salt);

/* What stat has said of a path of the question then, which counts by its address; or NULL. */
const struct stat *sight_find(const Sight *sight, const char *path);

#endif
