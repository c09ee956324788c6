/*
 * wire_type.c - edges without ports, wired by type (LANGUAGE §5); inputs that nothing feeds.
 *
 * In: a stage in its turn, all before it typed. Out: Edges in place of its Wires; every input is fed,
 * or reported.
 */
#include "check/items/items.h"

#include <stdlib.h>

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
    bool unknown;    /* one of several has a type that was reported: it may not fit */
} Candidates;

static void choice_add(Check *c, Candidates *choice, Port *port) {
    choice->port = choice->n++ ? choice->port : port;
    choice->unknown |= port->type->kind == KIND_ANY;
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
    in->broken = true;
    if (choice->unknown) {
        return;
    }
    Diag *diag = diag_report(c->diags, E0403, wire->span, "`%s` (%s) could take any of %s",
                             port_text(c, in), type_name(c, in->type), choice->all);
    diag_help(c->diags, diag, "name the output: `%s -> %s`", port_text(c, choice->port),
              port_text(c, in));
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
    if (choice.n > 1 && choice.unknown) {
        node->fed = true;
    } else if (choice.n > 1) {
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
    diag_help(c->diags, diag, "draw an edge to `%s`, or give it a value in the block: `in %s = …`",
              port_text(c, first), first->name.text);
}

/* May it be the stage that an edge means by a name that there is not? Nothing else leads to it. */
static bool may_be_lost(const Node *node) {
    bool fed = node->wires != NULL;
    for (uint32_t i = 0; i < node->stage->nins && !fed; i++) {
        fed = node->stage->ins[i]->nedges > 0;
    }
    return node->unit->lost_stage && !fed;
}

static void report_unfed(Check *c, Node *node, Port *in) {
    const char *type = type_name(c, in->type);
    const Wire *wire = last_wire(node);
    if ((wire && (wire->from->broken || wire->from->no_ports)) || may_be_lost(node)) {
        return; /* the output that fits may be what could not be read */
    }
    if (wire) {
        report_unwired(c, wire, in);
    } else if (is_foreign(node, in)) {
        report_unfed_instance(c, node, in);
    } else {
        Diag *diag = diag_report(c->diags, E0401, in->span, "nothing feeds `%s`, which is %s",
                                 port_text(c, in), type);
        diag_label(c->diags, diag, "needs an edge or a value");
        if (in->bound) {
            diag_help(c->diags, diag, "draw an edge to `%s`, or give it a value with `= …`",
                      port_text(c, in));
            return;
        }
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

static int edge_order(const void *a, const void *b) {
    const Edge *x = *(Edge *const *)a, *y = *(Edge *const *)b;
    return x->span.start < y->span.start ? -1 : x->span.start > y->span.start;
}

/* Edges wired by type come after those by name: back to the order of the source. */
static void edges_settle(const Node *node) {
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        Port *in = node->stage->ins[i];
        if (in->by_type && in->nedges > 1) {
            qsort(in->edges, in->nedges, sizeof(Edge *), edge_order);
        }
    }
}

/* What would have fitted may be the one that was reported. */
static bool has_broken_input(const Node *node) {
    for (uint32_t i = 0; i < node->stage->nins; i++) {
        if (node->stage->ins[i]->broken && !node->stage->ins[i]->hidden) {
            return true;
        }
    }
    return false;
}

void wires_resolve(Check *c, Node *node) {
    bool broken = node->broken || has_broken_input(node);
    for (Wire *wire = node->wires; wire; wire = wire->next) {
        uint32_t n = wire->out ? wire_from_port(c, node, wire) : wire_inputs(c, node, wire);
        if (n == 0 && !node->no_ports && !wire->from->no_ports && !broken && !wire->from->broken) {
            report_nothing_wired(c, node, wire);
        }
    }
    edges_settle(node);
    inputs_fed(c, node);
}
