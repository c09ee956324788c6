/*
 * explain.h - why a task would run again.
 */
#ifndef DAG_CLI_EXPLAIN_H
#define DAG_CLI_EXPLAIN_H

#include "cli/cli.h"
#include "core/reuse.h"

/* Explains stage `slug`, or its one task `key` (NULL: all), on `out`: the first part of the cache
 * key that differs from the last result, before and now; or what the stage waits for. `cache` may be
 * NULL. Returns the exit code. */
int explain_print(Cli *cli, const dag_value *inputs, dag_reuse *cache, const char *slug,
                  const char *key, FILE *out);

#endif
