/*
 * plan.h - what a run would do, found out without doing it.
 */
#ifndef DAG_CLI_PLAN_H
#define DAG_CLI_PLAN_H

#include "cli/cli.h"
#include "core/reuse.h"

/* Plans a run with these inputs and known results (or NULL) and prints it: a table, or with
 * cli->json one document. `has_result`: has a stage, as it is defined now, any result that may be
 * used again; asked with `self`. Returns the exit code. (plan.c) */
int plan_print(const Cli *cli, const dag_value *inputs, dag_reuse *reuse,
               bool (*has_result)(void *self, uint32_t stage), void *self, FILE *out);

#endif
