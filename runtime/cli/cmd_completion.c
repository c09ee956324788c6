/*
 * cmd_completion.c - `./run completion SHELL`: the script that sets up a shell, and behind `--` the
 * words of a command line so far: what may stand for the last one (pure/complete.h).
 *
 * A placeholder of options.def and commands.def is a row of the table and a function here.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/provenance.h"
#include "cli/records.h"
#include "core/executor.h"
#include "pure/complete.h"

enum { MOST_OFFERS = 200 }; /* of what grows with the record */

static Cli *cli_of(const Completion *c) {
    return c->tables->self;
}

static const dag_program *program_of(const Completion *c) {
    return cli_of(c)->program;
}

static const char *text_at(const Completion *c, dag_name name) {
    return name == 0 ? "" : program_of(c)->strings + name;
}

/* ---------------------------------------------------------------- of the pipeline */

static void offer_stages(Completion *c) {
    for (uint32_t i = 0; i < program_of(c)->nstages; i++) {
        const dag_stage *stage = &program_of(c)->stages[i];
        complete_offer(c, text_at(c, stage->slug), text_at(c, stage->doc));
    }
}

/* Stages that call a pipeline: a path into it goes on behind the dot. */
static void offer_calls(Completion *c) {
    for (uint32_t i = 0; i < program_of(c)->nstages; i++) {
        const dag_stage *stage = &program_of(c)->stages[i];
        if (stage->sub != DAG_NONE) {
            complete_offer(c, arena_printf(c->arena, "%s.", text_at(c, stage->slug)),
                           text_at(c, stage->doc));
        }
    }
}

/* What several stages have comes several times: shells show each word once. */
static void offer_tags_as(Completion *c, const char *form) {
    const dag_program *p = program_of(c);
    for (uint32_t i = 0; i < p->nstages; i++) {
        for (uint32_t t = p->stages[i].tag; t < p->stages[i].tag + p->stages[i].ntag; t++)
            complete_offer(c, arena_printf(c->arena, "%s%s", form, text_at(c, p->tags[t])), NULL);
    }
}

static void offer_kinds_as(Completion *c, const char *form) {
    const dag_program *p = program_of(c);
    for (uint32_t i = 0; i < p->nstages; i++) {
        if (p->stages[i].kind != 0)
            complete_offer(c, arena_printf(c->arena, "%s%s", form, text_at(c, p->stages[i].kind)),
                           NULL);
    }
}

static void offer_tags(Completion *c) {
    offer_tags_as(c, "");
}

static void offer_kinds(Completion *c) {
    offer_kinds_as(c, "");
}

static void offer_tags_and_kinds(Completion *c) {
    offer_tags_as(c, "tag:");
    offer_kinds_as(c, "kind:");
}

static void offer_resources(Completion *c) {
    const dag_program *p = program_of(c);
    for (uint32_t i = 0; i < p->ncapacity; i++) {
        const char *name = text_at(c, p->resources[p->capacity + i].name);
        complete_offer(c, arena_printf(c->arena, "%s=", name), NULL);
    }
}

/* ---------------------------------------------------------------- inputs */

static const dag_type *input_type(const dag_program *p, const dag_input *input) {
    const dag_type *type = &p->types[input->type];
    return type->kind == DAG_OPTIONAL ? &p->types[type->elem] : type;
}

/* Behind the `=`. */
static void offer_value(Completion *c, const dag_type *type) {
    const dag_program *p = program_of(c);
    if (*c->typed == '@') {
        complete_behind(c, 1);
        complete_placeholder(c, "FILE");
    } else if (type->kind == DAG_FILE || type->kind == DAG_DIR) {
        complete_placeholder(c, type->kind == DAG_DIR ? "DIR" : "FILE");
    } else if (type->kind == DAG_BOOL) {
        complete_placeholder(c, "true|false");
    }
    for (uint32_t i = 0; type->kind == DAG_ENUM && i < type->n; i++)
        complete_offer(c, text_at(c, p->fields[type->first + i].name), NULL);
}

static void offer_inputs(Completion *c) {
    const dag_program *p = program_of(c);
    size_t n = strcspn(c->typed, "=");
    bool named = c->typed[n] == '=';
    for (uint32_t i = 0; i < p->ninputs; i++) {
        const char *name = text_at(c, p->inputs[i].name);
        if (!named) {
            complete_offer(c, arena_printf(c->arena, "%s=", name), text_at(c, p->inputs[i].doc));
        } else if (strlen(name) == n && memcmp(name, c->typed, n) == 0) {
            complete_behind(c, n + 1);
            offer_value(c, input_type(p, &p->inputs[i]));
            return;
        }
    }
}

/* ---------------------------------------------------------------- of the record */

/* Can the command be meant for a run in this state? */
static bool is_for(const char *command, dag_state state) {
    bool lives = state == DAG_RUNNING || state == DAG_QUEUED;
    if (strcmp(command, "pause") == 0)
        return state == DAG_RUNNING;
    if (strcmp(command, "cancel") == 0)
        return lives || state == DAG_PAUSED;
    return strcmp(command, "resume") != 0 || (!lives && state != DAG_COMPLETED);
}

/* False: there is no record to be read; why, is said on stderr, where no shell listens. */
static bool open_records(const Completion *c, Records *records) {
    const char *state = complete_given(c, "--state");
    if (state != NULL)
        cli_of(c)->state_dir = state;
    return records_open(records, cli_of(c)) == EXIT_COMPLETED && records->reader != NULL;
}

static void offer_runs(Completion *c) {
    Records records;
    StoreRunInfo *runs = NULL;
    size_t n = 0, offered = 0;
    dag_error error = { 0 };
    if (!open_records(c, &records))
        return;
    if (!store_read_runs(records.reader, c->arena, &runs, &n, &error))
        n = 0;
    for (size_t i = 0; i < n && offered < MOST_OFFERS; i++) {
        if (!is_for(c->command, runs[i].state))
            continue;
        const char *state = dag_state_name(runs[i].state);
        if (offered++ == 0 && i == 0)
            complete_offer(c, "last", state);
        complete_offer(c, runs[i].id,
                       arena_printf(c->arena, "%s  %s", time_text(c->arena, runs[i].created),
                                    state));
    }
    records_close(&records);
}

/* The tasks of a stage, both of which are said: of the run that is, or else of the last one. */
static void offer_keys(Completion *c) {
    Records records;
    StoreRecord record;
    bool of_run = c->narguments > 1;
    if (c->narguments == 0 || !open_records(c, &records))
        return;
    const char *slug = c->arguments[of_run], *run = of_run ? c->arguments[0] : "last";
    bool known = records_load(&records, run, &record) == EXIT_COMPLETED;
    for (size_t i = 0, offered = 0; known && i < record.ntasks && offered < MOST_OFFERS; i++) {
        const StoreTask *task = &record.tasks[i];
        if (strcmp(record.stages[task->stage].slug, slug) != 0)
            continue;
        complete_offer(c, task->key, dag_state_name(task->state));
        offered++;
    }
    records_close(&records);
}

/* ---------------------------------------------------------------- of the command line */

static void offer_commands(Completion *c) {
    for (size_t i = 0; i < cli_ncommands; i++)
        complete_offer(c, cli_commands[i].name, cli_commands[i].help);
}

static void offer_formats(Completion *c) {
    const char *(*format)(size_t i) =
        strcmp(c->command, "graph") == 0 ? graph_format : provenance_format;
    for (size_t i = 0; format(i) != NULL; i++)
        complete_offer(c, format(i), NULL);
}

static void offer_executors(Completion *c) {
    for (size_t i = 0; executor_kind_at(i) != NULL; i++)
        complete_offer(c, executor_kind_at(i)->name, executor_kind_at(i)->help);
}

/* What cannot be foreseen. */
static void offer_nothing(Completion *c) {
    (void)c;
}

static const struct {
    const char *placeholder;
    void (*offer)(Completion *c);
} rows[] = {
    { "NAME=VALUE", offer_inputs },
    { "NAME=N", offer_resources },
    { "STAGE", offer_stages },
    { "CALLED", offer_calls },
    { "TAG", offer_tags },
    { "KIND", offer_kinds },
    { "tag:TAG", offer_tags_and_kinds },
    { "RUN", offer_runs },
    { "KEY", offer_keys },
    { "COMMAND", offer_commands },
    { "FORMAT", offer_formats },
    { "EXECUTOR", offer_executors },
    { "N", offer_nothing },
    { "DURATION", offer_nothing },
    { "SIZE", offer_nothing },
    { "WORD", offer_nothing },
    { "", offer_nothing },
};

static bool offer(Completion *c, const char *placeholder) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].placeholder, placeholder) == 0) {
            rows[i].offer(c);
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- the tables */

static bool takes(const char *command, size_t option) {
    return option_is_of(&cli_options[option], *command == '\0' ? "run" : command);
}

CompleteTables cli_complete_tables(Cli *cli) {
    CompleteCommand *commands = ARENA_ARRAY(&cli->arena, cli_ncommands, CompleteCommand);
    CompleteOption *options = ARENA_ARRAY(&cli->arena, cli_noptions, CompleteOption);
    for (size_t i = 0; i < cli_ncommands; i++) {
        const CommandRow *row = &cli_commands[i];
        commands[i] = (CompleteCommand){ row->name, row->words, row->help };
    }
    for (size_t i = 0; i < cli_noptions; i++) {
        const Option *row = &cli_options[i];
        options[i] = (CompleteOption){ .word = arena_printf(&cli->arena, "--%s", row->name),
                                       .letter = row->letter,
                                       .argument = row->argument,
                                       .help = row->help };
    }
    return (CompleteTables){ .commands = commands,
                             .ncommands = cli_ncommands,
                             .options = options,
                             .noptions = cli_noptions,
                             .takes = takes,
                             .offer = offer,
                             .self = cli };
}

int command_completion(Cli *cli) {
    const char *script = complete_script(&cli->arena, cli->words[0], cli->self);
    if (script == NULL) {
        cli_complain(cli, "completion takes %s, not `%s`", COMPLETE_SHELLS, cli->words[0]);
        return EXIT_USAGE;
    }
    if (cli->nwords > 1) {
        CompleteTables tables = cli_complete_tables(cli);
        script = complete_words(&cli->arena, &tables, cli->words + 1, cli->nwords - 1);
    }
    fputs(script, stdout);
    return EXIT_COMPLETED;
}
