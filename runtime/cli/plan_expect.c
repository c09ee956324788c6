/*
 * plan_expect.c - what a plan is expected to take, by what its stages took before: the time with the
 * slots there are, the critical path, the most that runs and is held at once.
 */
#include <string.h>

#include "cli/plan_parts.h"
#include "core/capacity.h"
#include "core/run.h"

enum { MOST_RUNS = 10 }; /* that are looked back at */

/* ---------------------------------------------------------------- stages as they are timed */

typedef struct Lists {
    uint32_t *after;
    bool *whole;
    uint32_t n;
} Lists;

static void add_after(Lists *lists, uint32_t stage, bool whole) {
    lists->after[lists->n] = stage;
    lists->whole[lists->n++] = whole;
}

/* Stages stand in the order of the graph: rank[stage]. */
static void take_edges(const Plan *plan, const uint32_t *rank, uint32_t index, Arena *arena,
                       TimedStage *timed) {
    const dag_program *program = plan->program;
    const dag_stage *row = &program->stages[index];
    uint32_t most = row->norder;
    bool barrier = (row->flags & DAG_STAGE_BARRIER) != 0;
    for (uint32_t i = row->in; i < row->in + row->nin; i++)
        most += program->ports[i].nedges;
    Lists lists = { ARENA_ARRAY(arena, most, uint32_t), ARENA_ARRAY(arena, most, bool), 0 };
    for (uint32_t i = row->in; i < row->in + row->nin; i++) {
        const dag_port *in = &program->ports[i];
        bool list = (in->flags & DAG_PORT_LIST) != 0;
        for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
            bool whole = barrier || list || program->edges[e].take != DAG_NONE;
            add_after(&lists, rank[program->ports[program->edges[e].from].stage], whole);
        }
    }
    for (uint32_t i = row->order; i < row->order + row->norder; i++)
        add_after(&lists, rank[program->orders[i].from], true);
    timed->after = lists.after;
    timed->whole = lists.whole;
    timed->nafter = lists.n;
}

static int64_t capacity_row(const PlanLimits *limits, dag_name name) {
    for (size_t i = 0; i < limits->n; i++) {
        if (limits->rows[i].name == name)
            return (int64_t)i;
    }
    return -1;
}

static void take_asks(const Plan *plan, const dag_stage *row, Arena *arena, TimedStage *timed) {
    int64_t *asks = ARENA_ARRAY(arena, plan->limits.n, int64_t);
    for (uint32_t k = row->resource; k < row->resource + row->nresource; k++) {
        int64_t i = capacity_row(&plan->limits, plan->program->resources[k].name);
        if (i >= 0)
            asks[i] = plan->program->resources[k].amount;
    }
    timed->asks = asks;
}

/* How many of them run: as is known, as there were last, or as many as come in. */
static uint64_t count_tasks(const Plan *plan, uint32_t index, const TimedStage *all,
                            const TimedStage *timed) {
    const StagePlan *stage = &plan->stages[index];
    const StageHistory *history = &plan->history[index];
    uint64_t run = stage->held + stage->ended[DAG_COMPLETED];
    if (stage->action != PLAN_RUN && stage->action != PLAN_MAYBE)
        return 0;
    if (stage->behind == DAG_NONE)
        return run;
    if (plan_runs_whole(stage))
        return stage->total;
    uint64_t known = run + stage->ended[DAG_CACHED];
    if (history->tasks > 0)
        return history->tasks > known ? run + history->tasks - known : run > 0 ? run : 1;
    for (uint32_t i = 0; i < timed->nafter; i++) {
        uint64_t before = all[timed->after[i]].tasks;
        if (!timed->whole[i] && before > run)
            run = before;
    }
    return run > 0 ? run : 1;
}

static void take_stage(Plan *plan, const uint32_t *rank, uint32_t index, TimedStage *all) {
    const dag_stage *row = &plan->program->stages[index];
    const StageHistory *history = &plan->history[index];
    TimedStage *timed = &all[rank[index]];
    StageExpected *expected = &plan->expected->stages[index];
    take_edges(plan, rank, index, &plan->arena, timed);
    take_asks(plan, row, &plan->arena, timed);
    timed->tasks = count_tasks(plan, index, all, timed);
    timed->max_parallel = row->max_parallel;
    timed->took = history->took;
    timed->memory = history->most_memory > 0 ? history->most_memory : 0;
    expected->tasks = timed->tasks;
    expected->known = history->attempts > 0 || row->body == DAG_BODY_NONE;
    plan->expected->nunknown += timed->tasks > 0 && !expected->known;
    plan->expected->nknown += timed->tasks > 0 && history->attempts > 0;
}

/* ---------------------------------------------------------------- */

bool plan_expect(Plan *plan, StoreReader *reader) {
    const dag_program *program = plan->program;
    dag_error error = { 0 };
    uint32_t *rank = ARENA_ARRAY(&plan->arena, program->nstages, uint32_t);
    TimedStage *timed = ARENA_ARRAY(&plan->arena, program->nstages, TimedStage);
    int64_t *capacity = ARENA_ARRAY(&plan->arena, plan->limits.n, int64_t);
    PlanExpected *expected = ARENA_NEW(&plan->arena, PlanExpected);
    plan->history = ARENA_ARRAY(&plan->arena, program->nstages, StageHistory);
    if (!store_read_history(reader, &plan->arena, program, MOST_RUNS, plan->history,
                            &expected->nruns, &error)) {
        fprintf(stderr, "error: %s\n", error.message);
        return false;
    }
    expected->stages = ARENA_ARRAY(&plan->arena, program->nstages, StageExpected);
    plan->expected = expected;
    for (uint32_t i = 0; i < program->nstages; i++)
        rank[program->topo[i]] = i;
    for (uint32_t i = 0; i < program->nstages; i++)
        take_stage(plan, rank, program->topo[i], timed);
    for (size_t i = 0; i < plan->limits.n; i++)
        capacity[i] = plan->limits.rows[i].amount;
    expected->timing = plan_time(&plan->arena, timed, program->nstages, plan->limits.slots,
                                 capacity, (uint32_t)plan->limits.n);
    return true;
}

bool plan_limits(Plan *plan) {
    const Cli *cli = plan->cli;
    dag_options options = { .resources = cli->resources,
                            .resource_names = cli->resource_names,
                            .nresources = cli->nresources,
                            .retry = cli->retry,
                            .jobs = cli->jobs,
                            .executor = cli->executor,
                            .reuse = plan->known->reuse };
    uint32_t most = plan->program->max_parallel;
    dag_error error = { 0 };
    plan->limits.slots = run_default_jobs(&options);
    if (most > 0 && most < plan->limits.slots)
        plan->limits.slots = most;
    if (capacity_take(plan->program, &options, &plan->arena, &plan->limits.rows, &plan->limits.n,
                      &error))
        return true;
    refusal_print(cli, error.message, stderr);
    return false;
}
