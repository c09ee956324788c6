/*
 * store_sqlite_files.c - digests of files, each read once as long as it stays as it is.
 *
 * A remembered digest holds while size, modification and change time, inode and device are the
 * same. One thing they cannot tell: a file changed again within the clock's granularity after it
 * was read. So a file is remembered only when its times lie clearly before the moment of reading
 * ("racy" entries, as in git's index: Documentation/technical/racy-git.txt).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/filehash.h"
#include "pure/arena.h"
#include "store/store_sqlite_cache.h"

static const int64_t SECOND = 1000000000;
static const int64_t GRANULARITY = 2000000000; /* ns: FAT and some network file systems */

typedef struct FileRow {
    const char *path;
    int64_t size, modified, changed, inode, device;
    Digest digest;
    struct FileRow *next;
} FileRow;

struct FileMemory {
    sqlite3 *db;
    sqlite3_stmt *find, *put;
    bool by_stat;
    Arena arena; /* of rows not written yet */
    FileRow *rows;
    uint64_t unsaved;
};

static int64_t nanoseconds(struct timespec time) {
    return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

static int64_t wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return nanoseconds(now);
}

static FileRow row_of(const char *path, const struct stat *status) {
    return (FileRow){ .path = path,
                      .size = (int64_t)status->st_size,
                      .modified = nanoseconds(status->st_mtim),
                      .changed = nanoseconds(status->st_ctim),
                      .inode = (int64_t)status->st_ino,
                      .device = (int64_t)status->st_dev };
}

static bool same_file(const FileRow *a, const FileRow *b) {
    return a->size == b->size && a->modified == b->modified && a->changed == b->changed &&
           a->inode == b->inode && a->device == b->device;
}

static bool find_unsaved(const FileMemory *memory, FileRow *wanted) {
    for (const FileRow *row = memory->rows; row != NULL; row = row->next) {
        if (strcmp(row->path, wanted->path) != 0 || !same_file(row, wanted))
            continue;
        wanted->digest = row->digest;
        return true;
    }
    return false;
}

static bool find_saved(FileMemory *memory, FileRow *wanted) {
    sqlite3_stmt *find = memory->find;
    sqlite3_bind_text(find, 1, wanted->path, -1, SQLITE_STATIC);
    bool found = sqlite3_step(find) == SQLITE_ROW;
    if (found) {
        FileRow row = { .size = sqlite3_column_int64(find, 0),
                        .modified = sqlite3_column_int64(find, 1),
                        .changed = sqlite3_column_int64(find, 2),
                        .inode = sqlite3_column_int64(find, 3),
                        .device = sqlite3_column_int64(find, 4) };
        found = same_file(&row, wanted) &&
                sqlite3_column_bytes(find, 5) == (int)sizeof wanted->digest.bytes;
        if (found) {
            memcpy(wanted->digest.bytes, sqlite3_column_blob(find, 5), sizeof wanted->digest.bytes);
        }
    }
    sqlite3_reset(find);
    return found;
}

static void remember(FileMemory *memory, const FileRow *row) {
    FileRow *kept = ARENA_NEW(&memory->arena, FileRow);
    *kept = *row;
    kept->path = arena_text(&memory->arena, row->path, strlen(row->path));
    kept->next = memory->rows;
    memory->rows = kept;
    memory->unsaved += (uint64_t)row->size + 4096;
}

static Digest digest_of_stat(const FileRow *row) {
    Digest digest = { { 0 } };
    memcpy(digest.bytes, &row->size, sizeof row->size);
    memcpy(digest.bytes + 8, &row->modified, sizeof row->modified);
    return digest;
}

static bool digest_file(void *self, const char *path, const struct stat *status, Digest *digest) {
    FileMemory *memory = self;
    FileRow row = row_of(path, status);
    if (memory->by_stat) {
        *digest = digest_of_stat(&row);
        return true;
    }
    if (!find_unsaved(memory, &row) && !find_saved(memory, &row)) {
        int64_t begun = wall_clock();
        if (!filehash_content(path, &row.digest))
            return false;
        int64_t youngest = row.modified > row.changed ? row.modified : row.changed;
        if (youngest + GRANULARITY < begun)
            remember(memory, &row);
    }
    *digest = row.digest;
    return true;
}

static bool digest_path(void *self, const char *path, bool folder, Digest *digest) {
    struct stat status;
    if (folder)
        return filehash_tree(path, digest_file, self, digest);
    return stat(path, &status) == 0 && digest_file(self, path, &status, digest);
}

FileDigests file_memory_digests(FileMemory *memory) {
    return (FileDigests){ .self = memory, .digest = digest_path };
}

FileMemory *file_memory_new(sqlite3 *db, bool by_stat) {
    FileMemory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return NULL;
    memory->db = db;
    memory->by_stat = by_stat;
    const char *find = "SELECT size, modified, changed, inode, device, digest FROM file"
                       " WHERE path = ?";
    const char *put = "INSERT OR REPLACE INTO file(path, size, modified, changed, inode, device,"
                      " digest) VALUES(?,?,?,?,?,?,?)";
    if (sqlite3_prepare_v2(db, find, -1, &memory->find, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, put, -1, &memory->put, NULL) == SQLITE_OK) {
        return memory;
    }
    file_memory_free(memory);
    return NULL;
}

uint64_t file_memory_unsaved(const FileMemory *memory) {
    return memory->unsaved;
}

static int write_row(sqlite3_stmt *put, const FileRow *row) {
    sqlite3_bind_text(put, 1, row->path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(put, 2, row->size);
    sqlite3_bind_int64(put, 3, row->modified);
    sqlite3_bind_int64(put, 4, row->changed);
    sqlite3_bind_int64(put, 5, row->inode);
    sqlite3_bind_int64(put, 6, row->device);
    sqlite3_bind_blob(put, 7, row->digest.bytes, (int)sizeof row->digest.bytes, SQLITE_STATIC);
    int rc = sqlite3_step(put);
    sqlite3_reset(put);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int file_memory_write(FileMemory *memory) {
    int rc = SQLITE_OK;
    for (const FileRow *row = memory->rows; row != NULL && rc == SQLITE_OK; row = row->next) {
        rc = write_row(memory->put, row);
    }
    memory->rows = NULL;
    memory->unsaved = 0;
    arena_reset(&memory->arena);
    return rc;
}

void file_memory_free(FileMemory *memory) {
    if (memory == NULL)
        return;
    sqlite3_finalize(memory->find);
    sqlite3_finalize(memory->put);
    arena_free(&memory->arena);
    free(memory);
}
