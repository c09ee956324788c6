/*
 * call.h - stages that call a pipeline (`call`, `map`), for the files of the driver.
 *
 * A call is an attempt whose body is another program. Its elements, of which `call` has one, become
 * children: runs with a scheduler of their own that take their turns in the root's loop. To the
 * driver this is an executor: it starts attempts, stops them and gives them back. At each depth at
 * most `slots` + 2 children exist at a time, those of the first calls first; the other elements wait
 * as numbers. A child holds no slot itself, only its processes and functions do.
 */
#ifndef DAG_CORE_CALL_H
#define DAG_CORE_CALL_H

#include "core/run.h"

enum { CALL_DEPTH = 80 }; /* the compiler refuses pipelines that call each other deeper than 64 */

typedef struct Call {
    Attempt *attempt;           /* in whose arena all of this lives */
    const dag_program *program; /* the one that is called */
    uint32_t depth;             /* of its children */
    const dag_value *over;      /* map: the list or map that it goes over; NULL: `call` */
    uint32_t mapped;            /* map: the input of the program that takes an element */
    uint32_t n;                 /* elements */
    uint32_t next;              /* the next one to be started */
    uint32_t running;           /* children that exist */
    dag_value *given;           /* by input of the program, but for `mapped` */
    uint32_t *to;               /* by own output of the stage: output of the program, or DAG_NONE */
    dag_value *results;         /* element `e` of own output `o`: results[o * n + e] */
    bool failed, stopped, paused;
    bool ended;          /* its outcome is there */
    struct Call *behind; /* in the queue of those with elements to start */
} Call;

/* What children of one program share. */
typedef struct Module {
    const dag_program *program;
    ExprProgram *exprs;
    bool mentions_key;
    struct Module *next;
} Module;

typedef struct Calls {
    dag_executor executor;
    dag_run *root;
    dag_run *first, *last; /* the children */
    Call *queue;
    Attempt *done, *last_done;    /* by next */
    uint32_t running[CALL_DEPTH]; /* children by depth */
    Module *modules;
} Calls;

/* ---------------------------------------------------------------- run_call.c */

/* The executor of calls, made when first asked for. NULL with `error` filled: without memory. */
dag_executor *calls_executor(dag_run *root, dag_error *error);

/* The same, or NULL where there is none yet. */
dag_executor *calls_known(const dag_run *root);

/* Is it carried out by that executor? */
bool calls_has(const Attempt *attempt);

/* A turn of all children: what may start is started, what is over becomes a result. True: something
 * has moved. */
bool calls_turn(dag_run *root);

/* As run_next_time, for all children. */
int64_t calls_next_time(const dag_run *root);

/* What the run and its children wait for: one line per blocked stage. */
const char *calls_stall_report(const dag_run *root, Arena *arena);

/* Nothing new starts in any of them. */
void calls_pause(dag_run *root);

void calls_free(dag_run *root);

/* ---------------------------------------------------------------- run_call_values.c
 *
 * Those that take an attempt and something behind it are for attempt_guard. */

/* How an element of `over` (a list or map) is named in ids, folders and messages: "3", or a map's key
 * with what is not plain as %XX. "" for NULL: `call`. */
const char *call_element_name(const dag_value *over, uint32_t element, Arena *arena);

/* What the inputs of a task (by own input) give the pipeline that its stage calls, by input of that;
 * null where nothing is given. *mapped: the input that an element of
 * `map` is for. False: *error says which input does not fit. */
bool call_given(Arena *arena, const dag_program *caller, const dag_stage *stage,
                const dag_value *inputs, dag_value *given, uint32_t *mapped, dag_error *error);

/* The element as the mapped input of the called program; error as above. */
bool call_give_element(Arena *arena, const dag_program *called, uint32_t mapped,
                       const dag_value *over, uint32_t element, dag_value *given, dag_error *error);

/* What all elements get, converted once: fills given and mapped. False: the outcome says what does not
 * fit. */
bool call_take_given(Call *call);

/* Where the outputs come from, and room for them: fills to and results. */
void call_take_outputs(Call *call);

/* Takes over the outputs of a child (dag_run *) that has completed. */
void call_keep_results(Attempt *attempt, void *child);

/* Fills the outcome by the results of all elements (Call *). */
void call_complete(Attempt *attempt, void *call);

/* Fills the outcome by the error of a child (dag_run *): "element 3: in square, stage mul [0]: division
 * by zero". */
void call_say_failed(Attempt *attempt, void *child);

/* ---------------------------------------------------------------- run_child.c */

/* A new run of the called program for one element. NULL: no memory. With an error (run_error) where
 * it was refused. */
dag_run *child_new(Calls *calls, Call *call, uint32_t element);

/* One turn. True: something has moved; *over: it has ended, its outputs and state are there. */
bool child_turn(dag_run *child, bool *over);

void child_free(dag_run *child);

#endif
