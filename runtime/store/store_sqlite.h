/*
 * store_sqlite.h - what the files of the SQLite store share. Nobody else includes it.
 */
#ifndef DAG_STORE_SQLITE_H
#define DAG_STORE_SQLITE_H

#include <sqlite3.h>

#include "core/store.h"
#include "pure/arena.h"
#include "store/runlock.h"

/* In PRAGMA application_id: the file is a dagcc store ("dagc"). */
#define STORE_APPLICATION 0x64616763
/* In PRAGMA user_version: raised by each row of the migrations table. */
int store_schema_version(void);

/* Brings an opened database to the current schema: makes it, migrates it, or refuses one that is
 * newer or not ours. False with *message, to be freed by sqlite3_free (NULL: without memory). */
bool store_schema_prepare(sqlite3 *db, const char *path, char **message);

/* The number that a PRAGMA answers. SQLite's result code. */
int store_pragma_number(sqlite3 *db, const char *sql, int *number);

/* What helps against an error of SQLite, to be put behind its message; or "". (store_sqlite_open.c) */
const char *store_what_to_do(int rc);

/* Opens DIR/<pipeline>.db at the current schema; `make`: also where there is none yet. NULL with
 * *message as above; without `make`, NULL and *message NULL where there is none.
 * (store_sqlite_open.c) */
sqlite3 *store_database_open(const char *dir, const char *pipeline, bool make, char **message);

/* A descriptor of the folder of work, which may lie on another file system than the record; before there
 * is one, of DIR itself. -1: errno. (store_sqlite_open.c) */
int store_open_work(const char *dir);

/* ---------------------------------------------------------------- rows (store_sqlite_rows.c)
 *
 * What events become: kept in a batch until the writer commits it. Ids of rows of run `r` are
 * STORE_ID(r, n): n counts them. */
#define STORE_ID(run, n) ((int64_t)(run) << 32 | (int64_t)(n))

/* The first row of a called pipeline's run: what is recorded of it. */
typedef struct StoreChild {
    const char *name;
    uint32_t parent; /* its number in this process */
    const dag_program *program;
} StoreChild;

typedef struct StoreRow {
    uint32_t of; /* number of the run in this process; 0: the one that the store was opened for */
    const StoreChild *begins; /* or NULL */
    uint32_t scope, state, stage, attempt;
    uint32_t number; /* n of its id; of a child's row: given by the writer */
    int exit_status;
    int64_t time, took;
    bool makes_files; /* outputs are files that a body has just made */
    dag_usage usage;
    const char *key, *reason, *error_type, *error_message, *dir;
    const char *inputs, *outputs; /* JSON objects by port */
    const char *sources;
    int64_t result; /* the row of the cache that has reason, inputs and outputs; 0: they are here */
    struct StoreRow *next;
} StoreRow;

/* Is the event recorded at all? */
bool store_row_wanted(const dag_program *program, const dag_event *event);
StoreRow *store_row_new(Arena *arena, const dag_program *program, const dag_event *event);
/* The run's inputs as a JSON object by name. */
const char *store_inputs_json(Arena *arena, const StoreRun *run);

/* ---------------------------------------------------------------- writing (store_sqlite_write.c) */

/* Statements prepared once per connection. */
typedef struct StoreWriter StoreWriter;
StoreWriter *store_writer_new(sqlite3 *db);
void store_writer_free(StoreWriter *writer);
/* Writes all rows in one transaction; `run`: the number of run 0; `durable`: they, and all before, are
 * on the disk then. SQLite's result code. */
int store_writer_commit(StoreWriter *writer, int64_t run, StoreRow *rows, bool durable);
/* Records a run with its stages and edges, or finds the one that goes on; *row is its number, *next
 * the number of its next row. SQLite's result code; SQLITE_NOTFOUND: there is no such run. */
int store_writer_begin(StoreWriter *writer, const StoreRun *run, int64_t *row, uint32_t *next);

/* Records a run that waits to be begun; `inputs`: what stands in its row. On the disk when it returns.
 * SQLite's result code. */
int store_writer_queue(StoreWriter *writer, const StoreRun *run, const char *inputs);
/* One that has not begun has ended. */
int store_writer_settle(StoreWriter *writer, const char *run, StoreRow *row);

/* ---------------------------------------------------------------- temporary files
 * (store_sqlite_reclaim.c) */

typedef struct StoreReclaim {
    const char *path;
    bool fingerprint; /* what stands in it is remembered */
    struct StoreReclaim *next;
} StoreReclaim;

/* Records that the files go, and deletes them. SQLite's result code. */
int store_reclaim(sqlite3 *db, const StoreReclaim *list);

/* ---------------------------------------------------------------- the store (store_sqlite.c) */

/* The connection of a store: for reading before the run begins. */
sqlite3 *store_sqlite_connection(const dag_store *store);

#endif
