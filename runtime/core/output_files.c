/*
 * output_files.c - files and folders at the boundary of a task: paths made absolute, looked at,
 * kept inside the task's directory where the body must create them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/glob.h"
#include "core/outputs.h"

/* ---------------------------------------------------------------- types */

static bool fields_have_files(const dag_program *program, const dag_type *type) {
    for (uint32_t i = 0; i < type->n; i++) {
        if (type_has_files(program, program->fields[type->first + i].type)) {
            return true;
        }
    }
    return false;
}

bool type_has_files(const dag_program *program, uint32_t type) {
    const dag_type *t = &program->types[type];
    switch ((dag_kind)t->kind) {
    case DAG_FILE:
    case DAG_DIR: return true;
    case DAG_LIST:
    case DAG_MAP:
    case DAG_OPTIONAL: return type_has_files(program, t->elem);
    case DAG_RECORD: return fields_have_files(program, t);
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_SECRET:
    case DAG_ENUM:
    case DAG_JSON: return false;
    }
    return false;
}

bool program_marks_temps(const dag_program *program) {
    for (uint32_t i = 0; i < program->nports; i++) {
        if ((program->ports[i].flags & DAG_PORT_TEMP) != 0) {
            return true;
        }
    }
    return false;
}

bool program_has_temps(const dag_program *program) {
    bool any = program_marks_temps(program);
    for (uint32_t i = 0; !any && i < program->nsubs; i++) {
        any = program_has_temps(program->subs[i]);
    }
    return any;
}

bool stage_has_files(const dag_program *program, const dag_stage *stage) {
    for (uint32_t i = 0; i < stage->nout; i++) {
        if (type_has_files(program, program->ports[stage->out + i].type)) {
            return true;
        }
    }
    return false;
}

/* DAG_FILE or DAG_DIR of a port's type, through `T?` and `list<T>`. */
static dag_kind path_kind(const dag_program *program, uint32_t type) {
    const dag_type *t = &program->types[type];
    while (t->kind == DAG_OPTIONAL || t->kind == DAG_LIST) {
        t = &program->types[t->elem];
    }
    return t->kind == DAG_DIR ? DAG_DIR : DAG_FILE;
}

static const char *kind_name(dag_kind kind) {
    return kind == DAG_DIR ? "folder" : "file";
}

/* ---------------------------------------------------------------- paths that the body creates */

/* `path` without `.`, empty and undone components, or NULL: it is absolute, leads outside or is the
 * directory itself. */
static const char *clean(Arena *arena, const char *path) {
    char *to = arena_alloc(arena, strlen(path) + 2), *start = to;
    if (path[0] == '/') {
        return NULL;
    }
    for (size_t n; *path; path += n + (path[n] == '/')) {
        n = strcspn(path, "/");
        if (n == 0 || (n == 1 && path[0] == '.')) {
            continue;
        }
        if (n != 2 || memcmp(path, "..", 2) != 0) {
            to = (char *)memcpy(to, path, n) + n;
            *to++ = '/';
            continue;
        }
        if (to == start) {
            return NULL;
        }
        for (to--; to > start && to[-1] != '/';) {
            to--;
        }
    }
    if (to == start) {
        return NULL;
    }
    to[-1] = '\0';
    return start;
}

static bool evaluate_path(Attempt *attempt, const dag_port *port, const char **relative,
                          dag_error *error) {
    dag_value text;
    if (!attempt_eval(attempt, port->value, &text, error)) {
        return false;
    }
    if (!value_has_text(text)) {
        return output_error(attempt, error, "output", "its path is null");
    }
    *relative = clean(&attempt->arena, text.u.text);
    if (*relative) {
        return true;
    }
    return output_error(attempt, error, "output",
                        "\"%s\" is not a relative path inside the task's directory", text.u.text);
}

static dag_value below_work(Attempt *attempt, dag_kind kind, const char *relative) {
    const char *path = arena_printf(&attempt->arena, "%s/%s", attempt->work, relative);
    return value_text(kind, path, strlen(path));
}

bool output_path(Attempt *attempt, uint32_t i, dag_value *path, dag_error *error) {
    const dag_port *port = &attempt->program->ports[attempt->stage->out + i];
    const char *relative;
    if (!evaluate_path(attempt, port, &relative, error)) {
        return false;
    }
    if (!attempt_make_dir(attempt)) {
        *error = attempt->outcome.error;
        return false;
    }
    *path = below_work(attempt, path_kind(attempt->program, port->type), relative);
    return true;
}

/* ---------------------------------------------------------------- the name below which they are found */

/* What a gate hands on it has not made. */
static bool makes_files(const Attempt *attempt) {
    return attempt->work && (attempt->stage->flags & DAG_STAGE_GATE) == 0 &&
           stage_has_files(attempt->program, attempt->stage);
}

/* Whoever deletes the directory where it works has made no files; who puts a link in its place would
 * have them where others write. */
bool output_publish(Attempt *attempt, dag_error *error) {
    struct stat status;
    if (!makes_files(attempt) || (lstat(attempt->work, &status) != 0 && errno == ENOENT)) {
        return true;
    }
    if (!S_ISDIR(status.st_mode)) {
        return output_error(
            attempt, error, "output",
            "the directory where the body worked is none any more: it was replaced");
    }
    const char *out = arena_printf(&attempt->arena, "%s/" DAG_OUT, attempt->dir);
    if (rename(attempt->work, out) != 0 || symlink(DAG_OUT, attempt->work) != 0) {
        bool other = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
        return output_error(attempt, error, other ? "output" : "store",
                            "cannot rename %s to %s: %s%s", attempt->work, DAG_OUT, strerror(errno),
                            other ? "; the body has made that one" : "");
    }
    attempt->work = out;
    attempt->outs = NULL; /* made anew, below that name, when asked for */
    attempt->env.outs = NULL;
    return true;
}

/* ---------------------------------------------------------------- looking at them */

static bool missing(Attempt *attempt, const char *path, dag_kind kind, dag_error *error) {
    const char *reason = strerror(errno);
    if (path[0] == '/') {
        return output_error(attempt, error, "output", "there is no %s \"%s\" (%s)", kind_name(kind),
                            path, reason);
    }
    return output_error(attempt, error, "output",
                        "there is no %s \"%s\" (%s); the task's directory holds: %s",
                        kind_name(kind), path, reason,
                        folder_listing(&attempt->arena, attempt->work));
}

static bool of_kind(Attempt *attempt, const char *path, const struct stat *status, dag_kind kind,
                    dag_error *error) {
    if (S_ISDIR(status->st_mode) == (kind == DAG_DIR)) {
        return true;
    }
    return output_error(attempt, error, "output", "\"%s\" is a %s, not a %s", path,
                        kind_name(kind == DAG_DIR ? DAG_FILE : DAG_DIR), kind_name(kind));
}

static const char *special_name(mode_t mode) {
    return S_ISFIFO(mode) ? "pipe" : S_ISSOCK(mode) ? "socket" : "device";
}

/* What a body leaves as a file has a content that stays. */
static bool is_plain(Attempt *attempt, const char *path, const struct stat *status,
                     dag_error *error) {
    if (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)) {
        return true;
    }
    return output_error(attempt, error, "output", "\"%s\" is a %s, not a file", path,
                        special_name(status->st_mode));
}

/* Does the file stand below the directory once all links are resolved? */
static bool resolves_inside(const char *work, const char *path) {
    char *real_work = realpath(work, NULL), *real_path = realpath(path, NULL);
    size_t n = real_work ? strlen(real_work) : 0;
    bool inside =
        real_work && real_path && strncmp(real_work, real_path, n) == 0 && real_path[n] == '/';
    free(real_work);
    free(real_path);
    return inside;
}

/* Only what is a link, or stands below a folder that may be one, needs a closer look. */
static bool stands_inside(Attempt *attempt, const char *relative, const char *path,
                          dag_error *error) {
    struct stat status;
    bool plain =
        strchr(relative, '/') == NULL && lstat(path, &status) == 0 && !S_ISLNK(status.st_mode);
    if (plain || resolves_inside(attempt->work, path)) {
        return true;
    }
    return output_error(attempt, error, "output",
                        "\"%s\" is a link that leaves the task's directory", relative);
}

bool output_made(Attempt *attempt, uint32_t i, dag_value *path, dag_error *error) {
    const dag_port *port = &attempt->program->ports[attempt->stage->out + i];
    dag_kind kind = path_kind(attempt->program, port->type);
    struct stat status;
    if (!output_path(attempt, i, path, error)) {
        return false;
    }
    const char *relative = path->u.text + strlen(attempt->work) + 1;
    if (stat(path->u.text, &status) != 0) {
        if (errno == ENOENT && attempt->program->types[port->type].kind == DAG_OPTIONAL) {
            *path = value_null();
            return true;
        }
        return missing(attempt, relative, kind, error);
    }
    return of_kind(attempt, relative, &status, kind, error) &&
           stands_inside(attempt, relative, path->u.text, error) &&
           is_plain(attempt, relative, &status, error);
}

/* ---------------------------------------------------------------- globs */

bool output_glob(Attempt *attempt, uint32_t i, dag_value *list, dag_error *error) {
    const dag_port *port = &attempt->program->ports[attempt->stage->out + i];
    dag_kind kind = path_kind(attempt->program, port->type);
    Arena *arena = &attempt->arena;
    GlobResult found;
    dag_value pattern;
    if (!attempt_eval(attempt, port->value, &pattern, error)) {
        return false;
    }
    if (!value_has_text(pattern)) {
        return output_error(attempt, error, "output", "its pattern is null");
    }
    if (!attempt_make_dir(attempt)) {
        *error = attempt->outcome.error;
        return false;
    }
    if (!glob_expand(arena, attempt->work, pattern.u.text, kind == DAG_DIR, &found, error)) {
        return false;
    }
    dag_value *items = ARENA_ARRAY(arena, found.n, dag_value);
    for (size_t k = 0; k < found.n; k++) {
        items[k] = below_work(attempt, kind, found.paths[k]);
    }
    *list = value_list(items, found.n);
    return true;
}

/* ---------------------------------------------------------------- paths in values */

typedef struct Adopt {
    Attempt *attempt;
    Arena *arena;
    dag_error *error;
} Adopt;

static bool adopt(Adopt *a, const dag_value *before, dag_value *value);

/* The body knew where it worked by another name. */
static const char *known_path(const Adopt *a, const char *path) {
    const Attempt *attempt = a->attempt;
    static const char work[] = "/" DAG_WORK;
    const size_t n = attempt->dir ? strlen(attempt->dir) : 0, ends = n + sizeof work - 1;
    bool below = n > 0 && strncmp(path, attempt->dir, n) == 0 &&
                 strncmp(path + n, work, sizeof work - 1) == 0;
    if (below && (path[ends] == '\0' || path[ends] == '/')) {
        return arena_printf(a->arena, "%s%s", attempt->work, path + ends);
    }
    while (strncmp(path, "./", 2) == 0 && path[2] != '\0') {
        path += 2;
    }
    return path;
}

/* Relative to the directory where the body worked, absolute from now on. What was found elsewhere may be
 * /dev/null. */
static bool adopt_path(Adopt *a, dag_value *value) {
    Attempt *attempt = a->attempt;
    const char *path = known_path(a, value->u.text);
    struct stat status;
    if (path[0] == '\0') {
        return output_error(attempt, a->error, "output", "an empty text is no path");
    }
    if (path[0] != '/' && !attempt_make_dir(attempt)) {
        *a->error = attempt->outcome.error;
        return false;
    }
    if (path[0] != '/') {
        path = arena_printf(a->arena, "%s/%s", attempt->work, path);
    }
    if (stat(path, &status) != 0) {
        return missing(attempt, value->u.text, (dag_kind)value->kind, a->error);
    }
    if (!of_kind(attempt, value->u.text, &status, (dag_kind)value->kind, a->error) ||
        (!S_ISCHR(status.st_mode) && !is_plain(attempt, value->u.text, &status, a->error))) {
        return false;
    }
    *value = value_text((dag_kind)value->kind, path, strlen(path));
    return true;
}

static bool adopt_list(Adopt *a, const dag_value *before, dag_value *value) {
    dag_value *items = ARENA_ARRAY(a->arena, value->len, dag_value);
    bool same = before && before->kind == DAG_LIST && before->len == value->len;
    for (uint32_t i = 0; i < value->len; i++) {
        items[i] = value->u.items[i];
        if (!adopt(a, same ? &before->u.items[i] : NULL, &items[i])) {
            return false;
        }
    }
    *value = value_list(items, value->len);
    return true;
}

static bool adopt_map(Adopt *a, const dag_value *before, dag_value *value) {
    dag_entry *entries = ARENA_ARRAY(a->arena, value->len, dag_entry);
    for (uint32_t i = 0; i < value->len; i++) {
        dag_value name = value->u.entries[i].name;
        entries[i] = value->u.entries[i];
        if (!adopt(a, before ? value_field(*before, name.u.text, name.len) : NULL,
                   &entries[i].value)) {
            return false;
        }
    }
    *value = value_map(entries, value->len);
    return true;
}

static bool adopt(Adopt *a, const dag_value *before, dag_value *value) {
    switch (value->kind) {
    case DAG_FILE:
    case DAG_DIR: return (before && before->kind == value->kind) || adopt_path(a, value);
    case DAG_LIST: return value->len == 0 || adopt_list(a, before, value);
    case DAG_MAP: return value->len == 0 || adopt_map(a, before, value);
    default: return true;
    }
}

bool output_adopt(Attempt *attempt, Arena *arena, const dag_value *before, dag_value *value,
                  dag_error *error) {
    Adopt a = { .attempt = attempt, .arena = arena, .error = error };
    return adopt(&a, before, value);
}
