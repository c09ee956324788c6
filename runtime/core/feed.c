/*
 * feed.c - what is known where; `where` and `take`; what lists have gathered so far.
 */
#include "core/feed.h"

#include "core/count.h"
#include "core/gather.h"
#include "core/keys.h"
#include "core/publish.h"
#include "core/task.h"

/* ---------------------------------------------------------------- what is known */

Known feed_task(const Sched *s, uint32_t stage, uint32_t node) {
    const StageRun *run = stage_run(s, stage);
    switch (task_state(run, node)) {
    case TASK_COMPLETED:
    case TASK_CACHED: return run->limited ? KNOWN_DEAD : KNOWN_PRESENT;
    case TASK_CLOSED:
    case TASK_OFF:
        if ((stage_row(s, stage)->flags & DAG_STAGE_PASSTHROUGH) == 0) {
            return KNOWN_FILTERED;
        }
        return run->limited ? KNOWN_DEAD : KNOWN_PRESENT;
    case TASK_FILTERED: return KNOWN_FILTERED;
    default: return KNOWN_DEAD;
    }
}

Known feed_port(const Sched *s, uint32_t port, uint32_t node) {
    const dag_port *row = port_row(s, port);
    if ((row->flags & DAG_PORT_STREAM) != 0) {
        return KNOWN_PRESENT;
    }
    bool known = task_has(stage_run(s, row->stage), node, TASK_KNOWN);
    return known ? feed_task(s, row->stage, node) : KNOWN_OPEN;
}

Known feed_edge(const Sched *s, uint32_t edge, uint32_t node) {
    uint32_t number = pick_of(s, edge);
    if (number == DAG_NONE) {
        return feed_port(s, s->program->edges[edge].from, node);
    }
    const Pick *pick = &s->picks[number];
    bool waits = pick->count != DAG_NONE && !pick->chosen;
    return waits ? KNOWN_OPEN : (Known)(pick->status[node] & ~PICK_BROKEN);
}

uint32_t feed_any_edge(const Sched *s, uint32_t port, uint32_t node) {
    const dag_port *row = port_row(s, port);
    for (uint32_t i = 0; i < row->nedges; i++) {
        if (feed_edge(s, row->edge + i, node) == KNOWN_PRESENT) {
            return row->edge + i;
        }
    }
    return DAG_NONE;
}

static Known any_known(const Sched *s, uint32_t port, uint32_t node) {
    const dag_port *row = port_row(s, port);
    Known known = KNOWN_FILTERED;
    for (uint32_t i = 0; i < row->nedges; i++) {
        Known here = feed_edge(s, row->edge + i, node);
        if (here == KNOWN_PRESENT || here == KNOWN_OPEN) {
            return here;
        }
        if (here == KNOWN_DEAD) {
            known = KNOWN_DEAD;
        }
    }
    return known;
}

uint32_t feed_node(const Sched *s, uint32_t port, uint32_t node) {
    const Input *in = &s->inputs[port];
    if (in->place == PLACE_SAME) {
        return node;
    }
    return axis_project(s, stage_row(s, port_row(s, port)->stage)->axis, node, in->axis);
}

uint32_t feed_merged(const Sched *s, uint32_t port, uint32_t *node) {
    const Axis *axis = &s->axes[s->inputs[port].axis];
    uint32_t edge = port_row(s, port)->edge + axis->via[*node];
    *node = axis->other[*node];
    return edge;
}

static Known list_known(const List *list, uint32_t node) {
    uint8_t flags = list->flags[node];
    if ((flags & LIST_DECIDED) == 0) {
        return KNOWN_OPEN;
    }
    return flags & LIST_DEAD ? KNOWN_DEAD : flags & LIST_HAS ? KNOWN_PRESENT : KNOWN_FILTERED;
}

Known feed_input(const Sched *s, uint32_t port, uint32_t node) {
    const Input *in = &s->inputs[port];
    uint32_t at = feed_node(s, port, node);
    switch ((FeedKind)in->feed) {
    case FEED_NONE: break;
    case FEED_PLAIN: return feed_edge(s, port_row(s, port)->edge, at);
    case FEED_ANY: return (Known)s->anys[in->extra].noted[at];
    case FEED_LIST: return list_known(&s->lists[in->extra], node);
    case FEED_MERGE: {
        uint32_t edge = feed_merged(s, port, &at);
        return feed_edge(s, edge, at);
    }
    }
    return KNOWN_PRESENT;
}

uint32_t feed_maker(const Sched *s, uint32_t edge, uint32_t node, uint32_t *maker) {
    const dag_port *from = port_row(s, s->program->edges[edge].from);
    *maker = node;
    if ((from->flags & DAG_PORT_STREAM) != 0) {
        *maker = axis_climb(s, from->axis, node, s->axes[from->axis].parent);
    }
    return from->stage;
}

/* ---------------------------------------------------------------- lists */

void feed_list_dead(Sched *s, uint32_t number, uint32_t node) {
    List *list = &s->lists[number];
    if (list->nulls) {
        list->flags[node] |= LIST_HAS | LIST_NULL;
        return;
    }
    bool decided = list->flags[node] & LIST_DECIDED;
    list->flags[node] |= LIST_DEAD | LIST_DECIDED;
    if (!decided) {
        task_input(s, port_row(s, list->port)->stage, node, list->port, KNOWN_DEAD);
    }
}

void feed_list_closed(Sched *s, uint32_t number, uint32_t node) {
    List *list = &s->lists[number];
    if ((list->flags[node] & LIST_DECIDED) == 0) {
        list->flags[node] |= LIST_DECIDED;
        task_input(s, port_row(s, list->port)->stage, node, list->port, list_known(list, node));
    }
}

/* A list has one more artifact at a group. */
static void list_present(Sched *s, List *list, uint32_t edge, uint32_t node, uint32_t group) {
    if (s->program->edges[edge].take != 0) {
        list->flags[group] |= LIST_HAS;
    }
    uint32_t maker;
    uint32_t stage = feed_maker(s, edge, node, &maker);
    if (s->any_dead && task_has(stage_run(s, stage), maker, TASK_RESCUE)) {
        list->flags[group] |= LIST_RESCUED;
    }
}

/* The group's task has been decided before its list was complete: nobody needs what comes now. */
static void list_too_late(Sched *s, const List *list, uint32_t edge, uint32_t node,
                          uint32_t group) {
    const StageRun *run = stage_run(s, port_row(s, list->port)->stage);
    if (task_has(run, group, TASK_KNOWN)) {
        publish_release(s, edge, node);
    }
}

static uint32_t list_group(const Sched *s, const List *list, uint32_t edge, uint32_t node) {
    uint32_t axis = port_row(s, s->program->edges[edge].from)->axis;
    return axis_climb(s, axis, node, s->inputs[list->port].axis);
}

static void list_decided(Sched *s, uint32_t number, uint32_t edge, uint32_t node, Known known) {
    List *list = &s->lists[number];
    uint32_t group = list_group(s, list, edge, node);
    if (known == KNOWN_PRESENT) {
        list_present(s, list, edge, node, group);
    } else if (known == KNOWN_DEAD) {
        feed_list_dead(s, number, group);
    }
    list_too_late(s, list, edge, node, group);
    count_down(s, list->count, port_row(s, s->program->edges[edge].from)->axis, node);
}

/* ---------------------------------------------------------------- how it travels */

typedef struct TellVisit {
    Visit visit;
    uint32_t port;
    Known known;
} TellVisit;

static void visit_tell(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    const TellVisit *v = (TellVisit *)visit;
    uint32_t stage = port_row(s, v->port)->stage;
    for (uint32_t i = 0; i < n; i++) {
        task_input(s, stage, first + i, v->port, v->known);
    }
}

/* Tells the tasks that look at `node` of the input's axis. */
static void tell(Sched *s, uint32_t port, uint32_t node, Known known) {
    const Input *in = &s->inputs[port];
    uint32_t stage = port_row(s, port)->stage;
    if (in->place == PLACE_SAME) {
        task_input(s, stage, node, port, known);
        return;
    }
    TellVisit v = { { visit_tell }, port, known };
    axis_visit(s, stage_row(s, stage)->axis, in->axis, node, &v.visit);
}

static void any_decided(Sched *s, uint32_t port, uint32_t node) {
    uint8_t *noted = &s->anys[s->inputs[port].extra].noted[node];
    Known known = any_known(s, port, node);
    if (*noted == KNOWN_OPEN && known != KNOWN_OPEN) {
        *noted = (uint8_t)known;
        tell(s, port, node, known);
    }
}

static void deliver(Sched *s, uint32_t edge, uint32_t node, Known known) {
    uint32_t port = s->program->edges[edge].to;
    const Input *in = &s->inputs[port];
    if (port_row(s, port)->stage == DAG_NONE) {
        return;
    }
    switch ((FeedKind)in->feed) {
    case FEED_NONE: break;
    case FEED_PLAIN: tell(s, port, node, known); break;
    case FEED_ANY: any_decided(s, port, node); break;
    case FEED_LIST: list_decided(s, in->extra, edge, node, known); break;
    case FEED_MERGE: {
        uint32_t via = edge - port_row(s, port)->edge;
        tell(s, port, s->merges[in->extra].nodes[via][node] - 1, known);
        break;
    }
    }
}

/* Notes what is known behind the `where` of an edge; true: it may travel on. An artifact on which
 * the condition fails passes: its consumer meets the error. */
static bool pick_note(Sched *s, uint32_t edge, uint32_t node, Known *known) {
    uint32_t number = pick_of(s, edge);
    if (number == DAG_NONE) {
        return true;
    }
    Pick *pick = &s->picks[number];
    uint8_t status = *known == KNOWN_PRESENT ? gather_where(s, edge, node) : (uint8_t)*known;
    *known = (Known)(status & ~PICK_BROKEN);
    if (pick->count == DAG_NONE) {
        pick->status[node] = status;
        return true;
    }
    pick->before[node] = status;
    return false;
}

void feed_decided(Sched *s, uint32_t edge, uint32_t node, Known known) {
    if (pick_note(s, edge, node, &known)) {
        deliver(s, edge, node, known);
    } else {
        uint32_t axis = port_row(s, s->program->edges[edge].from)->axis;
        count_down(s, s->picks[pick_of(s, edge)].count, axis, node);
    }
}

void feed_choose(Sched *s, uint32_t number) {
    Pick *pick = &s->picks[number];
    uint32_t axis = port_row(s, s->program->edges[pick->edge].from)->axis;
    gather_choose(s, number);
    pick->chosen = true;
    for (uint32_t node = 0; node < s->axes[axis].n; node++) {
        deliver(s, pick->edge, node, feed_edge(s, pick->edge, node));
    }
    for (uint32_t node = 0; node < s->axes[axis].n; node++) {
        if (pick->owed[node]) {
            publish_release(s, pick->edge, node);
        }
    }
}

/* A new element of a stream on one of its edges. Plain inputs look by themselves when they get
 * their tasks. */
static void new_element(Sched *s, uint32_t edge, uint32_t node) {
    Known known = KNOWN_PRESENT;
    uint32_t port = s->program->edges[edge].to;
    const Input *in = &s->inputs[port];
    if (!pick_note(s, edge, node, &known) || port_row(s, port)->stage == DAG_NONE) {
        return;
    }
    if (in->feed == FEED_LIST) {
        List *list = &s->lists[in->extra];
        uint32_t group = list_group(s, list, edge, node);
        if (known == KNOWN_PRESENT) {
            list_present(s, list, edge, node, group);
        }
        list_too_late(s, list, edge, node, group);
    } else if (in->feed == FEED_ANY) {
        s->anys[in->extra].noted[node] = (uint8_t)any_known(s, port, node);
    }
}

void feed_new_nodes(Sched *s, uint32_t axis, uint32_t first, uint32_t n) {
    const Links *edges = &s->axes[axis].streams;
    for (uint32_t i = 0; i < edges->n; i++) {
        uint32_t edge = edges->items[i];
        uint8_t feed = s->inputs[s->program->edges[edge].to].feed;
        if (pick_of(s, edge) == DAG_NONE && (feed == FEED_PLAIN || feed == FEED_MERGE)) {
            continue;
        }
        for (uint32_t k = 0; k < n; k++) {
            new_element(s, edge, first + k);
        }
    }
}
