/*
 * provenance.h - where a file of a recorded run comes from and what it became; a run as a document
 * of W3C PROV (PROV-JSON) or OpenLineage.
 */
#ifndef DAG_CLI_PROVENANCE_H
#define DAG_CLI_PROVENANCE_H

#include "cli/cli.h"
#include "store/store_read.h"

/* By cli->provenance and cli->format. Returns the exit code. */
int provenance_print(Cli *cli, const StoreRecord *record);
/* The i-th of the formats that it knows; NULL behind the last. */
const char *provenance_format(size_t i);

#endif
