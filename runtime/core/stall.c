/*
 * stall.c - the report on a run that does not go on: who waits, and for what.
 */
#include <string.h>

#include "core/gate.h"
#include "core/report.h"

static const char *slug(const Sched *s, uint32_t stage) {
    return text_of(s, stage_row(s, stage)->slug);
}

static const char *stage_state(const Sched *s, uint32_t stage) {
    return dag_state_name((dag_state)s->stages[stage].state);
}

static const char *on_text(uint32_t on) {
    return on == DAG_ON_SUCCESS ? "success" : on == DAG_ON_FAILURE ? "failure" : "always";
}

/* An order edge that waits, or NULL. */
static const char *order_line(const Sched *s, uint32_t stage, Arena *arena) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t i = row->order; i < row->order + row->norder; i++) {
        const dag_order *order = &s->program->orders[i];
        if (!s->stages[order->from].done) {
            return arena_printf(arena, "`%s` waits at `=> on %s` for `%s`, which is %s",
                                slug(s, stage), on_text(order->on), slug(s, order->from),
                                stage_state(s, order->from));
        }
    }
    return NULL;
}

/* An input whose stage is not terminal, or NULL. */
static const char *data_line(const Sched *s, uint32_t stage, Arena *arena) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const dag_port *in = port_row(s, port);
        for (uint32_t edge = in->edge; edge < in->edge + in->nedges; edge++) {
            uint32_t from = port_row(s, s->program->edges[edge].from)->stage;
            if (!s->stages[from].done) {
                return arena_printf(arena, "`%s` waits at its input `%s` for `%s`, which is %s",
                                    slug(s, stage), text_of(s, in->name), slug(s, from),
                                    stage_state(s, from));
            }
        }
    }
    return NULL;
}

static const char *limit_line(const Sched *s, uint32_t stage, Arena *arena) {
    const StageRun *run = &s->stages[stage];
    for (uint32_t i = 0; i < s->npools; i++) {
        if (bits_has(&s->pools[i].blocked, run->rank)) {
            const char *name = s->pools[i].name;
            return name[0] ? arena_printf(arena, "`%s` waits for the resource `%s`", slug(s, stage),
                                          name)
                           : arena_printf(arena, "`%s` waits for calls that run", slug(s, stage));
        }
    }
    const char *what = run->running > 0       ? "has tasks that run"
                       : run->ready.count > 0 ? "has tasks that wait for a slot"
                                              : "waits for a retry, or for nothing";
    return arena_printf(arena, "`%s` %s", slug(s, stage), what);
}

typedef struct Lines {
    Arena *arena;
    char *text;
    size_t n, cap;
} Lines;

static void lines_add(Lines *lines, const char *line) {
    size_t n = strlen(line);
    if (lines->cap - lines->n < n + 2) {
        size_t cap = (lines->n + n + 2) * 2;
        lines->text = arena_grow(lines->arena, lines->text, lines->n, cap);
        lines->cap = cap;
    }
    memcpy(lines->text + lines->n, line, n);
    lines->n += n;
    lines->text[lines->n++] = '\n';
}

const char *sched_stall_report(const Sched *s, Arena *arena) {
    Lines lines = { arena, NULL, 0, 0 };
    for (uint32_t i = 0; i < s->program->nstages; i++) {
        uint32_t stage = s->program->topo[i];
        if (s->stages[stage].done) {
            continue;
        }
        const char *line = data_line(s, stage, arena);
        line = line ? line : order_line(s, stage, arena);
        lines_add(&lines, line ? line : limit_line(s, stage, arena));
    }
    return arena_text(arena, lines.text, lines.n);
}
