/*
 * axes.c - axes: interned paths of stream positions.
 */
#include "check/graph/shape.h"

#include <string.h>

static const Axis *axis_add(Check *c, Pipeline *p, const Axis *parent, const Port *position) {
    Axis *axis = ARENA_NEW(c->arena, Axis);
    axis->parent = parent;
    axis->position = position;
    axis->depth = parent ? parent->depth + 1 : 0;
    axis->id = p->naxes;
    if ((p->naxes & (p->naxes - 1)) == 0) { /* full: the room doubles */
        const Axis **more = ARENA_ARRAY(c->arena, p->naxes ? p->naxes * 2 : 1, const Axis *);
        if (p->naxes) {
            memcpy(more, p->axes, p->naxes * sizeof(Axis *));
        }
        p->axes = more;
    }
    p->axes[p->naxes++] = axis;
    return axis;
}

const Axis *axis_extend(Check *c, Unit *unit, const Axis *axis, const Port *position) {
    if (!axis) {
        return axis_add(c, unit->pipeline, NULL, NULL);
    }
    const Axis *known = table_get(c->table, axis, position);
    if (!known) {
        known = axis_add(c, unit->pipeline, axis, position);
        table_put(c->table, axis, position, (void *)(uintptr_t)known);
    }
    return known;
}

const Axis *axis_cut(const Axis *axis, uint32_t depth) {
    while (axis->depth > depth) {
        axis = axis->parent;
    }
    return axis;
}

bool axis_is_prefix(const Axis *prefix, const Axis *axis) {
    return prefix->depth <= axis->depth && axis_cut(axis, prefix->depth) == prefix;
}

const Axis *axis_common(const Axis *a, const Axis *b) {
    uint32_t depth = a->depth < b->depth ? a->depth : b->depth;
    a = axis_cut(a, depth);
    b = axis_cut(b, depth);
    while (a != b) {
        a = a->parent;
        b = b->parent;
    }
    return a;
}

const char *axis_text(Check *c, const Axis *axis) {
    if (axis->depth == 0) {
        return "run";
    }
    const char *last = port_text(c, axis->position);
    return axis->parent->depth ? arena_printf(c->arena, "%s, %s", axis_text(c, axis->parent), last)
                               : last;
}
