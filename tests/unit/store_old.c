/*
 * store_old.c - stores of older versions are brought forward: what they hold is still there.
 *
 * The texts below are the schemas as they were released. They are never edited; whoever adds a version
 * to store_sqlite_schema.c adds its text here.
 */
#include <CUnit/CUnit.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/folder.h"
#include "store/store_read.h"
#include "store/store_sqlite.h"
#include "suites.h"

static const char version_1[] =
    "CREATE TABLE run(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, pipeline TEXT NOT NULL,"
    "  source TEXT NOT NULL, inputs TEXT NOT NULL, created INTEGER NOT NULL, origin TEXT);"
    "CREATE TABLE stage(run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  number INTEGER NOT NULL, slug TEXT NOT NULL, digest TEXT, PRIMARY KEY(run, number))"
    "  WITHOUT ROWID;"
    "CREATE TABLE edge(run INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,"
    "  number INTEGER NOT NULL, from_stage INTEGER NOT NULL, from_port TEXT NOT NULL,"
    "  to_stage INTEGER, to_port TEXT NOT NULL, stream INTEGER NOT NULL,"
    "  PRIMARY KEY(run, number)) WITHOUT ROWID;"
    "CREATE TABLE transition(id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, stage INTEGER,"
    "  key TEXT, state INTEGER NOT NULL, time INTEGER NOT NULL, reason TEXT, error_type TEXT,"
    "  error TEXT, outputs TEXT);"
    "CREATE TABLE task(id INTEGER PRIMARY KEY, stage INTEGER NOT NULL, key TEXT NOT NULL,"
    "  attempt INTEGER NOT NULL, state INTEGER NOT NULL, time INTEGER NOT NULL,"
    "  took INTEGER NOT NULL, reason TEXT, error_type TEXT, error TEXT, inputs TEXT, outputs TEXT,"
    "  sources TEXT);"
    "CREATE TABLE attempt(id INTEGER PRIMARY KEY, stage INTEGER NOT NULL, key TEXT NOT NULL,"
    "  number INTEGER NOT NULL, state INTEGER NOT NULL, time INTEGER NOT NULL,"
    "  took INTEGER NOT NULL, exit INTEGER, user_time INTEGER, system_time INTEGER,"
    "  max_rss INTEGER, read_bytes INTEGER, written_bytes INTEGER, dir TEXT, error_type TEXT,"
    "  error TEXT);"
    "CREATE TABLE state(number INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "INSERT INTO state VALUES(0,'pending'),(1,'running'),(2,'completed'),(3,'cached'),(4,'failed'),"
    "  (5,'crashed'),(6,'cancelled'),(7,'skipped'),(8,'filtered'),(9,'queued'),(10,'paused');"
    "CREATE VIEW run_state AS SELECT r.id, r.name, r.pipeline, r.created, s.name AS state, t.time,"
    "  t.error_type, t.error FROM run r JOIN transition t ON t.id = (SELECT id FROM transition u"
    "  WHERE u.id BETWEEN r.id << 32 AND (r.id << 32) + 4294967295 AND u.scope = 0 ORDER BY id DESC"
    "  LIMIT 1) JOIN state s ON s.number = t.state;"
    "CREATE VIEW task_history AS SELECT t.id, r.name AS run, g.slug AS stage, t.key, t.attempt,"
    "  s.name AS state, t.time, t.took, t.reason, t.error_type, t.error, t.inputs, t.outputs"
    "  FROM task t JOIN run r ON r.id = t.id >> 32 JOIN stage g ON g.run = r.id AND"
    "  g.number = t.stage JOIN state s ON s.number = t.state;";

static const char version_2[] =
    "CREATE TABLE cache(id INTEGER PRIMARY KEY, key BLOB NOT NULL, run TEXT NOT NULL,"
    "  stage TEXT NOT NULL, task TEXT NOT NULL, made INTEGER NOT NULL, parts TEXT NOT NULL,"
    "  outputs TEXT NOT NULL);"
    "CREATE INDEX cache_key ON cache(key);"
    "CREATE INDEX cache_task ON cache(stage, task);"
    "CREATE TABLE file(path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    "  changed INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL,"
    "  digest BLOB NOT NULL) WITHOUT ROWID;";

static const char version_3[] = "ALTER TABLE run ADD COLUMN parent INTEGER;";

static const char version_4[] =
    "DELETE FROM cache;"
    "CREATE TABLE definition(digest BLOB PRIMARY KEY, parts TEXT NOT NULL) WITHOUT ROWID;"
    "ALTER TABLE cache ADD COLUMN definition BLOB;"
    "ALTER TABLE cache ADD COLUMN stamps TEXT;";

static const char version_5[] =
    "CREATE TABLE reclaimed(path TEXT PRIMARY KEY, time INTEGER NOT NULL, size INTEGER NOT NULL,"
    "  mode INTEGER NOT NULL, content BLOB, stat BLOB) WITHOUT ROWID;";

static const char *const versions[] = { version_1, version_2, version_3, version_4, version_5 };
enum { NVERSIONS = sizeof versions / sizeof *versions };

/* A run that failed: of two tasks one is completed. */
static const char rows[] =
    "INSERT INTO run(id, name, pipeline, source, inputs, created)"
    " VALUES(1, 'r1', 'demo', 'demo.dag', '{\"n\":1}', 1000);"
    "INSERT INTO stage VALUES(1, 0, 'one', 'abc');"
    "INSERT INTO transition(id, scope, state, time) VALUES((1 << 32) + 1, 0, 1, 1000);"
    "INSERT INTO task(id, stage, key, attempt, state, time, took, outputs) VALUES"
    " ((1 << 32) + 2, 0, '0', 1, 2, 2000, 500, '{\"m\":1}'),"
    " ((1 << 32) + 3, 0, '1', 1, 4, 3000, 600, NULL);"
    "INSERT INTO attempt(id, stage, key, number, state, time, took, exit)"
    " VALUES((1 << 32) + 4, 0, '1', 1, 4, 3000, 600, 3);"
    "INSERT INTO transition(id, scope, state, time) VALUES((1 << 32) + 5, 0, 4, 4000);";

static char folder[64];

static void make_old(int version) {
    char path[128], settings[128];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/demo.db", folder);
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    for (int i = 0; i < version; i++) {
        CU_ASSERT_EQUAL(sqlite3_exec(db, versions[i], NULL, NULL, NULL), SQLITE_OK);
    }
    snprintf(settings, sizeof settings, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION, version);
    CU_ASSERT_EQUAL(sqlite3_exec(db, settings, NULL, NULL, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, rows, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void expect_record(StoreReader *reader) {
    Arena arena = { 0 };
    StoreRunInfo *runs = NULL;
    StoreRecord record;
    size_t n = 0;
    dag_error error = { 0 };
    CU_ASSERT_TRUE(store_read_runs(reader, &arena, &runs, &n, &error));
    CU_ASSERT_EQUAL_FATAL(n, 1);
    CU_ASSERT_EQUAL(runs[0].state, DAG_FAILED);
    CU_ASSERT_EQUAL(runs[0].duration, 3000);
    CU_ASSERT_TRUE_FATAL(store_read_record(reader, &arena, "r1", &record, &error));
    CU_ASSERT_EQUAL_FATAL(record.ntasks, 2);
    CU_ASSERT_EQUAL(record.tasks[0].state, DAG_COMPLETED);
    CU_ASSERT_STRING_EQUAL(record.tasks[0].outputs, "{\"m\":1}");
    CU_ASSERT_EQUAL(record.tasks[1].state, DAG_FAILED);
    CU_ASSERT_EQUAL(record.tasks[1].attempts->exit_status, 3);
    arena_free(&arena);
}

static void brought_forward(void) {
    for (int version = 1; version <= NVERSIONS; version++) {
        char reason[256] = "";
        char *message = NULL;
        int now = 0;
        dag_error error = { 0 };
        strcpy(folder, "/tmp/dag-old-XXXXXX");
        CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
        make_old(version);
        StoreReader *reader = store_reader_open(folder, "demo", reason, sizeof reason, &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
        expect_record(reader);
        store_reader_free(reader);
        sqlite3 *db = store_database_open(folder, "demo", true, &message);
        CU_ASSERT_PTR_NOT_NULL_FATAL(db);
        CU_ASSERT_EQUAL(store_pragma_number(db, "PRAGMA user_version", &now), SQLITE_OK);
        CU_ASSERT_EQUAL(now, store_schema_version());
        sqlite3_close(db);
        CU_ASSERT_TRUE(folder_remove(folder));
    }
}

void suite_store_old(void) {
    CU_pSuite suite = CU_add_suite("store_old", NULL, NULL);
    CU_add_test(suite, "brought forward", brought_forward);
}
