/*
 * store_sqlite_cache.h - what the files of the cache share.
 */
#ifndef DAG_STORE_SQLITE_CACHE_H
#define DAG_STORE_SQLITE_CACHE_H

#include <sqlite3.h>

#include "store/store_cache.h"

/* Digests of files, remembered in the table `file` as long as size, times and inode stay. */
typedef struct FileMemory FileMemory;
FileMemory *file_memory_new(sqlite3 *db, bool by_stat);
void file_memory_free(FileMemory *memory); /* what was not written is forgotten */
FileDigests file_memory_digests(FileMemory *memory);
/* A body has ended: it may have moved folders. */
void file_memory_look_again(FileMemory *memory);
/* Writes what was learnt since. SQLite's result code. */
int file_memory_write(FileMemory *memory);
/* Bytes hashed since the last write: past some, writing is cheaper than hashing again. */
uint64_t file_memory_unsaved(const FileMemory *memory);

/* Results by cache key. (store_cache_rows.c) */
typedef struct CacheRow {
    Digest key;
    int64_t made;              /* ns since 1970 */
    const char *outputs, *run; /* JSON object by port; id of the run */
} CacheRow;
typedef struct CacheRows CacheRows;
CacheRows *cache_rows_new(sqlite3 *db); /* NULL without memory */
void cache_rows_free(CacheRows *rows);
/* The newest row with that key, which may be one that was read ahead; `newest`: as the table has it
 * now. NULL: none. It lives as long as the rows, or until the next that is asked for anew. */
const CacheRow *cache_rows_find(CacheRows *rows, Digest key, bool newest);

/* The caches of the programs that a program calls. (store_cache_child.c) */
typedef struct CacheFamily {
    CacheConfig config; /* of the one that calls */
    struct CacheSub *subs;
} CacheFamily;
/* For a child run of that program: as dag_reuse.child. */
dag_reuse *cache_family_child(CacheFamily *family, const char *run, const dag_program *program);
void cache_family_free(CacheFamily *family);

/* The parts of a fingerprint as JSON: [[name, digest, description], …]. */
const char *cache_parts_json(Arena *arena, const dag_program *program,
                             const ReuseQuestion *question, const Fingerprint *fingerprint);

/* The first part of `fingerprint` that differs from `json`, which cache_parts_json made. */
void cache_compare(Arena *arena, const char *json, const dag_program *program,
                   const ReuseQuestion *question, const Fingerprint *fingerprint,
                   CacheDifference *difference);

#endif
