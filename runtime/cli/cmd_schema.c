/*
 * cmd_schema.c - `./run schema`: what the inputs must look like, for tools.
 */
#include "cli/command.h"
#include "pure/describe.h"

int command_schema(Cli *cli) {
    fputs(describe_schema(&cli->arena, cli->program), stdout);
    return EXIT_COMPLETED;
}
