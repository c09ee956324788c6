/*
 * children.c - see children.h.
 */
#include "cli/children.h"

#include <stdlib.h>
#include <string.h>

#include "cli/document_parts.h"

/* ---------------------------------------------------------------- kept from events */

static const char *keep(ChildList *list, const char *text) {
    return text == NULL ? NULL : arena_text(&list->arena, text, strlen(text));
}

/* The row of a run; NULL: no memory. */
static ChildRow *row_of(ChildList *list, uint32_t number) {
    if (number > list->size) {
        size_t size = list->size * 2 > number ? list->size * 2 : (size_t)number + 16;
        ChildRow *rows = realloc(list->rows, size * sizeof *rows);
        if (rows == NULL)
            return NULL;
        memset(rows + list->size, 0, (size - list->size) * sizeof *rows);
        list->rows = rows;
        list->size = size;
    }
    list->n = number > list->n ? number : list->n;
    return &list->rows[number - 1];
}

/* The stage that calls, by its slug. The program of the caller is not that of the event: the id of
 * the child says it, PARENT/SLUG.… */
static const char *slug_of(ChildList *list, const dag_event *event) {
    const char *at = event->run + strlen(event->caller->run) + 1;
    return arena_text(&list->arena, at, strcspn(at, "."));
}

static void begin(ChildList *list, ChildRow *row, const dag_event *event) {
    const dag_caller *caller = event->caller;
    *row = (ChildRow){ .run = keep(list, event->run),
                       .parent = keep(list, caller->run),
                       .pipeline = event->program->strings + event->program->name,
                       .stage = slug_of(list, event),
                       .key = keep(list, caller->key),
                       .element = caller->element,
                       .name = keep(list, caller->name),
                       .state = DAG_RUNNING,
                       .started = event->time };
}

static void end(ChildList *list, ChildRow *row, const dag_event *event) {
    const dag_program *program = event->program;
    row->state = (dag_state)event->state;
    row->ended = event->time;
    if (event->error == NULL)
        return;
    row->error = (dag_error){ keep(list, event->error->type), keep(list, event->error->message) };
    row->error_key = keep(list, event->key);
    if (event->stage != DAG_NONE)
        row->error_stage = program->strings + program->stages[event->stage].slug;
}

void child_list_event(ChildList *list, const dag_event *event) {
    ChildRow *row = row_of(list, event->number);
    if (row == NULL)
        return;
    if (event->scope == DAG_SCOPE_TASK)
        row->tasks[event->state]++;
    else if (event->scope == DAG_SCOPE_RUN && event->state == DAG_RUNNING)
        begin(list, row, event);
    else if (event->scope == DAG_SCOPE_RUN)
        end(list, row, event);
}

void child_list_free(ChildList *list) {
    arena_free(&list->arena);
    free(list->rows);
}

/* ---------------------------------------------------------------- read from the record */

static uint32_t stage_named(const dag_program *program, const char *slug, size_t n) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        const char *name = program->strings + program->stages[i].slug;
        if (strlen(name) == n && memcmp(name, slug, n) == 0)
            return i;
    }
    return DAG_NONE;
}

static int digit(char c) {
    return c >= 'A' ? c - 'A' + 10 : c - '0';
}

/* "a%2Fx": as call_element_name writes it. */
static const char *unescaped(Arena *arena, const char *text, size_t n) {
    char *out = arena_alloc(arena, n + 1), *at = out;
    for (size_t i = 0; i < n; i++) {
        bool escaped = text[i] == '%' && i + 2 < n;
        *at++ = escaped ? (char)(digit(text[i + 1]) << 4 | digit(text[i + 2])) : text[i];
        i += escaped ? 2 : 0;
    }
    return out;
}

/* The last part of a child's id: SLUG.KEY or SLUG.KEY.ELEMENT, from the second attempt on ~ATTEMPT. */
typedef struct Part {
    const dag_stage *stage; /* NULL: the program is another one than that of the run */
    const char *key, *element, *attempt;
} Part;

static Part part_read(Arena *arena, const dag_program *program, const char *text, size_t n) {
    size_t slug = strcspn(text, "."), end = strcspn(text, "~/");
    uint32_t i = program != NULL && slug < n ? stage_named(program, text, slug) : DAG_NONE;
    Part part = { .attempt = "1" };
    if (i == DAG_NONE || program->stages[i].sub == DAG_NONE)
        return part;
    part.stage = &program->stages[i];
    if (end < n)
        part.attempt = arena_text(arena, text + end + 1, n - end - 1);
    size_t key = end;
    if (part.stage->body == DAG_BODY_MAP) {
        while (key > slug + 1 && text[key] != '.')
            key--;
        part.element = arena_text(arena, text + key + 1, end - key - 1);
    }
    part.key = arena_text(arena, text + slug + 1, key - slug - 1);
    return part;
}

/* Calls `see` with each part of an id, the root's left out, and the id of the run that it is of. */
static void each_part(Arena *arena, const dag_program *program, const char *id,
                      void (*see)(void *self, const Part *part, const dag_program *program,
                                  size_t parent),
                      void *self) {
    for (const char *at = strchr(id, '/'); at != NULL; at = strchr(at + 1, '/')) {
        Part part = part_read(arena, program, at + 1, strcspn(at + 1, "/"));
        see(self, &part, program, (size_t)(at - id));
        program = part.stage == NULL ? NULL : program->subs[part.stage->sub];
    }
}

typedef struct Placing {
    Arena *arena;
    ChildRow *row;
} Placing;

static void place(void *self, const Part *part, const dag_program *program, size_t parent) {
    const Placing *p = self;
    ChildRow *row = p->row;
    row->parent = arena_text(p->arena, row->run, parent);
    row->element = DAG_NONE;
    row->name = row->stage = row->key = NULL;
    if (part->stage == NULL)
        return;
    row->stage = program->strings + part->stage->slug;
    row->key = part->key;
    if (part->element == NULL)
        return;
    uint32_t type = program->ports[part->stage->in + part->stage->map_over].type;
    bool numbered = strncmp(part->element, "%n", 2) == 0; /* a long key, known by its number */
    if (program->types[type].kind == DAG_MAP && !numbered)
        row->name = unescaped(p->arena, part->element, strlen(part->element));
    else
        row->element = (uint32_t)strtoul(part->element + (numbered ? 2 : 0), NULL, 10);
}

typedef struct Path {
    Arena *arena;
    const char *text;
} Path;

static void go_down(void *self, const Part *part, const dag_program *program, size_t parent) {
    Path *p = self;
    (void)parent;
    if (part->stage != NULL)
        p->text =
            arena_printf(p->arena, "%s/%s/%s/%s%s%s", p->text, program->strings + part->stage->slug,
                         part->key, part->attempt, part->element == NULL ? "" : "/",
                         part->element == NULL ? "" : part->element);
}

static void take_program(void *self, const Part *part, const dag_program *program, size_t parent) {
    const dag_program **called = self;
    (void)parent;
    *called = part->stage == NULL ? NULL : program->subs[part->stage->sub];
}

bool child_stage_calls(Arena *arena, const dag_program *program, const char *id, const char *slug) {
    each_part(arena, program, id, take_program, &program);
    uint32_t i = program == NULL ? DAG_NONE : stage_named(program, slug, strlen(slug));
    return i != DAG_NONE && program->stages[i].sub != DAG_NONE;
}

const char *child_folder(Arena *arena, const dag_program *program, const char *id) {
    Path path = { arena, arena_text(arena, id, strcspn(id, "/")) };
    each_part(arena, program, id, go_down, &path);
    return path.text;
}

ChildRows child_rows_recorded(Arena *arena, const dag_program *program,
                              const StoreChildRun *children, size_t n) {
    ChildRow *rows = ARENA_ARRAY(arena, n, ChildRow);
    for (size_t i = 0; i < n; i++) {
        const StoreRunInfo *run = &children[i].run;
        rows[i] = (ChildRow){ .run = run->id,
                              .pipeline = run->pipeline,
                              .state = run->state,
                              .started = run->created,
                              .ended = run->created + run->duration,
                              .error = run->error,
                              .error_stage = children[i].error_slug,
                              .error_key = run->error_key };
        memcpy(rows[i].tasks, children[i].tasks, sizeof rows[i].tasks);
        Placing placing = { arena, &rows[i] };
        each_part(arena, program, run->id, place, &placing);
    }
    return (ChildRows){ rows, n };
}

/* ---------------------------------------------------------------- counted */

static bool is_below(const ChildRow *row, const char *id, const char *slug) {
    size_t n = strlen(id);
    if (slug == NULL)
        return true;
    if (strncmp(row->run, id, n) != 0 || row->run[n] != '/')
        return false;
    const char *part = row->run + n + 1;
    return strncmp(part, slug, strlen(slug)) == 0 && part[strlen(slug)] == '.';
}

ChildCounts child_rows_count(const ChildRows *rows, const char *id, const char *slug) {
    ChildCounts counts = { { 0 }, { 0 } };
    for (size_t i = 0; i < rows->n; i++) {
        const ChildRow *row = &rows->rows[i];
        if (!is_below(row, id, slug))
            continue;
        counts.runs[row->state]++;
        for (int state = 0; state < DAG_NSTATES; state++)
            counts.tasks[state] += row->tasks[state];
    }
    return counts;
}

static uint64_t sum(const uint64_t *counts) {
    uint64_t n = 0;
    for (int state = 0; state < DAG_NSTATES; state++)
        n += counts[state];
    return n;
}

bool child_counts_any(const ChildCounts *counts) {
    return sum(counts->runs) + sum(counts->tasks) > 0;
}

const char *child_counts_text(Arena *arena, const ChildCounts *counts) {
    uint64_t runs = sum(counts->runs), tasks = sum(counts->tasks);
    if (!child_counts_any(counts))
        return "";
    return arena_printf(arena, ", %llu run%s with %llu task%s", (unsigned long long)runs,
                        runs == 1 ? "" : "s", (unsigned long long)tasks, tasks == 1 ? "" : "s");
}

/* ---------------------------------------------------------------- documents */

static dag_value element_value(const ChildRow *row) {
    if (row->name != NULL)
        return object_string(row->name);
    return row->element == DAG_NONE ? value_null() : value_int(DAG_INT, row->element);
}

static dag_value row_value(Arena *arena, const ChildRow *row) {
    Object o = object_new(arena, 10);
    object_text(&o, "run", row->run);
    object_text(&o, "parent", row->parent);
    object_text(&o, "stage", row->stage);
    object_text(&o, "key", row->key);
    object_put(&o, "element", element_value(row));
    object_text(&o, "pipeline", row->pipeline);
    object_text(&o, "status", dag_state_name(row->state));
    object_put(&o, "duration", seconds_value(row->started, row->ended));
    object_put(&o, "error", error_value(arena, &row->error, row->error_stage, row->error_key));
    object_put(&o, "tasks", states_value(arena, row->tasks));
    return object_value(&o);
}

dag_value children_value(Arena *arena, const ChildRow *rows, size_t n) {
    dag_value *items = ARENA_ARRAY(arena, n, dag_value);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].run != NULL)
            items[count++] = row_value(arena, &rows[i]);
    }
    return value_list(items, count);
}

dag_value child_counts_value(Arena *arena, const ChildCounts *counts) {
    Object o = object_new(arena, END_STATES + 2);
    object_put(&o, "runs", value_int(DAG_INT, (int64_t)sum(counts->runs)));
    for (int i = 0; i < END_STATES; i++) {
        dag_state state = end_states[i];
        object_put(&o, dag_state_name(state), value_int(DAG_INT, (int64_t)counts->runs[state]));
    }
    object_put(&o, "tasks", states_value(arena, counts->tasks));
    return object_value(&o);
}

dag_value stage_value(Arena *arena, dag_state state, const uint32_t *tasks, dag_value duration,
                      const ChildCounts *children) {
    uint64_t counts[DAG_NSTATES];
    Object o = object_new(arena, 4);
    for (int i = 0; i < DAG_NSTATES; i++)
        counts[i] = tasks[i];
    object_text(&o, "state", dag_state_name(state));
    object_put(&o, "tasks", states_value(arena, counts));
    object_put(&o, "duration", duration);
    if (children != NULL)
        object_put(&o, "children", child_counts_value(arena, children));
    return object_value(&o);
}
