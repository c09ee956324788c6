/*
 * inplace.c - see inplace.h.
 */
#include "core/inplace.h"

#include <string.h>

#include "core/gather.h"
#include "core/limits.h"
#include "core/publish.h"
#include "core/ready.h"
#include "core/report.h"
#include "core/task.h"

/* ---------------------------------------------------------------- which stages */

/* Does the expression need nothing but inputs and the run? Paths of outputs and what is known of an
 * attempt are for the driver. */
static bool is_plain(const dag_program *program, uint32_t number) {
    const dag_expr *expr = &program->exprs[number];
    for (uint32_t i = 0; i < expr->n; i++) {
        uint32_t word = program->code[expr->first + i];
        uint32_t op = word & 0xff;
        if (op == DAG_OP_OUT || (op == DAG_OP_SPECIAL && word >> 8 != DAG_RUN_ID)) {
            return false;
        }
    }
    return true;
}

static bool is_plain_output(const dag_program *program, const dag_port *port) {
    const uint32_t dressed = DAG_PORT_STREAM | DAG_PORT_GLOB | DAG_PORT_PATH | DAG_PORT_FIT;
    return (port->flags & dressed) == 0 && port->value != DAG_NONE &&
           is_plain(program, port->value);
}

static bool is_simple(const Sched *s, uint32_t stage) {
    const dag_stage *row = stage_row(s, stage);
    const uint32_t special = DAG_STAGE_GATE | DAG_STAGE_OFF;
    const StageRun *run = stage_run(s, stage);
    bool bounded = row->max_parallel > 0 || row->max_tasks > 0 || run->more->nresource > 0;
    if (row->body != DAG_BODY_NONE || row->nout == 0 || row->when != DAG_NONE ||
        (row->flags & special) != 0 || bounded || run->more->retries > 0) {
        return false;
    }
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        if (!is_plain_output(s->program, port_row(s, port))) {
            return false;
        }
    }
    return true;
}

enum { QUICK_INPUTS = 8 };

static bool is_quick(const Sched *s, const StageRun *run) {
    if (!run->plain || !run->simple || run->nin > QUICK_INPUTS) {
        return false;
    }
    for (uint32_t i = 0; i < run->nin; i++) {
        if (s->near[run->near + i] == DAG_NONE) {
            return false;
        }
    }
    return true;
}

/* From 1; 0: the expression is more than one of the stage's inputs. */
static uint8_t copied_input(const Sched *s, const StageRun *run) {
    const dag_expr *expr = &s->program->exprs[run->one.expr];
    uint32_t word = s->program->code[expr->first];
    bool copies = expr->n == 1 && (word & 0xff) == DAG_OP_INPUT && word >> 8 < run->nin;
    return copies ? (uint8_t)((word >> 8) + 1) : 0;
}

void inplace_setup(Sched *s) {
    for (uint32_t rank = 0; rank < s->program->nstages; rank++) {
        StageRun *run = &s->stages[rank];
        run->simple = !run->asked && is_simple(s, s->program->topo[rank]);
        run->quick = is_quick(s, run);
        run->copied = run->quick ? copied_input(s, run) : 0;
    }
}

/* ---------------------------------------------------------------- one task */

enum { FEW = 8 };

/* A task while it is evaluated: its values are in `few`, if they are, and in s->scratch. */
typedef struct Simple {
    Launch launch;
    StageRun *run;
    uint32_t nout;
    dag_value *inputs, *outputs;
    Box *box; /* of the outputs, if somebody needs it */
    dag_value few[FEW];
} Simple;

static void empty_scratch(Sched *s) {
    if (s->scratch.used > 0) {
        arena_reset(&s->scratch);
    }
}

/* False: one of them fails. Nothing has changed then. */
static bool evaluate(Sched *s, Simple *task) {
    StageRun *run = task->run;
    const dag_value *flat = task_flat(run, task->launch.node);
    uint32_t out = run->plain ? 0 : stage_row(s, task->launch.stage)->out;
    size_t max = s->config.max_value > 0 ? s->config.max_value : DAG_MAX_VALUE;
    dag_error error;
    task->nout = run->plain ? 1 : run->more->nout;
    size_t n = (size_t)run->nin + task->nout;
    task->inputs = n <= FEW ? task->few : arena_raw(&s->scratch, n * sizeof *task->inputs);
    task->outputs = task->inputs + run->nin;
    if (!gather_inputs(s, task->launch.stage, task->launch.node, &s->scratch, task->inputs,
                       &error)) {
        return false;
    }
    ExprEnv env = gather_environment(s, &s->scratch, task->inputs);
    for (uint32_t i = 0; i < task->nout; i++) {
        uint32_t expr = run->plain ? run->one.expr : port_row(s, out + i)->value;
        if (!expr_eval(s->config.exprs, expr, &env, &task->outputs[i], &error) ||
            (!flat && !value_within(task->outputs[i], max, VALUE_MAX_DEPTH))) {
            return false;
        }
    }
    task->box = NULL;
    if (run->more->box && run->more->uses[task->launch.node] > 0) {
        task->box = box_copy(task->outputs, task->nout);
        return task->box != NULL;
    }
    return true;
}

/* The events of a launch and its end. */
static void tell(Sched *s, const Simple *task) {
    StageRun *run = task->run;
    if (!run->told) {
        run->told = true;
        report_stage(s, task->launch.stage);
    }
    if (!events_wanted(s->config.events)) {
        return;
    }
    Outcome outcome = { .state = DAG_COMPLETED,
                        .exit_status = -1,
                        .started = s->now,
                        .usage = { -1, -1, -1, -1, -1 },
                        .sources = s->trace.sources,
                        .nsources = s->trace.n,
                        .inputs = task->inputs,
                        .outputs = task->outputs };
    report_launch(s, &task->launch, NULL);
    report_attempt(s, &task->launch, &outcome);
    report_outcome(s, &task->launch, &outcome, s->now);
}

static void complete(Sched *s, const Simple *task) {
    StageRun *run = task->run;
    uint32_t node = task->launch.node;
    ready_remove(run, node);
    if (ready_count(run) == 0) {
        bits_remove(&s->runnable, run->rank);
    }
    if (s->any_dead) {
        task_note_rescue(s, task->launch.stage, node);
    }
    if (run->state == DAG_PENDING) {
        run->state = DAG_RUNNING;
    }
    dag_value *flat = task_flat(run, node);
    if (flat) {
        memcpy(flat, task->outputs, task->nout * sizeof *flat);
    } else if (task->box) {
        run->more->box[node] = task->box;
    }
    tell(s, task);
    task_set(run, node, TASK_COMPLETED);
    stage_tally(run, DAG_COMPLETED, 1);
    empty_scratch(s);
    publish_decided(s, task->launch.stage, node);
}

/* ---------------------------------------------------------------- the quick way */

/* A large graph of small expressions is a walk from stage to stage: values are read and written
 * where they stand, and the counters of those that look at them count down. Only while nobody
 * listens, all goes well, and there are no files to look after. */
static bool may_be_quick(const Sched *s) {
    return !s->any_dead && !s->temps && !s->config.traces && !events_wanted(s->config.events);
}

static bool evaluate_quick(Sched *s, StageRun *run) {
    const uint32_t *makers = s->near + run->near;
    if (run->copied > 0) {
        run->one.value = s->stages[makers[run->copied - 1]].one.value;
        return true;
    }
    dag_value inputs[QUICK_INPUTS];
    dag_error error;
    for (uint32_t i = 0; i < run->nin; i++) {
        inputs[i] = s->stages[makers[i]].one.value;
    }
    ExprEnv env = gather_environment(s, &s->scratch, inputs);
    return expr_eval(s->config.exprs, run->one.expr, &env, &run->one.value, &error);
}

/* The next task, if it is quick; else NULL. */
static StageRun *next_quick(const Sched *s) {
    StageRun *run = NULL;
    if (s->next_stage != DAG_NONE) {
        run = stage_run(s, s->next_stage);
    } else if (s->runnable.count > 0) {
        run = &s->stages[bits_first(&s->runnable)];
    }
    return run && run->quick && run->ready && run->gates == 0 ? run : NULL;
}

/* As long as the next task is quick; counts in *n. False: one of them fails. */
static bool walk(Sched *s, uint32_t most, uint32_t volatile *n) {
    StageRun *run;
    while (*n < most && (run = next_quick(s))) {
        if (!evaluate_quick(s, run)) {
            return false;
        }
        empty_scratch(s);
        run->ready = false;
        run->told = true;
        bits_remove(&s->runnable, run->rank);
        publish_plain_end(s, run);
        s->next_stage = DAG_NONE; /* nothing waits to be given back: in the order of ranks */
        ++*n;
    }
    return true;
}

/* ---------------------------------------------------------------- one after the other */

static bool may_start(const Sched *s, uint32_t stage, uint32_t node) {
    const StageRun *run = stage_run(s, stage);
    return run->simple && run->gates == 0 && ready_has(run, node);
}

/* The next task that may start, if it is a simple one. What the last one has made ready comes first:
 * so what it handed on is soon given back, and a long stream goes through a chain of stages without
 * waiting between them. */
static bool next(Sched *s, Simple *task) {
    if (s->next_stage != DAG_NONE && may_start(s, s->next_stage, s->next_node)) {
        task->launch = (Launch){ s->next_stage, s->next_node, 1, 0, DAG_PENDING };
        task->run = stage_run(s, s->next_stage);
        return true;
    }
    uint32_t rank = bits_first(&s->runnable);
    if (rank == UINT32_MAX) {
        return false;
    }
    uint32_t stage = s->program->topo[rank];
    StageRun *run = stage_run(s, stage);
    uint32_t node = run->simple && run->gates == 0 ? ready_first(run) : UINT32_MAX;
    task->launch = (Launch){ stage, node, 1, 0, DAG_PENDING };
    task->run = run;
    return node != UINT32_MAX;
}

uint32_t inplace_burst(Sched *s, uint32_t most) {
    jmp_buf without_memory;
    Simple task;
    uint32_t volatile n = 0;
    limits_due(s);
    limits_look(s);
    if (s->running - s->calling - s->lined >= s->jobs) {
        return 0;
    }
    if (setjmp(without_memory)) {
        s->scratch.oom = s->entry;
        arena_reset(&s->scratch);
        return n;
    }
    for (;;) {
        s->scratch.oom = &without_memory;
        bool good = !may_be_quick(s) || walk(s, most, &n);
        s->scratch.oom = s->entry;
        if (!good) {
            arena_reset(&s->scratch);
        }
        if (!good || n >= most || !next(s, &task)) {
            break;
        }
        s->next_stage = DAG_NONE;
        if (s->config.traces) {
            s->trace = (Trace){ NULL, 0, 0 };
            s->tracing = true;
        }
        s->scratch.oom = &without_memory;
        good = evaluate(s, &task);
        s->scratch.oom = s->entry;
        s->tracing = false;
        if (!good) {
            arena_reset(&s->scratch);
            break;
        }
        complete(s, &task);
        n++;
    }
    return n;
}
