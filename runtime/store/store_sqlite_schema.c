/*
 * store_sqlite_schema.c - the tables of the store and how old ones become new ones.
 *
 * In: an open database. Out: the same at the current schema version, or a reason why not.
 * A change of the schema is one more row in `migrations`; rows are never edited once released.
 */
#include "store/store_sqlite.h"

/* Transitions are only ever inserted: an UPDATE per transition costs twice an INSERT. What is true
 * now is the last row of each subject, which the views show. Times are ns since 1970 UTC. */
static const char *const migrations[] = {
    "CREATE TABLE run(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, pipeline TEXT NOT NULL,"
    "  source TEXT NOT NULL, inputs TEXT NOT NULL, created INTEGER NOT NULL);"
    "CREATE TABLE stage(run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  number INTEGER NOT NULL, slug TEXT NOT NULL, PRIMARY KEY(run, number)) WITHOUT ROWID;"
    /* scope: 0 run, 1 stage, 2 task */
    "CREATE TABLE transition(id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id)"
    "  ON DELETE CASCADE, scope INTEGER NOT NULL, stage INTEGER, key TEXT, attempt INTEGER,"
    "  state TEXT NOT NULL, time INTEGER NOT NULL, reason TEXT, error_type TEXT, error TEXT,"
    "  inputs TEXT);"
    "CREATE INDEX transition_subject ON transition(run, scope, stage, key);"
    "CREATE TABLE attempt(run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  stage INTEGER NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,"
    "  started INTEGER, finished INTEGER NOT NULL, exit INTEGER, user_time INTEGER,"
    "  system_time INTEGER, max_rss INTEGER, read_bytes INTEGER, written_bytes INTEGER, dir TEXT,"
    "  error_type TEXT, error TEXT);"
    "CREATE INDEX attempt_task ON attempt(run, stage, key);"
    /* port: number among the stage's outputs; element: position in a stream, else -1 */
    "CREATE TABLE artifact(id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run(id)"
    "  ON DELETE CASCADE, stage INTEGER NOT NULL, key TEXT NOT NULL, port TEXT NOT NULL,"
    "  element INTEGER NOT NULL, value TEXT NOT NULL);"
    "CREATE INDEX artifact_task ON artifact(run, stage, key);"
    "CREATE VIEW task AS SELECT t.run, s.slug AS stage, t.key, t.state, t.time, t.reason,"
    "  t.error_type, t.error, t.inputs FROM transition t JOIN stage s ON s.run = t.run AND"
    "  s.number = t.stage WHERE t.scope = 2 AND t.id = (SELECT max(id) FROM transition u WHERE"
    "  u.run = t.run AND u.scope = 2 AND u.stage = t.stage AND u.key = t.key);"
    "CREATE VIEW stage_state AS SELECT t.run, s.slug AS stage, t.state, t.time FROM transition t"
    "  JOIN stage s ON s.run = t.run AND s.number = t.stage WHERE t.scope = 1 AND t.id ="
    "  (SELECT max(id) FROM transition u WHERE u.run = t.run AND u.scope = 1 AND"
    "  u.stage = t.stage);"
    "CREATE VIEW run_state AS SELECT r.id, r.name, r.pipeline, r.created, t.state, t.time,"
    "  t.error_type, t.error FROM run r JOIN transition t ON t.id = (SELECT max(id) FROM"
    "  transition u WHERE u.run = r.id AND u.scope = 0);",
};

int store_schema_version(void) {
    return (int)(sizeof migrations / sizeof *migrations);
}

static int pragma_number(sqlite3 *db, const char *sql, int *number) {
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc != SQLITE_OK) return rc;
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) *number = sqlite3_column_int(statement, 0);
    int closed = sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? closed : rc;
}

/* Runs the migrations from `version` on and sets the version, all within one transaction. */
static int migrate(sqlite3 *db, int version) {
    int rc = SQLITE_OK;
    for (int i = version; i < store_schema_version() && rc == SQLITE_OK; i++) {
        rc = sqlite3_exec(db, migrations[i], NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) return rc;
    char *sql = sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                STORE_APPLICATION, store_schema_version());
    if (sql == NULL) return SQLITE_NOMEM;
    rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

static char *refusal(sqlite3 *db, const char *path, int application, int version) {
    int tables = 0;
    pragma_number(db, "SELECT count(*) FROM sqlite_master", &tables);
    if (application != STORE_APPLICATION && tables > 0) {
        return sqlite3_mprintf("%s is a database of another program; choose another --state "
                               "directory", path);
    }
    if (version > store_schema_version()) {
        return sqlite3_mprintf("%s was written by a newer version of dagcc (its format is %d, this "
                               "program knows %d); use that version, or another --state directory",
                               path, version, store_schema_version());
    }
    return NULL;
}

/* Within a transaction, so that two processes that open a new store at once agree. */
static int prepare_locked(sqlite3 *db, const char *path, char **message) {
    int version = 0, application = 0;
    int rc = pragma_number(db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK) rc = pragma_number(db, "PRAGMA application_id", &application);
    if (rc != SQLITE_OK) return rc;
    *message = refusal(db, path, application, version);
    if (*message != NULL || version == store_schema_version()) return SQLITE_OK;
    return migrate(db, version);
}

bool store_schema_prepare(sqlite3 *db, const char *path, char **message) {
    *message = NULL;
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK) rc = prepare_locked(db, path, message);
    if (rc == SQLITE_OK && *message == NULL) rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK && *message == NULL) return true;
    if (*message == NULL) *message = sqlite3_mprintf("%s: %s", path, sqlite3_errmsg(db));
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
