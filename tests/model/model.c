/*
 * The scheduler against the reference: random pipelines, tasks that end in random order.
 *
 * DAG_MODEL_SEED and DAG_MODEL_COUNT choose others; a failure prints the seed of its pipeline:
 * DAG_MODEL_SEED=that DAG_MODEL_COUNT=1 DAG_MODEL_SHOW=1 repeats it and prints the pipeline.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaos.h"
#include "core/sched_state.h"
#include "generate.h"
#include "reference.h"
#include "text.h"
#include "suites.h"

typedef struct Case {
    Random random;
    Plan *plan;
    Fate fate;
    Sim *sim;
    Ref *ref;
    uint32_t jobs;
    char wrong[512]; /* the first difference */
} Case;

#define WRONG(c, ...)                                            \
    do {                                                         \
        if (!(c)->wrong[0]) {                                    \
            snprintf((c)->wrong, sizeof(c)->wrong, __VA_ARGS__); \
        }                                                        \
    } while (0)

static bool is_terminal(dag_state state) {
    return state != DAG_PENDING && state != DAG_RUNNING;
}

static bool is_limited(const Case *c, uint32_t stage) {
    return c->ref->stages[stage].limited;
}

/* Under max_tasks it depends on time whether a task was skipped before it was cancelled. */
static bool same_state(const Case *c, uint32_t stage, dag_state a, dag_state b) {
    bool lenient = is_limited(c, stage) && (a == DAG_CANCELLED || a == DAG_SKIPPED) &&
                   (b == DAG_CANCELLED || b == DAG_SKIPPED);
    return a == b || lenient;
}

/* ---------------------------------------------------------------- comparing */

static void compare_task(Case *c, uint32_t stage, const RefTask *task) {
    const SimRow *row = sim_row(c->sim, stage, task->text);
    dag_state state = row ? row->state : DAG_PENDING;
    if (task->phase == REF_ENDED && task->row) {
        if (!same_state(c, stage, state, task->state)) {
            WRONG(c, "s%u %s is %s, should be %s", stage, task->text, dag_state_name(state),
                  dag_state_name(task->state));
        }
        if (row && row->nterminal != 1) {
            WRONG(c, "s%u %s ended %u times", stage, task->text, row->nterminal);
        }
    } else if (task->phase == REF_RUNNING ? state != DAG_RUNNING : row != NULL) {
        WRONG(c, "s%u %s is %s, should be %s", stage, task->text, dag_state_name(state),
              task->phase == REF_RUNNING ? "running"
              : task->phase == REF_ENDED ? "filtered without a row"
                                         : "pending");
    }
}

static bool is_short(const Case *c, uint32_t stage, const char *key) {
    const RefStage *ref = &c->ref->stages[stage];
    char text[REF_TEXT];
    for (uint32_t i = 0; i < ref->nshorts; i++) {
        ref_text(&ref->shorts[i].key, c->plan, text, sizeof text);
        if (strcmp(text, key) == 0) {
            return true;
        }
    }
    return false;
}

static void compare_shorts(Case *c, uint32_t stage) {
    const RefStage *ref = &c->ref->stages[stage];
    char text[REF_TEXT];
    for (uint32_t i = 0; i < ref->nshorts; i++) {
        ref_text(&ref->shorts[i].key, c->plan, text, sizeof text);
        const SimRow *row = sim_row(c->sim, stage, text);
        if (!row || row->state != DAG_SKIPPED || row->nterminal != 1) {
            WRONG(c, "s%u: the short key %s has no row", stage, text);
        }
    }
}

static void compare_stage(Case *c, uint32_t stage) {
    const RefStage *ref = &c->ref->stages[stage];
    for (uint32_t i = 0; i < ref->ntasks; i++) {
        compare_task(c, stage, &ref->tasks[i]);
    }
    compare_shorts(c, stage);
    dag_state state = c->sim->stages[stage];
    if (ref->ended && state != ref->state) {
        WRONG(c, "stage s%u is %s, should be %s", stage, dag_state_name(state),
              dag_state_name(ref->state));
    }
    if (!ref->ended && is_terminal(state)) {
        WRONG(c, "stage s%u is %s too early", stage, dag_state_name(state));
    }
    if (c->sim->nends[stage] > 1 || sched_stage_state(c->sim->sched, stage) != state) {
        WRONG(c, "stage s%u ended %u times", stage, c->sim->nends[stage]);
    }
}

static void compare(Case *c) {
    ref_compute(c->ref);
    for (uint32_t i = 0; i < c->plan->nstages; i++) {
        compare_stage(c, i);
    }
    for (uint32_t i = 0; i < c->sim->nrows; i++) {
        const SimRow *row = &c->sim->rows[i];
        if (!ref_find_task(c->ref, row->stage, row->key) && !is_short(c, row->stage, row->key)) {
            WRONG(c, "s%u %s should not exist", row->stage, row->key);
        }
    }
}

/* ---------------------------------------------------------------- steps */

/* Waiting retries that were cancelled: by a failure elsewhere, and the reference has seen it. */
static void absorb_cancelled(Case *c) {
    for (uint32_t i = 0; i < c->ref->nruns; i++) {
        RefRun *run = &c->ref->runs[i];
        const SimRow *row = sim_row(c->sim, run->stage, run->key);
        bool cause = c->ref->stopping || is_limited(c, run->stage);
        if (!run->ended && cause && row && row->state == DAG_CANCELLED) {
            run->ended = true;
            run->state = DAG_CANCELLED;
            ref_compute(c->ref);
        }
    }
}

/* Tasks that `when` ended: the reference must have had them ready. */
static void absorb_conditions(Case *c) {
    for (uint32_t i = 0; i < c->sim->nrows; i++) {
        const SimRow *row = &c->sim->rows[i];
        if (row->inputs || (row->state != DAG_FILTERED && row->state != DAG_FAILED) ||
            ref_find_run(c->ref, row->stage, row->key)) {
            continue;
        }
        const RefTask *task = ref_find_task(c->ref, row->stage, row->key);
        bool right = task && task->phase == REF_READY && !task->broken &&
                     (row->state == DAG_FILTERED ? task->when_false : task->when_broken);
        if (!right) {
            WRONG(c, "s%u %s ended as %s by its condition", row->stage, row->key,
                  dag_state_name(row->state));
        }
        RefRun *run = ref_add_run(c->ref, row->stage, row->key);
        run->ended = true;
        run->state = row->state;
        ref_compute(c->ref);
        absorb_cancelled(c); /* what the next one looks at may be dead by it */
    }
}

static void check_launch(Case *c, const SimRow *row) {
    const RefTask *task = ref_find_task(c->ref, row->stage, row->key);
    if (row->attempt > 1) {
        return;
    }
    if (!task || task->phase != REF_READY) {
        WRONG(c, "s%u %s was started too early", row->stage, row->key);
    } else if (!task->broken && (task->when_false || task->when_broken)) {
        WRONG(c, "s%u %s was started against its condition", row->stage, row->key);
    } else if (strcmp(task->inputs, row->inputs) != 0) {
        WRONG(c, "s%u %s has inputs %s, should have %s", row->stage, row->key, row->inputs,
              task->inputs);
    }
    ref_add_run(c->ref, row->stage, row->key);
}

/* Nothing more may start: then nothing is ready that no limit holds back. */
static void check_nothing_ready(Case *c) {
    for (uint32_t i = 0; i < c->plan->nstages; i++) {
        const PlanStage *row = &c->plan->stages[i];
        if (row->max_parallel > 0 || row->amount[0] > 0 || row->amount[1] > 0) {
            continue;
        }
        for (uint32_t k = 0; k < c->ref->stages[i].ntasks; k++) {
            if (c->ref->stages[i].tasks[k].phase == REF_READY) {
                WRONG(c, "s%u %s was not started", i, c->ref->stages[i].tasks[k].text);
            }
        }
    }
}

static void launch(Case *c) {
    for (;;) {
        uint32_t row = sim_next(c->sim);
        absorb_conditions(c);
        if (row == DAG_NONE) {
            break;
        }
        check_launch(c, &c->sim->rows[row]);
        if (random_chance(&c->random, 15)) {
            return;
        }
    }
    if (c->sim->nrunning < c->jobs) {
        ref_compute(c->ref);
        check_nothing_ready(c);
    }
}

static void end_one(Case *c) {
    uint32_t i = random_below(&c->random, c->sim->nrunning);
    SimRow before = c->sim->rows[c->sim->running[i].row];
    bool broken = c->sim->running[i].broken;
    SimOutcome did = { .state = DAG_COMPLETED };
    generate_outcome(&c->fate, before.stage, before.key, before.attempt, &did);
    sim_finish(c->sim, i);
    RefRun *run = ref_find_run(c->ref, before.stage, before.key);
    const SimRow *row = sim_row(c->sim, before.stage, before.key);
    if (!run || row->state == DAG_RUNNING) {
        return;
    }
    did.state = broken ? DAG_FAILED : did.state;
    if (row->state != did.state) {
        WRONG(c, "s%u %s ended as %s, told %s", before.stage, before.key,
              dag_state_name(row->state), dag_state_name(did.state));
    }
    run->ended = true;
    run->state = row->state;
    run->outcome = did;
    ref_compute(c->ref);
    absorb_cancelled(c);
}

/* ---------------------------------------------------------------- at the end */

static void check_outputs(Case *c) {
    char want[16384];
    Arena arena = { 0 };
    for (uint32_t i = 0; i < c->plan->nports; i++) {
        const PlanPort *port = &c->plan->ports[i];
        dag_value value;
        if (port->stage != DAG_NONE) {
            continue;
        }
        bool there = ref_output(c->ref, i, want, sizeof want);
        bool got = sched_output(c->sim->sched, port->number, &arena, &value);
        if (got && !port->list) {
            dag_value *one = ARENA_NEW(&arena, dag_value);
            *one = value;
            value = value_list(one, 1);
        }
        const char *text = got ? value_to_json(&arena, value) : "nothing";
        if (got != there || (got && strcmp(text, want) != 0)) {
            WRONG(c, "output %u is %.200s, should be %.200s", i, text, there ? want : "nothing");
        }
    }
    arena_free(&arena);
}

/* Everything that is not an output of the pipeline was given back. */
static void check_memory(Case *c) {
    const Sched *s = c->sim->sched;
    for (uint32_t i = 0; i < c->plan->nstages; i++) {
        const StageRun *run = stage_run(s, i);
        uint32_t axis = c->plan->program.stages[i].axis;
        bool excused = run->more->box == NULL;
        for (uint32_t e = 0; e < c->plan->nedges; e++) {
            const PlanEdge *edge = &c->plan->edges[e];
            const Input *in = &s->inputs[c->plan->ports[edge->to].number];
            excused |= c->plan->ports[edge->from].stage == i &&
                       (c->plan->ports[edge->to].stage == DAG_NONE || in->place == PLACE_PART ||
                        (in->place == PLACE_ABOVE && in->feed != FEED_PLAIN));
        }
        for (uint32_t node = 0; !excused && node < s->axes[axis].n; node++) {
            if (run->more->box[node] || run->more->uses[node] != 0) {
                WRONG(c, "s%u keeps what nobody needs (%u uses)", i, run->more->uses[node]);
            }
        }
    }
    static const StageMore nothing;
    if (memcmp(&s->no_more, &nothing, sizeof nothing) != 0) {
        WRONG(c, "something was written of a plain stage that has no room for it");
    }
}

static void check_end(Case *c) {
    const char *type = sched_first_error(c->sim->sched).error.type;
    if (type && strcmp(type, "oom") == 0) {
        WRONG(c, "out of memory");
    }
    dag_state want = DAG_COMPLETED;
    for (uint32_t i = 0; i < c->plan->nstages; i++) {
        const RefStage *stage = &c->ref->stages[i];
        if (!stage->ended || c->sim->nends[i] != 1) {
            WRONG(c, "stage s%u has not ended", i);
        }
        if ((c->plan->stages[i].flags & DAG_STAGE_MAY_FAIL) != 0) {
            continue;
        }
        if (stage->state == DAG_CRASHED || (stage->state == DAG_FAILED && want != DAG_CRASHED)) {
            want = stage->state;
        }
    }
    if (sched_verdict(c->sim->sched) != want) {
        WRONG(c, "the verdict is %s, should be %s", dag_state_name(sched_verdict(c->sim->sched)),
              dag_state_name(want));
    }
    check_outputs(c);
    check_memory(c);
}

/* ---------------------------------------------------------------- one case */

static bool is_over(Case *c) {
    int64_t wakeup = sched_wakeup(c->sim->sched);
    if (c->sim->nrunning > 0) {
        return false;
    }
    if (wakeup < INT64_MAX && wakeup > c->sim->now) {
        c->sim->now = wakeup;
        return false;
    }
    bool deadlock;
    bool over = sched_over(c->sim->sched, c->sim->now, &deadlock);
    if (over && deadlock) {
        WRONG(c, "deadlock");
    }
    return over;
}

static void run_case(Case *c) {
    uint32_t often = 1 + random_below(&c->random, 4);
    sim_start(c->sim);
    ref_compute(c->ref);
    compare(c);
    for (uint32_t step = 0; !c->wrong[0]; step++) {
        launch(c);
        if (step % often == 0) {
            compare(c);
        }
        if (c->sim->nrunning > 0) {
            end_one(c);
        } else if (is_over(c)) {
            break;
        }
    }
    if (!c->wrong[0]) {
        compare(c);
        check_end(c);
    }
}

static void show(const Case *c) {
    plan_print(c->plan);
    printf("jobs %u stopping %d\n", c->jobs, c->ref->stopping);
    for (uint32_t i = 0; i < c->plan->nstages; i++) {
        printf("s%u %s | %s |", i, dag_state_name(c->sim->stages[i]), sim_states(c->sim, i));
        for (uint32_t k = 0; k < c->ref->stages[i].ntasks; k++) {
            const RefTask *task = &c->ref->stages[i].tasks[k];
            const char *const phases[] = { "waits", "ready", "running" };
            printf(" %s:%s%s%s", task->text,
                   task->phase == REF_ENDED ? dag_state_name(task->state) : phases[task->phase],
                   task->phase == REF_ENDED && !task->row ? " (no row)" : "",
                   task->rescue ? " rescue" : "");
        }
        printf("%s\n", c->ref->stages[i].nopens ? " ..." : "");
    }
}

/* The capacity of what the stages ask for: three of each. */
static size_t take_capacity(const dag_program *program, dag_resource *capacity) {
    size_t n = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *stage = &program->stages[i];
        for (uint32_t k = 0; k < stage->nresource; k++) {
            dag_name name = program->resources[stage->resource + k].name;
            bool again = n > 0 && capacity[0].name == name;
            if (!again && n < PLAN_RESOURCES) {
                capacity[n++] = (dag_resource){ name, 3, 1 };
            }
        }
    }
    return n;
}

static void simulate(Case *c, uint64_t seed) {
    dag_resource capacity[PLAN_RESOURCES];
    size_t n = take_capacity(&c->plan->program, capacity);
    c->fate = (Fate){ c->plan, seed,
                      random_chance(&c->random, 40) ? 0 : 4 + random_below(&c->random, 12) };
    SimOptions options = { c->jobs, -1, capacity, n, generate_outcome, &c->fate };
    c->sim = sim_new(c->plan, &options);
    c->ref = ref_new(c->plan);
    if (c->sim) {
        run_case(c);
    }
    if (c->wrong[0] && getenv("DAG_MODEL_SHOW")) {
        show(c);
    }
}

static void case_free(Case *c) {
    sim_free(c->sim);
    ref_free(c->ref);
    plan_free(c->plan);
}

static bool model_case(uint64_t seed, char *wrong, size_t size) {
    Case c = { .random = { seed } };
    c.plan = generate_plan(&c.random);
    if (!c.plan) {
        snprintf(wrong, size, "no plan");
        return false;
    }
    c.jobs = 1 + random_below(&c.random, 6);
    simulate(&c, seed);
    case_free(&c);
    snprintf(wrong, size, "%s", c.wrong);
    return c.wrong[0] == '\0';
}

/* ---------------------------------------------------------------- through the compiler */

typedef enum Verdict { GOOD, IMPOSSIBLE, BAD } Verdict;

/* What the compiler says can never run, does not. */
static void check_dead(Case *c, const Text *text) {
    for (uint32_t i = 0; i < c->sim->nrows; i++) {
        const SimRow *row = &c->sim->rows[i];
        if (text->dead[row->stage] && row->inputs) {
            WRONG(c, "s%u can never run, they say, and ran", row->stage);
        }
    }
}

/* The same pipeline as text, compiled, under one, two and eight jobs. */
static Verdict compiled_case(uint64_t seed, uint32_t jobs, char *wrong, size_t size) {
    Text text;
    Case c = { .random = { seed }, .jobs = jobs };
    c.plan = generate_plan(&c.random);
    bool good = text_compile(&text, c.plan, c.wrong, sizeof c.wrong);
    bool impossible = text.impossible;
    if (good || impossible) {
        simulate(&c, seed + jobs);
        if (impossible) {
            check_dead(&c, &text);
        }
    }
    if (c.wrong[0] && getenv("DAG_MODEL_SHOW")) {
        printf("%s", text.source);
    }
    if (c.sim) {
        case_free(&c);
    } else {
        plan_free(c.plan);
    }
    text_free(&text);
    snprintf(wrong, size, "%s", c.wrong);
    return c.wrong[0] ? BAD : impossible ? IMPOSSIBLE : GOOD;
}

static uint64_t number_from(const char *name, uint64_t other) {
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : other;
}

static void test_model(void) {
    uint64_t seed = number_from("DAG_MODEL_SEED", 20260101);
    uint64_t count = number_from("DAG_MODEL_COUNT", 1000);
    uint32_t failed = 0;
    char wrong[512];
    for (uint64_t i = 0; i < count && failed < 5; i++) {
        if (!model_case(seed + i, wrong, sizeof wrong)) {
            printf("model: seed %llu: %s\n", (unsigned long long)(seed + i), wrong);
            failed++;
        }
    }
    CU_ASSERT_EQUAL(failed, 0);
}

static Verdict compiled_under_all(uint64_t seed, char *wrong, size_t size) {
    static const uint32_t jobs[] = { 1, 2, 8 };
    Verdict verdict = GOOD;
    for (int k = 0; k < 3 && verdict == GOOD; k++) {
        verdict = compiled_case(seed, jobs[k], wrong, size);
    }
    return verdict;
}

/* Pipelines on which scheduler and reference once disagreed. */
static void test_known(void) {
    static const uint64_t seeds[] = { 500002471, 611090945 };
    char wrong[512];
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        CU_ASSERT_TRUE(model_case(seeds[i], wrong, sizeof wrong));
        CU_ASSERT_NOT_EQUAL(compiled_under_all(seeds[i], wrong, sizeof wrong), BAD);
    }
}

static void test_compiled(void) {
    uint64_t seed = number_from("DAG_MODEL_SEED", 20260101);
    uint64_t count = number_from("DAG_MODEL_COUNT", 1000);
    uint32_t failed = 0, good = 0, impossible = 0;
    char wrong[512];
    for (uint64_t i = 0; good < count && failed < 5; i++) {
        Verdict verdict = compiled_under_all(seed + i, wrong, sizeof wrong);
        if (verdict == BAD) {
            printf("model: compiled: seed %llu: %s\n", (unsigned long long)(seed + i), wrong);
        }
        good += verdict == GOOD;
        impossible += verdict == IMPOSSIBLE;
        failed += verdict == BAD;
    }
    if (getenv("DAG_MODEL_COUNT")) {
        printf("model: %u compiled pipelines ran as the reference says under 1, 2 and 8 jobs; %u "
               "more are refused: a stage can never run (and does not), or has too many tasks\n",
               good, impossible);
    }
    CU_ASSERT_EQUAL(failed, 0);
}

static void interrupt(Chaos chaos, const char *name) {
    uint64_t seed = number_from("DAG_MODEL_SEED", 20260101);
    uint64_t count = number_from("DAG_MODEL_COUNT", 1000);
    uint32_t failed = 0;
    char wrong[512];
    for (uint64_t i = 0; i < count && failed < 5; i++) {
        if (!chaos_case(chaos, seed + i, wrong, sizeof wrong)) {
            printf("model: %s: seed %llu: %s\n", name, (unsigned long long)(seed + i), wrong);
            failed++;
        }
    }
    CU_ASSERT_EQUAL(failed, 0);
}

static void test_cancel(void) {
    interrupt(CHAOS_CANCEL, "cancel");
}

static void test_pause(void) {
    interrupt(CHAOS_PAUSE, "pause");
}

static void test_memory(void) {
    interrupt(CHAOS_MEMORY, "memory");
}

void suite_model(void) {
    CU_pSuite suite = CU_add_suite("model", NULL, NULL);
    CU_add_test(suite, "known seeds", test_known);
    CU_add_test(suite, "random pipelines", test_model);
    CU_add_test(suite, "random pipelines, compiled", test_compiled);
    CU_add_test(suite, "cancelled", test_cancel);
    CU_add_test(suite, "paused", test_pause);
    CU_add_test(suite, "out of memory", test_memory);
}
