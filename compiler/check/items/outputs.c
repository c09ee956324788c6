/*
 * outputs.c - results of a pipeline: expressions over hidden inputs, and the lists of its edges.
 *
 * In: checked stages. Out: Output.ins and types.
 */
#include "check/items/items.h"

#include <string.h>

/* ---------------------------------------------------------------- outputs */

/* An output with an axis comes as the list of all its artifacts; a bare reference may be null where
 * the output may. */
static void hidden_output_types(Check *c, Unit *unit, Output *output) {
    bool sole = output->value && output->value->kind == EXPR_REF &&
                output->value->ref == REF_STAGE && !output->value->u.ref.fields;
    for (uint32_t i = 0; i < output->nins; i++) {
        Port *in = output->ins[i];
        const Port *from = in->edges[0]->from;
        const Node *node = node_of(unit, from->stage);
        in->type = node->no_axis ? c->any : from->type;
        in->axis = from->axis ? from->axis : unit->empty_axis;
        in->gathers = in->axis->depth > 0;
        if (in->gathers) {
            in->type = type_of_elem(c->types, DAG_LIST, in->type);
        } else if (sole && type_is_optional(output->type)) {
            in->optional = true;
            in->type = type_of_elem(c->types, DAG_OPTIONAL, in->type);
        }
    }
}

/* One value is wanted of an output that has many. True: reported. */
static bool output_shape(Check *c, const Output *output) {
    const Expr *value = output->value;
    if (value->kind != EXPR_REF || value->ref != REF_STAGE || !value->u.ref.port->gathers) {
        return false;
    }
    const Port *from = value->u.ref.port->edges[0]->from;
    bool fit = false;
    if (value->u.ref.fields ? type_required(output->type)->kind == DAG_LIST
                            : !type_assignable(from->type, output->type, &fit) ||
                                  type_assignable(value->u.ref.port->type, output->type, &fit)) {
        return false;
    }
    Diag *diag = diag_report(c->diags, E0607, value->span,
                             "`%s` has one value per %s: the output `%s` must be list<%s>",
                             port_text(c, from), axis_text(c, from->axis), output->name.text,
                             type_name(c, from->type));
    if (output->item->u.port.type && !value->u.ref.fields) {
        const char *type = arena_printf(c->arena, "list<%s>", type_name(c, from->type));
        diag_fix(c->diags, diag, false, output->item->u.port.type->span, type, "declare it as %s",
                 type);
    }
    return true;
}

/* The temporary output that comes out here: itself, or handed on by gates. NULL: none. */
static const Port *temp_behind(const Unit *unit, const Port *out) {
    if (out->temp || !out->stage || !node_of(unit, out->stage)->attrs[ATTR_GATE] ||
        out->stage->nins == 0) {
        return out->temp ? out : NULL;
    }
    const Port *in = out->stage->ins[0];
    for (uint32_t i = 0; i < in->nedges; i++) {
        const Port *found = temp_behind(unit, in->edges[i]->from);
        if (found) {
            return found;
        }
    }
    return NULL;
}

/* A result stays, and so does what it is made of. */
static void refuse_temps(Check *c, const Unit *unit, const Output *output) {
    for (uint32_t i = 0; i < output->nins; i++) {
        const Port *temp = temp_behind(unit, output->ins[i]->edges[0]->from);
        if (!temp || temp->broken) {
            continue;
        }
        Diag *diag = diag_report(c->diags, E0414, output->value->span,
                                 "the output `%s` is made of `%s`, which is `temp`",
                                 output->name.text, port_text(c, temp));
        diag_note(c->diags, diag, temp->span, "deleted when its last consumer has finished");
        diag_help(c->diags, diag,
                  "leave out `temp`, or let a stage make what the pipeline gives as its result");
        return;
    }
}

static void output_check(Check *c, Unit *unit, Output *output) {
    Scope scope = {
        .c = c, .unit = unit, .module = unit->module, .place = PLACE_OUTPUT, .output = output
    };
    if (!output->value) {
        if (output->name.text && !output->item->broken && output->type->kind != KIND_ANY) {
            Diag *diag = diag_report(c->diags, E0407, output->name.span,
                                     "the output `%s` has no value", output->name.text);
            diag_help(c->diags, diag, "say where it comes from: `= <stage.port>`");
        }
        return;
    }
    hidden_output_types(c, unit, output);
    if (!output_shape(c, output)) {
        expr_expect(&scope, output->value, output->type, BOUNDARY_NONE, NULL,
                    (What){ "the output", output->name.text });
    }
    refuse_temps(c, unit, output);
}

void outputs_resolve(Check *c, Unit *unit) {
    for (uint32_t i = 0; i < unit->pipeline->noutputs; i++) {
        Output *output = unit->pipeline->outputs[i];
        Scope scope = {
            .c = c, .unit = unit, .module = unit->module, .place = PLACE_OUTPUT, .output = output
        };
        bool before = damage_mute(c, damage_near(c, output->item->span));
        expr_resolve(&scope, output->value);
        damage_restore(c, before);
    }
}

void outputs_check(Check *c, Unit *unit) {
    for (uint32_t i = 0; i < unit->pipeline->noutputs; i++) {
        Output *output = unit->pipeline->outputs[i];
        bool before = damage_mute(c, damage_near(c, output->item->span));
        output_check(c, unit, output);
        damage_restore(c, before);
    }
}
