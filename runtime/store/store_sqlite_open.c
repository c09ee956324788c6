/*
 * store_sqlite_open.c - opening the database file of a store: settings, schema, what is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "store/queue.h"
#include "store/store_sqlite.h"

#define BUSY_TIMEOUT 60000 /* ms to wait for another process's transaction */

const char *store_what_to_do(int rc) {
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "; move it away, or choose another --state folder";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: return "; make it writable, or choose another --state folder";
    case SQLITE_FULL: return "; make room, then resume the run";
    default: return "";
    }
}

static char *say(sqlite3 *db, const char *path) {
    return sqlite3_mprintf("%s: %s%s", path, sqlite3_errmsg(db),
                           store_what_to_do(sqlite3_errcode(db)));
}

/* A file system that several machines may have mounted: NFS, SMB, AFS, Ceph, Lustre, GPFS, 9P. */
bool store_is_shared(const char *dir) {
    static const unsigned long types[] = { 0x6969,     0x517b,     0xff534d42,
                                           0xfe534d42, 0x5346414f, 0x00c36400,
                                           0x0bd00bd0, 0x47504653, 0x01021997 };
    struct statfs status;
    if (statfs(dir, &status) != 0)
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (((unsigned long)status.f_type & 0xffffffff) == types[i])
            return true;
    }
    return false;
}

/* SQLite does not wait where a lock is to become an exclusive one, as for the journal of a new file
 * that two processes open at once. */
static int exec_patiently(sqlite3 *db, const char *sql) {
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    for (int waited = 0; rc == SQLITE_BUSY && waited < BUSY_TIMEOUT; waited += 10) {
        sqlite3_sleep(10);
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    return rc;
}

/* which: SQLITE_FCNTL_FILE_POINTER, the database; SQLITE_FCNTL_JOURNAL_POINTER, its journal. */
static int sync_file(sqlite3 *db, int which) {
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(db, "main", which, &file);
    return rc == SQLITE_OK && file != NULL && file->pMethods != NULL
               ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL)
               : rc;
}

bool store_file_has_moved(sqlite3 *db) {
    int moved = 0;
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

static int look_at_journal(void *logged, int n, char **columns, char **names) {
    (void)names;
    *(bool *)logged = n > 0 && columns[0] != NULL && strcmp(columns[0], "wal") == 0;
    return 0;
}

int store_relax(sqlite3 *db) {
    bool logged = false;
    int rc = sqlite3_exec(db, "PRAGMA journal_mode", look_at_journal, &logged, NULL);
    return rc == SQLITE_OK && logged
               ? sqlite3_exec(db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL)
               : rc;
}

/* In a write-ahead log what is committed stands in the order of the commits. What was moved from it to the
 * database was brought to the disk before. A commit to any other journal waits for the disk itself (it is
 * closed, then). */
int store_sync(sqlite3 *db) {
    return sync_file(db, SQLITE_FCNTL_JOURNAL_POINTER);
}

/* WAL needs memory that all who write share: between machines the journal is a file, slower, and
 * locked through the file system.
 *
 * Of a new file each setting would be a transaction that waits for the disk four times. There is nothing
 * yet that could be lost: it is brought there once, when it is what it has to be. */
static int settle(sqlite3 *db, const char *dir) {
    static const char *const settings[] = { "PRAGMA synchronous = OFF; PRAGMA auto_vacuum = "
                                            "INCREMENTAL", /* would write to an old file */
                                            "PRAGMA journal_mode = WAL",
                                            "PRAGMA journal_mode = TRUNCATE",
                                            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON" };
    int pages = 0;
    sqlite3_busy_timeout(db, BUSY_TIMEOUT);
    int rc = store_pragma_number(db, "PRAGMA page_count", &pages);
    if (rc == SQLITE_OK && pages == 0)
        rc = exec_patiently(db, settings[0]);
    if (rc == SQLITE_OK)
        rc = exec_patiently(db, settings[store_is_shared(dir) ? 2 : 1]);
    if (rc == SQLITE_OK && pages == 0)
        rc = sync_file(db, SQLITE_FCNTL_FILE_POINTER);
    return rc == SQLITE_OK ? sqlite3_exec(db, settings[3], NULL, NULL, NULL) : rc;
}

/* What would mean something in a URI is written as %XX (https://sqlite.org/uri.html). */
static char *uri_of(const char *path, const char *mode) {
    sqlite3_str *uri = sqlite3_str_new(NULL);
    sqlite3_str_appendall(uri, "file:");
    for (; *path != '\0'; path++)
        sqlite3_str_appendf(uri, strchr("%?#", *path) != NULL ? "%%%02X" : "%c", *path);
    sqlite3_str_appendf(uri, "?%s", mode);
    return sqlite3_str_finish(uri);
}

/* NULL: it cannot be read that way. */
static sqlite3 *open_uri(const char *path, const char *mode) {
    sqlite3 *db = NULL;
    char *uri = uri_of(path, mode);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int rc = uri == NULL ? SQLITE_NOMEM : sqlite3_open_v2(uri, &db, flags, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "SELECT 1 FROM run", NULL, NULL, NULL);
    sqlite3_free(uri);
    if (rc == SQLITE_OK)
        return db;
    sqlite3_close(db);
    return NULL;
}

/* In a folder that cannot be written nobody else can write either: without shared memory then. */
static sqlite3 *open_to_read(const char *path, char **message) {
    sqlite3 *db = open_uri(path, "mode=ro");
    if (db == NULL)
        db = open_uri(path, "immutable=1");
    if (db == NULL)
        *message = sqlite3_mprintf("%s: cannot be read", path);
    return db;
}

static sqlite3 *open_path(const char *dir, const char *path, bool make, char **message) {
    sqlite3 *db;
    int flags = SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX;
    if (!make && access(path, F_OK) != 0 && errno == ENOENT)
        return NULL;
    if (!make && (access(path, W_OK) != 0 || access(dir, W_OK) != 0)) {
        return open_to_read(path, message);
    }
    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK || settle(db, dir) != SQLITE_OK) {
        *message = say(db, path);
        sqlite3_close(db);
        return NULL;
    }
    if (store_schema_prepare(db, path, message))
        return db;
    sqlite3_close(db);
    return NULL;
}

/* A new folder is on the disk when the folder that it stands in is. */
static bool make_folder(const char *dir) {
    if (mkdir(dir, 0777) != 0)
        return errno == EEXIST;
    char *above = sqlite3_mprintf("%s/..", dir);
    int fd = above == NULL ? -1 : open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* It may not be readable, and some file systems cannot do it for folders: that is no reason. */
    bool good = fd < 0 || fsync(fd) == 0 || errno != EIO;
    int error = errno;
    if (fd >= 0)
        close(fd);
    sqlite3_free(above);
    errno = error;
    return good;
}

sqlite3 *store_database_open(const char *dir, const char *pipeline, bool make, char **message) {
    *message = NULL;
    if (make && !make_folder(dir)) {
        *message = sqlite3_mprintf("%s: %s", dir, strerror(errno));
        return NULL;
    }
    char *path = sqlite3_mprintf("%s/%s.db", dir, pipeline);
    if (path == NULL) {
        *message = sqlite3_mprintf("out of memory");
        return NULL;
    }
    sqlite3 *db = open_path(dir, path, make, message);
    sqlite3_free(path);
    return db;
}

int store_open_work(const char *dir) {
    char *work = sqlite3_mprintf("%s/work", dir);
    int fd = work == NULL ? -1 : open(work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sqlite3_free(work);
    return fd >= 0 ? fd : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}
