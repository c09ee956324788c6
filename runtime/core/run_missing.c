/*
 * run_missing.c - why an output of the pipeline is missing: the stage that should have given it, and
 * the first one before it to which nothing came.
 */
#include "core/run.h"

static const char *slug_of(const dag_run *run, uint32_t stage) {
    return run->program->strings + run->program->stages[stage].slug;
}

/* The first edge into a stage along which nothing came that it cannot do without; DAG_NONE: none. With
 * `filtered` it comes from a stage that was filtered itself. */
static uint32_t empty_edge(const dag_run *run, uint32_t stage, bool filtered) {
    const dag_program *program = run->program;
    const dag_stage *row = &program->stages[stage];
    for (uint32_t i = 0; i < row->nin; i++) {
        const dag_port *port = &program->ports[row->in + i];
        for (uint32_t e = 0; e < port->nedges && !(port->flags & DAG_PORT_OPTIONAL); e++) {
            uint32_t from = program->ports[program->edges[port->edge + e].from].stage;
            if (!filtered || sched_stage_state(run->sched, from) == DAG_FILTERED) {
                return port->edge + e;
            }
        }
    }
    return DAG_NONE;
}

/* "nothing came to `b.x` from `a.y`" of an edge into a stage. */
static const char *edge_text(dag_run *run, uint32_t edge) {
    const dag_program *program = run->program;
    const dag_port *from = &program->ports[program->edges[edge].from],
                   *to = &program->ports[program->edges[edge].to];
    uint32_t where = program->edges[edge].where;
    return arena_printf(&run->arena, "nothing came from `%s.%s` to `%s.%s`%s%s%s",
                        slug_of(run, from->stage), program->strings + from->name,
                        slug_of(run, to->stage), program->strings + to->name,
                        where != DAG_NONE ? " (`where " : "",
                        where != DAG_NONE ? program->strings + program->exprs[where].source : "",
                        where != DAG_NONE ? "`)" : "");
}

/* Why a stage was filtered although no stage before it was. */
static const char *filtered_text(dag_run *run, uint32_t stage) {
    const dag_stage *row = &run->program->stages[stage];
    uint32_t edge = empty_edge(run, stage, false);
    const char *when = row->when == DAG_NONE
                           ? NULL
                           : run->program->strings + run->program->exprs[row->when].source;
    if (row->flags & DAG_STAGE_GATE) {
        return arena_printf(&run->arena, "the gate `%s` let nothing through", slug_of(run, stage));
    }
    if (when && edge != DAG_NONE) {
        return arena_printf(&run->arena, "`when %s` of `%s` does not hold, or %s", when,
                            slug_of(run, stage), edge_text(run, edge));
    }
    if (when) {
        return arena_printf(&run->arena, "`when %s` of `%s` does not hold", when,
                            slug_of(run, stage));
    }
    return edge != DAG_NONE ? edge_text(run, edge) : "nothing came to it";
}

const char *run_missing_text(dag_run *run, uint32_t stage) {
    dag_state state = stage == DAG_NONE ? DAG_COMPLETED : sched_stage_state(run->sched, stage);
    if (state == DAG_COMPLETED || state == DAG_CACHED) {
        return "";
    }
    if (state != DAG_FILTERED) {
        return arena_printf(&run->arena, ": `%s` %s%s", slug_of(run, stage),
                            state == DAG_FAILED || state == DAG_CRASHED ? "" : "was ",
                            dag_state_name(state));
    }
    uint32_t first = stage, edge;
    for (uint32_t i = 0; i < run->program->nstages; i++) {
        if ((edge = empty_edge(run, first, true)) == DAG_NONE) {
            break;
        }
        first = run->program->ports[run->program->edges[edge].from].stage;
    }
    return arena_printf(&run->arena, ": `%s` was filtered, as %s", slug_of(run, stage),
                        filtered_text(run, first));
}
