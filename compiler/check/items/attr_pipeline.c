/*
 * attr_pipeline.c - the attributes of a pipeline, its hooks and capacity.
 */
#include "check/items/items.h"

#include <string.h>

static void on_error_attr(Check *c, Unit *unit, const Item *attr) {
    Name word = attr->u.attr.words ? attr->u.attr.words->name : (Name){ 0 };
    if (!word.text || strcmp(word.text, "stop") == 0) {
        return;
    }
    if (strcmp(word.text, "continue") == 0) {
        unit->pipeline->continue_on_error = true;
        return;
    }
    Nearest near = nearest_to(word.text);
    nearest_offer(&near, "stop");
    nearest_offer(&near, "continue");
    Diag *diag =
        diag_report(c->diags, E0705, word.span, "`on_error` is followed by stop or continue%s",
                    did_you_mean(c, &near));
    suggest(c, diag, word.span, &near);
}

static const char *const hook_words[] = {
    [DAG_HOOK_START] = "start",
    [DAG_HOOK_SUCCESS] = "success",
    [DAG_HOOK_FAILURE] = "failure",
    [DAG_HOOK_FINISH] = "finish",
};

static void hook_attr(Scope *scope, const Item *attr) {
    Check *c = scope->c;
    Pipeline *p = scope->unit->pipeline;
    Name word = attr->u.attr.words ? attr->u.attr.words->name : (Name){ 0 };
    if (!word.text) {
        return;
    }
    Nearest near = nearest_to(word.text);
    expr_resolve(scope, attr->u.attr.value);
    shell_check(scope, attr->u.attr.value);
    for (int when = DAG_HOOK_START; when <= DAG_HOOK_FINISH; when++) {
        nearest_offer(&near, hook_words[when]);
        if (strcmp(hook_words[when], word.text) == 0) {
            p->hooks[p->nhooks++] = (Hook){ (dag_hook_when)when, attr->u.attr.value };
            return;
        }
    }
    Diag *diag = diag_report(c->diags, E0705, word.span, "there is no hook `%s`%s", word.text,
                             did_you_mean(c, &near));
    suggest(c, diag, word.span, &near);
    diag_help(c->diags, diag, "there are start, success, failure and finish");
}

static void unit_attr(Scope *scope, Item *attr) {
    Check *c = scope->c;
    Unit *unit = scope->unit;
    Pipeline *p = unit->pipeline;
    AttrKind kind = attr->u.attr.kind;
    scope->place = PLACE_ATTR;
    expr_resolve(scope, kind == ATTR_HOOK ? NULL : attr->u.attr.value);
    switch (kind) {
    case ATTR_TIMEOUT:
        const_duration(scope, attr->u.attr.value, "timeout", false, &p->timeout);
        break;
    case ATTR_STALL_GRACE:
        const_duration(scope, attr->u.attr.value, "stall_grace", false, &p->stall_grace);
        break;
    case ATTR_MAX_PARALLEL: p->max_parallel = attr_number(scope, attr, 1); break;
    case ATTR_CACHEABLE: p->cacheable = true; break;
    case ATTR_ON_ERROR: on_error_attr(c, unit, attr); break;
    case ATTR_RESOURCES:
        for (ResourceExpr *r = attr->u.attr.resources; r; r = r->next) {
            expr_resolve(scope, r->amount);
            if (r->grow) {
                diag_report(c->diags, E0704, r->grow->span,
                            "`grow` belongs to a stage: the pipeline says what there is");
                r->grow = NULL;
            }
        }
        resources_add(scope, attr, p->capacity, &p->ncapacity);
        break;
    case ATTR_UNCACHEABLE:
    case ATTR_FAN:
    case ATTR_WHEN:
    case ATTR_RETRY:
    case ATTR_TAGS:
    case ATTR_KIND:
    case ATTR_MAX_TASKS:
    case ATTR_BARRIER:
    case ATTR_MAY_FAIL:
    case ATTR_GATE:
    case ATTR_ISOLATE:
    case ATTR_ENV:
    case ATTR_HOOK: /* unit_hooks_check */
    case NATTRS: break;
    }
}

void unit_attrs_check(Check *c, Unit *unit) {
    Pipeline *p = unit->pipeline;
    Item *first[NATTRS] = { 0 };
    uint32_t nhooks = 0, nresources = 0;
    for (uint32_t i = 0; i < unit->items->others.n; i++) {
        Item *item = unit->items->others.items[i];
        if (item->kind == ITEM_ATTR) {
            nhooks += item->u.attr.kind == ATTR_HOOK;
            nresources += count_resources(item);
        }
    }
    p->hooks = ARENA_ARRAY(c->arena, nhooks, Hook);
    p->capacity = ARENA_ARRAY(c->arena, nresources, Resource);
    for (uint32_t i = 0; i < unit->items->others.n; i++) {
        Item *item = unit->items->others.items[i];
        if (item->kind != ITEM_ATTR) {
            continue;
        }
        AttrKind kind = item->u.attr.kind;
        Scope scope = { .c = c, .unit = unit, .module = unit->module };
        if (attr_scope(kind) == ATTR_OF_STAGE) {
            continue; /* reported by the parser */
        }
        if (first[kind] && kind != ATTR_HOOK && kind != ATTR_RESOURCES) {
            Diag *diag =
                diag_report(c->diags, E0703, item->keyword, "`%s` is given twice", attr_word(kind));
            diag_note(c->diags, diag, first[kind]->keyword, "first here");
        } else {
            bool before = damage_mute(c, damage_near(c, item->span));
            first[kind] = first[kind] ? first[kind] : item;
            unit_attr(&scope, item);
            damage_restore(c, before);
        }
    }
}

void unit_hooks_check(Check *c, Unit *unit) {
    for (uint32_t i = 0; i < unit->items->others.n; i++) {
        Item *item = unit->items->others.items[i];
        if (item->kind == ITEM_ATTR && item->u.attr.kind == ATTR_HOOK) {
            Scope scope = { .c = c, .unit = unit, .module = unit->module, .place = PLACE_HOOK };
            bool before = damage_mute(c, damage_near(c, item->span));
            hook_attr(&scope, item);
            damage_restore(c, before);
        }
    }
}
