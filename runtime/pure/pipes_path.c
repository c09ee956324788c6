/*
 * pipes_path.c - basename dirname stem ext.
 */
#include "pure/path.h"
#include "pure/pipe_call.h"

static bool part(PipeCall *call, PathPart (*part_of)(const char *, size_t), dag_value *result) {
    if (!pipe_text(call, 0)) {
        return false;
    }
    PathPart found = part_of(call->args[0].u.text, call->args[0].len);
    return pipe_part(call, found.text, found.n, result);
}

bool pipe_basename(PipeCall *call, dag_value *result) {
    return part(call, path_basename, result);
}

bool pipe_dirname(PipeCall *call, dag_value *result) {
    return part(call, path_dirname, result);
}

bool pipe_stem(PipeCall *call, dag_value *result) {
    return part(call, path_stem, result);
}

bool pipe_ext(PipeCall *call, dag_value *result) {
    return part(call, path_ext, result);
}
