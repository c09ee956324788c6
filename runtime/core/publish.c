/*
 * publish.c - the work queue; the outputs of a decided task on their way along its edges.
 */
#include "core/publish.h"

#include "core/count.h"
#include "core/feed.h"
#include "core/gate.h"
#include "core/keys.h"
#include "core/limits.h"
#include "core/shorts.h"
#include "core/task.h"
#include "core/temps.h"

/* ---------------------------------------------------------------- giving back */

static void drop_box(StageRun *run, uint32_t node) {
    box_release(run->more->box[node]);
    run->more->box[node] = NULL;
    if (run->more->pass) {
        run->more->pass[node] = NULL;
    }
}

static void release(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    if (run->more->uses && --run->more->uses[node] == 0 && task_has(run, node, TASK_KNOWN)) {
        drop_box(run, node);
    }
}

void publish_release(Sched *s, uint32_t edge, uint32_t node) {
    Pick *pick = pick_of(s, edge) == DAG_NONE ? NULL : &s->picks[pick_of(s, edge)];
    if (pick && pick->count != DAG_NONE && !pick->chosen) {
        pick->owed[node] = 1;
        return;
    }
    if (s->temps) {
        temps_release(s, edge, node);
    }
    uint32_t maker;
    uint32_t stage = feed_maker(s, edge, node, &maker);
    release(s, stage, maker);
}

typedef struct ReleaseVisit {
    Visit visit;
    uint32_t edge;
    bool list;
} ReleaseVisit;

/* What a list has not got yet is given back when it comes. */
static void visit_release(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    const ReleaseVisit *v = (ReleaseVisit *)visit;
    for (uint32_t node = first; node < first + n; node++) {
        if (!v->list || feed_edge(s, v->edge, node) != KNOWN_OPEN) {
            publish_release(s, v->edge, node);
        }
    }
}

static void release_edges(Sched *s, uint32_t port, uint32_t top, uint32_t node) {
    const dag_port *row = port_row(s, port);
    for (uint32_t edge = row->edge; edge < row->edge + row->nedges; edge++) {
        ReleaseVisit v = { { visit_release }, edge, s->inputs[port].feed == FEED_LIST };
        uint32_t from = port_row(s, s->program->edges[edge].from)->axis;
        axis_visit(s, from, top, node, &v.visit);
    }
}

/* A task is decided: what it alone looked at. */
static void release_inputs(Sched *s, const StageRun *run, uint32_t node) {
    for (uint32_t port = run->in; port < run->in + run->nin; port++) {
        const Input *in = &s->inputs[port];
        if (in->counted) {
            release(s, in->maker, node);
        }
        if (in->direct) {
            if (s->temps) {
                temps_release(s, port_row(s, port)->edge, node);
            }
            continue;
        }
        if (in->feed == FEED_NONE || (in->place != PLACE_SAME && in->feed != FEED_LIST)) {
            continue;
        }
        if (in->feed == FEED_MERGE) {
            uint32_t at = node;
            uint32_t edge = feed_merged(s, port, &at);
            publish_release(s, edge, at);
        } else if (in->feed == FEED_PLAIN) {
            publish_release(s, port_row(s, port)->edge, node);
        } else {
            release_edges(s, port, in->axis, node);
        }
    }
}

/* What it had for all its tasks: broadcasts of the empty axis, parts of a cross. */
void publish_stage_done(Sched *s, uint32_t stage) {
    const StageRun *run = stage_run(s, stage);
    for (uint32_t port = run->in; port < run->in + run->nin; port++) {
        const Input *in = &s->inputs[port];
        bool counted = in->place == PLACE_SAME || in->feed == FEED_LIST || in->held;
        if (in->feed != FEED_NONE && !counted) {
            release_edges(s, port, 0, 0);
        }
    }
}

/* ---------------------------------------------------------------- outputs */

/* An output that is no stream is known: on its way along one edge. */
static void publish_edge(Sched *s, uint32_t edge, uint32_t node, Known known) {
    uint32_t port = s->program->edges[edge].to;
    const Input *in = &s->inputs[port];
    if (in->direct) {
        task_input(s, in->stage, node, port, known);
    } else {
        feed_decided(s, edge, node, known);
    }
}

/* The output of a plain stage. */
static void publish_plain(Sched *s, const StageRun *run, Known known) {
    const uint32_t *targets = s->near + run->near + run->nin;
    for (uint32_t i = 0; i < run->ntarget; i++) {
        if (targets[i] != DAG_NONE && known == KNOWN_PRESENT) {
            task_plain_input(s, &s->stages[targets[i]]);
        } else {
            const dag_stage *row = stage_row(s, s->program->topo[run->rank]);
            uint32_t first = port_row(s, row->out)->edge;
            publish_edge(s, s->program->out_edges[first + i], 0, known);
        }
    }
}

/* The number of elements that a task has emitted. */
static uint32_t emitted(const Sched *s, uint32_t port, uint32_t node) {
    const dag_port *row = port_row(s, port);
    const StageRun *run = stage_run(s, row->stage);
    const Box *box = run->more->box ? run->more->box[node] : NULL;
    if (!box || !box->outputs) {
        return 0;
    }
    const dag_value *value = &box->outputs[port - stage_row(s, row->stage)->out];
    return value->kind == DAG_LIST ? value->len : 0;
}

static void publish_stream(Sched *s, uint32_t port, uint32_t node, Known known) {
    const dag_port *row = port_row(s, port);
    StageRun *run = stage_run(s, row->stage);
    uint32_t n = known == KNOWN_PRESENT ? emitted(s, port, node) : 0;
    if (run->more->uses) {
        uint64_t uses = run->more->uses[node] + (uint64_t)n * row->nedges;
        if (uses > UINT32_MAX) {
            sched_no_memory(s);
        }
        run->more->uses[node] = (uint32_t)uses;
    }
    if (row->nedges > 0) {
        axis_append(s, row->axis, node, n, 0, 0);
    }
    axis_close(s, row->axis, node);
    axis_settle(s);
}

static void publish_outputs(Sched *s, uint32_t stage, uint32_t node) {
    const StageRun *run = stage_run(s, stage);
    Known known = feed_task(s, stage, node);
    if (run->plain) {
        publish_plain(s, run, known);
        return;
    }
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        const dag_port *out = port_row(s, port);
        bool plain = (out->flags & DAG_PORT_STREAM) == 0;
        for (uint32_t i = out->edge; plain && i < out->edge + out->nedges; i++) {
            publish_edge(s, s->program->out_edges[i], node, known);
        }
    }
    if (!run->streams) {
        return;
    }
    if (known == KNOWN_DEAD) {
        shorts_from_task(s, stage, node);
    }
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        if ((port_row(s, port)->flags & DAG_PORT_STREAM) != 0) {
            publish_stream(s, port, node, known);
        }
    }
}

/* What the task has made or hands on is held; what it looked at in vain is kept. */
static void publish_temps(Sched *s, uint32_t stage, uint32_t node) {
    bool dead = feed_task(s, stage, node) == KNOWN_DEAD;
    if (dead) {
        temps_spoil(s, stage, node);
    } else {
        temps_publish(s, stage, node);
    }
}

static void publish_task(Sched *s, uint32_t stage, uint32_t node) {
    StageRun *run = stage_run(s, stage);
    if (run->bounded && !run->sure && feed_task(s, stage, node) == KNOWN_PRESENT) {
        links_add(s, &run->more->held, node);
        return;
    }
    *task_of(run, node) |= TASK_KNOWN;
    if (run->more->uses) {
        run->more->uses[node]++; /* one of our own until all is published */
    }
    publish_outputs(s, stage, node);
    if (s->temps) {
        publish_temps(s, stage, node);
    }
    if (run->more->uses && --run->more->uses[node] == 0) {
        drop_box(run, node);
    }
    release_inputs(s, run, node);
    for (uint32_t i = 0; s->holds && i < s->holds[stage].n; i++) {
        count_down(s, s->holds[stage].items[i], stage_row(s, stage)->axis, node);
    }
    if (!run->plain) {
        run->more->ndone++;
    }
}

/* ---------------------------------------------------------------- the queue */

static void axis_completed(Sched *s, uint32_t axis) {
    Axis *a = &s->axes[axis];
    if (a->complete) {
        return;
    }
    a->complete = true;
    for (uint32_t i = 0; i < a->stages.n; i++) {
        uint32_t stage = a->stages.items[i];
        task_limit_check(s, stage);
        gate_stage_check(s, stage);
    }
}

typedef struct OwnVisit {
    Visit visit;
    uint32_t count, axis;
} OwnVisit;

static void visit_own(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    const OwnVisit *v = (OwnVisit *)visit;
    for (uint32_t node = first; node < first + n; node++) {
        count_down(s, v->count, v->axis, node);
    }
}

/* A stream that keys of a list are made of is closed: its groups wait for one less. */
static void own_closed(Sched *s, const Count *count, uint32_t node) {
    const List *list = &s->lists[count->of];
    OwnVisit v = { { visit_own }, list->count, s->inputs[list->port].axis };
    count->over[node] = 1;
    axis_visit(s, v.axis, count->top, node, &v.visit);
}

static void work_zero(Sched *s, const Count *count, uint32_t node) {
    if (count->left[node] != 0) {
        return; /* there was more after all */
    }
    switch ((CountKind)count->kind) {
    case COUNT_AXIS: axis_completed(s, count->of); break;
    case COUNT_LIST: feed_list_closed(s, count->of, node); break;
    case COUNT_TAKE: feed_choose(s, count->of); break;
    case COUNT_MERGE:
        axis_close(s, s->merges[count->of].axis, node);
        axis_settle(s);
        break;
    case COUNT_HOLD: publish_release(s, count->of, node); break;
    case COUNT_OWN: own_closed(s, count, node); break;
    }
}

static void work_do(Sched *s, const Work *work) {
    switch ((WorkKind)work->kind) {
    case WORK_TASKS:
        for (uint32_t i = 0; i < work->n; i++) {
            publish_task(s, work->of, work->first + i);
        }
        gate_stage_check(s, work->of);
        break;
    case WORK_ZERO: work_zero(s, &s->counts[work->of], work->first); break;
    case WORK_STAGE: task_sweep(s, work->of); break;
    case WORK_LIMIT: task_limit_check(s, work->of); break;
    }
}

void publish_decided(Sched *s, uint32_t stage, uint32_t node) {
    publish_task(s, stage, node);
    gate_stage_check(s, stage);
    sched_drain(s);
}

void publish_plain_end(Sched *s, StageRun *run) {
    task_set(run, 0, TASK_COMPLETED);
    run->task |= TASK_KNOWN;
    publish_plain(s, run, KNOWN_PRESENT);
    gate_run_end(s, run, DAG_COMPLETED);
    if (s->work_first < s->work_n || s->drop_retries) {
        sched_drain(s);
    }
}

void sched_drain(Sched *s) {
    while (s->work_first < s->work_n || s->drop_retries) {
        if (s->work_first == s->work_n) {
            limits_drop_retries(s);
            continue;
        }
        Work work = s->work[s->work_first++];
        work_do(s, &work);
    }
    s->work_first = s->work_n = 0;
}
