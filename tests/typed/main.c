/* Compiles random well-typed pipelines and runs them in this process, through their tables:
 *
 *   typed FIRST-SEED COUNT         typed SEED 0: prints the pipeline
 *
 * Each must check without an error, and no task of its run may meet a value of another type than
 * the tables say: neither as an error, nor as a value that some output has, and none may show the secret. What may go wrong is
 * what no type excludes: numbers out of range, `required` of null. Prints what went wrong and one
 * closing line; exit status 1 when anything did. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "back/graph.h"
#include "check/front_check.h"
#include "gen.h"
#include "pure/value.h"
#include "syntax/front_parse.h"

static uint64_t trying; /* the seed, for the handler of signals */

static void died(int signal_number) {
    char text[128];
    int n = snprintf(text, sizeof text, "typed: signal %d at seed %llu\n", signal_number,
                     (unsigned long long)trying);
    ssize_t written = write(STDERR_FILENO, text, (size_t)n);
    _exit(written < 0 ? 2 : 1);
}

/* ---------------------------------------------------------------- values and types */

static bool has_type(const dag_program *p, const dag_value *v, uint32_t type);

static bool is_record(const dag_program *p, const dag_value *v, const dag_type *t) {
    if (v->kind != DAG_MAP || v->len != t->n) {
        return false;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        const dag_field *field = &p->fields[t->first + i];
        const dag_entry *entry = &v->u.entries[i];
        if (strcmp(entry->name.u.text, p->strings + field->name) != 0 ||
            !has_type(p, &entry->value, field->type)) {
            return false;
        }
    }
    return true;
}

static bool is_case(const dag_program *p, const dag_value *v, const dag_type *t) {
    for (uint32_t i = 0; v->kind == DAG_STRING && i < t->n; i++) {
        if (strcmp(v->u.text, p->strings + p->fields[t->first + i].name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_list(const dag_program *p, const dag_value *v, uint32_t elem) {
    for (uint32_t i = 0; v->kind == DAG_LIST && i < v->len; i++) {
        if (!has_type(p, &v->u.items[i], elem)) {
            return false;
        }
    }
    return v->kind == DAG_LIST;
}

static bool is_map(const dag_program *p, const dag_value *v, uint32_t elem) {
    for (uint32_t i = 0; v->kind == DAG_MAP && i < v->len; i++) {
        if (!has_type(p, &v->u.entries[i].value, elem)) {
            return false;
        }
    }
    return v->kind == DAG_MAP;
}

/* Is the value one of the type? */
static bool has_type(const dag_program *p, const dag_value *v, uint32_t type) {
    const dag_type *t = &p->types[type];
    switch ((dag_kind)t->kind) {
    case DAG_JSON: return true;
    case DAG_OPTIONAL: return v->kind == DAG_NULL || has_type(p, v, t->elem);
    case DAG_LIST: return is_list(p, v, t->elem);
    case DAG_MAP: return is_map(p, v, t->elem);
    case DAG_RECORD: return is_record(p, v, t);
    case DAG_ENUM: return is_case(p, v, t);
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_STRING:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: return v->kind == t->kind;
    }
    return false;
}

/* ---------------------------------------------------------------- a run */

typedef struct Heard {
    const dag_program *program;
    Arena *arena;
    const char *wrong; /* the first thing that must not be, or NULL */
    unsigned long tasks, failed;
} Heard;

/* What no type excludes. */
static bool may_happen(const dag_error *error) {
    static const char *const messages[] = { "out of range", "divided by zero",
                                            "the value is null" };
    bool expression = strcmp(error->type, "expression") == 0;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (expression && strstr(error->message, messages[i])) {
            return true;
        }
    }
    return strcmp(error->type, "limit") == 0;
}

static bool shows_secret(const dag_value *v) {
    bool text = v->kind == DAG_STRING || v->kind == DAG_FILE || v->kind == DAG_SECRET;
    bool found = text && strstr(v->u.text, GEN_SECRET);
    for (uint32_t i = 0; v->kind == DAG_LIST && i < v->len && !found; i++) {
        found = shows_secret(&v->u.items[i]);
    }
    for (uint32_t i = 0; v->kind == DAG_MAP && i < v->len && !found; i++) {
        found = shows_secret(&v->u.entries[i].value);
    }
    return found;
}

static void check_outputs(Heard *h, const dag_event *event) {
    const dag_program *p = h->program;
    const dag_stage *stage = &p->stages[event->stage];
    for (uint32_t i = 0; event->outputs && i < stage->nout && !h->wrong; i++) {
        const dag_port *port = &p->ports[stage->out + i];
        const dag_value *v = &event->outputs[i];
        bool stream = port->flags & DAG_PORT_STREAM;
        if (!(stream ? is_list(p, v, port->type) : has_type(p, v, port->type))) {
            h->wrong =
                arena_printf(h->arena, "%s.%s is no %s", p->strings + stage->slug,
                             p->strings + port->name, p->strings + p->types[port->type].name);
        }
        if (shows_secret(v)) {
            h->wrong = "an output shows the secret";
        }
    }
}

static void hear(void *self, const dag_event *event) {
    Heard *h = self;
    if (event->error && !h->wrong && !may_happen(event->error)) {
        h->wrong = arena_printf(h->arena, "%s: %s", event->error->type, event->error->message);
    }
    if (event->error && strstr(event->error->message, GEN_SECRET)) {
        h->wrong = "an error shows the secret";
    }
    if (event->scope == DAG_SCOPE_TASK && event->state == DAG_COMPLETED) {
        h->tasks++;
        check_outputs(h, event);
    }
    h->failed += event->scope == DAG_SCOPE_TASK && event->state == DAG_FAILED;
}

/* All have their defaults but the secret. */
static const dag_value *inputs(const Heard *h) {
    dag_value *values = ARENA_ARRAY(h->arena, h->program->ninputs, dag_value);
    for (uint32_t i = 0; i < h->program->ninputs; i++) {
        if (strcmp(h->program->strings + h->program->inputs[i].name, "key") == 0) {
            values[i] = value_text(DAG_SECRET, GEN_SECRET, strlen(GEN_SECRET));
        }
    }
    return values;
}

static void run(Heard *h) {
    dag_sink sink = { .self = h, .event = hear };
    dag_options options = { .inputs = inputs(h),
                            .jobs = 1,
                            .retry = -1,
                            .sinks = &sink,
                            .nsinks = 1,
                            .continue_on_error = true };
    dag_error error = { NULL, NULL };
    dag_run *r = dag_run_new(h->program, &options, &error);
    if (!r) {
        h->wrong = "it does not start";
        return;
    }
    dag_run_wait(r);
    dag_run_free(r);
}

/* ---------------------------------------------------------------- all of them */

typedef struct Totals {
    unsigned long pipelines, constant, tasks, failed, wrong;
} Totals;

/* Are all errors about constants that fail as they may? */
static bool only_failing_constants(const Front *front) {
    for (const Diag *diag = front->diags->first; diag; diag = diag->next) {
        dag_error error = { "expression", diag->message };
        if (diag->code != E0312 || !may_happen(&error)) {
            return false;
        }
    }
    return true;
}

static void complain(const Front *front, uint64_t seed, const char *what, Totals *totals) {
    if (totals->wrong++ < 20) {
        printf("seed %llu: %s\n", (unsigned long long)seed, what);
        diags_print(front->diags, DIAG_TEXT, false, stdout);
    }
}

static void try_one(uint64_t seed, Totals *totals) {
    Front *front = front_new();
    if (!front) {
        abort();
    }
    diags_option(front->diags, "no-all");
    const char *text = gen_pipeline(&front->arena, seed);
    Source *source =
        source_from_text(&front->arena, &front->sources, "typed.dag", text, strlen(text));
    Model *model = front_check(front, front_parse(front, source));
    totals->pipelines++;
    if (front->diags->nerrors > 0) {
        bool fine = only_failing_constants(front);
        totals->constant += fine;
        if (!fine) {
            complain(front, seed, "it has errors", totals);
        }
    } else {
        Heard h = { .program = &lower_model(front, model)->program, .arena = &front->arena };
        run(&h);
        totals->tasks += h.tasks;
        totals->failed += h.failed;
        if (h.wrong) {
            complain(front, seed, h.wrong, totals);
        }
    }
    front_free(front);
}

static int print_one(uint64_t seed) {
    Arena arena = { 0 };
    fputs(gen_pipeline(&arena, seed), stdout);
    arena_free(&arena);
    return 0;
}

int main(int argc, char **argv) {
    static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM };
    if (argc != 3) {
        fputs("usage: typed FIRST-SEED COUNT\n", stderr);
        return 2;
    }
    uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
    if (count == 0) {
        return print_one(first);
    }
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        signal(signals[i], died);
    }
    Totals totals = { 0 };
    for (uint64_t i = 0; i < count; i++) {
        trying = first + i;
        alarm(30);
        try_one(first + i, &totals);
    }
    printf("%lu pipelines (%lu with a constant that fails), %lu tasks completed, %lu failed as "
           "they may\n",
           totals.pipelines, totals.constant, totals.tasks, totals.failed);
    printf("typed: %lu passed, %lu failed\n", totals.pipelines - totals.wrong, totals.wrong);
    return totals.wrong > 0;
}
