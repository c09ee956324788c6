/*
 * size.c - how many tasks a stage has, where that is known when compiling, against its `max_tasks`.
 *
 * In: the checked stages with their axes. Out: errors. A size is known if every stream behind it is
 * a constant list and nothing on the way filters: no `where`, `take`, `when`, gate, or order edge
 * that waits for a failure.
 */
#include "check/graph/shape.h"

#include "model/fold.h"

static const uint64_t UNKNOWN = UINT64_MAX;

typedef struct Sizes {
    Check *c;
    const Unit *unit;
    bool *whole; /* by stage: it has a task for each key of its axis */
} Sizes;

static uint64_t axis_size(const Sizes *s, const Axis *axis);

static uint64_t times(uint64_t a, uint64_t b) {
    uint64_t product;
    if (a == UNKNOWN || b == UNKNOWN) {
        return UNKNOWN;
    }
    return __builtin_mul_overflow(a, b, &product) || product == UNKNOWN ? UNKNOWN - 1 : product;
}

/* The elements that each task emits. */
static uint64_t stream_length(const Sizes *s, const Port *port) {
    const dag_value *value = NULL;
    dag_error error = { NULL, NULL };
    if (!s->whole[port->stage->id] || port->glob || !port->value || !fold_possible(port->value)) {
        return UNKNOWN;
    }
    value = fold_expr(s->c->front, s->c->types, port->value, NULL, &error);
    return value && value->kind == DAG_LIST ? value->len : UNKNOWN;
}

/* The artifacts on all edges of a merge that do not share an origin. */
static uint64_t merge_length(const Sizes *s, const Port *in, const Axis *common) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < in->nedges; i++) {
        const Port *from = in->edges[i]->from;
        uint64_t size = s->whole[from->stage->id] ? axis_size(s, from->axis) : UNKNOWN;
        if (common->depth > 0 || size == UNKNOWN || n + size < n) {
            return UNKNOWN;
        }
        n += size;
    }
    return n;
}

static uint64_t axis_size(const Sizes *s, const Axis *axis) {
    if (axis->depth == 0) {
        return 1;
    }
    const Port *position = axis->position;
    uint64_t here =
        position->out ? stream_length(s, position) : merge_length(s, position, axis->parent);
    return here == UNKNOWN ? UNKNOWN : times(axis_size(s, axis->parent), here);
}

/* ---------------------------------------------------------------- stages */

static bool passes_all(const Sizes *s, const Edge *edge) {
    return !edge->where && edge->take_all && s->whole[edge->from->stage->id];
}

/* Has it a task for each key of its axis, unless something fails? */
static bool is_whole(const Sizes *s, const Node *node) {
    const Stage *stage = node->stage;
    if (node->no_axis || node->cyclic || node->dead || stage->when ||
        (stage->flags & (DAG_STAGE_OFF | DAG_STAGE_GATE)) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < stage->norders; i++) {
        if (stage->orders[i]->on == DAG_ON_FAILURE) {
            return false;
        }
    }
    for (uint32_t i = 0; i < stage->nins; i++) {
        for (uint32_t k = 0; k < stage->ins[i]->nedges; k++) {
            if (!passes_all(s, stage->ins[i]->edges[k])) {
                return false;
            }
        }
    }
    return true;
}

static void report_size(Check *c, const Node *node, uint64_t size) {
    const Stage *stage = node->stage;
    const Item *attr = node->attrs[ATTR_MAX_TASKS];
    Diag *diag = diag_report(c->diags, E0709, attr ? attr->span : stage->slug.span,
                             "`%s` has %llu tasks, `max_tasks` allows %u", stage->slug.text,
                             (unsigned long long)size, stage->attrs->max_tasks);
    for (const Axis *axis = stage->axis; axis->depth; axis = axis->parent) {
        const Port *port = axis->position;
        diag_note(c->diags, diag, port->span,
                  port->out ? "one task per element of `%s`" : "one task per artifact of `%s`",
                  port_text(c, port));
    }
}

void size_check(Check *c, Unit *unit) {
    Sizes s = { .c = c, .unit = unit };
    if (!unit->bounded) {
        return;
    }
    s.whole = ARENA_ARRAY(c->arena, unit->nnodes, bool);
    for (uint32_t i = 0; i < unit->nnodes; i++) {
        const Node *node = unit->order[i];
        bool whole = is_whole(&s, node);
        s.whole[node->stage->id] = whole;
        uint64_t size =
            whole && node->stage->attrs->max_tasks ? axis_size(&s, node->stage->axis) : UNKNOWN;
        if (size != UNKNOWN && size > node->stage->attrs->max_tasks) {
            report_size(c, node, size);
        }
    }
}
