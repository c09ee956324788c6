/*
 * store_sqlite_cache.c - results by cache key, in the same database as the runs.
 *
 * A row is written when a task has completed by running, in short transactions of a connection of
 * its own; a row that a crash loses costs one more execution, never a wrong result. A row counts
 * only while the files it names are as they were (store_sqlite_stamps.c). What a task read must be
 * the same when it has ended as when it began: else its result is not kept. What it wrote is on the
 * disk before the row is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/outputs.h"
#include "core/path_stat.h"
#include "core/sight.h"
#include "store/ports_json.h"
#include "store/store_sqlite.h"
#include "store/store_sqlite_cache.h"
#include "store/wall_clock.h"

enum { MOST_PENDING = 4096, MOST_REFRESHES = 1 << 20, BUSY_TIMEOUT = 60000 };
enum { MOST_INPUTS = 4096 }; /* bytes of a task's inputs that are kept with its result */
static const int64_t FLUSH_AFTER = 1000000000;           /* ns */
static const uint64_t MOST_UNSAVED = (uint64_t)64 << 20; /* bytes of files hashed and not noted */

/* A task between ask and completed: its fingerprint need not be computed twice. */
typedef struct Asked {
    uint32_t stage;
    char *key, *parts;
    char *inputs; /* as JSON; NULL: too long to be kept */
    Digest digest;
    uint64_t places;
    struct Asked *next;
} Asked;

/* A row to be written. */
typedef struct Pending {
    Asked *asked;
    char *outputs, *stamps;
    bool has_sight;
    Digest sight;
    int64_t made;
    struct Pending *next;
} Pending;

/* A row that was found, though its task sees something else now: a file that was written again as it was. */
typedef struct Refresh {
    int64_t row;
    Digest sight;
    struct Refresh *next;
} Refresh;

typedef struct Cache {
    dag_reuse table; /* what callers hold */
    CacheConfig config;
    sqlite3 *db;
    sqlite3_stmt *last, *put, *any, *define, *refresh;
    CacheRows *rows;
    CacheAhead *ahead; /* looks at rows; NULL: nobody does */
    Stamper stamper;   /* of outputs */
    PathStat seen;     /* inputs */
    uint64_t ended;    /* bodies, as of the last question */
    Fingerprints *fingerprints;
    Sight sight; /* of the task in question */
    FileMemory *files;
    unsigned char key[SIPHASH_KEY];
    bool has_key;
    bool *defined; /* by stage: its definition is in the store */
    Asked *asked;
    Pending *pending, **last_pending;
    size_t npending;
    Refresh *refreshes;
    size_t nrefreshes;
    bool files_pending; /* outputs of pending rows are files */
    int64_t flushed;
    CacheFamily family;
} Cache;

static const char *slug(const Cache *cache, uint32_t stage) {
    const dag_program *program = cache->config.program;
    return program->strings + program->stages[stage].slug;
}

/* ---------------------------------------------------------------- fingerprints */

static const unsigned char *secret_key(void *self) {
    Cache *cache = self;
    if (!cache->has_key)
        cache->has_key = secret_key_read(cache->config.dir, cache->key);
    return cache->has_key ? cache->key : NULL;
}

static bool digest_file(void *self, const char *path, const struct stat *status, Digest *digest) {
    return file_memory_digest(((Cache *)self)->files, path, status, digest);
}

/* Before any body has ended a file is as it was when the inputs were looked at. */
static int look_at(void *self, const char *path, struct stat *status) {
    Cache *cache = self;
    const Look *look = cache->config.looks != NULL && cache->ended == 0
                           ? looks_find(cache->config.looks, path)
                           : NULL;
    if (look == NULL)
        return path_stat(&cache->seen, path, status);
    *status = look_status(look);
    errno = look->error;
    return look->error == 0 ? 0 : -1;
}

/* Once per question. */
static int stat_file(void *self, const char *path, struct stat *status) {
    Cache *cache = self;
    const struct stat *known = sight_find(&cache->sight, path);
    if (known == NULL)
        return look_at(self, path, status);
    *status = *known;
    return 0;
}

static bool digest_gone(void *self, const char *path, struct stat *status, Digest *digest) {
    return file_memory_gone(((Cache *)self)->files, path, status, digest);
}

static bool fingerprint_of(Cache *cache, const ReuseQuestion *question, bool texts,
                           Fingerprint *fingerprint) {
    FingerprintWorld world = { .self = cache,
                               .stat = stat_file,
                               .file = digest_file,
                               .gone = digest_gone,
                               .key = secret_key,
                               .own = cache->config.dir };
    return fingerprint_task(cache->fingerprints, question, &world, texts, fingerprint);
}

/* What the fingerprints of this question are computed from, until forget_sight. */
static void look(Cache *cache, const ReuseQuestion *question) {
    FingerprintWorld world = { .self = cache, .stat = look_at };
    sight_take(&cache->sight, cache->fingerprints, question, &world, cache->config.by_stat);
}

static void forget_sight(Cache *cache) {
    cache->sight.whole = false;
    cache->sight.n = 0;
}

/* ---------------------------------------------------------------- asked and not answered */

static void asked_free(Asked *asked) {
    if (asked == NULL)
        return;
    free(asked->key);
    free(asked->parts);
    free(asked->inputs);
    free(asked);
}

/* NULL: they are too long to be kept a second time, or there is no memory. */
static char *inputs_json(const Cache *cache, const ReuseQuestion *question) {
    const dag_program *program = cache->config.program;
    const dag_stage *stage = &program->stages[question->stage];
    const char *json =
        ports_json(question->arena, program, stage->in, stage->nin, question->inputs);
    return strlen(json) <= MOST_INPUTS ? strdup(json) : NULL;
}

static void note_asked(Cache *cache, const ReuseQuestion *question,
                       const Fingerprint *fingerprint) {
    Asked *asked = calloc(1, sizeof *asked);
    if (asked == NULL)
        return; /* the result will not be remembered */
    asked->stage = question->stage;
    asked->key = strdup(question->key);
    asked->parts = strdup(cache_parts_json(question->arena, fingerprint));
    asked->inputs = inputs_json(cache, question);
    asked->digest = fingerprint->key;
    asked->places = fingerprint->places;
    if (asked->key == NULL || asked->parts == NULL) {
        asked_free(asked);
        return;
    }
    asked->next = cache->asked;
    cache->asked = asked;
}

static Asked *take_asked(Cache *cache, const ReuseQuestion *question) {
    for (Asked **link = &cache->asked; *link != NULL; link = &(*link)->next) {
        Asked *asked = *link;
        if (asked->stage != question->stage || strcmp(asked->key, question->key) != 0)
            continue;
        *link = asked->next;
        return asked;
    }
    return NULL;
}

/* ---------------------------------------------------------------- reading */

static const char *column(Arena *arena, sqlite3_stmt *statement, int i) {
    const char *chars = (const char *)sqlite3_column_text(statement, i);
    return chars == NULL ? "" : arena_text(arena, chars, strlen(chars));
}

/* Of a path that a body makes, only a `temp` one may be gone; another one is somebody else's. */
static const bool *temporary_outputs(const Cache *cache, const ReuseQuestion *question) {
    const dag_program *program = cache->config.program;
    const dag_stage *stage = &program->stages[question->stage];
    bool *temporary = ARENA_ARRAY(question->arena, stage->nout, bool);
    for (uint32_t i = 0; i < stage->nout; i++) {
        uint32_t flags = program->ports[stage->out + i].flags;
        temporary[i] =
            (flags & DAG_PORT_TEMP) != 0 || (flags & (DAG_PORT_PATH | DAG_PORT_GLOB)) == 0;
    }
    return temporary;
}

/* Is the result known to be intact? */
static bool take_seen(Cache *cache, const ReuseQuestion *question, CacheRow *row,
                      dag_value *outputs) {
    const dag_stage *stage = &cache->config.program->stages[question->stage];
    Box *seen = cache->ahead == NULL || row->ahead.stage != question->stage
                    ? NULL
                    : cache_ahead_seen(cache->ahead, &row->ahead, question->ended);
    for (uint32_t i = 0; seen != NULL && i < stage->nout; i++)
        outputs[i] = value_copy(question->arena, seen->outputs[i]);
    box_release(seen);
    return seen != NULL;
}

/* Looks at one row: a result that is intact now, or why there is none. */
static bool take_result(Cache *cache, const ReuseQuestion *question, CacheRow *row,
                        dag_value *outputs, const char **reason) {
    const dag_stage *stage = &cache->config.program->stages[question->stage];
    const char *gone = NULL;
    if (take_seen(cache, question, row, outputs)) {
        *reason = row->reason;
        return true;
    }
    if (!outputs_from_json(question->arena, cache->config.program, stage, row->ahead.outputs,
                           outputs))
        return false; /* not what the stage gives now */
    if ((stage->flags & DAG_STAGE_GATE) != 0)
        outputs[0] = question->inputs[0]; /* it hands on what enters now */
    else {
        cache->stamper.temporary = temporary_outputs(cache, question);
        gone = stamps_differ(question->arena, &cache->stamper, outputs, stage->nout,
                             row->ahead.stamps);
    }
    *reason = gone == NULL
                  ? row->reason
                  : arena_printf(question->arena, "its output %s is gone or was changed", gone);
    return gone == NULL;
}

/* The row has the task's inputs: it need not be recorded once more what they and the outputs are. Of a gate
 * it does not say what enters. */
static void name_result(const Cache *cache, const ReuseQuestion *question, const CacheRow *row) {
    const dag_stage *stage = &cache->config.program->stages[question->stage];
    if (question->result != NULL && row->whole && (stage->flags & DAG_STAGE_GATE) == 0)
        *question->result = row->id;
}

/* Next time it is found by what the task sees now. */
static void refresh(Cache *cache, const CacheRow *row) {
    const Sight *sight = &cache->sight;
    bool known = row->has_sight && digest_equal(row->sight, sight->digest);
    if (!sight->whole || known || cache->nrefreshes == MOST_REFRESHES)
        return;
    Refresh *fresh = malloc(sizeof *fresh);
    if (fresh == NULL)
        return;
    *fresh = (Refresh){ .row = row->id, .sight = sight->digest, .next = cache->refreshes };
    cache->refreshes = fresh;
    cache->nrefreshes++;
}

/* Takes the row if its result is intact. `lasts`: of all files that were read for it, what stat says tells
 * whether they are as they were. */
static bool take_found(Cache *cache, const ReuseQuestion *question, const Fingerprint *fingerprint,
                       bool lasts, CacheRow *row, dag_value *outputs, const char **reason) {
    if (!take_result(cache, question, row, outputs, reason))
        return false;
    if (row->places == (int64_t)fingerprint->places)
        name_result(cache, question, row);
    if (lasts)
        refresh(cache, row);
    return true;
}

/* Is it the one that was expected, as far as can be told without reading a file? */
static bool find_expected(Cache *cache, const ReuseQuestion *question, dag_value *outputs,
                          const char **reason) {
    CacheRow *row = cache->sight.whole && !cache->config.full
                        ? cache_rows_expect(cache->rows, question->stage, cache->sight.digest)
                        : NULL;
    if (row == NULL || !take_result(cache, question, row, outputs, reason))
        return false;
    name_result(cache, question, row);
    return true;
}

/* A row that was read ahead may have been followed by another one with the same key. */
static bool find_result(Cache *cache, const ReuseQuestion *question, const Fingerprint *fingerprint,
                        bool lasts, dag_value *outputs, const char **reason) {
    CacheRow *row = cache_rows_find(cache->rows, fingerprint->key, false);
    if (row == NULL)
        return false;
    if (take_found(cache, question, fingerprint, lasts, row, outputs, reason))
        return true;
    CacheRow *newest = cache_rows_find(cache->rows, fingerprint->key, true);
    return newest != NULL && newest->made != row->made &&
           take_found(cache, question, fingerprint, lasts, newest, outputs, reason);
}

static void compare_with_last(Cache *cache, const ReuseQuestion *question,
                              const Fingerprint *fingerprint, CacheDifference *difference) {
    sqlite3_bind_text(cache->last, 1, slug(cache, question->stage), -1, SQLITE_STATIC);
    sqlite3_bind_text(cache->last, 2, question->key, -1, SQLITE_STATIC);
    if (sqlite3_step(cache->last) == SQLITE_ROW) {
        const void *definition = sqlite3_column_blob(cache->last, 2);
        difference->run = column(question->arena, cache->last, 1);
        if (definition != NULL && sqlite3_column_bytes(cache->last, 2) == sizeof(Digest) &&
            memcmp(definition, fingerprint->definition.bytes, sizeof(Digest)) == 0)
            cache_compare(question->arena, column(question->arena, cache->last, 0), fingerprint,
                          difference);
        else
            cache_compare_definition(question->arena, column(question->arena, cache->last, 3),
                                     cache->config.program, question->stage, difference);
    }
    sqlite3_reset(cache->last);
}

static const char *why_it_runs(Cache *cache, const ReuseQuestion *question,
                               const Fingerprint *fingerprint) {
    CacheDifference difference = { 0 };
    compare_with_last(cache, question, fingerprint, &difference);
    if (difference.run == NULL)
        return "never completed before";
    if (difference.part == NULL)
        return "its result is not in the cache any more";
    return arena_printf(question->arena, "its %s changed", difference.part);
}

/* ---------------------------------------------------------------- the table of functions */

/* What was seen of folders before a body ended does not hold. */
static void look_again(Cache *cache, const ReuseQuestion *question) {
    if (cache->ended == question->ended)
        return;
    cache->ended = question->ended;
    path_stat_end(&cache->stamper.paths);
    path_stat_end(&cache->seen);
}

/* Is there any result of the stage as it is defined now? */
static bool is_defined(Cache *cache, uint32_t stage) {
    Digest digest = fingerprint_definition(cache->fingerprints, stage);
    if (cache->defined[stage])
        return true;
    sqlite3_bind_blob(cache->any, 1, digest.bytes, (int)sizeof digest.bytes, SQLITE_STATIC);
    cache->defined[stage] = sqlite3_step(cache->any) == SQLITE_ROW;
    sqlite3_reset(cache->any);
    return cache->defined[stage];
}

static ReuseAnswer ask_by_key(Cache *cache, const ReuseQuestion *question, dag_value *outputs,
                              const char **reason) {
    Fingerprint fingerprint;
    uint64_t fleeting = file_memory_fleeting(cache->files);
    bool texts = cache->config.full || !is_defined(cache, question->stage); /* it runs for sure */
    if (!fingerprint_of(cache, question, texts, &fingerprint)) {
        *reason = "what it reads cannot be read";
        return REUSE_RUN;
    }
    bool lasts = file_memory_fleeting(cache->files) == fleeting;
    if (!cache->config.full && find_result(cache, question, &fingerprint, lasts, outputs, reason)) {
        return REUSE_CACHED;
    }
    if (!texts)
        fingerprint_of(cache, question, true, &fingerprint); /* now with texts, for explanations */
    if (cache->config.full)
        *reason = "--full";
    else if (*reason == NULL)
        *reason = why_it_runs(cache, question, &fingerprint);
    note_asked(cache, question, &fingerprint);
    return REUSE_RUN;
}

static ReuseAnswer cache_ask(void *self, const ReuseQuestion *question, dag_value *outputs,
                             const char **reason) {
    Cache *cache = self;
    *reason = NULL;
    look_again(cache, question);
    if (!fingerprint_reusable(cache->fingerprints, question->stage) || question->anew != NULL)
        return REUSE_RUN; /* made once more, it stands for the result that is known */
    look(cache, question);
    ReuseAnswer answer = find_expected(cache, question, outputs, reason)
                             ? REUSE_CACHED
                             : ask_by_key(cache, question, outputs, reason);
    forget_sight(cache);
    return answer;
}

static int write_definition(Cache *cache, uint32_t stage) {
    Digest digest = fingerprint_definition(cache->fingerprints, stage);
    Arena arena = { 0 };
    const char *json = cache_definition_json(&arena, cache->config.program, stage);
    sqlite3_bind_blob(cache->define, 1, digest.bytes, (int)sizeof digest.bytes, SQLITE_STATIC);
    sqlite3_bind_text(cache->define, 2, json, -1, SQLITE_STATIC);
    int rc = sqlite3_step(cache->define);
    sqlite3_reset(cache->define);
    arena_free(&arena);
    cache->defined[stage] = rc == SQLITE_DONE;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int write_pending(Cache *cache, const Pending *pending) {
    sqlite3_stmt *put = cache->put;
    uint32_t stage = pending->asked->stage;
    Digest definition = fingerprint_definition(cache->fingerprints, stage);
    int known = cache->defined[stage] ? SQLITE_OK : write_definition(cache, stage);
    if (known != SQLITE_OK)
        return known;
    sqlite3_bind_blob(put, 1, pending->asked->digest.bytes, 16, SQLITE_STATIC);
    sqlite3_bind_text(put, 2, cache->config.run, -1, SQLITE_STATIC);
    sqlite3_bind_text(put, 3, slug(cache, pending->asked->stage), -1, SQLITE_STATIC);
    sqlite3_bind_text(put, 4, pending->asked->key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(put, 5, pending->made);
    sqlite3_bind_text(put, 6, pending->asked->parts, -1, SQLITE_STATIC);
    sqlite3_bind_text(put, 7, pending->outputs, -1, SQLITE_STATIC);
    sqlite3_bind_blob(put, 8, definition.bytes, (int)sizeof definition.bytes, SQLITE_TRANSIENT);
    sqlite3_bind_text(put, 9, pending->stamps, -1, SQLITE_STATIC);
    if (pending->asked->inputs != NULL) {
        sqlite3_bind_text(put, 10, pending->asked->inputs, -1, SQLITE_STATIC);
        sqlite3_bind_int64(put, 11, (int64_t)pending->asked->places);
    }
    if (pending->has_sight)
        sqlite3_bind_blob(put, 12, pending->sight.bytes, (int)sizeof(Digest), SQLITE_STATIC);
    int rc = sqlite3_step(put);
    sqlite3_reset(put);
    sqlite3_clear_bindings(put);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void drop_pending(Cache *cache) {
    for (Pending *pending = cache->pending; pending != NULL;) {
        Pending *next = pending->next;
        asked_free(pending->asked);
        free(pending->outputs);
        free(pending->stamps);
        free(pending);
        pending = next;
    }
    cache->pending = NULL;
    cache->last_pending = &cache->pending;
    cache->npending = 0;
    cache->files_pending = false;
}

static int write_refresh(Cache *cache, const Refresh *fresh) {
    sqlite3_stmt *statement = cache->refresh;
    sqlite3_bind_blob(statement, 1, fresh->sight.bytes, (int)sizeof(Digest), SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, fresh->row);
    int rc = sqlite3_step(statement);
    sqlite3_reset(statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void drop_refreshes(Cache *cache) {
    for (Refresh *fresh = cache->refreshes, *next; fresh != NULL; fresh = next) {
        next = fresh->next;
        free(fresh);
    }
    cache->refreshes = NULL;
    cache->nrefreshes = 0;
}

/* What bodies have written is on the disk, or could not be brought there. */
static bool write_out_files(const Cache *cache) {
    if (!cache->files_pending)
        return true;
    int folder = store_open_work(cache->config.dir);
    bool good = folder >= 0 && syncfs(folder) == 0;
    if (folder >= 0)
        close(folder);
    return good;
}

/* A failure only costs later executions: the store says by itself that the disk is full. */
static void flush(Cache *cache) {
    cache->flushed = wall_clock();
    if (cache->npending == 0 && cache->nrefreshes == 0 && file_memory_unsaved(cache->files) == 0)
        return;
    if (!write_out_files(cache)) {
        drop_pending(cache);
        return;
    }
    int rc = sqlite3_exec(cache->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (Pending *p = cache->pending; p != NULL && rc == SQLITE_OK; p = p->next) {
        rc = write_pending(cache, p);
    }
    for (Refresh *fresh = cache->refreshes; fresh != NULL && rc == SQLITE_OK; fresh = fresh->next) {
        rc = write_refresh(cache, fresh);
    }
    if (rc == SQLITE_OK)
        rc = file_memory_write(cache->files);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(cache->db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        sqlite3_exec(cache->db, "ROLLBACK", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        memset(cache->defined, 0, cache->config.program->nstages * sizeof *cache->defined);
    drop_pending(cache);
    drop_refreshes(cache);
}

static char *outputs_json(Cache *cache, const ReuseQuestion *question, const dag_value *outputs) {
    const dag_program *program = cache->config.program;
    const dag_stage *stage = &program->stages[question->stage];
    return strdup(ports_json(question->arena, program, stage->out, stage->nout, outputs));
}

/* Has something that the task read been changed while it ran? */
static bool is_overtaken(Cache *cache, const ReuseQuestion *question, const Asked *asked) {
    Fingerprint now;
    if (!fingerprint_reads_files(cache->fingerprints, question->stage))
        return false;
    return !fingerprint_of(cache, question, false, &now) || !digest_equal(now.key, asked->digest);
}

/* Sets *lasts: what the task sees can be told by what stat says. */
static Asked *take_valid(Cache *cache, const ReuseQuestion *question, bool *lasts) {
    Asked *asked = take_asked(cache, question);
    uint64_t fleeting = file_memory_fleeting(cache->files);
    look_again(cache, question);
    if (asked == NULL)
        return NULL;
    look(cache, question);
    bool overtaken = is_overtaken(cache, question, asked);
    *lasts = cache->sight.whole && file_memory_fleeting(cache->files) == fleeting;
    forget_sight(cache);
    if (!overtaken)
        return asked;
    asked_free(asked);
    return NULL;
}

static void cache_completed(void *self, const ReuseQuestion *question, const dag_value *outputs) {
    Cache *cache = self;
    bool lasts;
    Asked *asked = take_valid(cache, question, &lasts);
    if (asked == NULL)
        return;
    const dag_stage *stage = &cache->config.program->stages[question->stage];
    const char *stamps = stamps_of(question->arena, &cache->stamper, outputs, stage->nout);
    Pending *pending = calloc(1, sizeof *pending);
    if (pending == NULL) {
        asked_free(asked);
        return;
    }
    *pending = (Pending){ .asked = asked,
                          .outputs = outputs_json(cache, question, outputs),
                          .stamps = strdup(stamps),
                          .has_sight = lasts,
                          .sight = cache->sight.digest,
                          .made = wall_clock() };
    *cache->last_pending = pending;
    cache->last_pending = &pending->next;
    cache->npending++;
    const dag_program *program = cache->config.program;
    if (stage_has_files(program, &program->stages[question->stage]))
        cache->files_pending = true;
    bool due = pending->made - cache->flushed > FLUSH_AFTER;
    if (due || cache->npending >= MOST_PENDING ||
        file_memory_unsaved(cache->files) > MOST_UNSAVED) {
        flush(cache);
    }
}

/* Expressions cost less than the question. */
static bool cache_asks(void *self, uint32_t stage) {
    const Cache *cache = self;
    return fingerprint_reusable(cache->fingerprints, stage);
}

static bool cache_gone(void *self, const char *path, int64_t *size) {
    const Cache *cache = self;
    struct stat status;
    Digest digest;
    bool found = file_memory_gone(cache->files, path, &status, &digest);
    if (found)
        *size = (int64_t)status.st_size;
    return found;
}

static dag_reuse *cache_child(void *self, const char *run, const dag_program *program) {
    Cache *cache = self;
    return cache_family_child(&cache->family, run, program);
}

static void cache_free(void *self) {
    Cache *cache = self;
    cache_family_free(&cache->family);
    if (cache->files != NULL)
        flush(cache);
    drop_refreshes(cache);
    while (cache->asked != NULL) {
        Asked *next = cache->asked->next;
        asked_free(cache->asked);
        cache->asked = next;
    }
    path_stat_end(&cache->stamper.paths);
    path_stat_end(&cache->seen);
    file_memory_free(cache->files);
    fingerprints_free(cache->fingerprints);
    cache_ahead_free(cache->ahead); /* before what it looks at */
    cache_rows_free(cache->rows);
    sqlite3_finalize(cache->last);
    sqlite3_finalize(cache->put);
    sqlite3_finalize(cache->any);
    sqlite3_finalize(cache->define);
    sqlite3_finalize(cache->refresh);
    sqlite3_close(cache->db);
    free(cache->defined);
    free(cache);
}

/* ---------------------------------------------------------------- explaining */

bool store_cache_explain(dag_reuse *reuse, const ReuseQuestion *question,
                         CacheDifference *difference) {
    ReuseQuestion named = *question;
    Cache *cache = cache_of_child(reuse, &named)->self;
    Fingerprint fingerprint;
    *difference = (CacheDifference){ .cacheable = fingerprint_reusable(cache->fingerprints,
                                                                       question->stage) };
    if (!fingerprint_of(cache, question, true, &fingerprint))
        return false;
    compare_with_last(cache, &named, &fingerprint, difference);
    return true;
}

bool store_cache_has(dag_reuse *reuse, uint32_t stage) {
    return is_defined(cache_of_child(reuse, NULL)->self, stage);
}

/* ---------------------------------------------------------------- opening */

static bool prepare(Cache *cache, const char *sql, sqlite3_stmt **statement) {
    return sqlite3_prepare_v2(cache->db, sql, -1, statement, NULL) == SQLITE_OK;
}

static bool open_database(Cache *cache) {
    const dag_program *program = cache->config.program;
    const char *name = cache->config.name;
    char *path = sqlite3_mprintf("%s/%s.db", cache->config.dir,
                                 name != NULL ? name : program->strings + program->name);
    int rc = path == NULL ? SQLITE_NOMEM
                          : sqlite3_open_v2(path, &cache->db,
                                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_free(path);
    if (rc != SQLITE_OK)
        return false;
    sqlite3_busy_timeout(cache->db, BUSY_TIMEOUT);
    sqlite3_exec(cache->db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
    if (cache->config.name == NULL) /* runs of called pipelines are small */
        cache->ahead = cache_ahead_new(program, cache->config.dir);
    cache->rows = cache_rows_new(cache->db, program, cache->config.run, cache->ahead);
    return cache->rows != NULL &&
           prepare(
               cache,
               "SELECT c.parts, c.run, c.definition, d.parts FROM cache c LEFT JOIN definition d"
               " ON d.digest = c.definition WHERE c.stage = ? AND c.task = ?"
               " ORDER BY c.id DESC LIMIT 1",
               &cache->last) &&
           prepare(cache,
                   "INSERT INTO cache(key, run, stage, task, made, parts, outputs, definition,"
                   " stamps, inputs, places, sight) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                   &cache->put) &&
           prepare(cache, "INSERT OR IGNORE INTO definition(digest, parts) VALUES(?,?)",
                   &cache->define) &&
           prepare(cache, "UPDATE cache SET sight = ? WHERE id = ?", &cache->refresh) &&
           prepare(cache, "SELECT 1 FROM definition WHERE digest = ?", &cache->any);
}

dag_reuse *store_cache_open(const CacheConfig *config, char *reason, size_t size,
                            dag_error *error) {
    Cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL) {
        cache->config = cache->family.config = *config;
        cache->stamper.own = config->dir;
        cache->stamper.files = &cache->files;
        if (config->name == NULL) {
            cache->family.config.name = config->program->strings + config->program->name;
        }
        cache->last_pending = &cache->pending;
        cache->table = (dag_reuse){ .self = cache,
                                    .ask = cache_ask,
                                    .asks = cache_asks,
                                    .completed = cache_completed,
                                    .child = cache_child,
                                    .gone = cache_gone,
                                    .free = cache_free };
        cache->fingerprints = fingerprints_new(config->program);
        cache->defined = calloc(config->program->nstages + 1, sizeof *cache->defined);
        if (cache->fingerprints != NULL && cache->defined != NULL && open_database(cache)) {
            cache->files = file_memory_new(cache->db, config->by_stat, config->dir);
        }
        if (cache->files != NULL)
            return &cache->table;
    }
    sqlite3_snprintf((int)size, reason, "the cache cannot be opened: %s",
                     cache == NULL || cache->db == NULL ? "out of memory"
                                                        : sqlite3_errmsg(cache->db));
    *error = (dag_error){ .type = "store", .message = reason };
    if (cache != NULL)
        cache_free(cache);
    return NULL;
}
