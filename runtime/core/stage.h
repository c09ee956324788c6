/*
 * stage.h - what the scheduler keeps of a stage and of the states of its tasks.
 *
 * A graph may have as many stages as tasks: what all of them need is StageRun, and small. What only
 * those need that have many tasks, outputs in boxes, limits, or further attempts is StageMore.
 */
#ifndef DAG_CORE_STAGE_H
#define DAG_CORE_STAGE_H

#include "core/bits.h"
#include "core/sched.h"

/* A list that grows. */
typedef struct Links {
    uint32_t *items;
    uint32_t n, cap;
} Links;

typedef enum TaskState {
    TASK_OPEN,  /* its data is not decided */
    TASK_READY, /* data present: waits for gates, limits, a slot */
    TASK_RUNNING,
    TASK_RETRY, /* waits for its next attempt */
    TASK_COMPLETED,
    TASK_CACHED,
    TASK_FAILED,
    TASK_CRASHED,
    TASK_CANCELLED,
    TASK_SKIPPED,
    TASK_CLOSED,   /* filtered by `when` or a gate's body */
    TASK_OFF,      /* the same, without a row: switched off when compiling */
    TASK_FILTERED, /* filtered by its data: no row */
    TASK_STATE = 15,
    /* flags beside the state */
    TASK_KNOWN = 16,  /* its outputs are known to its dependents */
    TASK_RESCUE = 32, /* runs because something has failed */
    TASK_MARK = 64,   /* OPEN: a required input is filtered */
    TASK_AGAIN = 128  /* COMPLETED, CACHED: it is to be carried out once more (again.c) */
} TaskState;

/* What most stages of a large graph do without: a plain stage has the scheduler's `no_more`, in
 * which all is zero and nothing may be written. */
typedef struct StageMore {
    Box **box;                    /* column or NULL: outputs; never beside StageRun.many.flat */
    uint32_t *uses;               /* column beside `box`: releases that are still to come */
    uint32_t *soft;               /* column or NULL: other inputs that are open */
    const dag_value **pass;       /* column or NULL: what a gate hands on */
    uint32_t *attempt;            /* column or NULL: attempts made */
    int64_t *started;             /* column or NULL: of the first attempt */
    uint32_t nout;                /* as in its dag_stage */
    uint32_t ndone;               /* nodes decided and made known */
    uint32_t nopen;               /* nodes whose data is open */
    uint32_t npresent;            /* nodes whose data was present */
    uint32_t running;             /* nodes launched and not ended */
    Bits ready;                   /* nodes */
    uint32_t tally[DAG_NSTATES];  /* rows by terminal state */
    uint32_t nhard, nsoft;        /* its direct inputs: hard ones, others */
    uint32_t retries;             /* further attempts that it may have */
    uint32_t nagain;              /* tasks that are carried out once more */
    uint32_t base_uses;           /* of a new node: edges out that are no streams */
    uint32_t nedges_out;          /* all edges out */
    uint32_t resource, nresource; /* needs[] */
    uint32_t core; /* axis: common prefix of its maximal input axes (cross); else its axis */
    Links held;    /* nodes not made known because max_tasks may yet be exceeded */
} StageMore;

/* A stage: one line of the processor's cache, as a run of a large graph goes to and fro over them.
 *
 * A plain stage has one task, at most one output, which holds no memory, hard inputs alone, and no
 * limits or further attempts. All that changes of it is here, and in no column. */
typedef struct StageRun {
    StageMore *more;
    union {
        struct {
            dag_value value; /* the output */
            uint32_t wait;   /* hard inputs that are open */
            uint32_t expr;   /* of the output; DAG_NONE: a body makes it */
        } one;               /* plain */
        struct {
            uint8_t *task;   /* column: TaskState and flags */
            uint32_t *wait;  /* column or NULL: hard inputs that are open */
            dag_value *flat; /* column or NULL: outputs, nout per node, if none holds memory */
        } many;              /* all others */
    };
    uint32_t in, nin; /* as in its dag_stage */
    uint32_t near;    /* plain: near[] */
    uint32_t ntarget; /* plain: edges out */
    uint32_t rank;    /* in program->topo */
    uint32_t gates;   /* order edges, and edges before a barrier, that wait */
    uint8_t state;    /* dag_state */
    uint8_t task;     /* plain: TaskState and flags */
    uint8_t copied;   /* quick: its expression is its input of this number, from 1; 0: not */
    bool plain : 1;
    bool ready : 1;   /* plain: its task may start */
    bool barred : 1;  /* an order edge into it cannot hold */
    bool ordered : 1; /* has order edges out */
    bool simple : 1;  /* inplace.h */
    bool quick : 1;   /* plain, simple, and all that it looks at are outputs of plain stages */
    bool asked : 1;   /* config.asks */
    bool lines : 1;   /* its tasks may line up: sched_next_lines */
    bool off : 1;     /* switched off, and no passthrough gate */
    bool filters : 1; /* switched off */
    bool bounded : 1; /* has max_tasks */
    bool sure : 1;    /* max_tasks cannot be exceeded any more */
    bool limited : 1; /* max_tasks was exceeded */
    bool flooded : 1; /* its keys were too many to be made at all */
    bool gathers : 1; /* its outputs wait for others, in a list: they are kept small */
    bool boxes : 1;   /* its outputs are in boxes */
    bool streams : 1; /* has outputs that are streams */
    bool lists : 1;   /* has inputs that are lists */
    bool looks : 1;   /* has inputs that are not direct */
    bool varies : 1;  /* has inputs that are not uniform */
    bool rescue : 1;  /* one of its tasks is a rescue */
    bool done : 1;    /* terminal */
    bool told : 1;    /* others have heard that it runs */
} StageRun;

_Static_assert(sizeof(StageRun) == 64, "a stage is one line of the cache");

/* State and flags of a task. */
static inline uint8_t *task_of(StageRun *run, uint32_t node) {
    return run->plain ? &run->task : &run->many.task[node];
}

static inline TaskState task_state(const StageRun *run, uint32_t node) {
    uint8_t task = run->plain ? run->task : run->many.task[node];
    return (TaskState)(task & TASK_STATE);
}

static inline bool task_has(const StageRun *run, uint32_t node, TaskState flag) {
    return ((run->plain ? run->task : run->many.task[node]) & flag) != 0;
}

/* Its flags stay. */
static inline void task_set(StageRun *run, uint32_t node, TaskState state) {
    uint8_t *task = task_of(run, node);
    *task = (uint8_t)((*task & ~(unsigned)TASK_STATE) | state);
}

/* How many hard inputs of a task are open; NULL: none was ever. */
static inline uint32_t *wait_of(StageRun *run, uint32_t node) {
    if (run->plain) {
        return &run->one.wait;
    }
    return run->many.wait ? &run->many.wait[node] : NULL;
}

/* So many more of its tasks run. */
static inline void stage_runs(StageRun *run, int n) {
    if (!run->plain) {
        run->more->running += (uint32_t)n;
    }
}

static inline uint32_t stage_running(const StageRun *run) {
    return run->plain ? task_state(run, 0) == TASK_RUNNING : run->more->running;
}

/* So many more rows of its tasks have that terminal state: of a plain stage its only task says so. */
static inline void stage_tally(StageRun *run, dag_state state, int n) {
    if (!run->plain) {
        run->more->tally[state] += (uint32_t)n;
    }
}

/* The outputs of a task, if none holds memory; NULL: they are in boxes, or not kept. */
static inline dag_value *task_flat(StageRun *run, uint32_t node) {
    if (run->plain) {
        return &run->one.value;
    }
    return run->many.flat ? &run->many.flat[(size_t)node * run->more->nout] : NULL;
}

#endif
