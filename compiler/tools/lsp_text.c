/*
 * lsp_text.c - the texts that the editor has open: their edits, their places, their compilation.
 */
#include "tools/lsp.h"
#include "check/front_check.h"
#include "syntax/front_parse.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---------------------------------------------------------------- open and close */

Document *document_find(const Server *server, const char *uri) {
    for (Document *d = server->documents; d; d = d->next) {
        if (strcmp(d->uri, uri) == 0) {
            return d;
        }
    }
    return NULL;
}

static int digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* file:///a%20b is /a b; any other URI stays as it is. */
static char *path_of_uri(const char *uri) {
    char *path = strdup(strncmp(uri, "file://", 7) == 0 ? uri + 7 : uri), *to = path;
    for (const char *p = path; p && *p; p++) {
        bool escaped = *p == '%' && digit(p[1]) >= 0 && digit(p[2]) >= 0;
        *to++ = escaped ? (char)(digit(p[1]) * 16 + digit(p[2])) : *p;
        p += escaped ? 2 : 0;
    }
    if (path) {
        *to = '\0';
    }
    return path;
}

static void document_free(Document *document) {
    front_free(document->front);
    free(document->uri);
    free(document->path);
    free(document->text);
    free(document);
}

Document *document_open(Server *server, const char *uri, const char *text, double version) {
    Document *document = calloc(1, sizeof(Document));
    if (!document) {
        return NULL;
    }
    *document = (Document){ .uri = strdup(uri),
                            .path = path_of_uri(uri),
                            .text = strdup(text),
                            .n = strlen(text),
                            .version = version };
    if (!document->uri || !document->path || !document->text) {
        document_free(document);
        return NULL;
    }
    document->next = server->documents;
    server->documents = document;
    return document;
}

void document_close(Server *server, Document *document) {
    Document **link = &server->documents;
    while (*link != document) {
        link = &(*link)->next;
    }
    *link = document->next;
    document_free(document);
}

/* ---------------------------------------------------------------- places */

static double number(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) && item->valuedouble > 0 ? item->valuedouble : 0;
}

/* UTF-16 units of the character that begins with this byte; 0: it continues one. */
static unsigned units(char byte) {
    unsigned char c = (unsigned char)byte;
    return c >= 0xF0 ? 2 : (c & 0xC0) != 0x80;
}

uint32_t offset_of_position(const char *text, size_t n, const cJSON *position) {
    const char *p = text, *end = text + n;
    for (double line = number(position, "line"); line > 0; line--) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (!newline) {
            return (uint32_t)n;
        }
        p = newline + 1;
    }
    double wanted = number(position, "character");
    for (double at = 0; p < end && *p != '\n' && (at < wanted || units(*p) == 0); p++) {
        at += units(*p);
    }
    return (uint32_t)(p - text);
}

cJSON *position_of(Document *document, Source *source, uint32_t offset) {
    Arena *arena = &document->front->arena;
    Position at = source_position(arena, source, offset);
    size_t n;
    const char *line = source_line(arena, source, at.line, &n);
    unsigned character = 0;
    for (const char *p = line; p < source->text + offset && p < line + n; p++) {
        character += units(*p);
    }
    cJSON *position = cJSON_CreateObject();
    cJSON_AddNumberToObject(position, "line", at.line - 1);
    cJSON_AddNumberToObject(position, "character", character);
    return position;
}

cJSON *range_of(Document *document, Span span) {
    Source *source = document->front->sources.items[span.file];
    cJSON *range = cJSON_CreateObject();
    cJSON_AddItemToObject(range, "start", position_of(document, source, span.start));
    cJSON_AddItemToObject(range, "end", position_of(document, source, span.end));
    return range;
}

const char *uri_of(const Server *server, Document *document, uint32_t file) {
    Arena *arena = &document->front->arena;
    const Source *source = document->front->sources.items[file];
    if (source == document->source) {
        return document->uri;
    }
    for (const Document *d = server->documents; d; d = d->next) {
        if (strcmp(d->path, source->path) == 0) {
            return d->uri;
        }
    }
    const char *uri = "file://";
    for (const char *p = source->path; *p; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || strchr("/-._~", *p);
        uri = arena_printf(arena, plain ? "%s%c" : "%s%%%02X", uri, plain ? *p : (unsigned char)*p);
    }
    return uri;
}

/* ---------------------------------------------------------------- edits */

void document_edit(Document *document, const cJSON *range, const char *text) {
    size_t start = 0, end = document->n, more = strlen(text);
    if (range) {
        const cJSON *from = cJSON_GetObjectItemCaseSensitive(range, "start");
        const cJSON *to = cJSON_GetObjectItemCaseSensitive(range, "end");
        start = offset_of_position(document->text, document->n, from);
        end = offset_of_position(document->text, document->n, to);
        end = end < start ? start : end;
    }
    size_t n = document->n - (end - start) + more;
    char *next = malloc(n + 1);
    if (!next) {
        return;
    }
    memcpy(next, document->text, start);
    memcpy(next + start, text, more);
    memcpy(next + start + more, document->text + end, document->n - end + 1);
    free(document->text);
    document->text = next;
    document->n = n;
}

/* ---------------------------------------------------------------- compiling */

/* The text as it stands in the editor, also for who imports the file. */
static Source *add_source(Front *front, const Document *document) {
    Source *source = source_from_text(&front->arena, &front->sources, document->path,
                                      document->text, document->n);
    struct stat st;
    if (source && stat(document->path, &st) == 0) {
        source->device = (uint64_t)st.st_dev;
        source->inode = (uint64_t)st.st_ino;
    }
    return source;
}

static void compile(const Server *server, Document *document) {
    jmp_buf oom;
    Front *front = document->front;
    if (setjmp(oom)) {
        document->model = NULL;
        return;
    }
    front->arena.oom = &oom;
    options_apply(server->options, front);
    document->source = add_source(front, document);
    for (const Document *d = server->documents; d; d = d->next) {
        if (d != document) {
            add_source(front, d);
        }
    }
    document->file = front_parse(front, document->source);
    document->model = front_check(front, document->file);
    front->arena.oom = NULL;
}

void document_analyze(const Server *server, Document *document) {
    front_free(document->front);
    document->front = front_new();
    document->model = NULL;
    if (document->front) {
        compile(server, document);
    }
}
