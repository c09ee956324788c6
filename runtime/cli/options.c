/*
 * options.c - argv into a Cli. One row in options.def and, with an argument, one function here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "pure/nearest.h"
#include "pure/value.h"

void cli_complain(Cli *cli, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("error: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    cli->bad = true;
}

/* ---------------------------------------------------------------- one function per argument */

static bool parse_count(Cli *cli, const char *option, const char *text, long low, long high,
                        long *count) {
    char *end;
    errno = 0;
    *count = strtol(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && *count >= low && *count <= high)
        return true;
    cli_complain(cli, "--%s takes a whole number from %ld to %ld, not `%s`", option, low, high,
                 text);
    return false;
}

static void parse_duration(Cli *cli, const char *option, const char *text, int64_t *ns) {
    if (duration_parse(text, strlen(text), ns) && *ns > 0)
        return;
    cli_complain(cli, "--%s takes a duration such as 90s or 1h30m, not `%s`", option, text);
}

static void set_input(Cli *cli, const char *text) {
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        cli_complain(cli, "--input takes NAME=VALUE, not `%s`", text);
        return;
    }
    GivenInput *given = ARENA_NEW(&cli->arena, GivenInput);
    given->name = arena_text(&cli->arena, text, (size_t)(equals - text));
    given->text = equals + 1;
    *cli->last_given = given;
    cli->last_given = &given->next;
}

static void set_inputs(Cli *cli, const char *text) {
    cli->inputs_file = text;
}

static void set_jobs(Cli *cli, const char *text) {
    long count;
    if (parse_count(cli, "jobs", text, 1, 4096, &count))
        cli->jobs = (uint32_t)count;
}

static void set_out(Cli *cli, const char *text) {
    cli->out_dir = text;
}

static void set_state(Cli *cli, const char *text) {
    cli->state_dir = text;
}

static void set_retry(Cli *cli, const char *text) {
    long count;
    if (parse_count(cli, "retry", text, 0, 1000, &count))
        cli->retry = (int)count;
}

static void set_timeout(Cli *cli, const char *text) {
    parse_duration(cli, "timeout", text, &cli->timeout);
}

/* "64" or "64GB" */
static bool parse_amount(const char *text, int64_t *amount) {
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || errno != 0)
        return false;
    *amount = n;
    return n >= 0 && (*end == '\0' || size_parse(text, strlen(text), amount));
}

static void add_resource(Cli *cli, const char *name, int64_t amount) {
    size_t n = cli->nresources++;
    dag_resource *rows = ARENA_ARRAY(&cli->arena, n + 1, dag_resource);
    const char **names = ARENA_ARRAY(&cli->arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++) {
        rows[i] = cli->resources[i];
        names[i] = cli->resource_names[i];
    }
    rows[n] = (dag_resource){ .amount = amount, .grow = 1 };
    names[n] = name;
    cli->resources = rows;
    cli->resource_names = names;
}

/* gpu=4,memory=64GB */
static void set_resources(Cli *cli, const char *text) {
    while (*text != '\0') {
        size_t n = strcspn(text, ","), name = strcspn(text, "=,");
        const char *rest = arena_text(&cli->arena, text, n);
        int64_t amount;
        if (name == 0 || name == n || !parse_amount(rest + name + 1, &amount)) {
            cli_complain(cli, "--resources takes NAME=N such as gpu=4,memory=64GB, not `%s`", rest);
            return;
        }
        add_resource(cli, arena_text(&cli->arena, text, name), amount);
        text += n + (text[n] == ',');
    }
}

static void set_kill_grace(Cli *cli, const char *text) {
    parse_duration(cli, "kill-grace", text, &cli->kill_grace);
}

static void set_max_value(Cli *cli, const char *text) {
    if (size_parse(text, strlen(text), &cli->max_value) && cli->max_value > 0 &&
        cli->max_value < INT64_C(4) << 30) {
        return;
    }
    cli_complain(cli, "--max-value takes a size below 4GiB such as 64MiB, not `%s`", text);
}

static void set_events(Cli *cli, const char *text) {
    cli->events_file = text;
}

static void set_only(Cli *cli, const char *text) {
    cli->only = text;
}

static void set_from(Cli *cli, const char *text) {
    cli->from = text;
}

static void set_until(Cli *cli, const char *text) {
    cli->until = text;
}

static void set_select(Cli *cli, const char *text) {
    cli->select = text;
}

static void set_types(Cli *cli, const char *text) {
    cli->types = text;
}

static void set_exclude_tags(Cli *cli, const char *text) {
    cli->exclude_tags = text;
}

static void set_fingerprint(Cli *cli, const char *text) {
    cli->by_stat = strcmp(text, "stat") == 0;
    if (cli->by_stat || strcmp(text, "content") == 0)
        return;
    cli_complain(cli, "--fingerprint takes content or stat, not `%s`", text);
}

static void set_rerun(Cli *cli, const char *text) {
    cli->rerun = text;
}

static void set_provenance(Cli *cli, const char *text) {
    cli->provenance = text;
}

static void set_format(Cli *cli, const char *text) {
    cli->format = text;
}

static void set_keep(Cli *cli, const char *text) {
    long count;
    if (parse_count(cli, "keep", text, 1, 1000000000, &count))
        cli->keep = (uint32_t)count;
}

static void set_color(Cli *cli, const char *text) {
    if (strcmp(text, "auto") == 0)
        cli->color_choice = COLOR_AUTO;
    else if (strcmp(text, "always") == 0)
        cli->color_choice = COLOR_ALWAYS;
    else if (strcmp(text, "never") == 0)
        cli->color_choice = COLOR_NEVER;
    else
        cli_complain(cli, "--color takes auto, always or never, not `%s`", text);
}

/* ---------------------------------------------------------------- the table */

typedef struct Option {
    const char *name;
    char letter;
    const char *argument; /* NULL: a flag */
    void (*set)(Cli *cli, const char *text);
    size_t flag; /* offset of the bool in Cli */
    const char *help;
    const char *of; /* the command that it is for; NULL: most of them */
} Option;

static const Option options[] = {
#define OPTION_FLAG(field, name, letter, help) OPTION_FLAG_OF(field, name, letter, NULL, help)
#define OPTION_FLAG_OF(field, name, letter, of, help) \
    { name, letter, NULL, NULL, offsetof(Cli, field), help, of },
#define OPTION_ARGUMENT(field, name, letter, argument, help) \
    OPTION_ARGUMENT_OF(field, name, letter, argument, NULL, help)
#define OPTION_ARGUMENT_OF(field, name, letter, argument, of, help) \
    { name, letter, argument, set_##field, 0, help, of },
#include "cli/options.def"
#undef OPTION_FLAG_OF
#undef OPTION_ARGUMENT_OF
#undef OPTION_FLAG
#undef OPTION_ARGUMENT
};
enum { noptions = sizeof options / sizeof *options };

static const Option *find_long(const char *name, size_t n) {
    for (size_t i = 0; i < noptions; i++) {
        if (strlen(options[i].name) == n && memcmp(options[i].name, name, n) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static const Option *find_letter(char letter) {
    for (size_t i = 0; i < noptions; i++) {
        if (options[i].letter == letter)
            return &options[i];
    }
    return NULL;
}

static void unknown_option(Cli *cli, const char *word) {
    const char *equals = strchr(word, '=');
    const char *name = arena_text(&cli->arena, word + 2,
                                  equals == NULL ? strlen(word + 2) : (size_t)(equals - word - 2));
    Nearest nearest = nearest_to(name);
    for (size_t i = 0; i < noptions; i++)
        nearest_offer(&nearest, options[i].name);
    if (nearest.best != NULL) {
        cli_complain(cli, "unknown option `%s`; did you mean `--%s`?", word, nearest.best);
    } else {
        cli_complain(cli, "unknown option `%s`; --help lists them", word);
    }
}

typedef struct Words {
    char **argv;
    int argc, i;
} Words;

static void apply(Cli *cli, const Option *option, const char *text, Words *words) {
    if (option->argument == NULL) {
        if (text != NULL)
            cli_complain(cli, "--%s takes no argument", option->name);
        *(bool *)((char *)cli + option->flag) = true;
        return;
    }
    if (text == NULL && words->i + 1 < words->argc)
        text = words->argv[++words->i];
    if (text == NULL)
        cli_complain(cli, "--%s needs %s", option->name, option->argument);
    else
        option->set(cli, text);
}

static void parse_long(Cli *cli, const char *word, Words *words) {
    const char *equals = strchr(word, '=');
    size_t n = equals == NULL ? strlen(word + 2) : (size_t)(equals - word - 2);
    const Option *option = find_long(word + 2, n);
    if (option == NULL)
        unknown_option(cli, word);
    else
        apply(cli, option, equals == NULL ? NULL : equals + 1, words);
}

/* -j4, -j 4, -qv */
static void parse_letters(Cli *cli, const char *word, Words *words) {
    for (const char *p = word + 1; *p != '\0'; p++) {
        const Option *option = find_letter(*p);
        if (option == NULL) {
            cli_complain(cli, "unknown option `-%c`; --help lists them", *p);
            return;
        }
        if (option->argument != NULL) {
            apply(cli, option, p[1] == '\0' ? NULL : p + 1, words);
            return;
        }
        apply(cli, option, NULL, words);
    }
}

void cli_parse(Cli *cli, int argc, char **argv) {
    cli->self = argc > 0 ? argv[0] : "run";
    cli->state_dir = ".dag";
    cli->retry = -1;
    cli->last_given = &cli->given;
    const char **plain = ARENA_ARRAY(&cli->arena, (size_t)argc + 1, const char *);
    Words words = { .argv = argv, .argc = argc, .i = 1 };
    for (; words.i < argc; words.i++) {
        const char *word = argv[words.i];
        if (strncmp(word, "--", 2) == 0 && word[2] != '\0')
            parse_long(cli, word, &words);
        else if (word[0] == '-' && word[1] != '\0')
            parse_letters(cli, word, &words);
        else
            plain[cli->nwords++] = word;
    }
    cli->command = cli->nwords > 0 ? plain[0] : "run";
    cli->words = plain + 1;
    if (cli->nwords > 0)
        cli->nwords--;
}

/* ---------------------------------------------------------------- help */

static const char *doc_of(const dag_program *program, dag_name doc) {
    return doc == 0 ? "" : program->strings + doc;
}

/* The first line of a documentation text. */
static int first_line(const char *text) {
    return (int)strcspn(text, "\n");
}

static void help_inputs(const Cli *cli, FILE *out) {
    const dag_program *program = cli->program;
    if (program->ninputs > 0)
        fputs("\nInputs:\n", out);
    for (uint32_t i = 0; i < program->ninputs; i++) {
        const dag_input *input = &program->inputs[i];
        const dag_type *type = &program->types[input->type];
        const char *doc = doc_of(program, input->doc);
        bool needed = input->value == DAG_NONE && type->kind != DAG_OPTIONAL;
        fprintf(out, "  %s: %s%s%s%.*s\n", program->strings + input->name,
                program->strings + type->name, needed ? "  (required)" : "",
                *doc == '\0' ? "" : "  ", first_line(doc), doc);
    }
}

static void help_option(const Option *option, FILE *out) {
    char left[64];
    snprintf(left, sizeof left, "%s%c%s --%s%s%s", option->letter == 0 ? "  " : "-",
             option->letter == 0 ? ' ' : option->letter, option->letter == 0 ? " " : ",",
             option->name, option->argument == NULL ? "" : " ",
             option->argument == NULL ? "" : option->argument);
    fprintf(out, "  %-28s %s\n", left, option->help);
}

/* The commands by name, in lines of at most 78 characters. */
static void help_commands(const Cli *cli, FILE *out) {
    static const char *const names[] = {
#define COMMAND(name, words, help) #name,
#include "cli/commands.def"
#undef COMMAND
    };
    size_t column = 80;
    fputs("\nCommands:", out);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        column += strlen(names[i]) + 2;
        if (column > 78) {
            fputs("\n  ", out);
            column = strlen(names[i]) + 4;
        }
        fprintf(out, "%s  ", names[i]);
    }
    fprintf(out, "\n  `%s help COMMAND` says more\n", cli->self);
}

bool cli_help_command(const Cli *cli, const char *command, FILE *out) {
    static const struct {
        const char *name, *words, *help;
    } rows[] = {
#define COMMAND(name, words, help) { #name, words, help },
#include "cli/commands.def"
#undef COMMAND
    };
    bool found = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, command) != 0)
            continue;
        found = true;
        fprintf(out, "Usage: %s %s%s%s [options]\n\n  %s\n", cli->self, command,
                *rows[i].words == '\0' ? "" : " ", rows[i].words, rows[i].help);
    }
    const char *title = "\nOptions (`--help` lists those that are not only for this command):\n";
    for (size_t i = 0; i < noptions && found; i++) {
        if (options[i].of == NULL || strcmp(options[i].of, command) != 0)
            continue;
        fputs(title, out);
        title = "";
        help_option(&options[i], out);
    }
    return found;
}

void cli_help(const Cli *cli, FILE *out) {
    const char *name = cli->program->strings + cli->program->name;
    const char *doc = doc_of(cli->program, cli->program->doc);
    fprintf(out, "%s%s%.*s\n\nUsage: %s [COMMAND] [options]\n", name, *doc == '\0' ? "" : ": ",
            first_line(doc), doc, cli->self);
    help_commands(cli, out);
    help_inputs(cli, out);
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < noptions; i++) {
        if (options[i].of == NULL)
            help_option(&options[i], out);
    }
    fprintf(out,
            "\nExamples:\n"
            "  %s -j 8 --out results\n"
            "  %s --inputs inputs.json --json\n",
            cli->self, cli->self);
}
