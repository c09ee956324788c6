/*
 * tail.h - the end of a log, made fit for an error message.
 */
#ifndef DAG_EXEC_TAIL_H
#define DAG_EXEC_TAIL_H

#include "core/executor.h"

/* The last lines (at most 20, of at most 4 KiB together) of DIR/<name>, without the last newline:
 * valid UTF-8 without control characters other than newline and tab, and without the text of any
 * secret among the attempt's inputs. "" if there are none. In the attempt's arena. */
const char *log_tail(Attempt *attempt, const char *name);

#endif
