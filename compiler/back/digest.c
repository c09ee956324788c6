/*
 * digest.c - hashes C sources with what they include.
 *
 * Includes are followed by text, not by the preprocessor: the digest is part of the generated C and
 * so must be there before a C compiler runs, and --emit=c needs none. XXH3 as in xxhash.h.
 */
#include "back/digest.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/table.h"
#include "model/native.h"

enum { MOST_FILES = 10000, MOST_FOLDERS = 64 };

typedef struct Hasher {
    Front *front;
    XXH3_state_t *state;
    const char *folders[MOST_FOLDERS]; /* where includes are looked for */
    size_t nfolders;
    Table *seen; /* path -> hashed already */
    size_t nseen;
    const char *lines; /* "NAME (SIZE bytes, HASH)" for each file so far */
} Hasher;

/* With its length, so that no two lists of texts are the same bytes. */
static void add(Hasher *h, const char *text, size_t n) {
    uint64_t length = n;
    XXH3_64bits_update(h->state, &length, sizeof length);
    XXH3_64bits_update(h->state, text, n);
}

static void add_word(Hasher *h, const char *word) {
    add(h, word, strlen(word));
}

/* ---------------------------------------------------------------- includes */

static const char *folder_of_path(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_text(arena, path, (size_t)(slash - path)) : ".";
}

/* `name`: as the author wrote it, which does not depend on where the compiler was started. */
static bool add_file(Hasher *h, const char *path, const char *name);

static bool add_from(Hasher *h, const char *folder, const char *name) {
    return add_file(h,
                    strcmp(folder, ".") == 0
                        ? name
                        : arena_printf(&h->front->arena, "%s/%s", folder, name),
                    name);
}

/* What is found in none of the author's folders is the system's, or generated. */
static void add_include(Hasher *h, const char *from, const char *name) {
    if (name[0] == '/') {
        add_file(h, name, name);
        return;
    }
    if (add_from(h, from, name)) {
        return;
    }
    for (size_t i = 0; i < h->nfolders && !add_from(h, h->folders[i], name); i++) {
    }
}

/* The name in a line `# include "name"`, also within < >; NULL: it is no such line. */
static const char *included(Arena *arena, const char *line, size_t n) {
    const char *p = line, *end = line + n;
    p += strspn(p, " \t");
    if (p >= end || *p != '#') {
        return NULL;
    }
    p++;
    p += strspn(p, " \t");
    if (end - p < 8 || memcmp(p, "include", 7) != 0) {
        return NULL;
    }
    p += 7;
    p += strspn(p, " \t");
    if (p >= end || (*p != '"' && *p != '<')) {
        return NULL;
    }
    const char *close = memchr(p + 1, *p == '<' ? '>' : '"', (size_t)(end - p - 1));
    return close ? arena_text(arena, p + 1, (size_t)(close - p - 1)) : NULL;
}

static void add_text(Hasher *h, const char *folder, const char *text, size_t size) {
    add(h, text, size);
    for (const char *p = text, *end = text + size; p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t n = newline ? (size_t)(newline - p) : (size_t)(end - p);
        const char *name = included(&h->front->arena, p, n);
        if (name) {
            add_include(h, folder, name);
        }
        p += n + 1;
    }
}

/* False: there is no such file. */
static bool add_file(Hasher *h, const char *path, const char *name) {
    Arena *arena = &h->front->arena;
    const char *known = intern(h->front->names, path, strlen(path)), *message;
    if (table_get(h->seen, NULL, known)) {
        return true;
    }
    Sources none = { 0 };
    Source *source = h->nseen < MOST_FILES ? source_read(arena, &none, path, &message) : NULL;
    if (!source) {
        return false;
    }
    h->nseen++;
    table_put(h->seen, NULL, known, source);
    h->lines = arena_printf(arena, "%s%s (%u bytes, %016llx)\n", h->lines, name, source->size,
                            (unsigned long long)XXH3_64bits(source->text, source->size));
    add_text(h, folder_of_path(arena, path), source->text, source->size);
    return true;
}

/* ---------------------------------------------------------------- bodies */

static void add_folder(Hasher *h, const char *folder) {
    if (h->nfolders < MOST_FOLDERS) {
        h->folders[h->nfolders++] = folder;
    }
}

static void add_words(Hasher *h, const char *what, const Expr *words) {
    for (const Expr *e = words; e; e = e->next) {
        add_word(h, what);
        add_word(h, body_literal(&h->front->arena, e));
    }
}

static void add_body(Hasher *h, const Item *body) {
    const char *cflags = getenv("CFLAGS");
    const Expr *text = body->u.body.kind == BODY_C ? body->u.body.words : NULL;
    add_folder(h, body_folder(h->front, body->span));
    for (const Expr *e = body->u.body.includes; e; e = e->next) {
        add_folder(h, body_path(h->front, e));
    }
    add_words(h, "link", body->u.body.links);
    add_words(h, "pkg", body->u.body.pkgs);
    add_words(h, "include", body->u.body.includes);
    add_word(h, cflags ? cflags : "");
    add_word(h, body->u.body.function.text ? body->u.body.function.text : "");
    h->lines = arena_printf(&h->front->arena, "flags %016llx\n",
                            (unsigned long long)XXH3_64bits_digest(h->state));
    if (text) {
        const char *word = body_literal(&h->front->arena, text);
        add_text(h, h->folders[0], word, strlen(word));
    }
    for (const Expr *e = body->u.body.files; e; e = e->next) {
        add_file(h, body_path(h->front, e), body_literal(&h->front->arena, e));
    }
}

const char *native_digest(Front *front, const Item *body) {
    Hasher *h = ARENA_NEW(&front->arena, Hasher);
    h->front = front;
    h->seen = table_new(&front->arena);
    h->state = XXH3_createState();
    if (!h->state) {
        return "";
    }
    XXH3_64bits_reset(h->state);
    add_body(h, body);
    const Expr *text = body->u.body.kind == BODY_C ? body->u.body.words : NULL;
    XXH3_freeState(h->state);
    return text ? arena_printf(&front->arena, "%s\n%s", h->lines, body_literal(&front->arena, text))
                : h->lines;
}
