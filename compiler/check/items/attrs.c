/*
 * attrs.c - the attributes of a stage.
 *
 * In: attribute items. Out: the fields of Stage that they set.
 */
#include "check/items/items.h"

#include <string.h>

/* ---------------------------------------------------------------- retry */

typedef struct CauseRow {
    const char *word;
    uint32_t cause;
} CauseRow;

static const CauseRow causes[] = {
    { "timeout", DAG_CAUSE_TIMEOUT },
    { "oom", DAG_CAUSE_OOM },
    { "crashed", DAG_CAUSE_CRASHED },
    { "exit", 0 },
};

static const CauseRow *cause_find(Scope *scope, Name word) {
    Check *c = scope->c;
    Nearest near = nearest_to(word.text);
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        nearest_offer(&near, causes[i].word);
        if (strcmp(causes[i].word, word.text) == 0) {
            return &causes[i];
        }
    }
    Diag *diag = diag_report(c->diags, E0705, word.span, "`%s` is no cause of a retry%s", word.text,
                             did_you_mean(c, &near));
    suggest(c, diag, word.span, &near);
    diag_help(c->diags, diag, "there are timeout, oom, crashed and `exit N`");
    return NULL;
}

static void cause_add(Scope *scope, Stage *stage, CauseExpr *cause, const CauseRow *row) {
    Check *c = scope->c;
    int64_t code = 0;
    stage->attrs->retry_on |= row->cause;
    if (row->cause) {
        if (cause->code) {
            diag_report(c->diags, E0705, cause->code->span, "only `exit` takes a number");
        }
        return;
    }
    if (!cause->code) {
        diag_report(c->diags, E0705, cause->word.span, "`exit` needs a number: `exit 75`");
    } else if (const_number(scope, cause->code, "exit", 1, 255, &code)) {
        stage->attrs->exit_codes[stage->attrs->nexit_codes++] = (int32_t)code;
    }
}

/* Can an attempt of it fail at all? Expressions may (a pipe fails), so only their bodies count. */
static bool can_fail(const Node *node) {
    return node->stage->body || node->broken;
}

static void retry_attr(Scope *scope, Item *attr) {
    Check *c = scope->c;
    Stage *stage = scope->node->stage;
    stage->attrs->retry = attr_number(scope, attr, 0);
    uint32_t n = 0;
    for (const CauseExpr *cause = attr->u.attr.causes; cause; cause = cause->next) {
        n++;
    }
    stage->attrs->exit_codes = ARENA_ARRAY(c->arena, n, int32_t);
    for (CauseExpr *cause = attr->u.attr.causes; cause; cause = cause->next) {
        const CauseRow *row = cause->word.text ? cause_find(scope, cause->word) : NULL;
        if (row) {
            cause_add(scope, stage, cause, row);
        }
    }
    if (!attr->u.attr.causes) {
        stage->attrs->retry_on = DAG_CAUSE_ANY;
    }
    if (attr->u.attr.backoff) {
        const_duration(scope, attr->u.attr.backoff, "backoff", true, &stage->attrs->backoff);
    }
    if (attr->u.attr.value && attr->u.attr.value->kind == EXPR_INT && stage->attrs->retry == 0 &&
        attr->u.attr.value->u.i == 0) {
        diag_report(c->diags, W0205, attr->span, "`retry 0` tries no second time");
    } else if (!can_fail(scope->node)) {
        diag_report(c->diags, W0205, attr->span,
                    "`%s` has no body that could fail: `retry` has no effect", stage->slug.text);
    }
}

/* ---------------------------------------------------------------- env, when, others */

static void env_attr(Scope *scope, const Item *attr) {
    Check *c = scope->c;
    Stage *stage = scope->node->stage;
    Expr *value = attr->u.attr.value;
    if (!attr->u.attr.env.text || !value) {
        return;
    }
    for (uint32_t i = 0; i < stage->attrs->nenv; i++) {
        if (stage->attrs->env[i].name.text == attr->u.attr.env.text) {
            if (!scope->node->plugin) {
                report_duplicate(c, "variable", attr->u.attr.env, stage->attrs->env[i].name.span);
            }
            stage->attrs->env[i].value = value; /* the stage's own word after its plugin's */
            return;
        }
    }
    stage->attrs->env[stage->attrs->nenv++] = (EnvRow){ attr->u.attr.env, value };
}

/* A secret may stand alone, as it is or as the only piece of a string. */
static Expr *sole_expr(Expr *value) {
    if (value->kind != EXPR_TEXT) {
        return value;
    }
    const Piece *piece = value->u.text.pieces;
    return piece && !piece->text && !piece->next ? piece->expr : NULL;
}

static void env_value(Scope *scope, Expr *value) {
    Check *c = scope->c;
    Expr *sole = sole_expr(value);
    const Type *type = sole ? expr_type(scope, sole, NULL) : NULL;
    if (type && type_required(type)->kind == DAG_SECRET) {
        value->type = type; /* null: the variable is not set */
        return;
    }
    if (value->kind == EXPR_TEXT) {
        expr_type(scope, value, NULL);
        return;
    }
    if (!value->bare && value->kind == EXPR_REF) {
        expr_expect(scope, value, type_basic(c->types, DAG_STRING), BOUNDARY_NONE, NULL,
                    (What){ "the variable", NULL });
        return;
    }
    text_piece_check(scope, value);
}

static void gate_attr(Check *c, const Node *node) {
    const Stage *stage = node->stage;
    uint32_t named = 0;
    for (uint32_t i = 0; i < stage->nins; i++) {
        named += !stage->ins[i]->hidden;
    }
    if (named != 1 && !node->broken) {
        diag_report(c->diags, E0708, stage->slug.span, "a gate has one input; `%s` has %u",
                    stage->slug.text, named);
        return;
    }
    for (uint32_t i = 0; i < stage->nouts; i++) {
        if (stage->outs[i]->item && stage->outs[i]->item->u.port.kind == PORT_OUT) {
            diag_report(c->diags, E0708, stage->outs[i]->span,
                        "a gate hands on its input under the input's name: it declares no output");
            return;
        }
    }
    if (stage->fan != DAG_SINGLE) {
        diag_report(c->diags, E0708, node->attrs[ATTR_FAN]->keyword,
                    "a gate passes artifacts one by one: it is `fan single`");
    }
}

/* ---------------------------------------------------------------- stages */

static const uint32_t flag_of[NATTRS] = {
    [ATTR_BARRIER] = DAG_STAGE_BARRIER,
    [ATTR_MAY_FAIL] = DAG_STAGE_MAY_FAIL,
    [ATTR_GATE] = DAG_STAGE_GATE,
    [ATTR_ISOLATE] = DAG_STAGE_ISOLATE,
};

static void timeout_fits(Check *c, const Node *node, const Item *attr) {
    const Pipeline *p = node->unit->pipeline;
    if (!p->timeout || node->stage->attrs->timeout <= p->timeout) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0707, attr->u.attr.value->span,
                             "an attempt of `%s` may take longer than the whole run",
                             node->stage->slug.text);
    for (uint32_t i = 0; i < node->unit->items->others.n; i++) {
        const Item *item = node->unit->items->others.items[i];
        if (item->kind == ITEM_ATTR && item->u.attr.kind == ATTR_TIMEOUT) {
            diag_note(c->diags, diag, item->u.attr.value->span, "the run's time");
            return;
        }
    }
}

static void tags_add(Scope *scope, const Item *attr) {
    Check *c = scope->c;
    Stage *stage = scope->node->stage;
    NameList **last = &stage->attrs->tags;
    while (*last) {
        last = &(*last)->next;
    }
    for (const NameList *word = attr->u.attr.words; word; word = word->next) {
        bool known = !word->name.text;
        for (const NameList *tag = stage->attrs->tags; tag && !known; tag = tag->next) {
            known = tag->name.text == word->name.text;
        }
        if (!known) {
            *last = ARENA_NEW(c->arena, NameList);
            (*last)->name = word->name;
            last = &(*last)->next;
        }
    }
}

static void attr_value(Scope *scope, Item *attr) {
    Node *node = scope->node;
    Stage *stage = node->stage;
    switch (attr->u.attr.kind) {
    case ATTR_TIMEOUT:
        if (const_duration(scope, attr->u.attr.value, "timeout", false, &stage->attrs->timeout)) {
            timeout_fits(scope->c, node, attr);
        }
        break;
    case ATTR_RETRY: retry_attr(scope, attr); break;
    case ATTR_MAX_PARALLEL: stage->attrs->max_parallel = attr_number(scope, attr, 1); break;
    case ATTR_MAX_TASKS:
        stage->attrs->max_tasks = attr_number(scope, attr, 1);
        node->unit->bounded = true;
        break;
    case ATTR_KIND: stage->attrs->kind = attr->u.attr.words->name; break;
    case ATTR_GATE:
        gate_attr(scope->c, node);
        stage->flags |= attr->u.attr.words ? DAG_STAGE_PASSTHROUGH : 0u;
        break;
    case ATTR_FAN:
    case ATTR_WHEN:
    case ATTR_STALL_GRACE:
    case ATTR_CACHEABLE:
    case ATTR_UNCACHEABLE:
    case ATTR_TAGS:
    case ATTR_RESOURCES:
    case ATTR_BARRIER:
    case ATTR_MAY_FAIL:
    case ATTR_ISOLATE:
    case ATTR_ENV:
    case ATTR_ON_ERROR:
    case ATTR_HOOK:
    case NATTRS: break; /* flags, or seen to elsewhere */
    }
    stage->flags |= flag_of[attr->u.attr.kind];
}

/* Rows that a stage may have several of. */
static void attr_rows(Scope *scope, Item *item) {
    Stage *stage = scope->node->stage;
    if (item->kind != ITEM_ATTR || damage_near(scope->c, item->span)) {
        return;
    }
    if (item->u.attr.kind == ATTR_TAGS) {
        tags_add(scope, item);
    } else if (item->u.attr.kind == ATTR_ENV) {
        scope->place = PLACE_ENV;
        env_attr(scope, item);
        if (item->u.attr.value) {
            env_value(scope, item->u.attr.value);
        }
    } else if (item->u.attr.kind == ATTR_RESOURCES) {
        scope->place = PLACE_ATTR;
        resources_add(scope, item, stage->attrs->resources, &stage->attrs->nresources);
    }
}

static void attr_count(Scope *scope, Item *item) {
    Stage *stage = scope->node->stage;
    if (item->kind == ITEM_ATTR) {
        stage->attrs->nenv += item->u.attr.kind == ATTR_ENV;
        stage->attrs->nresources += item->u.attr.kind == ATTR_RESOURCES ? count_resources(item) : 0;
    }
}

static bool from_plugin(const Node *node, AttrKind kind) {
    return node->plugin_attrs >> kind & 1;
}

void attrs_check(Check *c, Node *node) {
    Stage *stage = node->stage;
    if (node->attrs == c->no_attrs) {
        return;
    }
    stage->attrs = ARENA_NEW(c->arena, StageAttrs);
    node_items(c, node, attr_count);
    stage->attrs->env = ARENA_ARRAY(c->arena, stage->attrs->nenv, EnvRow);
    stage->attrs->resources = ARENA_ARRAY(c->arena, stage->attrs->nresources, Resource);
    stage->attrs->nenv = stage->attrs->nresources = 0;
    for (int kind = 0; kind < NATTRS; kind++) {
        if (node->attrs[kind]) {
            bool plugin = from_plugin(node, (AttrKind)kind);
            Scope scope = { .c = c,
                            .unit = node->unit,
                            .node = node,
                            .place = PLACE_ATTR,
                            .in_plugin = plugin,
                            .module = plugin ? node->plugin->module : node->unit->module };
            bool before = damage_mute(c, damage_near(c, node->attrs[kind]->span));
            attr_value(&scope, node->attrs[kind]);
            damage_restore(c, before);
        }
    }
    node_items(c, node, attr_rows);
    for (uint32_t i = 0; i < stage->attrs->nresources; i++) {
        resource_fits(c, node, &stage->attrs->resources[i]);
    }
    Item *yes = node->attrs[ATTR_CACHEABLE], *no = node->attrs[ATTR_UNCACHEABLE];
    if (yes && no && from_plugin(node, ATTR_CACHEABLE) == from_plugin(node, ATTR_UNCACHEABLE)) {
        Diag *diag = diag_report(c->diags, E0703, no->keyword,
                                 "`%s` is both cacheable and uncacheable", stage->slug.text);
        diag_note(c->diags, diag, yes->keyword, "said here");
        yes = NULL;
    }
    node->says_cacheable = yes && !(no && from_plugin(node, ATTR_CACHEABLE));
    node->says_uncacheable = no && !node->says_cacheable;
}
