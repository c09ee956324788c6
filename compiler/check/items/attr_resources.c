/*
 * attr_resources.c - what a task takes and what the pipeline has.
 */
#include "check/items/items.h"

#include <string.h>

static bool is_memory(const char *name) {
    return strcmp(name, "memory") == 0;
}

static bool resource_amount(Scope *scope, Expr *expr, const char *name, int64_t *amount) {
    if (!is_memory(name)) {
        return const_number(scope, expr, name, 0, INT64_MAX, amount);
    }
    const dag_value *value = const_value(scope, expr, DAG_SIZE, name);
    if (value) {
        *amount = value->u.i;
    }
    return value != NULL;
}

static Resource *resource_find(Resource *all, uint32_t n, const char *name) {
    for (uint32_t i = 0; i < n; i++) {
        if (all[i].name.text == name) {
            return &all[i];
        }
    }
    return NULL;
}

/* Adds the rows of one attribute to *all, which has room for them. */
void resources_add(Scope *scope, const Item *attr, Resource *all, uint32_t *n) {
    Check *c = scope->c;
    for (ResourceExpr *r = attr->u.attr.resources; r; r = r->next) {
        Resource row = { .name = r->name, .grow = 1 };
        if (!r->name.text || !resource_amount(scope, r->amount, r->name.text, &row.amount)) {
            continue;
        }
        Resource *first = resource_find(all, *n, r->name.text);
        if (first) {
            report_duplicate(c, "resource", r->name, first->name.span);
            continue;
        }
        if (r->grow) {
            const_number(scope, r->grow, "grow", 1, 1000, &row.grow);
            row.grows = true;
        }
        all[(*n)++] = row;
    }
}

uint32_t count_resources(const Item *attr) {
    uint32_t n = 0;
    for (const ResourceExpr *r = attr->u.attr.resources; r; r = r->next) {
        n++;
    }
    return n;
}

/* What the last of all attempts asks for; saturates. */
static int64_t ladder_top(const Resource *r, uint32_t retries) {
    int64_t amount = r->amount;
    for (uint32_t i = 0; i < retries && r->grow > 1 && amount > 0; i++) {
        if (amount > INT64_MAX / r->grow) {
            return INT64_MAX;
        }
        amount *= r->grow;
    }
    return amount;
}

void resource_fits(Check *c, const Node *node, const Resource *r) {
    const Pipeline *p = node->unit->pipeline;
    const Resource *capacity = resource_find(p->capacity, p->ncapacity, r->name.text);
    if (!capacity) {
        if (strcmp(r->name.text, "cpu") != 0 && !is_memory(r->name.text)) {
            Diag *diag =
                diag_report(c->diags, W0207, r->name.span,
                            "the pipeline does not say how much `%s` there is", r->name.text);
            diag_help(c->diags, diag,
                      "add `resources %s: …` to the pipeline, or start it with --resources %s=…",
                      r->name.text, r->name.text);
        }
        return;
    }
    int64_t top = ladder_top(r, node->stage->attrs->retry);
    if (top <= capacity->amount) {
        return;
    }
    Diag *diag =
        top == r->amount
            ? diag_report(c->diags, E0706, r->name.span,
                          "`%s` asks for more `%s` than the pipeline has", node->stage->slug.text,
                          r->name.text)
            : diag_report(c->diags, E0706, r->name.span,
                          "the last attempt of `%s` would ask for more `%s` than the pipeline has",
                          node->stage->slug.text, r->name.text);
    diag_note(c->diags, diag, capacity->name.span, "what the pipeline has");
}
