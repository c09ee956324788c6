/*
 * options.h - the table of the command line's options (options.def), for who reads the command
 * line and who explains it.
 */
#ifndef DAG_CLI_OPTIONS_H
#define DAG_CLI_OPTIONS_H

#include "cli/cli.h"

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

/* Whether there is such a command. (help.c) */
bool command_exists(const char *name);

/* Whether `command` takes the option. */
bool option_is_of(const Option *option, const char *command);

#endif
