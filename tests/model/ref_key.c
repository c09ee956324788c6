/*
 * ref_key.c - keys of the reference: lists of coordinates, compared and written by definition.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

void *ref_grow(void *items, uint32_t *n, uint32_t *cap, size_t size) {
    if (*n == *cap) {
        *cap = *cap ? *cap * 2 : 8;
        items = realloc(items, *cap * size);
        if (!items) {
            abort();
        }
    }
    memset((char *)items + *n * size, 0, size);
    ++*n;
    return items;
}

bool ref_has(const RefKey *key, uint32_t position) {
    for (uint32_t i = 0; i < key->n; i++) {
        if (key->c[i].position == position) {
            return true;
        }
    }
    return false;
}

static bool axis_has(const Plan *plan, uint32_t axis, uint32_t position) {
    for (; axis != 0; axis = plan->axes[axis].parent) {
        if (plan->axes[axis].position == position) {
            return true;
        }
    }
    return false;
}

RefKey ref_part(const Plan *plan, const RefKey *key, uint32_t axis) {
    RefKey part = { 0 };
    uint32_t path[REF_COORDS];
    uint32_t depth = plan->axes[axis].depth;
    for (uint32_t i = depth, at = axis; i > 0; i--, at = plan->axes[at].parent) {
        path[i - 1] = plan->axes[at].position;
    }
    for (uint32_t i = 0; i < depth; i++) {
        for (uint32_t k = 0; k < key->n; k++) {
            if (key->c[k].position == path[i]) {
                part.c[part.n++] = key->c[k];
            }
        }
    }
    return part;
}

/* The numbers of a whole coordinate at a position. */
static uint32_t whole(const Plan *plan, const RefCoord *coord);

static uint32_t axis_numbers(const Plan *plan, uint32_t axis, uint32_t from,
                             const RefCoord *coord) {
    uint32_t n = 0;
    uint32_t path[REF_COORDS];
    uint32_t depth = plan->axes[axis].depth;
    for (uint32_t i = depth, at = axis; i > 0; i--, at = plan->axes[at].parent) {
        path[i - 1] = plan->axes[at].position;
    }
    for (uint32_t i = plan->axes[from].depth; i < depth; i++) {
        RefCoord inner = { .position = path[i] };
        uint32_t at = 1 + n;
        for (uint32_t k = at; k < coord->n; k++) {
            inner.v[inner.n++] = coord->v[k];
        }
        n += whole(plan, &inner);
    }
    return n;
}

static uint32_t whole(const Plan *plan, const RefCoord *coord) {
    const PlanPort *port = &plan->ports[coord->position];
    if (port->out) {
        return 1;
    }
    if (coord->n == 0) {
        return 1;
    }
    uint32_t from = plan->ports[plan->edges[port->edges[coord->v[0]]].from].axis;
    return 1 + axis_numbers(plan, from, plan->axes[port->axis].parent, coord);
}

bool ref_is_on(const Plan *plan, const RefKey *key, uint32_t axis) {
    for (; axis != 0; axis = plan->axes[axis].parent) {
        bool found = false;
        for (uint32_t i = 0; i < key->n; i++) {
            if (key->c[i].position == plan->axes[axis].position) {
                found = key->c[i].n == whole(plan, &key->c[i]);
            }
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static uint32_t flatten(const RefKey *key, uint32_t *numbers) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < key->n; i++) {
        for (uint32_t k = 0; k < key->c[i].n; k++) {
            numbers[n++] = key->c[i].v[k];
        }
    }
    return n;
}

int ref_compare(const RefKey *a, const RefKey *b) {
    uint32_t x[REF_COORDS * REF_NUMBERS];
    uint32_t y[REF_COORDS * REF_NUMBERS];
    uint32_t nx = flatten(a, x);
    uint32_t ny = flatten(b, y);
    for (uint32_t i = 0; i < nx && i < ny; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return (nx > ny) - (nx < ny);
}

bool ref_agree(const RefKey *a, const RefKey *b) {
    for (uint32_t i = 0; i < a->n; i++) {
        for (uint32_t k = 0; k < b->n; k++) {
            if (a->c[i].position != b->c[k].position) {
                continue;
            }
            uint32_t n = a->c[i].n < b->c[k].n ? a->c[i].n : b->c[k].n;
            if (memcmp(a->c[i].v, b->c[k].v, n * sizeof *a->c[i].v) != 0) {
                return false;
            }
        }
    }
    return true;
}

bool ref_begins(const RefKey *a, const RefKey *b) {
    RefKey part = { 0 };
    while (part.n < a->n && ref_has(b, a->c[part.n].position)) {
        part.c[part.n] = a->c[part.n];
        part.n++;
    }
    return ref_agree(&part, b);
}

RefKey ref_below(const RefKey *key, uint32_t position, uint32_t index) {
    RefKey below = *key;
    below.c[below.n++] = (RefCoord){ .position = position, .n = 1, .v = { index } };
    return below;
}

RefKey ref_merged(const Plan *plan, const RefKey *key, uint32_t port, uint32_t edge) {
    uint32_t above = plan->axes[plan->ports[port].axis].parent;
    if (!ref_is_on(plan, key, above)) {
        return *key;
    }
    RefKey merged = ref_part(plan, key, above);
    RefCoord coord = { .position = port, .n = 1, .v = { edge } };
    for (uint32_t i = 0; i < key->n; i++) {
        if (axis_has(plan, above, key->c[i].position)) {
            continue;
        }
        for (uint32_t k = 0; k < key->c[i].n; k++) {
            coord.v[coord.n++] = key->c[i].v[k];
        }
    }
    merged.c[merged.n++] = coord;
    return merged;
}

/* ---------------------------------------------------------------- text */

/* Writes the numbers v[0 .. n) as coordinates on the positions of `axis` behind `from`; "-" for
 * none. Returns how many it has used. */
static uint32_t text_numbers(const Plan *plan, uint32_t axis, uint32_t from, const uint32_t *v,
                             uint32_t n, char *text, size_t size);

static uint32_t text_coord(const Plan *plan, uint32_t position, const uint32_t *v, uint32_t n,
                           char *text, size_t size) {
    const PlanPort *port = &plan->ports[position];
    int len = snprintf(text, size, "%u%s", v[0], port->out ? "" : ":");
    if (port->out) {
        return 1;
    }
    uint32_t axis = plan->ports[plan->edges[port->edges[v[0]]].from].axis;
    return 1 + text_numbers(plan, axis, plan->axes[port->axis].parent, v + 1, n - 1, text + len,
                            size - (size_t)len);
}

static uint32_t text_numbers(const Plan *plan, uint32_t axis, uint32_t from, const uint32_t *v,
                             uint32_t n, char *text, size_t size) {
    uint32_t path[REF_COORDS];
    uint32_t depth = plan->axes[axis].depth;
    uint32_t used = 0;
    for (uint32_t i = depth, at = axis; i > 0; i--, at = plan->axes[at].parent) {
        path[i - 1] = plan->axes[at].position;
    }
    snprintf(text, size, "-");
    for (uint32_t i = plan->axes[from].depth; i < depth && used < n; i++) {
        size_t len = used == 0 ? 0 : strlen(text);
        if (len > 0) {
            snprintf(text + len, size - len, ".");
            len++;
        }
        used += text_coord(plan, path[i], v + used, n - used, text + len, size - len);
    }
    return used;
}

void ref_text(const RefKey *key, const Plan *plan, char *text, size_t size) {
    size_t len = 0;
    snprintf(text, size, "-");
    for (uint32_t i = 0; i < key->n; i++) {
        len += (size_t)snprintf(text + len, size - len, "%s", i ? "." : "");
        text_coord(plan, key->c[i].position, key->c[i].v, key->c[i].n, text + len, size - len);
        len = strlen(text);
    }
}
