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

/* Has the file been deleted, moved or replaced since it was opened? What is written to it others do not
 * find by its name. (store_sqlite_open.c) */
bool store_file_has_moved(sqlite3 *db);

/* Commits wait for no disk from now on, where that is safe: in a write-ahead log. SQLite's result code.
 * (store_sqlite_open.c) */
int store_relax(sqlite3 *db);

/* What was committed is on the disk then. SQLite's result code. (store_sqlite_open.c) */
int store_sync(sqlite3 *db);

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

/* How the writer comes to know a run that somebody wants to write to. */
typedef enum StoreOpens {
    STORE_NEW,     /* it is recorded, with its stages and edges */
    STORE_QUEUE,   /* it is recorded, without them: it has not begun */
    STORE_UNQUEUE, /* it is found; its stages and edges are recorded */
    STORE_FIND
} StoreOpens;

/* What goes before a run's first row from this process. Lives until it is written. */
typedef struct StoreOpening {
    StoreOpens how;
    const StoreRun *run;
    const char *inputs; /* JSON, of one that is recorded */
    bool alone;         /* there is no row behind it */
    /* The writer's answer. */
    int64_t number;
    uint32_t next; /* n of the run's next row */
    int rc;        /* SQLITE_NOTFOUND, SQLITE_CONSTRAINT (its name is taken): nothing was written */
} StoreOpening;

typedef struct StoreRow {
    int64_t run;         /* number of the run that a user started */
    uint32_t of;         /* number in this process of the child run that it is of; 0: of `run` */
    StoreOpening *opens; /* or NULL: then `run` and `number` are the writer's to give */
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
/* Writes all rows in one transaction, on the disk with the next store_sync. SQLite's result code. */
int store_writer_commit(StoreWriter *writer, StoreRow *rows);

/* ---------------------------------------------------------------- temporary files
 * (store_sqlite_reclaim.c) */

typedef struct StoreReclaim {
    const char *path;
    bool fingerprint; /* what stands in it is remembered */
    struct StoreReclaim *next;
} StoreReclaim;

/* Records that the files go, and deletes them. SQLite's result code. */
int store_reclaim(sqlite3 *db, const StoreReclaim *list);

#endif
