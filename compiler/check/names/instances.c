/*
 * instances.c - stages made from plugins: items copied, parameters bound.
 */
#include "check/names/names.h"

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
