/*
 * looks.c - see looks.h.
 */
#include "store/looks.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "core/path_stat.h"

/* ---------------------------------------------------------------- taking */

enum {
    BLOCK = 128,
    FEW = 512,
    MOST_THREADS = 4
}; /* paths; a thread costs as much as some dozens */

/* Threads take one block after the other: neighbours share a folder. */
typedef struct Taking {
    Look *looks;
    size_t n;
    atomic_size_t next;
} Taking;

static int64_t nanoseconds(struct timespec time) {
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void take(PathStat *paths, Look *look) {
    struct stat status;
    *look = (Look){ .path = look->path };
    if (path_stat(paths, look->path, &status) != 0) {
        look->error = errno;
        return;
    }
    look->size = (int64_t)status.st_size;
    look->modified = nanoseconds(status.st_mtim);
    look->changed = nanoseconds(status.st_ctim);
    look->inode = (uint64_t)status.st_ino;
    look->device = (uint64_t)status.st_dev;
    look->mode = (uint32_t)status.st_mode;
}

static void *take_blocks(void *arg) {
    Taking *taking = arg;
    PathStat paths = { 0 };
    size_t from;
    while ((from = atomic_fetch_add(&taking->next, BLOCK)) < taking->n) {
        size_t to = taking->n - from < BLOCK ? taking->n : from + BLOCK;
        for (size_t i = from; i < to; i++)
            take(&paths, &taking->looks[i]);
    }
    path_stat_end(&paths);
    return NULL;
}

static size_t threads_for(size_t n) {
    long processors = n < FEW ? 1 : sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > MOST_THREADS ? MOST_THREADS : (size_t)processors;
}

void looks_take(Look *looks, size_t n) {
    Taking taking = { .looks = looks, .n = n };
    pthread_t helpers[MOST_THREADS];
    size_t wanted = threads_for(n) - 1, nhelpers = 0;
    atomic_init(&taking.next, 0);
    while (nhelpers < wanted &&
           pthread_create(&helpers[nhelpers], NULL, take_blocks, &taking) == 0) {
        nhelpers++;
    }
    take_blocks(&taking); /* without helpers it takes longer */
    while (nhelpers > 0)
        pthread_join(helpers[--nhelpers], NULL);
}

struct stat look_status(const Look *look) {
    const int64_t second = 1000000000;
    struct stat status;
    memset(&status, 0, sizeof status);
    status.st_size = (off_t)look->size;
    status.st_mtim = (struct timespec){ look->modified / second, look->modified % second };
    status.st_ctim = (struct timespec){ look->changed / second, look->changed % second };
    status.st_ino = (ino_t)look->inode;
    status.st_dev = (dev_t)look->device;
    status.st_mode = (mode_t)look->mode;
    return status;
}

/* ---------------------------------------------------------------- keeping */

/* The first with this hash and path, or the free slot where it would stand. */
static RowSlot *slot_of(const Looks *looks, const char *path, uint64_t hash) {
    RowSlot *slot = row_table_at(&looks->table, hash);
    while (slot->row && strcmp(((const Look *)slot->row)->path, path) != 0)
        slot = row_table_next(&looks->table, slot);
    return slot;
}

void looks_keep(Looks *looks, Look *taken, size_t n) {
    LookBatch **last = &looks->batches;
    if (n == 0)
        return;
    while (*last)
        last = &(*last)->next;
    *last = ARENA_NEW(looks->arena, LookBatch);
    **last = (LookBatch){ .looks = taken, .n = n };
    looks->table = (RowTable){ 0 };
}

static void make_table(Looks *looks) {
    size_t n = 0;
    for (const LookBatch *batch = looks->batches; batch; batch = batch->next)
        n += batch->n;
    row_table_reserve(&looks->table, looks->arena, n);
    for (const LookBatch *batch = looks->batches; batch; batch = batch->next) {
        for (size_t i = 0; i < batch->n; i++) {
            uint64_t hash = row_hash_text(batch->looks[i].path);
            RowSlot *slot = slot_of(looks, batch->looks[i].path, hash);
            if (!slot->row)
                row_table_put(&looks->table, slot, hash, &batch->looks[i]);
        }
    }
}

/* The one behind what was found last, if it is at this path. */
static const Look *next_at(Looks *looks, const char *path) {
    const LookBatch *batch = looks->current;
    if (!batch || looks->at == batch->n) {
        looks->current = batch && batch->next ? batch->next : looks->batches;
        looks->at = 0;
    }
    const Look *look = looks->current ? &looks->current->looks[looks->at] : NULL;
    bool found = look && strcmp(look->path, path) == 0;
    looks->at += found;
    return found ? look : NULL;
}

const Look *looks_find(Looks *looks, const char *path) {
    const Look *look = next_at(looks, path);
    if (look || !looks->batches)
        return look;
    if (looks->table.nslots == 0)
        make_table(looks);
    return slot_of(looks, path, row_hash_text(path))->row;
}
