/*
 * pipes_convert.c - string bool json json_get as, and what concerns null: default required
 * nonempty. (int and float: pipes_number.c.)
 */
#include "pure/pipe_call.h"

#include <string.h>

bool pipe_string(PipeCall *call, dag_value *result) {
    dag_value text = value_to_text(call->env->arena, call->args[0]);
    if (text.kind == DAG_NULL) {
        return pipe_fail(call, "%s has no text form", value_show(call->env->arena, call->args[0]));
    }
    *result = text;
    return true;
}

bool pipe_bool(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    if (v.kind == DAG_BOOL) {
        *result = v;
        return true;
    }
    if (v.kind != DAG_STRING) {
        return pipe_wrong(call, 0, "true or false");
    }
    TextRange text = { v.u.text, v.u.text + v.len };
    text = text_strip_end(text_strip_start(text, NULL, 0), NULL, 0);
    size_t n = (size_t)(text.end - text.start);
    bool yes = n == 4 && memcmp(text.start, "true", 4) == 0;
    bool no = n == 5 && memcmp(text.start, "false", 5) == 0;
    if (!yes && !no) {
        return pipe_wrong(call, 0, "true or false");
    }
    *result = value_bool(yes);
    return true;
}

bool pipe_json(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    dag_error error = { NULL, NULL };
    if (v.kind != DAG_STRING) {
        *result = value_as_json(call->env->arena, v);
        return true;
    }
    if (!value_from_json(call->env->arena, v.u.text, v.len, result, &error)) {
        return pipe_fail(call, "%s", error.message);
    }
    return value_within(*result, pipe_max(call), VALUE_MAX_DEPTH) ? true : pipe_too_large(call);
}

bool pipe_json_get(PipeCall *call, dag_value *result) {
    if (!pipe_text(call, 1)) {
        return false;
    }
    const dag_value *field = value_field(call->args[0], call->args[1].u.text, call->args[1].len);
    *result = field ? *field : value_null();
    return true;
}

/* as(T) is DAG_OP_FIT: a type is no value. Reached only by tables that no compiler made. */
bool pipe_as(PipeCall *call, dag_value *result) {
    *result = value_null();
    return pipe_fail(call, "a type cannot be an argument at run time");
}

bool pipe_default(PipeCall *call, dag_value *result) {
    *result = call->args[call->args[0].kind == DAG_NULL];
    return true;
}

bool pipe_required(PipeCall *call, dag_value *result) {
    *result = call->args[0];
    return result->kind != DAG_NULL ? true : pipe_fail(call, "the value is null");
}

bool pipe_nonempty(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    if (v.kind != DAG_NULL && !pipe_text(call, 0)) {
        return false;
    }
    *result = v.kind == DAG_NULL || v.len == 0 ? value_null() : v;
    return true;
}
