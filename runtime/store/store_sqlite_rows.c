/*
 * store_sqlite_rows.c - what is recorded of an event: texts copied, values as JSON.
 *
 * Of a task that is only an expression, that it runs and that its attempt has completed say nothing
 * that its completion does not: one row.
 */
#include <string.h>

#include "core/outputs.h"
#include "store/ports_json.h"
#include "store/store_sqlite.h"

bool store_row_wanted(const dag_program *program, const dag_event *event) {
    if (event->scope == DAG_SCOPE_LOG || event->scope == DAG_SCOPE_PROGRESS || event->known)
        return false;
    if (event->scope != DAG_SCOPE_TASK && event->scope != DAG_SCOPE_ATTEMPT)
        return true;
    if (program->stages[event->stage].body != DAG_BODY_NONE)
        return true;
    return event->state != (event->scope == DAG_SCOPE_TASK ? DAG_RUNNING : DAG_COMPLETED);
}

/* ---------------------------------------------------------------- JSON */

const char *store_inputs_json(Arena *arena, const StoreRun *run) {
    TextBuffer out = { .arena = arena };
    for (uint32_t i = 0; i < run->program->ninputs; i++) {
        json_put_name(&out, run->program->strings + run->program->inputs[i].name);
        json_put(&out, run->inputs[i], SIZE_MAX);
    }
    return json_end_object(&out);
}

static bool may_be_null(const dag_program *program, uint32_t type) {
    dag_kind kind = (dag_kind)program->types[type].kind;
    return kind == DAG_OPTIONAL || kind == DAG_JSON || kind == DAG_NULL;
}

/* What is missing is not there. */
static const char *outputs_json(Arena *arena, const dag_program *program, const dag_value *values) {
    TextBuffer out = { .arena = arena };
    for (uint32_t i = 0; i < program->noutputs; i++) {
        const dag_output *output = &program->outputs[i];
        if (values[i].kind == DAG_NULL && !may_be_null(program, output->type))
            continue;
        json_put_name(&out, program->strings + output->name);
        json_put(&out, values[i], SIZE_MAX);
    }
    return json_end_object(&out);
}

/* [3,[4,"0.1"]]: the key stands where it is not the task's own. */
static const char *sources_json(Arena *arena, const dag_event *event) {
    TextBuffer out = { .arena = arena };
    for (uint32_t i = 0; i < event->nsources; i++) {
        const dag_source *source = &event->sources[i];
        char number[16];
        size_t n = 0;
        uint32_t edge = source->edge;
        do {
            number[sizeof number - ++n] = (char)('0' + edge % 10);
        } while ((edge /= 10) > 0);
        buffer_char(&out, i == 0 ? '[' : ',');
        bool same = strcmp(source->key, event->key) == 0;
        if (!same)
            buffer_char(&out, '[');
        buffer_add(&out, number + sizeof number - n, n);
        if (same)
            continue;
        buffer_char(&out, ',');
        json_put_text(&out, source->key, strlen(source->key));
        buffer_char(&out, ']');
    }
    if (event->nsources == 0)
        return NULL;
    buffer_char(&out, ']');
    return buffer_end(&out);
}

/* ---------------------------------------------------------------- rows */

static const char *keep(Arena *arena, const char *text) {
    return text == NULL ? NULL : arena_text(arena, text, strlen(text));
}

static void take_child(StoreRow *row, Arena *arena, const dag_event *event) {
    StoreRun run = { .program = event->program, .inputs = event->inputs };
    StoreChild *child = ARENA_NEW(arena, StoreChild);
    *child = (StoreChild){ .name = keep(arena, event->run),
                           .parent = event->caller->number,
                           .program = event->program };
    row->begins = child;
    row->inputs = store_inputs_json(arena, &run);
}

static void take_values(StoreRow *row, Arena *arena, const dag_program *program,
                        const dag_event *event) {
    if (event->scope == DAG_SCOPE_RUN) {
        if (event->depth > 0 && event->state == DAG_RUNNING)
            take_child(row, arena, event);
        if (event->outputs != NULL)
            row->outputs = outputs_json(arena, program, event->outputs);
        return;
    }
    if (event->scope != DAG_SCOPE_TASK)
        return;
    const dag_stage *stage = &program->stages[event->stage];
    row->sources = sources_json(arena, event);
    if (row->result != 0)
        return;
    if (event->inputs != NULL) {
        row->inputs = ports_json(arena, program, stage->in, stage->nin, event->inputs);
    }
    if (event->outputs != NULL) {
        row->outputs = ports_json(arena, program, stage->out, stage->nout, event->outputs);
        row->makes_files = event->state == DAG_COMPLETED && stage->body != DAG_BODY_NONE &&
                           stage_has_files(program, stage);
    }
}

/* An attempt ended when its body did, not when the driver heard of it. */
static void take_times(StoreRow *row, const dag_event *event) {
    bool known = event->spent > 0 && event->started + event->spent < event->time;
    row->time = known ? event->started + event->spent : event->time;
    if (event->started > 0 && row->time > event->started)
        row->took = row->time - event->started;
}

StoreRow *store_row_new(Arena *arena, const dag_program *program, const dag_event *event) {
    StoreRow *row = ARENA_NEW(arena, StoreRow);
    *row = (StoreRow){ .of = event->depth > 0 ? event->number : 0,
                       .scope = event->scope,
                       .state = event->state,
                       .stage = event->stage,
                       .attempt = event->attempt,
                       .exit_status = event->exit_status,
                       .usage = { -1, -1, -1, -1, -1 } };
    take_times(row, event);
    if (event->usage != NULL)
        row->usage = *event->usage;
    row->key = keep(arena, event->key);
    row->result = event->result;
    row->reason = row->result != 0 ? NULL : keep(arena, event->reason);
    row->dir = keep(arena, event->dir);
    if (event->error != NULL) {
        row->error_type = keep(arena, event->error->type);
        row->error_message = keep(arena, event->error->message);
    }
    take_values(row, arena, program, event);
    return row;
}
