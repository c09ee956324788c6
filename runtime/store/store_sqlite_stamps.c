/*
 * store_sqlite_stamps.c - are the files of a result still what the task left?
 *
 * A file below the state folder was made by a task: its size and time of modification, and those of
 * everything in a folder, are noted with the result, and it counts only while they are the same. No
 * clock is asked. A file elsewhere was only found: it must be there; who reads it looks at its content.
 */
#include <string.h>

#include "core/filehash.h"
#include "store/store_sqlite_cache.h"

static const int64_t SECOND = 1000000000;

enum { STAMP = 16 }; /* digits of one */

typedef struct Stamps {
    Arena *arena;
    Stamper *stamper;
    char *text; /* the stamps so far */
    size_t n;
    const char *gone; /* the first path that cannot be looked at */
    bool temporary;   /* it may have been deleted after use */
} Stamps;

static const char unknown[] = "----------------", any[] = "~~~~~~~~~~~~~~~~";

static bool stamp_file(void *self, const char *path, const struct stat *status, Digest *digest) {
    int64_t modified = (int64_t)status->st_mtim.tv_sec * SECOND + status->st_mtim.tv_nsec;
    int64_t size = (int64_t)status->st_size;
    (void)self, (void)path;
    memcpy(digest->bytes, &size, sizeof size);
    memcpy(digest->bytes + 8, &modified, sizeof modified);
    return true;
}

static bool stamp_tree(PathStat *paths, dag_value path, Digest *digest) {
    struct stat status;
    if (path.kind == DAG_DIR)
        return filehash_tree(path.u.text, stamp_file, NULL, digest);
    return path_stat(paths, path.u.text, &status) == 0 && S_ISREG(status.st_mode) &&
           stamp_file(NULL, path.u.text, &status, digest);
}

static void add(Stamps *s, const char *chars) {
    s->text = arena_grow(s->arena, s->text, s->n, s->n + STAMP + 1);
    memcpy(s->text + s->n, chars, STAMP);
    s->n += STAMP;
    s->text[s->n] = '\0';
}

static void add_path(Stamps *s, dag_value path) {
    size_t n = strlen(s->stamper->own);
    bool own = strncmp(path.u.text, s->stamper->own, n) == 0 && path.u.text[n] == '/';
    struct stat status;
    Digest digest;
    char hex[DIGEST_TEXT];
    bool there =
        own ? stamp_tree(&s->stamper->paths, path, &digest)
            : path_stat(&s->stamper->paths, path.u.text, &status) == 0 &&
                  (path.kind == DAG_DIR ? S_ISDIR(status.st_mode) : S_ISREG(status.st_mode));
    if (!there && s->temporary &&
        file_memory_gone(*s->stamper->files, path.u.text, &status, &digest)) {
        add(s, any);
        return;
    }
    if (!there && s->gone == NULL)
        s->gone = path.u.text;
    if (!there || !own) {
        add(s, unknown);
        return;
    }
    /* Of the 16 bytes 8 are kept, for 100,000 files are many. */
    digest_hex(digest_of(digest.bytes, sizeof digest.bytes), hex);
    add(s, hex);
}

/* In the order in which they stand in the value. */
static void add_value(Stamps *s, dag_value value) {
    if (value.kind == DAG_FILE || value.kind == DAG_DIR)
        add_path(s, value);
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len; i++)
        add_value(s, value.u.items[i]);
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len; i++)
        add_value(s, value.u.entries[i].value);
}

const char *stamps_of(Arena *arena, Stamper *stamper, const dag_value *outputs, size_t n) {
    Stamps s = { .arena = arena, .stamper = stamper, .text = arena_text(arena, "", 0) };
    add_value(&s, value_list(outputs, n));
    return s.text;
}

/* The path with this number among those of the value; *n counts down. */
static const char *path_number(dag_value value, size_t *n) {
    const char *found = NULL;
    if (value.kind == DAG_FILE || value.kind == DAG_DIR)
        return (*n)-- == 0 ? value.u.text : NULL;
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len && found == NULL; i++)
        found = path_number(value.u.items[i], n);
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len && found == NULL; i++)
        found = path_number(value.u.entries[i].value, n);
    return found;
}

const char *stamps_differ(Arena *arena, Stamper *stamper, const dag_value *outputs, size_t n,
                          const char *stamps) {
    Stamps s = { .arena = arena, .stamper = stamper, .text = arena_text(arena, "", 0) };
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        s.temporary = stamper->temporary != NULL && stamper->temporary[i];
        add_value(&s, outputs[i]);
    }
    if (s.gone != NULL)
        return s.gone;
    while (s.text[at] != '\0' && stamps[at] != '\0' &&
           (s.text[at] == stamps[at] || s.text[at] == any[0]))
        at++;
    if (s.text[at] == stamps[at])
        return NULL;
    at /= STAMP;
    const char *path = path_number(value_list(outputs, n), &at);
    return path == NULL ? "of this task" : path;
}
