/*
 * plan.c - what would run, be cached, be skipped, and why.
 *
 * The driver goes through the pipeline as far as results are known: expressions are evaluated,
 * known results taken, tasks that would run are announced and held. What is told about them is
 * counted here. Behind a held task nothing is certain: such a stage runs, unless its inputs may come
 * out unchanged (a result exists) or may not come at all (a condition in between): then `maybe`.
 */
#include "cli/plan.h"

#include <string.h>

#include "core/capacity.h"
#include "pure/value.h"

typedef enum Action { PLAN_RUN, PLAN_CACHED, PLAN_MAYBE, PLAN_SKIP, PLAN_FILTERED } Action;

static const char *const action_words[] = { "run", "cached", "maybe", "skip", "filtered" };

/* What was heard of a stage. */
typedef struct StagePlan {
    uint32_t started, ended; /* tasks announced, tasks that ended */
    uint32_t cached, completed;
    dag_state state;
    const char *reason; /* of the first task that is held, or of the stage */
    Action action;
    uint32_t behind; /* an uncertain stage that it waits for; DAG_NONE: none */
} StagePlan;

typedef struct Plan {
    const dag_program *program;
    Arena arena;
    StagePlan *stages;
} Plan;

/* ---------------------------------------------------------------- listening */

static const char *keep(Plan *plan, const char *text) {
    return text == NULL ? NULL : arena_text(&plan->arena, text, strlen(text));
}

static void hear_task(Plan *plan, StagePlan *stage, const dag_event *event) {
    if (event->state == DAG_RUNNING) {
        stage->started++;
        if (stage->reason == NULL)
            stage->reason = keep(plan, event->reason);
        return;
    }
    if (event->state == DAG_CACHED)
        stage->cached++;
    if (event->state == DAG_COMPLETED)
        stage->completed++;
    stage->ended++;
    if (stage->reason == NULL || stage->started == 0)
        stage->reason = keep(plan, event->reason);
}

static void hear(void *self, const dag_event *event) {
    Plan *plan = self;
    if (event->stage == DAG_NONE)
        return;
    StagePlan *stage = &plan->stages[event->stage];
    if (event->scope == DAG_SCOPE_TASK)
        hear_task(plan, stage, event);
    if (event->scope == DAG_SCOPE_STAGE) {
        stage->state = (dag_state)event->state;
        if (event->reason != NULL)
            stage->reason = keep(plan, event->reason);
    }
}

/* ---------------------------------------------------------------- deciding */

static bool is_over(const StagePlan *stage) {
    return stage->state != DAG_PENDING && stage->state != DAG_RUNNING;
}

static bool uncertain(const Plan *plan, uint32_t stage) {
    return stage != DAG_NONE && !is_over(&plan->stages[stage]);
}

/* The first stage that feeds or precedes it and whose end is not known; *conditional: it may turn
 * out that nothing comes from there. */
static uint32_t find_behind(const Plan *plan, uint32_t index, bool *conditional) {
    const dag_program *program = plan->program;
    const dag_stage *stage = &program->stages[index];
    uint32_t behind = DAG_NONE;
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &program->ports[i];
        for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
            const dag_port *out = &program->ports[program->edges[e].from];
            if (!uncertain(plan, out->stage))
                continue;
            if (behind == DAG_NONE)
                behind = out->stage;
            bool may_filter =
                program->edges[e].where != DAG_NONE || program->edges[e].take != DAG_NONE;
            *conditional |= may_filter || (out->flags & DAG_PORT_STREAM) != 0 ||
                            plan->stages[out->stage].action == PLAN_MAYBE;
        }
    }
    for (uint32_t i = stage->order; i < stage->order + stage->norder; i++) {
        const dag_order *order = &program->orders[i];
        if (!uncertain(plan, order->from))
            continue;
        if (behind == DAG_NONE)
            behind = order->from;
        *conditional |= order->on == DAG_ON_FAILURE;
    }
    *conditional |= stage->when != DAG_NONE;
    return behind;
}

/* All of its tasks are known and have ended. */
static Action of_terminal(const StagePlan *stage) {
    switch (stage->state) {
    case DAG_CACHED: return PLAN_CACHED;
    case DAG_FILTERED: return PLAN_FILTERED;
    case DAG_SKIPPED:
    case DAG_CANCELLED: return PLAN_SKIP;
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_COMPLETED:
    case DAG_FAILED:
    case DAG_CRASHED:
    case DAG_QUEUED:
    case DAG_PAUSED:
    case DAG_NSTATES: return PLAN_RUN;
    }
    return PLAN_RUN;
}

typedef struct History {
    bool (*has_result)(void *self, uint32_t stage);
    void *self;
} History;

static void decide(Plan *plan, uint32_t index, const History *history) {
    const dag_program *program = plan->program;
    StagePlan *stage = &plan->stages[index];
    bool conditional = false, held = stage->started > 0 && !is_over(stage);
    stage->behind = DAG_NONE;
    if (is_over(stage)) {
        stage->action = of_terminal(stage);
        if (stage->action == PLAN_RUN)
            stage->reason = "an expression: computed every time";
        return;
    }
    stage->behind = find_behind(plan, index, &conditional);
    if (held && stage->started > stage->ended) {
        stage->action = PLAN_RUN;
        if (stage->reason == NULL)
            stage->reason = "results of it are never reused";
        return;
    }
    bool reusable = history->has_result != NULL && history->has_result(history->self, index);
    stage->action = conditional || reusable ? PLAN_MAYBE : PLAN_RUN;
    const char *slug = stage->behind == DAG_NONE
                           ? "what comes before"
                           : program->strings + program->stages[stage->behind].slug;
    stage->reason = arena_printf(&plan->arena,
                                 stage->action == PLAN_MAYBE ? "depends on what `%s` gives"
                                                             : "behind `%s`, which runs",
                                 slug);
}

/* ---------------------------------------------------------------- printing */

static const char *count_text(Plan *plan, const StagePlan *stage) {
    if (stage->behind != DAG_NONE && stage->started == 0)
        return "?";
    uint32_t all = stage->started > stage->ended ? stage->started : stage->ended;
    uint32_t run = stage->started > stage->ended - stage->cached
                       ? stage->started - (stage->ended - stage->cached)
                       : 0;
    if (stage->action != PLAN_RUN || stage->cached == 0) {
        return arena_printf(&plan->arena, "%u", all);
    }
    return arena_printf(&plan->arena, "%u of %u", run, run + stage->cached);
}

static void print_table(const Cli *cli, Plan *plan, FILE *out) {
    static const dag_state colors[] = { DAG_RUNNING, DAG_COMPLETED, DAG_CANCELLED, DAG_SKIPPED,
                                        DAG_FILTERED };
    const dag_program *program = plan->program;
    Style style = style_for(cli->color_choice, out);
    int width = 5;
    for (uint32_t i = 0; i < program->nstages; i++) {
        int n = (int)strlen(program->strings + program->stages[i].slug);
        width = n > width ? n : width;
    }
    fprintf(out, "%s%-*s  %-8s  %-8s  why%s\n", style.bold, width, "stage", "action", "tasks",
            style.off);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const StagePlan *stage = &plan->stages[program->topo[i]];
        fprintf(out, "%-*s  %s%-8s%s  %-8s  %s\n", width,
                program->strings + program->stages[program->topo[i]].slug,
                style_state(&style, colors[stage->action]), action_words[stage->action], style.off,
                count_text(plan, stage), stage->reason == NULL ? "" : stage->reason);
    }
}

static dag_value text(const char *chars) {
    return chars == NULL ? value_null() : value_text(DAG_STRING, chars, strlen(chars));
}

static void print_document(Plan *plan, FILE *out) {
    const dag_program *program = plan->program;
    dag_value *rows = ARENA_ARRAY(&plan->arena, program->nstages, dag_value);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const StagePlan *stage = &plan->stages[program->topo[i]];
        dag_entry *entries = ARENA_ARRAY(&plan->arena, 3, dag_entry);
        entries[0] = (dag_entry){ text("slug"),
                                  text(program->strings + program->stages[program->topo[i]].slug) };
        entries[1] = (dag_entry){ text("action"), text(action_words[stage->action]) };
        entries[2] = (dag_entry){ text("reason"), text(stage->reason) };
        rows[i] = value_map(entries, 3);
    }
    dag_entry stages = { text("stages"), value_list(rows, program->nstages) };
    fprintf(out, "%s\n", value_to_json(&plan->arena, value_map(&stages, 1)));
}

/* ---------------------------------------------------------------- */

/* The program without limits: held tasks never give back what they hold. */
static dag_program unlimited(Plan *plan, const dag_program *program) {
    dag_program copy = *program;
    dag_stage *stages = ARENA_ARRAY(&plan->arena, program->nstages, dag_stage);
    for (uint32_t i = 0; i < program->nstages; i++) {
        stages[i] = program->stages[i];
        stages[i].max_parallel = 0;
        stages[i].nresource = 0;
    }
    copy.stages = stages;
    copy.max_parallel = 0;
    return copy;
}

/* What a run refuses before it starts. */
static bool fits(const Cli *cli, Plan *plan) {
    dag_options options = { .resources = cli->resources,
                            .resource_names = cli->resource_names,
                            .nresources = cli->nresources,
                            .retry = cli->retry };
    const dag_resource *rows;
    size_t n;
    dag_error error;
    bool good = capacity_take(cli->program, &options, &plan->arena, &rows, &n, &error);
    if (!good) {
        refusal_print(cli, error.message, stderr);
    }
    return good;
}

int plan_print(const Cli *cli, const dag_value *inputs, dag_reuse *reuse,
               bool (*has_result)(void *self, uint32_t stage), void *self, FILE *out) {
    Plan plan = { .program = cli->program };
    if (!fits(cli, &plan)) {
        arena_free(&plan.arena);
        return EXIT_USAGE;
    }
    plan.stages = ARENA_ARRAY(&plan.arena, cli->program->nstages, StagePlan);
    dag_program program = unlimited(&plan, cli->program);
    dag_sink sink = { .self = &plan, .event = hear };
    dag_options options = { .inputs = inputs,
                            .jobs = UINT32_MAX,
                            .continue_on_error = true,
                            .max_value = (uint64_t)cli->max_value,
                            .retry = -1,
                            .sinks = &sink,
                            .nsinks = 1,
                            .reuse = reuse,
                            .plan = true };
    dag_error error = { 0 };
    dag_run *run = dag_run_new(&program, &options, &error);
    if (run == NULL) {
        fprintf(stderr, "error: %s\n", error.message == NULL ? "out of memory" : error.message);
        arena_free(&plan.arena);
        return EXIT_CRASHED;
    }
    dag_run_wait(run);
    dag_run_free(run);
    History history = { .has_result = has_result, .self = self };
    for (uint32_t i = 0; i < program.nstages; i++)
        decide(&plan, program.topo[i], &history);
    if (cli->json)
        print_document(&plan, out);
    else
        print_table(cli, &plan, out);
    arena_free(&plan.arena);
    return EXIT_COMPLETED;
}
