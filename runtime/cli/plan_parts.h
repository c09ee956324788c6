/*
 * plan_parts.h - what the files of `plan` share.
 */
#ifndef DAG_CLI_PLAN_PARTS_H
#define DAG_CLI_PLAN_PARTS_H

#include "cli/plan.h"
#include "cli/plan_time.h"
#include "core/fingerprint.h"

typedef enum PlanAction { PLAN_RUN, PLAN_CACHED, PLAN_MAYBE, PLAN_SKIP, PLAN_FILTERED } PlanAction;

/* What was heard of a stage, and what follows from it. */
typedef struct StagePlan {
    uint32_t held;               /* tasks that would run: announced, and not ended */
    uint32_t ended[DAG_NSTATES]; /* tasks that ended, by state */
    uint32_t again; /* of those held: known, but their temporary files are needed again */
    bool gone;      /* temporary files of known results are not there */
    dag_state state;
    const char *reason; /* of the first task that is held, or of the stage */
    PlanAction action;
    uint32_t
        behind; /* an unfinished stage that it waits for; DAG_NONE: all of its tasks are known */
    uint32_t spoils; /* the stage that makes what depends on this one uncacheable; DAG_NONE: none */
    uint32_t total;  /* tasks that there will be, cached ones too; DAG_NONE: not known */
    bool certain;    /* something of it will run or be cached, supposing that bodies succeed */
} StagePlan;

/* What a run may use at once. */
typedef struct PlanLimits {
    const dag_resource *rows; /* capacities */
    size_t n;
    uint32_t slots; /* tasks */
} PlanLimits;

typedef struct StageExpected {
    uint64_t tasks; /* that run */
    bool known;     /* what they take */
} StageExpected;

/* By earlier runs; what may run is supposed to. */
typedef struct PlanExpected {
    Timing timing;
    StageExpected *stages;
    uint32_t nruns;            /* that were looked at */
    uint32_t nknown, nunknown; /* stages that run, by whether it is known what they take */
} PlanExpected;

typedef struct Plan {
    const Cli *cli;
    const dag_program *program;
    const PlanKnown *known;
    Fingerprints *fingerprints;
    Arena arena;
    StagePlan *stages;
    PlanLimits limits;
    StageHistory *history;  /* by stage; or NULL */
    PlanExpected *expected; /* or NULL: nothing is known of earlier runs */
    bool *emits;            /* by out port: a stream that is known to have an element */
} Plan;

static inline const char *plan_slug(const Plan *plan, uint32_t stage) {
    return plan->program->strings + plan->program->stages[stage].slug;
}

/* Have all tasks of the stage ended? */
static inline bool plan_is_over(const StagePlan *stage) {
    return stage->state != DAG_PENDING && stage->state != DAG_RUNNING;
}

/* Will all of its tasks run, so many as `total` says, though it waits for others? */
static inline bool plan_runs_whole(const StagePlan *stage) {
    return stage->behind != DAG_NONE && stage->total != DAG_NONE && stage->ended[DAG_CACHED] == 0;
}

/* Goes through the pipeline and decides. False after saying what is missing. Freed in any case.
 * (plan.c) */
bool plan_make(Plan *plan, const dag_value *inputs);
void plan_free(Plan *plan);

/* "run", "cached", "maybe", "skip", "filtered". (plan_print.c) */
const char *plan_action_name(PlanAction action);

/* The limits of a run with these options. False after saying why it would be refused.
 * (plan_expect.c) */
bool plan_limits(Plan *plan);
/* What it is expected to take. False after saying why the store cannot be read. */
bool plan_expect(Plan *plan, StoreReader *reader);

/* Fills in action, reason, behind and certain of a stage whose predecessors have theirs.
 * (plan_decide.c) */
void plan_decide(Plan *plan, uint32_t stage);

/* Fills in the total, once that is done. (plan_count.c) */
void plan_count(Plan *plan, uint32_t stage);

/* Stages whose temporary files may be needed again by others that are not known to run: once all are
 * decided. (plan_temps.c) */
void plan_decide_temps(Plan *plan);
/* What may be cancelled because a stage is known to fail: after that. (plan_stop.c) */
void plan_decide_stop(Plan *plan);
/* Does a known result name temporary files that are not there? */
bool plan_has_gone(const dag_event *event);

/* (plan_print.c) */
void plan_print_table(Plan *plan, FILE *out);
void plan_print_document(Plan *plan, FILE *out);

#endif
