/*
 * plan.h - what a run would do, found out without doing it.
 *
 *   plan.c        goes through the pipeline and listens      plan_decide.c   an action for each stage
 *       plan_print.c  the table, the document
 */
#ifndef DAG_CLI_PLAN_H
#define DAG_CLI_PLAN_H

#include "cli/cli.h"
#include "core/reuse.h"
#include "store/store_read.h"

/* What is known of results besides those that the tables of `reuse` give. */
typedef struct PlanKnown {
    void *self;
    /* Has the stage, as it is defined now, any result that may be used again? NULL: none has. */
    bool (*has_result)(void *self, uint32_t stage);
    /* By stage, of what is not chosen: is there a last run whose results it gives? NULL: no. */
    bool (*has_last)(void *self, uint32_t stage);
    const bool *chosen;  /* by stage: may it run? NULL: all may */
    dag_reuse *reuse;    /* asked for each task; or NULL */
    StoreReader *reader; /* of earlier runs; or NULL */
} PlanKnown;

/* Plans a run with these inputs and known results and prints it: a table, or with cli->json one
 * document. Bodies are supposed to succeed. Returns the exit code. */
int plan_print(const Cli *cli, const dag_value *inputs, const PlanKnown *known, FILE *out);

/* The same for one run of a pipeline that is called: without limits, which are those of the whole, and
 * without times. */
int plan_print_called(const Cli *cli, const dag_program *program, const dag_value *inputs,
                      const PlanKnown *known, FILE *out);

#endif
