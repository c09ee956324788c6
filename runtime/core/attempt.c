/*
 * attempt.c - what all executors do with an attempt: its folder, its failure, the paths it is told.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/executor.h"
#include "core/outputs.h"
#include "core/run.h"
#include "core/secrets.h"

void attempt_fail(Attempt *attempt, dag_state state, const char *type, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(&attempt->arena, format, args);
    va_end(args);
    attempt->outcome.state = state;
    attempt->outcome.error = (dag_error){ .type = type, .message = secrets_hide(attempt, message) };
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

/* The folder above it, of the task, is missing too as a rule: it comes first. */
static bool make_both(char *path) {
    char *slash = strrchr(path, '/');
    *slash = '\0';
    bool above = folder_make(path) || errno == EEXIST;
    *slash = '/';
    return above && mkdir(path, 0777) == 0;
}

/* A process that was killed before it recorded this attempt has left its folder. */
static bool make_anew(char *path) {
    return make_both(path) || (errno == EEXIST && folder_remove(path) && make_both(path));
}

/* NULL: the run has no folder, and none could be made. */
static char *name_dir(Attempt *attempt) {
    const char *root = folder_path(attempt->folder);
    if (root && !attempt->key) {
        run_make_key(attempt->run, attempt);
    }
    return root ? arena_printf(&attempt->arena, "%s/%s/%s/%u", root,
                               attempt->program->strings + attempt->stage->slug, attempt->key,
                               attempt_number(attempt))
                : NULL;
}

const char *attempt_find_dir(Attempt *attempt) {
    const char *dir = name_dir(attempt);
    return dir && access(dir, F_OK) == 0 ? dir : NULL;
}

void attempt_number_anew(Attempt *attempt) {
    attempt->adopted = false;
    while (attempt_find_dir(attempt)) {
        attempt->launch.before++;
    }
    attempt->specials[DAG_TASK_ATTEMPT] = value_int(DAG_INT, attempt_number(attempt));
}

bool attempt_take_dir(Attempt *attempt) {
    const char *dir = name_dir(attempt);
    if (!dir) {
        return false;
    }
    const char *work = arena_printf(&attempt->arena, "%s/" DAG_WORK, dir);
    const char *out = arena_printf(&attempt->arena, "%s/" DAG_OUT, dir);
    struct stat status;
    /* It was killed behind output_publish: `out` becomes `work` again. */
    if (access(out, F_OK) == 0 && (lstat(work, &status) != 0 || S_ISLNK(status.st_mode))) {
        unlink(work);
        if (rename(out, work) != 0) {
            return false;
        }
    }
    attempt->dir = attempt->outcome.dir = dir;
    attempt->work = work;
    return access(work, F_OK) == 0;
}

bool attempt_make_dir(Attempt *attempt) {
    if (attempt->dir) {
        return true;
    }
    char *dir = name_dir(attempt);
    if (!dir) {
        return fail_store(attempt, "a temporary folder below $TMPDIR, or /tmp");
    }
    if (!make_anew(dir)) {
        return fail_store(attempt, dir);
    }
    return attempt_make_work(attempt, dir) || fail_store(attempt, dir);
}

bool attempt_make_work(Attempt *attempt, const char *dir) {
    const char *work = arena_printf(&attempt->arena, "%s/" DAG_WORK, dir);
    if (mkdir(work, 0777) != 0) {
        return false;
    }
    attempt->dir = attempt->outcome.dir = dir;
    attempt->work = work;
    return true;
}

/* ---------------------------------------------------------------- expressions */

/* Evaluates the path of output i if it has one and is not evaluated yet. While it is being
 * evaluated it counts as evaluated: a path made of itself is an error of the pipe that gets it. */
static bool tell_path(Attempt *attempt, dag_value *outs, uint32_t i, dag_error *error) {
    const dag_port *port = &attempt->program->ports[attempt->stage->out + i];
    if ((port->flags & DAG_PORT_PATH) == 0 || outs[i].kind != DAG_NULL) {
        return true;
    }
    outs[i] = value_bool(false);
    dag_value path;
    if (output_path(attempt, i, &path, error)) {
        outs[i] = path;
        return true;
    }
    outs[i] = value_null();
    error->message = arena_printf(&attempt->arena, "output %s: %s",
                                  attempt->program->strings + port->name, error->message);
    return false;
}

/* `<out.x>`: the paths that an expression mentions. */
static bool tell_paths(Attempt *attempt, const dag_expr *expr, dag_error *error) {
    for (uint32_t i = 0; i < expr->n; i++) {
        uint32_t word = attempt->program->code[expr->first + i];
        if ((word & 0xff) != DAG_OP_OUT) {
            continue;
        }
        if (!attempt->outs) {
            attempt->outs = ARENA_ARRAY(&attempt->arena, attempt->stage->nout, dag_value);
            attempt->env.outs = attempt->outs;
        }
        if (!tell_path(attempt, attempt->outs, word >> 8, error)) {
            return false;
        }
    }
    return true;
}

bool attempt_eval(Attempt *attempt, uint32_t expr, dag_value *value, dag_error *error) {
    return tell_paths(attempt, &attempt->program->exprs[expr], error) &&
           expr_eval(attempt->exprs, expr, &attempt->env, value, error);
}
