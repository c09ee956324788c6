/*
 * model.h - a checked pipeline: what check.c makes of the tree and lower.c turns into tables.
 *
 * Stages with their plugins instantiated, ports with types and axes, edges with both ends known,
 * references in expressions made edges into hidden ports. Lives in the compilation's arena.
 */
#ifndef DAGCC_MODEL_H
#define DAGCC_MODEL_H

#include "model/types.h"

typedef struct Stage Stage;
typedef struct Edge Edge;
typedef struct Order Order;
typedef struct Pipeline Pipeline;

/* An axis: interned, equal axes are the same pointer. The empty axis has no parent. */
typedef struct Axis {
    const struct Axis *parent; /* without the last position */
    const Port *position;      /* stream output, or merge input */
    uint32_t depth;
    uint32_t id; /* 0: the empty one */
} Axis;

struct Port {
    Name name; /* hidden: text of the reference, "scan.item" */
    bool out : 1, stream : 1, hidden : 1, glob : 1, path : 1, temp : 1, merge : 1, any : 1;
    bool gathers : 1;      /* in: list of its edges' artifacts */
    bool optional : 1;     /* in: null or default where nothing comes */
    bool mentioned : 1;    /* in: an expression names it; out: something takes it */
    bool broken : 1;       /* its type, value or edge was reported: nothing more is said about it */
    bool value_refers : 1; /* in: its value names outputs of stages: no edge may feed it too */
    bool crowded : 1;      /* in: a second edge was refused */
    bool by_type : 1;      /* in: wired by `a -> b` */
    bool of_plugin : 1;    /* written in the plugin that its stage is made of */
    bool bound : 1;        /* in: of the plugin, but its value is the stage's own */
    bool fit;              /* out: declared boundary, checked at run time */
    uint32_t nedges;
    Stage *stage;       /* NULL: hidden input of a pipeline output */
    const Type *type;   /* out: of one artifact; in: of the bound value */
    Expr *value;        /* binding or default (in), value (out) */
    Edge **edges;       /* nedges of them, in the order of the source */
    const Axis *axis;   /* out: its axis; in: of what feeds it */
    uint32_t index;     /* among its stage's inputs or outputs */
    uint32_t id;        /* in the tables (lower) */
    Item *item;         /* NULL when hidden */
    const Type *called; /* call, map: the type of the sub-pipeline's port, of one element */
    Span span;
};

struct Edge {
    Port *from, *to;
    Expr *where, *order_by;
    int64_t take;
    bool take_all;
    bool desc;
    bool fit;  /* convert artifacts to the input's type */
    Span span; /* the hop or the reference */
    Hop *hop;  /* NULL: made by a reference */
};

struct Order {
    Stage *from, *to;
    dag_on on;
    Span span;
};

typedef struct Resource {
    Name name;
    int64_t amount, grow; /* grow 1: does not */
    bool grows;           /* `grow` is written */
} Resource;

typedef struct EnvRow {
    Name name;
    Expr *value;
} EnvRow;

/* What attributes say of a stage; all zero: nothing. */
typedef struct StageAttrs {
    int64_t timeout, backoff; /* ns */
    uint32_t retry, retry_on;
    int32_t *exit_codes;
    uint32_t nexit_codes;
    uint32_t max_parallel, max_tasks;
    Resource *resources;
    uint32_t nresources;
    EnvRow *env;
    uint32_t nenv;
    NameList *tags;
    Name kind;
} StageAttrs;

struct Stage {
    Name slug;
    Item *item; /* the declaration */
    Item *body; /* ITEM_BODY, or NULL: expression stage */
    Port **ins, **outs;
    uint32_t nins, nouts; /* ins: named, then hidden */
    Order **orders;       /* into it */
    uint32_t norders;
    uint32_t id; /* in the order of the source */
    const Axis *axis;
    dag_fan fan;
    uint32_t flags; /* dag_stage_flag */
    Expr *when;
    StageAttrs *attrs; /* never NULL; stages that say none share one */
    Pipeline *sub;     /* call, map */
    Port *map_over;
};

typedef struct RunInput {
    Name name;
    const Type *type;
    Expr *value, *where; /* or NULL */
    Item *item;
} RunInput;

typedef struct Output {
    Name name;
    const Type *type;
    Expr *value;
    Port **ins; /* hidden inputs of the references in it */
    uint32_t nins;
    Item *item;
} Output;

typedef struct Hook {
    dag_hook_when when;
    Expr *command; /* EXPR_TEXT, as in run */
} Hook;

struct Pipeline {
    Name name;
    Item *item;
    Source *source;
    Stage **stages; /* in the order of the source */
    uint32_t nstages;
    Stage **topo;      /* the same in an order that respects every edge */
    const Axis **axes; /* by id */
    uint32_t naxes;
    RunInput **inputs;
    uint32_t ninputs;
    Output **outputs;
    uint32_t noutputs;
    Hook *hooks;
    uint32_t nhooks;
    Resource *capacity;
    uint32_t ncapacity;
    int64_t timeout, stall_grace; /* ns; 0: none, default */
    uint32_t max_parallel;
    bool continue_on_error;
    bool cacheable;
};

typedef struct Model {
    Types *types;
    Pipeline *main; /* the one that is built; NULL after errors */
    Pipeline **pipelines;
    uint32_t npipelines;
} Model;

#endif
