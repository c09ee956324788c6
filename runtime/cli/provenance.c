/*
 * provenance.c - see provenance.h. Lineage is recorded: each task has the edges along which its
 * inputs came, with the keys of the artifacts; an artifact is (stage, port, key).
 */
#include "cli/provenance.h"

#include "cli/command.h"

int provenance_print(Cli *cli, const StoreRecord *record) {
    (void)record;
    cli_complain(cli, "--provenance is not there yet");
    return EXIT_USAGE;
}
