/*
 * plan_print.c - a plan as a table for people and as a document.
 */
#include <string.h>

#include "cli/object.h"
#include "cli/plan_parts.h"
#include "pure/value.h"

static const char *const words[] = { "run", "cached", "maybe", "skip", "filtered" };

const char *plan_action_name(PlanAction action) {
    return words[action];
}

static uint32_t running(const StagePlan *stage) {
    return plan_runs_whole(stage)
               ? stage->total
               : stage->held + stage->ended[DAG_COMPLETED] + stage->ended[DAG_FAILED];
}

static uint32_t skipped(const StagePlan *stage) {
    return stage->ended[DAG_SKIPPED] + stage->ended[DAG_CANCELLED];
}

static bool all_known(const StagePlan *stage) {
    return stage->behind == DAG_NONE || plan_runs_whole(stage);
}

/* "?": not known; "2 of 5": two run, three are cached; "2+": these, and what is not known yet. */
static const char *count_text(Plan *plan, const StagePlan *stage) {
    uint32_t run = running(stage), cached = stage->ended[DAG_CACHED];
    uint32_t all = run + cached + skipped(stage);
    const char *more = all_known(stage) ? "" : "+";
    if (!all_known(stage) && all == 0)
        return "?";
    if (run > 0 && cached > 0)
        return arena_printf(&plan->arena, "%u of %u%s", run, run + cached, more);
    return arena_printf(&plan->arena, "%u%s", all, more);
}

/* ---------------------------------------------------------------- expected */

enum { MOST_SHOWN = 12 }; /* stages on one line */

static const char *resource_text(Plan *plan, const char *name, int64_t amount) {
    return strcmp(name, "memory") == 0 ? bytes_text(&plan->arena, amount)
                                       : arena_printf(&plan->arena, "%lld", (long long)amount);
}

static void print_peaks(Plan *plan, const Timing *timing, FILE *out) {
    fprintf(out, "peak: %llu task%s", (unsigned long long)timing->most_tasks,
            timing->most_tasks == 1 ? "" : "s");
    for (size_t i = 0; i < plan->limits.n; i++) {
        const char *name = plan->program->strings + plan->limits.rows[i].name;
        fprintf(out, ", %s %s", name, resource_text(plan, name, timing->peaks[i]));
    }
    if (timing->most_memory > 0)
        fprintf(out, "; memory used before %s", bytes_text(&plan->arena, timing->most_memory));
    fputc('\n', out);
}

static void print_chain(Plan *plan, const Timing *timing, FILE *out) {
    fprintf(out, "critical path: %s", duration_text(&plan->arena, timing->critical));
    for (uint32_t i = 0; i < timing->nchain; i++) {
        if (i >= MOST_SHOWN && i + 1 < timing->nchain)
            continue;
        fprintf(out, "%s%s%s", i == 0 ? " (" : " -> ", i > MOST_SHOWN ? "… -> " : "",
                plan_slug(plan, plan->program->topo[timing->chain[i]]));
    }
    fputs(timing->nchain > 0 ? ")\n" : "\n", out);
}

static bool is_unknown(const Plan *plan, uint32_t stage) {
    const StageExpected *expected = &plan->expected->stages[stage];
    return expected->tasks > 0 && !expected->known;
}

static void print_expected(Plan *plan, FILE *out) {
    const PlanExpected *expected = plan->expected;
    if (expected->nknown > 0) {
        fprintf(out, "\nexpected: %s%s with -j %u, by %u earlier run%s, if all runs that may\n",
                expected->nunknown > 0 ? "more than " : "",
                duration_text(&plan->arena, expected->timing.expected), plan->limits.slots,
                expected->nruns, expected->nruns == 1 ? "" : "s");
        print_chain(plan, &expected->timing, out);
        print_peaks(plan, &expected->timing, out);
    }
    if (expected->nunknown == 0)
        return;
    fputs(expected->nknown > 0 ? "not known: " : "\nexpected: not known: ", out);
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->program->nstages; i++) {
        if (is_unknown(plan, plan->program->topo[i]) && n++ < MOST_SHOWN)
            fprintf(out, "%s%s", n > 1 ? ", " : "", plan_slug(plan, plan->program->topo[i]));
    }
    if (n > MOST_SHOWN)
        fprintf(out, " and %u more", n - MOST_SHOWN);
    fputs(" never completed before\n", out);
}

void plan_print_table(Plan *plan, FILE *out) {
    static const dag_state colors[] = { DAG_RUNNING, DAG_COMPLETED, DAG_CANCELLED, DAG_SKIPPED,
                                        DAG_FILTERED };
    const dag_program *program = plan->program;
    Style style = style_for(plan->cli->color_choice, out);
    int width = 5;
    for (uint32_t i = 0; i < program->nstages; i++) {
        int n = (int)strlen(plan_slug(plan, i));
        width = n > width ? n : width;
    }
    fprintf(out, "%s%-*s  %-8s  %-8s  why%s\n", style.bold, width, "stage", "action", "tasks",
            style.off);
    for (uint32_t i = 0; i < program->nstages; i++) {
        uint32_t index = program->topo[i];
        const StagePlan *stage = &plan->stages[index];
        fprintf(out, "%-*s  %s%-8s%s  %-8s  %s\n", width, plan_slug(plan, index),
                style_state(&style, colors[stage->action]), words[stage->action], style.off,
                count_text(plan, stage), stage->reason == NULL ? "" : stage->reason);
    }
    if (plan->expected != NULL)
        print_expected(plan, out);
}

/* How many tasks of each kind; null while they are not all known. */
static dag_value tasks_value(Arena *arena, const StagePlan *stage) {
    Object tasks = object_new(arena, 4);
    if (!all_known(stage))
        return value_null();
    object_put(&tasks, "run", value_int(DAG_INT, running(stage)));
    object_put(&tasks, "cached", value_int(DAG_INT, stage->ended[DAG_CACHED]));
    object_put(&tasks, "skip", value_int(DAG_INT, skipped(stage)));
    object_put(&tasks, "filtered", value_int(DAG_INT, stage->ended[DAG_FILTERED]));
    return object_value(&tasks);
}

static dag_value seconds(int64_t ns) {
    return value_float((double)ns / 1e9);
}

/* Of one stage: how many tasks, and what one takes; null where that is not known. */
static dag_value stage_expected(Plan *plan, uint32_t stage) {
    if (plan->expected == NULL)
        return value_null();
    const StageExpected *expected = &plan->expected->stages[stage];
    Object object = object_new(&plan->arena, 2);
    object_put(&object, "tasks", value_int(DAG_INT, (int64_t)expected->tasks));
    object_put(&object, "seconds",
               expected->known ? seconds(plan->history[stage].took) : value_null());
    return object_value(&object);
}

static dag_value names(Plan *plan, const uint32_t *ranks, uint32_t n) {
    dag_value *items = ARENA_ARRAY(&plan->arena, n, dag_value);
    for (uint32_t i = 0; i < n; i++)
        items[i] = object_string(plan_slug(plan, plan->program->topo[ranks[i]]));
    return value_list(items, n);
}

static dag_value unknown_value(Plan *plan) {
    uint32_t *ranks = ARENA_ARRAY(&plan->arena, plan->program->nstages, uint32_t), n = 0;
    for (uint32_t i = 0; i < plan->program->nstages; i++) {
        if (is_unknown(plan, plan->program->topo[i]))
            ranks[n++] = i;
    }
    return names(plan, ranks, n);
}

static dag_value peak_value(Plan *plan, const Timing *timing) {
    Object peak = object_new(&plan->arena, plan->limits.n + 2);
    object_put(&peak, "tasks", value_int(DAG_INT, (int64_t)timing->most_tasks));
    for (size_t i = 0; i < plan->limits.n; i++)
        object_put(&peak, plan->program->strings + plan->limits.rows[i].name,
                   value_int(DAG_INT, timing->peaks[i]));
    object_put(&peak, "rss", value_int(DAG_INT, timing->most_memory));
    return object_value(&peak);
}

static dag_value expected_value(Plan *plan) {
    const PlanExpected *expected = plan->expected;
    if (expected == NULL)
        return value_null();
    Object object = object_new(&plan->arena, 7);
    bool any = expected->nknown > 0 || expected->nunknown == 0;
    object_put(&object, "seconds", any ? seconds(expected->timing.expected) : value_null());
    object_put(&object, "jobs", value_int(DAG_INT, plan->limits.slots));
    object_put(&object, "runs", value_int(DAG_INT, expected->nruns));
    object_put(&object, "critical_path",
               names(plan, expected->timing.chain, expected->timing.nchain));
    object_put(&object, "critical_seconds",
               any ? seconds(expected->timing.critical) : value_null());
    object_put(&object, "peak", peak_value(plan, &expected->timing));
    object_put(&object, "unknown", unknown_value(plan));
    return object_value(&object);
}

void plan_print_document(Plan *plan, FILE *out) {
    const dag_program *program = plan->program;
    dag_value *rows = ARENA_ARRAY(&plan->arena, program->nstages, dag_value);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const StagePlan *stage = &plan->stages[program->topo[i]];
        Object row = object_new(&plan->arena, 6);
        object_text(&row, "slug", plan_slug(plan, program->topo[i]));
        object_text(&row, "action", words[stage->action]);
        object_text(&row, "reason", stage->reason);
        object_put(&row, "certain", value_bool(stage->certain));
        object_put(&row, "tasks", tasks_value(&plan->arena, stage));
        object_put(&row, "expected", stage_expected(plan, program->topo[i]));
        rows[i] = object_value(&row);
    }
    Object document = object_new(&plan->arena, 2);
    object_put(&document, "stages", value_list(rows, program->nstages));
    object_put(&document, "expected", expected_value(plan));
    fprintf(out, "%s\n", value_to_json(&plan->arena, object_value(&document)));
}
