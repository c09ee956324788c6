/*
 * tally.c - what happened, counted from events: for progress, summary and the JSON document.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/children.h"

bool tally_init(Tally *tally, const dag_program *program, bool children) {
    *tally = (Tally){ .program = program, .error_stage = DAG_NONE, .state = DAG_QUEUED };
    tally->stages = calloc(program->nstages > 0 ? program->nstages : 1, sizeof *tally->stages);
    if (children)
        tally->children = calloc(1, sizeof *tally->children);
    return tally->stages != NULL && (!children || tally->children != NULL);
}

void tally_free(Tally *tally) {
    arena_free(&tally->arena);
    free(tally->stages);
    if (tally->children != NULL)
        child_list_free(tally->children);
    free(tally->children);
}

static bool terminal(uint32_t state) {
    return state != DAG_PENDING && state != DAG_RUNNING && state != DAG_QUEUED;
}

static const char *keep(Tally *tally, const char *text) {
    return text == NULL ? NULL : arena_text(&tally->arena, text, strlen(text));
}

static void take_error(Tally *tally, const dag_event *event) {
    /* The run's own error counts, also where it names a stage that may fail: its output is missing. */
    bool tolerated = event->scope != DAG_SCOPE_RUN && event->stage != DAG_NONE &&
                     (tally->program->stages[event->stage].flags & DAG_STAGE_MAY_FAIL) != 0;
    dag_error *slot = tolerated ? &tally->tolerated : &tally->error;
    if (slot->type != NULL || event->error == NULL || event->error->type == NULL)
        return;
    slot->type = keep(tally, event->error->type);
    slot->message = keep(tally, event->error->message);
    if (tolerated)
        return;
    tally->error_stage = event->stage;
    tally->error_key = keep(tally, event->key);
    if (event->scope == DAG_SCOPE_TASK)
        tally->error_dir = tally->dir;
}

static void count_task(Tally *tally, const dag_event *event) {
    StageTally *stage = &tally->stages[event->stage];
    stage->due = 0;
    if (event->state == DAG_RUNNING) {
        if (event->was != DAG_PENDING)
            stage->tasks[event->was]--; /* it is carried out once more */
        else if (event->attempt <= 1)
            stage->total++;
        stage->running++;
        return;
    }
    if (event->attempt > 0 && stage->running > 0)
        stage->running--;
    if (!terminal(event->state))
        return;
    if (event->attempt == 0)
        stage->total++;
    stage->tasks[event->state]++;
}

static void count_stage(Tally *tally, const dag_event *event) {
    StageTally *stage = &tally->stages[event->stage];
    stage->state = (dag_state)event->state;
    if (event->state == DAG_RUNNING)
        stage->started = event->time;
    else
        stage->ended = event->time;
}

static void count_run(Tally *tally, const dag_event *event) {
    tally->state = (dag_state)event->state;
    if (event->state == DAG_RUNNING)
        tally->started = event->time;
    else {
        tally->ended = event->time;
        tally->refused = event->state == DAG_FAILED && tally->started == 0;
        if (tally->started == 0)
            tally->started = event->time;
    }
}

/* Of a run that a stage calls, at any depth. */
static void count_child(Tally *tally, const dag_event *event) {
    ChildCounts *counts = &tally->stages[event->caller->root_stage].children;
    if (tally->children != NULL)
        child_list_event(tally->children, event);
    if (!terminal(event->state))
        return;
    if (event->scope == DAG_SCOPE_RUN)
        counts->runs[event->state]++;
    else if (event->scope == DAG_SCOPE_TASK)
        counts->tasks[event->state]++;
}

void tally_event(void *self, const dag_event *event) {
    Tally *tally = self;
    if (event->depth > 0) {
        count_child(tally, event);
        return;
    }
    switch ((dag_scope)event->scope) {
    case DAG_SCOPE_RUN: count_run(tally, event); break;
    case DAG_SCOPE_STAGE: count_stage(tally, event); break;
    case DAG_SCOPE_TASK: count_task(tally, event); break;
    case DAG_SCOPE_ATTEMPT:
        if (event->error != NULL)
            tally->dir = keep(tally, event->dir);
        return;
    case DAG_SCOPE_PROGRESS:
        tally->stages[event->stage].done = event->done;
        tally->stages[event->stage].due = event->total;
        return;
    case DAG_SCOPE_LOG: return;
    }
    if (event->state == DAG_FAILED || event->state == DAG_CRASHED)
        take_error(tally, event);
}

uint32_t tally_stages(const Tally *tally, dag_state state) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < tally->program->nstages; i++)
        n += tally->stages[i].state == state;
    return n;
}

uint64_t tally_tasks(const Tally *tally, dag_state state) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < tally->program->nstages; i++)
        n += tally->stages[i].tasks[state];
    return n;
}

ChildCounts tally_children(const Tally *tally) {
    ChildCounts sum = { { 0 }, { 0 } };
    for (uint32_t i = 0; i < tally->program->nstages; i++) {
        for (int state = 0; state < DAG_NSTATES; state++) {
            sum.runs[state] += tally->stages[i].children.runs[state];
            sum.tasks[state] += tally->stages[i].children.tasks[state];
        }
    }
    return sum;
}
