/*
 * script.h - what a `script` body has beside its command: its text, inputs and outputs as files.
 *
 *   DIR/NAME.dag     the text, on the lines that it has in the .dag file of that name
 *   DIR/input.json   $DAG_INPUT: the inputs by name, mode 0600, gone when the attempt ends
 *   DIR/output.json  $DAG_OUTPUT: the script makes it
 */
#ifndef DAG_EXEC_SCRIPT_H
#define DAG_EXEC_SCRIPT_H

#include "core/executor.h"

/* Writes the text and the inputs. The path of the text; NULL: the outcome is filled in. */
const char *script_files(Attempt *attempt);

/* What the script wrote, by own output: null where it wrote nothing, a stream as a list; types are
 * not looked at yet. NULL: the outcome is filled in. */
const dag_value *script_outputs(Attempt *attempt);

/* Removes the inputs. Call it however the attempt ends. */
void script_clean(const Attempt *attempt);

#endif
