/*
 * executors.c - the table of the ways to carry out process stages.
 */
#include <string.h>

#include "core/executor.h"
#include "exec/exec_slurm.h"

static dag_executor *make_local(const ExecutorConfig *config, dag_error *error) {
    return executor_local_new(config->kill_grace, error);
}

static const ExecutorKind kinds[] = {
#define EXECUTOR(name, make, jobs, help) { #name, make, jobs, help },
#include "exec/executors.def"
#undef EXECUTOR
};

const ExecutorKind *executor_kind_at(size_t i) {
    return i < sizeof kinds / sizeof *kinds ? &kinds[i] : NULL;
}

const ExecutorKind *executor_kind(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!name || strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

const char *executor_names(void) {
    static const char names[] = ""
#define EXECUTOR(name, make, jobs, help) ", " #name
#include "exec/executors.def"
#undef EXECUTOR
        ;
    return names + strlen(", ");
}
