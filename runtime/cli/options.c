/*
 * options.c - argv into a Cli. One row in options.def and, with an argument, one function here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/many.h"
#include "cli/options.h"
#include "core/executor.h"
#include "pure/nearest.h"
#include "pure/value.h"

static void say(Cli *cli, const char *format, va_list args) {
    if (!cli->gathers) {
        fputs("error: ", stderr);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
        return;
    }
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(&cli->arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, args);
    cli->said = cli->said == NULL ? text : arena_printf(&cli->arena, "%s\n%s", cli->said, text);
}

void cli_say(Cli *cli, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(cli, format, args);
    va_end(args);
}

void cli_complain(Cli *cli, const char *format, ...) {
    va_list args;
    va_start(args, format);
    say(cli, format, args);
    va_end(args);
    cli->bad = true;
}

static const Option *find_long(const char *name, size_t n) {
    for (size_t i = 0; i < cli_noptions; i++) {
        if (strlen(cli_options[i].name) == n && memcmp(cli_options[i].name, name, n) == 0) {
            return &cli_options[i];
        }
    }
    return NULL;
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

/* The number of the word among those that the option's row has, a|b|c. What is none is refused: 0. */
static int parse_choice(Cli *cli, const char *name, const char *text) {
    size_t length = strlen(text);
    const char *choices = find_long(name, strlen(name))->argument, *p = choices;
    for (int i = 0; *p != '\0'; i++) {
        size_t n = strcspn(p, "|");
        if (n == length && memcmp(p, text, n) == 0)
            return i;
        p += n + (p[n] == '|');
    }
    cli_complain(cli, "--%s takes %s, not `%s`", name, choices, text);
    return 0;
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

static void set_max_runs(Cli *cli, const char *text) {
    long count;
    if (parse_count(cli, "max-runs", text, 1, MANY_MOST, &count))
        cli->max_runs = (uint32_t)count;
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

static void set_executor(Cli *cli, const char *text) {
    cli->executor = text;
    if (executor_kind(text) == NULL)
        cli_complain(cli, "there is no executor `%s`; there are: %s", text, executor_names());
}

static void set_queue_poll(Cli *cli, const char *text) {
    parse_duration(cli, "queue-poll", text, &cli->queue_poll);
}

static void set_max_value(Cli *cli, const char *text) {
    if (size_parse(text, strlen(text), &cli->max_value) && cli->max_value > 0 &&
        cli->max_value < INT64_C(4) << 30) {
        return;
    }
    cli_complain(cli, "--max-value takes a size below 4GiB such as 64MiB, not `%s`", text);
}

static void set_metrics(Cli *cli, const char *text) {
    cli->metrics_file = text;
}

static void set_events(Cli *cli, const char *text) {
    cli->events_file = text;
}

static void set_trace(Cli *cli, const char *text) {
    cli->trace_file = text;
}

static void set_report(Cli *cli, const char *text) {
    cli->report_file = text;
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
    cli->by_stat = parse_choice(cli, "fingerprint", text) == 1;
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
    cli->color_choice = (ColorChoice)parse_choice(cli, "color", text);
}

/* ---------------------------------------------------------------- the table */

const Option cli_options[] = {
#define OPTION_FLAG(field, name, letter, of, help) \
    { name, letter, NULL, NULL, offsetof(Cli, field), help, of },
#define OPTION_ARGUMENT(field, name, letter, argument, of, help) \
    { name, letter, argument, set_##field, 0, help, of },
#include "cli/options.def"
#undef OPTION_FLAG
#undef OPTION_ARGUMENT
};
const size_t cli_noptions = sizeof cli_options / sizeof *cli_options;

static const Option *find_letter(char letter) {
    for (size_t i = 0; i < cli_noptions; i++) {
        if (cli_options[i].letter == letter)
            return &cli_options[i];
    }
    return NULL;
}

static bool is_input(const Cli *cli, const char *name) {
    for (uint32_t i = 0; i < cli->program->ninputs; i++) {
        if (strcmp(cli->program->strings + cli->program->inputs[i].name, name) == 0)
            return true;
    }
    return false;
}

/* What a word is called here that other tools have for an option; NULL: it is none of theirs. */
static const char *foreign_advice(const char *name) {
    static const char *const rows[][2] = {
#define FOREIGN(word, advice) { word, advice },
#include "cli/foreign.def"
#undef FOREIGN
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i][0], name) == 0)
            return rows[i][1];
    }
    return NULL;
}

/* `name`: of the option `word`, without dashes and value. False: nothing is known of it. */
static bool unknown_word(Cli *cli, const char *word, const char *name) {
    const char *advice = foreign_advice(name);
    if (is_input(cli, name))
        cli_complain(cli, "unknown option `%s`: an input is given as `--input %s=VALUE`", word,
                     name);
    else if (advice != NULL)
        cli_complain(cli, "unknown option `%s`: %s", word, advice);
    return advice != NULL || is_input(cli, name);
}

static void unknown_option(Cli *cli, const char *word) {
    const char *equals = strchr(word, '=');
    const char *name = arena_text(&cli->arena, word + 2,
                                  equals == NULL ? strlen(word + 2) : (size_t)(equals - word - 2));
    Nearest nearest = nearest_to(name);
    if (unknown_word(cli, word, name))
        return;
    for (size_t i = 0; i < cli_noptions; i++)
        nearest_offer(&nearest, cli_options[i].name);
    if (nearest.best != NULL) {
        cli_complain(cli, "unknown option `%s`; did you mean `--%s`?", word, nearest.best);
    } else {
        cli_complain(cli, "unknown option `%s`; --help lists them", word);
    }
}

/* A letter, or a long option behind one dash. */
static void unknown_letter(Cli *cli, const char *word, char letter) {
    const char text[] = { letter, '\0' };
    const char *equals = strchr(word, '=');
    size_t n = equals == NULL ? strlen(word + 1) : (size_t)(equals - word - 1);
    if (unknown_word(cli, word, arena_text(&cli->arena, word + 1, n)) ||
        unknown_word(cli, arena_printf(&cli->arena, "-%c", letter), text))
        return;
    cli_complain(cli, "unknown option `-%c`; --help lists them", letter);
}

typedef struct Words {
    char **argv;
    int argc, i;
    bool *used; /* by option */
} Words;

/* An empty path would stand for the root of all folders, or for this one; a list without a word would
 * choose nothing, as `--only "$STAGES"` of an unset variable. To exclude nothing is what it says. */
static bool says_nothing(const Option *option, const char *text) {
    bool path = strcmp(option->argument, "DIR") == 0 || strncmp(option->argument, "FILE", 4) == 0;
    bool list = strchr(option->argument, ',') != NULL && option->set != set_exclude_tags;
    return (path || list) && text[strspn(text, ",")] == '\0';
}

static void apply(Cli *cli, const Option *option, const char *text, Words *words) {
    words->used[option - cli_options] = true;
    if (option->argument == NULL) {
        if (text != NULL)
            cli_complain(cli, "--%s takes no argument", option->name);
        *(bool *)((char *)cli + option->flag) = true;
        return;
    }
    if (text == NULL && words->i + 1 < words->argc)
        text = words->argv[++words->i];
    if (text == NULL || says_nothing(option, text))
        cli_complain(cli, "--%s needs %s%s", option->name, option->argument,
                     text == NULL ? "" : ", not an empty text");
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
            unknown_letter(cli, word, *p);
            return;
        }
        if (option->argument != NULL) {
            apply(cli, option, p[1] == '\0' ? NULL : p + 1, words);
            return;
        }
        apply(cli, option, NULL, words);
    }
}

bool option_is_of(const Option *option, const char *command) {
    size_t n = strlen(command);
    for (const char *p = option->of; p != NULL && *p != '\0'; p += strspn(p, " ")) {
        size_t word = strcspn(p, " ");
        if (word == n && memcmp(p, command, n) == 0)
            return true;
        p += word;
    }
    return option->of == NULL;
}

/* An option that the command does not know is a mistake, not noise. */
static void refuse_foreign(Cli *cli, const bool *used) {
    for (size_t i = 0; i < cli_noptions; i++) {
        if (!used[i] || option_is_of(&cli_options[i], cli->command))
            continue;
        cli_complain(cli, "`%s` takes no --%s; that is for: %s", cli->command, cli_options[i].name,
                     cli_options[i].of);
    }
}

/* What is carried out elsewhere works in the state folder. */
static void refuse_memory(Cli *cli) {
    const ExecutorKind *kind = executor_kind(cli->executor);
    if (kind != NULL && kind->jobs > 0 && strcmp(cli->state_dir, ":memory:") == 0)
        cli_complain(cli,
                     "--executor %s needs --state DIR on a file system that all machines share, "
                     "not :memory:",
                     kind->name);
}

void cli_parse(Cli *cli, int argc, char **argv) {
    cli->self = argc > 0 ? argv[0] : "run";
    cli->state_dir = ".dag";
    cli->retry = -1;
    cli->last_given = &cli->given;
    const char **plain = ARENA_ARRAY(&cli->arena, (size_t)argc + 1, const char *);
    Words words = { .argv = argv, .argc = argc, .i = 1 };
    words.used = ARENA_ARRAY(&cli->arena, cli_noptions, bool);
    bool only_words = false; /* behind `--` */
    for (; words.i < argc; words.i++) {
        const char *word = argv[words.i];
        if (only_words)
            plain[cli->nwords++] = word;
        else if (strcmp(word, "--") == 0)
            only_words = true;
        else if (strncmp(word, "--", 2) == 0)
            parse_long(cli, word, &words);
        else if (word[0] == '-' && word[1] != '\0')
            parse_letters(cli, word, &words);
        else
            plain[cli->nwords++] = word;
    }
    cli->named = cli->nwords > 0;
    cli->command = cli->named ? plain[0] : "run";
    cli->words = plain + 1;
    if (cli->nwords > 0)
        cli->nwords--;
    if (command_exists(cli->command))
        refuse_foreign(cli, words.used);
    refuse_memory(cli);
}
