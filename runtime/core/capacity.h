/*
 * capacity.h - what there is of each resource, and whether every request fits into it.
 */
#ifndef DAG_CORE_CAPACITY_H
#define DAG_CORE_CAPACITY_H

#include "dag.h"
#include "pure/arena.h"

/* What there is of each resource that stages of the program, or of one that it calls, ask for: by
 * the options, else as a pipeline lists it, else (cpu, memory) what the machine has;
 * where tasks are carried out elsewhere, cpu, memory and gpu are unbounded. Rows and texts
 * are in `arena`. False: a request cannot fit, on the last attempt at the latest; `error` (type
 * limit) says for each such stage what it asks for, what there is and what can be done, one line
 * each. What is switched off, or may not run (options->reuse), asks for nothing. */
bool capacity_take(const dag_program *program, const dag_options *options, Arena *arena,
                   const dag_resource **rows, size_t *n, dag_error *error);

#endif
