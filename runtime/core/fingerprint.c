/*
 * fingerprint.c - cache keys from definitions and values.
 */
#include "core/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include "core/definition.h"

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
           !uses->attempt;
}

Digest fingerprint_definition(const Fingerprints *all, uint32_t stage) {
    return all->definitions[stage];
}

/* ---------------------------------------------------------------- one task */

/* The parts of one fingerprint while they are put together. */
typedef struct Builder {
    Fingerprints *all;
    const ReuseQuestion *question;
    const FileDigests *files;
    FingerprintPart *parts;
    size_t nparts;
    bool good; /* every file could be read */
} Builder;

/* A value by its meaning: a file by what is in it, and by its name, which expressions can see. */
static void put_value(Builder *builder, dag_value value);

static void put_path(Builder *builder, dag_value path) {
    Digest content;
    const char *slash = strrchr(path.u.text, '/');
    const char *name = slash == NULL ? path.u.text : slash + 1;
    builder->good &=
        builder->files->digest(builder->files->self, path.u.text, path.kind == DAG_DIR, &content);
    if (!builder->good)
        return;
    digest_text(builder->all->digester, name, strlen(name));
    digest_bytes(builder->all->digester, content.bytes, sizeof content.bytes);
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
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_SECRET: digest_value(digester, value); break;
    case DAG_RECORD:
    case DAG_ENUM:
    case DAG_JSON:
    case DAG_OPTIONAL: break;
    }
}

static void add_part(Builder *builder, const char *name, Digest digest) {
    builder->parts[builder->nparts++] = (FingerprintPart){ .name = name, .digest = digest };
    digest_text(builder->all->whole, name, strlen(name));
    digest_bytes(builder->all->whole, digest.bytes, sizeof digest.bytes);
}

static void add_value(Builder *builder, const char *kind, dag_name name, dag_value value) {
    const char *text = builder->all->program->strings + name;
    digester_reset(builder->all->digester);
    put_value(builder, value);
    add_part(builder, arena_printf(builder->question->arena, "%s %s", kind, text),
             digester_result(builder->all->digester));
}

static void add_inputs(Builder *builder, const dag_stage *stage) {
    const dag_program *program = builder->all->program;
    for (uint32_t i = 0; i < stage->nin && builder->good; i++) {
        add_value(builder, "input", program->ports[stage->in + i].name,
                  builder->question->inputs[i]);
    }
}

static void add_run_inputs(Builder *builder, const StageUses *uses) {
    const dag_program *program = builder->all->program;
    for (uint32_t i = 0; i < program->ninputs && builder->good; i++) {
        if (!uses->run_inputs[i])
            continue;
        add_value(builder, "run input", program->inputs[i].name, builder->question->run_inputs[i]);
    }
}

static void add_key(Builder *builder) {
    const char *key = builder->question->key;
    digester_reset(builder->all->digester);
    digest_text(builder->all->digester, key, strlen(key));
    add_part(builder, "key", digester_result(builder->all->digester));
}

bool fingerprint_task(Fingerprints *all, const ReuseQuestion *question, const FileDigests *files,
                      Fingerprint *fingerprint) {
    const dag_stage *stage = &all->program->stages[question->stage];
    const StageUses *uses = &all->uses[question->stage];
    size_t most = 2 + (size_t)stage->nin + all->program->ninputs;
    Builder builder = { .all = all,
                        .question = question,
                        .files = files,
                        .parts = ARENA_ARRAY(question->arena, most, FingerprintPart),
                        .good = true };
    digester_reset(all->whole);
    add_part(&builder, "definition", all->definitions[question->stage]);
    add_inputs(&builder, stage);
    add_run_inputs(&builder, uses);
    if (uses->task_key)
        add_key(&builder);
    *fingerprint = (Fingerprint){ .key = digester_result(all->whole),
                                  .parts = builder.parts,
                                  .nparts = builder.nparts };
    return builder.good;
}
