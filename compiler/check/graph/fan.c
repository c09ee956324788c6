/*
 * fan.c - axes: how many tasks a stage has, and how its inputs meet (SEMANTICS "Axes").
 *
 * In: the axes of the outputs that feed a stage. Out: the axes of its inputs, of itself and of its
 * outputs; which inputs gather lists. Stages come in topological order.
 */
#include "check/graph/shape.h"

#include <string.h>

/* ---------------------------------------------------------------- axes of inputs */

static const Axis *merge_axis(Check *c, Node *node, const Port *in) {
    const Axis *common = in->edges[0]->from->axis;
    for (uint32_t i = 1; i < in->nedges; i++) {
        common = axis_common(common, in->edges[i]->from->axis);
    }
    return axis_extend(c, node->unit, common, in);
}

static const Axis *any_axis(Check *c, Node *node, const Port *in) {
    const Axis *axis = in->edges[0]->from->axis;
    for (uint32_t i = 1; i < in->nedges && !node->no_axis; i++) {
        const Edge *edge = in->edges[i];
        if (edge->from->axis == axis) {
            continue;
        }
        Diag *diag = diag_report(c->diags, E0606, edge->span,
                                 "all edges into `any` have one axis: `%s` comes once per %s, `%s` "
                                 "once per %s",
                                 port_text(c, in->edges[0]->from), axis_text(c, axis),
                                 port_text(c, edge->from), axis_text(c, edge->from->axis));
        diag_note(c->diags, diag, in->edges[0]->span, "the first edge");
        node->no_axis = true;
    }
    return axis;
}

/* The longest, or what several edges into a list share. */
static const Axis *edges_axis(const Port *in) {
    const Axis *axis = in->edges[0]->from->axis;
    for (uint32_t i = 1; i < in->nedges; i++) {
        axis = axis_common(axis, in->edges[i]->from->axis);
    }
    return axis;
}

/* False: something that feeds the stage has no known axis. */
static bool inputs_axes(Check *c, Node *node) {
    const Axis *empty = node->unit->empty_axis;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        node->stage->ins[i]->axis = empty;
    }
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *in = node->stage->ins[i];
        if (in->nedges == 0 && !in->value && (in->broken || node->fed)) {
            return false; /* fed by a broken edge: nobody knows from where */
        }
        for (uint32_t k = 0; k < in->nedges; k++) {
            const Node *from = node_of(node->unit, in->edges[k]->from->stage);
            if (!in->edges[k]->from->axis || from->no_axis || from->cyclic) {
                return false;
            }
        }
        if (in->nedges) {
            in->axis = in->merge ? merge_axis(c, node, in)
                       : in->any ? any_axis(c, node, in)
                                 : edges_axis(in);
        }
    }
    return !node->no_axis;
}

/* ---------------------------------------------------------------- single */

static const Port *longest_input(const Stage *stage) {
    const Port *longest = NULL;
    for (uint32_t i = 0; i < stage->nins; i++) {
        if (!longest || stage->ins[i]->axis->depth > longest->axis->depth) {
            longest = stage->ins[i];
        }
    }
    return longest;
}

/* The streams behind an axis, outermost first: "`scan.item` > `split.part`". */
static const char *lineage(Check *c, const Axis *axis) {
    if (axis->depth == 0) {
        return "no stream";
    }
    const char *last = port_text(c, axis->position);
    return axis->parent->depth ? arena_printf(c->arena, "%s > `%s`", lineage(c, axis->parent), last)
                               : arena_printf(c->arena, "`%s`", last);
}

/* "pair.v"; of a reference in an expression, itself. */
static const char *input_text(Check *c, const Port *in) {
    return in->hidden ? in->name.text : port_text(c, in);
}

static const char *common_text(Check *c, const Axis *common) {
    return common->depth ? arena_printf(c->arena, "they part below %s", lineage(c, common))
                         : "they share no origin";
}

/* Reports that two inputs do not meet, in the order of the source, with the lineage of both. */
static Diag *report_apart(Check *c, Node *node, Code code, const char *what, const Port *a,
                          const Port *b) {
    if (a->index > b->index) {
        const Port *swap = a;
        a = b;
        b = swap;
    }
    Diag *diag = diag_report(c->diags, code, node->stage->slug.span,
                             "`%s` cannot %s its inputs: `%s` comes from %s, `%s` from %s: %s",
                             node->stage->slug.text, what, input_text(c, a), lineage(c, a->axis),
                             input_text(c, b), lineage(c, b->axis),
                             common_text(c, axis_common(a->axis, b->axis)));
    diag_note(c->diags, diag, a->nedges ? a->edges[0]->span : a->span, "`%s` comes once per %s",
              a->name.text, axis_text(c, a->axis));
    diag_note(c->diags, diag, b->nedges ? b->edges[0]->span : b->span, "`%s` comes once per %s",
              b->name.text, axis_text(c, b->axis));
    node->no_axis = true;
    return diag;
}

/* The modes that would do. */
static void help_unpaired(Check *c, Diag *diag, const Axis *common) {
    if (common->depth == 0) {
        diag_help(c->diags, diag,
                  "`fan cross` makes a task for each combination of them, `fan aggregate` one task "
                  "of all, with lists as inputs");
        return;
    }
    const char *by = port_text(c, common->position);
    diag_help(c->diags, diag,
              "`fan grouped%s%s` makes a task per `%s`, with lists as inputs, `fan cross` one for "
              "each combination below it",
              common->depth > 1 ? " by " : "", common->depth > 1 ? by : "", by);
}

static void report_unpaired(Check *c, Node *node, const Port *a, const Port *b) {
    Diag *diag = report_apart(c, node, E0601, "pair", a, b);
    help_unpaired(c, diag, axis_common(a->axis, b->axis));
}

static const Axis *single_axis(Check *c, Node *node) {
    const Port *longest = longest_input(node->stage);
    if (!longest) {
        return node->unit->empty_axis;
    }
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *in = node->stage->ins[i];
        if (!axis_is_prefix(in->axis, longest->axis)) {
            report_unpaired(c, node, longest, in);
            break;
        }
    }
    return longest->axis;
}

/* ---------------------------------------------------------------- cross */

/* Is it a proper prefix of another one, or equal to an earlier one? Then it adds nothing. */
static bool is_covered(const Stage *stage, uint32_t i) {
    const Axis *axis = stage->ins[i]->axis;
    for (uint32_t k = 0; k < stage->nins; k++) {
        const Axis *other = stage->ins[k]->axis;
        if (other == axis ? k < i : axis_is_prefix(axis, other)) {
            return true;
        }
    }
    return false;
}

static const Axis *add_positions(Check *c, Unit *unit, const Axis *to, const Axis *from) {
    if (from->depth == 0) {
        return to;
    }
    to = add_positions(c, unit, to, from->parent);
    for (const Axis *a = to; a->depth; a = a->parent) {
        if (a->position == from->position) {
            return to;
        }
    }
    return axis_extend(c, unit, to, from->position);
}

/* May an axis be missing for what was reported? */
static bool fed_by_broken(const Node *node) {
    bool broken = node->broken || node->no_axis;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *in = node->stage->ins[i];
        broken |= in->broken;
        for (uint32_t k = 0; k < in->nedges; k++) {
            const Node *from = node_of(node->unit, in->edges[k]->from->stage);
            broken |= from->broken || from->no_axis || in->edges[k]->from->broken;
        }
    }
    return broken;
}

static const Axis *cross_axis(Check *c, Node *node) {
    const Axis *axis = node->unit->empty_axis;
    uint32_t maximal = 0;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        if (node->stage->ins[i]->axis->depth && !is_covered(node->stage, i)) {
            axis = add_positions(c, node->unit, axis, node->stage->ins[i]->axis);
            maximal++;
        }
    }
    if (maximal < 2 && !fed_by_broken(node)) {
        diag_report(c->diags, W0206, node->attrs[ATTR_FAN]->span,
                    "`fan cross` multiplies nothing here: `%s` has one axis",
                    node->stage->slug.text);
    }
    return axis;
}

/* ---------------------------------------------------------------- grouped */

/* What it could group by: the streams that feed it. */
static void help_positions(Check *c, Diag *diag, const Node *node) {
    const char *text = "";
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        for (const Axis *a = node->stage->ins[i]->axis; a->depth; a = a->parent) {
            const char *name = arena_printf(c->arena, "`%s`", port_text(c, a->position));
            if (!strstr(text, name)) {
                text = arena_printf(c->arena, "%s%s%s", text, *text ? ", " : "", name);
            }
        }
    }
    if (*text) {
        diag_help(c->diags, diag, "it can group by the streams that feed it: %s", text);
    }
}

/* The stream output, or merge input, that `by stage.port` names. */
static const Port *by_position(Check *c, Node *node, QName by) {
    Node *from = by.module.text ? node_find(c, node->unit, by.module.text) : NULL;
    if (!from) {
        Nearest near = nearest_to(by.module.text ? by.module.text : "");
        offer_stages(c, node->unit, &near);
        Name name = by.module.text ? by.module : by.name;
        if (!said_before(c, &node->unit->regions, name.text, name.span)) {
            Diag *diag = diag_report(c->diags, E0605, name.span, "there is no stage `%s`%s",
                                     name.text, did_you_mean(c, &near));
            said(c, &node->unit->regions, name.text, diag);
        }
        return NULL;
    }
    const Port *port = port_find(c, from, by.name.text, true);
    if (port && port->stream) {
        return port;
    }
    const Port *in = port_find(c, from, by.name.text, false);
    if (in && in->merge) {
        return in;
    }
    if (!port && !in) {
        report_no_port(c, from, by.name, true);
    } else {
        Diag *diag = diag_report(c->diags, E0605, by.name.span, "`%s.%s` is no stream to group by",
                                 by.module.text, by.name.text);
        help_positions(c, diag, node);
    }
    return NULL;
}

/* The prefix of an axis that ends at the position; NULL: it is not on it. */
static const Axis *prefix_at(const Axis *axis, const Port *position) {
    while (axis->depth && axis->position != position) {
        axis = axis->parent;
    }
    return axis->depth ? axis : NULL;
}

/* Two inputs of a grouped stage do not meet; `by`: the position that it names, or NULL. */
static void report_no_origin(Check *c, Node *node, const Port *a, const Port *b, const Port *by) {
    Diag *diag = report_apart(c, node, E0604, "group", a, b);
    const Axis *common = axis_common(a->axis, b->axis);
    if (common->depth) {
        diag_help(c->diags, diag, "group by what they share: `fan grouped by %s`",
                  port_text(c, common->position));
    } else if (by) {
        diag_help(c->diags, diag,
                  "it groups by `%s`: what else feeds it must come from there, or be one value",
                  port_text(c, by));
    } else {
        help_unpaired(c, diag, common);
    }
}

static const Axis *report_no_stream(Check *c, Node *node) {
    Diag *diag = diag_report(c->diags, E0604, node->stage->slug.span,
                             "`fan grouped` needs a stream to group by: nothing that feeds `%s` "
                             "comes from one",
                             node->stage->slug.text);
    diag_note(c->diags, diag, node->attrs[ATTR_FAN]->span, "asked for here");
    diag_help(c->diags, diag,
              "without `fan` it runs once; a stream is an output of type `stream<…>`");
    node->no_axis = true;
    return node->unit->empty_axis;
}

/* With `by`: the group is the prefix that ends there, which all deeper inputs share. */
static const Axis *group_by(Check *c, Node *node, QName by) {
    const Port *position = by_position(c, node, by);
    const Axis *group = NULL;
    const Port *first = NULL;
    if (!position) {
        node->no_axis = true;
        return node->unit->empty_axis;
    }
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        const Port *in = node->stage->ins[i];
        const Axis *prefix = prefix_at(in->axis, position);
        if (prefix && !group) {
            group = prefix;
            first = in;
        } else if (prefix && prefix != group) {
            report_no_origin(c, node, first, in, position);
            return group;
        }
    }
    if (!group) {
        Diag *diag = diag_report(c->diags, E0604, node->stage->slug.span,
                                 "nothing that feeds `%s` comes from `%s`, which it groups by",
                                 node->stage->slug.text, port_text(c, position));
        help_positions(c, diag, node);
        node->no_axis = true;
        return node->unit->empty_axis;
    }
    for (uint32_t i = 0; i < node->stage->nins && !node->no_axis; i++) {
        const Port *in = node->stage->ins[i];
        if (!axis_is_prefix(in->axis, group) && !axis_is_prefix(group, in->axis)) {
            report_no_origin(c, node, first, in, position);
        }
    }
    return group;
}

static const Axis *grouped_axis(Check *c, Node *node) {
    const Item *attr = node->attrs[ATTR_FAN];
    const Axis *group = NULL;
    const Port *first = NULL;
    if (attr->u.attr.by.name.text) {
        return group_by(c, node, attr->u.attr.by);
    }
    for (uint32_t i = 0; i < node->stage->nins && !node->no_axis; i++) {
        const Port *in = node->stage->ins[i];
        if (in->axis->depth == 0) {
            continue;
        }
        const Axis *outermost = axis_cut(in->axis, 1);
        if (!group) {
            group = outermost;
            first = in;
        } else if (group != outermost) {
            report_no_origin(c, node, first, in, NULL);
        }
    }
    return group ? group : report_no_stream(c, node);
}

/* ---------------------------------------------------------------- stages */

static const Axis *stage_axis(Check *c, Node *node) {
    switch (node->stage->fan) {
    case DAG_SINGLE: return single_axis(c, node);
    case DAG_CROSS: return cross_axis(c, node);
    case DAG_GROUPED: return grouped_axis(c, node);
    case DAG_AGGREGATE: break;
    }
    return node->unit->empty_axis;
}

void fan_check(Check *c, Node *node) {
    Stage *stage = node->stage;
    stage->axis = node->unit->empty_axis;
    if (inputs_axes(c, node) && !node->cyclic) {
        stage->axis = stage_axis(c, node);
    } else {
        node->no_axis = true;
    }
    for (uint32_t i = 0; i < stage->nouts; i++) {
        Port *out = stage->outs[i];
        bool known = out->type->kind != KIND_ANY || out->stream || !out->item || out->called;
        stage->outs[i]->axis = !known ? NULL
                               : stage->outs[i]->stream
                                   ? axis_extend(c, node->unit, stage->axis, stage->outs[i])
                                   : stage->axis;
    }
}

/* ---------------------------------------------------------------- hidden inputs */

static bool gathers(const Node *node, const Axis *axis) {
    return (node->stage->fan == DAG_AGGREGATE || node->stage->fan == DAG_GROUPED) &&
           axis->depth > node->stage->axis->depth;
}

void hidden_types(Check *c, Node *node) {
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *in = node->stage->ins[i];
        if (!in->hidden) {
            continue;
        }
        in->type = in->edges[0]->from->type;
        in->gathers = !node->no_axis && gathers(node, in->axis);
        if (in->gathers) {
            in->type = type_of_elem(c->types, DAG_LIST, in->type);
        } else if (node->no_axis && (node->stage->fan != DAG_SINGLE || node->attrs[ATTR_FAN])) {
            in->type = c->any; /* a list or not: the mode is not known */
        }
    }
}
