/*
 * options.h - the table of the command line's options (options.def), for who reads the command
 * line and who explains it.
 */
#ifndef DAG_CLI_OPTIONS_H
#define DAG_CLI_OPTIONS_H

#include "cli/cli.h"
#include "pure/complete.h"

typedef struct Option {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: a flag */
    void (*set)(Cli *cli, const char *text);
    size_t flag; /* offset of the bool in Cli */
    const char *help;
    const char *of; /* the commands that take it, with spaces between; NULL: all */
} Option;

extern const Option cli_options[];
extern const size_t cli_noptions;

/* A command, as `help` and the shells' completion explain it: the rows of commands.def. (help.c) */
typedef struct CommandRow {
    const char *name, *words, *help;
} CommandRow;
extern const CommandRow cli_commands[];
extern const size_t cli_ncommands;

/* Whether there is such a command. (help.c) */
bool command_exists(const char *name);

/* The i-th of the formats of `graph`; NULL behind the last. (cmd_graph.c) */
const char *graph_format(size_t i);

/* The rows of commands and options for the shells' completion, in cli->arena. (cmd_completion.c) */
CompleteTables cli_complete_tables(Cli *cli);

/* Whether `command` takes the option. */
bool option_is_of(const Option *option, const char *command);

#endif
