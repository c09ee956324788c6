/*
 * ref_look.c - what one input has for one task: an artifact, a list, null or a default.
 */
#include "ref_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 }; /* entries of one list */

static void look_default(const PlanPort *port, RefLook *look) {
    const char *value = port->list ? "[77]" : "77";
    snprintf(look->text, sizeof look->text, "%s", port->has_default ? value : "null");
}

RefLook ref_look_plain(Ref *ref, uint32_t number, const RefKey *key) {
    const PlanPort *port = &ref->plan->ports[number];
    RefLook look = { .known = REF_OPEN };
    RefKey part = ref_part(ref->plan, key, port->axis);
    const RefEntry *e = ref_find_entry(&ref->ports[number], &part);
    if (!e) {
        fprintf(stderr, "reference: a candidate is not known at an input\n");
        abort();
    }
    look.known = e->known;
    look.broken = e->known == REF_PRESENT && e->broken;
    look.rescue = e->known == REF_DEAD || e->rescue;
    look_default(port, &look);
    if (e->known == REF_PRESENT && e->null) {
        snprintf(look.text, sizeof look.text, "null");
    } else if (e->known == REF_PRESENT) {
        snprintf(look.text, sizeof look.text, "%lld", (long long)e->value);
    }
    return look;
}

/* What one edge brings into a list at a group, in order: present ones, and null for dead ones. */
typedef struct Part {
    RefEntry *items;
    uint32_t n, cap;
    bool dead, open, broken, rescue;
} Part;

static void part_add(Part *part, RefEntry e) {
    part->items = ref_grow(part->items, &part->n, &part->cap, sizeof e);
    part->items[part->n - 1] = e;
}

/* The shorts of an edge that concern a group: at or below it, or covering it from above. */
static void part_shorts(Ref *ref, const PlanStage *row, const RefInfo *edge, const RefKey *group,
                        Part *part) {
    for (uint32_t i = 0; i < edge->nshorts; i++) {
        const RefShort *what = &edge->shorts[i];
        bool below = ref_is_on(ref->plan, &what->key, row->axis);
        if (!ref_agree(&what->key, group) ||
            (!below && ref_axis_has(ref->plan, row->axis, what->q))) {
            continue;
        }
        part->dead = true;
        part_add(part, (RefEntry){ .key = what->key, .known = REF_DEAD, .null = true });
    }
}

static void part_sort(Part *part) {
    for (uint32_t i = 1; i < part->n; i++) {
        for (uint32_t k = i; k > 0; k--) {
            if (ref_compare(&part->items[k - 1].key, &part->items[k].key) <= 0) {
                break;
            }
            RefEntry t = part->items[k];
            part->items[k] = part->items[k - 1];
            part->items[k - 1] = t;
        }
    }
}

/* `order by` and `take` among what an edge brings; the dead come last in an order, and pass. */
static void part_take(const PlanEdge *edge, Part *part) {
    RefEntry *present[MOST];
    uint32_t n = 0;
    for (uint32_t i = 0; i < part->n; i++) {
        if (part->items[i].known != REF_DEAD) {
            present[n++] = &part->items[i];
            part->broken |= ref_test_fails(edge->order, &part->items[i]);
        }
    }
    if (edge->order.test != PLAN_ANYTHING) {
        Part sorted = { 0 };
        ref_sort_by_order(edge, present, n);
        for (uint32_t i = 0; i < n; i++) {
            part_add(&sorted, *present[i]);
        }
        for (uint32_t i = 0; i < part->n; i++) {
            if (part->items[i].known == REF_DEAD) {
                part_add(&sorted, part->items[i]);
            }
        }
        free(part->items);
        part->items = sorted.items;
    }
    uint32_t kept = 0;
    n = 0;
    for (uint32_t i = 0; i < part->n; i++) {
        if (part->items[i].known == REF_DEAD || n++ < edge->take) {
            part->items[kept++] = part->items[i];
        }
    }
    part->n = kept;
}

static void part_of(Ref *ref, const PlanStage *row, uint32_t number, const RefKey *group,
                    Part *part) {
    const PlanEdge *edge = &ref->plan->edges[number];
    const RefInfo *info = &ref->edges[number];
    bool nulls = ref->plan->ports[edge->to].nulls;
    for (uint32_t i = 0; i < info->nopens; i++) {
        part->open |= !ref_axis_has(ref->plan, row->axis, info->opens[i].q) &&
                      ref_begins(&info->opens[i].key, group);
    }
    for (uint32_t i = 0; i < info->nentries; i++) {
        const RefEntry *e = &info->entries[i];
        RefKey at = ref_part(ref->plan, &e->key, row->axis);
        if (ref_compare(&at, group) != 0) {
            continue;
        }
        part->open |= e->known == REF_OPEN;
        part->dead |= e->known == REF_DEAD;
        if (e->known == REF_PRESENT || e->known == REF_DEAD) {
            part_add(part, *e);
            part->items[part->n - 1].null |= e->known == REF_DEAD;
        }
        if (e->known == REF_PRESENT) {
            part->broken |= e->broken;
            part->rescue |= e->rescue;
        }
    }
    part_shorts(ref, row, info, group, part);
    part->rescue |= part->dead && nulls;
    part_sort(part);
    part_take(edge, part);
}

RefLook ref_look_list(Ref *ref, const PlanStage *row, uint32_t number, const RefKey *group) {
    const PlanPort *port = &ref->plan->ports[number];
    RefLook look = { .known = REF_PRESENT };
    bool open = false;
    bool dead = false;
    uint32_t count = 0;
    size_t len = (size_t)snprintf(look.text, sizeof look.text, "[");
    for (uint32_t i = 0; i < port->nedges; i++) {
        Part part = { 0 };
        part_of(ref, row, port->edges[i], group, &part);
        open |= part.open;
        dead |= part.dead;
        look.broken |= part.broken;
        look.rescue |= part.rescue;
        for (uint32_t k = 0; k < part.n && len < sizeof look.text - 32; k++) {
            len +=
                (size_t)snprintf(look.text + len, sizeof look.text - len, "%s", count ? "," : "");
            if (part.items[k].null) {
                len += (size_t)snprintf(look.text + len, sizeof look.text - len, "null");
            } else {
                len += (size_t)snprintf(look.text + len, sizeof look.text - len, "%lld",
                                        (long long)part.items[k].value);
            }
            count++;
        }
        free(part.items);
    }
    snprintf(look.text + len, sizeof look.text - len, "]");
    if (dead && !port->nulls) {
        look.known = REF_DEAD;
    } else if (open) {
        look.known = REF_OPEN;
    } else if (count == 0) {
        look.known = REF_FILTERED;
        look.broken = false;
        look_default(port, &look);
    }
    return look;
}
