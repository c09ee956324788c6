/*
 * streams.h - what a process starts with and ends with: the three standard streams.
 */
#ifndef DAG_CLI_STREAMS_H
#define DAG_CLI_STREAMS_H

#include "cli/cli.h"

/* Before any file is opened: a standard stream that is closed is held by something that can neither be read
 * nor written, so that no file of ours gets its number. A file that may grow no further (ulimit -f) is
 * an error of write from now on, as a full disk is, not the end of the process. */
void streams_hold(void);

/* After all: what was printed on stdout has arrived, or that is said. Returns the exit code, which is
 * EXIT_CRASHED in place of EXIT_COMPLETED when it has not. */
int streams_end(Cli *cli, int code);

#endif
