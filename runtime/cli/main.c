/*
 * main.c - dag_main: the command line of a compiled pipeline, from argv to the command that does it.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/first_process.h"
#include "cli/streams.h"
#include "exec/away.h"
#include "pure/nearest.h"

#ifndef DAG_VERSION
#define DAG_VERSION "0.1.0"
#endif

/* The command that is asked about: `help COMMAND`, `COMMAND --help`; or NULL. */
static const char *asked_about(const Cli *cli) {
    if (strcmp(cli->command, "help") != 0)
        return cli->named ? cli->command : NULL;
    return cli->nwords > 0 ? cli->words[0] : NULL;
}

int command_help(Cli *cli) {
    const char *command = asked_about(cli);
    if (command == NULL)
        cli_help(cli, stdout);
    if (command != NULL && !cli_help_command(cli, command, stdout)) {
        cli_complain(cli, "there is no command `%s`; --help lists them", command);
        return EXIT_USAGE;
    }
    return EXIT_COMPLETED;
}

int command_version(Cli *cli) {
    printf("%s (dagcc %s)\n", cli->program->strings + cli->program->name, DAG_VERSION);
    return EXIT_COMPLETED;
}

typedef struct Command {
    const char *name, *words;
    int (*run)(Cli *cli);
} Command;

static const Command commands[] = {
#define COMMAND(name, words, help) { #name, words, command_##name },
#include "cli/commands.def"
#undef COMMAND
};
enum { ncommands = sizeof commands / sizeof *commands };

static bool is_stage(const Cli *cli, const char *word) {
    for (uint32_t i = 0; i < cli->program->nstages; i++) {
        if (strcmp(cli->program->strings + cli->program->stages[i].slug, word) == 0)
            return true;
    }
    return false;
}

/* As a target of make, or an input: what it is here. False: it is neither. */
static bool misplaced_word(Cli *cli) {
    if (is_stage(cli, cli->command)) {
        cli_complain(cli,
                     "`%s` is a stage, no command: `--until %s` runs it and what it needs, "
                     "`--only %s` nothing else",
                     cli->command, cli->command, cli->command);
    } else if (strchr(cli->command, '=') != NULL) {
        cli_complain(cli, "inputs are given as `--input %s`", cli->command);
    } else {
        return false;
    }
    return true;
}

static int unknown_command(Cli *cli) {
    if (misplaced_word(cli))
        return EXIT_USAGE;
    Nearest nearest = nearest_to(cli->command);
    for (size_t i = 0; i < ncommands; i++)
        nearest_offer(&nearest, commands[i].name);
    if (nearest.best != NULL) {
        cli_complain(cli, "unknown command `%s`; did you mean `%s`?", cli->command, nearest.best);
    } else {
        cli_complain(cli, "unknown command `%s`; --help shows what there is", cli->command);
    }
    return EXIT_USAGE;
}

/* How many words a command takes: "RUN STAGE [KEY]" is 2 to 3, "SHELL [WORD…]" any number from 1 on. */
static bool words_fit(const Cli *cli, const Command *command) {
    size_t least = 0, most = 0;
    for (const char *p = command->words; *p != '\0'; p += strcspn(p, " "), p += *p == ' ') {
        most++;
        least += *p != '[';
    }
    bool any = strstr(command->words, "…") != NULL;
    return cli->nwords >= least && (any || cli->nwords <= most);
}

static int run_command(Cli *cli, const Command *command) {
    if (words_fit(cli, command))
        return command->run(cli);
    if (*command->words == '\0') {
        cli_complain(cli, "`%s` takes options only, not `%s`%s", command->name, cli->words[0],
                     command->run == command_run ? "; inputs are given as --input NAME=VALUE" : "");
    } else {
        cli_complain(cli, "usage: %s %s %s", cli->self, command->name, command->words);
    }
    return EXIT_USAGE;
}

static int dispatch(Cli *cli) {
    if (cli->bad)
        return EXIT_USAGE;
    if (cli->help)
        return command_help(cli);
    if (cli->version)
        return command_version(cli);
    for (size_t i = 0; i < ncommands; i++) {
        if (strcmp(cli->command, commands[i].name) == 0)
            return run_command(cli, &commands[i]);
    }
    return unknown_command(cli);
}

int dag_main(const dag_program *program, int argc, char **argv) {
    if (program->abi != DAG_ABI) {
        fputs("error: this pipeline was compiled for another version of the runtime library; "
              "compile it again\n",
              stderr);
        return EXIT_CRASHED;
    }
    streams_hold();
    int ended = first_process();
    if (ended >= 0)
        return ended;
    if (argc == 4 && strcmp(argv[1], AWAY_COMMAND) == 0)
        return away_node(argv[2], argv[3]);
    Cli cli = { .program = program };
    jmp_buf oom;
    cli.arena.oom = &oom;
    if (setjmp(oom) != 0) {
        /* Nothing is given back: the process ends, and with it what it has begun. */
        fputs("error: out of memory\n", stderr);
        return EXIT_CRASHED;
    }
    cli_parse(&cli, argc, argv);
    int code = streams_end(&cli, dispatch(&cli));
    arena_free(&cli.arena);
    return code;
}
