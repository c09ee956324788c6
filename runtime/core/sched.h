/*
 * sched.h - the scheduler: which task may start now, and what follows when one has ended.
 *
 * A state machine over (stage, key) without threads, locks, clock, files or processes: one owner
 * calls it, time is passed in. SEMANTICS of axes, keys and states are here and in gate.h alone.
 *
 * A key is a node: a number in the table of its axis (node 0 of the empty axis is the key "-").
 * Work is proportional to the edges touched; nothing scans all tasks.
 */
#ifndef DAG_CORE_SCHED_H
#define DAG_CORE_SCHED_H

#include "core/event.h"
#include "pure/expr.h"

typedef struct Sched Sched;

/* Memory shared by those who hold a reference: the outputs of tasks. (core/box.c) Counted by
 * atomics; the last release frees. */
typedef struct Box Box;
Box *box_new(void);      /* one reference; NULL without memory */
Arena *box_arena(Box *); /* where to make values before the box is shared */
void box_retain(Box *box);
void box_release(Box *box); /* NULL is ignored */

/* Does the stage call another pipeline? */
static inline bool is_call(const dag_stage *row) {
    return row->body == DAG_BODY_CALL || row->body == DAG_BODY_MAP;
}

typedef struct SchedConfig {
    const dag_program *program;
    const ExprProgram *exprs;
    const ExprWorld *world;
    const dag_value *inputs; /* by run input: checked, defaults filled in; outlives the scheduler */
    const dag_value *specials; /* DAG_NSPECIAL values: run.id; likewise */
    size_t max_value;
    const Events *events;
    uint32_t jobs; /* tasks running at the same time, at least 1; calls do not count */
    bool continue_on_error;
    int retry;                    /* in place of every stage's; -1: the stages' */
    const dag_resource *capacity; /* by resource name in program->strings; merged */
    size_t ncapacity;
    Sched *leader;    /* whose resources this one takes from, in place of its own; or NULL */
    const bool *asks; /* by stage: the caller says with sched_announce which launches really start;
                       * NULL: it never does */
    bool traces;      /* notes where inputs come from: sched_sources */
    /* Nobody needs this temporary file of the stage any more. Called from within the scheduler; or NULL. */
    void (*reclaim)(void *self, const char *path, uint32_t stage);
    void *reclaim_self;
} SchedConfig;

/* NULL when memory is missing. */
Sched *sched_new(const SchedConfig *config);
void sched_free(Sched *sched);

/* A task that is to be started now. */
typedef struct Launch {
    uint32_t stage;
    uint32_t node;    /* its key on the stage's axis */
    uint32_t attempt; /* from 1, in this process */
    uint32_t before;  /* attempts made before, by processes that recorded them; the caller's */
    dag_state was;    /* COMPLETED or CACHED: it is carried out once more; else PENDING */
} Launch;

/* What became of an attempt. */
typedef struct Outcome {
    dag_state state;     /* COMPLETED FAILED CRASHED CANCELLED; FILTERED: a gate's body closed it;
                      * reused: also CACHED, SKIPPED */
    dag_error error;     /* type NULL: none. Copied by the scheduler */
    bool timed_out, oom; /* causes for retry */
    int exit_status;     /* exit status, 128 + signal, -1: no process */
    int64_t started, spent; /* spent: ns that the body took; 0: up to now */
    dag_usage usage;
    const char *dir;           /* of the attempt, or NULL */
    const char *reason;        /* for the event; or NULL */
    bool reused, known;        /* not from an attempt; and recorded already */
    int64_t result;            /* CACHED: as of ReuseQuestion */
    const dag_source *sources; /* for the event; or NULL */
    uint32_t nsources;
    const dag_value *inputs;  /* by own input, for the event; or NULL */
    const dag_value *outputs; /* COMPLETED: by own output, a stream's as a DAG_LIST; in `box` */
    Box *box;                 /* the scheduler takes over this reference; or NULL */
} Outcome;

/* Makes the first tasks. Events: the run and its stages. */
void sched_start(Sched *sched, int64_t now);

/* The next task that may start within all limits (jobs, max_parallel, resources); its state is
 * RUNNING then. `when` conditions and skips are settled on the way. False: none now. */
bool sched_next(Sched *sched, int64_t now, Launch *launch);

/* While the task that sched_next would give is no more than its expressions (and config.asks is not
 * set for its stage): evaluates it, publishes its outputs, and so on, up to `most` tasks. Returns how many. A task
 * whose evaluation fails is left to sched_next. */
uint32_t sched_evaluate(Sched *sched, int64_t now, uint32_t most);

/* The stage of the next task that may start but for the limit on jobs, if its tasks may line up behind
 * others: C functions without limits of their own. DAG_NONE: none. */
uint32_t sched_next_lines(Sched *sched, int64_t now);

/* Launches that task to wait in line: it counts as running, takes no job (sched_set_lined) and is
 * not announced before it begins. False: there is none. */
bool sched_line_up(Sched *sched, int64_t now, Launch *launch);

/* So many of the tasks launched take no job: those in line. */
void sched_set_lined(Sched *sched, uint32_t n);

/* A task in line has begun. Events: the task runs. */
void sched_begin(Sched *sched, const Launch *launch, int64_t now);

/* A task in line has not begun, and will not by this launch: it is ready again. */
void sched_take_back(Sched *sched, const Launch *launch, int64_t now);

/* Has a failure been seen under on_error stop? */
bool sched_stopping(const Sched *sched);

/* The values of the task's own inputs, program->stages[].nin of them, in `arena`: artifacts (they
 * live as long as the task runs), bindings, defaults, null. False: `error` says which value would
 * not do; the caller then finishes the attempt as failed. That is also how a `where` or `order by`
 * that failed on an artifact shows: the artifact passes, and the task that takes it fails. (A `when`
 * that fails ends its task without an attempt.) */
bool sched_inputs(Sched *sched, const Launch *launch, Arena *arena, dag_value *inputs,
                  dag_error *error);

/* Where the values that sched_inputs last gave came from; lives until the next call. */
const dag_source *sched_sources(const Sched *sched, uint32_t *n);

/* Where config.asks is set: what sched_next gave does start. Events: the task runs, perhaps its stage. */
void sched_announce(Sched *sched, const Launch *launch, const char *reason, int64_t now);

/* An attempt has ended. Retries are planned, artifacts published, dependents counted down. */
void sched_finish(Sched *sched, const Launch *launch, const Outcome *outcome, int64_t now);

/* ---------------------------------------------------------------- temporary files (temps.h) */

/* Is any output marked `temp`? */
bool sched_has_temps(const Sched *sched);

/* A completed or cached task is to be carried out once more: sched_next gives it, with `was` set.
 * What it gave before stays what dependents get. */
void sched_again(Sched *sched, uint32_t stage, uint32_t node, int64_t now);

/* Is it still to be carried out, or is it being carried out, once more? */
bool sched_is_again(const Sched *sched, uint32_t stage, uint32_t node);

/* Gives a launched and not announced task back until (stage, node) was carried out once more. It is
 * launched again then; skipped if that failed. */
void sched_wait(Sched *sched, const Launch *launch, uint32_t stage, uint32_t node, int64_t now);

/* Has config.reclaim been called for the path? */
bool sched_given_up(const Sched *sched, const char *path);

/* After a run that has completed: gives up what no result of the pipeline mentions. */
void sched_reclaim_rest(Sched *sched);

/* How often a resource was given back by any scheduler that takes from this one's: from any thread. */
uint64_t sched_gifts(const Sched *sched);

/* When sched_next may give something without a sched_finish before (a retry's back-off, ns since
 * 1970); INT64_MAX: never. */
int64_t sched_wakeup(const Sched *sched);

uint32_t sched_running(const Sched *sched); /* launched and not finished */

/* Nothing runs, nothing is ready, nothing waits for a time: the run is over. Settles what is left;
 * *deadlock: tasks were left that nothing would have decided (a bug of ours, reported). */
bool sched_over(Sched *sched, int64_t now, bool *deadlock);

/* Nothing new starts; what has not started is cancelled (by the user, or the run's time-out). */
void sched_cancel(Sched *sched, int64_t now, const char *reason);

/* Nothing new starts, and nothing is decided: the run can be resumed. */
void sched_pause(Sched *sched);

/* Is every stage terminal? */
bool sched_settled(const Sched *sched);

/* Crashed, failed, cancelled or completed, by the states of the stages. */
dag_state sched_verdict(const Sched *sched);

/* The first error in time, its stage and key; type NULL: none. Lives as long as the scheduler. */
typedef struct FirstError {
    dag_error error;
    uint32_t stage;
    const char *key;
} FirstError;
FirstError sched_first_error(const Sched *sched);

/* What fed a hidden input port of a pipeline output: the artifact, or the list of the present ones
 * in key order where the port gathers. False: nothing came. */
bool sched_output(Sched *sched, uint32_t port, Arena *arena, dag_value *value);

/* The text of a task's key, "-" or "3.0.12", in `arena`. */
const char *sched_key(const Sched *sched, uint32_t stage, uint32_t node, Arena *arena);

dag_state sched_stage_state(const Sched *sched, uint32_t stage);

/* Each blocked stage (of very many, the first), the gate that it waits at and the state behind it:
 * "\n  " and a line for each, in `arena`; empty: all have ended. */
const char *sched_stall_report(const Sched *sched, int64_t now, Arena *arena);

#endif
