/*
 * wire.c - edges: their ends by name.
 *
 * In: the edge items of a pipeline. Out: Edges at the input ports, Orders at the stages; Wires where
 * an end has no port. An edge with a broken end still feeds, or uses, what stands at its other end.
 */
#include "check/names/names.h"

#include <string.h>

/* ---------------------------------------------------------------- adding */

/* The first edges into an input are looked through, further ones stand in the table. */
enum { LISTED_EDGES = 8 };

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
    if (to->nedges >= LISTED_EDGES) {
        table_put(c->table, to, from, edge);
    }
    to->edges[to->nedges++] = edge;
    return edge;
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
    bool gathers = node->stage->fan == DAG_AGGREGATE || node->stage->fan == DAG_GROUPED ||
                   node->no_axis; /* its fan mode may be what is broken */
    return port->merge || port->any || (gathers && (kind == DAG_LIST || kind == KIND_ANY));
}

static const Edge *edge_between(Check *c, const Port *from, const Port *to) {
    for (uint32_t i = 0; i < to->nedges && i < LISTED_EDGES; i++) {
        if (to->edges[i]->from == from) {
            return to->edges[i];
        }
    }
    return to->nedges > LISTED_EDGES ? table_get(c->table, to, from) : NULL;
}

/* May one more edge from `from` feed it? Reports if not. */
static bool edge_allowed(Check *c, const Node *node, const Port *from, Port *to, Span span) {
    const Edge *same = edge_between(c, from, to);
    if (same) {
        Diag *diag = diag_report(c->diags, E0402, span, "`%s` feeds `%s` twice", port_text(c, from),
                                 port_text(c, to));
        diag_note(c->diags, diag, same->span, "the first edge between them");
        return false;
    }
    if (to->nedges == 0 || to->broken || port_takes_many(node, to)) {
        return true;
    }
    if (node->broken) {
        to->broken = true; /* how it takes several may be what could not be read */
        return true;
    }
    Diag *diag =
        diag_report(c->diags, E0402, span, "`%s` is fed twice: by `%s` and by `%s`",
                    port_text(c, to), port_text(c, to->edges[0]->from), port_text(c, from));
    diag_note(c->diags, diag, to->edges[0]->span, "the first edge into it");
    to->crowded = true;
    if (type_required(to->type)->kind == DAG_LIST) {
        diag_help(c->diags, diag,
                  "a list gathers several edges where its stage says `fan aggregate` (all at once) "
                  "or `fan grouped` (by origin)");
    } else {
        diag_help(c->diags, diag,
                  "an input takes one edge, unless it says how: `merge`, `any`, or a list under "
                  "`fan aggregate`");
    }
    return false;
}

/* Each edge has a copy of the hop's expressions of its own: `it` may differ in type. */
static Expr *own_copy(Check *c, Hop *hop, Expr *expr) {
    return expr && hop->wired ? ast_copy_expr(c->arena, expr) : expr;
}

void hop_edge(Check *c, const Node *node, Hop *hop, Port *from, Port *to, Span span) {
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
    *meant = node_called(c, unit, near.best);
    Span declared = *meant ? (*meant)->stage->slug.span : SPAN_NONE;
    if (unit_mentions(c, unit, end->stage.text, "stage") || damage_on_line(c, declared) ||
        said_before(c, &unit->regions, end->stage.text, end->stage.span)) {
        return NULL;
    }
    if (!near.best && end_split(c, unit, end, meant)) {
        return NULL;
    }
    Diag *diag = diag_report(c->diags, E0201, end->stage.span, "there is no stage `%s`%s",
                             end->stage.text, did_you_mean(c, &near));
    suggest(c, diag, end->stage.span, &near);
    note_declared(c, diag, declared, near.best);
    said(c, &unit->regions, end->stage.text, diag);
    unit->lost_stage |= !near.best;
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
    Port *fed = to && target->port.text ? port_find(c, to, target->port.text, false) : NULL;
    if (fed) {
        fed->broken = true; /* data is meant */
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

static bool has_ports(const Endpoint *ends) {
    for (; ends; ends = ends->next) {
        if (ends->port.text) {
            return true;
        }
    }
    return false;
}

/* What belongs to the other kind of arrow. */
static void hop_words(Check *c, const Endpoint *sources, Hop *hop) {
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
        if (!has_ports(sources) && !has_ports(hop->targets)) {
            diag_fix(c->diags, diag, false, hop->arrow, "=>", "write `=>`");
            hop->order = true; /* as it is meant */
        }
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
        hop_words(c, sources, hop);
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
    for (uint32_t i = 0; i < unit->items->edges.n; i++) {
        const Item *item = unit->items->edges.items[i];
        if (i + ITEMS_AHEAD < unit->items->edges.n) {
            item_ahead(unit->items->edges.items[i + ITEMS_AHEAD]);
        }
        bool before = damage_mute(c, damage_near(c, item->span));
        edge_resolve(c, unit, item);
        damage_restore(c, before);
    }
}
