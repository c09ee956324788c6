/*
 * world.h - the evaluator's view of the machine: sizes of files, absolute paths.
 */
#ifndef DAG_CORE_WORLD_H
#define DAG_CORE_WORLD_H

#include "pure/expr.h"

/* stat and the process's current directory. Static; any thread. */
const ExprWorld *world_system(void);

#endif
