/*
 * store_sqlite_write.c - rows of events into the database: one transaction per batch.
 */
#include <stdlib.h>
#include <string.h>

#include "pure/value.h"
#include "store/store_sqlite.h"

typedef enum StatementId {
    INSERT_RUN,
    INSERT_STAGE,
    INSERT_TRANSITION,
    INSERT_ATTEMPT,
    INSERT_ARTIFACT,
    NSTATEMENTS
} StatementId;

static const char *const statement_text[NSTATEMENTS] = {
    [INSERT_RUN] = "INSERT INTO run(name, pipeline, source, inputs, created) VALUES(?,?,?,?,?)",
    [INSERT_STAGE] = "INSERT INTO stage(run, number, slug) VALUES(?,?,?)",
    [INSERT_TRANSITION] =
        "INSERT INTO transition(run, scope, stage, key, attempt, state, time, reason, error_type,"
        " error, inputs) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_ATTEMPT] =
        "INSERT INTO attempt(run, stage, key, number, state, started, finished, exit, user_time,"
        " system_time, max_rss, read_bytes, written_bytes, dir, error_type, error)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_ARTIFACT] =
        "INSERT INTO artifact(run, stage, key, port, element, value) VALUES(?,?,?,?,?,?)",
};

struct StoreWriter {
    sqlite3 *db;
    sqlite3_stmt *statements[NSTATEMENTS];
};

StoreWriter *store_writer_new(sqlite3 *db) {
    StoreWriter *writer = calloc(1, sizeof *writer);
    if (writer == NULL) return NULL;
    writer->db = db;
    for (int i = 0; i < NSTATEMENTS; i++) {
        if (sqlite3_prepare_v3(db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &writer->statements[i], NULL) != SQLITE_OK) {
            store_writer_free(writer);
            return NULL;
        }
    }
    return writer;
}

void store_writer_free(StoreWriter *writer) {
    if (writer == NULL) return;
    for (int i = 0; i < NSTATEMENTS; i++) sqlite3_finalize(writer->statements[i]);
    free(writer);
}

/* Binds by position, left to right, so that a row reads like its INSERT. */
typedef struct Binder {
    sqlite3_stmt *statement;
    int column;
} Binder;

static Binder binder(StoreWriter *writer, StatementId id) {
    return (Binder){.statement = writer->statements[id], .column = 1};
}

static void put_text(Binder *binder, const char *text) {
    if (text != NULL) sqlite3_bind_text(binder->statement, binder->column, text, -1, SQLITE_STATIC);
    binder->column++;
}

static void put_number(Binder *binder, int64_t number) {
    sqlite3_bind_int64(binder->statement, binder->column++, number);
}

/* A number that is not known (-1) is NULL. */
static void put_known(Binder *binder, int64_t number) {
    if (number < 0) binder->column++;
    else put_number(binder, number);
}

static int insert(Binder *binder) {
    int rc = sqlite3_step(binder->statement);
    sqlite3_reset(binder->statement);
    sqlite3_clear_bindings(binder->statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int write_transition(StoreWriter *writer, int64_t run, const StoreRow *row) {
    Binder b = binder(writer, INSERT_TRANSITION);
    put_number(&b, run);
    put_number(&b, row->scope);
    put_known(&b, row->stage == DAG_NONE ? -1 : (int64_t)row->stage);
    put_text(&b, row->key);
    put_number(&b, row->attempt);
    put_text(&b, dag_state_name(row->state));
    put_number(&b, row->time);
    put_text(&b, row->reason);
    put_text(&b, row->error_type);
    put_text(&b, row->error_message);
    put_text(&b, row->inputs);
    return insert(&b);
}

static int write_attempt(StoreWriter *writer, int64_t run, const StoreRow *row) {
    Binder b = binder(writer, INSERT_ATTEMPT);
    put_number(&b, run);
    put_number(&b, row->stage);
    put_text(&b, row->key);
    put_number(&b, row->attempt);
    put_text(&b, dag_state_name(row->state));
    put_number(&b, row->started);
    put_number(&b, row->time);
    put_known(&b, row->exit_status);
    put_known(&b, row->usage.user);
    put_known(&b, row->usage.system);
    put_known(&b, row->usage.max_rss);
    put_known(&b, row->usage.read);
    put_known(&b, row->usage.written);
    put_text(&b, row->dir);
    put_text(&b, row->error_type);
    put_text(&b, row->error_message);
    return insert(&b);
}

static int write_artifacts(StoreWriter *writer, int64_t run, const StoreRow *row) {
    int rc = SQLITE_OK;
    for (const StoreArtifact *a = row->artifacts; a != NULL && rc == SQLITE_OK; a = a->next) {
        Binder b = binder(writer, INSERT_ARTIFACT);
        put_number(&b, run);
        put_number(&b, row->stage);
        put_text(&b, row->key);
        put_text(&b, a->port);
        put_number(&b, a->element);
        put_text(&b, a->value);
        rc = insert(&b);
    }
    return rc;
}

static int write_row(StoreWriter *writer, int64_t run, const StoreRow *row) {
    if (row->scope == DAG_SCOPE_ATTEMPT) return write_attempt(writer, run, row);
    int rc = write_transition(writer, run, row);
    return rc == SQLITE_OK ? write_artifacts(writer, run, row) : rc;
}

/* Ends the transaction; the first failure is the one that counts. */
static int end(StoreWriter *writer, int rc) {
    if (rc == SQLITE_OK) rc = sqlite3_exec(writer->db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK) sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int store_writer_commit(StoreWriter *writer, int64_t run, const StoreRow *rows) {
    int rc = sqlite3_exec(writer->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK) return rc;
    for (const StoreRow *row = rows; row != NULL && rc == SQLITE_OK; row = row->next) {
        rc = write_row(writer, run, row);
    }
    return end(writer, rc);
}

static const char *inputs_json(Arena *arena, const StoreRun *run) {
    uint32_t n = run->program->ninputs;
    dag_entry *entries = ARENA_ARRAY(arena, n, dag_entry);
    for (uint32_t i = 0; i < n; i++) {
        const char *name = run->program->strings + run->program->inputs[i].name;
        entries[i].name = value_text(DAG_STRING, name, strlen(name));
        entries[i].value = run->inputs[i];
    }
    return value_to_json(arena, value_map(entries, n));
}

static int write_run(StoreWriter *writer, const StoreRun *run, const char *inputs) {
    const dag_program *program = run->program;
    Binder b = binder(writer, INSERT_RUN);
    put_text(&b, run->id);
    put_text(&b, program->strings + program->name);
    put_text(&b, program->strings + program->source);
    put_text(&b, inputs);
    put_number(&b, run->started);
    return insert(&b);
}

static int write_stages(StoreWriter *writer, const dag_program *program, int64_t run) {
    int rc = SQLITE_OK;
    for (uint32_t i = 0; i < program->nstages && rc == SQLITE_OK; i++) {
        Binder b = binder(writer, INSERT_STAGE);
        put_number(&b, run);
        put_number(&b, i);
        put_text(&b, program->strings + program->stages[i].slug);
        rc = insert(&b);
    }
    return rc;
}

int store_writer_begin(StoreWriter *writer, const StoreRun *run, int64_t *row) {
    Arena arena = {0};
    jmp_buf oom;
    arena.oom = &oom;
    if (setjmp(oom) != 0) {
        arena_free(&arena);
        return SQLITE_NOMEM;
    }
    const char *inputs = inputs_json(&arena, run);
    int rc = sqlite3_exec(writer->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        rc = write_run(writer, run, inputs);
        *row = sqlite3_last_insert_rowid(writer->db);
        if (rc == SQLITE_OK) rc = write_stages(writer, run->program, *row);
        rc = end(writer, rc);
    }
    arena_free(&arena);
    return rc;
}
