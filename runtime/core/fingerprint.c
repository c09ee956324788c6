/*
 * fingerprint.c - cache keys from definitions and values.
 */
#include "core/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include "core/definition.h"
#include "core/filehash.h"
#include "core/outputs.h"
#include "core/siphash.h"
#include "pure/value.h"

struct Fingerprints {
    const dag_program *program;
    Digester *digester;  /* of one part at a time */
    Digester *whole;     /* of all parts */
    Digest *definitions; /* by stage */
    StageUses *uses;     /* by stage */
    bool *run_inputs;    /* what uses[].run_inputs point into */
};

static bool describe_stages(Fingerprints *all) {
    const dag_program *program = all->program;
    size_t nstages = program->nstages, ninputs = program->ninputs;
    all->definitions = calloc(nstages + 1, sizeof *all->definitions);
    all->uses = calloc(nstages + 1, sizeof *all->uses);
    all->run_inputs = calloc(nstages * ninputs + 1, sizeof *all->run_inputs);
    if (all->definitions == NULL || all->uses == NULL || all->run_inputs == NULL)
        return false;
    for (uint32_t i = 0; i < nstages; i++) {
        all->uses[i].run_inputs = all->run_inputs + i * ninputs;
        stage_uses(program, i, &all->uses[i]);
        digester_reset(all->digester);
        digest_stage(all->digester, program, i);
        all->definitions[i] = digester_result(all->digester);
    }
    return true;
}

Fingerprints *fingerprints_new(const dag_program *program) {
    Fingerprints *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    all->program = program;
    all->digester = digester_new();
    all->whole = digester_new();
    if (all->digester != NULL && all->whole != NULL && describe_stages(all))
        return all;
    fingerprints_free(all);
    return NULL;
}

void fingerprints_free(Fingerprints *all) {
    if (all == NULL)
        return;
    if (all->digester != NULL)
        digester_free(all->digester);
    if (all->whole != NULL)
        digester_free(all->whole);
    free(all->definitions);
    free(all->uses);
    free(all->run_inputs);
    free(all);
}

bool fingerprint_reusable(const Fingerprints *all, uint32_t stage) {
    const dag_stage *row = &all->program->stages[stage];
    const StageUses *uses = &all->uses[stage];
    return (row->flags & DAG_STAGE_CACHEABLE) != 0 && row->body != DAG_BODY_NONE && !uses->run_id &&
           !uses->attempt && !uses->calls_uncacheable;
}

bool fingerprint_impure(const Fingerprints *all, uint32_t stage) {
    return all->uses[stage].run_id || all->uses[stage].attempt;
}

const StageUses *fingerprint_uses(Fingerprints *all, uint32_t stage, const dag_program **program,
                                  Digester **digester) {
    *program = all->program;
    *digester = all->digester;
    return &all->uses[stage];
}

Digest fingerprint_definition(const Fingerprints *all, uint32_t stage) {
    return all->definitions[stage];
}

/* Is a result of the stage, or a part of one, the path of a file that it did not make? */
static bool finds_files(const dag_program *program, const dag_stage *stage) {
    for (uint32_t i = stage->out; i < stage->out + stage->nout; i++) {
        const dag_port *port = &program->ports[i];
        bool made = (port->flags & (DAG_PORT_PATH | DAG_PORT_GLOB)) != 0;
        if (!made && type_has_files(program, port->type))
            return true;
    }
    return false;
}

bool fingerprint_reads_files(const Fingerprints *all, uint32_t stage) {
    const dag_program *program = all->program;
    const dag_stage *row = &program->stages[stage];
    for (uint32_t i = row->in; i < row->in + row->nin; i++) {
        if (type_has_files(program, program->ports[i].type))
            return true;
    }
    for (uint32_t i = 0; i < program->ninputs; i++) {
        if (all->uses[stage].run_inputs[i] && type_has_files(program, program->inputs[i].type))
            return true;
    }
    return false;
}

/* ---------------------------------------------------------------- one task */

enum { MOST_TEXT = 4000 }; /* bytes of a value that are kept for explanations */

/* The parts of one fingerprint while they are put together. */
typedef struct Builder {
    Fingerprints *all;
    const ReuseQuestion *question;
    const FingerprintWorld *world;
    FingerprintPart *parts;
    size_t nparts;
    bool good;   /* every file could be read */
    bool places; /* where files are counts */
    bool texts;  /* wanted */
    char *text;  /* of the files of this part so far, if texts are wanted */
    size_t ntext;
    uint64_t placed; /* of the paths so far */
    size_t root;     /* bytes of the folder whose tree is walked, which texts leave out */
} Builder;

/* A value by its meaning: a file by what is in it, and by its name, which expressions can see. */
static void put_value(Builder *builder, dag_value value);

/* A line "PATH (SIZE bytes, DIGEST)". */
static void note_file(Builder *builder, const char *path, const struct stat *status,
                      const Digest *digest) {
    char hex[DIGEST_TEXT];
    if (!builder->texts || builder->ntext >= MOST_TEXT)
        return;
    digest_hex(*digest, hex);
    const char *line = arena_printf(builder->question->arena, "%s (%lld bytes, %.16s%s)\n", path,
                                    (long long)status->st_size, hex,
                                    (status->st_mode & S_IXUSR) != 0 ? ", executable" : "");
    size_t n = strlen(line);
    builder->text =
        arena_grow(builder->question->arena, builder->text, builder->ntext, builder->ntext + n + 1);
    memcpy(builder->text + builder->ntext, line, n + 1);
    builder->ntext += n;
}

static bool digest_of_file(void *self, const char *path, const struct stat *status,
                           Digest *digest) {
    Builder *builder = self;
    if (!builder->world->file(builder->world->self, path, status, digest))
        return false;
    note_file(builder, path + builder->root, status, digest);
    return true;
}

static bool digest_of_gone(Builder *builder, dag_value path, Digest *digest) {
    const FingerprintWorld *world = builder->world;
    struct stat status = { 0 };
    if (world->gone == NULL || !world->gone(world->self, path.u.text, &status, digest))
        return false;
    if (path.kind == DAG_FILE)
        digest_number(builder->all->digester, (status.st_mode & S_IXUSR) != 0);
    note_file(builder, path.u.text, &status, digest);
    return true;
}

static bool digest_of_path(Builder *builder, dag_value path, Digest *digest) {
    struct stat status;
    if (builder->world->stat(builder->world->self, path.u.text, &status) != 0)
        return digest_of_gone(builder, path, digest);
    if (path.kind == DAG_FILE) {
        digest_number(builder->all->digester, (status.st_mode & S_IXUSR) != 0);
        return digest_of_file(builder, path.u.text, &status, digest);
    }
    if (builder->texts) {
        const char *line = arena_printf(builder->question->arena, "%s/\n", path.u.text);
        builder->text = arena_grow(builder->question->arena, builder->text, builder->ntext,
                                   builder->ntext + strlen(line) + 1);
        memcpy(builder->text + builder->ntext, line, strlen(line) + 1);
        builder->ntext += strlen(line);
    }
    builder->root = strlen(path.u.text) + 1;
    bool good = filehash_tree(path.u.text, digest_of_file, builder, digest);
    builder->root = 0;
    return good;
}

static bool is_below(const char *path, const char *folder) {
    size_t n = folder == NULL ? 0 : strlen(folder);
    return n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

static void put_path(Builder *builder, dag_value path) {
    Digest content;
    Digester *digester = builder->all->digester;
    builder->placed = digest_chain(builder->placed, path.u.text, strlen(path.u.text));
    const char *slash = strrchr(path.u.text, '/');
    const char *name = slash == NULL ? path.u.text : slash + 1;
    if (builder->places && !is_below(path.u.text, builder->world->own))
        name = path.u.text;
    builder->good &= digest_of_path(builder, path, &content);
    if (!builder->good)
        return;
    digest_text(digester, name, strlen(name));
    digest_bytes(digester, content.bytes, sizeof content.bytes);
}

static void put_secret(Builder *builder, dag_value secret) {
    const unsigned char *key =
        builder->world->key == NULL ? NULL : builder->world->key(builder->world->self);
    builder->good &= key != NULL;
    if (key == NULL)
        return;
    Digest digest = siphash(key, secret.u.text, secret.len);
    digest_bytes(builder->all->digester, digest.bytes, sizeof digest.bytes);
}

static void put_items(Builder *builder, dag_value value) {
    for (uint32_t i = 0; i < value.len && builder->good; i++) {
        if (value.kind == DAG_LIST) {
            put_value(builder, value.u.items[i]);
        } else {
            put_value(builder, value.u.entries[i].name);
            put_value(builder, value.u.entries[i].value);
        }
    }
}

static void put_value(Builder *builder, dag_value value) {
    Digester *digester = builder->all->digester;
    switch ((dag_kind)value.kind) {
    case DAG_FILE:
    case DAG_DIR:
        digest_number(digester, value.kind);
        put_path(builder, value);
        break;
    case DAG_LIST:
    case DAG_MAP:
        digest_number(digester, (uint64_t)value.kind << 32 | value.len);
        put_items(builder, value);
        break;
    case DAG_SECRET:
        digest_number(digester, value.kind);
        put_secret(builder, value);
        break;
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_DURATION:
    case DAG_SIZE: digest_value(digester, value); break;
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: break;
    }
}

static const char *shortened(Arena *arena, const char *chars) {
    size_t n = strlen(chars);
    if (n <= MOST_TEXT)
        return chars;
    n = MOST_TEXT;
    while (n > 0 && ((unsigned char)chars[n] & 0xC0) == 0x80)
        n--;
    return arena_printf(arena, "%.*s…", (int)n, chars);
}

/* The value for people; of files, their lines instead of their paths. */
static const char *text_of(const Builder *builder, dag_value value) {
    Arena *arena = builder->question->arena;
    if (!builder->texts)
        return NULL;
    if (builder->ntext > 0 && value.kind != DAG_MAP)
        return shortened(arena, builder->text);
    return shortened(arena, value_to_json(arena, value));
}

/* Its name is the kind, which ends with a space where a word follows. */
static void add_part(Builder *builder, const char *kind, const char *word, Digest digest,
                     const char *text) {
    Digester *whole = builder->all->whole;
    size_t nkind = strlen(kind), nword = strlen(word);
    digest_number(whole, nkind + nword);
    digest_bytes(whole, kind, nkind);
    digest_bytes(whole, word, nword);
    digest_bytes(whole, digest.bytes, sizeof digest.bytes);
    if (!builder->texts)
        return;
    builder->parts[builder->nparts++] =
        (FingerprintPart){ .name = arena_printf(builder->question->arena, "%s%s", kind, word),
                           .digest = digest,
                           .text = text };
}

static void add_value(Builder *builder, const char *kind, dag_name name, dag_value value) {
    const char *word = builder->all->program->strings + name;
    digester_reset(builder->all->digester);
    builder->text = NULL;
    builder->ntext = 0;
    put_value(builder, value);
    Digest digest = digester_result(builder->all->digester);
    add_part(builder, kind, word, digest, text_of(builder, value));
}

static void add_inputs(Builder *builder, const dag_stage *stage) {
    const dag_program *program = builder->all->program;
    for (uint32_t i = 0; i < stage->nin && builder->good; i++) {
        add_value(builder, "input ", program->ports[stage->in + i].name,
                  builder->question->inputs[i]);
    }
}

static void add_run_inputs(Builder *builder, const StageUses *uses) {
    const dag_program *program = builder->all->program;
    for (uint32_t i = 0; i < program->ninputs && builder->good; i++) {
        if (!uses->run_inputs[i])
            continue;
        add_value(builder, "run input ", program->inputs[i].name, builder->question->run_inputs[i]);
    }
}

static void add_key(Builder *builder) {
    const char *key = builder->question->key;
    digester_reset(builder->all->digester);
    digest_text(builder->all->digester, key, strlen(key));
    add_part(builder, "key", "", digester_result(builder->all->digester), key);
}

bool fingerprint_task(Fingerprints *all, const ReuseQuestion *question,
                      const FingerprintWorld *world, bool texts, Fingerprint *fingerprint) {
    const dag_stage *stage = &all->program->stages[question->stage];
    const StageUses *uses = &all->uses[question->stage];
    Digest definition = all->definitions[question->stage];
    size_t most = 1 + (size_t)stage->nin + all->program->ninputs;
    Builder builder = { .all = all,
                        .question = question,
                        .world = world,
                        .parts = texts ? ARENA_ARRAY(question->arena, most, FingerprintPart) : NULL,
                        .places = finds_files(all->program, stage),
                        .texts = texts,
                        .good = true };
    digester_reset(all->whole);
    digest_bytes(all->whole, definition.bytes, sizeof definition.bytes);
    add_inputs(&builder, stage);
    add_run_inputs(&builder, uses);
    if (uses->task_key)
        add_key(&builder);
    *fingerprint = (Fingerprint){ .key = digester_result(all->whole),
                                  .definition = definition,
                                  .places = builder.placed,
                                  .parts = builder.parts,
                                  .nparts = builder.nparts };
    return builder.good;
}
