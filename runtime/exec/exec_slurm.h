/*
 * exec_slurm.h - process stages as jobs of a Slurm cluster (exec_slurm.c says how).
 */
#ifndef DAG_EXEC_EXEC_SLURM_H
#define DAG_EXEC_EXEC_SLURM_H

#include "core/executor.h"

/* A row of executors.def. NULL with `error` filled. What it has handed to Slurm outlives this process:
 * an executor for the same folder adopts it. */
dag_executor *executor_slurm_new(const ExecutorConfig *config, dag_error *error);

#endif
