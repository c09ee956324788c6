/*
 * record_document.c - see record_document.h.
 */
#include "cli/record_document.h"

#include "cli/object.h"
#include "cli/records.h"

static const dag_state ends[] = { DAG_COMPLETED, DAG_CACHED,  DAG_FAILED,  DAG_CRASHED,
                                  DAG_CANCELLED, DAG_SKIPPED, DAG_FILTERED };
enum { nends = sizeof ends / sizeof *ends };

dag_value recorded_value(Arena *arena, const char *json) {
    dag_value value = value_null();
    dag_error error;
    if (json == NULL || !value_from_json(arena, json, strlen(json), &value, &error)) {
        return value_null();
    }
    return value;
}

static dag_value seconds(int64_t from, int64_t to) {
    return value_float(from == 0 || to < from ? 0.0 : (double)(to - from) / 1e9);
}

static dag_value known(int64_t number) {
    return number < 0 ? value_null() : value_int(DAG_INT, number);
}

static dag_value error_value(Arena *arena, const dag_error *error) {
    if (error->type == NULL)
        return value_null();
    Object o = object_new(arena, 2);
    object_text(&o, "type", error->type);
    object_text(&o, "message", error->message);
    return object_value(&o);
}

static dag_value run_error(Arena *arena, const StoreRecord *record) {
    const StoreRunInfo *run = &record->run;
    if (run->error.type == NULL)
        return value_null();
    bool placed = run->error_stage < record->nstages;
    Object o = object_new(arena, 4);
    object_text(&o, "stage", placed ? record->stages[run->error_stage].slug : NULL);
    object_text(&o, "key", run->error_key);
    object_text(&o, "type", run->error.type);
    object_text(&o, "message", run->error.message);
    return object_value(&o);
}

static dag_value stage_value(Arena *arena, const StoreStage *stage) {
    Object tasks = object_new(arena, nends), o = object_new(arena, 3);
    for (size_t i = 0; i < nends; i++) {
        object_put(&tasks, dag_state_name(ends[i]), value_int(DAG_INT, stage->tasks[ends[i]]));
    }
    object_text(&o, "state", dag_state_name(stage->state));
    object_put(&o, "tasks", object_value(&tasks));
    object_put(&o, "duration", seconds(stage->started, stage->ended));
    return object_value(&o);
}

static dag_value stages_value(Arena *arena, const StoreRecord *record) {
    Object o = object_new(arena, record->nstages);
    for (uint32_t i = 0; i < record->nstages; i++) {
        object_put(&o, record->stages[i].slug, stage_value(arena, &record->stages[i]));
    }
    return object_value(&o);
}

static dag_value summary_value(Arena *arena, const StoreRecord *record) {
    uint64_t counts[DAG_NSTATES] = { 0 }, total = 0;
    Object o = object_new(arena, nends + 2);
    for (uint32_t i = 0; i < record->nstages; i++) {
        for (size_t k = 0; k < nends; k++)
            counts[ends[k]] += record->stages[i].tasks[ends[k]];
    }
    for (size_t k = 0; k < nends; k++)
        total += counts[ends[k]];
    object_put(&o, "stages", value_int(DAG_INT, record->nstages));
    object_put(&o, "tasks", value_int(DAG_INT, (int64_t)total));
    for (size_t k = 0; k < nends; k++) {
        object_put(&o, dag_state_name(ends[k]), value_int(DAG_INT, (int64_t)counts[ends[k]]));
    }
    return object_value(&o);
}

/* ---------------------------------------------------------------- tasks */

static dag_value attempt_value(Arena *arena, const StoreAttempt *attempt) {
    const dag_usage *usage = &attempt->usage;
    bool timed = usage->user >= 0 && usage->system >= 0;
    Object o = object_new(arena, 8);
    object_put(&o, "n", value_int(DAG_INT, attempt->number));
    object_text(&o, "state", dag_state_name(attempt->state));
    object_put(&o, "started", time_value(arena, attempt->started));
    object_put(&o, "finished", time_value(arena, attempt->finished));
    object_put(&o, "exit", known(attempt->exit_status));
    object_put(&o, "cpu",
               timed ? value_float((double)(usage->user + usage->system) / 1e9) : value_null());
    object_put(&o, "rss", known(usage->max_rss));
    object_text(&o, "log",
                attempt->dir == NULL ? NULL : arena_printf(arena, "%s/stderr", attempt->dir));
    return object_value(&o);
}

static dag_value attempts_value(Arena *arena, const StoreTask *task) {
    size_t n = 0;
    for (const StoreAttempt *a = task->attempts; a != NULL; a = a->next)
        n++;
    dag_value *items = ARENA_ARRAY(arena, n, dag_value);
    n = 0;
    for (const StoreAttempt *a = task->attempts; a != NULL; a = a->next) {
        items[n++] = attempt_value(arena, a);
    }
    return value_list(items, n);
}

static dag_value task_value(Arena *arena, const StoreRecord *record, const StoreTask *task) {
    Object o = object_new(arena, 10);
    object_text(&o, "stage", record->stages[task->stage].slug);
    object_text(&o, "key", task->key);
    object_text(&o, "state", dag_state_name(task->state));
    object_put(&o, "started", time_value(arena, task->started));
    object_put(&o, "finished", time_value(arena, task->finished));
    object_put(&o, "attempts", attempts_value(arena, task));
    object_put(&o, "inputs", recorded_value(arena, task->inputs));
    object_put(&o, "outputs", recorded_value(arena, task->outputs));
    object_put(&o, "error", error_value(arena, &task->error));
    object_text(&o, "reason", task->reason);
    return object_value(&o);
}

static dag_value tasks_value(Arena *arena, const StoreRecord *record, uint32_t stage) {
    dag_value *items = ARENA_ARRAY(arena, record->ntasks, dag_value);
    size_t n = 0;
    for (size_t i = 0; i < record->ntasks; i++) {
        const StoreTask *task = &record->tasks[i];
        if (stage == DAG_NONE || task->stage == stage)
            items[n++] = task_value(arena, record, task);
    }
    return value_list(items, n);
}

dag_value record_document(Arena *arena, const StoreRecord *record, uint32_t stage) {
    const StoreRunInfo *run = &record->run;
    Object o = object_new(arena, 14);
    object_text(&o, "run", run->id);
    object_text(&o, "pipeline", run->pipeline);
    object_text(&o, "status", dag_state_name(run->state));
    object_put(&o, "duration", value_float((double)run->duration / 1e9));
    object_put(&o, "started", time_value(arena, run->created));
    object_put(&o, "finished", time_value(arena, run->finished));
    object_text(&o, "origin", run->origin);
    object_put(&o, "inputs", recorded_value(arena, run->inputs));
    object_put(&o, "outputs",
               run->outputs == NULL ? value_map(NULL, 0) : recorded_value(arena, run->outputs));
    object_put(&o, "error", run_error(arena, record));
    object_put(&o, "stages", stages_value(arena, record));
    object_put(&o, "summary", summary_value(arena, record));
    object_put(&o, "tasks", tasks_value(arena, record, stage));
    return object_value(&o);
}
