/*
 * store_sqlite_parts.c - fingerprints as they are kept, and what differs between two of them.
 */
#include <string.h>

#include "core/definition.h"
#include "pure/value.h"
#include "store/store_sqlite_cache.h"

enum { MOST_DESCRIPTION = 4000 }; /* bytes of a value that are kept for explanations */

static dag_value text(const char *chars) {
    return value_text(DAG_STRING, chars, strlen(chars));
}

static const char *shortened(Arena *arena, const char *chars) {
    size_t n = strlen(chars);
    if (n <= MOST_DESCRIPTION)
        return chars;
    n = MOST_DESCRIPTION;
    while (n > 0 && ((unsigned char)chars[n] & 0xC0) == 0x80)
        n--;
    return arena_printf(arena, "%.*s…", (int)n, chars);
}

static const dag_value *value_of(const dag_program *program, const ReuseQuestion *question,
                                 const char *part) {
    const dag_stage *stage = &program->stages[question->stage];
    if (strncmp(part, "input ", 6) == 0) {
        for (uint32_t i = 0; i < stage->nin; i++) {
            const char *name = program->strings + program->ports[stage->in + i].name;
            if (strcmp(name, part + 6) == 0)
                return &question->inputs[i];
        }
    }
    if (strncmp(part, "run input ", 10) == 0) {
        for (uint32_t i = 0; i < program->ninputs; i++) {
            const char *name = program->strings + program->inputs[i].name;
            if (strcmp(name, part + 10) == 0)
                return &question->run_inputs[i];
        }
    }
    return NULL;
}

static const char *describe(Arena *arena, const dag_program *program, const ReuseQuestion *question,
                            const char *part) {
    if (strcmp(part, "definition") == 0) {
        return definition_text(arena, program, question->stage);
    }
    const dag_value *value = value_of(program, question, part);
    return value == NULL ? question->key : shortened(arena, value_to_json(arena, *value));
}

const char *cache_parts_json(Arena *arena, const dag_program *program,
                             const ReuseQuestion *question, const Fingerprint *fingerprint) {
    dag_value *rows = ARENA_ARRAY(arena, fingerprint->nparts, dag_value);
    for (size_t i = 0; i < fingerprint->nparts; i++) {
        const FingerprintPart *part = &fingerprint->parts[i];
        char hex[DIGEST_TEXT];
        digest_hex(part->digest, hex);
        dag_value *row = ARENA_ARRAY(arena, 3, dag_value);
        row[0] = text(part->name);
        row[1] = text(arena_text(arena, hex, strlen(hex)));
        row[2] = text(describe(arena, program, question, part->name));
        rows[i] = value_list(row, 3);
    }
    return value_to_json(arena, value_list(rows, fingerprint->nparts));
}

/* The row of a part in what was kept, or NULL. */
static const dag_value *find_row(dag_value rows, const char *name) {
    for (uint32_t i = 0; rows.kind == DAG_LIST && i < rows.len; i++) {
        const dag_value *row = &rows.u.items[i];
        if (row->kind == DAG_LIST && row->len == 3 && strcmp(row->u.items[0].u.text, name) == 0) {
            return row;
        }
    }
    return NULL;
}

void cache_compare(Arena *arena, const char *json, const dag_program *program,
                   const ReuseQuestion *question, const Fingerprint *fingerprint,
                   CacheDifference *difference) {
    dag_value rows;
    dag_error error;
    if (!value_from_json(arena, json, strlen(json), &rows, &error))
        return;
    for (size_t i = 0; i < fingerprint->nparts; i++) {
        const FingerprintPart *part = &fingerprint->parts[i];
        const dag_value *row = find_row(rows, part->name);
        char hex[DIGEST_TEXT];
        digest_hex(part->digest, hex);
        if (row != NULL && strcmp(row->u.items[1].u.text, hex) == 0)
            continue;
        difference->part = part->name;
        difference->before = row == NULL ? NULL : row->u.items[2].u.text;
        difference->now = describe(arena, program, question, part->name);
        return;
    }
}
