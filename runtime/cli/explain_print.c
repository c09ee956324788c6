/*
 * explain_print.c - an explanation for people and as a document.
 */
#include <string.h>

#include "cli/explain.h"
#include "cli/object.h"
#include "core/call.h"

static const char *slug(const Explanation *e, uint32_t stage) {
    return e->program->strings + e->program->stages[stage].slug;
}

/* The stage that is explained, as the user may name it. */
static const char *place(const Explanation *e) {
    return *e->within == '\0' ? slug(e, e->stage)
                              : arena_printf(&e->cli->arena, "%s/%s", e->within, slug(e, e->stage));
}

/* ---------------------------------------------------------------- text */

/* Lines of `text` that `other` has not, each behind `mark`. */
static void print_lines(FILE *out, char mark, const char *text, const char *other) {
    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        bool found = false;
        for (const char *p = other; *p != '\0' && !found;) {
            size_t m = strcspn(p, "\n");
            found = m == n && memcmp(p, line, n) == 0;
            p += m + (p[m] == '\n');
        }
        if (!found)
            fprintf(out, "  %c %.*s\n", mark, (int)n, line);
        line += n + (line[n] == '\n');
    }
}

static void print_task(const Explanation *e, const ExplainedTask *task, FILE *out) {
    const char *before = task->before == NULL ? "" : task->before;
    const char *now = task->now == NULL ? "" : task->now;
    fprintf(out, "%s [%s] %s: ", place(e), task->key, task->cached ? "is cached" : "would run");
    if (task->part == NULL) {
        fprintf(out, "%s\n", task->reason != NULL ? task->reason : e->why);
        return;
    }
    fprintf(out, "its %s %s since run %s\n", task->part,
            task->before == NULL && task->now != NULL   ? "has come"
            : task->now == NULL && task->before != NULL ? "has gone"
                                                        : "changed",
            task->run);
    print_lines(out, '-', before, now);
    print_lines(out, '+', now, before);
    if (strcmp(before, now) == 0 && *now != '\0')
        fprintf(out, "  (what it holds is not shown)\n");
}

static void print_wait(const Explanation *e, const ExplainedWait *wait, FILE *out) {
    if (wait->stage == DAG_NONE)
        fprintf(out, "  waits for %s\n", wait->at);
    else if (wait->key != NULL)
        fprintf(out, "  waits at %s for `%s` [%s], which is %s\n", wait->at, slug(e, wait->stage),
                wait->key, wait->state);
    else
        fprintf(out, "  waits at %s for `%s`, which is %s\n", wait->at, slug(e, wait->stage),
                wait->state);
}

static void print_last(const Explanation *e, FILE *out) {
    bool worth = explain_is_active(e->record) || e->reason != NULL || e->waits != NULL;
    if (!worth)
        return;
    fprintf(out, "%s%s%s%s in run %s (%s): %s", slug(e, e->stage), e->key != NULL ? " [" : "",
            e->key != NULL ? e->key : "", e->key != NULL ? "]" : "", e->record->run.id,
            dag_state_name(e->record->run.state), e->state);
    fprintf(out, e->reason != NULL ? ", %s\n" : "\n", e->reason);
    for (const ExplainedWait *wait = e->waits; wait != NULL; wait = wait->next)
        print_wait(e, wait, out);
}

static void print_now(const Explanation *e, FILE *out) {
    bool all = e->behind == NULL && e->ntasks > 0;
    if (e->beyond != NULL)
        fprintf(out, "%s: what goes in there is not known yet\n", e->beyond);
    for (const ExplainedTask *task = e->tasks; task != NULL; task = task->next)
        print_task(e, task, out);
    if (e->ntasks > 1000)
        fprintf(out, "and %zu more tasks\n", e->ntasks - 1000);
    if (all)
        return;
    if (e->key != NULL && e->ntasks == 0 && e->behind == NULL)
        fprintf(out, "%s has no task %s now (%s)\n", place(e), e->key, e->why);
    else if (e->ntasks == 0)
        fprintf(out, "%s: %s, %s\n", place(e), e->action, e->why);
    for (const ExplainedWait *wait = e->behind; wait != NULL; wait = wait->next)
        fprintf(out, "  behind `%s`: %s, %s\n", slug(e, wait->stage), wait->state, wait->at);
}

/* How to ask for what it calls. */
static void print_inside(const Explanation *e, FILE *out) {
    const dag_stage *stage = &e->program->stages[e->stage];
    if (e->beyond != NULL || stage->sub == DAG_NONE || e->program->subs[stage->sub]->nstages == 0)
        return;
    const dag_program *called = e->program->subs[stage->sub];
    const dag_value *over =
        stage->body == DAG_BODY_MAP && e->inputs != NULL ? &e->inputs[stage->map_over] : NULL;
    bool some = over != NULL && over->len > 0;
    const char *key = e->key != NULL ? e->key : e->tasks != NULL ? e->tasks->key : "KEY";
    const char *element = stage->body == DAG_BODY_MAP ? ".ELEMENT" : "";
    if (some)
        element = arena_printf(&e->cli->arena, ".%s", call_element_name(over, 0, &e->cli->arena));
    fprintf(out, "  inside: %s explain %s.%s%s/%s\n", e->cli->self, place(e), key, element,
            called->strings + called->stages[0].slug);
}

/* ---------------------------------------------------------------- document */

static dag_value wait_value(Arena *arena, const Explanation *e, const ExplainedWait *wait) {
    Object object = object_new(arena, 4);
    object_text(&object, "at", wait->at);
    object_text(&object, "stage", wait->stage == DAG_NONE ? NULL : slug(e, wait->stage));
    object_text(&object, "key", wait->key);
    object_text(&object, "state", wait->state);
    return object_value(&object);
}

static dag_value behind_value(Arena *arena, const Explanation *e, const ExplainedWait *wait) {
    Object object = object_new(arena, 3);
    object_text(&object, "slug", slug(e, wait->stage));
    object_text(&object, "action", wait->state);
    object_text(&object, "reason", wait->at);
    return object_value(&object);
}

static dag_value waits_value(Arena *arena, const Explanation *e, const ExplainedWait *first,
                             dag_value (*row)(Arena *arena, const Explanation *e,
                                              const ExplainedWait *wait)) {
    size_t n = 0;
    for (const ExplainedWait *wait = first; wait != NULL; wait = wait->next)
        n++;
    dag_value *items = ARENA_ARRAY(arena, n, dag_value);
    n = 0;
    for (const ExplainedWait *wait = first; wait != NULL; wait = wait->next)
        items[n++] = row(arena, e, wait);
    return value_list(items, n);
}

static dag_value last_value(Arena *arena, const Explanation *e) {
    Object object = object_new(arena, 5);
    if (e->record == NULL)
        return value_null();
    object_text(&object, "run", e->record->run.id);
    object_text(&object, "status", dag_state_name(e->record->run.state));
    object_text(&object, "state", e->state);
    object_text(&object, "reason", e->reason);
    object_put(&object, "waits", waits_value(arena, e, e->waits, wait_value));
    return object_value(&object);
}

static dag_value task_value(Arena *arena, const ExplainedTask *task) {
    Object object = object_new(arena, 7);
    object_text(&object, "key", task->key);
    object_text(&object, "action", task->cached ? "cached" : "run");
    object_text(&object, "reason", task->reason);
    object_text(&object, "part", task->part);
    object_text(&object, "before", task->before);
    object_text(&object, "now", task->now);
    object_text(&object, "run", task->run);
    return object_value(&object);
}

static void print_document(const Explanation *e, FILE *out) {
    Arena arena = { 0 };
    Object document = object_new(&arena, 9);
    size_t n = 0;
    for (const ExplainedTask *task = e->tasks; task != NULL; task = task->next)
        n++;
    dag_value *tasks = ARENA_ARRAY(&arena, n, dag_value);
    n = 0;
    for (const ExplainedTask *task = e->tasks; task != NULL; task = task->next)
        tasks[n++] = task_value(&arena, task);
    object_text(&document, "stage", slug(e, e->stage));
    object_text(&document, "within", *e->within == '\0' ? NULL : e->within);
    object_text(&document, "beyond", e->beyond);
    object_text(&document, "key", e->key);
    object_text(&document, "action", e->action);
    object_text(&document, "reason", e->why);
    object_put(&document, "tasks", value_list(tasks, n));
    object_put(&document, "behind", waits_value(&arena, e, e->behind, behind_value));
    object_put(&document, "last", last_value(&arena, e));
    fprintf(out, "%s\n", value_to_json(&arena, object_value(&document)));
    arena_free(&arena);
}

void explain_print(const Explanation *e, FILE *out) {
    if (e->cli->json) {
        print_document(e, out);
        return;
    }
    if (e->record != NULL)
        print_last(e, out);
    if (e->action != NULL) {
        print_now(e, out);
        print_inside(e, out);
    }
}
