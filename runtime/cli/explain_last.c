/*
 * explain_last.c - what became of a task in the last run, by its record: the gate at which it waits
 * and the state of what is behind it; why it was skipped; how it failed.
 */
#include <string.h>

#include "cli/explain.h"
#include "store/record_sources.h"
#include "store/reuse_record.h"

static bool is_terminal(dag_state state) {
    return state != DAG_PENDING && state != DAG_RUNNING && state != DAG_QUEUED &&
           state != DAG_PAUSED;
}

bool explain_is_active(const StoreRecord *record) {
    return !is_terminal(record->run.state);
}

/* ---------------------------------------------------------------- the record */

static const StoreTask *find_task(const StoreRecord *record, uint32_t stage, const char *key) {
    uint32_t task = record_find_task(record, stage, key);
    return task == DAG_NONE ? NULL : &record->tasks[task];
}

static dag_state stage_state(const Explanation *e, uint32_t stage) {
    uint32_t there = record_stage(e->record, e->program, stage);
    return there == DAG_NONE ? DAG_PENDING : e->record->stages[there].state;
}

/* "running (2 of 5 tasks have ended)" */
static const char *stage_words(const Explanation *e, uint32_t stage) {
    uint32_t there = record_stage(e->record, e->program, stage), ended = 0, all = 0;
    const char *name = dag_state_name(stage_state(e, stage));
    for (size_t i = 0; there != DAG_NONE && i < e->record->ntasks; i++) {
        if (e->record->tasks[i].stage != there)
            continue;
        all++;
        ended += is_terminal(e->record->tasks[i].state);
    }
    return all < 2 ? name
                   : arena_printf(&e->cli->arena, "%s (%u tasks have ended, %u run)", name, ended,
                                  all - ended);
}

/* The part of a key on the first `depth` positions; NULL: it is not that long, or of a merge. */
static const char *prefix_of(Arena *arena, const char *key, uint32_t depth) {
    const char *end = key;
    if (depth == 0)
        return "-";
    if (strchr(key, ':') != NULL || strcmp(key, "-") == 0)
        return NULL;
    for (uint32_t i = 0; i < depth; i++) {
        if (i > 0 && *end++ != '.')
            return NULL;
        end += strspn(end, "0123456789");
    }
    return arena_text(arena, key, (size_t)(end - key));
}

/* ---------------------------------------------------------------- gates */

static void add_wait(Explanation *e, const char *at, uint32_t stage, const char *key,
                     const char *state) {
    ExplainedWait **last = &e->waits;
    while (*last != NULL)
        last = &(*last)->next;
    *last = ARENA_NEW(&e->cli->arena, ExplainedWait);
    **last = (ExplainedWait){ .at = at, .stage = stage, .key = key, .state = state };
}

static void add_edge(Explanation *e, const dag_port *in, uint32_t from) {
    Arena *arena = &e->cli->arena;
    const dag_program *program = e->program;
    bool whole = (in->flags & (DAG_PORT_LIST | DAG_PORT_MERGE)) != 0 || e->key == NULL;
    const char *name = program->strings + in->name;
    const char *at = (in->flags & DAG_PORT_HIDDEN) != 0
                         ? "a value that its expressions mention"
                         : arena_printf(arena, "its input `%s`", name);
    uint32_t depth = program->axes[program->stages[from].axis].depth;
    const char *key = whole ? NULL : prefix_of(arena, e->key, depth);
    uint32_t there = record_stage(e->record, program, from);
    const StoreTask *task = key == NULL ? NULL : find_task(e->record, there, key);
    if (task != NULL && is_terminal(task->state))
        return;
    if (key != NULL)
        add_wait(e, at, from, key, task == NULL ? "pending" : dag_state_name(task->state));
    else
        add_wait(e, at, from, NULL, stage_words(e, from));
}

static void add_edges(Explanation *e, const dag_stage *stage) {
    const dag_program *program = e->program;
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &program->ports[i];
        for (uint32_t k = in->edge; k < in->edge + in->nedges; k++) {
            uint32_t from = program->ports[program->edges[k].from].stage;
            if (!is_terminal(stage_state(e, from)))
                add_edge(e, in, from);
        }
    }
}

static void add_orders(Explanation *e, const dag_stage *stage) {
    static const char *const at[] = { "`=> on success`", "`=> on failure`", "`=> on always`" };
    for (uint32_t i = stage->order; i < stage->order + stage->norder; i++) {
        const dag_order *order = &e->program->orders[i];
        if (!is_terminal(stage_state(e, order->from)))
            add_wait(e, at[order->on], order->from, NULL, stage_words(e, order->from));
    }
}

/* Nothing before it is missing. */
static void add_rest(Explanation *e, const StoreTask *task) {
    dag_state run = e->record->run.state;
    const StoreAttempt *attempt = task == NULL ? NULL : task->attempts;
    while (attempt != NULL && attempt->next != NULL)
        attempt = attempt->next;
    if (run == DAG_PAUSED)
        add_wait(e, "the run, which is paused: `resume` goes on with it", DAG_NONE, NULL, "paused");
    else if (attempt != NULL && is_terminal(attempt->state) && task->attempt == attempt->number)
        add_wait(e,
                 arena_printf(&e->cli->arena, "its attempt %u, after a pause: attempt %u %s",
                              attempt->number + 1, attempt->number, dag_state_name(attempt->state)),
                 DAG_NONE, NULL, "pending");
    else if (task == NULL || task->state == DAG_PENDING)
        add_wait(e, "a free slot: other tasks run", DAG_NONE, NULL, "pending");
}

/* ---------------------------------------------------------------- */

static const char *error_words(Explanation *e, const StoreTask *task) {
    if (task->error.type != NULL)
        return arena_printf(&e->cli->arena, "%s: %s", task->error.type, task->error.message);
    return task->reason;
}

/* The first task of the stage that ended otherwise than well, for a stage that did. */
static const StoreTask *first_bad(const Explanation *e, uint32_t stage) {
    for (size_t i = 0; i < e->record->ntasks; i++) {
        const StoreTask *task = &e->record->tasks[i];
        if (task->stage == stage && is_terminal(task->state) && task->state != DAG_COMPLETED &&
            task->state != DAG_CACHED)
            return task;
    }
    return NULL;
}

void explain_last(Explanation *e) {
    uint32_t there = record_stage(e->record, e->program, e->stage);
    const dag_stage *stage = &e->program->stages[e->stage];
    if (there == DAG_NONE) {
        e->record = NULL; /* that run did not have it */
        return;
    }
    bool only = e->key == NULL && stage->axis == 0;
    const StoreTask *task = find_task(e->record, there, e->key == NULL ? "-" : e->key);
    dag_state state = e->record->stages[there].state;
    if (!only && e->key != NULL && (task != NULL || !is_terminal(state)))
        state = task != NULL ? task->state : DAG_PENDING;
    if (e->key != NULL && task == NULL && is_terminal(state)) {
        e->state = "not there";
        e->reason = "the stage had no task with this key";
        return;
    }
    e->state = dag_state_name(state);
    if (is_terminal(state)) {
        const StoreTask *bad = task != NULL ? task : first_bad(e, there);
        e->reason = bad == NULL ? NULL : error_words(e, bad);
        return;
    }
    add_edges(e, stage);
    add_orders(e, stage);
    if (e->waits == NULL)
        add_rest(e, task);
}
