/*
 * reference.c - tasks, outputs and states, stage by stage, as the semantics say it.
 */
#include "ref_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Ref *ref_new(const Plan *plan) {
    Ref *ref = calloc(1, sizeof *ref);
    if (!ref) {
        abort();
    }
    ref->plan = plan;
    return ref;
}

static void clear_stage(RefStage *stage) {
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        free(stage->tasks[i].inputs);
    }
    stage->ntasks = stage->nopens = stage->nshorts = 0;
    stage->ended = stage->limited = stage->rescue = false;
    stage->state = DAG_PENDING;
}

void ref_free(Ref *ref) {
    for (uint32_t i = 0; i < PLAN_STAGES; i++) {
        clear_stage(&ref->stages[i]);
        free(ref->stages[i].tasks);
        free(ref->stages[i].opens);
        free(ref->stages[i].shorts);
    }
    for (uint32_t i = 0; i < PLAN_PORTS; i++) {
        ref_free_info(&ref->ports[i]);
    }
    for (uint32_t i = 0; i < PLAN_EDGES; i++) {
        ref_free_info(&ref->edges[i]);
    }
    free(ref->runs);
    free(ref);
}

RefRun *ref_find_run(Ref *ref, uint32_t stage, const char *key) {
    for (uint32_t i = 0; i < ref->nruns; i++) {
        if (ref->runs[i].stage == stage && strcmp(ref->runs[i].key, key) == 0) {
            return &ref->runs[i];
        }
    }
    return NULL;
}

RefRun *ref_add_run(Ref *ref, uint32_t stage, const char *key) {
    ref->runs = ref_grow(ref->runs, &ref->nruns, &ref->runs_cap, sizeof *ref->runs);
    RefRun *run = &ref->runs[ref->nruns - 1];
    run->stage = stage;
    snprintf(run->key, sizeof run->key, "%s", key);
    return run;
}

RefTask *ref_find_task(Ref *ref, uint32_t stage, const char *key) {
    for (uint32_t i = 0; i < ref->stages[stage].ntasks; i++) {
        if (strcmp(ref->stages[stage].tasks[i].text, key) == 0) {
            return &ref->stages[stage].tasks[i];
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- one task */

static bool is_dead_state(dag_state state) {
    return state == DAG_FAILED || state == DAG_CRASHED || state == DAG_CANCELLED ||
           state == DAG_SKIPPED;
}

typedef enum Gate { GATES_READY, GATES_WAIT, GATES_IMPOSSIBLE } Gate;

static Gate order_gate(dag_on on, const RefStage *from) {
    if (!from->ended) {
        return GATES_WAIT;
    }
    bool dead = is_dead_state(from->state);
    switch (on) {
    case DAG_ON_SUCCESS: return dead ? GATES_IMPOSSIBLE : GATES_READY;
    case DAG_ON_FAILURE: return dead ? GATES_READY : GATES_IMPOSSIBLE;
    case DAG_ON_ALWAYS: break;
    }
    return GATES_READY;
}

static Gate gates_of(Ref *ref, uint32_t number) {
    const Plan *plan = ref->plan;
    const PlanStage *row = &plan->stages[number];
    Gate gate = GATES_READY;
    for (uint32_t i = 0; i < plan->norders; i++) {
        if (plan->orders[i].to == number) {
            Gate one = order_gate(plan->orders[i].on, &ref->stages[plan->orders[i].from]);
            gate = one > gate ? one : gate;
        }
    }
    for (uint32_t i = 0; (row->flags & DAG_STAGE_BARRIER) && i < row->nin; i++) {
        const PlanPort *port = &plan->ports[row->in[i]];
        for (uint32_t k = 0; k < port->nedges; k++) {
            uint32_t from = plan->ports[plan->edges[port->edges[k]].from].stage;
            if (!ref->stages[from].ended && gate == GATES_READY) {
                gate = GATES_WAIT;
            }
        }
    }
    return gate;
}

static bool order_rescue(Ref *ref, uint32_t number) {
    const Plan *plan = ref->plan;
    for (uint32_t i = 0; i < plan->norders; i++) {
        const RefStage *from = &ref->stages[plan->orders[i].from];
        if (plan->orders[i].to != number) {
            continue;
        }
        if (plan->orders[i].on == DAG_ON_SUCCESS ? from->rescue
                                                 : from->ended && is_dead_state(from->state)) {
            return true;
        }
    }
    return false;
}

static void end_task(RefTask *task, dag_state state, bool row) {
    task->phase = REF_ENDED;
    task->state = state;
    task->row = row;
}

/* Looks at all inputs. What the data decides: OPEN, PRESENT, FILTERED or DEAD. */
static RefKnown data_of(Ref *ref, uint32_t number, RefTask *task) {
    const Plan *plan = ref->plan;
    const PlanStage *row = &plan->stages[number];
    bool open = false;
    bool open_hard = false;
    bool filtered = false;
    bool dead = false;
    char text[16384] = "[";
    task->broken = task->rescue = false;
    for (uint32_t i = 0; i < row->nin; i++) {
        const PlanPort *port = &plan->ports[row->in[i]];
        bool required = !port->optional && !port->has_default;
        RefLook look = port->list ? ref_look_list(ref, row, row->in[i], &task->key)
                                  : ref_look_plain(ref, row->in[i], &task->key);
        open |= look.known == REF_OPEN;
        open_hard |= look.known == REF_OPEN && (required || port->list);
        dead |= look.known == REF_DEAD && (required || port->list);
        filtered |= look.known == REF_FILTERED && required;
        task->broken |= look.broken;
        task->rescue |= look.rescue;
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? "," : "", look.text);
        if (row->has_when && row->when == i) {
            RefEntry e = { .value = strtoll(look.text, NULL, 10),
                           .null = strcmp(look.text, "null") == 0 };
            task->when_broken = ref_test_fails(row->cond, &e);
            task->when_false = !task->when_broken && !ref_test_holds(row->cond, &e);
        }
    }
    snprintf(text + strlen(text), sizeof text - strlen(text), "]");
    task->inputs = strdup(task->broken ? "broken" : text);
    if (dead) {
        return REF_DEAD;
    }
    if (filtered && !open_hard) {
        return REF_FILTERED;
    }
    return open ? REF_OPEN : REF_PRESENT;
}

static void compute_task(Ref *ref, uint32_t number, RefTask *task, Gate gate) {
    const PlanStage *row = &ref->plan->stages[number];
    bool off = (row->flags & DAG_STAGE_OFF) != 0;
    if (off && (row->flags & DAG_STAGE_PASSTHROUGH) == 0) {
        end_task(task, DAG_FILTERED, false);
        return;
    }
    RefKnown data = data_of(ref, number, task);
    task->rescue |= order_rescue(ref, number);
    task->present = data == REF_PRESENT;
    if (data == REF_DEAD) {
        end_task(task, DAG_SKIPPED, true);
    } else if (data == REF_FILTERED || (off && data == REF_PRESENT)) {
        end_task(task, DAG_FILTERED, false);
    } else if (data == REF_PRESENT) {
        const RefRun *run = ref_find_run(ref, number, task->text);
        if (run && run->ended) {
            end_task(task, run->state, true);
        } else if (run) {
            task->phase = REF_RUNNING;
        } else if (gate == GATES_IMPOSSIBLE) {
            end_task(task, DAG_SKIPPED, true);
        } else if (gate == GATES_READY) {
            task->phase = REF_READY;
        }
    }
}

/* max_tasks and a run that stops cancel what has not started. */
static void cancel_tasks(Ref *ref, uint32_t number, Gate gate) {
    RefStage *stage = &ref->stages[number];
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        RefTask *task = &stage->tasks[i];
        bool waits = task->present && (task->phase == REF_READY || task->phase == REF_WAITS);
        bool stopped = ref->stopping && gate == GATES_READY && !task->rescue;
        const RefRun *run = ref_find_run(ref, number, task->text);
        bool skipped = stage->limited && task->present && !run && task->phase == REF_ENDED &&
                       task->state == DAG_SKIPPED;
        if ((waits && (stage->limited || stopped)) || skipped) {
            end_task(task, DAG_CANCELLED, true);
        }
    }
}

static void limit_tasks(Ref *ref, uint32_t number, bool *sure) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *stage = &ref->stages[number];
    uint32_t present = 0;
    uint32_t open = 0;
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        present += stage->tasks[i].present;
        open += stage->tasks[i].phase == REF_WAITS && !stage->tasks[i].present;
    }
    stage->limited = row->max_tasks > 0 && present > row->max_tasks;
    *sure = row->max_tasks == 0 || stage->limited ||
            (stage->nopens == 0 && present + open <= row->max_tasks);
}

/* ---------------------------------------------------------------- outputs */

/* What a task leaves at its outputs. */
static RefKnown known_of(const PlanStage *row, const RefStage *stage, const RefTask *task,
                         bool sure) {
    if (task->phase != REF_ENDED) {
        return REF_OPEN;
    }
    bool passes =
        task->state == DAG_FILTERED && task->present && (row->flags & DAG_STAGE_PASSTHROUGH) != 0;
    if (task->state == DAG_COMPLETED || task->state == DAG_CACHED || passes) {
        return stage->limited ? REF_DEAD : sure ? REF_PRESENT : REF_OPEN;
    }
    return task->state == DAG_FILTERED ? REF_FILTERED : REF_DEAD;
}

static void stream_out(RefInfo *info, uint32_t port, const RefTask *task, RefKnown known,
                       const SimOutcome *did, uint32_t i) {
    if (known == REF_OPEN) {
        ref_info_open(info, (RefShort){ task->key, port, false });
    } else if (known == REF_DEAD) {
        ref_info_short(info, (RefShort){ task->key, port, false });
    }
    for (uint32_t k = 0; known == REF_PRESENT && k < did->n[i]; k++) {
        ref_add_entry(info, (RefEntry){ .key = ref_below(&task->key, port, k),
                                        .known = REF_PRESENT,
                                        .value = did->values[i][k],
                                        .rescue = task->rescue });
    }
}

/* A gate hands on what entered. */
static void passed(Ref *ref, const PlanStage *row, const RefTask *task, RefEntry *e) {
    RefKey part = ref_part(ref->plan, &task->key, ref->plan->ports[row->in[0]].axis);
    const RefEntry *in = ref_find_entry(&ref->ports[row->in[0]], &part);
    e->null = !in || in->known != REF_PRESENT || in->null;
    e->value = in ? in->value : 0;
    if (e->null && ref->plan->ports[row->in[0]].has_default && in && in->known != REF_PRESENT) {
        e->null = false;
        e->value = 77;
    }
}

static void compute_outputs(Ref *ref, uint32_t number, bool sure) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *stage = &ref->stages[number];
    for (uint32_t i = 0; i < row->nout; i++) {
        RefInfo *info = &ref->ports[row->out[i]];
        bool stream = ref->plan->ports[row->out[i]].stream;
        ref_clear_info(info);
        for (uint32_t k = 0; k < stage->ntasks; k++) {
            const RefTask *task = &stage->tasks[k];
            RefKnown known = known_of(row, stage, task, sure);
            const RefRun *run = ref_find_run(ref, number, task->text);
            static const SimOutcome none;
            const SimOutcome *did = run ? &run->outcome : &none;
            if (stream) {
                stream_out(info, row->out[i], task, known, did, i);
                continue;
            }
            RefEntry e = { .key = task->key, .known = known, .rescue = task->rescue };
            e.value = did->values[i][0];
            if (row->flags & DAG_STAGE_GATE && known == REF_PRESENT) {
                passed(ref, row, task, &e);
            }
            ref_add_entry(info, e);
        }
        for (uint32_t k = 0; k < stage->nshorts; k++) {
            ref_info_short(info, stage->shorts[k]);
        }
        for (uint32_t k = 0; k < stage->nopens; k++) {
            ref_info_open(info, stage->opens[k]);
        }
    }
}

/* ---------------------------------------------------------------- stages */

/* The rows of short keys, one for each key. */
static uint32_t short_rows(const RefStage *stage) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < stage->nshorts; i++) {
        bool again = false;
        for (uint32_t k = 0; k < i; k++) {
            again |= ref_compare(&stage->shorts[i].key, &stage->shorts[k].key) == 0;
        }
        n += !again;
    }
    return n;
}

static void end_stage(RefStage *stage) {
    uint32_t n[DAG_NSTATES] = { 0 };
    stage->ended = stage->nopens == 0;
    stage->rescue = false;
    n[DAG_SKIPPED] = short_rows(stage);
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        const RefTask *task = &stage->tasks[i];
        stage->ended &= task->phase == REF_ENDED;
        n[task->state] += task->phase == REF_ENDED && task->row;
    }
    if (!stage->ended) {
        return;
    }
    stage->state = n[DAG_CRASHED]                                            ? DAG_CRASHED
                   : n[DAG_FAILED] || stage->limited                         ? DAG_FAILED
                   : n[DAG_CANCELLED]                                        ? DAG_CANCELLED
                   : n[DAG_SKIPPED] && n[DAG_COMPLETED] + n[DAG_CACHED] == 0 ? DAG_SKIPPED
                   : n[DAG_COMPLETED] + n[DAG_CACHED]                        ? DAG_COMPLETED
                                                                             : DAG_FILTERED;
    if (stage->state == DAG_COMPLETED && n[DAG_COMPLETED] + n[DAG_SKIPPED] == 0) {
        stage->state = DAG_CACHED;
    }
}

/* Did the task run, or would it: only then is its rescue that of its stage. */
static void note_rescues(Ref *ref, uint32_t number) {
    RefStage *stage = &ref->stages[number];
    bool off = (ref->plan->stages[number].flags & DAG_STAGE_OFF) != 0;
    for (uint32_t i = 0; i < stage->ntasks; i++) {
        bool ran = off || ref_find_run(ref, number, stage->tasks[i].text) != NULL;
        stage->rescue |= ran && stage->tasks[i].present && stage->tasks[i].rescue;
    }
}

static void compute_stage(Ref *ref, uint32_t number) {
    const PlanStage *row = &ref->plan->stages[number];
    RefStage *stage = &ref->stages[number];
    RefInfo keys = { 0 };
    bool sure;
    clear_stage(stage);
    for (uint32_t i = 0; i < row->nin; i++) {
        ref_compute_input(ref, row->in[i]);
    }
    ref_candidates(ref, number, &keys);
    if ((row->flags & DAG_STAGE_OFF) && (row->flags & DAG_STAGE_PASSTHROUGH) == 0) {
        stage->nshorts = 0;
        for (uint32_t i = 0; i < stage->nopens; i++) {
            stage->opens[i].mute = true;
        }
    }
    Gate gate = gates_of(ref, number);
    for (uint32_t i = 0; i < keys.nentries; i++) {
        stage->tasks = ref_grow(stage->tasks, &stage->ntasks, &stage->tasks_cap, sizeof(RefTask));
        RefTask *task = &stage->tasks[stage->ntasks - 1];
        task->key = keys.entries[i].key;
        ref_text(&task->key, ref->plan, task->text, sizeof task->text);
        compute_task(ref, number, task, gate);
    }
    limit_tasks(ref, number, &sure);
    cancel_tasks(ref, number, gate);
    end_stage(stage);
    note_rescues(ref, number);
    compute_outputs(ref, number, sure);
    ref_free_info(&keys);
}

static bool has_failed(Ref *ref) {
    for (uint32_t i = 0; i < ref->plan->nstages; i++) {
        const RefStage *stage = &ref->stages[i];
        bool failed = stage->limited;
        for (uint32_t k = 0; k < stage->ntasks; k++) {
            const RefTask *task = &stage->tasks[k];
            failed |= task->phase == REF_ENDED &&
                      (task->state == DAG_FAILED || task->state == DAG_CRASHED);
        }
        if (failed && (ref->plan->stages[i].flags & DAG_STAGE_MAY_FAIL) == 0) {
            return true;
        }
    }
    return false;
}

void ref_compute(Ref *ref) {
    for (;;) {
        for (uint32_t i = 0; i < ref->plan->nstages; i++) {
            compute_stage(ref, i);
        }
        if (ref->stopping || ref->plan->continue_on_error || !has_failed(ref)) {
            return;
        }
        ref->stopping = true;
    }
}

bool ref_output(Ref *ref, uint32_t number, char *text, size_t size) {
    const PlanPort *port = &ref->plan->ports[number];
    ref_compute_edge(ref, port->edges[0]);
    const RefInfo *info = &ref->edges[port->edges[0]];
    uint32_t n = 0;
    snprintf(text, size, "[");
    for (uint32_t i = 0; i < info->nentries; i++) {
        if (info->entries[i].known != REF_PRESENT) {
            continue;
        }
        size_t len = strlen(text);
        if (info->entries[i].null) {
            snprintf(text + len, size - len, "%snull", n ? "," : "");
        } else {
            snprintf(text + len, size - len, "%s%lld", n ? "," : "",
                     (long long)info->entries[i].value);
        }
        n++;
    }
    snprintf(text + strlen(text), size - strlen(text), "]");
    return port->list || n > 0;
}
