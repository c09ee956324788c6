/*
 * report.c - see report.h.
 */
#include "core/report.h"

#include <string.h>

#include "core/feed.h"
#include "core/keys.h"
#include "core/task.h"

static bool wanted(const Sched *s) {
    return s->config.events && events_wanted(s->config.events);
}

static void emit(Sched *s, dag_event *event) {
    event->time = s->now;
    events_emit(s->config.events, event);
}

static const char *node_text(Sched *s, uint32_t stage, uint32_t node) {
    return key_text(s, stage_row(s, stage)->axis, node, &s->words);
}

/* Why a task was cancelled is no error; why it failed is. */
void report_end(Sched *s, uint32_t stage, uint32_t node, dag_state state, const char *reason,
                const dag_error *error) {
    if (error) {
        report_first(s, stage, node, error);
    }
    if (!wanted(s)) {
        return;
    }
    const StageRun *run = stage_run(s, stage);
    dag_event event = { .scope = DAG_SCOPE_TASK,
                        .state = state,
                        .stage = stage,
                        .key = node_text(s, stage, node),
                        .attempt = run->more->attempt ? run->more->attempt[node] : 0,
                        .reason = reason,
                        .error = error,
                        .exit_status = -1,
                        .started = run->more->started && run->more->started[node]
                                       ? run->more->started[node]
                                       : s->now };
    emit(s, &event);
}

static void report_begin(Sched *s, const Launch *launch, dag_scope scope, const char *reason) {
    if (!wanted(s)) {
        return;
    }
    dag_event event = { .scope = scope,
                        .state = DAG_RUNNING,
                        .stage = launch->stage,
                        .key = node_text(s, launch->stage, launch->node),
                        .attempt = launch->before + launch->attempt,
                        .reason = reason,
                        .exit_status = -1,
                        .started = s->now,
                        .was = launch->was };
    emit(s, &event);
}

void report_launch(Sched *s, const Launch *launch, const char *reason) {
    report_begin(s, launch, DAG_SCOPE_TASK, reason);
}

void report_further(Sched *s, const Launch *launch) {
    if (s->config.events && s->config.events->attempts) {
        report_begin(s, launch, DAG_SCOPE_ATTEMPT, NULL);
    }
}

static dag_event outcome_event(Sched *s, const Launch *launch, const Outcome *outcome) {
    return (dag_event){ .state = outcome->state,
                        .stage = launch->stage,
                        .key = node_text(s, launch->stage, launch->node),
                        .attempt = outcome->reused ? 0 : launch->before + launch->attempt,
                        .reason = outcome->reason,
                        .error = outcome->error.type ? &outcome->error : NULL,
                        .exit_status = outcome->exit_status,
                        .usage = &outcome->usage,
                        .dir = outcome->dir };
}

void report_attempt(Sched *s, const Launch *launch, const Outcome *outcome) {
    if (!wanted(s)) {
        return;
    }
    dag_event event = outcome_event(s, launch, outcome);
    event.scope = DAG_SCOPE_ATTEMPT;
    event.started = outcome->started;
    event.spent = outcome->spent;
    emit(s, &event);
}

void report_outcome(Sched *s, const Launch *launch, const Outcome *outcome, int64_t started) {
    const StageRun *run = stage_run(s, launch->stage);
    if (outcome->state == DAG_FAILED || outcome->state == DAG_CRASHED) {
        report_first(s, launch->stage, launch->node, &outcome->error);
    }
    if (!wanted(s)) {
        return;
    }
    dag_event event = outcome_event(s, launch, outcome);
    event.scope = DAG_SCOPE_TASK;
    event.started = started;
    event.inputs = outcome->inputs;
    event.sources = outcome->sources;
    event.nsources = outcome->nsources;
    event.known = outcome->known;
    event.result = outcome->result;
    event.outputs = run->more->pass ? run->more->pass[launch->node] : outcome->outputs;
    emit(s, &event);
}

/* ---------------------------------------------------------------- stages */

static dag_error limit_error(Sched *s, uint32_t stage) {
    return (dag_error){ "limit", arena_printf(&s->words, "more than max_tasks %u tasks",
                                              stage_row(s, stage)->max_tasks) };
}

void report_limit(Sched *s, uint32_t stage) {
    dag_error error = limit_error(s, stage);
    report_first(s, stage, DAG_NONE, &error);
}

void report_stage(Sched *s, uint32_t stage) {
    if (!wanted(s)) {
        return;
    }
    const StageRun *run = stage_run(s, stage);
    dag_error error = { NULL, NULL };
    if (run->limited && run->done) {
        error = limit_error(s, stage);
    }
    dag_event event = { .scope = DAG_SCOPE_STAGE,
                        .state = run->state,
                        .stage = stage,
                        .error = error.type ? &error : NULL,
                        .exit_status = -1 };
    emit(s, &event);
}

void report_first(Sched *s, uint32_t stage, uint32_t node, const dag_error *error) {
    if (s->first.error.type || (stage_row(s, stage)->flags & DAG_STAGE_MAY_FAIL) != 0) {
        return;
    }
    const char *type = error->type ? error->type : "exit";
    const char *message = error->message ? error->message : "";
    s->first.error.message = arena_text(&s->errors, message, strlen(message));
    s->first.stage = stage;
    s->first.key =
        node == DAG_NONE ? NULL : key_text(s, stage_row(s, stage)->axis, node, &s->errors);
    s->first.error.type = arena_text(&s->errors, type, strlen(type));
}

/* ---------------------------------------------------------------- reasons */

static const char *past(dag_state state) {
    switch (state) {
    case DAG_FAILED: return "failed";
    case DAG_CRASHED: return "crashed";
    case DAG_CANCELLED: return "was cancelled";
    case DAG_SKIPPED: return "was skipped";
    case DAG_COMPLETED:
    case DAG_CACHED: return "completed";
    case DAG_FILTERED: return "was filtered";
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_QUEUED:
    case DAG_PAUSED:
    case DAG_NSTATES: break;
    }
    return "did not complete";
}

static const char *sentence(Sched *s, uint32_t stage, const char *what) {
    return arena_printf(&s->words, "`%s` %s", text_of(s, stage_row(s, stage)->slug), what);
}

const char *report_past(Sched *s, uint32_t stage, dag_state state) {
    return wanted(s) ? sentence(s, stage, past(state)) : NULL;
}

/* The stage whose stream is dead as a whole, and what became of its task. */
static const char *short_reason(Sched *s, Short what) {
    const dag_port *port = port_row(s, what.q);
    const ShortKey *key = &s->keys[what.key];
    bool merge = (port->flags & DAG_PORT_MERGE) != 0;
    if (merge) {
        return "something that it merges did not complete";
    }
    bool exact = key->merge == DAG_NONE && key->axis == stage_row(s, port->stage)->axis;
    TaskState state = exact ? task_state(stage_run(s, port->stage), key->node) : TASK_OPEN;
    bool limited = stage_run(s, port->stage)->limited;
    return sentence(s, port->stage, past(limited ? DAG_FAILED : task_public_state(state)));
}

void report_short(Sched *s, uint32_t stage, Short what, dag_state state) {
    if (!wanted(s)) {
        return;
    }
    const char *reason = state == DAG_CANCELLED ? s->cancel_reason : short_reason(s, what);
    dag_event event = { .scope = DAG_SCOPE_TASK,
                        .state = state,
                        .stage = stage,
                        .key = key_short_text(s, what.key, &s->words),
                        .reason = reason,
                        .exit_status = -1,
                        .started = s->now };
    emit(s, &event);
}

const char *report_order(Sched *s, uint32_t order) {
    if (!wanted(s)) {
        return NULL;
    }
    uint32_t from = s->program->orders[order].from;
    return sentence(s, from, past((dag_state)stage_run(s, from)->state));
}

/* The first edge of the input that is dead at the node where the input looks. */
static uint32_t dead_edge(const Sched *s, uint32_t port, uint32_t at) {
    const dag_port *row = port_row(s, port);
    for (uint32_t edge = row->edge; edge < row->edge + row->nedges; edge++) {
        if (feed_edge(s, edge, at) == KNOWN_DEAD) {
            return edge;
        }
    }
    return row->edge;
}

const char *report_dead(Sched *s, uint32_t port, uint32_t node) {
    if (!wanted(s)) {
        return NULL;
    }
    const Input *in = &s->inputs[port];
    uint32_t edge = port_row(s, port)->edge;
    if (in->feed == FEED_LIST) {
        uint32_t stage = port_row(s, s->program->edges[edge].from)->stage;
        bool one = port_row(s, port)->nedges == 1;
        return one ? sentence(s, stage, "did not complete for all keys")
                   : "something that it gathers did not complete";
    }
    uint32_t at = feed_node(s, port, node);
    if (in->feed == FEED_MERGE) {
        edge = feed_merged(s, port, &at);
    } else if (in->feed == FEED_ANY) {
        edge = dead_edge(s, port, at);
    }
    uint32_t maker;
    uint32_t stage = feed_maker(s, edge, at, &maker);
    TaskState state = task_state(stage_run(s, stage), maker);
    return sentence(s, stage,
                    past(stage_run(s, stage)->limited ? DAG_FAILED : task_public_state(state)));
}
