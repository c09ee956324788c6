/*
 * gate.h - order edges and barriers: what the end of a stage means for others.
 */
#ifndef DAG_CORE_GATE_H
#define DAG_CORE_GATE_H

#include "core/sched_state.h"

typedef enum GateState { GATE_WAIT, GATE_READY, GATE_IMPOSSIBLE } GateState;

/* The table of gates: an order edge `on` from a stage in `state`. */
GateState gate_order(dag_on on, dag_state state);

/* The state that the rows of a stage add up to, once all are terminal. */
dag_state gate_sum(const StageRun *run);

/* If nothing can add tasks to the stage and all it has are terminal, it is terminal: says so, and
 * opens the gates behind it. */
void gate_stage_check(Sched *s, uint32_t stage);

/* Ends a stage with what it has. */
void gate_stage_end(Sched *s, uint32_t stage, dag_state state);
void gate_run_end(Sched *s, StageRun *run, dag_state state);

/* The first order edge into the stage that cannot hold; DAG_NONE: there is none. */
uint32_t gate_barred_by(const Sched *s, uint32_t stage);

/* Does an order edge into the stage wait for something dead, or for the success of a rescue? */
bool gate_is_rescue(const Sched *s, uint32_t stage);

#endif
