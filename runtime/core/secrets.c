/*
 * secrets.c - replaces secrets by "***" in texts, values and logs.
 */
#include "core/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/plain.h"
#include "pure/text.h"
#include "pure/value.h"

static const char stars[] = "***";

/* ---------------------------------------------------------------- which texts are secret */

/* Few, of which the longer come first: one may stand in another. */
typedef struct Secrets {
    Arena *arena;
    dag_value *items;
    size_t n, size;
} Secrets;

bool secrets_in_type(const dag_program *program, uint32_t type) {
    const dag_type *t = &program->types[type];
    if (t->kind == DAG_LIST || t->kind == DAG_MAP || t->kind == DAG_OPTIONAL) {
        return secrets_in_type(program, t->elem);
    }
    for (uint32_t i = 0; t->kind == DAG_RECORD && i < t->n; i++) {
        if (secrets_in_type(program, program->fields[t->first + i].type)) {
            return true;
        }
    }
    return t->kind == DAG_SECRET;
}

static void add(Secrets *secrets, dag_value text) {
    if (secrets->n == secrets->size) {
        size_t size = secrets->size ? secrets->size * 2 : 4;
        secrets->items = arena_grow(secrets->arena, secrets->items, secrets->size * sizeof text,
                                    size * sizeof text);
        secrets->size = size;
    }
    size_t i = secrets->n++;
    for (; i > 0 && secrets->items[i - 1].len < text.len; i--) {
        secrets->items[i] = secrets->items[i - 1];
    }
    secrets->items[i] = text;
}

/* A tool that prints a key line by line, with a mark before each, or the log's last lines. What is
 * shorter than this stands in other texts by chance: the braces of JSON. */
enum { SHORT_LINE = 8 };

static void add_lines(Secrets *secrets, dag_value text) {
    const char *line = text.u.text;
    for (const char *end; (end = strchr(line, '\n')) != NULL || line != text.u.text;) {
        size_t n = end ? (size_t)(end - line) : strlen(line);
        n -= n > 0 && line[n - 1] == '\r';
        if (n >= SHORT_LINE) {
            add(secrets, value_text(DAG_SECRET, line, n));
        }
        if (!end) {
            return;
        }
        line = end + 1;
    }
}

static void collect(Secrets *secrets, dag_value value) {
    if (value.kind == DAG_SECRET && value.len > 0) {
        add(secrets, value);
        add_lines(secrets, value);
    }
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len; i++) {
        collect(secrets, value.u.items[i]);
    }
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len; i++) {
        collect(secrets, value.u.entries[i].value);
    }
}

static Secrets secrets_of(Attempt *attempt) {
    const dag_program *program = attempt->program;
    Secrets secrets = { .arena = &attempt->arena };
    for (uint32_t i = 0; attempt->inputs && i < attempt->stage->nin; i++) {
        if (secrets_in_type(program, program->ports[attempt->stage->in + i].type)) {
            collect(&secrets, attempt->inputs[i]);
        }
    }
    for (uint32_t i = 0; attempt->env.run && i < program->ninputs; i++) {
        if (secrets_in_type(program, program->inputs[i].type)) {
            collect(&secrets, attempt->env.run[i]);
        }
    }
    return secrets;
}

/* ---------------------------------------------------------------- texts */

/* The first secret in [text, end), or NULL; *n: its bytes. */
static const char *find(const Secrets *secrets, const char *text, const char *end, size_t *n) {
    const char *first = NULL;
    for (size_t i = 0; i < secrets->n; i++) {
        const dag_value *s = &secrets->items[i];
        const char *at = memmem(text, (size_t)(end - text), s->u.text, s->len);
        if (at && (!first || at < first)) {
            first = at;
            *n = s->len;
        }
    }
    return first;
}

/* The same text, or one without. */
static const char *hide(const Secrets *secrets, const char *text) {
    const char *end = text + strlen(text), *at;
    size_t n = 0;
    if (secrets->n == 0 || !find(secrets, text, end, &n)) {
        return text;
    }
    TextBuffer out = { .arena = secrets->arena };
    for (; (at = find(secrets, text, end, &n)) != NULL; text = at + n) {
        buffer_add(&out, text, (size_t)(at - text));
        buffer_string(&out, stars);
    }
    buffer_string(&out, text);
    return buffer_end(&out);
}

const char *secrets_hide(Attempt *attempt, const char *text) {
    Secrets secrets = secrets_of(attempt);
    return hide(&secrets, text);
}

bool secrets_any(const Attempt *attempt) {
    const dag_program *program = attempt->program;
    for (uint32_t i = 0; i < attempt->stage->nin; i++) {
        if (secrets_in_type(program, program->ports[attempt->stage->in + i].type)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < program->ninputs; i++) {
        if (secrets_in_type(program, program->inputs[i].type)) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- values */

static dag_value hide_value(const Secrets *secrets, dag_value value);

static dag_value hide_text(const Secrets *secrets, dag_value value) {
    const char *text = hide(secrets, value.u.text);
    return text == value.u.text ? value : value_text((dag_kind)value.kind, text, strlen(text));
}

static dag_value hide_list(const Secrets *secrets, dag_value list) {
    dag_value *items = ARENA_ARRAY(secrets->arena, list.len, dag_value);
    for (uint32_t i = 0; i < list.len; i++) {
        items[i] = hide_value(secrets, list.u.items[i]);
    }
    return value_list(items, list.len);
}

static dag_value hide_map(const Secrets *secrets, dag_value map) {
    dag_entry *entries = ARENA_ARRAY(secrets->arena, map.len, dag_entry);
    for (uint32_t i = 0; i < map.len; i++) {
        entries[i].name = hide_text(secrets, map.u.entries[i].name);
        entries[i].value = hide_value(secrets, map.u.entries[i].value);
    }
    return value_map(entries, map.len);
}

static dag_value hide_value(const Secrets *secrets, dag_value value) {
    switch ((dag_kind)value.kind) {
    case DAG_STRING: return hide_text(secrets, value);
    case DAG_LIST: return hide_list(secrets, value);
    case DAG_MAP: return hide_map(secrets, value);
    default: return value;
    }
}

dag_value secrets_hide_value(Attempt *attempt, dag_value value) {
    Secrets secrets = secrets_of(attempt);
    return secrets.n == 0 ? value : hide_value(&secrets, value);
}

/* ---------------------------------------------------------------- files */

static bool write_without(const Secrets *secrets, const char *path, const char *text, size_t size) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    const char *end = text + size, *at;
    size_t n = 0;
    if (!out) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    for (; (at = find(secrets, text, end, &n)) != NULL; text = at + n) {
        fwrite(text, 1, (size_t)(at - text), out);
        fputs(stars, out);
    }
    fwrite(text, 1, (size_t)(end - text), out);
    bool good = !ferror(out);
    return fclose(out) == 0 && good;
}

/* Anew, and renamed: a reader sees the one or the other. */
static bool rewrite(Attempt *attempt, const Secrets *secrets, const char *path, size_t size,
                    int fd) {
    size_t n;
    void *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED) {
        return false;
    }
    bool good = true;
    if (find(secrets, text, (const char *)text + size, &n)) {
        const char *anew = arena_printf(&attempt->arena, "%s.hidden", path);
        good = write_without(secrets, anew, text, size) && rename(anew, path) == 0;
        if (!good) {
            unlink(anew);
        }
    }
    munmap(text, size);
    return good;
}

void secrets_hide_file(Attempt *attempt, const char *name) {
    Secrets secrets = secrets_of(attempt);
    struct stat status;
    if (secrets.n == 0 || !attempt->dir) {
        return;
    }
    const char *path = arena_printf(&attempt->arena, "%s/%s", attempt->dir, name);
    int fd = plain_open(path, O_RDWR | O_NOFOLLOW);
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &status) == 0 && status.st_size > 0 &&
        !rewrite(attempt, &secrets, path, (size_t)status.st_size, fd)) {
        if (ftruncate(fd, 0) != 0) {
            unlink(path);
        }
    }
    close(fd);
}
