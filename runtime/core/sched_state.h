/*
 * sched_state.h - the scheduler's memory, shared by its files and by nobody else:
 *
 *   sched.c    the API of sched.h                 sched_setup.c  tables made from the program
 *   keys.c     walks over keys                    nodes.c        how axes get their nodes
 *   key_text.c keys as text and in order          count.c        what is still to come below a key
 *   task.c     decisions about one task           rescue.c       what starts in spite of a failure
 *   gate.c     order edges, ends of stages        feed.c         what is known at an input
 *   inplace.c  tasks that are no more than their expressions
 *   gather.c   the artifacts of an input          gather_list.c  lists, `order by`, `take`
 *   shorts.c   streams that are dead as a whole   publish.c      outputs made known; the work queue
 *   limits.c   resources, waiting retries         finish.c       ends of attempts
 *   waiters.c  who waits for how much of a resource
 *   report.c   events, errors, reasons            stall.c        who waits for what
 *   temps.c    files that are deleted after use   again.c        tasks carried out once more
 *   waiters.h  who waits for how much of a resource
 *   stage.h    what is kept of a stage            ready.h        its tasks that may start
 *
 * Per axis there are columns, arrays indexed by node, in one block that grows with the axis. What
 * follows from a decision is queued as work, never called recursively; sched_drain empties the
 * queue before an API call returns. Without memory a call jumps to its entry and the run crashes.
 */
#ifndef DAG_CORE_SCHED_STATE_H
#define DAG_CORE_SCHED_STATE_H

#include <stdatomic.h>

#include "core/box.h"
#include "core/map.h"
#include "core/stage.h"
#include "core/waiters.h"

/* ---------------------------------------------------------------- keys */

typedef struct Column {
    void **slot; /* where its user keeps the pointer */
    uint32_t width;
} Column;

typedef enum AxisKind {
    AXIS_ROOT,
    AXIS_STREAM, /* children of a node: the elements of one emission */
    AXIS_MERGE,  /* children: the artifacts on the edges of a merge */
    AXIS_CROSS   /* children: those of another node on the axis `own` */
} AxisKind;

/* Children of a node on a STREAM axis, or on a CROSS axis that mirrors one. */
typedef struct Kids {
    uint32_t first;
    uint32_t n; /* number + 1; 0: not known yet */
} Kids;

typedef struct Watch {
    uint32_t count;  /* counts[] */
    uint32_t weight; /* undecided things that each new node brings */
} Watch;

typedef struct Axis {
    uint32_t kind;     /* AxisKind */
    uint32_t parent;   /* axis */
    uint32_t position; /* port */
    uint32_t own;      /* the axis on which the last position is at home; this one unless CROSS */
    uint32_t depth;
    uint32_t merge;  /* MERGE: merges[] */
    bool scattered;  /* children of one node are no range: MERGE, or CROSS of a MERGE */
    bool complete;   /* no node can be added */
    uint32_t *path;  /* axes from the root to this one: depth + 1 */
    uint32_t n, cap; /* nodes */
    void *block;     /* the columns' memory */
    Column *columns;
    uint32_t ncolumns;
    size_t row;      /* bytes of all columns for one node */
    uint32_t *up;    /* column: node of the parent axis; NULL under the root: 0 */
    uint32_t *other; /* column: MERGE: node that was merged; CROSS: node on `own` */
    uint32_t *via;   /* column: MERGE: number of the edge */
    Kids *kids;      /* column of the parent axis, unless scattered */
    uint8_t *shut;   /* column of the parent axis, if scattered: no more children below */
    Map index;       /* scattered CROSS: (parent, other) -> node */
    Links stages;    /* on this axis, in topological order */
    Links crosses;   /* CROSS axes whose parent is this one */
    Links mirrors;   /* CROSS axes whose own axis is this one */
    Links merges;    /* edges into merges that come from this axis */
    Links tops;      /* counts by node of this axis */
    Links streams;   /* edges out of the stream that makes this axis */
    Watch *watches;
    uint32_t nwatches;
} Axis;

/* Counts down what is undecided below each node of the axis `top`. */
typedef enum CountKind {
    COUNT_AXIS,  /* of: axis. Zero: complete */
    COUNT_LIST,  /* of: list. Zero: all that the list gathers is known */
    COUNT_TAKE,  /* of: pick. Zero: the edge can choose */
    COUNT_MERGE, /* of: merge. Zero: all edges are closed below */
    COUNT_HOLD,  /* of: edge. Zero: no consumer below needs the artifact any more */
    COUNT_OWN    /* of: list. Zero: a stream that the list's keys are made of is closed */
} CountKind;

typedef struct Count {
    uint32_t kind, of;
    uint32_t top;
    uint32_t start; /* for a new node of `top` */
    uint32_t *left; /* column of `top` */
    uint8_t *over;  /* OWN: column of `top`: zero was seen */
} Count;

/* ---------------------------------------------------------------- inputs */

typedef enum Known { KNOWN_OPEN, KNOWN_PRESENT, KNOWN_FILTERED, KNOWN_DEAD } Known;

typedef enum FeedKind { FEED_NONE, FEED_PLAIN, FEED_ANY, FEED_MERGE, FEED_LIST } FeedKind;

typedef enum Place {
    PLACE_SAME,  /* the input's axis is the stage's */
    PLACE_ABOVE, /* a proper prefix of it: broadcast */
    PLACE_PART   /* some of its positions (cross) */
} Place;

/* An input port, or an output of a stage (FEED_NONE). */
typedef struct Input {
    uint8_t feed, place;
    bool required : 1; /* a task needs its artifact */
    bool hard : 1;     /* required, or a list: what is dead there skips the task */
    bool uniform : 1;  /* has the same knowledge for all children of a node when they are made */
    bool held : 1;     /* a count of kind HOLD says when what it looks at can be given back */
    bool leads : 1;    /* its axis is a maximal one of the stage: short keys pass */
    bool bare : 1; /* PLAIN and SAME, the edge without conditions: the artifact at the same node */
    bool direct : 1;  /* bare and from no stream: what output `number` of the stage `maker` is */
    bool counted : 1; /* direct, and `maker` counts its uses */
    uint32_t stage;   /* whose input it is; DAG_NONE: the pipeline's output's */
    union {
        struct {
            uint32_t maker, number;
        }; /* direct */
        struct {
            uint32_t axis;  /* of the feed; LIST: the stage's */
            uint32_t extra; /* ANY: anys[], MERGE: merges[], LIST: lists[] */
        };                  /* all others */
    };
} Input;

enum { LIST_HAS = 1, LIST_DEAD = 2, LIST_DECIDED = 4, LIST_NULL = 8, LIST_RESCUED = 16 };

/* A skipped task with a key that is too short: key is one of keys[], q the position that is dead. */
typedef struct Short {
    uint32_t key, q;
} Short;

/* An interned short key: a node, or behind the key of `inner` the number of a merge's edge. */
typedef struct ShortKey {
    uint32_t axis, node;  /* plain; merge: exact part, on the axis above the merge */
    uint32_t merge, edge; /* merges[] or DAG_NONE */
    uint32_t inner;       /* keys[] */
} ShortKey;

typedef struct ListShort {
    uint32_t edge;
    Short what;
    uint32_t next; /* at the same place: shorts[] + 1; 0: none */
} ListShort;

typedef struct List {
    uint32_t port;
    uint32_t count;
    bool nulls;        /* list<T?>: null for what is dead */
    uint8_t *flags;    /* column of the stage's axis */
    Links owns;        /* counts of kind OWN */
    ListShort *shorts; /* streams below which are dead as a whole */
    uint32_t nshorts, cap;
} List;

typedef struct Any {
    uint8_t *noted; /* column of the input's axis: Known, once decided */
} Any;

typedef struct Merge {
    uint32_t port, axis;
    uint32_t count;
    uint32_t **nodes; /* by edge of the port: column of its axis: node of the merge's axis + 1 */
} Merge;

/* An edge with `where` or `take`. */
typedef struct Pick {
    uint32_t edge;
    uint32_t count;  /* take on what is no list: counts[]; else DAG_NONE */
    uint8_t *status; /* column of the edge's axis: Known; with count: once chosen is set */
    uint8_t *before; /* likewise, with count: before the choice */
    uint8_t *owed;   /* likewise: given back, but the choice needs it yet */
    bool chosen;
} Pick;

/* ---------------------------------------------------------------- limits */

typedef struct Need {
    uint32_t pool;  /* pools[] */
    uint32_t place; /* among those that may wait for it */
    int64_t amount, grow;
} Need;

typedef struct Pool {
    const char *name;
    int64_t capacity;
    _Atomic int64_t own;   /* in use, of a pool that is this scheduler's */
    _Atomic int64_t *used; /* in use: `own`, or the leader's */
    Waiters waiters;       /* stages for which there was too little, in the order of their ranks */
    uint32_t *ranks;       /* by place among them */
    uint32_t nplaces;
} Pool;

typedef struct Retry {
    int64_t due;
    uint32_t stage, node;
} Retry;

/* ---------------------------------------------------------------- the whole */

/* What sched_sources tells, in the arena of the inputs. */
typedef struct Trace {
    dag_source *sources;
    uint32_t n, cap;
} Trace;

typedef enum WorkKind {
    WORK_TASKS, /* of: stage. Nodes were decided: publish their outputs */
    WORK_ZERO,  /* of: count, at node `first` */
    WORK_STAGE, /* of: stage. Its gates have opened, or its tasks need another look */
    WORK_LIMIT  /* of: stage. Is max_tasks safe? */
} WorkKind;

typedef struct Work {
    uint32_t kind, of, first, n;
} Work;

typedef struct Temps Temps; /* temps.c */
typedef struct Again Again; /* again.c */

typedef struct Fresh {
    uint32_t axis, first, n;
} Fresh;

struct Sched {
    const dag_program *program;
    SchedConfig config;
    Arena setup;    /* all that has its size from the program */
    Arena scratch;  /* emptied after each use */
    Arena words;    /* texts of events; emptied when a call returns */
    Arena errors;   /* the first error */
    jmp_buf *entry; /* where to go without memory */
    int64_t now;

    char *cells, *cells_end; /* memory for columns of the empty axis: setup_column */
    Axis *axes;
    Input *inputs;    /* by port */
    uint32_t *picked; /* by edge: picks[] or DAG_NONE; NULL: there are none (pick_of) */
    StageRun *stages; /* by rank: as a walk comes by (stage_run) */
    uint32_t *ranks;  /* by stage: its place in program->topo */
    uint32_t *near;   /* ranks: of a plain stage, by input what that directly looks at, then by edge
                        * out who directly looks at it; DAG_NONE where that is no plain stage */
    StageMore no_more; /* of plain stages */
    Count *counts;
    uint32_t ncounts;
    List *lists;
    uint32_t nlists;
    Any *anys;
    uint32_t nanys;
    Merge *merges;
    uint32_t nmerges;
    Pick *picks;
    uint32_t npicks;
    Links *holds; /* by stage: counts of kind HOLD that its decisions count down; or NULL */
    Pool *pools;
    uint32_t npools;
    _Atomic uint64_t own_gifts,
        *gifts; /* how often a resource was given back; the leader's, if there is one */
    uint64_t gifts_seen;
    Need *needs;

    ShortKey *keys;
    uint32_t nkeys, keys_cap;
    Map key_index; /* contents -> keys[] */
    Map key_rows;  /* (stage, key) has a row; (stage, key, q) was passed on */
    Map places;    /* (list, axis, node) -> its first shorts[] + 1 that are dead there */
    struct ShortWork {
        uint32_t stage;
        Short what;
    } * short_work;
    uint32_t nshort_work, short_cap;

    Fresh *fresh; /* nodes that have no tasks yet */
    size_t nfresh, fresh_cap;
    Work *work;
    size_t work_first, work_n, work_cap;

    uint32_t next_stage,
        next_node;  /* made ready last, by what inplace.c has just ended; or DAG_NONE */
    Bits runnable;  /* ranks of stages with ready tasks, open gates and no limit in the way */
    Retry *retries; /* binary heap by due, stage, node */
    size_t nretries, retries_cap;
    uint32_t jobs, running;
    uint32_t calling;  /* of those running: stages that call another pipeline, which take no job */
    uint32_t lined;    /* of those running: in line behind others, which take no job yet */
    uint32_t nlive;    /* stages that are not terminal */
    bool has_barriers; /* some stage has one */
    bool any_dead;     /* a task ended without success, or was skipped */
    bool stopping;     /* on_error stop: a failure has been seen */
    bool drop_retries; /* waiting retries are to be looked at */
    bool cancelled, paused, oom;
    bool deadlocked;  /* cancelled because nothing would have decided the rest */
    uint64_t fail_in; /* for tests: the allocation that fails, counted down; 0: none */
    const char *cancel_reason;
    FirstError first;
    Temps *temps; /* NULL: no output is marked `temp` */
    Again *again; /* tasks that are carried out once more */
    uint32_t nagain, again_cap;
    dag_value *specials; /* DAG_NSPECIAL, for conditions */
    Trace trace;         /* where the inputs last gathered come from */
    bool tracing;
};

/* ---------------------------------------------------------------- memory (sched.c) */

/* realloc that jumps to s->entry without memory. */
void *sched_resize(Sched *s, void *p, size_t count, size_t size);
_Noreturn void sched_no_memory(Sched *s);
void links_add(Sched *s, Links *links, uint32_t item);
void sched_work(Sched *s, WorkKind kind, uint32_t of, uint32_t first, uint32_t n);

/* For tests: is this the allocation that fails? */
static inline bool sched_unlucky(Sched *s) {
    return s->fail_in > 0 && --s->fail_in == 0;
}

static inline const dag_stage *stage_row(const Sched *s, uint32_t stage) {
    return &s->program->stages[stage];
}

static inline const dag_port *port_row(const Sched *s, uint32_t port) {
    return &s->program->ports[port];
}

static inline StageRun *stage_run(const Sched *s, uint32_t stage) {
    return &s->stages[s->ranks[stage]];
}

/* The conditions of an edge: picks[], or DAG_NONE. */
static inline uint32_t pick_of(const Sched *s, uint32_t edge) {
    return s->picked ? s->picked[edge] : DAG_NONE;
}

static inline const char *text_of(const Sched *s, dag_name name) {
    return s->program->strings + name;
}

#endif
