/*
 * gates.c - what the dependencies between stages imply: which results can be reused, which stages
 * can never run.
 *
 * In: the checked stages and Unit.links. Out: Stage.flags; errors of classes 6 and 8.
 */
#include "check/graph/shape.h"

/* ---------------------------------------------------------------- reuse of results */

/* Is it only expressions? Those are as cacheable as what they read. */
static bool is_expression(const Node *node) {
    return !node->stage->body;
}

static const Link *tainted_link(const Unit *unit, const Node *node, bool orders) {
    const Links *links = &unit->links;
    uint32_t id = node->stage->id;
    for (uint32_t i = links->in_first[id]; i < links->in_first[id + 1]; i++) {
        const Link *link = &links->all[i];
        bool counts = link->kind == LINK_DATA || (link->kind == LINK_ORDER && orders);
        if (counts && unit->nodes[link->from].taints) {
            return link;
        }
    }
    return NULL;
}

/* The stage where it began, by the chain of quietly uncacheable ones. */
static void note_chain(Check *c, Diag *diag, const Unit *unit, const Node *from) {
    for (int i = 0; i < 8; i++) {
        const char *slug = from->stage->slug.text;
        const Link *link = from->says_uncacheable ? NULL : tainted_link(unit, from, true);
        if (from->says_uncacheable) {
            diag_note(c->diags, diag, from->attrs[ATTR_UNCACHEABLE]->span,
                      "`%s` says that it is uncacheable", slug);
        } else if (from->impure) {
            diag_note(c->diags, diag, from->impure->span,
                      "`%s` is uncacheable: this differs from run to run", slug);
        } else if (link && !from->starts_taint) {
            diag_note(c->diags, diag, link_span(link), "`%s` is uncacheable because of `%s`", slug,
                      unit->nodes[link->from].stage->slug.text);
            from = &unit->nodes[link->from];
            continue;
        } else {
            diag_note(c->diags, diag, from->stage->slug.span,
                      "`%s` is uncacheable: neither it nor the pipeline says `cacheable`", slug);
        }
        return;
    }
}

static void report_cacheable(Check *c, const Unit *unit, const Node *node, const Link *link) {
    const char *slug = node->stage->slug.text;
    if (!link) {
        Diag *diag = diag_report(c->diags, E0502, node->impure->span,
                                 "`%s` cannot be cacheable: `%s` differs from run to run", slug,
                                 expr_source(c, node->impure));
        diag_note(c->diags, diag, node->attrs[ATTR_CACHEABLE]->span, "said here");
        return;
    }
    const Node *from = &unit->nodes[link->from];
    Diag *diag = diag_report(c->diags, E0502, link_span(link),
                             "`%s` is cacheable, but depends on `%s`, which is not", slug,
                             from->stage->slug.text);
    diag_note(c->diags, diag, node->attrs[ATTR_CACHEABLE]->span, "`%s` says it here", slug);
    note_chain(c, diag, unit, from);
    diag_help(c->diags, diag, "make `%s` cacheable too, or take `cacheable` away from `%s`",
              from->stage->slug.text, slug);
}

static void node_cache(Check *c, const Unit *unit, Node *node) {
    bool expression = is_expression(node);
    const Link *link =
        node->cyclic ? NULL : tainted_link(unit, node, !expression || node->says_cacheable);
    bool held_back = link || node->impure;
    if (node->says_cacheable) {
        if (held_back && !node->cyclic) {
            report_cacheable(c, unit, node, node->impure ? NULL : link);
        }
        node->cacheable = true;
        return;
    }
    node->starts_taint =
        node->says_uncacheable || node->impure || (!expression && !unit->pipeline->cacheable);
    node->cacheable = !held_back && !node->starts_taint;
    node->taints = !node->cacheable && !node->cyclic;
}

void cache_check(Check *c, Unit *unit) {
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        Node *node = unit->order[i];
        node_cache(c, unit, node);
        if (node->cacheable && !is_expression(node)) {
            node->stage->flags |= DAG_STAGE_CACHEABLE;
        }
    }
}

/* ---------------------------------------------------------------- stages that can never run */

typedef struct Reach {
    const Unit *unit;
    bool *loose;    /* by node: it may be filtered instead of skipped */
    bool *filtered; /* by node that never runs: it is always filtered */
    uint32_t *via,
        *over;          /* by node that `needs` (the search ahead) found: the link to (by); all[] */
    uint32_t *position; /* by node: its place in the topological order */
    uint32_t *ahead, *behind; /* by node: number of the search (`visit`) that came by */
    bool *needs;              /* by node that `behind` knows: it needs the origin */
    const Port **choice; /* by such a node: the input all of whose ways need it; NULL: a link */
    uint32_t *queue;
    struct Frame *stack;
    uint32_t search;
    uint32_t
        visit; /* of `behind`: searches for one origin share what they found not to lead there */
    uint64_t budget; /* links that may still be followed: beyond, nothing more is found */
} Reach;

/* Does an input do without what comes along one of its edges? A list does not, default or not,
 * unless its elements may be null. */
static bool does_without(const Port *in) {
    if (in->gathers) {
        const Type *list = type_required(in->type);
        return list->kind == DAG_LIST && type_is_optional(list->elem);
    }
    return in->optional || ((in->any || in->merge) && in->nedges > 1);
}

/* Does the target run only if the origin has succeeded? What is filtered lets an order edge hold,
 * and is left out of a list; a plain input has nothing then either. */
static bool needs_success(const Link *link, bool loose) {
    if (link->kind == LINK_ORDER) {
        return link->order->on == DAG_ON_SUCCESS && !loose;
    }
    return link->kind == LINK_DATA && !does_without(link->edge->to) &&
           !(loose && link->edge->to->gathers);
}

/* May something that feeds the stage be filtered, or come from a stream that is empty? */
static bool fed_loosely(const Reach *r, const Stage *stage) {
    for (uint32_t i = 0; i < stage->nins; i++) {
        for (uint32_t k = 0; k < stage->ins[i]->nedges; k++) {
            const Edge *edge = stage->ins[i]->edges[k];
            const Stage *from = edge->from->stage;
            if (edge->where || !edge->take_all || !edge->from->axis || edge->from->axis->depth ||
                from->when || (from->flags & DAG_STAGE_GATE) != 0 || r->loose[from->id]) {
                return true;
            }
        }
    }
    return false;
}

static bool is_loose(const Reach *r, const Node *node) {
    return node->never || (node->stage->flags & DAG_STAGE_OFF) != 0 || fed_loosely(r, node->stage);
}

/* An input that takes one of several ways, and nothing instead of all of them. */
static bool is_choice(const Port *in) {
    return (in->any || in->merge) && in->nedges > 1 && !in->optional && !in->broken;
}

static bool needs_failure(const Link *link) {
    return link->kind == LINK_ORDER && link->order->on == DAG_ON_FAILURE;
}

/* Where the search stands at a stage: what it asks next. */
typedef struct Frame {
    uint32_t node, link, in, edge;
} Frame;

typedef enum Verdict { VERDICT_OPEN, VERDICT_NO, VERDICT_YES } Verdict;

static Verdict verdict(const Reach *r, uint32_t node, uint32_t origin) {
    if (node == origin) {
        return VERDICT_YES;
    }
    if (r->position[node] < r->position[origin] || r->budget == 0) {
        return VERDICT_NO;
    }
    if (r->behind[node] != r->visit) {
        return VERDICT_OPEN;
    }
    return r->needs[node] ? VERDICT_YES : VERDICT_NO;
}

/* Does one of the links into the stage demand it? *ask: what must be known first. */
static Verdict ask_links(Reach *r, Frame *f, uint32_t origin, uint32_t *ask) {
    const Links *links = &r->unit->links;
    for (; f->link < links->in_first[f->node + 1]; f->link++) {
        const Link *link = &links->all[f->link];
        if (!needs_success(link, link->from != origin && r->loose[link->from])) {
            continue;
        }
        Verdict found = verdict(r, link->from, origin);
        r->budget -= r->budget > 0;
        r->via[f->node] = f->link;
        if (found != VERDICT_NO) {
            *ask = link->from;
            return found;
        }
    }
    return VERDICT_NO;
}

/* Is there an input all of whose ways demand it? */
static Verdict ask_choices(Reach *r, Frame *f, uint32_t origin, uint32_t *ask) {
    const Stage *stage = r->unit->nodes[f->node].stage;
    for (; f->in < stage->nins; f->in++, f->edge = 0) {
        const Port *in = stage->ins[f->in];
        Verdict found = VERDICT_YES;
        for (; is_choice(in) && f->edge < in->nedges && found == VERDICT_YES; f->edge++) {
            *ask = in->edges[f->edge]->from->stage->id;
            found = verdict(r, *ask, origin);
            if (found == VERDICT_OPEN) {
                return found;
            }
        }
        if (is_choice(in) && found == VERDICT_YES) {
            r->choice[f->node] = in;
            return found;
        }
    }
    return VERDICT_NO;
}

static void frame_push(Reach *r, uint32_t *n, uint32_t node) {
    r->behind[node] = r->visit;
    r->needs[node] = false;
    r->choice[node] = NULL;
    r->stack[(*n)++] = (Frame){ node, r->unit->links.in_first[node], 0, 0 };
}

/* Does `node` need `origin` to succeed, by itself or through what it needs? Then `via` leads there,
 * or to a stage with a `choice`. */
static bool needs(Reach *r, uint32_t node, uint32_t origin) {
    uint32_t n = 0;
    if (r->behind[node] != r->visit) {
        frame_push(r, &n, node);
    }
    while (n) {
        Frame *f = &r->stack[n - 1];
        uint32_t ask = 0;
        Verdict found = ask_links(r, f, origin, &ask);
        found = found == VERDICT_NO ? ask_choices(r, f, origin, &ask) : found;
        if (found == VERDICT_OPEN) {
            frame_push(r, &n, ask);
        } else {
            r->needs[f->node] = found == VERDICT_YES;
            n--;
        }
    }
    return r->needs[node];
}

/* Does nothing ever come by any of the ways into the input? *filtered: nothing fails there either. */
static bool choice_is_dead(const Reach *r, const Port *in, bool *filtered) {
    bool dead = is_choice(in);
    for (uint32_t i = 0; i < in->nedges && dead; i++) {
        uint32_t from = in->edges[i]->from->stage->id;
        dead = r->unit->nodes[from].dead;
        *filtered &= r->filtered[from];
    }
    return dead;
}

/* Does a stage that never runs keep the target of the link from running? One that is always filtered
 * makes a wait for its failure vain; one that is always skipped, the wait for its success. */
static bool is_vain(const Reach *r, const Link *link, bool *filtered) {
    *filtered = r->filtered[link->from] && link->kind == LINK_DATA;
    if (link->kind == LINK_DATA && choice_is_dead(r, link->edge->to, filtered)) {
        return true;
    }
    return (r->filtered[link->from] && needs_failure(link)) ||
           needs_success(link, r->loose[link->from]);
}

/* Marks what needs `node`, which is always filtered or, else, skipped; names some of them. */
static const char *mark_dead(Check *c, Reach *r, Unit *unit, uint32_t node, bool filtered) {
    const Links *links = &unit->links;
    const char *names = "";
    uint32_t head = 0, tail = 0, named = 0;
    r->queue[tail++] = node;
    r->filtered[node] = filtered;
    unit->nodes[node].dead = true;
    while (head < tail) {
        uint32_t at = r->queue[head++];
        for (uint32_t i = links->out_first[at]; i < links->out_first[at + 1]; i++) {
            const Link *link = &links->all[links->out[i]];
            Node *to = &unit->nodes[link->to];
            bool filtered_too = false;
            if (!to->dead && is_vain(r, link, &filtered_too)) {
                to->dead = true;
                r->filtered[link->to] = filtered_too;
                r->loose[link->to] = r->filtered[link->to];
                r->queue[tail++] = link->to;
                if (named++ < 6) {
                    names = arena_printf(c->arena, "%s%s`%s`", names, *names ? ", " : "",
                                         to->stage->slug.text);
                }
            }
        }
    }
    return named > 6 ? arena_printf(c->arena, "%s and %u more", names, named - 6) : names;
}

enum { NOTED_LINKS = 6 }; /* of a long way: those at its end */

static void note_link(Check *c, Diag *diag, const Unit *unit, const Link *link, uint32_t node) {
    const char *from = unit->nodes[link->from].stage->slug.text;
    if (link->to == node) {
        diag_note(c->diags, diag, link_span(link), "needs `%s` to succeed", from);
    } else {
        diag_note(c->diags, diag, link_span(link), "`%s` needs `%s` to succeed",
                  unit->nodes[link->to].stage->slug.text, from);
    }
}

/* The ways into an input, all of which need `origin` to succeed. */
static void note_choice(Check *c, Diag *diag, const Port *in, const char *origin) {
    for (uint32_t i = 0; i < in->nedges && i < NOTED_LINKS; i++) {
        diag_note(c->diags, diag, in->edges[i]->span, "this way into `%s` needs `%s` to succeed",
                  port_text(c, in), origin);
    }
}

/* By which links `node` needs `origin` to succeed. */
static void note_success(Check *c, Diag *diag, const Reach *r, const Unit *unit, uint32_t origin,
                         uint32_t node) {
    uint32_t at = node;
    for (int i = 0; i < NOTED_LINKS && at != origin; i++) {
        if (r->choice[at]) {
            note_choice(c, diag, r->choice[at], unit->nodes[origin].stage->slug.text);
            return;
        }
        const Link *link = &unit->links.all[r->via[at]];
        note_link(c, diag, unit, link, node);
        at = link->from;
    }
}

/* By which links it needs the target of the failure edge to succeed. */
static void note_failure(Check *c, Diag *diag, const Reach *r, const Unit *unit,
                         const Link *failure, uint32_t node) {
    uint32_t at = node;
    for (int i = 0; i < NOTED_LINKS && at != failure->to; i++) {
        const Link *link = &unit->links.all[r->over[at]];
        note_link(c, diag, unit, link, node);
        at = link->from;
    }
    const char *origin = unit->nodes[failure->from].stage->slug.text;
    if (failure->to == node) {
        diag_note(c->diags, diag, link_span(failure), "needs `%s` to fail", origin);
    } else {
        diag_note(c->diags, diag, link_span(failure), "`%s` needs `%s` to fail",
                  unit->nodes[failure->to].stage->slug.text, origin);
    }
}

static void report_dead(Check *c, Reach *r, Unit *unit, const Link *failure, uint32_t node) {
    const char *slug = unit->nodes[node].stage->slug.text;
    const char *origin = unit->nodes[failure->from].stage->slug.text;
    Diag *diag =
        diag_report(c->diags, E0503, unit->nodes[node].stage->slug.span,
                    "`%s` can never run: it needs `%s` both to succeed and to fail", slug, origin);
    note_success(c, diag, r, unit, failure->from, node);
    note_failure(c, diag, r, unit, failure, node);
    const char *behind = mark_dead(c, r, unit, node, false);
    if (*behind) {
        diag_help(c->diags, diag, "neither can what needs it: %s", behind);
    }
}

/* Stages, from the target of the edge on, that need its origin to succeed as well. */
static void failure_check(Check *c, Reach *r, Unit *unit, const Link *failure) {
    const Links *links = &unit->links;
    uint32_t head = 0, tail = 0;
    r->search++;
    r->visit++;
    r->queue[tail++] = failure->to;
    r->ahead[failure->to] = r->search;
    while (head < tail) {
        uint32_t node = r->queue[head++];
        bool off = (unit->nodes[node].stage->flags & DAG_STAGE_OFF) != 0; /* as the user has said */
        if (unit->nodes[node].dead || unit->nodes[node].cyclic || off) {
            continue;
        }
        if (needs(r, node, failure->from)) {
            report_dead(c, r, unit, failure, node);
            r->visit++; /* what is dead now is looked at in another way */
            continue;
        }
        for (uint32_t i = links->out_first[node]; i < links->out_first[node + 1]; i++) {
            const Link *link = &links->all[links->out[i]];
            if (needs_success(link, r->loose[node]) && r->ahead[link->to] != r->search &&
                r->budget) {
                r->budget--;
                r->ahead[link->to] = r->search;
                r->over[link->to] = links->out[i];
                r->queue[tail++] = link->to;
            }
        }
    }
}

/* With an axis one key may fail while others deliver. */
static bool fails_as_a_whole(const Node *node) {
    return !node->no_axis && !node->cyclic && node->stage->axis->depth == 0;
}

static void never_check(Check *c, Reach *r, Unit *unit) {
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        if (unit->nodes[i].never) {
            const char *behind = mark_dead(c, r, unit, i, true);
            if (*behind && unit->nodes[i].never_diag) {
                diag_help(c->diags, unit->nodes[i].never_diag, "neither can what needs it: %s",
                          behind);
            }
        }
    }
}

/* Is there a stage that never runs, or one that runs on a failure? */
static bool may_be_dead(const Unit *unit) {
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        if (unit->nodes[i].never) {
            return true;
        }
    }
    for (uint32_t i = 0; i < unit->links.n; i++) {
        if (needs_failure(&unit->links.all[i])) {
            return true;
        }
    }
    return false;
}

void dead_check(Check *c, Unit *unit) {
    if (!may_be_dead(unit)) {
        return;
    }
    uint32_t n = unit->nnodes;
    Reach r = { .unit = unit, .budget = 50000000 };
    r.loose = ARENA_ARRAY(c->arena, n, bool);
    r.filtered = ARENA_ARRAY(c->arena, n, bool);
    r.via = ARENA_ARRAY(c->arena, n, uint32_t);
    r.over = ARENA_ARRAY(c->arena, n, uint32_t);
    r.position = ARENA_ARRAY(c->arena, n, uint32_t);
    r.ahead = ARENA_ARRAY(c->arena, n, uint32_t);
    r.behind = ARENA_ARRAY(c->arena, n, uint32_t);
    r.needs = ARENA_ARRAY(c->arena, n, bool);
    r.choice = ARENA_ARRAY(c->arena, n, const Port *);
    r.queue = ARENA_ARRAY(c->arena, n, uint32_t);
    r.stack = ARENA_ARRAY(c->arena, n, Frame);
    for (uint32_t i = 0; i < n; i++) {
        r.position[unit->order[i]->stage->id] = i;
        r.loose[unit->order[i]->stage->id] = is_loose(&r, unit->order[i]);
    }
    never_check(c, &r, unit);
    for (uint32_t i = 0; i < unit->links.n; i++) {
        const Link *link = &unit->links.all[i];
        if (needs_failure(link) && fails_as_a_whole(&unit->nodes[link->from])) {
            failure_check(c, &r, unit, link);
        }
    }
}
