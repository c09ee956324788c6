/*
 * unused.c - warnings about what is declared and used by nothing.
 *
 * Only where no error was reported: what is broken may have been the use.
 */
#include "check/items/items.h"

static bool is_ignored(Name name) {
    return !name.text || name.text[0] == '_';
}

/* Is it by this input that the stage has a task for each key? */
static bool gives_axis(const Stage *stage, const Port *in) {
    if (!in->axis || in->axis->depth == 0 || in->gathers) {
        return false;
    }
    for (uint32_t i = 0; i < stage->nins; i++) {
        const Port *other = stage->ins[i];
        bool counts = other != in && (other->hidden || other->mentioned) && other->axis;
        if (counts && other->axis->depth >= in->axis->depth) {
            return false;
        }
    }
    return true;
}

static void unused_ports(Check *c, const Node *node) {
    const Stage *stage = node->stage;
    if (stage->body || node->attrs[ATTR_GATE]) {
        return;
    }
    for (uint32_t i = 0; i < stage->nins; i++) {
        const Port *in = stage->ins[i];
        bool list = in->value && in->value->kind == EXPR_LIST;
        if (!in->hidden && !in->mentioned && !list && !gives_axis(stage, in)) {
            diag_report(c->diags, W0107, in->span, "no expression of `%s` uses its input `%s`",
                        stage->slug.text, in->name.text);
        }
    }
}

/* Does the input stand for what the stage of its name gives? */
static bool stands_for(const Node *node, const Port *in, const Stage *hidden) {
    bool takes = false;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *port = node->stage->ins[i];
        takes |= (port == in || (port->hidden && in->value)) && port->nedges > 0 &&
                 port->edges[0]->from->stage == hidden;
    }
    return takes;
}

static void shadowed(Check *c, const Node *node, const Port *in) {
    Name name = in->name;
    const Node *hidden = name.text ? node_find(c, node->unit, name.text) : NULL;
    if (!hidden || stands_for(node, in, hidden->stage)) {
        return;
    }
    Diag *diag = diag_report(c->diags, W0204, in->span, "the input `%s` hides the stage `%s` here",
                             name.text, name.text);
    diag_note(c->diags, diag, hidden->stage->slug.span, "the stage");
}

static void shadows(Check *c, const Node *node) {
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *in = node->stage->ins[i];
        if (!in->hidden && !in->called &&
            (!node->plugin || in->span.file == node->item->span.file)) {
            shadowed(c, node, in);
        }
    }
}

static void unused_stage(Check *c, const Node *node) {
    const Stage *stage = node->stage;
    bool used = node->used || node->ordered || stage->nouts == 0 || node->attrs[ATTR_GATE];
    for (uint32_t i = 0; i < stage->nouts && !used; i++) {
        used = stage->outs[i]->mentioned;
    }
    if (!used) {
        Diag *diag = diag_report(c->diags, W0106, stage->slug.span,
                                 "nothing uses an output of `%s`", stage->slug.text);
        diag_help(c->diags, diag, "make it an `output` of the pipeline, or leave the stage out");
    }
}

/* The ports of a plugin are for all who use it. */
static void unused_temps(Check *c, const Node *node) {
    for (uint32_t i = 0; i < node->stage->nouts; i++) {
        const Port *out = node->stage->outs[i];
        if (out->temp && !out->mentioned && !node->plugin) {
            diag_report(c->diags, W0210, out->span,
                        "`%s` is `temp`, but nothing takes it: it has no last consumer",
                        port_text(c, out));
        }
    }
}

void unused_check(Check *c, Unit *unit) {
    for (uint32_t i = 0; i < unit->pipeline->ninputs; i++) {
        const InputDecl *decl = &unit->inputs[i];
        if (!decl->used && !is_ignored(decl->input->name)) {
            diag_report(c->diags, W0101, decl->input->name.span, "nothing uses the input `%s`",
                        decl->input->name.text);
        }
    }
    for (uint32_t i = 0; i < unit->nconfigs; i++) {
        const ConfigDecl *decl = &unit->configs[i];
        if (!decl->used && !is_ignored(decl->item->name)) {
            diag_report(c->diags, W0102, decl->item->name.span, "nothing uses the config `%s`",
                        decl->item->name.text);
        }
    }
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        unused_ports(c, &unit->nodes[i]);
        shadows(c, &unit->nodes[i]);
        unused_stage(c, &unit->nodes[i]);
        unused_temps(c, &unit->nodes[i]);
    }
}

/* A file of types and plugins alone is there to be imported. */
static bool is_library(const Module *module) {
    return !module->units;
}

void unused_modules(Check *c) {
    const Module *main = c->modules;
    for (const ImportDecl *decl = main->imports; decl; decl = decl->next) {
        if (!decl->used && decl->alias.text) {
            diag_report(c->diags, W0105, decl->item->span, "nothing of the module `%s` is used",
                        decl->alias.text);
        }
    }
    if (is_library(main)) {
        return;
    }
    for (const TypeDecl *decl = main->types; decl; decl = decl->next) {
        if (!decl->used && !is_ignored(decl->item->name)) {
            diag_report(c->diags, W0103, decl->item->name.span, "nothing uses the type `%s`",
                        decl->item->name.text);
        }
    }
    for (const PluginDecl *decl = main->plugins; decl; decl = decl->next) {
        if (!decl->used && !is_ignored(decl->item->name)) {
            diag_report(c->diags, W0104, decl->item->name.span,
                        "no stage is made of the plugin `%s`", decl->item->name.text);
        }
    }
}
