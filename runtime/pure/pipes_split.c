/*
 * pipes_split.c - parts of text: split lines match.
 *
 * The text is copied once; its parts are in that copy, each ended by a NUL over its separator.
 */
#include "pure/pattern.h"
#include "pure/pipe_call.h"

#include <string.h>

typedef struct Parts {
    char *text;
    size_t size;
    dag_value *items;
    size_t n;
} Parts;

/* A copy of the subject and room for n parts. */
static Parts parts_new(PipeCall *call, size_t n) {
    dag_value v = call->args[0];
    return (Parts){
        .text = arena_text(call->env->arena, v.u.text, v.len),
        .size = v.len,
        .items = arena_raw(call->env->arena, n * sizeof(dag_value)),
    };
}

static void parts_add(Parts *parts, char *start, char *end) {
    *end = '\0';
    parts->items[parts->n++] = value_text(DAG_STRING, start, (size_t)(end - start));
}

static size_t count(const char *p, const char *end, const char *sep, size_t n) {
    size_t found = 0;
    for (; (p = text_find(p, (size_t)(end - p), sep, n)) != NULL; p += n) {
        found++;
    }
    return found;
}

bool pipe_split(PipeCall *call, dag_value *result) {
    if (!pipe_text(call, 0) || !pipe_text(call, 1)) {
        return false;
    }
    dag_value v = call->args[0], sep = call->args[1];
    if (sep.len == 0) {
        return pipe_fail(call, "the separator of %s is empty",
                         value_show(call->env->arena, call->args[0]));
    }
    size_t n = count(v.u.text, v.u.text + v.len, sep.u.text, sep.len) + 1;
    Parts parts = parts_new(call, n);
    char *p = parts.text, *end = p + parts.size;
    const char *found;
    while ((found = text_find(p, (size_t)(end - p), sep.u.text, sep.len)) != NULL) {
        char *next = p + (found - p);
        parts_add(&parts, p, next);
        p = next + sep.len;
    }
    parts_add(&parts, p, end);
    *result = value_list(parts.items, parts.n);
    return true;
}

bool pipe_lines(PipeCall *call, dag_value *result) {
    if (!pipe_text(call, 0)) {
        return false;
    }
    dag_value v = call->args[0];
    Parts parts = parts_new(call, count(v.u.text, v.u.text + v.len, "\n", 1) + 1);
    char *p = parts.text, *end = p + parts.size;
    while (p < end) {
        char *newline = memchr(p, '\n', (size_t)(end - p));
        char *stop = newline ? newline : end;
        parts_add(&parts, p, newline && stop > p && stop[-1] == '\r' ? stop - 1 : stop);
        p = newline ? newline + 1 : end;
    }
    *result = value_list(parts.items, parts.n);
    return true;
}

/* Looks with the pattern that the evaluator brings compiled, or with one made for this once. */
static PatternResult find(PipeCall *call, PatternSpan *span, char *message, size_t size) {
    dag_value text = call->args[0], source = call->args[1];
    if (call->pattern) {
        return pattern_find(call->pattern, text.u.text, text.len, span);
    }
    Pattern *pattern = pattern_new(source.u.text, source.len, message, size);
    PatternResult found =
        pattern ? pattern_find(pattern, text.u.text, text.len, span) : PATTERN_NO_MEMORY;
    pattern_free(pattern);
    return found;
}

bool pipe_match(PipeCall *call, dag_value *result) {
    char message[PATTERN_MESSAGE] = "out of memory";
    PatternSpan span = { SIZE_MAX, 0 };
    if (!pipe_text(call, 0) || !pipe_text(call, 1)) {
        return false;
    }
    PatternResult found = find(call, &span, message, sizeof message);
    if (found == PATTERN_NO_MEMORY) {
        return pipe_fail(call, "%s", message);
    }
    if (found == PATTERN_NONE || span.start == SIZE_MAX) {
        *result = value_null();
        return true;
    }
    return pipe_part(call, call->args[0].u.text + span.start, span.end - span.start, result);
}
