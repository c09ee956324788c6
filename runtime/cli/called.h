/*
 * called.h - where in the runs of called pipelines somebody points to, as ids and logs name it:
 * "all.-.2/say" is the stage `say` in what element 2 of the task - of `all` calls.
 *
 * "-" may be left out ("all.2/say", "once/say"), and for a stage that is no `map` "once.say" will do.
 */
#ifndef DAG_CLI_CALLED_H
#define DAG_CLI_CALLED_H

#include "cli/cli.h"

/* One step: a task that calls a pipeline, and one of its elements. */
typedef struct CalledStep {
    const dag_program *program; /* whose stage it is */
    uint32_t stage;
    const char *key;
    const char *element; /* as ids have it; NULL: `call` */
} CalledStep;

typedef struct CalledPlace {
    CalledStep *steps; /* from the outermost */
    size_t nsteps;     /* 0: a stage of the pipeline itself */
    const char *id; /* of the run, below that of the whole: "all.-.2/each.-.b"; "" without steps */
    const dag_program *program; /* of the stage, or the run */
    uint32_t stage;             /* DAG_NONE: the run is meant */
} CalledPlace;

/* Reads a place, or, with `run`, only the run: "all.-.2". False after saying what is wrong with it. */
bool called_place(Cli *cli, const char *text, bool run, CalledPlace *place);

/* The inputs of the run that a step calls, by input of its program, from those of the task (by own
 * input); NULL after saying why there is no such run. */
const dag_value *called_inputs(Cli *cli, const CalledStep *step, const dag_value *inputs);

/* "all.-.2" */
const char *called_name(Arena *arena, const CalledStep *step);

#endif
