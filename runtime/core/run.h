/*
 * run.h - the inside of a run, for the files of the driver and their tests:
 *
 *   run.c        making and freeing, requests from outside      run_inputs.c  inputs, capacities
 *   run_loop.c   the turns of a run until nothing is left       run_task.c    one attempt: made,
 *                                                               handed out, stopped, taken back
 *   run_reuse.c  what is known of a task without running it     run_line.c    tasks in line behind
 *                                                                             short ones
 *   remake.c     temporary files: deleted, and made again (remake.h)
 *   run_call.c   stages that call a pipeline    run_child.c   one run of the pipeline called
 *   run_call_values.c   what its children are given and give
 *   run_end.c    outputs of the pipeline, final state and error
 *   hooks.c      commands at the start and the end of the root
 *   run_progress.c  how far long tasks have come, told now and then
 */
#ifndef DAG_CORE_RUN_H
#define DAG_CORE_RUN_H

#include <poll.h>

#include "core/executor.h"
#include "core/reuse.h"
#include "core/share.h"
#include "core/store.h"

/* What tests replace. */
typedef struct RunParts {
    Clock clock;
    /* As poll, but for ns; < 0: for ever. */
    int (*wait)(void *self, struct pollfd *fds, nfds_t n, int64_t ns);
    void *wait_self;
    /* Made when needed if NULL; freed with the run. queue: of process stages, where they are not
     * carried out on this machine. */
    dag_executor *local, *native, *queue;
} RunParts;

/* A run is the one that the user started, the root, or a child: a run of a pipeline that a stage
 * calls. Children run inside the root's loop, with its executors and within its limits. */
struct dag_run {
    const dag_program *program;
    RunParts parts;
    Arena arena; /* what lives as long as the run */
    const char *id;
    ExprProgram *exprs;
    const dag_value *inputs;
    dag_value specials[DAG_NSPECIAL];
    size_t max_value;
    uint32_t jobs;
    const ExecutorKind *kind;                 /* of process stages */
    int64_t queue_poll;                       /* dag_options.queue_poll */
    int64_t kill_grace, timeout, stall_grace; /* ns */
    Folder folder;
    Events events;
    dag_store *store;
    dag_reuse *reuse;
    const bool *asks; /* run_asks */
    bool resume, queued;
    const char *origin;
    Sched *sched;

    dag_run *root;         /* itself, or the run that the user started */
    ShareSeat seat;        /* root: among the runs that share its jobs; or alone */
    uint32_t depth;        /* 0: the root */
    uint64_t returned;     /* root: attempts that executors have given back, of all runs */
    uint32_t busy, slots;  /* root: slots that attempts take, of all runs, but for those of the
                            * native executor (run_busy); how many there are */
    uint32_t *spent;       /* root: by stage: ns that its functions take; 0: unknown (run_line.c) */
    uint32_t nruns;        /* root: children made so far */
    struct Calls *calls;   /* root: made when a stage first calls a pipeline (call.h) */
    struct Call *call;     /* child: what it is an element of */
    uint32_t element;      /* child: its number there */
    dag_run *left, *right; /* child: among those that run */
    char *error_dir;       /* child: of the attempt that made the first error, or NULL */
    int retry;             /* dag_options.retry */
    bool continues;        /* dag_options.continue_on_error */
    size_t nchild_sinks;   /* root: the sinks that hear of children */
    const dag_sink *child_sinks;

    /* Requests of the root: set by any thread or signal handler. wake: an eventfd, -1: not made yet. */
    atomic_int cancels, wake;
    atomic_bool pause_asked;

    int64_t now; /* of this turn */
    int64_t started, deadline;
    int64_t moved;         /* when something last happened */
    int64_t next_progress; /* root: when progress is told again; INT64_MAX: nobody says anything */
    bool tells_progress;   /* root: somebody listens to it */
    bool stall_told;
    bool own_turn; /* its own tasks went first, not those of its children */
    int cancels_seen;
    bool planning; /* dag_options.plan */
    bool pausing, cancelled, timed_out;
    struct Remakes *remakes; /* temporary files that are gone; or NULL */
    ExprWorld world;
    bool tells_keys; /* expressions or listeners want to know a task's key */

    Attempt *running;      /* handed out, by before and after */
    int64_t next_deadline; /* of those running; may be too early */
    Attempt *spare;        /* root: to be used again, by next */
    Attempt *here;         /* root: for tasks that are evaluated on the spot */

    /* The run's own error; a task's may have come before it. */
    FirstError error;
    bool crashed;
    dag_state state;
    dag_value *outputs;
    bool *present; /* by output */
    bool began;    /* the scheduler has been started */
    bool ended;    /* outputs are there */
};

/* As dag_run_new; `parts` may be NULL. */
dag_run *run_new(const dag_program *program, const dag_options *options, const RunParts *parts,
                 dag_error *error);

/* The run's error, first in time: type NULL if there is none. `stage` is DAG_NONE, or where it
 * arose; `key` may be NULL. Lives as long as the run. */
FirstError run_error(const dag_run *run);

/* Notes an error of the run as a whole, if it is the first one. The message is copied. */
void run_fail(dag_run *run, const char *type, const char *message, uint32_t stage);

/* Emits an event of scope RUN. */
void run_event(dag_run *run, dag_state state, const char *reason);
/* The same to the run's store alone, if it has one, and to all others. */
void run_event_store(dag_run *run, dag_state state, const char *reason);
void run_event_others(dag_run *run, dag_state state, const char *reason);

/* The processors that this process may use: how many tasks run at once where nobody says. */
uint32_t run_processors(void);

/* How many tasks may run at once. */
uint32_t run_default_jobs(const dag_options *options);

/* Makes a run that waits, or is about to, take another turn: from any thread. */
void run_wake(dag_run *run);
/* Makes what it is woken by, if there is none yet: when it first waits, or may be woken by others. False:
 * there is none, requests are seen at the next turn. */
bool run_make_wake(dag_run *run);

/* Reads the clock. */
void run_tick(dag_run *run);

/* Does any expression of the program mention the key of its task? */
bool run_mentions_key(const dag_program *program);

/* ---------------------------------------------------------------- run_inputs.c */

/* Copies what was given, evaluates defaults, makes paths absolute. False: *error. */
bool run_take_inputs(dag_run *run, const dag_value *given, dag_error *error);

/* The same for a child: `values` are of their types and live as long as it; they are filled up. */
bool run_take_given(dag_run *run, dag_value *values, dag_error *error);

/* ---------------------------------------------------------------- run_missing.c */

/* Why an output that `stage` feeds is missing: ": " and a sentence, or "" where that is not known. */
const char *run_missing_text(dag_run *run, uint32_t stage);

/* ---------------------------------------------------------------- run_task.c */

/* Makes the attempt one of this run: an attempt serves one run after the other. */
void run_bind(dag_run *run, Attempt *attempt);

/* Tells the attempt the key of its task: an expression may do without. On the run's thread. */
void run_make_key(dag_run *run, Attempt *attempt);

/* The executor of processes on this machine, made when first asked for. NULL: *error. */
dag_executor *run_processes(dag_run *run, dag_error *error);

/* That of stages which are carried out elsewhere. NULL: there is none, or not for this stage. */
dag_executor *run_queue(dag_run *run, const dag_stage *stage);

/* Starts what the scheduler has launched; on the spot if it is an expression stage. */
void run_launch(dag_run *run, const Launch *launch);

/* Takes back what has ended. True: something had. */
bool run_reap(dag_run *run);

/* Stops those whose time is over, and those that have not heeded it at once. */
void run_expire(dag_run *run);

/* Asks all to stop, politely or at once. */
void run_stop_all(dag_run *run, bool now);

void run_free_attempts(dag_run *run);

/* Hands out a launch to an executor; `lined`: to wait in line there. */
void run_hand_out(dag_run *run, const Launch *launch, bool lined);

/* An attempt that was handed out and has not begun is forgotten. */
void run_forget(dag_run *run, Attempt *attempt);

/* ---------------------------------------------------------------- run_line.c */

/* Slots that attempts of all runs take. */
uint32_t run_busy(const dag_run *run);

/* Lets the next task line up behind those that run, if that pays. True: it has. */
bool run_line_up(dag_run *run);

/* Tells the scheduler what has begun of what was in line. */
void run_see_begun(dag_run *run);

/* Says that an attempt in line has begun. */
void run_tell_begun(dag_run *run, Attempt *attempt);

/* Takes everything in line back: the tasks are ready again. Before nothing new may start. */
void run_clear_line(dag_run *run);

/* Notes how long a body has taken. */
void run_note_spent(dag_run *run, const Attempt *attempt);

/* ---------------------------------------------------------------- run_reuse.c */

typedef struct Remakes Remakes;

/* By stage: is it asked what is known of its tasks? Where temporary files may be gone every task has
 * to be looked at, and on resuming every body, whose attempts are numbered on. NULL: never. In the
 * run's arena. */
const bool *run_asks(dag_run *run);

bool run_is_asked(const dag_run *run, const Attempt *attempt);

/* Need the task run? False: attempt->outcome says what is known of it, or attempt->parked is set: it
 * has to wait. True: attempts are numbered on, and it is announced. Key and inputs are there. */
bool run_must(dag_run *run, Attempt *attempt);

/* Tells who reuses results that the attempt, which ran, has completed. */
void run_remember(dag_run *run, Attempt *attempt);

/* ---------------------------------------------------------------- run_progress.c */

/* An attempt that may say how far it has come is about to start. */
void run_expect_progress(dag_run *run, const Attempt *attempt);

/* Tells those who listen what has changed since the last time, if it is time for it. */
void run_tell_progress(dag_run *root);

/* ---------------------------------------------------------------- run_loop.c, run_end.c */

/* The parts of a turn: the first tasks; time-outs; what may start; is it over, or paused? */
void run_begin(dag_run *run);
void run_check_time(dag_run *run);
bool run_start_some(dag_run *run);
bool run_is_over(dag_run *run);

/* When the run wants to be looked at again, ns since 1970; INT64_MAX: never. */
int64_t run_next_time(const dag_run *run);

/* Has the user asked for something that was not seen yet? */
bool run_has_requests(const dag_run *run);

/* Nothing new starts, and what runs is asked to stop. */
void run_cancel_all(dag_run *run, const char *reason, bool now);

/* Waits until an executor has something, it is `when` (ns since 1970; INT64_MAX: never), or somebody
 * asks to cancel for more than the `cancels`-th time or, with `pause`, to pause. */
void run_wait_until(dag_run *run, int64_t when, int cancels, bool pause);

/* Turns until the run is over or paused. */
void run_loop(dag_run *run);

/* Turns until only tasks that would run are left: they are held. */
void run_plan(dag_run *run);

/* ---------------------------------------------------------------- hooks.c */

/* Carries out the hooks of one kind, one after the other in the order of the source. What goes wrong
 * is told as an event of scope LOG and changes nothing. A request to cancel ends the one that runs
 * and leaves out the others. */
void run_hooks(dag_run *run, dag_hook_when when);

/* The hooks for the state that the run has come to; none when it is paused. */
void run_end_hooks(dag_run *run);

/* ---------------------------------------------------------------- run_loop.c, run_end.c */

/* Ends all that runs at once and takes it back. */
void run_drain(dag_run *run);

/* Outputs, final state, terminal event. */
void run_end(dag_run *run);

#endif
