/*
 * outputs.c - the pipeline's results: printed as `name: value`, copied under --out DIR.
 *
 * A file output `page` becomes DIR/page.EXT, a folder DIR/page, a list of them DIR/page/NAME
 * (DIR/page/NUMBER/NAME where names repeat); everything else stands in DIR/outputs.json.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "core/plain.h"
#include "pure/value.h"

static const char *output_name(const Cli *cli, uint32_t i) {
    return cli->program->strings + cli->program->outputs[i].name;
}

void outputs_print(const Cli *cli, const dag_run *run, FILE *out) {
    Arena arena = { 0 };
    for (uint32_t i = 0; i < cli->program->noutputs; i++) {
        const dag_value *value = dag_run_output(run, i);
        if (value == NULL)
            continue;
        dag_value text = value_to_text(&arena, *value);
        const char *chars = text.kind == DAG_NULL ? value_to_json(&arena, *value) : text.u.text;
        fprintf(out, "%s: %s\n", output_name(cli, i), chars);
    }
    arena_free(&arena);
}

static bool is_path(dag_value value) {
    return value.kind == DAG_FILE || value.kind == DAG_DIR;
}

static bool is_path_list(dag_value value) {
    if (value.kind != DAG_LIST || value.len == 0)
        return false;
    for (uint32_t i = 0; i < value.len; i++) {
        if (!is_path(value.u.items[i]))
            return false;
    }
    return true;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool names_repeat(Arena *arena, dag_value list) {
    const char **names = ARENA_ARRAY(arena, list.len, const char *);
    for (uint32_t i = 0; i < list.len; i++)
        names[i] = base_name(list.u.items[i].u.text);
    qsort(names, list.len, sizeof *names, by_text);
    for (uint32_t i = 1; i < list.len; i++) {
        if (strcmp(names[i - 1], names[i]) == 0)
            return true;
    }
    return false;
}

/* Copies one file or folder, says why it cannot be. */
static bool copy_one(Cli *cli, dag_value path, const char *target) {
    CopyFault fault;
    if (copy_tree(path.u.text, target, &fault))
        return true;
    bool within = strcmp(fault.path, path.u.text) != 0;
    cli_complain(cli, "cannot copy %s to %s: %s%s%s", path.u.text, target, within ? fault.path : "",
                 within ? ": " : "", plain_why(fault.error));
    return false;
}

static bool make_folder_at(Cli *cli, const char *path) {
    if (make_folders(path))
        return true;
    cli_complain(cli, "%s: %s", path, strerror(errno));
    return false;
}

static bool copy_list(Cli *cli, const char *name, dag_value list) {
    Arena *arena = &cli->arena;
    const char *folder = arena_printf(arena, "%s/%s", cli->out_dir, name);
    bool numbered = names_repeat(arena, list), good = make_folder_at(cli, folder);
    for (uint32_t i = 0; i < list.len && good; i++) {
        const char *base = base_name(list.u.items[i].u.text), *into = folder;
        if (numbered) {
            into = arena_printf(arena, "%s/%u", folder, i);
            good = make_folder_at(cli, into);
        }
        good = good && copy_one(cli, list.u.items[i], arena_printf(arena, "%s/%s", into, base));
    }
    return good;
}

/* Where a file or folder that is an output goes. */
static const char *target_of(Cli *cli, uint32_t i, dag_value path) {
    const char *base = base_name(path.u.text), *dot = strrchr(base, '.');
    bool extension = path.kind == DAG_FILE && dot != NULL && dot != base;
    return arena_printf(&cli->arena, "%s/%s%s", cli->out_dir, output_name(cli, i),
                        extension ? dot : "");
}

static bool copy_output(Cli *cli, uint32_t i, dag_value value) {
    if (is_path_list(value))
        return copy_list(cli, output_name(cli, i), value);
    return copy_one(cli, value, target_of(cli, i, value));
}

static const char *document_path(Cli *cli) {
    return arena_printf(&cli->arena, "%s/outputs.json", cli->out_dir);
}

/* A file output `outputs` whose name ends in .json stands where all other values would. */
static bool name_is_taken(Cli *cli, const dag_run *run) {
    const char *path = document_path(cli);
    for (uint32_t i = 0; i < cli->program->noutputs; i++) {
        const dag_value *value = dag_run_output(run, i);
        if (value != NULL && is_path(*value) && strcmp(target_of(cli, i, *value), path) == 0)
            return true;
    }
    return false;
}

static bool write_document(Cli *cli, const dag_run *run, dag_value document) {
    const char *path = document_path(cli);
    if (name_is_taken(cli, run)) {
        cli_complain(cli,
                     "%s is the file of the output `outputs`: the values of the others have no "
                     "place there; give that output another name",
                     path);
        return false;
    }
    FILE *file = fopen(path, "we");
    bool good = file != NULL && fprintf(file, "%s\n", value_to_json(&cli->arena, document)) > 0;
    if (file != NULL && fclose(file) != 0)
        good = false;
    if (!good)
        cli_complain(cli, "%s: %s", path, strerror(errno));
    return good;
}

bool outputs_copy(Cli *cli, const dag_run *run) {
    if (!make_folders(cli->out_dir)) {
        cli_complain(cli, "--out %s: %s", cli->out_dir, strerror(errno));
        return false;
    }
    dag_entry *entries = ARENA_ARRAY(&cli->arena, cli->program->noutputs, dag_entry);
    size_t n = 0;
    bool good = true;
    for (uint32_t i = 0; i < cli->program->noutputs; i++) {
        const dag_value *value = dag_run_output(run, i);
        if (value == NULL)
            continue;
        if (is_path(*value) || is_path_list(*value)) {
            good &= copy_output(cli, i, *value);
            continue;
        }
        const char *name = output_name(cli, i);
        entries[n++] =
            (dag_entry){ .name = value_text(DAG_STRING, name, strlen(name)), .value = *value };
    }
    return (n == 0 || write_document(cli, run, value_map(entries, n))) && good;
}
