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
void digest_name(Digester *digester, const dag_program *program, dag_name name);
void digest_type(Digester *digester, const dag_program *program, uint32_t type);
void digest_stage(Digester *digester, const dag_program *program, uint32_t stage);

/* Of a whole pipeline that is called: its stages and how they are wired, inputs, outputs.
 * (definition_sub.c) */
void digest_sub(Digester *digester, const dag_program *sub);

/* The same of one expression: names and constants, not positions in tables. */
void digest_expr(Digester *digester, const dag_program *program, const dag_stage *stage,
                 uint32_t expr);

/* One thing that a definition is made of, as text for people who want to see what changed: "config
 * quality", "environment KEY", "inputs", "outputs", "body", "source report.c", "stage x of sub". */
typedef struct DefinitionPart {
    const char *name, *text;
} DefinitionPart;

/* All of them, in `arena`: what differs shows in one of them. */
DefinitionPart *definition_parts(Arena *arena, const dag_program *program, uint32_t stage,
                                 size_t *n);

/* Which run inputs the stage's own expressions mention. And whether they, or those of a pipeline that
 * it calls, mention what changes with every run (run.id, task.attempt), or stages there are not
 * cacheable: then nothing may be reused. */
typedef struct StageUses {
    bool *run_inputs; /* by run input, set to true where used; ninputs of them */
    bool task_key, run_id, attempt;
    bool calls_uncacheable;
} StageUses;
/* Sets inputs[i] to true for each run input i that the expression mentions; DAG_NONE: none. */
void expr_run_inputs(const dag_program *program, uint32_t expr, bool *inputs);
void stage_uses(const dag_program *program, uint32_t stage, StageUses *uses);

#endif
