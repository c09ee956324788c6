/*
 * unsupported.c - constructs that are checked in full, but that the runtime cannot run yet.
 *
 * One row per construct: when it works, its row goes.
 */
#include "check.h"

#include <string.h>

/* Where a stage uses it; false: it does not. */
typedef bool Finder(const Node *node, Span *span);

static bool attr_at(const Node *node, AttrKind kind, Span *span) {
    if (node->attrs[kind]) {
        *span = node->attrs[kind]->keyword;
    }
    return node->attrs[kind] != NULL;
}

static bool fan_at(const Node *node, dag_fan fan, Span *span) {
    return node->stage->fan == fan && attr_at(node, ATTR_FAN, span);
}

static bool body_at(const Node *node, BodyKind kind, Span *span) {
    const Item *body = node->stage->body;
    if (!body || body->u.body.kind != kind) {
        return false;
    }
    *span = body->keyword;
    return true;
}

static bool port_at(const Node *node, bool (*test)(const Port *port), Span *span) {
    for (uint32_t i = 0; i < node->stage->nins + node->stage->nouts; i++) {
        const Port *port =
            i < node->stage->nins ? node->stage->ins[i] : node->stage->outs[i - node->stage->nins];
        if (!port->hidden && test(port)) {
            *span = port->span;
            return true;
        }
    }
    return false;
}

static bool edge_at(const Node *node, const Expr *(*part)(const Edge *edge), Span *span) {
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *in = node->stage->ins[i];
        for (uint32_t k = 0; k < in->nedges; k++) {
            const Expr *expr = part(in->edges[k]);
            if (expr) {
                *span = expr->span;
                return true;
            }
        }
    }
    return false;
}

static bool is_merge(const Port *port) {
    return port->merge;
}
static bool is_any(const Port *port) {
    return port->any;
}
static bool is_temp(const Port *port) {
    return port->temp;
}
static bool is_secret(const Port *port) {
    return type_mentions(port->type, DAG_SECRET);
}
static const Expr *edge_order(const Edge *edge) {
    return edge->order_by;
}
static const Expr *edge_take(const Edge *edge) {
    return edge->hop ? edge->hop->take : NULL;
}

static bool finds_grouped(const Node *node, Span *span) {
    return fan_at(node, DAG_GROUPED, span);
}
static bool finds_cross(const Node *node, Span *span) {
    return fan_at(node, DAG_CROSS, span);
}
static bool finds_merge(const Node *node, Span *span) {
    return port_at(node, is_merge, span);
}
static bool finds_any(const Node *node, Span *span) {
    return port_at(node, is_any, span);
}
static bool finds_temp(const Node *node, Span *span) {
    return port_at(node, is_temp, span);
}
static bool finds_secret(const Node *node, Span *span) {
    return port_at(node, is_secret, span);
}
static bool finds_gate(const Node *node, Span *span) {
    return attr_at(node, ATTR_GATE, span);
}
static bool finds_barrier(const Node *node, Span *span) {
    return attr_at(node, ATTR_BARRIER, span);
}
static bool finds_isolate(const Node *node, Span *span) {
    return attr_at(node, ATTR_ISOLATE, span);
}
static bool finds_max_tasks(const Node *node, Span *span) {
    return attr_at(node, ATTR_MAX_TASKS, span);
}
static bool finds_resources(const Node *node, Span *span) {
    return attr_at(node, ATTR_RESOURCES, span);
}
static bool finds_native(const Node *node, Span *span) {
    return body_at(node, BODY_NATIVE, span);
}
static bool finds_call(const Node *node, Span *span) {
    return body_at(node, BODY_CALL, span);
}
static bool finds_map(const Node *node, Span *span) {
    return body_at(node, BODY_MAP, span);
}
static bool finds_order_by(const Node *node, Span *span) {
    return edge_at(node, edge_order, span);
}
static bool finds_take(const Node *node, Span *span) {
    return edge_at(node, edge_take, span);
}
static bool finds_generic(const Node *node, Span *span) {
    if (node->has_vars) {
        *span = node->item->u.stage.plugin.name.span;
    }
    return node->has_vars;
}
static bool finds_grow(const Node *node, Span *span) {
    for (uint32_t i = 0; i < node->stage->nresources; i++) {
        if (node->stage->resources[i].grows) {
            *span = node->stage->resources[i].name.span;
            return true;
        }
    }
    return false;
}

typedef struct Unsupported {
    const char *name;
    Finder *find;
} Unsupported;

static const Unsupported in_stages[] = {
    { "fan grouped", finds_grouped },
    { "fan cross", finds_cross },
    { "merge", finds_merge },
    { "any", finds_any },
    { "gate", finds_gate },
    { "barrier", finds_barrier },
    { "native", finds_native },
    { "isolate", finds_isolate },
    { "call", finds_call },
    { "map", finds_map },
    { "a type parameter", finds_generic },
    { "temp", finds_temp },
    { "resources", finds_resources },
    { "grow", finds_grow },
    { "order by", finds_order_by },
    { "take", finds_take },
    { "max_tasks", finds_max_tasks },
    { "secret", finds_secret },
    { NULL, NULL },
};

/* Attributes of pipelines. */
typedef struct UnsupportedAttr {
    const char *name;
    AttrKind kind;
} UnsupportedAttr;

static const UnsupportedAttr in_pipelines[] = {
    { "hook", ATTR_HOOK },
    { "resources", ATTR_RESOURCES },
    { NULL, NATTRS },
};

static void report(Check *c, const char *name, Span span) {
    if (table_add(c->table, &in_stages, intern(c->front->names, name, strlen(name)), c)) {
        return; /* said once */
    }
    diag_report(c->diags, E0950, span, "`%s` is not supported yet", name);
}

void unsupported_check(Check *c, Unit *unit) {
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        for (const Unsupported *row = in_stages; row->name; row++) {
            Span span = unit->nodes[i].stage->slug.span;
            if (row->find(&unit->nodes[i], &span)) {
                report(c, row->name, span);
            }
        }
    }
    for (const Item *item = unit->item->u.pipeline.items; item; item = item->next) {
        for (const UnsupportedAttr *row = in_pipelines; item->kind == ITEM_ATTR && row->name;
             row++) {
            if (item->u.attr.kind == row->kind) {
                report(c, row->name, item->keyword);
            }
        }
    }
    for (uint32_t i = 0; i < unit->pipeline->ninputs; i++) {
        const RunInput *input = unit->pipeline->inputs[i];
        if (type_mentions(input->type, DAG_SECRET)) {
            report(c, "secret", input->name.span);
        }
    }
}
