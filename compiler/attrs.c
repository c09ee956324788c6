/*
 * attrs.c - the values of attributes; one function each, found by the rows of attributes.def.
 *
 * In: attribute items. Out: the fields of Stage and Pipeline that they set.
 */
#include "check.h"
#include "fold.h"

#include <string.h>

/* ---------------------------------------------------------------- rows */

enum { STAGE = ATTR_OF_STAGE, PIPELINE = ATTR_OF_PIPELINE, BOTH = ATTR_OF_BOTH };

typedef struct AttrRow {
    const char *word;
    AttrScope scope;
} AttrRow;

static const AttrRow rows[NATTRS] = {
#define ATTR(kind, word, form, scope, doc) [kind] = { word, (AttrScope)scope },
#include "attributes.def"
#undef ATTR
};

AttrScope attr_scope(AttrKind kind) {
    return rows[kind].scope;
}

const char *attr_word(AttrKind kind) {
    return rows[kind].word;
}

/* ---------------------------------------------------------------- constants */

static const dag_value *const_value(Scope *scope, Expr *expr, int kind, const char *what) {
    Check *c = scope->c;
    if (!expr || expr->kind == EXPR_BROKEN) {
        return NULL;
    }
    if (expr->kind == EXPR_REF && !expr->bare && expr->ref == REF_NONE) {
        diag_report(c->diags, E0701, expr->span, "`%s` takes a value of type %s", what,
                    type_name(c, type_basic(c->types, kind)));
        return NULL;
    }
    const Type *type = expr_type(scope, expr, type_basic(c->types, kind));
    if (type->kind == KIND_ANY) {
        return NULL;
    }
    if (type->kind != kind) {
        Diag *diag =
            diag_report(c->diags, E0701, expr->span, "`%s` takes a value of type %s, not %s", what,
                        type_name(c, type_basic(c->types, kind)), type_name(c, type));
        if (kind == DAG_DURATION) {
            diag_help(c->diags, diag, "a duration has a unit: `30s`, `10m`, `1h30m`");
        } else if (kind == DAG_SIZE) {
            diag_help(c->diags, diag, "a size has a unit: `512MiB`, `4GB`");
        }
        return NULL;
    }
    const dag_value *value = expr_fold(scope, expr);
    if (!value && !fold_possible(expr)) {
        diag_report(c->diags, E0701, expr->span, "the value of `%s` must be known when compiled",
                    what);
    }
    return value;
}

bool const_number(Scope *scope, Expr *expr, const char *what, int64_t min, int64_t max,
                  int64_t *n) {
    Check *c = scope->c;
    const dag_value *value = const_value(scope, expr, DAG_INT, what);
    if (!value) {
        return false;
    }
    if (value->u.i < min || value->u.i > max) {
        if (value->u.i < min) {
            diag_report(c->diags, E0702, expr->span, "`%s` must be at least %lld", what,
                        (long long)min);
        } else {
            diag_report(c->diags, E0702, expr->span, "`%s` may be at most %lld", what,
                        (long long)max);
        }
        return false;
    }
    *n = value->u.i;
    return true;
}

static bool const_duration(Scope *scope, Expr *expr, const char *what, bool zero, int64_t *ns) {
    Check *c = scope->c;
    const dag_value *value = const_value(scope, expr, DAG_DURATION, what);
    if (!value) {
        return false;
    }
    if (value->u.i < 0 || (value->u.i == 0 && !zero)) {
        diag_report(c->diags, E0702, expr->span, "`%s` must be longer than nothing", what);
        return false;
    }
    *ns = value->u.i;
    return true;
}

static uint32_t number_of(Scope *scope, const Item *attr, int64_t min) {
    int64_t n = 0;
    const_number(scope, attr->u.attr.value, attr_word(attr->u.attr.kind), min, UINT32_MAX - 1, &n);
    return (uint32_t)n;
}

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
    stage->retry_on |= row->cause;
    if (row->cause) {
        if (cause->code) {
            diag_report(c->diags, E0705, cause->code->span, "only `exit` takes a number");
        }
        return;
    }
    if (!cause->code) {
        diag_report(c->diags, E0705, cause->word.span, "`exit` needs a number: `exit 75`");
    } else if (const_number(scope, cause->code, "exit", 1, 255, &code)) {
        stage->exit_codes[stage->nexit_codes++] = (int32_t)code;
    }
}

/* Can an attempt of it fail at all? Expressions may (a pipe fails), so only their bodies count. */
static bool can_fail(const Node *node) {
    return node->stage->body || node->broken;
}

static void retry_attr(Scope *scope, Item *attr) {
    Check *c = scope->c;
    Stage *stage = scope->node->stage;
    stage->retry = number_of(scope, attr, 0);
    uint32_t n = 0;
    for (const CauseExpr *cause = attr->u.attr.causes; cause; cause = cause->next) {
        n++;
    }
    stage->exit_codes = ARENA_ARRAY(c->arena, n, int32_t);
    for (CauseExpr *cause = attr->u.attr.causes; cause; cause = cause->next) {
        const CauseRow *row = cause->word.text ? cause_find(scope, cause->word) : NULL;
        if (row) {
            cause_add(scope, stage, cause, row);
        }
    }
    if (!attr->u.attr.causes) {
        stage->retry_on = DAG_CAUSE_ANY;
    }
    if (attr->u.attr.backoff) {
        const_duration(scope, attr->u.attr.backoff, "backoff", true, &stage->backoff);
    }
    if (attr->u.attr.value && attr->u.attr.value->kind == EXPR_INT && stage->retry == 0 &&
        attr->u.attr.value->u.i == 0) {
        diag_report(c->diags, W0205, attr->span, "`retry 0` tries no second time");
    } else if (!can_fail(scope->node)) {
        diag_report(c->diags, W0205, attr->span,
                    "`%s` has no body that could fail: `retry` has no effect", stage->slug.text);
    }
}

/* ---------------------------------------------------------------- resources */

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
static void resources_add(Scope *scope, const Item *attr, Resource *all, uint32_t *n) {
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

static uint32_t count_resources(const Item *attr) {
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

static void resource_fits(Check *c, const Node *node, const Resource *r) {
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
    int64_t top = ladder_top(r, node->stage->retry);
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

/* ---------------------------------------------------------------- env, when, others */

static void env_attr(Scope *scope, const Item *attr) {
    Check *c = scope->c;
    Stage *stage = scope->node->stage;
    Expr *value = attr->u.attr.value;
    if (!attr->u.attr.env.text || !value) {
        return;
    }
    for (uint32_t i = 0; i < stage->nenv; i++) {
        if (stage->env[i].name.text == attr->u.attr.env.text) {
            if (!scope->node->plugin) {
                report_duplicate(c, "variable", attr->u.attr.env, stage->env[i].name.span);
            }
            stage->env[i].value = value; /* the stage's own word after its plugin's */
            return;
        }
    }
    stage->env[stage->nenv++] = (EnvRow){ attr->u.attr.env, value };
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
    if (type && type->kind == DAG_SECRET) {
        value->type = type;
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
    if (!p->timeout || node->stage->timeout <= p->timeout) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0707, attr->u.attr.value->span,
                             "an attempt of `%s` may take longer than the whole run",
                             node->stage->slug.text);
    for (const Item *item = node->unit->item->u.pipeline.items; item; item = item->next) {
        if (item->kind == ITEM_ATTR && item->u.attr.kind == ATTR_TIMEOUT) {
            diag_note(c->diags, diag, item->u.attr.value->span, "the run's time");
            return;
        }
    }
}

static void tags_add(Scope *scope, const Item *attr) {
    Check *c = scope->c;
    Stage *stage = scope->node->stage;
    NameList **last = &stage->tags;
    while (*last) {
        last = &(*last)->next;
    }
    for (const NameList *word = attr->u.attr.words; word; word = word->next) {
        bool known = !word->name.text;
        for (const NameList *tag = stage->tags; tag && !known; tag = tag->next) {
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
        if (const_duration(scope, attr->u.attr.value, "timeout", false, &stage->timeout)) {
            timeout_fits(scope->c, node, attr);
        }
        break;
    case ATTR_RETRY: retry_attr(scope, attr); break;
    case ATTR_MAX_PARALLEL: stage->max_parallel = number_of(scope, attr, 1); break;
    case ATTR_MAX_TASKS: stage->max_tasks = number_of(scope, attr, 1); break;
    case ATTR_KIND: stage->kind = attr->u.attr.words->name; break;
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
        resources_add(scope, item, stage->resources, &stage->nresources);
    }
}

static void attr_count(Scope *scope, Item *item) {
    Stage *stage = scope->node->stage;
    if (item->kind == ITEM_ATTR) {
        stage->nenv += item->u.attr.kind == ATTR_ENV;
        stage->nresources += item->u.attr.kind == ATTR_RESOURCES ? count_resources(item) : 0;
    }
}

static bool from_plugin(const Node *node, AttrKind kind) {
    return node->plugin_attrs >> kind & 1;
}

void attrs_check(Check *c, Node *node) {
    Stage *stage = node->stage;
    node_items(c, node, attr_count);
    stage->env = ARENA_ARRAY(c->arena, stage->nenv, EnvRow);
    stage->resources = ARENA_ARRAY(c->arena, stage->nresources, Resource);
    stage->nenv = stage->nresources = 0;
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
            damage_mute(c, before);
        }
    }
    node_items(c, node, attr_rows);
    for (uint32_t i = 0; i < stage->nresources; i++) {
        resource_fits(c, node, &stage->resources[i]);
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

/* ---------------------------------------------------------------- pipelines */

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
    scope->place = PLACE_HOOK;
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
    case ATTR_MAX_PARALLEL: p->max_parallel = number_of(scope, attr, 1); break;
    case ATTR_CACHEABLE: p->cacheable = true; break;
    case ATTR_ON_ERROR: on_error_attr(c, unit, attr); break;
    case ATTR_HOOK: hook_attr(scope, attr); break;
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
    case NATTRS: break;
    }
}

void unit_attrs_check(Check *c, Unit *unit) {
    Pipeline *p = unit->pipeline;
    Item *first[NATTRS] = { 0 };
    uint32_t nhooks = 0, nresources = 0;
    for (Item *item = unit->item->u.pipeline.items; item; item = item->next) {
        if (item->kind == ITEM_ATTR) {
            nhooks += item->u.attr.kind == ATTR_HOOK;
            nresources += count_resources(item);
        }
    }
    p->hooks = ARENA_ARRAY(c->arena, nhooks, Hook);
    p->capacity = ARENA_ARRAY(c->arena, nresources, Resource);
    for (Item *item = unit->item->u.pipeline.items; item; item = item->next) {
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
            damage_mute(c, before);
        }
    }
}
