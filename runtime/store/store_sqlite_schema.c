/*
 * store_sqlite_schema.c - the tables of the store and how old ones become new ones.
 *
 * In: an open database. Out: the same at the current schema version, or a reason why not.
 * A change of the schema is one more row in `migrations`; rows are never edited once released.
 */
#include "store/store_sqlite.h"

/* Transitions are only ever inserted: an UPDATE per transition costs twice an INSERT. What is true
 * now is the last row of each subject, which the views show. Times are ns since 1970 UTC, `took` ns.
 *
 * The tables that grow with the tasks have no secondary index. Their ids are the run's number << 32
 * plus a number that counts the run's rows over all of these tables: the rows of a run stand
 * together, in the order in which things happened. */
static const char *const migrations[] = {
    "CREATE TABLE run(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, pipeline TEXT NOT NULL,"
    "  source TEXT NOT NULL, inputs TEXT NOT NULL, created INTEGER NOT NULL, origin TEXT);"
    /* digest: of the stage's definition */
    "CREATE TABLE stage(run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  number INTEGER NOT NULL, slug TEXT NOT NULL, digest TEXT, PRIMARY KEY(run, number))"
    "  WITHOUT ROWID;"
    "CREATE TABLE edge(run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  number INTEGER NOT NULL, from_stage INTEGER NOT NULL, from_port TEXT NOT NULL,"
    "  to_stage INTEGER, to_port TEXT NOT NULL, stream INTEGER NOT NULL,"
    "  PRIMARY KEY(run, number)) WITHOUT ROWID;"
    /* of runs (scope 0) and stages (scope 1); outputs: of a run that has ended */
    "CREATE TABLE transition(id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, stage INTEGER,"
    "  key TEXT, state INTEGER NOT NULL, time INTEGER NOT NULL, reason TEXT, error_type TEXT,"
    "  error TEXT, outputs TEXT);"
    /* transitions of tasks; that it runs is not recorded of a task that is only an expression.
     * inputs, outputs: JSON objects by port; sources: the edges along which the inputs came, each
     * a number, or [number, key] where the artifact's key is not the task's */
    "CREATE TABLE task(id INTEGER PRIMARY KEY, stage INTEGER NOT NULL, key TEXT NOT NULL,"
    "  attempt INTEGER NOT NULL, state INTEGER NOT NULL, time INTEGER NOT NULL,"
    "  took INTEGER NOT NULL, reason TEXT, error_type TEXT, error TEXT, inputs TEXT, outputs TEXT,"
    "  sources TEXT);"
    "CREATE TABLE attempt(id INTEGER PRIMARY KEY, stage INTEGER NOT NULL, key TEXT NOT NULL,"
    "  number INTEGER NOT NULL, state INTEGER NOT NULL, time INTEGER NOT NULL,"
    "  took INTEGER NOT NULL, exit INTEGER, user_time INTEGER, system_time INTEGER,"
    "  max_rss INTEGER, read_bytes INTEGER, written_bytes INTEGER, dir TEXT, error_type TEXT,"
    "  error TEXT);"
    /* the words for the numbers of states (dag.h) */
    "CREATE TABLE state(number INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "INSERT INTO state VALUES(0,'pending'),(1,'running'),(2,'completed'),(3,'cached'),(4,'failed'),"
    "  (5,'crashed'),(6,'cancelled'),(7,'skipped'),(8,'filtered'),(9,'queued'),(10,'paused');"
    "CREATE VIEW run_state AS SELECT r.id, r.name, r.pipeline, r.created, s.name AS state, t.time,"
    "  t.error_type, t.error FROM run r JOIN transition t ON t.id = (SELECT id FROM transition u"
    "  WHERE u.id BETWEEN r.id << 32 AND (r.id << 32) + 4294967295 AND u.scope = 0 ORDER BY id DESC"
    "  LIMIT 1) JOIN state s ON s.number = t.state;"
    /* every transition, with words: for people */
    "CREATE VIEW task_history AS SELECT t.id, r.name AS run, g.slug AS stage, t.key, t.attempt,"
    "  s.name AS state, t.time, t.took, t.reason, t.error_type, t.error, t.inputs, t.outputs"
    "  FROM task t JOIN run r ON r.id = t.id >> 32 JOIN stage g ON g.run = r.id AND"
    "  g.number = t.stage JOIN state s ON s.number = t.state;",
    /* results by cache key (store_sqlite_cache.c), digests of files (store_sqlite_files.c) */
    "CREATE TABLE cache(id INTEGER PRIMARY KEY, key BLOB NOT NULL, run TEXT NOT NULL,"
    "  stage TEXT NOT NULL, task TEXT NOT NULL, made INTEGER NOT NULL, parts TEXT NOT NULL,"
    "  outputs TEXT NOT NULL);"
    "CREATE INDEX cache_key ON cache(key);"
    "CREATE INDEX cache_task ON cache(stage, task);"
    "CREATE TABLE file(path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    "  changed INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL,"
    "  digest BLOB NOT NULL) WITHOUT ROWID;",
    /* the run whose stage calls this one, whose name begins with that one's and a slash; or NULL */
    "ALTER TABLE run ADD COLUMN parent INTEGER;",
    /* definitions of stages by digest, each once: JSON [[name, text], ...]. stamps: of the files that
     * a result names (store_sqlite_stamps.c). Keys are made otherwise now: older results never fit. */
    "DELETE FROM cache;"
    "CREATE TABLE definition(digest BLOB PRIMARY KEY, parts TEXT NOT NULL) WITHOUT ROWID;"
    "ALTER TABLE cache ADD COLUMN definition BLOB;"
    "ALTER TABLE cache ADD COLUMN stamps TEXT;",
    /* temporary files that were deleted after use (store_sqlite_reclaim.c): what stood in them, by
     * content and by size and time, where somebody may want to know */
    "CREATE TABLE reclaimed(path TEXT PRIMARY KEY, time INTEGER NOT NULL, size INTEGER NOT NULL,"
    "  mode INTEGER NOT NULL, content BLOB, stat BLOB) WITHOUT ROWID;",
    /* inputs: of the task that gave the result, as in its row; places: where their files are, by digest,
     * where inputs are there. result: the row of the cache whose run, inputs and outputs say what reason,
     * inputs and outputs of a cached task leave out: for a hundred thousand such tasks are many. Rows of
     * the cache stay. sight: what the task saw (core/sight.h). */
    "ALTER TABLE cache ADD COLUMN inputs TEXT;"
    "ALTER TABLE cache ADD COLUMN places INTEGER;"
    "ALTER TABLE cache ADD COLUMN sight BLOB;"
    "ALTER TABLE task ADD COLUMN result INTEGER;"
    "DROP VIEW task_history;"
    "CREATE VIEW task_known AS SELECT t.id, t.stage, t.key, t.attempt, t.state, t.time, t.took,"
    "  ifnull(t.reason, 'same definition and inputs as in run ' || c.run) AS reason, t.error_type,"
    "  t.error, ifnull(t.inputs, c.inputs) AS inputs, ifnull(t.outputs, c.outputs) AS outputs,"
    "  t.sources FROM task t LEFT JOIN cache c ON c.id = t.result;"
    "CREATE VIEW task_history AS SELECT t.id, r.name AS run, g.slug AS stage, t.key, t.attempt,"
    "  s.name AS state, t.time, t.took, t.reason, t.error_type, t.error, t.inputs, t.outputs"
    "  FROM task_known t JOIN run r ON r.id = t.id >> 32 JOIN stage g ON g.run = r.id AND"
    "  g.number = t.stage JOIN state s ON s.number = t.state;",
};

int store_schema_version(void) {
    return (int)(sizeof migrations / sizeof *migrations);
}

int store_pragma_number(sqlite3 *db, const char *sql, int *number) {
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *number = sqlite3_column_int(statement, 0);
    int closed = sqlite3_finalize(statement);
    return rc == SQLITE_ROW ? closed : rc;
}

/* Runs the migrations from `version` on and sets the version, all within one transaction. */
static int migrate(sqlite3 *db, int version) {
    int rc = SQLITE_OK;
    for (int i = version; i < store_schema_version() && rc == SQLITE_OK; i++) {
        rc = sqlite3_exec(db, migrations[i], NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK)
        return rc;
    char *sql = sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                STORE_APPLICATION, store_schema_version());
    if (sql == NULL)
        return SQLITE_NOMEM;
    rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

static char *refusal(sqlite3 *db, const char *path, int application, int version) {
    int tables = 0;
    store_pragma_number(db, "SELECT count(*) FROM sqlite_master", &tables);
    if (application != STORE_APPLICATION && tables > 0) {
        return sqlite3_mprintf("%s is a database of another program; choose another --state "
                               "directory",
                               path);
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
    int rc = store_pragma_number(db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = store_pragma_number(db, "PRAGMA application_id", &application);
    if (rc != SQLITE_OK)
        return rc;
    *message = refusal(db, path, application, version);
    if (*message != NULL || version == store_schema_version())
        return SQLITE_OK;
    return migrate(db, version);
}

bool store_schema_prepare(sqlite3 *db, const char *path, char **message) {
    *message = NULL;
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = prepare_locked(db, path, message);
    if (rc == SQLITE_OK && *message == NULL)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK && *message == NULL)
        return true;
    if (*message == NULL)
        *message = sqlite3_mprintf("%s: %s%s", path, sqlite3_errmsg(db), store_what_to_do(rc));
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
