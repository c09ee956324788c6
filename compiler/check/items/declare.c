/*
 * declare.c - what a pipeline shows to the outside: inputs, configs, outputs; their types and values.
 */
#include "check/items/items.h"
#include "model/fold.h"
#include "pure/value.h"

#include <string.h>

/* ---------------------------------------------------------------- names and types */

typedef struct Counts {
    uint32_t inputs, configs, outputs;
} Counts;

static Counts count_ports(const Unit *unit) {
    Counts n = { 0 };
    for (uint32_t i = 0; i < unit->items->others.n; i++) {
        const Item *item = unit->items->others.items[i];
        if (item->kind == ITEM_PORT) {
            n.inputs += item->u.port.kind == PORT_INPUT;
            n.configs += item->u.port.kind == PORT_CONFIG;
            n.outputs += item->u.port.kind == PORT_OUTPUT;
        }
    }
    return n;
}

/* Those of a pipeline that has no text, or whose block could not be read, are sorted here. */
static const SortedItems *sorted_items(Check *c, Item *pipeline) {
    if (pipeline->u.pipeline.sorted) {
        return pipeline->u.pipeline.sorted;
    }
    SortedItems *sorted = ARENA_NEW(c->arena, SortedItems);
    for (Item *item = pipeline->u.pipeline.items; item; item = item->next) {
        item_sort(c->arena, sorted, item);
    }
    return sorted;
}

static void declare_input(Check *c, Unit *unit, Item *item) {
    Pipeline *p = unit->pipeline;
    RunInput *input = ARENA_NEW(c->arena, RunInput);
    *input = (RunInput){ item->name, type_resolve(c, unit->module, NULL, item->u.port.type, false),
                         item->u.port.value, item->u.port.where, item };
    InputDecl *decl = &unit->inputs[p->ninputs];
    decl->input = input;
    p->inputs[p->ninputs++] = input;
    if (!item->name.text) {
        return;
    }
    InputDecl *first = table_add(c->table, &unit->inputs, item->name.text, decl);
    if (first) {
        report_duplicate(c, "input", item->name, first->input->name.span);
    }
}

static void declare_config(Check *c, Unit *unit, Item *item) {
    ConfigDecl *decl = &unit->configs[unit->nconfigs++];
    decl->item = item;
    decl->type = type_resolve(c, unit->module, NULL, item->u.port.type, false);
    if (type_mentions(decl->type, DAG_SECRET)) {
        Diag *diag = diag_report(c->diags, E0317, item->u.port.type->span,
                                 "a config is written into the compiled pipeline and cannot be "
                                 "secret");
        diag_help(c->diags, diag, "declare it as an `input`");
        decl->type = c->any;
    }
    if (!item->name.text) {
        return;
    }
    ConfigDecl *first = table_add(c->table, &unit->configs, item->name.text, decl);
    if (first) {
        report_duplicate(c, "config", item->name, first->item->name.span);
    }
}

static void declare_output(Check *c, Unit *unit, Item *item) {
    Pipeline *p = unit->pipeline;
    Output *output = ARENA_NEW(c->arena, Output);
    output->name = item->name;
    output->type = type_resolve(c, unit->module, NULL, item->u.port.type, false);
    output->value = item->u.port.value;
    output->item = item;
    p->outputs[p->noutputs++] = output;
    if (type_mentions(output->type, DAG_SECRET)) {
        diag_report(c->diags, E0317, item->u.port.type->span,
                    "the outputs of a pipeline are printed: a secret cannot be one");
        output->type = c->any;
    }
    if (!item->name.text) {
        return;
    }
    Output *first = table_add(c->table, &unit->pipeline->outputs, item->name.text, output);
    if (first) {
        report_duplicate(c, "output", item->name, first->name.span);
    }
}

void unit_declare(Check *c, Unit *unit) {
    Pipeline *p = ARENA_NEW(c->arena, Pipeline);
    unit->items = sorted_items(c, unit->item);
    Counts n = count_ports(unit);
    unit->pipeline = p;
    p->name = unit->item->name;
    p->item = unit->item;
    p->source = unit->module->file->source;
    p->inputs = ARENA_ARRAY(c->arena, n.inputs, RunInput *);
    p->outputs = ARENA_ARRAY(c->arena, n.outputs, Output *);
    unit->inputs = ARENA_ARRAY(c->arena, n.inputs, InputDecl);
    unit->configs = ARENA_ARRAY(c->arena, n.configs, ConfigDecl);
    for (uint32_t i = 0; i < unit->items->others.n; i++) {
        Item *item = unit->items->others.items[i];
        if (item->kind != ITEM_PORT) {
            continue;
        }
        switch (item->u.port.kind) {
        case PORT_INPUT: declare_input(c, unit, item); break;
        case PORT_CONFIG: declare_config(c, unit, item); break;
        case PORT_OUTPUT: declare_output(c, unit, item); break;
        case PORT_IN:
        case PORT_OUT:
        case PORT_PARAM: /* misplaced: reported by the parser */ break;
        }
    }
}

/* ---------------------------------------------------------------- configs: their values */

static Define *define_of(Check *c, const Unit *unit, const ConfigDecl *decl) {
    if (!unit->main || !decl->item->name.text) {
        return NULL;
    }
    for (size_t i = c->front->ndefines; i-- > 0;) { /* the last one holds */
        if (intern(c->front->names, c->front->defines[i].name, strlen(c->front->defines[i].name)) ==
            decl->item->name.text) {
            return &c->front->defines[i];
        }
    }
    return NULL;
}

/* Text for scalars, JSON for everything else. */
static bool define_read(Check *c, const Define *define, const Type *type, dag_value *value,
                        dag_error *error) {
    size_t n = strlen(define->value);
    switch (type_required(type)->kind) {
    case DAG_LIST:
    case DAG_MAP:
    case DAG_RECORD:
    case DAG_JSON: return value_from_json(c->arena, define->value, n, value, error);
    default: *value = value_text(DAG_STRING, define->value, n); return true;
    }
}

static const dag_value *define_value(Check *c, Define *define, const ConfigDecl *decl) {
    dag_value *value = ARENA_NEW(c->arena, dag_value);
    dag_error error = { 0 };
    define->used = true;
    if (decl->type == c->any) {
        return NULL;
    }
    if (define_read(c, define, decl->type, value, &error) &&
        fold_fit(c->front, c->types, decl->type, value, &error)) {
        return value;
    }
    Diag *diag = diag_report(c->diags, E0902, decl->item->name.span,
                             "-D %s=%s does not fit `%s`, which is %s", define->name, define->value,
                             define->name, type_name(c, decl->type));
    if (error.message) {
        bool whole = strncmp(error.message, "$: ", 3) == 0; /* a place only inside of JSON */
        diag_help(c->diags, diag, "%s", error.message + (whole ? 3 : 0));
    }
    return NULL;
}

/* Marks every earlier -D of the same name as used too. */
static void defines_mark(Check *c, const char *name) {
    for (size_t i = 0; i < c->front->ndefines; i++) {
        c->front->defines[i].used |= strcmp(c->front->defines[i].name, name) == 0;
    }
}

static const dag_value *config_value(Scope *scope, const ConfigDecl *decl) {
    Expr *value = decl->item->u.port.value;
    What what = { "the config", decl->item->name.text };
    expr_resolve(scope, value);
    if (!expr_expect(scope, value, decl->type, BOUNDARY_NONE, NULL, what)) {
        return NULL;
    }
    return expr_fold(scope, value);
}

Diag *config_missing(Check *c, const ConfigDecl *decl) {
    if (decl->item->u.port.value || !decl->item->name.text || decl->type == c->any || decl->value) {
        return NULL;
    }
    Diag *diag = diag_report(c->diags, E0412, decl->item->name.span, "the config `%s` has no value",
                             decl->item->name.text);
    diag_help(c->diags, diag, "give it one with `= …`, or with -D %s=… when compiling",
              decl->item->name.text);
    return diag;
}

static void config_check(Check *c, Unit *unit, uint32_t i) {
    ConfigDecl *decl = &unit->configs[i];
    Scope scope = {
        .c = c, .unit = unit, .module = unit->module, .place = PLACE_CONFIG, .config = i
    };
    if (decl->item->u.port.value) {
        decl->value = config_value(&scope, decl);
    }
    Define *define = define_of(c, unit, decl);
    if (define) {
        defines_mark(c, define->name);
        decl->value = define_value(c, define, decl);
    } else if (!decl->item->u.port.value && decl->type->kind == DAG_OPTIONAL) {
        dag_value *null = ARENA_NEW(c->arena, dag_value);
        decl->value = null;
    } else if (unit->main) {
        config_missing(c, decl);
    }
}

/* ---------------------------------------------------------------- run inputs */

/* A default that the input's own condition refuses. */
static void default_check(Scope *scope, const RunInput *input) {
    Check *c = scope->c;
    const dag_value *value = input->value ? expr_fold(scope, input->value) : NULL;
    dag_error error = { 0 };
    if (!value || value->kind == DAG_NULL || !input->where ||
        !fold_possible_with_it(input->where)) {
        return;
    }
    const dag_value *holds = fold_expr(c->front, c->types, input->where, value, &error);
    if (holds && holds->kind == DAG_BOOL && !holds->u.b) {
        Diag *diag =
            diag_report(c->diags, E0410, input->value->span,
                        "the default of `%s` does not meet its own condition", input->name.text);
        diag_note(c->diags, diag, input->where->span, "which is this");
    }
}

static void input_check(Check *c, Unit *unit, RunInput *input) {
    Scope scope = { .c = c, .unit = unit, .module = unit->module, .place = PLACE_INPUT };
    bool ok = input->name.text;
    uint32_t before = diags_mistakes(c->diags);
    if (input->value) {
        expr_resolve(&scope, input->value);
        ok &= expr_expect(&scope, input->value, input->type, BOUNDARY_OUTPUT, NULL,
                          (What){ "the input", input->name.text });
    }
    if (input->where) {
        scope.place = PLACE_INPUT_WHERE;
        scope.it = type_required(input->type); /* null is never asked */
        expr_resolve(&scope, input->where);
        condition_check(&scope, input->where);
        Diag *diag = NULL;
        ok &= !condition_constant(&scope, input->where, "no value is accepted", &diag) &&
              !condition_never(&scope, input->where, input, "no value is accepted", &diag);
    }
    if (ok && before == diags_mistakes(c->diags)) {
        default_check(&scope, input);
    }
}

void inputs_check(Check *c, Unit *unit) {
    for (uint32_t i = 0; i < unit->nconfigs; i++) {
        bool before = damage_mute(c, damage_near(c, unit->configs[i].item->span));
        config_check(c, unit, i);
        damage_restore(c, before);
    }
    for (uint32_t i = 0; i < unit->pipeline->ninputs; i++) {
        RunInput *input = unit->pipeline->inputs[i];
        bool before = damage_mute(c, damage_near(c, input->item->span));
        input_check(c, unit, input);
        damage_restore(c, before);
    }
}
