/*
 * record_document.c - see record_document.h.
 */
#include "cli/record_document.h"

#include "cli/document_parts.h"
#include "cli/records.h"

#include <unistd.h>

dag_value recorded_value(Arena *arena, const char *json) {
    dag_value value = value_null();
    dag_error error;
    if (json == NULL || !value_from_json(arena, json, strlen(json), &value, &error)) {
        return value_null();
    }
    return value;
}

bool recorded_is_gone(const StoreRecord *record, const char *path) {
    int64_t size;
    return path[0] == '/' && access(path, F_OK) != 0 &&
           store_reclaimed(record->reader, path, &size);
}

typedef struct GoneList {
    const StoreRecord *record;
    dag_value *items; /* NULL: only counted */
    uint32_t n;
} GoneList;

static void add_gone(GoneList *list, dag_value value) {
    if (value.kind == DAG_STRING && recorded_is_gone(list->record, value.u.text)) {
        if (list->items != NULL)
            list->items[list->n] = value;
        list->n++;
    }
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len; i++)
        add_gone(list, value.u.items[i]);
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len; i++)
        add_gone(list, value.u.entries[i].value);
}

dag_value recorded_gone(Arena *arena, const StoreRecord *record, const char *outputs) {
    dag_value value = recorded_value(arena, outputs);
    GoneList list = { .record = record };
    add_gone(&list, value);
    list.items = ARENA_ARRAY(arena, list.n, dag_value);
    list.n = 0;
    add_gone(&list, value);
    return value_list(list.items, list.n);
}

static dag_value known(int64_t number) {
    return number < 0 ? value_null() : value_int(DAG_INT, number);
}

static dag_value task_error(Arena *arena, const dag_error *error) {
    if (error->type == NULL)
        return value_null();
    Object o = object_new(arena, 2);
    object_text(&o, "type", error->type);
    object_text(&o, "message", error->message);
    return object_value(&o);
}

static dag_value run_error(Arena *arena, const StoreRecord *record) {
    const StoreRunInfo *run = &record->run;
    bool placed = run->error_stage < record->nstages;
    return error_value(arena, &run->error, placed ? record->stages[run->error_stage].slug : NULL,
                       run->error_key);
}

static dag_value stages_value(Arena *arena, const StoreRecord *record, const ChildRows *children) {
    Object o = object_new(arena, record->nstages);
    for (uint32_t i = 0; i < record->nstages; i++) {
        const StoreStage *stage = &record->stages[i];
        ChildCounts below = child_rows_count(children, record->run.id, stage->slug);
        object_put(&o, stage->slug,
                   stage_value(arena, stage->state, stage->tasks,
                               seconds_value(stage->started, stage->ended),
                               child_counts_any(&below) ? &below : NULL));
    }
    return object_value(&o);
}

static dag_value counts_value(Arena *arena, const StoreRecord *record, const ChildRows *children) {
    uint64_t counts[DAG_NSTATES] = { 0 };
    for (uint32_t i = 0; i < record->nstages; i++) {
        for (int state = 0; state < DAG_NSTATES; state++)
            counts[state] += record->stages[i].tasks[state];
    }
    Object o = summary_object(arena, record->nstages, counts);
    ChildCounts all = child_rows_count(children, record->run.id, NULL);
    if (child_counts_any(&all))
        object_put(&o, "children", child_counts_value(arena, &all));
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
    Object o = object_new(arena, 11);
    object_text(&o, "stage", record->stages[task->stage].slug);
    object_text(&o, "key", task->key);
    object_text(&o, "state", dag_state_name(task->state));
    object_put(&o, "started", time_value(arena, task->started));
    object_put(&o, "finished", time_value(arena, task->finished));
    object_put(&o, "attempts", attempts_value(arena, task));
    object_put(&o, "inputs", recorded_value(arena, task->inputs));
    object_put(&o, "outputs", recorded_value(arena, task->outputs));
    object_put(&o, "deleted", recorded_gone(arena, record, task->outputs));
    object_put(&o, "error", task_error(arena, &task->error));
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

dag_value record_document(Arena *arena, const StoreRecord *record, uint32_t stage,
                          const ChildRows *children) {
    const StoreRunInfo *run = &record->run;
    Object o = object_new(arena, 15);
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
    object_put(&o, "stages", stages_value(arena, record, children));
    object_put(&o, "summary", counts_value(arena, record, children));
    object_put(&o, "tasks", tasks_value(arena, record, stage));
    if (children->n > 0)
        object_put(&o, "children", children_value(arena, children->rows, children->n));
    return object_value(&o);
}
