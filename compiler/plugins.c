/*
 * plugins.c - stages made from plugins: items copied, parameters bound, type parameters inferred.
 */
#include "check.h"

/* ---------------------------------------------------------------- instances */

static Arg *arg_find(Arg *args, const char *name) {
    for (; args; args = args->next) {
        if (args->name.text == name) {
            return args;
        }
    }
    return NULL;
}

static void type_params_declare(Check *c, Node *node, const NameList *params) {
    for (; params; params = params->next) {
        if (!params->name.text) {
            continue;
        }
        node->has_vars = true;
        table_put(c->table, &node->vars, params->name.text,
                  (void *)(uintptr_t)type_var(c->types, params->name.text));
    }
}

static void report_missing_arg(Check *c, const Node *node, const Param *param) {
    const Item *plugin = node->plugin->item;
    Diag *diag = diag_report(c->diags, E0212, node->item->u.stage.plugin.name.span,
                             "the parameter `%s` (%s) of plugin `%s` is given no value",
                             param->name.text, type_name(c, param->type), plugin->name.text);
    diag_note(c->diags, diag, param->name.span, "it has no default");
}

static void param_bind(Check *c, Node *node, Param *param, Item *item) {
    param->name = item->name;
    param->node = node;
    param->type = type_resolve(c, node->plugin->module, node, item->u.port.type, false);
    Param *first = table_add(c->table, &node->params, item->name.text, param);
    if (first) {
        report_duplicate(c, "parameter", item->name, first->name.span);
        return;
    }
    Arg *arg = arg_find(node->item->u.stage.args, item->name.text);
    if (arg) {
        param->value = arg->value;
    } else if (item->u.port.value) {
        param->value = ast_copy_expr(c->arena, item->u.port.value);
        param->own = true;
    } else if (node->phantom) {
        param->value = ARENA_NEW(c->arena, Expr); /* some value of that type */
        param->value->kind = EXPR_BROKEN;
        param->value->span = item->name.span;
    }
}

static void params_bind(Check *c, Node *node) {
    uint32_t n = 0;
    for (const Item *item = node->plugin->item->u.plugin.params; item; item = item->next) {
        n++;
    }
    node->params = ARENA_ARRAY(c->arena, n, Param);
    for (Item *item = node->plugin->item->u.plugin.params; item; item = item->next) {
        if (item->kind == ITEM_PORT && item->name.text) {
            param_bind(c, node, &node->params[node->nparams++], item);
        }
    }
}

/* The first parameter that is given no value: an argument that goes nowhere was meant for it. */
static Param *param_left(Node *node) {
    for (uint32_t i = 0; i < node->nparams; i++) {
        Param *param = &node->params[i];
        if (!param->value && !param->meant) {
            param->meant = true;
            return param;
        }
    }
    return NULL;
}

static void report_unnamed(Check *c, Node *node, const Arg *arg) {
    Diag *diag =
        diag_report(c->diags, E0211, arg->value->span, "arguments of a plugin are given by name");
    const Param *left = param_left(node);
    if (left) {
        diag_help(c->diags, diag, "write `%s: …`", left->name.text);
    }
}

static void note_left(Check *c, Diag *diag, const Param *left) {
    if (left) {
        diag_note(c->diags, diag, left->name.span, "`%s` (%s) is given no value", left->name.text,
                  type_name(c, left->type));
    }
}

static void args_check(Check *c, Node *node) {
    for (Arg *arg = node->item->u.stage.args; arg; arg = arg->next) {
        if (!arg->name.text) {
            if (arg->value && arg->value->kind != EXPR_BROKEN) {
                report_unnamed(c, node, arg);
            }
            continue;
        }
        Arg *first = arg_find(node->item->u.stage.args, arg->name.text);
        if (first != arg) {
            report_duplicate(c, "argument", arg->name, first->name.span);
            continue;
        }
        if (table_get(c->table, &node->params, arg->name.text)) {
            continue;
        }
        Nearest near = nearest_to(arg->name.text);
        for (uint32_t i = 0; i < node->nparams; i++) {
            nearest_offer(&near, node->params[i].name.text);
        }
        Param *meant = near.best ? table_get(c->table, &node->params, near.best) : NULL;
        if (meant) {
            meant->meant = true;
        }
        if ((meant && damage_on_line(c, meant->name.span)) ||
            said_before(c, ports_unknown(node, false), arg->name.text, arg->name.span)) {
            continue;
        }
        Diag *diag =
            diag_report(c->diags, E0211, arg->name.span, "plugin `%s` has no parameter `%s`%s",
                        node->plugin->item->name.text, arg->name.text, did_you_mean(c, &near));
        suggest(c, diag, arg->name.span, &near);
        said(c, ports_unknown(node, false), arg->name.text, diag);
        if (meant) {
            note_declared(c, diag, meant->name.span, meant->name.text);
        } else {
            note_left(c, diag, param_left(node));
        }
    }
}

static void args_missing(Check *c, Node *node) {
    for (uint32_t i = 0; i < node->nparams && !node->broken; i++) {
        const Param *param = &node->params[i];
        if (!param->value && !param->meant) {
            report_missing_arg(c, node, param);
        }
    }
}

void plugin_instantiate(Check *c, Node *node) {
    if (!node->phantom) {
        node->plugin = module_find_plugin(c, node->unit->module, node->item->u.stage.plugin);
    }
    if (!node->plugin) {
        node->broken = true;
        node->no_ports = true;
        return;
    }
    const Item *plugin = node->plugin->item;
    node->plugin_items = ast_copy_items(c->arena, plugin->u.plugin.items);
    type_params_declare(c, node, plugin->u.plugin.type_params);
    params_bind(c, node);
    args_check(c, node);
    args_missing(c, node);
}

/* ---------------------------------------------------------------- type parameters */

typedef struct Inference {
    Check *c;
    Node *node; /* the address of its `bound`: scope of what the parameters are bound to */
} Inference;

static const Type *bound_type(void *self, const Type *var) {
    Inference *in = self;
    const Type *type = table_get(in->c->table, &in->node->bound, var);
    return type ? type : in->c->any;
}

/* Binds the parameters in `written` so that it becomes what `actual` is. */
static void unify(Inference *in, const Type *written, const Type *actual) {
    Check *c = in->c;
    if (actual->kind == KIND_ANY) {
        return;
    }
    if (written->kind == KIND_VAR) {
        const Type *known = table_get(c->table, &in->node->bound, written);
        const Type *join = known ? type_join(c->types, known, actual) : actual;
        if (join) { /* else the edge or value that does not fit is reported there */
            table_put(c->table, &in->node->bound, written, (void *)(uintptr_t)join);
        }
        return;
    }
    if (written->kind == DAG_OPTIONAL) {
        unify(in, written->elem, type_required(actual));
    } else if (written->elem && written->kind == actual->kind) {
        unify(in, written->elem, actual->elem);
    } else if (written->kind == DAG_RECORD && actual->kind == DAG_RECORD) {
        for (uint32_t i = 0; i < written->nfields; i++) {
            const Field *field = type_field(actual, written->fields[i].name);
            if (field) {
                unify(in, written->fields[i].type, field->type);
            }
        }
    }
}

static void infer_from_edge(Inference *in, const Port *port, const Edge *edge) {
    const Type *type = edge->from->type;
    bool gathers = in->node->attrs[ATTR_FAN] && port->type->kind == DAG_LIST && edge->from->axis &&
                   edge->from->axis->depth && in->node->stage->fan != DAG_SINGLE;
    unify(in, gathers ? port->type->elem : port->type, type);
}

static void infer_from_value(Inference *in, Expr *value, const Type *written, Scope scope) {
    if (value) {
        const Type *type = expr_type(&scope, value, NULL);
        unify(in, written, type);
    }
}

static void infer_params(Inference *in) {
    Node *node = in->node;
    for (uint32_t i = 0; i < node->nparams; i++) {
        Param *param = &node->params[i];
        if (type_mentions(param->type, KIND_VAR)) {
            Scope scope = { .c = in->c,
                            .unit = node->unit,
                            .node = node,
                            .module = node->unit->module,
                            .place = param->own ? PLACE_PARAM : PLACE_ARG,
                            .in_plugin = param->own };
            infer_from_value(in, param->value, param->type, scope);
        }
    }
}

static void infer_ports(Inference *in) {
    Node *node = in->node;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *port = node->stage->ins[i];
        if (port->hidden || !type_mentions(port->type, KIND_VAR)) {
            continue;
        }
        for (uint32_t k = 0; k < port->nedges; k++) {
            infer_from_edge(in, port, port->edges[k]);
        }
        Scope scope = { .c = in->c,
                        .unit = node->unit,
                        .node = node,
                        .module = node->plugin->module,
                        .place = PLACE_IN_VALUE,
                        .in_plugin = true,
                        .port = node->stage->ins[i] };
        infer_from_value(in, port->value, port->type, scope);
    }
}

static void report_open_vars(Inference *in) {
    Check *c = in->c;
    const Node *node = in->node;
    for (const NameList *v = node->plugin->item->u.plugin.type_params; v; v = v->next) {
        const Type *var = v->name.text ? table_get(c->table, &node->vars, v->name.text) : NULL;
        if (!var || table_get(c->table, &in->node->bound, var)) {
            continue;
        }
        for (uint32_t i = 0; i < node->stage->nins; i++) {
            const Port *port = node->stage->ins[i];
            for (uint32_t k = 0; k < port->nedges; k++) {
                if (port->edges[k]->from->type->kind == KIND_ANY) {
                    return; /* it depends on what is broken */
                }
            }
        }
        Diag *diag =
            diag_report(c->diags, E0219, node->stage->slug.span,
                        "what `%s` of plugin `%s` is cannot be told from what feeds `%s`",
                        v->name.text, node->plugin->item->name.text, node->stage->slug.text);
        diag_note(c->diags, diag, v->name.span, "declared here");
    }
}

static void replace_ports(Inference *in, Port **ports, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        ports[i]->type = type_replace(in->c->types, ports[i]->type, bound_type, in);
    }
}

/* From now on the names stand for what was found: `as(T)` is resolved later. */
static void vars_settle(Inference *in) {
    Check *c = in->c;
    const NameList *v = in->node->plugin->item->u.plugin.type_params;
    for (; v; v = v->next) {
        const Type *var = v->name.text ? table_get(c->table, &in->node->vars, v->name.text) : NULL;
        if (var && var->kind == KIND_VAR) {
            table_put(c->table, &in->node->vars, v->name.text,
                      (void *)(uintptr_t)bound_type(in, var));
        }
    }
}

/* Does what feeds the mapped input say whether it is a list or a map? */
static bool fed_shape(const Node *node, int *kind) {
    const Port *over = node->stage->map_over;
    if (over->nedges == 0) {
        return false;
    }
    const Edge *edge = over->edges[0];
    const Type *type = type_required(edge->from->type);
    bool gathers = node->stage->fan == DAG_AGGREGATE && edge->from->axis && edge->from->axis->depth;
    *kind = type->kind == DAG_MAP && !gathers ? DAG_MAP : DAG_LIST;
    return type->kind != KIND_ANY;
}

/* A type that the stage itself declares for the mapped input, or for an output. */
static void check_declared(Check *c, const Node *node, Port *port, const Type *want) {
    bool fit = false;
    const Type *from = port->out ? want : port->type, *to = port->out ? port->type : want;
    if (port->broken || port->type->kind == KIND_ANY || type_assignable(from, to, &fit)) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0302, port->span, "`%s` is %s here, but %s %s",
                             port_text(c, port), type_name(c, port->type),
                             port->out ? "the call gives" : "`map` goes over", type_name(c, want));
    diag_note(c->diags, diag, node->sub->item->name.span, "the pipeline that is called");
    port->broken = true;
    port->type = c->any;
}

/* The list or map that `map` goes over, and with it the shape of its outputs. */
static void infer_map(Check *c, Node *node) {
    Port *over = node->stage->map_over;
    int kind = type_required(over->type)->kind;
    if (!over->called || (over->type->kind == KIND_ANY && !fed_shape(node, &kind))) {
        return; /* the sub-pipeline has no such input: said already; or nothing feeds it */
    }
    kind = kind == DAG_MAP ? DAG_MAP : DAG_LIST;
    const Type *want = type_of_elem(c->types, kind, over->called);
    check_declared(c, node, over, want);
    if (over->type->kind == KIND_ANY && !over->broken) {
        over->type = want;
    }
    for (uint32_t i = 0; i < node->stage->nouts; i++) {
        Port *out = node->stage->outs[i];
        if (out->called && out->type->kind == KIND_ANY) {
            out->type = type_of_elem(c->types, kind, out->called);
        } else if (out->called && !out->value) {
            check_declared(c, node, out, type_of_elem(c->types, kind, out->called));
        }
    }
}

static void check_call(Check *c, const Node *node) {
    for (uint32_t i = 0; i < node->stage->nouts; i++) {
        Port *out = node->stage->outs[i];
        if (out->called && !out->value && !out->stream) {
            check_declared(c, node, out, out->called);
        }
    }
}

void plugin_infer(Check *c, Node *node) {
    if (node->stage->map_over) {
        infer_map(c, node);
    } else if (node->sub) {
        check_call(c, node);
    }
    if (!node->has_vars) {
        return;
    }
    Inference in = { .c = c, .node = node };
    infer_params(&in);
    infer_ports(&in);
    if (!node->phantom && !node->broken) {
        report_open_vars(&in);
    }
    replace_ports(&in, node->stage->ins, node->stage->nins);
    replace_ports(&in, node->stage->outs, node->stage->nouts);
    for (uint32_t i = 0; i < node->nparams; i++) {
        node->params[i].type = type_replace(c->types, node->params[i].type, bound_type, &in);
    }
    vars_settle(&in);
}

/* ---------------------------------------------------------------- plugins that no stage uses */

/* A pipeline of one stage: the plugin, with all its ports fed and all parameters given. */
static void phantom_check(Check *c, PluginDecl *plugin) {
    Item *pipeline = ARENA_NEW(c->arena, Item);
    Item *stage = ARENA_NEW(c->arena, Item);
    pipeline->kind = ITEM_PIPELINE;
    pipeline->name = stage->name = plugin->item->name;
    pipeline->span = stage->span = plugin->item->span;
    pipeline->u.pipeline.items = stage;
    stage->kind = ITEM_STAGE;
    stage->broken = plugin->item->broken;
    Unit *unit = ARENA_NEW(c->arena, Unit);
    unit->item = pipeline;
    unit->module = plugin->module;
    unit->phantom = plugin;
    unit_declare(c, unit);
    unit_check(c, unit);
}

void plugins_check_unused(Check *c) {
    for (Module *module = c->modules; module; module = module->next) {
        for (PluginDecl *plugin = module->plugins; plugin; plugin = plugin->next) {
            if (!plugin->used && plugin->item->name.text) {
                phantom_check(c, plugin);
            }
        }
    }
}
