/*
 * lsp_answers.c - the answers that say what stands in a document: messages, hover texts,
 * declarations, the outline, the standard layout, fixes.
 */
#include "tools/lsp.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag_print.h"
#include "tools/fmt.h"

static const cJSON *member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* ---------------------------------------------------------------- hover, definition */

static bool look(const Document *document, const cJSON *params, Thing *thing) {
    uint32_t offset = offset_of_position(document->text, document->n, member(params, "position"));
    return thing_at(document->model, document->file, offset, thing);
}

cJSON *answer_hover(Server *server, Document *document, const cJSON *params) {
    (void)server;
    Thing thing;
    if (!look(document, params, &thing)) {
        return NULL;
    }
    cJSON *result = cJSON_CreateObject(), *contents = cJSON_AddObjectToObject(result, "contents");
    cJSON_AddStringToObject(contents, "kind", "markdown");
    cJSON_AddStringToObject(contents, "value",
                            thing_hover(&document->front->arena, document->model, &thing));
    cJSON_AddItemToObject(result, "range", range_of(document, thing.span));
    return result;
}

cJSON *location_of(const Server *server, Document *document, Span span) {
    cJSON *place = cJSON_CreateObject();
    cJSON_AddStringToObject(place, "uri", uri_of(server, document, span.file));
    cJSON_AddItemToObject(place, "range", range_of(document, span));
    return place;
}

cJSON *answer_definition(Server *server, Document *document, const cJSON *params) {
    Thing thing;
    Span span = look(document, params, &thing) ? thing_declaration(&thing) : SPAN_NONE;
    return SPAN_IS_NONE(span) ? NULL : location_of(server, document, span);
}

/* ---------------------------------------------------------------- the outline */

/* SymbolKind of the protocol. */
enum {
    SYMBOL_MODULE = 2,
    SYMBOL_CLASS = 5,
    SYMBOL_FUNCTION = 12,
    SYMBOL_VARIABLE = 13,
    SYMBOL_STRUCT = 23,
    SYMBOL_NONE = 0
};

static int symbol_kind(const Item *item) {
    switch (item->kind) {
    case ITEM_PIPELINE: return SYMBOL_MODULE;
    case ITEM_PLUGIN: return SYMBOL_CLASS;
    case ITEM_STAGE: return SYMBOL_FUNCTION;
    case ITEM_PORT: return SYMBOL_VARIABLE;
    case ITEM_TYPE: return SYMBOL_STRUCT;
    case ITEM_IMPORT:
    case ITEM_EDGE:
    case ITEM_BODY:
    case ITEM_ATTR:
    case ITEM_BROKEN: return SYMBOL_NONE;
    }
    return SYMBOL_NONE;
}

static const Item *items_inside(const Item *item) {
    switch (item->kind) {
    case ITEM_PIPELINE: return item->u.pipeline.items;
    case ITEM_PLUGIN: return item->u.plugin.items;
    case ITEM_STAGE: return item->u.stage.items;
    case ITEM_PORT:
    case ITEM_TYPE:
    case ITEM_IMPORT:
    case ITEM_EDGE:
    case ITEM_BODY:
    case ITEM_ATTR:
    case ITEM_BROKEN: return NULL;
    }
    return NULL;
}

static cJSON *symbols(Document *document, const Item *items) {
    cJSON *list = cJSON_CreateArray();
    for (const Item *item = items; item; item = item->next) {
        int kind = symbol_kind(item);
        if (kind == SYMBOL_NONE || !item->name.text) {
            continue;
        }
        cJSON *symbol = cJSON_CreateObject();
        cJSON_AddStringToObject(symbol, "name", item->name.text);
        cJSON_AddNumberToObject(symbol, "kind", kind);
        cJSON_AddItemToObject(symbol, "range", range_of(document, item->span));
        cJSON_AddItemToObject(symbol, "selectionRange", range_of(document, item->name.span));
        cJSON_AddItemToObject(symbol, "children", symbols(document, items_inside(item)));
        cJSON_AddItemToArray(list, symbol);
    }
    return list;
}

cJSON *answer_symbols(Server *server, Document *document, const cJSON *params) {
    (void)server, (void)params;
    return symbols(document, document->file->items);
}

/* What can be folded: items of several lines. */
static void add_folds(Document *document, const Item *items, cJSON *list) {
    for (const Item *item = items; item; item = item->next) {
        cJSON *from = position_of(document, document->source, item->span.start);
        cJSON *to = position_of(document, document->source, item->span.end);
        double first = member(from, "line")->valuedouble, last = member(to, "line")->valuedouble;
        if (last > first) {
            cJSON *fold = cJSON_CreateObject();
            cJSON_AddNumberToObject(fold, "startLine", first);
            cJSON_AddNumberToObject(fold, "endLine", last - 1);
            cJSON_AddItemToArray(list, fold);
        }
        cJSON_Delete(from);
        cJSON_Delete(to);
        add_folds(document, items_inside(item), list);
    }
}

cJSON *answer_folds(Server *server, Document *document, const cJSON *params) {
    (void)server, (void)params;
    cJSON *list = cJSON_CreateArray();
    add_folds(document, document->file->items, list);
    return list;
}

/* ---------------------------------------------------------------- the standard layout */

cJSON *text_edit_of(Document *document, Span span, const char *text) {
    cJSON *edit = cJSON_CreateObject();
    cJSON_AddItemToObject(edit, "range", range_of(document, span));
    cJSON_AddStringToObject(edit, "newText", text);
    return edit;
}

cJSON *answer_formatting(Server *server, Document *document, const cJSON *params) {
    (void)server, (void)params;
    Front *front = front_new();
    size_t n;
    Source *source = front ? source_from_text(&front->arena, &front->sources, document->path,
                                              document->text, document->n)
                           : NULL;
    char *text = source ? fmt_text(front, source, &n) : NULL;
    cJSON *edits = text ? cJSON_CreateArray() : NULL; /* null: it has syntax errors */
    if (text && strcmp(text, document->text) != 0) {
        Span all = { .file = document->source->file, .start = 0, .end = (uint32_t)document->n };
        cJSON_AddItemToArray(edits, text_edit_of(document, all, text));
    }
    free(text);
    front_free(front);
    return edits;
}

/* ---------------------------------------------------------------- messages */

static int severity_number(Severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return 1;
    case SEVERITY_WARNING: return 2;
    case SEVERITY_NOTE: return 3;
    }
    return 3;
}

/* The message with what is said at its carets and its advice. */
static const char *whole_message(Arena *arena, const Diag *diag) {
    const char *text =
        diag->label ? arena_printf(arena, "%s (%s)", diag->message, diag->label) : diag->message;
    for (const Note *note = diag->notes; note; note = note->next) {
        text = note->has_span ? text : arena_printf(arena, "%s\nhelp: %s", text, note->message);
    }
    return text;
}

static cJSON *related(const Server *server, Document *document, const Diag *diag) {
    cJSON *list = cJSON_CreateArray();
    for (const Note *note = diag->notes; note; note = note->next) {
        if (!note->has_span) {
            continue;
        }
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToObject(row, "location", location_of(server, document, note->span));
        cJSON_AddStringToObject(row, "message", note->message);
        cJSON_AddItemToArray(list, row);
    }
    return list;
}

/* Where it is shown in this document; what lies in an import, at the beginning. */
static Span shown_at(const Document *document, const Diag *diag) {
    bool here = !SPAN_IS_NONE(diag->span) && diag->span.file == document->source->file;
    return here ? diag->span : (Span){ .file = document->source->file };
}

static cJSON *diagnostic(const Server *server, Document *document, const Diag *diag) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToObject(row, "range", range_of(document, shown_at(document, diag)));
    cJSON_AddNumberToObject(row, "severity", severity_number(diag->severity));
    cJSON_AddStringToObject(row, "code", code_name(diag->code));
    cJSON_AddStringToObject(row, "source", "dagcc");
    cJSON_AddStringToObject(row, "message", whole_message(&document->front->arena, diag));
    cJSON_AddItemToObject(row, "relatedInformation", related(server, document, diag));
    return row;
}

cJSON *diagnostics_of(const Server *server, Document *document) {
    cJSON *list = cJSON_CreateArray();
    Listing listing = diags_listing(document->front->diags);
    for (uint32_t i = 0; i < listing.n; i++) {
        cJSON_AddItemToArray(list, diagnostic(server, document, listing.items[i]));
    }
    return list;
}

/* ---------------------------------------------------------------- fixes */

static cJSON *workspace_edit(const Server *server, Document *document, const Fix *fix) {
    cJSON *edit = cJSON_CreateObject(), *changes = cJSON_AddObjectToObject(edit, "changes");
    for (const Edit *e = fix->edits; e; e = e->next) {
        const char *uri = uri_of(server, document, e->span.file);
        cJSON *edits = cJSON_GetObjectItemCaseSensitive(changes, uri);
        edits = edits ? edits : cJSON_AddArrayToObject(changes, uri);
        cJSON_AddItemToArray(edits, text_edit_of(document, e->span, e->text));
    }
    return edit;
}

static cJSON *action(const Server *server, Document *document, const Diag *diag, const Fix *fix) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "title", fix->message);
    cJSON_AddStringToObject(row, "kind", "quickfix");
    cJSON_AddBoolToObject(row, "isPreferred", fix->certain);
    cJSON *of = cJSON_AddArrayToObject(row, "diagnostics");
    cJSON_AddItemToArray(of, diagnostic(server, document, diag));
    cJSON_AddItemToObject(row, "edit", workspace_edit(server, document, fix));
    return row;
}

cJSON *answer_actions(Server *server, Document *document, const cJSON *params) {
    const cJSON *range = member(params, "range");
    uint32_t start = offset_of_position(document->text, document->n, member(range, "start"));
    uint32_t end = offset_of_position(document->text, document->n, member(range, "end"));
    cJSON *list = cJSON_CreateArray();
    for (const Diag *diag = document->front->diags->first; diag; diag = diag->next) {
        Span span = shown_at(document, diag);
        for (const Fix *fix = diag->fixes; fix && span.start <= end && start <= span.end;
             fix = fix->next) {
            cJSON_AddItemToArray(list, action(server, document, diag, fix));
        }
    }
    return list;
}
