/*
 * edges.c - what passes along the edges into a stage: types, gathering, conditions.
 *
 * In: a stage with its axis, all before it checked. Out: Port.gathers, Edge.fit, Edge.take.
 */
#include "check/items/items.h"
#include "model/fold.h"

#include <string.h>

/* `type` without null at the end of a path of fields; itself where the path leads nowhere. */
static const Type *type_narrowed(Check *c, const Type *type, const NameList *path) {
    const Type *record = type_required(type);
    const Field *field = path && path->name.text && record->kind == DAG_RECORD
                             ? type_field(record, path->name.text)
                             : NULL;
    if (!path) {
        return record;
    }
    const Type *narrowed = field ? type_narrowed(c, field->type, path->next) : NULL;
    if (!narrowed || narrowed == field->type) {
        return type;
    }
    Field *fields = ARENA_ARRAY(c->arena, record->nfields, Field);
    memcpy(fields, record->fields, record->nfields * sizeof *fields);
    fields[field - record->fields].type = narrowed;
    record = type_record(c->types, fields, record->nfields);
    return type_is_optional(type) ? type_of_elem(c->types, DAG_OPTIONAL, record) : record;
}

static bool is_unknown(const Expr *expr, void *self) {
    (void)self;
    return expr->kind == EXPR_BROKEN || expr->ref == REF_BROKEN ||
           (expr->type && expr->type->kind == KIND_ANY);
}

/* The type of the artifacts that pass an edge, its `where` known to hold; of one that was reported it
 * is not known what it leaves out. */
static const Type *edge_type(Check *c, const Edge *edge) {
    const Type *type = edge->from->type;
    if ((edge->hop && edge->hop->broken) ||
        (edge->where && expr_any(edge->where, is_unknown, NULL))) {
        return c->any;
    }
    if (!edge->where || type->kind == KIND_ANY) {
        return type;
    }
    const Fact *facts = condition_facts(c, edge->where, true, NULL);
    for (; facts; facts = facts->next) {
        if (facts->ref->ref == REF_SPECIAL && facts->ref->index == DAG_IT) {
            type = type_narrowed(c, type, facts->ref->u.ref.fields);
        }
    }
    return type;
}

/* ---------------------------------------------------------------- reports */

/* A list that would take the elements, in a stage that gathers nothing. */
static void help_gather(Check *c, Diag *diag, const Node *node, const Edge *edge) {
    const Axis *axis = edge->from->axis;
    const char *from = port_text(c, edge->from);
    if (node->stage->fan != DAG_SINGLE && node->stage->fan != DAG_CROSS) {
        return;
    }
    if (!axis || axis->depth == 0) {
        diag_help(c->diags, diag, "`in %s: %s = <[%s]>` makes a list of one", edge->to->name.text,
                  type_name(c, edge->to->type), from);
    } else if (axis->depth == 1) {
        diag_help(c->diags, diag, "`fan aggregate` gathers all `%s` in one list", from);
    } else {
        diag_help(c->diags, diag,
                  "`fan aggregate` gathers all `%s` in one list, `fan grouped` those of each `%s`",
                  from, port_text(c, axis_cut(axis, 1)->position));
    }
}

static bool fits(const Type *from, const Type *to) {
    bool fit = false;
    return type_assignable(from, to, &fit);
}

/* Is it a list of such? */
static bool fits_in_list(const Type *from, const Type *to) {
    const Type *list = type_required(to);
    return list->kind == DAG_LIST && fits(from, list->elem);
}

static void report_edge_type(Check *c, const Node *node, const Edge *edge, const Type *from,
                             const Type *to) {
    const char *why = type_why_not(c->types, from, to);
    bool fit = false;
    Diag *diag;
    if (type_is_optional(from) && type_assignable(type_required(from), to, &fit)) {
        diag = diag_report(c->diags, E0307, edge->span, "`%s` may be null (%s), but `%s` takes %s",
                           port_text(c, edge->from), type_name(c, from), port_text(c, edge->to),
                           type_name(c, to));
        diag_help(c->diags, diag, "leave nulls out with `where it exists`, or make the input `%s?`",
                  type_name(c, to));
    } else {
        diag = diag_report(c->diags, E0301, edge->span, "`%s` is %s, but `%s` takes %s%s%s",
                           port_text(c, edge->from), type_name(c, from), port_text(c, edge->to),
                           type_name(c, to), why ? ": " : "", why ? why : "");
    }
    diag_note(c->diags, diag, edge->from->span, "`%s` is %s", port_text(c, edge->from),
              type_name(c, from));
    diag_note(c->diags, diag, edge->to->span, "`%s` takes %s", port_text(c, edge->to),
              type_name(c, to));
    int kind = type_required(to)->kind;
    if (fits_in_list(from, to)) {
        help_gather(c, diag, node, edge);
    } else if (type_required(from)->kind == DAG_JSON) {
        diag_help(c->diags, diag,
                  "declare the output as %s: its value is checked when the stage has run",
                  type_name(c, to));
    } else if (kind == DAG_STRING && (from->kind == DAG_FILE || from->kind == DAG_DIR)) {
        diag_help(c->diags, diag, "`in %s: string = <%s | string>` takes the path",
                  edge->to->name.text, port_text(c, edge->from));
    }
}

static void report_no_list(Check *c, const Node *node, const Edge *edge, const Type *type) {
    const Port *in = edge->to;
    const char *elem = type_name(c, type);
    Diag *diag = diag_report(c->diags, E0603, in->span,
                             "`%s` is %s, but `%s` gets every `%s` at once: it must be list<%s>",
                             port_text(c, in), type_name(c, in->type), node->stage->slug.text,
                             port_text(c, edge->from), elem);
    diag_note(c->diags, diag, edge->span, "fed by a stream here");
    if (in->item && in->item->u.port.type) {
        diag_fix(c->diags, diag, false, in->item->u.port.type->span,
                 arena_printf(c->arena, "list<%s>", elem), "declare it as list<%s>", elem);
    }
}

static void report_no_stream(Check *c, const Edge *edge) {
    const Port *in = edge->to;
    const Axis *axis = edge->from->axis;
    const char *from = port_text(c, edge->from);
    const char *why =
        axis->depth == 0
            ? arena_printf(c->arena, "`%s` comes from no stream: there is one value", from)
            : arena_printf(c->arena, "a group has one `%s`: its stream lies above", from);
    Diag *diag =
        diag_report(c->diags, E0602, in->span, "`%s` is a list, but %s", port_text(c, in), why);
    diag_note(c->diags, diag, edge->span, "fed here");
    if (axis->depth > 0) {
        diag_help(c->diags, diag, "make the input a plain %s", type_name(c, edge->from->type));
        return;
    }
    diag_help(c->diags, diag, "make the output a `stream<…>`, or the input a plain %s",
              type_name(c, edge->from->type));
}

/* ---------------------------------------------------------------- how an edge arrives */

typedef enum Arrival { ARRIVES_PLAIN, ARRIVES_GATHERED, ARRIVES_BADLY } Arrival;

static Arrival arrive_gathered(Check *c, const Node *node, const Edge *edge, const Type *type) {
    if (type_required(edge->to->type)->kind != DAG_LIST) {
        report_no_list(c, node, edge, type);
        return ARRIVES_BADLY;
    }
    return ARRIVES_GATHERED;
}

/* A list that would gather, fed by something that is no stream. */
static Arrival arrive_plain(Check *c, const Edge *edge, const Type *type) {
    if (!fits(type, edge->to->type) && fits_in_list(type, edge->to->type)) {
        report_no_stream(c, edge);
        return ARRIVES_BADLY;
    }
    return ARRIVES_PLAIN;
}

static Arrival arrive_grouped(Check *c, const Node *node, const Edge *edge, const Type *type) {
    const Axis *group = node->stage->axis;
    const Axis *axis = edge->to->merge || edge->to->any ? edge->to->axis : edge->from->axis;
    if (axis->depth < group->depth) {
        return arrive_plain(c, edge, type);
    }
    if (axis->depth > group->depth) {
        return arrive_gathered(c, node, edge, type);
    }
    bool gathered = !fits(type, edge->to->type) && fits_in_list(type, edge->to->type);
    bool several = edge->to->nedges > 1 && !edge->to->merge && !edge->to->any;
    return gathered || several ? ARRIVES_GATHERED : ARRIVES_PLAIN;
}

static Arrival edge_arrival(Check *c, const Node *node, const Edge *edge, const Type *type) {
    const Port *in = edge->to;
    const Axis *axis = in->merge || in->any ? in->axis : edge->from->axis;
    switch (node->stage->fan) {
    case DAG_AGGREGATE:
        if (axis->depth) {
            return arrive_gathered(c, node, edge, type);
        }
        if (in->nedges > 1 && !in->any) {
            report_no_stream(c, edge);
            return ARRIVES_BADLY;
        }
        return arrive_plain(c, edge, type);
    case DAG_GROUPED: return arrive_grouped(c, node, edge, type);
    case DAG_SINGLE:
    case DAG_CROSS: break;
    }
    return ARRIVES_PLAIN;
}

/* Where axes are not known, anything that could be meant is right. */
static bool could_fit(const Type *from, const Type *to) {
    return fits(from, to) || fits_in_list(from, to);
}

static void edge_types(Check *c, Node *node, Edge *edge) {
    Port *in = edge->to;
    const Type *type = edge_type(c, edge);
    const Type *to = in->type;
    if (type->kind == KIND_ANY || to->kind == KIND_ANY) {
        return;
    }
    if (node->no_axis || in->crowded) {
        if (!could_fit(type, to)) {
            report_edge_type(c, node, edge, type, to);
        }
        return;
    }
    Arrival arrival = edge_arrival(c, node, edge, type);
    if (arrival == ARRIVES_BADLY) {
        in->broken = true;
        in->type = c->any;
        return;
    }
    if (arrival == ARRIVES_GATHERED) {
        in->gathers = true;
        to = type_required(to)->elem;
    }
    if (!type_assignable(type, to, &edge->fit)) {
        report_edge_type(c, node, edge, type, to);
        in->broken = true;
        in->type = c->any; /* which end is wrong is not known: its uses are right */
    }
}

/* ---------------------------------------------------------------- where, order by, take */

/* Reports a condition that is always the same; true when it is always false. */
bool condition_constant(Scope *scope, Expr *cond, const char *false_means, Diag **diag) {
    Check *c = scope->c;
    if (cond->type->kind == KIND_ANY || expr_any(cond, expr_varies, NULL) || !fold_possible(cond)) {
        return false;
    }
    const dag_value *value = expr_fold(scope, cond);
    if (!value || value->kind != DAG_BOOL) {
        return false;
    }
    if (value->u.b) {
        diag_report(c->diags, W0201, cond->span, "this condition is always true");
        return false;
    }
    *diag =
        diag_report(c->diags, E0504, cond->span, "this condition is always false: %s", false_means);
    return true;
}

static void order_by_check(Scope *scope, Edge *edge) {
    Check *c = scope->c;
    expr_resolve(scope, edge->order_by);
    const Type *type = type_required(expr_type(scope, edge->order_by, NULL));
    switch (type->kind) {
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_ENUM:
    case DAG_DURATION:
    case DAG_SIZE:
    case KIND_ANY: break;
    default:
        diag_report(c->diags, E0306, edge->order_by->span, "%s has no order to sort by",
                    type_name(c, edge->order_by->type));
    }
    bool known = scope->node && !scope->node->broken && !scope->node->no_axis && edge->from->axis;
    if (known && edge->take_all && !edge->to->gathers && !edge->to->broken && edge->to->stage) {
        Diag *diag = diag_report(c->diags, W0206, edge->order_by->span,
                                 "`order by` has no effect here: `%s` gets one artifact at a time",
                                 port_text(c, edge->to));
        diag_help(c->diags, diag, "it orders a gathered list, or says which ones `take` takes");
    }
}

static void edge_words(Check *c, Node *node, Edge *edge) {
    Scope scope = { .c = c,
                    .unit = node->unit,
                    .node = node,
                    .module = node->unit->module,
                    .place = PLACE_WHERE,
                    .it = edge->from->type };
    if (edge->where) {
        expr_resolve(&scope, edge->where);
        condition_check(&scope, edge->where);
        Diag *diag = NULL;
        const char *means = "nothing ever passes this edge";
        if (condition_constant(&scope, edge->where, means, &diag) ||
            condition_never(&scope, edge->where, edge->from, means, &diag)) {
            edge->to->broken = true;
        }
    }
    if (edge->hop && edge->hop->take) {
        scope.place = PLACE_ATTR;
        int64_t n = 0;
        expr_resolve(&scope, edge->hop->take);
        if (const_number(&scope, edge->hop->take, "take", 1, UINT32_MAX - 1, &n)) {
            edge->take = n;
        }
    }
}

/* A stage that waits for everything, to gather nothing. */
static void fan_warn(Check *c, const Node *node) {
    const Stage *stage = node->stage;
    if (stage->fan == DAG_SINGLE || stage->fan == DAG_CROSS || node->no_axis || node->broken) {
        return;
    }
    for (uint32_t i = 0; i < stage->nins; i++) {
        int kind = type_required(stage->ins[i]->type)->kind;
        if (kind == DAG_LIST || kind == KIND_ANY || stage->ins[i]->broken) {
            return;
        }
    }
    Diag *diag =
        diag_report(c->diags, W0206, node->attrs[ATTR_FAN]->span,
                    "`%s` gathers nothing: none of its inputs is a list", stage->slug.text);
    diag_help(c->diags, diag, "without `fan` it has one task for each element that comes in");
}

void edges_check(Check *c, Node *node) {
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *in = node->stage->ins[i];
        for (uint32_t k = 0; k < in->nedges; k++) {
            bool before = damage_mute(c, damage_near(c, in->edges[k]->span));
            edge_words(c, node, in->edges[k]);
            damage_restore(c, before);
            if (!in->hidden) {
                edge_types(c, node, in->edges[k]);
            }
        }
        for (uint32_t k = 0; k < in->nedges; k++) {
            if (in->edges[k]->order_by && !(in->edges[k]->hop && in->edges[k]->hop->broken)) {
                Scope scope = { .c = c,
                                .unit = node->unit,
                                .node = node,
                                .module = node->unit->module,
                                .place = PLACE_WHERE,
                                .it = in->edges[k]->from->type };
                order_by_check(&scope, in->edges[k]);
            }
        }
    }
    fan_warn(c, node);
}
