/*
 * calls.c - pipelines that call pipelines: never in a circle.
 */
#include "check/items/items.h"

/* The name of the called pipeline, as written. */
static Span call_span(const Node *node) {
    return node->stage->body->u.body.sub.name.span;
}

/* Walks the calls below `unit`; `path` are the calls that led there. */
typedef struct Walk {
    Check *c;
    const Node *path[64];
    uint32_t depth;
} Walk;

static void report_recursion(Walk *w, const Node *node) {
    Check *c = w->c;
    const char *text = node->sub->item->name.text;
    uint32_t first = 0;
    for (uint32_t i = 0; i < w->depth; i++) {
        if (w->path[i]->unit == node->sub) {
            first = i;
        }
    }
    for (uint32_t i = first; i < w->depth; i++) {
        text = arena_printf(c->arena, "%s -> %s", text, w->path[i]->sub->item->name.text);
    }
    Diag *diag =
        diag_report(c->diags, E0803, call_span(node), "the pipeline `%s` calls itself: %s -> %s",
                    node->sub->item->name.text, text, node->sub->item->name.text);
    for (uint32_t i = first; i < w->depth; i++) {
        diag_note(c->diags, diag, call_span(w->path[i]), "`%s` is called here",
                  w->path[i]->sub->item->name.text);
    }
    diag_help(c->diags, diag, "how deep a run goes must be known when it is compiled");
}

/* -D concerns the pipeline that is built: those that it calls have values of their own. */
static void configs_given(Check *c, const Node *node) {
    for (uint32_t i = 0; i < node->sub->nconfigs && !node->sub->main; i++) {
        Diag *diag = config_missing(c, &node->sub->configs[i]);
        if (diag) {
            diag_note(c->diags, diag, call_span(node), "the pipeline is called here");
        }
    }
}

static void walk(Walk *w, Unit *unit) {
    unit->calling = true;
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        const Node *node = &unit->nodes[i];
        if (!node->sub) {
            continue;
        }
        configs_given(w->c, node);
        if (node->sub->calling) {
            report_recursion(w, node);
        } else if (!node->sub->called && w->depth < 64) {
            w->path[w->depth++] = node;
            walk(w, node->sub);
            w->depth--;
        } else if (w->depth == 64) {
            diag_report(w->c->diags, E0803, call_span(node),
                        "pipelines call each other more than 64 levels deep");
        }
    }
    unit->calling = false;
    unit->called = true;
}

void calls_check(Check *c) {
    Walk w = { .c = c };
    for (Module *module = c->modules; module; module = module->next) {
        for (Unit *unit = module->units; unit; unit = unit->next) {
            if (!unit->called) {
                walk(&w, unit);
            }
        }
    }
}
