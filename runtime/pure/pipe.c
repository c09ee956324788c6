/*
 * pipe.c - the table of pipes, how they are applied, and the errors that they share.
 */
#include "pure/pipe_call.h"
#include "pure/pattern.h"

#include <string.h>

const PipeRow pipe_rows[] = {
#define PIPE(name, signature, group, flags, function, doc) \
    { name, signature, group, flags, function, doc },
#include "pure/pipes.def"
#undef PIPE
};

const size_t pipe_count = sizeof pipe_rows / sizeof pipe_rows[0];

const PipeRow *pipe_find(const char *name, size_t n) {
    for (size_t i = 0; i < pipe_count; i++) {
        if (strncmp(pipe_rows[i].name, name, n) == 0 && pipe_rows[i].name[n] == '\0') {
            return &pipe_rows[i];
        }
    }
    return NULL;
}

uint32_t pipe_number(const PipeRow *row) {
    return (uint32_t)(row - pipe_rows);
}

/* ---------------------------------------------------------------- applying */

/* The pipe over each element of `list`, `depth` levels of lists more. args[0] is overwritten. */
static bool lift(PipeCall *call, dag_value *args, dag_value list, unsigned depth,
                 dag_value *result) {
    dag_value *items = arena_raw(call->env->arena, list.len * sizeof *items);
    size_t left = pipe_max(call);
    for (uint32_t i = 0; i < list.len; i++) {
        dag_value item = list.u.items[i];
        items[i] = value_null();
        args[0] = item;
        bool deeper = depth > 0 && item.kind == DAG_LIST;
        bool ok =
            item.kind == DAG_NULL ||
            (deeper ? lift(call, args, item, depth == PIPE_ANY_DEPTH ? depth : depth - 1, &items[i])
                    : call->row->apply(call, &items[i]));
        if (!ok) {
            return false;
        }
        size_t size = value_size(items[i]);
        if (size > left) {
            return pipe_too_large(call);
        }
        left -= size;
    }
    *result = value_list(items, list.len);
    return true;
}

bool pipe_apply_depth(const PipeRow *row, PipeCall *call, unsigned depth, dag_value *result) {
    dag_value args[PIPE_MAX_ARGS];
    call->row = row;
    if (call->nargs == 0 || call->nargs > PIPE_MAX_ARGS) {
        return pipe_fail(call, "%zu arguments", call->nargs);
    }
    if (!(row->flags & PIPE_SCALAR) || depth == 0 || call->args[0].kind != DAG_LIST) {
        return row->apply(call, result);
    }
    memcpy(args, call->args, call->nargs * sizeof args[0]);
    PipeCall lifted = *call;
    lifted.args = args;
    return lift(&lifted, args, args[0], depth == PIPE_ANY_DEPTH ? depth : depth - 1, result);
}

bool pipe_apply(const PipeRow *row, PipeCall *call, dag_value *result) {
    return pipe_apply_depth(row, call, PIPE_ANY_DEPTH, result);
}

/* ---------------------------------------------------------------- errors and checks */

bool pipe_fail(PipeCall *call, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(call->env->arena, format, args);
    va_end(args);
    call->error->type = "expression";
    call->error->message = arena_printf(call->env->arena, "%s: %s", call->row->name, message);
    return false;
}

bool pipe_wrong(PipeCall *call, size_t i, const char *what) {
    return pipe_fail(call, "%s is not %s", value_show(call->env->arena, call->args[i]), what);
}

bool pipe_too_large(PipeCall *call) {
    pipe_fail(call, "the result is larger than %zu bytes (--max-value)", pipe_max(call));
    call->error->type = "limit";
    return false;
}

size_t pipe_max(const PipeCall *call) {
    size_t max = call->env->max_value;
    return max == 0 ? DAG_MAX_VALUE : max < UINT32_MAX ? max : UINT32_MAX - 1;
}

bool pipe_text(PipeCall *call, size_t i) {
    uint32_t kind = call->args[i].kind;
    if (kind == DAG_STRING || kind == DAG_FILE || kind == DAG_DIR) {
        return true;
    }
    return pipe_wrong(call, i, "a text");
}

bool pipe_whole(PipeCall *call, size_t i) {
    return call->args[i].kind == DAG_INT || pipe_wrong(call, i, "an integer");
}

char *pipe_room(PipeCall *call, size_t n) {
    if (n > pipe_max(call)) {
        pipe_too_large(call);
        return NULL;
    }
    char *text = arena_raw(call->env->arena, n + 1);
    text[n] = '\0';
    return text;
}

bool pipe_part(PipeCall *call, const char *start, size_t n, dag_value *result) {
    dag_value subject = call->args[0];
    bool at_end = start + n == subject.u.text + subject.len;
    const char *text = at_end ? start : arena_text(call->env->arena, start, n);
    *result = value_text(DAG_STRING, text, n);
    return true;
}

bool pipe_buffer(PipeCall *call, TextBuffer *buffer, dag_value *result) {
    if (buffer->n > pipe_max(call)) {
        return pipe_too_large(call);
    }
    const char *text = buffer_end(buffer);
    *result = value_text(DAG_STRING, text, buffer->n);
    return true;
}
