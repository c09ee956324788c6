/*
 * lsp_complete.c - what may stand where the cursor is: keywords, pipes, types, names of stages,
 * ports and fields. The place is judged by the text before it, since an unfinished text has errors;
 * the names come from what could be understood of the rest.
 */
#include "tools/lsp.h"

#include <ctype.h>
#include <string.h>

#include "pure/pipe.h"
#include "syntax/words.h"

/* CompletionItemKind of the protocol. */
enum { IS_FUNCTION = 3, IS_FIELD = 5, IS_MODULE = 9, IS_KEYWORD = 14, IS_TYPE = 25 };

typedef struct Place {
    const char *line, *word; /* the beginning of the line, of the word that is being written */
    char before;             /* the sign before the word, blanks left out; 0: none on the line */
    const char *head;        /* before a '.': the name there, nhead bytes */
    size_t nhead;
    unsigned places; /* where items stand here: PLACE_TOP … */
} Place;

typedef struct List {
    cJSON *items;
    const Document *document;
} List;

static void add(const List *list, int kind, const char *label, const char *detail) {
    if (!label) {
        return;
    }
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "label", label);
    cJSON_AddNumberToObject(item, "kind", kind);
    if (detail) {
        cJSON_AddStringToObject(item, "detail", detail);
    }
    cJSON_AddItemToArray(list->items, item);
}

/* ---------------------------------------------------------------- the place */

static bool in_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static const char *word_begin(const char *line, const char *at) {
    while (at > line && in_word(at[-1])) {
        at--;
    }
    return at;
}

/* The item whose braces the cursor is in decides which keywords may stand there. */
static unsigned places_at(const Item *items, uint32_t offset) {
    for (const Item *item = items; item; item = item->next) {
        if (offset <= item->span.start || offset >= item->span.end) {
            continue;
        }
        if (item->kind == ITEM_PIPELINE) {
            unsigned inner = places_at(item->u.pipeline.items, offset);
            return inner == PLACE_TOP ? PLACE_PIPELINE : inner;
        }
        if (item->kind == ITEM_PLUGIN || item->kind == ITEM_STAGE) {
            return PLACE_STAGE;
        }
    }
    return PLACE_TOP;
}

static Place place_at(const Document *document, uint32_t offset) {
    Place place = { 0 };
    const char *text = document->text, *at = text + offset;
    for (place.line = at; place.line > text && place.line[-1] != '\n';) {
        place.line--;
    }
    place.word = word_begin(place.line, at);
    const char *p = place.word;
    while (p > place.line && isspace((unsigned char)p[-1])) {
        p--;
    }
    place.before = p > place.line ? p[-1] : '\0';
    if (place.before == '.') {
        place.head = word_begin(place.line, p - 1);
        place.nhead = (size_t)(p - 1 - place.head);
    }
    place.places = places_at(document->file->items, offset);
    return place;
}

/* ---------------------------------------------------------------- names */

static bool is_head(const Place *place, const char *name) {
    return name && strlen(name) == place->nhead && memcmp(name, place->head, place->nhead) == 0;
}

static void add_ports(const List *list, Port *const *ports, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (!ports[i]->hidden) {
            const Type *type = ports[i]->type;
            add(list, IS_FIELD, ports[i]->name.text,
                type ? type_text(list->document->model->types, type) : NULL);
        }
    }
}

static void add_fields(const List *list, const Type *type) {
    type = type && type_is_optional(type) ? type_required(type) : type;
    for (uint32_t i = 0; type && type->kind == DAG_RECORD && i < type->nfields; i++) {
        add(list, IS_FIELD, type->fields[i].name,
            type_text(list->document->model->types, type->fields[i].type));
    }
    static const char *const of_file[] = { "path", "name", "stem", "ext",
                                           "dir",  "size", "kind", "mime" };
    for (size_t i = 0; type && type->kind == DAG_FILE && i < 8; i++) {
        add(list, IS_FIELD, of_file[i], NULL);
    }
}

static void add_inputs(const List *list, const Pipeline *p) {
    for (uint32_t i = 0; i < p->ninputs; i++) {
        add(list, IS_FIELD, p->inputs[i]->name.text,
            type_text(list->document->model->types, p->inputs[i]->type));
    }
}

/* Behind `NAME.`: of a stage its outputs, and its inputs for edges; of a port its fields. */
static void add_members(const List *list, const Pipeline *p, const Place *place) {
    if (is_head(place, "input")) {
        add_inputs(list, p);
    }
    for (uint32_t i = 0; i < p->nstages; i++) {
        const Stage *stage = p->stages[i];
        if (is_head(place, stage->slug.text)) {
            add_ports(list, stage->outs, stage->nouts);
            add_ports(list, stage->ins, stage->nins);
        }
        uint32_t at = (uint32_t)(place->word - list->document->text);
        bool inside = stage->item && stage->item->span.start < at && at < stage->item->span.end;
        for (uint32_t k = 0; inside && k < stage->nins; k++) {
            if (is_head(place, stage->ins[k]->name.text)) {
                add_fields(list, stage->ins[k]->type);
            }
        }
    }
}

static void add_stages(const List *list, const Pipeline *p) {
    for (uint32_t i = 0; i < p->nstages; i++) {
        const Stage *stage = p->stages[i];
        add(list, IS_MODULE, stage->slug.text, stage->item ? stage->item->doc : NULL);
    }
}

static void add_pipes(const List *list) {
    for (size_t i = 0; i < pipe_count; i++) {
        add(list, IS_FUNCTION, pipe_rows[i].name, pipe_rows[i].signature);
    }
}

static void add_types(const List *list) {
    static const char *const basic[] = {
#define TYPE_WORD(text, kind, applied) text,
#include "syntax/types.def"
#undef TYPE_WORD
        "enum",
    };
    for (size_t i = 0; i < sizeof(basic) / sizeof(basic[0]); i++) {
        add(list, IS_TYPE, basic[i], NULL);
    }
    for (const Item *item = list->document->file->items; item; item = item->next) {
        if (item->kind == ITEM_TYPE) {
            add(list, IS_TYPE, item->name.text, item->doc);
        }
    }
}

static void add_keywords(const List *list, unsigned places) {
    for (unsigned i = 0; word_row(i); i++) {
        const Word *word = word_row(i);
        if (word->kind == WORD_ITEM && (word->places & places)) {
            add(list, IS_KEYWORD, word->text, NULL);
        }
    }
}

/* ---------------------------------------------------------------- */

static void add_for_pipelines(const List *list, const Place *place) {
    const Model *model = list->document->model;
    for (uint32_t i = 0; i < model->npipelines; i++) {
        const Pipeline *p = model->pipelines[i];
        if (p->source != list->document->source) {
            continue;
        }
        if (place->before == '.') {
            add_members(list, p, place);
        } else {
            add_stages(list, p);
        }
    }
}

cJSON *answer_completion(Server *server, Document *document, const cJSON *params) {
    (void)server;
    const cJSON *position = cJSON_GetObjectItemCaseSensitive(params, "position");
    Place place = place_at(document, offset_of_position(document->text, document->n, position));
    List list = { cJSON_CreateArray(), document };
    if (place.before == '|') {
        add_pipes(&list);
    } else if (place.before == ':') {
        add_types(&list);
    } else {
        add_for_pipelines(&list, &place);
    }
    if (place.before == '\0' || place.before == '{' || place.before == '}') {
        add_keywords(&list, place.places);
    }
    return list.items;
}
