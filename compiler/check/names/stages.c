/*
 * stages.c - the stages of a pipeline: slugs, ports, bodies, attributes collected from their items.
 *
 * In: the items of a pipeline. Out: Unit.nodes and the Stages they stand for, ports typed.
 */
#include "check/names/names.h"

#include <string.h>

/* ---------------------------------------------------------------- looking up */

/* NULL: to be looked for in the table. */
static NamedNode *named_node(Check *c, const Unit *unit, const char *name) {
    uint32_t number = intern_number(name);
    bool here = number < c->nnamed && (!c->named[number].unit || c->named[number].unit == unit);
    return here ? &c->named[number] : NULL;
}

Node *node_find(Check *c, const Unit *unit, const char *name) {
    const NamedNode *named = named_node(c, unit, name);
    return named ? named->node : table_get(c->table, &unit->nodes, name);
}

Node *node_called(Check *c, const Unit *unit, const char *text) {
    return text ? node_find(c, unit, intern(c->front->names, text, strlen(text))) : NULL;
}

/* Enters it unless the name is taken; the one that has it, or NULL. */
static Node *node_enter(Check *c, Node *node, const char *name) {
    NamedNode *named = named_node(c, node->unit, name);
    if (!named) {
        return table_add(c->table, &node->unit->nodes, name, node);
    }
    Node *first = named->node;
    if (!first) {
        *named = (NamedNode){ node->unit, node };
    }
    return first;
}

Node *node_of(const Unit *unit, const Stage *stage) {
    return &unit->nodes[stage->id];
}

Port *port_find(Check *c, const Node *node, const char *name, bool out) {
    const Stage *stage = node->stage;
    Port *const *ports = out ? stage->outs : stage->ins;
    uint32_t n = out ? stage->nouts : stage->nins;
    for (uint32_t i = 0; i < n && i < LISTED_PORTS; i++) {
        if (ports[i]->name.text == name && !ports[i]->hidden) {
            return ports[i];
        }
    }
    return n > LISTED_PORTS
               ? table_get(c->table, out ? (const void *)&stage->outs : &stage->ins, name)
               : NULL;
}

Port *port_meant(Check *c, const Node *node, const char *name, bool out) {
    const Stage *stage = node->stage;
    Nearest near = nearest_to(name);
    Port *port = port_find(c, node, name, out);
    for (uint32_t i = 0; !port && i < (out ? stage->nouts : stage->nins); i++) {
        const Port *other = out ? stage->outs[i] : stage->ins[i];
        nearest_offer(&near, other->hidden ? "" : other->name.text);
    }
    return port ? port : near.best ? port_find(c, node, near.best, out) : NULL;
}

const void *ports_unknown(const Node *node, bool out) {
    if (node->plugin) { /* an unknown port is unknown in all stages that are made of it */
        return out ? (const void *)&node->plugin->module : &node->plugin->item;
    }
    return out ? &node->used : &node->fed;
}

/* The ports of one side: which comes nearest, and a list of all. */
static const char *offer_ports(Check *c, const Stage *stage, bool out, Nearest *near) {
    const char *all = "";
    for (uint32_t i = 0; i < (out ? stage->nouts : stage->nins); i++) {
        const Port *port = out ? stage->outs[i] : stage->ins[i];
        if (!port->hidden) {
            nearest_offer(near, port->name.text);
            all = arena_printf(c->arena, "%s%s`%s`", all, *all ? ", " : "", port->name.text);
        }
    }
    return all;
}

/* The port whose declaration explains the mistake: the nearest, or the only one. */
static const Port *port_explains(Check *c, const Node *node, bool out, const Nearest *near) {
    const Stage *stage = node->stage;
    uint32_t n = out ? stage->nouts : stage->nins;
    Port *const *ports = out ? stage->outs : stage->ins;
    if (near->best) {
        return port_find(c, node, near->best, out);
    }
    return n == 1 && !ports[0]->hidden ? ports[0] : NULL;
}

void report_no_port(Check *c, Node *node, Name name, bool out) {
    const Stage *stage = node->stage;
    Nearest near = nearest_to(name.text);
    const char *all = offer_ports(c, stage, out, &near);
    const Port *port = port_explains(c, node, out, &near);
    if (node->no_ports || node_mentions(c, node, name.text) ||
        (port && damage_on_line(c, port->name.span)) ||
        said_before(c, ports_unknown(node, out), name.text, name.span)) {
        return;
    }
    Diag *diag =
        diag_report(c->diags, E0202, name.span, "stage `%s` has no %s `%s`%s", stage->slug.text,
                    out ? "output" : "input", name.text, did_you_mean(c, &near));
    suggest(c, diag, name.span, &near);
    said(c, ports_unknown(node, out), name.text, diag);
    if (port_find(c, node, name.text, !out)) {
        diag_help(c->diags, diag, "`%s` is an %s of it", name.text, out ? "input" : "output");
    } else if (!near.best && *all) {
        diag_help(c->diags, diag, "it has %s", all);
    }
    if (port) {
        note_declared(c, diag, port->name.span, port->name.text);
    } else {
        diag_note(c->diags, diag, stage->slug.span, "the stage is declared here");
    }
}

void node_items(Check *c, Node *node, NodeVisit *visit) {
    Scope scope = { .c = c, .unit = node->unit, .node = node };
    scope.module = node->plugin ? node->plugin->module : NULL;
    scope.in_plugin = true;
    for (Item *item = node->plugin_items; item; item = item->next) {
        visit(&scope, item);
    }
    scope.module = node->unit->module;
    scope.in_plugin = false;
    if (node->item->u.stage.body) {
        visit(&scope, node->item->u.stage.body);
    }
    for (Item *item = node->item->u.stage.items; item; item = item->next) {
        visit(&scope, item);
    }
}

/* ---------------------------------------------------------------- ports */

/* Room doubles: the array is full when its length is a power of two. */
void port_append(Check *c, Port ***ports, uint32_t *n, Port *port) {
    if ((*n & (*n - 1)) == 0) {
        Port **more = ARENA_ARRAY(c->arena, *n ? *n * 2 : 1, Port *);
        if (*n) {
            memcpy(more, *ports, *n * sizeof(Port *));
        }
        *ports = more;
    }
    port->index = *n;
    (*ports)[(*n)++] = port;
}

/* Enters a port into its stage; false: the name is taken (reported). */
static bool port_enter(Check *c, Node *node, Port *port) {
    Stage *stage = node->stage;
    const void *scope = port->out ? (const void *)&stage->outs : &stage->ins;
    Port *first = port->name.text ? port_find(c, node, port->name.text, port->out) : NULL;
    if (first) {
        report_duplicate(c, port->out ? "output" : "input", port->name,
                         first->bound ? first->span : first->name.span);
        first->broken = true; /* which of the two is meant cannot be known */
        return false;
    }
    if (!port->name.text) {
        node->broken = true; /* reported by the parser */
        return false;
    }
    port->stage = stage;
    if ((port->out ? stage->nouts : stage->nins) >= LISTED_PORTS) {
        table_put(c->table, scope, port->name.text, port);
    }
    port_append(c, port->out ? &stage->outs : &stage->ins, port->out ? &stage->nouts : &stage->nins,
                port);
    return true;
}

static bool is_path_type(const Type *type) {
    return type->kind == DAG_FILE || type->kind == DAG_DIR;
}

/* The type of an output: of one artifact. */
static void out_type(Check *c, Port *port, const Type *type) {
    port->stream = type->kind == KIND_STREAM;
    port->type = port->stream ? type->elem : type;
    if (type_mentions(port->type, DAG_SECRET)) {
        diag_report(c->diags, E0317, port->item->u.port.type->span,
                    "an output is kept and shown: `%s` cannot be a secret", port->name.text);
        port->type = c->any;
        port->broken = true;
    }
    port->path = port->value && port->value->kind == EXPR_TEXT && !port->value->bare &&
                 !port->glob && !port->stream && is_path_type(type_required(port->type));
}

/* `in src: file = <…>` or `in src = <…>` in an instance: an input of its plugin gets a value. The port
 * stays the plugin's; that the type, if it is written, is the same is checked once it is inferred. */
static bool port_bind(Scope *scope, Item *item) {
    Node *node = scope->node;
    Port *port = scope->in_plugin || item->u.port.kind != PORT_IN || !item->name.text
                     ? NULL
                     : port_find(scope->c, node, item->name.text, false);
    if (!port || !port->of_plugin) {
        return false;
    }
    type_resolve(scope->c, scope->module, node, item->u.port.type, false);
    port->of_plugin = false;
    port->bound = true;
    port->item = item;
    port->span = item->name.span;
    port->value = item->u.port.value;
    port->merge |= item->u.port.merge;
    port->any |= item->u.port.any;
    return true;
}

static bool has_written_type(const Port *port) {
    return !port->item || port->item->kind != ITEM_PORT ||
           port->item->u.port.type->form != TYPE_SAME;
}

static void port_declare(Scope *scope, Item *item) {
    Check *c = scope->c;
    if (port_bind(scope, item)) {
        return;
    }
    Port *port = ARENA_NEW(c->arena, Port);
    port->name = item->name;
    port->of_plugin = scope->in_plugin && scope->node->plugin;
    port->out = item->u.port.kind == PORT_OUT;
    port->glob = item->u.port.glob;
    port->temp = item->u.port.temp;
    port->merge = item->u.port.merge;
    port->any = item->u.port.any;
    port->value = item->u.port.value;
    port->item = item;
    port->span = item->name.span;
    const Type *type = type_resolve(c, scope->module, scope->node, item->u.port.type, port->out);
    port->broken = (type->kind == KIND_ANY && has_written_type(port)) || damage_near(c, item->span);
    if (!port_enter(c, scope->node, port)) {
        return;
    }
    if (port->out) {
        out_type(c, port, type);
    } else {
        port->type = type;
    }
}

/* ---------------------------------------------------------------- bodies and attributes */

static const char *const body_words[] = {
    [BODY_RUN] = "run", [BODY_EXEC] = "exec", [BODY_SCRIPT] = "script", [BODY_NATIVE] = "native",
    [BODY_C] = "c",     [BODY_CALL] = "call", [BODY_MAP] = "map",
};

static const char *body_word(BodyKind kind) {
    return body_words[kind];
}

static void body_declare(Scope *scope, Item *item) {
    Check *c = scope->c;
    Stage *stage = scope->node->stage;
    if (!stage->body) {
        stage->body = item;
        return;
    }
    Diag *diag = diag_report(c->diags, E0409, item->keyword,
                             "stage `%s` has two bodies: `%s` and `%s`", stage->slug.text,
                             body_word(stage->body->u.body.kind), body_word(item->u.body.kind));
    diag_note(c->diags, diag, stage->body->keyword, "the first one");
}

/* Attributes of which a stage may have several. */
static bool is_repeatable(AttrKind kind) {
    return kind == ATTR_ENV || kind == ATTR_TAGS || kind == ATTR_RESOURCES || kind == ATTR_HOOK;
}

static void attr_declare(Scope *scope, Item *item) {
    Check *c = scope->c;
    Node *node = scope->node;
    AttrKind kind = item->u.attr.kind;
    Item *first = node->attrs[kind];
    if (attr_scope(kind) == ATTR_OF_PIPELINE) {
        return; /* reported by the parser, like all that stands in the wrong place */
    }
    /* What the stage says itself stands in place of what its plugin says. */
    bool overrides = first && node->plugin_attrs & 1u << kind && !scope->in_plugin;
    if (first && !overrides && !is_repeatable(kind)) {
        Diag *diag =
            diag_report(c->diags, E0703, item->keyword, "`%s` is given twice", attr_word(kind));
        diag_note(c->diags, diag, first->keyword, "first here");
        return;
    }
    if (scope->in_plugin) {
        node->plugin_attrs |= 1u << kind;
    } else {
        node->plugin_attrs &= ~(1u << kind);
    }
    if (!first || overrides) {
        if (node->attrs == c->no_attrs) {
            node->attrs = ARENA_ARRAY(c->arena, NATTRS, Item *);
        }
        node->attrs[kind] = item;
    }
}

static void item_declare(Scope *scope, Item *item) {
    switch (item->kind) {
    case ITEM_PORT:
        if (item->u.port.kind == PORT_IN || item->u.port.kind == PORT_OUT) {
            port_declare(scope, item);
        }
        break;
    case ITEM_BODY: body_declare(scope, item); break;
    case ITEM_ATTR: attr_declare(scope, item); break;
    case ITEM_BROKEN: scope->node->broken = true; break;
    case ITEM_EDGE:
    case ITEM_STAGE:
    case ITEM_IMPORT:
    case ITEM_TYPE:
    case ITEM_PLUGIN:
    case ITEM_PIPELINE: break; /* reported by the parser */
    }
}

/* ---------------------------------------------------------------- call and map: ports of the sub-pipeline */

static void call_port(Check *c, Node *node, Name name, const Type *type, Item *item, bool out) {
    Port *known = port_find(c, node, name.text, out);
    if (known) {
        known->called = type; /* declared to give it a value: must fit */
        known->type = has_written_type(known) ? known->type : type;
        return;
    }
    Port *port = ARENA_NEW(c->arena, Port);
    port->name = name;
    port->out = out;
    port->type = type;
    port->item = item;
    port->span = node->stage->slug.span;
    port->broken = type->kind == KIND_ANY;
    port->called = type;
    if (out && node->stage->body->u.body.kind == BODY_MAP) {
        port->type = c->any; /* a list or a map of it: known from what feeds the stage */
    }
    port_enter(c, node, port);
}

static void map_over(Check *c, Node *node, Name over) {
    if (!over.text) {
        node->broken = true;
        return;
    }
    Port *port = port_find(c, node, over.text, false);
    if (!port) {
        report_no_port(c, node, over, false);
        node->fed = true;
        for (uint32_t i = 0; i < node->stage->nins; i++) {
            node->stage->ins[i]->called = NULL; /* a list of it may be what is right */
        }
        return;
    }
    node->stage->map_over = port;
    if (port->span.start == node->stage->slug.span.start || !has_written_type(port)) {
        port->type = c->any; /* not declared by the stage: a list or a map, by what feeds it */
    }
}

static void call_declare(Check *c, Node *node) {
    const Item *body = node->stage->body;
    Module *module = node->plugin && body->span.file == node->plugin->item->span.file
                         ? node->plugin->module
                         : node->unit->module;
    bool before = damage_mute(c, damage_near(c, body->span));
    Unit *sub = module_find_unit(c, module, body->u.body.sub);
    damage_restore(c, before);
    if (!sub) {
        node->no_ports = true;
        return;
    }
    node->sub = sub;
    node->stage->sub = sub->pipeline;
    for (uint32_t i = 0; i < sub->pipeline->ninputs; i++) {
        const RunInput *input = sub->pipeline->inputs[i];
        const Type *type =
            input->value ? type_of_elem(c->types, DAG_OPTIONAL, input->type) : input->type;
        if (input->name.text) {
            call_port(c, node, input->name, type, input->item, false);
        }
    }
    for (uint32_t i = 0; i < sub->pipeline->noutputs; i++) {
        const Output *output = sub->pipeline->outputs[i];
        if (output->name.text) {
            call_port(c, node, output->name, output->type, output->item, true);
        }
    }
    node->no_ports = sub->nregions > 0;
    if (body->u.body.kind == BODY_MAP) {
        map_over(c, node, body->u.body.over);
    }
}

/* An input without a type that neither the plugin nor the called pipeline has. */
static void same_types_check(Check *c, Node *node) {
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *port = node->stage->ins[i];
        if (has_written_type(port) || port->called || port->bound || port->broken) {
            continue;
        }
        port->hidden = true; /* for now: it is what there is not */
        report_no_port(c, node, port->name, false);
        port->hidden = false;
        port->broken = true;
        node->fed = true; /* it was meant for one of the others */
    }
}

/* A gate's output is its input under the same name. */
static void gate_declare(Check *c, Node *node) {
    Stage *stage = node->stage;
    if (stage->nins != 1 || stage->nouts) {
        node->no_ports = true; /* reported with the attribute */
        return;
    }
    Port *port = ARENA_NEW(c->arena, Port);
    port->name = stage->ins[0]->name;
    port->out = true;
    port->type = stage->ins[0]->type;
    port->item = stage->ins[0]->item;
    port->span = stage->ins[0]->span;
    port->broken = stage->ins[0]->broken;
    port_enter(c, node, port);
}

/* ---------------------------------------------------------------- stages */

static bool is_condition_word(const char *word) {
    static const char *const all[] = { "and",     "or",          "not",       "exists", "contains",
                                       "matches", "starts_with", "ends_with", "where",  "when" };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i][0] == word[0] && strcmp(all[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_slug(const char *word) {
    const char *p = word;
    while ((*p >= 'a' && *p <= 'z') || (p > word && ((*p >= '0' && *p <= '9') || *p == '_'))) {
        p++;
    }
    return *p == '\0';
}

/* `AlignReads` and `_align_reads` as `align_reads`; other letters are left out. */
static const char *slug_like(Arena *arena, const char *word) {
    char *slug = arena_alloc(arena, 2 * strlen(word) + sizeof "a"), *to = slug;
    for (const char *p = word; *p; p++) {
        bool capital = *p >= 'A' && *p <= 'Z';
        bool begins = capital && p > word && p[-1] >= 'a' && p[-1] <= 'z';
        char letter = capital ? (char)(*p - 'A' + 'a') : *p;
        if (begins) {
            *to++ = '_';
        }
        *to = letter;
        to += (letter >= 'a' && letter <= 'z') ||
              (to > slug && ((letter >= '0' && letter <= '9') || letter == '_'));
    }
    *to = '\0';
    return to > slug ? slug : strcpy(slug, "a");
}

static void slug_check(Check *c, Name slug) {
    bool taken = is_head(slug.text) || is_condition_word(slug.text);
    if (!taken && is_slug(slug.text)) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0209, slug.span, "a stage cannot be named `%s`", slug.text);
    if (taken) {
        diag_help(c->diags, diag, "the word has a meaning of its own in expressions");
    } else {
        diag_help(c->diags, diag,
                  "its name is a slug: small letters, digits and `_`, a letter first: `%s`",
                  slug_like(c->arena, slug.text));
    }
}

static void slug_declare(Check *c, Node *node) {
    Name slug = node->stage->slug;
    if (!slug.text) {
        return;
    }
    slug_check(c, slug);
    Node *first = node_enter(c, node, slug.text);
    if (first) {
        report_duplicate(c, "stage", slug, first->stage->slug.span);
    }
}

static void stage_declare(Check *c, Node *node) {
    Stage *stage = node->stage;
    slug_declare(c, node);
    if (node->phantom || node->item->u.stage.plugin.name.text ||
        node->item->u.stage.plugin.module.text) {
        bool before = damage_mute(c, node->item->broken);
        plugin_instantiate(c, node);
        damage_restore(c, before);
    }
    node_items(c, node, item_declare);
    if (stage->body &&
        (stage->body->u.body.kind == BODY_CALL || stage->body->u.body.kind == BODY_MAP)) {
        call_declare(c, node);
    }
    if (node->plugin || node->sub) {
        same_types_check(c, node);
    }
    fan_declare(c, node);
    if (node->attrs[ATTR_GATE]) {
        gate_declare(c, node);
    }
}

static void node_init(Check *c, Unit *unit, Node *node, Stage *stage, Item *item) {
    stage->id = unit->nnodes;
    stage->slug = item->name;
    stage->item = item;
    stage->attrs = c->none_said;
    node->stage = stage;
    node->unit = unit;
    node->item = item;
    node->attrs = c->no_attrs;
    node->last_wire = &node->wires;
    node->broken = item->broken || damage_inside(c, item->span);
    node->no_ports = item->broken; /* what it is made of could not be read */
    node->plugin = unit->phantom;
    node->phantom = unit->phantom != NULL;
    node->no_axis = node->phantom;
}

void stages_declare(Check *c, Unit *unit) {
    Pipeline *p = unit->pipeline;
    uint32_t n = unit->items->stages.n;
    Stage *stages = ARENA_ARRAY(c->arena, n, Stage);
    unit->nodes = ARENA_ARRAY(c->arena, n, Node);
    p->stages = ARENA_ARRAY(c->arena, n, Stage *);
    for (uint32_t i = 0; i < n; i++) {
        Node *node = &unit->nodes[i];
        if (i + ITEMS_AHEAD < n) {
            item_ahead(unit->items->stages.items[i + ITEMS_AHEAD]);
        }
        node_init(c, unit, node, &stages[i], unit->items->stages.items[i]);
        p->stages[unit->nnodes++] = node->stage;
        p->nstages = unit->nnodes;
        stage_declare(c, node);
    }
    damage_unit(c, unit);
}
