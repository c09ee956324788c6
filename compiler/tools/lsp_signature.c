/*
 * lsp_signature.c - which arguments the pipe takes that is being written: `<x | replace("a", ▮`.
 */
#include "tools/lsp.h"

#include <ctype.h>
#include <string.h>

#include "pure/pipe.h"

/* The bracket that the place is directly in, on its line, or NULL; *narg: commas between. Strings in
 * between are passed over, from the right. */
static const char *open_bracket(const char *line, const char *at, int *narg) {
    int depth = 0;
    for (const char *p = at; p > line; p--) {
        char c = p[-1];
        if (c == '"') {
            const char *q = p - 1;
            while (q > line && q[-1] != '"') {
                q--;
            }
            p = q > line ? q : p;
        }
        depth += c == ')' || c == ']';
        if (depth == 0 && (c == '(' || c == '[')) {
            return c == '(' ? p - 1 : NULL;
        }
        depth -= c == '(' || c == '[';
        *narg += depth == 0 && c == ',';
    }
    return NULL;
}

/* The pipe whose name ends before `end`, behind a bar; or NULL. */
static const PipeRow *pipe_before(const char *line, const char *end) {
    const char *name = end;
    while (name > line && (isalnum((unsigned char)name[-1]) || name[-1] == '_')) {
        name--;
    }
    size_t n = (size_t)(end - name);
    const char *bar = name;
    while (bar > line && bar[-1] == ' ') {
        bar--;
    }
    for (size_t i = 0; bar > line && bar[-1] == '|' && i < pipe_count; i++) {
        if (strlen(pipe_rows[i].name) == n && memcmp(pipe_rows[i].name, name, n) == 0) {
            return &pipe_rows[i];
        }
    }
    return NULL;
}

/* The arguments between the brackets of one form of a signature, each as it stands there. */
static void add_parameters(cJSON *list, const char *form, const char *end, Arena *arena) {
    const char *p = memchr(form, '(', (size_t)(end - form));
    int depth = 0;
    for (const char *start = p ? p + 1 : end; p && p < end; p++) {
        depth += *p == '(' || *p == '<';
        depth -= *p == ')' || (*p == '>' && p[-1] != '-');
        bool ends = depth == 0 || (depth == 1 && *p == ',');
        if (ends) {
            cJSON *one = cJSON_CreateObject();
            cJSON_AddStringToObject(one, "label", arena_text(arena, start, (size_t)(p - start)));
            cJSON_AddItemToArray(list, one);
            start = p + 1 + (p[1] == ' ');
        }
        if (depth == 0) {
            return;
        }
    }
}

/* One entry for each form, as `string (x: string) -> string; list (…) -> …` has two. */
static void add_signatures(cJSON *list, const PipeRow *row, Arena *arena) {
    for (const char *form = row->signature; *form;) {
        const char *end = form + strcspn(form, ";");
        cJSON *one = cJSON_CreateObject();
        const char *label = arena_printf(arena, "%s: %.*s", row->name, (int)(end - form), form);
        cJSON_AddStringToObject(one, "label", label);
        cJSON_AddStringToObject(one, "documentation", row->doc);
        add_parameters(cJSON_AddArrayToObject(one, "parameters"), form, end, arena);
        cJSON_AddItemToArray(list, one);
        form = *end ? end + 1 + (end[1] == ' ') : end;
    }
}

cJSON *answer_signature(Server *server, Document *document, const cJSON *params) {
    (void)server;
    const cJSON *position = cJSON_GetObjectItemCaseSensitive(params, "position");
    const char *at = document->text + offset_of_position(document->text, document->n, position);
    const char *line = at;
    while (line > document->text && line[-1] != '\n') {
        line--;
    }
    int narg = 0;
    const char *bracket = open_bracket(line, at, &narg);
    const PipeRow *row = bracket ? pipe_before(line, bracket) : NULL;
    if (!row) {
        return NULL;
    }
    cJSON *result = cJSON_CreateObject();
    add_signatures(cJSON_AddArrayToObject(result, "signatures"), row, &document->front->arena);
    cJSON_AddNumberToObject(result, "activeSignature", 0);
    cJSON_AddNumberToObject(result, "activeParameter", narg);
    return result;
}
