/*
 * pipes_test.c - not eq neq gt lt in contains starts_with ends_with.
 */
#include "pure/compare.h"
#include "pure/pipe_call.h"

bool pipe_not(PipeCall *call, dag_value *result) {
    dag_value v = call->args[0];
    if (v.kind != DAG_BOOL) {
        return pipe_wrong(call, 0, "true or false");
    }
    *result = value_bool(!v.u.b);
    return true;
}

bool pipe_eq(PipeCall *call, dag_value *result) {
    *result = value_bool(value_equal(call->args[0], call->args[1]));
    return true;
}

bool pipe_neq(PipeCall *call, dag_value *result) {
    *result = value_bool(!value_equal(call->args[0], call->args[1]));
    return true;
}

static bool ordered(PipeCall *call, dag_compare op, dag_value *result) {
    bool holds = false;
    Arena *arena = call->env->arena;
    if (!compare(op, call->args[0], call->args[1], &holds)) {
        return pipe_fail(call, "%s and %s have no order", value_show(arena, call->args[0]),
                         value_show(arena, call->args[1]));
    }
    *result = value_bool(holds);
    return true;
}

bool pipe_gt(PipeCall *call, dag_value *result) {
    return ordered(call, DAG_GT, result);
}

bool pipe_lt(PipeCall *call, dag_value *result) {
    return ordered(call, DAG_LT, result);
}

/* in(a, b, …) or in(list). */
bool pipe_in(PipeCall *call, dag_value *result) {
    dag_value all = call->nargs == 2 && call->args[1].kind == DAG_LIST
                        ? call->args[1]
                        : value_list(call->args + 1, call->nargs - 1);
    *result = value_bool(compare_contains(all, call->args[0]));
    return true;
}

bool pipe_contains(PipeCall *call, dag_value *result) {
    bool list = call->args[0].kind == DAG_LIST;
    if (!list && (!pipe_text(call, 0) || !pipe_text(call, 1))) {
        return false;
    }
    *result = value_bool(compare_contains(call->args[0], call->args[1]));
    return true;
}

bool pipe_starts_with(PipeCall *call, dag_value *result) {
    if (!pipe_text(call, 0) || !pipe_text(call, 1)) {
        return false;
    }
    *result = value_bool(compare_starts_with(call->args[0], call->args[1]));
    return true;
}

bool pipe_ends_with(PipeCall *call, dag_value *result) {
    if (!pipe_text(call, 0) || !pipe_text(call, 1)) {
        return false;
    }
    *result = value_bool(compare_ends_with(call->args[0], call->args[1]));
    return true;
}
