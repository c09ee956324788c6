/*
 * script.c - the files of a `script` body. Inputs are written value by value and outputs are parsed
 * from the mapped file, so that a long list is never held as text.
 */
#include "exec/script.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/secrets.h"
#include "exec/command.h"
#include "pure/json.h"
#include "pure/nearest.h"

static const char *file_in(Attempt *attempt, const char *name) {
    return arena_printf(&attempt->arena, "%s/%s", attempt->dir, name);
}

/* ---------------------------------------------------------------- the text */

/* What must be the first line to mean anything stays there; the interpreter's messages then count
 * from the beginning of the text. Of other languages none is known that minds empty lines. */
static bool minds_padding(const char *text) {
    return strncmp(text, "#!", 2) == 0 || strncmp(text, "<?", 2) == 0;
}

/* The name of the .dag file that the text stands in: interpreters say it in their messages. */
static const char *text_path(Attempt *attempt) {
    const char *source = attempt->program->strings + attempt->stage->text_source;
    const char *slash = strrchr(source, '/'), *name = slash ? slash + 1 : source;
    size_t n = strlen(name);
    bool dag = n > 4 && strcmp(name + n - 4, ".dag") == 0; /* and so not one of our own names */
    return file_in(attempt, dag ? name : "script.dag");
}

/* Empty lines in front put line N of the .dag file on line N of the script: where the interpreter
 * says `line 12`, the author finds it there. */
static const char *write_text(Attempt *attempt) {
    const dag_program *program = attempt->program;
    const char *text = program->strings + program->pieces[attempt->stage->piece].value;
    TextBuffer out = { .arena = &attempt->arena };
    uint32_t line = minds_padding(text) ? 1 : attempt->stage->text_line;
    for (; line > 1; line--) {
        buffer_char(&out, '\n');
    }
    buffer_string(&out, text);
    buffer_char(&out, '\n');
    const char *path = text_path(attempt);
    return write_file(attempt, path, out.text, out.n, 0666) ? path : NULL;
}

/* ---------------------------------------------------------------- inputs */

/* A file being written through a buffer that is written out when it is full. */
typedef struct Writer {
    Attempt *attempt;
    const char *path;
    FILE *file;
} Writer;

/* A script may see its secrets: as a string. */
static dag_value revealed(Arena *arena, dag_value value) {
    if (value.kind == DAG_SECRET) {
        return value_text(DAG_STRING, value.u.text, value.len);
    }
    if (value.kind == DAG_LIST) {
        dag_value *items = ARENA_ARRAY(arena, value.len, dag_value);
        for (uint32_t i = 0; i < value.len; i++) {
            items[i] = revealed(arena, value.u.items[i]);
        }
        return value_list(items, value.len);
    }
    if (value.kind == DAG_MAP) {
        dag_entry *entries = ARENA_ARRAY(arena, value.len, dag_entry);
        for (uint32_t i = 0; i < value.len; i++) {
            entries[i].name = value.u.entries[i].name;
            entries[i].value = revealed(arena, value.u.entries[i].value);
        }
        return value_map(entries, value.len);
    }
    return value;
}

static bool has_secret(dag_value value) {
    bool secret = value.kind == DAG_SECRET;
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len && !secret; i++) {
        secret = has_secret(value.u.items[i]);
    }
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len && !secret; i++) {
        secret = has_secret(value.u.entries[i].value);
    }
    return secret;
}

static void put_value(Writer *w, TextBuffer *out, dag_value value) {
    Arena *arena = &w->attempt->arena;
    out->n = 0;
    json_put(out, has_secret(value) ? revealed(arena, value) : value, SIZE_MAX);
    fwrite(out->text, 1, out->n, w->file);
}

/* The elements of a list one at a time: a gathered stream may be of any length. */
static void put_input(Writer *w, TextBuffer *out, dag_value value) {
    if (value.kind != DAG_LIST) {
        put_value(w, out, value);
        return;
    }
    for (uint32_t i = 0; i < value.len; i++) {
        fputc(i == 0 ? '[' : ',', w->file);
        put_value(w, out, value.u.items[i]);
    }
    fputs(value.len == 0 ? "[]" : "]", w->file);
}

static void put_inputs(Writer *w) {
    const dag_program *program = w->attempt->program;
    TextBuffer out = { .arena = &w->attempt->arena };
    const char *between = "{";
    for (uint32_t i = 0; i < w->attempt->stage->nin; i++) {
        const dag_port *port = &program->ports[w->attempt->stage->in + i];
        if (port->flags & DAG_PORT_HIDDEN) {
            continue;
        }
        fprintf(w->file, "%s\"%s\":", between, program->strings + port->name);
        put_input(w, &out, w->attempt->inputs[i]);
        between = ",";
    }
    fputs(*between == '{' ? "{}\n" : "}\n", w->file);
}

static void put_inputs_guarded(Attempt *attempt, void *arg) {
    (void)attempt;
    put_inputs(arg);
}

static bool write_inputs(Attempt *attempt) {
    Writer w = { .attempt = attempt, .path = file_in(attempt, "input.json") };
    script_clean(attempt); /* of a command that was too long, and is made again */
    int fd = open(w.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    w.file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool memory = w.file && attempt_guard(attempt, put_inputs_guarded, &w);
    bool good = memory && !ferror(w.file);
    int error = errno;
    if (w.file) {
        good = fclose(w.file) == 0 && good;
    } else if (fd >= 0) {
        close(fd);
    }
    if (!good && (memory || !w.file)) {
        attempt_fail(attempt, DAG_CRASHED, "store", "cannot write %s: %s", w.path, strerror(error));
    }
    return good;
}

const char *script_files(Attempt *attempt) {
    const char *path = write_text(attempt);
    return path && write_inputs(attempt) ? path : NULL;
}

void script_clean(const Attempt *attempt) {
    char path[PATH_MAX]; /* memory may have run out */
    if (attempt->stage->body == DAG_BODY_SCRIPT && attempt->dir) {
        snprintf(path, sizeof path, "%s/input.json", attempt->dir);
        unlink(path);
        if (secrets_any(attempt)) { /* one may be in it, in any spelling */
            snprintf(path, sizeof path, "%s/output.json", attempt->dir);
            unlink(path);
        }
    }
}

/* ---------------------------------------------------------------- outputs */

/* A file in memory. */
typedef struct Mapped {
    const char *text;
    size_t n;
    bool there; /* false: no such file */
} Mapped;

static bool map_file(Attempt *attempt, Mapped *mapped) {
    struct stat status = { .st_size = 0 };
    int fd = open(file_in(attempt, "output.json"), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *mapped = (Mapped){ .text = "", .there = fd >= 0 || errno != ENOENT };
    if (!mapped->there) {
        return true;
    }
    bool good = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (good && status.st_size > 0) {
        void *text = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        good = text != MAP_FAILED;
        mapped->text = good ? text : "";
        mapped->n = good ? (size_t)status.st_size : 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    if (!good) {
        attempt_fail(attempt, DAG_FAILED, "output", "$DAG_OUTPUT is no file that can be read");
    }
    return good;
}

typedef struct Parse {
    Mapped file;
    dag_value value;
    bool good;
} Parse;

static void parse(Attempt *attempt, void *arg) {
    Parse *p = arg;
    dag_error error = { NULL, NULL };
    p->good = value_from_json(&attempt->arena, p->file.text, p->file.n, &p->value, &error);
    if (!p->good) {
        attempt_fail(attempt, DAG_FAILED, "output", "$DAG_OUTPUT is no valid JSON: %s",
                     error.message);
    } else if (p->value.kind != DAG_MAP) {
        p->good = false;
        attempt_fail(attempt, DAG_FAILED, "output",
                     "$DAG_OUTPUT holds %s; an object of the outputs by name is wanted",
                     value_show(&attempt->arena, secrets_hide_value(attempt, p->value)));
    }
}

static bool read_outputs(Attempt *attempt, Parse *p) {
    *p = (Parse){ .value = value_map(NULL, 0) };
    if (!map_file(attempt, &p->file)) {
        return false;
    }
    if (!p->file.there) {
        return true;
    }
    bool good = attempt_guard(attempt, parse, p) && p->good;
    if (p->file.n > 0) {
        munmap((void *)(uintptr_t)p->file.text, p->file.n);
    }
    return good;
}

static const dag_port *find_output(const Attempt *attempt, const char *name) {
    const dag_program *program = attempt->program;
    for (uint32_t i = 0; i < attempt->stage->nout; i++) {
        const dag_port *port = &program->ports[attempt->stage->out + i];
        if (strcmp(program->strings + port->name, name) == 0) {
            return port;
        }
    }
    return NULL;
}

static void refuse(Attempt *attempt, dag_value name, const char *why, const char *nearest) {
    attempt_fail(attempt, DAG_FAILED, "output", "$DAG_OUTPUT has %s, %s%s%s%s",
                 value_show(&attempt->arena, name), why, nearest ? "; did you mean " : "",
                 nearest ? nearest : "", nearest ? "?" : "");
}

/* What is no output, or has a value of its own, would be a result that nobody sees. */
static bool refuse_others(Attempt *attempt, dag_value map) {
    const dag_program *program = attempt->program;
    for (uint32_t i = 0; i < map.len; i++) {
        dag_value name = map.u.entries[i].name;
        const dag_port *port = find_output(attempt, name.u.text);
        if (port && port->value == DAG_NONE) {
            continue;
        }
        if (port) {
            refuse(attempt, name, "an output whose value the pipeline says itself", NULL);
            return false;
        }
        Nearest nearest = nearest_to(name.u.text);
        for (uint32_t k = 0; k < attempt->stage->nout; k++) {
            nearest_offer(&nearest,
                          program->strings + program->ports[attempt->stage->out + k].name);
        }
        refuse(attempt, name, "which is no output of the stage", nearest.best);
        return false;
    }
    return true;
}

static bool may_be_null(const dag_program *program, const dag_port *port) {
    dag_kind kind = (dag_kind)program->types[port->type].kind;
    return (kind == DAG_OPTIONAL || kind == DAG_JSON) && (port->flags & DAG_PORT_STREAM) == 0;
}

static bool take_output(Attempt *attempt, const Parse *p, const dag_port *port, dag_value *value) {
    const char *name = attempt->program->strings + port->name;
    const dag_value *found = value_field(p->value, name, strlen(name));
    *value = found && port->value == DAG_NONE ? *found : value_null();
    bool gate = (attempt->stage->flags & DAG_STAGE_GATE) != 0;
    if (found || port->value != DAG_NONE || gate || may_be_null(attempt->program, port)) {
        return true;
    }
    attempt_fail(attempt, DAG_FAILED, "output", "output %s: %s", name,
                 p->file.there ? "the script did not write it to $DAG_OUTPUT"
                               : "the script wrote no $DAG_OUTPUT");
    return false;
}

const dag_value *script_outputs(Attempt *attempt) {
    dag_value *given = ARENA_ARRAY(&attempt->arena, attempt->stage->nout, dag_value);
    Parse p;
    if (!read_outputs(attempt, &p) || !refuse_others(attempt, p.value)) {
        return NULL;
    }
    for (uint32_t i = 0; i < attempt->stage->nout; i++) {
        const dag_port *port = &attempt->program->ports[attempt->stage->out + i];
        if (!take_output(attempt, &p, port, &given[i])) {
            return NULL;
        }
    }
    return given;
}
