/*
 * cmd_explain.c - `./run explain STAGE [KEY]`: why a task would run again, or what it waits for.
 */
#include <string.h>

#include "cli/command.h"
#include "cli/explain.h"
#include "cli/job.h"
#include "cli/records.h"
#include "cli/within.h"

typedef struct Explaining {
    Job job;
    Records records;
    CalledPlace place;
    StoreRecord last, child; /* the newest run; in it, the run of the place */
    bool recorded, within;   /* are they there? */
    Within way;
    Explanation e;
} Explaining;

/* ---------------------------------------------------------------- the record */

/* Is `id`, as that of a run that was called, `name` but for the numbers of attempts? */
static bool is_named(const char *id, const char *name) {
    while (*id != '\0') {
        if (*id == '~')
            id += strcspn(id, "/");
        else if (*id++ != *name++)
            return false;
    }
    return *name == '\0';
}

/* The run of the place in the last one: the latest, where the call was repeated. */
static int load_child(Explaining *x) {
    Arena *arena = &x->job.cli->arena;
    StoreChildRun *children;
    size_t n, root = strlen(x->last.run.id);
    dag_error error = { 0 };
    const char *id = NULL;
    if (x->place.nsteps == 0)
        return EXIT_COMPLETED;
    if (!store_read_children(x->records.reader, arena, x->last.run.id, &children, &n, &error))
        return records_refuse(&error);
    for (size_t i = 0; i < n; i++) {
        if (is_named(children[i].run.id + root + 1, x->place.id))
            id = children[i].run.id;
    }
    x->within = id != NULL;
    return id == NULL ? EXIT_COMPLETED : records_load(&x->records, id, &x->child);
}

/* The newest run that a user started, if there is any. */
static int load_last(Explaining *x) {
    Cli *cli = x->job.cli;
    dag_error error = { 0 };
    if (job_root(cli) == NULL)
        return EXIT_COMPLETED;
    int code = records_open(&x->records, cli);
    if (code != EXIT_COMPLETED || x->records.reader == NULL)
        return code;
    const char *id = store_find_run(x->records.reader, &cli->arena, "last", &error);
    if (id == NULL)
        return strcmp(error.type, "usage") == 0 ? EXIT_COMPLETED : records_refuse(&error);
    code = records_load(&x->records, id, &x->last);
    x->recorded = code == EXIT_COMPLETED && x->last.run.state != DAG_QUEUED;
    return x->recorded ? load_child(x) : code;
}

/* ---------------------------------------------------------------- what would be done now */

/* Inputs that are not given are those of the last run. */
static int take_inputs(Explaining *x) {
    Cli *cli = x->job.cli;
    const char *wrong = x->recorded ? cli_known_inputs(cli, x->last.run.inputs) : NULL;
    if (wrong != NULL)
        return job_complain(cli, wrong), EXIT_CRASHED;
    return job_inputs(&x->job) ? EXIT_COMPLETED : EXIT_USAGE;
}

static int explain_place(Explaining *x) {
    Explanation at;
    x->way = (Within){
        .cli = x->job.cli, .inputs = x->job.inputs, .cache = x->job.cache, .id = x->job.id
    };
    int code = within_enter(&x->way, &x->place, &at);
    if (code != EXIT_COMPLETED)
        return code;
    if (x->way.stopped) {
        x->e = at;
        return EXIT_COMPLETED;
    }
    return explain_now(&x->e, x->way.inputs, x->way.cache) ? EXIT_COMPLETED : EXIT_CRASHED;
}

/* ---------------------------------------------------------------- */

static int explain(Explaining *x) {
    int code = load_last(x);
    if (code != EXIT_COMPLETED)
        return code;
    bool active = x->recorded && explain_is_active(&x->last);
    bool known = x->place.nsteps == 0 ? x->recorded : x->within;
    if (active && !known) {
        printf("run %s (%s) has not come to %s\n", x->last.run.id,
               dag_state_name(x->last.run.state), x->place.id);
        return EXIT_COMPLETED;
    }
    if (!active && (code = take_inputs(x)) != EXIT_COMPLETED)
        return code;
    x->e.record = !known ? NULL : x->place.nsteps == 0 ? &x->last : &x->child;
    if (known)
        explain_last(&x->e);
    if (!active && !(job_tally(&x->job) && job_known(&x->job)))
        return EXIT_CRASHED;
    if (!active && (code = explain_place(x)) != EXIT_COMPLETED)
        return code;
    explain_print(&x->e, stdout);
    return EXIT_COMPLETED;
}

int command_explain(Cli *cli) {
    Explaining x = { .job = { .cli = cli }, .records = { .cli = cli } };
    int code = EXIT_USAGE;
    if (called_place(cli, cli->words[0], false, &x.place)) {
        x.e = (Explanation){ .cli = cli,
                             .program = x.place.program,
                             .stage = x.place.stage,
                             .key = cli->nwords > 1 ? cli->words[1] : NULL,
                             .within = x.place.id };
        code = explain(&x);
    }
    within_free(&x.way);
    job_free(&x.job);
    records_close(&x.records);
    return code;
}
