/*
 * ast.c - deep copies of trees: a plugin is checked once for each of its instances. What the
 * checker has filled in is not copied; names and texts are shared.
 */
#include "syntax/ast.h"

#include <string.h>

/* A copy of the struct, of which `next` and what it points to are still the original's. */
#define COPY(arena, type, original) copy_bytes(arena, original, sizeof(type))

static void *copy_bytes(Arena *arena, const void *original, size_t n) {
    void *copy = arena_alloc(arena, n);
    memcpy(copy, original, n);
    return copy;
}

bool type_has_fields(const TypeExpr *type) {
    return type->form == TYPE_RECORD || type->form == TYPE_ENUM;
}

size_t expr_size(ExprKind kind) {
#define SIZE(member) (offsetof(Expr, u) + sizeof(((Expr *)0)->u.member))
    switch (kind) {
    case EXPR_NULL:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_BROKEN: return SIZE(i);
    case EXPR_TEXT: return SIZE(text);
    case EXPR_REF: return SIZE(ref);
    case EXPR_LIST: return SIZE(list);
    case EXPR_RECORD: return SIZE(entries);
    case EXPR_PIPE: return SIZE(pipe);
    case EXPR_COMPARE: return SIZE(compare);
    case EXPR_NOT:
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_EXISTS: return SIZE(logic);
    }
#undef SIZE
    return sizeof(Expr);
}

size_t item_size(ItemKind kind) {
#define SIZE(member) (offsetof(Item, u) + sizeof(((Item *)0)->u.member))
    switch (kind) {
    case ITEM_IMPORT: return SIZE(import);
    case ITEM_TYPE: return SIZE(type);
    case ITEM_PLUGIN: return SIZE(plugin);
    case ITEM_PIPELINE: return SIZE(pipeline);
    case ITEM_PORT: return SIZE(port);
    case ITEM_STAGE: return SIZE(stage);
    case ITEM_EDGE: return SIZE(edge);
    case ITEM_BODY: return SIZE(body);
    case ITEM_ATTR: return SIZE(attr);
    case ITEM_BROKEN: return offsetof(Item, u);
    }
#undef SIZE
    return sizeof(Item);
}

static NameList *copy_names(Arena *arena, const NameList *list) {
    NameList *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, NameList, list);
        link = &(*link)->next;
    }
    return first;
}

/* ---------------------------------------------------------------- types */

static TypeExpr *copy_types(Arena *arena, const TypeExpr *list);

static FieldExpr *copy_fields(Arena *arena, const FieldExpr *list) {
    FieldExpr *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, FieldExpr, list);
        (*link)->type = copy_types(arena, list->type);
        link = &(*link)->next;
    }
    return first;
}

static TypeExpr *copy_types(Arena *arena, const TypeExpr *list) {
    TypeExpr *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, TypeExpr, list);
        if (type_has_fields(list)) {
            (*link)->fields = copy_fields(arena, list->fields);
        } else {
            (*link)->args = copy_types(arena, list->args);
        }
        (*link)->type = NULL;
        link = &(*link)->next;
    }
    return first;
}

/* ---------------------------------------------------------------- expressions */

static Expr *copy_exprs(Arena *arena, const Expr *list);

static Piece *copy_pieces(Arena *arena, const Piece *list) {
    Piece *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, Piece, list);
        (*link)->expr = ast_copy_expr(arena, list->expr);
        link = &(*link)->next;
    }
    return first;
}

static EntryExpr *copy_entries(Arena *arena, const EntryExpr *list) {
    EntryExpr *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, EntryExpr, list);
        (*link)->value = ast_copy_expr(arena, list->value);
        link = &(*link)->next;
    }
    return first;
}

static void copy_pipe(Arena *arena, Expr *copy) {
    copy->u.pipe.subject = ast_copy_expr(arena, copy->u.pipe.subject);
    copy->u.pipe.args = copy_exprs(arena, copy->u.pipe.args);
    copy->u.pipe.as = copy_types(arena, copy->u.pipe.as);
    copy->u.pipe.row = NULL;
}

/* Replaces what the copy points to by copies. */
static void copy_parts(Arena *arena, Expr *copy) {
    switch (copy->kind) {
    case EXPR_NULL:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_BROKEN: break;
    case EXPR_TEXT: copy->u.text.pieces = copy_pieces(arena, copy->u.text.pieces); break;
    case EXPR_REF: copy->u.ref.parts = copy_names(arena, copy->u.ref.parts); break;
    case EXPR_LIST: copy->u.list.items = copy_exprs(arena, copy->u.list.items); break;
    case EXPR_RECORD: copy->u.entries = copy_entries(arena, copy->u.entries); break;
    case EXPR_PIPE: copy_pipe(arena, copy); break;
    case EXPR_COMPARE:
        copy->u.compare.left = ast_copy_expr(arena, copy->u.compare.left);
        copy->u.compare.right = ast_copy_expr(arena, copy->u.compare.right);
        break;
    case EXPR_NOT:
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_EXISTS:
        copy->u.logic.left = ast_copy_expr(arena, copy->u.logic.left);
        copy->u.logic.right = ast_copy_expr(arena, copy->u.logic.right);
        break;
    }
}

static void clear_slots(Expr *expr) {
    expr->type = expr->fit = NULL;
    expr->ref = REF_NONE;
    expr->index = 0;
    expr->constant = NULL;
    if (expr->kind == EXPR_REF) {
        expr->u.ref.port = NULL;
        expr->u.ref.fields = NULL;
    }
}

Expr *ast_copy_expr(Arena *arena, const Expr *expr) {
    if (!expr) {
        return NULL;
    }
    Expr *copy = copy_bytes(arena, expr, expr_size(expr->kind));
    copy->next = NULL;
    clear_slots(copy);
    copy_parts(arena, copy);
    return copy;
}

static Expr *copy_exprs(Arena *arena, const Expr *list) {
    Expr *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = ast_copy_expr(arena, list);
        link = &(*link)->next;
    }
    return first;
}

/* ---------------------------------------------------------------- items */

static Arg *copy_args(Arena *arena, const Arg *list) {
    Arg *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, Arg, list);
        (*link)->value = ast_copy_expr(arena, list->value);
        link = &(*link)->next;
    }
    return first;
}

static CauseExpr *copy_causes(Arena *arena, const CauseExpr *list) {
    CauseExpr *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, CauseExpr, list);
        (*link)->code = ast_copy_expr(arena, list->code);
        link = &(*link)->next;
    }
    return first;
}

static ResourceExpr *copy_resources(Arena *arena, const ResourceExpr *list) {
    ResourceExpr *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, ResourceExpr, list);
        (*link)->amount = ast_copy_expr(arena, list->amount);
        (*link)->grow = ast_copy_expr(arena, list->grow);
        link = &(*link)->next;
    }
    return first;
}

static Endpoint *copy_endpoints(Arena *arena, const Endpoint *list) {
    Endpoint *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, Endpoint, list);
        link = &(*link)->next;
    }
    return first;
}

static Hop *copy_hops(Arena *arena, const Hop *list) {
    Hop *first = NULL, **link = &first;
    for (; list; list = list->next) {
        *link = COPY(arena, Hop, list);
        (*link)->targets = copy_endpoints(arena, list->targets);
        (*link)->where = ast_copy_expr(arena, list->where);
        (*link)->order_by = ast_copy_expr(arena, list->order_by);
        (*link)->take = ast_copy_expr(arena, list->take);
        link = &(*link)->next;
    }
    return first;
}

static void copy_body(Arena *arena, Item *copy) {
    copy->u.body.words = copy_exprs(arena, copy->u.body.words);
    copy->u.body.files = copy_exprs(arena, copy->u.body.files);
    copy->u.body.links = copy_exprs(arena, copy->u.body.links);
    copy->u.body.pkgs = copy_exprs(arena, copy->u.body.pkgs);
    copy->u.body.includes = copy_exprs(arena, copy->u.body.includes);
}

static void copy_attr(Arena *arena, Item *copy) {
    copy->u.attr.value = ast_copy_expr(arena, copy->u.attr.value);
    copy->u.attr.words = copy_names(arena, copy->u.attr.words);
    copy->u.attr.backoff = ast_copy_expr(arena, copy->u.attr.backoff);
    copy->u.attr.causes = copy_causes(arena, copy->u.attr.causes);
    copy->u.attr.resources = copy_resources(arena, copy->u.attr.resources);
}

void item_sort(Arena *arena, SortedItems *sorted, Item *item) {
    if (item->kind == ITEM_STAGE) {
        POOL_ADD(arena, &sorted->stages, item);
    } else if (item->kind == ITEM_EDGE) {
        POOL_ADD(arena, &sorted->edges, item);
    } else {
        POOL_ADD(arena, &sorted->others, item);
    }
}

static void copy_plugin(Arena *arena, Item *copy) {
    copy->u.plugin.type_params = copy_names(arena, copy->u.plugin.type_params);
    copy->u.plugin.params = ast_copy_items(arena, copy->u.plugin.params);
    copy->u.plugin.items = ast_copy_items(arena, copy->u.plugin.items);
}

static void copy_item_parts(Arena *arena, Item *copy) {
    switch (copy->kind) {
    case ITEM_IMPORT: copy->u.import.path = ast_copy_expr(arena, copy->u.import.path); break;
    case ITEM_TYPE: copy->u.type = copy_types(arena, copy->u.type); break;
    case ITEM_PLUGIN: copy_plugin(arena, copy); break;
    case ITEM_PIPELINE:
        copy->u.pipeline.items = ast_copy_items(arena, copy->u.pipeline.items);
        copy->u.pipeline.sorted = NULL;
        break;
    case ITEM_PORT:
        copy->u.port.type = copy_types(arena, copy->u.port.type);
        copy->u.port.value = ast_copy_expr(arena, copy->u.port.value);
        copy->u.port.where = ast_copy_expr(arena, copy->u.port.where);
        break;
    case ITEM_STAGE:
        copy->u.stage.args = copy_args(arena, copy->u.stage.args);
        copy->u.stage.body = ast_copy_items(arena, copy->u.stage.body);
        copy->u.stage.items = ast_copy_items(arena, copy->u.stage.items);
        break;
    case ITEM_EDGE:
        copy->u.edge.from = copy_endpoints(arena, copy->u.edge.from);
        copy->u.edge.hops = copy_hops(arena, copy->u.edge.hops);
        break;
    case ITEM_BODY: copy_body(arena, copy); break;
    case ITEM_ATTR: copy_attr(arena, copy); break;
    case ITEM_BROKEN: break;
    }
}

Item *ast_copy_items(Arena *arena, const Item *items) {
    Item *first = NULL, **link = &first;
    for (; items; items = items->next) {
        *link = copy_bytes(arena, items, item_size(items->kind));
        copy_item_parts(arena, *link);
        link = &(*link)->next;
    }
    return first;
}
