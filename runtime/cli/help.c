/*
 * help.c - what `--help` and `help COMMAND` print, from the tables of commands and options and from
 * the pipeline's own inputs.
 */
#include <string.h>

#include "cli/options.h"

const CommandRow cli_commands[] = {
#define COMMAND(name, words, help) { #name, words, help },
#include "cli/commands.def"
#undef COMMAND
};
const size_t cli_ncommands = sizeof cli_commands / sizeof *cli_commands;

bool command_exists(const char *name) {
    for (size_t i = 0; i < cli_ncommands; i++) {
        if (strcmp(cli_commands[i].name, name) == 0)
            return true;
    }
    return false;
}

static const char *text_of(const dag_program *program, dag_name name) {
    return name == 0 ? "" : program->strings + name;
}

/* The first line of a documentation text. */
static int first_line(const char *text) {
    return (int)strcspn(text, "\n");
}

/* An expression as it was written, behind a word; nothing for DAG_NONE. */
static const char *written(Arena *arena, const dag_program *program, const char *word,
                           uint32_t expr) {
    return expr == DAG_NONE
               ? ""
               : arena_printf(arena, "%s%s", word, text_of(program, program->exprs[expr].source));
}

/* `width: int = 320 where it >= 16`, padded, and its documentation. */
static void help_input(Cli *cli, const dag_input *input, FILE *out) {
    const dag_program *program = cli->program;
    const dag_type *type = &program->types[input->type];
    const char *doc = text_of(program, input->doc);
    bool needed = input->value == DAG_NONE && type->kind != DAG_OPTIONAL;
    const char *left = arena_printf(&cli->arena, "%s: %s%s%s%s", text_of(program, input->name),
                                    text_of(program, type->name),
                                    written(&cli->arena, program, " = ", input->value),
                                    written(&cli->arena, program, " where ", input->where),
                                    needed ? "  (required)" : "");
    if (*doc == '\0')
        fprintf(out, "  %s\n", left);
    else
        fprintf(out, "  %-27s  %.*s\n", left, first_line(doc), doc);
}

static void help_inputs(Cli *cli, FILE *out) {
    if (cli->program->ninputs > 0)
        fputs("\nInputs, each given as --input NAME=VALUE:\n", out);
    for (uint32_t i = 0; i < cli->program->ninputs; i++)
        help_input(cli, &cli->program->inputs[i], out);
}

static void help_option(const Option *option, FILE *out) {
    char left[64], letter[] = { '-', option->letter, ',', '\0' };
    snprintf(left, sizeof left, "%-3s --%s%s%s", option->letter == 0 ? "" : letter, option->name,
             option->argument == NULL ? "" : " ", option->argument == NULL ? "" : option->argument);
    fprintf(out, "  %-29s %s\n", left, option->help);
}

static void help_commands(const Cli *cli, FILE *out) {
    fprintf(out, "\nCommands (`%s help COMMAND` says more):\n", cli->self);
    for (size_t i = 0; i < cli_ncommands; i++)
        fprintf(out, "  %-10s %s\n", cli_commands[i].name, cli_commands[i].help);
}

/* What one might write: what comes before the executable, and behind the command. */
static const struct {
    const char *command, *before, *behind;
} examples[] = {
    { "run", "", " -j 8 --out results" },
    { "run", "", " --inputs inputs.json --json" },
    { "plan", "", "" },
    { "plan", "", " --from STAGE" },
    { "explain", "", " STAGE" },
    { "resume", "", " last" },
    { "replay", "", " last --rerun STAGE --downstream" },
    { "batch", "", " lines.jsonl --max-runs 4 >results.jsonl" },
    { "batch", "generate-lines | ", " - --max-runs 4 --state :memory:" },
    { "submit", "", " --inputs inputs.json" },
    { "serve", "", " --max-runs 4 -j 8" },
    { "serve", "", " --max-runs 4 --json --metrics served.prom >>results.jsonl" },
    { "runs", "", "" },
    { "show", "", " last" },
    { "show", "", " last STAGE --json" },
    { "logs", "", " last STAGE -f" },
    { "pause", "", " last" },
    { "cancel", "", " last" },
    { "gc", "", " --keep 10" },
    { "graph", "", " --format svg >graph.svg" },
    { "metrics", "", " >pipeline.prom" },
    { "schema", "", " >inputs.schema.json" },
};

static void help_examples(const Cli *cli, const char *command, FILE *out) {
    const char *title = "\nExamples:\n";
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (strcmp(examples[i].command, command) != 0)
            continue;
        fprintf(out, "%s  %s%s %s%s\n", title, examples[i].before, cli->self, command,
                examples[i].behind);
        title = "";
    }
}

static bool takes_inputs(const char *command) {
    for (size_t i = 0; i < cli_noptions; i++) {
        if (strcmp(cli_options[i].name, "input") == 0)
            return option_is_of(&cli_options[i], command);
    }
    return false;
}

bool cli_help_command(Cli *cli, const char *command, FILE *out) {
    bool found = false;
    for (size_t i = 0; i < cli_ncommands; i++) {
        if (strcmp(cli_commands[i].name, command) != 0)
            continue;
        found = true;
        fprintf(out, "Usage: %s %s%s%s [options]\n\n  %s\n", cli->self, command,
                *cli_commands[i].words == '\0' ? "" : " ", cli_commands[i].words,
                cli_commands[i].help);
    }
    if (takes_inputs(command))
        help_inputs(cli, out);
    const char *title = "\nOptions, beside those that every command takes (--help):\n";
    for (size_t i = 0; i < cli_noptions && found; i++) {
        if (cli_options[i].of == NULL || !option_is_of(&cli_options[i], command))
            continue;
        fputs(title, out);
        title = "";
        help_option(&cli_options[i], out);
    }
    help_examples(cli, command, out);
    return found;
}

void cli_help(Cli *cli, FILE *out) {
    const char *doc = text_of(cli->program, cli->program->doc);
    fprintf(out, "%s%s%.*s\n\nUsage: %s [COMMAND] [options]\n",
            text_of(cli->program, cli->program->name), *doc == '\0' ? "" : ": ", first_line(doc),
            doc, cli->self);
    help_inputs(cli, out);
    help_commands(cli, out);
    fprintf(out, "\nOptions (`%s help run` lists the rest):\n", cli->self);
    for (size_t i = 0; i < cli_noptions; i++) {
        const Option *option = &cli_options[i];
        if (option->of == NULL || (option->letter != 0 && option_is_of(option, "run")))
            help_option(option, out);
    }
    fprintf(out,
            "\nExamples:\n"
            "  %s -j 8 --out results\n"
            "  %s --inputs inputs.json --json\n"
            "  %s resume last\n",
            cli->self, cli->self, cli->self);
}
