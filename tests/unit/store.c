/*
 * store.c - the SQLite store: what is taken is durable after flush, in order; what it refuses.
 */
#include <CUnit/CUnit.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/folder.h"
#include "core/store.h"
#include "pure/value.h"
#include "store/queue.h"
#include "suites.h"

/* strings: 0 "", 1 "demo", 6 "demo.dag", 15 "one", 19 "xs", 22 "n" */
static const char strings[] = "\0demo\0demo.dag\0one\0xs\0n";
static const dag_type types[] = { { .kind = DAG_INT } };
static const dag_port ports[] = { { .name = 22, .value = DAG_NONE },
                                  { .name = 19, .value = DAG_NONE, .flags = DAG_PORT_STREAM },
                                  { .name = 22, .value = DAG_NONE } };
static const dag_stage stages[] = { { .slug = 15,
                                      .body = DAG_BODY_RUN,
                                      .when = DAG_NONE,
                                      .native = DAG_NONE,
                                      .sub = DAG_NONE,
                                      .map_over = DAG_NONE,
                                      .in = 0,
                                      .nin = 1,
                                      .out = 1,
                                      .nout = 2 } };
static const dag_axis axes[] = { { .parent = DAG_NONE, .position = DAG_NONE } };
static const dag_program program = { .abi = DAG_ABI,
                                     .name = 1,
                                     .source = 6,
                                     .strings = strings,
                                     .types = types,
                                     .axes = axes,
                                     .naxes = 1,
                                     .ntypes = 1,
                                     .ports = ports,
                                     .nports = 3,
                                     .stages = stages,
                                     .nstages = 1 };

/* A folder of its own for each test. */
static char folder[64];
static char reason[512];

static void setup(void) {
    strcpy(folder, "/tmp/dag-store-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static void teardown(void) {
    folder_remove(folder);
}

static dag_store *open_store(dag_error *error) {
    return store_sqlite_open(folder, "demo", reason, sizeof reason, error);
}

/* The first column of the first row, as text; "" if there is none. */
static const char *query(const char *sql) {
    static char text[256];
    char path[128];
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    text[0] = '\0';
    snprintf(path, sizeof path, "%s/demo.db", folder);
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL) {
        snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return text;
}

static void execute(const char *sql) {
    char path[128];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/demo.db", folder);
    CU_ASSERT_EQUAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static dag_store *begin(const char *id) {
    dag_error error = { 0 };
    dag_store *store = open_store(&error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    StoreRun run = { .id = id, .program = &program, .started = 1000 };
    CU_ASSERT_TRUE(store->begin(store->self, &run, &error));
    return store;
}

static dag_event task_event(dag_state state, int64_t time) {
    return (dag_event){ .time = time,
                        .run = "r1",
                        .scope = DAG_SCOPE_TASK,
                        .state = state,
                        .stage = 0,
                        .key = "-",
                        .attempt = 1 };
}

static void rows_are_durable_after_flush(void) {
    setup();
    dag_store *store = begin("r1");
    dag_value elements[] = { value_int(DAG_INT, 5), value_int(DAG_INT, 6) };
    dag_value outputs[] = { value_list(elements, 2), value_int(DAG_INT, 7) };
    dag_value input = value_int(DAG_INT, 41);
    dag_event running = task_event(DAG_RUNNING, 1);
    store->event(store->self, &running);
    dag_event done = task_event(DAG_COMPLETED, 2);
    done.inputs = &input;
    done.outputs = outputs;
    store->event(store->self, &done);
    dag_error error = { 0 };
    CU_ASSERT_TRUE(store->flush(store->self, &error));
    CU_ASSERT_STRING_EQUAL(query("SELECT group_concat(state) FROM task_history"),
                           "running,completed");
    CU_ASSERT_STRING_EQUAL(query("SELECT inputs || outputs FROM task WHERE state = 2"),
                           "{\"n\":41}{\"xs\":[5,6],\"n\":7}");
    store->close(store->self);
    teardown();
}

static void attempts_say_what_they_used(void) {
    setup();
    dag_store *store = begin("r1");
    dag_usage usage = { .user = 10, .system = 20, .max_rss = 30, .read = -1, .written = -1 };
    dag_error why = { .type = "exit", .message = "exit status 3" };
    dag_event attempt = task_event(DAG_FAILED, 9);
    attempt.scope = DAG_SCOPE_ATTEMPT;
    attempt.usage = &usage;
    attempt.error = &why;
    attempt.exit_status = 3;
    attempt.dir = "/x/1";
    store->event(store->self, &attempt);
    store->close(store->self);
    CU_ASSERT_STRING_EQUAL(
        query("SELECT exit || ' ' || user_time || ' ' || max_rss || ' ' || dir || ' ' || error ||"
              " ' ' || ifnull(read_bytes, 'null') FROM attempt"),
        "3 10 30 /x/1 exit status 3 null");
    teardown();
}

static void several_runs_share_a_store(void) {
    setup();
    dag_store *one = begin("r1"), *two = begin("r2");
    dag_event event = task_event(DAG_SKIPPED, 3);
    one->event(one->self, &event);
    two->event(two->self, &event);
    one->close(one->self);
    two->close(two->self);
    CU_ASSERT_STRING_EQUAL(query("SELECT count(*) FROM task_history WHERE state = 'skipped'"), "2");
    teardown();
}

static void refuses(const char *part) {
    dag_error error = { 0 };
    CU_ASSERT_PTR_NULL(open_store(&error));
    CU_ASSERT_STRING_EQUAL(error.type, "store");
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, part));
}

static void refuses_what_it_does_not_know(void) {
    setup();
    dag_store *store = begin("r1");
    store->close(store->self);
    execute("PRAGMA user_version = 99");
    refuses("newer version");
    CU_ASSERT_STRING_EQUAL(query("SELECT count(*) FROM run"), "1");
    execute("PRAGMA application_id = 7");
    refuses("another program");
    teardown();
}

static void refuses_a_damaged_file(void) {
    setup();
    char path[128], noise[8192];
    snprintf(path, sizeof path, "%s/demo.db", folder);
    memset(noise, 'x', sizeof noise);
    FILE *file = fopen(path, "w");
    fwrite(noise, 1, sizeof noise, file);
    fclose(file);
    refuses("not a database");
    teardown();
}

static void says_when_rows_cannot_be_written(void) {
    setup();
    dag_store *store = begin("r1");
    execute("CREATE TRIGGER no BEFORE INSERT ON task BEGIN SELECT raise(ABORT, 'no'); END");
    dag_event event = task_event(DAG_RUNNING, 1);
    store->event(store->self, &event);
    dag_error error = { 0 };
    CU_ASSERT_FALSE(store->flush(store->self, &error));
    CU_ASSERT_STRING_EQUAL(error.type, "store");
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "no"));
    CU_ASSERT_FALSE(store->check(store->self, &error));
    store->close(store->self);
    teardown();
}

/* ---------------------------------------------------------------- runs of one process */

static dag_store *join(const dag_store *first, const char *id) {
    dag_error error = { 0 };
    dag_store *store = store_sqlite_share(first);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    StoreRun run = { .id = id, .program = &program, .started = 1000 };
    CU_ASSERT_TRUE(store->begin(store->self, &run, &error));
    return store;
}

static void one_connection_serves_several_runs(void) {
    setup();
    dag_error error = { 0 };
    dag_store *first = open_store(&error);
    dag_store *a = join(first, "a"), *b = join(first, "b");
    dag_event event = task_event(DAG_COMPLETED, 1);
    CU_ASSERT_STRING_EQUAL(query("SELECT count(*) FROM run"), "2");
    a->event(a->self, &event);
    b->event(b->self, &event);
    b->event(b->self, &event);
    CU_ASSERT_TRUE(b->flush(b->self, &error));
    CU_ASSERT_STRING_EQUAL(
        query("SELECT count(*) FROM task t JOIN run r ON r.id = t.id >> 32 WHERE name = 'b'"), "2");
    first->close(first->self); /* the others go on */
    a->event(a->self, &event);
    a->close(a->self);
    CU_ASSERT_STRING_EQUAL(
        query("SELECT count(*) FROM task t JOIN run r ON r.id = t.id >> 32 WHERE name = 'a'"), "2");
    CU_ASSERT_TRUE(b->check(b->self, &error));
    b->close(b->self);
    teardown();
}

/* What is wrong with one of them is not wrong with the others; what is wrong with the file is. */
static void a_refused_run_is_refused_alone(void) {
    setup();
    dag_error error = { 0 };
    dag_store *first = open_store(&error);
    dag_store *a = join(first, "a"), *lost = store_sqlite_share(first),
              *twice = store_sqlite_share(first);
    StoreRun run = { .id = "nowhere", .program = &program, .resume = true };
    CU_ASSERT_FALSE(lost->begin(lost->self, &run, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "nowhere is not recorded"));
    execute(
        "INSERT INTO run(name, pipeline, source, inputs, created) VALUES('c','demo','','{}',1)");
    run = (StoreRun){ .id = "c", .program = &program };
    CU_ASSERT_FALSE(twice->begin(twice->self, &run, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "there is a run c already"));
    dag_event event = task_event(DAG_COMPLETED, 1);
    a->event(a->self, &event);
    CU_ASSERT_TRUE(a->flush(a->self, &error));
    CU_ASSERT_TRUE(first->check(first->self, &error));
    execute("CREATE TRIGGER no BEFORE INSERT ON task BEGIN SELECT raise(ABORT, 'no'); END");
    a->event(a->self, &event);
    CU_ASSERT_FALSE(a->flush(a->self, &error));
    CU_ASSERT_FALSE(first->check(first->self, &error));
    dag_store *late = store_sqlite_share(first);
    CU_ASSERT_FALSE(late->begin(late->self, &run, &error));
    dag_store *all[] = { late, twice, lost, a, first };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i]->close(all[i]->self);
    teardown();
}

enum { THREADS = 4, ROUNDS = 25 };

/* Runs one after the other; what a flush says is there is there. */
static void *run_many(void *arg) {
    const dag_store *first = arg;
    for (int i = 0; i < ROUNDS; i++) {
        char id[48];
        dag_error error = { 0 };
        dag_store *store = store_sqlite_share(first);
        snprintf(id, sizeof id, "%p-%d", (void *)store, i);
        snprintf(id + strlen(id), sizeof id - strlen(id), "-%lx", (unsigned long)pthread_self());
        StoreRun run = { .id = id, .program = &program, .started = 1000 };
        bool good = store->begin(store->self, &run, &error);
        dag_event event = task_event(DAG_COMPLETED, 1);
        store->event(store->self, &event);
        good = good && store->flush(store->self, &error);
        store->close(store->self);
        if (!good)
            return (void *)first;
    }
    return NULL;
}

static void threads_share_a_store(void) {
    setup();
    dag_error error = { 0 };
    dag_store *first = open_store(&error);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL(pthread_create(&threads[i], NULL, run_many, first), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
    first->close(first->self);
    CU_ASSERT_STRING_EQUAL(query("SELECT count(DISTINCT id >> 32) FROM task"), "100");
    teardown();
}

/* ---------------------------------------------------------------- the queue */

static void the_queue_is_read_in_pages(void) {
    setup();
    dag_error error = { 0 };
    dag_store *store = open_store(&error);
    char id[16];
    for (int i = 0; i < STORE_QUEUE_PAGE + 3; i++) {
        snprintf(id, sizeof id, "q%03d", i);
        StoreRun run = { .id = id, .program = &program, .started = i };
        CU_ASSERT_TRUE(store_queue_add(store, &run, "{}", &error));
    }
    Arena arena = { 0 };
    StoreQueued *list;
    size_t n;
    int64_t next;
    StoreReader *reader = store_reader_open(folder, "demo", reason, sizeof reason, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    CU_ASSERT_TRUE(store_queue_read(reader, &arena, 0, &list, &n, &next, &error));
    CU_ASSERT_EQUAL(n, STORE_QUEUE_PAGE);
    CU_ASSERT_STRING_EQUAL(list[0].id, "q000");
    CU_ASSERT_TRUE(store_queue_read(reader, &arena, next, &list, &n, &next, &error));
    CU_ASSERT_EQUAL(n, 3);
    CU_ASSERT_STRING_EQUAL(list[2].id, "q066");
    CU_ASSERT_TRUE(store_queue_read(reader, &arena, next, &list, &n, &next, &error));
    CU_ASSERT_EQUAL(n, 0);
    const dag_error none = { NULL, NULL };
    CU_ASSERT_TRUE(store_queue_end(store, "q000", DAG_CANCELLED, "cancelled", &none, &error));
    CU_ASSERT_TRUE(store_queue_read(reader, &arena, 0, &list, &n, &next, &error));
    CU_ASSERT_STRING_EQUAL(list[0].id, "q001");
    CU_ASSERT_FALSE(store_has_moved(reader));
    char path[128], other[128];
    snprintf(path, sizeof path, "%s/demo.db", folder);
    snprintf(other, sizeof other, "%s/other.db", folder);
    CU_ASSERT_EQUAL(rename(path, other), 0);
    CU_ASSERT_TRUE(store_has_moved(reader));
    store_reader_free(reader);
    store->close(store->self);
    arena_free(&arena);
    teardown();
}

void suite_store(void) {
    CU_pSuite suite = CU_add_suite("store", NULL, NULL);
    CU_add_test(suite, "rows are durable after flush", rows_are_durable_after_flush);
    CU_add_test(suite, "attempts say what they used", attempts_say_what_they_used);
    CU_add_test(suite, "several runs share a store", several_runs_share_a_store);
    CU_add_test(suite, "refuses what it does not know", refuses_what_it_does_not_know);
    CU_add_test(suite, "refuses a damaged file", refuses_a_damaged_file);
    CU_add_test(suite, "says when rows cannot be written", says_when_rows_cannot_be_written);
    CU_add_test(suite, "one connection serves several runs", one_connection_serves_several_runs);
    CU_add_test(suite, "a refused run is refused alone", a_refused_run_is_refused_alone);
    CU_add_test(suite, "threads share a store", threads_share_a_store);
    CU_add_test(suite, "the queue is read in pages", the_queue_is_read_in_pages);
}
