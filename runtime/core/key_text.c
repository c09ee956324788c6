/*
 * key_text.c - keys as text and in their order.
 */
#include "core/keys.h"

#include <string.h>

#include "pure/number.h"

/* The coordinate of a node below its parent, on a stream or its mirror. */
static uint32_t coordinate(const Sched *s, uint32_t axis, uint32_t node) {
    const Axis *a = &s->axes[axis];
    return node - a->kids[a->up ? a->up[node] : 0].first;
}

/* ---------------------------------------------------------------- order */

typedef struct Path {
    Arena *arena;
    KeyPath path;
    uint32_t cap;
} Path;

static void path_add(Path *p, uint32_t item) {
    if (p->path.n == p->cap) {
        uint32_t cap = p->cap ? p->cap * 2 : 8;
        uint32_t *items = ARENA_ARRAY(p->arena, cap, uint32_t);
        if (p->path.n > 0) {
            memcpy(items, p->path.items, p->path.n * sizeof *items);
        }
        p->path.items = items;
        p->cap = cap;
    }
    p->path.items[p->path.n++] = item;
}

static void path_from(const Sched *s, uint32_t axis, uint32_t node, uint32_t from, Path *p);

/* A merge's coordinate: the number of the edge, then the rest of the merged key. */
static void path_merged(const Sched *s, const Axis *merge, uint32_t node, Path *p) {
    const dag_port *port = port_row(s, s->merges[merge->merge].port);
    uint32_t edge = port->edge + merge->via[node];
    uint32_t axis = port_row(s, s->program->edges[edge].from)->axis;
    path_add(p, merge->via[node]);
    path_from(s, axis, merge->other[node], merge->parent, p);
}

static void path_step(const Sched *s, uint32_t axis, uint32_t node, Path *p) {
    const Axis *a = &s->axes[axis];
    if (a->kind == AXIS_MERGE) {
        path_merged(s, a, node, p);
    } else if (a->scattered) {
        path_merged(s, &s->axes[a->own], a->other[node], p);
    } else {
        path_add(p, coordinate(s, axis, node));
    }
}

/* The coordinates behind the prefix `from`. */
static void path_from(const Sched *s, uint32_t axis, uint32_t node, uint32_t from, Path *p) {
    for (uint32_t depth = s->axes[from].depth + 1; depth <= s->axes[axis].depth; depth++) {
        uint32_t at = s->axes[axis].path[depth];
        path_step(s, at, axis_climb(s, axis, node, at), p);
    }
}

KeyPath key_path(const Sched *s, uint32_t axis, uint32_t node, Arena *arena) {
    Path p = { arena, { NULL, 0 }, 0 };
    path_from(s, axis, node, 0, &p);
    return p.path;
}

static void path_short(const Sched *s, uint32_t number, uint32_t from, Path *p) {
    const ShortKey *key = &s->keys[number];
    if (axis_begins(s, key->axis, from)) {
        path_from(s, key->axis, key->node, from, p);
    }
    if (key->merge != DAG_NONE) {
        path_add(p, key->edge);
        path_short(s, key->inner, key->axis, p);
    }
}

KeyPath key_short_path(const Sched *s, uint32_t key, Arena *arena) {
    Path p = { arena, { NULL, 0 }, 0 };
    path_short(s, key, 0, &p);
    return p.path;
}

int key_compare(KeyPath a, KeyPath b) {
    for (uint32_t i = 0; i < a.n && i < b.n; i++) {
        if (a.items[i] != b.items[i]) {
            return a.items[i] < b.items[i] ? -1 : 1;
        }
    }
    return (a.n > b.n) - (a.n < b.n);
}

/* ---------------------------------------------------------------- text */

/* "3.0" behind the prefix `from`; "-" when there is nothing. */
static const char *text_from(const Sched *s, uint32_t axis, uint32_t node, uint32_t from,
                             Arena *arena);

static const char *text_merged(const Sched *s, const Axis *merge, uint32_t node, Arena *arena) {
    const dag_port *port = port_row(s, s->merges[merge->merge].port);
    uint32_t edge = port->edge + merge->via[node];
    uint32_t axis = port_row(s, s->program->edges[edge].from)->axis;
    const char *rest = text_from(s, axis, merge->other[node], merge->parent, arena);
    return arena_printf(arena, "%u:%s", merge->via[node], rest);
}

static const char *text_step(const Sched *s, uint32_t axis, uint32_t node, Arena *arena) {
    const Axis *a = &s->axes[axis];
    if (a->kind == AXIS_MERGE) {
        return text_merged(s, a, node, arena);
    }
    if (a->scattered) {
        return text_merged(s, &s->axes[a->own], a->other[node], arena);
    }
    char number[NUMBER_TEXT];
    size_t n = int_format(coordinate(s, axis, node), number);
    return arena_text(arena, number, n);
}

static const char *text_from(const Sched *s, uint32_t axis, uint32_t node, uint32_t from,
                             Arena *arena) {
    const char *text = NULL;
    for (uint32_t depth = s->axes[from].depth + 1; depth <= s->axes[axis].depth; depth++) {
        uint32_t at = s->axes[axis].path[depth];
        const char *step = text_step(s, at, axis_climb(s, axis, node, at), arena);
        text = text ? arena_printf(arena, "%s.%s", text, step) : step;
    }
    return text ? text : "-";
}

const char *key_text(const Sched *s, uint32_t axis, uint32_t node, Arena *arena) {
    return text_from(s, axis, node, 0, arena);
}

static const char *text_short(const Sched *s, uint32_t number, uint32_t from, Arena *arena) {
    const ShortKey *key = &s->keys[number];
    const char *text = "-";
    if (axis_begins(s, key->axis, from)) {
        text = text_from(s, key->axis, key->node, from, arena);
    }
    if (key->merge == DAG_NONE) {
        return text;
    }
    const char *rest = text_short(s, key->inner, key->axis, arena);
    if (strcmp(text, "-") == 0) {
        return arena_printf(arena, "%u:%s", key->edge, rest);
    }
    return arena_printf(arena, "%s.%u:%s", text, key->edge, rest);
}

const char *key_short_text(const Sched *s, uint32_t key, Arena *arena) {
    return text_short(s, key, 0, arena);
}
