/*
 * rescue.c - under on_error stop: tasks that wait for something dead, and what their success leads
 * to, still start.
 */
#include "core/feed.h"
#include "core/gate.h"
#include "core/task.h"

static bool edge_from_rescue(const Sched *s, uint32_t edge, uint32_t node) {
    uint32_t maker;
    uint32_t stage = feed_maker(s, edge, node, &maker);
    return task_has(stage_run(s, stage), maker, TASK_RESCUE);
}

static bool any_is_rescue(const Sched *s, uint32_t port, uint32_t at) {
    const dag_port *row = port_row(s, port);
    for (uint32_t edge = row->edge; edge < row->edge + row->nedges; edge++) {
        Known known = feed_edge(s, edge, at);
        if (known == KNOWN_DEAD) {
            return true;
        }
        if (known == KNOWN_PRESENT) {
            return edge_from_rescue(s, edge, at);
        }
    }
    return false;
}

static bool input_is_rescue(const Sched *s, uint32_t port, uint32_t node) {
    const Input *in = &s->inputs[port];
    if (in->feed == FEED_LIST) {
        return (s->lists[in->extra].flags[node] & (LIST_NULL | LIST_RESCUED)) != 0;
    }
    uint32_t at = feed_node(s, port, node);
    if (in->feed == FEED_ANY) {
        return any_is_rescue(s, port, at);
    }
    uint32_t edge = port_row(s, port)->edge;
    if (in->feed == FEED_MERGE) {
        edge = feed_merged(s, port, &at);
    }
    Known known = feed_edge(s, edge, at);
    return known == KNOWN_DEAD || (known == KNOWN_PRESENT && edge_from_rescue(s, edge, at));
}

bool task_is_rescue(const Sched *s, uint32_t stage, uint32_t node) {
    if (!s->any_dead) {
        return false;
    }
    if (gate_is_rescue(s, stage)) {
        return true;
    }
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        if (port_row(s, port)->nedges > 0 && input_is_rescue(s, port, node)) {
            return true;
        }
    }
    return false;
}

void task_note_rescue(Sched *s, uint32_t stage, uint32_t node) {
    if (!s->config.continue_on_error && task_is_rescue(s, stage, node)) {
        *task_of(stage_run(s, stage), node) |= TASK_RESCUE;
        stage_run(s, stage)->rescue = true;
    }
}
