/*
 * cli.h - the command line of a compiled pipeline: what its files share. The only part of the
 * library that prints, handles signals or decides an exit code.
 */
#ifndef DAG_CLI_H
#define DAG_CLI_H

#include <stdio.h>

#include "core/event.h"
#include "core/store.h"
#include "pure/expr.h"
#include "report/words.h"
#include "store/looks.h"

/* Exit codes (RUNTIME §3). */
typedef enum ExitCode {
    EXIT_COMPLETED = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_PAUSED = 3,
    EXIT_CRASHED = 4,
    EXIT_STALLED = 5,
    EXIT_CANCELLED = 130
} ExitCode;

typedef enum ColorChoice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorChoice;

/* One --input NAME=VALUE, in the order given. */
typedef struct GivenInput {
    const char *name;
    const char *text; /* may be "@FILE" or "-" */
    struct GivenInput *next;
} GivenInput;

/* The command line, understood. */
typedef struct Cli {
    const dag_program *program;
    const char *self; /* as called: argv[0] */
    Arena arena;
    bool bad;         /* an argument was refused (and reported) */
    bool gathers;     /* one of several runs: errors are kept here, for its result */
    const char *said; /* those errors, a line each; NULL: none */
    const char *command;
    bool named;               /* the command was written: it is not `run` for want of one */
    const char *const *words; /* of the command */
    size_t nwords;

    GivenInput *given, **last_given;
    Looks looks;      /* at the files among the inputs */
    dag_entry *known; /* inputs of the run that goes on, as if they had been given */
    uint32_t nknown;
    const bool *came;   /* by run input: it was given (cli_inputs) */
    const char *object; /* inputs as the text of a JSON object, of nobject bytes; or NULL */
    size_t nobject;
    const char *rerun;               /* replay: slugs */
    const char *provenance, *format; /* show */
    uint32_t keep;                   /* gc: runs */
    uint32_t max_runs;               /* batch, serve: at the same time; 0: not said */
    const char *metrics_file;        /* serve */
    const char *inputs_file, *out_dir, *state_dir, *events_file, *trace_file, *report_file;
    const char *only, *from, *until, *select, *types, *exclude_tags; /* comma-separated, or NULL */
    dag_resource *resources; /* capacities; names beside them */
    const char **resource_names;
    size_t nresources;
    uint32_t jobs;
    int retry;
    const char *executor;                    /* NULL: not said */
    int64_t timeout, kill_grace, queue_poll; /* ns */
    int64_t max_value;                       /* bytes */
    ColorChoice color_choice;
    bool downstream, follow, full, by_stat, dry_run;
    bool continue_on_error, json, quiet, verbose, help, version;
} Cli;

/* Reads argv; what is wrong is said on stderr and sets `bad`. (options.c) */
void cli_parse(Cli *cli, int argc, char **argv);
/* What --help prints. (help.c) */
void cli_help(Cli *cli, FILE *out);
/* That of one command. False: there is none of this name. */
bool cli_help_command(Cli *cli, const char *command, FILE *out);

/* "error: " and a line on stderr; or, where the command line `gathers`, a line of `said`. */
void cli_say(Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for a fault of the user's: sets bad. */
void cli_complain(Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Values of all run inputs: given, read, converted, checked. False after every fault was said on
 * stderr. (inputs.c) */
bool cli_inputs(Cli *cli, const ExprProgram *exprs, dag_value *values);

/* In the record of a run that was queued: a secret is the file that it is read from, {"@file": PATH}. */
#define SECRET_FILE "@file"

/* Takes as known what the record of a run has of its inputs (JSON by name) and the user has not given
 * with --input: all but secrets. NULL, or what is wrong. */
const char *cli_known_inputs(Cli *cli, const char *json);

/* ---------------------------------------------------------------- what happened (tally.c) */

/* Of the runs of called pipelines: the runs by state, their tasks by state, children of theirs
 * counted with them. */
typedef struct ChildCounts {
    uint64_t runs[DAG_NSTATES], tasks[DAG_NSTATES];
} ChildCounts;

typedef struct StageTally {
    uint32_t tasks[DAG_NSTATES]; /* terminal tasks by state */
    uint32_t running, total;     /* total: tasks heard of */
    ChildCounts children;        /* runs of the pipelines that it calls, all the way down */
    int64_t done, due;           /* how far its last task that said so has come; due 0: none did */
    dag_state state;
    int64_t started, ended; /* ns since 1970; 0: not */
} StageTally;

/* Counts from events; nothing else looks into the scheduler. */
typedef struct Tally {
    const dag_program *program;
    Arena arena;
    StageTally *stages;
    int64_t started, ended;
    dag_state state;
    bool refused;    /* the run has failed before it started: inputs, resources */
    dag_error error; /* the run's: first in time; type NULL: none */
    uint32_t error_stage;
    const char *error_key, *error_dir;
    const char *dir;            /* of the last attempt that failed */
    dag_error tolerated;        /* first error of a stage that may fail */
    struct ChildList *children; /* by itself: each run of a called pipeline (children.h); or NULL */
} Tally;

/* False: no memory. `children`: each run of a called pipeline is kept, not only counted. */
bool tally_init(Tally *tally, const dag_program *program, bool children);
void tally_free(Tally *tally);
void tally_event(void *self, const dag_event *event);
/* Number of stages in a state, and of tasks. */
uint32_t tally_stages(const Tally *tally, dag_state state);
uint64_t tally_tasks(const Tally *tally, dag_state state);
/* The runs of called pipelines, of all stages together. */
ChildCounts tally_children(const Tally *tally);

/* ---------------------------------------------------------------- telling (style, progress, …) */

/* Escape sequences, empty where colours are off. Static texts. */
typedef struct Style {
    const char *bold, *red, *green, *yellow, *dim, *off;
} Style;
Style style_for(ColorChoice choice, FILE *stream);
const char *style_state(const Style *style, dag_state state);

typedef struct Progress Progress;
/* Live lines on a terminal, else plain ones. NULL without memory. (progress.c) */
Progress *progress_new(const Cli *cli, const Tally *tally);
void progress_event(void *self, const dag_event *event);
void progress_free(Progress *progress); /* removes the live lines */

/* Events as JSON lines. NULL: the file cannot be written (said). (events.c) */
typedef struct EventLog EventLog;
EventLog *event_log_open(Cli *cli, const char *path);
void event_log_event(void *self, const dag_event *event);
/* False: not everything could be written. */
bool event_log_close(EventLog *log);

/* The end of a run. (summary.c, document.c, outputs.c) */
/* What the user has to mend before anything starts, an error per line of the message. (summary.c) */
void refusal_print(const Cli *cli, const char *message, FILE *out);
void summary_print(Cli *cli, const Tally *tally, const dag_run *run, FILE *out);
/* `run` NULL: there was none. `line`: of a batch, from 1; 0: none. */
void document_print(const Tally *tally, const dag_run *run, uint64_t line, FILE *out);
void outputs_print(const Cli *cli, const dag_run *run, FILE *out);
/* Copies the outputs to cli->out_dir; false after saying why not. */
bool outputs_copy(Cli *cli, const dag_run *run);

/* SIGINT and SIGTERM cancel `run`, SIGUSR1 pauses it, until it is taken back with NULL. (signals.c) */
void signals_cancel(dag_run *run);
/* Keeps a request to pause or cancel that comes before the run: call it before the run's lock is taken. */
void signals_expect(void);
/* What a signal has asked of the run so far. */
typedef enum Asked { ASKED_NOTHING, ASKED_PAUSE, ASKED_CANCEL } Asked;
Asked signals_asked(void);

#endif
