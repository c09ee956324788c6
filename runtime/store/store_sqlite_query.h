/*
 * store_sqlite_query.h - reading rows, for the files that read the store. Nobody else includes it.
 */
#ifndef DAG_STORE_SQLITE_QUERY_H
#define DAG_STORE_SQLITE_QUERY_H

#include "store/store_read.h"
#include "store/store_sqlite.h"

/* In a WHERE: the rows of the run that is parameter 1. */
#define OF_RUN "id BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295"

#define RUN_COLUMNS "id, name, pipeline, source, inputs, created, origin"

struct StoreReader {
    sqlite3 *db;
    sqlite3_stmt *reclaimed; /* made when first needed */
    char *root;
};

/* One pass over the rows of a query. */
typedef struct Query {
    StoreReader *reader;
    sqlite3_stmt *statement;
    Arena *arena;
    dag_error *error;
    int rc;
} Query;

/* `run` 0: without a parameter. */
Query query_open(StoreReader *reader, Arena *arena, dag_error *error, const char *sql, int64_t run);
bool query_next(Query *q);
/* False with the error if the rows did not end well. */
bool query_end(Query *q);

/* Columns of the row. Texts are copied; NULL stays NULL, as a number it is -1 for query_known. */
const char *query_text(const Query *q, int column);
int64_t query_number(const Query *q, int column);
int64_t query_known(const Query *q, int column);
dag_state query_state(const Query *q, int column);

/* What runs.c gives to record.c: a row of RUN_COLUMNS; how the run stands. */
void query_run(const Query *q, StoreRunInfo *run);
bool query_run_states(StoreReader *reader, Arena *arena, StoreRunInfo *run, dag_error *error);

/* A change has failed: the error says so in SQLite's words, and what was begun is rolled back. False. */
bool query_cannot_write(StoreReader *reader, Arena *arena, dag_error *error);

/* There is no run of this name: an error of type "usage". NULL. */
const char *query_refuse_name(Arena *arena, dag_error *error, const char *format, const char *name);

#endif
