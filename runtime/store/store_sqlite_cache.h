/*
 * store_sqlite_cache.h - what the files of the cache share.
 */
#ifndef DAG_STORE_SQLITE_CACHE_H
#define DAG_STORE_SQLITE_CACHE_H

#include <sqlite3.h>

#include "core/path_stat.h"
#include "core/siphash.h"
#include "pure/value.h"
#include "store/store_cache.h"
#include "store/store_cache_ahead.h"

/* Digests of files, remembered in the table `file` as long as size, times and inode stay. `own`: the
 * state folder. */
typedef struct FileMemory FileMemory;
FileMemory *file_memory_new(sqlite3 *db, bool by_stat, const char *own);
void file_memory_free(FileMemory *memory); /* what was not written is forgotten */
/* As FingerprintWorld.file. */
bool file_memory_digest(void *memory, const char *path, const struct stat *status, Digest *digest);
/* How many digests it has given of files that are too young: what stat says of them may stay the same though
 * they are changed. */
uint64_t file_memory_fleeting(const FileMemory *memory);
/* Writes what was learnt since. SQLite's result code. */
int file_memory_write(FileMemory *memory);
/* As FingerprintWorld.gone; the digest is all zero where none was recorded. */
bool file_memory_gone(FileMemory *memory, const char *path, struct stat *status, Digest *digest);
/* The digest of a file or folder as it is now, without any memory. False: it cannot be read. */
bool file_digest(const char *path, bool folder, bool by_stat, Digest *digest);
/* Bytes hashed since the last write: past some, writing is cheaper than hashing again. */
uint64_t file_memory_unsaved(const FileMemory *memory);

/* The key that stands between secrets and their digests: in the file DIR/key, which only its owner
 * may read and which is made when it is first needed. False: it can be neither read nor made. */
bool secret_key_read(const char *dir, unsigned char key[SIPHASH_KEY]);

/* Looks at files of results. {0} but for `own` is ready; `paths` is ended by its owner. */
typedef struct Stamper {
    const char *own; /* the state folder */
    PathStat paths;
    FileMemory **files;    /* what was deleted after use; or NULL */
    const bool *temporary; /* by output: its files may be gone like that; or NULL */
} Stamper;
/* The stamps of the files that are named in the outputs, in `arena`. (store_sqlite_stamps.c) */
const char *stamps_of(Arena *arena, Stamper *stamper, const dag_value *outputs, size_t n);
/* The first file that is gone, or not as its stamp says; NULL: all are. */
const char *stamps_differ(Arena *arena, Stamper *stamper, const dag_value *outputs, size_t n,
                          const char *stamps);

/* Results by cache key. (store_cache_rows.c) */
typedef struct CacheRow {
    Digest key;
    int64_t id;     /* of the row */
    int64_t made;   /* ns since 1970 */
    int64_t places; /* as of Fingerprint */
    bool whole;     /* it has the inputs too */
    bool has_sight;
    Digest sight;       /* as of Sight: what the task saw, if that can be told */
    const char *reason; /* why it is as good as running: "same ... as in run ID" */
    Foresight ahead;    /* its outputs, a JSON object by port, and the stamps of its files */
    struct CacheBatch *batch;
    bool asked;            /* it may go */
    struct CacheRow *next; /* of its batch */
} CacheRow;
typedef struct CacheRows CacheRows;
/* Rows of run `run` do not count: which of two tasks with the same inputs comes first would be a matter
 * of chance. What is read ahead is given to `ahead`, if that is not NULL. NULL without memory. */
CacheRows *cache_rows_new(sqlite3 *db, const dag_program *program, const char *run,
                          CacheAhead *ahead);
void cache_rows_free(CacheRows *rows);
/* The newest row with that key, which may be one that was read ahead; `newest`: as the table has it
 * now. NULL: none. It lives until the next that is asked for; its reason as long as the rows. */
CacheRow *cache_rows_find(CacheRows *rows, Digest key, bool newest);

/* A row of the stage whose task saw just this, if it is among the next that are expected: tasks come in about
 * the order in which they came before, and need not be looked up then. NULL: cache_rows_find knows. */
CacheRow *cache_rows_expect(CacheRows *rows, uint32_t stage, Digest sight);

/* The caches of the programs that a program calls. (store_cache_child.c) */
typedef struct CacheFamily {
    CacheConfig config; /* of the one that calls */
    struct CacheSub *subs;
} CacheFamily;
/* For a child run of that program: as dag_reuse.child. */
dag_reuse *cache_family_child(CacheFamily *family, const char *run, const dag_program *program);
/* The cache that a child's table asks, and a question (or NULL) as that is asked it; all else is
 * returned as it is. */
dag_reuse *cache_of_child(dag_reuse *reuse, ReuseQuestion *question);
void cache_family_free(CacheFamily *family);

/* The parts of a fingerprint that has texts as JSON: [[name, digest, text], …]. */
const char *cache_parts_json(Arena *arena, const Fingerprint *fingerprint);

/* A stage's definition as JSON: [[name, text], …]. */
const char *cache_definition_json(Arena *arena, const dag_program *program, uint32_t stage);

/* The first thing in a definition that differs from what cache_definition_json made before. */
void cache_compare_definition(Arena *arena, const char *json, const dag_program *program,
                              uint32_t stage, CacheDifference *difference);

/* The first part of `fingerprint` that differs from what cache_parts_json made before. */
void cache_compare(Arena *arena, const char *json, const Fingerprint *fingerprint,
                   CacheDifference *difference);

#endif
