/* Changes random pipelines and what they read, and compares what `plan` says with what `run` does:
 *
 *   plans FIRST-SEED COUNT         plans SEED 0: the steps of one pipeline, as they go
 *
 * Pipelines are compiled and run in this process's children, through their tables and the command
 * line of a compiled pipeline, with a real store in a temporary folder. After each change: the plan
 * is what the run does; nothing runs that has run on the same inputs before; the outputs are those
 * of a run from nothing. Prints what went wrong and one closing line; exit status 1 when anything
 * did. */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "back/graph.h"
#include "check.h"
#include "check/front_check.h"
#include "pure/value.h"
#include "syntax/front_parse.h"

enum { STEPS = 7, MOST_ARGS = 32 };

typedef struct Totals {
    unsigned long pipelines, steps, tasks, refused, wrong;
    Figures figures;
} Totals;

typedef struct Trial {
    World world;
    Front *front;
    dag_program *program;
    Arena arena; /* of one step */
    Trace done;  /* what may be reused */
    const char *change;
    bool talks, metadata;
    Totals *totals;
} Trial;

static World *playing; /* for native stages */

/* ---------------------------------------------------------------- compiling */

/* What the C compiler would have made of `c` bodies. */
static int native_call(dag_ctx *ctx, const void *in, void *out) {
    const char *const *values = in;
    int number = atoi(dag_stage_name(ctx) + 1);
    const Unit *s = &playing->stages[number];
    const char *x = "";
    FILE *trace = fopen(getenv("TRACE"), "ae");
    if (!trace) {
        return dag_fail(ctx, "trace", "no trace");
    }
    if (playing->fails[number]) {
        fprintf(trace, "FAIL s%d\n", number);
        fclose(trace);
        return dag_fail(ctx, "asked", "it was to fail");
    }
    for (int i = 0; i < MOST_INS; i++) {
        x = dag_printf(ctx, "%s%s%s", x, i < s->nins ? values[i] : "", i + 1 < MOST_INS ? "," : "");
    }
    fprintf(trace, "s%d %d %s\n", number, s->version, x);
    fclose(trace);
    *(const char **)out =
        s->shape == SHAPE_CONST ? "k" : dag_printf(ctx, "%d-%.30s", s->version, x);
    return 0;
}

/* The members of the structs that native_call sees: pointers, one for each port. */
static void place_members(Trial *t) {
    dag_program *program = t->program;
    dag_port *ports = ARENA_ARRAY(&t->front->arena, program->nports, dag_port);
    memcpy(ports, program->ports, program->nports * sizeof *ports);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *s = &program->stages[i];
        for (uint32_t k = 0; s->native != DAG_NONE && k < s->nin + s->nout; k++) {
            uint32_t port = k < s->nin ? s->in + k : s->out + k - s->nin;
            ports[port].offset = (uint32_t)((k < s->nin ? k : k - s->nin) * sizeof(char *));
        }
    }
    program->ports = ports;
}

static bool compile(Trial *t) {
    front_free(t->front);
    t->front = front_new();
    diags_option(t->front->diags, "no-all");
    const char *text = world_text(&t->world, &t->front->arena);
    Source *source =
        source_from_text(&t->front->arena, &t->front->sources, "p.dag", text, strlen(text));
    Model *model = front_check(t->front, front_parse(t->front, source));
    if (t->front->diags->nerrors > 0) {
        if (t->talks) {
            diags_print(t->front->diags, DIAG_TEXT, false, stdout);
        }
        return false;
    }
    t->program = &lower_model(t->front, model)->program;
    size_t nnatives = 0;
    for (uint32_t i = 0; i < t->program->nstages; i++) {
        nnatives += t->program->stages[i].native != DAG_NONE;
    }
    dag_native *natives = ARENA_ARRAY(&t->front->arena, nnatives, dag_native);
    for (size_t i = 0; i < nnatives; i++) {
        natives[i] = t->program->natives[i];
        natives[i].call = native_call;
        natives[i].in_size = MOST_INS * sizeof(char *);
        natives[i].out_size = sizeof(char *);
    }
    t->program->natives = natives;
    place_members(t);
    return true;
}

/* ---------------------------------------------------------------- the command line */

static const char *read_all(Arena *arena, const char *path) {
    FILE *f = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    ssize_t n = f ? getdelim(&text, &size, '\0', f) : -1;
    const char *copy = n < 0 ? "" : arena_text(arena, text, (size_t)n);
    free(text);
    if (f) {
        fclose(f);
    }
    return copy;
}

static void redirect(const char *path, int to) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || dup2(fd, to) < 0) {
        _exit(99);
    }
}

/* Runs the pipeline with these words (split at spaces), its standard streams in `out` and `err`;
 * returns the exit status. */
static int command(Trial *t, const char *words) {
    static char usual[] = "--input t=t%d --input w=w%d --input f=in/file --input d=in/dir";
    char line[512], *argv[MOST_ARGS] = { (char *)"./p" };
    int argc = 1, status;
    bool again = strncmp(words, "re", 2) == 0; /* resume, replay: inputs are in the record */
    int n = snprintf(line, sizeof line, "%s --json -q -j 2 --continue-on-error ", words);
    if (!again) {
        snprintf(line + n, sizeof line - (size_t)n, usual, t->world.text, t->world.word);
    }
    for (char *save, *p = strtok_r(line, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
        argv[argc++] = p;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        redirect("out", STDOUT_FILENO);
        redirect("err", STDERR_FILENO);
        playing = &t->world;
        int code = dag_main(t->program, argc, argv);
        fflush(stdout);
        _exit(code);
    }
    return pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ? 99
                                                                            : WEXITSTATUS(status);
}

static dag_value document(Trial *t, const char *words, int *status) {
    dag_value value = value_null();
    dag_error error;
    *status = command(t, words);
    const char *text = read_all(&t->arena, "out");
    if (t->talks) {
        printf("$ %s -> %d\n%s%s", words, *status, text, read_all(&t->arena, "err"));
    }
    value_from_json(&t->arena, text, strlen(text), &value, &error);
    return value;
}

/* ---------------------------------------------------------------- what has run */

/* Takes in what ran; NULL, or what ran although it had run before on the same inputs. */
static const char *take_trace(Trial *t, bool may_repeat) {
    const char *text = read_all(&t->arena, "trace"), *wrong = NULL;
    size_t before = t->done.n; /* tasks of one run may be alike */
    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        const char *copy = arena_text(&t->arena, line, n);
        line += n + (line[n] == '\n');
        t->totals->tasks++;
        if (copy[0] != 's') {
            continue; /* it failed, or was a gate that closed */
        }
        int stage = atoi(copy + 1);
        bool again = trace_has(&t->done, copy, before);
        if (again && !may_repeat && !world_uncached(&t->world, stage) && !wrong) {
            wrong = arena_printf(&t->arena, "ran again on the same inputs: %s", copy);
        }
        if (!again) {
            trace_add(&t->done, copy);
        }
    }
    unlink("trace");
    return wrong;
}

/* ---------------------------------------------------------------- steps */

static bool any_fails(const World *w) {
    for (int i = 0; i < w->nstages; i++) {
        if (w->fails[i]) {
            return true;
        }
    }
    return false;
}

/* The plan, the run, and a run from nothing beside it. */
static const char *plan_and_run(Trial *t, const char *options, bool chosen, bool full) {
    int status;
    dag_value plan = document(t, arena_printf(&t->arena, "plan %s", options), &status);
    if (status != 0 || access("trace", F_OK) == 0) {
        return "plan fails, or runs something";
    }
    dag_value run = document(t, arena_printf(&t->arena, "run %s", options), &status);
    const char *wrong = check_plan(&t->arena, t->program, plan, run, &t->totals->figures);
    if (wrong) {
        return wrong;
    }
    wrong = take_trace(t, full);
    if (wrong || chosen || any_fails(&t->world)) {
        return wrong;
    }
    dag_value fresh = document(t, "run --state fresh --full", &status);
    unlink("trace");
    wrong = check_outputs(&t->arena, run, fresh);
    return wrong ? arena_printf(&t->arena, "output %s is not that of a run from nothing", wrong)
                 : NULL;
}

static const char *select_some(Trial *t) {
    static const char *const options[] = { "--only s%d", "--from s%d", "--until s%d",
                                           "--select tag:t0", "--exclude-tags t1" };
    uint32_t n = world_pick(&t->world, 5),
             stage = world_pick(&t->world, (uint32_t)t->world.nstages);
    bool tagged = false;
    for (int i = 0; i < t->world.nstages; i++) {
        tagged |= n == 3 ? t->world.stages[i].tag == 0 : t->world.stages[i].tag == 1;
    }
    if (n >= 3) {
        return tagged ? options[n] : "";
    }
    return arena_printf(&t->arena,
                        n == 0   ? options[0]
                        : n == 1 ? options[1]
                                 : options[2],
                        (int)stage);
}

/* A new run of an old one's results: nothing but what is named runs. */
static const char *replay_some(Trial *t) {
    int status, stage = (int)world_pick(&t->world, (uint32_t)t->world.nstages);
    dag_value run = document(t, arena_printf(&t->arena, "replay last --rerun s%d", stage), &status);
    const char *text = read_all(&t->arena, "trace");
    (void)run;
    for (const char *line = text; status == 0 && !any_fails(&t->world) && *line != '\0';
         line += strcspn(line, "\n") + 1) {
        const char *s = line[0] == 's' ? line : strchr(line, ' ') + 1;
        if (atoi(s + 1) != stage) {
            return arena_printf(&t->arena, "replay ran %.40s", line);
        }
    }
    return status == 99 ? "replay does not end" : take_trace(t, true);
}

/* After a failure: what had completed does not run again. */
static const char *resume_failed(Trial *t) {
    int status, n = t->world.nstages;
    memset(t->world.fails, 0, sizeof t->world.fails);
    world_files(&t->world);
    dag_value run = document(t, "resume last", &status);
    const char *wrong = take_trace(t, false);
    bool doors = false;
    for (int i = 0; i < n; i++) {
        doors |= t->world.stages[i].body == BODY_DOOR;
    }
    if (wrong || status != 0 || doors) {
        return wrong;
    }
    dag_value fresh = document(t, "run --state fresh --full", &status);
    unlink("trace");
    wrong = check_outputs(&t->arena, run, fresh);
    return wrong ? arena_printf(&t->arena, "resumed: output %s is another", wrong) : NULL;
}

static const char *damage(Trial *t) {
    uint32_t stage = world_pick(&t->world, (uint32_t)t->world.nstages);
    const char *how[] = { "rm -rf .dag/work/*/s%u/*/*/out/* .dag/work/*/s%u/*/*/out/*/*",
                          "for f in .dag/work/*/s%u/*/*/out/* .dag/work/*/s%u/*/*/out/*/*; do"
                          " [ ! -f $f ] || echo damaged > $f; done" };
    const char *shell = world_pick(&t->world, 2) == 0 ? how[0] : how[1];
    if (system(arena_printf(&t->arena, shell, stage, stage)) != 0) {
        return "";
    }
    trace_forget(&t->done, (int)stage);
    return "results of a stage are deleted or damaged";
}

static const char *step(Trial *t, int number) {
    uint32_t what = number == 0 ? 99 : world_pick(&t->world, 16);
    t->metadata = false;
    t->change = "the first run";
    if (number > 0) {
        t->change = what == 0 ? damage(t) : world_change(&t->world, &t->metadata);
    }
    if (t->talks) {
        printf("---- %s\n", t->change);
    }
    world_files(&t->world);
    if (!compile(t)) {
        t->totals->refused++;
        return NULL;
    }
    if (t->talks && number == 0) {
        puts(world_text(&t->world, &t->arena));
    }
    t->totals->steps++;
    if (what == 1) {
        return plan_and_run(t, "--full", false, true);
    }
    if (what == 2 || what == 3) {
        return plan_and_run(t, select_some(t), true, true);
    }
    const char *wrong = plan_and_run(t, "", false, false);
    if (!wrong && what == 4) {
        wrong = replay_some(t);
    }
    if (!wrong && any_fails(&t->world) && world_pick(&t->world, 2) == 0) {
        wrong = resume_failed(t);
    }
    return wrong;
}

/* ---------------------------------------------------------------- all of them */

static int drop(const char *path, const struct stat *status, int flag, struct FTW *ftw) {
    (void)status, (void)flag, (void)ftw;
    return remove(path);
}

static void try_one(uint64_t seed, bool talks, Totals *totals) {
    Trial t = { .talks = talks, .totals = totals };
    char root[256];
    const char *tmp = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/plans.XXXXXX",
             tmp                             ? tmp
             : access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                             : "/tmp");
    if (!mkdtemp(root) || chdir(root) != 0) {
        abort();
    }
    setenv("TRACE", arena_printf(&t.arena, "%s/trace", root), 1);
    setenv("FLAGS", arena_printf(&t.arena, "%s/flags", root), 1);
    world_make(&t.world, seed);
    totals->pipelines++;
    for (int i = 0; i < STEPS; i++) {
        const char *wrong = step(&t, i);
        if (wrong) {
            printf("seed %llu, step %d (%s): %s\n", (unsigned long long)seed, i, t.change, wrong);
            totals->wrong++;
            break;
        }
        arena_reset(&t.arena);
    }
    trace_free(&t.done);
    arena_free(&t.arena);
    front_free(t.front);
    if (chdir("/") == 0 && !(talks && getenv("KEEP"))) {
        nftw(root, drop, 32, FTW_DEPTH | FTW_PHYS);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: plans FIRST-SEED COUNT\n", stderr);
        return 2;
    }
    uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
    Totals totals = { 0 };
    for (uint64_t i = 0; i < (count ? count : 1); i++) {
        try_one(first + i, count == 0, &totals);
    }
    const Figures *f = &totals.figures;
    printf("%lu pipelines, %lu steps (%lu refused by the compiler), %lu tasks ran; %lu rows: %lu "
           "run, %lu cached, %lu maybe (%lu of them did not run), %lu skip, %lu filtered\n",
           totals.pipelines, totals.steps, totals.refused, totals.tasks, f->rows, f->run, f->cached,
           f->maybe, f->maybe_cached, f->skip, f->filtered);
    printf("plans: %lu passed, %lu failed\n", totals.pipelines - totals.wrong, totals.wrong);
    return totals.wrong > 0;
}
