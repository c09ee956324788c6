/*
 * attempt.c - what all executors do with an attempt: its folder, its failure, the paths it is told.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "core/executor.h"
#include "core/outputs.h"
#include "core/secrets.h"

void attempt_fail(Attempt *attempt, dag_state state, const char *type, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(&attempt->arena, format, args);
    va_end(args);
    attempt->outcome.state = state;
    attempt->outcome.error =
        (dag_error){ .type = type, .message = secrets_hide(attempt, message) };
}

/* Without memory nothing can be formatted. */
static void fail_without_memory(Attempt *attempt) {
    Outcome *outcome = &attempt->outcome;
    box_release(outcome->box);
    outcome->box = NULL;
    outcome->outputs = NULL;
    outcome->state = DAG_CRASHED;
    outcome->error = (dag_error){ .type = "oom", .message = "out of memory" };
}

bool attempt_guard(Attempt *attempt, void (*f)(Attempt *attempt, void *arg), void *arg) {
    jmp_buf here;
    jmp_buf *outer = attempt->arena.oom;
    bool good = setjmp(here) == 0;
    if (good) {
        attempt->arena.oom = &here;
        f(attempt, arg);
    } else {
        fail_without_memory(attempt);
    }
    attempt->arena.oom = outer;
    return good;
}

/* ---------------------------------------------------------------- the folder */

static bool fail_store(Attempt *attempt, const char *path) {
    attempt_fail(attempt, DAG_CRASHED, "store", "cannot make %s: %s", path, strerror(errno));
    return false;
}

/* A process that was killed before it recorded this attempt has left its folder. */
static bool make_anew(char *path) {
    if (folder_make(path)) {
        return true;
    }
    return errno == EEXIST && folder_remove(path) && folder_make(path);
}

bool attempt_make_dir(Attempt *attempt) {
    if (attempt->dir) {
        return true;
    }
    const char *root = folder_path(attempt->folder);
    if (!root) {
        return fail_store(attempt, "a temporary folder");
    }
    char *dir = arena_printf(&attempt->arena, "%s/%s/%s/%u", root,
                             attempt->program->strings + attempt->stage->slug, attempt->key,
                             attempt_number(attempt));
    if (!make_anew(dir)) {
        return fail_store(attempt, dir);
    }
    const char *work = arena_printf(&attempt->arena, "%s/out", dir);
    if (mkdir(work, 0777) != 0) {
        return fail_store(attempt, work);
    }
    attempt->dir = dir;
    attempt->work = work;
    attempt->outcome.dir = dir;
    return true;
}

/* ---------------------------------------------------------------- paths told to the body */

/* Evaluates the path of output i if it has one and is not evaluated yet. */
static bool tell_path(Attempt *attempt, dag_value *outs, uint32_t i) {
    const dag_port *port = &attempt->program->ports[attempt->stage->out + i];
    if ((port->flags & DAG_PORT_PATH) == 0 || outs[i].kind != DAG_NULL) {
        return true;
    }
    dag_error error = { NULL, NULL };
    if (output_path(attempt, i, &outs[i], &error)) {
        return true;
    }
    attempt_fail(attempt, DAG_FAILED, error.type, "output %s: %s",
                 attempt->program->strings + port->name, error.message);
    return false;
}

/* The paths that one expression mentions. */
static bool tell_expr(Attempt *attempt, dag_value *outs, uint32_t number) {
    const dag_expr *expr = &attempt->program->exprs[number];
    for (uint32_t i = 0; i < expr->n; i++) {
        uint32_t word = attempt->program->code[expr->first + i];
        if ((word & 0xff) == DAG_OP_OUT && !tell_path(attempt, outs, word >> 8)) {
            return false;
        }
    }
    return true;
}

bool attempt_paths(Attempt *attempt) {
    const dag_program *program = attempt->program;
    const dag_stage *stage = attempt->stage;
    dag_value *outs = ARENA_ARRAY(&attempt->arena, stage->nout, dag_value);
    for (uint32_t i = 0; i < stage->npiece; i++) {
        const dag_piece *piece = &program->pieces[stage->piece + i];
        if (piece->kind != DAG_PIECE_TEXT && !tell_expr(attempt, outs, piece->value)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < stage->nenv; i++) {
        if (!tell_expr(attempt, outs, program->env[stage->env + i].value)) {
            return false;
        }
    }
    attempt->env.outs = outs;
    return true;
}
