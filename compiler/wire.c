/*
 * wire.c - edges: their ends, by name or by type; what feeds each input.
 *
 * In: the edge items of a pipeline. Out: Edges at the input ports, Orders at the stages. An edge
 * with a broken end still feeds, or uses, what stands at its other end.
 */
#include "check.h"

#include <string.h>

/* ---------------------------------------------------------------- adding */

Edge *edge_add(Check *c, Port *from, Port *to, Span span) {
    Edge *edge = ARENA_NEW(c->arena, Edge);
    edge->from = from;
    edge->to = to;
    edge->take_all = true;
    edge->span = span;
    from->mentioned = true;
    if ((to->nedges & (to->nedges - 1)) == 0) { /* full: the room doubles */
        Edge **more = ARENA_ARRAY(c->arena, to->nedges ? to->nedges * 2 : 1, Edge *);
        if (to->nedges) {
            memcpy(more, to->edges, to->nedges * sizeof(Edge *));
        }
        to->edges = more;
    }
    to->edges[to->nedges++] = edge;
    return edge;
}

/* Edges wired by type come later than those before which they stand: back to the source's order. */
static void edges_settle(Port *to) {
    uint32_t i = to->nedges - 1;
    Edge *edge = to->edges[i];
    while (i > 0 && to->edges[i - 1]->span.start > edge->span.start) {
        to->edges[i] = to->edges[i - 1];
        i--;
    }
    to->edges[i] = edge;
}

static void order_add(Check *c, Node *from, Node *to, dag_on on, Span span) {
    Order *order = ARENA_NEW(c->arena, Order);
    *order = (Order){ from->stage, to->stage, on, span };
    from->ordered = true;
    Stage *stage = to->stage;
    if ((stage->norders & (stage->norders - 1)) == 0) {
        Order **more = ARENA_ARRAY(c->arena, stage->norders ? stage->norders * 2 : 1, Order *);
        if (stage->norders) {
            memcpy(more, stage->orders, stage->norders * sizeof(Order *));
        }
        stage->orders = more;
    }
    stage->orders[stage->norders++] = order;
}

bool port_takes_many(const Node *node, const Port *port) {
    int kind = type_required(port->type)->kind;
    bool gathers = node->stage->fan == DAG_AGGREGATE || node->stage->fan == DAG_GROUPED;
    return port->merge || port->any || (gathers && (kind == DAG_LIST || kind == KIND_ANY));
}

/* May one more edge from `from` feed it? Reports if not. */
static bool edge_allowed(Check *c, const Node *node, const Port *from, Port *to, Span span) {
    for (uint32_t i = 0; i < to->nedges && i < 64; i++) {
        if (to->edges[i]->from == from) {
            Diag *diag = diag_report(c->diags, E0402, span, "`%s` feeds `%s` twice",
                                     port_text(c, from), port_text(c, to));
            diag_note(c->diags, diag, to->edges[i]->span, "the first edge between them");
            return false;
        }
    }
    if (to->nedges == 0 || to->broken || port_takes_many(node, to)) {
        return true;
    }
    Diag *diag =
        diag_report(c->diags, E0402, span, "`%s` is fed twice: by `%s` and by `%s`",
                    port_text(c, to), port_text(c, to->edges[0]->from), port_text(c, from));
    diag_note(c->diags, diag, to->edges[0]->span, "the first edge into it");
    diag_help(c->diags, diag,
              "an input takes one edge, unless it says how: `merge`, `any`, or a list under "
              "`fan aggregate`");
    return false;
}

/* Each edge has a copy of the hop's expressions of its own: `it` may differ in type. */
static Expr *own_copy(Check *c, Hop *hop, Expr *expr) {
    return expr && hop->wired ? ast_copy_expr(c->arena, expr) : expr;
}

static void hop_edge(Check *c, const Node *node, Hop *hop, Port *from, Port *to, Span span) {
    from->mentioned = true;
    if (!edge_allowed(c, node, from, to, span)) {
        return;
    }
    Edge *edge = edge_add(c, from, to, span);
    edge->where = own_copy(c, hop, hop->where);
    edge->order_by = own_copy(c, hop, hop->order_by);
    edge->desc = hop->desc;
    edge->take_all = !hop->take;
    edge->hop = hop;
    hop->wired = true;
    edges_settle(to);
}

/* ---------------------------------------------------------------- ends by name */

/* `scanitem` where there is `scan.item`. True: reported. */
static bool end_split(Check *c, Unit *unit, const Endpoint *end, Node **meant) {
    const char *text = end->stage.text;
    size_t n = strlen(text);
    for (size_t i = 1; i < n && n < 256 && !end->port.text; i++) {
        const char *port = intern(c->front->names, text + i, n - i);
        Node *node = node_find(c, unit, intern(c->front->names, text, i));
        if (!node || !(port_find(c, node, port, false) || port_find(c, node, port, true))) {
            continue;
        }
        const char *both = arena_printf(c->arena, "%s.%s", node->stage->slug.text, port);
        Diag *diag = diag_report(c->diags, E0201, end->stage.span,
                                 "there is no stage `%s`; did you mean `%s`?", text, both);
        diag_fix(c->diags, diag, false, end->stage.span, both, "write `%s`", both);
        *meant = node;
        return true;
    }
    return false;
}

/* *meant: the stage that an unknown name comes nearest to. */
static Node *endpoint_node(Check *c, Unit *unit, const Endpoint *end, Node **meant) {
    *meant = NULL;
    if (!end->stage.text) {
        return NULL;
    }
    Node *node = node_find(c, unit, end->stage.text);
    if (node) {
        return node;
    }
    Nearest near = nearest_to(end->stage.text);
    offer_stages(c, unit, &near);
    *meant = near.best ? node_find(c, unit, near.best) : NULL;
    if (unit_mentions(c, unit, end->stage.text, "stage") ||
        said_before(c, &unit->regions, end->stage.text, end->stage.span)) {
        return NULL;
    }
    if (!near.best && end_split(c, unit, end, meant)) {
        return NULL;
    }
    Diag *diag = diag_report(c->diags, E0201, end->stage.span, "there is no stage `%s`%s",
                             end->stage.text, did_you_mean(c, &near));
    suggest(c, diag, end->stage.span, &near);
    said(c, &unit->regions, end->stage.text, diag);
    if (is_head(end->stage.text)) {
        diag_help(
            c->diags, diag,
            "an edge joins stages; a stage reads `%s.x` where it needs it: `in x: T = <%s.x>`",
            end->stage.text, end->stage.text);
    }
    return NULL;
}

/* What an end of a data edge turned out to be. */
typedef struct End {
    Node *node;  /* NULL: unknown */
    Node *meant; /* then the one that may be meant, or NULL */
    Port *port;  /* NULL: none named, or unknown */
    bool broken;
} End;

static End end_resolve(Check *c, Unit *unit, const Endpoint *end, bool out, bool chained) {
    End found = { 0 };
    found.node = endpoint_node(c, unit, end, &found.meant);
    found.broken = !found.node;
    if (!found.node || !end->port.text) {
        return found;
    }
    found.port = port_find(c, found.node, end->port.text, out);
    if (!found.port && !(out && chained)) {
        report_no_port(c, found.node, end->port, out);
        found.broken = true;
    }
    return found;
}

/* A broken edge feeds what it was meant to feed, and uses what it was meant to use. */
static void feed_broken(Check *c, const End *from, const End *to, const Endpoint *target) {
    Node *origin = from->node ? from->node : from->meant;
    Node *node = to->node ? to->node : to->meant;
    if (origin) {
        origin->used = true;
    }
    if (from->port) {
        from->port->mentioned = true;
    }
    if (to->port) {
        to->port->broken = true;
    } else if (node) {
        Port *port = target->port.text ? port_meant(c, node, target->port.text, false) : NULL;
        node->fed |= !port;
        if (port) {
            port->broken = true;
        }
    }
}

static void wire_add(Check *c, const End *from, const End *to, Hop *hop, Span span) {
    Wire *wire = ARENA_NEW(c->arena, Wire);
    *wire = (Wire){ from->node, from->port, to->port, hop, span, NULL };
    *to->node->last_wire = wire;
    to->node->last_wire = &wire->next;
    to->node->unit->wired = true;
}

static void data_hop(Check *c, Unit *unit, const Endpoint *source, bool chained, Hop *hop,
                     const Endpoint *target) {
    End from = end_resolve(c, unit, source, true, chained);
    End to = end_resolve(c, unit, target, false, false);
    Span span = span_join(source->span, target->span);
    if (chained || source->span.file != target->span.file) {
        span = span_join(hop->arrow, target->span);
    }
    if (from.node) {
        from.node->used = true;
    }
    if (from.broken || to.broken) {
        feed_broken(c, &from, &to, target);
    } else if (from.port && to.port) {
        hop_edge(c, to.node, hop, from.port, to.port, span);
    } else {
        wire_add(c, &from, &to, hop, span);
    }
}

static bool order_condition(Check *c, const Hop *hop, dag_on *on) {
    *on = DAG_ON_SUCCESS;
    if (!hop->on.text || strcmp(hop->on.text, "success") == 0) {
        return true;
    }
    if (strcmp(hop->on.text, "failure") == 0) {
        *on = DAG_ON_FAILURE;
        return true;
    }
    if (strcmp(hop->on.text, "always") == 0) {
        *on = DAG_ON_ALWAYS;
        return true;
    }
    Nearest near = nearest_to(hop->on.text);
    nearest_offer(&near, "success");
    nearest_offer(&near, "failure");
    nearest_offer(&near, "always");
    Diag *diag =
        diag_report(c->diags, E0705, hop->on.span, "`%s` is none of success, failure and always%s",
                    hop->on.text, did_you_mean(c, &near));
    suggest(c, diag, hop->on.span, &near);
    return false;
}

static void report_order_port(Check *c, const Endpoint *end, const Hop *hop) {
    Diag *diag =
        diag_report(c->diags, E0405, end->port.span, "`=>` orders stages: it takes no port");
    diag_fix(c->diags, diag, false, hop->arrow, "->", "write `->` to pass `%s` on", end->port.text);
}

static void order_hop(Check *c, Unit *unit, const Endpoint *source, bool chained, Hop *hop,
                      const Endpoint *target) {
    Node *meant = NULL;
    Node *from = endpoint_node(c, unit, source, &meant);
    if (meant) {
        meant->ordered = true;
    }
    Node *to = endpoint_node(c, unit, target, &meant);
    dag_on on = DAG_ON_SUCCESS;
    if (source->port.text && !chained) {
        report_order_port(c, source, hop);
    } else if (target->port.text) {
        report_order_port(c, target, hop);
    }
    if (from) {
        from->ordered = true;
    }
    if (order_condition(c, hop, &on) && from && to) {
        Span span =
            chained ? span_join(hop->arrow, target->span) : span_join(source->span, target->span);
        order_add(c, from, to, on, span);
    }
}

/* What belongs to the other kind of arrow. */
static void hop_words(Check *c, const Hop *hop) {
    if (hop->order && (hop->where || hop->order_by || hop->take)) {
        const Expr *what = hop->where ? hop->where : hop->order_by ? hop->order_by : hop->take;
        Diag *diag = diag_report(c->diags, E0406, what->span,
                                 "`%s` chooses artifacts: it belongs to `->`, not to `=>`",
                                 hop->where      ? "where"
                                 : hop->order_by ? "order by"
                                                 : "take");
        if (hop->where) {
            diag_help(c->diags, diag, "a stage that runs under a condition says `when …` itself");
        }
    }
    if (!hop->order && hop->on.text) {
        Diag *diag = diag_report(c->diags, E0406, hop->on.span,
                                 "`on %s` belongs to `=>`, which orders stages", hop->on.text);
        diag_help(c->diags, diag, "a data edge passes on what its stage has made");
    }
}

/* An arrow without a target: what it leads to is unknown. */
static void hop_lost(Check *c, Unit *unit, const Endpoint *sources, const Hop *hop) {
    unit->lost_edge = true;
    for (; sources; sources = sources->next) {
        Node *meant = NULL;
        Node *node = endpoint_node(c, unit, sources, &meant);
        if (node) {
            node->used = true;
            node->ordered |= hop->order;
        }
    }
}

static void edge_resolve(Check *c, Unit *unit, const Item *item) {
    const Endpoint *sources = item->u.edge.from;
    bool chained = false;
    for (Hop *hop = item->u.edge.hops; hop; hop = hop->next) {
        hop_words(c, hop);
        if (!hop->targets) {
            hop_lost(c, unit, sources, hop);
            return;
        }
        for (const Endpoint *source = sources; source; source = source->next) {
            for (const Endpoint *target = hop->targets; target; target = target->next) {
                if (hop->order) {
                    order_hop(c, unit, source, chained, hop, target);
                } else {
                    data_hop(c, unit, source, chained, hop, target);
                }
            }
        }
        sources = hop->targets;
        chained = true;
    }
}

void edges_resolve(Check *c, Unit *unit) {
    for (const Item *item = unit->item->u.pipeline.items; item; item = item->next) {
        if (item->kind == ITEM_EDGE) {
            bool before = damage_mute(c, damage_near(c, item->span));
            edge_resolve(c, unit, item);
            damage_mute(c, before);
        }
    }
}

/* ---------------------------------------------------------------- ends by type */

/* Would an output of that type fit the input, as one value or as an element of a gathered list? */
static bool output_fits(const Node *node, const Port *out, const Port *in) {
    bool fit = false;
    if (out->type->kind == KIND_ANY || in->type->kind == KIND_ANY) {
        return true;
    }
    if (type_mentions(in->type, KIND_VAR)) {
        return true;
    }
    if (type_assignable(out->type, in->type, &fit)) {
        return true;
    }
    bool gathers = node->stage->fan == DAG_AGGREGATE || node->stage->fan == DAG_GROUPED;
    const Type *list = type_required(in->type);
    return gathers && list->kind == DAG_LIST && type_assignable(out->type, list->elem, &fit);
}

typedef struct Candidates {
    Port *port;
    uint32_t n;
    const char *all; /* "`a.x`, `a.y`" */
} Candidates;

static void choice_add(Check *c, Candidates *choice, Port *port) {
    choice->port = choice->n++ ? choice->port : port;
    if (choice->n <= 8) {
        choice->all =
            arena_printf(c->arena, "%s%s`%s` (%s)", choice->all ? choice->all : "",
                         choice->all ? ", " : "", port_text(c, port), type_name(c, port->type));
    }
}

static Candidates fitting_outputs(Check *c, const Node *node, const Wire *wire, const Port *in) {
    Candidates choice = { 0 };
    Stage *from = wire->from->stage;
    for (uint32_t i = 0; i < from->nouts; i++) {
        if ((!wire->out || wire->out == from->outs[i]) && output_fits(node, from->outs[i], in)) {
            choice_add(c, &choice, from->outs[i]);
        }
    }
    return choice;
}

/* "`a.x` (int), …": of inputs, those that nothing feeds yet. */
static const char *ports_list(Check *c, Port *const *ports, uint32_t n) {
    const char *all = "";
    for (uint32_t i = 0, listed = 0; i < n && listed < 8; i++) {
        if (!ports[i]->hidden && (ports[i]->out || !ports[i]->nedges)) {
            listed++;
            all = arena_printf(c->arena, "%s%s`%s` (%s)", all, *all ? ", " : "",
                               port_text(c, ports[i]), type_name(c, ports[i]->type));
        }
    }
    return *all ? all : "none";
}

static void report_ambiguous(Check *c, const Wire *wire, Port *in, const Candidates *choice) {
    Diag *diag = diag_report(c->diags, E0403, wire->span, "`%s` (%s) could take any of %s",
                             port_text(c, in), type_name(c, in->type), choice->all);
    diag_help(c->diags, diag, "name the output: `%s -> %s`", port_text(c, choice->port),
              port_text(c, in));
    in->broken = true;
}

static void report_nothing_wired(Check *c, Node *node, const Wire *wire) {
    const char *from = wire->from->stage->slug.text;
    const char *to = node->stage->slug.text;
    Diag *diag =
        diag_report(c->diags, E0403, wire->span,
                    wire->in ? "no output of `%s` fits `%s.%s`"
                             : "no output of `%s` fits an input of `%s` that is not fed yet",
                    from, to, wire->in ? wire->in->name.text : "");
    diag_help(c->diags, diag, "outputs: %s",
              ports_list(c, wire->from->stage->outs, wire->from->stage->nouts));
    diag_help(c->diags, diag, "inputs: %s", ports_list(c, node->stage->ins, node->stage->nins));
    if (wire->from->stage->nouts == 0 && !wire->out && !wire->in) {
        diag_fix(c->diags, diag, false, wire->hop->arrow, "=>",
                 "write `=>` to let `%s` wait for `%s`", to, from);
    }
    node->fed = true;
}

/* Inputs that a wire may feed: not fed by name, nor by their value. */
static bool is_open(const Node *node, const Port *in) {
    if (in->hidden || in->broken || in->value_refers) {
        return false;
    }
    return in->nedges == 0 || (in->by_type && port_takes_many(node, in));
}

/* `a.p -> b`: the one input that p fits. */
static uint32_t wire_from_port(Check *c, Node *node, Wire *wire) {
    Candidates choice = { 0 };
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *in = node->stage->ins[i];
        if (is_open(node, in) && output_fits(node, wire->out, in)) {
            choice_add(c, &choice, in);
        }
    }
    if (choice.n > 1) {
        Diag *diag =
            diag_report(c->diags, E0403, wire->span, "`%s` (%s) could feed any of %s",
                        port_text(c, wire->out), type_name(c, wire->out->type), choice.all);
        diag_help(c->diags, diag, "name the input: `%s -> %s`", port_text(c, wire->out),
                  port_text(c, choice.port));
        node->fed = true;
    } else if (choice.n == 1) {
        choice.port->by_type = true;
        hop_edge(c, node, wire->hop, wire->out, choice.port, wire->span);
    }
    return choice.n;
}

/* Every open input takes the one output that fits. */
static uint32_t wire_inputs(Check *c, Node *node, Wire *wire) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *in = node->stage->ins[i];
        if (wire->in ? wire->in != in : !is_open(node, in)) {
            continue;
        }
        Candidates choice = fitting_outputs(c, node, wire, in);
        n += choice.n;
        if (choice.n > 1) {
            report_ambiguous(c, wire, in, &choice);
        } else if (choice.n == 1) {
            in->by_type = true;
            hop_edge(c, node, wire->hop, choice.port, in, wire->span);
        }
    }
    return n;
}

/* ---------------------------------------------------------------- what feeds nothing */

/* Is it written in the stage's plugin or the pipeline that it calls? */
static bool is_foreign(const Node *node, const Port *in) {
    Span own = node->item->span;
    return in->item->span.file != own.file || in->item->span.start < own.start ||
           in->item->span.end > own.end;
}

static bool is_fed(const Node *node, const Port *in) {
    return in->nedges || in->value || in->hidden || in->broken || node->fed || in->optional ||
           type_is_optional(in->type) || in->type->kind == KIND_ANY;
}

/* With edges by type into the stage, the last of them is the one that should have fed it. */
static const Wire *last_wire(const Node *node) {
    const Wire *last = node->wires;
    while (last && last->next) {
        last = last->next;
    }
    return last && !last->in && !last->out ? last : NULL;
}

static void report_unwired(Check *c, const Wire *wire, const Port *in) {
    Diag *diag =
        diag_report(c->diags, E0403, wire->span, "no output of `%s` fits `%s`, which is %s",
                    wire->from->stage->slug.text, port_text(c, in), type_name(c, in->type));
    diag_help(c->diags, diag, "outputs: %s",
              ports_list(c, wire->from->stage->outs, wire->from->stage->nouts));
    diag_note(c->diags, diag, in->span, "this input is not fed");
}

/* Inputs that the stage does not write itself are all reported in one, at the stage. */
static void report_unfed_instance(Check *c, Node *node, const Port *first) {
    const char *all = "";
    uint32_t n = 0;
    Diag *diag;
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *in = node->stage->ins[i];
        if (is_fed(node, in) || !is_foreign(node, in)) {
            continue;
        }
        all = arena_printf(c->arena, "%s%s`%s` (%s)", all, n++ ? ", " : "", in->name.text,
                           type_name(c, in->type));
        in->broken = in != first;
    }
    diag =
        diag_report(c->diags, E0401, node->stage->slug.span, "nothing feeds the input%s %s of `%s`",
                    n == 1 ? "" : "s", all, node->stage->slug.text);
    diag_note(c->diags, diag, first->item->name.span, "declared here");
    diag_help(c->diags, diag, "draw an edge to `%s`", port_text(c, first));
}

static void report_unfed(Check *c, Node *node, Port *in) {
    const char *type = type_name(c, in->type);
    const Wire *wire = last_wire(node);
    if (wire) {
        report_unwired(c, wire, in);
    } else if (is_foreign(node, in)) {
        report_unfed_instance(c, node, in);
    } else {
        Diag *diag = diag_report(c->diags, E0401, in->span, "nothing feeds `%s`, which is %s",
                                 port_text(c, in), type);
        diag_label(c->diags, diag, "needs an edge or a value");
        diag_help(c->diags, diag,
                  "draw an edge to `%s`, give it a value with `= …`, or make it optional: `%s?`",
                  port_text(c, in), type);
    }
}

static void inputs_fed(Check *c, Node *node) {
    for (uint32_t i = 0; i < node->stage->nins && !node->phantom; i++) {
        Port *in = node->stage->ins[i];
        if (is_fed(node, in)) {
            continue;
        }
        if (!node->no_ports && !unit_feeds(c, node->unit, node->stage->slug.text, in->name.text)) {
            report_unfed(c, node, in);
        }
        in->broken = true;
    }
}

void wires_resolve(Check *c, Node *node) {
    for (Wire *wire = node->wires; wire; wire = wire->next) {
        uint32_t n = wire->out ? wire_from_port(c, node, wire) : wire_inputs(c, node, wire);
        if (n == 0 && !node->no_ports && !wire->from->no_ports && !node->broken &&
            !wire->from->broken) {
            report_nothing_wired(c, node, wire);
        }
    }
    inputs_fed(c, node);
}
