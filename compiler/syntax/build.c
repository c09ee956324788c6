/*
 * build.c - makes the items of the tree, and reports what is missing or stands in a wrong place.
 */
#include "syntax/syntax.h"
#include "syntax/synonyms.h"
#include "syntax/tokens.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *word;
    bool stage, pipeline;
} attrs[] = {
#define STAGE true, false
#define PIPELINE false, true
#define BOTH true, true
#define ATTR(kind, word, form, scope, doc) { word, scope },
#include "syntax/attributes.def"
#undef ATTR
#undef STAGE
#undef PIPELINE
#undef BOTH
};

Item *item_new(Parser *parser, ItemKind kind, Span keyword, Name name) {
    Item *item = arena_alloc(parser->arena, item_size(kind));
    item->kind = kind;
    item->keyword = keyword;
    item->span = name.text ? span_join(keyword, name.span) : keyword;
    item->name = name;
    parser->open = item;
    return item;
}

Item *port_new(Parser *parser, PortKind kind, Span keyword, Name name) {
    Item *item = item_new(parser, ITEM_PORT, keyword, name);
    item->u.port.kind = kind;
    return item;
}

Item *attr_new(Parser *parser, int attr, Span keyword) {
    Item *item = item_new(parser, ITEM_ATTR, keyword, (Name){ 0 });
    item->u.attr.kind = (AttrKind)attr;
    return item;
}

Item *body_new(Parser *parser, BodyKind kind, Span keyword) {
    Item *item = item_new(parser, ITEM_BODY, keyword, (Name){ 0 });
    item->u.body.kind = kind;
    return item;
}

Item *edge_new(Parser *parser, Endpoint *from) {
    Item *item = item_new(parser, ITEM_EDGE, from->span, (Name){ 0 });
    item->u.edge.from = from;
    return item;
}

static void close_native(Item *item) {
    LIST_CLOSE(item->u.body.links);
    LIST_CLOSE(item->u.body.pkgs);
    LIST_CLOSE(item->u.body.includes);
}

Item *item_done(Parser *parser, Item *item, Span span) {
    item->span = span;
    if (item->kind == ITEM_EDGE) {
        LIST_CLOSE(item->u.edge.hops);
    } else if (item->kind == ITEM_BODY) {
        close_native(item);
    }
    parser->open = NULL;
    parser->rescued = false;
    return item;
}

/* ---------------------------------------------------------------- after a syntax error */

static Expr *broken_expr(Parser *parser, const Item *item) {
    return expr_new(parser, EXPR_BROKEN, item->span);
}

static Item *broken_item(Parser *parser, Span span) {
    Item *item = arena_alloc(parser->arena, item_size(ITEM_BROKEN));
    item->kind = ITEM_BROKEN;
    item->span = item->keyword = span;
    item->broken = true;
    return item;
}

/* Is enough of an attribute there to say anything about it? A missing value is broken. */
static bool break_attr(Parser *parser, Item *item) {
    switch (item->u.attr.kind) {
    case ATTR_WHEN:
    case ATTR_TIMEOUT:
    case ATTR_STALL_GRACE:
    case ATTR_RETRY:
    case ATTR_MAX_PARALLEL:
    case ATTR_MAX_TASKS:
    case ATTR_ENV:
    case ATTR_HOOK:
        if (!item->u.attr.value) {
            item->u.attr.value = broken_expr(parser, item);
        }
        return (item->u.attr.kind != ATTR_ENV || item->u.attr.env.text) &&
               (item->u.attr.kind != ATTR_HOOK || item->u.attr.words);
    case ATTR_FAN:
    case ATTR_TAGS:
    case ATTR_KIND:
    case ATTR_ON_ERROR: return item->u.attr.words;
    case ATTR_RESOURCES: return item->u.attr.resources;
    case ATTR_CACHEABLE:
    case ATTR_UNCACHEABLE:
    case ATTR_BARRIER:
    case ATTR_MAY_FAIL:
    case ATTR_GATE:
    case ATTR_ISOLATE:
    case NATTRS: return true;
    }
    return true;
}

/* Likewise of a body: missing strings are broken, missing names are too much. */
static bool break_body(Parser *parser, Item *item) {
    close_native(item);
    switch (item->u.body.kind) {
    case BODY_RUN:
    case BODY_EXEC:
    case BODY_SCRIPT:
    case BODY_C:
        if (!item->u.body.words) {
            item->u.body.words = broken_expr(parser, item);
        }
        if (item->u.body.kind == BODY_SCRIPT && !item->u.body.words->next) {
            item->u.body.words->next = broken_expr(parser, item);
        }
        return true;
    case BODY_NATIVE: return item->u.body.files && item->u.body.function.text;
    case BODY_CALL: return item->u.body.sub.name.text;
    case BODY_MAP: return item->u.body.sub.name.text && item->u.body.over.text;
    }
    return false;
}

/* Fills in *_BROKEN where the rest of the item should have stood. False: there is too little. */
static bool break_item(Parser *parser, Item *item) {
    switch (item->kind) {
    case ITEM_IMPORT: return item->u.import.path;
    case ITEM_TYPE: item->u.type = type_new(parser, TYPE_BROKEN, item->span); return true;
    case ITEM_PORT:
        if (!item->u.port.type) {
            item->u.port.type = type_new(parser, TYPE_BROKEN, item->span);
        }
        return true;
    case ITEM_PLUGIN: item->u.plugin.items = broken_item(parser, item->span); return true;
    case ITEM_PIPELINE: item->u.pipeline.items = broken_item(parser, item->span); return true;
    case ITEM_STAGE: item->u.stage.items = broken_item(parser, item->span); return true;
    case ITEM_EDGE:
        if (item->u.edge.hops) {
            item->u.edge.hops->broken = true; /* an open list is its last element */
        }
        LIST_CLOSE(item->u.edge.hops);
        return item->u.edge.hops;
    case ITEM_BODY: return break_body(parser, item);
    case ITEM_ATTR: return break_attr(parser, item);
    case ITEM_BROKEN: return false;
    }
    return false;
}

/* What is open: the stage or plugin in whose head it stands, with what it has so far. */
static Item *take_open(Parser *parser) {
    Item *item = parser->open, *outer = parser->outer;
    parser->open = parser->outer = NULL;
    if (!outer || outer == item) {
        return item;
    }
    if (item && outer->kind == ITEM_STAGE && break_item(parser, item)) {
        outer->u.stage.body = item;
    }
    return outer;
}

Item *item_rescue(Parser *parser, Span span) {
    Item *item = take_open(parser);
    if (!item) {
        item = parser->rescued ? NULL : broken_item(parser, span);
        parser->rescued = true;
        return item;
    }
    item->broken = true;
    item->span.end = span.end > item->span.end ? span.end : item->span.end;
    if (!break_item(parser, item)) {
        item->kind = ITEM_BROKEN;
    }
    parser->rescued = true;
    return item;
}

/* ---------------------------------------------------------------- blocks */

static void misplaced(Parser *parser, const Item *item, const char *what, const char *where) {
    if (item->broken || lexer_doubts_line(&parser->lexer, item->keyword.start)) {
        return;
    }
    diag_report(parser->diags, E0109, item->keyword, "%s stands in a %s", what, where);
}

/* An input or output of the wrong block is taken for that of the right one. */
static void move_port(Parser *parser, Item *item, PortKind kind, const char *word) {
    static const char *const words[] = { "input", "config", "output", "in", "out", "parameter" };
    if (lexer_doubts_line(&parser->lexer, item->keyword.start)) {
        item->u.port.kind = kind;
        return;
    }
    const char *wrong = words[item->u.port.kind];
    bool pipeline = kind == PORT_IN || kind == PORT_OUT;
    Diag *diag =
        diag_report(parser->diags, E0109, item->keyword, "`%s` stands in a %s; in a %s it is `%s`",
                    wrong, pipeline ? "pipeline" : "stage", pipeline ? "stage" : "pipeline", word);
    diag_fix(parser->diags, diag, false, item->keyword, word, "write `%s`", word);
    item->u.port.kind = kind;
}

/* May the item stand in a stage? Reports if not. False: drop it, or *stray: it is the pipeline's. */
static bool fits_stage(Parser *parser, Item *item, bool *stray) {
    switch (item->kind) {
    case ITEM_PORT:
        if (item->u.port.kind == PORT_INPUT || item->u.port.kind == PORT_CONFIG) {
            move_port(parser, item, PORT_IN, "in");
        } else if (item->u.port.kind == PORT_OUTPUT) {
            move_port(parser, item, PORT_OUT, "out");
        }
        return true;
    case ITEM_ATTR:
        if (!attrs[item->u.attr.kind].stage) {
            misplaced(parser, item, attrs[item->u.attr.kind].word, "pipeline, not in a stage");
            return false;
        }
        return true;
    case ITEM_STAGE:
        misplaced(parser, item, "a stage", "pipeline, not in another stage");
        *stray = true;
        return false;
    case ITEM_EDGE:
        misplaced(parser, item, "an edge", "pipeline, not in a stage");
        *stray = true;
        return false;
    case ITEM_BODY:
    case ITEM_BROKEN:
    case ITEM_IMPORT:
    case ITEM_TYPE:
    case ITEM_PLUGIN:
    case ITEM_PIPELINE: return true;
    }
    return true;
}

static bool fits_pipeline(Parser *parser, Item *item) {
    switch (item->kind) {
    case ITEM_PORT:
        if (item->u.port.kind == PORT_IN) {
            move_port(parser, item, PORT_INPUT, "input");
        } else if (item->u.port.kind == PORT_OUT) {
            move_port(parser, item, PORT_OUTPUT, "output");
        }
        return true;
    case ITEM_ATTR:
        if (!attrs[item->u.attr.kind].pipeline) {
            misplaced(parser, item, attrs[item->u.attr.kind].word, "stage, not in a pipeline");
            return false;
        }
        return true;
    case ITEM_BODY: misplaced(parser, item, "what runs", "stage, not in a pipeline"); return false;
    case ITEM_STAGE:
    case ITEM_EDGE:
    case ITEM_BROKEN:
    case ITEM_IMPORT:
    case ITEM_TYPE:
    case ITEM_PLUGIN:
    case ITEM_PIPELINE: return true;
    }
    return true;
}

void block_begin(Parser *parser) {
    const Item *owner = parser->outer ? parser->outer : parser->open;
    bool in_stage = owner ? owner->kind != ITEM_PIPELINE : parser->nblocks > 0;
    parser->in_stage[parser->nblocks++] = in_stage;
    parser->before_block = parser->diags->nerrors;
    if (!in_stage) {
        parser->sorted = ARENA_NEW(parser->arena, SortedItems);
    }
    parser->open = parser->outer = NULL;
}

Item *item_add(Parser *parser, Item *items, Item *item) {
    bool stray = false, in_stage = parser->in_stage[parser->nblocks - 1];
    if (!item) {
        return items;
    }
    if (in_stage ? fits_stage(parser, item, &stray) : fits_pipeline(parser, item)) {
        LIST_ADD(items, item);
        if (!in_stage) {
            item_sort(parser->arena, parser->sorted, item);
        }
    } else if (stray) {
        LIST_ADD(parser->strays, item);
    }
    return items;
}

/* Joins two lists being read. */
static Item *join(Item *a, Item *b) {
    if (!a || !b) {
        return a ? a : b;
    }
    Item *first = a->next;
    a->next = b->next;
    b->next = first;
    return b;
}

/* The pipeline's items that stood in its stages, behind its own. */
static Item *join_strays(Parser *parser, Item *items) {
    Item *last = parser->strays, *item = last;
    while (item) {
        item = item->next;
        item_sort(parser->arena, parser->sorted, item);
        item = item != last ? item : NULL;
    }
    parser->strays = NULL;
    return join(items, last);
}

static const char *port_text(const Item *item) {
    return item->u.port.kind == PORT_PARAM ? "parameter" : "port";
}

static void report_no_type(Parser *parser, const Item *item) {
    diag_report(parser->diags, E0105, item->name.span,
                "expected `:` and a type after the %s's name `%s`", port_text(item),
                item->name.text);
}

static bool is_call(const Item *item) {
    return item->kind == ITEM_BODY &&
           (item->u.body.kind == BODY_CALL || item->u.body.kind == BODY_MAP);
}

/* Reports inputs without a type in a stage that is neither an instance nor a call. */
static void same_types_check(Parser *parser, const Item *owner, Item *items) {
    bool broken = owner->broken || parser->diags->nerrors > parser->before_block;
    bool instance = broken || (owner->kind == ITEM_STAGE &&
                               (owner->u.stage.plugin.name.text || owner->u.stage.body));
    for (const Item *item = items; item; item = item->next) {
        instance |= is_call(item);
    }
    for (Item *item = items; item && !instance; item = item->next) {
        if (item->kind == ITEM_PORT && item->u.port.type->form == TYPE_SAME) {
            item->u.port.type->form = TYPE_BROKEN;
            report_no_type(parser, item);
        }
    }
    parser->same_types = false;
}

void block_done(Parser *parser, Item *owner, Item *items, Span span) {
    Item **list = owner->kind == ITEM_PIPELINE ? &owner->u.pipeline.items
                  : owner->kind == ITEM_PLUGIN ? &owner->u.plugin.items
                                               : &owner->u.stage.items;
    parser->nblocks--;
    if (owner->kind == ITEM_PIPELINE) {
        items = join_strays(parser, items);
        parser->pipeline = (Block){ list, items, parser->sorted };
        owner->u.pipeline.sorted = parser->sorted;
    } else {
        parser->stage = (Block){ .items = list, .tail = items };
        if (owner->kind == ITEM_STAGE) {
            owner->u.stage.block = true;
        }
    }
    *list = items;
    LIST_CLOSE(*list);
    if (parser->same_types) {
        same_types_check(parser, owner, *list);
    }
    item_done(parser, owner, span);
}

Item *reopened(Parser *parser, Item *items, Block *block, Span span) {
    parser->nblocks--;
    parser->open = NULL;
    if (!items || !block || !block->items) {
        return broken_item(parser, span);
    }
    Item *first = items->next;
    items->next = NULL;
    for (Item *item = first; item && block->sorted; item = item->next) {
        item_sort(parser->arena, block->sorted, item);
    }
    if (block->tail) {
        block->tail->next = first;
    } else {
        *block->items = first;
    }
    block->tail = items;
    return NULL;
}

void file_done(Parser *parser, Item *items) {
    LIST_CLOSE(items);
    parser->file->items = items;
}

/* ---------------------------------------------------------------- parts of items */

void hop_new(Parser *parser, int order, Span arrow, Endpoint *targets) {
    Hop *hop = ARENA_NEW(parser->arena, Hop);
    hop->order = order;
    hop->arrow = arrow;
    hop->targets = targets;
    LIST_CLOSE(hop->targets);
    if (parser->open && parser->open->kind == ITEM_EDGE) {
        LIST_ADD(parser->open->u.edge.hops, hop);
    }
    parser->hop = hop;
}

Endpoint *endpoint_new(Parser *parser, Name stage, Name port, Span span) {
    Endpoint *endpoint = ARENA_NEW(parser->arena, Endpoint);
    *endpoint = (Endpoint){ .stage = stage, .port = port, .span = span };
    return endpoint;
}

NameList *name_new(Parser *parser, Name name) {
    NameList *list = ARENA_NEW(parser->arena, NameList);
    list->name = name;
    return list;
}

QName *qname_new(Parser *parser, Name module, Name name) {
    QName *qname = ARENA_NEW(parser->arena, QName);
    *qname = (QName){ module, name };
    return qname;
}

Arg *arg_new(Parser *parser, Name name, Expr *value) {
    Arg *arg = ARENA_NEW(parser->arena, Arg);
    *arg = (Arg){ .name = name, .value = value };
    return arg;
}

CauseExpr *cause_new(Parser *parser, Name word, Expr *code) {
    CauseExpr *cause = ARENA_NEW(parser->arena, CauseExpr);
    *cause = (CauseExpr){ .word = word, .code = code };
    return cause;
}

ResourceExpr *resource_new(Parser *parser, Name name, Expr *amount, Expr *grow) {
    ResourceExpr *resource = ARENA_NEW(parser->arena, ResourceExpr);
    *resource = (ResourceExpr){ .name = name, .amount = amount, .grow = grow };
    return resource;
}

FieldExpr *field_new(Parser *parser, Name name, TypeExpr *type) {
    FieldExpr *field = ARENA_NEW(parser->arena, FieldExpr);
    *field = (FieldExpr){ .name = name, .type = type };
    return field;
}

EntryExpr *entry_new(Parser *parser, Name name, Expr *value) {
    EntryExpr *entry = ARENA_NEW(parser->arena, EntryExpr);
    *entry = (EntryExpr){ .name = name, .value = value };
    return entry;
}

TypeExpr *type_new(Parser *parser, TypeForm form, Span span) {
    TypeExpr *type = ARENA_NEW(parser->arena, TypeExpr);
    type->form = form;
    type->span = span;
    return type;
}

TypeExpr *type_written(Parser *parser, Name module, Name name, Span span) {
    TypeExpr *type = type_new(parser, TYPE_NAMED, span);
    type->name = (QName){ module, name };
    return type;
}

TypeExpr *type_optional(Parser *parser, TypeExpr *type, Span span) {
    TypeExpr *optional = type_new(parser, TYPE_OPTIONAL, span);
    optional->args = type;
    return optional;
}

Name parser_name(Parser *parser, Span span) {
    const char *text = parser->lexer.text + span.start;
    return (Name){ intern(parser->front->names, text, span.end - span.start), span };
}

Name token_name(Parser *parser, Token token) {
    if (token.number != NO_NAME_AT_ALL) {
        return parser_name(parser, token.span);
    }
    const char *word = word_without_dashes(&parser->lexer, token.span);
    return (Name){ intern(parser->front->names, word, strlen(word)), token.span };
}

/* ---------------------------------------------------------------- what is missing */

void missing(Parser *parser, Code code, Span at, const char *what, const char *insert) {
    Diag *diag = diag_report(parser->diags, code, at, "expected %s", what);
    diag_fix(parser->diags, diag, false, at, insert, "insert `%s`", insert);
}

/* Is it a type here, or in another language? */
static bool is_type_word(const char *word) {
    static const char *const words[] = {
#define TYPE_WORD(text, kind, applied) text,
#include "syntax/types.def"
#undef TYPE_WORD
    };
    bool found = synonym_of(SYNONYM_TYPE, word, 0) != NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        found |= strcasecmp(word, words[i]) == 0;
    }
    return found;
}

void missing_colon(Parser *parser, Span type) {
    const Item *item = parser->open;
    Span at = { type.file, item->name.span.end, item->name.span.end };
    Diag *diag = diag_report(parser->diags, E0105, type,
                             "expected `:` between the %s's name `%s` and its type",
                             port_text(item), item->name.text);
    if (is_type_word(item->name.text)) {
        diag_help(parser->diags, diag, "the name comes first, then `:` and its type");
        return;
    }
    diag_fix(parser->diags, diag, true, at, ":", "insert `:`");
}

/* `in src = …` in a stage: an input of its plugin, or of the pipeline that it calls, if it has one;
 * that is known when its block is complete. */
static bool type_is_known(Parser *parser, const Item *item) {
    return item->u.port.kind == PORT_IN && parser->nblocks > 0 &&
           parser->in_stage[parser->nblocks - 1] && parser_token(parser).kind == '=';
}

void missing_type(Parser *parser, Span at, bool colon) {
    Item *item = parser->open;
    item->u.port.type = type_new(parser, TYPE_BROKEN, at);
    if (colon && type_is_known(parser, item)) {
        item->u.port.type->form = TYPE_SAME;
        parser->same_types = true;
        return;
    }
    if (parser_token(parser).made && lexer_in_doubt(&parser->lexer)) {
        return; /* the end of the file, already reported */
    }
    lexer_doubt(&parser->lexer, item->name.span.start);
    if (colon) {
        report_no_type(parser, item);
    } else {
        diag_report(parser->diags, E0105, at, "expected the type of the %s `%s` after `:`",
                    port_text(item), item->name.text);
    }
}

void port_word(Parser *parser, PortKind kind, Span span) {
    static const char *const words[] = { "`input`", "`config`", "`output`",
                                         "`in`",    "`out`",    "parameter" };
    if (parser->open->u.port.kind != kind) {
        Name word = parser_name(parser, span);
        diag_report(parser->diags, E0111, span, "`%s` goes with %s%s, not with %s", word.text,
                    words[kind], kind == PORT_INPUT ? " and with edges" : "",
                    words[parser->open->u.port.kind]);
    }
}
