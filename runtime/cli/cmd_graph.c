/*
 * cmd_graph.c - `./run graph`: the stages and edges, for people and for tools that draw.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "pure/describe.h"
#include "report/graph.h"

static const char *svg(Arena *arena, const dag_program *program) {
    return graph_svg(arena, program, NULL);
}

static const struct {
    const char *name;
    const char *(*text)(Arena *arena, const dag_program *program);
} formats[] = {
    { "dot", graph_dot },
    { "mermaid", graph_mermaid },
    { "svg", svg },
    { "json", describe_graph },
};

const char *graph_format(size_t i) {
    return i < sizeof formats / sizeof *formats ? formats[i].name : NULL;
}

int command_graph(Cli *cli) {
    const char *wanted = cli->format != NULL ? cli->format : cli->json ? "json" : "dot";
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(wanted, formats[i].name) == 0) {
            fputs(formats[i].text(&cli->arena, cli->program), stdout);
            return EXIT_COMPLETED;
        }
    }
    cli_complain(cli, "graph --format takes dot, mermaid, svg or json, not `%s`", wanted);
    return EXIT_USAGE;
}
