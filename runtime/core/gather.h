/*
 * gather.h - the values behind the keys: artifacts, lists of them, conditions over them.
 */
#ifndef DAG_CORE_GATHER_H
#define DAG_CORE_GATHER_H

#include "core/sched_state.h"

/* In Pick.status beside Known: the edge's expression failed on this artifact. Its consumer meets
 * the error when it gathers its inputs. */
enum { PICK_BROKEN = 4 };

/* The artifact at an output for a node of its axis, and the box that it lives in (may be NULL).
 * Never NULL itself. */
const dag_value *gather_artifact(const Sched *s, uint32_t port, uint32_t node, Box **box);

/* Known, perhaps with PICK_BROKEN, by the edge's `where`. */
uint8_t gather_where(Sched *s, uint32_t edge, uint32_t node);

/* Fills in the status of an edge with `take`. */
void gather_choose(Sched *s, uint32_t pick);

/* As sched_inputs. */
bool gather_inputs(Sched *s, uint32_t stage, uint32_t node, Arena *arena, dag_value *inputs,
                   dag_error *error);

/* As sched_output. */
bool gather_output(Sched *s, uint32_t port, Arena *arena, dag_value *value);

/* What a gate hands on at `node`: into its pass and box columns. */
void gather_pass(Sched *s, uint32_t stage, uint32_t node);

/* Does `when` hold for the task? On false with error->type set it failed. Error text lives in
 * s->scratch. */
bool gather_when(Sched *s, uint32_t stage, uint32_t node, dag_error *error);

/* ---------------------------------------------------------------- shared by gather*.c */

/* The environment of an expression over a stage's inputs, or over `it` (inputs NULL). */
ExprEnv gather_environment(Sched *s, Arena *arena, const dag_value *inputs);

/* Evaluates an expression over `it`. */
bool gather_eval_it(Sched *s, uint32_t expr, const dag_value *it, Arena *arena, dag_value *result,
                    dag_error *error);

/* Did a condition of the edge fail on the artifact at `node`? */
bool gather_is_broken(const Sched *s, uint32_t edge, uint32_t node);

/* Converts what came along the edge to `type`, if it must be. False with `error`. */
bool gather_fit(Sched *s, uint32_t edge, uint32_t type, Arena *arena, dag_value *value,
                dag_error *error);

/* The artifact at the end of an edge, a node of the axis that it comes from, is part of an input. */
void gather_note_source(Sched *s, uint32_t edge, uint32_t node, Arena *arena);

/* The artifacts below node `group` of `axis` on all edges of a port, in edge order. `list`: NULL
 * for outputs of the pipeline. False with `error`. */
bool gather_list(Sched *s, uint32_t port, const List *list, uint32_t axis, uint32_t group,
                 Arena *arena, dag_value *value, dag_error *error);

#endif
