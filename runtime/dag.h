/*
 * dag.h - the one public header of the dagcc runtime.
 *
 * In: the program tables that dagcc generates (all `static const`, indices instead of pointers).
 * Out: what a generated `main`, an embedding program and a native stage function may use.
 *
 * The program never changes at run time; the runtime keeps what changes in arrays of its own that
 * are indexed alike. An index that points nowhere is DAG_NONE.
 */
#ifndef DAG_H
#define DAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The generated program and libdag.a must agree on it; dag_main refuses another one. */
#define DAG_ABI 1u
#define DAG_NONE UINT32_MAX

/* ---------------------------------------------------------------- values and types */

/* Kinds of values and of types. A value has one of the kinds up to DAG_MAP; an enum case is a
 * DAG_STRING, a record a DAG_MAP in field order, json whatever it holds. */
typedef enum dag_kind {
    DAG_NULL,
    DAG_BOOL,
    DAG_INT,
    DAG_FLOAT,
    DAG_STRING,
    DAG_DURATION, /* nanoseconds in i */
    DAG_SIZE,     /* bytes in i */
    DAG_FILE,     /* path in text */
    DAG_DIR,
    DAG_SECRET,
    DAG_LIST,
    DAG_MAP,
    /* kinds of types only */
    DAG_RECORD,
    DAG_ENUM,
    DAG_JSON,
    DAG_OPTIONAL
} dag_kind;

/* An immutable value. It does not own what it points to: text, items and entries live in the arena
 * or the box that it was made in. Text is UTF-8, holds no NUL and is followed by one. */
typedef struct dag_value {
    uint32_t kind; /* dag_kind, up to DAG_MAP */
    uint32_t len;  /* bytes of text without its NUL, items of a list, entries of a map */
    union {
        bool b;
        int64_t i;
        double f;
        const char *text;
        const struct dag_value *items;
        const struct dag_entry *entries;
    } u;
} dag_value;

typedef struct dag_entry {
    dag_value name; /* a DAG_STRING */
    dag_value value;
} dag_entry;

typedef uint32_t dag_name; /* offset into dag_program.strings */

/* One type. `elem` is the element of list, map and optional; fields of a record and cases of an
 * enum are dag_program.fields[first .. first + n). `size` and `align` are those of its C form. */
typedef struct dag_type {
    uint32_t kind;
    uint32_t elem;
    uint32_t first, n;
    uint32_t size, align;
    dag_name name; /* as the user wrote it: "list<int>", "Probe" */
} dag_type;

typedef struct dag_field {
    dag_name name;
    uint32_t type;   /* DAG_NONE for an enum case */
    uint32_t offset; /* of the member in the record's C struct, bytes */
} dag_field;

/* A constant. text: offset into strings; len: its bytes. Lists: consts[first .. first + len);
 * maps: 2 * len constants from first, name and value in turn. */
typedef struct dag_const {
    uint32_t kind; /* dag_kind of a value */
    uint32_t len;
    union {
        int64_t i; /* bool, int, duration, size */
        double f;
        dag_name text;
        uint32_t first;
    } u;
} dag_const;

/* ---------------------------------------------------------------- expressions */

/* Code of the stack machine in pure/expr.c: 32-bit words, operation in the low 8 bits, argument in
 * the upper 24 (DAG_CODE). PIPE: argument is the row in pipes.def | number of arguments << 16. */
typedef enum dag_op {
    DAG_OP_CONST,   /* push consts[a] */
    DAG_OP_INPUT,   /* push the stage's own input port a */
    DAG_OP_OUT,     /* push the path of the stage's own output port a */
    DAG_OP_RUN,     /* push the run input a */
    DAG_OP_SPECIAL, /* push dag_special a */
    DAG_OP_FIELD,   /* replace top by its field; a: name */
    DAG_OP_PIPE,    /* apply a pipe: pops its arguments, then the subject */
    DAG_OP_TEXT,    /* replace top by its text form */
    DAG_OP_CONCAT,  /* pop a texts, push them joined */
    DAG_OP_LIST,    /* pop a values, push the list of them */
    DAG_OP_RECORD,  /* pop a pairs of name and value, push the map of them */
    DAG_OP_FIT,     /* convert top to types[a], or fail: as(T), int to float, json boundaries */
    DAG_OP_COMPARE, /* pop two, push bool; a: dag_compare */
    DAG_OP_NOT,
    DAG_OP_EXISTS, /* is top not null? */
    DAG_OP_AND,    /* top false: jump over the next a words and keep it; else drop it */
    DAG_OP_OR,     /* top true: likewise */
    DAG_OP_DEFAULT /* top not null: likewise; the words are the argument of `default` */
} dag_op;

#define DAG_CODE(op, a) ((uint32_t)(op) | (uint32_t)(a) << 8)
#define DAG_PIPE_CODE(row, nargs) DAG_CODE(DAG_OP_PIPE, (uint32_t)(row) | (uint32_t)(nargs) << 16)

typedef enum dag_special {
    DAG_IT,
    DAG_STDOUT,
    DAG_STDERR,
    DAG_EXIT,
    DAG_RUN_ID,
    DAG_TASK_KEY,
    DAG_TASK_ATTEMPT,
    DAG_RUN_STATUS,
    DAG_RUN_ERROR,
    DAG_NSPECIAL
} dag_special;

typedef enum dag_compare {
    DAG_EQ,
    DAG_NE,
    DAG_LT,
    DAG_LE,
    DAG_GT,
    DAG_GE,
    DAG_IN,
    DAG_NOT_IN,
    DAG_CONTAINS,
    DAG_MATCHES,
    DAG_STARTS_WITH,
    DAG_ENDS_WITH
} dag_compare;

typedef struct dag_expr {
    uint32_t first, n; /* code[first .. first + n) */
    uint32_t type;     /* of the result */
    uint32_t line, column;
    dag_name source; /* its text, for messages */
} dag_expr;

/* ---------------------------------------------------------------- the graph */

/* The axis of a port or stage: a path of positions. axes[0] is the empty one. A position is a
 * stream output port, or the input port of a merge. */
typedef struct dag_axis {
    uint32_t parent;   /* axis without the last position; DAG_NONE for axes[0] */
    uint32_t position; /* port; DAG_NONE for axes[0] */
    uint32_t depth;    /* number of positions */
} dag_axis;

typedef enum dag_port_flag {
    DAG_PORT_STREAM = 1 << 0,   /* out: emits each element of its value */
    DAG_PORT_GLOB = 1 << 1,     /* out: value is a pattern of files in the task's directory */
    DAG_PORT_PATH = 1 << 2,     /* out: value is the path that the body must create */
    DAG_PORT_TEMP = 1 << 3,     /* out: deleted after its last consumer */
    DAG_PORT_LIST = 1 << 4,     /* in: gathers the artifacts of its edges into a list */
    DAG_PORT_MERGE = 1 << 5,    /* in: fed by the union of its edges */
    DAG_PORT_ANY = 1 << 6,      /* in: the first edge that delivers */
    DAG_PORT_HIDDEN = 1 << 7,   /* in: made for a reference inside an expression */
    DAG_PORT_OPTIONAL = 1 << 8, /* in: null, or its default, where nothing comes (T?) */
    DAG_PORT_FIT = 1 << 9       /* out: a declared boundary: the value is converted to the type */
} dag_port_flag;

/* A port. Inputs and outputs of a stage stand together, in the order of the source.
 * value: in, no edge: binding; in, with edges: default; out: value, path or pattern. */
typedef struct dag_port {
    dag_name name;
    uint32_t stage; /* DAG_NONE for the inputs of the pipeline's outputs */
    uint32_t type;  /* of one artifact (out), of the bound value (in) */
    uint32_t axis;
    uint32_t flags;
    uint32_t value;        /* expression */
    uint32_t edge, nedges; /* in: edges[edge ..], out: out_edges[edge ..] */
    uint32_t offset; /* of its member in STAGE_in or STAGE_out, bytes; DAG_NONE: it has none */
    uint32_t line;
} dag_port;

typedef enum dag_edge_flag {
    DAG_EDGE_DESC = 1 << 0, /* order by … desc */
    DAG_EDGE_FIT = 1 << 1   /* the artifact must be converted to the input's (element) type */
} dag_edge_flag;

typedef struct dag_edge {
    uint32_t from, to;        /* out port, in port */
    uint32_t where, order_by; /* expressions over `it`, or DAG_NONE */
    uint32_t take;            /* DAG_NONE: all */
    uint32_t flags;
    uint32_t line;
} dag_edge;

typedef enum dag_on { DAG_ON_SUCCESS, DAG_ON_FAILURE, DAG_ON_ALWAYS } dag_on;

typedef struct dag_order {
    uint32_t from, to; /* stages */
    uint32_t on;       /* dag_on */
    uint32_t line;
} dag_order;

typedef enum dag_body {
    DAG_BODY_NONE, /* every output has a value */
    DAG_BODY_RUN,
    DAG_BODY_EXEC,
    DAG_BODY_SCRIPT,
    DAG_BODY_NATIVE,
    DAG_BODY_CALL,
    DAG_BODY_MAP
} dag_body;

typedef enum dag_fan { DAG_SINGLE, DAG_AGGREGATE, DAG_GROUPED, DAG_CROSS } dag_fan;

typedef enum dag_stage_flag {
    DAG_STAGE_CACHEABLE = 1 << 0,
    DAG_STAGE_GATE = 1 << 1,
    DAG_STAGE_PASSTHROUGH = 1 << 2,
    DAG_STAGE_BARRIER = 1 << 3,
    DAG_STAGE_MAY_FAIL = 1 << 4,
    DAG_STAGE_ISOLATE = 1 << 5,
    DAG_STAGE_OFF = 1 << 6 /* a config value made its `when` false */
} dag_stage_flag;

/* A piece of a body. TEXT is script text as it stands; the rest hold an expression, told apart by
 * the quotes of the shell that they stand in; ARG and SPLICE are whole argv entries of exec. */
typedef enum dag_piece_kind {
    DAG_PIECE_TEXT,
    DAG_PIECE_WORD,   /* unquoted: one word, a list several */
    DAG_PIECE_DOUBLE, /* in "…" or a here-document */
    DAG_PIECE_SINGLE, /* in '…' */
    DAG_PIECE_RAW,    /* | raw: text of the script */
    DAG_PIECE_ARG,
    DAG_PIECE_SPLICE
} dag_piece_kind;

typedef struct dag_piece {
    uint32_t kind;
    uint32_t value; /* TEXT: dag_name; else expression */
} dag_piece;

typedef enum dag_cause {
    DAG_CAUSE_TIMEOUT = 1 << 0,
    DAG_CAUSE_OOM = 1 << 1,
    DAG_CAUSE_CRASHED = 1 << 2,
    DAG_CAUSE_ANY = 1 << 3
} dag_cause;

typedef struct dag_resource {
    dag_name name;
    int64_t amount; /* bytes for memory, else a count */
    int64_t grow;   /* times that on each further attempt; 1: does not grow */
} dag_resource;

typedef struct dag_env_row {
    dag_name name;
    uint32_t value; /* expression */
} dag_env_row;

typedef struct dag_stage {
    dag_name slug;
    uint32_t body;  /* dag_body */
    uint32_t fan;   /* dag_fan */
    uint32_t flags; /* dag_stage_flag */
    uint32_t axis;
    uint32_t in, nin;       /* ports[in ..]: named inputs first, then hidden ones */
    uint32_t out, nout;     /* ports[out ..] */
    uint32_t order, norder; /* orders[order ..]: order edges into it */
    uint32_t after, nafter; /* out_orders[after ..]: order edges out of it */
    uint32_t when;          /* expression or DAG_NONE */
    uint32_t piece, npiece; /* pieces[piece ..]: run, exec; script: the text alone */
    dag_name program;       /* script: the interpreter, and arguments before the file */
    dag_name text_source;   /* script: the .dag file that its text stands in */
    uint32_t text_line;     /* script: the line there on which the text begins */
    uint32_t native;        /* natives[], or DAG_NONE */
    uint32_t sub;           /* subs[], or DAG_NONE */
    uint32_t map_over;      /* `map`: number among the own inputs, or DAG_NONE */
    uint32_t env, nenv;
    uint32_t resource, nresource;
    uint32_t tag, ntag;             /* tags[tag ..] */
    dag_name kind;                  /* 0: none */
    dag_name doc;                   /* 0: none */
    int64_t timeout;                /* ns; 0: none */
    uint32_t retry;                 /* further attempts */
    uint32_t retry_on;              /* dag_cause */
    uint32_t exit_code, nexit_code; /* exit_codes[]: further causes */
    int64_t backoff;                /* ns */
    uint32_t max_parallel;          /* 0: no limit */
    uint32_t max_tasks;             /* 0: no limit */
    uint32_t line;
} dag_stage;

typedef struct dag_ctx dag_ctx;
typedef int (*dag_native_fn)(dag_ctx *ctx, const void *in, void *out);

typedef struct dag_native {
    dag_native_fn call;
    uint32_t in_size, out_size; /* bytes of STAGE_in, STAGE_out */
    dag_name digest;            /* lines on the C text, what it includes, its flags; 0: none */
} dag_native;

typedef struct dag_input {
    dag_name name;
    uint32_t type;
    uint32_t value; /* default: expression or DAG_NONE */
    uint32_t where; /* condition over `it`, or DAG_NONE */
    dag_name doc;   /* 0: none */
    uint32_t line;
} dag_input;

/* A result of the pipeline: an expression over hidden input ports (INPUT a = ports[in + a]). */
typedef struct dag_output {
    dag_name name;
    uint32_t type;
    uint32_t value;
    uint32_t in, nin;
    dag_name doc;
    uint32_t line;
} dag_output;

typedef enum dag_hook_when {
    DAG_HOOK_START,
    DAG_HOOK_SUCCESS,
    DAG_HOOK_FAILURE,
    DAG_HOOK_FINISH
} dag_hook_when;

typedef struct dag_hook {
    uint32_t when;
    uint32_t piece, npiece;
} dag_hook;

typedef struct dag_program {
    uint32_t abi;
    dag_name name;
    dag_name source;     /* the .dag file */
    dag_name doc;        /* 0: none */
    const char *strings; /* strings[0] is the empty text */
    const dag_type *types;
    uint32_t ntypes;
    const dag_field *fields;
    const dag_const *consts;
    uint32_t nconsts;
    const uint32_t *code;
    uint32_t ncode;
    const dag_expr *exprs;
    uint32_t nexprs;
    const dag_axis *axes;
    uint32_t naxes;
    const dag_stage *stages; /* in the order of the source */
    uint32_t nstages;
    const uint32_t *topo; /* stages in an order that respects every edge */
    const dag_port *ports;
    uint32_t nports;
    const dag_edge *edges; /* by in port, then in the order of the source */
    uint32_t nedges;
    const uint32_t *out_edges; /* edges by out port */
    const dag_order *orders;   /* by target */
    uint32_t norders;
    const uint32_t *out_orders; /* orders by origin */
    const dag_piece *pieces;
    const dag_env_row *env;
    const dag_resource *resources;
    uint32_t capacity, ncapacity; /* resources[capacity ..]: what the pipeline lists */
    const dag_name *tags;
    const int32_t *exit_codes;
    const dag_native *natives;
    const dag_input *inputs;
    uint32_t ninputs;
    const dag_output *outputs;
    uint32_t noutputs;
    const dag_hook *hooks;
    uint32_t nhooks;
    const struct dag_program *const *subs; /* called by stages; they share `strings` */
    uint32_t nsubs;
    int64_t timeout;       /* ns; 0: none */
    int64_t stall_grace;   /* ns */
    uint32_t max_parallel; /* 0: no limit */
    bool continue_on_error;
} dag_program;

/* ---------------------------------------------------------------- states, outcomes, events */

typedef enum dag_state {
    DAG_PENDING,
    DAG_RUNNING,
    DAG_COMPLETED,
    DAG_CACHED,
    DAG_FAILED,
    DAG_CRASHED,
    DAG_CANCELLED,
    DAG_SKIPPED,
    DAG_FILTERED,
    DAG_QUEUED, /* runs only */
    DAG_PAUSED, /* runs only */
    DAG_NSTATES
} dag_state;

/* The word for a state: "completed". Static. */
const char *dag_state_name(dag_state state);

/* Why something went wrong. Both texts live where the struct's owner says; type NULL: no error.
 * Types: exit signal timeout oom type output expression limit spawn store, or dag_fail's. */
typedef struct dag_error {
    const char *type;
    const char *message;
} dag_error;

/* What an attempt used. Times in ns, memory and I/O in bytes; -1: not known. */
typedef struct dag_usage {
    int64_t user, system, max_rss, read, written;
} dag_usage;

typedef enum dag_scope {
    DAG_SCOPE_RUN,
    DAG_SCOPE_STAGE,
    DAG_SCOPE_TASK,
    DAG_SCOPE_ATTEMPT,
    DAG_SCOPE_LOG,
    DAG_SCOPE_PROGRESS /* how far a task that runs has come */
} dag_scope;

/* An edge along which an artifact came to a task: edges[edge], and the artifact's key. */
typedef struct dag_source {
    uint32_t edge;
    const char *key; /* "-", "3.0" */
} dag_source;

/* Of a run that a stage calls: whose it is. */
typedef struct dag_caller {
    const char *run;     /* id of the run whose stage calls it */
    uint32_t number;     /* of that run in this process */
    uint32_t stage;      /* in the program of that run */
    uint32_t root_stage; /* the stage of the run that the user started, below which it stands */
    const char *key;     /* of the task that calls it */
    uint32_t element;    /* `map`: its number; DAG_NONE: `call` */
    const char *name;    /* `map` over a map: the element's key; else NULL */
} dag_caller;

/* One transition. Everything it points to lives until the call that delivers it returns.
 * TASK: state of the task; ATTEMPT: an attempt ended (`state`), with error, exit and usage. */
typedef struct dag_event {
    int64_t time;    /* ns since 1970 UTC */
    const char *run; /* id; filled in by the driver for all who listen */
    uint32_t scope;
    uint32_t state;
    uint32_t stage;   /* DAG_NONE for runs */
    const char *key;  /* "-" or "3.0.12"; NULL for runs and stages */
    uint32_t attempt; /* from 1; 0: none yet */
    const char *reason;
    const dag_error *error;  /* or NULL */
    int exit_status;         /* ATTEMPT: exit status, 128 + signal, -1: no process */
    int64_t started;         /* ATTEMPT and terminal TASK: ns since 1970 */
    int64_t spent;           /* ATTEMPT: ns that the body took; 0: it ended just before `time` */
    const dag_usage *usage;  /* ATTEMPT, or NULL */
    const char *dir;         /* ATTEMPT: its directory, or NULL */
    const dag_value *inputs; /* completed TASK: by own input, or NULL; RUNNING RUN: by run input */
    const dag_value
        *outputs; /* completed TASK: by own output, a stream as a list; or NULL. Terminal
                               * RUN: by output of the pipeline, null where it is missing */
    const dag_source *sources; /* terminal TASK that ran: what its inputs were made of; or NULL */
    uint32_t nsources;
    uint32_t was;   /* RUNNING TASK: how it had ended, that is carried out once more because its
                   * temporary outputs are gone; else DAG_PENDING */
    bool known;     /* TASK: the store has it from before this run was resumed */
    int64_t result; /* cached TASK: the number of the row of the cache that says the same; or 0 */
    const dag_program *program; /* of the run; filled in by the driver, as the rest */
    const dag_caller *caller;   /* of a child; else NULL */
    uint32_t depth;             /* 0: the run that was started; else of a child, how deep */
    uint32_t number;            /* of the run in this process, from 0 */
    int64_t done, total;        /* PROGRESS: as dag_progress said, or elements of a call */
} dag_event;

/* A listener. Called on the thread that runs dag_run, in the order of time; must not block long. */
typedef struct dag_sink {
    void *self;
    void (*event)(void *self, const dag_event *event);
    bool children; /* it hears of the runs of called pipelines too: of events with a depth */
    bool progress; /* it hears of the progress of tasks too, a few times a second */
    bool attempts; /* it hears of further attempts as they begin (ATTEMPT, RUNNING), and where the
                    * inputs of tasks came from even without a store */
} dag_sink;

/* ---------------------------------------------------------------- the run API */

typedef struct dag_store dag_store;       /* core/store.h */
typedef struct dag_executor dag_executor; /* core/executor.h */
typedef struct dag_reuse dag_reuse;       /* core/reuse.h */
typedef struct dag_share dag_share;       /* core/share.h */

typedef struct dag_options {
    const dag_value *inputs; /* by run input, checked; kind DAG_NULL: not given, default holds */
    const char *run_id;      /* NULL: a new one is made */
    bool resume;             /* the store has run `run_id`: it goes on */
    bool queued;             /* the store has run `run_id`, which has not begun yet: it does */
    const char *origin;      /* id of the run that this one replays, or NULL */
    const char *work_dir;    /* root of the work folders of this run, absolute; NULL: none needed */
    uint32_t jobs;           /* tasks at the same time; 0: number of processors */
    bool continue_on_error;  /* in addition to the program's own word */
    int64_t timeout;         /* ns, in place of the program's; 0: the program's */
    int64_t kill_grace;      /* ns between SIGTERM and SIGKILL; 0: 5 s */
    uint64_t max_value;      /* bytes a value may have; 0: 16 MiB */
    int retry;               /* in place of every stage's; -1: the stages' */
    const dag_resource *resources; /* capacities given at the start (name: text below) */
    const char *const *resource_names;
    size_t nresources;
    const dag_sink *sinks;
    size_t nsinks;
    dag_store *store; /* or NULL: nothing is kept */
    dag_reuse *reuse; /* or NULL: everything runs */
    dag_share *share; /* with other runs: their jobs and resources, in place of own; or NULL */
    struct dag_cancel *cancel; /* NAME_run only, or NULL: what asks this run to stop */
    /* Who carries out process stages; NULL: "local", this machine. Another one ("slurm") starts copies
     * of this executable elsewhere, which dag_main makes do their part: of the command line alone. */
    const char *executor;
    int64_t
        queue_poll; /* ns between two questions to the executor's queue at the least; 0: its own */
    bool plan;      /* only find out what would run: such tasks are announced (events RUNNING) and
                         held, expressions and known results are taken further; nothing is recorded */
} dag_options;

/* A finished or active run. */
typedef struct dag_run dag_run;

/* Prepares a run of `program`, which must outlive it. NULL with `error` filled (static or owned by
 * nobody: copy at once) when memory or descriptors are missing. Free with dag_run_free. */
dag_run *dag_run_new(const dag_program *program, const dag_options *options, dag_error *error);

/* Runs to the end on the calling thread; returns the run's final state. */
dag_state dag_run_wait(dag_run *run);

/* Asks a run to stop: from any thread or signal handler. Once: children get SIGTERM and the grace;
 * twice: SIGKILL at once. */
void dag_run_cancel(dag_run *run);

/* Asks a run to start nothing new and return DAG_PAUSED: from any thread or signal handler. */
void dag_run_pause(dag_run *run);

/* The id of the run, "20260102-030405-1a2b3c". Lives as long as the run. */
const char *dag_run_name(const dag_run *run);

/* The value of output i of the program after dag_run_wait; NULL when it is missing. Lives as long
 * as the run. */
const dag_value *dag_run_output(const dag_run *run, uint32_t i);

void dag_run_free(dag_run *run);

/* ---------------------------------------------------------------- pipelines in other programs
 *
 * What a header NAME.h of `dagcc --archive` or `--shared` is made of: NAME_run takes NAME_inputs,
 * fills NAME_outputs and returns the final state; NAME_free gives back what the outputs hold.
 * Everything belongs to its call: there is no global state, calls may overlap on several threads,
 * nothing is printed and no signal handler installed. The program must leave our children to us: it
 * must neither ignore SIGCHLD nor wait for any child (waitpid(-1)). */

/* Options under which nothing is said: retries as the stages say. */
static inline dag_options dag_options_default(void) {
    dag_options options;
    memset(&options, 0, sizeof options); /* in C++, too, without a warning */
    options.retry = -1;
    return options;
}

/* How a call has ended. Lives until NAME_free. */
typedef struct dag_result {
    dag_state state;
    const char *run;         /* its id; NULL: none was made */
    dag_error error;         /* type NULL: none */
    const char *stage, *key; /* where the error arose, or NULL */
    void *memory;
} dag_result;

/* Stops runs from other threads: one for each call, or one for several. Not for signal handlers. */
typedef struct dag_cancel dag_cancel;
dag_cancel *dag_cancel_new(void); /* NULL: no memory */
/* Those at work, and those that begin with it later: once politely, twice at once. */
void dag_cancel_request(dag_cancel *cancel);
void dag_cancel_free(dag_cancel *cancel); /* when no call uses it any more */

/* For generated code. */
typedef struct dag_embed {
    const dag_program *program;
    const uint32_t *inputs, *outputs; /* offsets of the members, by input and output */
    uint32_t size, result;            /* bytes of NAME_outputs; offset of its dag_result */
} dag_embed;
dag_state dag_embed_run(const dag_embed *embed, const void *inputs, void *outputs,
                        const dag_options *options);
void dag_embed_free(const dag_embed *embed, void *outputs);

/* The command line of a generated binary: parses, runs, prints; returns the exit code. */
int dag_main(const dag_program *program, int argc, char **argv);

/* ---------------------------------------------------------------- for native stages */

/* Says why the task fails and returns what the function must return: return dag_fail(ctx, …). */
int dag_fail(dag_ctx *ctx, const char *type, const char *format, ...);

/* n bytes of zeroed memory that live as long as the task. Never NULL: without memory the task ends
 * as crashed. */
void *dag_alloc(dag_ctx *ctx, size_t n);
char *dag_strdup(dag_ctx *ctx, const char *text);
char *dag_printf(dag_ctx *ctx, const char *format, ...);

/* Appends a line to the task's log. */
void dag_log(dag_ctx *ctx, const char *format, ...);
void dag_progress(dag_ctx *ctx, int64_t done, int64_t total);
/* True once the task should stop. */
bool dag_cancelled(dag_ctx *ctx);
const char *dag_run_id(dag_ctx *ctx);
const char *dag_stage_name(dag_ctx *ctx);
const char *dag_key(dag_ctx *ctx);
uint32_t dag_attempt_number(dag_ctx *ctx);
const char *dag_workdir(dag_ctx *ctx);
/* Their short names; macros, since a program's stage is a type of that name. */
#define dag_stage(ctx) dag_stage_name(ctx)
#define dag_attempt(ctx) dag_attempt_number(ctx)

/* Emits one element on the stream that is output `port` of the stage, counted from 0. `value`
 * points to the C form of the port's type; it is copied. Called by the generated
 * dag_emit_STAGE_PORT. */
void dag_emit(dag_ctx *ctx, uint32_t port, const void *value);

#ifdef __cplusplus
}
#endif

#endif
