/*
 * lsp_uses.c - where a thing is used in a document: references, highlights, renaming.
 *
 * Candidates are the words of the text that are spelt like its name; what stands there is asked of look.c.
 * A renaming is tried before it is answered: what does not compile, or means something else, is refused.
 */
#include "tools/lsp.h"

#include <string.h>

#include "pure/text.h"

typedef struct Uses {
    const Document *document;
    Span declaration; /* may lie in another file */
    const char *name;
    size_t length;
    Span *spans;
    size_t n, room;
} Uses;

static bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool same_span(Span a, Span b) {
    return a.file == b.file && a.start == b.start && a.end == b.end;
}

static void add_use(Uses *uses, uint32_t start) {
    if (uses->n == uses->room) {
        size_t room = uses->room ? 2 * uses->room : 16;
        Span *spans = ARENA_ARRAY(&uses->document->front->arena, room, Span);
        memcpy(spans, uses->spans ? uses->spans : spans, uses->n * sizeof(Span));
        uses->spans = spans;
        uses->room = room;
    }
    uint32_t end = start + (uint32_t)uses->length;
    uses->spans[uses->n++] = span_make(uses->document->source->file, start, end);
}

/* The word at an offset; the end counts. False: there is none. */
static bool word_at(const Document *document, uint32_t offset, uint32_t *start, size_t *n) {
    const char *text = document->text;
    uint32_t from = offset, to = offset;
    while (from > 0 && in_name(text[from - 1])) {
        from--;
    }
    while (to < document->n && in_name(text[to])) {
        to++;
    }
    *start = from;
    *n = to - from;
    return to > from;
}

/* Is it the name of the thing that stands there, and declared at `declaration`? */
static bool is_use(const Document *document, uint32_t offset, Span declaration) {
    Thing thing;
    return thing_at(document->model, document->file, offset, &thing) &&
           same_span(thing_declaration(&thing), declaration);
}

/* The body of the stage that has the port which is declared there, or NULL. */
static const Item *body_of_port(const Model *model, Span declaration) {
    for (uint32_t i = 0; i < model->npipelines; i++) {
        const Pipeline *p = model->pipelines[i];
        for (uint32_t k = 0; k < p->nstages; k++) {
            const Stage *stage = p->stages[k];
            for (uint32_t n = 0; stage->body && n < stage->nins + stage->nouts; n++) {
                const Port *port = n < stage->nins ? stage->ins[n] : stage->outs[n - stage->nins];
                if (port->item && same_span(port->name.span, declaration)) {
                    return stage->body;
                }
            }
        }
    }
    return NULL;
}

/* Does `before` stand before the place, and no letter before that? */
static bool is_behind(const Document *document, uint32_t offset, const char *before) {
    size_t n = strlen(before);
    return offset > n && memcmp(document->text + offset - n, before, n) == 0 &&
           !in_name(document->text[offset - n - 1]);
}

/* What a body in another language calls its ports: in->x and out->x in C, DAG_x in the environment. */
static bool is_mention(const Document *document, const Item *body, uint32_t offset) {
    Span span = body ? body->span : SPAN_NONE;
    if (!body || span.file != document->source->file || offset < span.start || offset >= span.end) {
        return false;
    }
    bool c = body->u.body.kind == BODY_C;
    return is_behind(document, offset, "DAG_") ||
           (c && (is_behind(document, offset, "in->") || is_behind(document, offset, "out->")));
}

static void find_uses(Uses *uses) {
    const Document *d = uses->document;
    const Item *body = body_of_port(d->model, uses->declaration);
    const char *end = d->text + d->n;
    for (const char *p = d->text; (p = text_find(p, (size_t)(end - p), uses->name, uses->length));
         p += uses->length) {
        bool begins = p == d->text || !in_name(p[-1]), ends = !in_name(p[uses->length]);
        uint32_t offset = (uint32_t)(p - d->text);
        if (ends &&
            ((begins && is_use(d, offset, uses->declaration)) || is_mention(d, body, offset))) {
            add_use(uses, offset);
        }
    }
}

/* All uses of what stands at an offset, its declaration with them. False: nothing with a name. */
static bool uses_at(Document *document, uint32_t offset, Uses *uses) {
    Thing thing;
    uint32_t start;
    *uses = (Uses){ .document = document };
    if (!word_at(document, offset, &start, &uses->length) ||
        !thing_at(document->model, document->file, start, &thing)) {
        return false;
    }
    Span span = thing_declaration(&thing);
    const Source *source = SPAN_IS_NONE(span) ? NULL : document->front->sources.items[span.file];
    uses->name = document->text + start;
    if (!source || (size_t)(span.end - span.start) != uses->length ||
        memcmp(source->text + span.start, uses->name, uses->length) != 0) {
        return false; /* the word before the name: `input` of input.x */
    }
    uses->declaration = span;
    find_uses(uses);
    return true;
}

static bool uses_asked(Document *document, const cJSON *params, Uses *uses) {
    const cJSON *position = cJSON_GetObjectItemCaseSensitive(params, "position");
    return uses_at(document, offset_of_position(document->text, document->n, position), uses);
}

/* ---------------------------------------------------------------- references, highlights */

cJSON *answer_references(Server *server, Document *document, const cJSON *params) {
    Uses uses;
    const cJSON *context = cJSON_GetObjectItemCaseSensitive(params, "context");
    bool declared = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(context, "includeDeclaration"));
    cJSON *list = cJSON_CreateArray();
    if (!uses_asked(document, params, &uses)) {
        return list;
    }
    bool elsewhere = uses.declaration.file != document->source->file;
    if (declared && elsewhere) {
        cJSON_AddItemToArray(list, location_of(server, document, uses.declaration));
    }
    for (size_t i = 0; i < uses.n; i++) {
        if (declared || !same_span(uses.spans[i], uses.declaration)) {
            cJSON_AddItemToArray(list, location_of(server, document, uses.spans[i]));
        }
    }
    return list;
}

cJSON *answer_highlights(Server *server, Document *document, const cJSON *params) {
    (void)server;
    enum { READ = 2, WRITE = 3 };
    Uses uses;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0, n = uses_asked(document, params, &uses) ? uses.n : 0; i < n; i++) {
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToObject(row, "range", range_of(document, uses.spans[i]));
        bool declares = same_span(uses.spans[i], uses.declaration);
        cJSON_AddNumberToObject(row, "kind", declares ? WRITE : READ);
        cJSON_AddItemToArray(list, row);
    }
    return list;
}

/* ---------------------------------------------------------------- renaming */

/* Why the thing cannot get another name; NULL: it can. */
static const char *unnameable(const Document *document, const Uses *uses, bool found) {
    return !found ? "nothing here has a name that this file gives"
           : uses->declaration.file != document->source->file
               ? "it is declared in another file: rename it there"
               : NULL;
}

cJSON *answer_prepare_rename(Server *server, Document *document, const cJSON *params) {
    Uses uses;
    bool found = uses_asked(document, params, &uses);
    server->refusal = unnameable(document, &uses, found);
    if (server->refusal) {
        return NULL;
    }
    const cJSON *position = cJSON_GetObjectItemCaseSensitive(params, "position");
    uint32_t start = 0;
    size_t n = 0;
    word_at(document, offset_of_position(document->text, document->n, position), &start, &n);
    return range_of(document, span_make(document->source->file, start, start + (uint32_t)n));
}

/* The text with the new name in place; *n: its bytes. */
static char *renamed_text(const Uses *uses, const char *name, size_t *n) {
    const Document *d = uses->document;
    TextBuffer text = { .arena = &d->front->arena };
    uint32_t at = 0;
    for (size_t i = 0; i < uses->n; i++) {
        buffer_add(&text, d->text + at, uses->spans[i].start - at);
        buffer_string(&text, name);
        at = uses->spans[i].end;
    }
    buffer_add(&text, d->text + at, d->n - at);
    *n = text.n;
    return buffer_end(&text);
}

/* Where the declaration begins in the new text. */
static uint32_t renamed_place(const Uses *uses, size_t length) {
    uint32_t before = 0;
    while (uses->spans[before].start < uses->declaration.start) {
        before++;
    }
    return uses->declaration.start + before * (uint32_t)length - before * (uint32_t)uses->length;
}

static const char *first_error(const Diags *diags) {
    for (const Diag *diag = diags->first; diag; diag = diag->next) {
        if (diag->severity == SEVERITY_ERROR) {
            return diag->message;
        }
    }
    return "it would not compile";
}

/* Compiles the text with the new name. NULL: it means the same; else why not, in the front's arena. */
static const char *try_rename(const Server *server, Document *document, const Uses *uses,
                              const char *name) {
    Uses after;
    const char *why = NULL;
    Document trial = { .uri = document->uri, .path = document->path };
    trial.text = renamed_text(uses, name, &trial.n);
    document_analyze(server, &trial);
    if (!trial.model) {
        why = "out of memory";
    } else if (trial.front->diags->nerrors > document->front->diags->nerrors) {
        why = arena_printf(&document->front->arena, "`%s` cannot be its name: %s", name,
                           first_error(trial.front->diags));
    } else if (!uses_at(&trial, renamed_place(uses, strlen(name)), &after) || after.n != uses->n) {
        why =
            arena_printf(&document->front->arena, "`%s` is the name of something else here", name);
    }
    front_free(trial.front);
    return why;
}

static bool is_name(const char *name) {
    size_t n = 0;
    while (in_name(name[n])) {
        n++;
    }
    return n > 0 && name[n] == '\0' && !(name[0] >= '0' && name[0] <= '9');
}

cJSON *answer_rename(Server *server, Document *document, const cJSON *params) {
    Uses uses;
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, "newName"));
    bool found = uses_asked(document, params, &uses);
    server->refusal = unnameable(document, &uses, found);
    if (!server->refusal && (!name || !is_name(name))) {
        server->refusal = "names are made of letters a to z, digits and `_`";
    }
    if (!server->refusal) {
        server->refusal = try_rename(server, document, &uses, name);
    }
    if (server->refusal) {
        return NULL;
    }
    cJSON *edit = cJSON_CreateObject(), *changes = cJSON_AddObjectToObject(edit, "changes");
    cJSON *edits = cJSON_AddArrayToObject(changes, document->uri);
    for (size_t i = 0; i < uses.n; i++) {
        cJSON_AddItemToArray(edits, text_edit_of(document, uses.spans[i], name));
    }
    return edit;
}
