/*
 * command.h - the commands of a compiled pipeline: one function per row of commands.def, each in a
 * cmd_*.c. It returns the exit code. The number of its words has been looked at.
 */
#ifndef DAG_CLI_COMMAND_H
#define DAG_CLI_COMMAND_H

#include "cli/cli.h"

#define COMMAND(name, words, help) int command_##name(Cli *cli);
#include "cli/commands.def"
#undef COMMAND

#endif
