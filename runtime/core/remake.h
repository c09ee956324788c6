/*
 * remake.h - the driver's part in temporary files: deleting them, and making them again when a task
 * that must run needs one that is gone.
 *
 * What is known of a task may name files that were deleted after use, or that belong to another run,
 * which may delete them at any moment. Nothing is done about them until a task that is not an
 * expression has to run with one among its inputs: then it is linked into this run's own folder, or
 * the task that made it is carried out once more (sched_again) while the other one waits.
 */
#ifndef DAG_CORE_REMAKE_H
#define DAG_CORE_REMAKE_H

#include "core/run.h"

typedef enum RemakeAnswer {
    REMAKE_READY, /* the inputs are there */
    REMAKE_WAIT,  /* the task that is named is carried out once more first */
    REMAKE_LOST   /* that has failed; *reason says so, in the attempt's arena */
} RemakeAnswer;

/* The outputs of the attempt's task were known: notes those that are not there to be used. */
void remake_note(dag_run *run, Attempt *attempt);

/* A task must run: are its inputs there? Puts what was made again in place. */
RemakeAnswer remake_inputs(dag_run *run, Attempt *attempt, Launch *maker, const char **reason);

/* For a task that is carried out once more: its inputs, and why. */
const dag_value *remake_given(dag_run *run, const Launch *launch);
const char *remake_reason(dag_run *run, const Launch *launch, Arena *arena);

/* It has completed: its files stand for those that are gone. */
void remake_done(dag_run *run, const Attempt *attempt);

/* SchedConfig.reclaim; self: the run. */
void remake_reclaim(void *self, const char *path, uint32_t stage);

/* The evaluator's view of the machine that also knows the sizes of files that are gone. Lives as
 * long as the run. */
const ExprWorld *remake_world(dag_run *run);

void remake_free(dag_run *run);

#endif
