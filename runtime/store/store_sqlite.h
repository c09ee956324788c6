/*
 * store_sqlite.h - what the files of the SQLite store share. Nobody else includes it.
 */
#ifndef DAG_STORE_SQLITE_H
#define DAG_STORE_SQLITE_H

#include <sqlite3.h>

#include "core/store.h"
#include "pure/arena.h"

/* In PRAGMA application_id: the file is a dagcc store ("dagc"). */
#define STORE_APPLICATION 0x64616763
/* In PRAGMA user_version: raised by each row of the migrations table. */
int store_schema_version(void);

/* Brings an opened database to the current schema: makes it, migrates it, or refuses one that is
 * newer or not ours. False with *message, to be freed by sqlite3_free (NULL: without memory). */
bool store_schema_prepare(sqlite3 *db, const char *path, char **message);

/* One artifact of a completed task, as JSON. */
typedef struct StoreArtifact {
    const char *port, *value;
    int64_t element; /* position in a stream, else -1 */
    struct StoreArtifact *next;
} StoreArtifact;

/* The rows that events become. One per event, kept in a batch until the writer commits it. */
typedef struct StoreRow {
    uint32_t scope, state, stage, attempt;
    int64_t time, started;
    int exit_status;
    dag_usage usage;
    const char *key, *reason, *error_type, *error_message, *dir, *inputs;
    const StoreArtifact *artifacts; /* of a completed task */
    struct StoreRow *next;
} StoreRow;

/* Statements prepared once per connection. */
typedef struct StoreWriter StoreWriter;
StoreWriter *store_writer_new(sqlite3 *db);
void store_writer_free(StoreWriter *writer);
/* Writes all rows in one transaction. SQLite's result code. */
int store_writer_commit(StoreWriter *writer, int64_t run, const StoreRow *rows);
/* Records a run and its stages; *row is its number. SQLite's result code. */
int store_writer_begin(StoreWriter *writer, const StoreRun *run, int64_t *row);

#endif
