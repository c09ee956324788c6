/*
 * share.c - jobs and resources of several runs: who is served first, what is given back, and that nobody
 * who waits is forgotten.
 */
#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/run.h"
#include "handmade.h"
#include "suites.h"

/* ---------------------------------------------------------------- seats, turn by turn */

typedef struct Table {
    Hand *h;
    dag_share *share;
    dag_run *runs[4];
} Table;

static dag_share *new_share(const dag_program *program, uint32_t jobs) {
    dag_options options = { .jobs = jobs };
    dag_error error = { NULL, NULL };
    char reason[256];
    dag_share *share = dag_share_new(program, &options, reason, sizeof reason, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(share);
    return share;
}

static Table table_new(uint32_t jobs) {
    Table t = { .h = hand_new() };
    dag_error error = { NULL, NULL };
    hand_stage(t.h, "s", DAG_BODY_RUN);
    const dag_program *program = hand_finish(t.h);
    t.share = new_share(program, jobs);
    for (int i = 0; i < 4; i++) {
        dag_options options = { .jobs = jobs, .share = t.share, .retry = -1 };
        t.runs[i] = dag_run_new(program, &options, &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(t.runs[i]);
        share_join(t.runs[i]);
    }
    return t;
}

static void table_free(Table *t) {
    for (int i = 0; i < 4; i++) {
        share_leave(t->runs[i]);
        dag_run_free(t->runs[i]);
    }
    dag_share_free(t->share);
    hand_free(t->h);
}

/* Was it woken since the last time that somebody asked? */
static bool was_woken(dag_run *run) {
    uint64_t count = 0;
    return read(atomic_load(&run->wake), &count, sizeof count) == sizeof count;
}

/* A task of the run begins, if it may. */
static bool start(dag_run *run) {
    bool entered = share_enter(run);
    run->busy += entered;
    return entered;
}

static void end(dag_run *run) {
    run->busy--;
    share_settle(run);
}

static void the_oldest_goes_first(void) {
    Table t = table_new(2);
    CU_ASSERT_TRUE(start(t.runs[3]));
    CU_ASSERT_TRUE(start(t.runs[2]));
    CU_ASSERT_FALSE(start(t.runs[2]));
    CU_ASSERT_FALSE(start(t.runs[1]));
    CU_ASSERT_FALSE(start(t.runs[0])); /* the oldest, though it asked last */
    end(t.runs[3]);
    CU_ASSERT_FALSE(start(t.runs[2]));
    CU_ASSERT_FALSE(start(t.runs[1]));
    CU_ASSERT_TRUE(was_woken(t.runs[0]));
    CU_ASSERT_TRUE(start(t.runs[0]));
    CU_ASSERT_FALSE(start(t.runs[1]));
    end(t.runs[2]);
    CU_ASSERT_FALSE(start(t.runs[2]));
    CU_ASSERT_TRUE(was_woken(t.runs[1]));
    CU_ASSERT_TRUE(start(t.runs[1]));
    table_free(&t);
}

/* It took a job to look, and found nothing that may start: the next one gets it. */
static void what_is_not_needed_is_given_back(void) {
    Table t = table_new(1);
    CU_ASSERT_TRUE(share_enter(t.runs[0]));
    CU_ASSERT_FALSE(start(t.runs[1]));
    CU_ASSERT_FALSE(was_woken(t.runs[1]));
    share_settle(t.runs[0]);
    CU_ASSERT_TRUE(was_woken(t.runs[1]));
    CU_ASSERT_TRUE(share_idle(t.runs[0]));
    CU_ASSERT_TRUE(start(t.runs[1]));
    CU_ASSERT_FALSE(share_idle(t.runs[0]));
    CU_ASSERT_TRUE(share_idle(t.runs[1]));
    table_free(&t);
}

/* One that no longer wants a job does not keep the others from it. */
static void who_has_enough_is_not_waited_for(void) {
    Table t = table_new(1);
    CU_ASSERT_TRUE(start(t.runs[1]));
    CU_ASSERT_FALSE(start(t.runs[0]));
    t.runs[0]->slots = 0;
    share_settle(t.runs[0]);
    end(t.runs[1]);
    CU_ASSERT_TRUE(start(t.runs[2]));
    table_free(&t);
}

static void a_run_that_ends_gives_all_back(void) {
    Table t = table_new(2);
    CU_ASSERT_TRUE(start(t.runs[0]));
    CU_ASSERT_TRUE(start(t.runs[0]));
    CU_ASSERT_FALSE(start(t.runs[1]));
    CU_ASSERT_FALSE(was_woken(t.runs[1]));
    share_leave(t.runs[0]);
    t.runs[0]->busy = 0;
    CU_ASSERT_TRUE(was_woken(t.runs[1]));
    CU_ASSERT_TRUE(start(t.runs[1]));
    CU_ASSERT_TRUE(start(t.runs[1]));
    table_free(&t);
}

/* Also before it has ever waited: between looking and waiting somebody may give something back. */
static void nobody_is_woken_in_vain(void) {
    Table t = table_new(1);
    CU_ASSERT_TRUE(start(t.runs[0]));
    CU_ASSERT_FALSE(start(t.runs[1]));
    end(t.runs[0]);
    share_leave(t.runs[0]);
    CU_ASSERT_TRUE(was_woken(t.runs[1]));
    CU_ASSERT_TRUE(start(t.runs[1]));
    table_free(&t);
}

static void a_run_that_is_alone_asks_nobody(void) {
    Hand *h = hand_new();
    dag_error error = { NULL, NULL };
    hand_stage(h, "s", DAG_BODY_RUN);
    dag_run *run = dag_run_new(hand_finish(h), NULL, &error);
    share_join(run);
    CU_ASSERT_TRUE(share_enter(run));
    CU_ASSERT_TRUE(share_idle(run));
    share_settle(run);
    share_leave(run);
    dag_run_free(run);
    hand_free(h);
}

static void refuses_what_does_not_fit(void) {
    Hand *h = hand_new();
    dag_error error = { NULL, NULL };
    char reason[256];
    hand_stage(h, "s", DAG_BODY_RUN);
    h->resources[0] = (dag_resource){ .name = hand_name(h, "gpu"), .amount = 3 };
    hand_last(h)->nresource = 1;
    static const char *const names[] = { "gpu" };
    static const dag_resource two[] = { { .amount = 2 } };
    dag_options options = { .jobs = 1, .resources = two, .resource_names = names, .nresources = 1 };
    CU_ASSERT_PTR_NULL(dag_share_new(hand_finish(h), &options, reason, sizeof reason, &error));
    CU_ASSERT_STRING_EQUAL(error.type, "limit");
    expect_part(error.message, "stage `s` asks for gpu: 3");
    hand_free(h);
}

/* ---------------------------------------------------------------- runs at the same time */

enum { THREADS = 4, RUNS = 40, JOBS = 2, STAGES = 6 };

typedef struct Crowd {
    const dag_program *program;
    dag_options options;
    atomic_int running, most; /* functions */
    atomic_int holding, held; /* the resource */
    atomic_int done;
} Crowd;

static Crowd crowd; /* functions of a pipeline are given nothing of ours */

static void raise_to(atomic_int *most, int n) {
    int before = atomic_load(most);
    while (n > before && !atomic_compare_exchange_weak(most, &before, n)) {
    }
}

static int count_in(dag_ctx *ctx, const void *in, void *out) {
    (void)ctx, (void)in, (void)out;
    raise_to(&crowd.most, atomic_fetch_add(&crowd.running, 1) + 1);
    atomic_fetch_sub(&crowd.running, 1);
    return 0;
}

static int hold(dag_ctx *ctx, const void *in, void *out) {
    raise_to(&crowd.held, atomic_fetch_add(&crowd.holding, 1) + 1);
    int code = count_in(ctx, in, out);
    atomic_fetch_sub(&crowd.holding, 1);
    return code;
}

static void *run_some(void *arg) {
    (void)arg;
    for (int i = 0; i < RUNS; i++) {
        dag_error error = { NULL, NULL };
        dag_run *run = dag_run_new(crowd.program, &crowd.options, &error);
        bool good = run != NULL && dag_run_wait(run) == DAG_COMPLETED;
        atomic_fetch_add(&crowd.done, good);
        dag_run_free(run);
    }
    return NULL;
}

/* All of them end: whoever waits is woken. */
static void a_crowd_shares_jobs_and_a_resource(void) {
    Hand *h = hand_new();
    pthread_t threads[THREADS];
    for (int i = 0; i < STAGES; i++) {
        char slug[] = { 's', (char)('0' + i), '\0' };
        hand_stage(h, slug, DAG_BODY_NATIVE);
        hand_native(h, i % 2 == 0 ? hold : count_in, 0, 0);
        h->resources[i] = (dag_resource){ .name = hand_name(h, "licence"), .amount = 1 };
        hand_last(h)->resource = (uint32_t)i;
        hand_last(h)->nresource = i % 2 == 0;
    }
    static const char *const names[] = { "licence" };
    static const dag_resource one[] = { { .amount = 1 } };
    crowd = (Crowd){ .program = hand_finish(h),
                     .options = { .jobs = JOBS,
                                  .resources = one,
                                  .resource_names = names,
                                  .nresources = 1,
                                  .retry = -1 } };
    dag_error error = { NULL, NULL };
    char reason[256];
    dag_share *share = dag_share_new(crowd.program, &crowd.options, reason, sizeof reason, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(share);
    crowd.options.share = share;
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, run_some, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&crowd.done), THREADS * RUNS);
    CU_ASSERT(atomic_load(&crowd.most) <= JOBS);
    CU_ASSERT_EQUAL(atomic_load(&crowd.held), 1);
    dag_share_free(share);
    hand_free(h);
}

void suite_share(void) {
    CU_pSuite suite = CU_add_suite("share", NULL, NULL);
    CU_add_test(suite, "the oldest goes first", the_oldest_goes_first);
    CU_add_test(suite, "what is not needed is given back", what_is_not_needed_is_given_back);
    CU_add_test(suite, "who has enough is not waited for", who_has_enough_is_not_waited_for);
    CU_add_test(suite, "a run that ends gives all back", a_run_that_ends_gives_all_back);
    CU_add_test(suite, "nobody is woken in vain", nobody_is_woken_in_vain);
    CU_add_test(suite, "a run that is alone asks nobody", a_run_that_is_alone_asks_nobody);
    CU_add_test(suite, "refuses what does not fit", refuses_what_does_not_fit);
    CU_add_test(suite, "a crowd shares jobs and a resource", a_crowd_shares_jobs_and_a_resource);
}
