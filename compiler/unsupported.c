/*
 * unsupported.c - constructs that are checked in full, but that the runtime cannot run yet.
 *
 * One row per construct: when it works, its row goes.
 */
#include "check.h"

#include <string.h>

/* Where a stage uses it; false: it does not. */
typedef bool Finder(const Node *node, Span *span);

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

static bool is_temp(const Port *port) {
    return port->temp;
}

static bool finds_temp(const Node *node, Span *span) {
    return port_at(node, is_temp, span);
}

typedef struct Unsupported {
    const char *name;
    Finder *find;
} Unsupported;

static const Unsupported in_stages[] = {
    { "temp", finds_temp },
    { NULL, NULL },
};

/* Attributes of pipelines. */
typedef struct UnsupportedAttr {
    const char *name;
    AttrKind kind;
} UnsupportedAttr;

static const UnsupportedAttr in_pipelines[] = {
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
    for (uint32_t i = 0; i < unit->others.n; i++) {
        const Item *item = unit->others.items[i];
        for (const UnsupportedAttr *row = in_pipelines; item->kind == ITEM_ATTR && row->name;
             row++) {
            if (item->u.attr.kind == row->kind) {
                report(c, row->name, item->keyword);
            }
        }
    }
}
