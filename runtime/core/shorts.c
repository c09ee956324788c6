/*
 * shorts.c - see shorts.h.
 *
 * A short key has no node of its own: it is a node of the axis as far as it goes (behind a merge
 * also the number of an edge). It makes one row, skipped, per stage, and goes on at once along all
 * edges, before the stream that is dead is closed: who gathers below it then knows.
 */
#include "core/shorts.h"

#include "core/feed.h"
#include "core/keys.h"
#include "core/task.h"

static uint32_t short_key(Sched *s, ShortKey key) {
    uint64_t a = (uint64_t)key.axis << 32 | key.node;
    uint64_t b = UINT64_MAX;
    if (key.merge != DAG_NONE) {
        a = (uint64_t)key.merge << 32 | key.edge;
        b = key.inner;
    }
    bool fresh;
    uint32_t *number = sched_unlucky(s) ? NULL : map_put(&s->key_index, a, b, s->nkeys, &fresh);
    if (!number) {
        sched_no_memory(s);
    }
    if (!fresh) {
        return *number;
    }
    if (s->nkeys == s->keys_cap) {
        s->keys_cap = s->keys_cap ? s->keys_cap * 2 : 16;
        s->keys = sched_resize(s, s->keys, s->keys_cap, sizeof *s->keys);
    }
    s->keys[s->nkeys] = key;
    return s->nkeys++;
}

static uint32_t plain_key(Sched *s, uint32_t axis, uint32_t node) {
    return short_key(s, (ShortKey){ axis, node, DAG_NONE, 0, 0 });
}

/* The key cut back to `axis`, a prefix of what it has; itself if it is shorter. */
static uint32_t cut(Sched *s, uint32_t number, uint32_t axis) {
    ShortKey key = s->keys[number];
    if (!axis_begins(s, key.axis, axis) || (key.axis == axis && key.merge == DAG_NONE)) {
        return number;
    }
    return plain_key(s, axis, axis_climb(s, key.axis, key.node, axis));
}

static bool first_time(Sched *s, uint32_t stage, uint32_t key, uint64_t what) {
    bool fresh;
    uint64_t row = (uint64_t)stage << 32 | key;
    if (sched_unlucky(s) || !map_put(&s->key_rows, row, what, 0, &fresh)) {
        sched_no_memory(s);
    }
    return fresh;
}

/* A stage gets a short key: one row, and on it goes. */
static void stage_short(Sched *s, uint32_t stage, Short what) {
    if (stage_run(s, stage)->off) {
        return;
    }
    if (first_time(s, stage, what.key, UINT64_MAX)) {
        task_short_row(s, stage, what);
    }
    if (!first_time(s, stage, what.key, what.q)) {
        return;
    }
    if (s->nshort_work == s->short_cap) {
        s->short_cap = s->short_cap ? s->short_cap * 2 : 16;
        s->short_work = sched_resize(s, s->short_work, s->short_cap, sizeof *s->short_work);
    }
    s->short_work[s->nshort_work].stage = stage;
    s->short_work[s->nshort_work++].what = what;
}

static uint64_t place_of(uint32_t list, uint32_t axis) {
    return (uint64_t)list << 32 | axis;
}

static void remember(Sched *s, uint32_t number, uint32_t edge, Short what, uint32_t axis,
                     uint32_t node) {
    List *list = &s->lists[number];
    bool fresh;
    uint64_t place = place_of(number, axis);
    uint32_t *first = sched_unlucky(s) ? NULL : map_put(&s->places, place, node, 0, &fresh);
    if (!first) {
        sched_no_memory(s);
    }
    if (list->nshorts == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 4;
        list->shorts = sched_resize(s, list->shorts, list->cap, sizeof *list->shorts);
    }
    list->shorts[list->nshorts++] = (ListShort){ edge, what, *first };
    *first = list->nshorts;
}

typedef struct CoverVisit {
    Visit visit;
    uint32_t list;
} CoverVisit;

static void visit_covered(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        feed_list_dead(s, ((CoverVisit *)visit)->list, first + i);
    }
}

/* Dead at or below a group: in its list. Dead above the groups: if the groups themselves do not
 * come any more, a short key; else all groups below have it in their lists. */
static void list_short(Sched *s, uint32_t edge, uint32_t port, Short what) {
    uint32_t number = s->inputs[port].extra;
    uint32_t groups = s->inputs[port].axis;
    const ShortKey *key = &s->keys[what.key];
    if (axis_begins(s, key->axis, groups)) {
        uint32_t group = axis_climb(s, key->axis, key->node, groups);
        remember(s, number, edge, what, groups, group);
        feed_list_dead(s, number, group);
    } else if (axis_at(s, groups, what.q) != DAG_NONE) {
        stage_short(s, port_row(s, port)->stage, what);
    } else {
        CoverVisit v = { { visit_covered }, number };
        remember(s, number, edge, what, key->axis, key->node);
        axis_visit(s, groups, key->axis, key->node, &v.visit);
    }
}

/* On a merge the number of the edge comes first. */
static Short merged(Sched *s, uint32_t edge, uint32_t port, Short what) {
    const Merge *merge = &s->merges[s->inputs[port].extra];
    uint32_t above = s->axes[merge->axis].parent;
    ShortKey key = s->keys[what.key];
    if (!axis_begins(s, key.axis, above)) {
        return what;
    }
    ShortKey in = { above, axis_climb(s, key.axis, key.node, above), s->inputs[port].extra,
                    edge - port_row(s, port)->edge, what.key };
    return (Short){ short_key(s, in), port };
}

static void edge_short(Sched *s, uint32_t edge, Short what) {
    uint32_t port = s->program->edges[edge].to;
    const Input *in = &s->inputs[port];
    uint32_t stage = port_row(s, port)->stage;
    if (stage == DAG_NONE) {
        return;
    }
    if (in->feed == FEED_LIST) {
        list_short(s, edge, port, what);
        return;
    }
    if (!in->leads) {
        return;
    }
    if (in->feed == FEED_MERGE) {
        what = merged(s, edge, port, what);
    }
    what.key = cut(s, what.key, stage_run(s, stage)->more->core);
    stage_short(s, stage, what);
}

static void port_short(Sched *s, uint32_t port, Short what) {
    const dag_port *row = port_row(s, port);
    for (uint32_t i = 0; i < row->nedges; i++) {
        edge_short(s, s->program->out_edges[row->edge + i], what);
    }
}

static void pass_on(Sched *s) {
    while (s->nshort_work > 0) {
        struct ShortWork work = s->short_work[--s->nshort_work];
        const dag_stage *row = stage_row(s, work.stage);
        for (uint32_t i = 0; i < row->nout; i++) {
            port_short(s, row->out + i, work.what);
        }
    }
}

void shorts_from_task(Sched *s, uint32_t stage, uint32_t node) {
    const dag_stage *row = stage_row(s, stage);
    uint32_t key = DAG_NONE;
    for (uint32_t i = 0; i < row->nout; i++) {
        if ((port_row(s, row->out + i)->flags & DAG_PORT_STREAM) != 0) {
            key = key == DAG_NONE ? plain_key(s, row->axis, node) : key;
            port_short(s, row->out + i, (Short){ key, row->out + i });
        }
    }
    pass_on(s);
}

uint32_t shorts_at(const Sched *s, uint32_t list, uint32_t axis, uint32_t node) {
    const uint32_t *first = map_get(&s->places, place_of(list, axis), node);
    return first ? *first : 0;
}

bool shorts_cover(const Sched *s, uint32_t number, uint32_t node) {
    uint32_t groups = s->inputs[s->lists[number].port].axis;
    for (uint32_t axis = groups; axis != 0; axis = s->axes[axis].parent) {
        uint32_t above = s->axes[axis].parent;
        node = axis_climb(s, axis, node, above);
        if (shorts_at(s, number, above, node) != 0) {
            return true;
        }
    }
    return false;
}
