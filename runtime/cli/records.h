/*
 * records.h - runs of the past, for the commands that show, resume, replay or end them.
 */
#ifndef DAG_CLI_RECORDS_H
#define DAG_CLI_RECORDS_H

#include "cli/cli.h"
#include "store/store_read.h"

/* The store, open to read. */
typedef struct Records {
    Cli *cli;
    const char *root; /* the state folder */
    StoreReader *reader;
} Records;

/* Each returns EXIT_COMPLETED, or the exit code after saying why not. */
int records_open(Records *records, Cli *cli);
int records_find(Records *records, const char *name, const char **id); /* id, prefix or `last` */
int records_load(Records *records, const char *name, StoreRecord *record);
/* A run of a called pipeline goes on, pauses and ends with the run that it is a part of. */
int records_refuse_part(const char *id);
void records_close(Records *records);

/* What a task of a run was given, as a JSON object; NULL: it is not on record. Says nothing. */
const char *records_task_inputs(Cli *cli, const char *run, const char *slug, const char *key);

/* The stage of a record by its slug; says when there is none. (cmd_show.c) */
int record_find_stage(Cli *cli, const StoreRecord *record, const char *slug, uint32_t *stage);

/* Says an error of the store, or of the user (type "usage"), and gives its exit code. */
int records_refuse(const dag_error *error);

/* "2026-01-02T03:04:05.000123Z", or null for 0: in documents. */
dag_value time_value(Arena *arena, int64_t ns);

#endif
