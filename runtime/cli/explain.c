/*
 * explain.c - why a task would run again: the pipeline is gone through as `plan` does it, and where
 * the driver asks for the stage's known results, their fingerprints are compared with today's.
 */
#include "cli/explain.h"

#include <string.h>

#include "cli/plan_parts.h"
#include "store/store_cache.h"

/* Stands between the driver and the cache. */
typedef struct Listener {
    dag_reuse table; /* asked in place of the cache, which it asks in turn */
    dag_reuse *cache;
    Explanation *e;
} Listener;

enum { MOST_TASKS = 1000 }; /* that are told of */

static const char *keep(Explanation *e, const char *text) {
    return text == NULL ? NULL : arena_text(&e->cli->arena, text, strlen(text));
}

/* A task that is asked for once more was told of before. */
static bool tell_again(Explanation *e, const ExplainedTask *task) {
    for (ExplainedTask *known = e->tasks; known != NULL; known = known->next) {
        if (strcmp(known->key, task->key) != 0)
            continue;
        *known = (ExplainedTask){ .key = known->key,
                                  .reason = keep(e, task->reason),
                                  .next = known->next };
        return true;
    }
    return false;
}

static void add_task(Explanation *e, const ExplainedTask *task) {
    if (++e->ntasks > MOST_TASKS)
        return;
    ExplainedTask *kept = ARENA_NEW(&e->cli->arena, ExplainedTask);
    *kept = (ExplainedTask){ .key = keep(e, task->key),
                             .cached = task->cached,
                             .reason = keep(e, task->reason),
                             .part = keep(e, task->part),
                             .before = keep(e, task->before),
                             .now = keep(e, task->now),
                             .run = keep(e, task->run) };
    *e->last_task = kept;
    e->last_task = &kept->next;
}

static void explain(Listener *listener, const ReuseQuestion *question, ReuseAnswer answer,
                    const char *reason) {
    CacheDifference difference = { 0 };
    ExplainedTask task = { .key = question->key, .cached = answer == REUSE_CACHED };
    bool readable =
        listener->cache == NULL || store_cache_explain(listener->cache, question, &difference);
    task.reason = reason;
    if (!readable)
        task.reason = "what it reads cannot be read";
    if (question->anew != NULL) {
        task.reason = question->anew;
        if (tell_again(listener->e, &task))
            return;
    } else if (!task.cached && difference.cacheable && readable) {
        task.part = difference.part;
        task.before = difference.before;
        task.now = difference.now;
        task.run = difference.run;
    }
    add_task(listener->e, &task);
}

static const dag_value *keep_inputs(Explanation *e, const dag_value *inputs) {
    uint32_t n = e->program->stages[e->stage].nin;
    dag_value *copies = ARENA_ARRAY(&e->cli->arena, n, dag_value);
    for (uint32_t i = 0; i < n; i++)
        copies[i] = value_copy(&e->cli->arena, inputs[i]);
    return copies;
}

static ReuseAnswer ask(void *self, const ReuseQuestion *question, dag_value *outputs,
                       const char **reason) {
    Listener *listener = self;
    Explanation *e = listener->e;
    *reason = NULL;
    ReuseAnswer answer = REUSE_RUN;
    if (listener->cache != NULL)
        answer = listener->cache->ask(listener->cache->self, question, outputs, reason);
    bool wanted =
        question->stage == e->stage && (e->key == NULL || strcmp(e->key, question->key) == 0);
    if (wanted && e->inputs == NULL)
        e->inputs = keep_inputs(e, question->inputs);
    if (wanted && e->program->stages[e->stage].body != DAG_BODY_NONE)
        explain(listener, question, answer, *reason);
    return answer;
}

static bool has_result(void *self, uint32_t stage) {
    const Listener *listener = self;
    return listener->cache != NULL && store_cache_has(listener->cache, stage);
}

/* From stage to stage, as far as one waits for another. */
static void add_behind(Explanation *e, const Plan *plan) {
    ExplainedWait **last = &e->behind;
    for (uint32_t at = plan->stages[e->stage].behind; at != DAG_NONE;
         at = plan->stages[at].behind) {
        ExplainedWait *wait = ARENA_NEW(&e->cli->arena, ExplainedWait);
        wait->stage = at;
        wait->at = keep(e, plan->stages[at].reason);
        wait->state = plan_action_name(plan->stages[at].action);
        *last = wait;
        last = &wait->next;
    }
}

bool explain_now(Explanation *e, const dag_value *inputs, dag_reuse *cache) {
    Listener listener = { .cache = cache, .e = e };
    listener.table = (dag_reuse){ .self = &listener, .ask = ask };
    PlanKnown known = { .self = &listener, .has_result = has_result, .reuse = &listener.table };
    Plan plan = { .cli = e->cli, .program = e->program, .known = &known };
    e->last_task = &e->tasks;
    bool good = plan_make(&plan, inputs);
    if (good) {
        const StagePlan *stage = &plan.stages[e->stage];
        e->action = plan_action_name(stage->action);
        e->why = keep(e, stage->reason);
        add_behind(e, &plan);
    }
    plan_free(&plan);
    return good;
}
