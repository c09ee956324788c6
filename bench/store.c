/*
 * store.c - the limit of a durable store: rows like those of recorded tasks, inserted into SQLite (WAL,
 * synchronous=FULL) in groups, by a loop that does nothing else. store FILE ROWS GROUP: prints ns.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void check(int rc, sqlite3 *db) {
    if (rc == SQLITE_OK || rc == SQLITE_DONE)
        return;
    fprintf(stderr, "store: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void put_row(sqlite3 *db, sqlite3_stmt *insert, long i) {
    char key[24], inputs[48], outputs[48], sources[48];
    snprintf(key, sizeof key, "%ld", i);
    snprintf(inputs, sizeof inputs, "{\"n\":%ld}", i);
    snprintf(outputs, sizeof outputs, "{\"m\":%ld}", i * i);
    snprintf(sources, sizeof sources, "[0]");
    sqlite3_bind_int64(insert, 1, (1LL << 32) + i);
    sqlite3_bind_int(insert, 2, 1);
    sqlite3_bind_text(insert, 3, key, -1, SQLITE_STATIC);
    sqlite3_bind_int(insert, 4, 1);
    sqlite3_bind_int(insert, 5, 2);
    sqlite3_bind_int64(insert, 6, 1767323045000000000 + i);
    sqlite3_bind_int(insert, 7, 0);
    sqlite3_bind_text(insert, 11, inputs, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 12, outputs, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 13, sources, -1, SQLITE_STATIC);
    check(sqlite3_step(insert), db);
    sqlite3_reset(insert);
}

int main(int argc, char **argv) {
    sqlite3 *db;
    sqlite3_stmt *insert;
    if (argc != 4)
        return 2;
    long rows = atol(argv[2]), group = atol(argv[3]);
    check(sqlite3_open(argv[1], &db), db);
    check(
        sqlite3_exec(db,
                     "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
                     "PRAGMA synchronous=FULL;"
                     "CREATE TABLE task(id INTEGER PRIMARY KEY, stage INTEGER NOT NULL, key TEXT"
                     " NOT NULL, attempt INTEGER NOT NULL, state INTEGER NOT NULL, time INTEGER NOT"
                     " NULL, took INTEGER NOT NULL, reason TEXT, error_type TEXT, error TEXT,"
                     " inputs TEXT, outputs TEXT, sources TEXT)",
                     NULL, NULL, NULL),
        db);
    check(sqlite3_prepare_v2(db, "INSERT INTO task VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)", -1, &insert,
                             NULL),
          db);
    long long begin = now();
    for (long i = 0; i < rows; i++) {
        if (i % group == 0)
            check(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), db);
        put_row(db, insert, i);
        if (i % group == group - 1 || i == rows - 1) {
            check(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), db);
        }
    }
    printf("%lld\n", now() - begin);
    sqlite3_finalize(insert);
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
