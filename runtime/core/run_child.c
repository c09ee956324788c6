/*
 * run_child.c - one run of a called pipeline: made, moved on and freed.
 */
#include <stdlib.h>
#include <string.h>

#include "core/call.h"
#include "core/remake.h"
#include "core/world.h"

/* ---------------------------------------------------------------- what children share */

static Module *module_find(Calls *calls, const dag_program *program, dag_error *error) {
    Module *module = calls->modules;
    while (module && module->program != program) {
        module = module->next;
    }
    if (module) {
        return module;
    }
    module = calloc(1, sizeof *module);
    ExprProgram *exprs = module ? expr_program_new(program, error) : NULL;
    if (!exprs) {
        free(module);
        return NULL;
    }
    *module = (Module){ .program = program,
                        .exprs = exprs,
                        .mentions_key = run_mentions_key(program),
                        .next = calls->modules };
    return calls->modules = module;
}

/* ---------------------------------------------------------------- inputs */

static void refuse(dag_run *child, uint32_t i, const char *type, const char *why) {
    const char *name = child->program->strings + child->program->inputs[i].name;
    const char *message = arena_printf(&child->arena, "input %s: %s", name, why);
    child->error.error = (dag_error){ type, message };
}

static bool check_where(dag_run *child, uint32_t i) {
    const dag_input *input = &child->program->inputs[i];
    dag_value specials[DAG_NSPECIAL] = { 0 }, holds;
    dag_error error = { NULL, NULL };
    if (input->where == DAG_NONE || child->inputs[i].kind == DAG_NULL) {
        return true;
    }
    specials[DAG_IT] = child->inputs[i];
    ExprEnv env = { .run = child->inputs,
                    .specials = specials,
                    .world = world_system(),
                    .max_value = child->max_value,
                    .arena = &child->arena };
    if (!expr_eval(child->exprs, input->where, &env, &holds, &error)) {
        refuse(child, i, error.type, error.message);
        return false;
    }
    if (!holds.u.b) {
        const char *source = child->program->strings + child->program->exprs[input->where].source;
        const char *value = value_to_json(&child->arena, child->inputs[i]);
        refuse(child, i, "type",
               arena_printf(&child->arena, "%.80s: `where %s` does not hold", value, source));
    }
    return holds.u.b;
}

static void take_inputs(dag_run *child, const Call *call) {
    uint32_t n = child->program->ninputs;
    dag_value *given = ARENA_ARRAY(&child->arena, n, dag_value);
    memcpy(given, call->given, n * sizeof *given);
    if (call->over && !call_give_element(&child->arena, child->program, call->mapped, call->over,
                                         child->element, given, &child->error.error)) {
        return;
    }
    if (!run_take_given(child, given, &child->error.error)) {
        return;
    }
    for (uint32_t i = 0; i < n && check_where(child, i); i++) {
    }
}

/* ---------------------------------------------------------------- making */

/* What is the same for all runs of the root. */
static void take_after(dag_run *child, const dag_run *root) {
    child->parts = (RunParts){ .clock = root->parts.clock };
    child->max_value = root->max_value;
    child->jobs = root->jobs;
    child->kill_grace = root->kill_grace;
    child->retry = root->retry;
    child->continues = root->continues;
}

/* Does the call go on where a recorded attempt of it was interrupted? */
static bool is_resumed(const Attempt *attempt) {
    const dag_reuse *reuse = attempt->run->reuse;
    return reuse && reuse->child && attempt->launch.attempt == 1 && attempt->launch.before > 0;
}

/* The number of the attempt whose children these are: of one that is resumed, the last recorded. */
static uint32_t number_of(const Attempt *attempt) {
    return is_resumed(attempt) ? attempt->launch.before : attempt_number(attempt);
}

static void take_reuse(dag_run *child, const Attempt *attempt) {
    dag_reuse *reuse = attempt->run->reuse;
    if (reuse && reuse->child) {
        child->reuse = reuse->child(reuse->self, child->id, child->program);
    }
}

/* PARENT/stage.key.element; from the second attempt on ~2, …: those before stay on record. */
static void take_names(dag_run *child, const Call *call) {
    const Attempt *attempt = call->attempt;
    Arena *arena = &child->arena;
    const char *slug = attempt->program->strings + attempt->stage->slug;
    const char *element = call_element_name(call->over, child->element, arena);
    uint32_t number = number_of(attempt);
    const char *dot = call->over ? "." : "", *slash = call->over ? "/" : "";
    child->id =
        arena_printf(arena, "%s/%s.%s%s%s", attempt->run->id, slug, attempt->key, dot, element);
    if (number > 1) {
        child->id = arena_printf(arena, "%s~%u", child->id, number);
    }
    child->specials[DAG_RUN_ID] = value_text(DAG_STRING, child->id, strlen(child->id));
    folder_init_below(&child->folder, &attempt->run->folder,
                      arena_printf(arena, "%s/%s/%u%s%s", slug, attempt->key, number, slash,
                                   element));
}

/* Whose child it is, for those who listen. */
static const dag_caller *caller_of(dag_run *child, const Call *call) {
    const Attempt *attempt = call->attempt;
    const dag_run *parent = attempt->run;
    dag_caller *caller = ARENA_NEW(&child->arena, dag_caller);
    *caller = (dag_caller){ .run = parent->id,
                            .number = parent->events.number,
                            .stage = attempt->launch.stage,
                            .root_stage = parent->depth > 0 ? parent->events.caller->root_stage
                                                            : attempt->launch.stage,
                            .key = attempt->key,
                            .element = call->over ? child->element : DAG_NONE };
    if (call->over && call->over->kind == DAG_MAP) {
        caller->name = call->over->u.entries[child->element].name.u.text;
    }
    return caller;
}

static bool make_sched(dag_run *child) {
    const dag_run *root = child->root;
    child->asks = run_asks(child);
    SchedConfig config = { .program = child->program,
                           .exprs = child->exprs,
                           .world = remake_world(child),
                           .inputs = child->inputs,
                           .specials = child->specials,
                           .max_value = child->max_value,
                           .events = &child->events,
                           .jobs = child->jobs,
                           .continue_on_error =
                               child->continues || child->program->continue_on_error,
                           .retry = child->retry,
                           .leader = root->sched,
                           .asks = child->asks,
                           .traces =
                               (root->store && root->store->children) || root->events.attempts,
                           .reclaim = root->planning ? NULL : remake_reclaim,
                           .reclaim_self = child };
    child->sched = sched_new(&config);
    return child->sched != NULL;
}

static bool fill(dag_run *child, Calls *calls, const Call *call) {
    dag_run *root = calls->root;
    const dag_program *program = child->program;
    child->outputs = ARENA_ARRAY(&child->arena, program->noutputs, dag_value);
    child->present = ARENA_ARRAY(&child->arena, program->noutputs, bool);
    take_after(child, root);
    take_names(child, call);
    take_reuse(child, call->attempt);
    child->timeout = program->timeout;
    child->events = (Events){ .sinks = root->child_sinks,
                              .nsinks = root->nchild_sinks,
                              .run = child->id,
                              .program = program,
                              .caller = caller_of(child, call),
                              .depth = child->depth,
                              .number = ++root->nruns,
                              .attempts = root->events.attempts };
    Module *module = module_find(calls, program, &child->error.error);
    if (!module) {
        return false;
    }
    child->exprs = module->exprs;
    child->tells_keys = module->mentions_key || child->reuse;
    take_inputs(child, call);
    return child->error.error.type || make_sched(child);
}

static void begin(dag_run *child) {
    run_tick(child);
    child->started = child->moved = child->now;
    child->deadline = child->timeout > 0 ? time_after(child->now, child->timeout) : INT64_MAX;
    child->next_deadline = INT64_MAX;
    child->stall_told = true; /* the root tells of all */
    run_begin(child);
}

static bool fill_guarded(dag_run *child, Calls *calls, const Call *call) {
    jmp_buf oom;
    child->arena.oom = &oom;
    bool good = setjmp(oom) == 0 && fill(child, calls, call);
    if (good && !child->error.error.type) {
        begin(child);
    }
    child->arena.oom = NULL;
    return good;
}

dag_run *child_new(Calls *calls, Call *call, uint32_t element) {
    dag_run *child = calloc(1, sizeof *child);
    if (!child) {
        return NULL;
    }
    child->program = call->program;
    child->root = calls->root;
    child->depth = call->depth;
    child->call = call;
    child->element = element;
    child->error.stage = DAG_NONE;
    child->state = DAG_QUEUED;
    atomic_init(&child->wake, -1);
    if (fill_guarded(child, calls, call)) {
        return child;
    }
    child_free(child);
    return NULL;
}

void child_free(dag_run *child) {
    Attempt *here = child->root->here;
    if (here && here->run == child) {
        here->run = NULL; /* another child may come to stand there */
    }
    remake_free(child);
    sched_free(child->sched);
    if (child->reuse) {
        child->reuse->free(child->reuse->self);
    }
    if (child->folder.parent) {
        folder_free(&child->folder);
    }
    free(child->error_dir);
    arena_free(&child->arena);
    free(child);
}

/* ---------------------------------------------------------------- a turn */

/* It has no memory for its own part: what runs is waited for. */
static void crash(dag_run *child) {
    child->error.error = (dag_error){ "oom", "out of memory" };
    if (!child->crashed) {
        child->crashed = true;
        run_cancel_all(child, "out of memory", true);
    }
}

bool child_turn(dag_run *child, bool *over) {
    jmp_buf oom;
    *over = false;
    if (setjmp(oom)) {
        crash(child);
        child->arena.oom = NULL;
        child->state = DAG_CRASHED;
        *over = sched_running(child->sched) == 0;
        return true;
    }
    child->arena.oom = &oom;
    run_tick(child);
    run_check_time(child);
    bool moved = run_start_some(child);
    if (moved) {
        child->moved = child->now;
    }
    if (run_is_over(child)) {
        run_end(child);
        *over = moved = true;
    }
    child->arena.oom = NULL;
    return moved;
}
