/*
 * inputs.c - the values of the run's inputs: from --input and --inputs, converted and checked
 * before anything starts. Every fault is said, each with the declared type.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/secrets.h"
#include "core/world.h"
#include "pure/nearest.h"
#include "pure/value.h"

typedef struct Reader {
    Cli *cli;
    const ExprProgram *exprs;
    const dag_program *program;
    dag_value *values;     /* kind DAG_NULL where nothing was given */
    bool *given, *refused; /* by run input */
    bool stdin_taken;
    bool good;
    const Look *look; /* at the next path to be settled */
} Reader;

static const char *input_name(const Reader *reader, uint32_t i) {
    return reader->program->strings + reader->program->inputs[i].name;
}

static const char *type_name(const Reader *reader, uint32_t i) {
    return reader->program->strings + reader->program->types[reader->program->inputs[i].type].name;
}

static void refuse(Reader *reader, uint32_t i, const char *why) {
    cli_say(reader->cli, "input `%s: %s`: %s", input_name(reader, i), type_name(reader, i), why);
    reader->refused[i] = true;
    reader->good = false;
}

/* ---------------------------------------------------------------- reading */

static bool read_all(Reader *reader, FILE *file, const char **text, size_t *n) {
    Arena *arena = &reader->cli->arena;
    size_t limit = (size_t)reader->cli->max_value, size = 4096;
    char *buffer = arena_alloc(arena, size);
    for (*n = 0;; *n += fread(buffer + *n, 1, size - 1 - *n, file)) {
        if (feof(file) || ferror(file))
            break;
        if (*n + 1 < size)
            continue;
        if (size > limit)
            return false;
        char *larger = arena_alloc(arena, size * 2);
        memcpy(larger, buffer, *n);
        buffer = larger;
        size *= 2;
    }
    buffer[*n] = '\0';
    *text = buffer;
    return !ferror(file);
}

/* The text of @FILE or - (once), a last newline dropped as `$(…)` does. NULL after saying why. */
static const char *read_text(Reader *reader, const char *path, size_t *n) {
    bool from_stdin = strcmp(path, "-") == 0;
    if (from_stdin && reader->stdin_taken) {
        cli_complain(reader->cli, "standard input can be read for one input only");
        return NULL;
    }
    reader->stdin_taken |= from_stdin;
    FILE *file = from_stdin ? stdin : fopen(path, "rb");
    if (file == NULL) {
        cli_complain(reader->cli, "%s: %s", path, strerror(errno));
        return NULL;
    }
    const char *text = NULL;
    errno = 0;
    if (!read_all(reader, file, &text, n)) {
        cli_complain(reader->cli, "%s: %s", path,
                     errno != 0 ? strerror(errno) : "larger than --max-value");
        text = NULL;
    }
    if (!from_stdin)
        fclose(file);
    return text;
}

/* ---------------------------------------------------------------- converting */

/* Types whose values come as JSON on the command line; all others as text. */
static bool wants_json(const dag_program *program, uint32_t type) {
    switch ((dag_kind)program->types[type].kind) {
    case DAG_LIST:
    case DAG_MAP:
    case DAG_RECORD:
    case DAG_JSON: return true;
    case DAG_OPTIONAL: return wants_json(program, program->types[type].elem);
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET:
    case DAG_ENUM: return false;
    }
    return false;
}

static const char *list_example(dag_kind elem) {
    return elem == DAG_INT || elem == DAG_FLOAT     ? "[1, 2]"
           : elem == DAG_STRING || elem == DAG_FILE ? "[\"a\", \"b\"]"
                                                    : "[…]";
}

/* How a value of such a type is written. */
static const char *json_example(const dag_program *program, uint32_t type) {
    const dag_type *row = &program->types[type];
    switch ((dag_kind)row->kind) {
    case DAG_OPTIONAL: return json_example(program, row->elem);
    case DAG_LIST: return list_example((dag_kind)program->types[row->elem].kind);
    case DAG_MAP:
    case DAG_RECORD: return "{\"name\": …}";
    default: return "\"text\"";
    }
}

static void take(Reader *reader, uint32_t i, dag_value value) {
    dag_error error = { 0 };
    if (!value_fit(&reader->cli->arena, reader->program, reader->program->inputs[i].type, FIT_INPUT,
                   &value, &error)) {
        refuse(reader, i, error.message);
    }
    reader->values[i] = value;
    reader->given[i] = true;
}

static void take_text(Reader *reader, uint32_t i, const char *text, size_t n) {
    Arena *arena = &reader->cli->arena;
    dag_value value = value_text(DAG_STRING, text, n);
    dag_error error = { 0 };
    size_t bad;
    if (!utf8_valid(text, n, &bad)) {
        refuse(reader, i, arena_printf(arena, "not UTF-8 (or a NUL) at byte %zu", bad));
        reader->given[i] = true;
    } else if (wants_json(reader->program, reader->program->inputs[i].type) &&
               !value_from_json(arena, text, n, &value, &error)) {
        uint32_t type = reader->program->inputs[i].type;
        refuse(reader, i,
               arena_printf(arena, "not JSON, which is written like '%s': %s",
                            json_example(reader->program, type), error.message));
        reader->given[i] = true;
    } else {
        take(reader, i, value);
    }
}

static uint32_t find_input(Reader *reader, const char *name) {
    Nearest nearest = nearest_to(name);
    for (uint32_t i = 0; i < reader->program->ninputs; i++) {
        if (strcmp(input_name(reader, i), name) == 0)
            return i;
        nearest_offer(&nearest, input_name(reader, i));
    }
    if (nearest.best != NULL) {
        cli_complain(reader->cli, "there is no input `%s`; did you mean `%s`?", name, nearest.best);
    } else {
        cli_complain(reader->cli, "there is no input `%s`; --help lists the inputs", name);
    }
    return DAG_NONE;
}

/* A secret on the command line would be seen by `ps` for as long as the run lasts: its text there
 * is overwritten. (For a moment it was there: @FILE and - are better.) */
static const char *take_away(Reader *reader, const char *text, size_t n) {
    const char *copy = arena_text(&reader->cli->arena, text, n);
    memset((char *)(uintptr_t)text, '*', n);
    return copy;
}

static void take_given(Reader *reader, const GivenInput *given) {
    uint32_t i = find_input(reader, given->name);
    if (i == DAG_NONE)
        return;
    const char *text = given->text;
    size_t n = strlen(text);
    bool here = text[0] != '@' && strcmp(text, "-") != 0;
    if (here && secrets_in_type(reader->program, reader->program->inputs[i].type)) {
        text = take_away(reader, text, n);
    }
    if (!here && text[0] == '@')
        text = read_text(reader, text + 1, &n);
    else if (!here)
        text = read_text(reader, text, &n);
    if (text != NULL) {
        take_text(reader, i, text, n);
        return;
    }
    reader->given[i] = reader->refused[i] = true; /* read_text said why */
}

/* One JSON object with the inputs; `where` stands before complaints. False: it is none. */
static bool take_object(Reader *reader, const char *where, const char *text, size_t n) {
    dag_value document;
    dag_error error = { 0 };
    if (!value_from_json(&reader->cli->arena, text, n, &document, &error)) {
        cli_complain(reader->cli, "%s%s", where, error.message);
        return false;
    }
    if (document.kind != DAG_MAP) {
        cli_complain(reader->cli, "%sone JSON object with the inputs is expected", where);
        return false;
    }
    for (uint32_t e = 0; e < document.len; e++) {
        uint32_t i = find_input(reader, document.u.entries[e].name.u.text);
        if (i != DAG_NONE)
            take(reader, i, document.u.entries[e].value);
    }
    return true;
}

static bool is_yaml(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* False: nothing could be taken from the file; what is wrong with one input is told with the rest. */
static bool take_document(Reader *reader, const char *path) {
    size_t n;
    const char *text = read_text(reader, path, &n);
    return text != NULL &&
           take_object(reader,
                       arena_printf(&reader->cli->arena, "%s: %s", path,
                                    is_yaml(path) ? "inputs are read from JSON, not from YAML: "
                                                  : ""),
                       text, n);
}

/* ---------------------------------------------------------------- checking */

static size_t count_paths(dag_value value) {
    size_t n = value.kind == DAG_FILE || value.kind == DAG_DIR;
    for (uint32_t k = 0; value.kind == DAG_LIST && k < value.len; k++)
        n += count_paths(value.u.items[k]);
    for (uint32_t k = 0; value.kind == DAG_MAP && k < value.len; k++)
        n += count_paths(value.u.entries[k].value);
    return n;
}

/* Names the paths to be looked at; an empty one is nowhere. Gives the place behind the last. */
static Look *name_paths(Reader *reader, dag_value value, Look *look) {
    const ExprWorld *world = world_system();
    if (value.kind == DAG_FILE || value.kind == DAG_DIR) {
        const char *path = value.u.text;
        look->path =
            path[0] == '\0' ? path : world->absolute(world->self, &reader->cli->arena, path);
        look++;
    }
    for (uint32_t k = 0; value.kind == DAG_LIST && k < value.len; k++)
        look = name_paths(reader, value.u.items[k], look);
    for (uint32_t k = 0; value.kind == DAG_MAP && k < value.len; k++)
        look = name_paths(reader, value.u.entries[k].value, look);
    return look;
}

static void look_at_paths(Reader *reader, dag_value value) {
    size_t n = count_paths(value);
    Look *looks = ARENA_ARRAY(&reader->cli->arena, n, Look);
    name_paths(reader, value, looks);
    looks_take(looks, n);
    looks_keep(&reader->cli->looks, looks, n);
    reader->look = looks;
}

/* Files and folders must exist; their paths become absolute, for bodies work elsewhere. */
static dag_value settle_paths(Reader *reader, uint32_t i, dag_value value);

static dag_value settle_path(Reader *reader, uint32_t i, dag_value value) {
    Arena *arena = &reader->cli->arena;
    const Look *look = reader->look++;
    bool folder = value.kind == DAG_DIR;
    if (look->error != 0) {
        refuse(reader, i, arena_printf(arena, "%s: %s", value.u.text, strerror(look->error)));
    } else if (folder != S_ISDIR(look->mode)) {
        refuse(reader, i,
               arena_printf(arena, "%s is %s", value.u.text,
                            folder ? "not a folder" : "a folder, not a file"));
    }
    return value_text((dag_kind)value.kind, look->path, strlen(look->path));
}

static dag_value settle_list(Reader *reader, uint32_t i, dag_value list) {
    dag_value *items = ARENA_ARRAY(&reader->cli->arena, list.len, dag_value);
    for (uint32_t k = 0; k < list.len; k++)
        items[k] = settle_paths(reader, i, list.u.items[k]);
    return value_list(items, list.len);
}

static dag_value settle_map(Reader *reader, uint32_t i, dag_value map) {
    dag_entry *entries = ARENA_ARRAY(&reader->cli->arena, map.len, dag_entry);
    for (uint32_t k = 0; k < map.len; k++) {
        entries[k].name = map.u.entries[k].name;
        entries[k].value = settle_paths(reader, i, map.u.entries[k].value);
    }
    return value_map(entries, map.len);
}

static dag_value settle_paths(Reader *reader, uint32_t i, dag_value value) {
    if (value.kind == DAG_FILE || value.kind == DAG_DIR)
        return settle_path(reader, i, value);
    if (value.kind == DAG_LIST)
        return settle_list(reader, i, value);
    if (value.kind == DAG_MAP)
        return settle_map(reader, i, value);
    return value;
}

static ExprEnv environment(Reader *reader, const dag_value *specials) {
    return (ExprEnv){ .run = reader->values,
                      .specials = specials,
                      .world = world_system(),
                      .max_value = (size_t)reader->cli->max_value,
                      .arena = &reader->cli->arena };
}

static void check_where(Reader *reader, uint32_t i) {
    const dag_input *input = &reader->program->inputs[i];
    if (input->where == DAG_NONE || reader->values[i].kind == DAG_NULL)
        return;
    dag_value specials[DAG_NSPECIAL] = { 0 };
    specials[DAG_IT] = reader->values[i];
    ExprEnv env = environment(reader, specials);
    dag_value holds;
    dag_error error = { 0 };
    if (!expr_eval(reader->exprs, input->where, &env, &holds, &error)) {
        refuse(reader, i, error.message);
    } else if (!holds.u.b) {
        const dag_expr *where = &reader->program->exprs[input->where];
        refuse(reader, i,
               arena_printf(&reader->cli->arena, "%s does not satisfy `%s`",
                            value_to_json(&reader->cli->arena, reader->values[i]),
                            reader->program->strings + where->source));
    }
}

static void settle(Reader *reader, uint32_t i) {
    const dag_input *input = &reader->program->inputs[i];
    if (reader->refused[i])
        return;
    if (!reader->given[i] && input->value != DAG_NONE) {
        ExprEnv env = environment(reader, NULL);
        dag_error error = { 0 };
        if (!expr_eval(reader->exprs, input->value, &env, &reader->values[i], &error) ||
            !value_fit(&reader->cli->arena, reader->program, input->type, FIT_INPUT,
                       &reader->values[i], &error)) {
            refuse(reader, i, error.message);
        }
    } else if (!reader->given[i] && reader->program->types[input->type].kind != DAG_OPTIONAL) {
        refuse(reader, i, "required, but not given");
    }
    if (reader->refused[i])
        return;
    look_at_paths(reader, reader->values[i]);
    reader->values[i] = settle_paths(reader, i, reader->values[i]);
    if (!reader->refused[i])
        check_where(reader, i);
}

bool cli_inputs(Cli *cli, const ExprProgram *exprs, dag_value *values) {
    uint32_t n = cli->program->ninputs;
    if (cli->max_value == 0)
        cli->max_value = DAG_MAX_VALUE;
    cli->looks.arena = &cli->arena;
    Reader reader = { .cli = cli,
                      .exprs = exprs,
                      .program = cli->program,
                      .values = values,
                      .given = ARENA_ARRAY(&cli->arena, n, bool),
                      .refused = ARENA_ARRAY(&cli->arena, n, bool),
                      .good = true };
    cli->came = reader.given;
    for (uint32_t e = 0; e < cli->nknown; e++) {
        uint32_t i = find_input(&reader, cli->known[e].name.u.text);
        if (i != DAG_NONE)
            take(&reader, i, cli->known[e].value);
    }
    if (cli->object != NULL && !take_object(&reader, "", cli->object, cli->nobject))
        return false;
    if (cli->inputs_file != NULL && !take_document(&reader, cli->inputs_file))
        return false;
    for (const GivenInput *given = cli->given; given != NULL; given = given->next) {
        take_given(&reader, given);
    }
    for (uint32_t i = 0; i < n; i++)
        settle(&reader, i);
    return reader.good && !cli->bad;
}

static bool is_given(const Cli *cli, const char *name) {
    for (const GivenInput *given = cli->given; given != NULL; given = given->next) {
        if (strcmp(given->name, name) == 0)
            return true;
    }
    return false;
}

/* The file that a secret is to be read from; NULL: the record says nothing of it. */
static const char *secret_file(Cli *cli, const dag_value *value) {
    const dag_value *path = value != NULL && value->kind == DAG_MAP
                                ? value_field(*value, SECRET_FILE, strlen(SECRET_FILE))
                                : NULL;
    return path != NULL && path->kind == DAG_STRING ? arena_printf(&cli->arena, "@%s", path->u.text)
                                                    : NULL;
}

static void give(Cli *cli, const char *name, const char *text) {
    GivenInput *given = ARENA_NEW(&cli->arena, GivenInput);
    *given = (GivenInput){ .name = name, .text = text };
    *cli->last_given = given;
    cli->last_given = &given->next;
}

const char *cli_known_inputs(Cli *cli, const char *json) {
    const dag_program *program = cli->program;
    dag_value object = value_null();
    dag_error error = { 0 };
    if (!value_from_json(&cli->arena, json, strlen(json), &object, &error))
        return "the record of its inputs cannot be read";
    cli->known = ARENA_ARRAY(&cli->arena, program->ninputs + 1, dag_entry);
    for (uint32_t i = 0; i < program->ninputs; i++) {
        const char *name = program->strings + program->inputs[i].name;
        const dag_value *value = value_field(object, name, strlen(name));
        bool secret = secrets_in_type(program, program->inputs[i].type);
        const char *file = secret && !is_given(cli, name) ? secret_file(cli, value) : NULL;
        if (file != NULL)
            give(cli, name, file);
        if (secret || value == NULL || value->kind == DAG_NULL || is_given(cli, name))
            continue;
        cli->known[cli->nknown++] =
            (dag_entry){ .name = value_text(DAG_STRING, name, strlen(name)), .value = *value };
    }
    return NULL;
}
