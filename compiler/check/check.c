/*
 * check.c - the semantic half of the front end, phase by phase.
 *
 * In: the tree of a file. Out: the model of its pipelines, and of those that they call. Every phase
 * goes on after mistakes; what follows from a reported one is not reported again.
 */
#include "check/front_check.h"
#include "check/items/items.h"

#include <string.h>

static Check *check_new(Front *front) {
    Check *c = ARENA_NEW(&front->arena, Check);
    c->front = front;
    c->arena = &front->arena;
    c->diags = front->diags;
    c->types = types_new(c->arena, front->names);
    c->table = table_new(c->arena);
    c->model = ARENA_NEW(c->arena, Model);
    c->model->types = c->types;
    c->unheard = diags_new(c->arena, &front->sources);
    c->last_module = &c->modules;
    c->any = type_basic(c->types, KIND_ANY);
    c->none_said = ARENA_NEW(c->arena, StageAttrs);
    c->no_attrs = ARENA_ARRAY(c->arena, NATTRS, Item *);
    c->signatures = ARENA_ARRAY(c->arena, pipe_count, Signature);
    static const char *const kinds[] = { "video",   "subtitle", "image", "audio",
                                         "archive", "text",     "other" };
    Field cases[sizeof kinds / sizeof *kinds] = { 0 };
    uint32_t n = sizeof kinds / sizeof *kinds;
    for (uint32_t i = 0; i < n; i++) {
        cases[i].name = intern(front->names, kinds[i], strlen(kinds[i]));
    }
    c->file_kind = type_enum(c->types, cases, n);
    return c;
}

static void units_declare(Check *c) {
    for (Module *module = c->modules; module; module = module->next) {
        for (Unit *unit = module->units; unit; unit = unit->next) {
            unit_declare(c, unit);
        }
    }
}

/* The one that is built: --pipeline, else the last one. NULL: none, or reported. */
static Unit *main_unit(Check *c, const Module *module) {
    const char *wanted = c->front->pipeline;
    Unit *last = NULL;
    Nearest near = nearest_to(wanted ? wanted : "");
    for (Unit *unit = module->units; unit; unit = unit->next) {
        last = unit;
        if (wanted && unit->item->name.text && strcmp(unit->item->name.text, wanted) == 0) {
            return unit;
        }
        nearest_offer(&near, unit->item->name.text ? unit->item->name.text : "");
    }
    if (wanted) {
        diag_report(c->diags, E0903, SPAN_NONE, "%s has no pipeline `%s`%s",
                    module->file->source->path, wanted, did_you_mean(c, &near));
        return NULL;
    }
    return last;
}

static void unit_check(Check *c, Unit *unit) {
    unit->checked = true;
    unit->empty_axis = axis_extend(c, unit, NULL, NULL);
    inputs_check(c, unit);
    unit_attrs_check(c, unit);
    stages_declare(c, unit);
    unit_hooks_check(c, unit);
    edges_resolve(c, unit);
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        if (i + ITEMS_AHEAD < unit->nnodes) {
            item_ahead(unit->nodes[i + ITEMS_AHEAD].item);
        }
        node_resolve(c, &unit->nodes[i]);
    }
    outputs_resolve(c, unit);
    graph_sort(c, unit);
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        node_check(c, unit->order[i]);
    }
    outputs_check(c, unit);
    if (unit->wired) {
        links_collect(c, unit); /* again, with the edges that were wired by type */
    }
    cache_check(c, unit);
    dead_check(c, unit);
    size_check(c, unit);
}

/* The pipelines of the file, and those that they call from elsewhere. */
static void units_check(Check *c, const Module *module) {
    for (Unit *unit = module->units; unit; unit = unit->next) {
        unit_check(c, unit);
    }
    for (Module *other = module->next; other; other = other->next) {
        for (Unit *unit = other->units; unit; unit = unit->next) {
            unit_check(c, unit);
        }
    }
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

static void plugins_check_unused(Check *c) {
    for (Module *module = c->modules; module; module = module->next) {
        for (PluginDecl *plugin = module->plugins; plugin; plugin = plugin->next) {
            if (!plugin->used && plugin->item->name.text) {
                phantom_check(c, plugin);
            }
        }
    }
}

static void model_fill(Check *c, const Unit *main) {
    Model *model = c->model;
    for (Module *module = c->modules; module; module = module->next) {
        for (Unit *unit = module->units; unit; unit = unit->next) {
            model->npipelines++;
        }
    }
    model->pipelines = ARENA_ARRAY(c->arena, model->npipelines, Pipeline *);
    model->npipelines = 0;
    for (Module *module = c->modules; module; module = module->next) {
        for (Unit *unit = module->units; unit; unit = unit->next) {
            model->pipelines[model->npipelines++] = unit->pipeline;
        }
    }
    model->main = main && c->diags->nerrors == 0 ? main->pipeline : NULL;
}

static void defines_check(Check *c, const Unit *main) {
    for (size_t i = 0; main && i < c->front->ndefines; i++) {
        const Define *define = &c->front->defines[i];
        if (define->used) {
            continue;
        }
        Nearest near = nearest_to(define->name);
        for (uint32_t k = 0; k < main->nconfigs; k++) {
            const char *name = main->configs[k].item->name.text;
            nearest_offer(&near, name ? name : "");
        }
        diag_report(c->diags, E0901, SPAN_NONE, "-D %s: the pipeline `%s` has no such config%s",
                    define->name, main->item->name.text, did_you_mean(c, &near));
    }
}

static void warn_unused(Check *c, const Module *module) {
    for (Unit *unit = module->units; unit; unit = unit->next) {
        unused_check(c, unit);
    }
    unused_modules(c);
}

Model *front_check(Front *front, File *file) {
    Check *c = check_new(front);
    damage_collect(c);
    Module *module = modules_load(c, file);
    c->nnamed = intern_count(front->names);
    c->named = ARENA_ARRAY(c->arena, c->nnamed, NamedNode);
    damage_collect(c); /* again: the imported files have their own */
    types_resolve(c);
    units_declare(c);
    Unit *main = main_unit(c, module);
    if (main) {
        main->main = true;
    }
    units_check(c, module);
    plugins_check_unused(c);
    calls_check(c);
    if (main && front->diags->nerrors == 0) {
        natives_check(c, main);
    }
    defines_check(c, main);
    if (diags_mistakes(front->diags) == 0) {
        warn_unused(c, module);
    }
    model_fill(c, main);
    return c->model;
}
