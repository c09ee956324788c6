/*
 * summary.c - the end of a run for people: states, where the time went, the first error in full.
 */
#include <string.h>
#include <unistd.h>

#include "cli/children.h"
#include "cli/records.h"

enum {
    MOST_STAGES = 5,  /* under "time" */
    MOST_INPUTS = 400 /* bytes of what the task was given */
};

typedef struct Printer {
    const Tally *tally;
    const dag_program *program;
    Style style;
    Arena arena;
    FILE *out;
} Printer;

static const char *slug(const Printer *p, uint32_t stage) {
    return p->program->strings + p->program->stages[stage].slug;
}

/* "3 completed, 1 failed" */
static void print_states(Printer *p, const uint64_t *counts) {
    const char *comma = "";
    for (int state = DAG_COMPLETED; state <= DAG_FILTERED; state++) {
        if (counts[state] == 0)
            continue;
        fprintf(p->out, "%s%s%llu %s%s", comma, style_state(&p->style, (dag_state)state),
                (unsigned long long)counts[state], dag_state_name((dag_state)state), p->style.off);
        comma = ", ";
    }
    fprintf(p->out, "%s\n", *comma == '\0' ? "none" : "");
}

static void print_counts(Printer *p, bool tasks) {
    uint64_t counts[DAG_NSTATES];
    for (int state = 0; state < DAG_NSTATES; state++) {
        counts[state] = tasks ? tally_tasks(p->tally, (dag_state)state)
                              : tally_stages(p->tally, (dag_state)state);
    }
    print_states(p, counts);
}

/* Where stages have called pipelines. */
static void print_children(Printer *p) {
    ChildCounts children = tally_children(p->tally);
    if (!child_counts_any(&children))
        return;
    fputs("  called runs: ", p->out);
    print_states(p, children.runs);
    fputs("  their tasks: ", p->out);
    print_states(p, children.tasks);
}

static int64_t span_of(const StageTally *stage) {
    return stage->started == 0 || stage->ended < stage->started ? 0 : stage->ended - stage->started;
}

/* The stages that took longest, each once, longest first. */
static void print_times(Printer *p) {
    int64_t whole = p->tally->ended - p->tally->started, below = INT64_MAX;
    uint32_t last = DAG_NONE;
    bool printed = false;
    for (int line = 0; line < MOST_STAGES; line++) {
        uint32_t best = DAG_NONE;
        for (uint32_t i = 0; i < p->program->nstages; i++) {
            int64_t span = span_of(&p->tally->stages[i]);
            bool after = span < below || (span == below && last != DAG_NONE && i > last);
            if (after && (best == DAG_NONE || span > span_of(&p->tally->stages[best])))
                best = i;
        }
        if (best == DAG_NONE || whole <= 0)
            break;
        below = span_of(&p->tally->stages[best]);
        last = best;
        if (below * 100 < whole)
            break;
        printed = true;
        fprintf(p->out, "%s %s %s", line == 0 ? "  time  " : ",", slug(p, best),
                duration_text(&p->arena, below));
    }
    if (printed)
        fputc('\n', p->out);
}

/* Which of many it was: a key is a number, its inputs have names. */
static void print_inputs(Printer *p, Cli *cli, const dag_run *run) {
    const Tally *tally = p->tally;
    if (tally->error_stage == DAG_NONE || tally->error_key == NULL)
        return;
    const char *inputs =
        records_task_inputs(cli, dag_run_name(run), slug(p, tally->error_stage), tally->error_key);
    if (inputs == NULL || strcmp(inputs, "{}") == 0)
        return;
    size_t n = strlen(inputs), shown = n <= MOST_INPUTS ? n : MOST_INPUTS;
    while (shown < n && (inputs[shown] & 0xc0) == 0x80)
        shown--; /* a character is shown whole */
    fprintf(p->out, "  inputs: %.*s%s\n", (int)shown, inputs, shown < n ? "…" : "");
}

/* An expression that has failed has a folder at most. */
static void print_log(Printer *p, const Cli *cli) {
    bool kept = strcmp(cli->state_dir, ":memory:") != 0; /* else it goes with the run */
    if (!kept || p->tally->error_dir == NULL)
        return;
    const char *path = arena_printf(&p->arena, "%s/stderr", p->tally->error_dir);
    if (access(path, F_OK) == 0)
        fprintf(p->out, "  log: %s\n", path);
}

/* The message, its further lines indented. */
static void print_message(Printer *p, const char *message) {
    for (const char *line = message; *line != '\0';) {
        int n = (int)strcspn(line, "\n");
        fprintf(p->out, "%s%.*s\n", line == message ? "" : "  | ", n, line);
        line += n;
        if (*line == '\n')
            line++;
    }
}

static void print_error(Printer *p, Cli *cli, const dag_run *run) {
    const dag_error *error = &p->tally->error;
    if (error->type == NULL)
        return;
    fprintf(p->out, "\n%serror%s", p->style.red, p->style.off);
    if (p->tally->error_stage != DAG_NONE) {
        fprintf(p->out, " in %s%s%s", p->style.bold, slug(p, p->tally->error_stage), p->style.off);
        if (p->tally->error_key != NULL && strcmp(p->tally->error_key, "-") != 0) {
            fprintf(p->out, " [%s]", p->tally->error_key);
        }
    }
    fprintf(p->out, " (%s): ", error->type);
    print_message(p, error->message);
    print_inputs(p, cli, run);
    print_log(p, cli);
}

/* How to go on. */
static void print_resume(Printer *p, const Cli *cli, const dag_run *run) {
    bool kept = strcmp(cli->state_dir, ":memory:") != 0 && !p->tally->refused;
    if (!kept || p->tally->state == DAG_COMPLETED || p->tally->state == DAG_CACHED)
        return;
    bool other = strcmp(cli->state_dir, ".dag") != 0;
    fprintf(p->out, "to go on: %s resume %s%s%s\n", cli->self, dag_run_name(run),
            other ? " --state " : "", other ? cli->state_dir : "");
}

void refusal_print(const Cli *cli, const char *message, FILE *out) {
    Style style = style_for(cli->color_choice, out);
    for (const char *line = message; *line != '\0';) {
        int n = (int)strcspn(line, "\n");
        fprintf(out, "%serror%s: %.*s\n", style.red, style.off, n, line);
        line += n + (line[n] == '\n');
    }
}

void summary_print(Cli *cli, const Tally *tally, const dag_run *run, FILE *out) {
    Printer p = { .tally = tally,
                  .program = tally->program,
                  .style = style_for(cli->color_choice, out),
                  .out = out };
    if (tally->refused && tally->error.type != NULL) {
        refusal_print(cli, tally->error.message, out);
        return;
    }
    fprintf(out, "%s%s%s %s%s%s in %s (run %s)\n", p.style.bold,
            p.program->strings + p.program->name, p.style.off, style_state(&p.style, tally->state),
            dag_state_name(tally->state), p.style.off,
            duration_text(&p.arena, tally->ended - tally->started), dag_run_name(run));
    fprintf(out, "  stages %u: ", p.program->nstages);
    print_counts(&p, false);
    fputs("  tasks: ", out);
    print_counts(&p, true);
    print_children(&p);
    print_times(&p);
    print_error(&p, cli, run);
    print_resume(&p, cli, run);
    arena_free(&p.arena);
}
