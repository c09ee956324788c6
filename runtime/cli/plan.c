/*
 * plan.c - what would run, be cached, be skipped, and why.
 *
 * The driver goes through the pipeline as far as results are known: expressions are evaluated,
 * known results taken, tasks that would run are announced and held. What is told about them is
 * counted here; what lies behind held tasks is decided from the graph (plan_decide.c).
 */
#include <string.h>

#include "cli/plan_parts.h"

/* ---------------------------------------------------------------- listening */

static const char *keep(Plan *plan, const char *text) {
    return text == NULL ? NULL : arena_text(&plan->arena, text, strlen(text));
}

static void note_streams(Plan *plan, const dag_event *event) {
    const dag_stage *row = &plan->program->stages[event->stage];
    for (uint32_t i = 0; event->outputs != NULL && i < row->nout; i++) {
        const dag_value *value = &event->outputs[i];
        plan->emits[row->out + i] |= value->kind == DAG_LIST && value->len > 0;
    }
}

static void hear_task(Plan *plan, StagePlan *stage, const dag_event *event) {
    if (event->state == DAG_RUNNING && event->was != DAG_PENDING) {
        stage->held++;
        stage->ended[event->was]--;
        if (stage->again++ == 0)
            stage->reason = keep(plan, event->reason);
        return;
    }
    if (event->state == DAG_RUNNING) {
        if (stage->held++ == 0)
            stage->reason = keep(plan, event->reason);
        return;
    }
    bool was_held = event->state == DAG_COMPLETED || event->state == DAG_FAILED;
    stage->held -= was_held && stage->held > 0;
    stage->ended[event->state]++;
    stage->gone |= event->state == DAG_CACHED && plan_has_gone(event);
    note_streams(plan, event);
    if (event->error != NULL)
        stage->reason = arena_printf(&plan->arena, "fails: %s", event->error->message);
    else if (stage->reason == NULL && stage->held == 0)
        stage->reason = keep(plan, event->reason);
}

static void hear(void *self, const dag_event *event) {
    Plan *plan = self;
    if (event->stage == DAG_NONE)
        return;
    StagePlan *stage = &plan->stages[event->stage];
    if (event->scope == DAG_SCOPE_TASK)
        hear_task(plan, stage, event);
    if (event->scope != DAG_SCOPE_STAGE)
        return;
    stage->state = (dag_state)event->state;
    if (event->error != NULL)
        stage->reason = arena_printf(&plan->arena, "fails: %s", event->error->message);
    else if (event->reason != NULL)
        stage->reason = keep(plan, event->reason);
}

/* ---------------------------------------------------------------- going through */

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

static bool go_through(Plan *plan, const dag_value *inputs) {
    dag_program program = unlimited(plan, plan->program);
    dag_sink sink = { .self = plan, .event = hear };
    dag_options options = { .inputs = inputs,
                            .executor = plan->cli->executor,
                            .jobs = UINT32_MAX,
                            .continue_on_error = true,
                            .max_value = (uint64_t)plan->cli->max_value,
                            .retry = -1,
                            .sinks = &sink,
                            .nsinks = 1,
                            .reuse = plan->known->reuse,
                            .plan = true };
    dag_error error = { 0 };
    dag_run *run = dag_run_new(&program, &options, &error);
    if (run == NULL) {
        fprintf(stderr, "error: %s\n", error.message == NULL ? "out of memory" : error.message);
        return false;
    }
    dag_run_wait(run);
    dag_run_free(run);
    return true;
}

bool plan_make(Plan *plan, const dag_value *inputs) {
    plan->stages = ARENA_ARRAY(&plan->arena, plan->program->nstages, StagePlan);
    plan->emits = ARENA_ARRAY(&plan->arena, plan->program->nports, bool);
    plan->fingerprints = fingerprints_new(plan->program);
    if (plan->fingerprints == NULL) {
        fprintf(stderr, "error: out of memory\n");
        return false;
    }
    if (!go_through(plan, inputs))
        return false;
    for (uint32_t i = 0; i < plan->program->nstages; i++) {
        plan_decide(plan, plan->program->topo[i]);
        plan_count(plan, plan->program->topo[i]);
    }
    plan_decide_temps(plan);
    plan_decide_stop(plan);
    return true;
}

void plan_free(Plan *plan) {
    fingerprints_free(plan->fingerprints);
    arena_free(&plan->arena);
}

static int print(Plan *plan, bool good, FILE *out) {
    if (good && plan->cli->json)
        plan_print_document(plan, out);
    else if (good)
        plan_print_table(plan, out);
    plan_free(plan);
    return good ? EXIT_COMPLETED : EXIT_CRASHED;
}

int plan_print(const Cli *cli, const dag_value *inputs, const PlanKnown *known, FILE *out) {
    Plan plan = { .cli = cli, .program = cli->program, .known = known };
    if (!plan_limits(&plan)) {
        plan_free(&plan);
        return EXIT_USAGE;
    }
    bool good = plan_make(&plan, inputs);
    if (good && known->reader != NULL)
        good = plan_expect(&plan, known->reader);
    return print(&plan, good, out);
}

int plan_print_called(const Cli *cli, const dag_program *program, const dag_value *inputs,
                      const PlanKnown *known, FILE *out) {
    Plan plan = { .cli = cli, .program = program, .known = known };
    return print(&plan, plan_make(&plan, inputs), out);
}
