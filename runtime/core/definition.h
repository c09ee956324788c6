/*
 * definition.h - the digest of a stage's definition: everything in the program that can change what
 * its tasks give, and nothing else (no layout, comments, docs, tags, kind, limits, order edges).
 */
#ifndef DAG_CORE_DEFINITION_H
#define DAG_CORE_DEFINITION_H

#include "core/digest.h"
#include "pure/arena.h"

/* Slug, body, ports and their values, env, native code, plugin arguments and config values (they
 * are constants in expressions), the sub-pipeline of call and map. */
void digest_stage(Digester *digester, const dag_program *program, uint32_t stage);

/* The same of one expression: names and constants, not positions in tables. */
void digest_expr(Digester *digester, const dag_program *program, const dag_stage *stage,
                 uint32_t expr);

/* The definition as text, for people who want to see what changed: one line each for ports, body,
 * environment. In `arena`. */
const char *definition_text(Arena *arena, const dag_program *program, uint32_t stage);

/* Which run inputs the stage's own expressions mention: calls `use` for each mention. And whether
 * they mention what changes with every run (run.id, task.attempt): then nothing may be reused. */
typedef struct StageUses {
    bool *run_inputs; /* by run input, set to true where used; ninputs of them */
    bool task_key, run_id, attempt;
} StageUses;
void stage_uses(const dag_program *program, uint32_t stage, StageUses *uses);

#endif
