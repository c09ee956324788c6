/*
 * sight.c - see sight.h.
 */
#include "core/sight.h"

#include <string.h>

#include "core/definition.h"

/* What tells versions of a file apart. */
static void digest_status(Digester *digester, const struct stat *status) {
    const uint64_t numbers[] = {
        (uint64_t)status->st_size,         (uint64_t)status->st_mtim.tv_sec,
        (uint64_t)status->st_mtim.tv_nsec, (uint64_t)status->st_ctim.tv_sec,
        (uint64_t)status->st_ctim.tv_nsec, (uint64_t)status->st_ino,
        (uint64_t)status->st_dev,          (uint64_t)status->st_mode
    };
    digest_bytes(digester, numbers, sizeof numbers);
}

static bool see_file(Sight *sight, const char *path, const FingerprintWorld *world,
                     Digester *digester) {
    if (sight->n == SIGHT_FILES)
        return false;
    struct stat *status = &sight->status[sight->n];
    if (world->stat(world->self, path, status) != 0 || !S_ISREG(status->st_mode))
        return false;
    sight->paths[sight->n++] = path;
    digest_status(digester, status);
    return true;
}

/* What stat says of its files. */
static bool see_value(Sight *sight, dag_value value, const FingerprintWorld *world,
                      Digester *digester) {
    bool good = value.kind != DAG_DIR && value.kind != DAG_SECRET;
    if (value.kind == DAG_FILE)
        good = see_file(sight, value.u.text, world, digester);
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len && good; i++)
        good = see_value(sight, value.u.items[i], world, digester);
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len && good; i++)
        good = see_value(sight, value.u.entries[i].value, world, digester);
    return good;
}

static bool see(Sight *sight, dag_value value, const FingerprintWorld *world, Digester *digester) {
    digest_value(digester, value); /* it says how many files there are */
    return see_value(sight, value, world, digester);
}

void sight_take(Sight *sight, Fingerprints *fingerprints, const ReuseQuestion *question,
                const FingerprintWorld *world, uint64_t salt) {
    const dag_program *program;
    Digester *digester;
    const StageUses *uses = fingerprint_uses(fingerprints, question->stage, &program, &digester);
    const dag_stage *stage = &program->stages[question->stage];
    Digest definition = fingerprint_definition(fingerprints, question->stage);
    sight->n = 0;
    digester_reset(digester);
    digest_number(digester, salt);
    digest_bytes(digester, definition.bytes, sizeof definition.bytes);
    bool good = true;
    for (uint32_t i = 0; i < stage->nin && good; i++)
        good = see(sight, question->inputs[i], world, digester);
    for (uint32_t i = 0; i < program->ninputs && good; i++) {
        if (uses->run_inputs[i])
            good = see(sight, question->run_inputs[i], world, digester);
    }
    if (uses->task_key)
        digest_text(digester, question->key, strlen(question->key));
    sight->whole = good;
    sight->digest = digester_result(digester);
}

const struct stat *sight_find(const Sight *sight, const char *path) {
    for (size_t i = 0; i < sight->n; i++) {
        if (sight->paths[i] == path)
            return &sight->status[i];
    }
    return NULL;
}
