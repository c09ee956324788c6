/*
 * report.h - --report FILE: a recorded run as a page.
 */
#ifndef DAG_CLI_REPORT_H
#define DAG_CLI_REPORT_H

#include "cli/records.h"

/* Before a run: whether the file can be written, and the run will be recorded. False: said. */
bool report_ready(Cli *cli);

/* Of a run whose rows are in the store. Each returns EXIT_COMPLETED, or the exit code after saying why
 * not. */
int report_run(Cli *cli, const char *run);
int report_write(Records *records, const StoreRecord *record);

#endif
