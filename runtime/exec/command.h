/*
 * command.h - from an attempt to what is executed: programs to try, arguments, environment.
 *
 * Everything is made in the attempt's arena. What fails is the attempt's outcome.
 */
#ifndef DAG_EXEC_COMMAND_H
#define DAG_EXEC_COMMAND_H

#include "core/executor.h"

/* The bytes that Linux takes in one argument or environment entry, its NUL included. */
enum { LONGEST_ARGUMENT = 32 * 4096 };

/* What all children inherit: this process's environment when the executor was made, without the
 * names that begin with DAG_ (they would be those of another pipeline). */
typedef struct Inherited {
    char **entries; /* one block of memory */
    size_t n;
} Inherited;

bool inherited_init(Inherited *inherited); /* false: out of memory */
void inherited_free(Inherited *inherited);

/* Arguments growing. args[0] and args[1] are left free for the callee of spawn. */
typedef struct Arguments {
    Attempt *attempt;
    char **args;
    size_t n, size;
} Arguments;

void arguments_add(Arguments *arguments, const char *text);

/* Evaluates an expression of the body or of `env`; false: the outcome says what went wrong. */
bool body_eval(Attempt *attempt, uint32_t expr, dag_value *value);

/* A value's text form, or the outcome says that there is none. */
bool body_text(Attempt *attempt, uint32_t expr, dag_value value, const char **text);

/* Adds the shell's arguments for a `run` body: -c, the script, $0 and the values; or, where the
 * script is longer than an argument may be, its file. (shell.c) */
bool shell_arguments(Arguments *arguments);

/* What is executed. */
typedef struct Command {
    const char *name; /* for messages */
    const char *const *programs;
    char **argv;
    char **envp;
} Command;

/* lean: leaves out long DAG_<port> entries, for a command that was too long with them. */
bool command_make(Attempt *attempt, const Inherited *inherited, bool lean, Command *command);

/* The environment of an attempt, NULL-terminated: what is inherited, DAG_RUN_ID, DAG_STAGE, DAG_KEY,
 * DAG_ATTEMPT, DAG_WORKDIR, PWD, DAG_<port> for every named input, then the stage's own `env`; of
 * one name the last counts. An entry DAG_<port> that is longer than the system takes is left out,
 * unless an argument mentions it: then the attempt fails. (environ.c) */
bool environ_make(Attempt *attempt, const Inherited *inherited, char *const *argv, bool lean,
                  char ***envp);

/* Writes n bytes to a new file. False: the outcome is filled in (crashed, type "store"). */
bool write_file(Attempt *attempt, const char *path, const char *bytes, size_t n, unsigned mode);

#endif
