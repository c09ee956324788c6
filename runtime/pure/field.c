/*
 * field.c - fields of values.
 */
#include "pure/field.h"
#include "pure/path.h"
#include "pure/text.h"

#include <string.h>

typedef struct Get {
    const ExprEnv *env;
    dag_value file;
    dag_value *result;
    dag_error *error;
} Get;

static bool get_text(Get *get, const char *text, size_t n) {
    *get->result = value_text(DAG_STRING, text, n);
    return true;
}

static bool get_part(Get *get, PathPart (*part_of)(const char *, size_t)) {
    PathPart part = part_of(get->file.u.text, get->file.len);
    return get_text(get, arena_text(get->env->arena, part.text, part.n), part.n);
}

/* What only the world knows is asked when the program runs, and not when it is compiled. */
static bool need_world(Get *get, bool (*function)(Get *)) {
    if (get->env->world) {
        return function(get);
    }
    get->error->type = "expression";
    get->error->message = arena_printf(get->env->arena, "%s cannot be looked up here",
                                       value_show(get->env->arena, get->file));
    return false;
}

static bool get_path(Get *get) {
    const ExprWorld *world = get->env->world;
    const char *path = world->absolute(world->self, get->env->arena, get->file.u.text);
    return get_text(get, path, strlen(path));
}

static bool get_dir(Get *get) {
    const ExprWorld *world = get->env->world;
    const char *path = world->absolute(world->self, get->env->arena, get->file.u.text);
    PathPart dir = path_dirname(path, strlen(path));
    return get_text(get, arena_text(get->env->arena, dir.text, dir.n), dir.n);
}

static bool get_size(Get *get) {
    const ExprWorld *world = get->env->world;
    int64_t bytes = 0;
    bool ok = world->file_size(world->self, get->env->arena, get->file.u.text, &bytes, get->error);
    *get->result = value_int(DAG_SIZE, bytes);
    return ok;
}

/* Unlike the pipe `ext`, in small letters. */
static bool get_ext(Get *get) {
    PathPart ext = path_ext(get->file.u.text, get->file.len);
    TextBuffer lower = { .arena = get->env->arena };
    text_to_case(&lower, TEXT_LOWER, ext.text, ext.n);
    const char *text = buffer_end(&lower);
    return get_text(get, text, lower.n);
}

static bool get_kind(Get *get) {
    const char *kind = file_kind(get->file.u.text, get->file.len);
    return get_text(get, kind, strlen(kind));
}

static bool get_mime(Get *get) {
    const char *mime = file_mime(get->file.u.text, get->file.len);
    return get_text(get, mime, strlen(mime));
}

static bool file_field(Get *get, const char *name) {
    static const struct {
        const char *name;
        bool world;
        bool (*get)(Get *);
    } fields[] = {
        { "ext", false, get_ext },  { "kind", false, get_kind }, { "mime", false, get_mime },
        { "path", true, get_path }, { "dir", true, get_dir },    { "size", true, get_size },
    };
    if (strcmp(name, "name") == 0) {
        return get_part(get, path_basename);
    }
    if (strcmp(name, "stem") == 0) {
        return get_part(get, path_stem);
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(name, fields[i].name) == 0) {
            return fields[i].world ? need_world(get, fields[i].get) : fields[i].get(get);
        }
    }
    *get->result = value_null();
    return true;
}

bool value_get_field(const ExprEnv *env, dag_value *v, const char *name, dag_error *error) {
    if (v->kind == DAG_FILE || v->kind == DAG_DIR) {
        Get get = { env, *v, v, error };
        return file_field(&get, name);
    }
    const dag_value *field = value_field(*v, name, strlen(name));
    *v = field ? *field : value_null();
    return true;
}
