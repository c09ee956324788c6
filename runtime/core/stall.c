/*
 * stall.c - the report on a run that does not go on: who waits, and for what.
 */
#include "core/keys.h"
#include "core/limits.h"
#include "core/ready.h"
#include "core/report.h"
#include "pure/value.h"

static const char *slug(const Sched *s, uint32_t stage) {
    return text_of(s, stage_row(s, stage)->slug);
}

static const char *stage_state(const Sched *s, uint32_t stage) {
    return dag_state_name((dag_state)stage_run(s, stage)->state);
}

static const char *on_text(uint32_t on) {
    return on == DAG_ON_SUCCESS ? "success" : on == DAG_ON_FAILURE ? "failure" : "always";
}

/* An order edge that waits, or NULL. */
static const char *order_line(const Sched *s, uint32_t stage, Arena *arena) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t i = row->order; i < row->order + row->norder; i++) {
        const dag_order *order = &s->program->orders[i];
        if (!stage_run(s, order->from)->done) {
            return arena_printf(arena, "`%s` waits at `=> on %s` for `%s`, which is %s",
                                slug(s, stage), on_text(order->on), slug(s, order->from),
                                stage_state(s, order->from));
        }
    }
    return NULL;
}

/* An input, or behind a barrier the barrier, whose stage is not terminal; or NULL. */
static const char *data_line(const Sched *s, uint32_t stage, Arena *arena) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const dag_port *in = port_row(s, port);
        for (uint32_t edge = in->edge; edge < in->edge + in->nedges; edge++) {
            uint32_t from = port_row(s, s->program->edges[edge].from)->stage;
            if (!stage_run(s, from)->done) {
                bool barrier = (row->flags & DAG_STAGE_BARRIER) != 0;
                const char *gate = arena_printf(arena, "its input `%s`", text_of(s, in->name));
                return arena_printf(arena, "`%s` waits at %s for `%s`, which is %s", slug(s, stage),
                                    barrier ? "its barrier" : gate, slug(s, from),
                                    stage_state(s, from));
            }
        }
    }
    return NULL;
}

/* The first of its tasks that waits for its next attempt; or NULL. */
static const char *retry_line(const Sched *s, uint32_t stage, int64_t now, Arena *arena) {
    const Retry *first = NULL;
    for (size_t i = 0; i < s->nretries; i++) {
        const Retry *retry = &s->retries[i];
        first = retry->stage == stage && (!first || retry->due < first->due) ? retry : first;
    }
    if (!first) {
        return NULL;
    }
    const uint32_t *made = stage_run(s, stage)->more->attempt;
    const int64_t ms = 1000000;
    int64_t left = first->due > now ? (first->due - now + ms - 1) / ms * ms : 0;
    dag_value wait = value_int(DAG_DURATION, left);
    return arena_printf(arena,
                        "`%s` waits for its back-off: task %s failed, attempt %u begins in %s",
                        slug(s, stage), key_text(s, stage_row(s, stage)->axis, first->node, arena),
                        made ? made[first->node] + 1 : 2, value_to_text(arena, wait).u.text);
}

static const char *pool_line(const Sched *s, uint32_t stage, Arena *arena) {
    const Pool *pool = limits_waits_for(s, stage);
    if (!pool) {
        return NULL;
    }
    return pool->name[0]
               ? arena_printf(arena,
                              "`%s` waits for the resource `%s`, of which %lld of %lld are in use",
                              slug(s, stage), pool->name, (long long)*pool->used,
                              (long long)pool->capacity)
               : arena_printf(arena, "`%s` waits for a call that runs to end", slug(s, stage));
}

/* What holds back tasks whose data is there. */
static const char *ready_line(const Sched *s, uint32_t stage, Arena *arena) {
    const StageRun *run = stage_run(s, stage);
    uint32_t most = stage_row(s, stage)->max_parallel;
    if (ready_count(run) == 0) {
        return NULL;
    }
    const char *line = run->gates > 0 ? order_line(s, stage, arena) : pool_line(s, stage, arena);
    if (line || run->gates > 0) {
        return line ? line : data_line(s, stage, arena);
    }
    if (most > 0 && run->more->running >= most) {
        return arena_printf(arena, "`%s` waits at its `max_parallel %u`, with %u running",
                            slug(s, stage), most, run->more->running);
    }
    return arena_printf(arena, "`%s` waits for one of %u jobs", slug(s, stage), s->jobs);
}

static const char *line_of(const Sched *s, uint32_t stage, int64_t now, Arena *arena) {
    const char *line = retry_line(s, stage, now, arena);
    line = line ? line : ready_line(s, stage, arena);
    if (!line && stage_run(s, stage)->more->running > 0) {
        line = arena_printf(arena, "`%s` has %u tasks that run", slug(s, stage),
                            stage_run(s, stage)->more->running);
    }
    line = line ? line : data_line(s, stage, arena);
    line = line ? line : order_line(s, stage, arena);
    return line ? line
                : arena_printf(arena, "`%s` is %s and waits for nothing", slug(s, stage),
                               stage_state(s, stage));
}

enum { MOST_LINES = 50 }; /* of stages; the rest is counted */

const char *sched_stall_report(const Sched *s, int64_t now, Arena *arena) {
    const char *text = "";
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        uint32_t stage = s->program->topo[i];
        if (!stage_run(s, stage)->done && n++ < MOST_LINES) {
            text = arena_printf(arena, "%s\n  %s", text, line_of(s, stage, now, arena));
        }
    }
    return n <= MOST_LINES ? text
                           : arena_printf(arena, "%s\n  and %u more stages", text, n - MOST_LINES);
}
