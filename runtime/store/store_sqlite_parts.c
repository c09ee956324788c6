/*
 * store_sqlite_parts.c - fingerprints and definitions as they are kept, and what differs between two
 * of them.
 */
#include <string.h>

#include "core/definition.h"
#include "store/store_sqlite_cache.h"

static dag_value text(const char *chars) {
    return value_text(DAG_STRING, chars, strlen(chars));
}

/* ---------------------------------------------------------------- kept */

const char *cache_parts_json(Arena *arena, const Fingerprint *fingerprint) {
    dag_value *rows = ARENA_ARRAY(arena, fingerprint->nparts, dag_value);
    for (size_t i = 0; i < fingerprint->nparts; i++) {
        const FingerprintPart *part = &fingerprint->parts[i];
        char hex[DIGEST_TEXT];
        digest_hex(part->digest, hex);
        dag_value *row = ARENA_ARRAY(arena, 3, dag_value);
        row[0] = text(part->name);
        row[1] = text(arena_text(arena, hex, strlen(hex)));
        row[2] = text(part->text == NULL ? "" : part->text);
        rows[i] = value_list(row, 3);
    }
    return value_to_json(arena, value_list(rows, fingerprint->nparts));
}

const char *cache_definition_json(Arena *arena, const dag_program *program, uint32_t stage) {
    size_t n;
    DefinitionPart *parts = definition_parts(arena, program, stage, &n);
    dag_value *rows = ARENA_ARRAY(arena, n, dag_value);
    for (size_t i = 0; i < n; i++) {
        dag_value *row = ARENA_ARRAY(arena, 2, dag_value);
        row[0] = text(parts[i].name);
        row[1] = text(parts[i].text);
        rows[i] = value_list(row, 2);
    }
    return value_to_json(arena, value_list(rows, n));
}

/* ---------------------------------------------------------------- compared */

static dag_value read_rows(Arena *arena, const char *json) {
    dag_value rows;
    dag_error error;
    return value_from_json(arena, json, strlen(json), &rows, &error) ? rows : value_null();
}

/* The row of a part in what was kept, or NULL. */
static const dag_value *find_row(dag_value rows, const char *name, uint32_t len) {
    for (uint32_t i = 0; rows.kind == DAG_LIST && i < rows.len; i++) {
        const dag_value *row = &rows.u.items[i];
        if (row->kind == DAG_LIST && row->len == len && strcmp(row->u.items[0].u.text, name) == 0)
            return row;
    }
    return NULL;
}

static bool is_there(const DefinitionPart *parts, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(parts[i].name, name) == 0)
            return true;
    }
    return false;
}

void cache_compare_definition(Arena *arena, const char *json, const dag_program *program,
                              uint32_t stage, CacheDifference *difference) {
    dag_value rows = read_rows(arena, json);
    size_t n;
    const DefinitionPart *parts = definition_parts(arena, program, stage, &n);
    for (size_t i = 0; i < n; i++) {
        const dag_value *row = find_row(rows, parts[i].name, 2);
        if (row != NULL && strcmp(row->u.items[1].u.text, parts[i].text) == 0)
            continue;
        difference->part = parts[i].name;
        difference->before = row == NULL ? NULL : row->u.items[1].u.text;
        difference->now = parts[i].text;
        return;
    }
    for (uint32_t i = 0; rows.kind == DAG_LIST && i < rows.len; i++) {
        const dag_value *row = rows.u.items[i].u.items;
        if (is_there(parts, n, row[0].u.text))
            continue;
        difference->part = row[0].u.text;
        difference->before = row[1].u.text;
        return;
    }
    difference->part = "definition";
}

void cache_compare(Arena *arena, const char *json, const Fingerprint *fingerprint,
                   CacheDifference *difference) {
    dag_value rows = read_rows(arena, json);
    for (size_t i = 0; i < fingerprint->nparts; i++) {
        const FingerprintPart *part = &fingerprint->parts[i];
        const dag_value *row = find_row(rows, part->name, 3);
        char hex[DIGEST_TEXT];
        digest_hex(part->digest, hex);
        if (row != NULL && strcmp(row->u.items[1].u.text, hex) == 0)
            continue;
        difference->part = part->name;
        difference->before = row == NULL ? NULL : row->u.items[2].u.text;
        difference->now = part->text;
        return;
    }
}
