/*
 * store_cache.h - the cache of results, as a source of known results for the driver.
 */
#ifndef DAG_STORE_CACHE_H
#define DAG_STORE_CACHE_H

#include "core/fingerprint.h"
#include "store/looks.h"

typedef struct CacheConfig {
    const dag_program *program; /* outlives the cache */
    const char *name;           /* of the pipeline that was started; NULL: the program's */
    const char *dir;            /* of the store, absolute */
    const char *run;            /* id of the run that fills it */
    Looks *looks;               /* at files before anything ran, outlive the cache; or NULL */
    bool full;                  /* everything runs; what it gives is remembered all the same */
    bool by_stat;               /* files count by size and time instead of content */
} CacheConfig;

/* Opens the cache in DIR/<pipeline>.db, which store_sqlite_open has made. NULL with `error` filled,
 * its message in `reason` (size bytes). Freed by its `free`, which commits what is left. */
dag_reuse *store_cache_open(const CacheConfig *config, char *reason, size_t size, dag_error *error);

/* Does any stage, also of the pipelines that it calls, say that its results may be reused? */
bool cache_any_cacheable(const dag_program *program);

/* Why a task runs, or would run again: the first part of its fingerprint that differs from the last
 * result of the same task. */
typedef struct CacheDifference {
    const char *part; /* "definition", "input text", …; NULL: nothing differs or nothing is known */
    const char *before, *now; /* descriptions of that part */
    const char *run;          /* whose result it is compared with; NULL: there is none */
    bool cacheable;           /* false: results of the stage are never reused */
} CacheDifference;

/* Explains; texts live in question->arena. False: a file of the inputs cannot be read. */
bool store_cache_explain(dag_reuse *cache, const ReuseQuestion *question,
                         CacheDifference *difference);

/* Has the stage, as it is defined now, any result in the cache? For `plan`. */
bool store_cache_has(dag_reuse *cache, uint32_t stage);

#endif
