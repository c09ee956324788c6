/*
 * outputs.h - what the files that compute outputs share: outputs.c decides, output_files.c looks at
 * files and folders, output_logs.c reads what a body printed.
 *
 * Everything that fails fills `error`, its text in the attempt's arena, without naming the port.
 */
#ifndef DAG_CORE_OUTPUTS_H
#define DAG_CORE_OUTPUTS_H

#include "core/executor.h"

/* Fills *error and returns false. */
bool output_error(Attempt *attempt, dag_error *error, const char *type, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The bound on one value. */
size_t output_limit(const Attempt *attempt);

/* ---------------------------------------------------------------- files (output_files.c) */

/* Does a value of this type hold files or folders that are checked at the boundary? */
bool type_has_files(const dag_program *program, uint32_t type);
/* Is an output of the stage of such a type? */
bool stage_has_files(const dag_program *program, const dag_stage *stage);

/* Is any output of the program marked `temp`? And of those that it calls? */
bool program_marks_temps(const dag_program *program);
bool program_has_temps(const dag_program *program);

/* The path (DAG_PORT_PATH) that the body must create for output i: absolute, below attempt->work. */
bool output_path(Attempt *attempt, uint32_t i, dag_value *path, dag_error *error);

/* The same after the body has ended: it must be there, of its kind and inside; null where the type
 * is optional and nothing was made. */
bool output_made(Attempt *attempt, uint32_t i, dag_value *path, dag_error *error);

/* The body has succeeded: where it worked gets the name below which its files are found from now on, if
 * it is one of a stage that makes files. */
bool output_publish(Attempt *attempt, dag_error *error);

/* The list of what matches the pattern (DAG_PORT_GLOB) of output i. */
bool output_glob(Attempt *attempt, uint32_t i, dag_value *list, dag_error *error);

/* Makes the paths in *value that became files or folders at this boundary absolute and looks at
 * them. `before`: the value before it was converted; what was a file there already is left alone.
 * NULL: all are new. What changes is made in `arena`. */
bool output_adopt(Attempt *attempt, Arena *arena, const dag_value *before, dag_value *value,
                  dag_error *error);

/* ---------------------------------------------------------------- logs (output_logs.c) */

/* All of DIR/<name> as a string. */
bool output_log(Attempt *attempt, const char *name, dag_value *text, dag_error *error);

/* The lines of DIR/<name>, as `lines` gives them, in `arena`; only one line at a time is bounded. */
bool output_log_lines(Attempt *attempt, const char *name, Arena *arena, dag_value *list,
                      dag_error *error);

#endif
