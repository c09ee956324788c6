/*
 * environ.c - the environment of a process stage.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/command.h"

enum { SHORT = 4096 }; /* entries that a lean environment keeps */

/* ---------------------------------------------------------------- what is inherited */

static bool is_passed_on(const char *entry) {
    return strncmp(entry, "DAG_", 4) != 0 && strncmp(entry, "PWD=", 4) != 0;
}

/* A copy: others may change the environment of this process meanwhile. */
bool inherited_init(Inherited *inherited) {
    size_t n = 0, bytes = 0;
    *inherited = (Inherited){ NULL, 0 };
    for (char **entry = environ; entry && *entry; entry++) {
        n++;
        bytes += strlen(*entry) + 1;
    }
    inherited->entries = malloc(n * sizeof(char *) + bytes + 1);
    if (!inherited->entries) {
        return false;
    }
    char *to = (char *)(inherited->entries + n);
    for (size_t i = 0; i < n; i++) {
        if (is_passed_on(environ[i])) {
            inherited->entries[inherited->n++] = to;
            to = stpcpy(to, environ[i]) + 1;
        }
    }
    return true;
}

void inherited_free(Inherited *inherited) {
    free(inherited->entries);
}

/* ---------------------------------------------------------------- an environment growing */

typedef struct Environment {
    Attempt *attempt;
    Arguments list; /* its entries */
    char *const *argv;
    bool lean;
} Environment;

/* Bytes of the name with its `=`. */
static size_t name_length(const char *entry) {
    return strcspn(entry, "=") + 1;
}

/* Of a name that stands there already the new entry takes the place; names among our own rows are
 * few, those inherited were left out before. */
static void put(Environment *env, const char *entry) {
    size_t n = name_length(entry);
    for (size_t i = 0; i < env->list.n; i++) {
        if (strncmp(env->list.args[i], entry, n) == 0) {
            env->list.args[i] = (char *)(uintptr_t)entry;
            return;
        }
    }
    arguments_add(&env->list, entry);
}

static void unset(Environment *env, const char *name) {
    size_t n = strlen(name);
    for (size_t i = 0; i < env->list.n; i++) {
        if (strncmp(env->list.args[i], name, n) == 0 && env->list.args[i][n] == '=') {
            env->list.args[i] = env->list.args[--env->list.n];
            return;
        }
    }
}

/* ---------------------------------------------------------------- DAG_… */

/* A hook has a run around it, and no task. */
static void add_hook_facts(Environment *env) {
    Attempt *attempt = env->attempt;
    Arena *arena = &attempt->arena;
    dag_value error = attempt->specials[DAG_RUN_ERROR];
    arguments_add(&env->list, arena_printf(arena, "DAG_HOOK=%s", attempt->hook));
    arguments_add(&env->list, arena_printf(arena, "DAG_RUN_STATUS=%s",
                                           attempt->specials[DAG_RUN_STATUS].u.text));
    if (error.kind == DAG_STRING && error.len < SHORT) {
        arguments_add(&env->list, arena_printf(arena, "DAG_RUN_ERROR=%s", error.u.text));
    }
}

static void add_facts(Environment *env) {
    Attempt *attempt = env->attempt;
    Arena *arena = &attempt->arena;
    const char *stage = attempt->program->strings + attempt->stage->slug;
    arguments_add(&env->list, arena_printf(arena, "PWD=%s", attempt->work));
    arguments_add(&env->list, arena_printf(arena, "DAG_RUN_ID=%s", attempt->run_id));
    arguments_add(&env->list, arena_printf(arena, "DAG_WORKDIR=%s", attempt->work));
    if (attempt->hook) {
        add_hook_facts(env);
        return;
    }
    arguments_add(&env->list, arena_printf(arena, "DAG_STAGE=%s", stage));
    arguments_add(&env->list, arena_printf(arena, "DAG_KEY=%s", attempt->key));
    arguments_add(&env->list, arena_printf(arena, "DAG_ATTEMPT=%u", attempt_number(attempt)));
}

static void add_script_files(Environment *env) {
    Attempt *attempt = env->attempt;
    if (attempt->stage->body == DAG_BODY_SCRIPT) {
        put(env, arena_printf(&attempt->arena, "DAG_INPUT=%s/input.json", attempt->dir));
        put(env, arena_printf(&attempt->arena, "DAG_OUTPUT=%s/output.json", attempt->dir));
    }
}

static bool is_json(const dag_program *program, uint32_t type) {
    const dag_type *t = &program->types[type];
    if (t->kind == DAG_OPTIONAL) {
        t = &program->types[t->elem];
    }
    return t->kind == DAG_JSON || t->kind == DAG_LIST || t->kind == DAG_MAP ||
           t->kind == DAG_RECORD;
}

/* The value as the environment shows it; NULL: not at all. */
static const char *shown(Attempt *attempt, const dag_port *port, dag_value value) {
    if (value.kind == DAG_NULL || value.kind == DAG_SECRET) {
        return NULL;
    }
    if (is_json(attempt->program, port->type)) {
        return value_to_json(&attempt->arena, value);
    }
    dag_value text = value_to_text(&attempt->arena, value);
    return text.kind == DAG_NULL ? NULL : text.u.text;
}

static bool is_mentioned(char *const *argv, const char *name) {
    for (; *argv; argv++) {
        if (strstr(*argv, name)) {
            return true;
        }
    }
    return false;
}

/* Left out without a word where nobody asks for it: a gathered list may be of any length, and most
 * bodies that take one use it otherwise. */
static bool add_port(Environment *env, const dag_port *port, dag_value value) {
    Attempt *attempt = env->attempt;
    const char *name =
        arena_printf(&attempt->arena, "DAG_%s", attempt->program->strings + port->name);
    /* Of what is counted as 8 bytes JSON has one and a comma: this is too long in any form. */
    bool endless = !value_within(value, 4 * (size_t)LONGEST_ARGUMENT, VALUE_MAX_DEPTH);
    const char *text =
        endless && !is_mentioned(env->argv, name) ? NULL : shown(attempt, port, value);
    if (!text) {
        return true;
    }
    size_t n = strlen(name) + strlen(text) + 2;
    size_t most = env->lean ? SHORT : LONGEST_ARGUMENT;
    if (n <= most) {
        arguments_add(&env->list, arena_printf(&attempt->arena, "%s=%s", name, text));
        return true;
    }
    if (!is_mentioned(env->argv, name)) {
        return true;
    }
    attempt_fail(attempt, DAG_FAILED, "limit",
                 "input %s is too long for the environment: %s would have %zu bytes",
                 attempt->program->strings + port->name, name, n);
    return false;
}

static bool add_ports(Environment *env) {
    Attempt *attempt = env->attempt;
    for (uint32_t i = 0; i < attempt->stage->nin; i++) {
        const dag_port *port = &attempt->program->ports[attempt->stage->in + i];
        bool named = (port->flags & DAG_PORT_HIDDEN) == 0;
        if (named && !add_port(env, port, attempt->inputs[i])) {
            return false;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- the stage's own rows */

static bool add_row(Environment *env, const dag_env_row *row) {
    Attempt *attempt = env->attempt;
    const char *name = attempt->program->strings + row->name;
    dag_value value;
    const char *text;
    if (!body_eval(attempt, row->value, &value)) {
        return false;
    }
    if (value.kind == DAG_NULL) {
        unset(env, name);
        return true;
    }
    if (value.kind == DAG_SECRET) {
        text = value.u.text;
    } else if (!body_text(attempt, row->value, value, &text)) {
        return false;
    }
    size_t n = strlen(name) + strlen(text) + 2;
    if (n > LONGEST_ARGUMENT) {
        attempt_fail(attempt, DAG_FAILED, "limit",
                     "the value of env %s is too long: %zu bytes, at most %d are possible", name, n,
                     LONGEST_ARGUMENT);
        return false;
    }
    put(env, arena_printf(&attempt->arena, "%s=%s", name, text));
    return true;
}

bool environ_make(Attempt *attempt, const Inherited *inherited, char *const *argv, bool lean,
                  char ***envp) {
    Environment env = {
        .attempt = attempt, .list = { .attempt = attempt }, .argv = argv, .lean = lean
    };
    for (size_t i = 0; i < inherited->n; i++) {
        arguments_add(&env.list, inherited->entries[i]);
    }
    add_facts(&env);
    if (!add_ports(&env)) {
        return false;
    }
    add_script_files(&env);
    for (uint32_t i = 0; i < attempt->stage->nenv; i++) {
        if (!add_row(&env, &attempt->program->env[attempt->stage->env + i])) {
            return false;
        }
    }
    arguments_add(&env.list, NULL);
    *envp = env.list.args;
    return true;
}
