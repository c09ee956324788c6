/*
 * glob.c - patterns of files: one component of the pattern after the other, depth first.
 *
 * Each folder is read to its end before anything below it is opened, so that depth costs no
 * descriptors; paths stay relative to one root.
 */
#include "core/glob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pure/text.h"
#include "pure/value.h"

/* ---------------------------------------------------------------- one component */

/* Reads one character of a set, `\` taken off. */
static uint32_t set_char(const char **p) {
    *p += **p == '\\' && (*p)[1] != '\0';
    return text_decode(p);
}

/* The end of the set that begins behind `[`, or NULL if there is none: then `[` is itself. A `]`
 * that comes first is in the set. */
static const char *set_end(const char *p, const char *end) {
    p += p < end && (*p == '!' || *p == '^');
    for (bool first = true; p < end; first = false) {
        if (*p == ']' && !first) {
            return p;
        }
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    }
    return NULL;
}

static bool in_set(const char *p, const char *end, uint32_t c) {
    bool negated = *p == '!' || *p == '^', found = false;
    p += negated;
    while (p < end) {
        uint32_t low = set_char(&p), high = low;
        if (p + 1 < end && *p == '-') {
            p++;
            high = set_char(&p);
        }
        found = found || (low <= c && c <= high);
    }
    return found != negated;
}

/* Matches one character of the name against the element at *p, which moves behind it. */
static bool match_one(const char **p, const char *end, const char **name) {
    const char *close = **p == '[' ? set_end(*p + 1, end) : NULL;
    uint32_t c = text_decode(name);
    if (close) {
        const char *set = *p + 1;
        *p = close + 1;
        return in_set(set, close, c);
    }
    if (**p == '?') {
        ++*p;
        return true;
    }
    *p += **p == '\\' && *p + 1 < end;
    return text_decode(p) == c;
}

/* Linear but for the last `*`: on a mismatch that one takes one character more. */
bool glob_match(const char *pattern, size_t n, const char *name) {
    const char *p = pattern, *end = pattern + n;
    const char *star = NULL, *resume = NULL;
    if (name[0] == '.' && (n == 0 || pattern[0] != '.')) {
        return false;
    }
    while (*name != '\0' || p < end) {
        if (p < end && *p == '*') {
            star = ++p;
            resume = name;
            continue;
        }
        if (*name != '\0' && p < end && match_one(&p, end, &name)) {
            continue;
        }
        if (!star || *resume == '\0') {
            return false;
        }
        text_decode(&resume);
        name = resume;
        p = star;
    }
    return true;
}

/* ---------------------------------------------------------------- walking */

typedef struct Part {
    const char *text;
    size_t n;
    bool wild, deep; /* has a wildcard; is `**` */
} Part;

/* A folder below a `**`; the chain up to where that began finds links that lead back. */
typedef struct Place {
    const struct Place *up;
    dev_t device;
    ino_t inode;
} Place;

typedef struct Glob {
    Arena *arena;
    int root; /* descriptor */
    Part *parts;
    size_t nparts;
    bool folders;
    GlobResult *result;
    dag_error *error;
} Glob;

typedef struct Names {
    const char **names;
    size_t n, size;
} Names;

static bool walk(Glob *g, const char *path, size_t part);

static bool fail(Glob *g, const char *path, const char *reason) {
    g->error->type = "output";
    g->error->message = arena_printf(g->arena, "%s: %s", path[0] ? path : ".", reason);
    return false;
}

static const char **add(Arena *arena, const char **names, size_t *n, size_t *size,
                        const char *name) {
    if (*n == *size) {
        size_t old = *size * sizeof *names;
        *size = *size ? *size * 2 : 16;
        names = arena_grow(arena, names, old, *size * sizeof *names);
    }
    names[(*n)++] = name;
    return names;
}

static const char *join(Glob *g, const char *path, const char *name) {
    return path[0] ? arena_printf(g->arena, "%s/%s", path, name) : name;
}

/* The names in a folder but those that begin with a dot, unless `dots`; NULL entries never. */
static bool read_names(Glob *g, const char *path, bool dots, Names *names) {
    size_t bad;
    int fd = openat(g->root, path[0] ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        return fail(g, path, strerror(errno));
    }
    bool good = true;
    errno = 0;
    for (struct dirent *entry; good && (entry = readdir(dir)) != NULL;) {
        const char *name = entry->d_name;
        if (name[0] == '.' && (!dots || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)) {
            continue;
        }
        good = utf8_valid(name, strlen(name), &bad) ||
               fail(g, path, "holds a file whose name is not valid UTF-8");
        names->names = add(g->arena, names->names, &names->n, &names->size,
                           arena_text(g->arena, name, strlen(name)));
        errno = 0;
    }
    good = good && (errno == 0 || fail(g, path, strerror(errno)));
    closedir(dir);
    return good;
}

/* What has vanished meanwhile, or is a link to nowhere, is not there: of no kind. False: it cannot be
 * looked at. */
static bool look(Glob *g, const char *path, struct stat *status) {
    if (fstatat(g->root, path[0] ? path : ".", status, 0) == 0) {
        return true;
    }
    *status = (struct stat){ .st_mode = 0 };
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP || fail(g, path, strerror(errno));
}

static bool take(Glob *g, const char *path) {
    struct stat status;
    GlobResult *result = g->result;
    if (!look(g, path, &status)) {
        return false;
    }
    if (g->folders ? S_ISDIR(status.st_mode) : S_ISREG(status.st_mode)) {
        result->paths = add(g->arena, result->paths, &result->n, &result->size, path);
    }
    return true;
}

/* `path` has matched the part before `part`. */
static bool enter(Glob *g, const char *path, size_t part) {
    struct stat status;
    if (part == g->nparts) {
        return take(g, path);
    }
    return look(g, path, &status) && (!S_ISDIR(status.st_mode) || walk(g, path, part));
}

static bool walk_wild(Glob *g, const char *path, size_t part) {
    const Part *p = &g->parts[part];
    Names names = { NULL, 0, 0 };
    bool dots = p->text[0] == '.' || (p->text[0] == '\\' && p->text[1] == '.');
    if (!read_names(g, path, dots, &names)) {
        return false;
    }
    for (size_t i = 0; i < names.n; i++) {
        if (glob_match(p->text, p->n, names.names[i]) &&
            !enter(g, join(g, path, names.names[i]), part + 1)) {
            return false;
        }
    }
    return true;
}

static bool leads_back(const Place *place, const struct stat *status) {
    for (; place; place = place->up) {
        if (place->device == status->st_dev && place->inode == status->st_ino) {
            return true;
        }
    }
    return false;
}

/* `**`: here, and in every folder below. As the last part it takes all files (or folders). */
static bool walk_deep(Glob *g, const char *path, size_t part, const Place *up) {
    struct stat status;
    Names names = { NULL, 0, 0 };
    bool last = part + 1 == g->nparts;
    if (!look(g, path, &status)) {
        return false;
    }
    if (!S_ISDIR(status.st_mode) || leads_back(up, &status)) {
        return true;
    }
    Place here = { .up = up, .device = status.st_dev, .inode = status.st_ino };
    if (!last && !walk(g, path, part + 1)) {
        return false;
    }
    if (!read_names(g, path, false, &names)) {
        return false;
    }
    for (size_t i = 0; i < names.n; i++) {
        const char *below = join(g, path, names.names[i]);
        if ((last && !take(g, below)) || !walk_deep(g, below, part, &here)) {
            return false;
        }
    }
    return true;
}

static bool walk(Glob *g, const char *path, size_t part) {
    const Part *p = &g->parts[part];
    if (p->deep) {
        return walk_deep(g, path, part, NULL);
    }
    if (p->wild) {
        return walk_wild(g, path, part);
    }
    return enter(g, join(g, path, arena_text(g->arena, p->text, p->n)), part + 1);
}

/* ---------------------------------------------------------------- the pattern */

static bool is_dots(const char *text, size_t n) {
    return n == 2 && memcmp(text, "..", 2) == 0;
}

/* Splits at slashes; `.` and empty components say nothing. A literal part loses its backslashes. */
static bool split(Glob *g, const char *pattern) {
    size_t most = strlen(pattern) / 2 + 1;
    g->parts = ARENA_ARRAY(g->arena, most, Part);
    while (*pattern) {
        size_t n = strcspn(pattern, "/");
        Part part = { .text = pattern, .n = n };
        part.deep = n == 2 && memcmp(pattern, "**", 2) == 0;
        for (size_t i = 0; i < n; i++) {
            part.wild = part.wild || strchr("*?[\\", pattern[i]) != NULL;
        }
        if (is_dots(pattern, n)) {
            return fail(g, pattern, "leaves the task's directory");
        }
        bool again = part.deep && g->nparts > 0 && g->parts[g->nparts - 1].deep;
        if (n > 0 && !(n == 1 && *pattern == '.') && !again) {
            g->parts[g->nparts++] = part;
        }
        pattern += n + (pattern[n] == '/');
    }
    return true;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_once_each(GlobResult *result) {
    size_t n = 0;
    if (result->n > 0) {
        qsort(result->paths, result->n, sizeof *result->paths, by_bytes);
    }
    for (size_t i = 0; i < result->n; i++) {
        if (n == 0 || strcmp(result->paths[n - 1], result->paths[i]) != 0) {
            result->paths[n++] = result->paths[i];
        }
    }
    result->n = n;
}

bool glob_expand(Arena *arena, const char *dir, const char *pattern, bool folders,
                 GlobResult *result, dag_error *error) {
    Glob g = { .arena = arena, .folders = folders, .result = result, .error = error };
    *result = (GlobResult){ NULL, 0, 0 };
    if (pattern[0] == '/') {
        return fail(&g, pattern, "a pattern must be relative to the task's directory");
    }
    if (!split(&g, pattern)) {
        return false;
    }
    if (g.nparts == 0) {
        return fail(&g, pattern, "an empty pattern matches nothing");
    }
    g.root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (g.root < 0) {
        return fail(&g, dir, strerror(errno));
    }
    bool good = walk(&g, "", 0);
    close(g.root);
    if (good) {
        sort_once_each(result);
    }
    return good;
}
