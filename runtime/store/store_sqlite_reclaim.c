/*
 * store_sqlite_reclaim.c - temporary files that are needed no more: first what stood in them is
 * recorded, then they are deleted.
 *
 * Killed in between, the process leaves a file that is there although the record says otherwise: it
 * is whole, and serves whoever finds it.
 */
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/folder.h"
#include "store/store_sqlite.h"
#include "store/store_sqlite_cache.h"
#include "store/store_sqlite_query.h"
#include "store/wall_clock.h"

/* A file that cannot be read is deleted without: what was made of it runs again. */
static void bind_digest(sqlite3_stmt *put, int column, const StoreReclaim *what, bool folder,
                        bool by_stat) {
    Digest digest;
    if (what->fingerprint && file_digest(what->path, folder, by_stat, &digest))
        sqlite3_bind_blob(put, column, digest.bytes, sizeof digest.bytes, SQLITE_TRANSIENT);
}

static int put_row(sqlite3_stmt *put, const StoreReclaim *what) {
    struct stat status;
    if (stat(what->path, &status) != 0)
        return SQLITE_OK; /* it has gone by itself */
    bool folder = S_ISDIR(status.st_mode);
    sqlite3_bind_text(put, 1, what->path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(put, 2, wall_clock());
    sqlite3_bind_int64(put, 3, folder ? -1 : (int64_t)status.st_size);
    sqlite3_bind_int64(put, 4, (int64_t)status.st_mode);
    bind_digest(put, 5, what, folder, false);
    bind_digest(put, 6, what, folder, true);
    int rc = sqlite3_step(put);
    sqlite3_reset(put);
    sqlite3_clear_bindings(put);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int put_rows(sqlite3 *db, const StoreReclaim *list) {
    sqlite3_stmt *put;
    int rc = sqlite3_prepare_v2(db,
                                "INSERT OR REPLACE INTO reclaimed(path, time, size, mode, content,"
                                " stat) VALUES(?,?,?,?,?,?)",
                                -1, &put, NULL);
    for (; list != NULL && rc == SQLITE_OK; list = list->next)
        rc = put_row(put, list);
    int closed = sqlite3_finalize(put);
    return rc == SQLITE_OK ? closed : rc;
}

int store_reclaim(sqlite3 *db, const StoreReclaim *list) {
    int rc = list == NULL ? SQLITE_OK : sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (list == NULL || rc != SQLITE_OK)
        return rc;
    rc = put_rows(db, list);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = store_sync(db);
    else
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    for (; list != NULL; list = list->next)
        folder_discard(list->path);
    return SQLITE_OK;
}

/* ---------------------------------------------------------------- reading */

bool store_reclaimed(StoreReader *reader, const char *path, int64_t *size) {
    if (reader->reclaimed == NULL &&
        sqlite3_prepare_v2(reader->db, "SELECT size FROM reclaimed WHERE path = ?", -1,
                           &reader->reclaimed, NULL) != SQLITE_OK) {
        return false; /* of an older version, in a folder that cannot be written */
    }
    sqlite3_bind_text(reader->reclaimed, 1, path, -1, SQLITE_STATIC);
    bool found = sqlite3_step(reader->reclaimed) == SQLITE_ROW;
    if (found)
        *size = sqlite3_column_int64(reader->reclaimed, 0);
    sqlite3_reset(reader->reclaimed);
    return found;
}

/* ---------------------------------------------------------------- forgetting */

typedef struct Stale {
    const char *path;
    struct Stale *next;
} Stale;

/* The folder of the attempt that made it: the path up to the fourth name below `work`. */
static const char *attempt_of(Arena *arena, const char *path) {
    const char *work = strstr(path, "/work/");
    size_t n = work == NULL ? strlen(path) : (size_t)(work - path) + strlen("/work/");
    for (int part = 0; part < 4 && path[n] != '\0'; part++) {
        n += strcspn(path + n, "/");
        n += part < 3 && path[n] == '/';
    }
    return arena_text(arena, path, n);
}

static int delete_rows(sqlite3 *db, const Stale *stale) {
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(db, "DELETE FROM reclaimed WHERE path = ?", -1, &statement, NULL);
    for (; stale != NULL && rc == SQLITE_OK; stale = stale->next) {
        sqlite3_bind_text(statement, 1, stale->path, -1, SQLITE_STATIC);
        rc = sqlite3_step(statement) == SQLITE_DONE ? SQLITE_OK : sqlite3_errcode(db);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return rc;
}

bool store_drop_reclaimed(StoreReader *reader, Arena *arena, dag_error *error) {
    Stale *stale = NULL;
    Query q = query_open(reader, arena, error, "SELECT path FROM reclaimed", 0);
    while (query_next(&q)) {
        const char *path = query_text(&q, 0);
        if (access(attempt_of(arena, path), F_OK) == 0)
            continue;
        Stale *row = ARENA_NEW(arena, Stale);
        *row = (Stale){ .path = path, .next = stale };
        stale = row;
    }
    if (!query_end(&q) || stale == NULL)
        return error->type == NULL;
    int rc = sqlite3_exec(reader->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = delete_rows(reader->db, stale);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(reader->db, "COMMIT", NULL, NULL, NULL);
    return rc == SQLITE_OK || query_cannot_write(reader, arena, error);
}
