/*
 * command.c - the arguments of a process and the programs to try for them.
 */
#include "exec/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "exec/script.h"

enum { FREE = 2 }; /* arguments in front that spawn may fill */

void arguments_add(Arguments *arguments, const char *text) {
    if (arguments->n == arguments->size) {
        size_t size = arguments->size ? arguments->size * 2 : 16;
        arguments->args =
            arena_grow(&arguments->attempt->arena, arguments->args,
                       arguments->size * sizeof *arguments->args, size * sizeof *arguments->args);
        arguments->size = size;
    }
    arguments->args[arguments->n++] = (char *)(uintptr_t)text;
}

static const char *source_of(const Attempt *attempt, uint32_t expr) {
    const char *source = attempt->program->strings + attempt->program->exprs[expr].source;
    return source[0] ? source : "a value";
}

bool body_eval(Attempt *attempt, uint32_t expr, dag_value *value) {
    dag_error error = { NULL, NULL };
    if (attempt_eval(attempt, expr, value, &error)) {
        return true;
    }
    attempt_fail(attempt, DAG_FAILED, error.type, "%s", error.message);
    return false;
}

bool body_text(Attempt *attempt, uint32_t expr, dag_value value, const char **text) {
    dag_value form = value_to_text(&attempt->arena, value);
    if (form.kind == DAG_NULL) {
        attempt_fail(attempt, DAG_FAILED, "expression", "%s: %s has no text form",
                     source_of(attempt, expr), value_show(&attempt->arena, value));
        return false;
    }
    *text = form.u.text;
    return true;
}

bool write_file(Attempt *attempt, const char *path, const char *bytes, size_t n, unsigned mode) {
    unlink(path); /* of a command that was too long, and is made again */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    size_t done = 0;
    while (fd >= 0 && done < n) {
        ssize_t written = write(fd, bytes + done, n - done);
        if (written < 0 && errno != EINTR) {
            break;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    int error = errno;
    if (fd >= 0 && close(fd) == 0 && done == n) {
        return true;
    }
    attempt_fail(attempt, DAG_CRASHED, "store", "cannot write %s: %s", path, strerror(error));
    return false;
}

/* ---------------------------------------------------------------- arguments */

static bool add_one(Arguments *arguments, uint32_t expr, dag_value value) {
    const char *text;
    if (!body_text(arguments->attempt, expr, value, &text)) {
        return false;
    }
    arguments_add(arguments, text);
    return true;
}

static bool add_all(Arguments *arguments, uint32_t expr, dag_value list) {
    for (uint32_t i = 0; i < list.len; i++) {
        if (!add_one(arguments, expr, list.u.items[i])) {
            return false;
        }
    }
    return true;
}

static bool exec_arguments(Arguments *arguments) {
    Attempt *attempt = arguments->attempt;
    for (uint32_t i = 0; i < attempt->stage->npiece; i++) {
        const dag_piece *piece = &attempt->program->pieces[attempt->stage->piece + i];
        dag_value value;
        if (piece->kind == DAG_PIECE_TEXT) {
            arguments_add(arguments, attempt->program->strings + piece->value);
            continue;
        }
        if (!body_eval(attempt, piece->value, &value)) {
            return false;
        }
        bool splice = piece->kind == DAG_PIECE_SPLICE && value.kind == DAG_LIST;
        if (!(splice ? add_all : add_one)(arguments, piece->value, value)) {
            return false;
        }
    }
    if (arguments->n > FREE && arguments->args[FREE][0] != '\0') {
        return true;
    }
    attempt_fail(attempt, DAG_CRASHED, "spawn", "the command line is empty: no program to start");
    return false;
}

/* The interpreter, what is written behind it, and the file of the text. */
static bool script_arguments(Arguments *arguments) {
    Attempt *attempt = arguments->attempt;
    const char *words = attempt->program->strings + attempt->stage->program;
    const char *path = script_files(attempt);
    if (!path) {
        return false;
    }
    for (size_t n; *(words += strspn(words, " ")); words += n) {
        n = strcspn(words, " ");
        arguments_add(arguments, arena_text(&attempt->arena, words, n));
    }
    arguments_add(arguments, path);
    return true;
}

static bool add_arguments(Arguments *arguments) {
    switch ((dag_body)arguments->attempt->stage->body) {
    case DAG_BODY_RUN: return shell_arguments(arguments);
    case DAG_BODY_SCRIPT: return script_arguments(arguments);
    case DAG_BODY_EXEC:
    case DAG_BODY_NONE:
    case DAG_BODY_NATIVE:
    case DAG_BODY_CALL:
    case DAG_BODY_MAP: break;
    }
    return exec_arguments(arguments);
}

static bool check_lengths(Attempt *attempt, char *const *argv) {
    for (; *argv; argv++) {
        size_t n = strlen(*argv);
        if (n >= LONGEST_ARGUMENT) {
            attempt_fail(attempt, DAG_FAILED, "limit",
                         "a value is too long for a command line: %s has %zu bytes, at most %d are "
                         "possible; hand it over in a file",
                         value_show(&attempt->arena, value_text(DAG_STRING, *argv, n)), n,
                         LONGEST_ARGUMENT - 1);
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- programs */

/* The value of a name in an environment, or NULL. */
static const char *environ_get(char *const *envp, const char *name) {
    size_t n = strlen(name);
    for (; *envp; envp++) {
        if (strncmp(*envp, name, n) == 0 && (*envp)[n] == '=') {
            return *envp + n + 1;
        }
    }
    return NULL;
}

/* Where execvp would look, by the PATH that the program itself gets. */
static const char *const *programs_for(Attempt *attempt, const char *name, char *const *envp) {
    Arena *arena = &attempt->arena;
    const char *path = environ_get(envp, "PATH");
    path = path ? path : "/bin:/usr/bin";
    size_t most = 2;
    for (const char *p = path; *p; p++) {
        most += *p == ':';
    }
    const char **programs = ARENA_ARRAY(arena, most, const char *);
    if (strchr(name, '/')) {
        programs[0] = name;
        return programs;
    }
    for (size_t i = 0; i + 1 < most; i++) {
        size_t n = strcspn(path, ":");
        programs[i] = n > 0 ? arena_printf(arena, "%.*s/%s", (int)n, path, name) : name;
        path += n + (path[n] == ':');
    }
    return programs;
}

bool command_make(Attempt *attempt, const Inherited *inherited, bool lean, Command *command) {
    static const char *const shell[] = { "/bin/sh", NULL };
    Arguments arguments = { .attempt = attempt };
    for (int i = 0; i < FREE; i++) {
        arguments_add(&arguments, NULL);
    }
    bool run = attempt->stage->body == DAG_BODY_RUN;
    if (!add_arguments(&arguments)) {
        return false;
    }
    arguments_add(&arguments, NULL);
    command->argv = arguments.args + FREE;
    command->name = run ? "/bin/sh" : command->argv[0];
    if (!check_lengths(attempt, command->argv) ||
        !environ_make(attempt, inherited, command->argv, lean, &command->envp)) {
        return false;
    }
    command->programs = run ? shell : programs_for(attempt, command->name, command->envp);
    return true;
}
