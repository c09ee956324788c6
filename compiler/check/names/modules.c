/*
 * modules.c - files, their imports, and the types, plugins and pipelines that they declare.
 *
 * In: the main file. Out: Check.modules, the main one first, with all names entered.
 */
#include "check/names/names.h"
#include "base/home.h"
#include "syntax/front_parse.h"
#include "syntax/synonyms.h"

#include <string.h>
#include <unistd.h>

static Module *module_load(Check *c, File *file);

/* ---------------------------------------------------------------- finding imported files */

/* The part of a path up to and with its last slash. */
static const char *path_folder(Check *c, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_text(c->arena, path, (size_t)(slash - path) + 1) : "";
}

/* The file's path as it can be opened, or NULL: beside the importing file, then in -I, then in the
 * standard library, whose files are called std/… */
static const char *import_path(Check *c, const Module *module, const char *name) {
    if (name[0] == '/') {
        return access(name, R_OK) == 0 ? name : NULL;
    }
    const char *beside =
        arena_printf(c->arena, "%s%s", path_folder(c, module->file->source->path), name);
    if (access(beside, R_OK) == 0) {
        return beside;
    }
    for (size_t i = 0; i < c->front->ninclude_dirs; i++) {
        const char *path = arena_printf(c->arena, "%s/%s", c->front->include_dirs[i], name);
        if (access(path, R_OK) == 0) {
            return path;
        }
    }
    const char *message;
    const char *home = strncmp(name, "std/", 4) == 0 ? home_find(c->arena, &message) : NULL;
    const char *path = home ? arena_printf(c->arena, "%s/%s", home, name) : NULL;
    return path && access(path, R_OK) == 0 ? path : NULL;
}

static Source *import_source(Check *c, const Module *module, const Expr *path) {
    const char *name = expr_literal(c, path);
    if (!name) {
        diag_report(c->diags, E0801, path->span, "the path of an import is a plain string");
        return NULL;
    }
    const char *found = import_path(c, module, name);
    const char *message = NULL;
    Source *source = found ? source_read(c->arena, &c->front->sources, found, &message) : NULL;
    if (source) {
        return source;
    }
    Diag *diag =
        message ? diag_report(c->diags, E0801, path->span, "cannot import `%s`: %s", name, message)
                : diag_report(c->diags, E0801, path->span, "there is no file `%s` to import", name);
    diag_help(c->diags, diag, "it is looked up beside %s%s", module->file->source->path,
              c->front->ninclude_dirs ? ", then in the folders given with -I"
                                      : "; more folders can be given with -I");
    return NULL;
}

/* The file's name without folder and extension. */
static Name path_stem(Check *c, const Expr *path) {
    const char *text = expr_literal(c, path);
    Name name = { NULL, path->span };
    if (text) {
        const char *slash = strrchr(text, '/');
        const char *base = slash ? slash + 1 : text;
        const char *dot = strrchr(base, '.');
        size_t n = dot && dot != base ? (size_t)(dot - base) : strlen(base);
        name.text = intern(c->front->names, base, n);
    }
    return name;
}

static Module *import_module(Check *c, const Module *from, const Expr *path) {
    Source *source = import_source(c, from, path);
    if (!source) {
        return NULL;
    }
    Module *module = table_get(c->table, &c->modules, source);
    if (!module) {
        return module_load(c, front_parse(c->front, source));
    }
    if (module->loading) {
        Diag *diag = diag_report(c->diags, E0802, path->span,
                                 module == from ? "the file imports itself"
                                                : "the imports go round in a circle: `%s` imports "
                                                  "this file already",
                                 source->path);
        diag_help(c->diags, diag, "move what both need to a third file");
        return NULL;
    }
    return module;
}

static void declare_import(Check *c, Module *module, Item *item, ImportDecl ***last) {
    ImportDecl *decl = ARENA_NEW(c->arena, ImportDecl);
    decl->item = item;
    decl->alias = item->u.import.as.text ? item->u.import.as : path_stem(c, item->u.import.path);
    **last = decl;
    *last = &decl->next;
    bool before = damage_mute(c, damage_near(c, item->span));
    decl->module = import_module(c, module, item->u.import.path);
    damage_restore(c, before);
    if (!decl->alias.text) {
        return;
    }
    ImportDecl *first = table_add(c->table, &module->imports, decl->alias.text, decl);
    if (first) {
        Diag *diag = report_duplicate(c, "module", decl->alias, first->alias.span);
        diag_help(c->diags, diag, "give one of them another name: `import \"…\" as other`");
    }
}

/* ---------------------------------------------------------------- declarations */

static const char *const basic_types[] = {
#define TYPE_WORD(text, kind, applied) text,
#include "syntax/types.def"
#undef TYPE_WORD
};

static bool is_basic_type(const char *name) {
    for (size_t i = 0; i < sizeof basic_types / sizeof *basic_types; i++) {
        if (strcmp(name, basic_types[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void declare_type(Check *c, Module *module, Item *item, TypeDecl ***last) {
    TypeDecl *decl = ARENA_NEW(c->arena, TypeDecl);
    decl->item = item;
    decl->module = module;
    **last = decl;
    *last = &decl->next;
    if (!item->name.text) {
        return;
    }
    if (is_basic_type(item->name.text)) {
        diag_report(c->diags, E0209, item->name.span, "`%s` is a type of the language",
                    item->name.text);
        return;
    }
    TypeDecl *first = table_add(c->table, &module->types, item->name.text, decl);
    if (first) {
        report_duplicate(c, "type", item->name, first->item->name.span);
    }
}

static void declare_plugin(Check *c, Module *module, Item *item, PluginDecl ***last) {
    PluginDecl *decl = ARENA_NEW(c->arena, PluginDecl);
    decl->item = item;
    decl->module = module;
    **last = decl;
    *last = &decl->next;
    if (!item->name.text) {
        return;
    }
    PluginDecl *first = table_add(c->table, &module->plugins, item->name.text, decl);
    if (first) {
        report_duplicate(c, "plugin", item->name, first->item->name.span);
    }
}

static void declare_unit(Check *c, Module *module, Item *item, Unit ***last) {
    Unit *unit = ARENA_NEW(c->arena, Unit);
    unit->item = item;
    unit->module = module;
    **last = unit;
    *last = &unit->next;
    if (!item->name.text) {
        return;
    }
    Unit *first = table_add(c->table, &module->units, item->name.text, unit);
    if (first) {
        report_duplicate(c, "pipeline", item->name, first->item->name.span);
    }
}

static void module_declare(Check *c, Module *module) {
    ImportDecl **imports = &module->imports;
    TypeDecl **types = &module->types;
    PluginDecl **plugins = &module->plugins;
    Unit **units = &module->units;
    for (Item *item = module->file->items; item; item = item->next) {
        switch (item->kind) {
        case ITEM_IMPORT: declare_import(c, module, item, &imports); break;
        case ITEM_TYPE: declare_type(c, module, item, &types); break;
        case ITEM_PLUGIN: declare_plugin(c, module, item, &plugins); break;
        case ITEM_PIPELINE: declare_unit(c, module, item, &units); break;
        case ITEM_BROKEN: module->broken = true; break;
        case ITEM_PORT:
        case ITEM_STAGE:
        case ITEM_EDGE:
        case ITEM_BODY:
        case ITEM_ATTR: /* misplaced: the grammar does not allow it */ break;
        }
    }
}

static Module *module_load(Check *c, File *file) {
    Module *module = ARENA_NEW(c->arena, Module);
    module->file = file;
    *c->last_module = module;
    c->last_module = &module->next;
    table_put(c->table, &c->modules, file->source, module);
    module->loading = true;
    module_declare(c, module);
    module->loading = false;
    return module;
}

Module *modules_load(Check *c, File *file) {
    return module_load(c, file);
}

/* ---------------------------------------------------------------- finding what is declared */

/* The module that a qualified name points into; NULL after a report (or when it is missing). */
static Module *module_named(Check *c, Module *module, Name name, bool *broken) {
    ImportDecl *decl = table_get(c->table, &module->imports, name.text);
    if (decl) {
        decl->used = true;
        *broken = !decl->module;
        return decl->module;
    }
    *broken = true;
    if (module->broken || said_before(c, &module->imports_unknown, name.text, name.span)) {
        return NULL; /* its import may be what could not be read */
    }
    Nearest near = nearest_to(name.text);
    for (ImportDecl *i = module->imports; i; i = i->next) {
        nearest_offer(&near, i->alias.text ? i->alias.text : "");
    }
    Diag *diag = diag_report(c->diags, E0218, name.span, "no module is imported as `%s`%s",
                             name.text, did_you_mean(c, &near));
    suggest(c, diag, name.span, &near);
    said(c, &module->imports_unknown, name.text, diag);
    return NULL;
}

/* The module to look in and the name; NULL: reported, or nothing can be said. */
static Module *qname_module(Check *c, Module *module, QName name) {
    if (!name.name.text) {
        return NULL;
    }
    if (!name.module.text) {
        return module;
    }
    bool broken = false;
    return module_named(c, module, name.module, &broken);
}

TypeDecl *module_find_type(Check *c, Module *module, QName name) {
    module = qname_module(c, module, name);
    if (!module) {
        return NULL;
    }
    TypeDecl *decl = table_get(c->table, &module->types, name.name.text);
    if (decl) {
        decl->used = true;
        return decl;
    }
    if (module->broken || said_before(c, &module->types_unknown, name.name.text, name.name.span)) {
        return NULL;
    }
    Nearest near = nearest_to(name.name.text);
    for (TypeDecl *i = module->types; i; i = i->next) {
        nearest_offer(&near, i->item->name.text ? i->item->name.text : "");
    }
    for (size_t i = 0; !name.module.text && i < sizeof basic_types / sizeof *basic_types; i++) {
        nearest_offer(&near, basic_types[i]);
    }
    near.best = near.best ? near.best : synonym_of(SYNONYM_TYPE, name.name.text, 0);
    const char *advice = near.best ? NULL : synonym_advice(SYNONYM_TYPE, name.name.text);
    Diag *diag = diag_report(c->diags, E0205, name.name.span, "there is no type `%s`%s",
                             name.name.text, did_you_mean(c, &near));
    suggest(c, diag, name.name.span, &near);
    if (advice) {
        diag_help(c->diags, diag, "%s", advice);
    }
    if ((decl = near.best ? table_get(c->table, &module->types, near.best) : NULL)) {
        note_declared(c, diag, decl->item->name.span, near.best);
    }
    if (!near.best || !is_basic_type(near.best)) { /* else each is a slip of its own */
        said(c, &module->types_unknown, name.name.text, diag);
    }
    return NULL;
}

PluginDecl *module_find_plugin(Check *c, Module *module, QName name) {
    module = qname_module(c, module, name);
    if (!module) {
        return NULL;
    }
    PluginDecl *decl = table_get(c->table, &module->plugins, name.name.text);
    if (decl) {
        decl->used = true;
        return decl;
    }
    if (module->broken ||
        said_before(c, &module->plugins_unknown, name.name.text, name.name.span)) {
        return NULL;
    }
    Nearest near = nearest_to(name.name.text);
    for (PluginDecl *i = module->plugins; i; i = i->next) {
        nearest_offer(&near, i->item->name.text ? i->item->name.text : "");
    }
    Diag *diag = diag_report(c->diags, E0206, name.name.span, "there is no plugin `%s`%s",
                             name.name.text, did_you_mean(c, &near));
    suggest(c, diag, name.name.span, &near);
    if ((decl = near.best ? table_get(c->table, &module->plugins, near.best) : NULL)) {
        note_declared(c, diag, decl->item->name.span, near.best);
    }
    said(c, &module->plugins_unknown, name.name.text, diag);
    if (table_get(c->table, &module->units, name.name.text)) {
        diag_help(c->diags, diag, "`%s` is a pipeline: write `call %s`", name.name.text,
                  name.name.text);
    }
    return NULL;
}

Unit *module_find_unit(Check *c, Module *module, QName name) {
    module = qname_module(c, module, name);
    if (!module) {
        return NULL;
    }
    Unit *unit = table_get(c->table, &module->units, name.name.text);
    if (unit || module->broken ||
        said_before(c, &module->units_unknown, name.name.text, name.name.span)) {
        return unit;
    }
    Nearest near = nearest_to(name.name.text);
    for (Unit *i = module->units; i; i = i->next) {
        nearest_offer(&near, i->item->name.text ? i->item->name.text : "");
    }
    Diag *diag = diag_report(c->diags, E0210, name.name.span, "there is no pipeline `%s`%s",
                             name.name.text, did_you_mean(c, &near));
    suggest(c, diag, name.name.span, &near);
    if ((unit = near.best ? table_get(c->table, &module->units, near.best) : NULL)) {
        note_declared(c, diag, unit->item->name.span, near.best);
    }
    said(c, &module->units_unknown, name.name.text, diag);
    return NULL;
}
