/*
 * looks.h - what stat said of many files: asked once, by several threads, and kept by path.
 *
 * The inputs of a run are looked at before it starts; who needs to know of the same files before
 * anything has run need not ask the kernel again.
 */
#ifndef DAG_STORE_LOOKS_H
#define DAG_STORE_LOOKS_H

#include <sys/stat.h>

#include "store/row_table.h"

/* Of stat's answer, what tells files and their versions apart. Times in ns since 1970. */
typedef struct Look {
    const char *path; /* of the caller */
    int64_t size, modified, changed;
    uint64_t inode, device;
    uint32_t mode;
    int error; /* errno; 0: it is there */
} Look;

/* Looks at the paths, all absolute; several threads do where there are many. */
void looks_take(Look *looks, size_t n);

/* Of st_size, st_mtim, st_ctim, st_ino, st_dev and st_mode; the rest is zero. */
struct stat look_status(const Look *look);

/* Looks that were taken at once. */
typedef struct LookBatch {
    Look *looks;
    size_t n;
    struct LookBatch *next;
} LookBatch;

/* By path; {0} but for the arena, in which it keeps its slots, is empty. Who asks in the order in which
 * they were taken needs no table: it is made when somebody does not. */
typedef struct Looks {
    Arena *arena;
    LookBatch *batches, *current; /* current, at: behind what was found last */
    size_t at;
    RowTable table;
} Looks;

/* Adds looks that were taken and outlive them; of two at one path the first stays. */
void looks_keep(Looks *looks, Look *taken, size_t n);

/* NULL: none was taken at this path. */
const Look *looks_find(Looks *looks, const char *path);

#endif
