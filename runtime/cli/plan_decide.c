/*
 * plan_decide.c - what will become of a stage: known where all of its tasks are, else followed from
 * the stages before it, supposing that bodies succeed.
 *
 * Two things may be open behind a task that is still to run: whether anything comes at all (streams,
 * filters, gates, conditions), and whether it comes out as it did before. A stage that waits for
 * neither runs; else it may run.
 */
#include <string.h>

#include "cli/plan_parts.h"
#include "core/gate.h"

/* What an input, or a stage as a whole, will be given. In the order in which they win over each
 * other within a stage: dead skips, before anything else. */
typedef enum Supply { SUPPLY_SURE, SUPPLY_PERHAPS, SUPPLY_NOTHING, SUPPLY_DEAD } Supply;

/* Why a supply is no better, and who makes it so. */
typedef struct Because {
    const char *format; /* with one %s: a slug */
    uint32_t stage;
} Because;

/* ---------------------------------------------------------------- along one edge */

static Supply state_supply(dag_state state) {
    switch (state) {
    case DAG_COMPLETED:
    case DAG_CACHED: return SUPPLY_SURE;
    case DAG_FILTERED: return SUPPLY_NOTHING;
    case DAG_FAILED:
    case DAG_CRASHED:
    case DAG_CANCELLED:
    case DAG_SKIPPED: return SUPPLY_DEAD;
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_QUEUED:
    case DAG_PAUSED:
    case DAG_NSTATES: break;
    }
    return SUPPLY_PERHAPS;
}

/* Of a stage that has not ended, by what was decided for it. */
static Supply action_supply(const StagePlan *stage) {
    if (stage->action == PLAN_SKIP)
        return SUPPLY_DEAD;
    if (stage->action == PLAN_FILTERED)
        return SUPPLY_NOTHING;
    return stage->certain ? SUPPLY_SURE : SUPPLY_PERHAPS;
}

static Supply because(Because *why, const char *format, uint32_t stage, Supply supply) {
    *why = (Because){ format, stage };
    return supply;
}

static Supply edge_supply(const Plan *plan, uint32_t number, Because *why) {
    const dag_edge *edge = &plan->program->edges[number];
    const dag_port *out = &plan->program->ports[edge->from];
    const dag_stage *row = &plan->program->stages[out->stage];
    const StagePlan *from = &plan->stages[out->stage];
    bool over = plan_is_over(from);
    Supply supply = over ? state_supply(from->state) : action_supply(from);
    if (supply == SUPPLY_DEAD)
        return because(why, "`%s` gives nothing to it: skipped, or failed", out->stage, supply);
    if (supply == SUPPLY_NOTHING)
        return because(why, "nothing comes from `%s`", out->stage, supply);
    if ((out->flags & DAG_PORT_STREAM) != 0 && !plan->emits[edge->from])
        return because(why, "one task for each that `%s` gives; how many is not known yet",
                       out->stage, SUPPLY_PERHAPS);
    if (edge->where != DAG_NONE)
        return because(why, "if something of `%s` passes the filter", out->stage, SUPPLY_PERHAPS);
    if (!over && (row->flags & DAG_STAGE_GATE) != 0 && (row->flags & DAG_STAGE_PASSTHROUGH) == 0)
        return because(why, "if the gate `%s` opens", out->stage, SUPPLY_PERHAPS);
    if (supply == SUPPLY_PERHAPS)
        return because(why, "if `%s` gives something", out->stage, supply);
    return supply;
}

/* ---------------------------------------------------------------- one input */

static Supply port_supply(const Plan *plan, const dag_stage *stage, const dag_port *in,
                          Because *why) {
    Supply best = in->nedges == 0 ? SUPPLY_SURE : SUPPLY_DEAD;
    bool list = (in->flags & DAG_PORT_LIST) != 0, dead = false;
    Because first = { "`%s` gives nothing", DAG_NONE };
    for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
        Because reason = { NULL, DAG_NONE };
        Supply supply = edge_supply(plan, e, &reason);
        dead |= supply == SUPPLY_DEAD;
        if (supply < best || e == in->edge)
            first = reason;
        best = supply < best ? supply : best;
    }
    if (best == SUPPLY_SURE && !(list && dead))
        return best;
    *why = first;
    if (list && dead)
        return SUPPLY_PERHAPS; /* by group and element type: not followed */
    if ((in->flags & DAG_PORT_OPTIONAL) == 0)
        return best;
    /* Null, or its default, stands in; but keys come only from what has the stage's axis. */
    return in->axis == stage->axis && stage->axis != 0 && !list ? SUPPLY_PERHAPS : SUPPLY_SURE;
}

static Supply order_supply(const Plan *plan, const dag_order *order, Because *why) {
    const StagePlan *from = &plan->stages[order->from];
    if (plan_is_over(from)) {
        bool shut = gate_order((dag_on)order->on, from->state) == GATE_IMPOSSIBLE;
        return shut ? because(why,
                              order->on == DAG_ON_FAILURE ? "`%s` does not fail"
                                                          : "`%s` does not succeed",
                              order->from, SUPPLY_DEAD)
                    : SUPPLY_SURE;
    }
    bool skipped = from->action == PLAN_SKIP;
    if (order->on == DAG_ON_FAILURE && !skipped)
        return because(why, "only if `%s` fails", order->from, SUPPLY_PERHAPS);
    if (order->on == DAG_ON_SUCCESS && skipped)
        return because(why, "`%s` is skipped", order->from, SUPPLY_DEAD);
    return SUPPLY_SURE;
}

/* ---------------------------------------------------------------- one stage */

static uint32_t unfinished(const Plan *plan, uint32_t stage) {
    return stage != DAG_NONE && !plan_is_over(&plan->stages[stage]) ? stage : DAG_NONE;
}

/* The first stage that feeds or precedes it and has not ended; DAG_NONE: none. */
static uint32_t find_behind(const Plan *plan, const dag_stage *stage) {
    const dag_program *program = plan->program;
    uint32_t behind = DAG_NONE;
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &program->ports[i];
        for (uint32_t e = in->edge; e < in->edge + in->nedges && behind == DAG_NONE; e++) {
            behind = unfinished(plan, program->ports[program->edges[e].from].stage);
        }
    }
    for (uint32_t i = stage->order; i < stage->order + stage->norder && behind == DAG_NONE; i++) {
        behind = unfinished(plan, program->orders[i].from);
    }
    return behind;
}

static Supply worse(Supply a, Supply b, Because *why, const Because *other) {
    if (b <= a)
        return a;
    *why = *other;
    return b;
}

/* What the stage as a whole is given; a task that is known already settles that something is. */
static Supply stage_supply(const Plan *plan, uint32_t index, Because *why) {
    const dag_stage *stage = &plan->program->stages[index];
    const StagePlan *heard = &plan->stages[index];
    Supply all = SUPPLY_SURE;
    bool open = false; /* nothing is said to be lacking, but it may be */
    if (heard->held > 0 || heard->ended[DAG_CACHED] > 0 || heard->ended[DAG_COMPLETED] > 0)
        return SUPPLY_SURE;
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        Because reason = { NULL, DAG_NONE };
        Supply supply = port_supply(plan, stage, &plan->program->ports[i], &reason);
        open |= supply == SUPPLY_PERHAPS;
        all = worse(all, supply, why, &reason);
    }
    for (uint32_t i = stage->order; i < stage->order + stage->norder; i++) {
        Because reason = { NULL, DAG_NONE };
        Supply supply = order_supply(plan, &plan->program->orders[i], &reason);
        open |= supply == SUPPLY_PERHAPS;
        all = worse(all, supply, why, &reason);
    }
    if (all == SUPPLY_SURE && stage->when != DAG_NONE)
        return because(why, "if its `when` holds, which waits for `%s`", heard->behind,
                       SUPPLY_PERHAPS);
    return all > SUPPLY_PERHAPS && open ? SUPPLY_PERHAPS : all;
}

/* ---------------------------------------------------------------- words */

static bool is_expression(const Plan *plan, uint32_t stage) {
    return plan->program->stages[stage].body == DAG_BODY_NONE;
}

/* A stage before it whose results are never reused, which spoils its own; DAG_NONE: none. */
static uint32_t find_spoiler(const Plan *plan, uint32_t index) {
    const dag_program *program = plan->program;
    const dag_stage *stage = &program->stages[index];
    uint32_t found = DAG_NONE;
    for (uint32_t i = stage->in; i < stage->in + stage->nin; i++) {
        const dag_port *in = &program->ports[i];
        for (uint32_t e = in->edge; e < in->edge + in->nedges && found == DAG_NONE; e++)
            found = plan->stages[program->ports[program->edges[e].from].stage].spoils;
    }
    for (uint32_t i = stage->order; i < stage->order + stage->norder && found == DAG_NONE; i++)
        found = plan->stages[program->orders[i].from].spoils;
    return found;
}

/* Why results of the stage are never reused. */
static const char *why_unusable(Plan *plan, uint32_t stage) {
    uint32_t sub = plan->program->stages[stage].sub;
    if (sub == DAG_NONE && fingerprint_impure(plan->fingerprints, stage))
        return "uncacheable: it mentions run.id or task.attempt";
    if (sub != DAG_NONE) {
        const dag_program *called = plan->program->subs[sub];
        return arena_printf(&plan->arena,
                            "uncacheable: it calls `%s`, whose cacheable stages are looked up one "
                            "by one",
                            called->strings + called->name);
    }
    uint32_t spoiler = find_spoiler(plan, stage);
    return spoiler == DAG_NONE ? "uncacheable: its results are never reused"
                               : arena_printf(&plan->arena, "uncacheable: `%s` before it is",
                                              plan_slug(plan, spoiler));
}

static const char *why_it_runs(Plan *plan, uint32_t index) {
    const StagePlan *stage = &plan->stages[index];
    if (is_expression(plan, index))
        return "an expression: computed every time";
    if (stage->reason != NULL)
        return stage->reason;
    return fingerprint_reusable(plan->fingerprints, index) ? "never run before"
                                                           : why_unusable(plan, index);
}

/* Behind what has not ended: it runs. */
static const char *why_it_will_run(Plan *plan, uint32_t index) {
    const char *slug = plan_slug(plan, plan->stages[index].behind);
    if (is_expression(plan, index))
        return arena_printf(&plan->arena, "an expression: computed every time, after `%s`", slug);
    if (!fingerprint_reusable(plan->fingerprints, index))
        return arena_printf(&plan->arena, "after `%s`; %s", slug, why_unusable(plan, index));
    if (plan->cli->full)
        return arena_printf(&plan->arena, "after `%s`; --full", slug);
    return arena_printf(&plan->arena, "after `%s`; as it is defined now it never ran before", slug);
}

/* ---------------------------------------------------------------- deciding */

/* All of its tasks are known and have ended. */
static void decide_over(Plan *plan, uint32_t index) {
    StagePlan *stage = &plan->stages[index];
    stage->certain = true;
    switch (stage->state) {
    case DAG_CACHED: stage->action = PLAN_CACHED; return;
    case DAG_FILTERED:
        stage->action = PLAN_FILTERED;
        if (stage->reason == NULL)
            stage->reason = "nothing comes to it";
        return;
    case DAG_SKIPPED:
    case DAG_CANCELLED: stage->action = PLAN_SKIP; return;
    case DAG_PENDING:
    case DAG_RUNNING:
    case DAG_COMPLETED:
    case DAG_FAILED:
    case DAG_CRASHED:
    case DAG_QUEUED:
    case DAG_PAUSED:
    case DAG_NSTATES: break;
    }
    if (stage->ended[DAG_COMPLETED] + stage->ended[DAG_FAILED] == 0 &&
        stage->ended[DAG_CACHED] > 0) {
        stage->action = PLAN_CACHED; /* others of its tasks are skipped */
        return;
    }
    stage->action = PLAN_RUN;
    if (stage->state == DAG_COMPLETED || stage->reason == NULL)
        stage->reason = why_it_runs(plan, index);
}

/* What is not chosen gives what it gave last, or is skipped. */
static void decide_unchosen(Plan *plan, uint32_t index, Supply supply) {
    StagePlan *stage = &plan->stages[index];
    const PlanKnown *known = plan->known;
    bool has = known->has_last != NULL && known->has_last(known->self, index);
    stage->certain = supply == SUPPLY_SURE && (!has || plan->program->stages[index].axis == 0);
    stage->action = !stage->certain ? PLAN_MAYBE : has ? PLAN_CACHED : PLAN_SKIP;
    stage->reason =
        has ? "unselected: what it gave in the last run that it completed" : "unselected";
}

static void decide_open(Plan *plan, uint32_t index) {
    StagePlan *stage = &plan->stages[index];
    const PlanKnown *known = plan->known;
    Because why = { "behind `%s`", stage->behind };
    Supply supply = stage_supply(plan, index, &why);
    const char *reason =
        arena_printf(&plan->arena, why.format,
                     plan_slug(plan, why.stage == DAG_NONE ? stage->behind : why.stage));
    bool reusable = fingerprint_reusable(plan->fingerprints, index) && known->has_result != NULL &&
                    known->has_result(known->self, index);
    if (known->chosen != NULL && !known->chosen[index] && supply <= SUPPLY_PERHAPS) {
        decide_unchosen(plan, index, supply);
        return;
    }
    stage->certain = supply != SUPPLY_PERHAPS;
    stage->reason = reason;
    if (supply == SUPPLY_DEAD || supply == SUPPLY_NOTHING) {
        stage->action = supply == SUPPLY_DEAD ? PLAN_SKIP : PLAN_FILTERED;
    } else if (supply == SUPPLY_PERHAPS || reusable) {
        stage->action = PLAN_MAYBE;
        if (supply == SUPPLY_SURE)
            stage->reason = arena_printf(&plan->arena, "unless what `%s` gives comes out unchanged",
                                         plan_slug(plan, stage->behind));
    } else {
        stage->action = PLAN_RUN;
        stage->reason = why_it_will_run(plan, index);
    }
}

void plan_decide(Plan *plan, uint32_t index) {
    StagePlan *stage = &plan->stages[index];
    const dag_stage *row = &plan->program->stages[index];
    bool cacheable = (row->flags & DAG_STAGE_CACHEABLE) != 0;
    stage->behind = DAG_NONE;
    /* An expression is as good as what it reads. */
    bool impure = fingerprint_impure(plan->fingerprints, index);
    stage->spoils = impure                       ? index
                    : row->body == DAG_BODY_NONE ? find_spoiler(plan, index)
                    : cacheable                  ? DAG_NONE
                                                 : index;
    if (plan_is_over(stage)) {
        decide_over(plan, index);
        return;
    }
    stage->behind = find_behind(plan, &plan->program->stages[index]);
    if (stage->held > 0 || stage->ended[DAG_COMPLETED] > 0 || stage->behind == DAG_NONE) {
        stage->action = PLAN_RUN;
        stage->certain = true;
        stage->reason = why_it_runs(plan, index);
        return;
    }
    decide_open(plan, index);
}
