/*
 * store_sqlite_files.c - digests of files, each read once as long as it stays as it is.
 *
 * A remembered digest holds while size, modification and change time, inode and device are the
 * same. One thing they cannot tell: a file changed again within the clock's granularity after it
 * was read. So a file is remembered only when its times lie clearly before the moment of reading
 * ("racy" entries, as in git's index: Documentation/technical/racy-git.txt).
 *
 * What a task has made, in the state folder, nobody changes once the task has completed: that is
 * remembered in memory at once, and as long as its stamp stays.
 *
 * Rows are read ahead in the order of their paths (read_ahead.h) and kept in a table in memory.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/filehash.h"
#include "pure/arena.h"
#include "store/read_ahead.h"
#include "store/row_table.h"
#include "store/store_sqlite_cache.h"
#include "store/wall_clock.h"

static const int64_t SECOND = 1000000000;
static const int64_t GRANULARITY = 2000000000; /* ns: FAT and some network file systems */

typedef struct FileRow {
    const char *path;
    int64_t size, modified, changed, inode, device;
    Digest digest;
    bool lasts;           /* may be written: its times lie clearly before it was read */
    bool saved;           /* stands in the table, and lasts */
    bool waits;           /* is in the list of those to be written */
    struct FileRow *next; /* that waits */
} FileRow;

struct FileMemory {
    sqlite3 *db;
    sqlite3_stmt *find, *put, *gone;
    bool by_stat;
    Arena arena; /* of rows and slots */
    RowTable table;
    const char *own; /* the state folder */
    ReadAhead ahead;
    FileRow *unsaved;
    uint64_t fleeting; /* digests given of files that do not last */
    uint64_t unsaved_bytes;
};

static int64_t nanoseconds(struct timespec time) {
    return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
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

/* ---------------------------------------------------------------- the table in memory */

static RowSlot *slot_of(const FileMemory *memory, const char *path, uint64_t hash) {
    RowSlot *slot = row_table_at(&memory->table, hash);
    while (slot->row != NULL && strcmp(((const FileRow *)slot->row)->path, path) != 0)
        slot = row_table_next(&memory->table, slot);
    return slot;
}

/* The row of the path, made if there is none yet: its digest is not known then. */
static FileRow *enter(FileMemory *memory, const char *path, size_t n, bool *made) {
    uint64_t hash = row_hash_text(path);
    row_table_room(&memory->table, &memory->arena);
    RowSlot *slot = slot_of(memory, path, hash);
    *made = slot->row == NULL;
    if (*made) {
        FileRow *row = ARENA_NEW(&memory->arena, FileRow);
        row->path = arena_text(&memory->arena, path, n);
        row_table_put(&memory->table, slot, hash, row);
    }
    return slot->row;
}

static const FileRow *find_row(const FileMemory *memory, const char *path) {
    return memory->table.nslots == 0 ? NULL : slot_of(memory, path, row_hash_text(path))->row;
}

/* ---------------------------------------------------------------- reading */

/* False: it stands in memory already, and is at least as new there. */
static bool take_row(FileMemory *memory) {
    sqlite3_stmt *find = memory->find;
    const char *path = (const char *)sqlite3_column_text(find, 0);
    const void *digest = sqlite3_column_blob(find, 6);
    bool made;
    if (path == NULL || sqlite3_column_bytes(find, 6) != (int)sizeof(Digest))
        return true;
    FileRow *row = enter(memory, path, (size_t)sqlite3_column_bytes(find, 0), &made);
    if (!made)
        return false;
    row->size = sqlite3_column_int64(find, 1);
    row->modified = sqlite3_column_int64(find, 2);
    row->changed = sqlite3_column_int64(find, 3);
    row->inode = sqlite3_column_int64(find, 4);
    row->device = sqlite3_column_int64(find, 5);
    memcpy(row->digest.bytes, digest, sizeof row->digest.bytes);
    row->saved = true;
    return true;
}

/* Reads the row of the path, if there is one, and some that come behind it, up to one that is known:
 * what comes behind that was read with it. */
static void read_rows(FileMemory *memory, const char *path) {
    sqlite3_stmt *find = memory->find;
    int64_t n = read_ahead_window(&memory->ahead);
    sqlite3_bind_text(find, 1, path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(find, 2, n);
    bool more = true;
    while (more && sqlite3_step(find) == SQLITE_ROW) {
        read_ahead_count(&memory->ahead);
        more = take_row(memory);
    }
}

/* Without memory nothing is known: the file is read again. */
static const FileRow *find_saved(FileMemory *memory, const char *path) {
    jmp_buf oom;
    memory->arena.oom = &oom;
    if (setjmp(oom) == 0)
        read_rows(memory, path);
    memory->arena.oom = NULL;
    sqlite3_reset(memory->find);
    return find_row(memory, path);
}

/* ---------------------------------------------------------------- digests */

/* `lasts`: it may be written. */
static void remember(FileMemory *memory, const FileRow *learnt, bool lasts) {
    jmp_buf oom;
    bool made;
    memory->arena.oom = &oom;
    if (setjmp(oom) == 0) {
        FileRow *row = enter(memory, learnt->path, strlen(learnt->path), &made);
        FileRow kept = *learnt;
        kept.path = row->path;
        kept.next = row->waits ? row->next : memory->unsaved;
        kept.waits = row->waits || lasts;
        kept.lasts = lasts;
        if (lasts && !row->waits)
            memory->unsaved = row;
        *row = kept;
        memory->unsaved_bytes += lasts ? (uint64_t)row->size + 4096 : 0;
    }
    memory->arena.oom = NULL;
}

static Digest digest_of_stat(const FileRow *row) {
    Digest digest = { { 0 } };
    memcpy(digest.bytes, &row->size, sizeof row->size);
    memcpy(digest.bytes + 8, &row->modified, sizeof row->modified);
    return digest;
}

static bool is_own(const FileMemory *memory, const char *path) {
    size_t n = strlen(memory->own);
    return strncmp(path, memory->own, n) == 0 && path[n] == '/';
}

bool file_memory_digest(void *self, const char *path, const struct stat *status, Digest *digest) {
    FileMemory *memory = self;
    FileRow row = row_of(path, status);
    if (memory->by_stat) {
        *digest = digest_of_stat(&row);
        return true;
    }
    const FileRow *known = find_row(memory, path);
    read_ahead_ask(&memory->ahead);
    if (known == NULL)
        known = find_saved(memory, path);
    if (known != NULL && same_file(known, &row)) {
        *digest = known->digest;
        memory->fleeting += !known->saved && !known->lasts;
        return true;
    }
    int64_t begun = wall_clock();
    if (!filehash_content(path, &row.digest))
        return false;
    int64_t youngest = row.modified > row.changed ? row.modified : row.changed;
    bool lasts = youngest + GRANULARITY < begun;
    if (lasts || is_own(memory, path))
        remember(memory, &row, lasts);
    memory->fleeting += !lasts;
    *digest = row.digest;
    return true;
}

bool file_memory_gone(FileMemory *memory, const char *path, struct stat *status, Digest *digest) {
    sqlite3_stmt *gone = memory->gone;
    int column = memory->by_stat ? 3 : 2;
    sqlite3_bind_text(gone, 1, path, -1, SQLITE_STATIC);
    bool found = sqlite3_step(gone) == SQLITE_ROW;
    *digest = (Digest){ { 0 } };
    if (found) {
        status->st_size = (off_t)sqlite3_column_int64(gone, 0);
        status->st_mode = (mode_t)sqlite3_column_int64(gone, 1);
    }
    if (found && sqlite3_column_bytes(gone, column) == (int)sizeof digest->bytes)
        memcpy(digest->bytes, sqlite3_column_blob(gone, column), sizeof digest->bytes);
    sqlite3_reset(gone);
    return found;
}

static bool digest_now(void *self, const char *path, const struct stat *status, Digest *digest) {
    const bool *by_stat = self;
    FileRow row = row_of(path, status);
    if (!*by_stat)
        return filehash_content(path, digest);
    *digest = digest_of_stat(&row);
    return true;
}

bool file_digest(const char *path, bool folder, bool by_stat, Digest *digest) {
    struct stat status;
    if (folder)
        return filehash_tree(path, digest_now, &by_stat, digest);
    return stat(path, &status) == 0 && digest_now(&by_stat, path, &status, digest);
}

FileMemory *file_memory_new(sqlite3 *db, bool by_stat, const char *own) {
    FileMemory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return NULL;
    memory->db = db;
    memory->by_stat = by_stat;
    memory->own = own;
    const char *find = "SELECT path, size, modified, changed, inode, device, digest FROM file"
                       " WHERE path >= ?1 ORDER BY path LIMIT ?2";
    const char *put = "INSERT OR REPLACE INTO file(path, size, modified, changed, inode, device,"
                      " digest) VALUES(?,?,?,?,?,?,?)";
    const char *gone = "SELECT size, mode, content, stat FROM reclaimed WHERE path = ?";
    if (sqlite3_prepare_v2(db, find, -1, &memory->find, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, put, -1, &memory->put, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, gone, -1, &memory->gone, NULL) == SQLITE_OK) {
        return memory;
    }
    file_memory_free(memory);
    return NULL;
}

uint64_t file_memory_unsaved(const FileMemory *memory) {
    return memory->unsaved_bytes;
}

uint64_t file_memory_fleeting(const FileMemory *memory) {
    return memory->fleeting;
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
    for (FileRow *row = memory->unsaved; row != NULL; row = row->next) {
        row->waits = false;
        if (rc == SQLITE_OK && row->lasts)
            rc = write_row(memory->put, row);
    }
    memory->unsaved = NULL;
    memory->unsaved_bytes = 0;
    return rc;
}

void file_memory_free(FileMemory *memory) {
    if (memory == NULL)
        return;
    sqlite3_finalize(memory->find);
    sqlite3_finalize(memory->put);
    sqlite3_finalize(memory->gone);
    arena_free(&memory->arena);
    free(memory);
}
